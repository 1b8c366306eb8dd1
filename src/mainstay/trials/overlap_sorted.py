"""PAND by sorting, with its tests, and the conservative dual criterion.

By sorting: each case's values are put in order; where the phase a place falls to differs from the one it had, the
value overlaps. The table of both has phi, χ² and Fisher's exact test (Parker, Hagan-Burke and Vannest 2007; ties go to
the phase they had, as in the R package scan). Conservative dual criterion: Fisher, Kelley and Lomas (2003).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.trials.effect_sizes_kinds import Floats, binomial_tail, phases, too_few, two_sided
from mainstay.trials.overlap import line

Trend = Literal["ols", "bisplit", "trisplit"]
HALVINGS = 200
ALIKE = 1.0 + 1e-7
"""Tables whose chance is within this factor of the one that was found count as no less unusual (as R's fisher.test)."""


@dataclass(frozen=True, slots=True)
class SortedPand:
    """`table` (2, 2): the phase a value had (rows) by the phase its place falls to, and tests of whether both agree."""

    share: float
    overlapping: int
    table: NDArray[np.int64]
    phi: float
    chi2: float
    chi2_p: float
    odds_ratio: float
    fisher_p: float


def pand_sorted(cases: list[tuple[ArrayLike, ArrayLike]], *, better: int = 1) -> SortedPand | CannotSay:
    """PAND of one or several cases by sorting within each. Needs values in both phases of every case."""
    if not cases:
        raise BadRequest("PAND needs at least one case")
    table = np.zeros((2, 2), np.int64)
    for first, second in cases:
        a, b = phases(first, second, better)
        if min(len(a), len(b)) < 1:
            return too_few("PAND", 0, 1, "each phase")
        had = np.repeat([0, 1], [len(a), len(b)])
        falls = had[np.lexsort((had, np.concatenate((a, b))))]
        np.add.at(table, (had, falls), 1)
    n = int(table.sum())
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    crossed = float(table[0, 0] * table[1, 1] - table[0, 1] * table[1, 0])
    chi = n * crossed**2 / float(rows.prod() * columns.prod())
    odds, p = fisher_exact(table)
    overlapping = int(table[0, 1] + table[1, 0])
    share = 1.0 - overlapping / n
    return SortedPand(share, overlapping, table, math.sqrt(chi / n), chi, two_sided(math.sqrt(chi)), odds, p)


def fisher_exact(table: NDArray[np.int64]) -> tuple[float, float]:
    """The conditional odds ratio (maximum likelihood) and two-sided p of a 2 x 2 table, given its margins."""
    (top, bottom), left = table.sum(axis=1), int(table[:, 0].sum())
    low, high = max(0, left - int(bottom)), min(int(top), left)
    counts = np.arange(low, high + 1)
    logs = np.array([_log_choose(int(top), k) + _log_choose(int(bottom), left - k) for k in range(low, high + 1)])
    chances = np.exp(logs - logs.max())
    chances /= chances.sum()
    here = int(table[0, 0])
    p = min(float(chances[chances <= chances[here - low] * ALIKE].sum()), 1.0)
    if here == low:
        return 0.0, p
    if here == high:
        return math.inf, p

    def mean(log_odds: float) -> float:
        weights = logs + counts * log_odds
        weights = np.exp(weights - weights.max())
        return float(weights @ counts) / float(weights.sum())

    down, up = -60.0, 60.0
    for _ in range(HALVINGS):
        middle = 0.5 * (down + up)
        down, up = (middle, up) if mean(middle) < here else (down, middle)
    return math.exp(0.5 * (down + up)), p


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


@dataclass(frozen=True, slots=True)
class DualCriterion:
    """How many of B's n values are beyond both A's mean and its line, moved by `shift` sd; the one-sided binomial p."""

    beyond: int
    n: int
    p: float


def dual_criterion(
    a: ArrayLike,
    b: ArrayLike,
    at_a: ArrayLike,
    at_b: ArrayLike,
    *,
    better: int = 1,
    trend: Trend = "ols",
    shift: float = 0.25,
) -> DualCriterion | CannotSay:
    """The conservative dual criterion; `shift` 0 is the plain one. The split lines want five values in each phase."""
    a, b = phases(a, b, better)
    times_a, times_b = np.asarray(at_a, np.float64), np.asarray(at_b, np.float64)
    if len(times_a) != len(a) or len(times_b) != len(b):
        raise BadRequest("give one time for each value, and leave out what is missing")
    need = 2 if trend == "ols" else 5
    if len(a) < need or len(b) < (1 if trend == "ols" else need):
        return too_few("The dual criterion", min(len(a), len(b)), need, "each phase")
    start, slope = _drawn(times_a, a, trend)
    bar = np.maximum(start + slope * times_b, a.mean()) + shift * a.std(ddof=1)
    beyond = int((b > bar).sum())
    return DualCriterion(beyond, len(b), binomial_tail(beyond, len(b)))


def _drawn(at: Floats, values: Floats, trend: Trend) -> tuple[float, float]:
    """The line of least squares, or through the medians of the first and the last half or third."""
    if trend == "ols":
        return line(at, values)
    parts = 2 if trend == "bisplit" else 3
    early = len(at) // parts
    late = math.ceil(len(at) / parts * (parts - 1) + 1) - 1
    ends = [(float(np.median(at[cut])), float(np.median(values[cut]))) for cut in (slice(early), slice(late, None))]
    (first, low), (last, high) = ends
    slope = (high - low) / (last - first)
    return low - slope * first, slope
