"""The effect of an arm: against whole matrices, its intervals, what carries over, and what is refused."""

import itertools
import math
from datetime import date

import numpy as np
import pytest

from calibration.trials import observed, wandering, with_arms
from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.trials.effect_model import exposures, fit, posterior, readings
from mainstay.trials.effect_model_core import EFFECT_SD, LARGE_SWINGS, WEEKDAY_SDS, base_of, regress
from mainstay.trials.kinds import WASHOUT, Schedule
from mainstay.trials.mixtures import mixture_of

PAIRS = [0, 1, 1, 0, 1, 0, 0, 1] * 7


def dense(at, value, base, candidates, grid):
    """The posterior mean of all coefficients by whole matrices, over the same grid."""
    n = len(at)
    centre, unit = value.mean(), value.std()
    y = (value - centre) / unit
    apart = np.abs(at[:, None] - at[None])
    heights, means = [], []
    places = list(itertools.product(WEEKDAY_SDS, grid.rates, grid.ratios))
    seen_of_first = []
    for one in candidates:
        columns = np.column_stack([base.columns, one])
        k, p = base.columns.shape[1], base.columns.shape[1] + one.shape[1]
        for place, (weekday_sd, rate, ratio) in enumerate(places):
            kernel = ratio * np.exp(-rate * apart) + np.eye(n)
            inverse = np.linalg.inv(kernel)
            precision = np.zeros(p)
            precision[base.flat : k] = 1.0 / (weekday_sd**2 * (1.0 + ratio))
            precision[k:] = 1.0 / (EFFECT_SD**2 * (1.0 + ratio))
            squares = columns.T @ inverse @ columns + np.diag(precision)
            mean = np.linalg.solve(squares, columns.T @ inverse @ y)
            rest = y @ inverse @ y - mean @ squares @ mean
            seen = -np.linalg.slogdet(np.linalg.inv(squares)[k:, k:])[1]
            if one is candidates[0]:
                seen_of_first.append(seen)
            heights.append(
                -0.5 * ((n - base.flat) * math.log(rest) + np.linalg.slogdet(kernel)[1])
                - 0.5 * (np.linalg.slogdet(squares)[1] - np.log(precision[base.flat :]).sum())
                + 0.5 * (seen - seen_of_first[place])
                + LARGE_SWINGS * ratio / (1.0 + ratio)
                - (math.log(len(grid.rates)) if ratio == 0.0 else 0.0)
            )
            mean[0] += centre / unit
            means.append(unit * mean)
    weights = np.exp(np.array(heights) - max(heights))
    return weights @ np.array(means) / weights.sum()


def test_it_equals_the_dense_normal_averaged_over_the_grid():
    rng = np.random.default_rng(3)
    schedule = with_arms(PAIRS)
    at = np.sort(rng.uniform(0.0, 56.0, 70))
    value = 3.0 + rng.normal(size=70).cumsum() * 0.2 + exposures(schedule, at, 1.0)[:, 0]
    base = base_of(at, 0, trend=True)
    candidates = [exposures(schedule, at, half_life) for half_life in (0.0, 1.0, 4.0)]
    found = regress(at, value, base, candidates, np.full(3, 1.0 / 3.0))
    mean = dense(at, value, base, candidates, found.grid)
    averaged = found.unit * np.einsum("cwrv,cwrvp->p", found.weights, found.at)
    assert np.allclose(averaged, mean, rtol=1e-6, atol=1e-9)
    assert found.of(len(mean) - 1).mean == pytest.approx(mean[-1], rel=1e-2)


def test_an_effect_is_found_among_swings_trend_and_gaps_and_its_size_is_right():
    rng = np.random.default_rng(5)
    schedule = with_arms([0, 0, 1, 1] * 14)
    seen = observed(rng, schedule, swings=0.5, effect=-1.5, trend=2.0, missing=0.2)
    found = posterior(schedule, seen)
    arm = found.of("walk")
    assert arm.interval().low < -1.5 < arm.interval().high
    assert arm.interval().high < 0.0
    assert arm.chance_better(-1) > 0.95
    assert arm.chance_better(-1, by=5.0) < 0.05
    assert found.trend_a_week[0] == pytest.approx(2.0 / 8.0, abs=3.0 * found.trend_a_week[1])


def test_ninety_percent_intervals_hold_the_truth_about_nine_times_in_ten():
    held = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        schedule = with_arms(np.concatenate([np.repeat(rng.permutation(2), 7) for _ in range(5)]))
        arm = posterior(schedule, observed(rng, schedule, swings=0.4, effect=1.0)).of("walk")
        held += arm.interval().low <= 1.0 <= arm.interval().high
    assert 48 <= held <= 60


def test_what_carries_over_does_not_pull_the_effect_towards_none():
    plain, with_it = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        schedule = with_arms(np.concatenate([np.repeat(rng.permutation(2), 7) for _ in range(6)]))
        seen = observed(rng, schedule, swings=0.3, effect=2.0, half_life=3.0)
        with_it.append(posterior(schedule, seen).of("walk").mean)
        plain.append(fit(schedule, seen, carryover=False).of("walk").mean)
    assert abs(np.mean(with_it) - 2.0) < 0.25
    assert np.mean(plain) < 1.7
    told = posterior(schedule, seen)
    assert told.carries_over > 0.5
    assert told.carryover_half_life_days in (1.0, 2.0, 3.0, 5.0, 8.0)


