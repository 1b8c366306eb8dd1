"""What is said to be usual holds the truth as often as it says, in swings of hours and of days."""

import pytest

from calibration.usual import COUNTS, KINDS, SIZES, counts, coverage, readings

PEOPLE = 40
LOW = 30 / 40  # below it with chance under .002 where the coverage is .90


@pytest.mark.parametrize("kind", ["half-life 8 hours", "6 hours and 7 days"])
def test_level_and_trend_lie_in_their_intervals(kind):
    level, trend, _ = coverage(lambda seed: readings(seed, 90, 3, kind), PEOPLE)
    assert level >= LOW
    assert trend >= LOW


def test_rates_lie_in_their_intervals():
    level, trend, _ = coverage(lambda seed: counts(seed, 90, "0.3 a day"), PEOPLE)
    assert level >= LOW
    assert trend >= LOW


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_intervals_hold_the_truth_in_nine_of_ten_people(kind, size):
    if size == (35, 5) and kind == "6 hours and 7 days":
        pytest.skip("swings of a week can't be told in five weeks: .76, said in docs/explanation/notice.md")
    level, trend, weekday = coverage(lambda seed: readings(seed, *size, kind), 300)
    assert level >= 0.84
    assert trend >= 0.84
    assert weekday <= 0.12


@pytest.mark.long
@pytest.mark.parametrize("kind", COUNTS)
@pytest.mark.parametrize("days", [90, 365])
def test_rates_hold_the_truth_in_nine_of_ten_people(kind, days):
    level, trend, contrast = coverage(lambda seed: counts(seed, days, kind), 300)
    assert level >= 0.84
    assert trend >= 0.84
    assert contrast <= 0.13
