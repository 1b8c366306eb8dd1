"""What behaves like a refuge under another name is proposed, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from calibration import pretexts as cal
from mainstay import strain
from mainstay.patterns.pretexts import Pretext, pretexts, search
from mainstay.patterns.pretexts_answers import pretext_answers
from mainstay.quantities import CannotSay, Finding
from mainstay.report.answers import AnswerContext, answer_record, answers_schema
from mainstay.timeline.kinds import Events


@pytest.fixture(scope="module")
def as_other():
    timeline = cal.renamed(1, "other")
    return timeline, strain.fit(timeline)


@pytest.fixture(scope="module")
def hard_days():
    timeline = cal.null("after hard days", 0)
    return timeline, strain.fit(timeline)


def noted(timeline, label, times, is_="other", **more):
    """The record with events of one more label."""
    n = len(times)
    series = Events(
        label, is_, np.sort(times), np.full(n, np.nan), np.zeros(n), tuple(f"{label}{i}" for i in range(n)), **more
    )
    return replace(timeline, events={**timeline.events, label: series})


@pytest.fixture(scope="module")
def found_as_other(as_other):
    return search(*as_other)


def test_a_quarrel_on_record_as_other_is_proposed_and_nothing_else_is(found_as_other):
    (found,) = found_as_other.proposed
    assert isinstance(found, Pretext)
    assert (found.label, found.event, found.contacts, found.is_) == (cal.QUARREL, cal.QUARREL, ("rival",), "other")
    assert found.proposed
    assert 2.0 < found.ratio < 4.0  # e to the 1.0 in truth
    assert found.interval.low < found.ratio < found.interval.high
    # a third of some two points in the middle of the record
    assert 0.3 < found.eases < 1.0
    assert found.p < 1e-6


def test_a_quarrel_on_record_as_a_demand_is_proposed_too():
    timeline = cal.renamed(2, "demand")
    assert [one.label for one in pretexts(timeline, strain.fit(timeline))] == [cal.QUARREL]


def test_what_relieves_nothing_is_not_proposed_however_much_it_is_sought():
    timeline = cal.renamed(1, "other", "nothing_restores")
    found = search(timeline, strain.fit(timeline))
    assert not found.proposed
    quarrel = next(one for one in found.asked if one.event == cal.QUARREL)
    assert quarrel.p_comes < 1e-6
    assert quarrel.failed == "not shown to ease it"


def test_errands_after_hard_days_come_with_strain_and_are_not_proposed(hard_days):
    found = search(*hard_days)
    assert not found.proposed
    comes = [one for one in found.asked if one.label in cal.LABELS and one.p_comes < 0.01]
    assert comes
    for one in comes:
        assert one.eases is not None
        assert abs(one.eases) < 3.5 * one.eases_sd
        assert one.failed


@pytest.mark.parametrize("kind", ["at peak hours", "demands in bursts", "roles not on record"])
def test_what_keeps_to_the_clock_or_brings_strain_is_not_proposed(kind):
    for seed in range(2):
        timeline = cal.null(kind, seed)
        found = search(timeline, strain.fit(timeline))
        assert found.asked
        assert not found.proposed
        for one in found.asked:
            if one.eases is not None and one.is_ == "demand":
                assert one.eases < 0.0  # it raises strain at once


def test_companies_of_one_label_are_asked_apart_and_the_rest_stays_together(as_other, found_as_other):
    timeline, found = as_other[0], found_as_other
    drinks = {one.label: one for one in found.asked if one.event == "drink with a colleague"}
    assert {one.contacts for one in drinks.values()} == {("colleague A",), ("colleague B",)}
    assert sum(one.n for one in drinks.values()) == len(timeline.events["drink with a colleague"].times)
    assert not any(one.proposed for one in drinks.values())
    assert "evening with the rival" in found.not_asked  # once
    assert "groceries" not in {one.label for one in found.asked}  # a control


def test_relief_and_controls_are_never_asked(hard_days):
    timeline, fitted = hard_days
    asked = {one.label for one in search(timeline, fitted).asked}
    assert not asked & set(fitted.data.refuges)
    post = noted(timeline, "post", np.linspace(5.3, 350.3, 60), "control")
    assert "post" not in {one.label for one in search(post, strain.fit(post)).asked}


def test_what_is_seldom_or_without_a_time_of_day_is_not_asked_and_says_why(hard_days):
    timeline, fitted = hard_days
    with_few = noted(timeline, "few", np.linspace(5.4, 300.4, 7))
    vague = noted(with_few, "vague", np.linspace(5.5, 300.5, 40))
    vague = replace(
        vague, events={**vague.events, "vague": replace(vague.events["vague"], half_widths=np.full(40, 0.5))}
    )
    found = search(vague, fitted)
    assert found.not_asked == {"few": "7 times on record, of 8 needed", "vague": "noted without a time of day"}
    only = replace(vague, events={label: vague.events[label] for label in ("few", "vague", *fitted.data.refuges)})
    (answer,) = pretext_answers(only, strain.fit(only))
    assert isinstance(answer, CannotSay)
    assert (answer.have, answer.need) == (None, None)  # of the vague ones a count would not help
    del only.events["vague"]
    (answer,) = pretext_answers(only, strain.fit(only))
    assert (answer.have, answer.need) == (7, 8)


def test_without_check_ins_nothing_is_asked(hard_days):
    timeline, _ = hard_days
    silent = replace(timeline, ratings={}, anchor=None)
    fitted = strain.fit(silent)
    assert pretexts(silent, fitted) == ()
    assert pretext_answers(silent, fitted) == ()


def test_the_answers_say_what_it_is_on_record_as_and_how_many_were_asked(as_other):
    timeline, fitted = as_other
    proposed, rest = pretext_answers(timeline, fitted)
    assert isinstance(proposed, Finding)
    assert (proposed.row, proposed.status, proposed.about) == ("S10", "suggested", cal.QUARREL)
    assert "is on record as “other”, but comes" in proposed.claim
    assert proposed.claim.endswith("it behaves like a refuge.")
    assert "mark it as relief" in proposed.would_change
    assert 0.0 < proposed.detail["eases_low"] < proposed.detail["eases"] < proposed.detail["eases_high"]
    assert rest.status == "not_found"
    assert rest.n == proposed.detail["asked"] == len(rest.detail["asked"]) == 6
    assert "Of 6 kinds of events" in rest.claim
    assert [one["label"] for one in rest.detail["asked"] if one["why_not"] is None] == [cal.QUARREL]
    context = AnswerContext(timeline.as_of, timeline.known_through, timeline.as_of, timeline.purpose)
    schema = Draft202012Validator(answers_schema())
    for one in (proposed, rest):
        schema.validate(answer_record(one, context))


def test_a_refuge_noted_as_work_each_time_is_told_in_a_sentence():
    timeline = cal.renamed(1, "relief")
    fitted = strain.fit(timeline)
    rest, noted_as = pretext_answers(timeline, fitted)
    assert rest.estimate == rest.n  # none is proposed
    assert noted_as.about == cal.QUARREL
    assert "is noted as “work” each time" in noted_as.claim
    assert "“as rescuer”" in noted_as.claim
    assert noted_as.estimate == len(timeline.events[cal.QUARREL].ids)
    assert noted_as.detail["strain_at_it"] > 1.0
    context = AnswerContext(timeline.as_of, timeline.known_through, timeline.as_of, timeline.purpose)
    Draft202012Validator(answers_schema()).validate(answer_record(noted_as, context))
