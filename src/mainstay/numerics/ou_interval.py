"""What an interval of `ou_path` knows before its path is known: decay, noise, bridge, and the intensities' factors.

With L = rate dt the bridge of an Ornstein-Uhlenbeck path between both ends of an interval has, at the share x of it,

    mean  R + alpha (Z - R) + beta (X - R),  beta = sinh(x L) / sinh(L),  alpha = sinh((1 - x) L) / sinh(L)
    variance  (s2 / rate) sinh(x L) sinh((1 - x) L) / sinh(L)

about R = U / rate, where the path would come to rest. Nodes are symmetric, so alpha at one is beta at its mirror.
Rows of `node`: beta, then x coth(x L), then the variance, by node; factors and heat by node and process; unseen relief.
"""

from __future__ import annotations

from numba import njit

from mainstay.numerics.exponential import fast_exp
from mainstay.numerics.kernels import FAST, INNER
from mainstay.numerics.layout import (
    B_BENT,
    B_COTH,
    B_DECAY,
    B_EVENT,
    B_HALF,
    B_JUMP,
    B_KEEP,
    B_LENGTH,
    B_LIFT,
    B_LINEAR,
    B_M1,
    B_PRECISION,
    B_RATE,
    B_REST,
    B_VARIANCE,
    LANES,
    S_DRIVE,
    S_EXPOSED,
    S_NOISE,
)

LONGEST = 600.0
"""Lengths L beyond this are cut: nothing of either end is left anyway."""


# Rows of the problem are handed over as slices, from 0: with an offset LLVM would gather instead of load.
@njit(**FAST)
def lengths(rate, by_own, own, dt, blk):  # type: ignore[no-untyped-def]
    """The rate of each interval and L = rate dt; 1 behind the last."""
    m = len(dt)
    for j in range(m):
        blk[B_RATE + j] = rate
    if by_own != 0.0:
        for j in range(m):
            blk[B_RATE + j] = rate * fast_exp(by_own * own[j])
    for j in range(m):
        blk[B_LENGTH + j] = min(blk[B_RATE + j] * dt[j], LONGEST)
    for j in range(m, LANES):
        blk[B_RATE + j] = blk[B_LENGTH + j] = 1.0


@njit(**FAST)
def start_drive(noise, spare):  # type: ignore[no-untyped-def]
    """No drive, and the noise that is there anyway."""
    for j in range(LANES):
        spare[S_DRIVE + j] = 0.0
        spare[S_NOISE + j] = noise * noise


@njit(**FAST)
def add_drive(weight, source, spare):  # type: ignore[no-untyped-def]
    """Add what one input drives."""
    for j in range(len(source)):
        spare[S_DRIVE + j] += weight * source[j]


@njit(**FAST)
def _add_noise(weight, source, spare):  # type: ignore[no-untyped-def]
    for j in range(len(source)):
        spare[S_NOISE + j] += weight * source[j]


@njit(**FAST)
def _transition(blk, spare):  # type: ignore[no-untyped-def]
    for j in range(LANES):
        e = fast_exp(-blk[B_LENGTH + j])
        room = max(1.0 - e * e, 1e-12)
        inverse = 0.5 / blk[B_RATE + j]
        half = spare[S_NOISE + j] * inverse
        blk[B_DECAY + j] = e
        blk[B_HALF + j] = half
        blk[B_VARIANCE + j] = half * room
        blk[B_PRECISION + j] = 1.0 / (half * room)
        blk[B_REST + j] = 2.0 * spare[S_DRIVE + j] * inverse
        blk[B_COTH + j] = (1.0 + e * e) / room


@njit(**FAST)
def _bridge(x, blk, node, beta, coth, variance):  # type: ignore[no-untyped-def]
    for j in range(LANES):
        near = fast_exp(-x * blk[B_LENGTH + j])
        far = blk[B_DECAY + j] / near
        before, after = max(1.0 - near * near, 1e-14), 1.0 - far * far
        share = before * blk[B_HALF + j] / blk[B_VARIANCE + j]
        node[beta, j] = far * share
        node[coth, j] = x * (1.0 + near * near) / before
        node[variance, j] = blk[B_HALF + j] * share * after


