"""One reading of a rating or signal against what its own past led to expect.

    y_i = level + rhythm(hour, weekday) + f(t_i) + s(t_i) + noise,   f, s: Ornstein-Uhlenbeck, exact over any gap

Nobody knows how a person's ratings swing by themselves: 66 experts, each with its own half-lives and shares of the
variance, predict each reading by Kalman's filter with level and variance unknown; their weights are their past
likelihoods. All are stationary, so a lasting change cannot pass for a swing before the evidence says so.
A change of d standard deviations moves the reading by d less what the filter has taken for level and swings already.
Rhythm: recursive least squares on columns whose running means are taken out. A reading is drawn in to `FARTHEST`
predictive sds before it is learned from and bet on.

Legend: m, P mean and covariance (level, f, s; then level-f, level-s, f-s) in units of the total variance; q predictive
variance in these units; ss, nu sum of squares and degrees of freedom of the total variance.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from mainstay.numerics.kernels import INNER
from mainstay.numerics.sequential_surprise import LONG_AGO, begin_day, learn, normal_score, predict

COLUMNS = 12
DELTAS = np.array([0.4, 0.8, 1.6, -0.4, -0.8, -1.6])
CHANGES = len(DELTAS)
WARM = 14
READY = 30
FARTHEST = 3.0
LN2 = math.log(2.0)
FAST_HALF_LIVES, SLOW_HALF_LIVES = (2.5 / 24.0, 8.0 / 24.0, 20.0 / 24.0), (2.0, 5.0)
FAST_SHARES, SLOW_SHARES = (0.2, 0.4, 0.6, 0.8), (0.1, 0.25, 0.5)
SLOW_PRIOR = -3.0
"""Slow swings are less likely beforehand, by so much in the logarithm."""

(N, NU, LAST, CENTRE, SCALE, SUM, SQUARES, ZZ, K, WAITING, DAYS, LAST_DAY, MUTED, FLOOR, LIVE, SUM_Z, SHARE, OWN) = (
    range(18)
)
"""Columns of what a stream keeps. SUM_Z, ZZ, K: sum and squares of the day's normal scores, and their number;
WAITING: start mass not yet laid; LIVE: how many experts are left; SHARE: of the start mass, beforehand."""


def _experts() -> np.ndarray:
    rows = [(0.0, 1.0, 0.0, 1.0, 0.0)]
    for half_life in FAST_HALF_LIVES:
        for share in FAST_SHARES:
            rows.append((share, half_life, 0.0, 1.0, 0.0))
            rows += [
                (share, half_life, slow, longer, SLOW_PRIOR)
                for longer in SLOW_HALF_LIVES
                for slow in SLOW_SHARES
                if share + slow < 0.91 and longer > 4.0 * half_life
            ]
    rows += [(0.0, 1.0, slow, longer, SLOW_PRIOR) for longer in SLOW_HALF_LIVES for slow in (*SLOW_SHARES, 0.75)]
    return np.array(rows)


EXPERTS = _experts()
"""Share of the variance and half-life (days) of f, the same of s, and the logarithm of the prior weight."""


@njit(**INNER)
def _columns(x, means, n, hour, weekday):  # type: ignore[no-untyped-def]
    turn = 2.0 * math.pi * hour / 24.0
    x[0] = 1.0
    x[1], x[2] = math.cos(turn), math.sin(turn)
    x[3], x[4] = x[1] * x[1] - x[2] * x[2], 2.0 * x[1] * x[2]
    for k in range(7):
        x[5 + k] = 0.0
    x[5 + weekday] = 1.0
    for k in range(1, COLUMNS):
        means[k] += (x[k] - means[k]) / n
        x[k] -= means[k]


@njit(**INNER)
def _warm_up(own, m, P, value):  # type: ignore[no-untyped-def]
    """The first readings only say where the level lies and how large the spread is, roughly."""
    own[SUM] += value
    own[SQUARES] += value * value
    if own[N] == WARM:
        mean = own[SUM] / WARM
        own[CENTRE] = mean
        own[SCALE] = max(math.sqrt(max(own[SQUARES] / WARM - mean * mean, 0.0)), own[FLOOR])
        for j in range(len(EXPERTS)):
            P[j, 0], P[j, 1], P[j, 2] = 0.3, EXPERTS[j, 0], EXPERTS[j, 2]


@njit(**INNER)
def _expect(live, m, P, gap, blur, w):  # type: ignore[no-untyped-def]
    """Move every expert over the gap; rows of w: mean, q, gains of level, f and s, fading of f and of s."""
    fast, slow, ef, es = -1.0, -1.0, 0.0, 0.0
    for j in live:
        vf, hf, vs, hs = EXPERTS[j, 0], EXPERTS[j, 1], EXPERTS[j, 2], EXPERTS[j, 3]
        if hf != fast:
            ef, fast = math.exp(-LN2 * gap / hf), hf
        if hs != slow:
            es, slow = math.exp(-LN2 * gap / hs), hs
        m[j, 1] *= ef
        m[j, 2] *= es
        P[j, 1] = ef * ef * P[j, 1] + vf * (1.0 - ef * ef)
        P[j, 2] = es * es * P[j, 2] + vs * (1.0 - es * es)
        P[j, 3] *= ef
        P[j, 4] *= es
        P[j, 5] *= ef * es
        k0, k1, k2 = P[j, 0] + P[j, 3] + P[j, 4], P[j, 1] + P[j, 3] + P[j, 5], P[j, 2] + P[j, 4] + P[j, 5]
        q = k0 + k1 + k2 + (1.0 - vf - vs) + blur
        w[0, j], w[1, j] = m[j, 0] + m[j, 1] + m[j, 2], q
        w[2, j], w[3, j], w[4, j], w[5, j], w[6, j] = k0 / q, k1 / q, k2 / q, ef, es


@njit(**INNER)
def _mix(live, logw, ss, nu, w):  # type: ignore[no-untyped-def]
    """Weights into w[7]; return their total and the mixture's mean and standard deviation."""
    top, total, mean, square = LONG_AGO, 0.0, 0.0, 0.0
    for j in live:
        top = max(top, logw[j])
    for j in live:
        weight = math.exp(logw[j] - top)
        w[7, j] = weight
        total += weight
        mean += weight * w[0, j]
        square += weight * (w[0, j] * w[0, j] + ss[j] / nu * w[1, j])
    mean /= total
    return total, mean, math.sqrt(square / total - mean * mean)


