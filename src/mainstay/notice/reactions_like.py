"""What a rating usually does between two check-ins, so that what a cue adds can be told from it.

A rating that stands high tends to fall by itself (regression to the mean), evenings differ from mornings, and longer
gaps change more. So each change is compared with what earlier changes from a like level, at like hours, over a like gap
came to: least squares on earlier check-ins without the cue, brought up to date week by week. Nothing that comes later
plays a part.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.notice.settling import settled
from mainstay.numerics.exact_rates import student_tail
from mainstay.timeline.kinds import Floats, Ratings, Timeline

Ints = NDArray[np.int64]
LONGEST_HOURS = 8.0
"""Two check-ins further apart say nothing of what came between them."""
FEWEST_PAIRS = 60
"""So many earlier pairs of check-ins are learned from before anything is judged."""
FEWEST_SIZED = 20.0
"""What is left of so many changes says how large it usually is."""
WEEK = 7.0
RIDGE = 1.0
LEAST_SPREAD = 0.3
"""The spread of changes over a gap is not taken below so much of that over all gaps."""
TAILS = (3.0, 5.0, 10.0, 30.0)
"""Degrees of freedom of the t distributions among which the person's own tails are found."""
NEGLIGIBLE = 1e-12
NORMAL_MEAN = math.sqrt(2.0 / math.pi)