@njit(**FAST)
def clear_row(node, base):  # type: ignore[no-untyped-def]
    """Set a row of a block's nodes to 0."""
    for j in range(LANES):
        node[base, j] = 0.0


@njit(**FAST)
def add_feature(weight, source, node, base):  # type: ignore[no-untyped-def]
    """Add what one feature gives the log intensities at a node."""
    for j in range(len(source)):
        node[base, j] += weight * source[j]


@njit(**FAST)
def _expose(seen, dt, spare):  # type: ignore[no-untyped-def]
    """The days of each interval on which acts of a process are seen."""
    m = len(dt)
    for j in range(m):
        spare[S_EXPOSED + j] = seen[j] * dt[j]
    for j in range(m, LANES):
        spare[S_EXPOSED + j] = 0.0


@njit(**FAST)
def _factor(weight, level, slope, pull, year, blk, spare, node, base, variance, to):  # type: ignore[no-untyped-def]
    """What an intensity's integral over the interval would be if the path were at rest."""
    half = 0.5 * pull * pull
    for j in range(len(year)):
        logarithm = level + slope * year[j] + node[base, j] + pull * blk[B_REST + j] + half * node[variance, j]
        node[to, j] = weight * spare[S_EXPOSED + j] * fast_exp(logarithm)


@njit(**FAST)
def _close(m, blk):  # type: ignore[no-untyped-def]
    """Slots behind the last interval: a standard normal each, tied to nothing."""
    for j in range(m, LANES):
        blk[B_DECAY + j] = blk[B_REST + j] = 0.0
        blk[B_PRECISION + j] = blk[B_VARIANCE + j] = blk[B_HALF + j] = 1.0


@njit(**FAST)
def _copy_keep(blk):  # type: ignore[no-untyped-def]
    for j in range(LANES):
        blk[B_M1 + j] = blk[B_KEEP + j]


@njit(**FAST)
def _clear_knots(n, slot, blk):  # type: ignore[no-untyped-def]
    for j in range(LANES):
        blk[B_KEEP + j] = 1.0 if 0 < slot + j <= n else 0.0
        blk[B_JUMP + j] = blk[B_EVENT + j] = blk[B_LINEAR + j] = blk[B_BENT + j] = 0.0


@njit(**FAST)
def share_logit(k, i, logit, fade, by_features, fade_knot, fade_features):  # type: ignore[no-untyped-def]
    """The logit of the share of strain that an act of process k at knot i takes away."""
    at = logit[k] - fade[k] * fade_knot[i]
    for b in range(len(by_features)):
        at -= by_features[b] * fade_features[b, i]
    return at


@njit(**FAST)
def _log_rate(level, slope, weights, knot_features, drift_knot, i):  # type: ignore[no-untyped-def]
    at = level + slope * drift_knot[i]
    for f in range(len(weights)):
        at += weights[f] * knot_features[f, i]
    return at


