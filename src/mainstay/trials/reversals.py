"""Changes that were not drawn by lot and were taken back (ABAB, ABAC…): all changes of phase together.

    y = base + trend + sum over arms of b_k (arm k is on) + x + e                       (`trials.effect_model_core`)

What comes and goes with an arm several times is less likely to be something else than what came once (Kazdin 2011).
It is weaker than a drawing by lot all the same: the moments were chosen, and what else goes in the same rhythm can't be
told from the arm. How often such a series is called where nothing changes anything was measured (`CALLED`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mainstay.quantities import CannotSay
from mainstay.trials.effect_model import at_middles, exposures, readings
from mainstay.trials.effect_model_core import base_of, regress
from mainstay.trials.interrupted import FEWEST_AFTER, FEWEST_BEFORE
from mainstay.trials.kinds import WASHOUT, Floats, Observed, Schedule
from mainstay.trials.mixtures import Mixture

CALLED = 0.12
"""How often, at most, a series in which nothing changed was called at .05, over swings of .0 to .9 from day to day,
three to six phases and 42 to 240 days (tests/trials/test_reversals.py)."""
FEWEST_CHANGES = 2
FEWEST_IN_A_PHASE = 3
"""Readings that a phase needs for its change to be counted."""
METHOD = "regression over all phases, Ornstein-Uhlenbeck errors and readings' noise; nothing drawn by lot"


@dataclass(frozen=True, slots=True, eq=False)
class Reversed:
    """The difference while an arm is on, over all its phases. `law`: its posterior, in the outcome's units.

    `changes`: from the first arm to it or back, with readings enough on both sides; `alike`: how many of them went as
    the law's mean says. `readings`: with the first arm and with it.
    """

    arm: str
    law: Mixture
    changes: int
    alike: int
    readings: tuple[int, int]
    swing_half_life_days: float
    method: str = METHOD


def changes(schedule: Schedule, days: int) -> int:
    """How many changes of phase there are in the first `days` days."""
    return int(np.count_nonzero(np.diff(schedule.arm[:days])))


def taken_back(
    schedule: Schedule, observed: Observed, *, days: int, arm: int, trend: bool = True
) -> Reversed | CannotSay:
    """An arm against the first over the first `days` days; what was observed before day 0 counts to the first arm.

    Refuses fewer than two changes of phase, fewer than ten readings without any arm or six with it, and an outcome
    that never moves.
    """
    have = changes(schedule, days)
    if have < FEWEST_CHANGES:
        return CannotSay("it was not taken back", have=have, need=FEWEST_CHANGES, unit="changes of phase")
    at, value, on = readings(schedule, observed)
    kept = at < days
    at, value, on = at[kept], value[kept], on[kept]
    counts = int((on == 0).sum()) + len(observed.before), int((on == arm).sum())
    for count, need, which in zip(counts, (FEWEST_BEFORE, FEWEST_AFTER), (0, arm), strict=True):
        if count < need:
            why = f"there are too few readings with “{schedule.arms[which]}”"
            return CannotSay(why, have=count, need=need, unit="readings")
    lived = np.unique(on[on > 0])
    columns = exposures(schedule, at, 0.0)[:, lived - 1]
    before = at_middles(observed.before)
    columns = np.concatenate([np.zeros((len(before), len(lived))), columns])
    at, value = np.concatenate([before, at]), np.concatenate([observed.before_value, value])
    if float(np.ptp(value)) == 0.0:
        return CannotSay("every reading is the same, so nothing can be read from them", n=len(value))
    found = regress(at, value, base_of(at, schedule.start.weekday(), trend=trend), [columns], np.ones(1))
    law = found.of(found.effects_from + int(np.searchsorted(lived, arm)))
    steps = _steps(schedule, observed.by_day(schedule.days)[:days], arm)
    alike = int((np.sign(steps) == np.sign(law.mean)).sum())
    return Reversed(schedule.arms[arm], law, len(steps), alike, counts, found.swing_half_life_days)


def _steps(schedule: Schedule, by_day: Floats, arm: int) -> Floats:
    """At each change between the first arm and another one, with readings on both sides: how much more with the arm."""
    drawn, analysed = schedule.arm[: len(by_day)], schedule.analysed[: len(by_day)]
    begins = np.concatenate([[0], np.flatnonzero(np.diff(drawn)) + 1, [len(drawn)]])
    means, arms = [], []
    for first, last in pairwise(begins.tolist()):
        phase = by_day[first:last][analysed[first:last] != WASHOUT]
        told = phase[np.isfinite(phase)]
        means.append(float(told.mean()) if len(told) >= FEWEST_IN_A_PHASE else np.nan)
        arms.append(int(drawn[first]))
    steps = [
        (later - earlier) * (1.0 if to == arm else -1.0)
        for (earlier, was), (later, to) in pairwise(zip(means, arms, strict=True))
        if {was, to} == {0, arm}
    ]
    found = np.asarray(steps, np.float64)
    return found[np.isfinite(found)]
