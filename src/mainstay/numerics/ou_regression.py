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


@njit(**ENTRY)
def _products(gaps, rates, ratios, columns, products, determinants):  # type: ignore[no-untyped-def]
    """Fill products (rates, ratios, k, k) with the whitened columns' inner products, and the log determinants."""
    white = np.empty(columns.shape)
    for r in range(len(rates)):
        for c in range(len(ratios)):
            determinants[r, c] = _whitened(gaps, rates[r], ratios[c], columns, white)
            products[r, c] = white.T @ white


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
    count = max(math.ceil(math.log(longest / SHORTEST_HALF_LIFE) * STEPS_PER_FACTOR_E) + 1, 2)
    rates = math.log(2.0) / np.geomspace(SHORTEST_HALF_LIFE, longest, count)
    columns = np.asfortranarray(np.column_stack([design, values]))
    shape = len(rates), len(RATIOS)
    products, determinants = np.empty((*shape, k + 1, k + 1)), np.empty(shape)
    _products(np.diff(times, prepend=times[0]), rates, RATIOS, columns, products, determinants)
    squares, moments = products[..., :k, :k], products[..., :k, k]
    at = np.linalg.solve(squares, moments[..., None])[..., 0]
    rest = np.maximum(products[..., k, k] - (at * moments).sum(axis=-1), 1e-300)
    heights = -0.5 * ((n - k) * np.log(rest) + determinants + np.linalg.slogdet(squares)[1])
    heights[:, 0] -= math.log(shape[0])  # without a process the rate says nothing: those places are one
    weights = np.exp(heights - heights.max())
    weights /= weights.sum()
    mean = (weights[..., None] * at).sum(axis=(0, 1))
    spread = at - mean
    within = (weights * rest / (n - k))[..., None, None] * np.linalg.inv(squares)
    covariance = within.sum(axis=(0, 1)) + np.einsum("rc,rci,rcj->ij", weights, spread, spread)
    r, c = np.unravel_index(int(heights.argmax()), shape)
    return OuRegression(mean, covariance, float(rates[r]), float(RATIOS[c]))
