"""Checks of the ratings: do their one-step misses carry nothing over, by the hour, the day, the clock and the month."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mainstay.strain.residuals import (
    CHECK_INS,
    ON_WEEKDAYS,
    PARTS,
    Check,
    Foreseen,
    Foresight,
    Statistic,
    Tested,
    blocks,
    windows,
)
from mainstay.strain.settings import years_since_middle

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST_PAIRS = 40
FEWEST_IN_A_BIN = 10
HOURS_APART = (0.0, 3.0, 6.0, 12.0, 24.0)
DAYS_APART = ((1, 1), (2, 2), (3, 4), (5, 8))
OTHER_SPEEDS = ((0.2, True), (5.0, True), (0.1, False))
"""How many times as fast load might fade, and whether acts would ease it."""

HANGS_TOGETHER = "check-ins some {} apart hang together in another way than strain would make them"


def _mean_products(pairs: list[tuple[Ints, Ints]], values: Callable[[Foreseen], Floats]) -> Statistic:
    def statistic(seen: Foreseen) -> Floats:
        all_ = values(seen)
        return np.array([float(all_[i] @ all_[j]) / math.sqrt(len(i)) for i, j in pairs])

    return statistic


def for_hours(sight: Foresight, at: Ints) -> Check | None:
    """Products of misses by the hours between them, up to a day: a mood that colours several check-ins in a row."""
    days = sight.clock.read_days[at]
    bins: list[list[tuple[Ints, Ints]]] = [[] for _ in pairwise(HOURS_APART)]
    for lag in range(1, len(at)):
        apart = windows((days[lag:] - days[:-lag]) * 24.0, HOURS_APART)
        if not (apart >= 0).any():
            break
        for b, found in enumerate(bins):
            i = np.flatnonzero(apart == b)
            found.append((at[i], at[i + lag]))
    pairs = [(np.concatenate([i for i, _ in one]), np.concatenate([j for _, j in one])) for one in bins if one]
    kept = [(i, j) for i, j in pairs if len(i) >= FEWEST_PAIRS]
    if not kept:
        return None
    tested = sight.tested(_mean_products(kept, lambda seen: seen.missed))
    return Check(CHECK_INS, "hours", len(at), tested.p_value, HANGS_TOGETHER.format("hours"))


def for_days(sight: Foresight, at: Ints) -> Check | None:
    """Products of the days' mean misses, by the days between them."""
    day = np.floor(sight.clock.read_days[at]).astype(np.int64)
    counts = np.bincount(day)
    answered = counts > 0
    pairs = []
    for first, last in DAYS_APART:
        rows = [np.flatnonzero(answered[lag:] & answered[:-lag]) for lag in range(first, last + 1)]
        if sum(len(row) for row in rows) >= FEWEST_PAIRS:
            earlier = np.concatenate(rows)
            later = np.concatenate([row + lag for row, lag in zip(rows, range(first, last + 1), strict=True)])
            pairs.append((earlier, later))
    if not pairs:
        return None

    def daily(seen: Foreseen) -> Floats:
        sums: Floats = np.bincount(day, seen.missed[at]) / np.sqrt(np.maximum(counts, 1))
        return sums

    tested = sight.tested(_mean_products(pairs, daily))
    return Check(CHECK_INS, "days", len(at), tested.p_value, HANGS_TOGETHER.format("days"))


def _in_bins(sight: Foresight, at: Ints, bins: Ints, names: tuple[str, ...]) -> tuple[Tested, str] | None:
    """Mean misses in bins with ten ratings and more, and in words where they are greatest."""
    counts = np.bincount(bins, minlength=len(names))
    kept = np.flatnonzero(counts >= FEWEST_IN_A_BIN)
    if len(kept) < 2:
        return None

    def statistic(seen: Foreseen) -> Floats:
        means: Floats = np.bincount(bins, seen.missed[at], minlength=len(names))[kept] / np.sqrt(counts[kept])
        return means

    tested = sight.tested(statistic)
    most = int(np.argmax(np.abs(tested.scores)))
    item = int(sight.problem.read_item[at[0]])
    higher = "higher" if tested.scores[most] > 0 else "lower"
    name = sight.data.items[item].replace("_", " ")
    return tested, f"check-ins of {name} are {higher} {names[kept[most]]} than the model says"


def clock(sight: Foresight, at: Ints) -> Check | None:
    """Mean misses by part of the day and by weekday."""
    part, weekday = sight.clock.read_part[at], sight.clock.read_weekday[at]
    tests = (_in_bins(sight, at, part, PARTS), _in_bins(sight, at, weekday, ON_WEEKDAYS))
    found = [(tested.p_value, where) for tested, where in (one for one in tests if one is not None)]
    if not found:
        return None
    p_value, where = min(found)
    return Check(CHECK_INS, "clock", len(at), min(len(found) * p_value, 1.0), where)


def months(sight: Foresight, at: Ints) -> Check | None:
    """Mean misses by four weeks."""
    found = _in_bins(sight, at, blocks(sight.clock.read_days[at], sight.data.days), sight.block_names())
    return None if found is None else Check(CHECK_INS, "months", len(at), found[0].p_value, found[1])


def scatter(sight: Foresight, at: Ints) -> Check:
    """Whether the size of the misses grows or shrinks over the record."""
    year = years_since_middle(sight.clock.read_days[at], sight.data.days)
    weights = year - year.mean()
    square = sight.mode.missed[at] ** 2
    weights /= math.sqrt(float((weights**2).sum()) * float(square.var()))

    def statistic(seen: Foreseen) -> Floats:
        return np.array([float(weights @ seen.missed[at] ** 2)])

    tested = sight.tested(statistic)
    where = f"check-ins scatter {'more' if tested.scores[0] > 0 else 'less'} late in the record than early in it"
    return Check(CHECK_INS, "scatter", len(at), tested.p_value, where)


def one_speed(sight: Foresight) -> Check | None:
    """Whether the ratings show load that fades more slowly, or faster, than the strain that comes by itself."""
    statistic = sight.along([sight.another_speed(factor, eased=eased) for factor, eased in OTHER_SPEEDS])
    if statistic is None:
        return None
    tested = sight.tested(statistic)
    most = int(np.argmax(np.abs(tested.scores)))
    slower = (most != 1) == (tested.scores[most] > 0)
    where = f"what load adds fades {'more slowly' if slower else 'faster'} than the model says"
    return Check(CHECK_INS, "speed", len(sight.mode.missed), tested.p_value, where)


ALL = (for_hours, for_days, clock, months, scatter)
"""The checks of one item; whether load fades at one speed is asked of all items together."""
