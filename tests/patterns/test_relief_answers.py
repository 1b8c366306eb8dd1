"""Relief in words: both sides in one sentence, and nothing where they are at odds."""

import json
from dataclasses import replace

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from calibration import comparable as cal
from mainstay import strain
from mainstay.errors import BadRequest
from mainstay.patterns import relief_answers as relief
from mainstay.patterns.comparable import Comparison, Difference, Lasting
from mainstay.quantities import CannotSay, Finding, Interval
from mainstay.report.answers import AnswerContext, answer_record, answers_schema
from mainstay.strain.criticise import NONE_FAILED
from mainstay.timeline.kinds import Events
from mainstay.worlds.ordinary import REFUGES

FIRST, SECOND = REFUGES


@pytest.fixture(scope="module")
def eases():
    timeline, _, _ = cal.person("one of two", 2)
    return timeline, strain.fit(timeline)


@pytest.fixture(scope="module")
def told(eases):
    return relief.relief_answers(*eases)


def difference(points, sd, model, model_sd=0.05):
    interval = Interval(points - 1.68 * sd, points + 1.68 * sd)
    return Difference(0.0, 6.0, points, sd, interval, 60, 100, 2.5, 0.1, 0.1, (model, model_sd))


def sides(eases, told, label, now, lasting=None, by_model=None):
    timeline, fitted = eases
    model = by_model or next(
        one for one in relief.relief_by_the_model(timeline, fitted, NONE_FAILED) if one.about == label
    )
    beside = Comparison(label, 70, now, (now,), {"strain": (0.8, 0.0)}, lasting)
    return relief.Sides(timeline, fitted, label, model, beside, None)


def test_one_answer_for_each_refuge_with_both_sides_in_it(eases, told):
    assert [(one.about, one.row, one.status) for one in told] == [
        (FIRST, "S12", "does_nothing"),
        (SECOND, "S12", "found"),
    ]
    nothing, found = told
    assert "by the model" in found.claim
    assert "than after comparable moments without it" in found.claim
    assert "hours" in found.claim
    assert "comparable moments without it" in nothing.claim
    assert found.interval.high < 0.0
    assert 0.0 in nothing.interval
    assert found.detail["restores"] == "cannot_say"
    assert "only grows as time passes" in found.reason
    assert found.detail["by_the_model"]["unit"] == "% of the strain"
    assert found.detail["fading"]["status"] in {"found", "not_found", "cannot_say"}
    assert "fading" not in nothing.detail
    assert [row["from_hours"] for row in found.detail["by_lag"]] == [0.0, 3.0, 6.0, 12.0, 24.0]
    half = found.detail["half_life_hours"]
    assert half["low"] < half["by_the_model"] < half["high"]
    assert half["by_the_lags"]["hours"] > 1.0


def test_answers_are_records_of_the_schema(eases, told):
    timeline, _ = eases
    context = AnswerContext(timeline.as_of, timeline.known_through, timeline.as_of, "own_answers", ())
    checker = Draft202012Validator(answers_schema())
    for one in told:
        written = json.loads(json.dumps(answer_record(one, context), allow_nan=False))
        assert not [error.message for error in checker.iter_errors(written)]


def test_where_the_sides_are_at_odds_nothing_is_said(eases, told):
    now = difference(-0.2, 0.1, -1.0)
    assert relief.at_odds(now)
    found = relief._told(sides(eases, told, SECOND, now), NONE_FAILED)
    assert isinstance(found, CannotSay)
    assert "by the model strain is 1.0 lower for it, but after it strain was" in found.reason
    assert found.detail["beside_comparable_moments"]["points"] == -0.2
    assert not relief.at_odds(difference(-0.8, 0.1, -1.0))
    # apart by both intervals, and yet no more than one of a hundred is by chance
    assert not relief.at_odds(difference(-0.8, 0.10, -1.02, 0.03))


