"""An Ornstein-Uhlenbeck process whose rate, variance and reading noise drift: restricted log likelihood with gradient.

    y_i = X_i beta + sqrt(V g_i) z(C(t_i)) + N(0, V g_i r_i),   cov(z(c), z(c')) = exp(-|c - c'|)

    C(t) = rate * integral of exp(a u) up to t,   log g = b u,   log r_i = log ratio + c u

u is the course of the drift over the record: from -1/2 at the first reading to +1/2 at the last in a straight line, or
-1/2 before a step and +1/2 after it. So a, b, c are the changes, from one end to the other, of the logarithms of the
recovery rate, of the process's variance and of the ratio of the readings' noise to it; rate, V and ratio are those of
the middle. z is an ordinary process on a stretched clock, whose integral is known in closed form: transitions are exact
over any gap, and a gap costs nothing. Written out, dx = -(rate(t) - b u'/2) x dt + sqrt(2 rate(t) V(t)) dW: the
variance follows V(t) without lag, which is what sets a change of noise apart from a change of recovery.

beta is integrated out (restricted likelihood: plain maximum likelihood takes slow swings for the mean; Harville 1977)
and V maximised in closed form. PARAMETERS are log rate, log ratio, a, b, c. Columns are divided by sqrt(g) and filtered
in units of V; with E_i = exp(-stretched gap), D_i = E_i^2:

    ahead_i = 1 - D_i + D_i p_{i-1},   gain_i = ahead_i / (ahead_i + r_i),   p_i = gain_i r_i

p_i is a ratio of two numbers that obey a linear recursion, as in `ou_filter`: neither a division nor a logarithm stands
in the chain. The gradient is the filter's adjoint: once backwards, over the residual and the whitened columns of X.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from mainstay.errors import BadRequest
from mainstay.numerics.exponential import fast_exp
from mainstay.numerics.kernels import ENTRY, FAST
from mainstay.numerics.ou_filter import Floats

PARAMETERS = ("log_rate", "log_ratio", "rate_drift", "variance_drift", "noise_drift")
SIZE = 5
RATE, RATIO, RATE_DRIFT, VARIANCE_DRIFT, NOISE_DRIFT = range(SIZE)
LINEAR, STEP = 0, 1
BLOCK = 16
SMALL = 0.3
"""Up to here sinh(x) / x and its slope are their power series up to x^10, exact to rounding."""

# rows of the scratch array
DECAY, BY_RATE, BY_DRIFT, NOISE, SCALE, GAIN, INVERSE, ROWS = 0, 1, 2, 3, 4, 5, 6, 7


class Drifting(NamedTuple):
    """Readings in the order of time, and the course of the drift.

    gaps (n): time since the reading before (0 first); course (n): u at each reading; after (n): the share of the gap
    that lies after the step (unused by a straight line); columns (n, 1 + p): the values, then the columns of X;
    shape: LINEAR or STEP.
    """

    gaps: Floats
    course: Floats
    after: Floats
    columns: Floats
    shape: int


def drifting(times: Floats, values: Floats, design: Floats, step: float | None = None) -> Drifting:
    """Readings (n) at times (n) with the columns of X as design (n, p); `step`: when it lay, None for a straight line.

    Refuses times that run back or don't move on, anything not finite, and a design that leaves nothing to tell.
    """
    times, values = np.ascontiguousarray(times, float), np.ascontiguousarray(values, float)
    if times.ndim != 1 or times.shape != values.shape or design.shape[:1] != times.shape or design.ndim != 2:
        raise BadRequest(
            f"one value and one row of the design per time are needed, not shapes {times.shape}, {values.shape} and "
            f"{design.shape}"
        )
    columns = np.ascontiguousarray(np.column_stack([values, design]), float)
    if not (np.isfinite(times).all() and np.isfinite(columns).all()):
        raise BadRequest("times, values and design must be finite; leave missing readings out")
    if len(times) < design.shape[1] + 2 or np.linalg.matrix_rank(columns[:, 1:]) < design.shape[1]:
        raise BadRequest(
            f"{len(times)} readings can't carry {design.shape[1]} columns that say different things; give fewer columns"
        )
    gaps = np.diff(times, prepend=times[0])
    span = times[-1] - times[0]
    if gaps.min() < 0.0 or not span > 0.0:
        raise BadRequest("times must not run back, and must not all be the same")
    if step is None:
        return Drifting(gaps, (times - times[0]) / span - 0.5, np.zeros(len(times)), columns, LINEAR)
    if not times[0] < step < times[-1]:
        raise BadRequest(f"a step at {step} lies outside the readings, from {times[0]} to {times[-1]}")
    after = np.clip(times - step, 0.0, gaps) / np.where(gaps > 0.0, gaps, 1.0)
    return Drifting(gaps, np.where(times >= step, 0.5, -0.5), after, columns, STEP)


class Work(NamedTuple):
    """Scratch space of one thread: rows (ROWS, n), and (n, m): misses and predictions of each column, and those of the
    columns the adjoint runs over.
    """

    rows: Floats
    miss: Floats
    before: Floats
    turned: Floats
    earlier: Floats


def make_work(readings: Drifting) -> Work:
    """Scratch space for readings of this shape, to be used again and again by one thread."""
    n, m = readings.columns.shape
    return Work(np.empty((ROWS, n)), *(np.empty((n, m)) for _ in range(4)))


@njit(**FAST)
def _lines(gaps, course, rate, a, half_span, rows):  # type: ignore[no-untyped-def]
    """Decays over a straight drift of the rate, and the derivative of their logarithm by it."""
    decay, by_rate, by_drift = rows[DECAY], rows[BY_RATE], rows[BY_DRIFT]
    for i in range(len(gaps)):
        half = half_span * gaps[i]
        middle = course[i] - half
        x = a * half
        s = x * x
        ratio = 1.0 + s / 6.0 * (1.0 + s / 20.0 * (1.0 + s / 42.0 * (1.0 + s / 72.0 * (1.0 + s / 110.0))))
        slope = x / 3.0 * (1.0 + s / 10.0 * (1.0 + s / 28.0 * (1.0 + s / 54.0 * (1.0 + s / 88.0))))
        scale = rate * gaps[i] * fast_exp(a * middle)
        by_rate[i] = -scale * ratio
        decay[i] = fast_exp(-scale * ratio)
        by_drift[i] = -scale * (middle * ratio + half * slope)
    for i in range(len(gaps)):
        half = half_span * gaps[i]
        x = a * half
        if abs(x) > SMALL:
            middle = course[i] - half
            ratio = math.sinh(x) / x
            scale = rate * gaps[i] * math.exp(a * middle)
            by_rate[i] = -scale * ratio
            decay[i] = math.exp(-scale * ratio)
            by_drift[i] = -scale * (middle * ratio + half * (math.cosh(x) - ratio) / x)


@njit(**FAST)
def _steps(gaps, after, rate, a, rows):  # type: ignore[no-untyped-def]
    """Decays over a step of the rate, and the derivative of their logarithm by it."""
    first, second = rate * math.exp(-0.5 * a), rate * math.exp(0.5 * a)
    for i in range(len(gaps)):
        early, late = (1.0 - after[i]) * gaps[i] * first, after[i] * gaps[i] * second
        rows[BY_RATE, i] = -(early + late)
        rows[DECAY, i] = fast_exp(-(early + late))
        rows[BY_DRIFT, i] = 0.5 * (early - late)


@njit(**FAST)
def _noises(course, ratio, b, c, rows):  # type: ignore[no-untyped-def]
    for i in range(len(course)):
        rows[NOISE, i] = ratio * fast_exp(c * course[i])
        rows[SCALE, i] = fast_exp(-0.5 * b * course[i])


@njit(**FAST)
def _variances(rows):  # type: ignore[no-untyped-def]
    """Fill gain and inverse (1 / predicted variance); return the sum of the logarithms of the predicted variances."""
    decay, noise, gain, inverse = rows[DECAY], rows[NOISE], rows[GAIN], rows[INVERSE]
    n = len(decay)
    decay[0] = 0.0
    total, u, w = 0.0, 0.0, 1.0
    for start in range(0, n, BLOCK):
        for i in range(start, min(start + BLOCK, n)):
            d = decay[i] * decay[i]
            ahead = (1.0 - d) * w + d * u
            after = ahead + noise[i] * w
            gain[i] = ahead / after
            inverse[i] = w / after
            u, w = noise[i] * ahead, after
        total += math.log(w)
        u /= w
        w = 1.0
    return total


@njit(**FAST)
def _means(columns, rows, miss, before):  # type: ignore[no-untyped-def]
    """Fill the misses and the predictions of every column."""
    decay, scale, gain = rows[DECAY], rows[SCALE], rows[GAIN]
    n, m = columns.shape
    for j in range(m):
        before[0, j] = 0.0
        miss[0, j] = columns[0, j] * scale[0]
    for i in range(1, n):
        kept, e, s = gain[i - 1], decay[i], scale[i]
        for j in range(m):
            known = e * (before[i - 1, j] + kept * miss[i - 1, j])
            before[i, j] = known
            miss[i, j] = columns[i, j] * s - known


@njit(**FAST)
def _weighed(miss, inverse, whole):  # type: ignore[no-untyped-def]
    """Fill whole (n, m): the misses, each divided by its variance."""
    n, m = miss.shape
    for i in range(n):
        for j in range(m):
            whole[i, j] = miss[i, j] * inverse[i]


@njit(**FAST)
def _adjoint(course, rows, turned, earlier, gradient):  # type: ignore[no-untyped-def]
    """Run the filter backwards. Fill `gradient` with that of squares and log determinant of the turned columns."""
    n, m = turned.shape
    by_ratio, by_c, by_rate, by_a, by_b, by_left = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    pull = np.zeros(m)
    for i in range(n - 1, -1, -1):
        e, gain, noise, inverse = rows[DECAY, i], rows[GAIN, i], rows[NOISE, i], rows[INVERSE, i]
        squares, by_gain, by_log_e, by_scale = 0.0, by_left * noise, 0.0, 0.0
        for l in range(m):
            miss, known, ahead = turned[i, l], earlier[i, l], pull[l]
            by_miss = 2.0 * miss * inverse + ahead * gain
            squares += miss * miss
            by_gain += ahead * miss
            by_scale += by_miss * (miss + known)
            by_log_e += (ahead - by_miss) * known
            pull[l] = e * (ahead - by_miss)
        by_whole = inverse * (1.0 - inverse * squares - by_gain * gain)
        by_noise = (by_left * gain + by_whole) * noise
        by_left = e * e * (by_gain * inverse + by_whole)
        if i > 0:
            by_log_e -= 2.0 * by_left * (1.0 - rows[GAIN, i - 1] * rows[NOISE, i - 1])
        by_rate += by_log_e * rows[BY_RATE, i]
        by_a += by_log_e * rows[BY_DRIFT, i]
        by_ratio += by_noise
        by_c += course[i] * by_noise
        by_b += course[i] * (1.0 - 0.5 * by_scale)
    gradient[RATE], gradient[RATIO], gradient[RATE_DRIFT] = by_rate, by_ratio, by_a
    gradient[VARIANCE_DRIFT], gradient[NOISE_DRIFT] = by_b, by_c


@njit(**ENTRY)
def _filtered(readings, at, work):  # type: ignore[no-untyped-def]
    """Run the filter over all columns; return the log determinant of the readings' covariance in units of V."""
    gaps, course, after, columns, shape = readings
    rows, miss, before, _, _ = work
    rate, a = math.exp(at[RATE]), at[RATE_DRIFT]
    if shape == STEP:
        _steps(gaps, after, rate, a, rows)
    else:
        _lines(gaps, course, rate, a, 0.5 * (course[-1] - course[0]) / gaps.sum(), rows)
    _noises(course, math.exp(at[RATIO]), at[VARIANCE_DRIFT], at[NOISE_DRIFT], rows)
    determinant = _variances(rows) + at[VARIANCE_DRIFT] * course.sum()
    _means(columns, rows, miss, before)
    return determinant


