"""Where and when refuges are sought, and which of them when strain is high."""

import re
from dataclasses import replace

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from calibration import pretexts as cal
from mainstay import strain
from mainstay.patterns.refuges import (
    BY_HOUR,
    BY_ROLE,
    NO_ROLE,
    RATE,
    beside_no_role,
    pulls_by_role,
    rates_by_role,
    refuge_pattern_answers,
)
from mainstay.patterns.refuges_choice import SHARE, high_strain, shares_at_high_strain, tipping
from mainstay.patterns.refuges_moments import beside, scene_of
from mainstay.quantities import CannotSay, Finding
from mainstay.report.answers import AnswerContext, answer_record, answers_schema
from mainstay.report.words import claim_of
from mainstay.worlds.ordinary import REFUGES, ROLES


@pytest.fixture(scope="module")
def ordinary():
    timeline = cal.ordinary(0)
    return timeline, strain.fit(timeline)


@pytest.fixture(scope="module")
def by_role():
    timeline = cal.sought_in(cal.BY_ROLES, 1)
    return timeline, strain.fit(timeline)


def of(answers, quantity, about=None):
    return next(one for one in answers if one.quantity == quantity and about in (None, one.about))


def test_rates_by_role_are_counts_over_hours_where_everything_was_recorded(ordinary):
    timeline, fitted = ordinary
    scene = scene_of(timeline, fitted)
    times = scene.acts(REFUGES[0]).times
    rates = {one.name: one for one in rates_by_role(scene, REFUGES[0])}
    assert rates[""].n == len(times)
    assert rates[""].a_week == pytest.approx(7.0 * len(times) / timeline.days, rel=0.01)
    role = timeline.episodes[ROLES[0]]
    inside = role.occupied(times - 0.5 / 1440.0)
    assert rates[ROLES[0]].n == inside.sum()
    assert rates[ROLES[0]].hours_a_week == pytest.approx(7.0 * role.hours / timeline.days, rel=0.01)
    assert sum(rates[name].n for name in (NO_ROLE, *ROLES)) == len(times)
    assert sum(rates[name].a_week for name in (NO_ROLE, *ROLES)) == pytest.approx(rates[""].a_week, rel=0.02)
    assert all(one.low < one.a_week < one.high for one in rates.values())


def test_what_was_recorded_by_half_counts_twice(ordinary):
    timeline, fitted = ordinary
    halved = replace(fitted.data, problem=fitted.data.problem._replace(seen=0.5 * fitted.data.problem.seen))
    whole, half = (
        rates_by_role(scene_of(timeline, one), REFUGES[0])[0] for one in (fitted, replace(fitted, data=halved))
    )
    assert half.a_week == pytest.approx(2.0 * whole.a_week)
    assert half.n == whole.n


def test_where_strain_pulls_alike_no_difference_is_told(ordinary):
    answers = refuge_pattern_answers(*ordinary)
    for label in REFUGES:
        assert of(answers, "rate by role", label).unit == RATE
        for quantity in (BY_ROLE, BY_HOUR):
            one = of(answers, quantity, label)
            assert one.status in {"not_found", "cannot_say"}
            assert {"name", "n"} <= set(one.detail["pulls"][0])


def test_a_refuge_that_answers_to_strain_in_one_role_only_is_told_so(by_role):
    timeline, fitted = by_role
    scene = scene_of(timeline, fitted)
    apart = pulls_by_role(scene, beside(scene, scene.acts("refuge by role")))
    for one in apart.pulls:
        assert one.mean == pytest.approx(cal.BY_ROLES.get(one.name, cal.BY_ROLES[""]), abs=3.0 * one.sd)
    answer = of(refuge_pattern_answers(timeline, fitted), BY_ROLE, "refuge by role")
    assert answer.status == "found"
    assert "“second role”" in answer.claim
    assert ROLES[1] in answer.detail["against"]


def test_a_role_by_itself_is_held_against_no_role_at_the_same_strain(ordinary):
    timeline, fitted = ordinary
    scene = scene_of(timeline, fitted)
    for one in beside_no_role(scene, scene.acts(REFUGES[0])):
        assert abs(one.mean) < 3.0 * one.sd
        assert one.name in ROLES


def test_shares_at_high_strain_are_counts_of_acts_in_the_highest_third(ordinary):
    timeline, fitted = ordinary
    scene = scene_of(timeline, fitted)
    line = high_strain(scene)
    moments = np.linspace(0.01, timeline.days - 0.01, 20_000)
    assert np.mean(scene.strain_at(moments, scene.interval(moments)) > line) == pytest.approx(1 / 3, abs=0.02)
    counts = {}
    for label in REFUGES:
        times = scene.acts(label).times
        counts[label] = int((scene.strain_at(times, scene.interval(times)) >= line).sum())
    shares = shares_at_high_strain(scene)
    assert {one.label: one.n for one in shares} == counts
    assert sum(one.share for one in shares) == pytest.approx(1.0)
    for one in shares:
        assert one.share == pytest.approx(counts[one.label] / sum(counts.values()))
        assert one.low - 0.1 < 0.5 < one.high + 0.1  # both are sought alike in truth
        assert one.high - one.low < 0.25
    ((_, mean, sd),) = tipping(scene)
    assert abs(mean) < 3.0 * sd


