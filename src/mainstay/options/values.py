"""How good each way it could turn out would be, in points from 0 to 100, from an order and from ranges of worth.

An order says which is better, not by how much. So values are drawn evenly over all that keep it,

    100 = v_1 >= v_2 >= … >= v_k = 0,        low_i <= v_i <= high_i where a worth was written,

and what follows is judged over all draws. Without ranges the mean is the centroid of that set: equal steps. (The
rank-order centroid of Barron & Barrett 1996 is the same idea for shares that add up to 1, such as weights of criteria.
Values do not add up to anything, costs are told on the same 0 to 100, and an order read from the worst up must give
the same values as one read from the best down; so the set is the one above.) A range that was written for the best or
the worst stands instead of 100 or 0. Those of the same rank have the same value. What has neither rank nor range is
drawn from all of 0 to 100, by itself: nobody said where it belongs. What must not happen and has neither is at 0.

Drawing is exact and refuses nothing: the ends of all ranges cut 0 to 100 into cells; how many of an ordered row fall
into each is drawn from the volumes left below, and within a cell places are even, then sorted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay

Floats = NDArray[np.float64]
Range = tuple[float, float]
WORST, BEST = 0.0, 100.0
EVENLY = (
    "how much better one way to turn out is than the next is drawn evenly over all that keeps the order written down, "
    "the best at 100 and the worst at 0 where no worth was written"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is said of a scenario: its rank (1 the best) and its worth as low and high, either or neither.

    `must_not`: it must not happen; where neither is said of it, it is as bad as the worst.
    """

    name: str
    rank: int | None = None
    worth: Range | None = None
    must_not: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """Draws of the values (draws, scenarios), in points. `open`: the scenarios of which nothing was said."""

    names: tuple[str, ...]
    draws: Floats
    open: tuple[str, ...]
    assumptions: tuple[str, ...]

    @property
    def middle(self) -> Floats:
        """The mean value of each scenario (scenarios,)."""
        return np.asarray(self.draws.mean(axis=0))


def drawn_values(wishes: Sequence[Wish], n: int, rng: np.random.Generator) -> Values | CannotSay:
    """n draws of the values of all scenarios, as described above.

    Cannot say: nothing was said of any, or what was said contradicts itself; then two scenarios are named.
    """
    if n < 1:
        raise BadRequest(f"{n} draws of values are no draws; ask for 1 or more")
    for one in wishes:
        if one.worth is not None and not WORST <= one.worth[0] <= one.worth[1] <= BEST:
            raise BadRequest(
                f"the worth of {one.name!r} is {one.worth}; write low and high in order, between {WORST:g} and {BEST:g}"
            )
    if all(one.rank is None and one.worth is None for one in wishes):
        return CannotSay("nothing is on record of which way it should rather turn out", 0, 1, "scenarios with a rank")
    places = sorted({one.rank for one in wishes if one.rank is not None})
    rows = [[one for one in wishes if one.rank == place] for place in places]
    against = _contradiction(rows)
    if against is not None:
        return CannotSay(_contradicted(*against))
    draws = np.empty((n, len(wishes)))
    ordered = in_order_between(*_ends(rows), n, rng)
    for i, one in enumerate(wishes):
        if one.rank is not None:
            draws[:, i] = ordered[:, places.index(one.rank)]
        else:
            draws[:, i] = rng.uniform(*(one.worth or _unsaid(one)), size=n)
    left_open = tuple(one.name for one in wishes if one.rank is None and one.worth is None and not one.must_not)
    return Values(tuple(one.name for one in wishes), draws, left_open, (EVENLY, *_said_of(left_open)))


def _unsaid(one: Wish) -> Range:
    return (WORST, WORST) if one.must_not else (WORST, BEST)


def _said_of(left_open: tuple[str, ...]) -> tuple[str, ...]:
    if not left_open:
        return ()
    names = ", ".join(f"“{name}”" for name in left_open)
    return (f"nobody said how good it would be: {names}; taken to be anywhere from the worst to the best",)


def _range(row: Sequence[Wish]) -> Range:
    lows, highs = zip(*[one.worth or (WORST, BEST) for one in row], strict=True)
    return max(lows), min(highs)


