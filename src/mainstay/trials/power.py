"""How many weeks a trial takes to see the difference that matters, by trials simulated from the person's own days.

The person's days: how far answers lie apart, how long swings last, and how often a day has an answer, all from what
they recorded before (`life_of`). Each simulated trial draws its days as the design says, adds the difference on days
with the arm, and is tested by its lot (`randomisation`) at the level that is left for the end. Relief is one question,
recovery another: there what is counted are acts of relief, and stretches last two weeks (`claims_kinds`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay, Probability, probability
from mainstay.records.statements_protocol import DesignKind, DesignTable, ProtocolFile
from mainstay.trials import drawing, randomisation
from mainstay.trials.claims_kinds import FEWEST_STRETCH_DAYS
from mainstay.trials.designs import DesignSpace, space
from mainstay.trials.effect_model import at_middles
from mainstay.trials.effect_model_core import base_of, regress
from mainstay.trials.kinds import Floats, Observed, Schedule

WEEKS = (2, 3, 4, 6, 8, 10, 12, 16, 20, 26, 38, 52)
WISHED = 0.8
FEWEST_DAYS = 14
TRIALS, ORDERS = 120, 199
"""Simulated trials a length, each tested against so many orders: a chance of .8 is known to about .04."""
KINDS: tuple[DesignKind, ...] = ("blocks", "alternating", "contacts", "start_by_lot")


@dataclass(frozen=True, slots=True)
class Life:
    """A person's days. `sd`: of a day's mean around their usual level; `swing_share` of its variance lasts, halving in
    `swing_half_life_days`. `answered`: the share of days with an answer. `days`: from how many.
    """

    sd: float
    swing_share: float
    swing_half_life_days: float
    answered: float
    days: int

    def __post_init__(self) -> None:
        if not (self.sd > 0.0 and 0.0 <= self.swing_share <= 1.0 and 0.0 < self.answered <= 1.0):
            raise BadRequest("days need an sd above 0, and shares between 0 and 1")
        if not self.swing_half_life_days > 0.0:
            raise BadRequest(f"swings need a half-life above 0 days, not {self.swing_half_life_days}")

    def lived(self, days: int, n: int, rng: np.random.Generator) -> Floats:
        """Days of so many lives (n, days), around nought; NaN where there is no answer."""
        keep = 0.5 ** (1.0 / self.swing_half_life_days)
        shocks = rng.normal(size=(n, days))
        swings = np.empty((n, days))
        swings[:, 0] = shocks[:, 0]
        for day in range(1, days):
            swings[:, day] = keep * swings[:, day - 1] + math.sqrt(1.0 - keep * keep) * shocks[:, day]
        rest = rng.normal(size=(n, days))
        found = self.sd * (math.sqrt(self.swing_share) * swings + math.sqrt(1.0 - self.swing_share) * rest)
        return np.where(rng.random((n, days)) < self.answered, found, np.nan)


@dataclass(frozen=True, slots=True)
class Weeks:
    """What a design takes. `chances`: by weeks, of seeing the difference. `needed`: the first with at least `wished`.

    `needed` is None where a year is too short.
    """

    kind: DesignKind
    difference: float
    chances: tuple[tuple[int, Probability], ...]
    needed: int | None
    wished: float


def life_of(observed: Observed) -> Life | CannotSay:
    """The person's days as they were recorded before the trial. Refuses fewer than fourteen, or days all the same."""
    at = at_middles(observed.before)
    day = np.floor(at).astype(np.int64)
    kept = np.unique(day)
    if len(kept) < FEWEST_DAYS:
        return CannotSay(
            "there are too few days with answers to know how they differ", have=len(kept), need=FEWEST_DAYS,
            unit="days with answers", row="S21", quantity="weeks a trial takes",
        )  # fmt: skip
    mean = np.array([observed.before_value[day == one].mean() for one in kept])
    if float(np.ptp(mean)) == 0.0:
        return CannotSay("all days are the same so far, so nothing can be planned from them", row="S21",
                         quantity="weeks a trial takes")  # fmt: skip
    middles = kept.astype(np.float64) + 0.5
    found = regress(middles, mean, base_of(middles, 0, trend=True), [np.zeros((len(middles), 0))], np.ones(1))
    return Life(
        sd=found.noise_sd,
        swing_share=min(found.swing_share, 1.0),
        swing_half_life_days=found.swing_half_life_days,
        answered=len(kept) / float(kept[-1] - kept[0] + 1),
        days=len(kept),
    )


def relief_weeks(
    protocol: ProtocolFile,
    life: Life,
    *,
    rng: np.random.Generator,
    difference: float | None = None,
    weeks: Sequence[int] = WEEKS,
    wished: float = WISHED,
) -> Weeks:
    """Weeks that this protocol's design takes to see a difference for the better (without: the one that matters)."""
    size = protocol.matters if difference is None else difference
    return _weeks(protocol, _eased(protocol, life, size, rng), size, weeks=weeks, wished=wished, rng=rng)


