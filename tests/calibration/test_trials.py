"""Whole trials: errors with a look every day, what carries over, and series without a lot."""

import math

import numpy as np
import pytest

from calibration import people, trials, trials_carryover, trials_recovery
from mainstay.trials import drawing
from mainstay.trials.designs import space
from mainstay.trials.interrupted import interrupted
from mainstay.trials.monitoring_bets import bets
from mainstay.trials.monitoring_lots import lots

LIVES = {
    "steady": {},
    "swings .4, trend": {"swings": 0.4, "trend": 2.0},
    "swings .8": {"swings": 0.8},
    "swings .8, trend, a third missing": {"swings": 0.8, "trend": 2.0, "missing": 1.0 / 3.0},
    "swings .6, missing after bad days": {"swings": 0.6, "after_bad": 0.6},
}
DESIGNS = {
    "blocks": trials.protocol("blocks", 56),
    "alternating": trials.protocol("alternating", 56, longest=4),
    "contacts": trials.protocol("contacts", 56, a_week=2, apart=2),
    "start_by_lot": trials.protocol("start_by_lot", 84, phases=("usual", "walk", "usual", "walk"), least=7),
}
MARK = math.log(20.0)
"""Of the whole level, as if all of it were spent on looks."""


def most_of(job):
    """The most the stake ever was (log) in one simulated trial."""
    design, life, seed = job
    rng = np.random.default_rng(seed)
    found = space(DESIGNS[design])
    schedule = drawing.draw(found, rng)
    seen = trials.observed(rng, schedule, **LIVES[life])
    grown = bets(
        schedule, seen.by_day(schedule.days), lots(found, schedule), arm=1, matters=0.5, shifts=np.zeros(1)
    ).log_wealth
    return float(grown.max())


def called_of(job):
    """p of a series that was interrupted without a lot, and by nothing."""
    days, life, seed = job
    rng = np.random.default_rng(seed)
    schedule = trials.with_arms(np.arange(days) >= days // 2)
    return interrupted(schedule, trials.observed(rng, schedule, **life)).over_time.p


def looks(n):
    for design in DESIGNS:
        for life in LIVES:
            most = np.array(people.over(most_of, [(design, life, 10_000 + i) for i in range(n)]))
            rate = float((most >= MARK).mean())
            print(f"{design:14s} {life:36s} looked at every day: {rate:.4f} of {n} called at .05")
            yield rate


def test_a_look_every_day_calls_few_trials_in_which_nothing_works():
    most = [most_of(("blocks", "swings .8", seed)) for seed in range(100)]
    assert np.mean(np.array(most) >= MARK) <= 0.12


@pytest.mark.long
def test_a_look_every_day_keeps_the_level_over_two_thousand_trials_each():
    assert max(looks(2000)) <= 0.06


def test_days_that_change_daily_are_refused_and_periods_of_two_weeks_are_told():
    assert trials_carryover.cell(56, 1, 0.0, 0.4, 12, 40_000).told == 0.0
    assert trials_carryover.cell(112, 14, 0.0, 0.4, 12, 40_000).told > 0.5


@pytest.mark.long
@pytest.mark.parametrize("days", [56, 112])
def test_what_carries_over_does_not_bias_what_is_told_and_intervals_hold_the_truth(days):
    found = trials_carryover.table(days, 400, 41_000)
    for _, _, _, one in found:
        assert abs(one.bias) <= 0.1 + 2.5 * one.error
        for held, level in zip(one.held, (0.90, 0.95), strict=True):
            assert held >= people.binomial_band(400, level, 2 * len(found))[0]


@pytest.mark.long
@pytest.mark.parametrize("days", [60, 120, 240])
def test_how_often_a_series_without_a_lot_is_called_is_what_its_answer_says(days):
    from mainstay.trials.interrupted import CALLED

    for persistence in (0.0, 0.4, 0.6, 0.8):
        called = np.array(people.over(called_of, [(days, {"swings": persistence}, 30_000 + i) for i in range(1000)]))
        rate = float((called < 0.05).mean())
        print(f"{days} days, swings {persistence}: {rate:.3f} called at .05")
        assert rate <= CALLED + 0.02


def test_help_that_an_eased_person_does_not_need_is_no_recovery():
    found = [trials_recovery.told_of(("relief alone, unseen", seed)).status for seed in (2001, 2002)]
    assert found == ["cannot_say", "cannot_say"]


@pytest.mark.long
@pytest.mark.parametrize("life", sorted(trials_recovery.LIVES))
def test_recovery_is_said_where_the_threshold_recovers_and_hardly_elsewhere(life):
    told = trials_recovery.counts(life, 40, 50_000)
    if life == "the threshold recovers":
        assert told["recovery"] >= 20
    else:
        assert told["recovery"] <= 6  # 5 in 100, and three standard deviations
