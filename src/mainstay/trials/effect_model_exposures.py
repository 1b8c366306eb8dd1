"""How much of an arm is on at a time, and how long it may carry over."""

from __future__ import annotations

import numpy as np

from mainstay.trials.kinds import Floats, Schedule

HALF_LIVES = (0.5, 1.0, 2.0, 3.0, 5.0, 8.0)
"""Half-lives of what carries over that are looked at, in days; likelier beforehand the shorter, by 1 / sqrt."""
NO_CARRYOVER = 0.2
"""The prior chance that nothing carries over."""
LONGEST_IN_STRETCHES = 3.0
"""The longest half-life looked at, in mean stretches of an arm."""
LEAST_CHANGE = 1e-3
"""Half-lives between which no exposure changes by as much are one."""


def exposures(schedule: Schedule, at: Floats, half_life_days: float) -> Floats:
    """How much of each arm but the first is on at times (n,): 1 while on, halving after it ended; (n, arms - 1)."""
    day = np.floor(at).astype(np.int64)
    found = np.zeros((len(at), len(schedule.arms) - 1))
    for k in range(1, len(schedule.arms)):
        on = schedule.arm == k
        found[:, k - 1] = on[day]
        if half_life_days > 0.0:
            last = np.maximum.accumulate(np.where(on, np.arange(schedule.days), -1))[day]
            since = np.where(last >= 0, np.maximum(at - (last + 1.0), 0.0), np.inf)
            found[:, k - 1] = np.where(on[day], 1.0, np.exp2(-since / half_life_days))
    return found


def stretch_days(schedule: Schedule) -> float:
    """The mean length of a stretch of one arm."""
    return float(schedule.days / (1.0 + np.count_nonzero(np.diff(schedule.arm))))


def exposures_each(
    schedule: Schedule, at: Floats, *, carryover: bool
) -> tuple[tuple[float, ...], list[Floats], Floats]:
    """Half-lives (c,) that this schedule can show, 0 first; the exposures with each (n, arms - 1); priors (c,)."""
    tried, columns = [0.0], [exposures(schedule, at, 0.0)]
    for half_life in HALF_LIVES if carryover else ():
        one = exposures(schedule, at, half_life)
        shown = half_life <= LONGEST_IN_STRETCHES * stretch_days(schedule)
        if shown and float(np.abs(one - columns[-1]).max()) > LEAST_CHANGE:
            tried.append(half_life)
            columns.append(one)
    if len(tried) == 1:
        return tuple(tried), columns, np.ones(1)
    likely = np.array(tried[1:]) ** -0.5
    return tuple(tried), columns, np.append(NO_CARRYOVER, (1.0 - NO_CARRYOVER) * likely / likely.sum())
