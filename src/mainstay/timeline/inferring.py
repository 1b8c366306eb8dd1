"""Which role (S8): from declared episodes and what was seen around them, the chances of roles in undeclared hours.

A hidden Markov model of the one person: moves between roles follow the hour and weekday, what was seen (places,
activities, signals) follows the role. It is tested on declared hours held out in blocks of days, recalibrated there
with a weight, two powers and a factor for each role, and refused where it does no better than the clock alone. The
chances are never facts: they enter the strain model as chances, and only if asked (`strain.Settings.inferred_roles`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.numerics.hidden_markov import Chain, Priors, fitted, posterior
from mainstay.quantities import CannotSay
from mainstay.timeline.inferring_cells import Cells, Looks, cells_of, looks_of
from mainstay.timeline.inferring_kinds import InferredRoles, RoleSettings, Tested
from mainstay.timeline.inferring_scores import (
    blocks_of,
    brier,
    by_block,
    log_score,
    pooled,
    powers_for,
    reliability,
    shrunk_shares,
)
from mainstay.timeline.kinds import Floats, Timeline

METHOD = "hidden Markov model by hour and weekday, tested on held-out days"
FEWEST_DAYS = 14
FEWEST_BLOCKS = 6
FEWEST_ROLE_HOURS = 10.0
FEWEST_OF_A_WEEKDAY = 3
WEIGHTS = (1.0, 0.5, 0.25, 0.12, 0.06)
"""Powers of what was seen, among which held-out days choose: looks within one stretch are little news to each other."""
CLEARLY = 1.645
MOVES_PULL = 10.0
USUAL = RoleSettings()
ASSUMPTION = (
    "unless coverage says otherwise, hours outside the declared stretches of a declared day were in no role, and a day "
    "without any was not declared",
    "undeclared days are like declared ones of the same weekday, given what was seen",
)


def infer_roles(timeline: Timeline, settings: RoleSettings = USUAL) -> InferredRoles | CannotSay:
    """The chances of the roles by the cell, or why they can't be said.

    Refuses: no role, no undeclared hour, or nothing on record around the roles; fewer than 14 declared days, 6 blocks
    of days to hold out, or 10 declared hours in a role; and held-out log scores that are not clearly (one-sided .05,
    by blocks of days) above the clock's.
    Inferred chances stop at weekdays of which fewer than three were declared: `supported`.
    """
    cells = cells_of(timeline, settings.minutes)
    declared = cells.declared
    thin = _too_thin(cells)
    if thin is not None:
        return thin
    looks = looks_of(timeline, cells, settings.without)
    if not looks.names:
        return _refused("nothing is on record around the roles (places, activities, sleep, signals) to infer them from")
    block, length = blocks_of(cells.day, declared)
    trial = _Trial(cells, looks, block % settings.folds, settings)
    tested = _tested(trial, block, length, settings)
    if isinstance(tested, CannotSay):
        return tested
    chance = _told(trial, tested)
    supported = _supported(cells)
    labels = tuple(role.label for role in timeline.roles)
    share = cells.shares.copy()
    open_ = ~declared & supported
    for j, label in enumerate(labels):
        share[j, open_] = sum((chance[open_, i] for i, one in enumerate(cells.states) if label in one), np.zeros(1))
    return InferredRoles(
        edges=cells.edges,
        minutes=settings.minutes,
        confidence=settings.confidence,
        roles=labels,
        states=cells.states,
        chance=np.ascontiguousarray(chance.T),
        share=share,
        declared=declared,
        supported=supported,
        declared_days=declared_days(cells),
        rests_on=tuple(zip(looks.names, looks.hours, strict=True)),
        tested=tested,
        stated=cells.stated,
    )


def declared_days(cells: Cells) -> int:
    """The days of which at least half was declared."""
    return int(_mostly_declared(cells).sum())


def _mostly_declared(cells: Cells) -> NDArray[np.bool_]:
    at = cells.day - cells.day.min()
    share: NDArray[np.bool_] = np.bincount(at, cells.declared * cells.hours) >= 0.5 * np.bincount(at, cells.hours)
    return share


def _known_weekdays(cells: Cells) -> NDArray[np.int64]:
    """How many days of each weekday were declared (7,)."""
    at = cells.day - cells.day.min()
    weekday_of = np.zeros(int(at.max()) + 1, np.int64)
    weekday_of[at] = cells.weekday
    return np.bincount(weekday_of[_mostly_declared(cells)], minlength=7)


def _supported(cells: Cells) -> NDArray[np.bool_]:
    """Whether enough days of a cell's weekday were declared to learn from (n,)."""
    supported: NDArray[np.bool_] = (_known_weekdays(cells) >= FEWEST_OF_A_WEEKDAY)[cells.weekday]
    return supported


