"""Pieces of an irregular series whose noise is an Ornstein-Uhlenbeck process plus white noise: any piece's fit in O(1).

    y_i = level_j (+ slope_j t_i) + sqrt(V) (z(t_i) + sqrt(ratio) e_i),   cov(z(t), z(t')) = exp(-rate |t - t'|)

The noise starts afresh in its stationary law where a new piece j starts. One pass of Kalman's filter over the whole
series whitens y, 1 and t; a filter started afresh at reading a with mean M differs from it by M - m_a times a transient
that dies out geometrically, and M ~ N(0, 1 - p_a) makes up for the variance p_a of its prediction there. So sums over
prefixes (w w') and suffixes (transient times w) give the generalised least squares of every piece [a, b) in constant
time, exact over any gap: what optimal partitioning (Jackson et al. 2005) and its pruning (Killick et al. 2012) ask for.

Legend: y, o (one), t: the columns; `yo` their whitened product; u, v: products with the transient.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from mainstay.numerics.kernels import ENTRY, INNER
from mainstay.numerics.ou_filter import Floats

STEADY, SLOPED, BROKEN = 0, 1, 2
"""The mean of a piece: a level; a level and a slope common to all pieces; a level and a slope of its own."""
YY, YO, YT, OO, OT, TT, LOG_DET, PARTS = 0, 1, 2, 3, 4, 5, 6, 7
"""Six products of whitened columns and the log determinant, of a piece or of all readings before a row."""
AFRESH = PARTS
"""The same, less what a filter started afresh at the row adds once its transient is gone."""
U_Y, U_O, U_T, U_U = 14, 15, 16, 17
"""Products of a transient that starts at the row, over all readings from there on: with y, o, t and itself."""
FADED, M_Y, M_O, M_T, UNKNOWN, COLUMNS = 18, 19, 20, 21, 22, 23
"""Log of what is left of a transient from the first reading; the filter's predictions; 1 - p."""
GONE = -30.0  # the logarithm of a transient that no longer matters
EMPTY = 1e-10  # of a column's square: less is left by rounding alone


def room(series: int, readings: int) -> Floats:
    """An array for `whiten` to fill: d series on the same times, rows 0..n (one after the last reading), columns."""
    return np.zeros((series, readings + 1, COLUMNS))


@njit(**INNER)
def _fresh_start(u0, u1, u2, tt, m0, m1, m2, unknown):  # type: ignore[no-untyped-def]
    """What a filter started afresh adds to the six products and the log determinant."""
    v0, v1, v2 = u0 + m0 * tt, u1 + m1 * tt, u2 + m2 * tt
    widen = 1.0 + unknown * tt
    k = unknown / widen
    return (
        m0 * (u0 + v0) - k * v0 * v0,
        m0 * u1 + m1 * v0 - k * v0 * v1,
        m0 * u2 + m2 * v0 - k * v0 * v2,
        m1 * (u1 + v1) - k * v1 * v1,
        m1 * u2 + m2 * v1 - k * v1 * v2,
        m2 * (u2 + v2) - k * v2 * v2,
        math.log(widen),
    )


@njit(**INNER)
def _whiten_one(gaps, values, course, rate, ratio, sums, scratch):  # type: ignore[no-untyped-def]
    n = len(gaps)
    m0, m1, m2, p = 0.0, 0.0, 0.0, 1.0
    gap_before, e = -1.0, 0.0
    for i in range(n):
        sums[i, M_Y], sums[i, M_O], sums[i, M_T], sums[i, UNKNOWN] = m0, m1, m2, 1.0 - p
        inverse = 1.0 / (p + ratio)
        root, gain = math.sqrt(inverse), p * inverse
        x0, x1, x2 = values[i] - m0, 1.0 - m1, course[i] - m2
        w0, w1, w2 = x0 * root, x1 * root, x2 * root
        if i + 1 < n and gaps[i + 1] != gap_before:
            gap_before = gaps[i + 1]
            e = math.exp(-rate * gap_before)
        fade = e * ratio * inverse
        scratch[i, 0], scratch[i, 1], scratch[i, 2], scratch[i, 3], scratch[i, 4] = w0, w1, w2, root, fade
        sums[i + 1, YY], sums[i + 1, YO] = sums[i, YY] + w0 * w0, sums[i, YO] + w0 * w1
        sums[i + 1, YT], sums[i + 1, OO] = sums[i, YT] + w0 * w2, sums[i, OO] + w1 * w1
        sums[i + 1, OT], sums[i + 1, TT] = sums[i, OT] + w1 * w2, sums[i, TT] + w2 * w2
        sums[i + 1, LOG_DET] = sums[i, LOG_DET] - 2.0 * math.log(root)
        sums[i + 1, FADED] = sums[i, FADED] + math.log(max(fade, 1e-300))
        m0, m1, m2 = e * (m0 + gain * x0), e * (m1 + gain * x1), e * (m2 + gain * x2)
        p = 1.0 - e * e * (1.0 - gain * ratio)
    u0, u1, u2, tt = 0.0, 0.0, 0.0, 0.0
    for i in range(n - 1, -1, -1):
        root, fade = scratch[i, 3], scratch[i, 4]
        u0, u1, u2 = (
            root * scratch[i, 0] + fade * u0,
            root * scratch[i, 1] + fade * u1,
            root * scratch[i, 2] + fade * u2,
        )
        tt = root * root + fade * fade * tt
        sums[i, U_Y], sums[i, U_O], sums[i, U_T], sums[i, U_U] = u0, u1, u2, tt
        added = _fresh_start(u0, u1, u2, tt, sums[i, M_Y], sums[i, M_O], sums[i, M_T], sums[i, UNKNOWN])
        sums[i, AFRESH + YY], sums[i, AFRESH + YO] = sums[i, YY] - added[YY], sums[i, YO] - added[YO]
        sums[i, AFRESH + YT], sums[i, AFRESH + OO] = sums[i, YT] - added[YT], sums[i, OO] - added[OO]
        sums[i, AFRESH + OT], sums[i, AFRESH + TT] = sums[i, OT] - added[OT], sums[i, TT] - added[TT]
        sums[i, AFRESH + LOG_DET] = sums[i, LOG_DET] - added[LOG_DET]


