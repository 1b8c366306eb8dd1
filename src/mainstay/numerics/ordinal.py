"""The knots at which an ordinal item was answered: what their readings say of the path, by quadrature over the moment.

For an answer between two cut points of a logistic (see `readings`), with s one over its scale and b its loading,

    a = exp((eta - upper) s),  d = exp((eta - lower) s),   1 - F(u) = a / (1 + a),   1 - F(l) = d / (1 + d),
    P = (d - a) / ((1 + a) (1 + d)),

and at the node q of the moment's error exp(eta s) is what it is without the error times exp(b o_q s), which does not
depend on the path: one exponential serves an answer at all nodes. Probabilities are multiplied, and scaled up where
they grow small. At the lowest answer F(l) = 0, at the highest a = 0.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from mainstay.numerics.exponential import fast_exp
from mainstay.numerics.kernels import FAST, INNER
from mainstay.numerics.layout import GRAD_X, HXX, PATH, PULLED, THIRD, TONE, VAR

LOGISTIC = math.sqrt(3.0) / math.pi
"""The scale of a logistic of sd 1."""
LOG_ROOT_TWO_PI = 0.5 * math.log(2.0 * math.pi)
FARTHEST = 300.0
"""Exponents are kept within this: answers that far from what was expected are all alike."""
SMALL = 1e-60

# columns of a reading's row: is it ordinal; eta s at location 0 and its slope; exp(-cut s) of upper and lower; are they
# there; cut s of upper and lower; 1 / (exp((upper - lower) s) - 1); value, sd
ORDINAL, AT_0, SLOPE, UPPER, LOWER, HAS_U, HAS_L, U_S, L_S, BETWEEN, VALUE, SD, COLUMNS = range(13)
# rows of a knot's parts: probability; log density of continuous readings; first three derivatives; posterior weights
PROBABILITY, LOG, ONE, TWO, THREE, WEIGHT, PARTS = range(7)


@njit(**INNER)
def _within(exponent):  # type: ignore[no-untyped-def]
    return min(max(exponent, -FARTHEST), FARTHEST)


@njit(**INNER)
def gather(problem, weights, own, shift):  # type: ignore[no-untyped-def]
    """Fill own (readings, columns), and shift (items, q): exp(b o_q s)."""
    for item in range(len(weights.sd)):
        s = 1.0 / (LOGISTIC * weights.sd[item])
        for q in range(len(problem.moment_x)):
            shift[item, q] = fast_exp(_within(weights.loading[item] * weights.occasion * problem.moment_x[q] * s))
    cuts = weights.cuts
    for j in range(len(problem.read_knot)):
        item, answer = problem.read_item[j], problem.read_category[j]
        sd = weights.sd[item]
        row = own[j]
        row[VALUE], row[SD] = problem.read_value[j], sd
        row[ORDINAL] = 1.0 if answer >= 0 else 0.0
        s = 1.0 / (LOGISTIC * sd)
        row[AT_0], row[SLOPE] = weights.intercept[item] * s, weights.loading[item] * s
        first, last = problem.item_cut[item], problem.item_cut[item + 1]
        row[HAS_U] = row[HAS_L] = row[UPPER] = row[LOWER] = row[U_S] = row[L_S] = row[BETWEEN] = 0.0
        if answer >= 0 and first + answer < last:
            row[HAS_U], row[U_S] = 1.0, cuts[first + answer] * s
            row[UPPER] = fast_exp(_within(-row[U_S]))
        if answer > 0:
            row[HAS_L], row[L_S] = 1.0, cuts[first + answer - 1] * s
            row[LOWER] = fast_exp(_within(-row[L_S]))
        if row[HAS_U] > 0.0 and row[HAS_L] > 0.0:
            row[BETWEEN] = 1.0 / max(fast_exp(row[U_S] - row[L_S]) - 1.0, 1e-300)


@njit(**FAST)
def _answer(e, upper, lower, has_lower, b, parts, shift):  # type: ignore[no-untyped-def]
    """One ordinal answer at all nodes; b: its loading over the scale."""
    b2, b3 = b * b, b * b * b
    for q in range(len(shift)):
        a, d = e * shift[q] * upper, e * shift[q] * lower
        inverse = 1.0 / ((1.0 + a) * (1.0 + d))
        above, below = a * (1.0 + d) * inverse, has_lower * (1.0 + a) * inverse
        f_u, f_l = above * (1.0 - above), below * (1.0 - below)
        parts[PROBABILITY, q] *= ((d - a) if has_lower > 0.0 else 1.0) * inverse
        parts[ONE, q] += b * (below - above)
        parts[TWO, q] -= b2 * (f_u + f_l)
        parts[THREE, q] += b3 * (f_u * (2.0 * above - 1.0) + f_l * (1.0 - 2.0 * below))


@njit(**INNER)
def knot(at, own, items, offsets, loading, moment_w, shift, parts):  # type: ignore[no-untyped-def]
    """Fill the parts (rows above, q) of one knot at location `at`; return log sum_q w_q exp(l_q)."""
    nodes = len(moment_w)
    for q in range(nodes):
        parts[PROBABILITY, q] = 1.0
        parts[LOG, q] = parts[ONE, q] = parts[TWO, q] = parts[THREE, q] = 0.0
    scale = 0.0
    for j in range(len(own)):
        row, b = own[j], loading[items[j]]
        if row[ORDINAL] > 0.0:
            e = fast_exp(_within(row[AT_0] + row[SLOPE] * at))
            _answer(e, row[UPPER], row[LOWER], row[HAS_L], row[SLOPE], parts, shift[items[j]])
            top = 0.0
            for q in range(nodes):
                top = max(top, parts[PROBABILITY, q])
            if top < SMALL:
                top = max(top, 1e-300)
                scale += math.log(top)
                for q in range(nodes):
                    parts[PROBABILITY, q] = max(parts[PROBABILITY, q] / top, 1e-300)
        else:
            p = 1.0 / (row[SD] * row[SD])
            eta = row[AT_0] * LOGISTIC * row[SD] + b * at
            for q in range(nodes):
                miss = row[VALUE] - eta - b * offsets[q]
                parts[LOG, q] -= 0.5 * miss * miss * p
                parts[ONE, q] += b * miss * p
                parts[TWO, q] -= b * b * p
            scale -= math.log(row[SD]) + LOG_ROOT_TWO_PI
    top = -math.inf
    for q in range(nodes):
        top = max(top, parts[LOG, q])
    whole = 0.0
    for q in range(nodes):
        parts[WEIGHT, q] = moment_w[q] * parts[PROBABILITY, q] * fast_exp(parts[LOG, q] - top)
        whole += parts[WEIGHT, q]
    for q in range(nodes):
        parts[WEIGHT, q] /= whole
    return math.log(whole) + top + scale


@njit(**INNER)
def knot_end(read_knot, category, first):  # type: ignore[no-untyped-def]
    """Where the readings of the knot of reading `first` end, and whether any of them is ordinal."""
    last, ordinal = first, False
    while last < len(read_knot) and read_knot[last] == read_knot[first]:
        ordinal = ordinal or category[last] >= 0
        last += 1
    return last, ordinal


@njit(**INNER)
def add_ordinal(problem, weights, row):  # type: ignore[no-untyped-def]
    """The knots with an ordinal reading: log sum_q w_q exp(l_q), and its three derivatives by X."""
    read_knot, category, items, w = problem.read_knot, problem.read_category, problem.read_item, problem.moment_w
    own, parts = np.empty((len(read_knot), COLUMNS)), np.empty((PARTS, len(w)))
    shift, offsets = np.empty((len(weights.sd), len(w))), weights.occasion * problem.moment_x
    gather(problem, weights, own, shift)
    loading = weights.loading
    f, first = 0.0, 0
    while first < len(read_knot):
        last, ordinal = knot_end(read_knot, category, first)
        if ordinal:
            i = read_knot[first]
            at = row[PATH, i] + row[TONE, i]
            f += knot(at, own[first:last], items[first:last], offsets, loading, w, shift, parts)
            m1, m2, m3 = 0.0, 0.0, 0.0
            for q in range(len(w)):
                one, two = parts[ONE, q], parts[TWO, q]
                m1 += parts[WEIGHT, q] * one
                m2 += parts[WEIGHT, q] * (two + one * one)
                m3 += parts[WEIGHT, q] * (parts[THREE, q] + 3.0 * one * two + one * one * one)
            row[GRAD_X, i] += m1
            row[HXX, i] -= m2 - m1 * m1
            row[THIRD, i] = m3 - 3.0 * m1 * m2 + 2.0 * m1 * m1 * m1
        first = last
    return f


@njit(**FAST)
def _answer_adjoints(row, e, at, offsets, b, by, shift, out):  # type: ignore[no-untyped-def]
    """Fill out: by eta times (1, location, offset), (first, second order parts by the loading), sd, upper, lower.

    `by` (3, q): the adjoints of the knot's l, l' and l'' at every node.
    """
    s = 1.0 / (LOGISTIC * row[SD])
    upper, lower, has_u, has_l, between = row[UPPER], row[LOWER], row[HAS_U], row[HAS_L], row[BETWEEN]
    eta_s = row[AT_0] + row[SLOPE] * at
    by_eta = by_seen = by_offset = by_loading = by_sd = by_upper = by_lower = 0.0
    for q in range(len(shift)):
        a, d = e * shift[q] * upper, e * shift[q] * lower
        inverse = 1.0 / ((1.0 + a) * (1.0 + d))
        above, below = a * (1.0 + d) * inverse, has_l * (1.0 + a) * inverse
        f_u, f_l = above * (1.0 - above), below * (1.0 - below)
        k_u, k_l = f_u * (2.0 * above - 1.0), f_l * (1.0 - 2.0 * below)
        one, two, three = (below - above) * s, -(f_u + f_l) * s * s, (k_u + k_l) * s * s * s
        by0, by1, by2 = by[0, q], by[1, q] * b, by[2, q] * b * b
        here = by0 * one + by1 * two + by2 * three
        by_eta += here
        by_seen += here * (at + offsets[q])
        by_offset += here * offsets[q]
        by_loading += by[1, q] * one + 2.0 * by[2, q] * b * two
        z = eta_s + row[SLOPE] * offsets[q]
        z_u, z_l = has_u * (row[U_S] - z), has_l * (row[L_S] - z)
        up, down = has_u * (above + between), -has_l * (below + between)
        by_sd -= by0 * (up * z_u + down * z_l)
        by_sd -= by1 * (f_u * z_u - above + f_l * z_l + below) * s
        by_sd += by2 * (k_u * z_u + 2.0 * f_u + k_l * z_l + 2.0 * f_l) * s * s
        by_upper += by0 * up * s + by1 * f_u * s * s - by2 * k_u * s * s * s
        by_lower += by0 * down * s + by1 * f_l * s * s - by2 * k_l * s * s * s
    out[0], out[1], out[2], out[3] = by_eta, by_seen, by_offset, by_loading
    out[4], out[5], out[6] = by_sd / row[SD], by_upper, by_lower


@njit(**FAST)
def _value_adjoints(row, eta, at, offsets, b, by, out):  # type: ignore[no-untyped-def]
    """The same for a continuous reading, eta its mean without the moment's error."""
    sd = row[SD]
    p = 1.0 / (sd * sd)
    by_eta = by_seen = by_offset = by_loading = by_sd = 0.0
    for q in range(len(offsets)):
        miss = row[VALUE] - eta - b * offsets[q]
        by0, by1, by2 = by[0, q], by[1, q] * b, by[2, q] * b * b
        here = by0 * miss * p - by1 * p
        by_eta += here
        by_seen += here * (at + offsets[q])
        by_offset += here * offsets[q]
        by_loading += by[1, q] * miss * p - 2.0 * by[2, q] * b * p
        by_sd += (by0 * (miss * miss * p - 1.0) - 2.0 * by1 * miss * p + 2.0 * by2 * p) / sd
    out[0], out[1], out[2], out[3] = by_eta, by_seen, by_offset, by_loading
    out[4], out[5], out[6] = by_sd, 0.0, 0.0


