"""Where the changes were, in hindsight: dates and sizes where a level moved, nothing where it did not."""

from dataclasses import replace

import numpy as np
import pytest

from calibration.resilience import process
from calibration.usual import empty
from mainstay.notice.looking_back import looking_back_answers
from mainstay.records.kinds import Item
from mainstay.story import alert_of
from mainstay.timeline.kinds import Events, Ratings

DAYS = 120


def prompts(rng):
    slots = np.arange(DAYS * 3)
    return slots // 3 + (8.0 + 14.0 * (slots % 3 + rng.uniform(size=len(slots))) / 3) / 24.0


def timeline(shift=0.0, seed=1):
    rng = np.random.default_rng(seed)
    times = prompts(rng)
    values = 4.0 + 0.5 * process(rng, times) + shift * (times > 70.0) + 0.3 * np.cos(2.0 * np.pi * times)
    mood = Ratings(Item("mood", "Mood", 1.0, 7.0, "high"), times, values, ("x",) * len(times))
    return replace(empty(float(DAYS)), ratings={"mood": mood})


def test_a_level_that_moved_is_told_with_its_day_and_size():
    (answer,) = looking_back_answers(timeline(1.0))
    (change,) = answer.detail["changes"]
    assert change["began_earliest"] <= "2024-03-18T23:59" <= change["began_latest"][:10] + "T99"
    assert answer.estimate == pytest.approx(1.0, abs=0.35)
    assert "Looking back, “mood” changed once: up by" in answer.claim
    assert "March 2024" in answer.claim


def test_hindsight_is_no_alarm():
    answers = looking_back_answers(timeline(1.0))
    assert alert_of(answers).tier == "quiet"
    assert "no alarm" in answers[0].assumptions[0]


def test_where_nothing_moved_nothing_is_told():
    assert sum(len(looking_back_answers(timeline(seed=seed))) for seed in range(20)) <= 2


def test_a_rate_that_trebled_is_told_as_a_ratio():
    rng = np.random.default_rng(3)
    times = np.sort(np.concatenate([rng.uniform(0, 120, 60), rng.uniform(60, 120, 120)]))
    none = np.full(len(times), np.nan)
    late = Events("late", "slip", times, none, np.zeros(len(times)), ("x",) * len(times))
    (answer,) = looking_back_answers(replace(empty(120.0), events={"late": late}))
    assert answer.unit == "times as often"
    assert 5.0 in answer.interval


def test_short_streams_are_not_looked_at():
    short = timeline(1.0)
    mood = short.ratings["mood"]
    few = Ratings(mood.item, mood.times[:60], mood.values[:60], mood.ids[:60])
    assert looking_back_answers(replace(short, days=20.0, ratings={"mood": few})) == ()
