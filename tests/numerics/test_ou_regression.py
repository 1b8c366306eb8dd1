"""Regression under an Ornstein-Uhlenbeck process with noise, against the dense normal."""

import math

import numpy as np
import pytest

from mainstay.errors import BadRequest
from mainstay.numerics.ou_regression import RATIOS, SHORTEST_HALF_LIFE, ou_regression


def series(seed=1, n=60):
    rng = np.random.default_rng(seed)
    times = np.sort(rng.uniform(0.0, 40.0, n))
    design = np.column_stack([np.ones(n), times - 20.0, np.sin(times)])
    kernel = np.exp(-0.4 * np.abs(times[:, None] - times[None])) + 0.5 * np.eye(n)
    return times, design @ np.array([2.0, 0.1, -0.5]) + np.linalg.cholesky(kernel) @ rng.normal(size=n), design


def dense(times, values, design):
    """Every place of the same grid by whole matrices: coefficients, covariance and restricted log likelihood."""
    n, k = design.shape
    longest = min(60.0, 0.25 * (times[-1] - times[0]))
    count = math.ceil(math.log(longest / SHORTEST_HALF_LIFE)) + 1
    places = []
    for half_life in np.geomspace(SHORTEST_HALF_LIFE, longest, count):
        for ratio in RATIOS:
            apart = np.abs(times[:, None] - times[None])
            kernel = ratio * np.exp(-math.log(2.0) / half_life * apart) + np.eye(n)
            inverse = np.linalg.inv(kernel)
            squares = design.T @ inverse @ design
            at = np.linalg.solve(squares, design.T @ inverse @ values)
            rest = values - design @ at
            s2 = rest @ inverse @ rest / (n - k)
            height = -0.5 * ((n - k) * math.log(s2) + np.linalg.slogdet(kernel)[1] + np.linalg.slogdet(squares)[1]) - (
                math.log(count) if ratio == 0.0 else 0.0
            )
            places.append((height, at, s2 * np.linalg.inv(squares)))
    heights = np.array([place[0] for place in places])
    weights = np.exp(heights - heights.max())
    weights /= weights.sum()
    mean = sum(weight * place[1] for weight, place in zip(weights, places, strict=True))
    covariance = sum(
        weight * (place[2] + np.outer(place[1] - mean, place[1] - mean))
        for weight, place in zip(weights, places, strict=True)
    )
    return mean, covariance


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_equals_the_dense_normal_averaged_over_the_grid(seed):
    times, values, design = series(seed)
    found = ou_regression(times, values, design)
    mean, covariance = dense(times, values, design)
    assert np.allclose(found.coefficients, mean, rtol=1e-8)
    assert np.allclose(found.covariance, covariance, rtol=1e-7)


def test_a_far_off_zero_and_other_units_change_nothing_but_the_units():
    times, values, design = series()
    one, other = ou_regression(times, values, design), ou_regression(times, 1e6 + 3.0 * values, design)
    assert np.allclose(other.coefficients, 3.0 * one.coefficients + [1e6, 0.0, 0.0], rtol=1e-6, atol=1e-5)
    assert np.allclose(other.covariance, 9.0 * one.covariance, rtol=1e-4)


def test_misuse_is_refused():
    times, values, design = series()
    with pytest.raises(BadRequest, match="3 columns"):
        ou_regression(times[:5], values[:5], design[:5])
    with pytest.raises(BadRequest, match="say the same"):
        ou_regression(times, values, np.column_stack([design, 2.0 * design[:, 0]]))
