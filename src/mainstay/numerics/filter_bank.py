"""Many Kalman filters over one series at once, each exact for its own settings: forecasts a reading ahead and more.

    y_i = level(t_i) + x1(t_i) + x2(t_i) + c_i . b + N(0, s^2 w_i)

Legend: level is a random walk, variance q a day; x1, x2 are Ornstein-Uhlenbeck processes with rates r1, r2 and
stationary variances v1, v2; b are constants of the calendar with prior variance k. q, v and k are in units of s^2, so
that the filter does not need s: with e_i the reading less its forecast and S_i its variance in these units,

    s^2 after n readings = (n0 s0^2 + sum e_i^2 / S_i) / (n0 + n)

(conjugate; West and Harrison 1997, 4.6). A mean over the days ahead is a linear function of the state.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mainstay.numerics.kernels import ENTRY

Floats = NDArray[np.float64]
PRIOR_READINGS = 4.0
LEVEL_RATIO = 9.0
"""Prior variance of the level in units of s^2."""
STATES = 3


class Bank(NamedTuple):
    """Settings of k filters: rates (k, 2) a day, ratios (k, 2), drift (k,) a day and calendar (k,), all over s^2."""

    rates: Floats
    ratios: Floats
    drift: Floats
    calendar: Floats


class Foreseen(NamedTuple):
    """Means and variances (k, n) of each reading before it came, and of the mean over the days ahead from it on."""

    means: Floats
    variances: Floats
    means_ahead: Floats
    variances_ahead: Floats


@njit(**ENTRY)
def _run(gaps, values, noise, foreseen, design, ahead, rates, ratios, drift, calendar, fade, extra, start, s0, out):  # type: ignore[no-untyped-def]
    count, n, c = len(drift), len(gaps), design.shape[1]
    p = STATES + c
    m, cov, gain, h = np.empty(p), np.empty((p, p)), np.empty(p), np.empty(p)
    for k in range(count):
        m[:] = 0.0
        m[0] = start
        cov[:] = 0.0
        cov[0, 0] = LEVEL_RATIO
        cov[1, 1], cov[2, 2] = ratios[k, 0], ratios[k, 1]
        for j in range(c):
            cov[STATES + j, STATES + j] = calendar[k]
        freedom, squares = PRIOR_READINGS, PRIOR_READINGS * s0
        for i in range(n):
            if gaps[i] > 0.0:
                for a in range(2):
                    e = math.exp(-rates[k, a] * gaps[i])
                    m[1 + a] *= e
                    for j in range(p):
                        cov[1 + a, j] *= e
                        cov[j, 1 + a] *= e
                    cov[1 + a, 1 + a] += ratios[k, a] * (1.0 - e * e)
                cov[0, 0] += drift[k] * gaps[i]
            s2 = squares / freedom
            for part in range(2):
                h[0] = 1.0
                h[1] = 1.0 if part == 1 else fade[k, 0]
                h[2] = 1.0 if part == 1 else fade[k, 1]
                for j in range(c):
                    h[STATES + j] = design[i, j] if part == 1 else ahead[i, j]
                mean, spread = 0.0, noise[i] if part == 1 else extra[k]
                for j in range(p):
                    total = 0.0
                    for q in range(p):
                        total += cov[j, q] * h[q]
                    gain[j] = total
                    mean += h[j] * m[j]
                    spread += h[j] * total
                more = foreseen[i] - noise[i] if part == 1 else 0.0
                out[2 - 2 * part, k, i] = mean
                out[3 - 2 * part, k, i] = s2 * (spread + more) * (1.0 + 2.0 / freedom)
            if math.isnan(values[i]):
                continue
            # the second part was the reading itself: `gain`, `mean` and `spread` are its own
            miss = values[i] - mean
            freedom += 1.0
            squares += miss * miss / spread
            for j in range(p):
                m[j] += gain[j] * miss / spread
                for q in range(p):
                    cov[j, q] -= gain[j] * gain[q] / spread


def foresee(
    gaps: Floats,
    values: Floats,
    noise: Floats,
    design: Floats,
    bank: Bank,
    *,
    start: float,
    s0: float,
    span: int = 1,
    foreseen: Floats | None = None,
) -> Foreseen:
    """Run every filter over readings (n,), NaN where there is none, `gaps` (n,) days after the one before.

    `noise` (n,): each reading's variance over s^2. `design` (n + span - 1, columns): the calendar, of the days ahead
    of the last too. `start`, `s0`: where the level and s^2 begin. `span`: days of the mean ahead, its first the
    reading's own; only where readings are a day apart. `foreseen` (n,): the `noise` that is reckoned with before a
    reading came, where its own is only known then.
    """
    n = len(gaps)
    told = noise if foreseen is None else foreseen
    running = np.concatenate([np.zeros((1, design.shape[1])), np.cumsum(design, axis=0)])
    ahead = (running[span : span + n] - running[:n]) / span
    steps = np.arange(span)
    apart, both = np.abs(steps[:, None] - steps), steps[:, None] + steps
    fade, extra = np.empty((len(bank.drift), 2)), np.empty(len(bank.drift))
    for k in range(len(extra)):
        extra[k] = 1.0 / span + bank.drift[k] * np.minimum(steps[:, None], steps).mean()
        for a in range(2):
            keep = np.exp(-bank.rates[k, a])
            fade[k, a] = (keep**steps).mean()
            extra[k] += bank.ratios[k, a] * (keep**apart - keep**both).mean()
    out = np.empty((4, len(extra), n))
    _run(
        *(np.ascontiguousarray(one, float) for one in (gaps, values, noise, told, design[:n], ahead)),
        *bank, fade, extra, start, s0, out,
    )  # fmt: skip
    return Foreseen(out[0], out[1], out[2], out[3])
