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
and V maximised in closed form. PARAMETERS are log rate, log ratio, a, b, c. The filter's derivatives run along with it
(forward mode), for every column of X at once: O(n) in readings.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from mainstay.errors import BadRequest
from mainstay.numerics.kernels import ENTRY, INNER
from mainstay.numerics.ou_filter import Floats

PARAMETERS = ("log_rate", "log_ratio", "rate_drift", "variance_drift", "noise_drift")
SIZE = 5
RATE, RATIO, RATE_DRIFT, VARIANCE_DRIFT, NOISE_DRIFT = range(SIZE)
LINEAR, STEP = 0, 1


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


@njit(**INNER)
def _stretch(gap, before, here, after, shape, drift):  # type: ignore[no-untyped-def]
    """The gap on the stretched clock, in units of 1 / rate, and its derivative by the drift of the rate."""
    if shape == STEP:
        low, high = (1.0 - after) * math.exp(-0.5 * drift), after * math.exp(0.5 * drift)
        return gap * (low + high), 0.5 * gap * (high - low)
    middle, half = 0.5 * (before + here), 0.5 * (here - before)
    x = drift * half
    if abs(x) < 1e-3:
        ratio, slope = 1.0 + x * x / 6.0, x / 3.0
    else:
        ratio = math.sinh(x) / x
        slope = (math.cosh(x) - ratio) / x
    scale = gap * math.exp(drift * middle)
    return scale * ratio, scale * (middle * ratio + half * slope)


@njit(**INNER)
def _accumulate(gaps, course, after, columns, shape, at, products, slopes, dets):  # type: ignore[no-untyped-def]
    """Run the filter. Fill products (m, m) of the whitened columns, slopes (SIZE, m, m) and dets (1 + SIZE)."""
    n, m = columns.shape
    rate, ratio = math.exp(at[RATE]), math.exp(at[RATIO])
    mean, miss, whole = np.zeros(m), np.empty(m), np.empty(m)
    by_mean, by_miss = np.zeros((SIZE, m)), np.empty((SIZE, m))
    by_p, by_f = np.zeros(SIZE), np.zeros(SIZE)
    p = 1.0
    for i in range(n):
        u = course[i]
        noise = ratio * math.exp(at[NOISE_DRIFT] * u)
        scale = math.exp(-0.5 * at[VARIANCE_DRIFT] * u)
        e, by_e_rate, by_e_drift = 0.0, 0.0, 0.0
        if i > 0:
            stretched, slope = _stretch(gaps[i], course[i - 1], u, after[i], shape, at[RATE_DRIFT])
            e = math.exp(-rate * stretched)
            by_e_rate, by_e_drift = -rate * stretched * e, -rate * slope * e
        d = e * e
        ahead = 1.0 - d + d * p
        f = ahead + noise
        inverse = 1.0 / f
        gain = ahead * inverse
        for k in range(SIZE):
            by_e = by_e_rate if k == RATE else (by_e_drift if k == RATE_DRIFT else 0.0)
            by_noise = noise if k == RATIO else (u * noise if k == NOISE_DRIFT else 0.0)
            by_ahead = 2.0 * e * by_e * (p - 1.0) + d * by_p[k]
            by_f[k] = by_ahead + by_noise
            by_gain = (by_ahead - gain * by_f[k]) * inverse
            by_p[k] = by_gain * noise + gain * by_noise
            for j in range(m):
                value = columns[i, j] * scale
                by_value = -0.5 * u * value if k == VARIANCE_DRIFT else 0.0
                wrong = by_value - by_e * mean[j] - e * by_mean[k, j]
                by_miss[k, j] = wrong
                by_mean[k, j] = by_e * mean[j] + e * by_mean[k, j] + by_gain * (value - e * mean[j]) + gain * wrong
            dets[1 + k] += by_f[k] * inverse
        dets[1 + VARIANCE_DRIFT] += u
        dets[0] += math.log(f) + at[VARIANCE_DRIFT] * u
        for j in range(m):
            miss[j] = columns[i, j] * scale - e * mean[j]
            whole[j] = miss[j] * inverse
            mean[j] = e * mean[j] + gain * miss[j]
        p = gain * noise
        for j in range(m):
            for l in range(j + 1):
                products[j, l] += miss[j] * whole[l]
        for k in range(SIZE):
            bent = by_f[k] * inverse
            for j in range(m):
                for l in range(j + 1):
                    slopes[k, j, l] += by_miss[k, j] * whole[l] + whole[j] * (by_miss[k, l] - bent * miss[l])


@njit(**ENTRY)
def restricted(gaps, course, after, columns, shape, at, gradient):  # type: ignore[no-untyped-def]
    """The restricted log likelihood, maximised over V; `gradient` (SIZE) is filled. Returns it and log V."""
    n, m = columns.shape
    products, slopes, dets = np.zeros((m, m)), np.zeros((SIZE, m, m)), np.zeros(1 + SIZE)
    _accumulate(gaps, course, after, columns, shape, at, products, slopes, dets)
    for j in range(m):
        for l in range(j):
            products[l, j] = products[j, l]
            for k in range(SIZE):
                slopes[k, l, j] = slopes[k, j, l]
    inverse = np.linalg.inv(products[1:, 1:].copy())
    weights = np.ones(m)
    for j in range(1, m):
        weights[j] = 0.0
        for l in range(1, m):
            weights[j] -= inverse[j - 1, l - 1] * products[l, 0]
    squares = 0.0
    for j in range(m):
        squares += products[0, j] * weights[j]
    free = n - (m - 1)
    variance = max(squares / free, 1e-300)
    log_det_x = -math.log(np.linalg.det(inverse))
    for k in range(SIZE):
        by_squares, by_x = 0.0, 0.0
        for j in range(m):
            for l in range(m):
                by_squares += weights[j] * slopes[k, j, l] * weights[l]
                if j > 0 and l > 0:
                    by_x += inverse[j - 1, l - 1] * slopes[k, j, l]
        gradient[k] = -0.5 * (by_squares / variance + dets[1 + k] + by_x)
    value = -0.5 * (free * (math.log(2.0 * math.pi * variance) + 1.0) + dets[0] + log_det_x)
    return value, math.log(variance)


def log_likelihood(readings: Drifting, parameters: Floats) -> tuple[float, Floats]:
    """The restricted log likelihood at the parameters (5), in the order of PARAMETERS, and its gradient (5)."""
    parameters = np.ascontiguousarray(parameters, float)
    if parameters.shape != (SIZE,) or not np.isfinite(parameters).all():
        raise BadRequest(f"five finite numbers are needed, {', '.join(PARAMETERS)}; not {parameters}")
    gradient = np.empty(SIZE)
    value, _ = restricted(*readings, parameters, gradient)
    return float(value), gradient
