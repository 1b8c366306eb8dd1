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

from mainstay.numerics.layout import (
    ADJ_DRIVE,
    ADJ_M,
    ADJ_M1,
    ADJ_M2,
    ADJ_NOISE,
    ADJ_RATE,
    BRIDGE,
    COV,
    DECAY,
    DRIVE,
    GRAD_Z,
    HALF_NOISE,
    HXZ,
    HZZ,
    KEEP,
    LEAVE,
    M1,
    M2,
    M3,
    MEAN,
    NODE_DECAY,
    PATH,
    PRECISION,
    PULLED,
    RATE,
    RESIDUAL,
    SHIFT,
    THIRD,
    VAR,
    VARIANCE,
)
from mainstay.numerics.ou_path import find_path, log_marginal, path_covariance, solve
from mainstay.numerics.readings import reading_adjoints

_FLAGS = {"contract", "reassoc", "nsz", "arcp", "nnan"}


@njit(cache=True, fastmath=_FLAGS, error_model="numpy", nogil=True)
def _third_order(pulls, heat, e, beta, row, pulled):  # type: ignore[no-untyped-def]
    """Add to v what the third derivatives of one node's intensities give."""
    n = row.shape[1]
    for i in range(n):
        b = beta[i]
        a = e[i] - b * row[DECAY, i]
        third = 0.0
        for k in range(len(pulls)):
            third += pulls[k] * pulls[k] * pulls[k] * heat[k, i]
        if i > 0:
            m1 = row[M1, i - 1]
            spread = a * a * m1 * m1 * row[VAR, i - 1] + 2.0 * a * b * m1 * row[COV, i] + b * b * row[VAR, i]
            pulled[i - 1] -= 0.5 * third * spread * a * m1
        else:
            spread = b * b * row[VAR, i]
        pulled[i] -= 0.5 * third * spread * b


@njit(cache=True, error_model="numpy", nogil=True)
def _pull_of_determinant(problem, weights, work):  # type: ignore[no-untyped-def]
    """v: the derivative of -(1/2) log det H by the path."""
    row, node = work.row, work.node
    n = len(problem.dt)
    for i in range(n):
        row[PULLED, i] = 0.5 * row[THIRD, i] * row[VAR, i]
    for q in range(len(problem.node_x)):
        _third_order(weights.pull, work.heat[:, q], node[NODE_DECAY, q], node[BRIDGE, q], row, row[PULLED])
    if problem.any_unseen:
        for i in range(1, n):
            c11, c12 = row[VAR, i - 1], row[COV, i]
            m1, m2, m3 = row[M1, i - 1], row[M2, i - 1], row[M3, i - 1]
            row[PULLED, i] -= 0.5 * row[HXZ, i] * m2 * c11
            row[PULLED, i - 1] += (
                -0.5 * (3.0 * row[HZZ, i] * m1 * m2 * c11 + 2.0 * row[HXZ, i] * m2 * c12)
                + 0.5 * row[GRAD_Z, i] * m3 * c11
            )


