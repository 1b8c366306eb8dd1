import math

import numpy as np
import pytest

from mainstay.errors import BadRequest
from mainstay.futures.reliability import Calibration, calibration, isotonic, reliability
from mainstay.futures.scores import (
    brier_scores,
    brier_skill,
    crps_of_quantiles,
    crps_of_samples,
    gained,
    inside,
    log_scores,
    mean_over_time,
    quantile_scores,
    ranks,
    share_interval,
    student_quantile,
)
from mainstay.quantities import CannotSay


def test_scores_equal_plain_loops():
    rng = np.random.default_rng(1)
    p, y = rng.random(40), rng.random(40) < 0.4
    assert np.allclose(log_scores(p, y), [-math.log(a if b else 1 - a) for a, b in zip(p, y, strict=True)])
    assert np.allclose(brier_scores(p, y), [(a - b) ** 2 for a, b in zip(p, y, strict=True)])
    levels, quantiles, values = np.array([0.1, 0.5, 0.9]), np.sort(rng.normal(size=(40, 3))), rng.normal(size=40)
    plain = [
        [q * (v - x) if v >= x else (1 - q) * (x - v) for q, x in zip(levels, row, strict=True)]
        for row, v in zip(quantiles, values, strict=True)
    ]
    assert np.allclose(quantile_scores(levels, quantiles, values), plain)
    samples = rng.normal(size=(40, 7))
    fair = [
        np.mean(np.abs(row - v)) - sum(abs(a - b) for a in row for b in row) / (2 * 7 * 6)
        for row, v in zip(samples, values, strict=True)
    ]
    assert np.allclose(crps_of_samples(samples, values), fair)


def test_a_chance_of_nothing_that_came_is_scored_without_mercy():
    assert log_scores([0.0, 1.0], [True, True]).tolist() == [math.inf, 0.0]


def test_crps_of_many_quantiles_is_that_of_the_law():
    """A normal's score in closed form (Gneiting and Raftery 2007)."""
    stats = pytest.importorskip("scipy.stats")
    levels = (np.arange(999) + 0.5) / 999
    y = np.array([-1.5, 0.2, 2.0])
    exact = y * (2 * stats.norm.cdf(y) - 1) + 2 * stats.norm.pdf(y) - 1 / math.sqrt(math.pi)
    quantiles = np.broadcast_to(stats.norm.ppf(levels), (3, 999))
    assert np.allclose(crps_of_quantiles(levels, quantiles, y), exact, atol=2e-3)
    drawn = np.random.default_rng(2).normal(size=(3, 200_000))
    assert np.allclose(crps_of_samples(drawn, y), exact, atol=6e-3)


def test_every_score_is_least_for_the_forecast_that_is_right():
    rng = np.random.default_rng(3)
    came = rng.random(100_000) < 0.3
    for score in (log_scores, brier_scores):
        means = [score(np.full(len(came), p), came).mean() for p in (0.2, 0.25, 0.3, 0.35, 0.4)]
        assert np.argmin(means) == 2
    values = rng.normal(size=20_000)
    by_spread = [crps_of_samples(s * rng.normal(size=(20_000, 20)), values).mean() for s in (0.7, 1.0, 1.4)]
    assert np.argmin(by_spread) == 1


def test_brier_skill_is_nothing_for_the_base_rate_and_refuses_a_perfect_one():
    came = np.array([True, False, False, True])
    assert brier_skill(np.full(4, 0.5), came, np.full(4, 0.5)) == 0.0
    assert brier_skill(came.astype(float), came, np.full(4, 0.5)) == 1.0
    with pytest.raises(BadRequest, match="right every time"):
        brier_skill(np.full(4, 0.5), came, came.astype(float))


def test_ranks_are_uniform_where_value_and_samples_come_from_one_law_ties_or_not():
    rng = np.random.default_rng(4)
    for draw in (lambda size: rng.poisson(0.7, size), lambda size: rng.normal(size=size)):
        found = ranks(draw((20_000, 30)), draw(20_000), rng)
        counts = np.histogram(found, 20, (0, 1))[0]
        assert np.square(counts - 1000).sum() / 1000 < 45.0  # the 99.9 % point of chi-squared, 19 degrees


def test_misfits_are_refused():
    with pytest.raises(BadRequest, match="between 0 and 1"):
        log_scores([1.2], [True])
    with pytest.raises(BadRequest, match="one for each"):
        brier_scores([0.5, 0.5], [True])
    with pytest.raises(BadRequest, match="at least two samples"):
        crps_of_samples([[1.0]], [1.0])
    with pytest.raises(BadRequest, match="called impossible"):
        mean_over_time([math.inf] * 20)
    with pytest.raises(BadRequest, match="no share"):
        share_interval(3, 2)


def test_students_quantiles_are_exact():
    stats = pytest.importorskip("scipy.stats")
    for p in (0.05, 0.6, 0.95, 0.995):
        for freedom in (2, 3, 7, 40):
            assert student_quantile(p, freedom) == pytest.approx(stats.t.ppf(p, freedom), rel=1e-6)


def test_a_share_is_held_by_its_interval():
    rng = np.random.default_rng(5)
    for p in (0.05, 0.5, 0.9):
        held = [low <= p <= high for low, high in (share_interval(int(k), 30) for k in rng.binomial(30, p, 1000))]
        assert np.mean(held) >= 0.9 - 0.02
    assert inside([0.0], [1.0], [1.0]).all()


def autoregressive(rng, people, n, phi):
    x = rng.normal(size=(people, n))
    for t in range(1, n):
        x[:, t] = phi * x[:, t - 1] + math.sqrt(1 - phi * phi) * x[:, t]
    return x


