"""The orders that a design allows: how many there are, exactly; any number of them by lot, each as likely; all of them.

An order is an arm for each unit (period, day). `Walk` goes through the units with a small state that says what may
come next; how many orders complete each state is counted from the end, in whole numbers, and a draw chooses each arm
with the share of orders that it leads to. `Shuffled` (every arm equally often, nothing else asked) and `Changes` (a
fixed order of phases whose changes are drawn) need no states.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest

Orders = NDArray[np.int8]
MOST_STATES = 400_000
"""States of a walk, over all units: about a second's work."""

State = tuple[int, ...]


class Lot(Protocol):
    """A set of admissible orders over a number of units."""

    @property
    def count(self) -> int:
        """How many orders there are."""

    def many(self, n: int, rng: np.random.Generator) -> Orders:
        """`n` of them by lot, each as likely: (n, units)."""

    def every(self) -> Orders:
        """All of them: (count, units)."""

    def holds(self, order: Orders) -> bool:
        """Whether an order (units,) is one of them."""

    def walk(self) -> Walked:
        """The same orders as a walk."""


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """One order, which is not drawn. `order` (units,)."""

    order: Orders

    @property
    def count(self) -> int:
        """One."""
        return 1

    def many(self, n: int, rng: np.random.Generator) -> Orders:
        """The same order n times."""
        return np.repeat(self.order[None, :], n, axis=0)

    def every(self) -> Orders:
        """The one order."""
        return self.order[None, :]

    def holds(self, order: Orders) -> bool:
        """Whether it is this one."""
        return np.array_equal(order, self.order)

    def walk(self) -> Walked:
        """The one way."""
        order = tuple(self.order.tolist())
        return len(order), max(order) + 1, (), lambda unit, state, arm: state if arm == order[unit] else None


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """Phases in a fixed order, each of at least `least` days, whose changes are drawn. `arms` (phases,): their order.

    The days beyond the least are dealt out to the phases: with p phases and s days to spare, C(s + p - 1, p - 1) ways.
    """

    arms: tuple[int, ...]
    least: int
    days: int

    @property
    def _places(self) -> int:
        return self.days - self.least * len(self.arms) + len(self.arms) - 1

    @property
    def count(self) -> int:
        """How many ways the changes can fall."""
        return math.comb(self._places, len(self.arms) - 1) if self._places >= len(self.arms) - 1 else 0

    def many(self, n: int, rng: np.random.Generator) -> Orders:
        """Subsets of places, by Floyd's method: (n, days)."""
        k, places = len(self.arms) - 1, self._places
        chosen = np.full((n, k), -1, np.int64)
        for step, last in enumerate(range(places - k, places)):
            one = rng.integers(0, last + 1, n)
            taken = (chosen[:, :step] == one[:, None]).any(axis=1)
            chosen[:, step] = np.where(taken, last, one)
        return self._by_day(np.sort(chosen, axis=1))

    def every(self) -> Orders:
        """Every way: (count, days)."""
        k = len(self.arms) - 1
        found = np.array(list(combinations(range(self._places), k)), np.int64).reshape(self.count, k)
        return self._by_day(found)

    def holds(self, order: Orders) -> bool:
        """Whether the phases follow in their order, none of them too short."""
        begins = np.flatnonzero(np.diff(order, prepend=order[:1] - 1))
        lengths = np.diff(begins, append=len(order))
        return (
            len(order) == self.days and tuple(order[begins].tolist()) == self.arms and bool(min(lengths) >= self.least)
        )

    def walk(self) -> Walked:
        """Phase by phase. The state: the phase, and how long it has lasted, as far as it matters."""
        last = len(self.arms) - 1

        def step(unit: int, state: State, arm: int) -> State | None:
            phase, lasted = state
            if arm != self.arms[phase]:
                if phase == last or lasted < self.least or arm != self.arms[phase + 1]:
                    return None
                phase, lasted = phase + 1, 0
            lasted = min(lasted + 1, self.least)
            ended = unit < self.days - 1 or (phase == last and lasted == self.least)
            return (phase, lasted) if ended else None

        return self.days, max(self.arms) + 1, (0, 0), step

    def _by_day(self, chosen: NDArray[np.int64]) -> Orders:
        """Chosen places (n, phases - 1), ascending, to the arm of each day (n, days)."""
        k = chosen.shape[1]
        begins = chosen - np.arange(k) + self.least * np.arange(1, k + 1)
        phase = np.zeros((len(chosen), self.days), np.int8)
        day = np.arange(self.days, dtype=np.int16)
        for begin in begins.T.astype(np.int16):
            phase += day >= begin[:, None]
        dealt: Orders = np.array(self.arms, np.int8)[phase]
        return dealt


