"""Chances from simulated futures, with intervals for what the record leaves open about the person.

Futures of one draw of the parameters share its chance; between draws the chance itself differs. What futures of one
draw would scatter by anyhow is taken out of the spread between draws (variance components, by the one-way analysis of
variance; Searle, Casella and McCulloch 1992), what is left is the doubt about the chance. It can't be less than none:
of a normal estimate the mean above none is taken. To it is added the error of the mean over all draws; the interval is
that of a beta distribution with this mean and variance, at `strain.judge.LEVEL`.

Legend: p_k the share of hits of draw k among its m_k futures, p that of all n, K draws.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mainstay.futures.paths import Chance, Floats, Whole
from mainstay.numerics.exact_rates import beta_quantile
from mainstay.strain.judge import LEVEL, normal_cdf

TAIL = 0.5 * (1.0 - LEVEL)


def chance_of(hits: NDArray[np.bool_], parameters_of: Whole) -> Chance:
    """The chance of what happened in some of the futures (n,), with its interval over the draws of the parameters."""
    return chances_of(hits[:, None], parameters_of)[0]


def chances_of(hits: NDArray[np.bool_], parameters_of: Whole) -> tuple[Chance, ...]:
    """The same for several things at once, hits (n, m)."""
    draw, size = _draws(parameters_of)
    counts = np.stack([np.bincount(draw, weights=column, minlength=len(size)) for column in hits.T], axis=1)
    return tuple(_chance(column, size) for column in counts.T)


def _draws(parameters_of: Whole) -> tuple[Whole, Floats]:
    _, draw = np.unique(parameters_of, return_inverse=True)
    return draw, np.bincount(draw).astype(float)


def _chance(counts: Floats, size: Floats) -> Chance:
    n, draws = float(size.sum()), len(size)
    mean = float(counts.sum()) / n
    if not 0.0 < mean < 1.0:  # never or always: at the ends only the number of futures bounds it (Jeffreys)
        low = beta_quantile(TAIL, mean * n + 0.5, n - mean * n + 0.5)
        high = beta_quantile(1.0 - TAIL, mean * n + 0.5, n - mean * n + 0.5)
        return Chance(mean, min(low, mean), max(high, mean))
    share = counts / size
    between = 0.0
    if 1 < draws < n:
        scatter = float((size * share * (1.0 - share)).sum()) / (n - draws)
        spread = float((size * (share - mean) ** 2).sum()) / (draws - 1.0)
        usual_size = (n - float((size**2).sum()) / n) / (draws - 1.0)
        doubt = math.sqrt(2.0 / (draws - 1.0)) * spread
        between = _above_none(spread - scatter, doubt) / usual_size
    error = mean * (1.0 - mean) / n + between / draws
    variance = min(between + error, 0.999 * mean * (1.0 - mean))
    together = mean * (1.0 - mean) / variance - 1.0
    a, b = mean * together, (1.0 - mean) * together
    low, high = beta_quantile(TAIL, a, b), beta_quantile(1.0 - TAIL, a, b)
    return Chance(mean, min(low, mean) if low * n > 0.5 else 0.0, max(high, mean) if (1.0 - high) * n > 0.5 else 1.0)


def _above_none(value: float, sd: float) -> float:
    """The mean of a normal that is known to lie above 0: what is estimated as none may yet be a little."""
    if sd <= 0.0 or value > 8.0 * sd:
        return max(value, 0.0)
    z = value / sd
    density = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    return max(value + sd * density / max(normal_cdf(z), 1e-300), 0.0)
