"""The same hour of the same weekday in other weeks: what a moment is compared with, and how much chance does.

The weeks of a record fall into blocks of about six. A moment is compared with the same moment of the other weeks of its
block (time-stratified case-crossover; Lumley and Levy 2000), so that rhythms of day and week cancel, and whatever
changes more slowly than a block. The chance of a sum of such comparisons comes from dealing the weeks of each block out
anew: each week stays whole, so that each stream keeps its own bursts and its own memory within a week, and only what
ties the streams to each other is undone. Moving all weeks round in a circle would keep the memory between weeks too,
but leaves so few arrangements (six a block) that half of what is there to be found is missed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mainstay.strain.exposure import recording_of, unknown_spans
from mainstay.timeline.kinds import Floats, Timeline

Ints = NDArray[np.int64]

WEEK = 7.0
BLOCK_WEEKS = 6
FEWEST_WEEKS = 8
REGULAR_SHARE = 0.6
"""Somebody who records on so many of the days recorded nothing on the others: they are unknown, not empty."""
LEAST_KNOWN_DAYS = 4
DRAWS = 20_000
SEED = 7
"""The same record gives the same answer."""


@dataclass(frozen=True, slots=True, eq=False)
class Weeks:
    """The weeks kept (k,), counted from the first day, in blocks (k,); `place` (weeks,): where each is, or -1.

    `recorded` (days,): the share of each local day that is on record at all.
    """

    kept: Ints
    block: Ints
    place: Ints
    recorded: Floats

    def share(self, times: Floats, recorded: Floats | None = None) -> Floats:
        """How fully the local day of each time (any shape, in local days) was recorded; 0 beyond the record."""
        days = self.recorded if recorded is None else recorded
        at = np.floor(times).astype(np.int64)
        inside = (at >= 0) & (at < len(days))
        found: Floats = np.where(inside, days[np.clip(at, 0, len(days) - 1)], 0.0)
        return found


def weeks_of(timeline: Timeline) -> Weeks:
    """The whole local weeks of a record of which most days are known."""
    days = math.floor(float(timeline.local_days(np.array([timeline.days]))[0]) + 1e-9)
    recorded = np.ones(max(days, 0))
    hours = np.arange(24) / 24.0 + 1.0 / 48.0
    moments = (np.arange(days)[:, None] + hours).ravel()
    shift = timeline.local_days(moments) - moments
    at = moments - shift
    known = np.ones(len(at))
    everything = timeline.recording.get("")
    if everything is not None:
        known = np.clip(everything.at(at), 0.0, 1.0)
    for start, end in unknown_spans(timeline):
        known[(at > start) & (at < end)] = 0.0
    recorded = known.reshape(days, 24).mean(axis=1) if days else recorded
    if timeline.ratings:
        marks = [one.times for one in timeline.ratings.values()] + [one.times for one in timeline.events.values()]
        # what stands at midnight speaks of the day that ends then
        told = np.floor(timeline.local_days(np.concatenate([*marks, timeline.prompts_answered])) - 1e-6).astype(
            np.int64
        )
        some = np.bincount(np.clip(told, 0, max(days - 1, 0)), minlength=days)[:days] > 0
        if days and some.mean() >= REGULAR_SHARE:
            recorded = np.where(some, recorded, 0.0)
    weeks = days // 7
    known_days = (recorded[: 7 * weeks].reshape(weeks, 7) > 0.0).sum(axis=1)
    kept = np.flatnonzero(known_days >= LEAST_KNOWN_DAYS)
    blocks = max(round(len(kept) / BLOCK_WEEKS), 1)
    block = np.repeat(np.arange(blocks), [len(part) for part in np.array_split(kept, blocks)])
    place = np.full(max(weeks, 1), -1)
    place[kept] = np.arange(len(kept))
    return Weeks(kept, block, place, recorded)


def recorded_of(timeline: Timeline, label: str, weeks: Weeks) -> Floats:
    """The share of each local day (days,) on record for events of one label, by its own log where it has one."""
    steps = recording_of(timeline, label) if label in timeline.recording else None
    if steps is None:
        return weeks.recorded
    middles = np.arange(0.5, len(weeks.recorded))
    return np.where(weeks.recorded > 0.0, np.clip(steps.at(middles), 0.0, 1.0), 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Moments (n,) of the kept weeks, each beside the same moment of every week of its block.

    `times` (n, widest): local days, NaN where a block has no more weeks; `own` (n,): the column of the moment itself;
    `size` (n,): the weeks of its block; `block` (n,); `chosen` (n,): which of the moments asked for these are.
    """

    times: Floats
    own: Ints
    size: Ints
    block: Ints
    chosen: Ints


