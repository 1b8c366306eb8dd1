"""Drawing the days by lot: one order to live by, many to compare with, or all of them; and back from a sealed order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRecord, BadRequest
from mainstay.trials.designs import DesignSpace
from mainstay.trials.designs_lots import Orders
from mainstay.trials.kinds import WASHOUT, Schedule

MOST_AT_ONCE = 200_000_000
"""Days times draws held in memory at once, a byte each."""


def draw(space: DesignSpace, rng: np.random.Generator) -> Schedule:
    """One order by lot, each of the space's as likely. With several baselines: that of the outcome (`draw_each`)."""
    return draw_each(space, rng)[0]


def draw_each(space: DesignSpace, rng: np.random.Generator) -> tuple[Schedule, ...]:
    """One order by lot for each series, independent of one another; one of them without baselines."""
    return tuple(schedule_of(space, many(space, 1, rng)[0]) for _ in space.series)


def many(space: DesignSpace, n: int, rng: np.random.Generator) -> Orders:
    """`n` orders of one series by lot: the arm of each day, (n, days). Refuses more than memory holds."""
    if n < 1 or n * space.days > MOST_AT_ONCE:
        raise BadRequest(f"{n:,} draws of {space.days} days; between 1 and {MOST_AT_ONCE // space.days:,} can be held")
    return _by_day(space, space.lot.many(n, rng))


def every(space: DesignSpace) -> Orders:
    """All orders of one series: (count, days). Refuses more than memory holds."""
    if space.lot.count * space.days > MOST_AT_ONCE:
        raise BadRequest(f"{space.lot.count:,} orders are too many to list; draw some of them by lot")
    return _by_day(space, space.lot.every())


def _by_day(space: DesignSpace, orders: Orders) -> Orders:
    return np.repeat(orders, space.length, axis=1) if space.length > 1 else orders


def analysed(space: DesignSpace, arms: Orders) -> Orders:
    """The arms of orders (n, days) as they are analysed: `WASHOUT` in the first days after a change.

    Of contacts, the days with one are always analysed, and the days of washout follow them.
    """
    if space.washout == 0:
        return arms
    days = np.arange(space.days)
    if space.kind == "contacts":
        last = np.maximum.accumulate(np.where(arms > 0, days, -space.days - 1), axis=1)
        out = (arms == 0) & (days - last <= space.washout)
    else:
        changed = np.zeros(arms.shape, bool)
        changed[:, 1:] = arms[:, 1:] != arms[:, :-1]
        last = np.maximum.accumulate(np.where(changed, days, -space.days - 1), axis=1)
        out = days - last < space.washout
    return np.where(out, np.int8(WASHOUT), arms)


def schedule_of(space: DesignSpace, arm: Orders) -> Schedule:
    """The schedule of one order (days,). Refuses (`BadRecord`) what is no order of this length and these arms."""
    if arm.shape != (space.days,):
        raise BadRecord(f"an order of {len(arm)} days was drawn; the design has {space.days}")
    if not ((arm >= 0) & (arm < len(space.arms))).all():
        raise BadRecord(f"the order names an arm that is none of {', '.join(space.arms)}")
    unit = np.cumsum(np.diff(arm, prepend=arm[:1]) != 0) if space.unit is None else space.unit
    whole = arm.astype(np.int64)
    return Schedule(
        space.start, space.arms, whole, analysed(space, arm[None, :])[0].astype(np.int64), unit.astype(np.int64),
        space.block.astype(np.int64),
    )  # fmt: skip


def schedules_from(space: DesignSpace, drawn: str) -> tuple[Schedule, ...]:
    """The schedules of a sealed order, one for each series. Refuses (`BadRecord`) what this design can't have drawn."""
    parts = drawn.split(".")
    if len(parts) != len(space.series) or not all(parts):
        raise BadRecord(f"{len(parts)} orders were sealed for {len(space.series)} things that are watched")
    orders = [np.array([int(digit) for digit in part], np.int8) for part in parts]
    found = tuple(schedule_of(space, order) for order in orders)
    if not all(could_be_drawn(space, order) for order in orders):
        raise BadRecord("the sealed order is none that this design allows")
    return found


def sealed_as(schedules: tuple[Schedule, ...]) -> str:
    """The arms of each day as digits, of several series joined by ".": what is sealed."""
    return ".".join(one.drawn for one in schedules)


def could_be_drawn(space: DesignSpace, arm: Orders) -> bool:
    """Whether an order (days,) is one of the space's."""
    units: NDArray[np.int8] = arm[:: space.length]
    return bool((np.repeat(units, space.length)[: len(arm)] == arm).all()) and space.lot.holds(units)
