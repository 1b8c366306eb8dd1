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


# These take numbers only: handing over the whole problem would copy its thirty array headers at every reading.
@njit(cache=True, error_model="numpy", nogil=True)
def _logistic(z):  # type: ignore[no-untyped-def]
    """F(z), and 1 + exp(-|z|)."""
    e = fast_exp(-abs(z))
    below = 1.0 / (1.0 + e)
    return (below if z >= 0.0 else e * below), 1.0 + e


@njit(cache=True, error_model="numpy", nogil=True)
def _continuous(value, sd, eta):  # type: ignore[no-untyped-def]
    """The log density of a continuous reading, and its first three derivatives by eta."""
    p = 1.0 / (sd * sd)
    miss = value - eta
    return -0.5 * miss * miss * p - math.log(sd) - LOG_ROOT_TWO_PI, miss * p, -p, 0.0


@njit(cache=True, error_model="numpy", nogil=True)
def _ordinal(lower, upper, s, eta):  # type: ignore[no-untyped-def]
    """The log probability of an answer between two cut points (infinite at the ends), and three derivatives by eta.

    `s` is one over the scale of the logistic.
    """
    u, low = (upper - eta) * s, (lower - eta) * s
    at_u, below_u = _logistic(u)
    at_l, below_l = _logistic(low)
    f_u, f_l = at_u * (1.0 - at_u), at_l * (1.0 - at_l)
    f0 = min(u, 0.0) - max(low, 0.0) - math.log(below_u * below_l / max(1.0 - fast_exp(low - u), 1e-300))
    three = f_u * (1.0 - 2.0 * at_u) + f_l * (1.0 - 2.0 * at_l)
    return f0, (at_u + at_l - 1.0) * s, -(f_u + f_l) * s * s, three * s * s * s


@njit(cache=True, error_model="numpy", nogil=True)
def _by_item(value, lower, upper, sd, eta, out):  # type: ignore[no-untyped-def]
    """Fill out (3, 3): the derivatives of (log density, first, second derivative by eta) by sd, lower and upper cut.

    A continuous reading has its `value` and no cut points (both NaN).
    """
    out[:] = 0.0
    if math.isnan(lower):
        miss = value - eta
        out[0, 0] = (miss * miss / (sd * sd) - 1.0) / sd
        out[1, 0] = -2.0 * miss / (sd * sd * sd)
        out[2, 0] = 2.0 / (sd * sd * sd)
        return
    s = 1.0 / (LOGISTIC * sd)
    gap = fast_exp((lower - upper) * s)
    between = gap / max(1.0 - gap, 1e-300)
    for side in range(2):
        cut = lower if side == 0 else upper
        if math.isinf(cut):
            continue
        z = (cut - eta) * s
        F, _ = _logistic(z)
        f = F * (1.0 - F)
        slope = -F - between if side == 0 else 1.0 - F + between
        out[0, 1 + side] = slope * s
        out[1, 1 + side] = f * s * s
        out[2, 1 + side] = -f * (1.0 - 2.0 * F) * s * s * s
        # by sd: z is proportional to 1 / sd, and so are the factors s
        part = F if side == 0 else F - 1.0
        out[0, 0] -= slope * z / sd
        out[1, 0] -= (f * z + part) * s / sd
        out[2, 0] += (f * (1.0 - 2.0 * F) * z + 2.0 * f) * s * s / sd


@njit(cache=True, error_model="numpy", nogil=True)
def _ends(cuts, first, last, answer):  # type: ignore[no-untyped-def]
    """The cut points below and above an answer; NaN for a continuous reading."""
    if answer < 0:
        return math.nan, math.nan
    lower = cuts[first + answer - 1] if answer > 0 else -math.inf
    upper = cuts[first + answer] if first + answer < last else math.inf
    return lower, upper


@njit(cache=True, error_model="numpy", nogil=True)
def _moments(at, own, moment_x, moment_w, parts):  # type: ignore[no-untyped-def]
    """Fill parts (5, q) with l and its derivatives at every node of the moment's error, and with the nodes' posterior

    weights; return log sum_q w_q exp(l_q). `own` (readings, 7) of the knot: lower, upper, value, sd, b0, b1, 1 / scale.
    """
    top = -math.inf
    for q in range(len(moment_x)):
        f0, one, two, three = 0.0, 0.0, 0.0, 0.0
        for j in range(len(own)):
            b = own[j, 5]
            eta = own[j, 4] + b * (at + moment_x[q])
            if math.isnan(own[j, 0]):
                p0, p1, p2, p3 = _continuous(own[j, 2], own[j, 3], eta)
            else:
                p0, p1, p2, p3 = _ordinal(own[j, 0], own[j, 1], own[j, 6], eta)
            f0 += p0
            one += b * p1
            two += b * b * p2
            three += b * b * b * p3
        parts[0, q], parts[1, q], parts[2, q], parts[3, q] = f0, one, two, three
        top = max(top, f0)
    whole = 0.0
    for q in range(len(moment_x)):
        parts[4, q] = moment_w[q] * fast_exp(parts[0, q] - top)
        whole += parts[4, q]
    for q in range(len(moment_x)):
        parts[4, q] /= whole
    return top + math.log(whole)