@njit(**INNER)
def at_knots(problem, weights, work):  # type: ignore[no-untyped-def]
    """Acts and jumps at the knots. Returns what the acts add to f without the path."""
    block, n = work.block, len(problem.dt)
    logit, fade, by_features = weights.share_logit, weights.share_fade, weights.share_features
    fade_knot, fade_features, pull = problem.fade_knot, problem.fade_features, weights.pull
    f = 0.0
    for b in range(len(block)):
        _clear_knots(n, b * LANES, block[b])
    block[0, B_JUMP] = weights.start
    for j in range(len(problem.jump_knot)):
        slot = problem.jump_knot[j] + 1
        block[slot // LANES, B_JUMP + slot % LANES] += weights.inputs[problem.jump_input[j]] * problem.jump_size[j]
    for j in range(len(problem.event_knot)):
        i, k = problem.event_knot[j], problem.event_process[j]
        share = 1.0 / (1.0 + fast_exp(-share_logit(k, i, logit, fade, by_features, fade_knot, fade_features)))
        work.share[j] = share
        block[i // LANES, B_EVENT + i % LANES] += pull[k]
        block[(i + 1) // LANES, B_KEEP + (i + 1) % LANES] *= 1.0 - share
        f += _log_rate(
            weights.level[k], weights.slope[k], weights.features, problem.knot_features, problem.drift_knot, i
        )
    return f


@njit(**INNER)
def unseen_at_zero(problem, weights, work):  # type: ignore[no-untyped-def]
    """What unrecorded acts around a knot would take away if strain were 0, with the path's spread."""
    n, k_count, q_count = len(problem.dt), len(weights.level), len(problem.node_x)
    logit, fade, by_features = weights.share_logit, weights.share_fade, weights.share_features
    fade_knot, fade_features, days = problem.fade_knot, problem.fade_features, problem.unseen_days
    level, slope, features = weights.level, weights.slope, weights.features
    knot_features, drift_knot, spread, lift = problem.knot_features, problem.drift_knot, problem.spread, problem.lift
    first = 3 * q_count + 2 * q_count * k_count
    block, node = work.block, work.node
    for i in range(n):
        slot = i + 1
        b, j = slot // LANES, slot % LANES
        block[b, B_LIFT + j] = lift[i]
        for k in range(k_count):
            if days[k, i] == 0.0:
                node[b, first + k, j] = 0.0
                continue
            at = _log_rate(level[k], slope[k], features, knot_features, drift_knot, i)
            at += 0.5 * weights.pull[k] * weights.pull[k] * spread[i]
            gone = fast_exp(share_logit(k, i, logit, fade, by_features, fade_knot, fade_features))
            node[b, first + k, j] = days[k, i] * fast_exp(at) * gone / (1.0 + gone)


@njit(**INNER)
def prepare(problem, weights, work):  # type: ignore[no-untyped-def]
    """Everything that depends on the parameters but not on the path; returns what acts add to f without the path."""
    n, q_count, k_count = len(problem.dt), len(problem.node_x), len(weights.level)
    dt, own, inputs, extra_noise = problem.dt, problem.own, problem.inputs, problem.extra_noise
    node_x, node_w, node_features, drift_node = (
        problem.node_x,
        problem.node_w,
        problem.node_features,
        problem.drift_node,
    )
    seen, used, spare = problem.seen, work.used, work.spare
    level, slope, pull = weights.level, weights.slope, weights.pull
    acts = at_knots(problem, weights, work)
    if problem.any_unseen:
        unseen_at_zero(problem, weights, work)
    for b in range(len(work.block)):
        start, end = b * LANES, min((b + 1) * LANES, n)
        blk, node, days = work.block[b], work.node[b], dt[start:end]
        lengths(weights.rate, weights.own, own[start:end], days, blk)
        start_drive(weights.noise, spare)
        for c in range(len(inputs)):
            w = weights.inputs[c]
            if used[0, c] == 1:
                add_drive(w, inputs[c, start:end], spare)
            if used[1, c] == 1:
                _add_noise(w * w, extra_noise[c, start:end], spare)
        _transition(blk, spare)
        heat = 3 * q_count + q_count * k_count
        for q in range(q_count):
            _bridge(node_x[q], blk, node, q, q_count + q, 2 * q_count + q)
            if k_count > 0:
                # the heat of the first process is not known yet: its rows carry the features' part
                base = heat + q * k_count
                clear_row(node, base)
                for f in range(len(node_features)):
                    add_feature(weights.features[f], node_features[f, q, start:end], node, base)
        for k in range(k_count):
            _expose(seen[k, start:end], days, spare)
            for q in range(q_count):
                _factor(
                    node_w[q], level[k], slope[k], pull[k], drift_node[q, start:end], blk, spare, node,
                    heat + q * k_count, 2 * q_count + q, 3 * q_count + q * k_count + k,
                )  # fmt: skip
        _close(end - start, blk)
        if not problem.any_unseen:
            _copy_keep(blk)
    return acts
