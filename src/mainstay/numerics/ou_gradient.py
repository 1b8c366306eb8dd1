"""The exact gradient of the Laplace marginal likelihood of `ou_path`, in one pass over the intervals.

At the mode X the likelihood is L = f - (1/2) log det H. With C = H^-1 (its three diagonals) and
w = H^-1 v, v = d(-(1/2) log det H)/dX, the derivative by any parameter is that of the surrogate

    sum over factors phi(eta):   phi + phi' (grad eta . w) + (1/2) phi'' (grad eta' C grad eta) + (1/2) phi' p M'' C11

with X, C and w held fixed, where eta = p Z + s X + const and Z = M(X of the knot before), grad eta = (p M', s).
Every factor of an interval is differentiated by what the interval knows (E, drive, noise, M, M', M''), and those
by the parameters afterwards.
"""

from __future__ import annotations

import math

from numba import njit

from mainstay.numerics.kernels import ENTRY, FAST, INNER
from mainstay.numerics.layout import (
    B_BY_KEEP,
    B_BY_M,
    B_COV,
    B_FORWARD,
    B_GRADIENT,
    B_GZ,
    B_HXZ,
    B_HZZ,
    B_INVERSE,
    B_M1,
    B_M2,
    B_M3,
    B_PULL,
    B_PULL_X,
    B_VAR,
    B_W,
    LANES,
    PATH,
    PULLED,
    S_CZX,
    S_CZZ,
    S_THREE,
    THIRD,
    VAR,
)
from mainstay.numerics.ou_adjoints import block_adjoints
from mainstay.numerics.ou_block import backward, forward, variances
from mainstay.numerics.ou_path import find_path
from mainstay.numerics.readings import reading_adjoints


@njit(**FAST)
def _spreads(blk, spare):  # type: ignore[no-untyped-def]
    """The covariance of (Z, X) of every interval, and the start of v: what the bend of M gives."""
    for j in range(LANES):
        m1, m2, c11, c12 = blk[B_M1 + j], blk[B_M2 + j], blk[B_VAR + j], blk[B_COV + j]
        hxz = blk[B_HXZ + j]
        spare[S_CZZ + j] = m1 * m1 * c11
        spare[S_CZX + j] = m1 * c12
        blk[B_PULL_X + j + 1] = -0.5 * hxz * m2 * c11
        blk[B_PULL + j] = (
            0.5 * blk[B_GZ + j] * blk[B_M3 + j] * c11 - 1.5 * blk[B_HZZ + j] * m1 * m2 * c11 - hxz * m2 * c12
        )


@njit(**FAST)
def _cubes(pull, first, node, heat, spare):  # type: ignore[no-untyped-def]
    kept = 0.0 if first else 1.0
    cube = 0.5 * pull * pull * pull
    for j in range(LANES):
        spare[S_THREE + j] = kept * spare[S_THREE + j] + cube * node[heat, j]


@njit(**FAST)
def _third_order(node, alpha, beta, blk, spare):  # type: ignore[no-untyped-def]
    """Add to v what the third derivatives of one node's intensities give."""
    for j in range(LANES):
        a, b = node[alpha, j], node[beta, j]
        spread = a * a * spare[S_CZZ + j] + 2.0 * a * b * spare[S_CZX + j] + b * b * blk[B_VAR + j + 1]
        third = spare[S_THREE + j] * spread
        blk[B_PULL_X + j + 1] -= third * b
        blk[B_PULL + j] -= third * a * blk[B_M1 + j]


@njit(**INNER)
def pull_of_determinant(problem, weights, work):  # type: ignore[no-untyped-def]
    """Variances of the path, and v: the derivative of -(1/2) log det H by the path."""
    block, node, spare, row, pull = work.block, work.node, work.spare, work.row, weights.pull
    n, q_count, k_count = len(problem.dt), len(problem.node_x), len(weights.pull)
    after = 1.0
    for back in range(len(block)):
        b = len(block) - 1 - back
        blk, nodes, start = block[b], node[b], b * LANES
        after = variances(blk, after)
        for j in range(min(LANES, n - start)):
            row[VAR, start + j] = blk[B_VAR + j + 1]
        _spreads(blk, spare)
        if k_count > 0:
            for q in range(q_count):
                for k in range(k_count):
                    _cubes(pull[k], k == 0, nodes, 3 * q_count + q_count * k_count + q * k_count + k, spare)
                _third_order(nodes, q_count - 1 - q, q, blk, spare)
        for j in range(min(LANES, n - start)):
            blk[B_PULL_X + j + 1] += 0.5 * row[THIRD, start + j] * blk[B_VAR + j + 1]


