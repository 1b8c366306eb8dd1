"""What many people's estimates say together: their mean, how much people differ, and what to expect of a further one.

    y_i = x_i'b + u_i + e_i,   u_i ~ N(0, t²) between people,   e_i ~ N(0, v_i) within, v_i known

t² by restricted likelihood; an interval for it by Q-profiling (Viechtbauer 2007), with fewer degrees of freedom where
the tails are heavier than normal ones (Shoemaker 2003); that of b by Hartung and Knapp's variance with Student's law of
k - p (2001; Knapp and Hartung 2003 for x), its width never below the plain one. A further person's is over all t that
the estimates allow, under a flat prior on t² (Higgins and others 2009, their Bayesian one; the prior after Morris and
Tang 2011): with the best t alone it is too narrow wherever t is small.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mainstay.errors import BadRequest
from mainstay.futures.scores import student_quantile
from mainstay.numerics.exact_rates import gamma_quantile
from mainstay.quantities import CannotSay, Interval
from mainstay.trials.effect_sizes_kinds import f_tail

Floats = NDArray[np.float64]
LEVEL = 0.90
FEWEST = 10
"""People from which on all three intervals keep their level (docs/decisions/0024-groups.md)."""
METHOD = "random effects over people: restricted likelihood, Hartung-Knapp; spread by Q-profiling"
GRID, HALVINGS = 40, 50
POINTS = 60
"""At how many sds between people it is looked where all that are plausible count."""
AT_ONCE = 1_000_000
"""Numbers held at a time while all of them are looked at."""
BY_CHANCE = 1.0
"""Standard errors up to which a slope is taken for chance."""
FLAT = 8.0
"""How far below its highest point the log likelihood of such an sd still counts."""


@dataclass(frozen=True, slots=True, eq=False)
class Together:
    """Coefficients (p) with their covariance (p, p), and the variance between people. `freedom`: k - p."""

    coefficients: Floats
    covariance: Floats
    between_variance: float
    freedom: int
    n: int

    def interval(self, weights: ArrayLike, level: float = LEVEL) -> Interval:
        """Of a combination of coefficients, weights (p)."""
        at = np.asarray(weights, np.float64)
        middle = float(at @ self.coefficients)
        reach = student_quantile(0.5 + 0.5 * level, self.freedom) * math.sqrt(float(at @ self.covariance @ at))
        return Interval(middle - reach, middle + reach, level)

    def chance_by_lot(self, contrasts: ArrayLike) -> float:
        """How often people who do not differ would differ as much by lot: contrasts (q, p), Knapp and Hartung's F."""
        rows = np.atleast_2d(np.asarray(contrasts, np.float64))
        told = rows @ self.coefficients
        f = float(told @ np.linalg.solve(rows @ self.covariance @ rows.T, told)) / len(rows)
        return f_tail(f, len(rows), self.freedom)


@dataclass(frozen=True, slots=True)
class GroupMean:
    """The mean of a group, the sd between people, and where a further person's own value is to be expected.

    `share_between`: of all by which estimates differ, how much is people (I², Higgins and Thompson 2002). `borne_by`:
    how many people's the mean is by weight (`bearers`).
    """

    mean: float
    se: float
    interval: Interval
    between_sd: float
    between_interval: Interval
    next_one: Interval
    share_between: float
    borne_by: float
    n: int
    method: str = METHOD


def group_mean(estimates: ArrayLike, sds: ArrayLike, *, level: float = LEVEL) -> GroupMean | CannotSay:
    """People's estimates (k) with their sds (k) together. Cannot say below ten people, or where all are the same."""
    y, v = checked(estimates, sds)
    k = len(y)
    if k < FEWEST:
        return CannotSay("too few people have an estimate", have=k, need=FEWEST, unit="people")
    if not np.ptp(y):
        return CannotSay("everybody’s estimate is the same to the last digit, as no records make them")
    found = together(y, v, np.ones((k, 1)))
    mean, se = float(found.coefficients[0]), math.sqrt(float(found.covariance[0, 0]))
    spread = between_interval(y, v, np.ones((k, 1)), level=level, t2=found.between_variance)
    return GroupMean(
        mean=mean,
        se=se,
        interval=found.interval([1.0], level),
        between_sd=math.sqrt(found.between_variance),
        between_interval=Interval(math.sqrt(spread[0]), math.sqrt(spread[1]), level),
        next_one=_next(spreads_of(y, v), level),
        share_between=found.between_variance / (found.between_variance + _typical(v)),
        borne_by=bearers(1.0 / (v + found.between_variance)),
        n=k,
    )


