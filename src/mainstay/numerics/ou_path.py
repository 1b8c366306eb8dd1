"""The most probable path of a reverting process seen through readings and through the events it makes likelier.

A scalar Ornstein-Uhlenbeck path runs between knots i = 0..n-1. X_i is its value on arriving at knot i, Z_i on leaving
the knot before (Z_0 given). Legend, for interval i of length dt_i that ends at knot i:

    rate = rate_0 exp(own own_i), E = exp(-rate dt), B = U (1 - E) / rate, q = s2 (1 - E^2) / (2 rate)
    X_i ~ N(E Z_i + B, q)
    Z_{i+1} = M_i(X_i) = keep_i ((X_i + lift_i) exp(-g_i(X_i)) - lift_i) + jump_i
    g_i(x) = sum_k G_ki exp(pull_k x + pull_k^2 spread_i / 2)
    reading j at knot i:      y_j ~ N(b0 + b1 (X_i + tone . z_i + o_i), sd^2), o_i ~ N(0, occasion^2) of the knot
    process k of events:      log intensity  a_k + pull_k S(t) + slope_k year(t) + c . z(t), seen with weight r_ki

The compensator (the integral of the intensities) is taken by Gauss-Legendre nodes in every interval. A node sees both
ends of its interval and the bridge between them: mean  Z (e - beta E) + beta X + ..., variance v, which adds
pull^2 v / 2 to the log intensity. Nodes that saw the left end alone would have an unbounded mode at large noise.
The marginal likelihood is Laplace's: f at its maximum over X, less half the log determinant of the Hessian.
What g takes away is nonlinear in X, so it is taken at its mean over the path's posterior (variance `spread`) and not
at the most probable path alone: E[X exp(pull X)] = (X + pull spread) exp(pull X + pull^2 spread / 2), where `lift`
stands for pull spread (statistical linearisation; García-Fernández, Svensson, Morelande and Särkkä 2015).
"""

from __future__ import annotations

import math

from numba import njit

from mainstay.numerics.kernels import ENTRY, INNER
from mainstay.numerics.layout import (
    B_BENT,
    B_COV,
    B_DECAY,
    B_GRADIENT,
    B_JUMP,
    B_KEEP,
    B_LINEAR,
    B_PATH,
    B_REST,
    B_STEP,
    B_VAR,
    COV,
    GRAD_X,
    HXX,
    LANES,
    PATH,
    READ_PRECISION,
    READ_PULL,
    S_GX,
    S_HX,
    S_OFF,
    VAR,
)
from mainstay.numerics.ou_block import backward, climb_block, finish_forward, forward, minors, move, pivots, variances
from mainstay.numerics.ou_interval import prepare
from mainstay.numerics.readings import add_readings

MAX_ITERATIONS = 80
WIDEST = 32.0
"""Times as wide as it is: the noise of ordinal readings from which a search that failed begins anew."""
NEAR = 1e-12
"""A Newton finish_forward at which the mode is found: what is left of the step is added to value and gradient."""


@njit(**INNER)
def assemble(problem, weights, work, bend):  # type: ignore[no-untyped-def]
    """The joint log density at the path but for what acts and readings add without it, and Newton's system, eliminated.

    Returns (f, decrement, whether the Hessian is positive definite). With `bend` 0 the Hessian leaves out M''.
    """
    block, node, spare, pull = work.block, work.node, work.spare, weights.pull
    q_count, any_unseen = len(problem.node_x), problem.any_unseen
    spare[S_GX + LANES] = spare[S_OFF + LANES] = 0.0
    spare[S_HX + LANES] = 1.0
    f = y = ratio = before = decrement = logarithm = 0.0
    wrong = 0
    for b in range(len(block)):
        blk = block[b]
        spare[S_GX], spare[S_HX], spare[S_OFF] = spare[S_GX + LANES], spare[S_HX + LANES], spare[S_OFF + LANES]
        f += climb_block(blk, node[b], spare, pull, q_count, bend, any_unseen)
        growth, before = minors(blk, spare, before)
        logarithm += growth
        wrong += pivots(blk, spare)
        y, ratio = forward(blk, B_GRADIENT, y, ratio)
        decrement += finish_forward(blk)
    work.total[0] = 0.5 * logarithm
    work.total[1] = decrement
    return f, decrement, wrong == 0


@njit(**INNER)
def load_path(work):  # type: ignore[no-untyped-def]
    """The path of row PATH into the blocks."""
    block, path = work.block, work.row[PATH]
    n = len(path)
    for b in range(len(block)):
        for j in range(LANES + 1):
            i = b * LANES + j - 1
            block[b, B_PATH + j] = path[i] if 0 <= i < n else 0.0


@njit(**INNER)
def store_path(work):  # type: ignore[no-untyped-def]
    """The path of the blocks into row PATH."""
    block, path = work.block, work.row[PATH]
    n = len(path)
    for b in range(len(block)):
        blk, start = block[b], b * LANES
        for j in range(min(LANES, n - start)):
            path[start + j] = blk[B_PATH + j + 1]


