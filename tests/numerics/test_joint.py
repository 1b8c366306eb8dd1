import math

import numpy as np
import pytest

from mainstay.numerics.joint import (
    draw_paths,
    factor_rows,
    log_joint,
    mean_shift,
    spread,
)
from mainstay.numerics.layout import GRADIENT, PATH, make_work
from mainstay.numerics.ou_path import find_path, log_marginal
from mainstay.numerics.pareto import log_mean_exp, smooth
from numerics import oracle

ROOT_TWO_PI = 0.5 * math.log(2 * math.pi)


def drawn(problem, weights, *, pairs, seed=0, guess=None):
    """Laplace's log marginal, and the log ratios of pairs of draws (2 m,)."""
    work = make_work(problem)
    f, _ = find_path(problem, weights, work, False)
    laplace, shift, n = log_marginal(problem, work, f), np.zeros(len(problem.dt)), len(problem.dt)
    if guess is None:
        guess = work.row[PATH].copy()
        mean_shift(problem, weights, work, shift)
    paths, ratios = np.empty((2 * pairs, n)), np.empty(2 * pairs)
    normals = np.random.default_rng(seed).standard_normal((pairs, n))
    assert draw_paths(problem, weights, work, guess, shift, normals, paths, ratios)
    return laplace, ratios


@pytest.mark.parametrize("unseen", [False, True])
def test_joint_density_is_the_one_written_out(make_problem, make_weights, unseen):
    rng = np.random.default_rng(1)
    problem = make_problem(rng, n=20, unseen=unseen)
    weights, work = make_weights(rng, problem), make_work(problem)
    path = rng.normal(1, 0.5, 20)
    work.row[PATH] = path
    value = log_joint(problem, weights, work) - 20 * ROOT_TWO_PI
    assert value == pytest.approx(oracle.log_joint(problem, weights, path), abs=1e-8)


@pytest.mark.parametrize("unseen", [False, True])
def test_gradient_by_the_path_equals_finite_differences(make_problem, make_weights, unseen):
    rng = np.random.default_rng(2)
    problem = make_problem(rng, n=20, unseen=unseen)
    weights, work = make_weights(rng, problem), make_work(problem)
    path = rng.normal(1, 0.5, 20)

    def value(path):
        work.row[PATH] = path
        return log_joint(problem, weights, work)

    value(path)
    by_path = work.row[GRADIENT].copy()
    for i in (0, 7, 19):
        step = 1e-5 * np.eye(20)[i]
        assert by_path[i] == pytest.approx((value(path + step) - value(path - step)) / 2e-5, rel=1e-6, abs=1e-6)


def test_draws_have_the_inverse_hessian_as_covariance(make_problem, make_weights):
    rng = np.random.default_rng(3)
    problem = make_problem(rng, n=6, unseen=False)
    weights, work = make_weights(rng, problem), make_work(problem)
    find_path(problem, weights, work, False)
    log_pivots, ratios, factor = np.empty(6), np.empty(6), np.empty((6, 6))
    factor_rows(work, log_pivots, ratios)
    for j in range(6):
        spread(log_pivots, ratios, np.eye(6)[j], factor[:, j])
    hessian = np.zeros((6, 6))
    mode = work.row[PATH].copy()
    for i in range(6):
        rows = []
        for sign in (1, -1):
            work.row[PATH] = mode + sign * 1e-5 * np.eye(6)[i]
            log_joint(problem, weights, work)
            rows.append(work.row[GRADIENT].copy())
        hessian[i] = (rows[1] - rows[0]) / 2e-5
    np.testing.assert_allclose(factor @ factor.T, np.linalg.inv(hessian), rtol=1e-5, atol=1e-8)


def test_readings_alone_leave_nothing_to_weigh(make_problem, make_weights):
    """Laplace is exact where the path's posterior is normal: every ratio is the marginal likelihood itself."""
    rng = np.random.default_rng(5)
    problem = make_problem(rng, n=30, unseen=False, processes=0)
    weights = make_weights(rng, problem)
    _, ratios = drawn(problem, weights, pairs=5)
    np.testing.assert_allclose(ratios, oracle.gaussian_log_marginal(problem, weights), atol=1e-8)


def test_weighted_draws_give_the_brute_force_integral_where_laplace_does_not(make_problem, make_weights):
    rng = np.random.default_rng(8)
    problem = make_problem(rng, n=2, unseen=False, items=0)
    problem = problem._replace(dt=np.array([0.8, 0.8]))
    weights = make_weights(rng, problem, items=0)._replace(noise=1.5, pull=np.array([1.8, 1.2]))
    laplace, ratios = drawn(problem, weights, pairs=4000)
    exact = oracle.brute_force_log_marginal(problem, weights, -12.0, 8.0, 201)
    weighed = smooth(ratios)
    assert weighed.log_mean == pytest.approx(exact, abs=4 / math.sqrt(weighed.effective))
    assert abs(weighed.log_mean - exact) < 0.5 * abs(laplace - exact)


def test_a_poor_guess_costs_no_truth(make_problem, make_weights):
    rng = np.random.default_rng(7)
    problem = make_problem(rng, unseen=False)
    weights = make_weights(rng, problem)
    _, near = drawn(problem, weights, pairs=400)
    _, far = drawn(problem, weights, pairs=400, guess=np.full(len(problem.dt), 3.0))
    assert log_mean_exp(far) == pytest.approx(log_mean_exp(near), abs=0.05)
