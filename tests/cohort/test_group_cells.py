"""Claims about small cells: no adding and subtracting of what is told gives a number of too few people."""

import itertools

import numpy as np
import pytest

from mainstay.cohort.group_cells import Told, block_means, checked, gives_away, in_steps
from mainstay.cohort.group_differences import Column, Difference, difference
from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay

SMALLEST = 10


def sets_of(names):
    """The groups of a column as members."""
    return [np.array([one == name for one in names]) for name in sorted({one for one in names if one is not None})]


def attack(told, people):
    """The smallest number of people on whom a sum or difference of the groups' totals rests; by brute force.

    Every combination of the groups with weights -1, 0 and 1, over parts of people who are in the same groups.
    """
    parts, sizes = np.unique(np.array(told), axis=1, return_counts=True)
    weights = np.array(list(itertools.product((-1, 0, 1), repeat=len(told))))
    rests_on = ((weights @ parts.astype(int)) != 0) @ sizes
    return int(rests_on[rests_on > 0].min(initial=people))


def columns(rng, people):
    """Columns as people have them: coarse, fine, nearly the same as another, with gaps, of two."""
    coarse = rng.choice(["a", "b", "c"], people, p=[0.6, 0.3, 0.1])
    near = coarse.copy()
    moved = rng.choice(people, int(rng.integers(1, 14)), replace=False)
    near[moved] = rng.choice(["a", "b", "d"], len(moved))
    gaps = [None if rng.uniform() < rng.choice([0.03, 0.3]) else str(one) for one in rng.choice(["x", "y"], people)]
    fine = rng.choice(list("klmnop"), people)
    return {"coarse": coarse.tolist(), "near": near.tolist(), "gaps": gaps, "fine": fine.tolist()}


@pytest.mark.parametrize("seed", range(25))
def test_no_suppressed_cell_can_be_had_by_adding_and_subtracting(seed):
    rng = np.random.default_rng(seed)
    people = int(rng.integers(25, 140))
    y, v = rng.normal(size=people), np.full(people, 0.2)
    told = Told(people, SMALLEST)
    who = np.ones(people, bool)
    published = [who]
    for name, names in columns(rng, people).items():
        one = difference(y, v, Column(name, None, tuple(names)), who, told)
        if isinstance(one, Difference):
            kept = {level.name for level in one.levels}
            published += [np.array([other == each for other in names]) for each in sorted(kept)]
    if len(published) <= 11:
        assert attack(published, people) >= SMALLEST
    assert all(one.sum() >= SMALLEST for one in published)


@pytest.mark.parametrize("seed", range(6))
def test_without_the_guard_the_attack_succeeds(seed):
    """What the attack is worth: where every group is told, it finds few people nearly each time."""
    rng = np.random.default_rng(seed)
    names = columns(rng, 60)
    told = [np.ones(60, bool), *(one for column in ("coarse", "near") for one in sets_of(names[column]))]
    assert attack([one for one in told if one.sum() >= SMALLEST], 60) < SMALLEST


def test_a_group_that_is_all_but_a_few_is_withheld():
    everybody, most = np.ones(50, bool), np.arange(50) < 45
    assert gives_away([everybody, most], SMALLEST)
    assert not gives_away([everybody, np.arange(50) < 40], SMALLEST)


def test_a_small_part_between_two_groups_is_found():
    one, other = np.arange(60) < 32, (np.arange(60) >= 28) & (np.arange(60) < 60)
    assert gives_away([np.ones(60, bool), one, other], SMALLEST)


@pytest.mark.parametrize(("few", "may"), [(1, False), (4, False), (9, False), (25, True)])
def test_a_slope_that_rests_on_few_is_withheld(few, may):
    x = np.where(np.arange(60) < few, 1.0, 0.0)
    assert Told(60, SMALLEST).may_slope(x) is may


def test_two_columns_that_differ_in_one_person_are_not_both_told():
    rng = np.random.default_rng(1)
    x = rng.normal(size=60)
    told = Told(60, SMALLEST)
    assert told.may_slope(x)
    told.add_slope(x)
    for few in (1, 4, 9):
        other = x.copy()
        other[:few] += rng.normal(size=few)
        assert not told.may_slope(other)
    assert told.may_slope(rng.normal(size=60))


@pytest.mark.parametrize(("few", "may"), [(0, True), (3, False), (9, False), (20, True)])
def test_groups_that_differ_from_a_slope_in_few_people_are_not_told_after_it(few, may):
    """A slope over 0 and 1 is a difference of two groups; whichever is told first."""
    group = np.random.default_rng(3).permutation(60) < 30
    other = group.copy()
    other[:few] = ~other[:few]
    told = Told(60, SMALLEST)
    assert told.may_slope(group.astype(float))
    told.add_slope(group.astype(float))
    assert told.may([other, ~other]) is may


def test_a_slope_that_one_person_bears_is_withheld():
    x = np.random.default_rng(2).normal(size=60)
    x[3] = 400.0
    assert not Told(60, SMALLEST).may_slope(x)


def test_what_one_sure_person_bears_is_withheld():
    """Where people do not differ and one is very sure, the mean of their group is theirs."""
    rng = np.random.default_rng(7)
    y, v, everybody = 0.1 * rng.normal(size=45), np.ones(45), np.ones(45, bool)
    names = tuple(["a"] * 15 + ["b"] * 15 + ["c"] * 15)
    x = rng.normal(size=45)
    assert len(difference(y, v, Column("group", None, names), everybody, Told(45, SMALLEST)).levels) == 3
    v[3] = 1e-6
    said = difference(y, v, Column("group", None, names), everybody, Told(45, SMALLEST))
    assert [level.name for level in said.levels] == ["b", "c"]
    v[[20, 40]] = 1e-6
    for column in (Column("group", None, names), Column("x", x, ())):
        assert isinstance(difference(y, v, column, everybody, Told(45, SMALLEST)), CannotSay)


def test_a_slope_says_who_is_lacking():
    """Known of everybody, but too few have a size."""
    has = np.arange(60) < 15
    column = Column("arm", np.arange(60.0), ())
    said = difference(np.zeros(15), np.ones(15), column, has, Told(15, SMALLEST))
    assert said.reason == "too few people have both a size here and “arm”"


def test_counts_are_told_in_steps():
    assert [in_steps(count, 10) for count in (0, 9, 10, 49, 50)] == [0, 0, 10, 40, 50]
    with pytest.raises(BadRequest):
        checked(4)


def test_what_is_missing_from_a_total_in_steps_stays_unknown():
    """Of 50 to 69 people with 0 to 9 of them without a size, no told pair of counts leaves fewer than three answers."""
    seen = {}
    for people in range(50, 70):
        for missing in range(10):
            seen.setdefault((in_steps(people, 10), in_steps(people - missing, 10)), set()).add(missing)
    assert min(len(one) for one in seen.values()) >= 9


@pytest.mark.parametrize("people", [9, 39, 40, 57, 400])
def test_a_block_is_never_fewer_people_than_the_smallest_cell(people):
    values = np.random.default_rng(people).normal(size=people)
    blocks = block_means(values, SMALLEST)
    assert len(blocks) == (min(people // SMALLEST, 12) if people >= 40 else 0)
    assert not np.isin(blocks, values).any()
    assert (np.diff(blocks) > 0.0).all()
