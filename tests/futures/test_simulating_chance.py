"""Chance by place: uniforms that are independent of each other, and quantiles that are those of the textbooks."""

import numpy as np
from numba import njit
from scipy import stats

from mainstay.numerics.paths_ahead_chance import counted, normal, uniform


@njit
def uniforms(keys, places):
    found = np.empty((len(keys), len(places)))
    for i in range(len(keys)):
        for j in range(len(places)):
            found[i, j] = uniform(keys[i], places[j])
    return found


@njit
def normals(u):
    return np.array([normal(one) for one in u])


@njit
def counts(u, mean, spread):
    return np.array([counted(one, mean, spread) for one in u])


def test_numbers_of_neighbouring_places_and_paths_have_nothing_to_do_with_each_other():
    keys = np.random.default_rng(0).integers(0, 2**64, size=300, dtype=np.uint64)
    u = uniforms(keys, np.arange(1 << 40, (1 << 40) + 300))
    assert u.min() > 0.0 and u.max() < 1.0
    assert stats.kstest(u.ravel(), "uniform").pvalue > 1e-3
    for one, other in ((u[:, :-1], u[:, 1:]), (u[:-1], u[1:]), (u[:, :-7], u[:, 7:])):
        r = np.corrcoef(one.ravel(), other.ravel())[0, 1]
        assert abs(r) * np.sqrt(one.size) < 4.0
    low = (u < 0.01).sum(axis=1)
    assert abs(low.var() / low.mean() - 0.99) < 0.4


def test_the_same_place_gives_the_same_number():
    keys = np.array([5], np.uint64)
    assert uniforms(keys, np.array([3, 9, 3]))[0, 0] == uniforms(keys, np.array([3]))[0, 0]


def test_normal_quantiles_are_right_to_seven_digits():
    u = np.concatenate([np.linspace(1e-6, 1 - 1e-6, 20_001), 10.0 ** -np.arange(7.0, 15.0)])
    assert np.allclose(normals(u), stats.norm.ppf(u), rtol=2e-6, atol=2e-7)


def test_counts_are_the_quantiles_of_their_distributions():
    u = np.linspace(0.0005, 0.9995, 2000)
    for mean in (0.01, 0.3, 2.0, 9.0):
        assert np.array_equal(counts(u, mean, 0.0), stats.poisson.ppf(u, mean))
        size = 1.0 / 0.7
        assert np.array_equal(counts(u, mean, 0.7), stats.nbinom.ppf(u, size, size / (size + mean)))
    assert not counts(u, 0.0, 0.0).any()
