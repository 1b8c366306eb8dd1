import dataclasses
import importlib.util
import math

import numpy as np
import pytest

from mainstay import strain
from mainstay.errors import BadRequest
from mainstay.strain import draws as chapter
from mainstay.strain.coordinates import coordinates
from mainstay.strain.data import strain_data
from mainstay.strain.draws import corrected, draw, summary
from mainstay.strain.fitting import fit_data
from mainstay.strain.proposal import guide
from mainstay.strain.settings import Settings

NUTPIE = importlib.util.find_spec("nutpie") is not None


@pytest.fixture(scope="session")
def sixty_days(make_timeline):
    return make_timeline(0, days=60.0, check_ins_per_day=3)


@pytest.fixture(scope="session")
def two_months(sixty_days):
    return strain.fit(sixty_days)


@pytest.fixture(scope="session")
def weighted(two_months):
    return draw(two_months, 600, np.random.default_rng(1), "importance", paths=True)


@pytest.fixture(scope="session")
def linear(make_timeline):
    """Check-ins alone, with all that enters nonlinearly all but known: the posterior is a normal, and Laplace exact."""
    timeline = make_timeline(1, days=40.0, check_ins_per_day=3, recording=None)
    acts = {series.label for series in timeline.of_events("relief")}
    events = {label: series for label, series in timeline.events.items() if label not in acts}
    readings = dataclasses.replace(timeline, events=events)
    known = {"log_recovery_rate": (math.log(0.5), 0.01), "log_noise": (math.log(0.5), 0.01)}
    data = strain_data(readings, Settings(priors=known | {"log_rating_noise": (0.0, 0.01)}))
    return fit_data(data, start=coordinates(data).prior_mean)


def test_weights_change_nothing_where_laplace_is_exact(linear):
    found = draw(linear, 800, np.random.default_rng(2), "importance")
    assert found.trusted
    assert found.k_hat < 0.3
    assert found.log_evidence == pytest.approx(linear.log_evidence, abs=4 / math.sqrt(found.ess))
    z = (found.mean() - linear.mean) / np.sqrt(np.diag(linear.covariance))
    assert np.abs(z).max() < 4.5 / math.sqrt(found.ess)


def test_a_passed_check_is_said(weighted):
    assert weighted.trusted
    assert weighted.method == "importance"
    assert "the check of the weights passed" in weighted.said
    assert weighted.ess >= 600 / 8


def test_weights_add_to_one(weighted):
    assert weighted.weights.sum() == pytest.approx(1.0)


def test_same_seed_gives_the_same_draws(two_months):
    one, two = (draw(two_months, 400, np.random.default_rng(3), "importance") for _ in range(2))
    np.testing.assert_array_equal(one.parameters, two.parameters)
    np.testing.assert_array_equal(one.log_weights, two.log_weights)


def test_paths_come_with_their_parameters(weighted, two_months):
    """The weighted mean of paths lies near the ratings' own mean, as the fitted path does."""
    assert weighted.paths.shape == (600, len(two_months.data.knots))
    assert np.all(np.isfinite(weighted.paths))
    rated = weighted.weights @ weighted.paths
    values = two_months.data.problem.read_value
    assert np.corrcoef(rated[two_months.data.problem.read_knot], values)[0, 1] > 0.5


def test_equal_draws_have_the_weighted_mean(weighted):
    equal = weighted.equal(4000, np.random.default_rng(4))
    sd = np.sqrt(weighted.weights @ (weighted.parameters - weighted.mean()) ** 2)
    assert np.abs((equal.parameters.mean(axis=0) - weighted.mean()) / sd).max() < 0.05


def test_laplace_draws_say_that_nothing_was_checked(two_months):
    plain = draw(two_months, 400, np.random.default_rng(5), "laplace")
    assert not plain.trusted
    assert "not checked" in plain.said


def test_acts_alone_with_much_noise_fail_the_check(make_timeline, monkeypatch):
    """Known to fail: without check-ins the path is far from normal. Without nutpie that is said, and what helps."""
    monkeypatch.setattr(chapter, "nuts_is_there", lambda: False)
    posterior = strain.fit(make_timeline(1, days=120.0, check_ins_per_day=0, noise=2.0, acts_per_week=14.0))
    found = draw(posterior, 400, np.random.default_rng(6))
    assert found.method == "laplace"
    assert not found.trusted
    assert "failed their check" in found.said
    assert "pip install" in found.said
    told = corrected(posterior, found)
    np.testing.assert_array_equal(told.mean, posterior.mean)
    assert "failed its check" in told.method


def test_nuts_without_nutpie_says_what_to_install(two_months, monkeypatch):
    from mainstay.strain import nuts

    monkeypatch.setattr(nuts, "nuts_is_there", lambda: False)
    with pytest.raises(BadRequest, match="pip install"):
        draw(two_months, 400, np.random.default_rng(7), "nuts")


