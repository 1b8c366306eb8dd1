"""What a design allows: the count of orders against listing them all, and what is refused with what would do."""

from itertools import groupby, pairwise, product
from math import comb, factorial

import numpy as np
import pytest

from mainstay.errors import BadRecord
from mainstay.quantities import CannotSay
from mainstay.trials import designs_lots
from mainstay.trials.designs import DesignSpace, all_orders, how_many, space
from mainstay.trials.drawing import could_be_drawn, every, schedules_from, sealed_as
from trials.protocols import protocol


def runs(order):
    return [(arm, len(list(run))) for arm, run in groupby(order)]


def longest(order):
    return max(length for _, length in runs(order))


def balanced(order, arms):
    each = [order.count(arm) for arm in range(arms)]
    return max(each) - min(each) <= 1


def listed(units, arms, holds):
    """The slow, obvious twin: every sequence there is, and those that hold."""
    return {order for order in product(range(arms), repeat=units) if holds(order)}


def visits(order, a_week, apart):
    at = [i for i, arm in enumerate(order) if arm]
    weeks = [sum(order[i : i + 7]) for i in range(0, len(order), 7)]
    return all(one == a_week for one in weeks) and all(b - a >= apart for a, b in pairwise(at))


def phased(order, arms, least):
    found = runs(order)
    return tuple(arm for arm, _ in found) == arms and min(length for _, length in found) >= least


CASES = {
    "alternating": (protocol("alternating", 10), lambda o: balanced(o, 2)),
    "alternating, odd": (protocol("alternating", 9), lambda o: balanced(o, 2)),
    "alternating, runs of two": (
        protocol("alternating", 12, longest=2),
        lambda o: balanced(o, 2) and longest(o) <= 2,
    ),
    "alternating, odd, runs of three": (
        protocol("alternating", 11, longest=3),
        lambda o: balanced(o, 2) and longest(o) <= 3,
    ),
    "alternating, three arms": (
        protocol("alternating", 8, arms=("a", "b", "c"), longest=2),
        lambda o: balanced(o, 3) and longest(o) <= 2,
    ),
    "blocks": (
        protocol("blocks", 12, block=2),
        lambda o: all(sorted(o[i : i + 2]) == [0, 1] for i in range(0, 12, 2)),
    ),
    "blocks of four, runs of three": (
        protocol("blocks", 12, block=4, longest=3),
        lambda o: all(sorted(o[i : i + 4]) == [0, 0, 1, 1] for i in range(0, 12, 4)) and longest(o) <= 3,
    ),
    "blocks, three arms, no arm twice running": (
        protocol("blocks", 9, arms=("a", "b", "c"), longest=1),
        lambda o: all(sorted(o[i : i + 3]) == [0, 1, 2] for i in range(0, 9, 3)) and longest(o) <= 1,
    ),
    "contacts": (protocol("contacts", 14, a_week=2), lambda o: visits(o, 2, 1)),
    "contacts apart": (protocol("contacts", 14, a_week=2, apart=3), lambda o: visits(o, 2, 3)),
    "contacts, no long wait": (
        protocol("contacts", 14, a_week=3, longest=3),
        lambda o: visits(o, 3, 1) and longest(o) <= 3,
    ),
    "start by lot, ABA": (
        protocol("start_by_lot", 15, phases=("as usual", "evening", "as usual"), least=3),
        lambda o: phased(o, (0, 1, 0), 3),
    ),
    "start by lot, ABAB": (
        protocol("start_by_lot", 14, phases=("as usual", "evening") * 2, least=2),
        lambda o: phased(o, (0, 1, 0, 1), 2),
    ),
}


@pytest.mark.parametrize("case", sorted(CASES))
def test_the_orders_are_those_that_hold_and_their_count_is_exact(case) -> None:
    says, holds = CASES[case]
    says_little = all_orders(says)
    assert isinstance(says_little, DesignSpace)
    expected = listed(says_little.days, len(says_little.arms), holds)
    found = every(says_little)
    assert says_little.count == len(found) == len(expected)
    assert {tuple(order) for order in found.tolist()} == expected


@pytest.mark.parametrize("case", sorted(CASES))
def test_an_order_is_known_as_one_of_the_space_or_not(case) -> None:
    says, holds = CASES[case]
    found = all_orders(says)
    rng = np.random.default_rng(3)
    for order in rng.integers(0, len(found.arms), (300, found.days)).astype(np.int8):
        assert could_be_drawn(found, order) == holds(tuple(order.tolist()))
    assert all(could_be_drawn(found, order) for order in every(found))