def test_too_few_acts_in_a_cell_or_at_high_strain_are_named_with_their_counts():
    timeline = cal.ordinary(3)
    events = dict(timeline.events)
    for label, kept in zip(REFUGES, (14, 9), strict=True):
        some = np.linspace(0, len(events[label].times) - 1, kept).round().astype(int)
        events[label] = replace(
            events[label],
            times=events[label].times[some],
            sizes=events[label].sizes[some],
            half_widths=events[label].half_widths[some],
            ids=tuple(events[label].ids[i] for i in some),
            sources=(),
        )
    timeline = replace(timeline, events=events)
    answers = refuge_pattern_answers(timeline, strain.fit(timeline))
    apart = [one for one in answers if one.quantity in (BY_ROLE, BY_HOUR)]
    assert apart
    for one in apart:
        assert isinstance(one, CannotSay)
    choice = of(answers, SHARE)
    assert isinstance(choice, CannotSay)
    assert choice.have < choice.need
    rate = of(answers, "rate by role", REFUGES[1])
    assert rate.n == 9
    assert rate.estimate == pytest.approx(9 / 52, rel=0.05)


def test_a_refuge_that_strain_does_not_lead_to_is_refused_in_one_sentence(ordinary):
    timeline, fitted = ordinary
    mean = fitted.mean.copy()
    mean[fitted.coordinates.index("pull", REFUGES[0])] = 0.0
    answers = refuge_pattern_answers(timeline, replace(fitted, mean=mean))
    about = [one for one in answers if one.about == REFUGES[0]]
    assert [one.status for one in about] == ["found", "cannot_say"]
    assert "goes with strain at all" in about[1].reason
    assert len([one for one in answers if one.about == REFUGES[1]]) == 3


def test_a_refuge_without_a_time_of_day_has_a_rate_and_no_place_or_hour(ordinary):
    timeline, fitted = ordinary
    vague = replace(fitted, data=replace(fitted.data, vague=(REFUGES[0],)))
    answers = [one for one in refuge_pattern_answers(timeline, vague) if one.about in (REFUGES[0], "which refuge")]
    assert [one.status for one in answers] == ["found", "cannot_say"]  # and nothing competes with the other
    assert answers[0].detail["roles"] == []
    assert "time of day" in answers[1].reason


def test_a_record_of_five_weeks_compares_too_little_to_tell():
    whole = cal.ordinary(2)
    days = 35.0

    def cut(series):
        upto = int(np.searchsorted(series.times, days))
        kept = {"times": series.times[:upto], "ids": series.ids[:upto]}
        if hasattr(series, "values"):
            return replace(series, **kept, values=series.values[:upto])
        return replace(series, **kept, sizes=series.sizes[:upto], half_widths=series.half_widths[:upto], sources=())

    short = replace(
        whole,
        days=days,
        ratings={name: cut(one) for name, one in whole.ratings.items()},
        events={label: cut(one) for label, one in whole.events.items()},
    )
    fitted = strain.fit(short)
    assert fitted.data.refuges
    for answer in refuge_pattern_answers(short, fitted):
        assert answer.quantity == "rate by role" or isinstance(answer, CannotSay)


def test_without_check_ins_only_the_rates_are_told(ordinary):
    timeline = replace(ordinary[0], ratings={}, anchor=None)
    answers = refuge_pattern_answers(timeline, strain.fit(timeline))
    assert [(one.quantity, one.status) for one in answers] == [("rate by role", "found"), (BY_ROLE, "cannot_say")] * 2
    assert "no check-in tells of strain" in answers[1].reason


def test_every_answer_keeps_the_rules_of_all_answers(ordinary, by_role):
    for timeline, fitted in (ordinary, by_role):
        answers = refuge_pattern_answers(timeline, fitted)
        context = AnswerContext(timeline.as_of, timeline.known_through, timeline.as_of, timeline.purpose, ())
        schema = Draft202012Validator(answers_schema())
        records = [answer_record(one, context) for one in answers]
        assert len({one["id"] for one in records}) == len(records)
        for one, record in zip(answers, records, strict=True):
            schema.validate(record)
            claim = claim_of(one)
            assert re.match(r"[A-Z“].*[^.]\.$", claim), claim
            assert "nan" not in claim
            assert len(claim) < 330, claim
            if isinstance(one, Finding):
                assert one.estimate in one.interval, claim
                assert one.would_change
            elif one.have is not None:
                assert one.need > one.have


def test_a_share_of_all_or_nothing_lies_in_its_interval(ordinary):
    timeline, fitted = ordinary
    scene = scene_of(timeline, fitted)
    line = high_strain(scene)
    low = scene.acts(REFUGES[1])
    calm = scene.strain_at(low.times, scene.interval(low.times)) < line
    problem = fitted.data.problem
    keep = np.ones(len(problem.event_knot), bool)
    second = np.flatnonzero(problem.event_process == 1)
    keep[second[np.argsort(problem.event_knot[second])][~calm]] = False
    without = problem._replace(event_knot=problem.event_knot[keep], event_process=problem.event_process[keep])
    first, other = shares_at_high_strain(
        replace(scene, fitted=replace(fitted, data=replace(fitted.data, problem=without)))
    )
    assert (first.label, first.share, first.high) == (REFUGES[0], 1.0, 1.0)
    assert (other.n, other.share, other.low) == (0, 0.0, 0.0)
    assert 0.9 < first.low < 1.0
