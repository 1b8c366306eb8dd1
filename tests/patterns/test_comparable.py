"""Comparable moments: what is foreseen, what is put back, and that regression to the mean earns nothing."""

from dataclasses import replace

import numpy as np
import pytest

from calibration import comparable as cal
from mainstay import strain
from mainstay.errors import BadRequest
from mainstay.patterns import comparable_moments
from mainstay.patterns.comparable import AT_ONCE, Difference, _lasting, _regressed, _Sums, compare
from mainstay.patterns.comparable_moments import CALIPER, answers_of, matched, moments_beside, told
from mainstay.patterns.comparable_strain import Eased, eased, foreseen, half_life_hours, places
from mainstay.quantities import CannotSay, Interval
from mainstay.timeline.kinds import Events
from mainstay.worlds.ordinary import REFUGES

FIRST, SECOND = REFUGES


@pytest.fixture(scope="module")
def eases():
    timeline, truth, lived = cal.person("ordinary", 1)
    return timeline, strain.fit(timeline), truth, lived


@pytest.fixture(scope="module")
def nothing():
    timeline, _, _ = cal.person("nothing", 1)
    return timeline, strain.fit(timeline)


def test_strain_is_foreseen_from_the_past_alone(eases):
    _, fitted, _, _ = eases
    problem, middle = fitted.data.problem, len(fitted.data.knots) // 2
    later = problem.read_knot > middle
    other = problem._replace(read_value=np.where(later, problem.read_value + 3.0, problem.read_value))
    moved = replace(fitted, data=replace(fitted.data, problem=other))
    one, two = foreseen(fitted, fitted.mean), foreseen(moved, fitted.mean)
    assert two.mean[:, : middle + 1] == pytest.approx(one.mean[:, : middle + 1], abs=1e-12)
    assert two.mean[:, middle + 200 :].mean() > one.mean[:, middle + 200 :].mean() + 1.0
    assert two.variance[:, : middle + 1] == pytest.approx(one.variance[:, : middle + 1], abs=1e-12)


def test_what_is_foreseen_is_where_check_ins_then_are_and_the_act_tells_the_rest(eases):
    timeline, fitted, _, lived = eases
    one = foreseen(fitted, fitted.mean)
    times = timeline.events[FIRST].times
    true = lived.path_strain[np.searchsorted(lived.path_times, times - 2.0 / 1440.0, "right") - 1]
    at = places(fitted, times)
    before = at.read(one.mean)
    arriving = before + one.pull[fitted.data.refuges.index(FIRST)] * at.read(one.variance)
    assert (true - before).mean() > 0.1
    assert (true - arriving).mean() == pytest.approx(0.0, abs=3.0 * (true - arriving).std() / len(times) ** 0.5)


def test_a_moment_is_read_between_the_nodes_of_its_own_interval(eases):
    _, fitted, _, _ = eases
    problem, knots = fitted.data.problem, fitted.data.knots
    inside = np.flatnonzero(problem.dt > 0.1)[5:50]
    values = np.arange(len(problem.node_x))[:, None] + 10.0 * np.arange(len(knots))
    for q, x in enumerate(problem.node_x):
        at = knots[inside] - problem.dt[inside] * (1.0 - x)
        assert places(fitted, at).read(values) == pytest.approx(values[q, inside], abs=0.02)
    assert list(places(fitted, knots[inside]).interval) == list(inside)


def test_what_acts_took_away_comes_back_at_the_rate_of_strain():
    times, taken, rate = np.array([1.0, 1.5, 4.0]), np.array([1.0, 0.5, 2.0]), 0.7
    after = np.array([1.0, np.exp(-0.35) + 0.5, 0.0])
    after[2] = after[1] * np.exp(-rate * 2.5) + 2.0
    one = Eased(times, after, rate)
    asked = np.array([0.5, 1.0, 1.2, 3.0, 9.0])
    plain = [sum(t * np.exp(-rate * (at - s)) for s, t in zip(times, taken, strict=True) if s <= at) for at in asked]
    assert one.still(asked) == pytest.approx(plain)
    assert one.still(times, -1e-6)[0] == 0.0
    assert Eased(times[:0], after[:0], rate).still(asked) == pytest.approx(np.zeros(5))


