"""What the person would do before the options are weighed (a leaning), and what was decided in the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from mainstay.quantities import Instant
from mainstay.records.mapping_tables import STRICT
from mainstay.records.statements import HasStatements, Name, Text, Unread, statements_of
from mainstay.records.statements_concern import Chances, Day


@checked(frozen=True, kw_only=True, config=STRICT)
class LeaningFile:
    """Which option it would be, by the first feeling; `sure`: how likely it is thought to be the best, low and high."""

    option: Name
    why: Text | None = None
    sure: Chances | None = None


@checked(frozen=True, kw_only=True, config=STRICT)
class DecisionFile:
    """What was decided: an option, why, what would change it, and on which day to look again."""

    option: Name
    why: Text | None = None
    would_change: Annotated[tuple[Text, ...], Field(max_length=12)] = ()
    look_again: Day | None = None


@dataclass(frozen=True, slots=True)
class Leaning:
    """A leaning and when it was written; `id` is that of its record."""

    id: str
    written: Instant
    says: LeaningFile


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision and when it was written; `id` is that of its record."""

    id: str
    written: Instant
    says: DecisionFile


def leanings_of(timeline: HasStatements) -> tuple[tuple[Leaning, ...], tuple[Unread, ...]]:
    """The leanings on record, oldest first; and those that can't be read, and why."""
    read, unread = statements_of(timeline, "leaning", LeaningFile)
    found = [Leaning(record.id, record.known, says) for record, says in read]
    return tuple(sorted(found, key=lambda one: (one.written, one.id))), unread


def decisions_of(timeline: HasStatements) -> tuple[tuple[Decision, ...], tuple[Unread, ...]]:
    """The decisions on record, oldest first; and those that can't be read, and why."""
    read, unread = statements_of(timeline, "decision", DecisionFile)
    found = [Decision(record.id, record.known, says) for record, says in read]
    return tuple(sorted(found, key=lambda one: (one.written, one.id))), unread
