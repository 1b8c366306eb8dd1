"""The questions behind `log hypothesis`: the cause, what would be seen, what must not be, how likely it is held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from mainstay.cli.keeping import print_lines
from mainstay.cli.log_keeping import asked
from mainstay.doors import noting_reading as reading
from mainstay.errors import BadRequest
from mainstay.records import typed
from mainstay.records.typed import close_to, day_gone, one_of
from mainstay.records.words import few

if TYPE_CHECKING:
    from datetime import date

    from mainstay.quantities import Instant
    from mainstay.records.statements_hypothesis import Clause, Direction, HypothesisFile, Prior

Names = dict[str, tuple[str, ...]]
INTRODUCTION = (
    "A possible cause is worth writing down with what would speak against it.",
    "A few questions, one at a time. Ctrl-C stops; before the last one nothing is kept.",
    "",
)
ABOUT_PREDICTIONS = ("", "If this is the cause, what would be seen? One thing at a time.")
ABOUT_FORBIDDEN = (
    "",
    "And what must not be seen, if it is the cause? Without an answer nothing could speak against it,",
    "and it is not weighed.",
)
STREAMS = {
    "strain": "strain",
    "seeking": "how often relief is sought at the same strain",
    "relief": "how much company eases at once",
    "demands": "how much is asked of you",
    "roles": "hours in roles",
    "self": "hours as yourself",
    "slips": "slips",
    "relief acts": "how often relief is sought",
}
NAMED_STREAMS = ("item", "event", "signal", "role")
DIRECTIONS = ("more", "less", "same")


@dataclass(frozen=True, slots=True)
class Choice:
    """A time to choose from: its word in a file, how it is asked for, and the kinds of name it goes with."""

    word: str
    words: str
    kinds: tuple[str, ...] = ()


TIMES = (
    Choice("over time", "over time, late against early"),
    Choice("since", "since {since}, against before"),
    Choice("since", "since something first happened", ("event", "tag")),
    Choice("after", "right after something", ("event", "tag")),
    Choice("in", "with some people, places or activities, against others", ("company",)),
    Choice("during", "during a role, a stretch, or on days with a tag", ("role", "episode", "tag")),
    Choice("with", "when something else is higher", ("signal", "item")),
    Choice("in winter", "in winter, against summer"),
)


def interview(known: Names, taken: list[str], at: Instant) -> HypothesisFile:
    """Ask for a possible cause. `known`: names on record by what they are; `taken`: names of causes in use."""
    from mainstay.records.statements_hypothesis import HypothesisFile

    print_lines(list(INTRODUCTION))
    cause = asked("What might be the cause, in a sentence? ", typed.line)
    name = asked("A short name for it: ", lambda said: _new_name(said, taken))
    since = asked("Since when is it at work? A day, or Enter: ", lambda said: day_gone(said, at) if said else None)
    times = _times(known, since)
    _explain(known, times)
    predicts = _clauses(ABOUT_PREDICTIONS, known, times)
    forbids = _clauses(ABOUT_FORBIDDEN, known, times)
    print_lines([""])
    prior = asked(
        "How likely do you hold it to be the main cause, in per cent, such as 10-30? Enter leaves it out: ",
        lambda said: _prior(said, at),
    )
    ask = asked("What could be asked or recorded to find out? Enter leaves it out: ", typed.line_or_none)
    return HypothesisFile(
        name=name, cause=cause, since=since, predicts=predicts, forbids=forbids, prior=prior, ask=ask
    )  # fmt: skip


def _times(known: Names, since: date | None) -> tuple[Choice, ...]:
    """The times that can be chosen: those that need a name only where there is one."""
    found = []
    for one in TIMES:
        if one.word == "since" and not one.kinds:
            if since is not None:
                found.append(Choice("since", one.words.format(since=since)))
        elif not one.kinds or any(known[kind] for kind in one.kinds):
            found.append(one)
    return tuple(found)


def _explain(known: Names, times: tuple[Choice, ...]) -> None:
    named = [f"     {kind}s: {few(known[kind])}" for kind in NAMED_STREAMS if known[kind]]
    print_lines([
        "",
        "Each thing has three parts. What is looked at, by its number or by a name on record:",
        *(f"  {k}  {words}" for k, words in enumerate(STREAMS.values(), 1)),
        *named,
        "whether there is more or less of it, or the same; and when:",
        *(f"  {k}  {one.words}" for k, one in enumerate(times, 1)),
    ])  # fmt: skip


def _clauses(about: tuple[str, ...], known: Names, times: tuple[Choice, ...]) -> tuple[Clause, ...]:
    from mainstay.records.statements_hypothesis import MOST_CLAUSES

    print_lines(list(about))
    found: list[Clause] = []
    while len(found) < MOST_CLAUSES:
        words = asked(f"{len(found) + 1}, in your words, or Enter if that is all: ", typed.line_or_none)
        if words is None:
            break
        found.append(_clause(words, known, times))
    return tuple(found)


def _clause(words: str, known: Names, times: tuple[Choice, ...]) -> Clause:
    from mainstay.records.statements_hypothesis import Clause

    stream = asked("  What is looked at? ", lambda said: _stream(said, known))
    direction = cast("Direction", asked("  more, less or same? ", lambda said: one_of(said, DIRECTIONS)))
    chosen = asked("  When? ", lambda said: times[_place(said, len(times)) - 1])
    when = chosen.word
    if chosen.kinds:
        names = [name for kind in chosen.kinds for name in known[kind]]
        when += " " + asked(f"  Which? {few(names)}: ", lambda said: _tied(said, known, chosen.kinds))
    return Clause(stream=stream, direction=direction, when=when, words=words)


def _stream(said: str, known: Names) -> str:
    if said.isdecimal():
        return tuple(STREAMS)[_place(said, len(STREAMS)) - 1]
    return said if said in STREAMS else _tied(said, known, NAMED_STREAMS)


def _place(said: str, most: int) -> int:
    if not said.isdecimal() or not 1 <= int(said) <= most:
        raise BadRequest(f"a number from 1 to {most}")
    return int(said)


def _tied(said: str, known: Names, kinds: tuple[str, ...]) -> str:
    """A name on record as a file has it: its kind before it."""
    from mainstay.records.statements_hypothesis import same_name

    for kind in kinds:
        for name in known[kind]:
            if same_name(name, said):
                return f"{kind}:{name}"
    every = [name for kind in kinds for name in known[kind]]
    raise BadRequest(f"nothing on record is called {said[:40]!r}{close_to(said, every)}")


def _new_name(said: str, taken: list[str]) -> str:
    from mainstay.records.statements_hypothesis import same_name

    if any(same_name(said, one) for one in taken):
        raise BadRequest("a cause of that name is on record; choose another, or say it anew with --replaces")
    return typed.name(said)


def _prior(said: str, at: Instant) -> Prior | None:
    from mainstay.records.statements_hypothesis import Prior

    chance = reading.open_chance(said)
    return None if chance is None else Prior(chance=chance, on=at.as_local.date())
