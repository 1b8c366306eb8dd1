"""Before and after: how many records show anything where nothing is, and how often a true pair is told."""

import pytest

from calibration import before_after as cal
from mainstay.patterns.before_after import FALSE_DISCOVERIES


def most(people: int) -> float:
    """Three standard errors above the promise."""
    return FALSE_DISCOVERIES + 3.0 * (FALSE_DISCOVERIES * (1.0 - FALSE_DISCOVERIES) / people) ** 0.5


def test_a_few_people_in_whom_nothing_goes_with_anything() -> None:
    told, correlated, five, _, pairs = cal.any_told("shared rhythm", 10, seed=3)
    assert pairs == 18
    assert told <= 0.2
    assert correlated >= 0.8
    assert five <= 0.12


@pytest.mark.long
@pytest.mark.parametrize("kind", sorted(cal.NULLS))
def test_few_records_show_any_pair_where_nothing_goes_with_anything(kind: str) -> None:
    told, correlated, five, one, _ = cal.any_told(kind, 300)
    assert told <= most(300)
    assert correlated >= 0.4
    assert five <= 0.065
    assert one <= 0.016


@pytest.mark.long
def test_a_true_pair_is_told_with_its_size() -> None:
    told, ratio, held, _ = cal.power(4.0, 365, 60, ratio=2.0)
    assert told >= 0.8
    assert 1.7 <= ratio <= 2.3
    assert held >= 0.8
    told, lift, held, _ = cal.power(4.0, 365, 60, ratio=1.0, lift=0.5)
    assert told >= 0.8
    assert 0.45 <= lift <= 0.75
    assert held >= 0.8


@pytest.mark.long
def test_falling_by_itself_is_never_told_as_lower_after() -> None:
    for latent in (False, True):
        lower, _, before = cal.after_told(latent, 60)
        assert lower <= 0.05
        assert before >= 0.95