@njit(cache=True, fastmath=_FLAGS, error_model="numpy", nogil=True)
def _node_adjoints(problem, weights, work, q, adj_residual, adj_decay, level, pull, slope, features):  # type: ignore[no-untyped-def]
    """The adjoints of one node of every interval."""
    row = work.row
    e_row, beta_row = work.node[NODE_DECAY, q], work.node[BRIDGE, q]
    v_row, mean_row = work.node[VARIANCE, q], work.node[MEAN, q]
    processes = len(weights.level)
    x = problem.node_x[q]
    for i in range(len(problem.dt)):
        e, b, v, mean, d = e_row[i], beta_row[i], v_row[i], mean_row[i], problem.dt[i]
        decay = row[DECAY, i]
        a = e - b * decay
        w2, c22 = row[PULLED, i], row[VAR, i]
        if i > 0:
            w1, c11, c12, m1, m2 = row[PULLED, i - 1], row[VAR, i - 1], row[COV, i], row[M1, i - 1], row[M2, i - 1]
        else:
            w1 = c11 = c12 = m1 = m2 = 0.0
        delta = a * m1 * w1 + b * w2 + 0.5 * a * m2 * c11
        spread = a * a * m1 * m1 * c11 + 2.0 * a * b * m1 * c12 + b * b * c22
        s1 = s2 = s3 = s4 = shift = 0.0
        for k in range(processes):
            h, p = work.heat[k, q, i], weights.pull[k]
            by_level = -h * (1.0 + p * delta + 0.5 * p * p * spread)
            level[k] += by_level
            pull[k] += by_level * (mean + p * v) - h * (delta + p * spread)
            slope[k] += by_level * problem.drift_node[q, i]
            shift += by_level
            s1 += p * h
            s2 += p * p * h
            s3 += p * p * p * h
            s4 += p * p * p * p * h
        by_mean = -(s1 + s2 * delta + 0.5 * s3 * spread)
        by_variance = -0.5 * (s2 + s3 * delta + 0.5 * s4 * spread)
        by_a = -(s1 * (m1 * w1 + 0.5 * m2 * c11) + s2 * (a * m1 * m1 * c11 + b * m1 * c12))
        by_b = -(s1 * w2 + s2 * (a * m1 * c12 + b * c22))
        row[ADJ_M, i] += by_mean * e
        row[ADJ_M1, i] -= s1 * a * w1 + s2 * (a * a * m1 * c11 + a * b * c12)
        row[ADJ_M2, i] -= 0.5 * s1 * a * c11
        row[ADJ_DRIVE, i] += by_mean * (1.0 - e)
        row[ADJ_NOISE, i] += by_variance * v / row[HALF_NOISE, i]
        adj_residual[i] += by_mean * b
        adj_decay[i] -= by_a * b
        xd = x * d
        room, node_room = max(1.0 - decay * decay, 1e-12), max(1.0 - e * e, 1e-14)
        d_b = b * (-d + xd * (1.0 + e * e) / node_room - 2.0 * d * decay * decay / room)
        d_e = -xd * e
        # half the noise is held here: its own dependence on the rate is added with the interval's
        d_v = row[HALF_NOISE, i] * (2.0 * xd * e * e - 2.0 * b * d_b * room - b * b * 2.0 * d * decay * decay)
        row[ADJ_RATE, i] += (
            by_mean * ((row[LEAVE, i] - row[DRIVE, i]) * d_e + d_b * row[RESIDUAL, i])
            + by_variance * d_v
            + by_a * (d_e - d_b * decay)
            + by_b * d_b
        )
        for f in range(len(weights.features)):
            features[f] += shift * problem.node_features[f, q, i]


@njit(cache=True, error_model="numpy", nogil=True)
def _interval_adjoints(problem, work, adj_residual, adj_decay):  # type: ignore[no-untyped-def]
    """The adjoints of the transitions, and the interval's own quantities by the rate."""
    row = work.row
    for i in range(len(problem.dt)):
        e, p, r, d = row[DECAY, i], row[PRECISION, i], row[RESIDUAL, i], problem.dt[i]
        w2, c22 = row[PULLED, i], row[VAR, i]
        if i > 0:
            w1, c11, c12, m1, m2 = row[PULLED, i - 1], row[VAR, i - 1], row[COV, i], row[M1, i - 1], row[M2, i - 1]
        else:
            w1 = c11 = c12 = m1 = m2 = 0.0
        by_r = -p * (r + w2 - e * m1 * w1 - 0.5 * e * m2 * c11) + adj_residual[i]
        by_e = p * (r * m1 * w1 - e * m1 * m1 * c11 + m1 * c12 + 0.5 * r * m2 * c11) + adj_decay[i]
        spread = e * e * m1 * m1 * c11 - 2.0 * e * m1 * c12 + c22
        by_q = 0.5 * p * (p * (r * r + 2.0 * r * (w2 - e * m1 * w1) + spread - r * e * m2 * c11) - 1.0)
        row[ADJ_M1, i] += p * (r * e * w1 - e * e * m1 * c11 + e * c12)
        row[ADJ_M2, i] += 0.5 * p * r * e * c11
        row[ADJ_M, i] -= by_r * e
        by_e -= by_r * (row[LEAVE, i] - row[DRIVE, i])
        row[ADJ_DRIVE, i] -= by_r * (1.0 - e)
        room = max(1.0 - e * e, 1e-12)
        row[ADJ_NOISE, i] += by_q * room
        # drive and half_noise are held here as U / rate and s2 / (2 rate)
        inverse = 1.0 / row[RATE, i]
        row[ADJ_RATE, i] += (
            -d * e * by_e
            + by_q * row[HALF_NOISE, i] * 2.0 * d * e * e
            - (row[ADJ_NOISE, i] * row[HALF_NOISE, i] + row[ADJ_DRIVE, i] * row[DRIVE, i]) * inverse
        )
        row[ADJ_DRIVE, i] *= inverse
        row[ADJ_NOISE, i] *= inverse


