"""How much an arm changes the outcome: regression in continuous time with swings, noise and what carries over.

    y = base + trend + weekday + sum over arms of b_k x_k(t) + x + e                    (`trials.effect_model_core`)

x_k(t) is 1 while arm k is on and halves every h days after it ends: what carries over. h is unknown, and so are how
long swings last and how large they are beside the noise of a reading: what is told is averaged over all three. Readings
may come at any times and be missing at any. Where the design can't tell an arm that lasts from one that does little, no
estimate is told (`trials.effect_model_apart`), and the interval spans every half-life that fits.

Source: Harvey (1989) for the regression; Rochon (1990), Percha and others (2019) for carryover in trials of one person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay, Interval
from mainstay.trials.effect_model_apart import told_apart
from mainstay.trials.effect_model_core import Regressed, base_of, regress
from mainstay.trials.effect_model_exposures import exposures, exposures_each
from mainstay.trials.kinds import WASHOUT, Arms, Floats, Observed, Schedule
from mainstay.trials.mixtures import Mixture

LEVEL = 0.90
FITS = 0.15
"""Half-lives whose likelihood is a smaller share of the best one's are taken to be ruled out."""
FEWEST_READINGS, FEWEST_IN_AN_ARM = 8, 3
METHOD = (
    "regression with Ornstein-Uhlenbeck errors and readings' noise, carryover and weekday; averaged over how long "
    "swings last, how large they are and how long an arm carries over"
)
__all__ = ["ArmEffect", "Effect", "at_middles", "exposures", "fit", "posterior", "readings", "too_few"]


@dataclass(frozen=True, slots=True, eq=False)
class ArmEffect:
    """What one arm changes against the first, while it is on, in the outcome's own units (not signed by `better`).

    `law`: the posterior. `readings`: with this arm on. `laws`: the posterior with each half-life of what carries over
    that fits, where they can't be averaged without bias; else the one posterior.
    """

    arm: str
    against: str
    law: Mixture
    readings: int
    laws: tuple[Mixture, ...]

    @property
    def mean(self) -> float:
        """The posterior mean."""
        return self.law.mean

    @property
    def sd(self) -> float:
        """The posterior sd."""
        return self.law.sd

    def interval(self, level: float = LEVEL) -> Interval:
        """The central credible interval; from the lowest to the highest end where several posteriors fit."""
        each = [one.interval(level) for one in self.laws]
        return Interval(min(one.low for one in each), max(one.high for one in each), level)

    def chance_better(self, better: int, by: float = 0.0) -> float:
        """The posterior chance that the arm is better than the first by more than `by` (-: worse by less); the least
        where several posteriors fit.
        """
        return min(1.0 - one.cdf(by) if better > 0 else one.cdf(-by) for one in self.laws)


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """The effect of every arm but the first. `n`: readings used; `days`: days they lie on.

    `carries_over`: the chance that something does; `carryover_half_life_days`: its most likely half-life, None where
    it is likelier that nothing does. `swing_half_life_days`, `swing_share`: how long swings last, and their share of
    the variance that is left. `trend_a_week`: mean and sd, None where the model has no trend. `noise_sd`: of all left.
    `untold`: why no estimate is to be told of the effects, only their intervals; None where one is.
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
    untold: CannotSay | None
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

    Refuses fewer than eight readings, fewer than three with any arm on, an outcome that never moves, and designs that
    can't tell the effect apart from what carries over (`untold`).
    """
    found = posterior(schedule, observed, trend=trend, carryover=carryover)
    return found if isinstance(found, CannotSay) or found.untold is None else found.untold


def posterior(
    schedule: Schedule, observed: Observed, *, trend: bool = True, carryover: bool = True
) -> Effect | CannotSay:
    """As `fit`, but where the effect can't be told apart from what carries over its interval is still given."""
    at, value, arm = readings(schedule, observed)
    if (refusal := too_few(schedule, arm, value)) is not None:
        return refusal
    half_lives, columns, priors = exposures_each(schedule, at, carryover=carryover)
    base = base_of(at, schedule.start.weekday(), trend=trend)
    return _told(schedule, regress(at, value, base, columns, priors), half_lives, arm, at, trend=trend)


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


def _told(
    schedule: Schedule, found: Regressed, half_lives: tuple[float, ...], arm: Arms, at: Floats, *, trend: bool
) -> Effect:
    carries = float(found.by_candidate[1:].sum())
    slope = found.of(1) if trend else None
    untold = told_apart(schedule, found, half_lives, trend=trend) if len(half_lives) > 1 else None
    fitting: list[int | None] = [None]
    if untold is not None:
        likely = found.by_candidate / found.priors
        fitting = [*np.flatnonzero(likely >= FITS * likely.max()).tolist()]
    effects = []
    for k in range(1, len(schedule.arms)):
        column = found.effects_from + k - 1
        laws = tuple(found.of(column, one) for one in fitting)
        law = laws[0] if untold is None else found.of(column)
        effects.append(ArmEffect(schedule.arms[k], schedule.arms[0], law, int((arm == k).sum()), laws))
    return Effect(
        effects=tuple(effects),
        n=len(at),
        days=len(np.unique(np.floor(at))),
        carries_over=carries,
        carryover_half_life_days=half_lives[1 + int(found.by_candidate[1:].argmax())] if carries > 0.5 else None,
        swing_half_life_days=found.swing_half_life_days,
        swing_share=found.swing_share,
        trend_a_week=None if slope is None else (slope.mean, slope.sd),
        noise_sd=found.noise_sd,
        untold=untold,
    )
