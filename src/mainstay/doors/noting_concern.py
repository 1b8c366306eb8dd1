"""A worry as it is noted: written down or said anew, let go, or its review moved."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any

from mainstay.doors.noting import ANEW, Note, OnRecord, replaced
from mainstay.doors.noting_reading import FURTHEST_REVIEW_DAYS
from mainstay.errors import BadRequest
from mainstay.quantities import Instant, in_words
from mainstay.records import logged
from mainstay.records.kinds import Record, Statement
from mainstay.records.statements import as_toml, parsed
from mainstay.records.statements_concern import Concern, ConcernFile, Seen, closed, concerns_of, put_off
from mainstay.records.typed import close_to, day_to_come, listed

TIED_KINDS = ("item", "event", "signal")


def open_worries(known: OnRecord) -> tuple[Concern, ...]:
    """The worries that were not let go, the oldest first."""
    return tuple(one for one in concerns_of(known.told)[0] if one.is_open)


def tied_names(known: OnRecord) -> dict[str, tuple[str, ...]]:
    """The names a sign can be tied to, by what they are."""
    return {kind: known.names[kind] for kind in TIED_KINDS}


def notes_of_others(known: OnRecord) -> tuple[Record, ...]:
    """What supporters wrote that no open worry takes up yet, the latest first."""
    taken = {one.says.observation for one in open_worries(known)}
    theirs = [one for one in known.records if isinstance(one.body, Statement) and one.body.form == "observation"]
    return tuple(sorted((one for one in theirs if one.id not in taken), key=lambda one: one.known, reverse=True))


def told_in(note: Record) -> dict[str, Any]:
    """The parts of a supporter's note; empty where it can't be read."""
    assert isinstance(note.body, Statement)
    try:
        return tomllib.loads(note.body.toml)
    except (ValueError, RecursionError):
        return {}


def write(
    file: ConcernFile,
    known: OnRecord,
    *,
    now: Instant,
    toml: str | None = None,
    before: Concern | None = None,
    anew: str = ANEW,
) -> Note:
    """A worry, as it is written; `before`: the one that is said anew, whose beginning stays; `anew`: how that is done.

    Refuses one that is open already, that looks back or far ahead, or names what is not on record.
    """
    taken = {one.says.name for one in open_worries(known)} - ({before.says.name} if before else set())
    _check(file, known, taken, anew)
    text = as_toml(file) if toml is None else toml
    if before is not None:
        # Its beginning goes before what was written, which stays as it is.
        text = f"begun = {before.begun.as_local.isoformat()}\nmoved = {before.says.moved}\n{text}"
        parsed(text, ConcernFile, "concern")
    record = logged.statement("concern", text, now=now, replaces=replaced(known.records, before))
    signs = f"{len(file.observable)} signs"
    return Note((record,), f"the worry “{file.name}” with {signs}, looked at again on {in_words(file.review)}")


def let_go(found: Concern, why: str | None, known: OnRecord, *, now: Instant) -> Note:
    """That a worry is let go, and why, if that is said."""
    text = as_toml(closed(found, now, why))
    record = logged.statement("concern", text, now=now, replaces=replaced(known.records, found))
    return Note((record,), f"the worry “{found.says.name}” is let go")


def moved(found: Concern, day: date, seen: Mapping[str, Seen], known: OnRecord, *, now: Instant) -> Note:
    """That a worry is looked at again on another day; `seen`: what was seen of a sign (by name) this time."""
    text = as_toml(put_off(found, day, seen))
    record = logged.statement("concern", text, now=now, replaces=replaced(known.records, found))
    return Note((record,), f"the worry “{found.says.name}” is looked at again on {in_words(day)}")


def _check(file: ConcernFile, known: OnRecord, taken: set[str], anew: str) -> None:
    if file.begun is not None or file.closed is not None or file.moved:
        raise BadRequest("begun, moved and closed are written by Mainstay; leave them out")
    if file.name in taken:
        raise BadRequest(f"a worry called {file.name!r} is open already; to say it anew: {anew} {file.name!r}")
    day_to_come(file.review.isoformat(), known.now, within_days=FURTHEST_REVIEW_DAYS)
    if file.since is not None and file.since > known.now.as_local.date():
        raise BadRequest(f"since = {file.since} lies in the future")
    if file.observation is not None and file.observation not in {one.id for one in known.records}:
        raise BadRequest(f"observation: no record that may be read has the id {file.observation[:40]!r}")
    for sign in file.observable:
        for kind, names in tied_names(known).items():
            name = getattr(sign, kind)
            if name is not None and name not in names:
                raise BadRequest(
                    f"no {kind} on record is called {name!r}{close_to(name, names)}; known: {listed(names)}"
                )
