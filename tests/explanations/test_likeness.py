"""Likeness: a ratio that equals the joint Gaussian, weeks counted from the end, and what is told of now and then."""

import math
from dataclasses import replace

import numpy as np
import pytest

from calibration import likeness as people
from calibration.reactions import timeline
from mainstay.explanations.likeness import likeness_answers, season_alone, tried_on_itself
from mainstay.explanations.likeness_ratio import NOTHING, OF_ITS_OWN, WIDTHS, ratio_of
from mainstay.explanations.likeness_weeks import NOW_WEEKS, WEEK, by_weeks
from mainstay.quantities import CannotSay, Finding
from mainstay.timeline.kinds import Episodes, Recording


def person(seed=3, days=365, **more):
    return people.returning(np.random.default_rng(seed), days, **more)


def answer(one):
    (found,) = likeness_answers(one)
    assert found.row == "S15"
    assert found.about == people.LABEL
    return found


def test_a_time_that_is_back_is_told_with_what_is_alike():
    found = answer(person())
    assert isinstance(found, Finding)
    assert found.status == "found"
    assert found.estimate >= 10.0
    assert found.interval.low <= found.estimate <= found.interval.high
    assert "are like “the winter with A.”" in found.claim
    assert "“item 0” (higher)" in found.claim
    assert "weaker test" in found.assumptions[0]


@pytest.mark.parametrize("other", [False, True])
def test_ordinary_weeks_and_another_trouble_are_unlike(other):
    found = answer(person(5, back=False, other=other))
    assert isinstance(found, Finding)
    assert found.status == "not_found"
    assert found.estimate <= 0.1
    assert ("not ordinary either" in found.claim) == other


def test_a_stretch_named_at_random_says_nothing():
    for seed in range(4):
        found = answer(people.null("wanders over eight weeks", np.random.default_rng(seed), 365))
        assert isinstance(found, CannotSay)


def test_several_stretches_are_left_out_one_at_a_time():
    life = by_weeks(person(7, 730, count=2))
    stretches = life.stretches[people.LABEL]
    assert len(stretches) == 2
    tried = tried_on_itself(life, stretches)
    assert tried.by_stretch
    assert tried.better_than_chance
    assert len(tried.ordinary) <= life.ordinary.sum() / NOW_WEEKS


def test_the_ratio_is_that_of_the_joint_normal_by_brute_force():
    life = by_weeks(person(1))
    one = replace(life, features=life.features[:1])
    found = ratio_of(one, one.stretches[people.LABEL], one.now, one.ordinary)
    assert found is not None
    assert found.shifts.effective == pytest.approx(1.0)
    rng, n = np.random.default_rng(0), 400_000
    sizes, weights = np.array([0.0, *WIDTHS]), np.array([NOTHING, *[(1 - NOTHING) / len(WIDTHS)] * len(WIDTHS)])

    def drawn():
        s = rng.choice(sizes, n, p=weights)
        return s * rng.normal(size=n), s * OF_ITS_OWN

    (common, own), (another, its_own) = drawn(), drawn()
    then = common + own * rng.normal(size=n)
    nows = (common + own * rng.normal(size=n), np.zeros(n), another + its_own * rng.normal(size=n))
    precision = np.linalg.inv(found.shifts.covariances[0])

    def likelihood(now):
        miss = found.shifts.means[0] - np.column_stack([then, now])
        return np.exp(-0.5 * np.einsum("ni,ij,nj->n", miss, precision, miss)).mean()

    like, ordinary, otherwise = (likelihood(now) for now in nows)
    assert found.log == pytest.approx(math.log(like / (0.5 * ordinary + 0.5 * otherwise)), abs=0.03)
    assert found.over_ordinary == pytest.approx(math.log(like / ordinary), abs=0.03)


