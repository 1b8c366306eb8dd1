"""How many orders a test of two arms has to compare with, where the days of the other arms stay where they are."""

from __future__ import annotations

import math

import numpy as np

from mainstay.trials.designs_lots import Changes, Lot, Orders, Shuffled, given

DRAWN, ALLOWED = 40, 2
"""Orders that are drawn to see how many each leaves, and how many of them may leave fewer (one in twenty)."""
SEED = 40


def for_two(lot: Lot, arms: int) -> int:
    """How many orders the least favoured arm and the first have with the others in place, in 19 of 20 drawings.

    Exact where every drawing leaves as many (two arms; every arm equally often); else seen in some drawings.
    """
    if arms == 2 or lot.count == 0:
        return lot.count
    if isinstance(lot, Shuffled):
        return lot.count_for_two
    orders = lot.many(min(DRAWN, lot.count), np.random.default_rng(SEED))
    left = sorted(min(_agreeing(lot, order, (0, arm)) for arm in range(1, arms)) for order in orders)
    return left[ALLOWED * len(left) // DRAWN]


def _agreeing(lot: Lot, order: Orders, pair: tuple[int, int]) -> int:
    """The orders that agree with one (units,) wherever it has an arm outside of a pair."""
    if not isinstance(lot, Changes):
        return given(lot, order, pair).count
    begins = np.flatnonzero(np.diff(order, prepend=order[:1] - 1))
    lengths = np.diff(begins, append=len(order)).tolist()
    count, days, phases = 1, 0, 0
    for arm, length in zip((*lot.arms, -1), (*lengths, 0), strict=True):
        if arm in pair:
            days, phases = days + length, phases + 1
        elif phases:
            count *= math.comb(days - phases * lot.least + phases - 1, phases - 1)
            days = phases = 0
    return count