@njit(**ENTRY)
def whiten(gaps, values, course, rate, ratio, sums):  # type: ignore[no-untyped-def]
    """Fill `sums` for gaps (n; 0 first), values (d, n), course of time t (n), rate (d) and ratio (d)."""
    scratch = np.empty((len(gaps), 5))
    for j in range(len(values)):
        _whiten_one(gaps, values[j], course, rate[j], ratio[j], sums[j], scratch)


@njit(**ENTRY)
def piece(sums, j, a, b):  # type: ignore[no-untyped-def]
    """The six products and the log determinant of readings a to b - 1 of series j, their noise starting afresh."""
    faded = sums[j, b, FADED] - sums[j, a, FADED]
    if faded < GONE:
        return (
            sums[j, b, YY] - sums[j, a, AFRESH + YY],
            sums[j, b, YO] - sums[j, a, AFRESH + YO],
            sums[j, b, YT] - sums[j, a, AFRESH + YT],
            sums[j, b, OO] - sums[j, a, AFRESH + OO],
            sums[j, b, OT] - sums[j, a, AFRESH + OT],
            sums[j, b, TT] - sums[j, a, AFRESH + TT],
            sums[j, b, LOG_DET] - sums[j, a, AFRESH + LOG_DET],
        )
    left = math.exp(faded)
    added = _fresh_start(
        sums[j, a, U_Y] - left * sums[j, b, U_Y],
        sums[j, a, U_O] - left * sums[j, b, U_O],
        sums[j, a, U_T] - left * sums[j, b, U_T],
        sums[j, a, U_U] - left * left * sums[j, b, U_U],
        sums[j, a, M_Y],
        sums[j, a, M_O],
        sums[j, a, M_T],
        sums[j, a, UNKNOWN],
    )
    return (
        sums[j, b, YY] - sums[j, a, YY] + added[YY],
        sums[j, b, YO] - sums[j, a, YO] + added[YO],
        sums[j, b, YT] - sums[j, a, YT] + added[YT],
        sums[j, b, OO] - sums[j, a, OO] + added[OO],
        sums[j, b, OT] - sums[j, a, OT] + added[OT],
        sums[j, b, TT] - sums[j, a, TT] + added[TT],
        sums[j, b, LOG_DET] - sums[j, a, LOG_DET] + added[LOG_DET],
    )


@njit(**ENTRY)
def misfit(parts, mean, slope):  # type: ignore[no-untyped-def]
    """Generalised sum of squares a piece leaves; its level is fitted, its slope given or (BROKEN) fitted too."""
    yy, yo, yt, oo, ot, tt, _ = parts
    if mean == BROKEN:
        across = tt - ot * ot / oo
        along = yt - yo * ot / oo
        if across > EMPTY * tt:
            return yy - yo * yo / oo - along * along / across
        return yy - yo * yo / oo
    level = yo - slope * ot
    return yy - 2.0 * slope * yt + slope * slope * tt - level * level / oo


@njit(**ENTRY)
def cost(sums, a, b, mean, slopes, precisions):  # type: ignore[no-untyped-def]
    """-2 log likelihood of readings a to b - 1, constants aside, summed over the series; slopes, precisions 1/V (d)."""
    total = 0.0
    for j in range(len(precisions)):
        parts = piece(sums, j, a, b)
        total += parts[LOG_DET] + misfit(parts, mean, slopes[j]) * precisions[j]
    return total


