"""How much an arm changes the outcome: regression in continuous time with swings, noise and what carries over.

    y = base + trend + weekday + sum over arms of b_k x_k(t) + x + e                    (`trials.effect_model_core`)

x_k(t) is 1 while arm k is on and halves every h days after it ends: what carries over. h is unknown (a quarter of the
weight lies on nothing carrying over), and so are how long swings last and how large they are beside the noise of a
reading: what is told is averaged over all three. Readings may come at any times and be missing at any.

Source: Harvey (1989) for the regression; Rochon (1990), Percha and others (2019) for carryover in trials of one person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay, Interval
from mainstay.trials.effect_model_core import Regressed, base_of, regress
from mainstay.trials.kinds import WASHOUT, Arms, Floats, Observed, Schedule
from mainstay.trials.mixtures import Mixture

LEVEL = 0.90
CARRYOVER_HALF_LIVES = (0.5, 1.0, 2.0, 4.0, 8.0)
LONGEST_CARRYOVER = 3.0
"""The longest half-life looked at, in mean stretches of an arm: what carries over longer than that a design with
stretches so short can't tell from an arm that does little."""
NO_CARRYOVER = 0.25
"""The prior chance that nothing carries over."""
FEWEST_READINGS, FEWEST_IN_AN_ARM = 8, 3
METHOD = (
    "regression with Ornstein-Uhlenbeck errors and readings' noise, carryover and weekday; averaged over how long "
    "swings last, how large they are and how long an arm carries over"
)


@dataclass(frozen=True, slots=True, eq=False)
class ArmEffect:
    """What one arm changes against the first, while it is on, in the outcome's own units (not signed by `better`).

    `law`: the posterior. `readings`: with this arm on.
    """

    arm: str
    against: str
    law: Mixture
    readings: int

    @property
    def mean(self) -> float:
        """The posterior mean."""
        return self.law.mean

    @property
    def sd(self) -> float:
        """The posterior sd."""
        return self.law.sd

    def interval(self, level: float = LEVEL) -> Interval:
        """The central credible interval."""
        return self.law.interval(level)

    def chance_better(self, better: int, by: float = 0.0) -> float:
        """The posterior chance that the arm is better than the first by more than `by` (-: worse by less)."""
        return 1.0 - self.law.cdf(by) if better > 0 else self.law.cdf(-by)


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """The effect of every arm but the first. `n`: readings used; `days`: days they lie on.

    `carries_over`: the chance that something does; `carryover_half_life_days`: its most likely half-life, None where
    it is likelier that nothing does. `swing_half_life_days`, `swing_share`: how long swings last, and their share of
    the variance that is left. `trend_a_week`: mean and sd, None where the model has no trend. `noise_sd`: of all left.
    """

    effects: tuple[ArmEffect, ...]
    n: int
    days: int
    carries_over: float
    carryover_half_life_days: float | None
    swing_half_life_days: float
    swing_share: float
    trend_a_week: tuple[float, float] | None
    noise_sd: float
    method: str = METHOD

    def of(self, arm: str) -> ArmEffect:
        """The effect of an arm by name; refuses names that are none."""
        for one in self.effects:
            if one.arm == arm:
                return one
        known = ", ".join(one.arm for one in self.effects)
        raise BadRequest(f"{arm!r} is no arm that was compared with the first; those are {known}")


def fit(schedule: Schedule, observed: Observed, *, trend: bool = True, carryover: bool = True) -> Effect | CannotSay:
    """The effect of each arm from readings on days that are analysed.

    Refuses fewer than eight readings, fewer than three with any arm on, and an outcome that never moves.
    """
    at, value, arm = readings(schedule, observed)
    if (refusal := too_few(schedule, arm, value)) is not None:
        return refusal
    stretch = schedule.days / (1.0 + np.count_nonzero(np.diff(schedule.arm)))
    tried: list[float] = [0.0]
    columns = [exposures(schedule, at, 0.0)]
    for half_life in CARRYOVER_HALF_LIVES if carryover else ():
        one = exposures(schedule, at, half_life)
        if half_life <= LONGEST_CARRYOVER * stretch and float(np.abs(one - columns[-1]).max()) > 1e-3:
            tried.append(half_life)
            columns.append(one)
    priors = np.full(len(tried), (1.0 - NO_CARRYOVER) / max(len(tried) - 1, 1))
    priors[0] = NO_CARRYOVER if len(tried) > 1 else 1.0
    base = base_of(at, schedule.start.weekday(), trend=trend)
    return _told(schedule, regress(at, value, base, columns, priors), tried, arm, at, trend=trend)


def readings(schedule: Schedule, observed: Observed) -> tuple[Floats, Floats, Arms]:
    """Times, values and arms (n,) of the readings on days that are analysed. Whole days are taken at their middle."""
    at = at_middles(observed.at)
    day = np.floor(at).astype(np.int64)
    inside = (day >= 0) & (day < schedule.days)
    inside[inside] = schedule.analysed[day[inside]] != WASHOUT
    return at[inside], observed.value[inside], schedule.analysed[day[inside]]


def at_middles(at: Floats) -> Floats:
    """The times, at the middle of their day where none has a time of day."""
    return at + 0.5 if bool((at == np.floor(at)).all()) else at


def too_few(schedule: Schedule, arm: Arms, value: Floats) -> CannotSay | None:
    """The refusal where readings are too few to say anything, or all the same."""
    if len(value) < FEWEST_READINGS:
        return CannotSay(
            "there are too few readings on the trial's days", have=len(value), need=FEWEST_READINGS, unit="readings"
        )
    counts = np.bincount(arm, minlength=len(schedule.arms))
    least = int(counts.argmin())
    if counts[least] < FEWEST_IN_AN_ARM:
        return CannotSay(
            f"there are too few readings with “{schedule.arms[least]}”",
            have=int(counts[least]),
            need=FEWEST_IN_AN_ARM,
            unit="readings",
        )
    if float(np.ptp(value)) == 0.0:
        return CannotSay("every reading is the same, so nothing can be read from them", n=len(value))
    return None


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


def _told(schedule: Schedule, found: Regressed, tried: list[float], arm: Arms, at: Floats, *, trend: bool) -> Effect:
    by_carryover = found.weights.sum(axis=(1, 2))
    carries = float(by_carryover[1:].sum())
    slope = found.of(1) if trend else None
    return Effect(
        effects=tuple(
            ArmEffect(schedule.arms[k], schedule.arms[0], found.of(found.effects_from + k - 1), int((arm == k).sum()))
            for k in range(1, len(schedule.arms))
        ),
        n=len(at),
        days=len(np.unique(np.floor(at))),
        carries_over=carries,
        carryover_half_life_days=tried[1 + int(by_carryover[1:].argmax())] if carries > 0.5 else None,
        swing_half_life_days=found.swing_half_life_days,
        swing_share=found.swing_share,
        trend_a_week=None if slope is None else (slope.mean, slope.sd),
        noise_sd=found.noise_sd,
    )