@dataclass(frozen=True, slots=True, eq=False)
class Shuffled:
    """Blocks of units in each of which every arm comes equally often, in any order. `block`: units in a block.

    Where the units of a block can't be dealt out equally, which arms come once more is drawn too.
    """

    arms: int
    block: int
    blocks: int

    @property
    def count(self) -> int:
        """The orders of one block, to the power of the blocks."""
        each, more = divmod(self.block, self.arms)
        one = math.factorial(self.block) // (
            math.factorial(each) ** (self.arms - more) * math.factorial(each + 1) ** more
        )
        return int((math.comb(self.arms, more) * one) ** self.blocks)

    @property
    def count_for_two(self) -> int:
        """How many orders two arms have where the other arms keep their places, at the least."""
        each = self.block // self.arms
        return int(math.comb(2 * each, each) ** self.blocks)

    def many(self, n: int, rng: np.random.Generator) -> Orders:
        """Every block shuffled by itself: (n, units)."""
        each, more = divmod(self.block, self.arms)
        rows = n * self.blocks
        dealt = np.tile(np.repeat(np.arange(self.arms, dtype=np.int8), each), (rows, 1))
        if more:
            extra = rng.random((rows, self.arms)).argsort(axis=1)[:, :more].astype(np.int8)
            dealt = np.concatenate([dealt, extra], axis=1)
        return rng.permuted(dealt, axis=1).reshape(n, self.block * self.blocks)

    def every(self) -> Orders:
        """Every order, by walking: (count, units)."""
        return Walk(*self.walk()).every()

    def holds(self, order: Orders) -> bool:
        """Whether every arm comes equally often in each block, or once more."""
        if len(order) != self.block * self.blocks:
            return False
        blocks = order.reshape(self.blocks, self.block)
        each = np.array([(blocks == arm).sum(axis=1) for arm in range(self.arms)])
        return bool((each >= self.block // self.arms).all() and (each <= -(-self.block // self.arms)).all())

    def walk(self) -> Walked:
        """Unit by unit, with what is left of each block."""
        return dealing(self.arms, self.block, self.blocks, longest=None)


class TooManyStates(BadRequest):
    """A walk would need more states than can be counted in a second or so."""


class Walk:
    """Orders as paths through states. `step(unit, state, arm)`: the next state, None where the arm may not come."""

    def __init__(
        self,
        units: int,
        arms: int,
        begin: State,
        step: Callable[[int, State, int], State | None],
    ) -> None:
        self.units, self.arms = units, arms
        self._walked = units, arms, begin, step
        self._next: list[NDArray[np.int64]] = []
        """Of each unit: (states, arms), the place of the next state; -1 where the arm may not come."""
        states, seen = [begin], 1
        for unit in range(units):
            places: dict[State, int] = {}
            table = np.full((len(states), arms), -1, np.int64)
            for i, state in enumerate(states):
                for arm in range(arms):
                    after = step(unit, state, arm)
                    if after is not None:
                        table[i, arm] = places.setdefault(after, len(places))
            self._next.append(table)
            states = list(places)
            seen += len(states)
            if seen > MOST_STATES:
                raise TooManyStates(f"this design has more than {MOST_STATES:,} states to count")
        self._ways = self._counted([1] * len(states))
        self._shares: list[NDArray[np.float64]] = []

    def _counted(self, last: list[int]) -> list[list[int]]:
        """How many orders complete each state, of each unit: exact whole numbers, from the end."""
        ways = [last]
        for table in reversed(self._next):
            after = ways[-1]
            ways.append([sum(after[place] for place in row if place >= 0) for row in table.tolist()])
        return ways[::-1]

    @property
    def count(self) -> int:
        """How many orders there are."""
        return self._ways[0][0]

    def following(self, unit: int) -> NDArray[np.int64]:
        """Where the arms lead from each state before a unit: (states, arms), -1 where an arm may not come."""
        return self._next[unit]

    def completing(self, unit: int) -> list[int]:
        """How many orders complete each state before a unit, or after the last one."""
        return self._ways[unit]

    def _cumulative(self) -> list[NDArray[np.float64]]:
        """Of each unit: (states, arms), the share of the completing orders that the arms up to this one lead to."""
        if not self._shares:
            for table, here, after in zip(self._next, self._ways[:-1], self._ways[1:], strict=True):
                shares = np.ones(table.shape)
                for i, row in enumerate(table.tolist()):
                    if here[i]:
                        reached = 0
                        for arm, place in enumerate(row):
                            reached += after[place] if place >= 0 else 0
                            shares[i, arm] = reached / here[i]
                self._shares.append(shares)
        return self._shares

    def many(self, n: int, rng: np.random.Generator) -> Orders:
        """`n` orders by lot: each arm with the share of orders it leads to: (n, units)."""
        found = np.empty((self.units, n), np.int8)
        state = np.zeros(n, np.int64)
        for unit, (shares, table) in enumerate(zip(self._cumulative(), self._next, strict=True)):
            luck = rng.random(n)
            arm = (luck >= shares[state, 0]).astype(np.int64)
            for more in range(1, self.arms - 1):
                arm += luck >= shares[state, more]
            found[unit] = arm
            state = table[state, arm]
        return np.ascontiguousarray(found.T)

    def every(self) -> Orders:
        """All orders, in the order of their digits: (count, units)."""
        orders, state = np.zeros((1, 0), np.int8), np.zeros(1, np.int64)
        for table, after in zip(self._next, self._ways[1:], strict=True):
            alive = np.array([one > 0 for one in after], bool)
            following = table[state]
            row, arm = np.nonzero((following >= 0) & alive[np.maximum(following, 0)])
            orders = np.concatenate([orders[row], arm[:, None].astype(np.int8)], axis=1)
            state = following[row, arm]
        return orders

    def holds(self, order: Orders) -> bool:
        """Whether the walk can go this way to its end."""
        if len(order) != self.units:
            return False
        state = 0
        for table, arm in zip(self._next, order.tolist(), strict=True):
            state = int(table[state, arm]) if arm < self.arms else -1
            if state < 0:
                return False
        return True

    def walk(self) -> Walked:
        """What it was made of."""
        return self._walked


Walked = tuple[int, int, State, Callable[[int, State, int], State | None]]


def given(lot: Lot, order: Orders, pair: tuple[int, int]) -> Walk:
    """The orders that agree with one of them (units,) wherever it has an arm outside of a pair."""
    units, arms, begin, step = lot.walk()
    fixed = [arm if arm not in pair else -1 for arm in order.tolist()]

    def within(unit: int, state: State, arm: int) -> State | None:
        here = fixed[unit]
        return step(unit, state, arm) if arm == here or (here < 0 and arm in pair) else None

    return Walk(units, arms, begin, within)


def dealing(arms: int, block: int, blocks: int, *, longest: int | None) -> Walked:
    """A walk in which every arm comes equally often in each block, and no arm more than `longest` times in a row.

    The state: how often each arm may still come in this block, the arm that came last, and how often in a row.
    """
    each, more = divmod(block, arms)
    full = (each + (more > 0),) * arms
    left_over = sum(full) - block

    def step(unit: int, state: State, arm: int) -> State | None:
        *left, last, run = state
        run = run + 1 if arm == last else 1
        if left[arm] == 0 or (longest is not None and run > longest):
            return None
        left[arm] -= 1
        if left_over and left.count(0) > more:
            return None
        after = full if unit % block == block - 1 else left
        return (*after, arm, run) if longest is not None else (*after, -1, 0)

    return block * blocks, arms, (*full, -1, 0), step


def visiting(weeks: int, a_week: int, apart: int, *, longest: int | None) -> Walked:
    """A walk over days: so many days a week of the second arm, the fewest days `apart`, runs of either arm limited.

    The state: how many are left this week, days since the last one (as far as it matters), the last arm and its run.
    """
    begin = (a_week, apart, -1, 0)

    def step(unit: int, state: State, arm: int) -> State | None:
        left, since, last, run = state
        run = run + 1 if arm == last else 1
        if (arm and (left == 0 or since < apart)) or (longest is not None and run > longest):
            return None
        left -= arm
        if unit % 7 == 6:
            if left:
                return None
            left = a_week
        elif left > 6 - unit % 7:
            return None
        since = 1 if arm else min(since + 1, apart)
        return (left, since, arm, run) if longest is not None else (left, since, -1, 0)

    return 7 * weeks, 2, begin, step
