"""How urgent it is: when strain goes beyond the person's own limit, over simulated futures, as a survival curve.

Every future counts, whatever else comes first in it. Beyond the horizon nothing is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mainstay.futures.paths import Chance, Paths
from mainstay.futures.scenarios_chances import chances_of
from mainstay.futures.scenarios_days import Days, nothing_before
from mainstay.futures.scenarios_rules import Ground, OwnLimit, first_days, holds_at_start
from mainstay.quantities import CannotSay
from mainstay.records.statements_scenario import Condition

WITHIN_DAYS = (14, 28, 56, 91)
MOST_POINTS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Urgency:
    """Time to the limit. `left`: by day (0: now) the chance that it is not reached yet, with its interval.

    `within`: by number of days, the chance that it is reached; `median_day`: by then half of all futures have reached
    it, None where fewer do within the horizon. `already`: it is reached as futures begin; then the rest is empty.
    """

    limit: OwnLimit
    days: int
    left: Mapping[int, Chance]
    within: Mapping[int, Chance]
    median_day: int | None
    already: bool = False


def time_to_limit(paths: Paths, limit: OwnLimit, before: Days | None = None) -> Urgency | CannotSay:
    """When the own limit is reached. `before`: the record by days, which the days in a row may begin in.

    Refuses where futures have no rating scale.
    """
    ground = Ground(nothing_before() if before is None else before, paths, paths.usual, limit, paths.slope)
    asked = ground.asked(Condition("strain", "", above=True, value=None, relative=False, days=limit.days))
    if isinstance(asked, str):
        return CannotSay(asked, row="S19", about="own limit", quantity="time to the limit")
    if holds_at_start([asked]):
        return Urgency(limit, paths.days, {}, {}, None, already=True)
    reached = first_days([[asked]], paths.n, paths.days)[0] + 1
    points = points_of(paths.days + 1)
    left = chances_of(reached[:, None] > points, paths.parameters_of)
    spans = tuple(sorted({*(one for one in WITHIN_DAYS if one < paths.days), paths.days}))
    within = chances_of(reached[:, None] <= np.array(spans), paths.parameters_of)
    middle = int(np.sort(reached)[(paths.n - 1) // 2])
    return Urgency(
        limit=limit,
        days=paths.days,
        left=dict(zip(points.tolist(), left, strict=True)),
        within=dict(zip(spans, within, strict=True)),
        median_day=middle if middle <= paths.days else None,
    )


def points_of(days: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """At most sixty of so many days from 0 on, evenly spread, the first and the last among them."""
    points = np.linspace(0, days - 1, min(days, MOST_POINTS))
    return np.unique(np.rint(points).astype(np.int64))
