"""Pareto-smoothed importance sampling: weights one can average with, and whether one may (k-hat).

The largest raw weights are replaced by the expected order statistics of a generalised Pareto fitted to them; the
fitted shape, k-hat, says how heavy the tail of the weights is. Above min(1 - 1 / log10(S), 0.7) the error of S draws
is not what it seems, and no average of them is to be used.

Vehtari, Simpson, Gelman, Yao and Gabry (2024), JMLR 25(72); Zhang and Stephens (2009), Technometrics 51(3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LARGEST_EXPONENT = 600.0
HIGHEST_K = 0.7
FEWEST_TAIL = 5
PRIOR_DRAWS, PRIOR_SHAPE = 10.0, 0.5
"""The shape is drawn towards 0.5 with the weight of ten draws (Vehtari et al. 2024, appendix G)."""


@dataclass(frozen=True, slots=True, eq=False)
class Smoothed:
    """Normalised log weights (n,), the fitted shape `k_hat` and the effective number of draws, 1 / sum of w^2.

    `log_mean` is the log of the raw weights' mean: the log of the ratio of the two densities' normalising constants.
    """

    log_weights: Floats
    k_hat: float
    effective: float
    log_mean: float

    @property
    def weights(self) -> Floats:
        """The weights themselves; they add to 1."""
        return np.exp(self.log_weights)


def highest_shape(draws: int) -> float:
    """The largest k-hat at which `draws` weighted draws may be averaged."""
    return min(1.0 - 1.0 / math.log10(max(draws, 11)), HIGHEST_K)


def fit_generalised_pareto(exceedances: Floats) -> tuple[float, float]:
    """Shape and scale of a generalised Pareto from sorted positive exceedances (m,), by Zhang and Stephens."""
    m = len(exceedances)
    grid = 30 + int(math.sqrt(m))
    first_quartile = float(exceedances[int(m / 4 + 0.5) - 1])
    theta = 1.0 / exceedances[-1] + (1.0 - np.sqrt(grid / (np.arange(1, grid + 1) - 0.5))) / (3.0 * first_quartile)
    shape = np.log1p(-theta[:, None] * exceedances).mean(axis=1)
    profile = m * (np.log(-theta / shape) - shape - 1.0)
    weight = np.exp(profile - profile.max())
    middle = float(theta @ weight / weight.sum())
    raw = float(np.log1p(-middle * exceedances).mean())
    return (m * raw + PRIOR_DRAWS * PRIOR_SHAPE) / (m + PRIOR_DRAWS), -raw / middle


def _quantiles(probabilities: Floats, shape: float, scale: float) -> Floats:
    tail = -np.log1p(-probabilities)
    # beyond the largest number a quantile is told as that: no weight is let exceed 1 anyway
    return scale * (tail if abs(shape) < 1e-12 else np.expm1(np.minimum(shape * tail, LARGEST_EXPONENT)) / shape)


def log_mean_exp(values: Floats) -> float:
    """log of the mean of exp(values); -inf where all are."""
    top = float(values.max())
    return top if not math.isfinite(top) else top + math.log(float(np.exp(values - top).mean()))


def smooth(log_ratios: Floats) -> Smoothed:
    """Smooth the largest of the raw log weights (n,). -inf is weight zero; where all are, k-hat is infinite."""
    n = len(log_ratios)
    mean = log_mean_exp(log_ratios)
    if not math.isfinite(mean):
        return Smoothed(np.full(n, -math.log(n)), math.inf, 0.0, -math.inf)
    logs = log_ratios - float(log_ratios.max())
    order = np.argsort(logs, kind="stable")
    largest = math.ceil(min(0.2 * n, 3.0 * math.sqrt(n)))
    cut = max(float(logs[order[-largest - 1]]), math.log(np.finfo(float).tiny))
    tail = order[-largest:][logs[order[-largest:]] > cut]
    k_hat = math.inf
    if float(logs.max()) - cut < 1e-9:
        k_hat = 0.0  # equal weights have no tail to worry about
    elif len(tail) >= FEWEST_TAIL:
        floor = math.exp(cut)
        k_hat, scale = fit_generalised_pareto(np.exp(logs[tail]) - floor)
        if math.isfinite(k_hat) and scale > 0.0:
            expected = _quantiles((np.arange(len(tail)) + 0.5) / len(tail), k_hat, scale)
            logs[tail] = np.minimum(np.log(expected + floor), 0.0)
    logs -= log_mean_exp(logs) + math.log(n)
    return Smoothed(logs, k_hat, 1.0 / float(np.exp(2.0 * logs).sum()), mean)


def effective_of_mean(values: Floats, weights: Floats) -> Floats:
    """Independent draws that would give each weighted mean of `values` (n, p) the same error: (p,)."""
    away = values - weights @ values
    spread: Floats = weights @ away**2
    error = (weights**2) @ away**2
    return np.where(error > 0.0, spread / np.where(error > 0.0, error, 1.0), float(len(values)))


def choose(weights: Floats, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Indices of n equally weighted draws, by systematic resampling in a shuffled order."""
    places = (rng.random() + np.arange(n)) / n
    found = np.minimum(np.searchsorted(np.cumsum(weights), places), len(weights) - 1)
    return rng.permutation(found).astype(np.int64)