@njit(**ENTRY)
def restricted(readings, at, work, gradient):  # type: ignore[no-untyped-def]
    """The restricted log likelihood, maximised over V; `gradient` (SIZE) is filled."""
    rows, miss, before, turned, earlier = work
    n, m = miss.shape
    determinant = _filtered(readings, at, work)
    _weighed(miss, rows[INVERSE], turned)
    products = np.dot(turned.T, miss)
    lower = np.linalg.cholesky(products[1:, 1:].copy())
    whiten = np.linalg.inv(lower)
    weights = whiten.T @ (whiten @ products[1:, 0].copy())
    squares = products[0, 0]
    for j in range(1, m):
        squares -= weights[j - 1] * products[j, 0]
        determinant += 2.0 * math.log(lower[j - 1, j - 1])
    free = n - (m - 1)
    variance = max(squares / free, 1e-300)
    turn = np.zeros((m, m))
    turn[0, 0] = variance**-0.5
    turn[1:, 0] = -weights * variance**-0.5
    turn[1:, 1:] = whiten.T
    np.dot(miss, turn, turned)
    np.dot(before, turn, earlier)
    _adjoint(readings.course, rows, turned, earlier, gradient)
    for k in range(SIZE):
        gradient[k] *= -0.5
    return -0.5 * (free * (math.log(2.0 * math.pi * variance) + 1.0) + determinant)


def log_likelihood(readings: Drifting, parameters: Floats) -> tuple[float, Floats]:
    """The restricted log likelihood at the parameters (5), in the order of PARAMETERS, and its gradient (5)."""
    parameters = np.ascontiguousarray(parameters, float)
    if parameters.shape != (SIZE,) or not np.isfinite(parameters).all():
        raise BadRequest(f"five finite numbers are needed, {', '.join(PARAMETERS)}; not {parameters}")
    gradient = np.empty(SIZE)
    return float(restricted(readings, parameters, make_work(readings), gradient)), gradient


def whitened(readings: Drifting, parameters: Floats) -> Floats:
    """The columns (n, 1 + p) as least squares may take them: readings' misses and columns' over their predicted sd."""
    work = make_work(readings)
    _filtered(readings, np.ascontiguousarray(parameters, float), work)
    white: Floats = work.miss * np.sqrt(work.rows[INVERSE])[:, None]
    return white
