"""The Tau family: Kendall's S between and within phases, Tau-U with and without ties, and baseline-corrected Tau.

Kendall's S counts pairs that rise less pairs that fall. Tau-a divides it by all pairs, tau-b by √((N₀ - T)(N₀ - U)),
with T and U the tied pairs of each side (Kendall 1970, ch. 3). The four indices of Parker, Vannest, Davis and Sauber
(2011) are S between the phases, less the trend of A, plus the trend of B, and both; "complete" gives each its own
pairs, "parker" divides as the paper does, "tarlow" as K. Tarlow's calculator (R code, 2017) with a continuity
correction. What is said here of intervals and of several cases is as in the R package scan.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay, Interval
from mainstay.trials.effect_sizes_kinds import (
    LEVEL,
    NO_LAW,
    Floats,
    Size,
    normal_half,
    normal_interval,
    phases,
    too_few,
    two_sided,
)

Pairs = Literal["complete", "parker", "tarlow"]
Ties = Literal["a", "b"]
Width = Literal["z", "tau", "s"]


@dataclass(frozen=True, slots=True)
class Kendall:
    """Kendall's rank correlation of n pairs: S, its denominator, tau, the sd of S if there is none, z and p."""

    n: int
    s: float
    denominator: float
    tau: float
    s_sd: float
    z: float
    p: float


def kendall(x: ArrayLike, y: ArrayLike, *, ties: Ties = "b", continuity: bool = False) -> Kendall:
    """Kendall's tau of x and y (n,), with the variance of S corrected for ties (tau-b) or not (tau-a).

    tau, z and p are NaN where either does not vary. Refuses fewer than two pairs.
    """
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if x.shape != y.shape or len(x) < 2:
        raise BadRequest(f"Kendall's tau needs two lists of one length, of 2 or more, not {x.shape} and {y.shape}")
    n = len(x)
    later, every = y[:, None] < y, 0.5 * n * (n - 1.0)
    s = float(np.count_nonzero(later & (x[:, None] < x)) - np.count_nonzero(later & (x[:, None] > x)))
    tied_x, tied_y = (np.unique(one, return_counts=True)[1].astype(float) for one in (x, y))
    if ties == "a":
        denominator, variance = every, n * (n - 1.0) * (2.0 * n + 5.0) / 18.0
    else:
        denominator = math.sqrt((every - _pairs(tied_x)) * (every - _pairs(tied_y)))
        variance = _tied_variance(n, tied_x, tied_y)
    sd = math.sqrt(max(variance, 0.0))
    if denominator == 0.0 or sd == 0.0:
        return Kendall(n, s, denominator, math.nan, sd, math.nan, math.nan)
    z = math.copysign(max(abs(s) - continuity, 0.0), s) / sd
    return Kendall(n, s, denominator, s / denominator, sd, z, two_sided(z))


def _pairs(counts: Floats) -> float:
    return float((counts * (counts - 1.0)).sum()) / 2.0


def _tied_variance(n: int, x: Floats, y: Floats) -> float:
    def weighed(counts: Floats) -> float:
        return float((counts * (counts - 1.0) * (2.0 * counts + 5.0)).sum())

    variance = (n * (n - 1.0) * (2.0 * n + 5.0) - weighed(x) - weighed(y)) / 18.0
    variance += 4.0 * _pairs(x) * _pairs(y) / (2.0 * n * (n - 1.0))
    if n > 2:
        triples = [float((counts * (counts - 1.0) * (counts - 2.0)).sum()) for counts in (x, y)]
        variance += triples[0] * triples[1] / (9.0 * n * (n - 1.0) * (n - 2.0))
    return variance


@dataclass(frozen=True, slots=True)
class TauRow:
    """One line of a Tau-U table: pairs, how many rise, fall and tie, Kendall's S over D = Tau, with its errors."""

    pairs: float
    rising: int
    falling: int
    tied: int
    s: float
    d: float
    tau: float
    interval: Interval | None
    s_sd: float
    se: float
    z: float
    p: float
    n: int


ROWS = (
    "A vs. B",
    "Trend A",
    "Trend B",
    "A vs. B - Trend A",
    "A vs. B + Trend B",
    "A vs. B + Trend B - Trend A",
)
TauTable = dict[str, TauRow]


def tau_u(
    a: ArrayLike,
    b: ArrayLike,
    *,
    better: int = 1,
    method: Pairs = "complete",
    ties: Ties = "b",
    continuity: bool = False,
    level: float = LEVEL,
    width: Width = "z",
) -> TauTable | CannotSay:
    """The Tau-U table of a case, its values in order of time: the four indices and both trends (names in `ROWS`).

    `ties`: tau-a or tau-b (of "complete" alone). `width`: intervals by Fisher's z with 1/√(n-3), with √(.437/(n-4))
    ("tau", Fieller et al. 1957), or from the sd of S.
    """
    a, b = phases(a, b, better)
    m, n = len(a), len(b)
    if min(m, n) < 2:
        return too_few("Tau-U", min(m, n), 2, "each phase")
    continuity = method == "tarlow" or (continuity and method != "parker")
    corrected: Ties = "a" if method == "complete" and ties == "a" else "b"
    both, up_b = np.concatenate((a, b)), np.arange(m + 1.0, m + n + 1.0)
    down_a = np.arange(m, 0.0, -1.0)
    orders = (
        (both, np.concatenate((np.zeros(m), np.ones(n)))),
        (a, np.arange(float(m))),
        (b, np.arange(float(n))),
        (both, np.concatenate((down_a, np.full(n, m + 1.0)))),
        (both, np.concatenate((np.zeros(m), up_b))),
        (both, np.concatenate((down_a, up_b))),
    )
    found = [kendall(x, y, ties=corrected, continuity=continuity) for x, y in orders]
    counted = _counts(a, b)
    pairs = [float(sum(one)) for one in counted]
    if method == "parker":
        pairs[3], pairs[5] = float(m * n), 0.5 * (m + n) * (m + n - 1.0)
    table: TauTable = {}
    for row, (name, one) in enumerate(zip(ROWS, found, strict=True)):
        divided = pairs[row]
        if method == "complete" and ties == "b":
            divided = one.denominator if row else pairs[0] - 0.5 * counted[0][2]
        sd = one.s_sd if method == "tarlow" else _null_sd(row, m, n, one.s_sd)
        value = one.s / divided if divided > 0.0 else math.nan
        if width == "s":
            ends = _by_s((one.s - continuity) / divided, sd / divided, level)
        else:
            ends = _fisher(value, one.n, level, width)
        se = value / one.z if one.z else math.nan
        table[name] = TauRow(
            pairs[row], *counted[row], one.s, divided, value, ends, sd, se, one.z, one.p, one.n
        )  # fmt: skip
    return table


