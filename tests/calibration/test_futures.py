"""Futures mean what they say on simulated people; the backtest withholds them where they do not. Long."""

from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

from calibration.backtests import HARMED, SET_ON, person
from calibration.futures import Counted, foresee
from calibration.people import over
from calibration.shown import STRATA, asked_about
from mainstay.futures.backtest import Backtest
from mainstay.futures.reliability import calibration

pytestmark = pytest.mark.long
PEOPLE = 180
BENT = 60
SHOWN = {"ordinary": 80, "short": 40, "slow and noisy": 40, "role stops": 40}
FRESH = 7000


def _foreseen(seed):
    counted = Counted([], [])
    foresee(seed, counted)
    return counted


@pytest.fixture(scope="module")
def foreseen():
    found = over(_foreseen, range(PEOPLE))
    rows = np.array([row for one in found for row in one.rows])
    placed = np.array([row for one in found for row in one.placed])
    assert sum(one.refused for one in found) <= 0.05 * 2 * PEOPLE
    return rows, placed


def test_chances_mean_what_they_say(foreseen):
    rows, _ = foreseen
    assert len(rows) >= 10_000
    line = calibration(rows[:, 4], rows[:, 5] > 0.5, rows[:, 0])
    assert line.slope_interval.low >= 0.85
    assert line.slope_interval.high <= 1.15
    assert abs(line.intercept) < 0.2


def test_scenarios_that_exclude_each_other_come_as_often_as_said(foreseen):
    rows, _ = foreseen
    exclusive = rows[rows[:, 1] >= 3]
    for k in np.unique(exclusive[:, 1]):
        some = exclusive[exclusive[:, 1] == k]
        over_said = some[:, 4] - some[:, 5]
        by_person = np.array([over_said[some[:, 0] == p].mean() for p in np.unique(some[:, 0])])
        assert abs(by_person.mean()) < 3.0 * by_person.std() / np.sqrt(len(by_person)) + 0.02


def test_the_time_to_a_limit_lies_in_its_range(foreseen):
    _, placed = foreseen
    ranked = placed[placed[:, 1] == 0]
    for level, reach in ((0.9, 0.45), (0.5, 0.25)):
        held = np.abs(ranked[:, 4] - 0.5) <= reach
        people = np.unique(ranked[:, 0])
        by_person = np.array([held[ranked[:, 0] == p].mean() for p in people])
        error = by_person.std() / np.sqrt(len(people))
        assert abs(by_person.mean() - level) < 3.0 * error + 0.01


def _asked_about(at):
    return asked_about(*at)


def test_what_is_shown_of_ordinary_and_hard_people_means_what_it_says():
    assert set(SHOWN) == set(STRATA) - set(HARMED)
    people = [(stratum, FRESH + seed) for stratum, count in SHOWN.items() for seed in range(count)]
    asked = [one for found in over(_asked_about, people) for one in found]
    rows = [(f"{one.stratum} {one.seed}", *row[2:]) for one in asked if not one.withheld for row in one.rows]
    named, said, came = zip(*rows, strict=True)
    assert len(rows) >= 10_000
    line = calibration(np.array(said), np.array(came), np.array(named))
    assert line.slope_interval.low >= 0.85
    assert line.slope_interval.high <= 1.15


@pytest.fixture(scope="module")
def judged():
    found = {}
    with ProcessPoolExecutor() as pool:
        for world in ("ordinary", *HARMED):
            kept = pool.map(person, [world] * BENT, range(SET_ON, SET_ON + BENT))
            found[world] = [bool(one.backtest.reasons) for one in kept if isinstance(one.backtest, Backtest)]
    return found


def test_a_simulator_that_is_right_is_shown_to_most(judged):
    assert len(judged["ordinary"]) >= 0.9 * BENT
    assert np.mean(judged["ordinary"]) <= 0.25


def test_what_the_simulator_does_not_describe_is_withheld(judged):
    for world in HARMED:
        assert np.mean(judged[world]) >= HARMED[world]
