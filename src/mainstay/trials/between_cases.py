"""Design-comparable effect sizes: the difference in sd between and within cases, as a trial between groups would see.

Hedges, Pustejovsky and Shadish (2012; AB and ABAB designs, called ABk) and (2013; multiple baselines), Research
Synthesis Methods 3, 224-239 and 4, 324-341; formula numbers are theirs. Model: no trend, one effect for all cases,
AR(1) within a case. Legend: m cases; D̄ the mean effect; S² the variance over cases at a time, pooled; φ the
autocorrelation; σ² the variance within cases; ρ the share of the variance that lies between cases; θ and ν the scale
and freedom of the estimate; g = (1 - 3/(4ν - 1)) D̄/S. The restricted likelihood route is in `between_cases_reml`.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mainstay.errors import BadRequest
from mainstay.futures.scores import student_quantile
from mainstay.quantities import CannotSay, Interval
from mainstay.trials.effect_sizes_kinds import LEVEL, Floats
from mainstay.trials.effect_sizes_means import small_sample

Codes = NDArray[np.int64]
LEAST_FREEDOM = 2.001
"""The variance of g is infinite at ν of 2 or less; ν counts as no less than this there (as in scdhlm)."""

TOO_FEW = CannotSay("too few cases, or too alike from time to time, for a spread between them")
STEADY = CannotSay("no phase of any case varies, so what is left of the day before can't be told")
NO_SPREAD = CannotSay("all cases were alike at every time, so there is no spread to measure the difference by")


@dataclass(frozen=True, slots=True)
class DesignComparable:
    """g with its variance and interval, and what it is made of (legend above). `points`: K, or M for ABk."""

    g: float
    variance: float
    interval: Interval
    unadjusted: float
    difference: float
    s_squared: float
    sigma_squared: float
    phi: float
    rho: float
    theta: float
    nu: float
    cases: int
    observations: int
    points: int

    @property
    def se(self) -> float:
        """√variance."""
        return math.sqrt(self.variance)


def comparable_interval(g: float, variance: float, nu: float, level: float) -> Interval:
    """g ± t √variance, with ν degrees of freedom."""
    reach = student_quantile(0.5 + 0.5 * level, nu) * math.sqrt(variance)
    return Interval(g - reach, g + reach, level)


def comparable_variance(g: float, scale: float, nu: float) -> float:
    """The variance of g: J² (scale² ν/(ν - 2) + g² (ν/(ν - 2) - 1/J²)), (14) of 2013 and (30) of 2012."""
    factor, least = small_sample(nu), max(nu, LEAST_FREEDOM)
    ratio = least / (least - 2.0)
    return factor**2 * ratio * (scale**2 + g**2) - g**2


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows in order of case, pair of phases, treatment and time. `cell`: case by pair by treatment."""

    outcome: Floats
    time: Floats
    case: Codes
    pair: Codes
    treated: Codes
    cell: Codes

    @property
    def cases(self) -> int:
        return int(self.case.max()) + 1


def _coded(values: Sequence[Hashable]) -> Codes:
    order = {value: code for code, value in enumerate(dict.fromkeys(values))}
    return np.array([order[value] for value in values], np.int64)


def _rows(
    outcome: ArrayLike, treated: ArrayLike, case: Sequence[Hashable], pair: Sequence[Hashable], time: ArrayLike
) -> _Rows:
    y, t, on = np.asarray(outcome, np.float64), np.asarray(time, np.float64), np.asarray(treated).astype(bool)
    cases, pairs = _coded(list(case)), _coded(list(pair))
    if len({len(one) for one in (y, t, on, cases, pairs)}) != 1 or y.ndim != 1:
        raise BadRequest("outcome, treatment, case, pair of phases and time must be as long as each other")
    known = np.isfinite(y) & np.isfinite(t)
    y, t, on = y[known], t[known], on[known].astype(np.int64)
    cases, pairs = _coded(cases[known].tolist()), _coded(pairs[known].tolist())
    order = np.lexsort((t, on, pairs, cases))
    parts = y[order], t[order], cases[order], pairs[order], on[order]
    cell = _coded(list(zip(*(one.tolist() for one in parts[2:]), strict=True)))
    return _Rows(*parts, cell)


