"""Drawn by lot: every order as likely as every other, the same for one seed, and left out what is washed out."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.records.statements_protocol import AnalysisTable
from mainstay.trials.designs import space
from mainstay.trials.drawing import analysed, could_be_drawn, draw, draw_each, every, many
from trials.protocols import protocol

AB = ("as usual", "evening")
SPACES = {
    "alternating": protocol("alternating", 8, level=0.2),
    "alternating, odd": protocol("alternating", 7, level=0.2),
    "alternating, runs of two": protocol("alternating", 9, longest=2),
    "three arms, runs of three": protocol("alternating", 8, arms=("a", "b", "c"), longest=3, level=0.2),
    "blocks": protocol("blocks", 15, arms=("a", "b", "c"), level=0.2),
    "blocks, runs": protocol("blocks", 12, block=4, longest=2),
    "contacts": protocol("contacts", 14, a_week=2, apart=3),
    "contacts, no long wait": protocol("contacts", 14, a_week=2, longest=4),
    "one change": protocol("start_by_lot", 60, phases=AB, least=10),
    "three changes": protocol("start_by_lot", 16, phases=AB * 2, least=2),
}


@pytest.mark.parametrize("case", sorted(SPACES))
def test_every_order_is_drawn_as_often_as_every_other(case) -> None:
    stats = pytest.importorskip("scipy.stats")
    found = space(SPACES[case])
    orders = {tuple(order): i for i, order in enumerate(every(found).tolist())}
    n = 60 * len(orders)
    drawn = [orders[tuple(order)] for order in many(found, n, np.random.default_rng(11)).tolist()]
    often = np.bincount(drawn, minlength=len(orders))
    assert len(often) == len(orders)
    assert stats.chisquare(often).pvalue > 0.001


@pytest.mark.parametrize("case", sorted(SPACES))
def test_one_seed_draws_one_order_and_it_is_admissible(case) -> None:
    found = space(SPACES[case])
    one, again = (draw(found, np.random.default_rng(77)) for _ in range(2))
    assert one.drawn == again.drawn
    assert could_be_drawn(found, one.arm.astype(np.int8))
    assert len({draw(found, np.random.default_rng(seed)).drawn for seed in range(30)}) > 10


def test_long_walks_are_drawn_evenly_at_every_day() -> None:
    found = space(protocol("alternating", 180, longest=3))
    orders = many(found, 4000, np.random.default_rng(2))
    assert (orders.sum(axis=1) == 90).all()
    assert np.abs(orders.mean(axis=0) - 0.5).max() < 0.04
    assert all(could_be_drawn(found, one) for one in orders[:50])


def test_several_baselines_are_drawn_apart() -> None:
    found = space(protocol("start_by_lot", 40, phases=AB, least=5, baselines=("sleep", "anger")))
    rng = np.random.default_rng(4)
    begins = np.array([[int((one.arm == 0).sum()) for one in draw_each(found, rng)] for _ in range(300)])
    assert begins.shape == (300, 3)
    assert begins.min() >= 5
    assert begins.max() <= 35
    assert np.abs(np.corrcoef(begins.T)[np.triu_indices(3, 1)]).max() < 0.2


def test_days_after_a_change_are_washed_out() -> None:
    found = space(protocol("blocks", 36, period=3, washout=1))
    schedule = draw(found, np.random.default_rng(1))
    changed = np.flatnonzero(np.diff(schedule.arm)) + 1
    assert (np.flatnonzero(schedule.analysed < 0) == changed).all()
    kept = schedule.analysed >= 0
    assert (schedule.analysed[kept] == schedule.arm[kept]).all()


def test_the_days_after_a_contact_are_washed_out_and_never_the_contact() -> None:
    found = space(protocol("contacts", 28, a_week=2, washout=1))
    orders = many(found, 200, np.random.default_rng(1))
    left = analysed(found, orders)
    assert (left[orders == 1] == 1).all()
    after = (orders[:, :-1] == 1) & (orders[:, 1:] == 0)
    assert (left[:, 1:][after] == -1).all()
    assert (left < 0).sum() == after.sum()


def test_what_memory_cannot_hold_is_refused() -> None:
    found = space(protocol("alternating", 200))
    with pytest.raises(BadRequest, match="draw some of them"):
        every(found)
    with pytest.raises(BadRequest, match="can be held"):
        many(found, 10**9, np.random.default_rng(1))


@st.composite
def small_designs(draws):
    """Any small design of periods or contacts, sensible or not."""
    if draws(st.booleans()):
        weeks, a_week = draws(st.integers(1, 2)), draws(st.integers(1, 6))
        apart = draws(st.integers(1, 5))
        return protocol("contacts", 7 * weeks, a_week=a_week, apart=apart, longest=draws(st.none() | st.integers(1, 6)))
    kind, arms = draws(st.sampled_from(["alternating", "blocks"])), draws(st.integers(2, 3))
    units, longest = draws(st.integers(2, 9)), draws(st.none() | st.integers(1, 4))
    names = ("a", "b", "c")[:arms]
    return protocol(kind, 2 * units, arms=names, period=2, longest=longest, block=draws(st.none() | st.integers(2, 6)))


@given(small_designs(), st.integers(0, 2**32))
@settings(max_examples=60)
def test_whatever_the_design_what_is_drawn_is_one_of_its_orders(says, seed) -> None:
    found = space(replace(says, analysis=AnalysisTable(level=0.2)))
    if isinstance(found, CannotSay):
        assert found.would_change
        return
    orders = every(found)
    assert found.count == len(orders) == len(np.unique(orders, axis=0))
    assert all(could_be_drawn(found, one) for one in orders[:: max(1, len(orders) // 20)])
    drawn = many(found, 20, np.random.default_rng(seed))
    assert all(could_be_drawn(found, one) for one in drawn)
    assert {tuple(one) for one in drawn.tolist()} <= {tuple(one) for one in orders.tolist()}
