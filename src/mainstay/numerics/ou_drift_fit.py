"""How the rate of an Ornstein-Uhlenbeck process drifted: its likelihood in one number, all others integrated out.

Legend in `ou_drift`. At each drift of the rate on a grid, log rate, log ratio and the drifts of variance and of noise
are integrated out of the restricted likelihood under weak normal priors, BELIEFS (Laplace's approximation: the height
at their best, less half the log determinant of the curvature there); the drift asked about has a flat one. That on the
drift of the readings' own noise is needed: a short record can hardly tell it from a drift of the rate. So readings
that become much more exact within one record still look a little like slowing.

BFGS on the exact gradient, begun at each place of the grid from the curve through the places before it, with the
curvature there. The search walks outwards from no drift, for all series at once, and stops where together they are out
of reach.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit

from mainstay.numerics.kernels import ENTRY, INNER
from mainstay.numerics.ou_drift import RATE, RATE_DRIFT, SIZE, Drifting, Work, make_work, restricted
from mainstay.numerics.ou_filter import Floats

GRID = np.linspace(-4.0, 4.0, 25)
"""The drifts of log rate, from one end of the record to the other, at which the likelihood is known."""
NOUGHT = len(GRID) // 2
OUT_OF_REACH = 15.0
"""Log likelihood below the best of those seen at which the walk along the grid ends: beyond it goes on in a line."""

PRIOR_RATIO = math.log(0.2)
BELIEFS = (
    # sd, and of what, in the order of PARAMETERS
    (2.0, (1.0, 0.0, 0.0, 0.0, 0.0)),
    (1.5, (0.0, 1.0, 0.0, 0.0, 0.0)),
    (1.3, (0.0, 0.0, 0.5, 1.0, 0.0)),
    (1.4, (0.0, 0.0, 0.0, 1.0, 1.0)),
)
"""Normal priors: log rate around that which forgets in the geometric mean of spacing and record; log ratio around
PRIOR_RATIO; the drift of the variance around minus half that of the rate, midway between slowing in which the swings
stay as large and slowing in which the shocks stay as strong; the drift of the readings' own noise around nought."""
PRIOR = sum(np.outer(of, of) / sd**2 for sd, of in BELIEFS)
"""Their precision (5, 5)."""
STARTS = ((0.0, -1.0), (1.5, -1.5))
"""Where the search begins: log rate from its prior's centre, log ratio."""
LONGEST_STEP = 1.5
MOST_STEPS = 40
SETTLED = 1e-4
"""Twice the height that is still to gain where a search ends."""
AHEAD = ((1.0,), (2.0, -1.0), (3.0, -3.0, 1.0))
"""Weights of the places before that lead to the next one: as the last, on a line, on a parabola."""
LEAST_CURVATURE = 0.1
NUDGE = 1e-3


@njit(**INNER)
def _height(readings, work, centre, precision, at, gradient):  # type: ignore[no-untyped-def]
    value = restricted(readings, at, work, gradient)
    for j in range(SIZE):
        pull = 0.0
        for k in range(SIZE):
            pull += precision[j, k] * (at[k] - centre[k])
        value -= 0.5 * pull * (at[j] - centre[j])
        gradient[j] -= pull
    return value


@njit(**INNER)
def _curve(readings, work, centre, precision, at, here, inverse):  # type: ignore[no-untyped-def]
    """Fill `inverse` (5, 5) with that of the curvature at `at`, where `here` is the gradient; its log determinant.

    The drift of the rate is held: its row and column are noughts, and it has no part in the determinant.
    """
    there, moved, bent = np.empty(SIZE), at.copy(), np.zeros((SIZE, SIZE))
    for j in range(SIZE):
        if j != RATE_DRIFT:
            moved[j] = at[j] + NUDGE
            _height(readings, work, centre, precision, moved, there)
            moved[j] = at[j]
            for k in range(SIZE):
                if k != RATE_DRIFT:
                    bent[j, k] += 0.5 * (here[k] - there[k]) / NUDGE
                    bent[k, j] += 0.5 * (here[k] - there[k]) / NUDGE
    bent[RATE_DRIFT, RATE_DRIFT] = 1.0
    sizes, axes = np.linalg.eigh(bent)
    inverse[:] = 0.0
    log_determinant = 0.0
    for l in range(SIZE):
        size = max(sizes[l], LEAST_CURVATURE)
        log_determinant += math.log(size)
        for j in range(SIZE):
            for k in range(SIZE):
                if RATE_DRIFT not in (j, k):
                    inverse[j, k] += axes[j, l] * axes[k, l] / size
    return log_determinant


