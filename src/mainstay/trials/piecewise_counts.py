"""Piecewise regression of counts (Poisson, log link) and of shares of trials (binomial, logit link) of one case.

Maximum likelihood by iterated least squares, as R's `glm`; intervals by the profile of the likelihood: the values of a
coefficient at which the deviance is z² above its least. Counts that scatter more than Poisson's law has it make the
errors too small: `dispersion` (Pearson's χ² over its freedom) well above 1 says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay, Interval
from mainstay.trials.effect_sizes import Case
from mainstay.trials.effect_sizes_kinds import LEVEL, Floats, chi_squared_tail, normal_half, two_sided
from mainstay.trials.piecewise import Term
from mainstay.trials.piecewise_design import Model, design

Family = Literal["poisson", "binomial"]
ROUNDS, SETTLED = 60, 1e-11
MOST_STEPS, CLOSE = 60, 1e-9
FARTHEST = 20
"""An interval's end is looked for up to this many standard errors (times z) away."""
LEAST_MEAN = 1e-12
FARTHEST_ETA, WORST = 40.0, 1e14
"""Logarithms of means beyond this, and coefficients that hang together so closely, are without end."""
NEAR_NOTHING = 1e-6
"""Expected counts below this say that a coefficient runs away to infinity."""


@dataclass(frozen=True, slots=True)
class Counts:
    """A fitted regression of counts or shares: on the log scale; exp of a term is a ratio of rates or of odds.

    `chi2` with `freedom`: how much lower the deviance is than with a constant alone, and its p.
    """

    terms: tuple[Term, ...]
    observations: int
    deviance: float
    chi2: float
    freedom: int
    p: float
    aic: float
    dispersion: float

    def term(self, name: str) -> Term:
        """The coefficient of this name. Refuses one that the model hasn't."""
        for one in self.terms:
            if one.name == name:
                return one
        raise BadRequest(f"the model has no term {name!r}; it has {', '.join(one.name for one in self.terms)}")


@dataclass(frozen=True, slots=True, eq=False)
class _Data:
    """`counts` (n,) of `trials` (n,; all 1 for Poisson)."""

    family: Family
    counts: Floats
    trials: Floats

    def expected(self, eta: Floats) -> tuple[Floats, Floats]:
        """Mean and its variance (n,) at the linear predictor."""
        if self.family == "poisson":
            mean = np.exp(np.clip(eta, -700.0, 700.0))
            return mean, mean
        share = 1.0 / (1.0 + np.exp(np.clip(-eta, -700.0, 700.0)))
        return self.trials * share, self.trials * share * (1.0 - share)

    def deviance(self, mean: Floats) -> float:
        """Twice how far the likelihood is below that of means equal to the counts."""
        total = self.counts * _log_ratio(self.counts, mean)
        if self.family == "poisson":
            return 2.0 * float((total - (self.counts - mean)).sum())
        lost, rest = self.trials - self.counts, self.trials - mean
        return 2.0 * float((total + lost * _log_ratio(lost, rest)).sum())

    def log_likelihood(self, mean: Floats) -> float:
        """With its constants."""
        safe = np.maximum(mean, LEAST_MEAN)
        if self.family == "poisson":
            logs = [math.lgamma(one + 1.0) for one in self.counts]
            return float((self.counts * np.log(safe) - mean - logs).sum())
        whole = np.array([_log_choose(n, k) for n, k in zip(self.trials, self.counts, strict=True)])
        rest = np.maximum(self.trials - mean, LEAST_MEAN)
        parts = self.counts * np.log(safe / self.trials) + (self.trials - self.counts) * np.log(rest / self.trials)
        return float((whole + parts).sum())


def _log_ratio(observed: Floats, expected: Floats) -> Floats:
    ratio = np.where(observed > 0.0, observed, 1.0) / np.maximum(np.where(observed > 0.0, expected, 1.0), LEAST_MEAN)
    return np.log(ratio)