def mean_size(freedom: float) -> float:
    """The mean of |t|."""
    gammas = math.lgamma(0.5 * (freedom + 1.0)) - math.lgamma(0.5 * freedom)
    return 2.0 * math.sqrt(freedom / math.pi) * math.exp(gammas) / (freedom - 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Check-ins next to each other on one item (pairs,): when the first and second were, and the change.

    `columns` (pairs, k): what the change is told from. `week`: the week of the second. `may`: may be judged.
    """

    item: str
    before: Floats
    after: Floats
    change: Floats
    columns: Floats
    week: Ints
    may: NDArray[np.bool_]

    def around(self, times: Floats) -> Ints:
        """The pair each moment lies in, the first check-in's moment inclusive; -1 where there is none."""
        at = np.searchsorted(self.before, times, "right") - 1
        found = (at >= 0) & (times < self.after[np.maximum(at, 0)]) if len(self.before) else np.zeros(len(times), bool)
        return np.where(found, at, -1)


@dataclass(frozen=True, slots=True, eq=False)
class Usual:
    """What is learned of one item before each week (weeks, …), for changes without a certain cue and for all.

    `spread` (weeks, 3): mean size of what is left of a change, as a line in the gap's root and over all. `tails`
    (weeks, tails): how well each of TAILS describes it. `ready` (weeks,): enough was learned to judge by.
    """

    pairs: Pairs
    spread: Floats
    tails: Floats
    ready: NDArray[np.bool_]
    grams: Floats
    aims: Floats

    def scale(self, at: Ints) -> Floats:
        """The ordinary size of what is left of a change (a standard deviation if it were normal), as then known."""
        week, root = self.pairs.week[at], np.sqrt(self.pairs.columns[at, 2])
        mean = self.spread[week, 0]
        fitted = mean + self.spread[week, 1] * root
        least = np.maximum(LEAST_SPREAD * self.spread[week, 2], 1e-6)
        told: Floats = np.maximum(fitted, least) / NORMAL_MEAN
        return told

    def without(self, at: Ints) -> Floats:
        """What each of these changes (ascending, each once) should have come to, from earlier ones not among them."""
        weeks = len(self.ready)
        columns, change, week = self.pairs.columns[at], self.pairs.change[at], self.pairs.week[at]
        gram = self.grams - _before_weeks(columns[:, :, None] * columns[:, None, :], week, weeks)
        aim = self.aims - _before_weeks(columns * change[:, None], week, weeks)
        needed = np.unique(week)
        weights = np.zeros((weeks, columns.shape[1]))
        weights[needed] = _solved(gram[needed], aim[needed])
        expected: Floats = (columns * weights[week]).sum(axis=1)
        return expected

    def freedom(self, at: Ints) -> Floats:
        """The person's own tails as degrees of freedom of one t distribution, as then known."""
        told: Floats = 1.0 / (self.tails[self.pairs.week[at]] @ (1.0 / np.array(TAILS)))
        return told


def tail(distance: Floats, freedom: Floats, weights: Floats) -> Floats:
    """Chance of lying so many ordinary sizes (n,) or more from what was expected, on both sides.

    `freedom` (n,): how much is known of the size of it; `weights` (n, tails): of TAILS. The heavier of both counts.
    """
    row, k = np.nonzero(weights > NEGLIGIBLE)
    own = np.array(TAILS)[k]
    stretch = np.array([mean_size(one) for one in TAILS])[k] / NORMAL_MEAN
    each = student_tail(np.abs(distance[row]) * stretch, 1.0 / (1.0 / own + 1.0 / freedom[row]))
    found = np.bincount(row, 2.0 * weights[row, k] * each, minlength=len(distance))
    return np.minimum(found, 1.0)


def pairs_of(timeline: Timeline, ratings: Ratings) -> Pairs:
    """The pairs of an item's check-ins at most LONGEST_HOURS apart."""
    times, values = ratings.times, ratings.values
    near = np.flatnonzero((np.diff(times) <= LONGEST_HOURS / 24.0) & (np.diff(times) > 0.0))
    before, after = times[near], times[near + 1]
    middle, half = 0.5 * (ratings.item.low + ratings.item.high), 0.5 * (ratings.item.high - ratings.item.low)
    level, gap = (values[near] - middle) / half, 24.0 * (after - before) / LONGEST_HOURS
    turns = [2.0 * np.pi * timeline.local_hours(one) / 24.0 for one in (before, after)]
    waves = [wave(turn) for turn in turns for wave in (np.sin, np.cos)]
    weekend = (timeline.weekdays(after) >= 5).astype(float)
    columns = np.column_stack([np.ones(len(near)), level, gap, level * gap, level**2, *waves, weekend])
    week = np.floor(after / WEEK).astype(np.int64)
    change = values[near + 1] - values[near]
    return Pairs(ratings.item.name, before, after, change, columns, week, settled(times)[near + 1])


def usual_of(pairs: Pairs) -> Usual:
    """What earlier changes came to, as known before each week."""
    weeks, columns = int(pairs.week[-1]) + 1 if len(pairs.week) else 1, pairs.columns
    grams = _before_weeks(columns[:, :, None] * columns[:, None, :], pairs.week, weeks)
    aims = _before_weeks(columns * pairs.change[:, None], pairs.week, weeks)
    learned = _before_weeks(np.ones(len(pairs.week)), pairs.week, weeks)
    enough = learned >= 2.0 * columns.shape[1]
    weights = np.zeros((weeks, columns.shape[1]))
    weights[enough] = _solved(grams[enough], aims[enough])
    left = pairs.change - (columns * weights[pairs.week]).sum(axis=1)
    known = enough[pairs.week]
    spread = _spread(pairs, left, known, weeks)
    scale = np.maximum(spread[pairs.week, 0] + spread[pairs.week, 1] * np.sqrt(columns[:, 2]), 1e-6)
    sized = left / np.maximum(scale, LEAST_SPREAD * spread[pairs.week, 2] + 1e-6) * NORMAL_MEAN
    measured = _before_weeks(known.astype(float), pairs.week, weeks) >= FEWEST_SIZED
    tails = _tails(sized, known & measured[pairs.week], pairs.week, weeks)
    return Usual(pairs, spread, tails, measured & (learned >= FEWEST_PAIRS), grams, aims)


def _before_weeks(rows: Floats, week: Ints, weeks: int) -> Floats:
    """Sums (weeks, …) of rows (n, …), in order of `week`, over all weeks before each."""
    total = np.zeros((weeks + 1, *rows.shape[1:]))
    if len(rows):
        first = np.flatnonzero(np.diff(week, prepend=week[0] - 1))
        total[week[first] + 1] = np.add.reduceat(rows, first, axis=0)
    summed: Floats = np.cumsum(total, axis=0)[:-1]
    return summed


def _solved(gram: Floats, aim: Floats) -> Floats:
    """Least-squares weights (weeks, k), drawn a little towards 0."""
    drawn = gram + RIDGE * np.eye(gram.shape[-1])
    return np.asarray(np.linalg.solve(drawn, aim[..., None])[..., 0], np.float64)


def _spread(pairs: Pairs, left: Floats, known: NDArray[np.bool_], weeks: int) -> Floats:
    """Mean size of what is left of a change as a line in the root of the gap, and over all (weeks, 3)."""
    size, root = np.where(known, np.abs(left), 0.0), np.where(known, np.sqrt(pairs.columns[:, 2]), 0.0)
    one = known.astype(float)
    n, r, rr, s, rs = (_before_weeks(part, pairs.week, weeks) for part in (one, root, root * root, size, root * size))
    n = np.maximum(n, 1.0)
    slope = np.maximum((rs - r * s / n) / (rr - r * r / n + 2.0), 0.0)
    return np.column_stack([(s - slope * r) / n, slope, s / n])


def _tails(sized: Floats, judged: NDArray[np.bool_], week: Ints, weeks: int) -> Floats:
    """Weights (weeks, tails) by the likelihood of what is left of earlier changes."""
    heights = []
    for freedom in TAILS:
        stretch = mean_size(freedom) / NORMAL_MEAN
        constant = math.lgamma(0.5 * (freedom + 1.0)) - math.lgamma(0.5 * freedom) - 0.5 * math.log(freedom)
        each = constant + math.log(stretch) - 0.5 * (freedom + 1.0) * np.log1p((sized * stretch) ** 2 / freedom)
        heights.append(_before_weeks(np.where(judged, each, 0.0), week, weeks))
    told = np.column_stack(heights)
    weights = np.exp(told - told.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float64)
