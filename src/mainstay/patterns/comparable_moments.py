"""Acts, and the moments each can be set beside: the same hour of other days, in the same role, after a like day.

For each act the same clock time of every other day is a candidate, if the person was in the same roles, it is a weekday
or a weekend as there, and the moment is on record. Of each it is known, from what came before it alone: strain as
foreseen and how sure that was, its change over the last day, and the acts of relief in the last day.

That somebody seeks relief tells of strain what check-ins before could not: among moments at which N(m, v) was foreseen,
acts of pull κ come where strain is N(m + κ v, v). An act is therefore compared with moments at which that much more was
foreseen; without this its strain would be taken too low, and what it eases for too little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mainstay.patterns.comparable_strain import Eased, Foreseen, Places, places
from mainstay.quantities import DAYS_PER_YEAR
from mainstay.strain.exposure import ONE_MINUTE
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Floats, Ratings, Timeline

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

ROUGHLY = 0.5 / 24.0
"""Acts whose time is known no better than to an hour are left out."""

CALIPER = 0.3
"""The furthest that strain may lie from that of the act, in sds of strain over the candidates."""

STRAIN, DATE = "strain", "date"
LIKE = {
    STRAIN: 0.1,
    "change over the last day": 0.7,
    "acts in the last day": 0.7,
    "other acts in the last day": 0.7,
    "how sure strain was": 1.0,
    DATE: 0.5,
}
"""By what each may differ to weigh as much as a tenth of an sd of strain: in sds, too."""

REACH_DAYS = 366
"""Candidates lie within so many days of the act: who somebody was years ago is not comparable."""

BESIDE_EACH = 6
NEWTON_STEPS = 12
PULL_SD = 1.5


class Known(NamedTuple):
    """A covariate of the acts (a,) and of their candidates (m,)."""

    acts: Floats
    others: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Acts of a label (a,) and their candidates (m,), each the candidate of one act.

    `acts`, `others`: times in days; `slot` (a, width): which candidate each day near an act gives it, or -1; `apart`
    (a, width): how unlike they are, infinite where too unlike or none; `known`: covariates by name; `next_*`: when the
    next act of any refuge came; `week_*`: for dependence; `at_*`: where they lie among the nodes. `pull`: mean and sd.
    """

    label: str
    acts: Floats
    others: Floats
    slot: Ints
    apart: Floats
    known: dict[str, Known]
    next_act: Floats
    next_other: Floats
    week_act: Ints
    week_other: Ints
    at_acts: Places
    at_others: Places
    pull: tuple[float, float]


