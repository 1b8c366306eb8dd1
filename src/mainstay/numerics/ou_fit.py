"""A whole fit of the scalar Ornstein-Uhlenbeck state space model in compiled code: estimates with intervals.

Legend in `ou_filter`. What is maximised is the restricted likelihood (the mean integrated out: plain maximum likelihood
takes a short record's slow swings for its mean, and its intervals cover too little; Cheang and Reinsel 2000), with s in
closed form, so the search has two coordinates, log rate and log v: the best place of a small grid, then BFGS until a
Hessian from central differences of the gradient says that nothing is left to gain. Covariance of (mean, log rate,
log sigma, log s): with C that of (log rate, log v), it is C carried by the slopes of the mean and of log s^2 on the
profile, with the mean's own variance s^2 / sum(keep e1^2) and 2 / (n - 1) of log s^2 added (e1: the misses of readings
that are all one). The mean's interval takes Student's law, its degrees of freedom by Satterthwaite from the slope of
the log of that variance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numba import njit

from mainstay.errors import BadRequest
from mainstay.numerics.kernels import ENTRY, FAST, INNER
from mainstay.numerics.ou_filter import (
    BEFORE,
    BEFORE_ONE,
    BEND,
    CENTRED,
    CLOCK,
    DECAY,
    KEEP,
    MISS,
    MISS_ONE,
    PULL,
    Floats,
    Series,
    adjoint,
    dot,
    filter_means,
    filter_means_of_one,
    filter_variances,
    make_work,
)
from mainstay.quantities import Interval

# how a search ends; TOO_FEW readings, all the same, a rate or ratio that runs away, or no settled maximum
SETTLED, TOO_FEW, CONSTANT, AT_THE_EDGE, FLAT = 0, 1, 2, 3, 4
STATUSES = ("settled", "too few readings", "readings all the same", "ran away", "too flat to settle")
FEWEST = 10
WIDEST = 2.0  # of a log parameter, as a standard deviation: beyond it the data say nothing
LOW_RATIO, HIGH_RATIO = math.log(1e-3), math.log(1e5)
GRID_RATES, GRID_RATIOS = (3.0, 30.0, 300.0), (0.5, 5.0)
STEP = 1e-3
SIDES = ((0.0, 0.0), (-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0))  # the place itself, then around it
LONGEST_STEP = 1.5

# what a place of the profile holds
VALUE, BY_RATE, BY_RATIO, MEAN, LOG_S2, LOG_INFORMATION, FACTS = 0, 1, 2, 3, 4, 5, 6


@njit(**FAST)
def _sums(keep, miss, one):  # type: ignore[no-untyped-def]
    squares, cross, ones = 0.0, 0.0, 0.0
    for i in range(len(keep)):
        a, b, k = miss[i], one[i], keep[i]
        squares += k * a * a
        cross += k * a * b
        ones += k * b * b
    return squares, cross, ones


@njit(**FAST)
def _centre(mean, miss, before, one, before_one):  # type: ignore[no-untyped-def]
    for i in range(len(miss)):
        miss[i] -= mean * one[i]
        before[i] -= mean * before_one[i]


@njit(**INNER)
def profile(gaps, readings, log_rate, log_ratio, with_gradient, work, place):  # type: ignore[no-untyped-def]
    """Fill `place` (FACTS) with the restricted log likelihood maximised over s, and where mean and s are there."""
    n, rate, v = len(gaps), math.exp(log_rate), math.exp(log_ratio)
    decay, keep, miss, before = work[DECAY], work[KEEP], work[MISS], work[BEFORE]
    log_determinant = filter_variances(gaps, rate, v, decay, keep)
    filter_means(readings, 0.0, decay, keep, miss, before)
    filter_means_of_one(decay, keep, work[MISS_ONE], work[BEFORE_ONE])
    squares, cross, ones = _sums(keep, miss, work[MISS_ONE])
    mean = cross / ones
    s2 = max((squares - cross * mean) / (n - 1), 1e-300)
    place[VALUE] = -0.5 * ((n - 1) * (math.log(2.0 * math.pi * s2) + 1.0) + log_determinant + math.log(ones))
    place[MEAN], place[LOG_S2], place[LOG_INFORMATION] = mean, math.log(s2), math.log(ones / s2)
    if with_gradient:
        _centre(mean, miss, before, work[MISS_ONE], work[BEFORE_ONE])
        place[BY_RATE] = place[BY_RATIO] = 0.0
        # first the likelihood itself, then -1/2 log(ones), the determinant of the mean
        for part in range(2):
            misses, befores = work[MISS + part * (MISS_ONE - MISS)], work[BEFORE + part * (BEFORE_ONE - BEFORE)]
            precision, determinant = (1.0 / s2, 1.0) if part == 0 else (1.0 / ones, 0.0)
            _, by_v = adjoint(
                v, precision, determinant, decay, keep, misses, befores, work[PULL], work[BEND], work[CLOCK]
            )
            place[BY_RATE] += rate * dot(work[CLOCK], gaps)
            place[BY_RATIO] += v * by_v


@njit(**INNER)
def _start(gaps, readings, span, work, place, at):  # type: ignore[no-untyped-def]
    best = -math.inf
    fastest = 2.0 * len(gaps) / span
    for reversions in GRID_RATES:
        log_rate = math.log(min(reversions / span, fastest))
        for ratio in GRID_RATIOS:
            profile(gaps, readings, log_rate, math.log(ratio), False, work, place)
            if place[VALUE] > best:
                best = place[VALUE]
                at[0], at[1] = log_rate, math.log(ratio)


@njit(**INNER)
def _bend(gaps, readings, at, work, facts, precision, slopes):  # type: ignore[no-untyped-def]
    """Fill facts[0] with the place `at`, and the profile's negated Hessian (2, 2) there.

    slopes (3, 2): of the mean, of log s^2 and of the mean's log information.
    """
    for k in range(5):
        dx, dy = SIDES[k]
        profile(gaps, readings, at[0] + STEP * dx, at[1] + STEP * dy, True, work, facts[k])
    for j in range(2):
        low, high = facts[2 * j + 1], facts[2 * j + 2]
        for i in range(2):
            precision[i, j] = (low[BY_RATE + i] - high[BY_RATE + i]) / (2.0 * STEP)
        for i in range(3):
            slopes[i, j] = (high[MEAN + i] - low[MEAN + i]) / (2.0 * STEP)
    precision[0, 1] = precision[1, 0] = 0.5 * (precision[0, 1] + precision[1, 0])


@njit(**INNER)
def _inverse(precision, positive, inverse):  # type: ignore[no-untyped-def]
    """Inverse of a symmetric (2, 2); with `positive`, eigenvalues are made positive. False where it is not."""
    a, b, d = precision[0, 0], precision[0, 1], precision[1, 1]
    half, spread = 0.5 * (a + d), math.hypot(0.5 * (a - d), b)
    first, second = half + spread, half - spread
    good = second > 1e-8 * max(first, 1e-300)
    if positive:
        first, second = max(abs(first), 1.0), max(abs(second), 1.0)
    elif not good:
        return False
    angle = 0.5 * math.atan2(2.0 * b, a - d)
    c, s = math.cos(angle), math.sin(angle)
    inverse[0, 0] = c * c / first + s * s / second
    inverse[1, 1] = s * s / first + c * c / second
    inverse[0, 1] = inverse[1, 0] = c * s * (1.0 / first - 1.0 / second)
    return good


@njit(**INNER)
def _within(x, low, high):  # type: ignore[no-untyped-def]
    return low if x < low else (high if x > high else x)


@njit(**INNER)
def _climb(gaps, readings, low, high, at, inverse, work, facts):  # type: ignore[no-untyped-def]
    """BFGS inside a box, from `at`; facts[0] holds the place `at`, first and last."""
    here, there = facts[0], facts[1]
    step, turned = np.empty(2), np.empty(2)
    for _ in range(30):
        for i in range(2):
            step[i] = inverse[i, 0] * here[BY_RATE] + inverse[i, 1] * here[BY_RATIO]
        slope = step[0] * here[BY_RATE] + step[1] * here[BY_RATIO]
        if slope < 1e-7:
            return
        longest = max(abs(step[0]), abs(step[1]))
        size = min(1.0, LONGEST_STEP / longest)
        moved = False
        for _halving in range(10):
            x = _within(at[0] + size * step[0], low[0], high[0])
            y = _within(at[1] + size * step[1], low[1], high[1])
            profile(gaps, readings, x, y, True, work, there)
            if there[VALUE] > here[VALUE] + 1e-4 * size * slope:
                moved = True
                break
            size *= 0.35
        if not moved:
            return
        step[0], step[1] = x - at[0], y - at[1]
        at[0], at[1] = x, y
        for i in range(2):
            turned[i] = here[BY_RATE + i] - there[BY_RATE + i]
        for i in range(FACTS):
            here[i] = there[i]
        curvature = step[0] * turned[0] + step[1] * turned[1]
        if curvature > 1e-10:
            p = inverse[0, 0] * turned[0] + inverse[0, 1] * turned[1]
            q = inverse[1, 0] * turned[0] + inverse[1, 1] * turned[1]
            more = (1.0 + (turned[0] * p + turned[1] * q) / curvature) / curvature
            inverse[0, 0] += more * step[0] * step[0] - 2.0 * p * step[0] / curvature
            inverse[1, 1] += more * step[1] * step[1] - 2.0 * q * step[1] / curvature
            inverse[0, 1] += more * step[0] * step[1] - (p * step[1] + q * step[0]) / curvature
            inverse[1, 0] = inverse[0, 1]


@njit(**INNER)
def _report(n, at, place, inverse, slopes, estimate, covariance):  # type: ignore[no-untyped-def]
    """Fill estimate (4) and covariance (4, 4); return the degrees of freedom of the mean's standard error."""
    estimate[0] = place[MEAN]
    estimate[1] = at[0]
    estimate[2] = 0.5 * (at[1] + place[LOG_S2] + math.log(2.0) + at[0])
    estimate[3] = 0.5 * place[LOG_S2]
    rows = np.zeros((4, 2))
    for j in range(2):
        rows[0, j] = slopes[0, j]
        rows[2, j] = 0.5 * (1.0 + slopes[1, j])
        rows[3, j] = 0.5 * slopes[1, j]
    rows[1, 0] = 1.0
    for i in range(4):
        for j in range(4):
            total = 0.0
            for k in range(2):
                for l in range(2):
                    total += rows[i, k] * inverse[k, l] * rows[j, l]
            covariance[i, j] = total
    covariance[0, 0] += math.exp(-place[LOG_INFORMATION])
    for i in range(2, 4):
        for j in range(2, 4):
            covariance[i, j] += 0.5 / (n - 1)
    a, b = slopes[2, 0], slopes[2, 1]
    return 2.0 / (a * a * inverse[0, 0] + 2.0 * a * b * inverse[0, 1] + b * b * inverse[1, 1] + 2.0 / (n - 1))


