"""The exact gradient by what the intervals of one block know, and from there by the parameters. See `ou_gradient`."""

from __future__ import annotations

from numba import njit

from mainstay.numerics.exponential import fast_exp
from mainstay.numerics.kernels import FAST, INNER
from mainstay.numerics.layout import (
    B_BY_KEEP,
    B_BY_M,
    B_COTH,
    B_COV,
    B_DECAY,
    B_GRADIENT,
    B_GZ,
    B_HALF,
    B_HXZ,
    B_HZZ,
    B_KEEP,
    B_LENGTH,
    B_LIFT,
    B_M1,
    B_M2,
    B_PATH,
    B_PRECISION,
    B_RATE,
    B_REST,
    B_VAR,
    B_W,
    LANES,
    S_ALL,
    S_BY_LENGTH,
    S_BY_MEAN,
    S_BY_NOISE,
    S_BY_REST,
    S_BY_VARIANCE,
    S_CZX,
    S_CZZ,
    S_DELTA,
    S_DZ,
    S_G,
    S_G1,
    S_G2,
    S_MEAN,
    S_ONE,
    S_SPREAD,
    S_THREE,
    S_TWO,
    S_X,
    S_Z,
)
from mainstay.numerics.ou_block import leave_block
from mainstay.numerics.ou_interval import share_logit


@njit(**FAST)
def _moments(blk, spare):  # type: ignore[no-untyped-def]
    """What a factor of an interval is differentiated with: the shift and covariance of its ends; adjoints at nothing.

    `leave_block` has left Z and X about the interval's rest.
    """
    left = 0.0
    for j in range(LANES):
        m1, c11 = blk[B_M1 + j], blk[B_VAR + j]
        spare[S_DZ + j] = m1 * blk[B_W + j] + 0.5 * blk[B_M2 + j] * c11
        spare[S_CZZ + j] = m1 * m1 * c11
        spare[S_CZX + j] = m1 * blk[B_COV + j]
        left += blk[B_W + j] * blk[B_GRADIENT + j]
    return left


@njit(**FAST)
def _transition_adjoints(blk, spare):  # type: ignore[no-untyped-def]
    for j in range(LANES):
        e, p, coth, z = blk[B_DECAY + j], blk[B_PRECISION + j], blk[B_COTH + j], spare[S_Z + j]
        dz, dx = spare[S_DZ + j], blk[B_W + j + 1]
        czz, czx, cxx = spare[S_CZZ + j], spare[S_CZX + j], blk[B_VAR + j + 1]
        r = spare[S_X + j] - e * z
        by_r = -p * (r + dx - e * dz)
        by_e = p * (r * dz + czx - e * czz) - by_r * z
        squares = r * r + 2.0 * r * (dx - e * dz) + cxx - 2.0 * e * czx + e * e * czz
        by_log_p = 0.5 - 0.5 * p * squares
        blk[B_BY_M + j] = -by_r * e
        spare[S_BY_REST + j] = -by_r * (1.0 - e)
        spare[S_BY_NOISE + j] = -by_log_p
        spare[S_BY_LENGTH + j] = -by_e * e - by_log_p * (coth - 1.0)


@njit(**FAST)
def _node_moments(node, alpha, beta, blk, spare):  # type: ignore[no-untyped-def]
    for j in range(LANES):
        a, b = node[alpha, j], node[beta, j]
        spare[S_DELTA + j] = a * spare[S_DZ + j] + b * blk[B_W + j + 1]
        spare[S_SPREAD + j] = a * a * spare[S_CZZ + j] + 2.0 * a * b * spare[S_CZX + j] + b * b * blk[B_VAR + j + 1]
        spare[S_MEAN + j] = blk[B_REST + j] + a * spare[S_Z + j] + b * spare[S_X + j]


@njit(**FAST)
def _heat_adjoints(pull, first, year, node, heat, variance, spare):  # type: ignore[no-untyped-def]
    """The derivatives of one process at one node by its level, slope and pull; the node's own are added up in spare."""
    kept = 0.0 if first else 1.0
    by_level = by_pull = 0.0
    for j in range(LANES):
        h, delta, spread = node[heat, j], spare[S_DELTA + j], spare[S_SPREAD + j]
        by = -h * (1.0 + pull * delta + 0.5 * pull * pull * spread)
        by_level += by
        by_pull += by * (spare[S_MEAN + j] + pull * node[variance, j]) - h * (delta + pull * spread)
        spare[S_THREE + j] = by
        spare[S_ALL + j] = kept * spare[S_ALL + j] + by
        spare[S_BY_MEAN + j] = kept * spare[S_BY_MEAN + j] + pull * by
        spare[S_BY_VARIANCE + j] = kept * spare[S_BY_VARIANCE + j] + 0.5 * pull * pull * by
        spare[S_ONE + j] = kept * spare[S_ONE + j] + pull * h
        spare[S_TWO + j] = kept * spare[S_TWO + j] + pull * pull * h
    by_slope = 0.0
    for j in range(len(year)):
        by_slope += spare[S_THREE + j] * year[j]
    return by_level, by_slope, by_pull


