"""Kernels of one block of slots: where the path leaves its knots, what its intervals weigh, and its linear algebra.

A slot holds a knot, the interval that leads from it, and the pair of both; blocks are gone through in order, and hand
on what the next one needs. Every loop has the same number of rounds and reads rows at fixed places, so that it
compiles to vector instructions without a check of what overlaps. Legend in `ou_path`.
"""

from __future__ import annotations

import math

from numba import njit

from mainstay.numerics.exponential import fast_exp
from mainstay.numerics.kernels import FAST, INNER
from mainstay.numerics.layout import (
    B_BENT,
    B_COV,
    B_DECAY,
    B_EVENT,
    B_FORWARD,
    B_GRADIENT,
    B_GZ,
    B_HXZ,
    B_HZZ,
    B_INVERSE,
    B_JUMP,
    B_KEEP,
    B_LIFT,
    B_LINEAR,
    B_M1,
    B_M2,
    B_M3,
    B_OFF,
    B_PATH,
    B_PRECISION,
    B_RATIO,
    B_REST,
    B_STEP,
    B_VAR,
    B_VARIANCE,
    LANES,
    S_BEFORE,
    S_DIAGONAL,
    S_G,
    S_G1,
    S_G2,
    S_G3,
    S_GX,
    S_HX,
    S_MINOR,
    S_OFF,
    S_ONE,
    S_TWO,
    S_X,
    S_Z,
)

CHUNK = 16
"""Minors of the Hessian grow from knot to knot: after so many they are scaled back to 1."""


@njit(**FAST)
def _leave(blk, spare):  # type: ignore[no-untyped-def]
    """Where the path leaves each knot, on seen acts alone."""
    for j in range(LANES):
        spare[S_Z + j] = blk[B_KEEP + j] * blk[B_PATH + j] + blk[B_JUMP + j]


@njit(**FAST)
def unseen_terms(pull, node, unseen, blk, spare):  # type: ignore[no-untyped-def]
    """Add to g, g', g'' and g''' what one process takes away unseen."""
    for j in range(LANES):
        term = node[unseen, j] * fast_exp(min(pull * blk[B_PATH + j], 50.0))
        spare[S_G + j] += term
        spare[S_G1 + j] += pull * term
        spare[S_G2 + j] += pull * pull * term
        spare[S_G3 + j] += pull * pull * pull * term


@njit(**FAST)
def clear_terms(spare):  # type: ignore[no-untyped-def]
    """g and its derivatives at nothing."""
    for j in range(LANES):
        spare[S_G + j] = spare[S_G1 + j] = spare[S_G2 + j] = spare[S_G3 + j] = 0.0


@njit(**FAST)
def _leave_unseen(blk, spare):  # type: ignore[no-untyped-def]
    """M, M', M'' and M''' at every knot."""
    for j in range(LANES):
        keep, lift = blk[B_KEEP + j], blk[B_LIFT + j]
        g1, g2, g3 = spare[S_G1 + j], spare[S_G2 + j], spare[S_G3 + j]
        y = blk[B_PATH + j] + lift
        left = keep * fast_exp(-spare[S_G + j])
        bend = -2.0 * g1 - y * g2 + y * g1 * g1
        spare[S_Z + j] = left * y - keep * lift + blk[B_JUMP + j]
        blk[B_M1 + j] = left * (1.0 - y * g1)
        blk[B_M2 + j] = left * bend
        blk[B_M3 + j] = left * (-3.0 * g2 - y * g3 + g1 * g1 + 2.0 * y * g1 * g2 - g1 * bend)


@njit(**FAST)
def _center(blk, spare):  # type: ignore[no-untyped-def]
    for j in range(LANES):
        spare[S_Z + j] -= blk[B_REST + j]
        spare[S_X + j] = blk[B_PATH + j + 1] - blk[B_REST + j]


@njit(**INNER)
def leave_block(blk, node, spare, pull, q_count, any_unseen):  # type: ignore[no-untyped-def]
    """Where the path leaves the knots of a block, M and its derivatives; then both ends about the interval's rest."""
    k_count = len(pull)
    if any_unseen:
        clear_terms(spare)
        for k in range(k_count):
            unseen_terms(pull[k], node, 3 * q_count + 2 * q_count * k_count + k, blk, spare)
        _leave_unseen(blk, spare)
    else:
        _leave(blk, spare)
    _center(blk, spare)


@njit(**FAST)
def _interval(blk, spare):  # type: ignore[no-untyped-def]
    """The transition's part of the interval, and the part of acts and readings at its end; their log density."""
    f = 0.0
    for j in range(LANES):
        e, p, x = blk[B_DECAY + j], blk[B_PRECISION + j], blk[B_PATH + j + 1]
        r = spare[S_X + j] - e * spare[S_Z + j]
        linear, bent = blk[B_EVENT + j] + blk[B_LINEAR + j], blk[B_BENT + j]
        spare[S_GX + j + 1] = linear - bent * x - r * p
        spare[S_HX + j + 1] = p + bent
        blk[B_GZ + j] = e * r * p
        blk[B_HZZ + j] = e * e * p
        blk[B_HXZ + j] = -e * p
        f += (linear - 0.5 * bent * x) * x - 0.5 * r * r * p
    return f


