"""What refuges share: how often an attribute comes out by chance, and how often one that tells what eases does."""

import numpy as np
import pytest

from calibration import shared as cal

PROMISED = 0.05


def most(people: int) -> float:
    """Three standard errors above the promise."""
    return PROMISED + 3.0 * (PROMISED * (1.0 - PROMISED) / people) ** 0.5


def test_a_few_records_in_which_attributes_are_dealt_by_chance() -> None:
    rows = [cal.nulls(kind, 5, 2, 60) for kind in cal.KINDS]
    assert np.mean([row[0] for row in rows]) <= most(180)


def test_what_tells_what_eases_comes_first_with_six_companies_and_is_suggested_with_eight() -> None:
    _, first = cal.power(6, 2, 40)
    assert first >= 0.85
    suggested, first = cal.power(8, 2, 40)
    assert suggested >= 0.7
    assert first >= 0.85


@pytest.mark.long
@pytest.mark.parametrize("count", [4, 5, 6])
@pytest.mark.parametrize("attributes", [1, 2, 3, 6])
def test_attributes_dealt_by_chance_seldom_come_out(count: int, attributes: int) -> None:
    people = 300
    rows = [cal.nulls(kind, count, attributes, people) for kind in cal.KINDS]
    leads = [suggested + unconfirmed for suggested, unconfirmed, *_ in rows]
    assert np.mean(leads) <= most(3 * people)
    assert max(leads) <= 2.0 * PROMISED + 3.0 * (0.1 * 0.9 / people) ** 0.5
    assert max(suggested for suggested, *_ in rows) <= (0.02 if count >= 6 else 0.0)


@pytest.mark.long
def test_the_replay_says_what_was_knowable_and_no_more() -> None:
    people = 20
    unexplained = ("", "established_unexplained")
    first, evening, knows = cal.replay("two_roles", cal.DATES["before the call"], people)
    assert first.get(unexplained, 0) >= 0.9 * people
    assert (evening, knows) == ({"-": people}, {"-": people})
    for date in ("after the call", "after the evening"):
        first, evening, knows = cal.replay("two_roles", cal.DATES[date], people)
        assert first.get(("no_part_to_play", "unconfirmed"), 0) >= 0.9 * people
        assert knows.get("tied", 0) >= 0.9 * people
    assert evening.get("relief_observed_recovery_untested", 0) >= 0.9 * people


@pytest.mark.long
def test_where_another_truth_holds_that_comes_out() -> None:
    people = 20
    first, evening, _ = cal.replay("warmth_restores", "2025-07-08", people)
    assert first.get(("warm", "unconfirmed"), 0) >= 0.9 * people
    assert evening.get("relief_observed_recovery_untested", 0) <= 1
    first, evening, _ = cal.replay("nothing_restores", "2025-07-08", people)
    assert first.get(("", "not_found"), 0) >= 0.9 * people
    assert evening.get("relief_observed_recovery_untested", 0) <= 1
