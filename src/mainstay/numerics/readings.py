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

from mainstay.numerics.exponential import fast_exp
from mainstay.numerics.layout import GRAD_X, HXX, PATH, PULLED, READ_PRECISION, READ_PULL, THIRD, TONE, VAR

LOGISTIC = math.sqrt(3.0) / math.pi
LOG_ROOT_TWO_PI = 0.5 * math.log(2.0 * math.pi)


@njit(cache=True, error_model="numpy", nogil=True)
def _logistic(z):  # type: ignore[no-untyped-def]
    """F(z), and 1 + exp(-|z|)."""
    e = fast_exp(-abs(z))
    below = 1.0 / (1.0 + e)
    return (below if z >= 0.0 else e * below), 1.0 + e


@njit(cache=True, error_model="numpy", nogil=True)
def _reading(problem, weights, j, eta):  # type: ignore[no-untyped-def]
    """The log density of reading j at eta, and its first three derivatives by eta."""
    item, answer = problem.read_item[j], problem.read_category[j]
    sd = weights.sd[item]
    if answer < 0:
        p = 1.0 / (sd * sd)
        miss = problem.read_value[j] - eta
        return -0.5 * miss * miss * p - math.log(sd) - LOG_ROOT_TWO_PI, miss * p, -p, 0.0
    first, last = problem.item_cut[item], problem.item_cut[item + 1]
    s = 1.0 / (LOGISTIC * sd)
    f0, one, two, three, u, low, factor = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0
    if first + answer < last:
        u = (weights.cuts[first + answer] - eta) * s
        F, below = _logistic(u)
        f0 += min(u, 0.0)
        factor *= below
        one -= 1.0 - F
        two -= F * (1.0 - F)
        three += F * (1.0 - F) * (1.0 - 2.0 * F)
    if answer > 0:
        low = (weights.cuts[first + answer - 1] - eta) * s
        F, below = _logistic(low)
        f0 -= max(low, 0.0)
        factor *= below
        one += F
        two -= F * (1.0 - F)
        three += F * (1.0 - F) * (1.0 - 2.0 * F)
        if first + answer < last:
            factor /= max(1.0 - fast_exp(low - u), 1e-300)
    return f0 - math.log(factor), one * s, two * s * s, three * s * s * s


@njit(cache=True, error_model="numpy", nogil=True)
def _by_item(problem, weights, j, eta, out):  # type: ignore[no-untyped-def]
    """Fill out (3, 3): the derivatives of (log density, first, second derivative by eta) by sd, upper and lower cut."""
    item, answer = problem.read_item[j], problem.read_category[j]
    sd = weights.sd[item]
    out[:] = 0.0
    if answer < 0:
        miss = problem.read_value[j] - eta
        out[0, 0] = (miss * miss / (sd * sd) - 1.0) / sd
        out[1, 0] = -2.0 * miss / (sd * sd * sd)
        out[2, 0] = 2.0 / (sd * sd * sd)
        return
    first, last = problem.item_cut[item], problem.item_cut[item + 1]
    s = 1.0 / (LOGISTIC * sd)
    has_u, has_l = first + answer < last, answer > 0
    between = 0.0
    if has_u and has_l:
        between = 1.0 / math.expm1((weights.cuts[first + answer] - weights.cuts[first + answer - 1]) * s)
    for side in range(2):
        if not (has_u if side == 0 else has_l):
            continue
        z = (weights.cuts[first + answer - side] - eta) * s
        F, _ = _logistic(z)
        f = F * (1.0 - F)
        slope = 1.0 - F + between if side == 0 else -F - between
        out[0, 1 + side] = slope * s
        out[1, 1 + side] = f * s * s
        out[2, 1 + side] = -f * (1.0 - 2.0 * F) * s * s * s
        # by sd: z is proportional to 1 / sd, and so are the factors s
        first_part = -(1.0 - F) if side == 0 else F
        out[0, 0] -= slope * z / sd
        out[1, 0] -= (f * z + first_part) * s / sd
        out[2, 0] += (f * (1.0 - 2.0 * F) * z + 2.0 * f) * s * s / sd


@njit(cache=True, error_model="numpy", nogil=True)
def _moment(problem, weights, first, last, at, offset):  # type: ignore[no-untyped-def]
    """Readings first to last at the location `at`, the moment's error at offset: sums of l and its derivatives by X."""
    f0, one, two, three = 0.0, 0.0, 0.0, 0.0
    for j in range(first, last):
        item = problem.read_item[j]
        b = weights.loading[item]
        p0, p1, p2, p3 = _reading(problem, weights, j, weights.intercept[item] + b * (at + offset))
        f0 += p0
        one += b * p1
        two += b * b * p2
        three += b * b * b * p3
    return f0, one, two, three


@njit(cache=True, error_model="numpy", nogil=True)
def _knot_end(problem, first):  # type: ignore[no-untyped-def]
    """Where the readings of the knot of reading `first` end, and whether any of them is ordinal."""
    last, ordinal = first, False
    while last < len(problem.read_knot) and problem.read_knot[last] == problem.read_knot[first]:
        ordinal = ordinal or problem.read_category[last] >= 0
        last += 1
    return last, ordinal


@njit(cache=True, error_model="numpy", nogil=True)
def _moments(problem, weights, first, last, at, parts):  # type: ignore[no-untyped-def]
    """Fill parts (5, q) with l and its derivatives at every node of the moment's error, and with the nodes' posterior

    weights; return log sum_q w_q exp(l_q).
    """
    top = -math.inf
    for q in range(len(problem.moment_x)):
        parts[0, q], parts[1, q], parts[2, q], parts[3, q] = _moment(
            problem, weights, first, last, at, weights.occasion * problem.moment_x[q]
        )
        top = max(top, parts[0, q])
    whole = 0.0
    for q in range(len(problem.moment_x)):
        parts[4, q] = problem.moment_w[q] * fast_exp(parts[0, q] - top)
        whole += parts[4, q]
    for q in range(len(problem.moment_x)):
        parts[4, q] /= whole
    return top + math.log(whole)