@njit(cache=True, error_model="numpy", nogil=True)
def _knot_adjoints(problem, weights, work, gradient, at):  # type: ignore[no-untyped-def]
    """From the adjoints of M, M', M'' at every knot to shares, unseen exposure and jumps."""
    row = work.row
    n = len(problem.dt)
    level, pull, logit, fade = at[4], at[5], at[6], at[7]
    # SHIFT's row is free by now: it becomes the adjoint of log keep
    for i in range(n):
        row[SHIFT, i] = 0.0
    for i in range(n - 1):
        x, keep = row[PATH, i], row[KEEP, i]
        am, am1, am2 = row[ADJ_M, i + 1], row[ADJ_M1, i + 1], row[ADJ_M2, i + 1]
        if not problem.any_unseen:
            row[SHIFT, i] = keep * (am * x + am1)
            continue
        g = g1 = g2 = 0.0
        y, spread = x + problem.lift[i], problem.spread[i]
        for k in range(len(weights.level)):
            p = weights.pull[k]
            term = work.unseen[k, i] * math.exp(min(p * (x + 0.5 * p * spread), 50.0))
            g += term
            g1 += p * term
            g2 += p * p * term
        left = keep * math.exp(-g)
        bend = -2.0 * g1 - y * g2 + y * g1 * g1
        whole = am * y + am1 * (1.0 - y * g1) + am2 * bend
        row[SHIFT, i] = left * whole - keep * am * problem.lift[i]
        by_g1 = left * (-am1 * y + am2 * (-2.0 + 2.0 * y * g1))
        by_g2 = -left * am2 * y
        for k in range(len(weights.level)):
            p = weights.pull[k]
            term = work.unseen[k, i] * math.exp(min(p * (x + 0.5 * p * spread), 50.0))
            by_term = -left * whole + by_g1 * p + by_g2 * p * p
            grown = by_term * term
            share = work.shares[k, i]
            gradient[level + k] += grown
            gradient[pull + k] += grown * (x + p * spread) + by_g1 * term + by_g2 * 2.0 * p * term
            gradient[logit + k] += grown * (1.0 - share)
            gradient[fade + k] -= grown * (1.0 - share) * problem.fade_knot[i]
            for b in range(len(weights.share_features)):
                gradient[at[17] + b] -= grown * (1.0 - share) * problem.fade_features[b, i]
            gradient[at[8] + k] += grown * problem.drift_knot[i]
            for f in range(len(weights.features)):
                gradient[at[9] + f] += grown * problem.knot_features[f, i]
    for j in range(len(problem.event_knot)):
        i, k = problem.event_knot[j], problem.event_process[j]
        by_logit = -row[SHIFT, i] * work.shares[k, i]
        gradient[logit + k] += by_logit
        gradient[fade + k] -= by_logit * problem.fade_knot[i]
        for b in range(len(weights.share_features)):
            gradient[at[17] + b] -= by_logit * problem.fade_features[b, i]
    for j in range(len(problem.jump_knot)):
        i = problem.jump_knot[j]
        if i + 1 < n:
            gradient[at[3] + problem.jump_input[j]] += row[ADJ_M, i + 1] * problem.jump_size[j]


@njit(cache=True, error_model="numpy", nogil=True)
def _event_adjoints(problem, row, gradient, at):  # type: ignore[no-untyped-def]
    """The log intensities at the events themselves."""
    for j in range(len(problem.event_knot)):
        i, k = problem.event_knot[j], problem.event_process[j]
        gradient[at[4] + k] += 1.0
        gradient[at[5] + k] += row[PATH, i] + row[PULLED, i]
        gradient[at[8] + k] += problem.drift_knot[i]
        for f in range(len(problem.knot_features)):
            gradient[at[9] + f] += problem.knot_features[f, i]


@njit(cache=True, nogil=True)
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


@njit(cache=True, error_model="numpy", nogil=True)
def value_and_gradient(problem, weights, work, warm, gradient):  # type: ignore[no-untyped-def]
    """The log marginal likelihood; its gradient is written in the order of the fields of `Weights`.

    Returns (value, Newton iterations). Where no mode is found the value is -inf and the gradient is not touched.
    """
    f, iterations = find_path(problem, weights, work, warm)
    if not math.isfinite(f):
        return -math.inf, iterations
    at = places(weights)
    row = work.row
    n = len(problem.dt)
    value = log_marginal(problem, work, f)
    path_covariance(work)
    _pull_of_determinant(problem, weights, work)
    solve(work, PULLED, PULLED)
    for i in range(n):
        row[ADJ_M, i] = row[ADJ_M1, i] = row[ADJ_M2, i] = row[ADJ_DRIVE, i] = row[ADJ_NOISE, i] = 0.0
        row[ADJ_RATE, i] = 0.0
        # the rows of the Newton step are free now: adjoints of the residual and of the decay
        row[GRAD_Z, i] = row[HXZ, i] = 0.0
    for j in range(at[18]):
        gradient[j] = 0.0
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
        w = weights.inputs[c]
        total = 0.0
        for i in range(n):
            total += row[ADJ_DRIVE, i] * problem.inputs[c, i]
            total += row[ADJ_NOISE, i] * w * problem.extra_noise[c, i]
        gradient[at[3] + c] += total
    return value, iterations