@njit(**INNER)
def _learn(live, logw, ss, nu, m, P, total, r, w, least):  # type: ignore[no-untyped-def]
    """Every expert sees the reading; w[8]: its log likelihood less the mixture's. w[9]: the reading's normal score."""
    base = LONG_AGO
    for j in live:
        A, miss = ss[j] * w[1, j], r - w[0, j]
        far = math.log1p(miss * miss / A)
        w[8, j] = -0.5 * math.log(A) - 0.5 * (nu + 1.0) * far
        score = math.sqrt(nu * far) * (8.0 * nu + 1.0) / (8.0 * nu + 3.0)
        w[9, j] = score if miss >= 0.0 else -score
        base = max(base, w[8, j])
    mixed = 0.0
    for j in live:
        mixed += w[7, j] / total * math.exp(w[8, j] - base)
    mixed = math.log(mixed) + base
    for j in live:
        miss, q, k0, k1, k2 = r - w[0, j], w[1, j], w[2, j], w[3, j], w[4, j]
        w[8, j] -= mixed
        logw[j] += w[8, j]
        ss[j] = max(ss[j] + miss * miss / q, least * (nu + 1.0))
        m[j, 0] += k0 * miss
        m[j, 1] += k1 * miss
        m[j, 2] += k2 * miss
        P[j, 0] -= k0 * k0 * q
        P[j, 1] -= k1 * k1 * q
        P[j, 2] -= k2 * k2 * q
        P[j, 3] -= k0 * k1 * q
        P[j, 4] -= k0 * k2 * q
        P[j, 5] -= k1 * k2 * q


