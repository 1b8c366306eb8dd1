"""Values from ranks: evenly over all that keep the order, and nothing beside it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.errors import BadRequest
from mainstay.options.values import Values, Wish, drawn_values, in_order_between
from mainstay.quantities import CannotSay


def rng(seed=0):
    return np.random.default_rng(seed)


def drawn(*wishes, n=20_000):
    found = drawn_values(wishes, n, rng())
    assert isinstance(found, Values)
    return found


def test_ranks_alone_give_equal_steps_on_average_and_keep_the_order() -> None:
    found = drawn(*(Wish(name, i) for i, name in enumerate("abcde", 1)))
    assert found.middle == pytest.approx([100, 75, 50, 25, 0], abs=0.6)
    assert (np.diff(found.draws, axis=1) <= 0.0).all()
    assert found.open == ()


def test_values_between_the_ends_are_uniform_order_statistics() -> None:
    found = drawn(*(Wish(name, i) for i, name in enumerate("abcde", 1)), n=50_000).draws[:, 1:4] / 100.0
    # the i-th largest of 3 uniform numbers is Beta(4 - i, i): variance i (4 - i) / (16 * 5)
    assert found.var(axis=0) == pytest.approx([3 / 80, 4 / 80, 3 / 80], rel=0.03)
    assert np.corrcoef(found.T)[0, 2] == pytest.approx(1 / 3, abs=0.02)


def test_an_order_read_from_the_worst_up_gives_the_same_values() -> None:
    lows, highs = np.array([30.0, 0.0, 0.0, 10.0]), np.array([100.0, 80.0, 60.0, 40.0])
    down = in_order_between(lows, highs, 60_000, rng(1))
    up = 100.0 - in_order_between(100.0 - highs[::-1], 100.0 - lows[::-1], 60_000, rng(2))[:, ::-1]
    assert down.mean(axis=0) == pytest.approx(up.mean(axis=0), abs=0.4)
    assert down.std(axis=0) == pytest.approx(up.std(axis=0), rel=0.03)


@given(
    st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10)), min_size=1, max_size=4).map(
        lambda ends: [(10.0 * min(e), 10.0 * max(e) + 10.0) for e in ends]
    ),
    st.integers(0, 5),
)
def test_drawing_agrees_with_throwing_away_what_is_out_of_order(ends, seed) -> None:
    lows, highs = np.array(ends).T
    thrown = rng(seed).uniform(lows, highs, size=(40_000, len(lows)))
    kept = thrown[(np.diff(thrown, axis=1) <= 0.0).all(axis=1)]
    if len(kept) < 400:
        return
    found = in_order_between(lows, highs, 4_000, rng(seed + 1))
    assert (found >= lows).all() and (found <= highs).all() and (np.diff(found, axis=1) <= 0.0).all()
    error = 5.0 * np.sqrt(kept.var(axis=0) * (1 / len(kept) + 1 / 4_000)) + 1e-9
    assert (np.abs(found.mean(axis=0) - kept.mean(axis=0)) <= error).all()


def test_a_range_of_worth_stands_instead_of_the_end_of_the_scale_and_pushes_the_others() -> None:
    found = drawn(Wish("a", 1, (60.0, 80.0)), Wish("b", 2), Wish("c", 3), Wish("d", None, (10.0, 20.0)))
    a, b, c, d = found.draws.T
    assert a.min() >= 60.0 and a.max() <= 80.0
    assert (b <= a).all() and (c == 0.0).all()
    assert d.min() >= 10.0 and d.max() <= 20.0
    # with b below a uniform between 0 and a, larger values of a leave more room and so are likelier
    assert a.mean() == pytest.approx((80**3 - 60**3) / 3 / ((80**2 - 60**2) / 2), abs=0.15)


def test_a_sure_worth_is_kept_and_bounds_its_neighbours() -> None:
    found = drawn(Wish("a", 1), Wish("b", 2, (40.0, 40.0)), Wish("c", 3), Wish("d", 4))
    assert (found.draws[:, 1] == 40.0).all()
    assert found.middle == pytest.approx([100, 40, 20, 0], abs=0.3)


def test_ranges_that_only_touch_leave_one_value() -> None:
    found = drawn(Wish("a", 1, (0.0, 50.0)), Wish("b", 2, (50.0, 100.0)), n=5)
    assert (found.draws == 50.0).all()


def test_the_same_rank_is_the_same_value() -> None:
    found = drawn(Wish("a", 1), Wish("b", 2, (20.0, 60.0)), Wish("c", 2, (40.0, 90.0)), Wish("d", 3))
    assert (found.draws[:, 1] == found.draws[:, 2]).all()
    assert found.draws[:, 1].min() >= 40.0 and found.draws[:, 1].max() <= 60.0


def test_what_nobody_ranked_lies_anywhere_and_is_named() -> None:
    found = drawn(Wish("a", 1), Wish("b", 2), Wish("other"))
    assert found.open == ("other",)
    assert found.middle[2] == pytest.approx(50.0, abs=0.7)
    assert any("“other”" in one for one in found.assumptions)


def test_nothing_said_is_no_value() -> None:
    found = drawn_values([Wish("a"), Wish("other")], 10, rng())
    assert isinstance(found, CannotSay)


@pytest.mark.parametrize("rank", [1, 2])
def test_a_contradiction_names_the_two(rank) -> None:
    found = drawn_values([Wish("rest", 1, (10.0, 20.0)), Wish("x", 1), Wish("work", rank, (50.0, 60.0))], 10, rng())
    assert isinstance(found, CannotSay)
    assert "“rest”" in found.reason and "“work”" in found.reason and "10 to 20 against 50 to 60" in found.reason


def test_fifty_ranks_are_drawn_without_loss_of_precision() -> None:
    found = drawn(*(Wish(str(i), i) for i in range(1, 51)), n=4_000)
    assert found.middle == pytest.approx(np.linspace(100, 0, 50), abs=1.0)


def test_worth_off_the_scale_is_refused() -> None:
    with pytest.raises(BadRequest, match="between 0 and 100"):
        drawn_values([Wish("a", 1, (10.0, 120.0))], 5, rng())
    with pytest.raises(BadRequest, match="no draws"):
        drawn_values([Wish("a", 1)], 0, rng())
    with pytest.raises(BadRequest, match="place 1"):
        in_order_between(np.array([0.0, 50.0]), np.array([40.0, 90.0]), 5, rng())


def test_what_must_not_happen_and_has_no_rank_is_as_bad_as_the_worst() -> None:
    found = drawn(Wish("a", 1), Wish("b", 2), Wish("never", must_not=True), Wish("open"), n=50)
    assert (found.draws[:, 2] == 0.0).all()
    assert found.open == ("open",)
    assert (drawn(Wish("a", 1), Wish("never", 2, must_not=True), Wish("b", 3), n=50).draws[:, 1] > 0.0).all()
