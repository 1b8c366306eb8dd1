import numpy as np
import pytest

from mainstay.numerics.chains import effective_bulk, effective_tail, r_hat


def chains(correlation, *, count=4, draws=500, seed=1):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((count, draws))
    for t in range(1, draws):
        x[:, t] = correlation * x[:, t - 1] + np.sqrt(1 - correlation**2) * x[:, t]
    return x


@pytest.mark.parametrize("correlation", [-0.4, 0.0, 0.5, 0.9])
def test_diagnostics_equal_arviz(correlation):
    arviz = pytest.importorskip("arviz")
    x = chains(correlation)
    assert r_hat(x) == pytest.approx(float(arviz.rhat(x)), abs=1e-9)
    assert effective_bulk(x) == pytest.approx(float(arviz.ess(x)), rel=1e-3)
    assert effective_tail(x) == pytest.approx(float(arviz.ess(x, method="tail")), rel=1e-3)


def test_effective_draws_of_an_autoregression_are_those_of_theory():
    x = chains(0.8, count=8, draws=4000)
    assert effective_bulk(x) == pytest.approx(x.size * (1 - 0.8) / (1 + 0.8), rel=0.15)


def test_a_chain_elsewhere_is_seen():
    x = chains(0.0)
    x[0] += 1.0
    assert r_hat(x) > 1.05 > r_hat(chains(0.0))


def test_a_chain_of_another_width_is_seen():
    x = chains(0.0)
    x[0] *= 3.0
    assert r_hat(x) > 1.05


def test_what_does_not_move_counts_every_draw():
    assert effective_bulk(np.ones((2, 50))) == 100
