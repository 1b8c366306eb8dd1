"""Explanations of people whose truth is known: what leads, what is spoken against, parked, tied or left open."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest

from calibration import explanations as people
from mainstay import strain
from mainstay.explanations.explaining import explain, status_of
from mainstay.explanations.library import starting_library
from mainstay.explanations.telling import told
from mainstay.explanations.weights import UNLISTED
from mainstay.patterns.shared import shared
from mainstay.quantities import CannotSay, Finding, Instant
from mainstay.records.statements_hypothesis import (
    Clause,
    Hypothesis,
    HypothesisFile,
    Prior,
    StatedEvidence,
    with_library,
)
from mainstay.strain.threshold import threshold_answer
from mainstay.timeline.reader import from_records
from mainstay.worlds import simulate

BEFORE, AFTER = "2025-06-10", "2025-07-08"


@cache
def two_roles(day, name="two_roles", seed=3):
    (world,) = simulate(name, seed).values()
    timeline = from_records(world.records, world.items, world.anchor, as_of=Instant.parse(f"{day}T00:00+00:00"))
    fitted = strain.fit(timeline)
    return timeline, fitted, shared(timeline, fitted), strain.answers(timeline, fitted)


@cache
def library_answers(day, name="two_roles"):
    timeline, fitted, what_they_share, answers = two_roles(day, name)
    hypotheses = with_library((), starting_library())
    found = explain(timeline, fitted, hypotheses, what_they_share, answers)
    return found, told(found, what_they_share)


def cause(name, predicts=(), forbids=(), **more):
    def clauses(rows):
        return tuple(Clause(stream=stream, direction=way, when=when) for stream, way, when in rows)

    says = HypothesisFile(name=name, cause="c", predicts=clauses(predicts), forbids=clauses(forbids), **more)
    return Hypothesis("id", Instant.parse("2025-01-01T00:00+00:00"), says)


def explained(*hypotheses, day=AFTER):
    timeline, fitted, what_they_share, answers = two_roles(day)
    return explain(timeline, fitted, hypotheses, what_they_share, answers)


def test_before_the_call_the_pattern_is_established_and_unexplained():
    found, answers = library_answers(BEFORE)
    assert found.status == answers[0].status == "established_unexplained"
    assert found.leaders == ()
    assert found.weights[0].name == UNLISTED
    assert set(found.pattern.sought) == {"visit to mother", "quarrel with the rival"}
    assert "why is not explained" in answers[0].claim


def test_after_the_call_the_missing_piece_leads_and_is_unconfirmed():
    found, answers = library_answers(AFTER)
    assert found.leaders == ("role concealment",)
    assert answers[0].status == answers[1].status == "unconfirmed"
    assert answers[1].about == "role concealment"
    assert "known only since 11 June 2025" in answers[0].claim


@pytest.mark.long
def test_with_another_truth_another_cause_leads_or_none():
    assert library_answers(AFTER, "warmth_restores")[0].leaders == ("too little warm company",)
    assert library_answers(AFTER, "nothing_restores")[0].status == "established_unexplained"


def test_overwork_is_spoken_against_by_what_it_says_would_not_be():
    found, answers = library_answers(BEFORE)
    one = next(answer for answer in answers if answer.about == "overwork")
    assert one.status == "not_found"
    assert "at the same load help is sought" in one.claim
    assert "which it says would not be" in one.claim
    assert found.of("overwork").against is not None


def test_overwork_that_forbids_nothing_is_parked_and_has_no_weight():
    found = explained(cause("overwork", [("demands", "more", "over time")]))
    (whole, unlisted, parked) = told(found)
    assert parked.status == "parked"
    assert "set aside until it says what would speak against it" in parked.claim
    assert [one.name for one in found.weights] == [UNLISTED]
    assert whole.detail["parked"] == ["overwork"]
    assert isinstance(unlisted, CannotSay)
    assert unlisted.detail["weight"] == pytest.approx(1.0)


def test_two_causes_that_say_the_same_are_tied():
    same = [("relief", "more", "in company:no_part_to_play")], [("relief", "less", "in company:no_part_to_play")]
    found = explained(cause("a part", *same), cause("a mask", *same))
    assert found.status == "tied"
    assert set(found.leaders) == {"a part", "a mask"}
    assert [one.status for one in told(found)[:3]] == ["tied"] * 3


def test_what_was_foreseen_explains_and_what_was_not_is_suggested():
    timeline = people.illness(np.random.default_rng([9, 0])).timeline()
    (ill,) = (one for one in people.LIBRARY if one.name == "illness")
    half = timeline.instant(timeline.days / 2.0)
    foreseen = people.explained(timeline, [replace(ill, written=half)])
    assert status_of(foreseen.of("illness"), None, foreseen.since)[0] == "established_explained"
    assert half.day_in_words in status_of(foreseen.of("illness"), None, foreseen.since)[1]
    not_foreseen = people.explained(timeline, [replace(ill, written=None)])
    assert not_foreseen.since == ""
    assert status_of(not_foreseen.of("illness"), None)[0] == "suggested"


def test_what_nothing_on_record_tests_keeps_its_prior_and_says_so():
    prior = Prior(chance=(0.3, 0.3), on=date(2025, 1, 1))
    found = explained(
        cause("tea", [("strain", "more", "after event:tea")], [("strain", "less", "after event:tea")], prior=prior)
    )
    one = found.of("tea")
    assert one.untested
    assert one.candidate.logs == (0.0, 0.0, 0.0)
    assert found.weight("tea").weight == pytest.approx(0.3 / (0.3 + (0.2 * 0.5) ** 0.5))
    answer = next(answer for answer in told(found) if answer.about == "tea")
    assert isinstance(answer, CannotSay)
    assert answer.detail["weight"] == found.weight("tea").weight
    assert answer.detail["would_test"] == "“tea” as an event, each time it happens"


def test_evidence_stated_by_hand_moves_the_weight_and_alone_is_a_candidate():
    stated = (StatedEvidence(what="the doctor found nothing else", ratio=(20.0, 50.0), on=date(2025, 5, 1)),)
    found = explained(cause("tea", [], [("strain", "less", "after event:tea")], evidence=stated))
    assert found.leaders == ("tea",)
    assert found.status == "unconfirmed"
    assert found.rows[0].came_out == "the doctor found nothing else"


def test_answers_are_safe_to_write_down_and_their_weights_sum_to_one():
    found, answers = library_answers(AFTER)
    assert all(one.row == "S14" for one in answers)
    each = [one for one in answers[1:] if one.status != "parked"]
    weighed = [one.estimate if isinstance(one, Finding) else one.detail["weight"] for one in each]
    assert sum(weighed) == pytest.approx(1.0)
    assert json.loads(json.dumps([dict(one.detail) for one in answers], allow_nan=False))
    jargon = ("likelihood", "ratio", "prior", "posterior")
    assert not [one.claim for one in answers for word in jargon if word in one.claim]
    assert len(found.weights) == len(weighed)


def test_without_a_pattern_there_is_nothing_to_explain():
    timeline, fitted, _, _ = two_roles(AFTER)
    unsure = (CannotSay("it was recorded too rarely", row="S10", about="tea"), threshold_answer(timeline, fitted))
    (whole, *_) = told(explain(timeline, fitted, [], None, unsure))
    assert whole.status == "cannot_say"
    assert whole.reason == "it was recorded too rarely"


def test_nothing_leads_in_a_person_to_whose_strain_none_of_it_matters():
    found = people.explained(people.null_plain(np.random.default_rng([4, 1])).timeline())
    assert not [name for name in found.leaders if name not in people.COMPANY]


def test_sleep_that_wears_down_comes_out_first():
    found = people.explained(people.sleep(np.random.default_rng([4, 2])).timeline())
    assert found.leaders == ("sleep",)


def test_what_a_refuge_eases_and_what_is_asked_in_two_ways_count_once():
    eased = [("strain", "less", "after event:visit to mother")], [("strain", "more", "after event:visit to mother")]
    found = explained(
        cause("visits", *eased),
        cause("work", [("strain", "more", "after tag:work | event:nothing")], [("strain", "less", "after tag:Work")]),
        cause(
            "paper", [("strain", "more", "after event:deadline")], [("strain", "less", "after event:Deadline | tag:x")]
        ),
    )
    assert found.of("visits").best is None
    assert max(found.of("visits").candidate.logs) <= 0.0
    assert len(found.of("work").observed) == len(found.of("paper").observed) == 1
    assert found.of("work").against is not None
