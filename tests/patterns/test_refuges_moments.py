"""Events beside the same hours of other weeks, by strain foreseen: a slow oracle agrees, and nothing later is known."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from calibration import pretexts as cal
from mainstay import strain
from mainstay.patterns.refuges_moments import PRIOR_SD, beside, ratios, scene_of
from mainstay.quantities import Span
from mainstay.records.kinds import Coverage, Record, record_id
from mainstay.strain.coordinates import coordinates
from mainstay.strain.data import strain_data
from mainstay.timeline.kinds import Gap
from mainstay.worlds.ordinary import REFUGES


@pytest.fixture(scope="module")
def ordinary():
    timeline = cal.ordinary(0)
    return timeline, strain.fit(timeline)


def slow(one, columns):
    """The conditional Poisson regression event by event: mode, curvature, and what each week pulls."""
    events = [(one.weights[e], columns[:, e], int(one.own[e]), one.week[e]) for e in range(len(one.own))]

    def less_likely(at):
        total = 0.5 * float(at @ at) / PRIOR_SD**2
        for weight, x, own, _ in events:
            total -= at @ x[:, own] - np.log(sum(w * np.exp(at @ x[:, j]) for j, w in enumerate(weight)))
        return total

    at = minimize(less_likely, np.zeros(len(columns)), method="BFGS", options={"gtol": 1e-8}).x
    precision, weeks = np.eye(len(at)) / PRIOR_SD**2, {}
    for weight, x, own, week in events:
        chance = weight * np.exp(at @ x)
        chance = chance / chance.sum()
        mean = x @ chance
        for j, p in enumerate(chance):
            precision += p * np.outer(x[:, j] - mean, x[:, j] - mean)
            weeks[week[j]] = weeks.get(week[j], 0.0) + ((j == own) - p) * (x[:, j] - mean)
    return at, np.linalg.inv(precision), sum(np.outer(each, each) for each in weeks.values())


def test_the_regression_is_that_of_a_slow_oracle(ordinary):
    scene = scene_of(*ordinary)
    one = beside(scene, scene.acts(REFUGES[0]))
    columns = np.concatenate([one.strain[None], one.roles])
    found = ratios(one, columns)
    at, plain, meat = slow(one, columns)
    assert found.mean == pytest.approx(at, abs=1e-5)
    assert found.plain == pytest.approx(plain, rel=1e-5)
    weeks = found.pulled.shape[1]
    assert found.by_week == pytest.approx(plain @ meat @ plain * weeks / (weeks - 1), rel=1e-4)
    assert found.one(0)[1] ** 2 == pytest.approx(max(plain[0, 0], found.by_week[0, 0]), rel=1e-5)


def test_strain_foreseen_at_a_moment_knows_nothing_of_what_comes_after(ordinary):
    timeline, fitted = ordinary
    (name,) = timeline.ratings
    rated = timeline.ratings[name]
    later = rated.times > 200.0
    other = replace(rated, values=np.where(later, 8.0 - rated.values, rated.values))
    data = strain_data(replace(timeline, ratings={name: other}))
    changed = replace(fitted, data=data, coordinates=coordinates(data))
    moments = np.linspace(20.0, 199.9, 300)
    before, after = (scene_of(timeline, one) for one in (fitted, changed))
    at = before.interval(moments)
    first, second = before.strain_at(moments, at), after.strain_at(moments, at)
    # the mean over the record is taken off both
    assert first - first.mean() == pytest.approx(second - second.mean(), abs=1e-9)
    assert np.std(first) > 0.3
    late = np.linspace(210.0, 360.0, 100)
    assert (
        np.abs(before.strain_at(late, before.interval(late)) - after.strain_at(late, after.interval(late))).max() > 1.0
    )


def test_an_act_is_set_beside_the_same_hour_of_other_weeks_and_its_own_strain_is_from_before_it(ordinary):
    timeline, fitted = ordinary
    scene = scene_of(timeline, fitted)
    acts = scene.acts(REFUGES[0])
    one = beside(scene, acts)
    assert len(one.own) >= len(acts.times) - 8  # the last days are no whole week
    assert one.at_own(one.week) == pytest.approx(np.floor(one.days / 7.0))
    just_before = one.days - 2.0 / 1440.0
    known = scene.strain_at(just_before, scene.interval(just_before))
    assert one.at_own(one.strain) == pytest.approx(known, abs=0.02)


def test_weeks_that_are_not_known_and_hours_without_opportunity_are_no_comparison(ordinary):
    timeline, _ = ordinary
    off = replace(timeline, gaps=(Gap(70.0, 77.0, "recording was off"),))
    scene = scene_of(off, strain.fit(off))
    one = beside(scene, scene.acts(REFUGES[0]))
    assert np.all(one.weights[one.week == 10] == 0.0)
    span = Span(timeline.origin.plus_days(140.0), timeline.origin.plus_days(147.0))
    shut = Record(
        record_id("t", "coverage", "a"), "coverage", span, span.end, "t", Coverage((), 1.0, opportunity=(REFUGES[1],))
    )
    closed = replace(timeline, others=(*timeline.others, shut))
    scene = scene_of(closed, strain.fit(closed))
    inside = (scene.grid.middles > 140.0) & (scene.grid.middles < 147.0)
    acts = scene.interval(scene.acts(REFUGES[0]).times)
    assert scene.seen(timeline.events[REFUGES[0]])[np.setdiff1d(np.flatnonzero(inside), acts)].max() == 0.0
    assert scene.seen(timeline.events[REFUGES[1]])[inside].min() == 1.0
