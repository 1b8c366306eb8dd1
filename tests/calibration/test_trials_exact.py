"""The randomisation test keeps its level whatever the life, and its intervals hold the effect."""

import pytest

from calibration import trials_exact as cal


def most(share: float, trials: int) -> float:
    """Three standard errors above a share."""
    return share + 3.0 * (share * (1.0 - share) / trials) ** 0.5


@pytest.mark.parametrize("design", sorted(cal.DESIGNS))
def test_a_few_trials_without_an_effect_in_the_hardest_life(design: str) -> None:
    size, silent = cal.rejected(design, "all at once", 400)
    assert size <= most(0.05, 400)
    assert silent <= 0.05


@pytest.mark.long
@pytest.mark.parametrize("life", sorted(cal.LIVES))
@pytest.mark.parametrize("design", sorted(cal.DESIGNS))
@pytest.mark.parametrize("statistic", ["difference", "trend"])
def test_size_is_at_most_six_in_a_hundred_at_five(design: str, life: str, statistic: str) -> None:
    size, silent = cal.rejected(design, life, 2000, statistic=statistic)
    assert size <= 0.06
    assert silent <= 0.05


@pytest.mark.long
def test_size_of_a_ratio_of_events_that_wander_and_rise() -> None:
    assert cal.events(2000) <= 0.06


@pytest.mark.long
@pytest.mark.parametrize("statistic", ["difference", "trend"])
@pytest.mark.parametrize("life", ["independent", "correlated .8", "trend"])
@pytest.mark.parametrize("design", ["contacts", "blocks", "start"])
def test_intervals_hold_the_effect(design: str, life: str, statistic: str) -> None:
    held, _ = cal.covers(design, life, 600, statistic=statistic)
    assert held >= 0.95 - 3.0 * (0.95 * 0.05 / 600) ** 0.5


@pytest.mark.long
def test_an_effect_of_one_sd_is_found_within_two_months_of_contacts() -> None:
    assert cal.rejected("contacts", "independent", 300, effect=1.0)[0] >= 0.7
    assert cal.rejected("alternating", "correlated .5", 300, effect=1.0)[0] >= 0.8
