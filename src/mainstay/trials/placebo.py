"""Would the same analysis have found something where there was nothing to find?

- **Pretend starts**: the change is looked for at days on which nothing changed, in the time before the real one alone.
- **The time before**: whether it was rising or falling already, and whether the week before the start was out of the
  ordinary, as it is where somebody starts because it is bad: it would have eased anyway.
- **Outcomes that should not move**: an effect on one of these points to something else that came at the same time.

Source: Abadie and others (2010) for pretend starts; Lipsitch and others (2010) for outcomes that should not move.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay, Interval
from mainstay.trials.effect_model import at_middles, fit
from mainstay.trials.effect_model_core import base_of, regress
from mainstay.trials.interrupted import FEWEST_AFTER, FEWEST_BEFORE, step_at
from mainstay.trials.kinds import Floats, Observed, Schedule
from mainstay.trials.mixtures import Mixture

MOST_STARTS = 20
FEWEST_STARTS = 3
FEWEST_FOR_A_TREND = 8
WEEK = 7.0
UNUSUAL = 2.0
"""Sds of a week's mean by which the week before the start is called out of the ordinary."""


@dataclass(frozen=True, slots=True, eq=False)
class Pretended:
    """The change looked for at pretend starts: `days` (s,), what was found, `effects` (s,), and at the `real` one.

    `as_large`: the share of all starts, the real one with them, with an effect as far from none as the real one: like a
    p-value, if the real day might as well have been any of them. `called`: how many pretend ones pass for one at .05.
    """

    days: Floats
    effects: Floats
    real: float
    as_large: float
    called: int


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """The time before the start. `trend_a_week`: its law.

    `week_before`: how far the last week lay from the weeks before it, in its own sds; `unusual`: whether that is far.
    """

    trend_a_week: Mixture
    week_before: float
    unusual: bool
    n: int


@dataclass(frozen=True, slots=True)
class Untouched:
    """An outcome that should not have moved: the interval of the effect on it, and whether it moved all the same."""

    name: str
    interval: Interval
    moved: bool


def pretended(schedule: Schedule, observed: Observed, *, trend: bool = True) -> Pretended | CannotSay:
    """The change looked for on up to twenty days before the real one. Refuses where fewer than three are possible.

    The time before: what was observed before day 0, and the first phase.
    """
    real_day = float(np.flatnonzero(np.append(schedule.arm, -1) != schedule.arm[0])[0])
    at = np.concatenate([at_middles(observed.before), at_middles(observed.at)])
    value = np.concatenate([observed.before_value, observed.value])
    earlier = at < real_day
    if real_day >= schedule.days or int((~earlier).sum()) < FEWEST_AFTER:
        return CannotSay("there are too few readings after the change", have=int((~earlier).sum()), need=FEWEST_AFTER)
    there = at[earlier]
    window = float(at[-1] - real_day)
    possible = [
        day
        for day in (np.arange(np.ceil(there[0]), real_day) if len(there) else np.zeros(0))
        if (there < day).sum() >= FEWEST_BEFORE and ((there >= day) & (there < day + window)).sum() >= FEWEST_AFTER
    ]
    if len(possible) < FEWEST_STARTS or float(np.ptp(value[earlier])) == 0.0:
        return CannotSay(
            "the time before the change is too short to pretend other starts in it",
            have=len(there),
            need=FEWEST_BEFORE + FEWEST_AFTER + FEWEST_STARTS,
            unit="readings before",
        )
    chosen = np.array(possible)[np.unique(np.linspace(0, len(possible) - 1, MOST_STARTS).round().astype(np.int64))]
    weekday = schedule.start.weekday()
    laws = []
    for day in chosen.tolist():
        kept = earlier & (at < day + window)
        laws.append(step_at(at[kept], value[kept], day, weekday, trend=trend))
    real = step_at(at, value, real_day, weekday, trend=trend).mean
    effects = np.array([law.mean for law in laws])
    as_large = (1 + int((np.abs(effects) >= abs(real)).sum())) / (1 + len(effects))
    return Pretended(chosen, effects, real, as_large, sum(law.p < 0.05 for law in laws))


def before(schedule: Schedule, observed: Observed) -> Before | CannotSay:
    """Whether the time before day 0 was moving already. Refuses fewer than eight readings there, or all the same."""
    at, value = at_middles(observed.before), observed.before_value
    if len(at) < FEWEST_FOR_A_TREND or float(np.ptp(value)) == 0.0:
        return CannotSay(
            "there are too few readings from before the trial to see where it was going",
            have=len(at),
            need=FEWEST_FOR_A_TREND,
            unit="readings before",
        )
    weekday = schedule.start.weekday()
    found = regress(at, value, base_of(at, weekday, trend=True), [np.zeros((len(at), 0))], np.ones(1))
    last = at >= -WEEK
    week = 0.0
    if int(last.sum()) >= 3 and int((~last).sum()) >= FEWEST_FOR_A_TREND:
        law = step_at(at, value, -WEEK, weekday, trend=False)
        week = law.mean / law.sd
    return Before(found.of(1), week, abs(week) >= UNUSUAL, len(at))


def untouched(schedule: Schedule, others: Mapping[str, Observed], arm: str) -> tuple[Untouched | CannotSay, ...]:
    """The effect of an arm on outcomes that it should not move; together they are wrong about one time in ten."""
    if not others:
        raise BadRequest("give at least one outcome that should not move")
    level = 1.0 - 0.1 / len(others)
    found: list[Untouched | CannotSay] = []
    for name, observed in others.items():
        effect = fit(schedule, observed, carryover=False)
        if isinstance(effect, CannotSay):
            found.append(effect)
            continue
        interval = effect.of(arm).interval(level)
        found.append(Untouched(name, interval, 0.0 not in interval))
    return tuple(found)
