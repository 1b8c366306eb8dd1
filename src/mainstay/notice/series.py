"""One stream as this chapter sees it: readings or daily counts over time, and which of them may be judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mainstay.notice.settling import settled
from mainstay.records.kinds import Is
from mainstay.strain.exposure import once, recording_of, unknown_spans
from mainstay.timeline.kinds import Events, Floats, Ratings, Samples, Timeline

Kind = Literal["rating", "signal", "count"]
BLOCKS_A_DAY = 4
"""A signal that is denser is looked at as its means over quarters of the local day."""
QUARTERS_OF_AN_HOUR = 96


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One stream: `times` (n,) in days since the timeline's origin, ascending, and `values` (n,).

    Readings (ratings, signals): `exposure` is 1. Counts: one row per local day, at its end, with the number of events
    and `exposure`, the days' worth of recording in it, 0 where nothing is known of the day. `worse`: +1 where higher is
    worse, -1 where lower is, 0 where nobody said. `settled` (n,): may be judged; the rest is learned from only
    (`notice.settling`). `is_`: what the events mean, "" for readings.
    """

    name: str
    kind: Kind
    times: Floats
    values: Floats
    exposure: Floats
    worse: int
    unit: str
    settled: NDArray[np.bool_]
    is_: Is | Literal[""] = ""

    def upto(self, day: float) -> Series:
        """The same stream as it stood at a time (days since the origin)."""
        n = int(np.searchsorted(self.times, day, "right"))
        return Series(
            self.name, self.kind, self.times[:n], self.values[:n], self.exposure[:n], self.worse, self.unit,
            self.settled[:n], self.is_,
        )  # fmt: skip


MOSTLY = 0.6


def mostly_one_answer(values: Floats) -> bool:
    """Whether one answer makes up more than three fifths of a rating's: then its rare departures come in bursts.

    Bursts break the promises of whatever takes ups and downs as normal (measured: three to thirteen times the budget).
    """
    if not len(values):
        return True
    counts = np.unique(values, return_counts=True)[1]
    return float(counts.max()) > MOSTLY * len(values)


def series_of(timeline: Timeline) -> tuple[Series, ...]:
    """Every rating, signal and kind of event of a timeline, each under its name; ratings first."""
    told = once(timeline)
    ratings = [_rating(one) for _, one in sorted(told.ratings.items())]
    signals = [_signal(told, one) for _, one in sorted(told.samples.items()) if len(one.times)]
    counts = [_count(told, one) for _, one in sorted(told.events.items()) if len(one.times)]
    return (*ratings, *signals, *counts)


def _rating(ratings: Ratings) -> Series:
    item, n = ratings.item, len(ratings.times)
    unit = f"points on a scale of {item.low:g} to {item.high:g}"
    may = settled(ratings.times)
    return Series(item.name, "rating", ratings.times, ratings.values, np.ones(n), item.worse_sign, unit, may)


def _signal(timeline: Timeline, samples: Samples) -> Series:
    times, values = samples.times, samples.values
    known = np.isfinite(values)
    times, values = times[known], values[known]
    block = np.floor(timeline.local_days(times) * BLOCKS_A_DAY).astype(np.int64)
    first = np.flatnonzero(np.diff(block, prepend=block[0] - 1)) if len(block) else np.zeros(0, np.int64)
    if len(first) and len(times) > 1.5 * len(first):
        counts = np.diff(np.append(first, len(times)))
        values = np.add.reduceat(values, first) / counts
        times = times[np.append(first[1:], len(times)) - 1]
    return Series(samples.channel, "signal", times, values, np.ones(len(times)), 0, samples.unit, settled(times))


def _count(timeline: Timeline, events: Events) -> Series:
    """Events by local day: the day's exposure is the share of it that was recorded, by the log where there is one."""
    last = float(timeline.local_days(np.array([timeline.days]))[0])
    days = max(int(np.ceil(last - 1e-9)), 1)
    day_of = np.clip(np.floor(timeline.local_days(events.times)).astype(np.int64), 0, days - 1)
    values = np.bincount(day_of, minlength=days).astype(float)
    starts = timeline.elapsed(np.arange(days, dtype=float))
    ends = np.minimum(timeline.elapsed(np.arange(1.0, days + 1.0)), timeline.days)
    parts = (np.arange(QUARTERS_OF_AN_HOUR) + 0.5) / QUARTERS_OF_AN_HOUR
    at = starts[:, None] + (ends - starts)[:, None] * parts
    steps = recording_of(timeline, events.label)
    share = np.ones(at.shape) if steps is None else np.clip(steps.at(at.ravel()).reshape(at.shape), 0.0, 1.0)
    for start, end in unknown_spans(timeline):
        share[(at > start) & (at < end)] = 0.0
    exposure = share.mean(axis=1) * np.maximum(ends - starts, 0.0)
    # an event on record shows that its day was recorded somewhat, whatever was logged
    exposure = np.maximum(exposure, np.where(values > 0.0, 1.0 / QUARTERS_OF_AN_HOUR, 0.0))
    seen = exposure > 0.0
    may = np.zeros(days, bool)
    may[seen] = settled(ends[seen])
    unit = "times a day"
    worse = {"demand": 1, "slip": 1}.get(events.is_, 0)
    return Series(events.label, "count", ends, values, exposure, worse, unit, may, events.is_)
