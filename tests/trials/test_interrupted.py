"""A change without a lot: what it finds, how seldom it calls nothing something, and what it foretells."""

import numpy as np
import pytest

from calibration.trials import observed, with_arms
from mainstay.quantities import CannotSay
from mainstay.trials.interrupted import CALLED, interrupted
from mainstay.trials.kinds import Observed


def test_a_step_and_a_slope_are_told_apart():
    schedule = with_arms(np.arange(120) >= 60)
    rng = np.random.default_rng(3)
    days = np.arange(120)
    rise = 0.2 * np.maximum(days - 60.0, 0.0) / 7.0
    value = 5.0 + 0.3 * rng.normal(size=120) - 2.0 * (days >= 60) + rise
    found = interrupted(schedule, observed(rng, schedule, given=(days + 0.5, value)))
    assert found.arm == "walk"
    assert found.step.mean == pytest.approx(-2.0, abs=0.4)
    assert found.slope_a_week.mean == pytest.approx(0.2, abs=0.12)
    assert found.over_time.mean == pytest.approx(-2.0 + rise[60:].mean(), abs=0.4)
    assert found.over_time.p < 0.01
    assert (found.before, found.after) == (60, 60)


def test_what_was_foretold_is_where_it_would_have_gone():
    schedule = with_arms(np.arange(80) >= 40)
    rng = np.random.default_rng(4)
    days = np.arange(80)
    value = 3.0 + 0.05 * days + 0.2 * rng.normal(size=80) + 3.0 * (days >= 40)
    found = interrupted(schedule, observed(rng, schedule, given=(days + 0.5, value)))
    would = 3.0 + 0.05 * found.days
    assert found.days[[0, -1]].tolist() == [40, 79]
    assert np.all((found.forecast[:, 0] < would + 0.2) & (would - 0.2 < found.forecast[:, 2]))
    assert np.all(np.diff(found.forecast, axis=1) > 0.0)


def test_where_nothing_changed_it_is_seldom_called_even_with_long_swings():
    schedule = with_arms(np.arange(120) >= 60)
    called = [
        interrupted(schedule, observed(np.random.default_rng(seed), schedule, swings=0.7)).over_time.p < 0.05
        for seed in range(60)
    ]
    assert np.mean(called) <= CALLED + 0.05


def test_the_time_before_the_first_day_counts_and_later_phases_do_not():
    schedule = with_arms([0] * 5 + [1] * 20 + [0] * 20)
    rng = np.random.default_rng(5)
    seen = observed(rng, schedule, before=30, effect=1.0)
    found = interrupted(schedule, seen, trend=False)
    assert (found.before, found.after) == (35, 20)
    assert found.slope_a_week is None
    assert found.days[-1] == 24
    far = Observed(
        seen.at, seen.value + 100.0 * (seen.at > 25), "points", -1, None, None, seen.before, seen.before_value
    )
    assert interrupted(schedule, far, trend=False).step.mean == pytest.approx(found.step.mean)


@pytest.mark.parametrize(
    ("arms", "side"), [([0] * 6 + [1] * 30, "before"), ([0] * 30 + [1] * 3, "after"), ([0] * 30, "after")]
)
def test_too_little_on_a_side_is_told(arms, side):
    found = interrupted(with_arms(arms), observed(np.random.default_rng(1), with_arms(arms)))
    assert isinstance(found, CannotSay)
    assert f"too few readings {side}" in found.reason
