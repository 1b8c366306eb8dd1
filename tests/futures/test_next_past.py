"""What a day's forecast says is the same, whether it is made then or looked up in a record that went on since."""

import numpy as np
import pytest

from futures.test_next_ratings import person, swinging
from mainstay.futures import next_events, next_ratings
from mainstay.futures.backtest_cut import cut
from mainstay.futures.next_days import days_of
from mainstay.futures.next_known import FEWEST_BEFORE, MOST, MOST_COLUMNS, standing, standing_of_days
from mainstay.notice.series import series_of
from mainstay.timeline.kinds import Samples

DAYS, LATE = 90, 50


def changing_person():
    """Thirty ratings answered one to four times a day; some stop, some begin, one kind of event comes late; a watch."""
    rng = np.random.default_rng(21)
    ratings = {}
    for k in range(30):
        often = rng.integers(0, 5, DAYS)
        if k % 3 == 1:
            often[LATE:] = 0
        if k % 3 == 2:
            often[rng.random(DAYS) < 0.7] = 0
            often[LATE:] = 4
        times = np.sort(np.repeat(np.arange(DAYS), often) + 0.3 + 0.6 * rng.random(often.sum()))
        ratings[f"item {k:02d}"] = (times, (4.0 + swinging(rng, len(times), 0.9)).clip(1.0, 7.0))
    ratings["a new one"] = (np.arange(LATE + 2, DAYS) + 0.6, rng.uniform(1.0, 7.0, DAYS - LATE - 2))
    events = {
        "quarrel": np.flatnonzero(rng.random(DAYS) < 0.4) + 0.7,
        "first late": LATE + 10.0 + np.flatnonzero(rng.random(DAYS - LATE - 10) < 0.5) + 0.7,
    }
    samples = {"watch": Samples("watch", "beats", np.arange(20, DAYS) + 0.3, rng.normal(size=DAYS - 20))}
    return person(ratings, events, DAYS, samples=samples, anchor="item 00")


@pytest.fixture(scope="module")
def record():
    return changing_person()


def both(record, day):
    """The record, and as it was when a day began: (timeline, series, days) each."""
    for one in (record, cut(record, float(day))):
        series = series_of(one)
        yield one, series, days_of(one, series)


@pytest.mark.parametrize("day", [12, 31, 52, 57, 75])
@pytest.mark.parametrize("horizon", ["day", "week"])
def test_a_forecast_made_then_is_the_one_looked_up_later(record, day, horizon):
    ratings, risks = [], []
    for one, series, days in both(record, day):
        named = next(each for each in series if each.name == "item 00")
        ratings.append(next_ratings.foretell(one, days, named, horizon, plain=True))
        risks.append(next_events.foretell(days, "quarrel", horizon, plain=True))
    for later, then in (ratings, risks):
        assert len(then.targets.made) == day + 1
        for name, chances in then.chances.items():
            assert np.abs(chances - later.chances[name][: day + 1]).max() < 1e-9, name


@pytest.mark.parametrize("day", [31, 57])
def test_so_is_the_forecast_of_the_next_answer(record, day):
    told = []
    for one, series, days in both(record, day):
        named = next(each for each in series if each.name == "item 00")
        told.append(next_ratings.foretell(one, days, named, "prompt"))
    n = len(told[1].targets.made) - 1
    for name, chances in told[1].chances.items():
        assert np.abs(chances[:n] - told[0].chances[name][:n]).max() < 1e-9, name


def test_the_first_two_dozen_streams_that_say_anything_are_looked_at(record):
    seen = standing_of_days(days_of(record), "item 00", "")
    assert len(seen) == MOST_COLUMNS
    assert "before: a new one" not in seen
    assert all((one[:FEWEST_BEFORE] == 0.0).all() for one in seen.values())
    assert max(np.abs(one[-1]) for one in seen.values()) <= MOST / np.sqrt(MOST_COLUMNS)


def test_what_never_changed_yet_stands_nowhere():
    index = np.arange(-1, 8)
    assert (standing(np.full(8, 3.0), index) == 0.0).all()
    stood = standing(np.array([1.0, 2.0, 1.0, 2.0, np.nan, 1.0, 2.0, 9.0]), index)
    assert (stood[:6] == 0.0).all()
    assert stood[6] == pytest.approx(-np.sqrt(2.0 / 3.0))
    assert stood[8] == pytest.approx(2.4, abs=0.1)
    assert (standing(np.empty(0), np.full(3, -1)) == 0.0).all()
