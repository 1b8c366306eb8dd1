"""One day's count of events against what the days before led to expect.

    x_t ~ negative binomial, mean exposure_t * weekday * (rate + swing_t);  rate unknown, swing Ornstein-Uhlenbeck

15 experts, each with an over-dispersion and a swing of its own, predict by the linear filter with the count's variance;
their weights are their past likelihoods. A change multiplies the rate. Exposure is the days' worth of recording, so
denser recording that was logged is no change. Counts are drawn in to four predictive sds above their mean.

Legend: m, P mean and covariance (rate, swing; P[3] between them); E exposure times the weekday's factor.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from mainstay.numerics.kernels import INNER
from mainstay.numerics.sequential_readings import LAST, LIVE, LN2, READY, SQUARES, SUM, SUM_Z, WAITING, WARM, K, N
from mainstay.numerics.sequential_surprise import LONG_AGO, begin_day

RATIOS = np.array([1.5, 2.2, 3.5, 1.0 / 1.5, 1.0 / 2.2, 1.0 / 3.5])
SWINGS = ((0.0, 1.0), (0.15, 2.0), (0.5, 2.0), (0.15, 6.0), (0.5, 6.0))
EXPERTS = np.array([(over, size, half) for over in (0.02, 0.2, 0.6) for size, half in SWINGS])
"""Over-dispersion, squared coefficient of variation of the swing, its half-life in days."""
SLOW_PRIOR = -2.0
WEEKDAY_PRIOR = 5.0
LEAST = 0.05


@njit(**INNER)
def _log_chance(x, mean, shape):  # type: ignore[no-untyped-def]
    return (
        math.lgamma(x + shape)
        - math.lgamma(shape)
        - shape * math.log1p(mean / shape)
        + x * math.log(mean / (shape + mean))
    )


@njit(**INNER)
def _warm_up(own, m, P, b, n, value, exposure):  # type: ignore[no-untyped-def]
    own[SUM] += value
    own[SQUARES] += exposure
    if own[N] == WARM:
        rate = (own[SUM] + 0.5) / (own[SQUARES] + 1.0)
        for j in range(len(EXPERTS)):
            m[j, 0] = rate
            P[j, 0] = 2.0 * rate * rate / (own[SUM] + 0.5)
            P[j, 1] = EXPERTS[j, 1] * rate * rate
        for k in range(7):
            b[k], n[k] = WEEKDAY_PRIOR, WEEKDAY_PRIOR


@njit(**INNER)
def count_one(state, s, day, time, weekday, value, exposure, judged):  # type: ignore[no-untyped-def]
    """Take in one day's count of stream s."""
    own, w = state.own[s], state.work
    m, P, logw, b, n = state.m[s], state.P[s], state.logw[s], state.b[s], state.B[s, 0]
    gap = time - own[LAST]
    own[LAST] = time
    own[N] += 1.0
    if own[N] <= WARM:
        _warm_up(own, m, P, b, n, value, exposure)
        return
    live = state.live[s, : int(own[LIVE])]
    E = exposure * b[weekday] / n[weekday]
    top = LONG_AGO
    for j in live:
        top = max(top, logw[j])
    total, mean, square, level = 0.0, 0.0, 0.0, 0.0
    for j in live:
        over, size, half = EXPERTS[j]
        keep = math.exp(-LN2 * gap / half)
        m[j, 1] *= keep
        P[j, 1] = keep * keep * P[j, 1] + size * m[j, 0] ** 2 * (1.0 - keep * keep)
        P[j, 3] *= keep
        rate = max(m[j, 0] + m[j, 1], LEAST * m[j, 0])
        extra = P[j, 0] + P[j, 1] + 2.0 * P[j, 3] + over * rate * rate
        weight = math.exp(logw[j] - top)
        total += weight
        mean += weight * E * rate
        square += weight * (E * E * (rate * rate + extra) + E * rate)
        level += weight * m[j, 0]
        w[0, j], w[1, j], w[5, j], w[7, j] = rate, extra, keep, weight
    mean, level = mean / total, level / total
    if own[N] > READY:
        value = min(value, math.floor(mean + 4.0 * math.sqrt(square / total - mean * mean) + 1.0))
    if judged:
        G, A, L = state.G[s], state.A[s], state.L[s]
        begin_day(live, w[7], total, own[WAITING], G, A, L, state.w[s], state.starts[s], day)
        own[WAITING] = 0.0
        own[SUM_Z] = (value - mean) / math.sqrt(square / total - mean * mean)
        own[K] = 1.0
    base, mixed = LONG_AGO, 0.0
    for j in live:
        w[8, j] = _log_chance(value, E * w[0, j], w[0, j] ** 2 / w[1, j])
        base = max(base, w[8, j])
    for j in live:
        mixed += w[7, j] / total * math.exp(w[8, j] - base)
    mixed = math.log(mixed) + base
    for j in live:
        rate, extra = w[0, j], w[1, j]
        V = E * rate + E * E * extra
        k0, k1 = E * (P[j, 0] + P[j, 3]) / V, E * (P[j, 1] + P[j, 3]) / V
        w[8, j] -= mixed
        logw[j] += w[8, j]
        if judged:
            shape = rate * rate / extra
            for d in range(len(RATIOS)):
                taken = state.A[s, j, d, 0]
                swung = state.A[s, j, d, 1] * w[5, j]
                left = 1.0 - taken - swung
                moved = m[j, 0] / (1.0 + (RATIOS[d] - 1.0) * taken) * (RATIOS[d] - 1.0) * left
                other = max(rate + moved, LEAST * rate)
                state.L[s, j, d] += (
                    w[8, j]
                    + value * math.log(other / rate)
                    + (shape + value) * math.log((shape + E * rate) / (shape + E * other))
                )
                state.A[s, j, d, 0] += E * k0 * left
                state.A[s, j, d, 1] = swung + E * k1 * left
        miss = value - E * (m[j, 0] + m[j, 1])
        m[j, 0] = max(m[j, 0] + k0 * miss, LEAST * m[j, 0])
        m[j, 1] += k1 * miss
        P[j, 0] -= k0 * k0 * V
        P[j, 1] -= k1 * k1 * V
        P[j, 3] -= k0 * k1 * V
    b[weekday] += value
    n[weekday] += exposure * level


@njit(**INNER)
def believe_the_rate(state, s):  # type: ignore[no-untyped-def]
    """After an alarm: each expert's rate and swing as they are if the change was real, its weight likewise."""
    m, P, A, G = state.m[s], state.P[s], state.A[s], state.G[s]
    most = 0.0
    for j in state.live[s, : int(state.own[s, LIVE])]:
        most = max(most, G[j].max())
    for j in state.live[s, : int(state.own[s, LIVE])]:
        d = G[j].argmax()
        base = m[j, 0] / (1.0 + (RATIOS[d] - 1.0) * A[j, d, 0])
        m[j, 1] -= base * (RATIOS[d] - 1.0) * A[j, d, 1]
        m[j, 0] = base * RATIOS[d]
        P[j, 0] += 0.1 * m[j, 0] ** 2
        state.logw[s, j] = max(math.log(max(G[j].sum() / most, 1e-9)), -20.0)
