"""How much oftener something happens where strain is higher, and where and when that is so.

Each event is set beside the same hour of the same weekday in the other weeks of its block of about six
(`patterns.weeks`), so that the rhythms of day and week, the seasons and a diary kept more fully than before cancel.
What is compared is strain *foreseen* from earlier check-ins, roles and demands alone (`strain.borne_out`): the event
itself and all that came after it say nothing of it. The estimate is a conditional Poisson regression (time-stratified
case-crossover; Lumley and Levy 2000), so the coefficients are log hazard ratios of a recurrent event; its variance is
that of the sums by week (Lin, Wei, Yang and Ying 2000), for events come in bursts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mainstay.patterns.weeks import Weeks, moments_of, weeks_of
from mainstay.strain.borne_out import foreseen as strain_foreseen
from mainstay.strain.exposure import Grid, make_grid, possible, recorded_chance, settle_times
from mainstay.strain.judge import SEEKS_MORE
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Events, Floats, Timeline

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

PRIOR_SD = 1.5
"""Of every log ratio: as wide as the pull's own in the model."""

NEWTON_STEPS = 40
CLOSE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What is known of every moment of a record from before it: strain in steps, and the roles one was in.

    `strain` (q, n): at the nodes of the model's intervals, about its mean over time; `roles` (roles, n): shares.
    """

    timeline: Timeline
    fitted: StrainPosterior
    weeks: Weeks
    grid: Grid
    strain: Floats
    roles: Floats

    def interval(self, days: Floats) -> Ints:
        """The interval in which each time (days) lies; what ends an interval belongs to it."""
        at = np.searchsorted(self.grid.knots, days - 0.5 / 1440.0)
        return np.clip(at, 0, len(self.grid.knots) - 1).astype(np.int64)

    def strain_at(self, days: Floats, at: Ints) -> Floats:
        """Strain foreseen at times (days) in their intervals, linear between an interval's nodes."""
        x = self.fitted.data.problem.node_x
        within = np.clip((days - self.grid.starts[at]) / self.grid.dt[at], 0.0, 1.0)
        first = np.clip(np.searchsorted(x, within) - 1, 0, len(x) - 2)
        low, high = self.strain[first, at], self.strain[first + 1, at]
        found: Floats = low + (high - low) * (within - x[first]) / (x[first + 1] - x[first])
        return found

    def acts(self, label: str) -> Events:
        """The events of one label at single times: where the fit has them, or settled as it would."""
        data, series = self.fitted.data, self.timeline.events[label]
        if label not in data.refuges:
            asked = np.unique(np.concatenate([one.times for one in self.timeline.ratings.values()]))
            return settle_times((series,), asked)[0][0]
        at = np.sort(data.problem.event_knot[data.problem.event_process == data.refuges.index(label)])
        return replace(series, times=data.knots[at])

    def seen(self, events: Events) -> Floats:
        """How much of what happened under a label each interval's record holds (n,): 0 where it could not happen."""
        data = self.fitted.data
        if events.label in data.refuges:
            known: Floats = data.problem.seen[data.refuges.index(events.label)]
            return known
        return recorded_chance(self.timeline, events.label, self.grid) * possible(self.timeline, events, self.grid)


def scene_of(timeline: Timeline, fitted: StrainPosterior) -> Scene:
    """The scene of a record and its fit."""
    data = fitted.data
    grid = make_grid(data.knots, data.unknown_spans)
    strain = strain_foreseen(fitted.coordinates, fitted.mean)
    weight = data.problem.node_w[:, None] * np.where(grid.unknown, 0.0, grid.dt)
    middle = float((weight * strain).sum() / max(float(weight.sum()), 1e-12))
    return Scene(timeline, fitted, weeks_of(timeline), grid, strain - middle, data.problem.inputs[: len(data.roles)])


def why_no_pull(fitted: StrainPosterior, label: str) -> str:
    """Why there is no pull of strain on a refuge to take apart; "" where there is one."""
    if not fitted.data.readings:
        return "no check-in tells of strain"
    if label in fitted.data.vague:
        return f"the time of day of “{label}” is mostly not known"
    if fitted.shown.against(label) or fitted.chance_above("pull", label, 0.0) < SEEKS_MORE:
        return f"it is not shown that “{label}” goes with strain at all"
    return ""


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """Events (n,) each beside the same hour in other weeks (n, w): how much of each was recorded, strain, roles.

    `own` (n,): the column of the event itself; `week` (n, w): which week each moment lies in; `days` (n,): when the
    events were; `hours` (n,): by the local clock; `roles` (roles, n, w).
    """

    weights: Floats
    strain: Floats
    roles: Floats
    own: Ints
    week: Ints
    days: Floats
    hours: Floats

    def at_own(self, values: Floats) -> Floats:
        """Values (n, w) at the events themselves (n,)."""
        return values[np.arange(len(self.own)), self.own]


