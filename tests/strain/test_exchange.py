import importlib.util
import math

import numpy as np
import pytest

from mainstay import strain
from mainstay.errors import BadRequest
from mainstay.strain import exchange
from mainstay.strain.draws import draw
from mainstay.strain.exchange import inference_data, told

ARVIZ = importlib.util.find_spec("arviz") is not None


@pytest.fixture(scope="module")
def drawn(make_timeline):
    posterior = strain.fit(make_timeline(0, days=60.0, check_ins_per_day=3))
    return posterior, draw(posterior, 600, np.random.default_rng(1), "importance", paths=True)


def test_coordinates_are_told_in_the_persons_units(drawn):
    posterior, _ = drawn
    v = posterior.mean[None]
    values, labels = told(posterior, v)
    assert values["recovery_half_life_hours"][0] == pytest.approx(24 * math.log(2) / math.exp(posterior.mean[0]))
    weights, _ = posterior.coordinates.weights(posterior.mean)
    np.testing.assert_allclose(
        values["toll_per_day"][0], posterior.data.unit * weights.inputs[: len(posterior.data.roles)]
    )
    np.testing.assert_allclose(values["pull_per_point"][0], weights.pull / posterior.data.unit)
    assert labels["toll_per_day"] == list(posterior.data.roles)
    assert labels["drift_per_year"] == list(posterior.data.refuges)


def test_export_without_arviz_says_what_to_install(drawn, monkeypatch):
    monkeypatch.setattr(exchange, "find_spec", lambda name: None)
    with pytest.raises(BadRequest, match="pip install"):
        inference_data(*drawn, np.random.default_rng(2))


@pytest.mark.skipif(not ARVIZ, reason="the extra is not installed")
def test_export_holds_draws_prior_and_data(drawn):
    posterior, draws = drawn
    data = inference_data(posterior, draws, np.random.default_rng(3))
    assert set(data.groups()) == {"posterior", "posterior_predictive", "sample_stats", "prior", "observed_data"}
    assert data.posterior.sizes["chain"] == 1
    assert data.posterior.sizes["draw"] == 600
    assert data.posterior["level"].sel(coordinate="log_recovery_rate").shape == (1, 600)
    assert data.posterior["strain"].sizes["knot_day"] == len(posterior.data.knots)
    assert data.posterior.attrs["said"] == draws.said
    assert data.prior["recovery_half_life_hours"].sizes["draw"] == exchange.PRIOR_DRAWS
    assert data.observed_data["rating"].sizes["reading_day"] == posterior.data.readings


@pytest.mark.skipif(not ARVIZ, reason="the extra is not installed")
def test_exported_draws_have_the_weighted_mean(drawn):
    posterior, draws = drawn
    data = inference_data(posterior, draws, np.random.default_rng(4))
    sd = np.sqrt(draws.weights @ (draws.parameters - draws.mean()) ** 2)
    found = data.posterior["level"].mean(("chain", "draw")).values
    assert np.abs((found - draws.mean()) / sd).max() < 0.1


@pytest.mark.skipif(not ARVIZ, reason="the extra is not installed")
def test_predicted_ratings_look_like_those_seen(drawn):
    posterior, draws = drawn
    data = inference_data(posterior, draws, np.random.default_rng(5))
    seen, predicted = data.observed_data["rating"].values, data.posterior_predictive["rating"].values[0]
    assert predicted.mean() == pytest.approx(seen.mean(), abs=4 * seen.std() / math.sqrt(len(seen)))
    low, high = np.quantile(predicted, [0.05, 0.95], axis=0)
    assert np.mean((seen > low) & (seen < high)) > 0.85
