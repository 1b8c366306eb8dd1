import math

import numpy as np
import pytest

from mainstay.numerics.pareto import choose, effective_of_mean, fit_generalised_pareto, highest_shape, smooth


@pytest.mark.parametrize("shape", [-0.2, 0.3, 0.8])
def test_generalised_pareto_is_recovered(shape):
    u = np.random.default_rng(1).random(5000)
    found, scale = fit_generalised_pareto(np.sort(2.0 * np.expm1(-shape * np.log1p(-u)) / shape))
    assert found == pytest.approx(shape, abs=0.06)
    assert scale == pytest.approx(2.0, rel=0.1)


def test_smoothing_equals_arviz():
    arviz = pytest.importorskip("arviz")
    rng = np.random.default_rng(2)
    for n, heavy in ((100, 1.0), (1000, 0.3), (4000, 2.0)):
        raw = heavy * rng.standard_t(5, n)
        theirs, k_hat = arviz.psislw(raw.copy())
        ours = smooth(raw)
        assert ours.k_hat == pytest.approx(float(k_hat), abs=1e-9)
        np.testing.assert_allclose(ours.log_weights, np.asarray(theirs), atol=1e-9)


def test_equal_weights_have_no_tail():
    ours = smooth(np.full(200, -3.0))
    assert ours.k_hat == 0.0
    assert ours.effective == pytest.approx(200)
    assert ours.log_mean == pytest.approx(-3.0)


def test_weights_add_to_one_and_none_exceeds_the_largest_raw_one():
    raw = 2.0 * np.random.default_rng(3).standard_normal(500)
    ours = smooth(raw)
    assert ours.weights.sum() == pytest.approx(1.0)
    assert 1.0 < ours.effective < 500
    order = np.argsort(raw)
    assert np.all(np.diff(ours.log_weights[order]) >= 0)


def test_a_proposal_far_too_narrow_fails_the_check_and_a_slightly_narrow_one_passes():
    """For a target N(0, sd^2) drawn from N(0, 1) the weights' tail has shape 1 - 1 / sd^2: 0.17 and 0.89."""
    rng = np.random.default_rng(4)
    x = rng.standard_normal(4000)

    def k_hat(sd):
        return smooth(-0.5 * x**2 / sd**2 + 0.5 * x**2).k_hat

    assert k_hat(1.1) < highest_shape(4000) < k_hat(3.0)


def test_impossible_draws_weigh_nothing():
    raw = np.random.default_rng(5).standard_normal(300)
    raw[::3] = -math.inf
    assert smooth(raw).weights[::3].sum() == 0.0


def test_no_possible_draw_fails_the_check():
    nothing = smooth(np.full(50, -math.inf))
    assert nothing.k_hat == math.inf
    assert nothing.effective == 0.0


def test_the_limit_rises_with_the_number_of_draws_to_its_ceiling():
    assert highest_shape(100) == pytest.approx(0.5)
    assert highest_shape(10**6) == 0.7


def test_effective_of_a_mean_is_all_draws_under_equal_weights():
    values = np.random.default_rng(6).normal(size=(400, 3))
    np.testing.assert_allclose(effective_of_mean(values, np.full(400, 1 / 400)), 400.0)


def test_choosing_keeps_proportions():
    weights = np.array([0.5, 0.3, 0.2])
    chosen = choose(weights, 1000, np.random.default_rng(7))
    np.testing.assert_allclose(np.bincount(chosen) / 1000, weights, atol=0.002)


def test_a_proposal_that_misses_altogether_fails_without_overflow():
    """Ratios over hundreds of logs, as where the fit lies nowhere near: k-hat is huge, the weights are finite."""
    smoothed = smooth(np.concatenate([np.full(340, -705.0), np.linspace(-700.0, 0.0, 60)]))
    assert smoothed.k_hat > 100.0
    assert np.exp(smoothed.log_weights).sum() == pytest.approx(1.0)
