"""What is usual: levels, rhythms and trends as answers, and when nothing can be said yet."""

from dataclasses import replace

import numpy as np
import pytest

from calibration.people import person
from calibration.usual import MONDAY, empty
from mainstay.errors import BadRequest
from mainstay.notice.baseline import baseline_answers
from mainstay.notice.series import series_of
from mainstay.notice.usual import baseline_of
from mainstay.quantities import CannotSay, Finding
from mainstay.records.kinds import Item
from mainstay.timeline.kinds import Episodes, Events, Ratings

ITEM = Item("mood", "Mood", 1.0, 7.0, "high")


def rated(times, values, **more):
    """A timeline of one item, and whatever else."""
    bare = empty(float(np.ceil(times[-1])))
    return replace(bare, ratings={"mood": Ratings(ITEM, times, values, ("x",) * len(times))}, **more)


def prompts(rng, days, a_day=4):
    slots = np.arange(days * a_day)
    return slots // a_day + (8.0 + 14.0 * (slots % a_day + rng.uniform(size=len(slots))) / a_day) / 24.0


def answer_of(timeline):
    (answer,) = baseline_answers(timeline)
    return answer


def test_level_hour_weekday_and_role_are_told_apart():
    rng = np.random.default_rng(1)
    times = prompts(rng, 120)
    role = Episodes("nurse", "role", False, np.arange(0.3, 120.0, 3.0), np.arange(0.8, 120.0, 3.0), ("e",) * 40)
    values = (
        4.0
        - 1.0 * (times % 1.0 > 0.75)
        + 0.8 * (np.floor(times) % 7 == 0)
        - 1.2 * role.occupied(times)
        + 0.5 * rng.normal(size=len(times))
    )
    answer = answer_of(rated(times, values, episodes={"nurse": role}))
    assert isinstance(answer, Finding)
    assert abs(answer.estimate - values.mean()) < 0.15
    assert "as “nurse”" in answer.claim
    assert "on Mondays" in answer.claim
    assert "in the evening" in answer.claim
    assert answer.detail["by_role"]["nurse"]["difference"] == pytest.approx(-1.2, abs=0.2)
    assert answer.detail["by_weekday"]["on Mondays"]["difference"] == pytest.approx(0.8 * 6 / 7, abs=0.25)
    assert len(answer.detail["by_hour"]) == 24


def test_wild_readings_move_hardly_anything():
    rng = np.random.default_rng(2)
    times = prompts(rng, 60)
    values = 4.0 + 0.4 * rng.normal(size=len(times))
    spoilt = values.copy()
    spoilt[::25] = 60.0
    clean, robust = answer_of(rated(times, values)), answer_of(rated(times, spoilt))
    assert abs(robust.estimate - clean.estimate) < 0.2


def test_a_trend_is_told_only_where_it_stands_out():
    rng = np.random.default_rng(3)
    times = prompts(rng, 150)
    noise = 0.6 * rng.normal(size=len(times))
    assert "rose by about 0.4" in answer_of(rated(times, 3.0 + 0.4 * times / 30.4 + noise)).claim
    assert "over the record" not in answer_of(rated(times, 3.0 + noise)).claim


def test_somebody_new_gets_a_date_and_not_a_number():
    rng = np.random.default_rng(4)
    times = prompts(rng, 20)
    answer = answer_of(rated(times, rng.normal(4.0, 1.0, len(times))))
    assert isinstance(answer, CannotSay)
    assert (answer.have, answer.need, answer.unit) == (12, 28, "days")
    assert "5 February 2024" not in answer.would_change  # the week of settling is not counted
    when = MONDAY.plus_days(float(times[-1]) + 28.0 - (times[-1] - times[times >= times[0] + 7.0][0]))
    assert when.day_in_words in answer.would_change


def test_few_readings_over_a_long_time_are_refused_with_a_date():
    times = np.arange(0.5, 100.0, 4.0)
    answer = answer_of(rated(times, np.sin(times) + 4.0))
    assert isinstance(answer, CannotSay)
    assert answer.unit == "readings"
    assert "from about" in answer.would_change


def test_what_never_changes_has_nothing_usual_to_compare():
    times = prompts(np.random.default_rng(5), 60)
    assert isinstance(answer_of(rated(times, np.full(len(times), 4.0))), CannotSay)


def test_a_count_is_told_by_the_week_and_scaled_by_its_recording():
    rng = np.random.default_rng(6)
    times = np.sort(rng.uniform(0.0, 200.0, rng.poisson(100)))
    none = np.zeros(len(times))
    late = Events("late", "slip", times, np.full(len(times), np.nan), none, ("x",) * len(times))
    answer = answer_of(replace(empty(200.0), events={"late": late}))
    assert isinstance(answer, Finding)
    assert answer.unit == "times a week"
    assert 3.5 in answer.interval
    assert answer.detail["kind"] == "count"


def test_it_is_as_of():
    whole, cut = person(1, days=200.0), person(1, days=200.0, as_of_days=120.0)
    then = {answer.about: answer for answer in baseline_answers(cut)}
    later = {answer.about: answer for answer in baseline_answers(whole)}
    assert set(then) == set(later)
    assert then["tension"].n < later["tension"].n


def test_too_few_readings_are_misuse_for_the_model_itself():
    timeline = rated(np.arange(8.0, 14.0, 0.5), np.arange(12.0))
    with pytest.raises(BadRequest, match="mood"):
        baseline_of(timeline, series_of(timeline)[0])
