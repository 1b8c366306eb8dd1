"""What an account in pieces says once its changes are placed: how likely each place is, and the line of each piece.

The odds of a change at a reading average the likelihood over its size, normal around nought with `SIZE` sds of the
noise: of the gain in log likelihood the share information / (1 + information) is left, less half log(1 + information)
(exact for a level at known noise). For counts: Poisson's log likelihood, divided by what they vary more than chance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mainstay.numerics.ou_filter import Floats
from mainstay.numerics.segments import BROKEN, OO, OT, SLOPED, STEADY, TT, YO, YT, over_places, piece, room
from mainstay.numerics.segments_accounts import LEAST_LEVEL, Account, Record, least_piece, refitted

SIZE = 0.5
"""Prior sd of a change's size, in sds of the noise; of a rate, in its logarithm."""
HELD = 0.90
"""What the intervals for when are to hold."""
MIDDLE = 2.0
"""The prior chance of a place is as (u (1 - u)) to this power, u being 0 and 1 at the ends, where little shows."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A piece's level and its variance at some course of time; its slope; mean course; information on its slope."""

    level: float
    variance: float
    slope: float
    middle: float
    across: float


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """An account of a series, and the sums `whiten` filled at its noise."""

    series: Record
    account: Account
    sums: Floats

    @property
    def bounds(self) -> list[int]:
        """The first row of each piece, and the number of rows."""
        return [0, *(int(place) for place in self.account.places), self.series.shape[1]]

    def odds(self, a: int, b: int) -> Floats:
        """Log of how much likelier a change at each row x of a to b makes them than none, by x - a."""
        account = self.account
        spans = SIZE**2 * account.variances * (1.0 + np.exp(-account.noise[:, 1]))
        least, mean = least_piece(account.mean, self.series.size), STEADY if account.mean == SLOPED else account.mean
        found = over_places(self.sums, a, b, least, mean, account.slopes, 1.0 / account.variances, spans)
        odds = np.full(len(found), -np.inf)
        able = found[:, 0] > -np.inf
        odds[able] = 0.5 * (found[able, 2] * found[able, 0] - found[able, 1])
        return odds

    def line(self, j: int, a: int, b: int, at: float) -> Line:
        """The line of piece a to b of series j, its level at course `at`."""
        parts = piece(self.sums, j, a, b)
        middle, v = parts[OT] / parts[OO], float(self.account.variances[j])
        across = parts[TT] - parts[OT] * middle
        level, variance = parts[YO] / parts[OO], v / parts[OO]
        slope = float(self.account.slopes[j]) if self.account.mean == SLOPED else 0.0
        if self.account.mean == BROKEN:
            slope = (parts[YT] - parts[YO] * middle) / across
            variance += v * (at - middle) ** 2 / across
        return Line(level + slope * (at - middle), variance, slope, middle, across)

    def step(self, j: int, a: int, x: int, b: int) -> tuple[float, float]:
        """By how much series j steps between pieces a to x and x to b, and the step's standard error."""
        at = 0.5 * float(self.series.course[x - 1] + self.series.course[x])
        before, after = self.line(j, a, x, at), self.line(j, x, b, at)
        variance = before.variance + after.variance
        if self.account.mean == SLOPED:
            across = sum(self.line(j, low, high, 0.0).across for low, high in pairwise(self.bounds))
            variance += float(self.account.variances[j]) * (after.middle - before.middle) ** 2 / across
        return after.level - before.level, math.sqrt(variance)


def evidence_of_a_step(series: Record, level: Account, times: Floats) -> float:
    """Log of how much likelier one step, anywhere, makes the rows at these times than one level.

    Both at the noise that the step leaves that is likeliest at first: with noise fitted as if nothing had changed, a
    step would count as noise.
    """
    sums = room(*series.shape)
    n = series.shape[1]
    odds = Placed(series, refitted(series, level, level.places, sums), sums).odds(0, n)
    if odds.max() == -np.inf:
        return 0.0
    likeliest = int((odds[1:n] + np.log(chances(times) + 1e-300)).argmax()) + 1
    with_it = refitted(series, level, np.array([likeliest], np.int64), sums)
    return averaged(Placed(series, with_it, sums).odds(0, n), times)


def chances(times: Floats) -> Floats:
    """Prior chances of a change in each of the gaps between these times (n - 1)."""
    gaps = np.diff(times)
    u = (times[1:] - 0.5 * gaps - times[0]) / (times[-1] - times[0])
    chance = gaps * (u * (1.0 - u)) ** MIDDLE
    return np.asarray(chance / chance.sum())


def averaged(odds: Floats, times: Floats) -> float:
    """Log of the mean of the odds over the places; odds by place from the first of the times."""
    with np.errstate(divide="ignore"):
        weights = odds[1 : len(times)] + np.log(chances(times))
    most = float(weights.max())
    return most + math.log(float(np.exp(weights - most).sum())) if most > -np.inf else 0.0


def within(odds: Floats, times: Floats) -> tuple[int, int]:
    """From which to which reading the likeliest places reach that hold `HELD`; a longer gap holds more."""
    with np.errstate(divide="ignore"):
        weights = odds[1 : len(times)] + np.log(np.diff(times))
    if weights.max() == -np.inf:  # all places lie between readings of one time
        weights = odds[1 : len(times)]
    chance = np.exp(weights - weights.max())
    order = np.argsort(-chance, kind="stable")
    enough = int(np.searchsorted(np.cumsum(chance[order]), HELD * chance.sum())) + 1
    inside = order[:enough] + 1
    return int(inside.min()), int(inside.max())


def count_odds(held: Floats, shown: Floats, excess: float) -> Floats:
    """Log of how much likelier a change of rate before each row makes the counts than none.

    held, shown (rows + 1): counts and exposure before each row; excess: the counts' variance over Poisson's.
    """
    first, second = shown, shown[-1] - shown
    gain = _at_own_rate(held, first) + _at_own_rate(held[-1] - held, second) - _at_own_rate(held[-1:], shown[-1:])
    known = SIZE**2 * held[-1] * first * second / shown[-1] ** 2 / excess
    odds = gain / excess * known / (1.0 + known) - 0.5 * np.log1p(known)
    odds[:LEAST_LEVEL] = odds[-LEAST_LEVEL:] = -np.inf
    return np.asarray(odds)


def _at_own_rate(held: Floats, shown: Floats) -> Floats:
    """Poisson's log likelihood of so many at the rate they have, what all share aside."""
    any_ = held > 0.0
    return np.where(any_, held * np.log(np.where(any_, held, 1.0) / np.where(any_, shown, 1.0)), 0.0)