def bearers(w: Floats) -> float:
    """How many people bear a sum with these weights (k): all if each weighs the same, one if one weighs all (Kish)."""
    return float(w.sum() ** 2 / (w * w).sum())


def steadied(estimates: ArrayLike, sds: ArrayLike) -> Floats:
    """Each person's sd (k) as it would be if their estimate were the mean one, where sds go with estimates.

    A half-life that comes out short by chance also comes out sure, and weighing by that pulls the mean down: by .17 of
    a logarithm with 80 ratings each (docs/decisions/0024-groups.md). How the logarithm of an sd goes with the estimate
    is taken from a line, the more so the farther its slope is beyond what chance makes of independent ones.
    """
    y, v = checked(estimates, sds)
    logs, off = 0.5 * np.log(v), y - y.mean()
    spread = float(off @ off)
    if len(y) < FEWEST or spread <= 0.0:
        return np.sqrt(v)
    slope = float(off @ logs) / spread
    left = logs - logs.mean() - slope * off
    chance = float(left @ left) / (len(y) - 2) / spread
    kept = max(0.0, 1.0 - BY_CHANCE**2 * chance / slope**2) if slope else 0.0
    return np.asarray(np.exp(logs - kept * slope * off), np.float64)


def _typical(v: Floats) -> float:
    """The variance within that is typical of these people: Higgins and Thompson's."""
    w = 1.0 / v
    return float((len(v) - 1) * w.sum() / (w.sum() ** 2 - (w * w).sum()))


def checked(estimates: ArrayLike, sds: ArrayLike) -> tuple[Floats, Floats]:
    """Estimates (k) and variances (k). Refuses (`BadRequest`) what is not finite, or an sd that is not above 0."""
    y, sd = np.asarray(estimates, np.float64), np.asarray(sds, np.float64)
    if y.ndim != 1 or y.shape != sd.shape:
        raise BadRequest(f"{y.size} estimates can't be taken together with {sd.size} sds; give one for each")
    if not (np.isfinite(y).all() and np.isfinite(sd).all() and (sd > 0.0).all()):
        raise BadRequest("estimates and their sds must be finite, and every sd above 0")
    return y, sd * sd


def together(y: Floats, v: Floats, x: Floats) -> Together:
    """The model above for estimates (k), their variances (k) and what they may depend on, x (k, p), p < k."""
    k, p = x.shape
    t2 = _restricted(y, v, x)
    b, plain, left = _weighted(y, 1.0 / (v + t2), x)
    spread = max(float((left * left / (v + t2)).sum()) / (k - p), 1.0)
    return Together(b, plain * spread, t2, k - p, k)


def _weighted(y: Floats, w: Floats, x: Floats) -> tuple[Floats, Floats, Floats]:
    """Weighted least squares: coefficients, (X'WX)⁻¹, what is left."""
    inverse: Floats = np.asarray(np.linalg.inv((x * w[:, None]).T @ x), np.float64)
    b = inverse @ (x.T @ (w * y))
    return b, inverse, y - x @ b


def log_restricted(y: Floats, v: Floats, x: Floats, t2: float) -> float:
    """The restricted log likelihood of a variance between people, but for a constant."""
    w = 1.0 / (v + t2)
    _, inverse, left = _weighted(y, w, x)
    _, log_determinant = np.linalg.slogdet(inverse)
    return 0.5 * float(np.log(w).sum() + log_determinant - (w * left * left).sum())


def _score(y: Floats, v: Floats, x: Floats, t2: float) -> float:
    """The derivative of the restricted log likelihood by t²: ½ (y'PPy - tr P)."""
    w = 1.0 / (v + t2)
    _, inverse, left = _weighted(y, w, x)
    trace = float(w.sum() - np.einsum("ij,ji->", inverse, (x * (w * w)[:, None]).T @ x))
    return 0.5 * (float(((w * left) ** 2).sum()) - trace)


def _restricted(y: Floats, v: Floats, x: Floats) -> float:
    """The highest point of the restricted likelihood: the best of a grid, then where its slope is 0."""
    top = float(np.ptp(y)) ** 2 + float(v.max())
    grid = np.concatenate([[0.0], np.geomspace(1e-8 * top, 4.0 * top, GRID)])
    best = int(np.argmax([log_restricted(y, v, x, float(t2)) for t2 in grid]))
    if best == 0 and _score(y, v, x, 0.0) <= 0.0:
        return 0.0
    low, high = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, GRID)])
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _score(y, v, x, middle) > 0.0 else (low, middle)
    return 0.5 * (low + high)


