"""A change that was not drawn by lot (AB): the time after it against what the time before foretold.

    y = base + trend + step + slope · (time since the change) + x + e                   (`trials.effect_model_core`)

What came at the same time as the change, and the moment at which it was chosen (often the worst), are taken for the
change's doing: weaker evidence than a drawing by lot, and said to be. With swings as persistent as people's are, the
test of such a series calls more than it should; how often was measured (`CALLED`), and is part of the answer.

Source: Wagner and others (2002) for segmented regression; Bernal and others (2017).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mainstay.quantities import CannotSay
from mainstay.trials.effect_model import at_middles, readings, too_few
from mainstay.trials.effect_model_core import Regressed, base_of, regress
from mainstay.trials.kinds import Arms, Floats, Observed, Schedule
from mainstay.trials.mixtures import Mixture

FEWEST_BEFORE, FEWEST_AFTER = 10, 6
FORECAST_AT = 5
CALLED = 0.12
"""How often, at most, a series in which nothing changed was called at .05, over swings of .0 to .8 from day to day and
60 to 240 days (tests/calibration/test_trials.py)."""
WEAKER = "weaker: nothing was drawn by lot, so what else changed at the same time can't be told from it"
METHOD = "segmented regression (step and slope), Ornstein-Uhlenbeck errors and readings' noise; nothing drawn by lot"


@dataclass(frozen=True, slots=True, eq=False)
class Interrupted:
    """What changed when the second arm began. In the outcome's units; laws are posteriors.

    `step`: at once. `slope_a_week`: how much more it rises a week than before, None without a trend. `over_time`: the
    mean change over the time after: what there was less what the time before foretold. `forecast` (m, 3): for each
    day after, `days` (m,), what was foretold without the change: the 90 % interval's low, middle and high of its level.
    `before`, `after`: readings.
    """

    arm: str
    step: Mixture
    slope_a_week: Mixture | None
    over_time: Mixture
    days: Arms
    forecast: Floats
    before: int
    after: int
    swing_half_life_days: float
    noise_sd: float
    method: str = METHOD


def interrupted(schedule: Schedule, observed: Observed, *, trend: bool = True) -> Interrupted | CannotSay:
    """The change from the first arm to the next that came after it; later phases are left out.

    What was observed before day 0 counts to the time before. Refuses fewer than ten readings before or six after.
    """
    first = int(np.flatnonzero(np.append(schedule.arm, -1) != schedule.arm[0])[0])
    after_it = schedule.arm[first:]
    last = first + int(np.flatnonzero(np.append(after_it, -1) != after_it[0])[0]) if len(after_it) else first
    at, value, _ = readings(schedule, observed)
    at = np.concatenate([at_middles(observed.before), at])
    value = np.concatenate([observed.before_value, value])
    kept = at < last
    at, value = at[kept], value[kept]
    began = float(first)
    before, after = int((at < began).sum()), int((at >= began).sum())
    if before < FEWEST_BEFORE or after < FEWEST_AFTER:
        short, have, need = (
            ("before", before, FEWEST_BEFORE) if before < FEWEST_BEFORE else ("after", after, FEWEST_AFTER)
        )
        return CannotSay(f"there are too few readings {short} the change", have=have, need=need, unit="readings")
    if (refusal := too_few(schedule, (at >= began).astype(np.int64), value)) is not None:
        return refusal
    base = base_of(at, schedule.start.weekday(), trend=trend)
    found = regress(at, value, base, [_change(at, began, trend=trend)], np.ones(1))
    return _told(schedule, found, at, began, trend=trend, counts=(before, after))


def step_at(at: Floats, value: Floats, began: float, weekday: int, *, trend: bool) -> Mixture:
    """The mean change over the time after a day, from readings (n) that differ. `weekday`: of day 0."""
    found = regress(at, value, base_of(at, weekday, trend=trend), [_change(at, began, trend=trend)], np.ones(1))
    return found.law(_mean_change(found, at, began, trend=trend))


def _mean_change(found: Regressed, at: Floats, began: float, *, trend: bool) -> Floats:
    k = found.effects_from
    mean = np.zeros(found.at.shape[-1])
    mean[k] = 1.0
    if trend:
        mean[k + 1] = float((at[at >= began] - began).mean()) / _unit(at, began)
    return mean


def _change(at: Floats, began: float, *, trend: bool) -> Floats:
    """Step, and the time since in units of half the time after: their priors say the same of both."""
    since = np.where(at >= began, at - began, 0.0)
    step = (at >= began).astype(float)
    return np.column_stack([step, since / _unit(at, began)]) if trend else step[:, None]


def _unit(at: Floats, began: float) -> float:
    return max(0.5 * float(at[-1] - began), 0.5)


def _told(
    schedule: Schedule, found: Regressed, at: Floats, began: float, *, trend: bool, counts: tuple[int, int]
) -> Interrupted:
    k = found.effects_from
    p = found.at.shape[-1]
    step = np.zeros(p)
    step[k] = 1.0
    slope = None
    if trend:
        a_week = np.zeros(p)
        a_week[k + 1] = 7.0 / _unit(at, began)
        slope = found.law(a_week)
    days = np.arange(int(began), int(np.floor(at[-1])) + 1)
    return Interrupted(
        arm=schedule.arms[int(schedule.arm[int(began)])],
        step=found.law(step),
        slope_a_week=slope,
        over_time=found.law(_mean_change(found, at, began, trend=trend)),
        days=days,
        forecast=_forecast(found, at, days, trend=trend),
        before=counts[0],
        after=counts[1],
        swing_half_life_days=found.swing_half_life_days,
        noise_sd=found.noise_sd,
    )


def _forecast(found: Regressed, at: Floats, days: Arms, *, trend: bool) -> Floats:
    """The level without the change on each day (m, 3): 90 % interval's low, middle, high; straight between."""
    shown = np.unique(np.linspace(0, len(days) - 1, FORECAST_AT).round().astype(np.int64))
    rows = np.zeros((len(shown), found.at.shape[-1]))
    rows[:, 0] = 1.0
    if trend:
        rows[:, 1] = (days[shown] + 0.5 - 0.5 * (at[0] + at[-1])) / 7.0
    weekdays = found.effects_from - found.base.flat
    if weekdays:
        rows[:, found.base.flat : found.effects_from] = 1.0 / weekdays
    told = np.array([found.law(row).quantiles((0.05, 0.5, 0.95)) for row in rows])
    return np.column_stack([np.interp(days, days[shown], told[:, i]) for i in range(3)])
