"""The joint density of path and data of `ou_path`, its gradient, and normals near the path's posterior to draw from.

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

from mainstay.numerics.layout import (
    ADJ_DRIVE,
    ADJ_M,
    ADJ_M1,
    ADJ_M2,
    ADJ_NOISE,
    ADJ_RATE,
    COV,
    GRAD_Z,
    GRADIENT,
    HXZ,
    OFF,
    PATH,
    PIVOT,
    PRECISION,
    PULLED,
    RATE,
    STEP,
    VAR,
)
from mainstay.numerics.ou_gradient import (
    _event_adjoints,
    _interval_adjoints,
    _knot_adjoints,
    _node_adjoints,
    _pull_of_determinant,
    places,
)
from mainstay.numerics.ou_path import _assemble, _prepare, factorise, path_covariance, solve
from mainstay.numerics.readings import reading_adjoints

NEWTON_STEPS = 4
NEAR, LOST = 0.05, 10.0
"""Newton decrements: below the first the centre is near enough (what is left costs draws, not truth); above, lost."""


@njit(cache=True, error_model="numpy", nogil=True)
def log_joint(problem, weights, work):  # type: ignore[no-untyped-def]
    """log p(path, data) for the path in `work`, its gradient by the path in row GRADIENT; without the (2 pi)^(-n/2)."""
    _prepare(problem, weights, work)
    value = _assemble(problem, weights, work)
    for i in range(len(problem.dt)):
        value += 0.5 * math.log(work.row[PRECISION, i])
    return value


@njit(cache=True, error_model="numpy", nogil=True)
def joint_gradient(problem, weights, work, gradient):  # type: ignore[no-untyped-def]
    """log p(path, data) for the path in `work`; by the weights into `gradient`, by the path into row GRADIENT.

    It is the gradient of `ou_gradient` with the path held fixed: no covariance, and no pull of the determinant.
    """
    value = log_joint(problem, weights, work)
    at = places(weights)
    row = work.row
    n = len(problem.dt)
    for r in (PULLED, VAR, COV, ADJ_M, ADJ_M1, ADJ_M2, ADJ_DRIVE, ADJ_NOISE, ADJ_RATE, GRAD_Z, HXZ):
        for i in range(n):
            row[r, i] = 0.0
    gradient[:] = 0.0
    features = gradient[at[9] : at[10]]
    level, pull, slope = gradient[at[4] : at[5]], gradient[at[5] : at[6]], gradient[at[8] : at[9]]
    for q in range(len(problem.node_x)):
        _node_adjoints(problem, weights, work, q, row[GRAD_Z], row[HXZ], level, pull, slope, features)
    _interval_adjoints(problem, work, row[GRAD_Z], row[HXZ])
    _knot_adjoints(problem, weights, work, gradient, at)
    _event_adjoints(problem, row, gradient, at)
    reading_adjoints(problem, weights, row, gradient, at)
    gradient[2] = row[ADJ_M, 0]
    for i in range(n):
        by_log_rate = row[ADJ_RATE, i] * row[RATE, i]
        gradient[0] += by_log_rate / weights.rate
        gradient[at[16]] += by_log_rate * problem.own[i]
        gradient[1] += row[ADJ_NOISE, i] * weights.noise
    for c in range(len(weights.inputs)):
        for i in range(n):
            by_noise = row[ADJ_NOISE, i] * weights.inputs[c] * problem.extra_noise[c, i]
            gradient[at[3] + c] += row[ADJ_DRIVE, i] * problem.inputs[c, i] + by_noise
    return value


@njit(cache=True, error_model="numpy", nogil=True)
def mean_shift(problem, weights, work, shift):  # type: ignore[no-untyped-def]
    """H^-1 times the derivative of -(1/2) log det H by the path: how far the path's mean lies from its mode.

    `work` is as `find_path` left it.
    """
    path_covariance(work)
    _pull_of_determinant(problem, weights, work)
    solve(work, PULLED, PULLED)
    for i in range(len(shift)):
        shift[i] = work.row[PULLED, i]


@njit(cache=True, error_model="numpy", nogil=True)
def factor_rows(work, log_pivots, ratios):  # type: ignore[no-untyped-def]
    """log d and r of the Hessian that `factorise` left in `work`."""
    row = work.row
    n = row.shape[1]
    for i in range(n):
        log_pivots[i] = math.log(row[PIVOT, i])
        ratios[i] = row[OFF, i] / row[PIVOT, i] if i + 1 < n else 0.0


@njit(cache=True, error_model="numpy", nogil=True)
def spread(log_pivots, ratios, normals, away):  # type: ignore[no-untyped-def]
    """away = L'^-1 D^(-1/2) normals."""
    after = 0.0
    for i in range(len(normals) - 1, -1, -1):
        after = normals[i] * math.exp(-0.5 * log_pivots[i]) - ratios[i] * after
        away[i] = after


@njit(cache=True, error_model="numpy", nogil=True)
def spread_back(log_pivots, ratios, normals, away, by_away, by_log_pivots, by_ratios, by_normals):  # type: ignore[no-untyped-def]
    """The derivatives by what `spread` was given, from those by what it gave."""
    n, pull = len(normals), 0.0
    for i in range(n):
        pull = by_away[i] - (ratios[i - 1] * pull if i > 0 else 0.0)
        scale = math.exp(-0.5 * log_pivots[i])
        by_normals[i] = pull * scale
        by_log_pivots[i] = -0.5 * pull * normals[i] * scale
        by_ratios[i] = -pull * away[i + 1] if i + 1 < n else 0.0


@njit(cache=True, error_model="numpy", nogil=True)
def draw_paths(problem, weights, work, guess, shift, normals, paths, log_ratios):  # type: ignore[no-untyped-def]
    """Pairs of paths and log p(path, data) / q(path) of each. Shapes: normals (m, n), paths (2 m, n), log_ratios (2 m).

    False where Newton's steps from the guess lead nowhere: then nothing is written.
    """
    row = work.row
    n = len(problem.dt)
    _prepare(problem, weights, work)
    for i in range(n):
        row[PATH, i] = guess[i]
    decrement = math.inf
    for _ in range(NEWTON_STEPS):
        if not math.isfinite(_assemble(problem, weights, work)):
            return False
        if not factorise(problem, work, True) and not factorise(problem, work, False):
            return False
        solve(work, GRADIENT, STEP)
        decrement = 0.0
        for i in range(n):
            decrement += row[GRADIENT, i] * row[STEP, i]
            row[PATH, i] += row[STEP, i]
        if not decrement > NEAR:
            break
    if not decrement < LOST:
        return False
    centre, log_pivots, ratios = np.empty(n), np.empty(n), np.empty(n)
    factor_rows(work, log_pivots, ratios)
    constant = 0.0
    for i in range(n):
        centre[i] = row[PATH, i] + shift[i]
        constant += 0.5 * (math.log(row[PRECISION, i]) - log_pivots[i])
    for j in range(len(log_ratios)):
        square, sign = 0.0, 1.0 if j % 2 == 0 else -1.0
        if j % 2 == 0:
            spread(log_pivots, ratios, normals[j // 2], paths[j])
        for i in range(n):
            square += normals[j // 2, i] * normals[j // 2, i]
            away = paths[j, i] if j % 2 == 0 else paths[j - 1, i] - centre[i]
            paths[j, i] = row[PATH, i] = centre[i] + sign * away
        value = _assemble(problem, weights, work)
        log_ratios[j] = value + constant + 0.5 * square if math.isfinite(value) else -math.inf
    return True
