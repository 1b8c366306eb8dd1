"""Whole trials: errors with a look every day, intervals under swings, what carries over, and series without a lot."""

import math

import numpy as np
import pytest

from calibration import people, trials
from mainstay.trials import drawing, effect_model
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


def held_of(job):
    """Whether the 90 % interval holds the truth, the estimate less the truth, for one simulated trial."""
    days, period, life, effect, seed = job
    rng = np.random.default_rng(seed)
    order = np.concatenate([np.repeat(rng.permutation(2), period) for _ in range(days // (2 * period))])
    schedule = trials.with_arms(order)
    arm = effect_model.fit(schedule, trials.observed(rng, schedule, effect=effect, **life)).effects[0]
    interval = arm.interval()
    return bool(interval.low <= effect <= interval.high), arm.mean - effect


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


@pytest.mark.long
@pytest.mark.parametrize(("days", "period"), [(60, 1), (56, 7), (112, 7)])
@pytest.mark.parametrize("persistence", [0.0, 0.4, 0.8])
def test_intervals_hold_the_truth_and_what_carries_over_does_not_bias(days, period, persistence):
    for name, life in (
        ("nothing carries over", {}),
        ("trend, a third missing after bad days", {"trend": 2.0, "missing": 0.1, "after_bad": 0.6}),
        ("half is left after two days", {"half_life": 2.0}),
    ):
        jobs = [(days, period, {"swings": persistence, **life}, 1.0, 20_000 + i) for i in range(400)]
        held, off = map(np.array, zip(*people.over(held_of, jobs), strict=True))
        print(
            f"{days} days by {period}, swings {persistence}: {name}: interval holds {held.mean():.3f}, "
            f"bias {off.mean():+.3f}, error {np.sqrt((off**2).mean()):.3f}"
        )
        assert held.mean() >= 0.82
        if period >= 7:  # days that change every day can't tell what carries over from an arm that does little
            assert abs(off.mean()) <= 0.5 * np.sqrt((off**2).mean())


@pytest.mark.long
@pytest.mark.parametrize("days", [60, 120, 240])
def test_how_often_a_series_without_a_lot_is_called_is_what_its_answer_says(days):
    from mainstay.trials.interrupted import CALLED

    for persistence in (0.0, 0.4, 0.6, 0.8):
        called = np.array(people.over(called_of, [(days, {"swings": persistence}, 30_000 + i) for i in range(1000)]))
        rate = float((called < 0.05).mean())
        print(f"{days} days, swings {persistence}: {rate:.3f} called at .05")
        assert rate <= CALLED + 0.02