def test_counts_of_long_designs_are_exact_whole_numbers() -> None:
    assert space(protocol("alternating", 200)).count == comb(200, 100)
    assert space(protocol("blocks", 120, period=3)).count == 2**20
    assert space(protocol("contacts", 364, a_week=2)).count == comb(7, 2) ** 52
    four = protocol("blocks", 360, arms=("a", "b", "c", "d"), period=3)
    assert space(four).count == factorial(4) ** 30
    assert space(protocol("start_by_lot", 100, phases=("as usual", "evening"), least=10)).count == 81


def test_a_multiple_baseline_has_the_product_of_its_draws() -> None:
    says = protocol(
        "start_by_lot", 40, phases=("as usual", "evening"), least=10, baselines=("Tension", "sleep", "anger")
    )
    found = space(says)
    assert found.series == ("", "sleep", "anger")
    assert found.count == 21**3
    assert found.least_p == pytest.approx(2 / 21**3)


def test_too_few_orders_are_refused_with_the_days_that_would_do() -> None:
    answer = space(protocol("start_by_lot", 30, phases=("as usual", "evening"), least=7))
    assert isinstance(answer, CannotSay)
    assert (answer.have, answer.need, answer.unit) == (17, 40, "possible orders")
    assert answer.would_change.startswith("53 days instead of 30")
    assert space(protocol("start_by_lot", 53, phases=("as usual", "evening"), least=7)).count == 40
    few = space(protocol("blocks", 6, period=3))
    assert (few.have, few.need) == (2, 40)
    assert "36 days" in few.would_change


def test_a_level_that_asks_less_needs_fewer_orders() -> None:
    says = protocol("start_by_lot", 30, phases=("as usual", "evening"), least=7, level=0.2)
    assert space(says).count == 17


def test_a_design_without_orders_says_what_contradicts() -> None:
    none = space(protocol("contacts", 28, a_week=4, apart=3))
    assert none.have == 0
    assert "no order of the days" in none.claim
    strict = space(protocol("alternating", 60, longest=1))
    assert strict.have == 2
    assert "more days alone won't do" in strict.would_change


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (protocol("contacts", 30, a_week=2), "28 or 35 days"),
        (protocol("alternating", 20, period=3), "18 or 21 days"),
        (protocol("blocks", 20, period=2, washout=2), "periods of at least 3 days"),
        (protocol("blocks", 36, period=3, block=3), "block = 2"),
        (protocol("blocks", 33, period=3), "30 or 36 days"),
        (protocol("start_by_lot", 10, phases=("as usual", "evening"), least=6), "at least 12 days"),
        (protocol("phases", 20, phases=("as usual", "as usual")), "another between them"),
        (protocol("contacts", 28, a_week=7), "6 or fewer"),
        (protocol("blocks", 28, baselines=("sleep",)), "start_by_lot"),
        (protocol("phases", 20, phases=("as usual", "evening"), washout=10), "at least 11 days"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would(says, words) -> None:
    answer = space(says)
    assert isinstance(answer, CannotSay)
    assert words in answer.would_change
    assert answer.claim.startswith("This design can't be drawn")


def test_phases_in_a_fixed_order_are_given_and_not_drawn() -> None:
    found = space(protocol("phases", 11, phases=("as usual", "evening", "as usual")))
    assert not found.randomised
    assert found.count == 1
    assert every(found).tolist() == [[0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0]]


def test_a_walk_too_large_to_count_is_refused_in_words(monkeypatch) -> None:
    monkeypatch.setattr(designs_lots, "MOST_STATES", 500)
    answer = space(protocol("alternating", 120, arms=("a", "b", "c"), longest=2))
    assert isinstance(answer, CannotSay)
    assert "blocks" in answer.would_change


def test_a_sealed_order_comes_back_as_the_same_schedules_and_a_foreign_one_is_refused() -> None:
    found = space(protocol("alternating", 24, period=2, longest=2, washout=1))
    [order] = every(found)[[5]]
    text = "".join(map(str, order.tolist()))
    [schedule] = schedules_from(found, text)
    assert sealed_as((schedule,)) == text
    assert schedule.unit.tolist() == [i // 2 for i in range(24)]
    for wrong in ("0" * 24, text[:-1], text[1:] + text[0], f"{text}.{text}", "", text.replace("1", "7")):
        with pytest.raises(BadRecord):
            schedules_from(found, wrong)


def test_counts_are_told_in_words_a_person_can_read() -> None:
    assert how_many(1_024) == "1,024"
    assert how_many(2**100) == "about 10 to the power of 30"