@njit(**ENTRY)
def fit_one(gaps, readings, work, estimate, covariance):  # type: ignore[no-untyped-def]
    """Fit one series; fill estimate (4) and covariance (4, 4).

    Returns the status, the restricted log likelihood, and the degrees of freedom of the mean's standard error.
    """
    n, span, average, lowest, highest = len(gaps), 0.0, 0.0, math.inf, -math.inf
    for i in range(n):
        span += gaps[i]
        average += readings[i] / n
        lowest, highest = min(lowest, readings[i]), max(highest, readings[i])
    if n < FEWEST or not span > 0.0:
        return TOO_FEW, 0.0, 0.0
    if not highest > lowest:
        return CONSTANT, 0.0, 0.0
    # around their own average, so that a far-off zero costs no digits
    values = work[CENTRED]
    for i in range(n):
        values[i] = readings[i] - average
    facts, at = np.empty((len(SIDES), FACTS)), np.empty(2)
    precision, inverse, slopes = np.empty((2, 2)), np.empty((2, 2)), np.empty((3, 2))
    low = np.array([math.log(0.3 / span), LOW_RATIO])
    high = np.array([math.log(10.0 * n / span), HIGH_RATIO])
    _start(gaps, values, span, work, facts[0], at)
    here = facts[0]
    status, freedom = FLAT, 0.0
    for _ in range(4):
        _bend(gaps, values, at, work, facts, precision, slopes)
        if _inverse(precision, False, inverse):
            a, b = here[BY_RATE], here[BY_RATIO]
            if a * a * inverse[0, 0] + 2.0 * a * b * inverse[0, 1] + b * b * inverse[1, 1] < 1e-4:
                status = SETTLED
                break
        _inverse(precision, True, inverse)
        _climb(gaps, values, low, high, at, inverse, work, facts)
    edge = 0.1
    if min(at[0] - low[0], high[0] - at[0], at[1] - low[1], high[1] - at[1]) < edge:
        status = AT_THE_EDGE
    if status == SETTLED:
        freedom = _report(n, at, here, inverse, slopes, estimate, covariance)
        estimate[0] += average
        for i in range(1, 4):
            if not covariance[i, i] < WIDEST * WIDEST:
                status = FLAT
    return status, here[VALUE], freedom


