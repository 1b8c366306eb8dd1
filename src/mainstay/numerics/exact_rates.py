"""Small counts handled exactly: rates, ratios of rates, and where the next count should lie.

Legend: N events in exposure E (days, hours); a gamma quantile of shape N over E bounds the rate (Garwood 1936); given
the sum of two Poisson counts, one of them is binomial, which bounds the ratio of their rates whatever the rates are
(Przyborowski and Wilenski 1940; the binomial's interval is that of Clopper and Pearson 1934). φ, the dispersion, is
variance over mean: counts over φ are treated as if they were Poisson. I_x(a, b) is the regularised incomplete beta
function.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest

Floats = NDArray[np.float64]
LARGE = 200.0
"""Above this expected count the limits of the next count are those of a normal."""
HALVINGS = 48


def poisson_interval(count: float, exposure: float, level: float = 0.90) -> tuple[float, float]:
    """Exact interval of a rate from `count` events in `exposure`; the low end is 0 where there was none.

    Each end leaves out (1 - level)/2, so the high end alone is a bound at (1 + level)/2. Refuses no exposure.
    """
    if not exposure > 0.0 or count < 0.0:
        raise BadRequest(f"{count} events in an exposure of {exposure} have no rate; exposure must be above 0")
    tail = 0.5 * (1.0 - level)
    low = gamma_quantile(tail, count) / exposure if count > 0.0 else 0.0
    return low, gamma_quantile(1.0 - tail, count + 1.0) / exposure


def ratio_interval(
    later: tuple[float, float], earlier: tuple[float, float], level: float = 0.90
) -> tuple[float, float]:
    """Exact interval of the later rate over the earlier one, each given as (events, exposure).

    The high end is infinite where there was no earlier event, the low end 0 where there was no later one.
    """
    (after, after_for), (before, before_for) = later, earlier
    if not (after_for > 0.0 and before_for > 0.0):
        raise BadRequest("a ratio of two rates needs exposure in both stretches")
    tail, scale = 0.5 * (1.0 - level), before_for / after_for
    low = beta_quantile(tail, after, before + 1.0) if after > 0.0 else 0.0
    high = beta_quantile(1.0 - tail, after + 1.0, before) if before > 0.0 else 1.0
    return scale * low / (1.0 - low), scale * high / (1.0 - high) if high < 1.0 else math.inf


def next_count_limits(
    count: float, exposure: float, ahead: float, dispersion: float, tail: float
) -> tuple[float, float]:
    """Where the count in an exposure `ahead` should lie, from `count` in `exposure` before, but for `tail` each side.

    The rate is gamma(N, E) after the past, so the next count is negative binomial; counts are taken over φ.
    """
    shape, chance = count / dispersion, ahead / (exposure + ahead)
    mean = count * ahead / exposure
    if shape <= 0.0:
        return 0.0, math.inf
    if mean / dispersion > LARGE:
        reach = NormalDist().inv_cdf(1.0 - tail) * math.sqrt(dispersion * mean * (1.0 + ahead / exposure))
        return max(mean - reach, 0.0), mean + reach
    at, k = math.exp(shape * math.log1p(-chance)), 0
    below, low = at, 0
    while below < 1.0 - tail and k < 100.0 * LARGE:
        at *= chance * (shape + k) / (k + 1.0)
        k += 1
        if below <= tail:
            low = k
        below += at
    return dispersion * low, dispersion * k


@lru_cache(maxsize=4096)
def gamma_quantile(chance: float, shape: float) -> float:
    """The value that a gamma variable of this shape (scale 1) stays under with this chance."""
    low, high = 0.0, shape + 1.0
    while _lower_gamma(shape, high) < chance:
        low, high = high, 2.0 * high
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _lower_gamma(shape, middle) < chance else (low, middle)
    return 0.5 * (low + high)


def _lower_gamma(shape: float, x: float) -> float:
    """P(a, x): the chance of a gamma variable below x; a series below a + 1, else a continued fraction."""
    if x <= 0.0:
        return 0.0
    front = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    depth = 40 + int(6.0 * math.sqrt(shape))
    if x < shape + 1.0:
        total = term = 1.0 / shape
        for k in range(1, 4 * depth):
            term *= x / (shape + k)
            total += term
            if term < 1e-16 * total:
                break
        return min(front * total, 1.0)
    fraction = x + 2.0 * depth + 1.0 - shape
    for k in range(depth, 0, -1):
        fraction = x + 2.0 * k - 1.0 - shape - k * (k - shape) / fraction
    return 1.0 - front / fraction


@lru_cache(maxsize=4096)
def beta_quantile(chance: float, a: float, b: float) -> float:
    """The value that a beta(a, b) variable stays under with this chance."""
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if incomplete_beta(a, b, middle) < chance else (low, middle)
    return 0.5 * (low + high)


def incomplete_beta(a: float, b: float, x: float) -> float:
    """I_x(a, b), the chance of a beta(a, b) variable below x."""
    if not 0.0 < x < 1.0:
        return 0.0 if x <= 0.0 else 1.0
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    if x < (a + 1.0) / (a + b + 2.0):
        return math.exp(log_front) / (a * float(_beta_fraction(a, b, x, max(a, b))))
    return 1.0 - math.exp(log_front) / (b * float(_beta_fraction(b, a, 1.0 - x, max(a, b))))


def student_tail(t: Floats, freedom: Floats) -> Floats:
    """P(T > t) of Student's t, for t (n,) of 0 or more and its degrees of freedom (n,): I_x(f/2, 1/2)/2, x = f/(f+t²).

    Exact in the far tail too, where a difference from 1 would be lost.
    """
    t, freedom = np.broadcast_arrays(np.asarray(t, float), np.asarray(freedom, float))
    a, b = 0.5 * freedom, 0.5
    x = freedom / (freedom + t * t)
    unlike, which = np.unique(a, return_inverse=True)
    gammas = np.array([math.lgamma(one + b) - math.lgamma(one) - math.lgamma(b) for one in unlike])[which]
    front = np.exp(gammas + a * np.log(x) + b * np.log(np.maximum(1.0 - x, 1e-300)))
    deepest = float(np.max(a, initial=1.0))
    straight = x < (a + 1.0) / (a + b + 2.0)
    other = np.where(straight, x, 1.0 - x)
    first, second = np.where(straight, a, b), np.where(straight, b, a)
    part: Floats = front / (first * _beta_fraction(first, second, other, deepest))
    return 0.5 * np.where(straight, part, 1.0 - part)


def _beta_fraction(a: Any, b: Any, x: Any, largest: float) -> Any:
    """The continued fraction of I_x(a, b), from its depth upwards: numbers or arrays alike."""
    fraction: Any = 1.0
    for m in range(30 + int(3.0 * math.sqrt(largest)), 0, -1):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        fraction = 1.0 + even / (1.0 + odd / fraction)
    return 1.0 - (a + b) * x / ((a + 1.0) * fraction)