def between_interval(
    y: Floats, v: Floats, x: Floats, *, level: float = LEVEL, tails: bool = True, t2: float | None = None
) -> tuple[float, float]:
    """Ends of an interval for t²: where Cochran's Q equals the quantiles of χ² with k - p degrees of freedom.

    `tails`: whether the degrees of freedom are fewer where tails are heavier than normal; `t2`: the best t², if known.
    """
    expected, tail = len(y) - x.shape[1], 0.5 * (1.0 - level)
    freedom = _freedom(y, v, x, at=_restricted(y, v, x) if t2 is None else t2) if tails else float(expected)

    def q(t2: float) -> float:
        w = 1.0 / (v + t2)
        left = _weighted(y, w, x)[2]
        return float((w * left * left).sum())

    def crossing(target: float) -> float:
        if q(0.0) <= target:
            return 0.0
        low, high = 0.0, float(np.ptp(y)) ** 2 + float(v.max())
        while q(high) > target:
            low, high = high, 4.0 * high
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if q(middle) > target else (low, middle)
        return 0.5 * (low + high)

    low, high = (2.0 * gamma_quantile(one, 0.5 * freedom) * expected / freedom for one in (1.0 - tail, tail))
    return crossing(low), crossing(high)


def _freedom(y: Floats, v: Floats, x: Floats, *, at: float) -> float:
    """Degrees of freedom for a variance `at` its best: fewer where what is left has heavier tails than normal."""
    w = 1.0 / (v + at)
    left = _weighted(y, w, x)[2] * np.sqrt(w)
    tails: float = len(y) * float((left**4).sum()) / float((left**2).sum()) ** 2
    return float(len(y) - x.shape[1]) * min(1.0, 2.0 / max(tails - 1.0, 1e-9))


@dataclass(frozen=True, slots=True, eq=False)
class Spreads:
    """Sds between people (points) with their chances, and at each the mean and its variance."""

    sds: Floats
    chances: Floats
    means: Floats
    variances: Floats


def spreads_of(y: Floats, v: Floats) -> Spreads:
    """Every sd t between people that estimates (k) and variances (k) allow, under a flat prior on t²."""
    wide = np.linspace(0.0, 3.0 * float(np.ptp(y)), 2 * POINTS)
    like = _along(y, v, wide)[0]
    near = np.flatnonzero(like > like.max() - FLAT)
    at = np.linspace(wide[max(near[0] - 1, 0)], wide[min(near[-1] + 1, len(wide) - 1)], POINTS)
    like, means, variances = _along(y, v, at)
    chances = at * np.exp(like - like.max())
    chances[[0, -1]] *= 0.5  # the ends of the grid stand for half a step
    return Spreads(at, chances / chances.sum(), means, variances)


def _along(y: Floats, v: Floats, sds: Floats) -> tuple[Floats, Floats, Floats]:
    """Restricted log likelihood, mean and its variance at each sd between people."""
    like, means, variances = (np.empty(len(sds)) for _ in range(3))
    step = max(1, AT_ONCE // len(y))
    for i in range(0, len(sds), step):
        some = slice(i, i + step)
        w = 1.0 / (v + sds[some, None] ** 2)
        total = w.sum(axis=1)
        means[some], variances[some] = w @ y / total, 1.0 / total
        off = (w * (y - means[some, None]) ** 2).sum(axis=1)
        like[some] = 0.5 * (np.log(w).sum(axis=1) - np.log(total) - off)
    return like, means, variances


def _next(spreads: Spreads, level: float) -> Interval:
    """Where a further person's own value lies, over all sds between people."""
    sds = np.sqrt(spreads.sds**2 + spreads.variances)
    ends = []
    for chance in (0.5 - 0.5 * level, 0.5 + 0.5 * level):
        low, high = float((spreads.means - 12.0 * sds).min()), float((spreads.means + 12.0 * sds).max())
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            below = sum(
                share * 0.5 * math.erfc((mean - middle) / (sd * math.sqrt(2.0)))
                for share, mean, sd in zip(spreads.chances, spreads.means, sds, strict=True)
            )
            low, high = (middle, high) if below < chance else (low, middle)
        ends.append(0.5 * (low + high))
    return Interval(ends[0], ends[1], level)
