"""Nulls first: whatever the noise, few records without a change show one; then power, and when it was."""

import math

import pytest

from calibration import segmenting as cal

MOST = 0.05


def most(share, series):
    """Three standard errors above a share."""
    return share + 3.0 * math.sqrt(share * (1.0 - share) / series)


@pytest.mark.parametrize("kind", ["autocorrelation .8", "heavy tails, autocorrelation .6", "faint trend", "rhythm"])
def test_few_false_changes_in_short_records(kind):
    assert cal.false_changes(kind, 100, 60) <= most(MOST, 60)


@pytest.mark.long
@pytest.mark.parametrize("n", cal.SIZES)
@pytest.mark.parametrize("kind", sorted(cal.NULLS))
def test_false_changes_stay_under_stated_rate(kind, n):
    assert cal.false_changes(kind, n, 400) <= most(MOST, 400)


@pytest.mark.long
def test_one_shift_is_told_from_none_nearly_as_well_as_can_be():
    (ours, cusum, split), _ = cal.power(2000)
    assert cusum == pytest.approx(0.958, abs=0.008)
    assert ours >= 0.955 - 0.005
    assert ours > split


def test_an_interval_holds_the_change():
    inside, length, one = cal.held(365, 1.5, 0.4, 40)
    assert one >= 0.8
    assert inside >= most(0.9, 40) - 0.3
    assert length < 40.0


@pytest.mark.long
@pytest.mark.parametrize("design", cal.WHENS)
def test_intervals_for_when_hold_nine_tenths(design):
    n, size, keep, irregular = design
    inside, _, one = cal.held(n, size, keep, 300, irregular=irregular)
    assert inside >= 0.9 - 3.0 * math.sqrt(0.09 / (300 * one))


@pytest.mark.long
@pytest.mark.parametrize("design", cal.COUNTS)
def test_changes_of_rate_are_told_and_steady_rates_are_not(design):
    n, before, after, excess = design
    told, one, inside = cal.counted(n, before, after, 300, excess)
    if before == after:
        assert told <= most(MOST, 300)
    else:
        assert told >= 0.1
        assert inside >= 0.9 - 3.0 * math.sqrt(0.09 / (300 * one))


@pytest.mark.long
@pytest.mark.parametrize("kind", cal.STEADY_COUNTS)
def test_few_false_changes_of_rate(kind):
    assert cal.false_rates(kind, 365, 400) <= most(MOST, 400)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["white", "autocorrelation .8", "heavy tails", "missing"])
def test_few_false_changes_of_spread(kind):
    assert cal.false_spreads(kind, 365, 200) <= most(MOST, 200)
