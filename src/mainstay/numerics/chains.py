"""Whether chains of draws agree (R-hat) and how many independent draws they are worth (bulk and tail).

Rank-normalised split R-hat and effective sizes of Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021),
Bayesian Analysis 16(2); autocorrelations are cut off by Geyer's initial monotone sequence.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEWEST_DRAWS = 4
TAIL = 0.05


def _split(chains: Floats) -> Floats:
    half = chains.shape[1] // 2
    return np.concatenate([chains[:, :half], chains[:, -half:]])


def _normal_scores(values: Floats) -> Floats:
    """Ranks (ties share their mean) turned into normal quantiles, by Blom's (r - 3/8) / (S + 1/4)."""
    flat = values.ravel()
    _, inverse, counts = np.unique(flat, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - 0.5 * (counts - 1)
    quantile = NormalDist().inv_cdf
    scores = np.array([quantile(p) for p in (ranks - 0.375) / (len(flat) + 0.25)])
    return scores[inverse].reshape(values.shape)


def _between_and_within(chains: Floats) -> float:
    draws = chains.shape[1]
    within = float(chains.var(axis=1, ddof=1).mean())
    between = draws * float(chains.mean(axis=1).var(ddof=1))
    return math.sqrt((between / within + draws - 1) / draws) if within > 0.0 else 1.0


def r_hat(chains: Floats) -> float:
    """The larger of bulk and folded rank-normalised split R-hat of draws (chains, draws); 1 is agreement."""
    halves = _split(chains)
    folded = np.abs(halves - np.median(halves))
    return max(_between_and_within(_normal_scores(halves)), _between_and_within(_normal_scores(folded)))


def _autocovariance(chains: Floats) -> Floats:
    draws = chains.shape[1]
    centred = chains - chains.mean(axis=1, keepdims=True)
    transform = np.fft.rfft(centred, n=2 * draws, axis=1)
    covariance: Floats = np.fft.irfft(np.abs(transform) ** 2, axis=1)[:, :draws] / draws
    return covariance


def _effective(chains: Floats) -> float:
    """Effective number of draws of the mean of draws (chains, draws), which are taken as they are."""
    count, draws = chains.shape
    if float(np.ptp(chains)) < 1e-15:
        return float(chains.size)
    covariance = _autocovariance(chains).mean(axis=0)
    within = covariance[0] * draws / (draws - 1.0)
    total = covariance[0] + (float(chains.mean(axis=1).var(ddof=1)) if count > 1 else 0.0)
    rho = 1.0 - (within - covariance) / total
    rho[0] = 1.0
    pairs = rho[: draws - draws % 2].reshape(-1, 2).sum(axis=1)[: max((draws - 2) // 2, 1)]
    negative = np.flatnonzero(pairs < 0.0)
    end = int(negative[0]) if len(negative) else len(pairs)
    time = -1.0 + 2.0 * float(np.minimum.accumulate(pairs[:end]).sum())
    if end < len(pairs):  # the even term of the first negative pair still counts where it is positive
        time += max(float(rho[2 * end]), 0.0)
    return chains.size / max(time, 1.0 / math.log10(chains.size))


def effective_bulk(chains: Floats) -> float:
    """Effective draws for the middle of the distribution: of the normal scores of split chains (chains, draws)."""
    return _effective(_normal_scores(_split(chains)))


def effective_tail(chains: Floats) -> float:
    """The smaller of the effective draws for the 5 % and the 95 % quantile of draws (chains, draws)."""
    low, high = np.quantile(chains, [TAIL, 1.0 - TAIL])
    return min(_effective(_split((chains <= edge).astype(float))) for edge in (low, high))
