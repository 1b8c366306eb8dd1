"""Several trials taken together: an independent implementation's numbers, and intervals that hold."""

import math

import numpy as np
import pytest

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.trials.pooled import pooled

BCG = [
    -0.8893,
    -1.5854,
    -1.3481,
    -1.4416,
    -0.2175,
    -0.7861,
    -1.6209,
    0.0120,
    -0.4694,
    -1.3713,
    -0.3394,
    0.4459,
    -0.0173,
]
BCG_VARIANCES = [0.3256, 0.1946, 0.4154, 0.0200, 0.0512, 0.0069, 0.2230, 0.0040, 0.0564, 0.0730, 0.0124, 0.5325, 0.0714]
"""Thirteen trials of a vaccine, log risk ratios (Colditz and others 1994)."""


def test_thirteen_trials_of_a_vaccine_give_what_statsmodels_gives_in_version_0_15():
    found = pooled(BCG, np.sqrt(BCG_VARIANCES), level=0.95)
    assert found.between_sd**2 == pytest.approx(0.31808244, rel=1e-5)
    assert found.mean == pytest.approx(-0.71497031, rel=1e-5)
    assert found.sd == pytest.approx(0.18089453, rel=1e-5)
    assert (found.interval.low, found.interval.high) == pytest.approx((-1.10910564, -0.32083498), rel=1e-4)
    assert found.next_one.low < found.interval.low < found.interval.high < found.next_one.high


def test_what_is_left_is_as_large_as_it_should_be():
    y, v = np.array(BCG), np.array(BCG_VARIANCES)
    found = pooled(y, np.sqrt(v))
    weights = 1.0 / (v + found.between_sd**2)
    assert float(weights @ (y - found.mean) ** 2) == pytest.approx(len(y) - 1, rel=1e-9)


def test_trials_that_agree_too_well_are_not_told_more_exactly_than_their_own_errors_allow():
    found = pooled([1.0, 1.0, 1.0], [0.3, 0.3, 0.3])
    assert (found.between_sd, found.share_between) == (0.0, 0.0)
    assert found.sd == pytest.approx(0.3 / math.sqrt(3.0))


@pytest.mark.parametrize("between", [0.0, 0.6])
def test_intervals_of_few_trials_hold_the_mean_and_the_next_one_about_nine_times_in_ten(between):
    rng = np.random.default_rng(1)
    held, next_held, n = 0, 0, 400
    for _ in range(n):
        sds = rng.uniform(0.2, 0.8, 5)
        own = 1.0 + between * rng.normal(size=6)
        found = pooled(own[:5] + sds * rng.normal(size=5), sds)
        held += 1.0 in found.interval
        next_held += own[5] in found.next_one
    assert held / n >= 0.87
    assert next_held / n >= 0.84


def test_one_trial_is_not_pooled_and_two_say_nothing_of_the_next():
    assert isinstance(pooled([1.0], [0.2]), CannotSay)
    assert pooled([1.0, 2.0], [0.2, 0.3]).next_one is None


@pytest.mark.parametrize(
    ("y", "sds", "level", "says"),
    [
        ([1.0, 2.0], [0.1], 0.9, "one for each"),
        ([1.0, np.nan], [0.1, 0.1], 0.9, "finite"),
        ([1.0, 2.0], [0.1, 0.0], 0.9, "above 0"),
        ([1.0, 2.0], [0.1, 0.1], 1.0, "between 0 and 1"),
    ],
)
def test_misuse_is_refused(y, sds, level, says):
    with pytest.raises(BadRequest, match=says):
        pooled(y, sds, level=level)