def test_candidates_are_the_same_hour_of_other_like_days(eases):
    timeline, fitted, _, _ = eases
    moments = moments_beside(timeline, fitted, foreseen(fitted, fitted.mean), FIRST)
    row, day = np.nonzero(moments.slot >= 0)
    others, acts = moments.others[moments.slot[row, day]], moments.acts[row]
    assert np.mod(others - acts + 0.5, 1.0) == pytest.approx(0.5, abs=1e-9)
    assert (np.floor(others) != np.floor(acts)).all()
    assert ((timeline.weekdays(others) >= 5) == (timeline.weekdays(acts) >= 5)).all()
    for role in timeline.roles:
        assert (role.occupied(others) == role.occupied(acts)).all()
    known = moments.known["strain"]
    near = np.isfinite(moments.apart[row, day])
    assert np.abs(known.others - known.acts[row])[near].max() <= CALIPER * known.others.std() + 1e-9
    assert 0.02 < near.mean() < 0.5


def test_candidates_of_a_long_record_lie_within_a_year(eases, monkeypatch):
    timeline, fitted, _, _ = eases
    monkeypatch.setattr(comparable_moments, "REACH_DAYS", 30)
    moments = moments_beside(timeline, fitted, foreseen(fitted, fitted.mean), FIRST)
    row, column = np.nonzero(moments.slot >= 0)
    apart = moments.others[moments.slot[row, column]] - moments.acts[row]
    assert moments.slot.shape[1] <= 61
    assert np.abs(apart[(moments.acts > 31.0)[row] & (moments.acts < timeline.days - 31.0)[row]]).max() <= 30.0 + 1e-9
    assert np.median(np.bincount(row)) >= 10


def test_a_scale_on_which_high_is_better_says_the_same(eases):
    timeline, fitted, _, _ = eases
    tension = timeline.ratings["tension"]
    calm = replace(tension, item=replace(tension.item, better="high"), values=8.0 - tension.values)
    turned = replace(timeline, ratings={"tension": calm})
    one, other = compare(timeline, fitted, [FIRST])[FIRST], compare(turned, strain.fit(turned), [FIRST])[FIRST]
    assert other.at_once.points == pytest.approx(one.at_once.points, abs=0.02)
    assert other.at_once.model[0] == pytest.approx(one.at_once.model[0], abs=0.02)


def test_later_acts_are_put_back_and_nothing_is_where_they_ease_nothing(eases):
    timeline, fitted, _, _ = eases
    one = foreseen(fitted, fitted.mean)
    moments, lasting = moments_beside(timeline, fitted, one, FIRST), eased(fitted, one)
    ratings = timeline.ratings["tension"]
    answers = answers_of(fitted, one, ratings, lasting)
    assert answers.slope == pytest.approx(1.0, abs=0.1)
    idle, window = replace(lasting, after=0.0 * lasting.after), (12.0, 24.0)
    plain = told(answers_of(fitted, one, ratings, idle), moments.acts, moments.next_act, window, idle)
    back = told(answers, moments.acts, moments.next_act, window, lasting)
    k = int(np.flatnonzero(np.isfinite(plain.points))[3])
    inside = (ratings.times >= moments.acts[k] + 0.5) & (ratings.times < moments.acts[k] + 1.0)
    assert plain.points[k] == pytest.approx(ratings.values[inside].mean())
    assert plain.hours[k] == pytest.approx(24.0 * (ratings.times[inside] - moments.acts[k]).mean())
    alone, seen = ~back.followed, np.isfinite(back.points)
    assert back.points[alone & seen] == pytest.approx(plain.points[alone & seen], abs=0.02)
    assert (back.points - plain.points)[back.followed & seen].mean() > 0.2


def test_chosen_moments_are_like_the_acts(eases):
    timeline, fitted, _, _ = eases
    found = compare(timeline, fitted, REFUGES)
    before, after = found[FIRST].balance["strain"]
    assert before > 0.5
    assert abs(after) < 0.05
    assert all(abs(one) < 0.4 for _, one in found[FIRST].balance.values())


def test_the_difference_is_the_one_at_the_acts_own_level():
    rng = np.random.default_rng(1)
    x, z = rng.normal(size=400), rng.normal(size=(80, 1)) + 1.0
    other = np.stack([2.0 + 0.8 * x, x], axis=1)
    act = np.concatenate([2.0 + 0.8 * z - 0.6, z], axis=1)
    slopes, points, of_act, of_other = _regressed(act, other, np.full(400, 1.0 / 400.0))
    assert points == pytest.approx(-0.6, abs=2e-3)
    assert slopes[0] == pytest.approx(0.8, abs=2e-3)
    assert np.abs(np.concatenate([of_act, of_other])).max() < 1e-4


