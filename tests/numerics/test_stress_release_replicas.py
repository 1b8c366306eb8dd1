"""Intervals and the test by replicas: they hold where normal theory does not."""

import math

import numpy as np
import pytest

from mainstay.errors import BadRequest
from mainstay.numerics.self_correcting import fit_stress_release
from mainstay.numerics.stress_release_replicas import calibrated_stress_release

A, B, C, END = -2.5, 0.012, 0.85, 500.0


def simulated(rng, end=END):
    now, released, times, releases = 0.0, 0.0, [], []
    while True:
        now += math.log1p(B * rng.exponential() * math.exp(-(A + B * (now - C * released)))) / B
        if now > end:
            return np.array(times), np.array(releases)
        times.append(now)
        releases.append(10 ** (0.75 * rng.exponential(0.45)))
        released += releases[-1]


def coverage(people, replicas, seed):
    truth = {"a": A, "b": B, "c": C, "d": B * C}
    held, sure = dict.fromkeys(truth, 0), 0
    for k in range(people):
        rng = np.random.default_rng([seed, k])
        found = calibrated_stress_release(*simulated(rng), 0.0, END, rng, replicas)
        sure += found.chance_under_constant_rate <= 0.05
        for name, value in truth.items():
            interval = found.interval(name)
            held[name] += interval is None or value in interval
    return {name: count / people for name, count in held.items()}, sure / people


def false_alarms(people, replicas, seed, heavy):
    alarms = 0
    for k in range(people):
        rng = np.random.default_rng([seed, k])
        times = rng.uniform(0, END, rng.poisson(65))
        releases = 10 ** (0.75 * rng.exponential(0.45, len(times))) if heavy else np.ones(len(times))
        alarms += calibrated_stress_release(times, releases, 0.0, END, rng, replicas).chance_under_constant_rate <= 0.05
    return alarms / people


def test_intervals_hold_the_truth_and_the_correction_is_found():
    share, power = coverage(80, 99, 1)
    assert all(0.76 < held < 1.0 for held in share.values()), share  # .90, four standard errors
    assert power > 0.9


@pytest.mark.parametrize("heavy", [False, True])
def test_a_constant_rate_alarms_as_seldom_as_stated(heavy):
    assert false_alarms(100, 99, 2, heavy) < 0.14  # .05 and four standard errors


@pytest.mark.long
def test_intervals_hold_the_truth_of_six_hundred():
    share, _ = coverage(600, 299, 3)
    assert all(0.85 < held < 0.94 for held in share.values()), share  # measured .868 to .908


@pytest.mark.long
@pytest.mark.parametrize("heavy", [False, True])
def test_a_thousand_constant_rates_alarm_as_seldom_as_stated(heavy):
    assert 0.02 < false_alarms(1000, 199, 4, heavy) < 0.07


def test_the_same_generator_gives_the_same_answer():
    times, releases = simulated(np.random.default_rng(5))
    first, second = (
        calibrated_stress_release(times, releases, 0.0, END, np.random.default_rng(6), 99) for _ in range(2)
    )
    assert first.interval("c") == second.interval("c")
    assert first.chance_under_constant_rate == second.chance_under_constant_rate


def test_history_before_the_start_counts_as_released():
    rng = np.random.default_rng(7)
    times, releases = simulated(rng)
    late = calibrated_stress_release(times, releases, 100.0, END, np.random.default_rng(8), 99)
    alone = fit_stress_release(times, releases, 100.0, END)
    assert late.fit.log_likelihood == alone.log_likelihood
    assert late.interval("b").low < B < late.interval("b").high
    assert len(late.pivots) > 90


def test_too_few_events_have_no_interval_and_show_nothing():
    found = calibrated_stress_release(np.array([1.0, 2.0]), np.ones(2), 0.0, 9.0, np.random.default_rng(0))
    assert found.chance_under_constant_rate == 1.0
    with pytest.raises(BadRequest, match="too few events"):
        found.interval("b")


def test_too_few_replicas_are_refused():
    with pytest.raises(BadRequest, match="too few for a tail"):
        calibrated_stress_release(np.arange(9.0), np.ones(9), 0.0, 9.0, np.random.default_rng(0), 20)