def _refused(reason: str, have: float | None = None, need: float | None = None, unit: str = "") -> CannotSay:
    return CannotSay(
        reason, have=have, need=need, unit=unit, row="S8", about="roles", quantity="chance_of_role", method=METHOD,
        assumptions=ASSUMPTION, would_change="More days on which every role is declared",
    )  # fmt: skip


def _too_thin(cells: Cells) -> CannotSay | None:
    if len(cells.states) < 2:
        return _refused("no role was ever declared, so there is nothing to learn from", 0, FEWEST_DAYS, "declared days")
    if cells.declared.all():
        return _refused("every hour on record is declared, so there is nothing to infer")
    days = declared_days(cells)
    if days < FEWEST_DAYS:
        return _refused("too few days were declared to learn from", days, FEWEST_DAYS, "declared days")
    if not (~cells.declared & _supported(cells)).any():
        most = int(_known_weekdays(cells)[np.unique(cells.weekday[~cells.declared])].max())
        return _refused(
            "the undeclared days are of weekdays that were hardly ever declared",
            most, FEWEST_OF_A_WEEKDAY, "declared days of such a weekday",
        )  # fmt: skip
    hours = float((cells.hours * cells.allowed[:, 1:].any(axis=1) * cells.declared).sum())
    if hours < FEWEST_ROLE_HOURS:
        return _refused("too few hours in a role were declared to learn from", round(hours), FEWEST_ROLE_HOURS, "hours")
    return None


@dataclass(frozen=True, slots=True, eq=False)
class _Trial:
    """What every fit of the trial shares. `fold` (n,): in which part a cell's day is held out."""

    cells: Cells
    looks: Looks
    fold: NDArray[np.int64]
    settings: RoleSettings

    @property
    def states(self) -> NDArray[np.int64]:
        """The declared state of each cell (n,); meaningless where it is not declared."""
        return np.asarray(self.cells.allowed.argmax(axis=1), np.int64)

    def clock(self, use: NDArray[np.bool_]) -> Floats:
        """The base rate (n, k): shares by time of day, kind of day and weekday among the declared cells in use."""
        cells = self.cells
        by_kind = cells.slot * 2 + (cells.weekday >= 5)
        groups = (cells.slot, by_kind, cells.slot * 7 + cells.weekday)
        return shrunk_shares(self.states, len(cells.states), groups, use)

    def model(self, use: NDArray[np.bool_], weight: float) -> Floats:
        """The chances (n, k) from a fit to the declared cells in use: what else was declared is not shown to it."""
        cells = self.cells
        allowed = np.where(use[:, None], cells.allowed, ~cells.declared[:, None] & cells.allowed)
        allowed = allowed | (cells.declared & ~use)[:, None]
        trust = np.where(use, 1.0, self.settings.open_trust)
        moment = (cells.hour * 7 + cells.weekday).astype(np.int64)
        chain = Chain(moment, np.ascontiguousarray(allowed), self.looks.channels, trust)
        priors = Priors(np.ones(len(cells.states)), self._usual_moves(use))
        return posterior(fitted(chain, priors, weight), chain, weight).probability

    def _usual_moves(self, use: NDArray[np.bool_]) -> Floats:
        """Pseudo-counts (clock, k, k) that draw the moves of an hour and weekday to those of coarser classes."""
        cells, k = self.cells, len(self.cells.states)
        pairs = use[1:] & use[:-1]
        before, after = self.states[:-1], self.states[1:]
        usual = np.full((1, k, k), 0.5 / k)
        np.add.at(usual[0], (before[pairs], after[pairs]), 1.0)
        usual = usual / usual.sum(axis=2, keepdims=True)
        classes = np.arange(24 * 7)
        hour, weekend = classes // 7, (classes % 7) >= 5
        usual = np.repeat(usual, len(classes), axis=0)
        moment = (cells.hour * 7 + cells.weekday)[1:]
        for group in (hour, hour * 2 + weekend):
            counts = np.zeros((48, k, k))
            np.add.at(counts, (group[moment[pairs]], before[pairs], after[pairs]), 1.0)
            mine = counts[group] + MOVES_PULL * usual
            usual = mine / mine.sum(axis=2, keepdims=True)
        return np.asarray(MOVES_PULL * usual)


