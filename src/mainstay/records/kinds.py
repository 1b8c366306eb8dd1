"""What a record is: nine kinds, one envelope, and the batch in which records arrive."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mainstay.quantities import Instant, Span

Is = Literal["demand", "relief", "slip", "control", "other"]
"""What an event is to the person: it strains, relieves, went wrong, is unrelated to strain, or anything else."""

EpisodeIs = Literal["role", "place", "activity", "sleep", "recording-off"]
Better = Literal["low", "high"]


@dataclass(frozen=True, slots=True)
class Item:
    """A question asked again and again: its scale ends with anchors, which end is better, ordinal or continuous."""

    name: str
    label: str
    low: float
    high: float
    better: Better
    low_anchor: str = ""
    high_anchor: str = ""
    ordinal: bool = True

    @property
    def worse_sign(self) -> int:
        """+1 where a higher value is worse, -1 where it is better."""
        return 1 if self.better == "low" else -1


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One answer on one item."""

    item: str
    value: float


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: a demand, a relief act, a slip, a control, or other. `size` None: not recorded."""

    label: str
    is_: Is
    size: float | None = None
    contacts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch in a role, place or activity, asleep, or with recording off. `is_self`: time as oneself."""

    label: str
    is_: EpisodeIs
    is_self: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """A dense channel: instants as UTC microseconds (int64) and values (float64), both of shape (n,)."""

    channel: str
    unit: str
    times_us: NDArray[np.int64]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A questionnaire that was offered: when, whether and when it was answered, which items it asked."""

    sent: Instant
    answered: Instant | None
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what happened in the span was recorded (intensity 0 to 1), for the labels named (none: all).

    `opportunity` names the refuges that were possible then; None says nothing about opportunity.
    """

    labels: tuple[str, ...]
    intensity: float
    opportunity: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Attribute:
    """Something true of a contact or place, and when it became known."""

    name: str
    known: Instant


@dataclass(frozen=True, slots=True)
class Contact:
    """A person under a pseudonym, with dated attributes."""

    pseudonym: str
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True, slots=True)
class Reaction:
    """How someone reacted to a cue in a role, against what was expected before (direction -1, 0, +1; size in sd)."""

    cue: str
    role: str
    expected_direction: int
    expected_size: float
    observed: float


StatementForm = Literal[
    "concern", "expectation", "hypothesis", "preference", "option", "scenario", "protocol", "leaning", "decision",
    "trial", "observation", "retraction",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Statement:
    """A file the person wrote, kept as written (TOML); an observation is a supporter's, under their name.

    A retraction takes back the record it supersedes, of whatever kind that was."""

    form: StatementForm
    toml: str


Body = CheckIn | Event | Episode | Signal | Prompt | Coverage | Contact | Reaction | Statement
KindName = Literal["check_in", "event", "episode", "signal", "prompt", "coverage", "contact", "reaction", "statement"]
KINDS: dict[KindName, type] = {
    "check_in": CheckIn,
    "event": Event,
    "episode": Episode,
    "signal": Signal,
    "prompt": Prompt,
    "coverage": Coverage,
    "contact": Contact,
    "reaction": Reaction,
    "statement": Statement,
}


@dataclass(frozen=True, slots=True)
class Record:
    """One thing on record. `happened`: when (an instant, or the span in which it lay); `known`: when it could be known.

    `id` is a hash of source and natural key, so the same file read twice gives the same ids. `supersedes` names
    the record that this one corrects.
    """

    id: str
    stream: str
    happened: Instant | Span
    known: Instant
    source: str
    body: Body
    supersedes: str | None = None

    @property
    def kind(self) -> KindName:
        """The name of the kind of the body."""
        return next(name for name, cls in KINDS.items() if isinstance(self.body, cls))


def record_id(source: str, stream: str, natural_key: str) -> str:
    """The identity of a record: 32 hex digits of BLAKE2b over source, stream and natural key."""
    text = "\x1f".join((source, stream, natural_key))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Batch:
    """Records as they arrived from one source, with the items they answer and the item strain is told on (`anchor`).

    `anchor_is_proposed`: nobody said so, and where strain is told on an item already, that stays.
    """

    source: str
    records: tuple[Record, ...]
    items: tuple[Item, ...] = ()
    anchor: str | None = None
    anchor_is_proposed: bool = False

    @property
    def streams(self) -> tuple[str, ...]:
        """The names of the streams in the batch, sorted."""
        return tuple(sorted({record.stream for record in self.records}))


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not kept: where it stood (file, row number counted from 1 after the header) and why."""

    place: str
    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of every row: read = kept rows + refused rows + empty rows; `kept` counts records by stream."""

    source: str
    rows_read: int
    rows_refused: int
    rows_empty: int
    kept: dict[str, int] = field(default_factory=dict)
    refused: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()
