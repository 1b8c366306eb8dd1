"""Claims about estimates drawn towards those of others: their intervals hold, and only lenders lend."""

import numpy as np
import pytest

from cohort.test_group_mean import population
from mainstay.cohort.group_shrink import FEWEST, shrunken
from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay


def held(k, spread, kind, times, seed, lending=lambda k: np.ones(k, bool)):
    """How many people's intervals hold, of lenders and of others, and by how much the error fell."""
    rng = np.random.default_rng(seed)
    inside, errors = {True: [], False: []}, []
    for _ in range(times):
        true = spread * population(kind, k, rng)
        sd = rng.uniform(0.3, 1.2, k)
        y, lends = true + sd * rng.normal(size=k), lending(k)
        found = shrunken(y, sd, lends)
        fine = (found.low <= true) & (true <= found.high)
        for which in (True, False):
            inside[which] += fine[lends == which].tolist()
        errors.append([np.mean((found.estimates - true) ** 2), np.mean((y - true) ** 2)])
    ours, plain = np.mean(errors, axis=0)
    return np.mean(inside[True]), np.mean(inside[False] or [np.nan]), ours / plain


@pytest.mark.parametrize(("k", "times"), [(20, 60), (50, 30)])
def test_nine_of_ten_hold_and_errors_fall(k, times):
    inside, _, error = held(k, 0.5, "normal", times, seed=k)
    assert inside > 0.87
    assert error < 0.6


@pytest.mark.long
@pytest.mark.parametrize("k", [20, 50, 200])
@pytest.mark.parametrize("spread", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("kind", ["normal", "heavy", "two sorts", "skewed"])
def test_nine_of_ten_hold_whatever_people_are_like(k, spread, kind):
    inside, others, error = held(
        k, spread, kind, 200, seed=7 * k, lending=lambda k: np.arange(k) % 5 < (5 if k < 30 else 4)
    )
    assert inside > 0.87
    assert k < 30 or others > 0.87
    assert error < 1.0


def test_whoever_does_not_lend_changes_nothing_for_others():
    rng = np.random.default_rng(2)
    y, sd, lends = rng.normal(size=30), np.full(30, 0.5), np.arange(30) < 25
    found = shrunken(y, sd, lends)
    y[25:] += 40.0
    moved = shrunken(y, sd, lends)
    assert np.array_equal(found.estimates[:25], moved.estimates[:25])
    assert np.array_equal(found.low[:25], moved.low[:25])


def test_whoever_does_not_lend_is_judged_by_those_who_do():
    rng = np.random.default_rng(3)
    y, sd = 0.1 * rng.normal(size=30), np.full(30, 0.5)
    y[-1] = 1.0
    found = shrunken(y, sd, np.arange(30) < 29)
    assert abs(found.estimates[-1]) < 0.7
    assert found.lenders == 29


def test_it_is_the_integral_over_all_spreads():
    rng = np.random.default_rng(4)
    y, sd = rng.normal(size=24), rng.uniform(0.4, 1.0, 24)
    found = shrunken(y, sd, np.ones(24, bool))
    at = np.linspace(1e-4, 8.0, 20_000)
    w = 1.0 / (sd**2 + at[:, None] ** 2)
    mean = (w @ y) / w.sum(axis=1)
    like = 0.5 * (np.log(w).sum(axis=1) - np.log(w.sum(axis=1)) - (w * (y - mean[:, None]) ** 2).sum(axis=1))
    chance = at * np.exp(like - like.max())
    share = at[:, None] ** 2 * w
    slow = (chance @ (share * y + (1.0 - share) * mean[:, None])) / chance.sum()
    assert found.estimates == pytest.approx(slow, abs=2e-3)


def test_too_few_lenders_draw_nobody():
    said = shrunken(np.zeros(50), np.ones(50), np.arange(50) < 19)
    assert isinstance(said, CannotSay)
    assert (said.have, said.need) == (19, FEWEST)


def test_a_word_on_lending_for_each_is_needed():
    with pytest.raises(BadRequest):
        shrunken(np.zeros(30), np.ones(30), np.ones(29, bool))
