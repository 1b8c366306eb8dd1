"""What the choice hangs on: one input at a time, and the weakest of the steps."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.errors import BadRequest
from mainstay.options.tornado import COULD_BE, Input, Middle, middle_of, moved, tornado
from mainstay.options.tornado_steps import success_of, weakest
from mainstay.options.worth import Question, compare


def rng(seed=0):
    return np.random.default_rng(seed)


def simple(**changed):
    """Leave it, or try: worth 20, or 20 + .5 (80 - 20) - 10 = 40."""
    made = Middle(
        chances=np.array([[[0.2, 0.8]], [[0.8, 0.2]]]),
        nothing=0,
        values=np.array([100.0, 0.0]),
        weights=np.array([1.0]),
        steps=(np.array([]), np.array([0.5])),
        costs=np.array([0.0, 10.0]),
        effects=np.zeros(2),
    )
    return replace(made, **changed)


def test_thresholds_of_a_small_case_by_hand() -> None:
    inputs = (
        Input("step", 1, 0, 0.1, 0.5, 0.6),
        Input("cost", 1, 0, 5.0, 10.0, 25.0),
        Input("effect", 1, 0, -30.0, 0.0, 30.0),
        Input("value", 0, 0, 90.0, 100.0, 100.0),
    )
    found = tornado(simple(), inputs)
    assert (found.best, found.second) == (1, 0) and found.ahead == pytest.approx(20.0)
    by_kind = {bar.input.kind: bar for bar in found.bars}
    # 60 q - 10 = 0 at 1/6; 30 - c = 0 at 30; 30 + e / 2 - 10 = 0 at -40; .3 v - 10 = 0 at 100/3
    assert by_kind["step"].turns_at == pytest.approx(1 / 6) and by_kind["step"].flips and by_kind["step"].to == 0
    assert by_kind["cost"].turns_at == pytest.approx(30.0) and not by_kind["cost"].flips
    assert by_kind["effect"].turns_at == pytest.approx(-40.0) and not by_kind["effect"].flips
    assert by_kind["value"].turns_at == pytest.approx(100 / 3) and not by_kind["value"].flips
    assert [bar.input.kind for bar in found.bars] == ["step", "effect", "cost", "value"]
    assert [bar.swing for bar in found.bars] == pytest.approx([30.0, 30.0, 20.0, 3.0])
    assert (by_kind["step"].ahead_low, by_kind["step"].ahead_high) == pytest.approx((-4.0, 26.0))


def test_a_threshold_that_could_not_be_is_not_told() -> None:
    dear = simple(costs=np.array([0.0, 45.0]))
    found = tornado(dear, (Input("step", 1, 0, 0.4, 0.5, 0.6), Input("value", 0, 0, 80.0, 100.0, 100.0)))
    assert found.best == 0
    step, value = sorted(found.bars, key=lambda bar: bar.input.kind)
    assert step.turns_at == pytest.approx(0.75)
    assert value.turns_at is None and value.to is None and not value.flips


def test_the_option_that_takes_over_may_be_neither_of_the_best_two() -> None:
    three = simple(
        chances=np.array([[[0.2, 0.8]], [[0.9, 0.1]], [[0.85, 0.15]]]),
        steps=(np.array([]), np.array([0.9]), np.array([0.7])),
        costs=np.array([0.0, 3.0, 3.0]),
        effects=np.zeros(3),
    )
    found = tornado(three, (Input("cost", 0, 0, -70.0, 0.0, 10.0),))
    assert (found.best, found.second) == (1, 2)
    [gain_of_leaving_it] = found.bars
    assert gain_of_leaving_it.swing == 0.0, "the lead over the next is not touched"
    assert gain_of_leaving_it.turns_at == pytest.approx(-60.0)
    assert gain_of_leaving_it.to == 0 and gain_of_leaving_it.flips


def test_a_weight_that_moves_takes_from_the_others_in_proportion() -> None:
    middle = simple(
        chances=np.full((2, 3, 2), 0.5), weights=np.array([0.5, 0.3, 0.2])
    )  # fmt: skip
    there = moved(middle, Input("weight", 0, 0, 0.0, 0.5, 1.0), 0.75).weights
    assert there == pytest.approx([0.75, 0.15, 0.1])
    all_of_it = replace(middle, weights=np.array([1.0, 0.0, 0.0]))
    assert moved(all_of_it, Input("weight", 0, 0, 0.0, 1.0, 1.0), 0.4).weights == pytest.approx([0.4, 0.3, 0.3])
    assert moved(simple(), Input("weight", 0, 0, 0.0, 1.0, 1.0), 0.4).weights == pytest.approx([1.0])


def random_question(r):
    o, h, d, s = r.integers(2, 5), r.integers(1, 4), 40, r.integers(2, 5)
    weights = r.dirichlet(np.ones(h))
    steps = tuple(np.sort(r.random((k, 2)), axis=1) for k in (0, *r.integers(0, 4, o - 1)))
    return Question(
        chances=r.dirichlet(np.ones(s), size=(o, h, d)),
        nothing=0,
        values=-np.sort(-100.0 * r.random((d, s)), axis=1),
        weights=weights,
        weight_ranges=np.stack([0.5 * weights, weights + 0.5 * (1 - weights)], axis=1),
        success=np.array([one.prod(axis=0) for one in steps]),
        costs=np.concatenate([[[0.0, 0.0]], np.sort(20.0 * r.random((o - 1, 2)), axis=1)]),
        must_not=np.zeros(s, bool),
        steps=steps,
    )


@given(st.integers(0, 2_000))
def test_at_its_threshold_the_best_is_level_with_another_and_beyond_it_behind(seed) -> None:
    middle, inputs = middle_of(random_question(rng(seed)))
    found = tornado(middle, inputs)
    for bar in found.bars:
        grid = [moved(middle, bar.input, x).worths() for x in np.linspace(bar.input.low, bar.input.high, 9)]
        assert bar.flips or max(worths.max() - worths[found.best] for worths in grid) < 1e-6
        if bar.turns_at is None:
            continue
        level = moved(middle, bar.input, bar.turns_at).worths()
        assert level[found.best] == pytest.approx(level[bar.to], abs=1e-6)
        between = moved(middle, bar.input, 0.5 * (bar.turns_at + bar.input.middle)).worths()
        assert between.max() == pytest.approx(between[found.best], abs=1e-6)


@given(st.integers(0, 2_000))
def test_the_middle_is_the_expected_value_where_nothing_is_a_range(seed) -> None:
    asked = random_question(rng(seed))
    middles = [np.repeat(one.mean(axis=1, keepdims=True), 2, axis=1) for one in (asked.costs, *asked.steps)]
    settled = replace(
        asked,
        costs=middles[0],
        steps=tuple(middles[1:]),
        success=np.array([one.prod(axis=0) for one in middles[1:]]),
        values=asked.values[:1],
    )
    middle, inputs = middle_of(settled)
    assert middle.worths() == pytest.approx(compare(settled, rng()).expected)
    assert {one.kind for one in inputs} <= {"effect", "weight"}


def test_without_steps_success_is_one_step() -> None:
    asked = random_question(rng(3))
    success = np.array([[1, 1], *[[0.2, 0.4]] * (len(asked.costs) - 1)])
    middle, inputs = middle_of(replace(asked, steps=(), success=success))
    assert [len(one) for one in middle.steps] == [0] + [1] * (len(asked.costs) - 1)
    assert {(one.low, one.high) for one in inputs if one.kind == "step"} == {(0.2, 0.4)}


def test_one_option_alone_hangs_on_nothing() -> None:
    alone = simple(chances=np.array([[[0.2, 0.8]]]), steps=(np.array([]),), costs=np.zeros(1), effects=np.zeros(1))
    assert tornado(alone, ()) is None
    assert set(COULD_BE) == {"step", "cost", "effect", "value", "weight"}


def test_steps_in_a_row_multiply_and_their_bounds_hold_whatever_ties_them() -> None:
    steps = np.array([[0.7, 0.8], [0.5, 0.6], [0.8, 0.9]])
    found = success_of(steps)
    assert (found.low, found.high) == pytest.approx((0.28, 0.432))
    assert found.middle == pytest.approx(0.75 * 0.55 * 0.85)
    assert (found.at_least, found.at_most) == pytest.approx((0.0, 0.6))
    assert success_of(np.empty((0, 2))) == success_of(np.array([[1.0, 1.0]]))


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=6))
def test_the_product_lies_within_the_bounds_of_any_dependence(chances) -> None:
    found = success_of(np.repeat(np.array(chances)[:, None], 2, axis=1))
    assert found.at_least - 1e-12 <= found.low == pytest.approx(found.middle) == pytest.approx(found.high)
    assert found.high <= found.at_most + 1e-12


@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=6))
def test_no_step_adds_more_than_the_weakest_when_it_is_raised(chances) -> None:
    steps = np.repeat(np.array(chances)[:, None], 2, axis=1)
    found = weakest(steps)
    raised = []
    for i in range(len(chances)):
        more = steps.copy()
        more[i] += 0.01
        raised.append(success_of(more).middle)
    assert raised[found.step] == pytest.approx(max(raised))
    assert raised[found.step] == pytest.approx(success_of(steps).middle + 0.01 * found.if_sure)
    shares = [np.log(one) / np.log(chances).sum() for one in chances]
    assert found.share == pytest.approx(max(shares)) and found.share >= 1 / len(chances) - 1e-12


def test_the_weakest_link_of_sure_and_of_impossible_steps() -> None:
    assert weakest(np.empty((0, 2))) is None and weakest(np.ones((2, 2))) is None
    found = weakest(np.array([[0.5, 0.5], [0.0, 0.0], [0.0, 0.0]]))
    assert (found.step, found.if_sure, found.share) == (1, 0.0, 0.5)
    with pytest.raises(BadRequest, match="in order"):
        success_of(np.array([[0.8, 0.7]]))
    with pytest.raises(BadRequest, match="low and high"):
        weakest(np.array([0.5]))


def test_brute_force_over_a_chain_of_steps_gives_the_product() -> None:
    chances = [0.9, 0.4, 0.7]
    total = sum(
        np.prod([c if went else 1 - c for c, went in zip(chances, run, strict=True)])
        for run in itertools.product([True, False], repeat=3)
        if all(run)
    )
    assert success_of(np.repeat(np.array(chances)[:, None], 2, axis=1)).middle == pytest.approx(total)
