"""Design-comparable effect sizes by restricted likelihood: models with trends and effects that vary between cases.

Pustejovsky, Hedges and Shadish (2014), J. Educational and Behavioral Statistics 39, 368-393: δ = p'b/√(r'θ), with θ
the variances; ν from the expected information of θ, κ the error of p'b over √(r'θ), g and its variance as in
`between_cases`. As `g_mlm` of R's lmeInfo and scdhlm, for two levels with AR(1) errors.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mainstay.errors import BadRequest
from mainstay.futures.scores import student_quantile
from mainstay.quantities import CannotSay, Interval
from mainstay.trials.between_cases import TOO_FEW, comparable_interval, comparable_variance
from mainstay.trials.between_cases_mixed import Mixed, fit, rows_of
from mainstay.trials.effect_sizes_kinds import LEVEL, Floats, normal_half
from mainstay.trials.effect_sizes_means import small_sample

POINTS = 600
LEAST_SHARE = 1e-6
"""A variance between cases below this share of that within is none: the search only came near 0."""
HALVINGS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Comparable:
    """g of a mixed model with its variance and interval. `spread`: √(r'θ); `kappa`, `nu`: legend above."""

    g: float
    variance: float
    interval: Interval
    unadjusted: float
    effect: float
    spread: float
    kappa: float
    nu: float
    model: Mixed

    @property
    def se(self) -> float:
        """√variance."""
        return math.sqrt(self.variance)

    def asymmetric(self, level: float = LEVEL) -> Interval:
        """The interval of δ by the noncentral t law, from the estimate before the correction (scdhlm)."""
        tail, at = 0.5 * (1.0 - level), self.unadjusted / self.kappa
        low = _shift(at, self.nu, 1.0 - tail)
        high = _shift(at, self.nu, tail)
        return Interval(self.kappa * low, self.kappa * high, level)


def _shift(at: float, freedom: float, chance: float) -> float:
    """The noncentrality at which a noncentral t stays under `at` with this chance."""
    reach = student_quantile(0.5 + 0.5 * LEVEL, freedom) * (2.0 + abs(at))
    low, high = at - 4.0 * reach, at + 4.0 * reach
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _under(at, freedom, middle) > chance else (low, middle)
    return 0.5 * (low + high)


def _under(at: float, freedom: float, shift: float) -> float:
    """P(T < at) of a noncentral t: normal chances averaged over the law of log s, s = √(χ²/ν), by a fine sum."""
    logs = np.linspace(-max(12.0 / math.sqrt(2.0 * freedom), 36.0 / freedom), 12.0 / math.sqrt(2.0 * freedom), POINTS)
    weights = np.exp(freedom * (logs - 0.5 * np.exp(2.0 * logs) + 0.5))
    chances = [0.5 * math.erfc((shift - at * one) / math.sqrt(2.0)) for one in np.exp(logs)]
    return float(weights @ chances / weights.sum())


def comparable(
    model: Mixed, effect: ArrayLike, *, spread: ArrayLike | None = None, level: float = LEVEL
) -> Comparable | CannotSay:
    """g of a fitted model: the combination `effect` (k,) of its fixed effects, in sd of a case at a time.

    `spread` (q,): the row of Z at which cases differ (the first column alone if not given). Needs variances that are
    not on the edge of what they can be.
    """
    if model.method != "REML":
        raise BadRequest("a design-comparable effect size is taken from a model by restricted likelihood")
    p = np.asarray(effect, np.float64)
    q = len(model.tau)
    z = np.eye(q)[0] if spread is None else np.asarray(spread, np.float64)
    if p.shape != model.beta.shape or z.shape != (q,):
        raise BadRequest(f"the effect weighs {len(model.beta)} coefficients, and the spread {q} columns")
    first, second = np.triu_indices(q)
    weights = np.where(first == second, 1.0, 2.0) * z[first] * z[second]
    weights = np.concatenate((weights, [1.0], np.zeros(int(model.phi is not None))))
    variance = float(z @ model.tau @ z) + model.sigma_squared
    information = _information(model)
    if not np.linalg.eigvalsh(information)[0] > 1e-14 * np.trace(information):
        return CannotSay("the variances can't be told apart in these values", n=model.observations)
    nu = 2.0 * variance**2 / float(weights @ np.linalg.solve(information, weights))
    if not nu > 1.0 + 1e-9:
        return TOO_FEW
    kappa = math.sqrt(float(p @ model.covariance @ p) / variance)
    unadjusted = float(p @ model.beta) / math.sqrt(variance)
    g = small_sample(nu) * unadjusted
    error = comparable_variance(g, kappa, nu)
    ends = comparable_interval(g, error, nu, level)
    return Comparable(g, error, ends, unadjusted, float(p @ model.beta), math.sqrt(variance), kappa, nu, model)


def _information(model: Mixed) -> Floats:
    """Expected information of (τ by its upper triangle, σ², φ): ½ tr(Q V_j Q V_k)."""
    rows = model.rows
    n, q = len(rows.y), len(model.tau)
    owner = np.cumsum(~rows.together)
    same = owner[:, None] == owner
    apart = np.where(same, np.abs(rows.time[:, None] - rows.time), 0.0)
    phi = model.phi
    alike = np.where(same, np.power(phi, apart), 0.0) if phi is not None else np.eye(n)
    changes = []
    for j, k in zip(*np.triu_indices(q), strict=True):
        outer = np.outer(rows.z[:, j], rows.z[:, k])
        changes.append(np.where(same, outer if j == k else outer + outer.T, 0.0))
    changes.append(alike)
    if phi is not None:
        slope = apart * np.power(phi, np.maximum(apart - 1.0, 0.0))
        changes.append(model.sigma_squared * np.where(same, slope, 0.0))
    whole = np.where(same, rows.z @ model.tau @ rows.z.T, 0.0) + model.sigma_squared * alike
    inverse = np.linalg.inv(whole)
    left = inverse @ rows.x
    projected = inverse - left @ np.linalg.solve(rows.x.T @ left, left.T)
    turned = [projected @ change for change in changes]
    return np.array([[0.5 * float((one * other.T).sum()) for other in turned] for one in turned])


def restricted(
    outcome: ArrayLike,
    treated: ArrayLike,
    case: Sequence[Hashable],
    time: ArrayLike,
    *,
    effects_vary: bool = False,
    level: float = LEVEL,
) -> Comparable | CannotSay:
    """g of the plain model: a level for each case, one effect (or, `effects_vary`, one for each case), AR(1) errors."""
    y, t = np.asarray(outcome, np.float64), np.asarray(time, np.float64)
    on = np.asarray(treated).astype(float)
    owner = list(case)
    if len({len(y), len(t), len(on), len(owner)}) != 1:
        raise BadRequest("outcome, treatment, case and time must be as long as each other")
    known = np.isfinite(y) & np.isfinite(t)
    columns = np.column_stack((np.ones(int(known.sum())), on[known]))
    varying = columns if effects_vary else columns[:, :1]
    rows = rows_of(y[known], columns, varying, [one for one, kept in zip(owner, known, strict=True) if kept], t[known])
    model = fit(rows, autoregressive=True)
    return model if isinstance(model, CannotSay) else comparable(model, [0.0, 1.0], level=level)


@dataclass(frozen=True, slots=True)
class BetweenCases:
    """A coefficient over the sd between and within cases, as the R package scan has it: nothing is corrected."""

    estimate: float
    se: float
    interval: Interval


def between_smd(
    model: Mixed, coefficient: int, *, within: bool = True, level: float = LEVEL
) -> BetweenCases | CannotSay:
    """A coefficient over √(variance of the level between cases + that within, if `within`); normal interval (scan)."""
    variance = float(model.tau[0, 0]) + (model.sigma_squared if within else 0.0)
    if not variance > LEAST_SHARE * model.sigma_squared:
        return CannotSay("the cases do not differ, so there is no spread between them to measure by")
    value, se = (float(one[coefficient]) / math.sqrt(variance) for one in (model.beta, model.se))
    reach = normal_half(level) * se
    return BetweenCases(value, se, Interval(value - reach, value + reach, level))