@njit(**INNER)
def _bet(live, L, A, w):  # type: ignore[no-untyped-def]
    for j in live:
        root, score, rel = 1.0 / math.sqrt(w[1, j]), w[9, j], w[8, j]
        k0, k1, k2, ef, es = w[2, j], w[3, j], w[4, j], w[5, j], w[6, j]
        for d in range(CHANGES):
            fast, slow = A[j, d, 1] * ef, A[j, d, 2] * es
            left = 1.0 - A[j, d, 0] - fast - slow
            moved = DELTAS[d] * left * root
            L[j, d] += rel + moved * score - 0.5 * moved * moved
            A[j, d, 0] += k0 * left
            A[j, d, 1] = fast + k1 * left
            A[j, d, 2] = slow + k2 * left


@njit(**INNER)
def read_one(state, s, day, time, hour, weekday, value, judged):  # type: ignore[no-untyped-def]
    """Take in one reading of stream s; return it standardised and drawn in (0 while warming up)."""
    own, x, Px, w = state.own[s], state.x, state.Px, state.work
    m, P, ss, logw = state.m[s], state.P[s], state.ss[s], state.logw[s]
    gap = time - own[LAST]
    own[LAST] = time
    own[N] += 1.0
    _columns(x, state.column_means[s], own[N], hour, weekday)
    if own[N] <= WARM:
        _warm_up(own, m, P, value)
        return 0.0
    y = (value - own[CENTRE]) / own[SCALE]
    whole, blur = predict(x, state.b[s], state.B[s], Px)
    rhythm = whole - state.b[s, 0]
    live = state.live[s, : int(own[LIVE])]
    nu = own[NU]
    _expect(live, m, P, gap, max(blur - state.B[s, 0, 0], 0.0), w)
    total, mean, scale = _mix(live, logw, ss, nu, w)
    t = (y - rhythm - mean) / scale
    if own[N] > READY:
        t = min(max(t, -FARTHEST), FARTHEST)
    r = mean + scale * t
    if judged:
        if own[K] == 0.0:
            G, A, L = state.G[s], state.A[s], state.L[s]
            begin_day(live, w[7], total, own[WAITING], G, A, L, state.w[s], state.starts[s], day)
            own[WAITING] = 0.0
        z = normal_score(t, nu)
        own[SUM_Z] += z
        own[ZZ] += z * z
        own[K] += 1.0
    least = own[FLOOR] / own[SCALE]
    _learn(live, logw, ss, nu, m, P, total, r, w, least * least)
    own[NU] += 1.0
    if judged:
        _bet(live, state.L[s], state.A[s], w)
    y = r + rhythm
    learn(state.b[s], state.B[s], Px, (y - whole) / (1.0 + blur), 1.0 / (1.0 + blur))
    return y


@njit(**INNER)
def believe_the_change(state, s):  # type: ignore[no-untyped-def]
    """After an alarm: each expert's level and swings as they are if the change was real, its weight likewise."""
    m, P, A, G = state.m[s], state.P[s], state.A[s], state.G[s]
    most = 0.0
    for j in state.live[s, : int(state.own[s, LIVE])]:
        most = max(most, G[j].max())
    for j in state.live[s, : int(state.own[s, LIVE])]:
        d = G[j].argmax()
        moved = DELTAS[d] * math.sqrt(state.ss[s, j] / state.own[s, NU])
        m[j, 0] += moved * (1.0 - A[j, d, 0])
        m[j, 1] -= moved * A[j, d, 1]
        m[j, 2] -= moved * A[j, d, 2]
        P[j, 0] += 0.25
        state.logw[s, j] = max(math.log(max(G[j].sum() / most, 1e-9)), -20.0)
