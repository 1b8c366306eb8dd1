"""Rare exposure: how seldom relief is said to be seen where there is none, and whether intervals hold."""

import pytest

from calibration import rare as cal

PROMISED = 0.05


def most(people: int) -> float:
    """Three standard errors above the promise."""
    return PROMISED + 3.0 * (PROMISED * (1.0 - PROMISED) / people) ** 0.5


def test_a_few_evenings_that_do_nothing() -> None:
    relief, _, held, _, told = cal.nulls("peak of strain", 6, seed=50)
    assert told == 6
    assert relief <= most(6)
    assert held >= 0.5


@pytest.mark.long
@pytest.mark.parametrize("when", cal.WHEN)
@pytest.mark.parametrize("count", [1, 2])
def test_what_does_nothing_is_seldom_said_to_ease(when: str, count: int) -> None:
    people = 80
    relief, either, held, _, _ = cal.nulls(when, people, count)
    assert relief <= most(people)
    assert either <= 2.0 * PROMISED + 3.0 * (0.1 * 0.9 / people) ** 0.5
    assert held >= 0.8


@pytest.mark.long
def test_intervals_hold_what_an_evening_truly_eased() -> None:
    rows = [cal.power(share, 40, count) for share in (0.3, 0.5, 0.75) for count in (1, 2)]
    held = sum(row[1] * row[4] for row in rows) / sum(row[4] for row in rows)
    assert held >= 0.9 - 3.0 * (0.09 / 240) ** 0.5
    assert rows[-1][0].get("relief", 0.0) >= 0.5