@njit(cache=True, error_model="numpy", nogil=True)
def _add_ordinal(problem, weights, row):  # type: ignore[no-untyped-def]
    """The knots with an ordinal reading: log sum_q w_q exp(l_q), and its three derivatives by X."""
    f, first = 0.0, 0
    parts = np.empty((5, len(problem.moment_x)))
    while first < len(problem.read_knot):
        last, ordinal = _knot_end(problem, first)
        if ordinal:
            i = problem.read_knot[first]
            at = row[PATH, i] + row[TONE, i]
            f0 = _moments(problem, weights, first, last, at, parts)
            m1, m2, m3 = 0.0, 0.0, 0.0
            for q in range(len(problem.moment_x)):
                one, two = parts[1, q], parts[2, q]
                m1 += parts[4, q] * one
                m2 += parts[4, q] * (two + one * one)
                m3 += parts[4, q] * (parts[3, q] + 3.0 * one * two + one * one * one)
            f += f0
            row[GRAD_X, i] += m1
            row[HXX, i] -= m2 - m1 * m1
            row[THIRD, i] = m3 - 3.0 * m1 * m2 + 2.0 * m1 * m1 * m1
        first = last
    return f


@njit(cache=True, error_model="numpy", nogil=True)
def _ordinal_adjoints(problem, weights, row, gradient, at):  # type: ignore[no-untyped-def]
    """The gradient of  g + g' w + g'' v / 2  at the knots with an ordinal reading, w = PULLED and v = VAR held fixed.

    With pi_q the posterior weights of the nodes, m = sum pi l', it depends on l_q, l'_q and l''_q of every node by
    pi [1 + w (l' - m) + v (l'' + l'^2 - s) / 2 - v m (l' - m)],  pi [w + v (l' - m)]  and  pi v / 2.
    """
    first = 0
    by = np.zeros((3, 3))
    parts = np.empty((5, len(problem.moment_x)))
    while first < len(problem.read_knot):
        last, ordinal = _knot_end(problem, first)
        if not ordinal:
            first = last
            continue
        i = problem.read_knot[first]
        here, w, v = row[PATH, i] + row[TONE, i], row[PULLED, i], row[VAR, i]
        _moments(problem, weights, first, last, here, parts)
        m, s2 = 0.0, 0.0
        for q in range(len(problem.moment_x)):
            m += parts[4, q] * parts[1, q]
            s2 += parts[4, q] * (parts[2, q] + parts[1, q] * parts[1, q])
        for q in range(len(problem.moment_x)):
            offset = weights.occasion * problem.moment_x[q]
            p1, p2, part = parts[1, q], parts[2, q], parts[4, q]
            by0 = part * (1.0 + w * (p1 - m) + 0.5 * v * (p2 + p1 * p1 - s2) - v * m * (p1 - m))
            by1 = part * (w + v * (p1 - m))
            by2 = 0.5 * part * v
            seen = here + offset
            for j in range(first, last):
                item = problem.read_item[j]
                b = weights.loading[item]
                eta = weights.intercept[item] + b * seen
                _, q1, q2, q3 = _reading(problem, weights, j, eta)
                by_eta = by0 * q1 + by1 * b * q2 + by2 * b * b * q3
                gradient[at[10] + item] += by_eta
                gradient[at[11] + item] += by_eta * seen + by1 * q1 + 2.0 * by2 * b * q2
                gradient[at[13]] += by_eta * b * problem.moment_x[q]
                for c in range(len(weights.tone)):
                    gradient[at[14] + c] += by_eta * b * problem.knot_features[c, i]
                _by_item(problem, weights, j, eta, by)
                gradient[at[12] + item] += by0 * by[0, 0] + by1 * b * by[1, 0] + by2 * b * b * by[2, 0]
                answer = problem.read_category[j]
                if answer < 0:
                    continue
                cut = problem.item_cut[item] + answer
                if cut < problem.item_cut[item + 1]:
                    gradient[at[15] + cut] += by0 * by[0, 1] + by1 * b * by[1, 1] + by2 * b * b * by[2, 1]
                if answer > 0:
                    gradient[at[15] + cut - 1] += by0 * by[0, 2] + by1 * b * by[1, 2] + by2 * b * b * by[2, 2]
        first = last


@njit(cache=True, error_model="numpy", nogil=True)
def _ordinal_knots(problem, ordinal):  # type: ignore[no-untyped-def]
    """Mark the readings (j,) whose knot has an ordinal one."""
    first = 0
    while first < len(problem.read_knot):
        last, any_ordinal = _knot_end(problem, first)
        for j in range(first, last):
            ordinal[j] = any_ordinal
        first = last


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
    some_ordinal = len(weights.cuts) > 0
    ordinal = np.zeros(len(problem.read_knot) if some_ordinal else 0, np.bool_)
    if some_ordinal:
        _ordinal_knots(problem, ordinal)
    for j in range(len(problem.read_knot)):
        if some_ordinal and ordinal[j]:
            continue
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
    if some_ordinal:
        f += _add_ordinal(problem, weights, row)
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
    some_ordinal = len(weights.cuts) > 0
    ordinal = np.zeros(len(problem.read_knot) if some_ordinal else 0, np.bool_)
    if some_ordinal:
        _ordinal_knots(problem, ordinal)
        _ordinal_adjoints(problem, weights, row, gradient, at)
    for j in range(len(problem.read_knot)):
        if some_ordinal and ordinal[j]:
            continue
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
