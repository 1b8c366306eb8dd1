"""What the parts of this chapter hand to each other: the order that was drawn, and what was observed under it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest

Floats = NDArray[np.float64]
Arms = NDArray[np.int64]
WASHOUT = -1
"""In `Schedule.analysed`: a day that is lived as its arm says and is not analysed."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Which arm each day belongs to. Day 0 is `start`, a local date.

    `arms`: their names, the one that is compared with first. `arm` (n,): the arm of each day, an index of `arms`.
    `analysed` (n,): the same, `WASHOUT` where the day is left out. `unit` (n,): the unit that was drawn by lot the day
    belongs to (period, phase, day), counted from 0. `block` (n,): the block within which it was drawn.
    """

    start: date
    arms: tuple[str, ...]
    arm: Arms
    analysed: Arms
    unit: Arms
    block: Arms

    def __post_init__(self) -> None:
        lengths = {len(one) for one in (self.arm, self.analysed, self.unit, self.block)}
        if len(lengths) != 1 or 0 in lengths:
            raise BadRequest("a schedule needs an arm, a unit and a block for every day, and at least one day")
        if not ((self.arm >= 0) & (self.arm < len(self.arms))).all():
            raise BadRequest(f"a schedule names an arm outside of {', '.join(self.arms)}")

    @property
    def days(self) -> int:
        """How many days it has."""
        return len(self.arm)

    @property
    def drawn(self) -> str:
        """The arm of each day as digits: what is sealed."""
        return "".join(map(str, self.arm.tolist()))


@dataclass(frozen=True, slots=True)
class Observed:
    """What was observed of an outcome. `at` (m,): days since the schedule's start, ascending; `value` (m,).

    `unit`: of `value`, in words ("points of tension", "a day"). `better`: -1 where low is better, 1 where high is.
    `low`, `high`: the ends of the scale, None where it has none. `before` and `before_value`: the same of what lies
    before day 0 (`before` < 0), for the checks of the time before. `hours`: which hours of a day count, in a sentence,
    where an arm has hours of its own.
    """

    at: Floats
    value: Floats
    unit: str
    better: int
    low: float | None
    high: float | None
    before: Floats
    before_value: Floats
    hours: str = ""

    def __post_init__(self) -> None:
        if len(self.at) != len(self.value) or len(self.before) != len(self.before_value):
            raise BadRequest("an outcome needs as many values as times")
        if not (np.isfinite(self.value).all() and np.isfinite(self.at).all()):
            raise BadRequest("an outcome's values and times must be finite; leave out what is missing")

    def by_day(self, days: int) -> Floats:
        """The mean of each day (days,); NaN on days without any."""
        day = np.floor(self.at).astype(np.int64)
        inside = (day >= 0) & (day < days)
        total = np.bincount(day[inside], self.value[inside], days)
        count = np.bincount(day[inside], minlength=days)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)