def moments_beside(timeline: Timeline, fitted: StrainPosterior, one: Foreseen, label: str) -> Moments:
    """The acts of a label whose time is known, after the first day, and their candidates."""
    events = timeline.events[label]
    acts = events.times[(events.half_widths <= ROUGHLY) & (events.times > 1.0)]
    acts = acts[_on_record(timeline, fitted, acts)]
    row, column, others = _candidates(timeline, fitted, acts)
    at_acts, at_others = places(fitted, acts), places(fitted, others)
    seen = Known(at_acts.read(one.mean), at_others.read(one.mean))
    pull = _pull(fitted, label, seen, row)
    arriving = Known(seen.acts + pull[0] * at_acts.read(one.variance), seen.others)
    known = {STRAIN: arriving, **_history(timeline, fitted, one, label, (acts, others))}
    slot = np.full((len(acts), int(column.max(initial=0)) + 1), -1, np.int64)
    slot[row, column] = np.arange(len(others))
    apart = np.full(slot.shape, np.inf)
    apart[row, column] = _apart(known, row)
    relief = np.unique(np.concatenate([events.times, *(one.times for one in timeline.of_events("relief"))]))
    return Moments(
        label=label,
        acts=acts,
        others=others,
        slot=slot,
        apart=apart,
        known=known,
        next_act=_next(relief, acts),
        next_other=_next(relief, others),
        week_act=(timeline.local_days(acts) // 7.0).astype(np.int64),
        week_other=(timeline.local_days(others) // 7.0).astype(np.int64),
        at_acts=at_acts,
        at_others=at_others,
        pull=pull,
    )


def _candidates(timeline: Timeline, fitted: StrainPosterior, acts: Floats) -> tuple[Ints, Ints, Floats]:
    """For each candidate the act it is one of, which of the days near that act it lies on, and its time (m,)."""
    local = timeline.local_days(acts)
    own = np.floor(local)
    last = float(np.floor(timeline.local_days(np.array([timeline.days]))[0]))
    begin = np.clip(own - REACH_DAYS, 0.0, max(last - 2.0 * REACH_DAYS, 0.0))
    dates = begin[:, None] + np.arange(min(last, 2.0 * REACH_DAYS) + 1.0)
    weekend = np.mod(dates + timeline.origin.as_local.weekday(), 7.0) >= 5.0
    alike = (weekend == (timeline.weekdays(acts) >= 5)[:, None]) & (dates != own[:, None])
    row, column = np.nonzero(alike)
    wished: Floats = dates[row, column] + np.mod(local, 1.0)[row]
    others: Floats = wished - (timeline.local_days(wished) - wished)
    kept = (others > 1.0) & (others < timeline.days)
    kept &= _roles(timeline, acts)[row] == _roles(timeline, others)
    kept &= _on_record(timeline, fitted, others)
    return row[kept], column[kept], others[kept]


def _on_record(timeline: Timeline, fitted: StrainPosterior, times: Floats) -> Flags:
    """Whether each time (m,) lies in none of the stretches of which nothing is known."""
    found = np.ones(len(times), bool)
    for start, end in fitted.data.unknown_spans:
        found &= (times <= start) | (times >= end)
    return found


def _roles(timeline: Timeline, times: Floats) -> Ints:
    """The roles one was in at each time (m,), as one number."""
    found = np.zeros(len(times), np.int64)
    for i, role in enumerate(timeline.roles[:60]):
        found += role.occupied(times).astype(np.int64) << i
    return found


def _next(relief: Floats, times: Floats) -> Floats:
    """When the next act came after each time (m,); infinite after the last."""
    found: Floats = np.append(relief, np.inf)[np.searchsorted(relief, times + 0.5 * ONE_MINUTE)]
    return found


def _history(
    timeline: Timeline, fitted: StrainPosterior, one: Foreseen, label: str, times: tuple[Floats, Floats]
) -> dict[str, Known]:
    """What the day before acts and candidates was like, how sure strain was, and when it was (years)."""
    besides = [np.zeros(0), *(refuge.times for refuge in timeline.of_events("relief") if refuge.label != label)]
    series = (timeline.events[label].times, np.sort(np.concatenate(besides)))

    def of(times: Floats) -> list[Floats]:
        here, before = places(fitted, times), places(fitted, np.maximum(times - 1.0, 0.0))
        upto, since = times - 0.5 * ONE_MINUTE, times - 1.0
        counts = [np.searchsorted(one, upto) - np.searchsorted(one, since) for one in series]
        return [
            here.read(one.mean) - before.read(one.mean),
            *(np.minimum(count, 3).astype(np.float64) for count in counts),
            np.sqrt(np.maximum(here.read(one.variance), 0.0)),
            times / DAYS_PER_YEAR,
        ]

    names = [name for name in LIKE if name != STRAIN]
    return {name: Known(*pair) for name, pair in zip(names, zip(*map(of, times), strict=True), strict=True)}


def _apart(known: dict[str, Known], row: Ints) -> Floats:
    """How unlike each candidate (m,) is to its act; infinite beyond the caliper."""
    apart = np.zeros(len(row))
    for name, one in known.items():
        spread = max(float(one.others.std()), 1e-9) if len(row) else 1.0
        distance = np.abs(one.others - one.acts[row]) / spread
        apart += (distance / LIKE[name]) ** 2
        if name == STRAIN:
            apart[distance > CALIPER] = np.inf
    return apart


def _pull(fitted: StrainPosterior, label: str, seen: Known, row: Ints) -> tuple[float, float]:
    """Mean and sd of the pull: of a refuge as fitted, of another event by conditional likelihood among candidates."""
    if label in fitted.data.refuges:
        k = fitted.data.refuges.index(label)
        mean = float(fitted.coordinates.pulls(fitted.mean)[k])
        return mean, fitted.marginal("pull", label)[1] if fitted.coordinates.has("pull", label) else 0.0
    at, curvature, n = 0.0, PULL_SD**-2.0, len(seen.acts)
    for _ in range(NEWTON_STEPS):
        odds = np.exp(np.clip(at * (seen.others - seen.acts[row]), -50.0, 50.0))
        total, first, second = (
            start + np.bincount(row, odds * power, n)
            for start, power in ((1.0, 1.0), (seen.acts, seen.others), (seen.acts**2, seen.others**2))
        )
        curvature = float((second / total - (first / total) ** 2).sum()) + PULL_SD**-2.0
        slope = float((seen.acts - first / total).sum()) - at * PULL_SD**-2.0
        at += float(np.clip(slope / curvature, -1.0, 1.0))
    return at, curvature**-0.5


class Told(NamedTuple):
    """What the ratings of one item say of moments (m,): their mean in a window, NaN where none is, in points towards

    worse; the hours from the moment to them; and whether another act came within the window.
    """

    points: Floats
    hours: Floats
    followed: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """The ratings of one item: times in days, points towards worse, what acts before them still took off strain (n,).

    `slope`: points by a step of strain.
    """

    times: Floats
    points: Floats
    missing: Floats
    slope: float


def answers_of(fitted: StrainPosterior, one: Foreseen, ratings: Ratings, lasting: Eased) -> Answers:
    """The ratings of an item. Its slope is that of the ratings by strain as foreseen, not below 0."""
    points, strain = ratings.values * ratings.item.worse_sign, places(fitted, ratings.times).read(one.mean)
    apart = strain - strain.mean()
    slope = max(float(apart @ points) / max(float(apart @ apart), 1e-9), 0.0)
    return Answers(ratings.times, points, lasting.still(ratings.times, -0.5 * ONE_MINUTE), slope)


def told(answers: Answers, times: Floats, next_act: Floats, window: tuple[float, float], lasting: Eased) -> Told:
    """The ratings from so many hours to so many after each moment.

    What later acts eased is put back: they come sooner where strain stays high, so that neither leaving them in nor
    looking only until the next of them would be like with like (a structural nested mean model; Robins 1994). Where
    acts ease nothing, nothing is put back. What is noted at the very minute of an act is neither before nor after it.
    """
    low, high = times + max(window[0] / 24.0, 0.5 * ONE_MINUTE), times + window[1] / 24.0
    first, last = (np.searchsorted(answers.times, bound) for bound in (low, high))
    count = last - first

    def mean(values: Floats) -> Floats:
        sums = np.concatenate([[0.0], np.cumsum(values)])
        found: Floats = np.where(count > 0, (sums[last] - sums[first]) / np.maximum(count, 1), np.nan)
        return found

    since = mean(answers.times) - times
    later = mean(answers.missing) - lasting.still(times, 0.5 * ONE_MINUTE) * np.exp(-lasting.rate * since)
    return Told(mean(answers.points) + answers.slope * later, since * 24.0, next_act < high)


class Matched(NamedTuple):
    """Acts (n,) by place, and for each up to BESIDE_EACH candidates (n, b) by place; `weights` (n, b): add up to 1."""

    acts: Ints
    others: Ints
    weights: Floats

    def mean(self, known: Known) -> tuple[float, float]:
        """The means of a covariate over the acts and over the candidates."""
        return float(known.acts[self.acts].mean()), float((self.weights * known.others[self.others]).sum())


def matched(moments: Moments, after: Told, beside: Told) -> Matched:
    """The nearest candidates of each act within the caliper; acts that have none, or no ratings, are left out."""
    usable = np.append(np.isfinite(beside.points), False)[moments.slot]
    apart = np.where(usable & np.isfinite(after.points)[:, None], moments.apart, np.inf)
    most = min(BESIDE_EACH, apart.shape[1])
    nearest = np.argpartition(apart, most - 1, axis=1)[:, :most] if len(apart) else np.zeros((0, most), np.int64)
    there = np.isfinite(np.take_along_axis(apart, nearest, axis=1))
    kept = np.flatnonzero(there.any(axis=1))
    weights = there[kept] / (there[kept].sum(axis=1, keepdims=True) * max(len(kept), 1))
    return Matched(kept, np.take_along_axis(moments.slot, nearest, axis=1)[kept], weights)
