"""A drawn order taken apart into its drawings, each with all it could have given and how likely that was.

Every design is a walk through states (`designs_lots.Walk`); the chance of what comes next is the share of the orders
that it leads to. Drawings are taken together by the stretch: a block, a week, two periods.
"""

from __future__ import annotations

import numpy as np

from mainstay.errors import BadRequest
from mainstay.trials.designs import DesignSpace
from mainstay.trials.designs_lots import Walk
from mainstay.trials.kinds import Schedule
from mainstay.trials.monitoring_bets import Lot

MOST_WAYS = 130
"""Of one lot; a block that could be dealt in more ways is taken in parts."""
PART = 2


def lots(space: DesignSpace, schedule: Schedule) -> tuple[Lot, ...]:
    """The drawings of a schedule, in order; none where nothing is drawn. What had only one way is left out."""
    if not space.randomised:
        return ()
    walk = space.lot if isinstance(space.lot, Walk) else Walk(*space.lot.walk())
    order = schedule.arm[:: space.length].tolist()
    found: list[Lot] = []
    begin, state = 0, 0
    while begin < walk.units:
        size = _stretch(space, walk.units - begin)
        ways, chances = _ahead(walk, begin, size, state)
        if len(ways) > MOST_WAYS:
            size = min(PART, walk.units - begin)
            ways, chances = _ahead(walk, begin, size, state)
        units = np.arange(begin, begin + size)
        if len(ways) > 1:
            days = (units[:, None] * space.length + np.arange(space.length)).ravel()
            found.append(Lot(days, np.repeat(ways, space.length, axis=1), chances))
        for unit in units.tolist():
            state = int(walk.following(unit)[state, order[unit]])
            if state < 0:
                raise BadRequest(f"the order that was drawn is none that this design allows (from unit {unit + 1} on)")
        begin += size
    return tuple(found)


def _stretch(space: DesignSpace, left: int) -> int:
    """How many units are taken together: a week of days, a block of periods, or two periods."""
    if space.kind in ("contacts", "start_by_lot"):
        return min(7, left)
    if space.kind == "blocks":
        return min(int(np.count_nonzero(space.block == space.block[0])) // space.length, left)
    return min(PART, left)


def _ahead(walk: Walk, begin: int, size: int, state: int) -> tuple[np.ndarray, np.ndarray]:
    """All ways on from a state over `size` units (w, size), and the share of the orders that each leads to (w,)."""
    ways, states = np.zeros((1, 0), np.int64), np.array([state])
    for unit in range(begin, begin + size):
        after = walk.following(unit)[states]
        alive = np.array([one > 0 for one in walk.completing(unit + 1)], bool)
        row, arm = np.nonzero((after >= 0) & alive[np.maximum(after, 0)])
        ways = np.concatenate([ways[row], arm[:, None]], axis=1)
        states = after[row, arm]
    total, leads = walk.completing(begin)[state], walk.completing(begin + size)
    chances = np.array([leads[one] / total for one in states.tolist()])
    return ways, chances / chances.sum()