@njit(**FAST)
def _heat(pull, first, node, alpha, beta, factor, heat, spare):  # type: ignore[no-untyped-def]
    """Fill heat with the integrated intensity of one process at one node; return its sum."""
    total = 0.0
    kept = 0.0 if first else 1.0
    for j in range(LANES):
        away = node[alpha, j] * spare[S_Z + j] + node[beta, j] * spare[S_X + j]
        h = node[factor, j] * fast_exp(pull * away)
        node[heat, j] = h
        total += h
        spare[S_ONE + j] = kept * spare[S_ONE + j] + pull * h
        spare[S_TWO + j] = kept * spare[S_TWO + j] + pull * pull * h
    return total


@njit(**FAST)
def _collect(node, alpha, beta, blk, spare):  # type: ignore[no-untyped-def]
    for j in range(LANES):
        a, b, one, two = node[alpha, j], node[beta, j], spare[S_ONE + j], spare[S_TWO + j]
        spare[S_GX + j + 1] -= one * b
        spare[S_HX + j + 1] += two * b * b
        blk[B_GZ + j] -= one * a
        blk[B_HZZ + j] += two * a * a
        blk[B_HXZ + j] += two * a * b


@njit(**FAST)
def _system(bend, blk, spare):  # type: ignore[no-untyped-def]
    """The rows of Newton's system of the knots that the block's intervals leave. `bend` 0 leaves out that of M."""
    for j in range(LANES):
        m1, gz, v = blk[B_M1 + j], blk[B_GZ + j], blk[B_VARIANCE + j]
        blk[B_GRADIENT + j] = spare[S_GX + j] + m1 * gz
        diagonal = spare[S_HX + j] + m1 * m1 * blk[B_HZZ + j] - bend * blk[B_M2 + j] * gz
        off = m1 * blk[B_HXZ + j]
        blk[B_OFF + j] = off
        spare[S_DIAGONAL + j] = diagonal * v
        spare[S_OFF + j + 1] = off * off * v


@njit(**INNER)
def climb_block(blk, node, spare, pull, q_count, bend, any_unseen):  # type: ignore[no-untyped-def]
    """The log density of a block of intervals, and their system."""
    k_count = len(pull)
    leave_block(blk, node, spare, pull, q_count, any_unseen)
    f = _interval(blk, spare)
    if k_count > 0:
        for q in range(q_count):
            mirror = q_count - 1 - q
            for k in range(k_count):
                at = 3 * q_count + q * k_count + k
                f -= _heat(pull[k], k == 0, node, mirror, q, at, at + q_count * k_count, spare)
            _collect(node, mirror, q, blk, spare)
    _system(bend, blk, spare)
    return f


@njit(**INNER)
def minors(blk, spare, before):  # type: ignore[no-untyped-def]
    """Leading minors of the scaled Hessian, which need no division; the log of their growth, and the last ratio."""
    total = 0.0
    for chunk in range(0, LANES, CHUNK):
        minor, last = 1.0, before
        for j in range(chunk, chunk + CHUNK):
            spare[S_BEFORE + j] = minor
            after = spare[S_DIAGONAL + j] * minor - spare[S_OFF + j] * blk[B_VARIANCE + j] * last
            last, minor = minor, after
            spare[S_MINOR + j] = after
        before = last / minor
        total += math.log(minor)
    return total, before


@njit(**FAST)
def pivots(blk, spare):  # type: ignore[no-untyped-def]
    """Inverse pivots and ratios to the next; how many pivots are not positive."""
    wrong = 0
    for j in range(LANES):
        ratio = spare[S_BEFORE + j] / spare[S_MINOR + j]
        wrong += 0 if ratio > 0.0 else 1
        inverse = blk[B_VARIANCE + j] * ratio
        blk[B_INVERSE + j] = inverse
        blk[B_RATIO + j] = blk[B_OFF + j] * inverse
    return wrong


@njit(**FAST)
def forward(blk, source, y, ratio):  # type: ignore[no-untyped-def]
    """Forward substitution through a block; what the next one needs."""
    for j in range(LANES):
        y = blk[source + j] - ratio * y
        ratio = blk[B_RATIO + j]
        blk[B_FORWARD + j] = y
    return y, ratio


@njit(**FAST)
def finish_forward(blk):  # type: ignore[no-untyped-def]
    """What backward substitution starts from; the block's part of the Newton decrement."""
    total = 0.0
    for j in range(LANES):
        total += blk[B_FORWARD + j] * blk[B_FORWARD + j] * blk[B_INVERSE + j]
        blk[B_FORWARD + j] *= blk[B_INVERSE + j]
    return total


@njit(**FAST)
def backward(blk, target, after):  # type: ignore[no-untyped-def]
    """Backward substitution through a block, from the value behind it."""
    blk[target + LANES] = after
    for k in range(LANES):
        j = LANES - 1 - k
        after = blk[B_FORWARD + j] - blk[B_RATIO + j] * after
        blk[target + j] = after
    return after


@njit(**FAST)
def move(scale, blk):  # type: ignore[no-untyped-def]
    """Move the path by a part of its step."""
    for j in range(LANES + 1):
        blk[B_PATH + j] += scale * blk[B_STEP + j]


@njit(**FAST)
def variances(blk, after):  # type: ignore[no-untyped-def]
    """Variances of the knots a block's intervals leave, and covariances of each with the next (selected inverse)."""
    for j in range(LANES):
        blk[B_COV + j] = blk[B_RATIO + j] * blk[B_RATIO + j]
    blk[B_VAR + LANES] = after
    for k in range(LANES):
        j = LANES - 1 - k
        after = blk[B_INVERSE + j] + blk[B_COV + j] * after
        blk[B_VAR + j] = after
    for j in range(LANES):
        blk[B_COV + j] = -blk[B_RATIO + j] * blk[B_VAR + j + 1]
    return after