@njit(**INNER)
def _node_adjoints(parts, w, v, by):  # type: ignore[no-untyped-def]
    """Adjoints (3, q) of l, l', l'' at every node of  g + g' w + g'' v / 2.

    With pi the nodes' weights, m = sum pi l' and s = sum pi (l'' + l'^2) they are
    pi [1 + w (l' - m) + v (l'' + l'^2 - s) / 2 - v m (l' - m)],  pi [w + v (l' - m)]  and  pi v / 2.
    """
    m, s = 0.0, 0.0
    for q in range(parts.shape[1]):
        m += parts[WEIGHT, q] * parts[ONE, q]
        s += parts[WEIGHT, q] * (parts[TWO, q] + parts[ONE, q] * parts[ONE, q])
    for q in range(parts.shape[1]):
        one, part = parts[ONE, q], parts[WEIGHT, q]
        away = one - m
        by[0, q] = part * (1.0 + w * away + 0.5 * v * (parts[TWO, q] + one * one - s) - v * m * away)
        by[1, q] = part * (w + v * away)
        by[2, q] = 0.5 * part * v


@njit(**INNER)
def ordinal_adjoints(problem, weights, row, gradient, at):  # type: ignore[no-untyped-def]
    """The gradient of the knots with an ordinal reading, w = PULLED and v = VAR held fixed."""
    read_knot, category, items, w = problem.read_knot, problem.read_category, problem.read_item, problem.moment_w
    item_cut, knot_features, loading = problem.item_cut, problem.knot_features, weights.loading
    own, parts = np.empty((len(read_knot), COLUMNS)), np.empty((PARTS, len(w)))
    shift, offsets = np.empty((len(weights.sd), len(w))), weights.occasion * problem.moment_x
    by, out = np.empty((3, len(w))), np.empty(7)
    gather(problem, weights, own, shift)
    by_occasion, first = 0.0, 0
    while first < len(read_knot):
        last, ordinal = knot_end(read_knot, category, first)
        if not ordinal:
            first = last
            continue
        i = read_knot[first]
        here, by_tone = row[PATH, i] + row[TONE, i], 0.0
        knot(here, own[first:last], items[first:last], offsets, loading, w, shift, parts)
        _node_adjoints(parts, row[PULLED, i], row[VAR, i], by)
        for j in range(first, last):
            item, answer, one = items[j], category[j], own[j]
            b = loading[item]
            if answer < 0:
                eta = weights.intercept[item] + b * here
                _value_adjoints(one, eta, here, offsets, b, by, out)
            else:
                e = fast_exp(_within(one[AT_0] + one[SLOPE] * here))
                _answer_adjoints(one, e, here, offsets, b, by, shift[item], out)
            gradient[at[10] + item] += out[0]
            gradient[at[11] + item] += out[1] + out[3]
            gradient[at[12] + item] += out[4]
            by_occasion += out[2] * b
            by_tone += out[0] * b
            cut = at[15] + item_cut[item] + answer
            if one[HAS_U] > 0.0:
                gradient[cut] += out[5]
            if one[HAS_L] > 0.0:
                gradient[cut - 1] += out[6]
        for c in range(len(weights.tone)):
            gradient[at[14] + c] += by_tone * knot_features[c, i]
        first = last
    if weights.occasion > 0.0:
        gradient[at[13]] += by_occasion / weights.occasion
