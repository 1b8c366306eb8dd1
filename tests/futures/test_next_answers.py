"""Answers about tomorrow and next week: shown, withheld or refused; and as the ledger keeps them."""

import numpy as np
import pytest

from futures.test_next_ratings import person, targets, usual_person
from mainstay.futures.ledger import read, score, written
from mainstay.futures.ledger_rules import rule_of
from mainstay.futures.next_answers import WHERE_ANSWERED, answers, forecasts
from mainstay.futures.next_record import Compared, judged
from mainstay.futures.next_rules import next_day, rule_for
from mainstay.quantities import CannotSay, Finding


def by_about(told):
    found = {}
    for one in told:
        found.setdefault(one.about, []).append(one)
    return found


def test_a_rating_with_memory_is_shown_with_its_interval_and_white_noise_is_withheld():
    rng = np.random.default_rng(5)
    one = usual_person(5, days=200)
    times = one.ratings["tension"].times
    noise = person({"restless": (times, rng.integers(1, 8, len(times)).astype(float))}, {}, 200)
    shown = by_about(answers(one))["tension"][0]
    assert isinstance(shown, Finding)
    assert shown.status == "found"
    assert shown.row == "S19"
    assert shown.estimate in shown.interval
    assert shown.detail["horizon"] == "tomorrow"
    assert "“tension”, if answered, is likely to be" in shown.claim
    assert WHERE_ANSWERED in shown.assumptions
    assert shown.detail["scores"]["lower_end"] > 0.0
    assert 0.8 <= shown.detail["scores"]["nine_of_ten_held"] <= 1.0
    (withheld,) = answers(noise)
    assert withheld.status == "withheld"
    assert withheld.detail["withheld"] == ["tomorrow", "next week"]
    assert withheld.reason
    assert withheld.claim == "No forecast of “restless” is shown for tomorrow or next week."


def test_what_is_withheld_has_no_number_of_a_forecast_and_none_of_what_is_usual():
    rng = np.random.default_rng(5)
    times, quarrels = np.arange(200) + 0.5, np.flatnonzero(rng.random(200) < 0.3) + 0.5
    noise = person({"restless": (times, rng.integers(1, 8, 200).astype(float))}, {"quarrel": quarrels}, 200)
    told = {one.about: one for one in answers(noise)}
    assert {one.status for one in told.values()} == {"withheld"}
    item, rating, event = noise.ratings["restless"].item, told["restless"], told["quarrel"]
    assert (rating.interval.low, rating.estimate, rating.interval.high) == (
        item.low,
        (item.low + item.high) / 2,
        item.high,
    )
    assert (event.interval.low, event.estimate, event.interval.high) == (0.0, 0.5, 1.0)
    assert not {"usual", "quantiles"} & {name for one in told.values() for name in one.detail}


def test_too_little_is_refused_with_how_much_there_is():
    times = np.arange(12) + 0.5
    told = by_about(answers(person({"mood": (times, 1.0 + np.arange(12) % 5)}, {"quarrel": times[:3]}, 12)))
    (mood,), (quarrel,) = told["mood"], told["quarrel"]
    assert isinstance(mood, CannotSay)
    assert mood.have < mood.need == 20
    assert isinstance(quarrel, CannotSay)
    assert (quarrel.have, quarrel.need) == (3, 8)
    constant = answers(person({"mood": (np.arange(60) + 0.5, np.full(60, 3.0))}, {}, 60))
    assert constant[0].reason == "it never changes"


def test_what_comes_nearly_every_day_is_refused():
    every = person({}, {"quarrel": np.arange(100) + 0.5}, 100)
    assert answers(every)[0].reason == "hardly a day is without it"


