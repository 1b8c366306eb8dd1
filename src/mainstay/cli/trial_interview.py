"""The questions behind `trial CASE design`, one by one: what is tried, what is looked at, how days are dealt out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mainstay.cli.keeping import print_lines
from mainstay.cli.log_hypothesis_interview import _text_or_none
from mainstay.cli.log_interview import _name, _text
from mainstay.cli.log_keeping import asked, close_to, number, one_of
from mainstay.cli.log_times import day_to_come
from mainstay.errors import BadRequest
from mainstay.records.statements_hypothesis import same_name
from mainstay.records.words import few

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from mainstay.quantities import Instant
    from mainstay.records.kinds import Item
    from mainstay.records.statements_protocol import Arm, DesignTable, OutcomeTable, ProtocolFile

MOST_WEEKS = 104
FURTHEST_DAYS = 366
INTRODUCTION = (
    "One thing is tried, on days that are drawn by lot, and compared with days as usual.",
    "What is decided now is sealed when the trial begins. Ctrl-C stops; before the last question nothing is kept.",
    "",
)
DESIGNS = (
    "  contacts   so many days a week, which days is drawn by lot: a visit, an evening, a walk",
    "  blocks     days by turns: some days with it, as many without, in an order drawn by lot",
    "  start      once begun it stays; the day it begins is drawn by lot (weaker, but some things can't be undone)",
)


def ask(items: tuple[Item, ...], events: tuple[str, ...], begun: tuple[str, ...], at: Instant) -> ProtocolFile:
    """Ask for a protocol. `items` and `events`: what is on record to look at; `begun`: names that are taken."""
    from mainstay.records.statements_protocol import Arm, ProtocolFile, StoppingTable

    print_lines(list(INTRODUCTION))
    tried = asked("What is tried, in a few words, such as an evening as oneself? ", _name)
    what = asked("What is done, exactly, on such a day? Enter leaves it out: ", _text_or_none)
    arm = _with_setting(Arm(name=tried, what=what))
    usual = asked("And on the other days? Enter: as usual: ", lambda said: _another(_name(said or "as usual"), tried))
    outcome = _outcome(items, events)
    unit = "points" if outcome.item is not None else "times a day"
    matters = asked(f"What difference would matter to you, in {unit}, at the least? ", _above_nothing)
    design = _possible(usual, tried, outcome, matters, at)
    start = asked(
        "Which is the first day? Enter: next Monday: ",
        lambda said: day_to_come(said, at, within_days=FURTHEST_DAYS) if said else _next_monday(at),
    )
    worse = asked(
        f"How many {unit} worse would it have to be for you to stop? Enter: no such limit: ",
        lambda said: _above_nothing(said) if said else None,
    )
    question = asked("What do you want to know, in a sentence? ", _text)
    return ProtocolFile(
        name=asked("A short name for the trial: ", lambda said: _free(_name(said), begun)),
        question=question,
        start=start,
        arm=(Arm(name=usual), arm),
        design=design,
        outcome=outcome,
        matters=matters,
        stopping=StoppingTable(harm=worse),
    )


def _possible(usual: str, tried: str, outcome: OutcomeTable, matters: float, at: Instant) -> DesignTable:
    """Ask for a design until one is found that can be drawn."""
    from mainstay.quantities import CannotSay
    from mainstay.records.statements_protocol import Arm, ProtocolFile
    from mainstay.trials.designs import space

    while True:
        design = _design(usual, tried)
        found = space(
            ProtocolFile(
                name="tried out", question="tried out", start=at.as_local.date(),
                arm=(Arm(name=usual), Arm(name=tried)), design=design, outcome=outcome, matters=matters,
            )
        )  # fmt: skip
        if not isinstance(found, CannotSay):
            return design
        print_lines([f"  {found.reason}. What would do: {found.would_change}"])


def _free(name: str, begun: tuple[str, ...]) -> str:
    if any(same_name(name, one) for one in begun):
        raise BadRequest(f"a trial called “{name}” has begun; another name")
    return name


def _another(name: str, tried: str) -> str:
    if same_name(name, tried):
        raise BadRequest("that is what is tried; the other days need a name of their own")
    return name


def _with_setting(arm: Arm) -> Arm:
    from dataclasses import replace

    print_lines(["", "The setting, so that nothing in it recalls a role. Enter leaves one out."])
    return replace(
        arm,
        place=asked("  Where? ", _text_or_none),
        clothes=asked("  In which clothes? ", _text_or_none),
        people=asked("  With whom? ", _text_or_none),
    )


def _outcome(items: tuple[Item, ...], events: tuple[str, ...]) -> OutcomeTable:
    from mainstay.records.statements_protocol import OutcomeTable

    named = {one.name: one for one in items}
    print_lines([
        "",
        "What is looked at?",
        *([f"  Items you answer: {few(sorted(named))}"] if named else []),
        *([f"  Events you note: {few(events)}"] if events else []),
    ])  # fmt: skip
    name = asked("Its name: ", lambda said: _one_of_these(said, named, events))
    better = named[name].better if name in named else None
    if better is None:
        better = "low" if asked(f"Which is better, less or more of “{name}”? ", _less_or_more) == "less" else "high"
    if name in named:
        return OutcomeTable(item=name, better=better)
    return OutcomeTable(event=name, better=better)


def _one_of_these(said: str, items: Mapping[str, Item], events: tuple[str, ...]) -> str:
    known = (*items, *events)
    found = next((one for one in known if one.casefold() == said.casefold()), None)
    if found is None:
        raise BadRequest(f"nothing on record is called {said[:40]!r}{close_to(said, known)}")
    return found


def _design(usual: str, tried: str) -> DesignTable:
    from mainstay.records.statements_protocol import DesignTable

    print_lines(["", "How are the days dealt out?", *DESIGNS])
    kind = asked("contacts, blocks or start? ", lambda said: one_of(said, ("contacts", "blocks", "start")))
    if kind == "contacts":
        a_week = asked("On how many days a week? ", lambda said: _whole(said, 6))
        return DesignTable(kind="contacts", a_week=a_week, days=7 * asked("For how many weeks? ", _weeks))
    if kind == "start":
        days = 7 * asked("How many weeks is the whole, before and after? ", _weeks)
        return DesignTable(kind="start_by_lot", phases=(usual, tried), days=days, least=max(3, days // 8))
    period = asked("How many days at a time, such as 3? ", lambda said: _whole(said, 28))
    rests = asked(
        "How many days until it has worn off, to be left out? Enter: none: ", lambda said: _rest(said, period)
    )
    pairs = asked(f"How many times each, {period} days with it and {period} without? ", lambda said: _whole(said, 60))
    return DesignTable(kind="blocks", period=period, block=2, washout=rests, days=2 * period * pairs)


def _rest(said: str, period: int) -> int:
    days = int(number(said or "0"))
    if not 0 <= days < period:
        raise BadRequest(f"a number of days from 0 to {period - 1}, fewer than a period has")
    return days


def _weeks(said: str) -> int:
    return _whole(said, MOST_WEEKS)


def _whole(said: str, most: int) -> int:
    if not said.isdecimal() or not 1 <= int(said) <= most:
        raise BadRequest(f"a whole number from 1 to {most}")
    return int(said)


def _above_nothing(said: str) -> float:
    size = number(said)
    if not 0.0 < size < 1e6:
        raise BadRequest("a number above 0")
    return size


def _less_or_more(said: str) -> str:
    return one_of(said, ("less", "more"))


def _next_monday(at: Instant) -> date:
    today = at.as_local.date()
    return today + timedelta(days=7 - today.weekday())
