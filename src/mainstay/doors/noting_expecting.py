"""What is expected is written before its cue; a reaction is held against what was expected by then."""

from __future__ import annotations

from typing import Literal, cast

from mainstay.doors.noting import Note, OnRecord
from mainstay.doors.noting_times import when_in_words
from mainstay.errors import BadRequest
from mainstay.quantities import Instant, Span
from mainstay.records import logged
from mainstay.records.kinds import Reaction, Record
from mainstay.records.statements import (
    Expectation,
    ExpectationFile,
    as_toml,
    expectation_for,
    expectations_of,
)
from mainstay.records.typed import close_to, listed

WORDS = {"less": -1, "same": 0, "more": 1}
IN_WORDS = {-1: "less", 0: "the same", 1: "more"}
Direction = Literal[-1, 0, 1]


def expectation_file(
    cue: str, role: str, direction: int, size: float, item: str | None, *, reaction: str | None = None
) -> ExpectationFile:
    """What is expected, as a file has it; `reaction`: the id of the one for which it was written afterwards."""
    for what, text in (("the cue", cue), ("the role", role), ("the item", item)):
        if text:
            logged.one_line(what, text)
    return ExpectationFile(
        cue=cue, role=role, direction=cast(Direction, direction), size=size, item=item,
        afterwards=reaction is not None, reaction=reaction,
    )  # fmt: skip


def expectation(
    file: ExpectationFile, known: OnRecord, *, now: Instant, toml: str | None = None, replaces: Record | None = None
) -> Note:
    """What is expected when a cue comes. Refuses one marked as written afterwards, and an item not on record."""
    if file.afterwards:
        raise BadRequest("an expectation is written before its cue; one written afterwards comes with its reaction")
    names = [one.name for one in known.items]
    if file.item is not None and file.item not in names:
        hint = close_to(file.item, names)
        raise BadRequest(f"{file.item!r} is no item on record{hint}; known: {listed(names)}")
    record = logged.statement("expectation", as_toml(file) if toml is None else toml, now=now, replaces=replaces)
    return Note((record,), f"when {file.cue} comes{_told(file)}, written {when_in_words(now, now)}")


def expected_before(cue: str, role: str, when: Instant | Span, known: OnRecord) -> Expectation | None:
    """What was expected of a cue before it came; None where nothing was written by then."""
    start = when.start if isinstance(when, Span) else when
    return expectation_for(expectations_of(known.told), cue, role, start)


def why_unexpected(cue: str, role: str, known: OnRecord, now: Instant) -> str:
    """Why nothing stands against a reaction that would have been expected."""
    written = expectations_of(known.told)
    late = [one for one in written if (one.cue, one.role) == (cue, role) and not one.afterwards]
    if late:
        return f"what you expected was written {when_in_words(late[-1].written, now)}, after it came"
    return f"nothing was written beforehand for this cue in this role{close_to(cue, [one.cue for one in written])}"


def reaction(
    cue: str,
    role: str,
    observed: float,
    when: Instant | Span,
    known: OnRecord,
    *,
    now: Instant,
    expected: tuple[int, float] | None = None,
    replaces: Record | None = None,
) -> Note:
    """What came, against what was expected: what was written before, else `expected`, marked as written afterwards.

    Refuses `expected` where something was written before, and none of both.
    """
    before = expected_before(cue, role, when, known)
    if before is not None and expected is not None:
        raise BadRequest(
            f"what was expected was written {when_in_words(before.written, now)}, before it came, and stands; leave "
            "out what you would have expected"
        )
    if before is None and expected is None:
        raise BadRequest(f"{why_unexpected(cue, role, known, now)}. Say what you would have expected")
    toward, far = expected or (cast(Expectation, before).direction, cast(Expectation, before).size)
    record = logged.reaction(Reaction(cue, role, toward, far, observed), when, now=now, replaces=replaces)
    taken: tuple[Record, ...] = (record,)
    if before is None:
        file = expectation_file(cue, role, toward, far, None, reaction=record.id)
        taken += (logged.statement("expectation", as_toml(file), now=now),)
    told = f"{IN_WORDS[toward]}{f' by {far:g}' if toward else ''} was expected"
    since = f"written {when_in_words(before.written, now)}" if before is not None else "written only now"
    said = f"{cue} came{f' as {role}' if role else ''}: {observed:g}, where {told} ({since})"
    return Note(taken, f"{said}, {when_in_words(when, now)}")


def _told(written: ExpectationFile) -> str:
    far = f" by {written.size:g} usual swings" if written.direction else ""
    role = f" as {written.role}" if written.role else ""
    return f"{role}, {IN_WORDS[written.direction]}{far}{f' on {written.item}' if written.item else ''}"
