"""The path without noise, seen through readings and through the events it makes likelier: value and exact gradient.

The model of `ou_path` with noise 0 (and no `extra_noise`): on the way to knot i, with R = U / rate,

    X_i = R + exp(-rate dt) (Z_i - R),   Z_{i+1} = M_i(X_i),

so that the path is a function of the parameters, and its likelihood needs no search and no Laplace. Forward the path
and the integrated intensities are gone through once, backward the adjoint of the path; both by blocks, the only
sequential loops being those of the path and of its adjoint. Unseen acts take away what `ou_path` says, with the spread
and lift that the problem holds (0: the path itself is plugged in).
"""

from __future__ import annotations

import math

from numba import njit

from mainstay.numerics.exponential import fast_exp
from mainstay.numerics.kernels import ENTRY, FAST, INNER
from mainstay.numerics.layout import (
    B_BY_KEEP,
    B_BY_LENGTH,
    B_BY_M,
    B_BY_REST,
    B_DECAY,
    B_EVENT,
    B_JUMP,
    B_KEEP,
    B_LENGTH,
    B_LIFT,
    B_LINEAR,
    B_M1,
    B_PATH,
    B_RATE,
    B_REST,
    B_Z,
    GRAD_X,
    HXX,
    LANES,
    PATH,
    PULLED,
    S_ALL,
    S_BY_MEAN,
    S_DRIVE,
    S_ONE,
    S_THREE,
    S_TWO,
    VAR,
)
from mainstay.numerics.ou_adjoints import dot, unseen_process
from mainstay.numerics.ou_gradient import event_adjoints, places
from mainstay.numerics.ou_interval import (
    add_drive,
    add_feature,
    at_knots,
    clear_row,
    lengths,
    start_drive,
    unseen_at_zero,
)
from mainstay.numerics.readings import add_readings, reading_adjoints


@njit(**FAST)
def _interval(m, blk, spare):  # type: ignore[no-untyped-def]
    """Decay and rest; then the path's own step, X = a X_before + c, as long as all acts are seen."""
    for j in range(LANES):
        e = fast_exp(-blk[B_LENGTH + j])
        rest = spare[S_DRIVE + j] / blk[B_RATE + j]
        blk[B_DECAY + j] = e
        blk[B_REST + j] = rest
    for j in range(m, LANES):
        blk[B_DECAY + j] = blk[B_REST + j] = 0.0
    for j in range(LANES):
        e, rest = blk[B_DECAY + j], blk[B_REST + j]
        spare[S_ONE + j] = e * blk[B_KEEP + j]
        spare[S_TWO + j] = rest + e * (blk[B_JUMP + j] - rest)


@njit(**FAST)
def _walk(x, blk, spare):  # type: ignore[no-untyped-def]
    blk[B_PATH] = x
    for j in range(LANES):
        x = spare[S_ONE + j] * x + spare[S_TWO + j]
        blk[B_PATH + j + 1] = x
    for j in range(LANES):
        blk[B_M1 + j] = blk[B_KEEP + j]
        blk[B_Z + j] = blk[B_KEEP + j] * blk[B_PATH + j] + blk[B_JUMP + j] - blk[B_REST + j]
    return x


@njit(**INNER)
def _walk_unseen(x, blk, node, first, pull):  # type: ignore[no-untyped-def]
    """The same where acts go unseen."""
    blk[B_PATH] = x
    for j in range(LANES):
        keep, lift, rest = blk[B_KEEP + j], blk[B_LIFT + j], blk[B_REST + j]
        g = g1 = 0.0
        for k in range(len(pull)):
            if node[first + k, j] > 0.0:
                term = node[first + k, j] * fast_exp(min(pull[k] * x, 50.0))
                g += term
                g1 += pull[k] * term
        left = keep * fast_exp(-g) if g > 0.0 else keep
        blk[B_M1 + j] = left * (1.0 - (x + lift) * g1)
        z = left * (x + lift) - keep * lift + blk[B_JUMP + j] - rest
        blk[B_Z + j] = z
        x = rest + blk[B_DECAY + j] * z
        blk[B_PATH + j + 1] = x
    return x


@njit(**FAST)
def _clear_adjoints(blk):  # type: ignore[no-untyped-def]
    for j in range(LANES):
        blk[B_BY_M + j] = blk[B_BY_REST + j] = blk[B_BY_LENGTH + j] = 0.0


@njit(**FAST)
def _node(x, blk, node, q, spare):  # type: ignore[no-untyped-def]
    """The decay to a node; adjoints there at nothing."""
    for j in range(LANES):
        node[q, j] = fast_exp(-x * blk[B_LENGTH + j])
        spare[S_ALL + j] = spare[S_BY_MEAN + j] = 0.0


