"""Explanations: how often a listed cause leads where none is at work, and the right one where it is."""

import numpy as np
import pytest

from calibration import explanations as cal

FALSE_LEADS = 0.05
"""Of records in which nothing on the list is at work: those in which a cause leads that rests on measured sizes."""


def share(kind: str, people: int, wanted: bool, seed: int = 0) -> float:
    """Share of records in which the right cause leads (`wanted`), or a wrong one that does not rest on company."""
    every = [one for one in cal.leaders(kind, people, seed) if one is not None]
    hits = [
        kind in one.leaders if wanted else any(name not in (*cal.COMPANY, kind) for name in one.leaders)
        for one in every
    ]
    return float(np.mean(hits))


def test_in_a_few_people_the_right_cause_leads_and_no_other() -> None:
    for kind in ("illness", "sleep"):
        assert share(kind, 2, wanted=True, seed=8) >= 0.5
        assert share(kind, 2, wanted=False, seed=8) == 0.0


@pytest.mark.long
@pytest.mark.parametrize("kind", sorted(cal.NULLS))
def test_few_records_show_a_cause_that_is_not_at_work(kind: str) -> None:
    people = 60
    assert share(kind, people, wanted=False) <= FALSE_LEADS + 2.0 * (FALSE_LEADS * (1.0 - FALSE_LEADS) / people) ** 0.5


@pytest.mark.long
@pytest.mark.parametrize("kind", sorted(cal.CAUSES))
def test_the_cause_at_work_leads(kind: str) -> None:
    assert share(kind, 20, wanted=True) >= 0.5


@pytest.mark.long
def test_replayed_the_statuses_come_in_order() -> None:
    people = 20
    wanted = (
        ("established_unexplained", ()),
        ("unconfirmed", ("role concealment",)),
        ("unconfirmed", ("role concealment",)),
        ("unconfirmed", ("too little warm company",)),
        ("established_unexplained", ()),
    )
    for (variant, day), answer in zip(cal.REPLAYED, wanted, strict=True):
        seen = [cal.replayed(variant, seed, day) for seed in range(people)]
        assert seen.count(answer) >= 0.9 * people, (variant, day, seen)
