import math

import numpy as np
import pytest

from mainstay.numerics.decay_path import value_and_gradient_still
from mainstay.numerics.layout import LANES, PATH, make_work
from mainstay.numerics.ou_gradient import places, value_and_gradient
from numerics import oracle


def still(problem, weights):
    work, gradient = make_work(problem), np.zeros(places(weights)[-1])
    return value_and_gradient_still(problem, weights, work, gradient), gradient, work.row[PATH]


@pytest.mark.parametrize("unseen", [False, True])
@pytest.mark.parametrize("n", [2, 40, LANES, LANES + 9])
def test_value_and_path_are_those_written_out(make_problem, make_weights, unseen, n):
    rng = np.random.default_rng(n)
    problem = make_problem(rng, n=n, unseen=unseen)
    weights = make_weights(rng, problem)
    value, _, path = still(problem, weights)
    slow, slow_path = oracle.log_still(problem, weights)
    assert value == pytest.approx(slow, rel=1e-11)
    np.testing.assert_allclose(path, slow_path, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("unseen", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_gradient_equals_finite_differences(make_problem, make_weights, unseen, seed):
    rng = np.random.default_rng(seed)
    problem = make_problem(rng, n=LANES + 9, unseen=unseen)
    weights = make_weights(rng, problem)
    _, gradient, _ = still(problem, weights)
    at = oracle.flat(weights)
    for j in range(len(at)):
        step = np.zeros(len(at))
        step[j] = 1e-5
        up, down = (still(problem, oracle.unflat(at + sign * step, weights))[0] for sign in (1, -1))
        assert gradient[j] == pytest.approx((up - down) / 2e-5, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("unseen", [False, True])
def test_little_noise_comes_to_the_same(make_problem, make_weights, unseen):
    """The likelihood is smooth in the variance of the noise: a tenth of the noise, a hundredth of the difference."""
    rng = np.random.default_rng(9)
    problem = make_problem(rng, unseen=unseen)
    problem = problem._replace(extra_noise=np.zeros_like(problem.extra_noise))
    weights = make_weights(rng, problem)
    value, gradient, _ = still(problem, weights)
    differences = []
    for noise in (1e-2, 1e-3):
        near = np.zeros_like(gradient)
        with_noise, _ = value_and_gradient(problem, weights._replace(noise=noise), make_work(problem), False, near)
        near[1] = 0.0
        differences.append([abs(with_noise - value), np.abs(near - gradient).max()])
    assert np.all(np.array(differences[1]) < 0.02 * np.array(differences[0]))
    assert differences[1][0] < 1e-4


def test_noise_and_what_adds_to_it_change_nothing(make_problem, make_weights):
    rng = np.random.default_rng(10)
    problem = make_problem(rng)
    weights = make_weights(rng, problem)
    value, gradient, _ = still(problem, weights)
    loud, loud_gradient, _ = still(problem._replace(extra_noise=9.0 * problem.extra_noise), weights._replace(noise=7.0))
    assert value == loud
    np.testing.assert_array_equal(gradient, loud_gradient)
    assert gradient[1] == 0.0


def test_scratch_of_the_other_kernel_serves_this_one(make_problem, make_weights):
    rng = np.random.default_rng(11)
    problem = make_problem(rng)
    weights = make_weights(rng, problem)
    work, gradient = make_work(problem), np.zeros(places(weights)[-1])
    fresh = still(problem, weights)
    value_and_gradient(problem, weights, work, False, gradient)
    assert value_and_gradient_still(problem, weights, work, gradient) == fresh[0]
    np.testing.assert_array_equal(gradient, fresh[1])


def test_what_is_not_finite_is_told_apart(make_problem, make_weights):
    rng = np.random.default_rng(12)
    problem = make_problem(rng, unseen=False)
    weights = make_weights(rng, problem)._replace(start=float("nan"))
    value, gradient, _ = still(problem, weights)
    assert value == -math.inf
    assert np.all(gradient == 0.0)