@njit(**FAST)
def _heat(weight, level, slope, pull, year, seen, dt, node, q, base, blk, spare):  # type: ignore[no-untyped-def]
    """The integrated intensity of one process at one node, and how it goes with level, slope and pull."""
    total = by_slope = by_pull = 0.0
    for j in range(len(dt)):
        mean = blk[B_REST + j] + node[q, j] * blk[B_Z + j]
        h = weight * dt[j] * seen[j] * fast_exp(level + slope * year[j] + node[base, j] + pull * mean)
        total += h
        by_slope += h * year[j]
        by_pull += h * mean
        spare[S_ALL + j] -= h
        spare[S_BY_MEAN + j] -= pull * h
    return total, by_slope, by_pull


@njit(**FAST)
def _node_adjoints(x, node, q, blk, spare):  # type: ignore[no-untyped-def]
    for j in range(LANES):
        e, by_mean = node[q, j], spare[S_BY_MEAN + j]
        blk[B_BY_M + j] += by_mean * e
        blk[B_BY_REST + j] += by_mean * (1.0 - e)
        blk[B_BY_LENGTH + j] -= by_mean * blk[B_Z + j] * x * e


@njit(**INNER)
def _block_heat(problem, weights, b, work, gradient, at):  # type: ignore[no-untyped-def]
    """The compensator of one block, with the gradient's part that needs no adjoint of the path."""
    blk, node, spare = work.block[b], work.node[b], work.spare
    start, end = b * LANES, min((b + 1) * LANES, len(problem.dt))
    q_count, k_count = len(problem.node_x), len(weights.level)
    node_features, days, base, total = problem.node_features, problem.dt[start:end], q_count, 0.0
    for q in range(q_count):
        x = problem.node_x[q]
        _node(x, blk, node, q, spare)
        clear_row(node, base)
        for f in range(len(weights.features)):
            add_feature(weights.features[f], node_features[f, q, start:end], node, base)
        for k in range(k_count):
            heat, by_slope, by_pull = _heat(
                problem.node_w[q], weights.level[k], weights.slope[k], weights.pull[k],
                problem.drift_node[q, start:end], problem.seen[k, start:end], days, node, q, base, blk, spare,
            )  # fmt: skip
            total += heat
            gradient[at[4] + k] -= heat
            gradient[at[5] + k] -= by_pull
            gradient[at[8] + k] -= by_slope
        for f in range(len(weights.features)):
            gradient[at[9] + f] += dot(node_features[f, q, start:end], spare, S_ALL)
        _node_adjoints(x, node, q, blk, spare)
    return total


@njit(**INNER)
def _forward(problem, weights, work, gradient, at):  # type: ignore[no-untyped-def]
    """The path, into the blocks and row PATH, and the log density but for the readings."""
    row, block, spare, inputs = work.row, work.block, work.spare, problem.inputs
    n, q_count, k_count = len(problem.dt), len(problem.node_x), len(weights.level)
    value, x = at_knots(problem, weights, work), 0.0
    if problem.any_unseen:
        unseen_at_zero(problem, weights, work)
    for b in range(len(block)):
        blk = block[b]
        start, end = b * LANES, min((b + 1) * LANES, n)
        lengths(weights.rate, weights.own, problem.own[start:end], problem.dt[start:end], blk)
        start_drive(0.0, spare)
        for c in range(len(inputs)):
            if work.used[0, c] == 1:
                add_drive(weights.inputs[c], inputs[c, start:end], spare)
        _interval(end - start, blk, spare)
        if problem.any_unseen:
            x = _walk_unseen(x, blk, work.node[b], 3 * q_count + 2 * q_count * k_count, weights.pull)
        else:
            x = _walk(x, blk, spare)
        for j in range(end - start):
            row[PATH, start + j] = blk[B_PATH + j + 1]
        _clear_adjoints(blk)
        if k_count > 0:
            value -= _block_heat(problem, weights, b, work, gradient, at)
    for j in range(len(problem.event_knot)):
        value += weights.pull[problem.event_process[j]] * row[PATH, problem.event_knot[j]]
    return value


