"""`log check-in`, `event`, `role` and `contact`: what happened, in one line."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from mainstay.cli import asking
from mainstay.cli.keeping import print_lines
from mainstay.cli.log_keeping import asked, from_input, keep
from mainstay.doors.noting_times import edge, happened
from mainstay.errors import BadRequest
from mainstay.records.typed import close_to, listed, number, one_of

if TYPE_CHECKING:
    from mainstay.doors.noting import OnRecord
    from mainstay.records.kinds import Better, Is, Item


def check_in(
    case: Path,
    name: str | None,
    value: float | None,
    *,
    at: str | None,
    low: float | None,
    high: float | None,
    better: str | None,
    question: str | None,
    continuous: bool,
    anchor: bool,
    replaces: str | None,
) -> None:
    """One answer on an item that is known, or described here; without one, every known item is asked in turn."""
    from mainstay.casebook import Casebook
    from mainstay.doors import noting

    now = asking.now()
    when = happened(at, now)
    scale = (low, high, better)
    if better not in (None, "low", "high"):
        raise BadRequest(f"--better is low or high: which end of the scale is better; not {better!r}")
    if name is None and (any(one is not None for one in scale) or replaces or question or anchor or continuous):
        raise BadRequest("say which item you answer: mainstay log CASE check-in ITEM VALUE")
    if (name is None or value is None) and not asking.at_a_terminal():
        raise BadRequest("there is no terminal to ask on; say item and value: mainstay log CASE check-in mood 4")
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        on_record = noting.on_record(casebook, now)
        if name is None:
            keep(casebook, case, noting.check_ins(_every(on_record.items), when, on_record, now=now), at=now)
            return
        known = {item.name: item for item in on_record.items}
        item = known.get(name) or _described(name, scale, question, continuous, known)
        if name in known and any(one is not None for one in scale):
            given = (low if low is not None else item.low, high if high is not None else item.high, better)
            if given[:2] != (item.low, item.high) or better not in (None, item.better):
                raise BadRequest(f"{name!r} is known on a scale of {item.low:g} to {item.high:g}, {item.better} better")
        if value is None:
            value = asked(f"{_shown(item)}: ", lambda said: _on(item, said))
        wrong = noting.to_correct(replaces, on_record.records)
        when = wrong.happened if wrong is not None and at is None else when
        note = noting.check_ins([(item, value)], when, on_record, now=now, replaces=wrong, anchor=anchor)
        keep(casebook, case, note, at=now)


def _every(items: Iterable[Item]) -> list[tuple[Item, float]]:
    """Every item on record asked once; what is left empty is left out."""
    known = sorted(items, key=lambda item: item.name)
    if not known:
        raise BadRequest("no item is known yet; begin with one: mainstay log CASE check-in mood 4 --low 1 --high 7 …")
    print_lines(["Each on its own scale; Enter leaves one out."])
    said = [(item, asked(f"{_shown(item)}: ", partial(_on_or_none, item))) for item in known]
    return [(item, value) for item, value in said if value is not None]


def _shown(item: Item) -> str:
    from mainstay.report.words import clean

    ends = [f"{end:g}{f' {word}' if word else ''}" for end, word in
            ((item.low, item.low_anchor), (item.high, item.high_anchor))]  # fmt: skip
    return clean(f"{item.label or item.name} ({ends[0]} to {ends[1]})")


def _on(item: Item, said: str) -> float:
    value = number(said)
    if not item.low <= value <= item.high:
        raise BadRequest(f"a number from {item.low:g} to {item.high:g}")
    return value


def _on_or_none(item: Item, said: str) -> float | None:
    return _on(item, said) if said else None


def _described(
    name: str,
    scale: tuple[float | None, float | None, str | None],
    question: str | None,
    continuous: bool,
    known: dict[str, Item],
) -> Item:
    """An item that is new to the casebook: by its scale, or asked for it."""
    from mainstay.records import logged

    logged.one_line("the item's name", name)
    low, high, better = scale
    if None in scale:
        if not asking.at_a_terminal():
            raise BadRequest(
                f"{name!r} is no item on record{close_to(name, known)}; known: {listed(known)}. To begin it, describe "
                "its scale: --low 1 --high 7 --better high"
            )
        print_lines([f"“{name}” is new here{close_to(name, known)}. Ctrl-C stops."])
        low = low if low is not None else asked("The lowest number of its scale: ", number)
        high = high if high is not None else asked("The highest number: ", number)
        better = better or asked("Which end is better, low or high? ", lambda said: one_of(said, ("low", "high")))
    assert low is not None
    assert high is not None
    return logged.described(name, low, high, cast("Better", better), label=question or "", ordinal=not continuous)


def event(
    case: Path,
    label: str,
    *,
    is_: str | None,
    size: float | None,
    contacts: tuple[str, ...],
    tags: tuple[str, ...],
    at: str | None,
    replaces: str | None,
) -> None:
    """Something that happened. What a label is to the person is taken from before, unless it is said."""
    from mainstay.casebook import Casebook
    from mainstay.doors import noting
    from mainstay.records import logged

    now = asking.now()
    when = happened(at, now)
    if is_ is not None and is_ not in noting.KINDS_OF_EVENT:
        raise BadRequest(f"--is {is_!r} is none of {', '.join(noting.KINDS_OF_EVENT)}")
    logged.one_line("the label", label)
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        known = noting.on_record(casebook, now)
        meaning = is_ or noting.meaning_of(label, known) or _new_meaning(label, known)
        wrong = noting.to_correct(replaces, known.records)
        when = wrong.happened if wrong is not None and at is None else when
        note = noting.event(
            label, cast("Is", meaning), when, now=now, size=size, contacts=contacts, tags=tags, replaces=wrong
        )  # fmt: skip
        keep(casebook, case, note, at=now)


def _new_meaning(label: str, known: OnRecord) -> str:
    from mainstay.doors.noting import KINDS_OF_EVENT

    near = close_to(label, known.names["event"])
    if not asking.at_a_terminal():
        raise BadRequest(f"{label!r} is new{near}; say what it is to you: --is {'|'.join(KINDS_OF_EVENT)}")
    print_lines([f"“{label}” is new here{near}. Ctrl-C stops."])
    return asked(f"What is it to you: {', '.join(KINDS_OF_EVENT)}? ", lambda said: one_of(said, KINDS_OF_EVENT))


def role(case: Path, label: str, *, start: str, end: str | None, is_self: bool | None, replaces: str | None) -> None:
    """A stretch in a role. Whether it is time as oneself is taken from before, unless it is said."""
    from mainstay.casebook import Casebook
    from mainstay.doors import noting
    from mainstay.records import logged

    now = asking.now()
    begun, over = edge(start, now, option="--from"), edge(end, now, option="--to", end=True)
    span = noting.from_to(begun, over, ("--from", "--to"))
    logged.one_line("the label", label)
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        known = noting.on_record(casebook, now)
        wrong = noting.to_correct(replaces, known.records)
        keep(casebook, case, noting.role(label, span, known, now=now, is_self=is_self, replaces=wrong), at=now)


def contact(case: Path, *, since: str | None) -> None:
    """Somebody and what is true of them: asked, or from standard input; a name is never an argument."""
    from mainstay.casebook import Casebook
    from mainstay.doors import noting

    now = asking.now()
    known = edge(since, now, option="--since")
    name, attributes = (None, ()) if asking.at_a_terminal() else _lines()
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        there = noting.on_record(casebook, now)
        if name is None:
            name, attributes = _asked_about(set(there.names["company"]))
        keep(casebook, case, noting.contact(name, [(one, known) for one in attributes], known, now=now), at=now)


def _asked_about(said: set[str]) -> tuple[str, tuple[str, ...]]:
    from mainstay.records import logged

    def one(text: str) -> str:
        logged.one_line("a name", text)
        return text

    name = asked("Who? ", one)
    print_lines(
        [
            "What is true of them, one thing a line; an empty line ends it."
            + (f" So far you used: {listed(said)}." if said else "")
        ]
    )
    found: list[str] = []
    while line := asked("> ", lambda text: one(text) if text else ""):
        found.append(line)
    return name, tuple(found)


def _lines() -> tuple[str, tuple[str, ...]]:
    """Who, and what is true of them, from the lines of standard input."""
    text = from_input()
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise BadRequest(
            "standard input is empty; write a name on the first line and one attribute on each that follows"
        )
    return lines[0], tuple(lines[1:])
