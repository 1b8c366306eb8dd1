"""How soon the own limit is reached: a survival curve that falls, is what plain counting gives, and ends in time."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from futures.made_up import LIMIT, WORST, futures, recorded
from mainstay.futures.urgency import points_of, time_to_limit
from mainstay.quantities import CannotSay


def reached_by_hand(paths, limit, days):
    """By when each future has spent so many days in a row beyond the limit; 10,000 where it never does."""
    found = []
    for row in paths.at_rest[:, None] + paths.strain:
        run, at = 0, 10_000
        for day, value in enumerate(row):
            run = run + 1 if value > limit else 0
            if run == days:
                at = day + 1
                break
        found.append(at)
    return np.array(found)


def test_the_curve_is_what_plain_counting_gives():
    paths = futures(n=200, days=60)
    told = time_to_limit(paths, LIMIT)
    by_hand = reached_by_hand(paths, LIMIT.rating, LIMIT.days)
    for day, left in told.left.items():
        assert math.isclose(left.mean, (by_hand > day).mean())
    for days, chance in told.within.items():
        assert math.isclose(chance.mean, (by_hand <= days).mean())
    assert list(told.within) == [14, 28, 56, 60]
    half = np.sort(by_hand)[99]
    assert told.median_day == (half if half <= 60 else None)


@pytest.mark.parametrize("limit", [LIMIT, WORST], ids=["each day", "on average"])
def test_it_begins_with_all_falls_and_keeps_its_interval(limit):
    told = time_to_limit(futures(n=300, days=200), limit, recorded())
    left = list(told.left.values())
    assert next(iter(told.left)) == 0
    assert list(told.left)[-1] == 200
    assert len(left) <= 60
    assert left[0].mean == 1.0
    assert all(earlier.mean >= later.mean for earlier, later in itertools.pairwise(left))
    assert all(0.0 <= one.low <= one.mean <= one.high <= 1.0 for one in left)


def test_days_in_a_row_may_begin_on_record():
    high = replace(futures(days=10), strain=np.full((40, 10), 4.0, np.float32))
    before = replace(recorded(), rating=np.r_[np.full(18, 3.0), 4.5, 4.5])
    assert time_to_limit(high, LIMIT, before).median_day == 1
    assert time_to_limit(high, LIMIT).median_day == 3


def test_a_limit_that_is_reached_already_is_no_future():
    told = time_to_limit(futures(), LIMIT, replace(recorded(), rating=np.full(20, 4.5)))
    assert told.already
    assert not told.left


def test_fewer_than_half_within_the_horizon_have_no_median():
    low = replace(futures(), strain=np.zeros((40, 30), np.float32))
    told = time_to_limit(low, LIMIT)
    assert told.median_day is None
    assert told.within[30].mean == 0.0


def test_without_a_scale_there_is_no_limit_to_reach():
    told = time_to_limit(futures(at_rest=None), LIMIT)
    assert isinstance(told, CannotSay)
    assert "no scale" in told.reason


@pytest.mark.parametrize("days", [1, 2, 59, 60, 61, 365])
def test_points_begin_and_end_with_the_days(days):
    points = points_of(days)
    assert points[0] == 0
    assert points[-1] == days - 1
    assert len(points) == min(days, 60)