@njit(**INNER)
def expand_readings(problem, weights, work):  # type: ignore[no-untyped-def]
    """The readings' log density about row PATH to second order, into the blocks; returns what it is at a path of 0."""
    row, block, read_knot = work.row, work.block, problem.read_knot
    for j in range(len(read_knot)):
        row[GRAD_X, read_knot[j]] = row[HXX, read_knot[j]] = 0.0
    f = add_readings(problem, weights, row)
    last = -1
    for j in range(len(read_knot)):
        i = read_knot[j]
        if i != last:
            x, g, h = row[PATH, i], row[GRAD_X, i], row[HXX, i]
            block[i // LANES, B_LINEAR + i % LANES] = g + h * x
            block[i // LANES, B_BENT + i % LANES] = h
            f -= (g + 0.5 * h * x) * x
        last = i
    return f


@njit(**INNER)
def _cold(work):  # type: ignore[no-untyped-def]
    """Start from the path without noise."""
    block, row = work.block, work.row
    x = 0.0
    for b in range(len(block)):
        for j in range(LANES):
            away = block[b, B_KEEP + j] * x + block[b, B_JUMP + j]
            rest, e, i = block[b, B_REST + j], block[b, B_DECAY + j], b * LANES + j
            x = rest + e * (away - rest)
            if i < row.shape[1]:
                row[PATH, i] = x


@njit(**INNER)
def _finish_readings(work, each_time):  # type: ignore[no-untyped-def]
    """Row PATH at the path found, and the readings' pull there."""
    row = work.row
    if not each_time:
        for i in range(row.shape[1]):
            row[READ_PULL, i] += row[READ_PRECISION, i] * row[PATH, i]
    store_path(work)
    if not each_time:
        for i in range(row.shape[1]):
            row[READ_PULL, i] -= row[READ_PRECISION, i] * row[PATH, i]


@njit(**ENTRY)
def find_path(problem, weights, work, warm):  # type: ignore[no-untyped-def]
    """Newton's method to the most probable path. Returns (f at it, iterations); f is -inf where it does not converge.

    With `warm` it starts from the path in row PATH, which the last call left. On return row PATH holds the path and
    the exact Hessian is factorised in `work`. Ordinal readings whose noise is small beside the steps between answers
    can throw the steps far off; then the path is first found with wider noise, which is narrowed step by step.
    """
    f, iterations = _climb(problem, weights, work, warm)
    if len(weights.cuts) == 0 or math.isfinite(f):
        return f, iterations
    wider, warm = WIDEST, False
    while wider >= 1.0:
        for i in range(len(weights.sd)):
            weights.sd[i] *= wider  # by powers of two, so that dividing gives exactly what was there
        f, more = _climb(problem, weights, work, warm)
        for i in range(len(weights.sd)):
            weights.sd[i] /= wider
        iterations += more
        if not math.isfinite(f):
            break
        wider, warm = 0.5 * wider, True
    return f, iterations


@njit(**INNER)
def _climb(problem, weights, work, warm):  # type: ignore[no-untyped-def]
    """One run of Newton's steps, as `find_path` promises."""
    block = work.block
    constant = prepare(problem, weights, work)
    if not warm:
        _cold(work)
    load_path(work)
    # readings that are all continuous are quadratic in the path: expanded once
    each_time = len(weights.cuts) > 0
    read = expand_readings(problem, weights, work)
    best, scale, bend = -math.inf, 1.0, 1.0
    for iteration in range(1, MAX_ITERATIONS + 1):
        f, decrement, definite = assemble(problem, weights, work, bend)
        f += constant + read
        if not f > best - 1e-8 * (1.0 + abs(best)):
            if iteration == 1 or scale < 1e-4:
                return -math.inf, iteration
            for b in range(len(block)):
                move(-0.5 * scale, block[b])
            scale *= 0.5
        elif not definite:
            # far from the mode the Hessian may bend the wrong way: once more without M''
            if bend == 0.0:
                return -math.inf, iteration
            best, bend = f, 0.0
            continue
        elif decrement < NEAR:
            _finish_readings(work, each_time)
            return (f + 0.5 * decrement if bend == 1.0 else -math.inf), iteration
        else:
            after = 0.0
            for k in range(len(block)):
                b = len(block) - 1 - k
                after = backward(block[b], B_STEP, after)
                move(1.0, block[b])
            best, scale, bend = f, 1.0, 1.0
        if each_time:
            store_path(work)
            read = expand_readings(problem, weights, work)
    return -math.inf, MAX_ITERATIONS


@njit(**ENTRY)
def log_marginal(problem, work, f):  # type: ignore[no-untyped-def]
    """Laplace's log marginal likelihood from f at the mode and the pivots."""
    return f - work.total[0]


@njit(**ENTRY)
def path_covariance(work):  # type: ignore[no-untyped-def]
    """Variances of X_i into VAR and covariances of (X_{i-1}, X_i) into COV[i]."""
    block, row = work.block, work.row
    n = row.shape[1]
    after = 1.0
    for k in range(len(block)):
        b = len(block) - 1 - k
        blk, start = block[b], b * LANES
        after = variances(blk, after)
        for j in range(min(LANES, n - start)):
            row[VAR, start + j] = blk[B_VAR + j + 1]
            row[COV, start + j] = blk[B_COV + j]