@njit(cache=True, error_model="numpy", nogil=True)
def _gather(problem, weights, own):  # type: ignore[no-untyped-def]
    """What each reading is set against, in a row of `own` (readings, 7): see `_moments`."""
    for j in range(len(problem.read_knot)):
        item = problem.read_item[j]
        own[j, 0], own[j, 1] = _ends(
            weights.cuts, problem.item_cut[item], problem.item_cut[item + 1], problem.read_category[j]
        )
        own[j, 2], own[j, 3] = problem.read_value[j], weights.sd[item]
        own[j, 4], own[j, 5] = weights.intercept[item], weights.loading[item]
        own[j, 6] = 1.0 / (LOGISTIC * weights.sd[item])


@njit(cache=True, error_model="numpy", nogil=True)
def _knot_end(read_knot, category, first):  # type: ignore[no-untyped-def]
    """Where the readings of the knot of reading `first` end, and whether any of them is ordinal."""
    last, ordinal = first, False
    while last < len(read_knot) and read_knot[last] == read_knot[first]:
        ordinal = ordinal or category[last] >= 0
        last += 1
    return last, ordinal


@njit(cache=True, error_model="numpy", nogil=True)
def _add_ordinal(problem, weights, row):  # type: ignore[no-untyped-def]
    """The knots with an ordinal reading: log sum_q w_q exp(l_q), and its three derivatives by X."""
    read_knot, category, moment_w = problem.read_knot, problem.read_category, problem.moment_w
    f, first = 0.0, 0
    own, parts = np.empty((len(read_knot), 7)), np.empty((5, len(moment_w)))
    offsets = weights.occasion * problem.moment_x
    _gather(problem, weights, own)
    while first < len(read_knot):
        last, ordinal = _knot_end(read_knot, category, first)
        if ordinal:
            i = read_knot[first]
            f += _moments(row[PATH, i] + row[TONE, i], own[first:last], offsets, moment_w, parts)
            m1, m2, m3 = 0.0, 0.0, 0.0
            for q in range(len(moment_w)):
                one, two = parts[1, q], parts[2, q]
                m1 += parts[4, q] * one
                m2 += parts[4, q] * (two + one * one)
                m3 += parts[4, q] * (parts[3, q] + 3.0 * one * two + one * one * one)
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
    read_knot, category, item_cut = problem.read_knot, problem.read_category, problem.item_cut
    moment_w, knot_features = problem.moment_w, problem.knot_features
    own, parts, by = np.empty((len(read_knot), 7)), np.empty((5, len(moment_w))), np.zeros((3, 3))
    offsets = weights.occasion * problem.moment_x
    _gather(problem, weights, own)
    tones, first = len(weights.tone), 0
    while first < len(read_knot):
        last, ordinal = _knot_end(read_knot, category, first)
        if not ordinal:
            first = last
            continue
        i = read_knot[first]
        here, w, v = row[PATH, i] + row[TONE, i], row[PULLED, i], row[VAR, i]
        _moments(here, own[first:last], offsets, moment_w, parts)
        m, s2, by_tone = 0.0, 0.0, 0.0
        for q in range(len(moment_w)):
            m += parts[4, q] * parts[1, q]
            s2 += parts[4, q] * (parts[2, q] + parts[1, q] * parts[1, q])
        for q in range(len(moment_w)):
            p1, p2, part = parts[1, q], parts[2, q], parts[4, q]
            by0 = part * (1.0 + w * (p1 - m) + 0.5 * v * (p2 + p1 * p1 - s2) - v * m * (p1 - m))
            by1 = part * (w + v * (p1 - m))
            by2 = 0.5 * part * v
            seen = here + offsets[q]
            for j in range(first, last):
                item, answer = problem.read_item[j], category[j]
                b = own[j, 5]
                eta = own[j, 4] + b * seen
                if answer < 0:
                    _, q1, q2, q3 = _continuous(own[j, 2], own[j, 3], eta)
                else:
                    _, q1, q2, q3 = _ordinal(own[j, 0], own[j, 1], own[j, 6], eta)
                by_eta = by0 * q1 + by1 * b * q2 + by2 * b * b * q3
                gradient[at[10] + item] += by_eta
                gradient[at[11] + item] += by_eta * seen + by1 * q1 + 2.0 * by2 * b * q2
                gradient[at[13]] += by_eta * b * problem.moment_x[q]
                by_tone += by_eta * b
                _by_item(own[j, 2], own[j, 0], own[j, 1], own[j, 3], eta, by)
                gradient[at[12] + item] += by0 * by[0, 0] + by1 * b * by[1, 0] + by2 * b * b * by[2, 0]
                cut = at[15] + item_cut[item] + answer
                if answer > 0:
                    gradient[cut - 1] += by0 * by[0, 1] + by1 * b * by[1, 1] + by2 * b * b * by[2, 1]
                if answer >= 0 and item_cut[item] + answer < item_cut[item + 1]:
                    gradient[cut] += by0 * by[0, 2] + by1 * b * by[1, 2] + by2 * b * b * by[2, 2]
        for c in range(tones):
            gradient[at[14] + c] += by_tone * knot_features[c, i]
        first = last


@njit(cache=True, error_model="numpy", nogil=True)
def _ordinal_knots(problem, ordinal):  # type: ignore[no-untyped-def]
    """Mark the readings (j,) whose knot has an ordinal one."""
    first = 0
    while first < len(problem.read_knot):
        last, any_ordinal = _knot_end(problem.read_knot, problem.read_category, first)
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
