"""What a casebook hands out: what an `add` did, what a read gives, a stream at a glance, an answer that was kept."""

from __future__ import annotations

from dataclasses import dataclass, field

from mainstay.casebook.consent import ConsentHeld
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Item, Record


@dataclass(frozen=True, slots=True)
class Added:
    """What an `add` did, in records by stream: `new` were not there before, `already` were (same id).

    `different`: those of `already` that say something else than what is held; what is held stands. `grown`: samples
    that signals already there did not have. `samples`: those of the signals that are new.
    """

    new: dict[str, int]
    already: dict[str, int]
    different: dict[str, int] = field(default_factory=dict)
    grown: dict[str, int] = field(default_factory=dict)
    samples: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stored:
    """What a read gives: records in order of time, the items they answer, the item strain is told on, and the names
    of the streams that were left out because no valid consent covers the purpose."""

    records: tuple[Record, ...]
    items: tuple[Item, ...]
    anchor: str | None
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """A record as it is held: when it was added, and the id of the later record that stands in its place, if any."""

    record: Record
    added: Instant
    corrected_by: str | None


@dataclass(frozen=True, slots=True)
class StreamOverview:
    """One stream at a glance: kinds with their counts, extent on record, last word on each purpose, sources.

    `identity` says nothing about it: by it the audit and receipts speak of the stream.
    """

    name: str
    kinds: dict[str, int]
    extent: Span | None
    consent: tuple[ConsentHeld, ...]
    identity: str = ""
    sources: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many records it holds."""
        return sum(self.kinds.values())

    @property
    def first(self) -> Instant | None:
        """The first moment on record; None in an empty stream."""
        return None if self.extent is None else self.extent.start

    @property
    def last(self) -> Instant | None:
        """The last moment on record; None in an empty stream."""
        return None if self.extent is None else self.extent.end


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer kept as it was: its name and version, when it was made, from which streams, and its bytes."""

    name: str
    version: int
    made_at: Instant
    derived_from: tuple[str, ...]
    payload: bytes
