"""Pretexts: how often something is proposed where nothing behaves like a refuge, and where something does."""

import pytest

from calibration import pretexts as cal
from mainstay.patterns.pretexts import WRONG_PROPOSALS


def most(people: int) -> float:
    """Three standard errors above the promise."""
    return WRONG_PROPOSALS + 3.0 * (WRONG_PROPOSALS * (1.0 - WRONG_PROPOSALS) / people) ** 0.5


def test_a_few_people_in_whom_nothing_else_behaves_like_a_refuge() -> None:
    proposed, comes, eases, asked, _ = cal.proposals("after hard days", 4, seed=10)
    assert proposed == 0.0
    assert comes > 0.3
    assert eases <= 0.1
    assert asked == 5


@pytest.mark.long
@pytest.mark.parametrize("kind", sorted(cal.NULLS))
def test_few_records_propose_anything_where_nothing_behaves_like_a_refuge(kind: str) -> None:
    proposed, comes, eases, _, _ = cal.proposals(kind, 60)
    assert proposed <= most(60)
    assert eases <= 0.05
    if kind in {"unrelated", "at peak hours", "in bursts", "recorded more and more"}:
        assert comes <= 0.1


@pytest.mark.long
@pytest.mark.parametrize("is_", ["other", "demand"])
def test_the_quarrels_of_two_roles_are_proposed_and_its_drinks_never(is_: str) -> None:
    quarrel, others = cal.hidden(20, is_)
    assert quarrel >= 0.9
    assert others <= 0.05


@pytest.mark.long
def test_what_relieves_at_set_hours_or_relieves_nothing_is_hardly_ever_proposed() -> None:
    assert cal.hidden(60, "relief", "warmth_restores", seed=101)[1] <= most(60)
    assert cal.hidden(20, "other", "nothing_restores") == (0.0, 0.0)


@pytest.mark.long
def test_a_refuge_on_record_as_other_is_found_within_half_a_year() -> None:
    assert cal.power(0.5, 182.0, 30)[0] >= 0.75
    assert cal.power(1.0, 365.0, 30)[0] >= 0.9


@pytest.mark.long
def test_pulls_apart_keep_their_intervals_and_tell_no_difference_that_is_not_there() -> None:
    estimates, told = cal.pulls(cal.ordinary, {"": 1.0}, 40)
    for n, off, held in estimates.values():
        assert n >= 60
        assert abs(off) <= 0.15
        assert 0.8 <= held <= 0.98
    assert told["role"].get("found", 0.0) <= 0.1
    assert told["hour"].get("found", 0.0) <= 0.1


@pytest.mark.long
def test_a_difference_between_roles_is_told_where_there_is_one() -> None:
    estimates, told = cal.pulls(lambda one: cal.sought_in(cal.BY_ROLES, one), cal.BY_ROLES, 40, "refuge by role")
    assert told["role"].get("found", 0.0) >= 0.2
    for (kind, _), (_, off, held) in estimates.items():
        if kind == "role":
            assert abs(off) <= 0.3
            assert held >= 0.75
