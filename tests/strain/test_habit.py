from dataclasses import replace

import numpy as np
import pytest

from calibration import people
from mainstay.strain.data import strain_data
from mainstay.strain.fitting import fit
from mainstay.strain.habit import habit_of
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
