"""Regression with errors that are an Ornstein-Uhlenbeck process plus readings' noise, at irregular times: O(n k).

    y = X b + x + e,   x: rate `rate`, variance V;   e: variance s^2;   v = V / s^2        (legend in `ou_filter`)

The filter turns y and every column of X into misses that are independent with variance s^2 / keep under the true b;
least squares on those is generalised least squares on y. Over a grid of rates and ratios v each place has its
restricted likelihood (Patterson and Thompson 1971); the answer is averaged over the grid, each place weighted by it
(flat in log rate and log v), so that how long swings last being unknown widens what is said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from mainstay.errors import BadRequest
from mainstay.numerics.kernels import ENTRY
from mainstay.numerics.ou_filter import Floats, filter_means, filter_variances

RATIOS = np.array([0.0, 0.05, 0.2, 0.6, 1.5, 4.0, 15.0, 150.0])
STEPS_PER_FACTOR_E = 1.0
SHORTEST_HALF_LIFE = 0.5 / 24.0
LONGEST_HALF_LIFE = 60.0
OF_THE_SPAN = 0.25
"""Swings that fade by half in more than a quarter of the record can't be told from its trend, and are taken for it."""


@njit(**ENTRY)
def _whitened(gaps, rate, v, columns, white):  # type: ignore[no-untyped-def]
    """Fill white (n, k) with the scaled misses of each column; return the log determinant in units of s^2."""
    n, k = columns.shape
    decay, keep, miss, before = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    determinant = filter_variances(gaps, rate, v, decay, keep)
    for j in range(k):
        filter_means(columns[:, j], 0.0, decay, keep, miss, before)
        for i in range(n):
            white[i, j] = miss[i] * math.sqrt(keep[i])
    return determinant


@dataclass(frozen=True, slots=True, eq=False)
class Products:
    """Columns seen through the filter at every place of a grid.

    `rates` (R,) a day, `ratios` (C,); `inner` (R, C, k, k): the whitened columns' inner products, in which least
    squares is generalised least squares; `determinants` (R, C): the log determinants in units of s^2.
    """

    rates: Floats
    ratios: Floats
    inner: Floats
    determinants: Floats


def half_lives(shortest: float, longest: float) -> Floats:
    """Half-lives from the shortest to the longest in days, one or more to every factor e."""
    count = max(math.ceil(math.log(longest / shortest) * STEPS_PER_FACTOR_E) + 1, 2)
    return np.geomspace(shortest, longest, count)


def products(times: Floats, columns: Floats, rates: Floats, ratios: Floats = RATIOS) -> Products:
    """The inner products of columns (n, k) at ascending times (n, days) for every rate (R) and ratio (C)."""
    n, k = columns.shape
    columns = np.asfortranarray(columns)
    gaps, white = np.diff(times, prepend=times[0]), np.empty((n, k))
    shape = len(rates), len(ratios)
    inner, determinants = np.empty((*shape, k, k)), np.empty(shape)
    for r, rate in enumerate(rates.tolist()):
        for c, ratio in enumerate(ratios.tolist()):
            determinants[r, c] = _whitened(gaps, rate, ratio, columns, white)
            # outside of the kernel: there a product of matrices would need SciPy, which is not a dependency
            inner[r, c] = white.T @ white
    return Products(rates, ratios, inner, determinants)


@dataclass(frozen=True, slots=True, eq=False)
class OuRegression:
    """Coefficients (k) and their covariance (k, k), averaged over the grid; rate and v where it is highest."""

    coefficients: Floats
    covariance: Floats
    rate: float
    ratio: float


def ou_regression(times: Floats, values: Floats, design: Floats) -> OuRegression:
    """Regress values (n) at ascending times (n, days) on the design (n, k). Refuses n < k + 3 and equal columns.

    What can't be told from a trend over the record is counted as one: the longest half-life is a quarter of it.
    """
    n, k = design.shape
    if n < k + 3 or not times[-1] > times[0]:
        raise BadRequest(f"{n} readings can't be regressed on {k} columns; give {k + 3} or more over some time")
    if np.linalg.matrix_rank(design) < k:
        raise BadRequest("two columns of the design say the same; leave one out")
    longest = min(LONGEST_HALF_LIFE, max(OF_THE_SPAN * float(times[-1] - times[0]), 2.0 * SHORTEST_HALF_LIFE))
    rates = math.log(2.0) / half_lives(SHORTEST_HALF_LIFE, longest)
    seen = products(times, np.column_stack([design, values]), rates)
    shape = seen.determinants.shape
    squares, moments = seen.inner[..., :k, :k], seen.inner[..., :k, k]
    at = np.linalg.solve(squares, moments[..., None])[..., 0]
    rest = np.maximum(seen.inner[..., k, k] - (at * moments).sum(axis=-1), 1e-300)
    heights = -0.5 * ((n - k) * np.log(rest) + seen.determinants + np.linalg.slogdet(squares)[1])
    heights[:, 0] -= math.log(shape[0])  # without a process the rate says nothing: those places are one
    weights = np.exp(heights - heights.max())
    weights /= weights.sum()
    mean = (weights[..., None] * at).sum(axis=(0, 1))
    spread = at - mean
    within = (weights * rest / (n - k))[..., None, None] * np.linalg.inv(squares)
    covariance = within.sum(axis=(0, 1)) + np.einsum("rc,rci,rcj->ij", weights, spread, spread)
    r, c = np.unravel_index(int(heights.argmax()), shape)
    return OuRegression(mean, covariance, float(rates[r]), float(RATIOS[c]))
