"""Reactions: how many records show one where nothing is out of character, and how many find the one that is."""

import pytest

from calibration import reactions as cal
from mainstay.notice.reactions import CHANCE_OF_ANY


def most(chance: float, people: int) -> float:
    """Three standard errors above a chance."""
    return chance + 3.0 * (chance * (1.0 - chance) / people) ** 0.5


def test_a_few_people_in_whom_nothing_is_out_of_character() -> None:
    some, other, _, scored = cal.any_told("rhythm", 10, seed=7)
    assert scored > 100
    assert other <= some <= 0.1


@pytest.mark.long
@pytest.mark.parametrize("kind", sorted(cal.NULLS))
def test_few_records_show_any_where_nothing_is_out_of_character(kind: str) -> None:
    some, other, low, _ = cal.any_told(kind, 200)
    assert some <= most(CHANCE_OF_ANY, 200)
    assert other <= most(CHANCE_OF_ANY, 200)
    assert low <= 0.08


@pytest.mark.long
@pytest.mark.parametrize("count", [5, 12, 40])
def test_few_records_show_any_where_what_was_expected_came(count: int) -> None:
    kinds = [(sd, None, 0.0) for sd in cal.WRITTEN.values()] + [(0.5, None, 0.5)]
    for sd, freedom, bias in kinds:
        some, other = cal.any_written(1000, count, sd, freedom, bias)
        assert other <= some <= most(CHANCE_OF_ANY, 1000)
    heavy, _ = cal.any_written(1000, count, 0.5, 3.0)
    assert heavy <= most(2.0 * CHANCE_OF_ANY, 1000)


@pytest.mark.long
def test_a_reaction_that_turns_round_is_found_if_it_is_large() -> None:
    unlike, other = cal.found_once(4.0, 60)
    assert unlike >= other >= 0.4
    assert cal.found_once(1.0, 60)[0] <= 0.1


@pytest.mark.long
def test_a_written_expectation_that_fails_clearly_is_found() -> None:
    assert cal.reversed_written(500, 0.2, 3.0) >= 0.95
    assert cal.reversed_written(500, 0.5, 4.0) >= 0.9
