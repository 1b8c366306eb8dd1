"""Clauses measured on people whose truth is known, and what the record does not answer, with why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest

from calibration import explanations as people
from mainstay import strain
from mainstay.explanations.clauses import measure
from mainstay.explanations.clauses_courses import against_nearby, course_of, day_of
from mainstay.explanations.clauses_kinds import Measured, Unmeasured, question_of
from mainstay.quantities import CannotSay
from mainstay.records.statements_hypothesis import Clause
from mainstay.strain.judge import Z90
from mainstay.strain.threshold import threshold_answer


def asked(stream, when, since=None):
    return question_of(Clause(stream=stream, direction="more", when=when), since)


@cache
def someone():
    """A person with a drift of seeking, sleep that matters, and tags that mean nothing."""
    rng = np.random.default_rng(11)
    slept = 7.0 + people.wander(rng, people.DAYS, 0.7)
    person = people.Person(rng, 0.5 - 0.2 * (slept - 7.0), per_day=2.0, drift=1.0)
    person.signals["sleep"] = people.signal("sleep", slept)
    person.tag_days("a letter", [200.0], "letter")
    person.tag_days("some news", np.linspace(20, 400, 12), "News From_home")
    person.tag_days("a bad day", people.runs(rng, people.DAYS, 8, 4), "ill")
    timeline = person.timeline()
    return timeline, strain.fit(timeline)


@cache
def answered():
    timeline, fitted = someone()
    questions = {
        "sleep": asked("strain", "with signal:Sleep"),
        "news": asked("strain", "after tag:news from home"),
        "ill": asked("strain", "during tag:ill | episode:ill"),
        "since": asked("strain", "since tag:letter"),
        "since day": asked("strain", "since", date(2024, 9, 1)),
        "winter": asked("strain", "in winter"),
        "over time": asked("strain", "over time"),
        "role": asked("strain", "during role:second role"),
        "first demand": asked("strain", "after event:first demand"),
        "refuge": asked("strain", "after event:first refuge"),
        "seeking": asked("seeking", "over time"),
        "seeking since": asked("seeking", "since", date(2024, 9, 1)),
        "item": asked("item:tension", "over time"),
        "demands": asked("demands", "over time"),
        "hours": asked("role:first role", "since tag:letter"),
        "self": asked("self", "over time"),
        "tea": asked("strain", "after event:tea"),
        "company": asked("relief", "in company:warm"),
        "itself": asked("strain", "with item:tension"),
    }
    found = measure(timeline, fitted, list(questions.values()), None, (threshold_answer(timeline, fitted),))
    return {name: found.found[one] for name, one in questions.items()}, found


def test_what_drives_strain_is_measured_with_its_sign_and_what_does_not_is_covered():
    found, _ = answered()
    # a day with an hour's less sleep is .2 of a day longer in a role of 2 steps a day, at half a day of memory
    assert found["sleep"].mean == pytest.approx(-0.8, abs=3 * found["sleep"].sd)
    assert found["sleep"].mean < -3 * found["sleep"].sd
    assert found["first demand"].mean == pytest.approx(1.0, abs=3 * found["first demand"].sd)
    assert found["refuge"].mean < -0.3
    for name in ("news", "ill", "since", "since day", "winter", "over time"):
        assert abs(found[name].mean) < 3.5 * found[name].sd, name


def test_seeking_at_the_same_strain_is_measured_over_time_and_since_a_day():
    found, _ = answered()
    assert found["seeking"].mean == pytest.approx(1.0, abs=3 * found["seeking"].sd)
    assert found["seeking since"].mean > 0.0
    assert "at the same load help is sought" in found["seeking"].words


def test_streams_are_measured_with_what_they_are_counted_in():
    found, _ = answered()
    for name, unit in (("item", "steps"), ("demands", "log ratio"), ("hours", "log ratio")):
        assert found[name].unit == unit
        assert abs(found[name].mean) < 3.5 * found[name].sd
    assert "demands come about as often" in found["demands"].words


def test_what_is_not_on_record_says_what_would_record_it():
    found, _ = answered()
    assert found["tea"] == Unmeasured("“tea” is not on record", "“tea” as an event, each time it happens")
    assert isinstance(found["self"], Unmeasured)
    assert isinstance(found["company"], Unmeasured)


def test_an_item_is_set_against_the_day_before_and_says_so():
    found, _ = answered()
    assert isinstance(found["itself"], Measured)
    assert "after a day on which “tension” was higher" in found["itself"].words


def test_what_comes_from_one_fit_comes_with_its_covariance():
    found, measures = answered()
    sizes = measures.fits[found["news"].fit]
    assert found["ill"].fit == found["news"].fit
    assert sizes.covariance[found["ill"].place, found["ill"].place] ** 0.5 == pytest.approx(found["ill"].sd)
    assert sizes.mean[found["news"].place] == pytest.approx(found["news"].mean)


def test_without_check_ins_or_a_known_threshold_strain_and_seeking_are_not_measured():
    timeline, fitted = someone()
    refused = CannotSay("the record is too short", row="S11", about="threshold", would_change="more months")
    question = asked("seeking", "over time")
    found = measure(timeline, fitted, [question], None, (refused,)).found[question]
    assert found == Unmeasured("the record is too short", "more months")
    alone = replace(timeline, ratings={}, anchor=None)
    question = asked("strain", "in winter")
    found = measure(alone, strain.fit(alone), [question]).found[question]
    assert "no check-ins" in found.reason


def test_a_day_begins_at_local_midnight_also_after_the_clocks_were_changed():
    timeline, _ = someone()
    assert day_of(timeline, date(2024, 1, 31)) == 30.0
    moved = replace(timeline, offset_edges=np.array([0.0, 80.0, 500.0]), offset_hours=np.array([0.0, 1.0]))
    assert day_of(moved, date(2024, 6, 1)) == pytest.approx(152.0 - 1.0 / 24.0)


def test_courses_are_what_they_are_called():
    timeline, _ = someone()
    winter = course_of(timeline, asked("strain", "in winter"))
    assert winter.values(np.array([14.0, 14.0 + 365.25 / 2.0])) == pytest.approx([1.0, -1.0], abs=0.01)
    assert winter.occasions == 2
    since = course_of(timeline, asked("strain", "since tag:letter"))
    assert since.values(np.array([150.0, 300.0])).tolist() == [0.0, 1.0]
    assert since.occasions == 1
    ill = course_of(timeline, asked("strain", "during tag:ill"))
    near = against_nearby(timeline, ill)
    grid = np.arange(30.0, 420.0, 0.25)
    assert abs(float(near.values(grid).mean())) < 0.02
    assert isinstance(course_of(replace(timeline, days=200.0), asked("strain", "in winter")), Unmeasured)
    assert isinstance(course_of(timeline, asked("strain", "since", date(2024, 1, 5))), Unmeasured)


def test_slow_changes_on_no_list_are_covered_as_often_as_promised():
    inside, total = 0, 0
    for seed in range(6):
        person = people.null_wandering(np.random.default_rng([77, seed]))
        timeline = person.timeline()
        fitted = strain.fit(timeline)
        questions = [asked("strain", f"since tag:{tag}") for tag in ("bereavement", "new demand", "medication change")]
        for found in measure(timeline, fitted, questions).found.values():
            if isinstance(found, Measured):
                total += 1
                inside += abs(found.mean) < Z90 * found.sd
    # at .90 each, 12 or fewer of 18 have a chance of under .01; the three of one record hang together
    assert total >= 12
    assert inside >= 0.67 * total
