"""Worries: their age and review, what their signs say since, and what waiting, looking and acting would cost."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from mainstay.notice.concern import concern_answers
from mainstay.quantities import CannotSay, Finding, Instant
from mainstay.records import logged
from mainstay.records.kinds import CheckIn, Event, Item, Record, Statement, record_id
from mainstay.records.statements import as_toml
from mainstay.records.statements_concern import ConcernFile, Harm, Harms, Observable, closed, concerns_of, put_off
from mainstay.report.answers import AnswerContext, answer_record
from mainstay.timeline.reader import from_records

MONDAY = Instant.parse("2026-01-05T00:00+01:00")
MOOD = Item("mood", "Mood", 1.0, 7.0, "high")
NIGHTS = Observable(what="nights", if_so="short", if_not="as before", item="mood", expect="less")
LATE = Observable(what="late", if_so="more often", if_not="as before", event="late", expect="more")
FRIENDS = Observable(what="friends", if_so="they ask", if_not="nobody asks")
FIRM = Harms(
    waiting=Harm(if_so=(10.0, 20.0), if_not=(0.0, 0.0)),
    looking=Harm(if_so=(20.0, 30.0), if_not=(2.0, 5.0)),
    acting=Harm(if_so=(20.0, 30.0), if_not=(20.0, 40.0)),
)


def concern(*signs, **more):
    said = {"name": "sleep", "worry": "It gets worse", "review": date(2026, 4, 1), "let_go_if": "four ordinary weeks"}
    return ConcernFile(observable=signs or (FRIENDS, NIGHTS), **(said | more))


def written(day, file, replaces=None):
    return logged.statement("concern", as_toml(file), now=MONDAY.plus_days(day), replaces=replaces)


def diary(days, mood_after=4.0, late_after=1.0, turn=70, a_week=2.0, seed=1):
    """Five answers a day around 4 and being late about `a_week` times; both change on day `turn`."""
    rng = np.random.default_rng(seed)
    records = []
    for day in range(days):
        mean, often = (4.0, a_week) if day < turn else (mood_after, a_week * late_after)
        for prompt in range(5):
            at = MONDAY.plus_days(day + (9 + 3 * prompt) / 24)
            value = float(np.clip(np.round(mean + rng.normal()), 1, 7))
            records.append(Record(record_id("t", "mood", str(at)), "mood", at, at, "t", CheckIn("mood", value)))
        for k in range(rng.poisson(often / 7)):
            at = MONDAY.plus_days(day + 0.4 + 0.01 * k)
            records.append(Record(record_id("t", "late", str(at)), "late", at, at, "t", Event("late", "slip")))
    return records


def timeline(records, day):
    return from_records(records, (MOOD,), None, as_of=MONDAY.plus_days(day))


def only(records, day):
    (answer,) = concern_answers(timeline(records, day))
    assert isinstance(answer, Finding)
    return answer


def test_without_a_worry_there_is_no_answer():
    assert concern_answers(timeline(diary(10), 10)) == ()


def test_a_worry_says_its_age_and_when_its_review_is():
    records = [written(10, concern())]
    answer = only(records, 44.5)
    assert (answer.row, answer.about, answer.status, answer.unit) == ("S1", "sleep", "found", "days")
    assert answer.estimate == pytest.approx(34.5)
    assert answer.interval.low == answer.interval.high == answer.estimate
    assert answer.claim.startswith("The worry “sleep” is 34 days old, and its review is in 42 days, on 1 April 2026")
    assert answer.would_change == "you let it go if: four ordinary weeks"
    assert answer.detail["review_overdue_days"] == -42


@pytest.mark.parametrize(
    ("day", "said"),
    [(86, "its review is due today"), (87, "has been due for 1 day"), (100, "has been due for 14 days")],
)
def test_a_review_that_is_due_is_said_and_for_how_long(day, said):
    answer = only([written(10, concern())], day + 0.5)
    assert said in answer.claim
    assert answer.detail["review_overdue_days"] == day - 86


def test_on_its_first_day_it_was_written_today():
    assert "was written down today" in only([written(10, concern())], 10.2).claim


def test_a_supporters_worry_bears_their_name():
    assert only([written(10, concern(by="Ben"))], 20).claim.startswith("Ben's worry “sleep” is 10 days old")


def test_closed_or_put_off_only_once_that_is_known():
    first = written(10, concern())
    (now,) = concerns_of(timeline([first], 20))[0]
    later = written(30, put_off(now, date(2026, 5, 1)), first)
    (moved,) = concerns_of(timeline([first, later], 31))[0]
    last = written(60, closed(moved, MONDAY.plus_days(60), "it was the heating"), later)
    records = [first, later, last]
    assert only(records, 29).detail["review"] == "2026-04-01"
    put = only(records, 50)
    assert (put.detail["review"], put.detail["moved"]) == ("2026-05-01", 1)
    assert put.estimate == pytest.approx(40.0)
    assert concern_answers(timeline(records, 61)) == ()


def test_a_later_file_of_the_same_name_is_the_last_word_even_if_it_supersedes_nothing():
    records = [written(10, concern()), written(20, concern(review=date(2026, 6, 1)))]
    answer = only(records, 30)
    assert answer.detail["review"] == "2026-06-01"
    assert answer.estimate == pytest.approx(20.0)


def test_a_worry_taken_up_again_after_it_was_let_go_begins_anew():
    first = written(10, concern())
    (now,) = concerns_of(timeline([first], 20))[0]
    records = [first, written(20, closed(now, MONDAY.plus_days(20), None), first), written(50, concern())]
    assert only(records, 60).estimate == pytest.approx(10.0)


def test_a_worry_that_cannot_be_read_says_why():
    at = MONDAY.plus_days(3)
    record = Record("x", "concern", at, at, "by hand", Statement("concern", 'who = "Ben"'))
    (answer,) = concern_answers(timeline([record], 5))
    assert isinstance(answer, CannotSay)
    assert (answer.row, answer.status) == ("S1", "cannot_say")
    assert "who: there is no such key" in answer.reason


def says(answer):
    return {one["what"]: one["says"] for one in answer.detail["signs"]}


def test_signs_that_came_true_look_as_if_it_were_so():
    records = [*diary(112, mood_after=2.5, late_after=4.0), written(70, concern(NIGHTS, LATE, FRIENDS))]
    answer = only(records, 112)
    assert says(answer) == {
        "nights": "as if it were so", "late": "as if it were so", "friends": "for you to judge",
    }  # fmt: skip
    assert "of its three signs two look as if it were so and one is for you to judge" in answer.claim
    mood, late, _ = answer.detail["signs"]
    assert mood["low"] < -1.4 < mood["high"] < -1.0
    assert late["low"] > 1.0
    assert any("no alarm" in one for one in answer.assumptions)


def test_signs_that_stayed_away_look_as_if_it_were_not():
    records = [*diary(300, a_week=8.0, turn=300), written(150, concern(NIGHTS, LATE))]
    answer = only(records, 300)
    assert set(says(answer).values()) == {"as if it were not"}
    assert "; both of its signs look as if it were not" in answer.claim
    assert "; none of its signs can be told yet" in only(records, 151).claim


def test_signs_the_other_way_round_look_as_if_it_were_not():
    better = replace(NIGHTS, expect="more")
    records = [*diary(112, mood_after=2.5), written(70, concern(better, FRIENDS))]
    assert says(only(records, 112))["nights"] == "as if it were not"


def test_two_weeks_are_needed_after_it_and_three_before_and_names_on_record():
    there = diary(112)
    early = only([*there, written(70, concern(NIGHTS, FRIENDS))], 75)
    assert "1 week since on record; 2 are needed" in early.detail["signs"][0]["reason"]
    first = only([*there, written(10, concern(NIGHTS, FRIENDS))], 60)
    assert "before it on record; 3 are needed" in first.detail["signs"][0]["reason"]
    absent = only([*there, written(70, concern(replace(LATE, event="early"), FRIENDS))], 112)
    assert absent.detail["signs"][0]["reason"] == "nothing called “early” is on record"
    assert absent.detail["cannot_say"] == 1


def test_the_days_that_made_the_worry_count_on_neither_side():
    bad = [replace(one, body=CheckIn("mood", 1.0)) if 60 <= one.happened.days_since(MONDAY) < 70
           and isinstance(one.body, CheckIn) else one for one in diary(112, turn=200)]  # fmt: skip
    plain = only([*bad, written(70, concern(NIGHTS, FRIENDS))], 112).detail["signs"][0]
    since = only([*bad, written(70, concern(NIGHTS, FRIENDS, since=date(2026, 3, 6)))], 112).detail["signs"][0]
    assert plain["mean_before"] < 3.8 < since["mean_before"]
    assert abs(since["difference"]) < 0.3 < plain["difference"]


def test_a_kind_of_event_that_never_happened_can_say_nothing_and_one_that_began_has_no_upper_end():
    never = only([*diary(112, a_week=0.0), written(70, concern(LATE, FRIENDS))], 112)
    assert never.detail["signs"][0]["says"] == "cannot say"
    began = [one for one in diary(112, late_after=4.0) if isinstance(one.body, CheckIn)]
    at = [MONDAY.plus_days(75 + k) for k in range(0, 35, 2)]
    began += [Record(record_id("t", "late", str(one)), "late", one, one, "t", Event("late", "slip")) for one in at]
    late = only([*began, written(70, concern(LATE, FRIENDS))], 112).detail["signs"][0]
    assert (late["ratio"], late["high"], late["says"]) == (None, None, "as if it were so")


def test_what_the_person_saw_at_the_review_counts():
    records = [written(10, concern(replace(FRIENDS, seen="not"), NIGHTS))]
    assert says(only(records, 30))["friends"] == "as if it were not"


def test_losses_are_bounds_and_the_least_is_said():
    answer = only([written(10, concern(likely=(0.2, 0.5), harm=FIRM))], 30)
    assert answer.detail["loss"]["waiting"] == pytest.approx([2.0, 10.0])
    assert answer.detail["least_course"] == "waiting"
    assert answer.claim.endswith(
        "By what you stated, in points: waiting 2 to 10, looking 6 to 18, acting 20 to 38; waiting costs least "
        "whatever holds within that."
    )


def test_what_the_choice_depends_on_is_said():
    wide = Harms(
        waiting=Harm(if_so=(60.0, 60.0), if_not=(0.0, 0.0)),
        looking=Harm(if_so=(30.0, 30.0), if_not=(10.0, 10.0)),
        acting=Harm(if_so=(10.0, 10.0), if_not=(40.0, 40.0)),
    )
    answer = only([written(10, concern(likely=(0.1, 0.9), harm=wide))], 30)
    assert answer.detail["least_course"] is None
    assert "depends on how likely it is: below about 25 % waiting, below about 60 % looking, above that acting" in (
        answer.claim
    )
    hinge = replace(wide, waiting=Harm(if_so=(10.0, 90.0), if_not=(0.0, 0.0)))
    said = only([written(10, concern(likely=(0.3, 0.3), harm=hinge))], 30).claim
    assert "in the middle of that waiting costs least, but it hinges on how bad waiting would be if it is so." in said


def test_without_chances_nothing_is_weighed():
    answer = only([written(10, concern())], 30)
    assert "costs least" not in answer.claim
    assert "loss" not in answer.detail


def test_an_answer_goes_by_the_contract_and_steers_no_terminal():
    records = [*diary(112), written(70, concern(NIGHTS, LATE, FRIENDS, likely=(0.2, 0.5), harm=FIRM))]
    told = timeline(records, 112)
    context = AnswerContext(told.as_of, told.known_through, told.as_of, "own_answers")
    record = answer_record(only(records, 112), context)
    assert record["interval"] == [record["estimate"]] * 2
    assert record["n"] == 3


def test_a_beginning_dated_after_its_own_writing_is_no_worry_from_the_future():
    begun = (MONDAY.plus_days(500)).as_local
    assert only([written(10, concern(begun=begun))], 30).estimate == pytest.approx(20.0)


@pytest.mark.parametrize("key", ["review = 2026-04-01", "since = 2026-01-01", "begun = 2026-01-01T10:00:00+01:00"])
@pytest.mark.parametrize("year", ["9999", "0001", "1066"])
def test_dates_of_nobodys_life_are_told_as_what_cannot_be_read(key, year):
    toml = as_toml(concern(since=date(2026, 1, 1), begun=MONDAY.as_local.replace(month=1, day=1, hour=10)))
    assert key in toml
    at = MONDAY.plus_days(3)
    record = Record(
        "x", "concern", at, at, "by hand", Statement("concern", toml.replace(key, key.replace("2026", year)))
    )
    (answer,) = concern_answers(timeline([record], 5))
    assert f"is in the year {int(year)}" in answer.reason