def in_periods(days, period, seed=0):
    rng = np.random.default_rng(seed)
    return with_arms(np.concatenate([np.repeat(rng.permutation(2), period) for _ in range(days // (2 * period))]))


@pytest.mark.parametrize("half_life", [0.0, 3.0])
def test_days_that_change_daily_tell_no_estimate_and_an_interval_that_holds_what_lasts(half_life):
    held, wider = 0, []
    for seed in range(20):
        schedule = in_periods(56, 1, seed)
        seen = observed(np.random.default_rng(seed), schedule, effect=1.0, half_life=half_life)
        assert isinstance(fit(schedule, seen), CannotSay)
        wide = posterior(schedule, seen)
        interval = wide.of("walk").interval()
        held += interval.low <= 1.0 <= interval.high
        plain = fit(schedule, seen, carryover=False).of("walk").interval()
        wider.append((interval.high - interval.low) / (plain.high - plain.low))
    assert held >= 16
    assert min(wider) > 0.99
    assert np.median(wider) > 1.5


def test_the_refusal_names_periods_that_would_tell_and_those_do():
    seen = observed(np.random.default_rng(1), in_periods(112, 1), effect=1.0)
    refused = fit(in_periods(112, 1), seen)
    assert "look alike on days that change this often" in refused.reason
    assert refused.have < 2.0
    assert refused.need in (7, 10, 14)
    assert refused.would_change == f"periods of {refused.need} days"
    turn = with_arms(np.resize(np.repeat([0, 1, 1, 0], refused.need), 112))
    told = fit(turn, observed(np.random.default_rng(1), turn, effect=1.0))
    assert told.untold is None
    assert told.of("walk").laws == (told.of("walk").law,)


def test_too_few_days_for_any_period_to_tell_are_said_to_be():
    schedule = in_periods(20, 1)
    refused = fit(schedule, observed(np.random.default_rng(1), schedule))
    assert refused.need is None
    assert refused.would_change.startswith("a longer trial")


def test_an_arm_counts_in_full_while_it_is_on_and_halves_after_it():
    schedule = with_arms([0, 1, 0, 0])
    on = exposures(schedule, np.array([0.5, 1.5, 2.0, 3.0, 3.5]), 1.0)[:, 0]
    assert np.allclose(on, [0.0, 1.0, 1.0, 0.5, 0.5**1.5])
    assert np.allclose(exposures(schedule, np.array([0.5, 1.5, 2.5]), 0.0)[:, 0], [0.0, 1.0, 0.0])


def test_days_of_washout_and_days_outside_are_left_out():
    arm = np.array([0, 0, 1, 1])
    washed = Schedule(date(2026, 1, 5), ("usual", "walk"), arm, np.array([0, 0, WASHOUT, 1]), arm, arm * 0)
    seen = observed(np.random.default_rng(1), washed)
    at, _, arms = readings(washed, seen)
    assert np.floor(at).tolist() == [0.0, 1.0, 3.0]
    assert arms.tolist() == [0, 0, 1]


def test_several_arms_are_each_compared_with_the_first():
    rng = np.random.default_rng(2)
    arm = np.concatenate([rng.permutation(3) for _ in range(30)])
    schedule = Schedule(date(2026, 1, 5), ("usual", "walk", "call"), arm, arm, np.arange(90), np.arange(90) // 3)
    at = np.arange(90) + 0.5
    value = wandering(rng, 90, 0.3) + np.array([0.0, 1.5, -1.5])[arm]
    seen = observed(rng, schedule, given=(at, value))
    found = fit(schedule, seen, carryover=False)
    assert found.of("walk").interval().low > 0.5
    assert found.of("call").interval().high < -0.5
    with pytest.raises(BadRequest, match="'swim' is no arm"):
        found.of("swim")


@pytest.mark.parametrize(
    ("days", "value", "reason"),
    [
        (4, None, "too few readings on the trial's days"),
        (20, np.ones(20), "every reading is the same"),
    ],
)
def test_what_is_too_thin_is_told(days, value, reason):
    rng = np.random.default_rng(1)
    schedule = with_arms(([0, 1] * 10)[:days])
    given = None if value is None else (np.arange(days) + 0.5, value)
    found = fit(schedule, observed(rng, schedule, given=given))
    assert isinstance(found, CannotSay)
    assert reason in found.reason


def test_an_arm_hardly_lived_is_told():
    schedule = with_arms([0] * 18 + [1, 1])
    found = fit(schedule, observed(np.random.default_rng(1), schedule))
    assert isinstance(found, CannotSay)
    assert "“walk”" in found.reason
    assert (found.have, found.need) == (2, 3)


def test_a_mixture_of_one_is_students_law():
    stats = pytest.importorskip("scipy.stats")
    law = mixture_of(np.ones(1), np.array([2.0]), np.array([0.5]), 7)
    exact = stats.t(7, 2.0, 0.5)
    assert np.allclose(law.quantiles((0.05, 0.5, 0.95)), exact.ppf([0.05, 0.5, 0.95]), atol=2e-3)
    assert law.cdf(2.6) == pytest.approx(exact.cdf(2.6), abs=1e-3)
    assert law.sd == pytest.approx(exact.std(), rel=1e-9)
