"""What options are worth: small cases by hand, and the laws that hold of all."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from mainstay.errors import BadRequest
from mainstay.numerics.linear_programme import largest
from mainstay.options.worth import Question, compare
from mainstay.options.worth_weights import at_least, at_most, best_somewhere, largest_lead, never_beaten


def rng(seed=0):
    return np.random.default_rng(seed)


def sure(x):
    return np.repeat(np.asarray(x, float)[:, None], 2, axis=1)


def question(chances, values, weights=(1.0,), **changed):
    """A question about sure chances (options, explanations, scenarios); option 0 is to leave things as they are."""
    chances = np.asarray(chances, float)[:, :, None, :]
    o, _, _, s = chances.shape
    made = Question(
        chances=chances,
        nothing=0,
        values=np.atleast_2d(np.asarray(values, float)),
        weights=np.asarray(weights, float),
        weight_ranges=sure(weights),
        success=np.ones((o, 2)),
        costs=np.zeros((o, 2)),
        must_not=np.zeros(s, bool),
    )
    return replace(made, **changed)


@st.composite
def questions(draw, options=None):
    o = options or draw(st.integers(1, 5))
    h, d, s = draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(st.integers(2, 4))
    r = rng(draw(st.integers(0, 10_000)))
    weights = r.dirichlet(np.ones(h))
    spread = draw(st.sampled_from([0.0, 0.3, 1.0]))
    ranges = np.stack([weights * (1 - spread), weights + spread * (1 - weights)], axis=1)
    # coarse chances, so that equals and dominance come up
    chances = r.multinomial(4, np.full(s, 1 / s), size=(o, h, d)) / 4.0
    success = np.sort(r.integers(0, 5, size=(o, 2)) / 4.0, axis=1)
    costs = np.sort(r.integers(-2, 6, size=(o, 2)).astype(float), axis=1)
    values = -np.sort(-r.integers(0, 11, size=(d, s)) * 10.0, axis=1)
    return Question(chances, 0, values, weights, ranges, success, costs, r.random(s) < 0.3)


def test_expected_value_regret_and_worst_case_of_a_small_case() -> None:
    # two causes, three options: leave it; a remedy for the first cause only; one that helps a little in either
    asked = question(
        [[[0.2, 0.8], [0.4, 0.6]], [[0.9, 0.1], [0.3, 0.7]], [[0.5, 0.5], [0.6, 0.4]]],
        [100.0, 0.0],
        weights=[0.6, 0.4],
        costs=sure([0.0, 5.0, 2.0]),
        must_not=np.array([False, True]),
    )
    found = compare(asked, rng())
    assert found.by_explanation == pytest.approx(np.array([[20, 40], [85, 25], [48, 58]]))
    assert found.expected == pytest.approx([28, 61, 52])
    assert found.gain == pytest.approx([0, 33, 24])
    assert found.ranking == (1, 2, 0)
    assert found.regret == pytest.approx(np.array([[65, 18], [0, 33], [37, 0]]))
    assert found.most_regret == pytest.approx([65, 33, 37]) and found.least_regret == 1
    assert found.worst == pytest.approx([20, 25, 48]) and list(found.worst_explanation) == [0, 1, 0]
    assert found.chance_best == pytest.approx([0.0, 0.6, 0.4])
    assert found.badly == pytest.approx([0, -5, -2])
    assert found.must_not == pytest.approx(np.array([[0.8, 0.6], [0.1, 0.7], [0.5, 0.4]]))
    assert found.must_not_expected == pytest.approx([0.72, 0.34, 0.46])
    assert list(found.somewhere) == [False, True, False]
    assert not found.orders.dominates[2, 0], "its cost is a count as well"
    either = compare(replace(asked, weight_ranges=np.array([[0.3, 0.8], [0.2, 0.7]])), rng())
    assert list(either.somewhere) == [False, True, True]
    assert either.over_weights == pytest.approx(np.array([[24, 34], [43, 73], [50, 55]]))


def test_steps_that_fail_leave_things_as_they_are_and_cost_all_the_same() -> None:
    asked = question(
        [[[0.0, 1.0]], [[1.0, 0.0]]], [100.0, 0.0], success=np.array([[1, 1], [0.3, 0.5]]), costs=sure([0.0, 7.0])
    )
    wide = replace(asked, chances=np.repeat(asked.chances, 4_000, axis=2))
    found = compare(wide, rng())
    assert found.expected[1] == pytest.approx(40.0 - 7.0)
    # success is even between .3 and .5, so nine of ten draws lie between .31 and .49
    assert found.interval[1] == pytest.approx([24.0, 42.0], abs=0.1)


def test_steps_drawn_each_by_itself_succeed_together_by_the_product_of_their_middles() -> None:
    steps = (np.empty((0, 2)), np.array([[0.4, 0.8], [0.4, 0.8], [0.5, 0.5]]))
    asked = question([[[0.0, 1.0]], [[1.0, 0.0]]], [100.0, 0.0], success=np.array([[1, 1], [0.08, 0.32]]), steps=steps)
    wide = replace(asked, chances=np.repeat(asked.chances, 4_000, axis=2))
    assert compare(wide, rng()).expected[1] == pytest.approx(100 * 0.6 * 0.6 * 0.5, abs=0.3)
    with pytest.raises(BadRequest, match="not the product"):
        replace(asked, success=np.array([[1, 1], [0.1, 0.32]]))


def test_what_must_not_happen_counts_the_failed_attempts_too() -> None:
    asked = question(
        [[[0.5, 0.5]], [[1.0, 0.0]]], [100.0, 0.0], success=sure([1.0, 0.2]), must_not=np.array([False, True])
    )
    assert compare(asked, rng()).must_not_expected == pytest.approx([0.5, 0.4])


def test_dominance_holds_for_every_value_in_the_order_not_only_on_average() -> None:
    # the second moves chance from the middle to both ends: good for some values of the middle, bad for others
    asked = question([[[0.2, 0.6, 0.2]], [[0.5, 0.2, 0.3]]], [[100, 80, 0], [100, 20, 0]])
    found = compare(replace(asked, chances=np.repeat(asked.chances, 2, axis=2)), rng())
    assert found.gain[1] > 0.0
    assert not found.orders.dominates[1, 0] and not found.orders.stochastically[1, 0]
    up = question([[[0.2, 0.6, 0.2]], [[0.4, 0.5, 0.1]]], [[100, 80, 0], [100, 20, 0]])
    assert compare(up, rng()).orders.dominates[1, 0] and compare(up, rng()).orders.stochastically[1, 0]


def test_scenarios_of_equal_value_are_one_to_stochastic_dominance() -> None:
    moved = question([[[0.3, 0.3, 0.4]], [[0.2, 0.6, 0.2]]], [[100, 100, 0]])
    assert compare(moved, rng()).orders.stochastically[1, 0]


def test_going_badly_is_the_outcome_that_one_in_twenty_does_not_exceed() -> None:
    asked = question([[[0.96, 0.04]], [[0.94, 0.06]]], [100.0, 0.0])
    assert compare(asked, rng()).badly == pytest.approx([100.0, 0.0])


@given(questions())
def test_laws_of_one_comparison(asked) -> None:
    found = compare(asked, rng())
    assert (found.regret >= 0.0).all() and (found.regret.min(axis=0) == 0.0).all()
    assert found.chance_best.sum() == pytest.approx(1.0)
    assert found.somewhere[found.ranking[0]], "what is best at the weights told is best somewhere"
    assert (found.unbeaten | ~found.somewhere).all(), "best somewhere is never beaten"
    assert (found.over_weights[:, 0] <= found.expected + 1e-9).all()
    assert (found.expected <= found.over_weights[:, 1] + 1e-9).all()
    assert (found.worst <= found.over_weights[:, 0] + 1e-9).all()
    assert (found.interval[:, 0] <= found.interval[:, 1]).all()
    assert found.gain[0] == 0.0


@given(questions())
def test_dominance_is_a_strict_order_and_is_borne_out_by_expected_value(asked) -> None:
    found = compare(asked, rng()).orders
    points = compare(_without_ranges(asked), rng()).by_explanation
    for over in (found.dominates, found.stochastically):
        assert not over.diagonal().any()
        assert not (over & over.T).any()
        assert not ((over.astype(int) @ over.astype(int) > 0) & ~over).any()
        for one, other in np.argwhere(over):
            assert (points[one] >= points[other] - 1e-6).all()


def _without_ranges(asked):
    """The same question with every range at its middle and values that do not change with the draw."""
    middle = [np.repeat(one.mean(axis=1, keepdims=True), 2, axis=1) for one in (asked.success, asked.costs)]
    return replace(asked, success=middle[0], costs=middle[1], values=asked.values[:1])


@given(questions(options=4))
def test_stochastic_dominance_leaves_no_room_for_dominance_the_other_way(asked) -> None:
    found = compare(replace(asked, must_not=np.zeros_like(asked.must_not)), rng()).orders
    assert not (found.stochastically & found.dominates.T).any()


@given(questions())
def test_adding_an_option_never_lowers_the_best_expected_value(asked) -> None:
    o = len(asked.chances)
    fewer = replace(
        asked, chances=asked.chances[: o - 1], success=asked.success[: o - 1], costs=asked.costs[: o - 1]
    ) if o > 1 else asked  # fmt: skip
    asked, fewer = _without_ranges(asked), _without_ranges(fewer)
    assert compare(asked, rng()).expected.max() >= compare(fewer, rng()).expected.max() - 1e-9


@given(questions(), st.floats(0.1, 10.0), st.floats(-50.0, 50.0))
def test_ranks_do_not_change_with_the_scale_of_values(asked, times, more) -> None:
    asked = _without_ranges(asked)
    other = replace(asked, values=times * asked.values + more, costs=times * asked.costs)
    one, two = compare(asked, rng()), compare(other, rng())
    assert two.expected == pytest.approx(times * one.expected + more, abs=1e-6)
    assert two.regret == pytest.approx(times * one.regret, abs=1e-6)
    ahead, still = (found.expected[:, None] - found.expected for found in (one, two))
    assert ((np.sign(ahead) == np.sign(still)) | (np.abs(ahead) < 1e-6)).all()
    assert _nearly_equal(one) or (one.somewhere == two.somewhere).all()


def _nearly_equal(found):
    """Whether some option is so near to being best somewhere that rounding decides."""
    spread = np.abs(found.by_explanation[:, None] - found.by_explanation[None]).max(axis=2)
    return bool((spread[~np.eye(len(spread), dtype=bool)] < 1e-6).any())


@st.composite
def credal(draw):
    o, h = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    r = rng(draw(st.integers(0, 10_000)))
    weights = r.dirichlet(np.ones(h))
    ranges = np.stack([weights * r.random(h), weights + r.random(h) * (1 - weights)], axis=1)
    return r.integers(0, 10, size=(o, h)).astype(float), ranges


@settings(max_examples=40)
@given(credal())
def test_bounds_over_weights_agree_with_a_linear_programme(case) -> None:
    points, ranges = case
    h = len(ranges)
    for row, low, high in zip(points, at_least(points, ranges), at_most(points, ranges), strict=True):
        lowest = linprog(row, A_eq=np.ones((1, h)), b_eq=[1], bounds=ranges)
        highest = linprog(-row, A_eq=np.ones((1, h)), b_eq=[1], bounds=ranges)
        assert low == pytest.approx(lowest.fun, abs=1e-9) and high == pytest.approx(-highest.fun, abs=1e-9)


@settings(max_examples=40)
@given(credal())
def test_best_somewhere_agrees_with_a_linear_programme(case) -> None:
    points, ranges = case
    o, h = points.shape
    for option in range(o):
        lead, weights = largest_lead(points, option, ranges)
        assert weights.sum() == pytest.approx(1.0)
        assert (weights >= ranges[:, 0] - 1e-9).all() and (weights <= ranges[:, 1] + 1e-9).all()
        if o == 1:
            continue
        others = np.delete(points, option, axis=0)
        limits = np.hstack([others - points[option], np.ones((o - 1, 1))])
        found = linprog(
            np.append(np.zeros(h), -1.0),
            A_ub=limits,
            b_ub=np.zeros(o - 1),
            A_eq=np.append(np.ones(h), 0.0)[None],
            b_eq=[1],
            bounds=[*map(tuple, ranges), (None, None)],
        )
        assert lead == pytest.approx(-found.fun, abs=1e-8)


def test_an_option_may_be_never_beaten_and_yet_best_nowhere() -> None:
    # the third is behind one of the others at every weight, but behind neither at all weights
    points, free = np.array([[10.0, 0.0], [0.0, 10.0], [4.0, 4.0]]), np.array([[0.0, 1.0], [0.0, 1.0]])
    assert list(never_beaten(points, free)) == [True, True, True]
    assert list(best_somewhere(points, free)) == [True, True, False]


def test_a_programme_without_an_end_or_a_start_is_refused() -> None:
    with pytest.raises(BadRequest, match="no end"):
        largest(np.array([1.0]), np.array([[-1.0]]), np.array([1.0]))
    with pytest.raises(BadRequest, match="must not be below 0"):
        largest(np.array([1.0]), np.array([[1.0]]), np.array([-1.0]))


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"weights": np.array([0.5])}, "sum to 1"),
        ({"weight_ranges": np.array([[0.2, 0.5]])}, "no weights within"),
        ({"costs": np.array([[0, 0], [3.0, 1.0]])}, "costs are low and high"),
        ({"success": np.array([[1, 1], [0.5, 1.5]])}, "success is low and high"),
        ({"nothing": 2}, "no option 2"),
        ({"must_not": np.zeros(3, bool)}, "don't fit"),
        ({"costs": np.array([[0, 0], [1.0, np.nan]])}, "no number"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(changed, named) -> None:
    with pytest.raises(BadRequest, match=named):
        question([[[0.5, 0.5]], [[1.0, 0.0]]], [100.0, 0.0], **changed)


def test_chances_that_leave_something_out_are_refused() -> None:
    with pytest.raises(BadRequest, match="do not sum to 1"):
        question([[[0.5, 0.4]], [[1.0, 0.0]]], [100.0, 0.0])
