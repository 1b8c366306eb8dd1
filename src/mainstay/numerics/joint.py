"""The joint density of path and data of `ou_path`, and a normal near the path's posterior to draw from.

A normal with the tridiagonal precision H = L D L' (pivots d, ratios r_i = H_{i,i+1} / d_i) is drawn from by
y_i = z_i / sqrt(d_i) - r_i y_{i+1}, last knot first (`spread`). Given parameters, paths are drawn about a centre that
is a few Newton steps from a guess, with the Hessian there: the mean of p(path, data) / q(path) is an unbiased estimate
of the marginal likelihood, whatever the guess. Draws come in pairs centre ± y, in which the odd terms of the log ratio,
the largest, cancel. `shift` moves the centre from the mode towards the mean, which differ where the density is skewed.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from mainstay.numerics.kernels import ENTRY, INNER
from mainstay.numerics.layout import (
    B_GRADIENT,
    B_INVERSE,
    B_PRECISION,
    B_RATIO,
    B_STEP,
    B_W,
    GRADIENT,
    LANES,
    PATH,
)
from mainstay.numerics.ou_block import backward, move
from mainstay.numerics.ou_gradient import forward_pull, pull_of_determinant
from mainstay.numerics.ou_interval import prepare
from mainstay.numerics.ou_path import assemble, expand_readings, load_path, store_path

NEWTON_STEPS = 4
NEAR, LOST = 1.0, 10.0
"""Newton decrements: below the first the step is the last (what is left costs draws, not truth); above, lost."""


@njit(**INNER)
def _log_scale(problem, work):  # type: ignore[no-untyped-def]
    """Half the log determinant of the path's precision before any data: what `assemble` leaves out."""
    total = 0.0
    for i in range(len(problem.dt)):
        total += 0.5 * math.log(work.block[i // LANES, B_PRECISION + i % LANES])
    return total


@njit(**INNER)
def _at_path(problem, weights, work):  # type: ignore[no-untyped-def]
    """f for the path in row PATH but for constants, with Newton's system there; `prepare` has been called."""
    load_path(work)
    read = expand_readings(problem, weights, work)
    f, decrement, exact = assemble(problem, weights, work, 1.0)
    return f + read, decrement, exact


@njit(**ENTRY)
def log_joint(problem, weights, work):  # type: ignore[no-untyped-def]
    """log p(path, data) for the path in `work`, its gradient by the path in row GRADIENT; without the (2 pi)^(-n/2)."""
    value = prepare(problem, weights, work) + _log_scale(problem, work)
    f, _, _ = _at_path(problem, weights, work)
    for i in range(len(problem.dt)):
        work.row[GRADIENT, i] = work.block[(i + 1) // LANES, B_GRADIENT + (i + 1) % LANES]
    return value + f


@njit(**ENTRY)
def mean_shift(problem, weights, work, shift):  # type: ignore[no-untyped-def]
    """H^-1 times the derivative of -(1/2) log det H by the path: how far the path's mean lies from its mode.

    `work` is as `find_path` left it.
    """
    pull_of_determinant(problem, weights, work)
    forward_pull(work, 0.0)
    after, n = 0.0, len(shift)
    for back in range(len(work.block)):
        b = len(work.block) - 1 - back
        after = backward(work.block[b], B_W, after)
        for j in range(min(LANES, n - b * LANES)):
            shift[b * LANES + j] = work.block[b, B_W + j + 1]


@njit(**ENTRY)
def factor_rows(work, log_pivots, ratios):  # type: ignore[no-untyped-def]
    """log d and r of the Hessian that `assemble` left in `work`."""
    for i in range(len(log_pivots)):
        slot = i + 1
        log_pivots[i] = -math.log(work.block[slot // LANES, B_INVERSE + slot % LANES])
        ratios[i] = work.block[slot // LANES, B_RATIO + slot % LANES]


@njit(**ENTRY)
def spread(log_pivots, ratios, normals, away):  # type: ignore[no-untyped-def]
    """away = L'^-1 D^(-1/2) normals."""
    after = 0.0
    for i in range(len(normals) - 1, -1, -1):
        after = normals[i] * math.exp(-0.5 * log_pivots[i]) - ratios[i] * after
        away[i] = after


@njit(**ENTRY)
def draw_paths(problem, weights, work, guess, shift, normals, paths, log_ratios):  # type: ignore[no-untyped-def]
    """Pairs of paths and log p(path, data) / q(path) of each. Shapes: normals (m, n), paths (2 m, n), log_ratios (2 m).

    False where Newton's steps from the guess lead nowhere: then nothing is written.
    """
    row, block = work.row, work.block
    n = len(problem.dt)
    constant = prepare(problem, weights, work) + _log_scale(problem, work)
    for i in range(n):
        row[PATH, i] = guess[i]
    decrement = math.inf
    for _ in range(NEWTON_STEPS):
        f, decrement, exact = _at_path(problem, weights, work)
        if not exact:
            f, decrement, exact = assemble(problem, weights, work, 0.0)
        if not exact or not math.isfinite(f):
            return False
        after = 0.0
        for back in range(len(block)):
            b = len(block) - 1 - back
            after = backward(block[b], B_STEP, after)
            move(1.0, block[b])
        store_path(work)
        if not decrement > NEAR:
            break
    if not decrement < LOST:
        return False
    centre, log_pivots, ratios = np.empty(n), np.empty(n), np.empty(n)
    factor_rows(work, log_pivots, ratios)
    for i in range(n):
        centre[i] = row[PATH, i] + shift[i]
        constant -= 0.5 * log_pivots[i]
    for j in range(len(log_ratios)):
        square, sign = 0.0, 1.0 if j % 2 == 0 else -1.0
        if j % 2 == 0:
            spread(log_pivots, ratios, normals[j // 2], paths[j])
        for i in range(n):
            square += normals[j // 2, i] * normals[j // 2, i]
            away = paths[j, i] if j % 2 == 0 else paths[j - 1, i] - centre[i]
            paths[j, i] = row[PATH, i] = centre[i] + sign * away
        value, _, _ = _at_path(problem, weights, work)
        log_ratios[j] = value + constant + 0.5 * square if math.isfinite(value) else -math.inf
    return True