# each quantity as (weights of mean, log rate, log sigma, log s; constant): exp of the sum, but for the mean
_LOG2 = math.log(2.0)
QUANTITIES = {
    "mean": ((1.0, 0.0, 0.0, 0.0), 0.0),
    "rate": ((0.0, 1.0, 0.0, 0.0), 0.0),
    "sigma": ((0.0, 0.0, 1.0, 0.0), 0.0),
    "reading_sd": ((0.0, 0.0, 0.0, 1.0), 0.0),
    "half_life": ((0.0, -1.0, 0.0, 0.0), math.log(_LOG2)),
    "sd": ((0.0, -0.5, 1.0, 0.0), -0.5 * _LOG2),
}


def student_quantile(p: float, freedom: float) -> float:
    """Quantile of Student's t by Cornish-Fisher, within 3 % at p = .95; fewer than 2.5 degrees count as 2.5."""
    z, f = NormalDist().inv_cdf(p), max(freedom, 2.5)
    return z + (z**3 + z) / (4.0 * f) + (5.0 * z**5 + 16.0 * z**3 + 3.0 * z) / (96.0 * f * f)


@dataclass(frozen=True, slots=True, eq=False)
class OuFit:
    """Estimate (4) of mean, log rate, log sigma and log s, with covariance (4, 4); only a settled fit has them.

    `log_likelihood` is the restricted one. Values and intervals go by the names in QUANTITIES; `sd` is that of the
    process when settled, `half_life` log 2 / rate.
    """

    status: str
    readings: int
    log_likelihood: float
    estimate: Floats
    covariance: Floats
    mean_freedom: float

    @property
    def converged(self) -> bool:
        """Whether the search settled on a maximum that the data can tell."""
        return self.status == STATUSES[SETTLED]

    def _located(self, name: str) -> tuple[float, float]:
        if not self.converged:
            raise BadRequest(f"this fit has no estimates ({self.status}); ask `converged` first")
        if name not in QUANTITIES:
            raise BadRequest(f"{name!r} is not estimated; choose among {', '.join(QUANTITIES)}")
        weights, constant = QUANTITIES[name]
        row = np.array(weights)
        return constant + float(row @ self.estimate), math.sqrt(float(row @ self.covariance @ row))

    def value(self, name: str) -> float:
        """The estimate of a quantity."""
        at, _ = self._located(name)
        return at if name == "mean" else math.exp(at)

    def interval(self, name: str, level: float = 0.90) -> Interval:
        """Its confidence interval; symmetric on the log scale but for the mean."""
        at, sd = self._located(name)
        p = 0.5 + 0.5 * level
        if name == "mean":
            reach = student_quantile(p, self.mean_freedom) * sd
            return Interval(at - reach, at + reach, level)
        reach = NormalDist().inv_cdf(p) * sd
        return Interval(math.exp(at - reach), math.exp(at + reach), level)


def fit(readings: Series, work: Floats | None = None) -> OuFit:
    """Fit one series; one that is too thin, or that has no settled maximum, comes back so by its status."""
    n = len(readings.gaps)
    scratch = make_work(n) if work is None else work
    estimate, covariance = np.zeros(4), np.zeros((4, 4))
    status, value, freedom = fit_one(readings.gaps, readings.values, scratch, estimate, covariance)
    return OuFit(STATUSES[status], n, float(value), estimate, covariance, float(freedom))
