"""What sequential detection is made of: a regression learned as it goes, normal scores, and evidence laid on a change.

Evidence: for each expert j and each change d (a size and a side) a Shiryaev-Roberts sum G[j, d], brought up to date
once a local day, G <- (G + start mass w_j) L[j, d], with L the likelihood of the day under the changed expert over that
of the null mixture, and w_j the expert's weight in that mixture when the day began. Given the past, sum_j w_j L has
mean 1 whenever nothing changed, so the sum over j is an e-detector (Shin, Ramdas and Rinaldo 2024). A[j, d] (3) is how
much of a unit change the expert has taken for its own level and swings by now, averaged over the starts in the sum.
"""

from __future__ import annotations

import math

from numba import njit

from mainstay.numerics.kernels import ENTRY, FAST, INNER

KEPT, CAP = 40.0, 10.0
"""A bet is divided by its running mean where that is above 1, begun with so many bets of 1; each counts at most CAP."""
LONG_AGO = -1e300


@njit(**ENTRY)
def normal_score(t, nu):  # type: ignore[no-untyped-def]
    """The standard normal deviate as far out as t is for Student's distribution (Wallace 1959)."""
    size = math.sqrt(nu * math.log1p(t * t / nu)) * (8.0 * nu + 1.0) / (8.0 * nu + 3.0)
    return size if t >= 0.0 else -size


@njit(**FAST)
def predict(x, b, P, Px):  # type: ignore[no-untyped-def]
    """Fill Px; return b'x and x'Px."""
    p = len(x)
    mean, spread = 0.0, 0.0
    for i in range(p):
        total = 0.0
        for j in range(p):
            total += P[i, j] * x[j]
        Px[i] = total
        mean += b[i] * x[i]
    for i in range(p):
        spread += Px[i] * x[i]
    return mean, spread


@njit(**FAST)
def learn(b, P, Px, step, shrink):  # type: ignore[no-untyped-def]
    """b += step Px, P -= shrink Px Px'."""
    p = len(b)
    for i in range(p):
        b[i] += step * Px[i]
        kept = shrink * Px[i]
        for j in range(p):
            P[i, j] -= kept * Px[j]


@njit(**INNER)
def begin_day(live, weight, total, mass, G, A, L, w, starts, day):  # type: ignore[no-untyped-def]
    """Lay the start mass that waits: experts' weights as they are, responses and starts averaged over old and new."""
    for j in live:
        w[j] = weight[j] / total
        fresh = mass * w[j]
        for d in range(G.shape[1]):
            L[j, d] = 0.0
            whole = G[j, d] + fresh
            old = G[j, d] / whole if whole > 0.0 else 0.0
            for k in range(3):
                A[j, d, k] *= old
            starts[j, d, 0] = old * starts[j, d, 0] + (1.0 - old) * day
            starts[j, d, 1] = old * starts[j, d, 1] + (1.0 - old) * day * day
            G[j, d] = whole


@njit(**INNER)
def end_day(live, G, L, w, past, bets, sums):  # type: ignore[no-untyped-def]
    """Multiply by the day's likelihood ratios; fill `sums` (changes,) with what is laid on each change."""
    for d in range(G.shape[1]):
        worth = 0.0
        for j in live:
            worth += w[j] * math.exp(L[j, d])
        usual = max((KEPT + past[d]) / (KEPT + bets), 1.0)
        past[d] += min(worth, CAP)
        sums[d] = 0.0
        for j in live:
            G[j, d] *= math.exp(L[j, d]) / usual
            sums[d] += G[j, d]


@njit(**INNER)
def prune(live, count, logw, G, cut):  # type: ignore[no-untyped-def]
    """Drop experts, of the first `count` in `live`, that neither null nor change leans on; return how many stay."""
    top, most = LONG_AGO, 0.0
    for i in range(count):
        top = max(top, logw[live[i]])
        for d in range(G.shape[1]):
            most = max(most, G[live[i], d])
    kept = 0
    for i in range(count):
        j = live[i]
        own = 0.0
        for d in range(G.shape[1]):
            own = max(own, G[j, d])
        if logw[j] >= top - cut or own > math.exp(-cut) * most:
            live[kept] = j
            kept += 1
    return kept
