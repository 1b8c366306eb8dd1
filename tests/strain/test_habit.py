from dataclasses import replace

import numpy as np
import pytest

from calibration import people
from mainstay.strain.data import strain_data
from mainstay.strain.fitting import fit
from mainstay.strain.habit import habit_of, trend_beside_log
from mainstay.strain.threshold import threshold_answer


@pytest.fixture(scope="module")
def denser():
    return people.controlled(1)


def test_controls_show_how_recording_grew(denser):
    habit = habit_of(denser)
    middles = 0.5 * (habit.edges[:-1] + habit.edges[1:])
    truth = np.interp(middles, [0, 730], [0.3, 1.0])
    assert np.abs(np.log(habit.intensity / truth)).mean() < 0.25
    assert 0.0 < habit.slope_sd < 0.3
    slope = np.polyfit(middles / 365.25, np.log(habit.intensity / truth), 1)[0]
    assert abs(slope) < 3.0 * habit.slope_sd


def test_recording_that_grew_is_no_falling_threshold_where_controls_show_it(denser):
    answer = threshold_answer(denser, fit(denser))
    assert answer.status != "found"


def test_the_drift_is_less_sure_where_controls_stand_in_for_the_log(denser):
    data = strain_data(denser)
    assert data.habit_sd is not None and not data.recording_logged
    assert fit(denser).prior_sd("habit") == pytest.approx(data.habit_sd)


def test_a_few_controls_are_not_enough(denser):
    posts = denser.events["post"]
    few = replace(posts, times=posts.times[:19], sizes=posts.sizes[:19])
    assert habit_of(replace(denser, events={**denser.events, "post": few})) is None


@pytest.fixture(scope="module")
def against_its_log():
    """Recording that rose from a fifth to all within a year, logged as nineteen in twenty all along."""
    return people.controlled(9, days=365.0, recording=(0.2, 1.0), stated=0.95)


def test_controls_that_follow_the_log_have_no_trend_beside_it():
    rising = people.controlled(2, days=365.0, recording=(0.3, 1.0), stated=0.95)
    edges, share = np.linspace(0.0, 365.0, 53), np.linspace(0.3, 1.0, 52)
    right = replace(rising, recording={"": replace(rising.recording[""], edges=edges, intensity=share, logged=None)})
    assert not trend_beside_log(right).clear
    assert trend_beside_log(rising).clear
    assert trend_beside_log(rising).a_year > 0.5


def test_a_drift_is_not_told_where_controls_speak_against_the_log(against_its_log):
    fitted = fit(against_its_log)
    answer = threshold_answer(against_its_log, fitted)
    assert answer.status == "cannot_say"
    assert "nothing to do with strain were also noted more and more often" in answer.reason
    assert answer.detail["controls_times_as_often"] > 2.0
    posts = against_its_log.events["post"]
    few = replace(posts, times=posts.times[:19], sizes=posts.sizes[:19])
    unchecked = replace(against_its_log, events={**against_its_log.events, "post": few})
    assert threshold_answer(unchecked, fitted).status == "found"


def test_a_drift_that_is_there_is_found_beside_controls_that_follow_the_log():
    timeline = people.controlled(3, drift=0.8, recording=(0.9, 0.9), stated=0.9)
    assert threshold_answer(timeline, fit(timeline)).status == "found"


def test_a_share_inferred_from_controls_is_told_as_inferred(denser):
    from mainstay.strain.load import TOLL, too_thin

    fitted = fit(denser)
    assert "to judge by things unrelated to strain" in too_thin(fitted, "first role", TOLL).reason
    logged = replace(fitted, data=replace(fitted.data, habit_sd=None))
    assert too_thin(logged, "first role", TOLL).reason.startswith("only ")