def _log_choose(n: float, k: float) -> float:
    return math.lgamma(n + 1.0) - math.lgamma(k + 1.0) - math.lgamma(n - k + 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    beta: Floats
    covariance: Floats
    mean: Floats
    deviance: float
    settled: bool


def _fit(columns: Floats, data: _Data, offset: Floats, near: Floats | None = None) -> _Fit:
    """Iterated weighted least squares, the step halved while the deviance rises; `near` (k,) to begin from."""
    k = columns.shape[1]
    start = (data.counts + 0.5) / (data.trials + 1.0)
    eta = np.log(data.counts + 0.1) if data.family == "poisson" else np.log(start / (1.0 - start))
    beta, before = np.zeros(k), math.inf
    if near is not None:
        eta = columns @ near + offset
    covariance: Floats = np.eye(k)
    mean, variance = data.expected(eta)
    for _ in range(ROUNDS):
        weight = np.maximum(variance, LEAST_MEAN)
        working = eta - offset + (data.counts - mean) / weight
        precision = columns.T @ (columns * weight[:, None])
        if not (np.isfinite(precision).all() and np.linalg.cond(precision) < WORST):
            return _Fit(beta, covariance, mean, before, settled=False)
        covariance = np.asarray(np.linalg.inv(precision), np.float64)
        ahead = covariance @ (columns.T @ (weight * working))
        for _halving in range(20):
            eta = np.clip(columns @ ahead + offset, -FARTHEST_ETA, FARTHEST_ETA)
            mean, variance = data.expected(eta)
            deviance = data.deviance(mean)
            if math.isfinite(deviance) and (deviance <= before + 1e-9 or before == math.inf):
                break
            ahead = 0.5 * (ahead + beta)
        beta = ahead
        if abs(before - deviance) < SETTLED * (abs(deviance) + 0.1):
            return _Fit(beta, covariance, mean, deviance, settled=True)
        before = deviance
    return _Fit(beta, covariance, mean, before, settled=False)


def plm_counts(
    case: Case,
    family: Family,
    model: Model | None = None,
    *,
    trials: ArrayLike | None = None,
    level: float = LEVEL,
) -> Counts | CannotSay:
    """The piecewise regression of counts, or of `trials` (one number, or one for each row) that came off.

    Refuses negative counts, counts above their trials, and a binomial family without trials.
    """
    rows = design(case, model or Model())
    n, k = rows.columns.shape
    known = ~np.isnan(case.values)
    if family == "binomial" and trials is None:
        raise BadRequest("a binomial regression needs the number of trials of each value")
    each = np.broadcast_to(np.asarray(1.0 if trials is None else trials, np.float64), known.shape)[known]
    if family not in ("poisson", "binomial"):
        raise BadRequest(f"counts are 'poisson' or 'binomial', not {family!r}")
    if (rows.values < 0.0).any() or (family == "binomial" and (rows.values > each).any()):
        raise BadRequest("a count lies between 0 and its trials")
    if n <= k or np.linalg.matrix_rank(rows.columns) < k:
        return CannotSay("too few values for so many coefficients", have=n, need=k + 1, unit="values", n=n)
    data = _Data(family, rows.values, each)
    fitted, flat = _fit(rows.columns, data, np.zeros(n)), _fit(np.ones((n, 1)), data, np.zeros(n))
    nothing = min(float(fitted.mean.min()), float((each - fitted.mean).min()) if family == "binomial" else 1.0)
    if not (fitted.settled and nothing > NEAR_NOTHING):
        return CannotSay("the counts can't tell the coefficients: a phase is all or nothing", n=n)
    terms = tuple(_term(rows.columns, data, fitted, j, name=name, level=level) for j, name in enumerate(rows.names))
    if any(term is None for term in terms):
        return CannotSay("the counts can't tell the coefficients: a phase is all or nothing", n=n)
    chi = flat.deviance - fitted.deviance
    _, variance = data.expected(_eta(data, fitted.mean))
    pearson = float(((data.counts - fitted.mean) ** 2 / np.maximum(variance, LEAST_MEAN)).sum())
    aic = 2.0 * k - 2.0 * data.log_likelihood(fitted.mean)
    kept = tuple(term for term in terms if term is not None)
    return Counts(kept, n, fitted.deviance, chi, k - 1, chi_squared_tail(chi, k - 1), aic, pearson / (n - k))


def _eta(data: _Data, mean: Floats) -> Floats:
    safe = np.maximum(mean, LEAST_MEAN)
    return np.log(safe) if data.family == "poisson" else np.log(safe / np.maximum(data.trials - mean, LEAST_MEAN))


def _term(columns: Floats, data: _Data, fitted: _Fit, j: int, *, name: str, level: float) -> Term | None:
    value, se = float(fitted.beta[j]), math.sqrt(float(fitted.covariance[j, j]))
    bar = normal_half(level)
    others, near = np.delete(columns, j, axis=1), np.delete(fitted.beta, j)

    def over(at: float) -> float:
        gained = _fit(others, data, columns[:, j] * at, near).deviance - fitted.deviance
        return math.sqrt(max(gained, 0.0)) - bar

    ends = [_crossing(over, value, value + way * bar * se, bar) for way in (-1.0, 1.0)]
    if ends[0] is None or ends[1] is None:
        return None
    return Term(name, value, se, Interval(ends[0], ends[1], level), value / se, two_sided(value / se))


def _crossing(over: Callable[[float], float], inside: float, outside: float, bar: float) -> float | None:
    """Where `over`, -bar at `inside`, comes to 0: out until it is passed, then by the secant kept between both ends.

    The root of the deviance is nearly straight in a coefficient, so a few steps do (regula falsi, Illinois).
    """
    step, low, high, side = outside - inside, -bar, over(outside), 0
    for _ in range(FARTHEST):
        if high >= 0.0:
            break
        inside, low, outside = outside, high, outside + step
        high = over(outside)
    else:
        return None
    middle = outside
    for _ in range(MOST_STEPS):
        middle = outside - high * (outside - inside) / (high - low)
        here = over(middle)
        if abs(here) < CLOSE:
            break
        if here < 0.0:
            inside, low, high = middle, here, 0.5 * high if side < 0 else high
            side = -1
        else:
            outside, high, low = middle, here, 0.5 * low if side > 0 else low
            side = 1
    return middle