@pytest.mark.skipif(not NUTPIE, reason="the extra is not installed")
def test_nuts_finds_the_normal_where_laplace_is_exact(linear, monkeypatch):
    from mainstay.strain import nuts

    monkeypatch.setattr(nuts, "TUNING", 100)
    monkeypatch.setattr(nuts, "FEWEST_A_CHAIN", 100)
    monkeypatch.setattr(chapter, "HIGHEST_R_HAT", 1.1)
    walked = draw(linear, 400, np.random.default_rng(8), "nuts")
    assert walked.trusted, walked.said
    assert walked.method == "nuts"
    assert "4 chains" in walked.said
    for j, row in enumerate(summary(walked, linear.coordinates)):
        sd = math.sqrt(linear.covariance[j, j])
        assert row.mean == pytest.approx(linear.mean[j], abs=4.5 * sd / math.sqrt(row.ess)), row.name
        assert row.sd == pytest.approx(sd, rel=0.3), row.name
        assert row.r_hat < 1.1


@pytest.mark.long
@pytest.mark.skipif(not NUTPIE, reason="the extra is not installed")
def test_nuts_agrees_with_importance(two_months):
    walked = draw(two_months, 1000, np.random.default_rng(8), "nuts")
    weighed = draw(two_months, 2000, np.random.default_rng(9), "importance")
    assert walked.trusted, walked.said
    names = two_months.coordinates
    for ours, theirs in zip(summary(walked, names), summary(weighed, names), strict=True):
        error = ours.sd * math.sqrt(1 / ours.ess + 1 / theirs.ess)
        assert ours.mean == pytest.approx(theirs.mean, abs=4 * error), ours.name
        assert ours.sd == pytest.approx(theirs.sd, rel=0.35), ours.name


@pytest.mark.skipif(not NUTPIE, reason="the extra is not installed")
def test_nuts_is_the_same_for_the_same_seed(linear, monkeypatch):
    from mainstay.strain import nuts

    monkeypatch.setattr(nuts, "TUNING", 20)
    monkeypatch.setattr(nuts, "FEWEST_A_CHAIN", 20)
    guided = guide(linear)
    one, two = (nuts.walk(linear, guided, 80, np.random.default_rng(10)).parameters for _ in range(2))
    assert one.shape == (4, 20, linear.coordinates.size)
    np.testing.assert_array_equal(one, two)


def test_corrected_posterior_has_the_moments_of_the_draws(two_months, weighted):
    told = corrected(two_months, weighted)
    np.testing.assert_allclose(told.mean, weighted.mean())
    assert np.linalg.eigvalsh(told.covariance)[0] > 0
    assert "importance" in told.method
    assert told.coordinates is two_months.coordinates


@pytest.mark.parametrize("k_hat", [0.0, 0.9])
def test_a_failed_check_is_said_whatever_its_figure(two_months, weighted, k_hat):
    told = corrected(two_months, dataclasses.replace(weighted, trusted=False, k_hat=k_hat))
    assert told.method == f"{two_months.method}, which failed its check"
    unchecked = corrected(two_months, dataclasses.replace(weighted, trusted=False, k_hat=None))
    assert unchecked.method == two_months.method


def test_answers_from_draws_say_that_they_are_from_draws(sixty_days, two_months, weighted):
    told = strain.answers(sixty_days, corrected(two_months, weighted))
    assert {a.method for a in told if a.quantity != "hours as oneself"} == {chapter.METHOD_WORDS["importance"]}


def test_summary_has_a_row_for_every_coordinate(two_months, weighted):
    rows = summary(weighted, two_months.coordinates)
    assert [row.name for row in rows] == list(two_months.coordinates.names)
    assert all(row.low < row.median < row.high and row.sd > 0 and row.r_hat is None for row in rows)


@pytest.mark.parametrize(("n", "method"), [(50, "auto"), (400, "gibbs")])
def test_misuse_is_told(two_months, n, method):
    with pytest.raises(BadRequest):
        draw(two_months, n, np.random.default_rng(0), method)


def test_without_noise_only_the_parameters_are_weighed(make_timeline):
    """Weighted draws correct Laplace's mode where a rate is known from a few acts; there is no path to draw."""
    fitted = strain.fit(make_timeline(2, days=120.0, noise=0.0, recording=(1.0, 1.0)), Settings(noise=False))
    found = draw(fitted, 400, np.random.default_rng(0), "importance")
    assert found.trusted and found.paths is None
    with pytest.raises(BadRequest, match="of these alone"):
        draw(fitted, 400, np.random.default_rng(0), paths=True)