@pytest.mark.parametrize(
    ("n", "phi", "least"), [(20, 0.0, 0.87), (20, 0.3, 0.85), (60, 0.0, 0.88), (60, 0.5, 0.855), (200, 0.5, 0.88)]
)
def test_the_interval_of_a_mean_over_time_holds_it(n, phi, least):
    series = autoregressive(np.random.default_rng(6), 3000, n, phi)
    held = [found.low <= 0.0 <= found.high for found in map(mean_over_time, series)]
    assert least <= np.mean(held) <= 0.925


def test_the_interval_holds_where_forecasts_overlap():
    """A forecast of four weeks each week: neighbours share three."""
    rng = np.random.default_rng(7)
    held = []
    for _ in range(2000):
        shared = np.convolve(rng.normal(size=63), np.ones(4) / 2.0, "valid")
        found = mean_over_time(shared, overlap=4.0)
        held.append(found.low <= 0.0 <= found.high)
    assert np.mean(held) >= 0.85


def test_few_forecasts_that_do_not_overlap_carry_no_mean():
    found = mean_over_time(np.zeros(20), overlap=4.0)
    assert isinstance(found, CannotSay)
    assert (found.have, found.need) == (5, 8)


def test_what_is_gained_is_paired_and_above_nothing_where_ours_is_better():
    rng = np.random.default_rng(8)
    hard = rng.exponential(size=60)
    found = gained(hard + 0.1 * rng.normal(size=60), hard + 0.3)
    assert found.surely_above(0.2)
    assert not found.surely_above(0.4)
    assert found.surely_below(0.5)
    with pytest.raises(BadRequest, match="same moments"):
        gained([1.0], [1.0, 2.0])


def clustered(rng, clusters, each, slope, intercept=0.0, spread=0.0):
    """Chances said, of which the true logit is intercept + slope times theirs, and a person's own error."""
    person = np.repeat(np.arange(clusters), each)
    said = rng.normal(size=clusters)[person] + rng.normal(size=len(person))
    true = intercept + slope * said + spread * rng.normal(size=clusters)[person]
    return 1 / (1 + np.exp(-said)), rng.random(len(person)) < 1 / (1 + np.exp(-true)), person


def test_the_line_of_recalibration_is_the_maximum_of_its_likelihood():
    optimize = pytest.importorskip("scipy.optimize")
    p, came, person = clustered(np.random.default_rng(9), 30, 20, 0.7, 0.3)
    logit = np.log(p / (1 - p))
    best = optimize.minimize(
        lambda v: float(np.logaddexp(0, v[0] + v[1] * logit).sum() - (came * (v[0] + v[1] * logit)).sum()), [0.0, 1.0]
    )
    found = calibration(p, came, person, nearest=1e-9)
    assert isinstance(found, Calibration)
    assert [found.intercept, found.slope] == pytest.approx(best.x, abs=1e-4)


@pytest.mark.parametrize(("clusters", "spread", "low", "high"), [(12, 0.0, 0.93, 0.99), (40, 0.8, 0.92, 0.97)])
def test_the_slopes_interval_holds_it_with_few_people_and_with_people_of_their_own(clusters, spread, low, high):
    """A person's own error flattens the slope of all; what is held is the value that many people give."""
    rng = np.random.default_rng(10)
    target = calibration(*clustered(rng, 4000, 25, 1.0, 0.0, spread)).slope
    held = []
    for _ in range(600):
        found = calibration(*clustered(rng, clusters, 25, 1.0, 0.0, spread))
        held.append(target in found.slope_interval)
    assert low <= np.mean(held) <= high


def test_what_no_line_fits_is_refused():
    person = np.repeat(np.arange(10), 4)
    same = calibration(np.full(40, 0.3), np.arange(40) % 2 == 0, person)
    assert "same chance" in same.reason
    p = np.linspace(0.1, 0.9, 40)
    assert "without fail" in calibration(p, p > 0.5, person).reason
    few = calibration(p[:8], p[:8] > 0.1, person[:8])
    assert (few.have, few.need) == (2, 8)


def test_isotonic_regression_is_the_nearest_sequence_that_never_falls():
    """Against its formula: the largest of the least means (Barlow and Brunk 1972)."""
    rng = np.random.default_rng(11)
    for _ in range(20):
        v, w = rng.normal(size=12), rng.random(12) + 0.1
        plain = [
            max(min(np.average(v[a : b + 1], weights=w[a : b + 1]) for b in range(i, 12)) for a in range(i + 1))
            for i in range(12)
        ]
        assert np.allclose(isotonic(v, w), plain)


def test_the_diagram_lies_in_its_bands_where_chances_are_right_and_leaves_them_where_not():
    rng = np.random.default_rng(12)
    inside_share = []
    for _ in range(60):
        p = rng.beta(1, 2, 800)
        drawn = reliability(p, rng.random(800) < p, rng, resamples=100)
        inside_share.append(np.average((drawn.came >= drawn.low) & (drawn.came <= drawn.high), weights=drawn.counts))
    assert 0.85 <= np.mean(inside_share) <= 0.94
    wrong = reliability(p, rng.random(800) < p**2, rng)
    assert np.average(wrong.came < wrong.low, weights=wrong.counts) > 0.4


def test_the_parts_of_the_score_add_up():
    rng = np.random.default_rng(13)
    p = rng.random(500)
    came = rng.random(500) < p
    drawn = reliability(p, came, rng)
    whole = brier_scores(p, came).mean()
    assert drawn.miscalibration - drawn.discrimination + drawn.uncertainty == pytest.approx(whole)
    assert drawn.miscalibration > -1e-3