def _counts(a: Floats, b: Floats) -> list[tuple[int, int, int]]:
    """Rising, falling and tied pairs of each line of the table."""

    def between(x: Floats, y: Floats, mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> tuple[int, int, int]:
        steps = np.sign(y - x[:, None])[mask]
        return int((steps > 0).sum()), int((steps < 0).sum()), int((steps == 0).sum())

    ab = between(a, b, np.ones((len(a), len(b)), bool))
    aa = between(a, a, np.triu(np.ones((len(a), len(a)), bool), 1))
    bb = between(b, b, np.triu(np.ones((len(b), len(b)), bool), 1))
    less = (ab[0] + aa[1], ab[1] + aa[0], ab[2] + aa[2])
    more = (ab[0] + bb[0], ab[1] + bb[1], ab[2] + bb[2])
    return [ab, aa, bb, less, more, (less[0] + bb[0], less[1] + bb[1], less[2] + bb[2])]


def _null_sd(row: int, m: int, n: int, own: float) -> float:
    """The sd of S if nothing happens, without ties, of the first three lines; the others keep their own."""
    if row == 0:
        return 2.0 * math.sqrt(m * n * (m + n + 1.0) / 12.0)
    if row in (1, 2):
        length = (m, n)[row - 1]
        return math.sqrt(length * (length - 1.0) * (2.0 * length + 5.0) / 18.0)
    return own


def _z_error(n: float, width: Width) -> float | None:
    """The standard error of Fisher's z of a tau of n values; none where there are too few."""
    if width == "tau":
        return math.sqrt(0.437 / (n - 4.0)) if n > 4 else None
    return 1.0 / math.sqrt(n - 3.0) if n > 3 else None


def _by_s(middle: float, error: float, level: float) -> Interval | None:
    return normal_interval(middle, error, level) if math.isfinite(middle + error) else None


def _fisher(value: float, n: int, level: float, width: Width) -> Interval | None:
    error = _z_error(n, width)
    if error is None or not abs(value) < 1.0:
        return None
    reach = normal_half(level) * error
    return Interval(math.tanh(math.atanh(value) - reach), math.tanh(math.atanh(value) + reach), level)


@dataclass(frozen=True, slots=True)
class TauOverall:
    """A tau of several cases together: weighted in Fisher's z; `se` is of z, the interval of tau."""

    tau: float
    se: float
    interval: Interval
    z: float
    p: float


def tau_overall(rows: list[TauRow], *, level: float = LEVEL, weight: Width = "z") -> TauOverall | CannotSay:
    """One line of the Tau-U tables of several cases, weighed by the precision of their Fisher's z (common effect)."""
    if not rows:
        raise BadRequest("no case was given to weigh together")
    errors = [_z_error(row.n, weight) for row in rows]
    if any(error is None for error in errors) or any(not abs(row.tau) < 1.0 for row in rows):
        return CannotSay("a case has too few values, or a tau of 1 or -1, which no weighing in Fisher's z can hold")
    weights = np.array([1.0 / error**2 for error in errors if error is not None])
    middle = float(weights @ np.arctanh([row.tau for row in rows])) / float(weights.sum())
    se = 1.0 / math.sqrt(float(weights.sum()))
    reach = normal_half(level) * se
    ends = Interval(math.tanh(middle - reach), math.tanh(middle + reach), level)
    return TauOverall(math.tanh(middle), se, ends, middle / se, two_sided(middle / se))


def tau_u_simple(a: ArrayLike, b: ArrayLike, *, better: int = 1) -> Size | CannotSay:
    """Tau-U as SingleCaseES has it: (S between the phases less S of the trend in A) over m n pairs."""
    a, b = phases(a, b, better)
    m, n = len(a), len(b)
    if min(m, n) < 1:
        return too_few("Tau-U", 0, 1, "each phase")
    counted = _counts(a, b)
    s = counted[0][0] - counted[0][1] - counted[1][0] + counted[1][1]
    return Size("Tau-U", s / (m * n), None, None, (m, n), NO_LAW)


def theil_sen(at: ArrayLike, values: ArrayLike) -> tuple[float, float]:
    """Intercept and slope of the line whose slope is the median of the slopes of all pairs (Theil 1950; Sen 1968).

    Refuses times that are all the same.
    """
    at, values = np.asarray(at, np.float64), np.asarray(values, np.float64)
    first, second = np.triu_indices(len(at), 1)
    apart = at[second] - at[first]
    if not (apart != 0.0).any():
        raise BadRequest("a slope needs values at two different times at least")
    slope = float(np.median(((values[second] - values[first])[apart != 0.0]) / apart[apart != 0.0]))
    return float(np.median(values - slope * at)), slope
