"""Likeness: how often a stretch that means nothing is told to be back, and how often one that is back is told."""

import functools

import pytest

from calibration import likeness as cal

FALSE = 0.05


def test_a_few_people_in_whom_a_name_means_nothing() -> None:
    for kind in ("days hang together", "a trend"):
        like, _, _ = cal.statuses(functools.partial(cal.null, kind, days=365), 6, seed=3)
        assert like == 0.0


@pytest.mark.long
@pytest.mark.parametrize("kind", [*sorted(cal.NULLS), cal.WORST])
def test_few_records_are_told_to_be_like_what_means_nothing(kind: str) -> None:
    people = 40
    for days in (365, 730):
        for count in (1, 2):
            like, _, _ = cal.statuses(functools.partial(cal.null, kind, days=days, count=count), people)
            assert like <= FALSE + 2.0 * (FALSE * (1.0 - FALSE) / people) ** 0.5


@pytest.mark.long
@pytest.mark.parametrize("count", [1, 2])
def test_what_is_back_is_told_and_what_is_not_is_not(count: int) -> None:
    for days in (365, 730):
        made = functools.partial(cal.returning, days=days, count=count)
        assert cal.statuses(made, 20)[0] >= 0.8
        for more in ({"back": False}, {"back": False, "other": True}):
            like, unlike, _ = cal.statuses(functools.partial(made, **more), 20)
            assert like <= 0.05
            assert unlike >= 0.6