def relief_chance(protocol: ProtocolFile, life: Life, *, rng: np.random.Generator) -> Probability | CannotSay:
    """The chance that the plan, as long as it is, shows the difference that matters. Refuses one without a lot."""
    allowed = space(protocol)
    if isinstance(allowed, CannotSay):
        return allowed
    if not allowed.randomised:
        return CannotSay("nothing is drawn by lot, so no test rests on it", row="S21", quantity="weeks a trial takes")
    outcomes = _eased(protocol, life, protocol.matters, rng)
    return probability(_chance(allowed, allowed.level_of_one, outcomes, rng))


def _eased(
    protocol: ProtocolFile, life: Life, size: float, rng: np.random.Generator
) -> Callable[[Sequence[Schedule]], Floats]:
    """Days of such a life under each schedule, better by so much with the second arm."""
    better = -1.0 if protocol.outcome.better == "low" else 1.0

    def outcomes(schedules: Sequence[Schedule]) -> Floats:
        on = np.array([one.arm == 1 for one in schedules], float)
        return life.lived(on.shape[1], len(on), rng) + better * size * on

    return outcomes


def recovery_weeks(
    protocol: ProtocolFile,
    acts_a_week: float,
    ratio: float,
    *,
    rng: np.random.Generator,
    weeks: Sequence[int] = (8, 12, 16, 20, 26, 38, 52),
    wished: float = WISHED,
) -> Weeks:
    """Weeks until seeking that is `ratio` times as frequent with the arm, at the same strain, is seen.

    In stretches of two weeks, alternating by lot; strain is taken to be followed rightly.
    """
    if not (acts_a_week > 0.0 and ratio >= 0.0):
        raise BadRequest(f"acts a week lie above 0 and the ratio is not below it, not {acts_a_week} and {ratio}")
    rate = acts_a_week / 7.0
    design = DesignTable(kind="alternating", days=2 * FEWEST_STRETCH_DAYS, period=FEWEST_STRETCH_DAYS)

    def outcomes(schedules: Sequence[Schedule]) -> Floats:
        on = np.array([one.arm == 1 for one in schedules])
        return rng.poisson(np.where(on, ratio * rate, rate)).astype(np.float64) - rate

    return _weeks(replace(protocol, design=design, baselines=()), outcomes, ratio, weeks=weeks, wished=wished, rng=rng)


def least(
    protocol: ProtocolFile, life: Life, *, rng: np.random.Generator, difference: float | None = None
) -> tuple[Weeks, ...]:
    """The same question of every kind of design that is drawn by lot, the one that takes least first."""
    found = [
        relief_weeks(replace(protocol, design=one, baselines=()), life, rng=rng, difference=difference)
        for one in _designs(protocol)
    ]
    return tuple(sorted(found, key=lambda one: (one.needed is None, one.needed or 0, -float(one.chances[-1][1]))))


def _designs(protocol: ProtocolFile) -> list[DesignTable]:
    own, arms = protocol.design, protocol.arm
    phases = (arms[0].name, arms[1].name) * 2
    others = {
        "blocks": DesignTable(kind="blocks", days=14),
        "alternating": DesignTable(kind="alternating", days=14),
        "contacts": DesignTable(kind="contacts", days=14, a_week=2),
        "start_by_lot": DesignTable(kind="start_by_lot", days=28, phases=phases, least=3),
    }
    kinds = [kind for kind in KINDS if kind != "contacts" or len(arms) == 2]
    return [own if kind == own.kind else others[kind] for kind in kinds]


def _weeks(
    protocol: ProtocolFile,
    outcomes: Callable[[Sequence[Schedule]], Floats],
    size: float,
    *,
    weeks: Sequence[int],
    wished: float,
    rng: np.random.Generator,
) -> Weeks:
    """Lengths tried from the shortest on, until the chance is reached."""
    told: list[tuple[int, Probability]] = []
    needed = None
    for one in weeks:
        allowed = space(replace(protocol, design=replace(protocol.design, days=7 * one)))
        if isinstance(allowed, CannotSay) or not allowed.randomised:
            continue
        chance = _chance(allowed, allowed.level_of_one, outcomes, rng)
        told.append((one, probability(chance)))
        if chance >= wished:
            needed = one
            break
    if not told:
        raise BadRequest(f"no length of the design {protocol.design.kind!r} up to {weeks[-1]} weeks can be drawn")
    return Weeks(protocol.design.kind, size, tuple(told), needed, wished)


def _chance(
    allowed: DesignSpace, level: float, outcomes: Callable[[Sequence[Schedule]], Floats], rng: np.random.Generator
) -> float:
    schedules = [drawing.schedule_of(allowed, row) for row in drawing.many(allowed, TRIALS, rng)]
    none, found = np.zeros(0), 0
    for schedule, values in zip(schedules, outcomes(schedules), strict=True):
        there = np.flatnonzero(~np.isnan(values))
        seen = Observed(there.astype(np.float64) + 0.5, values[there], "points", -1, None, None, none, none)
        tested = randomisation.test(schedule, seen, allowed, n=ORDERS, rng=rng, level=level)
        found += not isinstance(tested, CannotSay) and tested.p <= level
    return found / len(schedules)