def test_features_that_say_the_same_count_once():
    life = by_weeks(person(1))
    stretches = life.stretches[people.LABEL]
    one = ratio_of(replace(life, features=life.features[:1]), stretches, life.now, life.ordinary)
    thrice = ratio_of(replace(life, features=life.features[:1] * 3), stretches, life.now, life.ordinary)
    assert one is not None
    assert thrice is not None
    assert thrice.shifts.effective == pytest.approx(1.0, abs=0.1)
    assert thrice.log == pytest.approx(one.log, rel=0.1)


def test_weeks_are_counted_from_the_end_and_now_is_never_ordinary():
    life = by_weeks(person(1))
    assert len(life.middles) == 365 // WEEK
    assert life.middles[-1] == pytest.approx(365 - WEEK / 2)
    assert not (life.ordinary & life.now).any()
    for one in life.stretches[people.LABEL]:
        assert not (life.ordinary & one).any()
    assert {one.looks for one in life.features} == {"level", "spread", "rhythm", "count"}


def test_a_stretch_that_goes_on_is_no_past():
    one = person(1)
    going = people.stretch((300.0, 365.0))
    found = answer(replace(one, episodes={**one.episodes, people.LABEL: going}))
    assert isinstance(found, CannotSay)
    assert "reaches into the last weeks" in found.reason


def test_a_short_activity_is_no_stretch():
    one = person(1)
    short = people.stretch((100.0, 110.0))
    assert likeness_answers(replace(one, episodes={**one.episodes, people.LABEL: short})) == ()


def test_too_few_ordinary_weeks_are_counted():
    rng = np.random.default_rng(1)
    found = answer(people.person(rng, 90, people.stretch((10.0, 40.0))))
    assert isinstance(found, CannotSay)
    assert (found.need, found.unit) == (12, "ordinary weeks")


def test_the_same_time_of_year_alone_is_not_told_as_likeness():
    rng = np.random.default_rng(2)
    ups, factors = people.PROFILE
    named = people.stretch((5.0, 60.0))
    one = people.person(rng, 400, named, shift=([(5.0, 60.0), (360.0, 400.0)], ups, factors))
    life = by_weeks(one)
    assert season_alone(life, people.LABEL)
    found = answer(one)
    assert isinstance(found, CannotSay)
    assert "season alone" in found.reason
    assert not season_alone(by_weeks(person(3)), people.LABEL)


def test_a_week_that_was_not_recorded_is_unknown_and_not_empty():
    times = np.arange(0.3, 200.0, 0.25)
    rng = np.random.default_rng(0)
    one = timeline(times, [rng.normal(4.0, 1.0, len(times))], {"walk": np.sort(rng.uniform(0.0, 200.0, 200))}, days=200)
    shifts = np.sort(rng.integers(0, 200, 60)).astype(float)
    nurse = Episodes("nurse", "role", False, shifts, shifts + rng.uniform(0.1, 0.4, 60), tuple(map(str, range(60))))
    steps = Recording("", np.array([0.0, 100.0, 121.0, 200.0]), np.array([1.0, 0.0, 1.0]))
    one = replace(one, recording={"": steps}, episodes={"nurse": nurse, people.LABEL: people.stretch((20.0, 60.0))})
    life = by_weeks(one)
    found = [feature for feature in life.features if feature.looks in ("count", "hours")]
    assert [feature.stream for feature in found] == ["walk", "nurse"]
    for feature in found:
        assert not np.isfinite(feature.values[(life.middles > 104.0) & (life.middles < 117.0)]).any()
        assert np.isfinite(feature.values[life.middles < 95.0]).all()


@pytest.mark.parametrize("days", [3, 14, 40])
def test_a_record_of_a_few_weeks_is_refused_and_not_stumbled_over(days):
    times = np.arange(0.4, days, 0.25)
    one = timeline(times, [np.tile([3.0, 5.0], len(times))[: len(times)]], {"walk": times[::3]}, days=days)
    found = answer(replace(one, episodes={people.LABEL: people.stretch((-20.0, 0.0) if days < 20 else (0.0, 20.0))}))
    assert isinstance(found, CannotSay)
    assert likeness_answers(one) == ()