@njit(**ENTRY)
def price(n, a, b, short):  # type: ignore[no-untyped-def]
    """What a piece costs for being short."""
    return short * math.log(n / (b - a))


@njit(**ENTRY)
def best_places(sums, grid, least, mean, slopes, precisions, penalty, short):  # type: ignore[no-untyped-def]
    """Optimal partitioning with changes at readings of `grid` (0 first, n last), at least `least` readings a piece.

    A change costs `penalty`, a piece of m of n readings `short` log(n / m). A start that is worse than the best by more
    than the penalty can't become best later, but for what cutting a piece in two may add beside: its price, and the
    determinant of a fresh start.
    """
    last = len(grid) - 1
    n = grid[last]
    best, before = np.full(last + 1, np.inf), np.zeros(last + 1, np.int64)
    starts, reached = np.empty(last + 1, np.int64), np.empty(last + 1)
    slack = 4.0 * len(precisions) + price(n, 0, least, short)
    best[0] = -penalty
    count = 0
    for to in range(1, last + 1):
        starts[count] = to - 1
        count += 1
        for q in range(count):
            start = starts[q]
            reached[q] = -np.inf
            if grid[to] - grid[start] >= least:
                reached[q] = np.inf
                if best[start] < np.inf:
                    reached[q] = best[start] + price(n, grid[start], grid[to], short)
                    reached[q] += cost(sums, grid[start], grid[to], mean, slopes, precisions)
                    if reached[q] + penalty < best[to]:
                        best[to], before[to] = reached[q] + penalty, start
        kept = 0
        for q in range(count):
            if reached[q] <= best[to] + slack and reached[q] < np.inf:
                starts[kept] = starts[q]
                kept += 1
        count = kept
    places, count, to = np.empty(last + 1, np.int64), 0, before[last]
    while to > 0:
        places[count] = grid[to]
        count += 1
        to = before[to]
    return places[:count][::-1].copy()


@njit(**ENTRY)
def settle(sums, n, places, least, mean, slopes, precisions, short, sweeps):  # type: ignore[no-untyped-def]
    """Move each place in turn to the best reading between its neighbours, in place, until none moves."""
    for _ in range(sweeps):
        moved = False
        for k in range(len(places)):
            a = places[k - 1] if k > 0 else 0
            b = places[k + 1] if k + 1 < len(places) else n
            best, at = np.inf, places[k]
            for x in range(a + least, b - least + 1):
                here = cost(sums, a, x, mean, slopes, precisions) + cost(sums, x, b, mean, slopes, precisions)
                here += price(n, a, x, short) + price(n, x, b, short)
                if here < best:
                    best, at = here, x
            if at != places[k]:
                places[k], moved = at, True
        if not moved:
            break


@njit(**ENTRY)
def over_places(sums, a, b, least, mean, slopes, precisions, spans):  # type: ignore[no-untyped-def]
    """One change at each reading x of the piece a to b: what it gains and how much the readings say of its size.

    Returns (b - a + 1, 3) by x - a: by how much -2 log likelihood falls (-inf where a side has fewer than `least`
    readings); the sum over the series of log(1 + information); and the least information / (1 + information), where
    information is that on the size of the step, times the variance of its prior, `spans` (d). BROKEN adds in the same
    way that on the change of slope, whose prior makes as much of it between the two pieces' middles.
    """
    found = np.full((b - a + 1, 3), -np.inf)
    d = len(precisions)
    none = cost(sums, a, b, mean, slopes, precisions)
    for x in range(a + least, b - least + 1):
        gain, weight, kept = none, 0.0, 1.0
        for j in range(d):
            left, right = piece(sums, j, a, x), piece(sums, j, x, b)
            gain -= left[LOG_DET] + right[LOG_DET]
            gain -= (misfit(left, mean, slopes[j]) + misfit(right, mean, slopes[j])) * precisions[j]
            known = spans[j] * precisions[j] * left[OO] * right[OO] / (left[OO] + right[OO])
            weight += math.log(1.0 + known)
            kept = min(kept, known / (1.0 + known))
            if mean == BROKEN:
                first = left[TT] - left[OT] * left[OT] / left[OO]
                second = right[TT] - right[OT] * right[OT] / right[OO]
                course = left[OT] / left[OO] - right[OT] / right[OO]
                known = spans[j] * precisions[j] * first * second / (first + second) / max(4.0 * course * course, EMPTY)
                weight += math.log(1.0 + known)
        found[x - a, 0], found[x - a, 1], found[x - a, 2] = gain, weight, kept
    return found