def _thin(rows: _Rows) -> CannotSay | None:
    if len(rows.outcome) == 0 or rows.cases < 2:
        have = 0 if len(rows.outcome) == 0 else 1
        return CannotSay("an effect size between cases needs two cases at least", have=have, need=2, unit="cases")
    return None


def _group_means(values: Floats, group: Codes) -> tuple[Floats, Floats]:
    count = np.bincount(group).astype(float)
    return np.bincount(group, values) / count, count


def _lagged(off: Floats, group: Codes) -> tuple[float, float]:
    """Sums over groups of the squares and of the products of neighbours, rows in order of time within groups."""
    together = group[1:] == group[:-1]
    counts = np.bincount(group)
    alone = counts[group] < 2
    return float((off[~alone] ** 2).sum()), float((off[1:] * off[:-1])[together].sum())


def _correlation(case: Codes, time: Floats, rho: float, phi: float) -> Floats:
    """Correlations of all rows: rho + (1 - rho) φ^|Δt| within a case, 0 between."""
    within = case[:, None] == case
    apart = np.abs(time[:, None] - time)
    if phi < 0.0 and not np.equal(np.mod(apart[within], 1.0), 0.0).all():
        raise BadRequest("with a negative autocorrelation times must be whole numbers (sessions, days)")
    return np.where(within, rho + (1.0 - rho) * np.power(phi, np.where(within, apart, 0.0)), 0.0)


def _scale_of_s(matrix: Floats, group: Codes) -> float:
    """tr(A V A V) for A that takes off each group's mean."""
    count = np.bincount(group).astype(float)
    one_hot = (group[:, None] == np.arange(len(count))) / np.sqrt(count)
    av = matrix - one_hot @ (one_hot.T @ matrix)
    return float((av * av.T).sum())


def multiple_baseline(  # noqa: PLR0911 - one for each way the evidence can be thin
    outcome: ArrayLike,
    treated: ArrayLike,
    case: Sequence[Hashable],
    time: ArrayLike,
    *,
    phi: float | None = None,
    rho: float | None = None,
    level: float = LEVEL,
) -> DesignComparable | CannotSay:
    """g of a multiple baseline design, one row a measurement. `treated`: true in the phase that is compared.

    `phi` and `rho` may be given instead of estimated. Refuses rows that do not fit together; a case without both
    phases, or never two cases at one time, is thin evidence.
    """
    rows = _rows(outcome, treated, case, [0] * len(list(case)), time)
    thin = _thin(rows)
    if thin is not None:
        return thin
    n, m = len(rows.outcome), rows.cases
    means, count = _group_means(rows.outcome, rows.cell)
    if len(means) != 2 * m:
        return CannotSay("a case has values in one of both phases only", have=len(means) - m, need=m, unit="cases")
    effect = float((means[1::2] - means[::2]).mean())
    group = _coded(list(zip(rows.time.tolist(), rows.treated.tolist(), strict=True)))
    points = int(group.max()) + 1
    if n <= points:
        return CannotSay("no two cases were measured at one time in one phase", have=0, need=1, unit="shared times")
    s_squared = _pooled(rows.outcome, group, n - points)
    if phi is None:
        # the residuals run on from phase to phase within a case, as in the paper's first display on p. 32
        squares, products = _lagged(rows.outcome - means[rows.cell], rows.case)
        if not squares > 0.0:
            return STEADY
        phi = products / squares + float(((count - 1.0) / count).sum()) / (n - 2.0 * m)
    if not s_squared > 0.0:
        return NO_SPREAD
    sigma = _within(rows, rows.time, phi)
    rho = max(0.0, 1.0 - sigma / s_squared) if rho is None else rho
    matrix = _correlation(rows.case, rows.time, rho, phi)
    nu = (n - points) ** 2 / _scale_of_s(matrix, group)
    if not nu > 1.0 + 1e-9:
        return TOO_FEW
    weights = np.where(rows.treated == 1, 1.0, -1.0) / count[rows.cell]
    theta = math.sqrt(float(weights @ matrix @ weights)) / m
    return DesignComparable(
        *_estimate(effect, s_squared, theta, nu, level),
        effect, s_squared, sigma, phi, rho, theta, nu, m, n, points,
    )  # fmt: skip


def _pooled(outcome: Floats, group: Codes, freedom: float) -> float:
    means, _ = _group_means(outcome, group)
    return float(((outcome - means[group]) ** 2).sum()) / freedom


