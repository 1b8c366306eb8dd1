"""Slips: the budget on every null, how soon a rise is found, and whether intervals hold the truth."""

import math

import pytest

from calibration import slips as cal

ALLOWED = 1.4
BEYOND_THE_BUDGET = (("autocorrelated_strongly", 0.5), ("autocorrelated_strongly", 3.0))
"""Rates that swing by 60 % with a half-life of three days, in people who slip often: up to three times the budget."""


def test_the_budget_holds_where_a_few_people_are_looked_at() -> None:
    alarms, months, _, _ = cal.false_alarms("autocorrelated", 0.5, 40, seed=11)
    assert months > 1300
    assert alarms <= 5.5 + 3.0 * math.sqrt(5.5)


@pytest.mark.long
@pytest.mark.parametrize("a_day", cal.A_DAY)
@pytest.mark.parametrize("kind", sorted(cal.NULLS))
def test_false_alarms_stay_under_stated_rate(kind: str, a_day: float) -> None:
    _, months, times, high = cal.false_alarms(kind, a_day, 300)
    assert months > 8000
    if (kind, a_day) in BEYOND_THE_BUDGET:
        assert times <= 3.5
    else:
        assert high <= ALLOWED


@pytest.mark.long
@pytest.mark.parametrize("kind", ["constant", "bad_days", "autocorrelated"])
def test_several_kinds_of_slips_keep_one_budget_together(kind: str) -> None:
    _, months, _, high = cal.false_alarms_together(150, kind)
    assert months > 5000
    assert high <= ALLOWED


@pytest.mark.long
@pytest.mark.parametrize(("a_day", "ratio", "within_a_quarter"), [(0.3, 3.0, 0.9), (1.0, 2.0, 0.8), (0.1, 4.0, 0.75)])
def test_a_rise_is_found_within_a_quarter_of_a_year(a_day: float, ratio: float, within_a_quarter: float) -> None:
    _, _, quarter, year = cal.power(a_day, ratio, 150)
    assert quarter >= within_a_quarter
    assert year >= 0.98


@pytest.mark.long
@pytest.mark.parametrize(("a_day", "ratio"), [(0.3, 3.0), (1.0, 2.0)])
def test_intervals_of_what_was_found_hold_the_truth(a_day: float, ratio: float) -> None:
    found, held, dated = cal.ratio_held(a_day, ratio, 100)
    assert found >= 90
    assert held >= 0.87
    assert dated >= 0.87