@njit(**FAST)
def _node_adjoints(node, alpha, beta, coth, mirror, variance, blk, spare):  # type: ignore[no-untyped-def]
    """From the mean and variance at a node to what the interval knows."""
    for j in range(LANES):
        a, b, one, two = node[alpha, j], node[beta, j], spare[S_ONE + j], spare[S_TWO + j]
        by_mean, czx = spare[S_BY_MEAN + j], spare[S_CZX + j]
        by_a = by_mean * spare[S_Z + j] - one * spare[S_DZ + j] - two * (a * spare[S_CZZ + j] + b * czx)
        by_b = by_mean * spare[S_X + j] - one * blk[B_W + j + 1] - two * (a * czx + b * blk[B_VAR + j + 1])
        by_v = spare[S_BY_VARIANCE + j] * node[variance, j]
        whole = blk[B_COTH + j]
        from_a, from_b = node[mirror, j] - whole, node[coth, j] - whole
        blk[B_BY_M + j] += by_mean * a
        spare[S_BY_REST + j] += by_mean * (1.0 - a - b)
        spare[S_BY_NOISE + j] += by_v
        spare[S_BY_LENGTH + j] += by_a * a * from_a + by_b * b * from_b + by_v * (from_a + from_b + whole)


@njit(**FAST)
def dot(source, spare, at):  # type: ignore[no-untyped-def]
    """The sum of products of a row of the problem with one of the scratch rows."""
    total = 0.0
    row = spare[at : at + LANES]
    for j in range(len(source)):
        total += source[j] * row[j]
    return total


@njit(**FAST)
def _rate_adjoints(own, blk, spare):  # type: ignore[no-untyped-def]
    """The derivatives by the log rate, by own and by the noise; the adjoints of drive and noise then follow."""
    by_rate = by_noise = by_own = 0.0
    for j in range(LANES):
        inverse = 1.0 / blk[B_RATE + j]
        by_rest, by_log = spare[S_BY_REST + j], spare[S_BY_NOISE + j]
        by = spare[S_BY_LENGTH + j] * blk[B_LENGTH + j] - by_rest * blk[B_REST + j] - by_log
        by_rate += by
        spare[S_BY_LENGTH + j] = by
        spare[S_BY_REST + j] = by_rest * inverse
        scaled = by_log * inverse / blk[B_HALF + j]
        spare[S_BY_NOISE + j] = scaled
        by_noise += scaled
    for j in range(len(own)):
        by_own += spare[S_BY_LENGTH + j] * own[j]
    return by_rate, by_own, by_noise


@njit(**FAST)
def _knot_adjoints(blk):  # type: ignore[no-untyped-def]
    """The adjoint of the logarithm of what is kept at a knot, all acts seen."""
    for j in range(LANES):
        c11, c12, keep = blk[B_VAR + j], blk[B_COV + j], blk[B_KEEP + j]
        by_m1 = blk[B_GZ + j] * blk[B_W + j] - blk[B_HZZ + j] * keep * c11 - blk[B_HXZ + j] * c12
        blk[B_BY_KEEP + j] = keep * (blk[B_BY_M + j] * blk[B_PATH + j] + by_m1)


@njit(**FAST)
def _unseen_adjoints(blk, spare):  # type: ignore[no-untyped-def]
    """The same where acts go unseen; the adjoints of g, g' and g'' stay in spare."""
    for j in range(LANES):
        keep, lift, m1, c11, c12 = blk[B_KEEP + j], blk[B_LIFT + j], blk[B_M1 + j], blk[B_VAR + j], blk[B_COV + j]
        gz, y = blk[B_GZ + j], blk[B_PATH + j] + blk[B_LIFT + j]
        am = blk[B_BY_M + j]
        am1 = gz * blk[B_W + j] - blk[B_HZZ + j] * m1 * c11 - blk[B_HXZ + j] * c12
        am2 = 0.5 * gz * c11
        g1, g2 = spare[S_G1 + j], spare[S_G2 + j]
        left = keep * fast_exp(-spare[S_G + j])
        whole = am * y + am1 * (1.0 - y * g1) + am2 * (-2.0 * g1 - y * g2 + y * g1 * g1)
        blk[B_BY_KEEP + j] = left * whole - keep * am * lift
        spare[S_ONE + j] = -left * whole
        spare[S_TWO + j] = left * (-am1 * y + am2 * (-2.0 + 2.0 * y * g1))
        spare[S_THREE + j] = -left * am2 * y


