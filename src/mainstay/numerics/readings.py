"""What the readings say of the path at their knots, and how that depends on the parameters. Legend in `ou_path`."""

from __future__ import annotations

import math

from numba import njit

from mainstay.numerics.layout import GRAD_X, HXX, PATH, PULLED, READ_PRECISION, READ_PULL, THIRD, TONE, VAR


@njit(cache=True, error_model="numpy", nogil=True)
def add_readings(problem, weights, row):  # type: ignore[no-untyped-def]
    """The log density of the readings, the knot's shared error integrated out; adds to the gradient and Hessian by X.

    With G = sum b miss / sd^2, P = sum b^2 / sd^2 at a knot and D = 1 + occasion^2 P, integrating o adds
    occasion^2 G^2 / (2 D) - log(D) / 2; then the derivative by X is G / D and minus the second P / D.
    """
    f = 0.0
    w2 = weights.occasion * weights.occasion
    for i in range(len(problem.dt)):
        row[READ_PULL, i] = row[READ_PRECISION, i] = row[TONE, i] = row[THIRD, i] = 0.0
    for c in range(len(weights.tone)):
        for i in range(len(problem.dt)):
            row[TONE, i] += weights.tone[c] * problem.knot_features[c, i]
    for j in range(len(problem.read_knot)):
        i, item = problem.read_knot[j], problem.read_item[j]
        b, p = weights.loading[item], 1.0 / (weights.sd[item] * weights.sd[item])
        miss = problem.read_value[j] - weights.intercept[item] - b * (row[PATH, i] + row[TONE, i])
        f -= 0.5 * miss * miss * p + math.log(weights.sd[item]) + 0.9189385332046727
        row[READ_PULL, i] += b * miss * p
        row[READ_PRECISION, i] += b * b * p
    for i in range(len(problem.dt)):
        precision = row[READ_PRECISION, i]
        if precision > 0.0:
            d = 1.0 + w2 * precision
            f += 0.5 * w2 * row[READ_PULL, i] * row[READ_PULL, i] / d - 0.5 * math.log(d)
            row[GRAD_X, i] += row[READ_PULL, i] / d
            row[HXX, i] += precision / d
    return f


@njit(cache=True, error_model="numpy", nogil=True)
def reading_adjoints(problem, weights, row, gradient, at):  # type: ignore[no-untyped-def]
    """The gradient by what the readings know: w = PULLED and VAR carry what the path and its spread depend on."""
    w2 = weights.occasion * weights.occasion
    # the pull and precision of a knot's readings become the derivatives by them
    for i in range(len(problem.dt)):
        pull, precision = row[READ_PULL, i], row[READ_PRECISION, i]
        if precision > 0.0:
            d, w, v = 1.0 + w2 * precision, row[PULLED, i], row[VAR, i]
            row[READ_PULL, i] = (w2 * pull + w) / d
            row[READ_PRECISION, i] = -(0.5 * w2 * w2 * pull * pull + w * w2 * pull + 0.5 * v) / (d * d) - 0.5 * w2 / d
            by_w2 = (0.5 * pull * pull - w * pull * precision + 0.5 * v * precision * precision) / (d * d)
            gradient[at[13]] += 2.0 * weights.occasion * (by_w2 - 0.5 * precision / d)
            by_tone = pull - row[READ_PULL, i] * precision
            for c in range(len(weights.tone)):
                gradient[at[14] + c] += by_tone * problem.knot_features[c, i]
    for j in range(len(problem.read_knot)):
        i, item = problem.read_knot[j], problem.read_item[j]
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