@njit(**INNER)
def _climb(readings, work, centre, precision, at, here, inverse):  # type: ignore[no-untyped-def]
    """BFGS over all but the drift of the rate; `at` is moved, `here` ends as the gradient there. The height."""
    step, turned, tried, bent, there = (
        np.empty(SIZE), np.empty(SIZE), np.empty(SIZE), np.empty(SIZE), np.empty(SIZE)
    )  # fmt: skip
    height = _height(readings, work, centre, precision, at, here)
    for _ in range(MOST_STEPS):
        slope, longest = 0.0, 0.0
        for j in range(SIZE):
            step[j] = 0.0
            for k in range(SIZE):
                step[j] += inverse[j, k] * here[k]
            slope += step[j] * here[j]
            longest = max(longest, abs(step[j]))
        if slope < SETTLED:
            break
        size = min(1.0, LONGEST_STEP / longest)
        moved = False
        for _ in range(10):
            for j in range(SIZE):
                tried[j] = at[j] + size * step[j]
            higher = _height(readings, work, centre, precision, tried, there)
            if higher > height + 1e-4 * size * slope:
                moved = True
                break
            size *= 0.3
        if not moved:
            break
        curvature = 0.0
        for j in range(SIZE):
            step[j] = tried[j] - at[j]
            turned[j] = here[j] - there[j]
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
def _settle(readings, work, centre, precision, at, inverse, fresh):  # type: ignore[no-untyped-def]
    """Climb from `at`, which is moved; `inverse` is used (or, if `fresh`, made there) and left as that of the end.

    Returns the height and half the log determinant of the curvature there.
    """
    here = np.empty(SIZE)
    if fresh:
        _height(readings, work, centre, precision, at, here)
        _curve(readings, work, centre, precision, at, here, inverse)
    height = _climb(readings, work, centre, precision, at, here, inverse)
    return height, 0.5 * _curve(readings, work, centre, precision, at, here, inverse)


class Profile(NamedTuple):
    """At the drifts of GRID: log likelihoods with the rest integrated out (grid), but for a constant; the parameters
    (grid, 5) of the best place there, NaN where the walk did not come.
    """

    heights: Floats
    places: Floats


class _Walk(NamedTuple):
    readings: Drifting
    work: Work
    centre: Floats
    heights: Floats
    places: Floats
    curves: Floats


def steady(readings: Drifting) -> Floats:
    """The parameters (5) that fit best where the rate does not drift."""
    at: Floats = _begun(readings, None).places[NOUGHT]
    return at


def profiles(series: Sequence[Drifting], begin: Sequence[Floats] | None = None) -> list[Profile]:
    """How high the likelihood of each of the series is at every drift of GRID; one drift is common to them all.

    `begin`: for each of them, parameters near those that fit best without a drift of the rate, where they are known.
    """
    starts = [None] * len(series) if begin is None else begin
    walks = [_begun(readings, start) for readings, start in zip(series, starts, strict=True)]
    best = sum(walk.heights[NOUGHT] for walk in walks)
    for way in (-1, 1):
        k = NOUGHT
        while 0 <= k + way < len(GRID):
            k += way
            for walk in walks:
                _go_on(walk, k, way)
            total = sum(walk.heights[k] for walk in walks)
            best = max(best, total)
            if total < best - OUT_OF_REACH:
                break
        for walk in walks:
            falling = min(walk.heights[k] - walk.heights[k - way], 0.0)
            beyond = slice(k + 1, None) if way > 0 else slice(None, k)
            walk.heights[beyond] = walk.heights[k] + falling * np.abs(np.arange(len(GRID)) - k)[beyond]
    return [Profile(walk.heights, walk.places) for walk in walks]


def _begun(readings: Drifting, start: Floats | None) -> _Walk:
    """A walk that stands at no drift: where a search from `start` ends, or the better of two searches from afar."""
    span = float(readings.gaps.sum())
    middle = -0.5 * (math.log(span / (len(readings.gaps) - 1)) + math.log(span))
    centre = np.array([middle, PRIOR_RATIO, 0.0, 0.0, 0.0])
    work, n = make_work(readings), len(GRID)
    walk = _Walk(readings, work, centre, np.empty(n), np.full((n, SIZE), np.nan), np.empty((n, SIZE, SIZE)))
    best = -math.inf
    afar = [np.array([middle + off, ratio, 0.0, 0.0, 0.0]) for off, ratio in STARTS]
    for at in afar if start is None else [start.copy()]:
        curve = np.empty((SIZE, SIZE))
        height, half = _settle(readings, work, centre, PRIOR, at, curve, True)
        if height > best:
            best = height
            walk.heights[NOUGHT], walk.places[NOUGHT], walk.curves[NOUGHT] = height - half, at, curve
    return walk


def _go_on(walk: _Walk, k: int, way: int) -> None:
    """One place further along the grid, from the curve through the two or three nearest."""
    back = [walk.places[j] for j in (k - way, k - 2 * way, k - 3 * way) if 0 <= j < len(GRID)]
    known = len([place for place in back if math.isfinite(place[RATE])])
    at = np.sum([weight * place for weight, place in zip(AHEAD[known - 1], back, strict=False)], axis=0)
    at[RATE_DRIFT] = GRID[k]
    walk.curves[k] = walk.curves[k - way]
    height, half = _settle(walk.readings, walk.work, walk.centre, PRIOR, at, walk.curves[k], False)
    walk.heights[k], walk.places[k] = height - half, at