def moments_of(weeks: Weeks, times: Floats) -> Moments:
    """The moments (local days) that lie in kept weeks of blocks of at least two."""
    week = np.floor(times / WEEK).astype(np.int64)
    inside = (week >= 0) & (week < len(weeks.place))
    place = np.where(inside, weeks.place[np.clip(week, 0, len(weeks.place) - 1)], -1)
    sizes = np.bincount(weeks.block, minlength=1) if len(weeks.block) else np.zeros(1, np.int64)
    firsts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    chosen = np.flatnonzero(place >= 0)
    block = weeks.block[place[chosen]] if len(chosen) else np.zeros(0, np.int64)
    enough = sizes[block] > 1
    chosen, block = chosen[enough], block[enough]
    size, first = sizes[block], firsts[block]
    column = np.arange(int(sizes.max(initial=1)))
    other = first[:, None] + column
    there = column < size[:, None]
    at = weeks.kept[np.minimum(other, max(len(weeks.kept) - 1, 0))] if len(weeks.kept) else other
    moved = times[chosen][:, None] + WEEK * (at - week[chosen][:, None])
    return Moments(np.where(there, moved, np.nan), place[chosen] - first, size, block, chosen)


@dataclass(frozen=True, slots=True, eq=False)
class Dealt:
    """A sum over moments of what is particular to each, its variance by chance, and the two-sided chance of it."""

    total: float
    variance: float
    p: float


def residual(values: Floats, weights: Floats) -> Floats:
    """Values (n, weeks) less their weighted mean over the weeks; 0 where there is no weight."""
    sums = weights.sum(axis=1, keepdims=True)
    known = weights > 0.0
    filled = np.where(known, values, 0.0)
    mean = (weights * filled).sum(axis=1, keepdims=True) / np.maximum(sums, 1e-12)
    left: Floats = np.where(known, filled - mean, 0.0)
    return left


def dealt(moments: Moments, left: Floats, weights: Floats) -> Dealt:
    """The sum of `left` (n, weeks) at the moments themselves, against what it is with the weeks of a block dealt anew.

    `weights` (n, weeks): how fully each was recorded. A moment dealt to a week that was recorded less fully counts by
    the root of its share, which keeps the variance what it was.
    """
    row = np.arange(len(left))
    total = float(left[row, moments.own].sum())
    spread = weights / np.maximum(weights.sum(axis=1, keepdims=True) / moments.size[:, None], 1e-12)
    scaled = left * np.sqrt(spread)
    tables = []
    for block in np.unique(moments.block):
        inside = moments.block == block
        size = int(moments.size[inside][0])
        table = np.zeros((size, size))
        np.add.at(table, moments.own[inside], scaled[inside, :size])
        tables.append(table)
    variance = sum(float((one**2).sum() - (np.diag(one) ** 2).sum()) / (len(one) - 1) for one in tables)
    sums = np.zeros(DRAWS)
    for k, one in enumerate(tables):
        sums += one.ravel()[_orders(len(one), k)].sum(axis=1)
    slack = 1e-9 * (1.0 + abs(total))
    above, below = 1 + int((sums >= total - slack).sum()), 1 + int((sums <= total + slack).sum())
    return Dealt(total, variance, min(1.0, 2.0 * min(above, below) / (DRAWS + 1)))


@lru_cache(maxsize=32)
def _orders(size: int, block: int) -> NDArray[np.int32]:
    """Places (DRAWS, size) in the flat table of a block where week w stands in the row of w: one dealing a row."""
    rng = np.random.default_rng([SEED, block])
    dealt_to = rng.permuted(np.tile(np.arange(size, dtype=np.int32), (DRAWS, 1)), axis=1)
    found: NDArray[np.int32] = dealt_to + size * np.arange(size, dtype=np.int32)
    return found


def discovery_rates(p: Floats) -> Floats:
    """The smallest rate of false discoveries at which each of these chances (n,) would be told.

    Benjamini and Hochberg (1995): sharp where nothing is there at all if the chances are independent or rise together.
    """
    if not len(p):
        return np.zeros(0)
    order = np.argsort(p)
    raw = p[order] * len(p) / np.arange(1, len(p) + 1)
    found = np.empty(len(p))
    found[order] = np.minimum(np.minimum.accumulate(raw[::-1])[::-1], 1.0)
    return found
