"""The noise of a series in pieces, by restricted likelihood; and the descent between noise and places of the changes.

Where the noise is first fitted as if nothing changed, changes look like slow noise; where it is first taken as white,
slow noise looks like changes. Descents from several noises are run, and the criterion, -2 log likelihood plus a penalty
for each change, judges between their ends (cf. Cho & Fryzlewicz 2024; Gallagher et al. 2022).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from mainstay.numerics.kernels import ENTRY, INNER
from mainstay.numerics.segments import (
    BROKEN,
    EMPTY,
    LOG_DET,
    OO,
    OT,
    SLOPED,
    STEADY,
    TT,
    YO,
    YT,
    YY,
    best_places,
    price,
    settle,
    whiten,
)

BLOCK = 16  # variances multiplied before their logarithm is taken
LOGIT_LOW, LOGIT_HIGH = -5.0, 7.0  # of the process's share of the variance
TOWARDS_HALF = 0.02  # a slight pull on the logit: without autocorrelation rate and share mean the same
GOOD_ENOUGH = 1e-3


@njit(**INNER)
def _piece_afresh(gaps, values, course, a, b, rate, ratio, parts):  # type: ignore[no-untyped-def]
    """The parts of one piece, by a filter that starts there: the same as `segments.piece`, without the sums."""
    m0, m1, m2, p = 0.0, 0.0, 0.0, 1.0
    gap_before, e = -1.0, 0.0
    block, log_det = 1.0, 0.0
    yy, yo, yt, oo, ot, tt = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(a, b):
        f = p + ratio
        inverse = 1.0 / f
        block *= f
        if (i - a) % BLOCK == BLOCK - 1:
            log_det += math.log(block)
            block = 1.0
        gain = p * inverse
        x0, x1, x2 = values[i] - m0, 1.0 - m1, course[i] - m2
        w0, w1 = x0 * inverse, x1 * inverse
        yy += x0 * w0
        yo += x1 * w0
        yt += x2 * w0
        oo += x1 * w1
        ot += x2 * w1
        tt += x2 * x2 * inverse
        if i + 1 < b:
            if gaps[i + 1] != gap_before:
                gap_before = gaps[i + 1]
                e = math.exp(-rate * gap_before)
            m0, m1, m2 = e * (m0 + gain * x0), e * (m1 + gain * x1), e * (m2 + gain * x2)
            p = 1.0 - e * e * (1.0 - gain * ratio)
    parts[YY], parts[YO], parts[YT], parts[OO], parts[OT], parts[TT] = yy, yo, yt, oo, ot, tt
    parts[LOG_DET] = log_det + math.log(block)


@njit(**ENTRY)
def whole(gaps, values, course, bounds, mean, rate, ratio):  # type: ignore[no-untyped-def]
    """(sum of squares, log determinant, log |X' X|, coefficients, common slope) of a series in pieces at `bounds`."""
    parts = np.empty(7)
    left, log_det, log_information, coefficients = 0.0, 0.0, 0.0, 0
    along, across = 0.0, 0.0
    for k in range(len(bounds) - 1):
        _piece_afresh(gaps, values, course, bounds[k], bounds[k + 1], rate, ratio, parts)
        yt = parts[YT] - parts[YO] * parts[OT] / parts[OO]
        tt = parts[TT] - parts[OT] * parts[OT] / parts[OO]
        left += parts[YY] - parts[YO] * parts[YO] / parts[OO]
        log_det += parts[LOG_DET]
        log_information += math.log(parts[OO])
        coefficients += 1
        if mean == BROKEN and tt > EMPTY * parts[TT]:
            left -= yt * yt / tt
            log_information += math.log(tt)
            coefficients += 1
        along += yt
        across += tt
    slope = 0.0
    if mean == SLOPED:
        slope = along / across
        left -= slope * along
        log_information += math.log(across)
        coefficients += 1
    return left, log_det, log_information, coefficients, slope


@njit(**INNER)
def _height(gaps, values, course, bounds, mean, taken, floor, log_time, logit):  # type: ignore[no-untyped-def]
    """-2 restricted log likelihood at a log correlation time and a logit of the process's share; `taken`: rhythm's."""
    ratio = math.exp(-logit)
    left, log_det, information, used, _ = whole(gaps, values, course, bounds, mean, math.exp(-log_time), ratio)
    freedom = len(gaps) - used - taken
    v = max(left / freedom, floor / (1.0 + ratio))
    return freedom * math.log(v) + left / v + log_det + information + TOWARDS_HALF * logit * logit


@njit(**ENTRY)
def fit_noise(gaps, values, course, bounds, mean, taken, floor, low, high, at):  # type: ignore[no-untyped-def]
    """Move `at` (log correlation time between low and high, logit of the share) to the best place, by pattern search.

    Where at[0] lies outside, the search begins with a coarse grid.
    """
    step_time, step_logit = (high - low) / 8.0, 1.0
    if at[0] < low - 1.0:
        best = np.inf
        for i in range(6):
            for logit in (-2.0, 0.0, 2.0, 5.0):
                time = low + (high - low) * i / 5.0
                here = _height(gaps, values, course, bounds, mean, taken, floor, time, logit)
                if here < best:
                    best, at[0], at[1] = here, time, logit
    else:
        at[0] = min(max(at[0], low), high)
        best = _height(gaps, values, course, bounds, mean, taken, floor, at[0], at[1])
    while step_logit > 0.1:
        moved = False
        for k in range(6):
            towards = 1.0 if k % 2 == 0 else -1.0
            time = min(max(at[0] + (0.0 if k // 2 == 1 else towards * step_time), low), high)
            logit = at[1] + (0.0 if k // 2 == 0 else (towards if k // 2 == 1 else -towards) * step_logit)
            logit = min(max(logit, LOGIT_LOW), LOGIT_HIGH)
            if time == at[0] and logit == at[1]:
                continue
            here = _height(gaps, values, course, bounds, mean, taken, floor, time, logit)
            if here < best - GOOD_ENOUGH:
                best, at[0], at[1], moved = here, time, logit, True
        if not moved:
            step_time *= 0.5
            step_logit *= 0.5


@njit(**ENTRY)
def judge(gaps, values, course, bounds, mean, taken, floor, noise, variances, slopes):  # type: ignore[no-untyped-def]
    """-2 log likelihood over all series at their noise (d, 2), with V profiled; fills variances and slopes (d)."""
    n, total = len(gaps), 0.0
    for j in range(len(values)):
        ratio = math.exp(-noise[j, 1])
        left, log_det, _, used, slopes[j] = whole(gaps, values[j], course, bounds, mean, math.exp(-noise[j, 0]), ratio)
        least = floor[j] / (1.0 + ratio)
        v = max(left / n, least)
        total += n * math.log(v) + left / v - n + log_det
        variances[j] = max(left / (n - used - taken), least)
    return total


@njit(**ENTRY)
def descend(gaps, values, course, grid, mean, least, penalty, short, taken, floor, low, high, starts, rounds, sums):  # type: ignore[no-untyped-def]
    """Places and noise in turn from each start (s, d, 4: log time, logit, V, slope); the best end by the criterion.

    Returns (criterion, places, noise (d, 2), variances (d), slopes (d)); an infinite criterion where no change pays.
    """
    n, d = len(gaps), len(values)
    best, best_places_, best_noise = np.inf, np.empty(0, np.int64), np.zeros((d, 2))
    best_variances, best_slopes = np.zeros(d), np.zeros(d)
    searched = STEADY if mean == SLOPED else mean
    for s in range(len(starts)):
        noise = starts[s, :, :2].copy()
        variances, slopes = starts[s, :, 2].copy(), starts[s, :, 3].copy()
        before = np.full(1, -1, np.int64)
        for _ in range(rounds):
            whiten(gaps, values, course, np.exp(-noise[:, 0]), np.exp(-noise[:, 1]), sums)
            places = best_places(sums, grid, least, searched, slopes, 1.0 / variances, penalty, short)
            settle(sums, n, places, least, searched, slopes, 1.0 / variances, short, 2)
            if len(places) == len(before) and np.all(places == before):
                break
            before = places
            if len(places) == 0:
                break
            bounds = np.zeros(len(places) + 2, np.int64)
            bounds[1:-1], bounds[-1] = places, n
            for j in range(d):
                fit_noise(gaps, values[j], course, bounds, mean, taken, floor[j], low, high, noise[j])
            here = judge(gaps, values, course, bounds, mean, taken, floor, noise, variances, slopes)
            here += penalty * len(places)
            for k in range(len(bounds) - 1):
                here += price(n, bounds[k], bounds[k + 1], short)
            if here < best - GOOD_ENOUGH:
                best, best_places_, best_noise = here, places.copy(), noise.copy()
                best_variances, best_slopes = variances.copy(), slopes.copy()
    return best, best_places_, best_noise, best_variances, best_slopes
