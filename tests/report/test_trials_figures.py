"""The figure of a trial: phases told apart, a line for each arm where days alternate, missing days not drawn."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pytest

from mainstay.report.trials_figures import trial_figure
from mainstay.trials.kinds import WASHOUT, Observed, Schedule

ARMS = ("as usual", "an evening as oneself")


def schedule(arm: list[int], washout: int = 0) -> Schedule:
    arms = np.array(arm)
    analysed = arms.copy()
    for change in np.flatnonzero(np.diff(arms)) + 1:
        analysed[change : change + washout] = WASHOUT
    return Schedule(dt.date(2025, 3, 3), ARMS, arms, analysed, np.arange(len(arm)), np.zeros(len(arm), np.int64))


def observed(days: list[int], before: int = 0) -> Observed:
    at = np.array(days) + 0.5
    earlier = np.arange(-before, 0) + 0.5
    return Observed(at, 3.0 + 0.1 * at, "points", -1, 1.0, 7.0, earlier, np.full(len(earlier), 4.0))


def texts(spec: object) -> str:
    return json.dumps(spec)


@pytest.mark.parametrize("width", [360, 756])
def test_phases_are_named_or_lettered_where_there_is_no_room(width: int) -> None:
    spec = texts(trial_figure(schedule([0] * 10 + [1] * 10, 2), observed(list(range(20)), 14), "tension", width))
    assert "an evening as oneself" in spec
    assert ("B: an evening as oneself" in spec) == (width == 360)
    assert "3 Mar" in spec


def test_alternating_days_have_a_line_for_each_arm() -> None:
    spec = texts(trial_figure(schedule([0, 1, 1, 0, 1, 0, 0, 1]), observed([0, 1, 2, 4, 5, 7]), "tension", 756))
    assert spec.count('"strokeDash": [2, 3]') == len(ARMS)


def test_days_without_an_answer_are_not_drawn() -> None:
    spec = trial_figure(schedule([0] * 6 + [1] * 6), observed([0, 1, 7]), "tension", 756)
    assert "NaN" not in texts(spec)


def test_a_trial_without_any_answer_is_still_drawn() -> None:
    nothing = Observed(*(np.array([]) for _ in range(2)), "points", -1, None, None, np.array([]), np.array([]))
    assert "NaN" not in texts(trial_figure(schedule([0] * 6 + [1] * 6), nothing, "tension", 360))
