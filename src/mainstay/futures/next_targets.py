"""What is forecast of a rating, one row a forecast: the next answer, the next day's mean, the next week's mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mainstay.futures.next_days import Days
from mainstay.notice.series import Series
from mainstay.timeline.kinds import Floats, Timeline

Horizon = Literal["prompt", "day", "week"]
WEEK = 7
LEAST_DAYS_OF_WEEK = 4
"""A week's mean needs so many days with an answer."""


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """n forecasts in order: when each is `made` and can be scored (`due`), in days; the `values`, NaN where none came.

    `weekday`, `slot` (n,): of what is forecast; the slot is a quarter of the day, 0 for whole days and weeks.
    `hours` (n,): local hours of what is forecast, 0 for whole days. The last row is the forecast for what isn't there.
    """

    horizon: Horizon
    made: Floats
    due: Floats
    values: Floats
    weekday: NDArray[np.int64]
    slot: NDArray[np.int64]
    hours: Floats

    @property
    def overlap(self) -> float:
        """How many forecasts share what they are about."""
        return float(WEEK) if self.horizon == "week" else 1.0


def next_answers(timeline: Timeline, series: Series) -> Targets:
    """Each reading of a rating, told when the one before it came (n + 1 rows): at what time it is asked is known.

    The last row stands a day after the last reading.
    """
    times = np.append(series.times, series.times[-1:] + 1.0)
    hours = timeline.local_hours(times)
    made = np.concatenate([times[:1], times[:-1]])
    return Targets(
        "prompt", made, times, np.append(series.values, np.nan), timeline.weekdays(times),
        np.floor(hours / 6.0).astype(np.int64), hours,
    )  # fmt: skip


def of_days(days: Days, values: Floats) -> Targets:
    """The value of each day (count,), told when it begins; the last row is the day after the record."""
    n = days.count + 1
    at, nothing = np.arange(n, dtype=float), np.zeros(n)
    return Targets("day", at, at + 1.0, np.append(values, np.nan), days.weekday[:n], nothing.astype(np.int64), nothing)


def of_weeks(days: Days, item: str) -> Targets:
    """The mean of all answers of the seven days from each on, told when the first begins; NaN where not over yet."""
    n = days.count + 1
    at, nothing = np.arange(n, dtype=float), np.zeros(n)
    asked = days.answers[item]
    told = np.concatenate([[0.0], np.cumsum(asked > 0)])
    number = np.concatenate([[0.0], np.cumsum(asked)])
    total = np.concatenate([[0.0], np.cumsum(np.where(asked > 0, days.means[item], 0.0) * asked)])
    week = np.full(n, np.nan)
    whole = max(days.count - WEEK + 1, 0)
    count = number[WEEK : WEEK + whole] - number[:whole]
    sums = total[WEEK : WEEK + whole] - total[:whole]
    enough = told[WEEK : WEEK + whole] - told[:whole] >= LEAST_DAYS_OF_WEEK
    week[:whole] = np.where(enough, sums / np.maximum(count, 1.0), np.nan)
    return Targets("week", at, at + WEEK, week, nothing.astype(np.int64), nothing.astype(np.int64), nothing)