@njit(**INNER)
def _readings(problem, weights, work):  # type: ignore[no-untyped-def]
    """Their log density, its derivative by the path into the blocks."""
    row, block, read_knot = work.row, work.block, problem.read_knot
    for i in range(len(problem.dt)):
        row[PULLED, i] = row[VAR, i] = 0.0
    for j in range(len(read_knot)):
        row[GRAD_X, read_knot[j]] = row[HXX, read_knot[j]] = 0.0
    value = add_readings(problem, weights, row)
    for j in range(len(read_knot)):
        i = read_knot[j]
        block[i // LANES, B_LINEAR + i % LANES] = row[GRAD_X, i]
    return value


@njit(**FAST)
def _walk_back(after, blk, spare):  # type: ignore[no-untyped-def]
    """The adjoint of the path through a block, from what its last knot's next interval gives; then the interval's."""
    for j in range(LANES):
        m1, e = blk[B_M1 + j], blk[B_DECAY + j]
        spare[S_ONE + j] = m1 * (blk[B_BY_M + j] + e * (blk[B_EVENT + j] + blk[B_LINEAR + j]))
        spare[S_TWO + j] = m1 * e
    spare[S_THREE + LANES] = after
    for k in range(LANES):
        j = LANES - 1 - k
        after = spare[S_ONE + j] + spare[S_TWO + j] * after
        spare[S_THREE + j] = after
    for j in range(LANES):
        e, by_x = blk[B_DECAY + j], blk[B_EVENT + j] + blk[B_LINEAR + j] + spare[S_THREE + j + 1]
        blk[B_BY_M + j] += e * by_x
        blk[B_BY_REST + j] += by_x * (1.0 - e)
        blk[B_BY_LENGTH + j] -= by_x * blk[B_Z + j] * e
    return after


@njit(**FAST)
def _rates(own, blk, spare):  # type: ignore[no-untyped-def]
    """The derivatives by the log rate and by own; the adjoint of the drive; that of the log of what is kept."""
    by_rate = by_own = 0.0
    for j in range(LANES):
        by = blk[B_BY_LENGTH + j] * blk[B_LENGTH + j] - blk[B_BY_REST + j] * blk[B_REST + j]
        by_rate += by
        spare[S_ONE + j] = by
        spare[S_ALL + j] = blk[B_BY_REST + j] / blk[B_RATE + j]
        blk[B_BY_KEEP + j] = blk[B_BY_M + j] * blk[B_KEEP + j] * blk[B_PATH + j]
    for j in range(len(own)):
        by_own += spare[S_ONE + j] * own[j]
    return by_rate, by_own


@njit(**INNER)
def _unseen_adjoints(blk, node, first, pull, spare):  # type: ignore[no-untyped-def]
    """The adjoints of what is kept and of g where acts go unseen, as `unseen_process` reads them."""
    for j in range(LANES):
        g = 0.0
        for k in range(len(pull)):
            if node[first + k, j] > 0.0:
                g += node[first + k, j] * fast_exp(min(pull[k] * blk[B_PATH + j], 50.0))
        left = blk[B_KEEP + j] * fast_exp(-g) * (blk[B_PATH + j] + blk[B_LIFT + j])
        blk[B_BY_KEEP + j] = blk[B_BY_M + j] * (left - blk[B_KEEP + j] * blk[B_LIFT + j])
        spare[S_ONE + j] = -blk[B_BY_M + j] * left
        spare[S_TWO + j] = spare[S_THREE + j] = 0.0


@njit(**INNER)
def _backward(problem, weights, work, gradient, at):  # type: ignore[no-untyped-def]
    block, spare, inputs = work.block, work.spare, problem.inputs
    n, q_count, k_count = len(problem.dt), len(problem.node_x), len(weights.level)
    first, after = 3 * q_count + 2 * q_count * k_count, 0.0
    for back in range(len(block)):
        b = len(block) - 1 - back
        blk = block[b]
        start, end = b * LANES, min((b + 1) * LANES, n)
        after = _walk_back(after, blk, spare)
        by_rate, by_own = _rates(problem.own[start:end], blk, spare)
        gradient[0] += by_rate / weights.rate
        gradient[at[16]] += by_own
        for c in range(len(inputs)):
            if work.used[0, c] == 1:
                gradient[at[3] + c] += dot(inputs[c, start:end], spare, S_ALL)
        if problem.any_unseen:
            node = work.node[b]
            _unseen_adjoints(blk, node, first, weights.pull, spare)
            for k in range(k_count):
                unseen_process(problem, weights, k, start, blk, node[first + k], spare, gradient, at)


@njit(**ENTRY)
def value_and_gradient_still(problem, weights, work, gradient):  # type: ignore[no-untyped-def]
    """The log likelihood without noise; its gradient in the order of the fields of `Weights`, 0 for the noise.

    Row PATH of `work` holds the path. The value is -inf, and the gradient 0, where it is not finite.
    """
    at = places(weights)
    for j in range(at[18]):
        gradient[j] = 0.0
    value = _forward(problem, weights, work, gradient, at)
    value += _readings(problem, weights, work)
    if not math.isfinite(value):
        for j in range(at[18]):
            gradient[j] = 0.0
        return -math.inf
    _backward(problem, weights, work, gradient, at)
    event_adjoints(problem, weights, work, gradient, at)
    reading_adjoints(problem, weights, work.row, gradient, at)
    return value
