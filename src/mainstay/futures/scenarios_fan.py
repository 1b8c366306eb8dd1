"""Strain ahead as a fan: quantiles by day on the anchor's scale, the middle path of each scenario, the days before."""

from __future__ import annotations

from typing import Any

import numpy as np

from mainstay.futures.paths import Floats, Paths
from mainstay.futures.scenarios import Partition
from mainstay.futures.scenarios_days import Days
from mainstay.futures.scenarios_rules import OwnLimit
from mainstay.futures.urgency import points_of
from mainstay.quantities import CannotSay
from mainstay.records.kinds import Item

LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
"""The ends of the middle 90, 80 and 50 % of futures on a day, and the middle one."""

PAST_DAYS = 28
FEWEST_FUTURES = 50
"""The middle of fewer futures than these says nothing of a scenario."""


def fan_of(paths: Paths, split: Partition, limit: OwnLimit | CannotSay, before: Days, item: Item | None) -> Any:
    """The fan as plain lists: `days` (0: now; a day stands at its noon), `quantiles` by `levels`, `middle` by scenario.

    On the item's scale and within its ends; where nothing is rated, in points above the person's rest.
    """
    points = points_of(paths.days)
    strain = _rated(paths, paths.strain[:, points], item)
    low, high = (-np.inf, np.inf) if item is None else (item.low, item.high)
    ordered = np.sort(strain, axis=0)
    at = np.rint(np.array(LEVELS) * (paths.n - 1)).astype(np.int64)
    fan: dict[str, Any] = {
        "days": (points + 0.5).tolist(),
        "levels": list(LEVELS),
        "quantiles": np.clip(ordered[at], low, high).tolist(),
        "middle": {
            name: np.clip(np.median(strain[split.which == k], axis=0), low, high).tolist()
            for k, name in enumerate(split.names)
            if (split.which == k).sum() >= FEWEST_FUTURES
        },
        "unit": "points of strain above rest" if item is None else f"{item.name} ({item.low:g} to {item.high:g})",
    }
    if isinstance(limit, OwnLimit) and item is not None:
        fan["limit"] = limit.rating
    if before.rating is not None and item is not None:
        last = np.clip(before.rating[-PAST_DAYS:], low, high)
        days = np.arange(-len(last), 0) + 0.5
        fan["past"] = {"days": days[np.isfinite(last)].tolist(), "mean": last[np.isfinite(last)].tolist()}
    return fan


def _rated(paths: Paths, strain: np.ndarray[Any, np.dtype[np.float32]], item: Item | None) -> Floats:
    points = np.asarray(strain, np.float64)
    if item is None or paths.at_rest is None:
        return points
    rated: Floats = paths.at_rest[:, None] + paths.slope * points
    return rated
