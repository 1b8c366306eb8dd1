"""What the readings say of the path at their knots, and how that depends on the parameters. Legend in `ou_path`.

A continuous reading is normal about eta = b0 + b1 (X + tone . z + o) with its sd. An ordinal one falls between two cut
points of a logistic about eta with the same sd (a cumulative logit; McCullagh 1980): with s = sd sqrt(3) / pi,
u = (upper - eta) / s and l = (lower - eta) / s, F the logistic function,

    log P = log F(u) + log F(-l) + log(1 - exp(l - u)),

whose last term does not depend on eta. The error o of the moment, shared by all readings of a knot, is integrated out:
in closed form where all are continuous, else by Gauss-Hermite nodes.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from mainstay.numerics.kernels import ENTRY, INNER
from mainstay.numerics.layout import GRAD_X, HXX, PATH, PULLED, READ_PRECISION, READ_PULL, THIRD, TONE, VAR
from mainstay.numerics.ordinal import LOG_ROOT_TWO_PI, add_ordinal, knot_end, ordinal_adjoints


@njit(**INNER)
def _ordinal_knots(problem, weights):  # type: ignore[no-untyped-def]
    """Whether the knot of each reading (j,) has an ordinal one; without entries where no item is ordinal."""
    ordinal = np.zeros(len(problem.read_knot) if len(weights.cuts) > 0 else 0, np.bool_)
    first = 0
    while first < len(ordinal):
        last, any_ordinal = knot_end(problem.read_knot, problem.read_category, first)
        for j in range(first, last):
            ordinal[j] = any_ordinal
        first = last
    return ordinal


@njit(**ENTRY)
def add_readings(problem, weights, row):  # type: ignore[no-untyped-def]
    """The log density of the readings, the knot's shared error integrated out; adds to the gradient and Hessian by X.

    With G = sum b miss / sd^2, P = sum b^2 / sd^2 at a knot and D = 1 + occasion^2 P, integrating o adds
    occasion^2 G^2 / (2 D) - log(D) / 2; then the derivative by X is G / D and minus the second P / D. Only the rows of
    knots with readings are written.
    """
    read_knot, read_item, knot_features = problem.read_knot, problem.read_item, problem.knot_features
    w2 = weights.occasion * weights.occasion
    ordinal = _ordinal_knots(problem, weights)
    some_ordinal = len(ordinal) > 0
    log_sd = np.log(weights.sd) + LOG_ROOT_TWO_PI
    f, last_precision, log_d, n = 0.0, -1.0, 0.0, len(read_knot)
    for j in range(n):
        i, item = read_knot[j], read_item[j]
        if j == 0 or read_knot[j - 1] != i:
            row[READ_PULL, i] = row[READ_PRECISION, i] = row[THIRD, i] = 0.0
            tone = 0.0
            for c in range(len(weights.tone)):
                tone += weights.tone[c] * knot_features[c, i]
            row[TONE, i] = tone
        if some_ordinal and ordinal[j]:
            continue
        b, p = weights.loading[item], 1.0 / (weights.sd[item] * weights.sd[item])
        miss = problem.read_value[j] - weights.intercept[item] - b * (row[PATH, i] + row[TONE, i])
        f -= 0.5 * miss * miss * p + log_sd[item]
        row[READ_PULL, i] += b * miss * p
        row[READ_PRECISION, i] += b * b * p
        if j + 1 == n or read_knot[j + 1] != i:
            pull, precision = row[READ_PULL, i], row[READ_PRECISION, i]
            d = 1.0 + w2 * precision
            if w2 > 0.0 and precision != last_precision:
                last_precision, log_d = precision, math.log(d)
            f += 0.5 * w2 * pull * pull / d - 0.5 * log_d
            row[GRAD_X, i] += pull / d
            row[HXX, i] += precision / d
    if some_ordinal:
        f += add_ordinal(problem, weights, row)
    return f


@njit(**INNER)
def reading_adjoints(problem, weights, row, gradient, at):  # type: ignore[no-untyped-def]
    """The gradient by what the readings know: w = PULLED and VAR carry what the path and its spread depend on."""
    read_knot, read_item, knot_features = problem.read_knot, problem.read_item, problem.knot_features
    w2 = weights.occasion * weights.occasion
    ordinal = _ordinal_knots(problem, weights)
    some_ordinal = len(ordinal) > 0
    if some_ordinal:
        ordinal_adjoints(problem, weights, row, gradient, at)
    for j in range(len(read_knot)):
        if some_ordinal and ordinal[j]:
            continue
        i, item = read_knot[j], read_item[j]
        if j == 0 or read_knot[j - 1] != i:
            # the pull and precision of a knot's readings become the derivatives by them
            pull, precision = row[READ_PULL, i], row[READ_PRECISION, i]
            d, w, v = 1.0 + w2 * precision, row[PULLED, i], row[VAR, i]
            row[READ_PULL, i] = (w2 * pull + w) / d
            row[READ_PRECISION, i] = -(0.5 * w2 * w2 * pull * pull + w * w2 * pull + 0.5 * v) / (d * d) - 0.5 * w2 / d
            by_w2 = (0.5 * pull * pull - w * pull * precision + 0.5 * v * precision * precision) / (d * d)
            gradient[at[13]] += 2.0 * weights.occasion * (by_w2 - 0.5 * precision / d)
            by_tone = pull - row[READ_PULL, i] * precision
            for c in range(len(weights.tone)):
                gradient[at[14] + c] += by_tone * knot_features[c, i]
        b, sd = weights.loading[item], weights.sd[item]
        p = 1.0 / (sd * sd)
        seen = row[PATH, i] + row[TONE, i]
        miss = problem.read_value[j] - weights.intercept[item] - b * seen
        by_pull, by_precision = row[READ_PULL, i], row[READ_PRECISION, i]
        gradient[at[10] + item] += (miss - b * by_pull) * p
        gradient[at[11] + item] += (miss * seen + (miss - b * seen) * by_pull + 2.0 * b * by_precision) * p
        gradient[at[12] + item] += (
            miss * miss - 2.0 * b * miss * by_pull - 2.0 * b * b * by_precision
        ) * p / sd - 1.0 / sd
