"""How the rate of an Ornstein-Uhlenbeck process drifted: its likelihood in one number, all others profiled out.

Legend in `ou_drift`. At each drift of the rate on a grid, log rate, log ratio and the drifts of variance and of noise
are those that maximise the restricted likelihood with weak normal priors on them; none on the drift asked about. The
prior on the drift of the readings' own noise is needed: a short record can hardly tell it from a drift of the rate. So
readings that become much more exact within one record still look a little like slowing. BFGS on the exact gradient,
each place of the grid begun from its neighbour's.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from mainstay.numerics.kernels import ENTRY, INNER
from mainstay.numerics.ou_drift import NOISE_DRIFT, RATE_DRIFT, SIZE, VARIANCE_DRIFT, Drifting, restricted
from mainstay.numerics.ou_filter import Floats

GRID = np.linspace(-4.0, 4.0, 25)
"""The drifts of log rate, from one end of the record to the other, at which the likelihood is known."""
NOUGHT = len(GRID) // 2

PRIOR_SD = np.array([2.0, 1.5, np.inf, 1.3, np.inf])
"""In the order of PARAMETERS; log rate around that which forgets in the geometric mean of spacing and record."""
PRIOR_RATIO = math.log(0.3)
NOISE_WEIGHT = 0.5
"""One over the prior variance of the drift of the readings' own noise, which is variance_drift + noise_drift."""
LONGEST_STEP = 1.5


@njit(**INNER)
def _height(gaps, course, after, columns, shape, at, centre, weight, gradient):  # type: ignore[no-untyped-def]
    value, _ = restricted(gaps, course, after, columns, shape, at, gradient)
    for k in range(SIZE):
        off = at[k] - centre[k]
        value -= 0.5 * weight[k] * off * off
        gradient[k] -= weight[k] * off
    noise = at[NOISE_DRIFT] + at[VARIANCE_DRIFT]
    gradient[NOISE_DRIFT] -= NOISE_WEIGHT * noise
    gradient[VARIANCE_DRIFT] -= NOISE_WEIGHT * noise
    return value - 0.5 * NOISE_WEIGHT * noise * noise


@njit(**INNER)
def _climb(gaps, course, after, columns, shape, at, free, centre, weight, inverse, steps):  # type: ignore[no-untyped-def]
    """BFGS over the parameters that are `free`, from `at`, which is moved; `inverse` is carried on. The height."""
    here, there = np.empty(SIZE), np.empty(SIZE)
    step, turned, tried, bent = np.empty(SIZE), np.empty(SIZE), np.empty(SIZE), np.empty(SIZE)
    height = _height(gaps, course, after, columns, shape, at, centre, weight, here)
    for _ in range(steps):
        slope, longest = 0.0, 0.0
        for j in range(SIZE):
            step[j] = 0.0
            if free[j]:
                for k in range(SIZE):
                    if free[k]:
                        step[j] += inverse[j, k] * here[k]
                slope += step[j] * here[j]
                longest = max(longest, abs(step[j]))
        if slope < 1e-6:
            break
        size = min(1.0, LONGEST_STEP / longest)
        moved = False
        for _ in range(10):
            for j in range(SIZE):
                tried[j] = at[j] + size * step[j]
            higher = _height(gaps, course, after, columns, shape, tried, centre, weight, there)
            if higher > height + 1e-4 * size * slope:
                moved = True
                break
            size *= 0.3
        if not moved:
            break
        curvature = 0.0
        for j in range(SIZE):
            step[j] = tried[j] - at[j]
            turned[j] = (here[j] - there[j]) if free[j] else 0.0
            curvature += step[j] * turned[j]
            at[j], here[j] = tried[j], there[j]
        height = higher
        if curvature > 1e-10:
            total = 0.0
            for j in range(SIZE):
                bent[j] = 0.0
                for k in range(SIZE):
                    bent[j] += inverse[j, k] * turned[k]
                total += turned[j] * bent[j]
            more = (1.0 + total / curvature) / curvature
            for j in range(SIZE):
                for k in range(SIZE):
                    inverse[j, k] += more * step[j] * step[k] - (bent[j] * step[k] + step[j] * bent[k]) / curvature
    return height


@njit(**ENTRY)
def _profile(gaps, course, after, columns, shape, free, grid, starts, centre, weight, heights, places):  # type: ignore[no-untyped-def]
    nought = len(grid) // 2
    best = -math.inf
    for s in range(len(starts)):
        at, inverse = starts[s].copy(), 0.3 * np.eye(SIZE)
        height = _climb(gaps, course, after, columns, shape, at, free, centre, weight, inverse, 40)
        if height > best:
            best = height
            heights[nought] = height
            places[nought] = at
            kept = inverse.copy()
    for way in (-1, 1):
        inverse = kept.copy()
        k = nought + way
        while 0 <= k < len(grid):
            at = places[k - way].copy()
            at[RATE_DRIFT] = grid[k]
            heights[k] = _climb(gaps, course, after, columns, shape, at, free, centre, weight, inverse, 40)
            places[k] = at
            k += way


def profile(readings: Drifting) -> tuple[Floats, Floats]:
    """Penalised log likelihoods (grid) at the drifts of GRID, and the parameters (grid, 5) that attain them."""
    span = float(readings.gaps.sum())
    spacing = span / (len(readings.gaps) - 1)
    middle = -0.5 * (math.log(spacing) + math.log(span))
    centre = np.array([middle, PRIOR_RATIO, 0.0, 0.0, 0.0])
    free = np.array([True, True, False, True, True])
    starts = np.array([[middle + off, ratio, 0.0, 0.0, 0.0] for off, ratio in ((0.0, -1.0), (1.5, -1.5))])
    heights, places = np.empty(len(GRID)), np.empty((len(GRID), SIZE))
    _profile(*readings, free, GRID, starts, centre, PRIOR_SD**-2.0, heights, places)
    return heights, places
