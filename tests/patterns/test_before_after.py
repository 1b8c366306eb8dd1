"""Before and after: the chance is that of dealing weeks anew, the ratio that of comparable hours."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from calibration import before_after as cal
from calibration.reactions import timeline as columns
from mainstay.errors import BadRequest
from mainstay.patterns.before_after import TOLD_AT, associations
from mainstay.patterns.before_after_answers import association_answers, claim
from mainstay.patterns.weeks import DRAWS, Moments, dealt, discovery_rates, moments_of, residual, weeks_of
from mainstay.quantities import CannotSay, Finding
from mainstay.report.answers import AnswerContext, answer_record, answers_schema
from mainstay.timeline.kinds import Gap


def pair(found, first, second, windows=None):
    return next(one for one in found if (one.first, one.second) == (first, second) and windows in (None, one.windows))


def record(events, days=182, items=(), times=None, seed=0):
    at = cal.moments(np.random.default_rng(seed), days) if times is None else times
    return columns(at, [np.asarray(item) for item in items], events, days=days)


def test_weeks_that_are_unknown_are_left_out_and_blocks_are_even():
    one = record({"a": np.arange(0.5, 181.0, 1.0)})
    weeks = weeks_of(one)
    assert list(weeks.kept) == list(range(26))
    assert sorted(np.bincount(weeks.block)) == [6, 6, 7, 7]
    away = replace(one, gaps=(Gap(36.0, 50.0, "no check-in or event"),))
    assert list(weeks_of(away).kept) == [w for w in range(26) if w not in (5, 6)]
    assert weeks_of(away).recorded[36:50].sum() == 0.0


def test_a_day_without_any_record_is_unknown_for_somebody_who_records_on_most():
    times = np.concatenate([d + np.array([0.4, 0.7]) for d in range(100) if d % 10 != 3])
    weeks = weeks_of(record({"a": np.array([1.5])}, 100, [np.ones(len(times))], times))
    assert [d for d in range(100) if weeks.recorded[d] == 0.0] == list(range(3, 100, 10))


def test_a_moment_stands_beside_the_same_hour_of_the_same_weekday():
    weeks = weeks_of(record({"a": np.arange(0.5, 181.0, 1.0)}))
    moments = moments_of(weeks, np.array([0.3, 45.8, 181.9, 182.5, -1.0]))
    assert list(moments.chosen) == [0, 1, 2]
    own = moments.times[np.arange(3), moments.own]
    assert own == pytest.approx([0.3, 45.8, 181.9])
    apart = (moments.times - own[:, None])[np.isfinite(moments.times)]
    assert np.mod(apart, 7.0) == pytest.approx(0.0, abs=1e-9)
    assert list(np.isfinite(moments.times).sum(axis=1)) == list(moments.size)


def test_the_chance_is_that_of_all_dealings_of_the_weeks():
    rng = np.random.default_rng(1)
    size, n = 5, 14
    own = rng.integers(0, size, n)
    values = rng.normal(size=(n, size)) + 1.2 * (np.arange(size) == own[:, None])
    weights = np.ones((n, size))
    left = residual(values, weights)
    moments = Moments(np.zeros((n, size)), own, np.full(n, size), np.zeros(n, int), np.arange(n))
    found = dealt(moments, left, weights)
    sums = [left[np.arange(n), np.array(order)[own]].sum() for order in itertools.permutations(range(size))]
    above = np.mean(np.array(sums) >= found.total - 1e-9)
    assert found.total == pytest.approx(left[np.arange(n), own].sum())
    assert found.p == pytest.approx(2.0 * above, abs=4.0 * np.sqrt(above / DRAWS))
    assert found.p < 0.1
    assert residual(values, weights).sum(axis=1) == pytest.approx(0.0, abs=1e-12)


def test_what_was_not_recorded_takes_no_part():
    values, weights = np.array([[1.0, 5.0, np.nan, 3.0]]), np.array([[1.0, 1.0, 0.0, 0.5]])
    assert residual(values, weights)[0] == pytest.approx(np.array([1.0, 5.0, 3.0, 3.0]) - 3.0)


def test_false_discovery_rates_are_those_of_benjamini_and_hochberg():
    p = np.array([0.01, 0.04, 0.03, 0.5])
    assert discovery_rates(p) == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.5])
    assert len(discovery_rates(np.zeros(0))) == 0


def test_the_ratio_is_that_of_the_comparable_hours():
    """A comes at noon on some days, B a few hours later; every week before and after is known: matched odds by hand."""
    rng = np.random.default_rng(5)
    days = 84
    a = np.flatnonzero(rng.random(days) < 0.3) + 0.5
    b = np.sort(np.concatenate([a[rng.random(len(a)) < 0.7] + 0.2, np.flatnonzero(rng.random(days) < 0.3) + 0.9]))
    b = b[b < days]
    one = pair(associations(record({"a": a, "b": b}, days)), "a", "b")
    own, share = [], []
    for t in b:
        week, block = int(t // 7), int(t // 42)
        if t < 1.0:
            continue  # the day before the first is not on record
        hours = [t + 7 * (w - week) for w in range(6 * block, 6 * block + 6) if t + 7 * (w - week) >= 1.0]
        x = [bool(((a > s - 1.0) & (a <= s - 1 / 1440)).any()) for s in hours]
        own.append(((a > t - 1.0) & (a <= t - 1 / 1440)).any())
        share.append(np.mean(x))
    own, share = np.array(own, float), np.array(share)
    ratio = np.exp(np.linspace(-5, 5, 200_001))
    value = own.sum() * np.log(ratio)
    for s in share:
        value = value - np.log(s * ratio + 1 - s)
    assert one.n == len(own)
    assert one.estimate == pytest.approx(ratio[np.argmax(value)], rel=1e-3)
    assert one.interval.low < one.estimate < one.interval.high


def test_a_clear_effect_is_told_with_its_direction_and_the_number_of_pairs_tried():
    one = cal.tied(np.random.default_rng(1), 365, 3.0, ratio=4.0, lift=1.5)
    found = associations(one)
    told = pair(found, "first", "second")
    assert told.status == "found"
    assert 4.0 in told.interval
    assert told.windows == "after"
    assert pair(found, "second", "first").status == "not_found"
    after = pair(found, "first", "item 0", "after")
    assert after.status == "found"
    assert after.estimate > 0.0
    assert pair(found, "third", "item 1", "after").status == "not_found"
    assert {one.tried for one in found} == {18}
    answers = association_answers(one)
    claims = [answer.claim for answer in answers]
    assert any(
        claim.startswith("After “first”, “second” came") and "times as often within a day" in claim for claim in claims
    )
    assert "18 pairs tried" in claims[-1]
    assert all("among 18 tried" in answer.evidence[1] for answer in answers[:-1])
    assert not any(word in claim for claim in claims for word in ("cause", "because", "makes", "leads"))
    assert answers[-1].status == "not_found"


def test_what_stood_high_before_is_not_taken_for_what_follows():
    """A comes on after readings that were high: the level before is told as before, not as after."""
    rng = np.random.default_rng(8)
    times = cal.moments(rng, 365)
    x = cal.process(rng, times, 0.3)
    a = times[(x > 1.2) & (rng.random(len(times)) < 0.5)] + 0.02
    found = associations(columns(times, [x], {"a": a}, days=365))
    before = pair(found, "a", "item 0", "before")
    after = pair(found, "a", "item 0", "after")
    assert before.status == "found"
    assert before.estimate > 0.2
    assert abs(after.estimate) < 0.5 * before.estimate


def test_events_known_by_the_day_are_looked_for_on_the_next_day():
    rng = np.random.default_rng(2)
    days = 182
    a = np.flatnonzero(rng.random(days) < 0.3) + 0.5
    b = np.unique(np.concatenate([a[rng.random(len(a)) < 0.6] + 1.0, np.flatnonzero(rng.random(days) < 0.1) + 0.5]))
    one = record({"a": a, "b": b[b < days]}, days)
    vague = {label: replace(acts, half_widths=np.full(len(acts.times), 0.5)) for label, acts in one.events.items()}
    found = associations(replace(one, events=vague))
    assert {each.windows for each in found} == {"next day"}
    assert pair(found, "a", "b").status == "found"
    assert pair(found, "a", "b").estimate > 2.0


def test_too_little_is_said_to_be_too_little():
    few = record({"a": np.arange(3.5, 60.0, 20.0), "b": np.arange(0.2, 180.0, 3.0)})
    found = associations(few)
    assert {one.status for one in found} == {"cannot_say"}
    assert "3 times on record; 10 are needed" in pair(found, "a", "b").reason
    [answer] = association_answers(few)
    assert isinstance(answer, CannotSay)
    short = associations(record({"a": np.arange(0.5, 35.0, 1.0), "b": np.arange(0.7, 35.0, 1.0)}, days=35))
    assert "5 whole weeks on record; 8 are needed" in short[0].reason
    daily = associations(
        record({"a": np.arange(0.5, 181.0, 1.0), "b": cal.poisson(np.random.default_rng(1), 182, 3.0)})
    )
    assert "nearly always" in pair(daily, "a", "b").reason
    assert association_answers(record({"a": np.array([5.0])})) == ()
    two_days = record({"a": np.array([0.5]), "b": np.array([1.5])}, days=2, items=[[3.0]], times=np.array([0.7]))
    assert {one.status for one in associations(two_days)} == {"cannot_say"}


def test_another_window_may_be_asked_for():
    rng = np.random.default_rng(6)
    a = np.flatnonzero(rng.random(182) < 0.5) + 0.4
    soon = a[rng.random(len(a)) < 0.6] + 0.05
    one = record({"a": a, "b": np.sort(np.concatenate([soon, rng.uniform(1, 181, 60)]))})
    day, hours = (pair(associations(one, within), "a", "b") for within in (24.0, 3.0))
    assert hours.estimate > 2.0 * day.estimate
    assert "within 3 hours as in other weeks" in claim(hours)
    with pytest.raises(BadRequest, match="100 hours"):
        associations(one, 100.0)


def test_a_pair_without_a_ratio_is_never_infinite():
    rng = np.random.default_rng(4)
    a = np.flatnonzero(rng.random(182) < 0.4) + 0.4
    one = pair(associations(record({"a": a, "b": a + 0.1})), "a", "b")
    assert one.status == "cannot_say"
    assert one.estimate is None
    assert "no ratio can be told" in one.reason
    assert one.p < 0.01


@pytest.mark.parametrize("kind", sorted(cal.NULLS))
def test_answers_keep_the_schema_and_say_how_many_were_tried(kind):
    one = cal.NULLS[kind](np.random.default_rng(11))
    checker = Draft202012Validator(answers_schema())
    context = AnswerContext(one.as_of, one.known_through, one.as_of, one.purpose)
    for answer in association_answers(one):
        written = answer_record(answer, context)
        assert not [error.message for error in checker.iter_errors(written)]
        assert isinstance(answer, Finding)
        assert answer.detail["tried"] > 0
    again = association_answers(one)
    assert [answer.claim for answer in again] == [answer.claim for answer in association_answers(one)]
    assert all(found.q <= TOLD_AT for found in associations(one) if found.status == "found")
