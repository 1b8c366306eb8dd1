"""Of more than two arms: a design whose test of two of them could never say anything is refused when it is planned."""

from math import comb

import numpy as np
import pytest

from mainstay.quantities import CannotSay
from mainstay.trials import randomisation
from mainstay.trials.designs import all_orders, space
from mainstay.trials.designs_lots import given
from mainstay.trials.designs_pairs import _agreeing, for_two
from mainstay.trials.drawing import draw
from mainstay.trials.kinds import Observed
from trials.protocols import protocol

THREE = ("usual", "walk", "call")


def test_phases_of_three_arms_one_after_the_other_leave_one_order_for_two_and_are_refused() -> None:
    refused = space(protocol("start_by_lot", 120, arms=THREE, phases=THREE, least=10))
    assert isinstance(refused, CannotSay)
    assert "only 1 order of the days can be drawn like this for two of the arms" in refused.reason
    assert "more changes between them" in refused.would_change


def test_phases_that_come_back_have_orders_enough() -> None:
    allowed = space(
        protocol("start_by_lot", 196, arms=THREE, phases=("usual", "walk") * 2 + ("usual", "call") * 2, least=7)
    )
    assert allowed.count_for_two >= 100
    assert allowed.count_for_two < allowed.count


def test_too_short_a_design_of_phases_is_told_how_long_it_has_to_be() -> None:
    phases = ("usual", "walk", "usual", "call", "usual")
    refused = space(protocol("start_by_lot", 50, arms=THREE, phases=phases, least=8))
    assert isinstance(refused, CannotSay)
    need = int(refused.would_change.split(" ")[0])
    assert not isinstance(space(protocol("start_by_lot", need, arms=THREE, phases=phases, least=8)), CannotSay)


@pytest.mark.parametrize(
    "of",
    [
        protocol(
            "start_by_lot", 140, arms=THREE, phases=("usual", "walk", "usual", "call", "usual"), least=6, level=0.2
        ),
        protocol("alternating", 30, arms=THREE, longest=2),
        protocol("blocks", 60, arms=THREE, block=6, longest=2),
    ],
    ids=lambda one: one.design.kind,
)
def test_the_count_for_two_is_what_the_test_has_in_nearly_every_drawing(of) -> None:
    allowed = space(of)
    rng = np.random.default_rng(3)
    tried, fewer = 20, 0
    for _ in range(tried):
        drawn = draw(allowed, rng)
        order = drawn.arm.astype(np.int8)[:: allowed.length]
        left = [given(allowed.lot, order, (0, arm)).count for arm in (1, 2)]
        assert left == [_agreeing(allowed.lot, order, (0, arm)) for arm in (1, 2)]
        fewer += min(left) < allowed.count_for_two
    assert fewer <= 3
    days = np.arange(allowed.days) + 0.5
    seen = Observed(days, rng.normal(size=allowed.days), "points", -1, None, None, np.zeros(0), np.zeros(0))
    tested = randomisation.test(drawn, seen, allowed, arm=1, n=200, rng=rng, level=allowed.level_of_one)
    assert tested.least_p <= allowed.level_of_one


def test_few_orders_are_counted_as_well_as_many() -> None:
    allowed = all_orders(protocol("start_by_lot", 42, arms=THREE, phases=("usual", "walk", "usual", "call"), least=10))
    assert allowed.count == comb(5, 3)
    assert for_two(allowed.lot, 3) == 1
    none = all_orders(protocol("alternating", 6, arms=("usual", "walk"), longest=1))
    assert for_two(none.lot, 2) == none.lot.count == 2