def _ends(rows: Sequence[Sequence[Wish]]) -> tuple[Floats, Floats]:
    """Low and high of each place in the order, best first; the first at 100 and the last at 0 if no worth says else."""
    lows, highs = np.array([_range(row) for row in rows]).reshape(-1, 2).T.copy()
    if rows and all(one.worth is None for one in rows[0]):
        lows[0] = highs[0] = BEST
    if len(rows) > 1 and all(one.worth is None for one in rows[-1]):
        lows[-1] = highs[-1] = WORST
    return lows, highs


def _contradiction(rows: Sequence[Sequence[Wish]]) -> tuple[Wish, Wish] | None:
    """The first two of which the one is ranked no worse, yet is worth at most less than the other is at least."""
    ranked = [(i, one, one.worth or (WORST, BEST)) for i, row in enumerate(rows) for one in row]
    for i, one, ends in ranked:
        for j, other, others in ranked:
            if i <= j and one is not other and ends[1] < others[0]:
                return one, other
    return None


def _contradicted(one: Wish, other: Wish) -> str:
    as_good = "as good as" if one.rank == other.rank else "better than"
    told = [f"{low:g} to {high:g}" for low, high in (wish.worth or (WORST, BEST) for wish in (one, other))]
    return (
        f"by its rank “{one.name}” is {as_good} “{other.name}”, but by its worth it is worse "
        f"({told[0]} against {told[1]}); change the rank or the worth of one of them"
    )


def in_order_between(lows: Floats, highs: Floats, n: int, rng: np.random.Generator) -> Floats:
    """n draws (n, k), even over all rows with v_1 >= v_2 >= … >= v_k and low_i <= v_i <= high_i.

    Refuses bounds that no such row keeps. A place whose bounds leave it one value keeps that.
    """
    highs = np.minimum.accumulate(highs)
    lows = np.maximum.accumulate(lows[::-1])[::-1]
    if (lows > highs).any():
        place = int(np.flatnonzero(lows > highs)[0])
        raise BadRequest(f"no value of place {place + 1} keeps the order; its bounds are {lows[place]}, {highs[place]}")
    draws = np.tile(lows, (n, 1))
    free = np.flatnonzero(highs > lows)
    if len(free):
        draws[:, free] = _free_in_order(lows[free], highs[free], n, rng)
    return draws


def _free_in_order(lows: Floats, highs: Floats, n: int, rng: np.random.Generator) -> Floats:
    """The same where every place has room. Cells are gone through from the top; all volumes are in logarithms."""
    k = len(lows)
    edges = np.unique(np.concatenate([lows, highs]))[::-1]
    widths, floors = edges[:-1] - edges[1:], edges[1:]
    fits = (lows[None, :] <= floors[:, None]) & (highs[None, :] >= edges[:-1, None])
    log_volume = np.array([[m * math.log(w) - math.lgamma(m + 1) for m in range(k + 1)] for w in widths])
    below = np.full(k + 1, -np.inf)
    below[k] = 0.0
    chances = []
    for cell in range(len(widths) - 1, -1, -1):
        table = np.full((k + 1, k + 1), -np.inf)
        for first in range(k + 1):
            run = int(np.argmin(np.append(fits[cell, first:], False)))
            table[first, : run + 1] = log_volume[cell, : run + 1] + below[first : first + run + 1]
        below = np.logaddexp.reduce(table, axis=1)
        chances.append(np.exp(table - np.where(np.isfinite(below), below, 0.0)[:, None]))
    cells = np.empty((n, k), np.int64)
    placed = np.zeros(n, np.int64)
    for cell, table in enumerate(reversed(chances)):
        upto = np.cumsum(table, axis=1)[placed]
        more = (upto <= rng.random(n)[:, None] * upto[:, -1:]).sum(axis=1)
        here = (np.arange(k) >= placed[:, None]) & (np.arange(k) < (placed + more)[:, None])
        cells[here] = cell
        placed += more
    found: Floats = floors[cells] + widths[cells] * rng.random((n, k))
    return -np.sort(-found, axis=1)
