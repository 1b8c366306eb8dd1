"""A scalar Ornstein-Uhlenbeck process seen through irregular noisy readings: log likelihood with exact gradient, O(n).

    dx = -rate (x - mean) dt + sigma dW,   y_i = x(t_i) + N(0, s^2),   x(t_0) from the stationary law N(mean, V)

Legend: V = sigma^2 / (2 rate); v = V / s^2; over the gap before reading i: E_i = exp(-rate gap_i), D_i = E_i^2
(E_0 = 0: nothing is known before the first reading). In units of s^2, with e_i the reading less its prediction:

    predicted variance     p_i = v (1 - D_i) + D_i P_{i-1}
    keep_i = 1 / (1 + p_i),   gain = P_i = p_i keep_i = 1 - keep_i,   m_i = E_i m_{i-1} + P_i e_i
    log likelihood         -1/2 (n log(2 pi s^2) - sum log keep_i + sum keep_i e_i^2 / s^2)

P_i is a ratio u_i / w_i of two numbers that obey a linear recursion, so the chain from reading to reading has neither a
division nor a logarithm in it, and the log determinant telescopes: sum log(1 + p_i) = log w_n (Kalman's filter as a
Moebius map; the numbers are rescaled every `BLOCK` readings). The gradient is the filter's adjoint, run backwards.
A rate that changes with time is a change of clock: stretch the gaps; `clock` then holds d log L / d(rate gap_i).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.numerics.exponential import fast_exp
from mainstay.numerics.kernels import ENTRY, FAST

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PARAMETERS = ("mean", "rate", "sigma", "reading_sd")
BLOCK = 32
MOST_RATIO = 1e9  # of V to s^2: (1 + v)^BLOCK must stay a finite number

# rows of the scratch array
DECAY, KEEP, MISS, BEFORE, MISS_ONE, BEFORE_ONE, PULL, BEND, CLOCK, CENTRED, ROWS = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10


@njit(**FAST)
def _decays(rate, gaps, decay):  # type: ignore[no-untyped-def]
    for i in range(len(gaps)):
        decay[i] = fast_exp(-rate * gaps[i])
    decay[0] = 0.0


@njit(**FAST)
def filter_variances(gaps, rate, v, decay, keep):  # type: ignore[no-untyped-def]
    """Fill decay and keep; return the log determinant in units of s^2, sum log(1 + p_i)."""
    _decays(rate, gaps, decay)
    n = len(gaps)
    total, u, w = 0.0, 0.0, 1.0
    for start in range(0, n, BLOCK):
        for i in range(start, min(start + BLOCK, n)):
            d = decay[i] * decay[i]
            u = v * (1.0 - d) * w + d * u
            after = u + w
            keep[i] = w / after
            w = after
        total += math.log(w)
        u /= w
        w = 1.0
    return total


@njit(**FAST)
def filter_means(readings, mean, decay, keep, miss, before):  # type: ignore[no-untyped-def]
    """Fill the misses and the filtered means before each reading (as distances from the mean)."""
    m = 0.0
    for i in range(len(readings)):
        before[i] = m
        z = readings[i] - mean
        m = keep[i] * decay[i] * m + (1.0 - keep[i]) * z
    for i in range(len(readings)):
        miss[i] = readings[i] - mean - decay[i] * before[i]


@njit(**FAST)
def filter_means_of_one(decay, keep, miss, before):  # type: ignore[no-untyped-def]
    """The same filter run over readings that are all one: how the misses depend on the mean."""
    m = 0.0
    for i in range(len(decay)):
        before[i] = m
        m = keep[i] * decay[i] * m + (1.0 - keep[i])
    for i in range(len(decay)):
        miss[i] = 1.0 - decay[i] * before[i]


@njit(**FAST)
def weighted_sum(first, second, keep):  # type: ignore[no-untyped-def]
    """sum keep_i first_i second_i."""
    total = 0.0
    for i in range(len(keep)):
        total += keep[i] * first[i] * second[i]
    return total


@njit(**FAST)
def adjoint(v, precision, determinant, decay, keep, miss, before, pull, bend, clock):  # type: ignore[no-untyped-def]
    """Run the filter backwards. Fill clock with d log L / d(rate gap_i); return the derivatives by mean and by v.

    pull_i and bend_i are the derivatives by the predicted mean and, twice, by the predicted variance of reading i;
    `precision` is 1 / s^2; s is held when v moves. `determinant` is 1, or 0 to leave the log determinant out: then what
    is differentiated is -1/2 of the squares alone.
    """
    n = len(keep)
    mu, pi = 0.0, 0.0
    for i in range(n - 1, -1, -1):
        k = keep[i]
        scaled = miss[i] * precision
        late = k * k * (pi + miss[i] * (2.0 * mu + scaled)) - determinant * k
        early = k * (mu + scaled)
        pull[i] = early
        bend[i] = late
        mu = decay[i] * early
        pi = decay[i] * decay[i] * late
    by_v, by_mean = 0.0, 0.0
    clock[0] = 0.0
    for i in range(1, n):
        d = decay[i] * decay[i]
        clock[i] = -decay[i] * pull[i] * before[i] - d * bend[i] * (1.0 - keep[i - 1] - v)
    for i in range(n):
        by_v += (1.0 - decay[i] * decay[i]) * bend[i]
        by_mean += pull[i] * (1.0 - decay[i])
    return by_mean, 0.5 * by_v


@njit(**FAST)
def dot(first, second):  # type: ignore[no-untyped-def]
    """Sum of products."""
    total = 0.0
    for i in range(len(first)):
        total += first[i] * second[i]
    return total


@njit(**ENTRY)
def likelihood(gaps, readings, mean, rate, sigma, s, work, gradient):  # type: ignore[no-untyped-def]
    """The log likelihood; `gradient` (4) is filled in the order of PARAMETERS."""
    decay, keep, miss, before = work[DECAY], work[KEEP], work[MISS], work[BEFORE]
    n, precision = len(gaps), 1.0 / (s * s)
    v = sigma * sigma * precision / (2.0 * rate)
    log_determinant = filter_variances(gaps, rate, v, decay, keep)
    filter_means(readings, mean, decay, keep, miss, before)
    squares = weighted_sum(miss, miss, keep) * precision
    by_mean, by_v = adjoint(v, precision, 1.0, decay, keep, miss, before, work[PULL], work[BEND], work[CLOCK])
    gradient[0] = by_mean
    gradient[1] = dot(work[CLOCK], gaps) - by_v * v / rate
    gradient[2] = by_v * sigma * precision / rate
    gradient[3] = (squares - n - 2.0 * by_v * v) / s
    return -0.5 * (n * math.log(2.0 * math.pi * s * s) + log_determinant + squares)


class Series(NamedTuple):
    """Readings in the order of time. gaps (n): time since the reading before (0 first); values (n): what was read."""

    gaps: Floats
    values: Floats


def series(times: Floats, values: Floats) -> Series:
    """Readings (n) at times (n), in any unit of time; refuses times that run back and anything not finite."""
    times, values = np.ascontiguousarray(times, float), np.ascontiguousarray(values, float)
    if times.ndim != 1 or times.shape != values.shape or len(times) == 0:
        raise BadRequest(f"a series needs one value per time, not shapes {times.shape} and {values.shape}")
    gaps = np.diff(times, prepend=times[0])
    if not (np.isfinite(gaps).all() and np.isfinite(values).all()):
        raise BadRequest("a series needs finite times and values; leave missing readings out")
    if gaps.min() < 0.0:
        raise BadRequest(f"times must not run back; reading {int(gaps.argmin())} comes before the one it follows")
    return Series(gaps, values)


def make_work(readings: int) -> Floats:
    """Scratch space for series of this many readings, to be used again and again by one thread."""
    return np.empty((ROWS, readings))


def _refuse(rate: float, sigma: float, s: float) -> None:
    raise BadRequest(
        "rate and reading_sd must be above 0, sigma not below it, all finite, and the process may have at most "
        f"{MOST_RATIO:g} times the variance of a reading's error; not rate {rate}, sigma {sigma}, reading_sd {s}"
    )


def checked(parameters: Floats) -> Floats:
    """Parameters (series, 4) in the order of PARAMETERS; refuses those outside the model or the filter's reach."""
    parameters = np.ascontiguousarray(parameters, float)
    if parameters.ndim != 2 or parameters.shape[1] != len(PARAMETERS):
        raise BadRequest(f"four numbers a series are needed, {', '.join(PARAMETERS)}; not shape {parameters.shape}")
    _, rate, sigma, s = parameters.T
    good = np.isfinite(parameters).all(1) & (rate > 0.0) & (sigma >= 0.0) & (s > 0.0)
    good &= sigma * sigma <= 2.0 * MOST_RATIO * rate * s * s
    if not good.all():
        worst = int(good.argmin())
        _refuse(rate[worst], sigma[worst], s[worst])
    return parameters


def log_likelihood(readings: Series, parameters: Floats, work: Floats | None = None) -> tuple[float, Floats]:
    """The log likelihood and its gradient (4) by the parameters (4), in the order of PARAMETERS."""
    if len(parameters) != len(PARAMETERS):
        raise BadRequest(f"four numbers are needed, {', '.join(PARAMETERS)}; not {parameters}")
    mean, rate, sigma, s = (float(parameters[j]) for j in range(4))
    # plain comparisons: NumPy's own would take as long as the filter
    if not (
        -math.inf < mean < math.inf
        and 0.0 < rate < math.inf
        and 0.0 <= sigma < math.inf
        and 0.0 < s < math.inf
        and sigma * sigma <= 2.0 * MOST_RATIO * rate * s * s
    ):
        _refuse(rate, sigma, s)
    scratch = make_work(len(readings.gaps)) if work is None else work
    gradient = np.empty(4)
    value = likelihood(readings.gaps, readings.values, mean, rate, sigma, s, scratch, gradient)
    return float(value), gradient