@njit(**INNER)
def unseen_process(problem, weights, k, start, blk, unseen, spare, gradient, at):  # type: ignore[no-untyped-def]
    """What one process's unseen acts give the gradient, knot by knot."""
    p, n = weights.pull[k], len(problem.dt)
    logit, fade, by_features = weights.share_logit, weights.share_fade, weights.share_features
    for j in range(LANES):
        i = start + j - 1
        if unseen[j] == 0.0 or i < 0 or i >= n:
            continue
        x = blk[B_PATH + j]
        term = unseen[j] * fast_exp(min(p * x, 50.0))
        by_g1, by_g2 = spare[S_TWO + j], spare[S_THREE + j]
        grown = (spare[S_ONE + j] + by_g1 * p + by_g2 * p * p) * term
        gone = fast_exp(share_logit(k, i, logit, fade, by_features, problem.fade_knot, problem.fade_features))
        by_logit = grown / (1.0 + gone)
        gradient[at[4] + k] += grown
        gradient[at[5] + k] += grown * (x + p * problem.spread[i]) + (by_g1 + by_g2 * 2.0 * p) * term
        gradient[at[6] + k] += by_logit
        gradient[at[7] + k] -= by_logit * problem.fade_knot[i]
        for b in range(len(by_features)):
            gradient[at[17] + b] -= by_logit * problem.fade_features[b, i]
        gradient[at[8] + k] += grown * problem.drift_knot[i]
        for f in range(len(weights.features)):
            gradient[at[9] + f] += grown * problem.knot_features[f, i]


@njit(**INNER)
def block_adjoints(problem, weights, b, work, gradient, at):  # type: ignore[no-untyped-def]
    """The gradient's part of one block, by all that intervals know; returns g . w."""
    blk, node, spare, used = work.block[b], work.node[b], work.spare, work.used
    start, end = b * LANES, min((b + 1) * LANES, len(problem.dt))
    q_count, k_count, pull = len(problem.node_x), len(weights.pull), weights.pull
    leave_block(blk, node, spare, pull, q_count, problem.any_unseen)
    left = _moments(blk, spare)
    _transition_adjoints(blk, spare)
    if k_count > 0:
        for q in range(q_count):
            mirror, heat = q_count - 1 - q, 3 * q_count + q_count * k_count + q * k_count
            _node_moments(node, mirror, q, blk, spare)
            for k in range(k_count):
                by_level, by_slope, by_pull = _heat_adjoints(
                    pull[k], k == 0, problem.drift_node[q, start:end], node, heat + k, 2 * q_count + q, spare
                )
                gradient[at[4] + k] += by_level
                gradient[at[5] + k] += by_pull
                gradient[at[8] + k] += by_slope
            for f in range(len(weights.features)):
                gradient[at[9] + f] += dot(problem.node_features[f, q, start:end], spare, S_ALL)
            _node_adjoints(node, mirror, q, q_count + q, q_count + mirror, 2 * q_count + q, blk, spare)
    if problem.any_unseen:
        _unseen_adjoints(blk, spare)
        for k in range(k_count):
            unseen = node[3 * q_count + 2 * q_count * k_count + k]
            unseen_process(problem, weights, k, start, blk, unseen, spare, gradient, at)
    else:
        _knot_adjoints(blk)
    by_rate, by_own, by_noise = _rate_adjoints(problem.own[start:end], blk, spare)
    gradient[0] += by_rate
    gradient[1] += by_noise
    gradient[at[16]] += by_own
    for c in range(len(weights.inputs)):
        if used[0, c] == 1:
            gradient[at[3] + c] += dot(problem.inputs[c, start:end], spare, S_BY_REST)
        if used[1, c] == 1:
            gradient[at[3] + c] += weights.inputs[c] * dot(problem.extra_noise[c, start:end], spare, S_BY_NOISE)
    return left
