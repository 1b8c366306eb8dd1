"""Where there is nothing to find: pretend starts, the time before, and outcomes that should not move."""

import numpy as np
import pytest

from calibration.trials import observed, with_arms
from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.trials.kinds import Observed
from mainstay.trials.placebo import before, pretended, untouched

AB = with_arms(np.arange(60) >= 30)


def test_a_real_change_is_larger_than_at_pretend_starts():
    found = pretended(AB, observed(np.random.default_rng(1), AB, before=60, effect=3.0, swings=0.3), trend=False)
    assert found.as_large == pytest.approx(1.0 / (1 + len(found.days)))
    assert found.days.max() < 30.0
    assert found.real > 2.0
    assert found.called <= len(found.days) // 4


def test_without_a_change_the_real_start_is_one_among_the_others():
    ranks = [
        pretended(AB, observed(np.random.default_rng(seed), AB, before=60, swings=0.5), trend=False).as_large
        for seed in range(12)
    ]
    assert 0.25 < np.mean(ranks) < 0.8


def test_what_comes_after_the_start_is_not_seen_at_pretend_ones():
    seen = observed(np.random.default_rng(2), AB, before=40)
    later = Observed(
        seen.at, seen.value + 50.0 * (seen.at >= 30), "points", -1, None, None, seen.before, seen.before_value
    )
    assert np.allclose(pretended(AB, seen).effects, pretended(AB, later).effects)


def test_a_rise_before_the_start_and_a_bad_last_week_are_seen():
    days = np.arange(-42, 0) + 0.5
    rng = np.random.default_rng(3)
    none = np.zeros(0)
    rising = before(AB, Observed(none, none, "points", -1, None, None, days, 0.1 * days + 0.3 * rng.normal(size=42)))
    assert rising.trend_a_week.interval().low > 0.3
    calm = 0.3 * rng.normal(size=42)
    worst = before(AB, Observed(none, none, "points", -1, None, None, days, calm + 3.0 * (days > -7.0)))
    assert worst.unusual
    assert worst.week_before > 2.0
    usual = before(AB, Observed(none, none, "points", -1, None, None, days, calm))
    assert not usual.unusual
    assert 0.0 in usual.trend_a_week.interval()


def test_an_outcome_that_should_not_move_is_told_when_it_does():
    schedule = with_arms([0, 1, 1, 0] * 12)
    rng = np.random.default_rng(4)
    still = observed(rng, schedule)
    moved = observed(rng, schedule, effect=2.0)
    found = untouched(schedule, {"knee": still, "noise": moved}, "walk")
    assert [one.moved for one in found] == [False, True]
    assert found[0].interval.level == pytest.approx(0.95)
    with pytest.raises(BadRequest, match="at least one"):
        untouched(schedule, {}, "walk")


def test_too_little_before_is_told():
    seen = observed(np.random.default_rng(1), AB, before=3)
    assert isinstance(before(AB, seen), CannotSay)
    short = with_arms([0] * 8 + [1] * 20)
    assert isinstance(pretended(short, observed(np.random.default_rng(1), short)), CannotSay)
    assert isinstance(pretended(with_arms([0] * 30), seen), CannotSay)
    assert isinstance(
        untouched(short, {"knee": observed(np.random.default_rng(1), with_arms([0, 1]))}, "walk")[0], CannotSay
    )
