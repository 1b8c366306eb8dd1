"""The field's rolling early-warning signs, with a null of their own: for comparison, not for claims.

Variance and lag-1 autocorrelation in a window that slides over half the record, after a smooth mean is taken away;
Kendall's tau of each with time (Dakos and others 2012, doi:10.1371/journal.pone.0041010). Neighbouring windows overlap,
so tau's textbook p-value is far too small: here tau is compared with records simulated on the same times from the
Ornstein-Uhlenbeck process fitted to this one without drift. Variance rises as well where only the noise does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mainstay.errors import BadRequest
from mainstay.numerics.ou_filter import Floats

REPLICATES = 199
BANDWIDTH = 0.1
MOST_WINDOWS = 100
FAR = 2.5
"""A step longer than so many times the median one (a night, a gap) gives no pair for the autocorrelation."""


@dataclass(frozen=True, slots=True)
class RollingSigns:
    """Kendall's tau with time of rolling variance and autocorrelation, and the chance of one so high with no drift."""

    variance_tau: float
    variance_p: float
    autocorrelation_tau: float
    autocorrelation_p: float


def rolling_signs(
    times: Floats,
    values: Floats,
    *,
    rate: float,
    ratio: float,
    rng: np.random.Generator,
    replicates: int = REPLICATES,
) -> RollingSigns:
    """Signs of values (n) at times (n); the null has this recovery `rate` and `ratio` of reading noise to process.

    tau needs no scale, so the process's own variance doesn't matter. Refuses fewer than 20 readings.
    """
    if len(times) < 20:
        raise BadRequest(f"{len(times)} readings have no rolling signs; give 20 or more")
    null = simulated(times, rate, ratio, replicates, rng)
    variance, autocorrelation = _taus(times, np.vstack([values, null]))
    return RollingSigns(
        float(variance[0]),
        float((1 + (variance[1:] >= variance[0]).sum()) / (1 + replicates)),
        float(autocorrelation[0]),
        float((1 + (autocorrelation[1:] >= autocorrelation[0]).sum()) / (1 + replicates)),
    )


def simulated(times: Floats, rate: float, ratio: float, count: int, rng: np.random.Generator) -> Floats:
    """Records (count, n) of a process of variance 1 seen at these times with readings' noise of variance `ratio`."""
    decay = np.exp(-rate * np.diff(times))
    shocks = rng.normal(size=(len(times), count))
    path = np.empty((len(times), count))
    path[0] = shocks[0]
    for i, kept in enumerate(decay, start=1):
        path[i] = kept * path[i - 1] + math.sqrt(1.0 - kept * kept) * shocks[i]
    path += math.sqrt(ratio) * rng.normal(size=path.shape)
    return np.ascontiguousarray(path.T)


def _taus(times: Floats, rows: Floats) -> tuple[Floats, Floats]:
    """Kendall's tau of rolling variance and of rolling autocorrelation, for each row (rows, n)."""
    n = len(times)
    window = n // 2
    rest: Floats = rows - _smooth(rows)
    starts = np.unique(np.linspace(0, n - window, min(MOST_WINDOWS, n - window + 1)).astype(int))
    gaps = np.diff(times)
    near = gaps <= FAR * float(np.median(gaps))
    first, second = rest[:, :-1] * near, rest[:, 1:] * near
    mean = _summed(rest, starts, window) / window
    variance = _summed(rest * rest, starts, window) / window - mean * mean
    pairs = np.maximum(_summed(near[None].astype(np.float64), starts, window - 1), 1.0)
    m1, m2 = (_summed(part, starts, window - 1) / pairs for part in (first, second))
    v1, v2 = (_summed(part * part, starts, window - 1) / pairs - m * m for part, m in ((first, m1), (second, m2)))
    lagged = _summed(first * second, starts, window - 1) / pairs - m1 * m2
    return _tau(variance), _tau(lagged / np.sqrt(np.maximum(v1 * v2, 1e-300)))


def _smooth(rows: Floats) -> Floats:
    """A Gaussian-weighted running mean over readings, its sd a tenth of them."""
    n = rows.shape[1]
    weights = np.exp(-0.5 * (np.arange(1 - n, n) / (BANDWIDTH * n)) ** 2)
    size = 1 << (3 * n).bit_length()
    waves = np.fft.rfft(np.vstack([rows, np.ones(n)]), size) * np.fft.rfft(weights, size)
    summed = np.fft.irfft(waves, size)[:, n - 1 : 2 * n - 1]
    smooth: Floats = summed[:-1] / summed[-1]
    return smooth


def _summed(rows: Floats, starts: np.ndarray, window: int) -> Floats:
    total = np.concatenate([np.zeros((len(rows), 1)), np.cumsum(rows, axis=1)], axis=1)
    summed: Floats = total[:, starts + window] - total[:, starts]
    return summed


def _tau(rows: Floats) -> Floats:
    """Kendall's tau of each row with its own order."""
    m = rows.shape[1]
    i, j = np.triu_indices(m, 1)
    tau: Floats = np.sign(rows[:, j] - rows[:, i]).mean(axis=1)
    return tau