def test_forecasts_go_into_the_ledger_and_are_scored_by_what_came():
    later = usual_person(5, days=200)
    ratings = {k: (v.times[v.times < 150], v.values[v.times < 150]) for k, v in later.ratings.items()}
    quarrels = later.events["quarrel"].times
    early = person(ratings, {"quarrel": quarrels[quarrels < 150]}, 150, anchor="tension")
    told = forecasts(early)
    assert {one.rule for one in told} == {
        *(f"mean(item:{name}) over {days}" for name in ("tension", "mood") for days in ("1 day", "7 days")),
        "any(event:quarrel) over 1 day", "any(event:quarrel) over 7 days",
    }  # fmt: skip
    assert read(written(told)) == told
    day = next(one for one in told if one.rule == "mean(item:tension) over 1 day")
    assert day.due == next_day(early, 1)
    assert not day.withheld
    times, values = later.ratings["tension"].times, later.ratings["tension"].values
    assert score(day, later).value == pytest.approx(values[(times >= 150.0) & (times < 151.0)].mean())
    assert all(score(one, later).status == "scored" for one in told)
    assert next_day(early) == early.instant(150.0)


def test_tomorrow_is_a_date_once_the_day_after_the_record_has_begun():
    rng = np.random.default_rng(5)
    times = np.arange(200) + 0.5
    noise = person({"restless": (times, rng.integers(1, 8, 200).astype(float))}, {"quarrel": times[:3]}, 200)
    (withheld,), (refused,) = (by_about(answers(noise))[name] for name in ("restless", "quarrel"))
    assert withheld.claim == "No forecast of “restless” is shown for tomorrow or next week."
    assert refused.claim == "Nothing can be said yet of “quarrel” for tomorrow or next week."
    object.__setattr__(noise, "as_of", noise.as_of.plus_days(20.0))
    (withheld,), (refused,) = (by_about(answers(noise))[name] for name in ("restless", "quarrel"))
    day = next_day(noise).day_in_words
    assert withheld.claim == f"No forecast of “restless” is shown for {day} or the week from {day} on."
    assert refused.claim == f"Nothing can be said yet of “quarrel” for {day} or the week from {day} on."
    assert withheld.detail["begins"] == str(next_day(noise))


def test_nothing_is_forecast_of_days_that_are_over():
    one = usual_person(5, days=100)
    object.__setattr__(one, "as_of", one.as_of.plus_days(3.0))
    assert {each.rule.rsplit(" over ")[1] for each in forecasts(one)} == {"7 days"}


def test_rules_are_the_ledgers_own():
    for event, horizon, text in (
        (True, "day", "any(event:a b) over 1 day"),
        (False, "week", "mean(item:a b) over 7 days"),
    ):
        assert str(rule_for("a b", horizon, event=event)) == text
        assert rule_of(text) == rule_for("a b", horizon, event=event)


def test_a_better_score_that_may_be_chance_is_not_shown_and_more_comparisons_ask_for_more():
    rng = np.random.default_rng(2)
    told, base = targets(rng.random(200)), np.full(200, -1.0)
    good = Compared(base + 0.1 + 0.4 * rng.normal(size=200), base, told)
    slight = Compared(base + 0.01 + 0.4 * rng.normal(size=200), base, told)
    worse = Compared(base - 0.1, base, told)
    assert [one.shown for one in judged([good, slight, worse])] == [True, False, False]
    few = judged([Compared(good.ours[:15], base[:15], targets(rng.random(15)))])[0]
    assert isinstance(few.gain, CannotSay)
    alone, among = judged([good])[0], judged([good, *[worse] * 49])[0]
    assert among.asked == pytest.approx(alone.asked + np.log(50.0))
    assert alone.evidence == among.evidence > alone.asked
    swings = np.concatenate([np.full(100, 0.4), np.full(100, -0.3)])
    unsteady = judged([Compared(base + swings, base, told)])[0]
    assert unsteady.evidence > unsteady.asked
    assert not unsteady.shown


def test_where_several_are_better_each_needs_less():
    rng = np.random.default_rng(8)
    told, base = targets(rng.random(100)), np.full(100, -1.0)
    some = [Compared(base + 0.04 + 0.001 * rng.normal(size=100), base, told) for _ in range(4)]
    assert not judged([some[0], *[Compared(base - 0.1, base, told)] * 3])[0].shown
    assert all(one.shown for one in judged(some))