def _within(rows: _Rows, time: Floats, phi: float) -> float:
    """σ², corrected for the means of phases that were taken off under AR(1)."""
    means, count = _group_means(rows.outcome, rows.cell)
    same = np.where(rows.cell[:, None] == rows.cell, _correlation(rows.case, time, 0.0, phi), 0.0)
    lost = float((same / count[rows.cell]).sum())
    return float(((rows.outcome - means[rows.cell]) ** 2).sum()) / (len(rows.outcome) - lost)


def _estimate(
    effect: float, s_squared: float, theta: float, nu: float, level: float
) -> tuple[float, float, Interval, float]:
    """g, its variance and interval, and what it was before the correction."""
    plain = effect / math.sqrt(s_squared)
    g = small_sample(nu) * plain
    variance = comparable_variance(g, theta, nu)
    return g, variance, comparable_interval(g, variance, nu, level), plain


def phases_repeated(  # noqa: PLR0911 - one for each way the evidence can be thin
    outcome: ArrayLike,
    treated: ArrayLike,
    case: Sequence[Hashable],
    pair: Sequence[Hashable],
    time: ArrayLike,
    *,
    phi: float | None = None,
    rho: float | None = None,
    level: float = LEVEL,
) -> DesignComparable | CannotSay:
    """g of an AB, ABAB, … design (ABk). `pair`: which pair of phases (A then B) a row belongs to.

    The variance S² is pooled over the places within phases at which every case has a value.
    """
    rows = _rows(outcome, treated, case, pair, time)
    thin = _thin(rows)
    if thin is not None:
        return thin
    m = rows.cases
    means, count = _group_means(rows.outcome, rows.cell)
    place = np.arange(len(rows.cell)) - np.searchsorted(rows.cell, rows.cell)
    group = _coded(list(zip(rows.pair.tolist(), rows.treated.tolist(), place.tolist(), strict=True)))
    shared = np.bincount(group)[group] == m
    points = int((np.bincount(group) == m).sum())
    if points == 0:
        return CannotSay("no place within a phase was reached by every case", have=0, need=1, unit="shared places")
    weights, effects, effect = _contrasts(rows, means, count)
    if effects == 0:
        return CannotSay("no pair of phases has values in both of them", have=0, need=1, unit="pairs of phases")
    kept = _coded(group[shared].tolist())
    s_squared = _pooled(rows.outcome[shared], kept, points * (m - 1.0))
    if phi is None:
        squares, products = _lagged(rows.outcome - means[rows.cell], rows.cell)
        if not squares > 0.0:
            return STEADY
        phi = products / squares + float((1.0 - 1.0 / count).sum()) / float((count - 1.0).sum())
    if not s_squared > 0.0:
        return NO_SPREAD
    sigma = _within(rows, place.astype(float), phi)
    rho = max(0.0, 1.0 - sigma / s_squared) if rho is None else rho
    matrix = _correlation(rows.case, rows.time, rho, phi)
    nu = (points * (m - 1.0)) ** 2 / _scale_of_s(matrix[np.ix_(shared, shared)], kept)
    if not nu > 1.0 + 1e-9:
        return TOO_FEW
    theta = math.sqrt(float(weights @ matrix @ weights)) / effects
    return DesignComparable(
        *_estimate(effect, s_squared, theta, nu, level),
        effect, s_squared, sigma, phi, rho, theta, nu, m, len(rows.outcome), points,
    )  # fmt: skip


def _contrasts(rows: _Rows, means: Floats, count: Floats) -> tuple[Floats, int, float]:
    """Weights (n,) whose sum over the outcome is that of all effects, how many there are, and their mean."""
    first = np.unique(rows.cell, return_index=True)[1]
    keys = {(int(rows.case[k]), int(rows.pair[k]), int(rows.treated[k])): int(rows.cell[k]) for k in first}
    sign, effects = np.zeros(len(means)), []
    for (case, pair, on), cell in keys.items():
        before = keys.get((case, pair, 0))
        if on and before is not None:
            sign[cell], sign[before] = 1.0, -1.0
            effects.append(float(means[cell] - means[before]))
    return (sign / count)[rows.cell], len(effects), float(np.mean(effects)) if effects else 0.0