def test_easing_takes_both_sides(eases, told):
    blunt = relief._told(sides(eases, told, SECOND, difference(-0.5, 0.4, -1.0)), NONE_FAILED)
    assert isinstance(blunt, CannotSay)
    assert "too few comparable moments" in blunt.reason
    assert blunt.need > blunt.have
    other = relief._told(sides(eases, told, FIRST, difference(-1.2, 0.2, -0.05, 0.6)), NONE_FAILED)
    assert isinstance(other, CannotSay)
    assert "does nothing that would matter, but" in other.reason
    refused = CannotSay("only 60 % of what happened was recorded", row="S12", about=SECOND)
    both = relief._told(sides(eases, told, SECOND, difference(-0.9, 0.1, -1.0), by_model=refused), NONE_FAILED)
    assert both.reason.startswith(
        "only 60 % of what happened was recorded; after “second refuge” strain was 0.90 points"
    )


def test_where_the_lags_rule_out_the_half_life_both_are_told(eases, told):
    now = difference(-0.9, 0.1, -1.0)
    agree = relief._told(sides(eases, told, SECOND, now, Lasting(40.0, 20.0, None)), NONE_FAILED)
    assert agree.claim.count("hours") == 2
    apart = relief._told(sides(eases, told, SECOND, now, Lasting(4.0, None, 9.0)), NONE_FAILED)
    assert "gone after about 4 hours, or as long as" in apart.claim


def test_it_restores_or_stalls_only_where_a_fit_was_asked_and_could_tell(eases, told, monkeypatch):
    _, fitted = eases
    asked = replace(fitted, data=replace(fitted.data, settings=replace(fitted.data.settings, restoring=True)))
    now = difference(-0.9, 0.1, -1.0)
    one = Finding("S12", SECOND, "found", "", "", 0.5, Interval(0.4, 0.6), "times as often", 9, "")
    for answer, status, words in (
        (one, "restores", "it restores"),
        (replace(one, status="not_found", estimate=0.98), "only_stalls", "it only stalls"),
        (replace(one, estimate=1.8), "only_stalls", "it only stalls"),
        (CannotSay("", about=SECOND), "found", "half of that is gone"),
    ):
        monkeypatch.setattr(relief, "restoring_answers", lambda *_, answer=answer: (answer,))
        found = relief._told(replace(sides(eases, told, SECOND, now), fitted=asked), NONE_FAILED)
        assert (found.status, found.detail["restores"]) == (status, status if status != "found" else "cannot_say")
        assert words in found.claim


def test_refuges_the_fit_leaves_out_are_named(eases):
    timeline, fitted = eases
    times = np.array([3.2, 9.9])
    rare = Events("swim", "relief", times, np.full(2, np.nan), np.zeros(2), ("a", "b"))
    more = replace(timeline, events={**timeline.events, "swim": rare})
    last = relief.relief_answers(more, fitted, NONE_FAILED)[-1]
    assert (last.about, last.have, last.need) == ("swim", 2, 8)
    daily = replace(fitted, data=replace(fitted.data, coarse={"swim": 0.6}))
    assert "noted by the day" in relief.relief_answers(more, daily, NONE_FAILED)[-1].reason


def test_without_a_fit_or_check_ins_each_refuge_says_why(eases):
    timeline, fitted = eases
    refused = relief.relief_answers(timeline, CannotSay("the record is too short"))
    assert [one.about for one in refused] == list(REFUGES)
    assert all("too short" in one.reason for one in refused)
    bare = replace(
        fitted, data=replace(fitted.data, problem=fitted.data.problem._replace(read_knot=np.zeros(0, np.int64)))
    )
    assert all("check-ins" in one.reason for one in relief.relief_answers(timeline, bare))
    still = replace(fitted, data=replace(fitted.data, settings=replace(fitted.data.settings, noise=False)))
    with pytest.raises(BadRequest, match="without process noise"):
        relief.relief_answers(timeline, still)
