from dataclasses import replace

import numpy as np
import pytest

from mainstay.strain.coordinates import coordinates
from mainstay.strain.data import strain_data
from mainstay.strain.fitting import log_posterior, start_point
from mainstay.strain.settings import Settings


@pytest.mark.parametrize("recording", [(0.3, 1.0), (1.0, 1.0)])
def test_gradient_of_the_log_posterior_equals_finite_differences(make_timeline, recording):
    place = coordinates(strain_data(make_timeline(0, days=60.0, recording=recording)))
    rng = np.random.default_rng(0)
    at = start_point(place, 0.6) + 0.2 * rng.normal(size=place.size)
    density = log_posterior(place)
    _, gradient = density(at)
    for j, step in enumerate(np.eye(place.size) * 1e-5):
        difference = (density(at + step)[0] - density(at - step)[0]) / 2e-5
        assert gradient[j] == pytest.approx(difference, rel=1e-5, abs=1e-5), place.names[j]


def test_cut_points_rise_between_fixed_ends_and_their_jacobian_equals_finite_differences(make_timeline):
    timeline = make_timeline(0, days=60.0)
    series = timeline.ratings["tension"]
    answers = np.clip(np.rint(series.values), series.item.low, series.item.high)
    ordinal = replace(series, item=replace(series.item, ordinal=True), values=answers)
    place = coordinates(strain_data(replace(timeline, ratings={"tension": ordinal}), Settings(ordinal=True)))
    at = start_point(place, 0.6)
    gaps = place.block("gap")
    at[gaps] = np.linspace(-1.0, 1.0, 5)
    weights, jacobian = place.weights(at)
    assert weights.cuts[[0, -1]] == pytest.approx([0.5, 5.5])
    np.testing.assert_allclose(np.diff(weights.cuts), 5.0 * np.exp(at[gaps]) / np.exp(at[gaps]).sum())
    rows = jacobian[place.natural["cuts"]]
    for j, step in enumerate(np.eye(place.size) * 1e-6):
        difference = (place.weights(at + step)[0].cuts - place.weights(at - step)[0].cuts) / 2e-6
        np.testing.assert_allclose(rows[:, j], difference, atol=1e-8, err_msg=place.names[j])


def test_scaling_strain_changes_its_units_and_nothing_a_person_would_read(make_timeline):
    """Scale S up: tolls, demands, noise up; pull and loading down; the likelihood stays."""
    from mainstay.numerics.layout import make_work
    from mainstay.numerics.ou_path import find_path, log_marginal

    data = strain_data(make_timeline(0, days=60.0, recording=(1.0, 1.0)))
    weights, _ = coordinates(data).weights(start_point(coordinates(data), 0.6))
    scaled = weights._replace(
        noise=2 * weights.noise,
        start=2 * weights.start,
        inputs=2 * weights.inputs,
        pull=weights.pull / 2,
        loading=weights.loading / 2,
    )
    values = []
    for one in (weights, scaled):
        work = make_work(data.problem)
        f, _ = find_path(data.problem, one, work, False)
        values.append(log_marginal(data.problem, work, f))
    # the path's density is taken per unit of strain, which Laplace's determinant gives back
    assert values[0] == pytest.approx(values[1], abs=1e-6)


def test_prior_draws_have_the_stated_means_and_sds(make_timeline):
    place = coordinates(strain_data(make_timeline(0, days=30.0)))
    rng = np.random.default_rng(1)
    draws = np.array([place.draw_prior(rng) for _ in range(4000)])
    assert np.abs((draws.mean(0) - place.prior_mean) / place.prior_sd).max() < 5 / np.sqrt(4000)
    assert np.abs(draws.std(0) / place.prior_sd - 1).max() < 0.06