def beside(scene: Scene, events: Events) -> Beside:
    """The events that can be compared: in known weeks, with another week of their block on record at that hour."""
    timeline, weeks = scene.timeline, scene.weeks
    local = timeline.local_days(events.times)
    moments = moments_of(weeks, local)
    chosen = moments.chosen
    there = np.isfinite(moments.times)
    days = np.where(there, moments.times, 0.0)
    days = days - (timeline.local_days(days.ravel()).reshape(days.shape) - days)
    row = np.arange(len(chosen))
    days[row, moments.own] = events.times[chosen]
    at = scene.interval(days.ravel()).reshape(days.shape)
    weights = np.where(there & (weeks.share(days) > 0.0), scene.seen(events)[at], 0.0)
    keep = (weights[row, moments.own] > 0.0) & ((weights > 0.0).sum(axis=1) > 1)
    days, at = days[keep], at[keep]
    return Beside(
        weights=weights[keep],
        strain=scene.strain_at(days.ravel(), at.ravel()).reshape(days.shape),
        roles=scene.roles[:, at],
        own=moments.own[keep],
        week=np.floor(days / 7.0).astype(np.int64),
        days=events.times[chosen[keep]],
        hours=np.mod(local[chosen[keep]], 1.0) * 24.0,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Ratios:
    """Log ratios (p,), their covariance by the curvature alone (p, p), and how each week pulls at them (p, weeks)."""

    mean: Floats
    plain: Floats
    pulled: Floats

    @property
    def by_week(self) -> Floats:
        """Their covariance by weeks (p, p)."""
        weeks = self.pulled.shape[1]
        found: Floats = self.pulled @ self.pulled.T * (weeks / max(weeks - 1, 1))
        return found

    def sd(self, combination: Floats) -> float:
        """The sd of a sum of the log ratios (p,): the larger of both, as bursts widen it and few weeks belie it."""
        return math.sqrt(max(float(combination @ one @ combination) for one in (self.by_week, self.plain)))

    def one(self, i: int) -> tuple[float, float]:
        """Mean and sd of one log ratio."""
        return float(self.mean[i]), self.sd(np.eye(len(self.mean))[i])


def ratios(one: Beside, columns: Floats) -> Ratios:
    """Log ratios of what the columns (p, n, w) say of each moment, by conditional likelihood under N(0, 1.5) priors."""
    p = len(columns)
    prior = np.eye(p) * PRIOR_SD**-2.0
    row = np.arange(len(one.own))
    at = np.zeros(p)
    for _ in range(NEWTON_STEPS):
        share, apart = _shares(one, columns, at)
        gradient = apart[:, row, one.own].sum(axis=1) - prior @ at
        precision = np.einsum("inw,jnw,nw->ij", apart, apart, share, optimize=True) + prior
        step = np.linalg.solve(precision, gradient)
        at = at + np.clip(step, -1.0, 1.0)
        if float(np.abs(step).max(initial=0.0)) < CLOSE:
            break
    share, apart = _shares(one, columns, at)
    came = -share
    came[row, one.own] += 1.0
    weeks = int(one.week.max(initial=0)) + 1
    scores = np.stack([np.bincount(one.week.ravel(), (came * part).ravel(), weeks) for part in apart])
    plain = np.linalg.inv(precision)
    return Ratios(at, plain, plain @ scores)


def _shares(one: Beside, columns: Floats, at: Floats) -> tuple[Floats, Floats]:
    """The chance (n, w) of each moment to be the event's, and the columns about their mean over those (p, n, w)."""
    log = np.tensordot(at, columns, 1)
    share = one.weights * np.exp(log - log.max(axis=1, keepdims=True, initial=-math.inf))
    share = share / share.sum(axis=1, keepdims=True)
    return share, columns - (columns * share).sum(axis=2, keepdims=True)