def test_what_eases_is_seen_to_and_how_long_it_lasts(eases):
    timeline, fitted, truth, lived = eases
    for label, one in compare(timeline, fitted, REFUGES).items():
        true = cal.truly_eased(truth, lived, timeline, fitted, label, AT_ONCE)
        assert one.at_once.points == pytest.approx(true, abs=3.0 * one.at_once.sd)
        assert one.at_once.interval.high < 0.0
        assert one.at_once.model[0] == pytest.approx(true, abs=4.0 * one.at_once.model[1])
        assert one.at_once.points < one.lags[-1].points
    middle, low, high = half_life_hours(fitted, 1.645)
    assert low < 24.0 * np.log(2.0) / truth.recovery_rate_per_day < high
    lags = compare(timeline, fitted, [FIRST])[FIRST].lasting
    assert (lags.low or 0.0) < middle < (lags.high or np.inf)


def test_regression_to_the_mean_earns_nothing(nothing):
    timeline, fitted = nothing
    assert min(cal.next_day(timeline, label) for label in REFUGES) < -2.0
    for one in compare(timeline, fitted, REFUGES).values():
        assert one.at_once.interval.high > 0.0
        assert abs(one.at_once.points) < 3.0 * one.at_once.sd < 0.3
        assert one.lasting is None


def test_the_half_life_of_lags_is_found_with_its_ends():
    hours, week = np.array([1.5, 4.5, 9.0, 18.0, 36.0]), np.random.default_rng(2).normal(size=(5, 52)) * 0.01
    points = -1.2 * 0.5 ** (hours / 12.0)

    def lag(i, scale):
        sd = scale * float(np.linalg.norm(week[i]))
        interval = Interval(points[i] - 2.0 * sd, points[i] + 2.0 * sd)
        return _Sums(Difference(0.0, 1.0, points[i], sd, interval, 50, 40, hours[i], 0.0, 0.0), scale * week[i], {})

    sharp, blunt = (_lasting([lag(i, scale) for i in range(5)]) for scale in (0.2, 30.0))
    assert sharp.hours == pytest.approx(12.0, rel=0.05)
    assert sharp.low < 12.0 < sharp.high < 14.0
    assert blunt.high is None
    assert _lasting([lag(i, 1.0) for i in range(2)]) is None


def test_an_event_the_fit_does_not_know_is_compared_too(eases):
    timeline, fitted, _, _ = eases
    times = np.sort(np.random.default_rng(3).uniform(2.0, 360.0, 150))
    never = Events("walk", "other", times, np.full(150, np.nan), np.zeros(150), tuple(map(str, range(150))))
    found = compare(replace(timeline, events={**timeline.events, "walk": never}), fitted, ["walk"])["walk"]
    assert 0.0 in found.at_once.interval
    assert found.at_once.model is None


def test_too_few_acts_and_no_check_ins_are_said(eases):
    timeline, fitted, _, _ = eases
    few = timeline.events[FIRST]
    few = replace(few, times=few.times[:6], sizes=few.sizes[:6], half_widths=few.half_widths[:6], ids=few.ids[:6])
    found = compare(replace(timeline, events={**timeline.events, FIRST: few}), fitted, [FIRST])[FIRST]
    assert isinstance(found, CannotSay)
    assert found.have < found.need
    bare = replace(fitted, data=replace(fitted.data, anchor=None))
    assert "check-ins" in compare(timeline, bare, [FIRST])[FIRST].reason
    with pytest.raises(BadRequest, match="no event 'swim'"):
        compare(timeline, fitted, ["swim"])


def test_acts_known_to_the_day_only_are_left_out(eases):
    timeline, fitted, _, _ = eases
    acts = timeline.events[FIRST]
    vague = replace(acts, half_widths=np.where(np.arange(len(acts.times)) % 2, 0.5, 0.0))
    one = replace(timeline, events={**timeline.events, FIRST: vague})
    moments = moments_beside(one, fitted, foreseen(fitted, fitted.mean), FIRST)
    assert len(moments.acts) <= (len(acts.times) + 1) // 2
    empty = matched(
        moments,
        *(
            told(
                answers_of(fitted, foreseen(fitted, fitted.mean), timeline.ratings["tension"], lasting),
                times,
                times + np.inf,
                (1e5, 1e6),
                lasting,
            )
            for lasting in [eased(fitted, foreseen(fitted, fitted.mean))]
            for times in (moments.acts, moments.others)
        ),
    )
    assert len(empty.acts) == 0