def _tested(trial: _Trial, block: NDArray[np.int64], length: int, settings: RoleSettings) -> Tested | CannotSay:
    """Every declared cell told from other days; weight and powers for a part chosen on the other parts."""
    cells, declared = trial.cells, trial.cells.declared
    count = len(np.unique(block[declared]))
    if count < FEWEST_BLOCKS:
        return _refused("the declared days lie too close together to hold some out", count, FEWEST_BLOCKS, "stretches")
    n, k = cells.allowed.shape
    own, clock = np.zeros((len(WEIGHTS), n, k)), np.zeros((n, k))
    for part in range(settings.folds):
        use, held = declared & (trial.fold != part), declared & (trial.fold == part)
        clock[held] = trial.clock(use)[held]
        for w, weight in enumerate(WEIGHTS):
            own[w, held] = trial.model(use, weight)[held]
    states, told = trial.states, np.zeros((n, k))
    for part in range(settings.folds):
        others, held = declared & (trial.fold != part), declared & (trial.fold == part)
        w, powers = _best(own[:, others], clock[others], states[others])
        told[held] = pooled(own[w, held], clock[held], powers)
    w, powers = _best(own[:, declared], clock[declared], states[declared])
    told, clock, was, hours = told[declared], clock[declared], states[declared], cells.hours[declared]
    gain, gain_se, blocks = by_block(log_score(told, was) - log_score(clock, was), block[declared])
    if not gain > CLEARLY * gain_se:
        return _refused(
            "on declared hours that were held out, what was seen around them told the role no better than the hour and "
            "the weekday alone",
        )
    sure, right = _decided(told, was, hours, settings.confidence)
    clock_sure, clock_right = _decided(clock, was, hours, settings.confidence)
    return Tested(
        hours=float(hours.sum()), days=declared_days(cells), blocks=blocks, block_days=length,
        log_score=float(log_score(told, was).mean()), clock_log_score=float(log_score(clock, was).mean()),
        brier=brier(told, was), clock_brier=brier(clock, was), gain=gain, gain_se=gain_se,
        decided=sure, right=right, clock_decided=clock_sure, clock_right=clock_right,
        weight=WEIGHTS[w], powers=tuple(float(one) for one in powers), table=reliability(told, was, hours),
    )  # fmt: skip


def _best(own: Floats, clock: Floats, states: NDArray[np.int64]) -> tuple[int, Floats]:
    """The weight (its number) and the powers with the best log score on these cells."""
    tried = [powers_for(one, clock, states) for one in own]
    scores = [float(log_score(pooled(one, clock, p), states).mean()) for one, p in zip(own, tried, strict=True)]
    best = int(np.argmax(scores))
    return best, tried[best]


def _decided(chance: Floats, states: NDArray[np.int64], hours: Floats, confidence: float) -> tuple[float, float]:
    """The share of the hours in which a state reaches the confidence, and of these the share in which it was so."""
    sure = chance.max(axis=1) >= confidence
    total = float(hours[sure].sum())
    was = float(hours[sure & (chance.argmax(axis=1) == states)].sum())
    return total / float(hours.sum()), was / total if total else 0.0


def _told(trial: _Trial, tested: Tested) -> Floats:
    """The chances (n, k) from all that was declared, with the weight and powers that held-out days chose."""
    declared = trial.cells.declared
    own, clock = trial.model(declared, tested.weight), trial.clock(declared)
    allowed = trial.cells.allowed
    told = np.where(allowed, pooled(own, clock, np.array(tested.powers)), 0.0)
    return np.asarray(told / told.sum(axis=1, keepdims=True))