@njit(**FAST)
def _gather_pull(before, rest, blk):  # type: ignore[no-untyped-def]
    """v of the knots a block's intervals leave, with what Newton's steps left of the gradient; then what follows it."""
    blk[B_PULL_X] = before
    for j in range(LANES):
        blk[B_PULL + j] += blk[B_PULL_X + j] + rest * blk[B_GRADIENT + j]
    return blk[B_PULL_X + LANES]


@njit(**FAST)
def _scale_forward(blk):  # type: ignore[no-untyped-def]
    for j in range(LANES):
        blk[B_FORWARD + j] *= blk[B_INVERSE + j]


@njit(**INNER)
def forward_pull(work, rest):  # type: ignore[no-untyped-def]
    """Forward substitution of v, with `rest` times the gradient by the path."""
    block = work.block
    before = y = ratio = 0.0
    for b in range(len(block)):
        before = _gather_pull(before, rest, block[b])
        y, ratio = forward(block[b], B_PULL, y, ratio)
        _scale_forward(block[b])


@njit(**INNER)
def event_adjoints(problem, weights, work, gradient, at):  # type: ignore[no-untyped-def]
    """Acts and jumps at the knots."""
    row, block = work.row, work.block
    for j in range(len(problem.event_knot)):
        i, k = problem.event_knot[j], problem.event_process[j]
        slot = i + 1
        gradient[at[4] + k] += 1.0
        gradient[at[5] + k] += row[PATH, i] + row[PULLED, i]
        gradient[at[8] + k] += problem.drift_knot[i]
        for f in range(len(weights.features)):
            gradient[at[9] + f] += problem.knot_features[f, i]
        by_logit = -block[slot // LANES, B_BY_KEEP + slot % LANES] * work.share[j]
        gradient[at[6] + k] += by_logit
        gradient[at[7] + k] -= by_logit * problem.fade_knot[i]
        for b in range(len(weights.share_features)):
            gradient[at[17] + b] -= by_logit * problem.fade_features[b, i]
    for j in range(len(problem.jump_knot)):
        slot = problem.jump_knot[j] + 1
        by_m = block[slot // LANES, B_BY_M + slot % LANES]
        gradient[at[3] + problem.jump_input[j]] += by_m * problem.jump_size[j]
    gradient[2] = block[0, B_BY_M]


@njit(**ENTRY)
def places(weights):  # type: ignore[no-untyped-def]
    """Where each field of `Weights` begins in the gradient, and its length at the end."""
    m, k, h, items = len(weights.inputs), len(weights.level), len(weights.features), len(weights.intercept)
    after = 3 + m + 5 * k
    tone = after + h + 3 * items + 1
    cuts = tone + len(weights.tone)
    own = cuts + len(weights.cuts)
    return (
        0, 1, 2, 3, 3 + m, 3 + m + k, 3 + m + 2 * k, 3 + m + 3 * k,
        3 + m + 4 * k, after, after + h, after + h + items, after + h + 2 * items, after + h + 3 * items,
        tone, cuts, own, own + 1, own + 1 + len(weights.share_features),
    )  # fmt: skip


@njit(**ENTRY)
def value_and_gradient(problem, weights, work, warm, gradient):  # type: ignore[no-untyped-def]
    """The log marginal likelihood; its gradient is written in the order of the fields of `Weights`.

    Returns (value, Newton iterations). Where no mode is found the value is -inf and the gradient is not touched. What
    Newton's steps left of the gradient g by the path is carried to first order: w = H^-1 (v + g), and the value
    with g . w - g . H^-1 g / 2 more.
    """
    f, iterations = find_path(problem, weights, work, warm)
    if not math.isfinite(f):
        return -math.inf, iterations
    at, block, row = places(weights), work.block, work.row
    n = len(problem.dt)
    for j in range(at[18]):
        gradient[j] = 0.0
    value = f - work.total[0] - work.total[1]
    pull_of_determinant(problem, weights, work)
    forward_pull(work, 1.0)
    after = 0.0
    for back in range(len(block)):
        b = len(block) - 1 - back
        start = b * LANES
        after = backward(block[b], B_W, after)
        for j in range(min(LANES, n - start)):
            row[PULLED, start + j] = block[b, B_W + j + 1]
        value += block_adjoints(problem, weights, b, work, gradient, at)
    gradient[0] /= weights.rate
    gradient[1] *= weights.noise
    event_adjoints(problem, weights, work, gradient, at)
    reading_adjoints(problem, weights, row, gradient, at)
    return value, iterations
