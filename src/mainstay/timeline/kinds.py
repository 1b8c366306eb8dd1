"""What a timeline is: one person's records side by side as columns, in days since its origin, cut at a date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mainstay.quantities import Instant
from mainstay.records.kinds import EpisodeIs, Is, Item, Record

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Ratings:
    """The check-ins on one item: times in days (n,), ascending; values on the item's own scale (n,); record ids (n)."""

    item: Item
    times: Floats
    values: Floats
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """The events of one label: times in days (n,), ascending; sizes (n,), NaN where not recorded; record ids (n).

    `half_widths` (n,): half the span in days in which the event lay, 0 where the instant is known. `tags`, `contacts`:
    those of each record that has any, by its id. `sources` (n,): which source told each; empty where it is one.
    """

    label: str
    is_: Is
    times: Floats
    sizes: Floats
    half_widths: Floats
    ids: tuple[str, ...]
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sources: tuple[int, ...] = ()
    contacts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def where(self, at: NDArray[np.bool_], label: str | None = None) -> Events:
        """The events at which `at` (n,) holds, with what goes with them; under another label where one is given."""
        ids = tuple(one for one, inside in zip(self.ids, at, strict=True) if inside)
        return replace(
            self,
            label=self.label if label is None else label,
            times=self.times[at],
            sizes=self.sizes[at],
            half_widths=self.half_widths[at],
            ids=ids,
            tags={one: self.tags[one] for one in ids if one in self.tags},
            sources=tuple(one for one, inside in zip(self.sources, at, strict=True) if inside) if self.sources else (),
            contacts={one: self.contacts[one] for one in ids if one in self.contacts},
        )


@dataclass(frozen=True, slots=True, eq=False)
class Episodes:
    """The stretches of one label, merged where they overlap: starts and ends in days (n,), ascending; record ids."""

    label: str
    is_: EpisodeIs
    is_self: bool
    starts: Floats
    ends: Floats
    ids: tuple[str, ...]

    @property
    def hours(self) -> float:
        """Total length in hours."""
        return float((self.ends - self.starts).sum() * 24.0)

    def occupied(self, times: Floats) -> NDArray[np.bool_]:
        """Whether each time (days) lies inside a stretch: starts inclusive, ends exclusive."""
        inside: NDArray[np.bool_] = np.searchsorted(self.starts, times, "right") > np.searchsorted(
            self.ends, times, "right"
        )
        return inside


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """How much was recorded, as a step function for one label (or "" for every label without its own).

    `edges` (m+1,) in days from 0 to the timeline's end; `intensity` (m,) between 0 and 1. `logged` (m,): where it was
    stated; elsewhere the nearest stated intensity stands in. None: stated everywhere.
    """

    label: str
    edges: Floats
    intensity: Floats
    logged: NDArray[np.bool_] | None = None

    def at(self, times: Floats) -> Floats:
        """The intensity at each time (days)."""
        index = np.clip(np.searchsorted(self.edges, times, "right") - 1, 0, len(self.intensity) - 1)
        return self.intensity[index]

    @property
    def stated_share(self) -> float:
        """The share of the time for which the intensity was stated."""
        lengths = np.diff(self.edges)
        stated = np.ones(len(lengths), bool) if self.logged is None else self.logged
        return float(lengths[stated].sum() / lengths.sum())


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch (days) without a check-in or event, and why: recording was off, asked but not answered, or neither."""

    start: float
    end: float
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """A dense channel: times in days (n,), values (n,)."""

    channel: str
    unit: str
    times: Floats
    values: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """One person's records, aligned and cut at `as_of`. Time 0 is `origin`: local midnight of the first day; unit days.

    `days` is where the record ends (the last thing that happened, at most `as_of`). `anchor` names the item on whose
    scale strain is told. `recording` is empty where its intensity was never logged: that is not the same as 1.
    `offset_edges` (k+1,) and `offset_hours` (k,): the local clock's offset from UTC as a step function (days; hours).
    `prompts_sent` and `prompts_answered`: times in days, ascending; the second holds only prompts that were answered.
    `others`: contacts, reactions, statements, and coverage that names opportunity. `unlived_days`: days of stated
    coverage before the first and after the last thing on record, which are not counted. `late`: what became known
    only after it was over, as where it was put right afterwards.
    """

    origin: Instant
    days: float
    as_of: Instant
    known_through: Instant
    purpose: str
    ratings: dict[str, Ratings]
    events: dict[str, Events]
    episodes: dict[str, Episodes]
    samples: dict[str, Samples]
    recording: dict[str, Recording]
    gaps: tuple[Gap, ...]
    prompts_sent: Floats
    prompts_answered: Floats
    offset_edges: Floats
    offset_hours: Floats
    anchor: str | None = None
    others: tuple[Record, ...] = ()
    left_out: tuple[str, ...] = ()
    unlived_days: float = 0.0
    late: tuple[Record, ...] = ()

    def of_events(self, is_: Is) -> tuple[Events, ...]:
        """The events that are demands, relief, …, by label."""
        return tuple(self.events[label] for label in sorted(self.events) if self.events[label].is_ == is_)

    def tagged(self, tag: str) -> frozenset[str]:
        """The ids of the events with this tag, however it is capitalised."""
        return frozenset(
            known
            for events in self.events.values()
            for known, tags in events.tags.items()
            if tag.casefold() in {one.strip().casefold() for one in tags}
        )

    @property
    def roles(self) -> tuple[Episodes, ...]:
        """The role episodes, by label."""
        return tuple(self.episodes[label] for label in sorted(self.episodes) if self.episodes[label].is_ == "role")

    def instant(self, day: float) -> Instant:
        """The instant at a time in days since the origin, with the local offset of that time."""
        index = int(np.clip(np.searchsorted(self.offset_edges, day, "right") - 1, 0, len(self.offset_hours) - 1))
        moment = self.origin.plus_days(day)
        return Instant(moment.utc_us, round(float(self.offset_hours[index]) * 3600))

    def local_hours(self, times: Floats) -> Floats:
        """Hours since local midnight (0 to 24) at each time (days)."""
        return np.mod(self.local_days(times), 1.0) * 24.0

    def weekdays(self, times: Floats) -> NDArray[np.int64]:
        """The local day of the week at each time (days): 0 on Mondays, 6 on Sundays."""
        first = self.origin.as_local.weekday()
        return np.mod(np.floor(self.local_days(times)).astype(np.int64) + first, 7)

    def local_days(self, times: Floats) -> Floats:
        """Days since the origin as the local clock counts them."""
        index = np.clip(np.searchsorted(self.offset_edges, times, "right") - 1, 0, len(self.offset_hours) - 1)
        days: Floats = times + (self.offset_hours[index] - self.origin.offset_s / 3600.0) / 24.0
        return days

    def elapsed(self, local_days: Floats) -> Floats:
        """Days since the origin at these days of the local clock, any shape: the inverse of `local_days`.

        Of a local time that the clock skips, or that comes twice, it is a moment within that hour of it.
        """
        found: Floats = np.asarray(local_days, np.float64)
        for _ in range(2):
            found = local_days - (self.local_days(found) - found)
        return found
