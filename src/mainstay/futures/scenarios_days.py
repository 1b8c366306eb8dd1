"""The record by days, counted from a moment: hours in roles, events, slips, and strain as a daily mean rating.

Days are of 24 hours and end or begin at the moment from which futures start, so that a window that a rule looks over
runs through from the record into what comes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.futures.paths import Floats, Usual
from mainstay.futures.weeks_silent import silent_spans
from mainstay.numerics.layout import PATH
from mainstay.strain.exposure import once, recording_of, unknown_spans
from mainstay.strain.fitting import path_at
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Episodes, Timeline

MOMENTS_A_DAY = 24
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Days of a record: `hours` by role, `events` by label, `slips` of all kinds, each (days,).

    `known` (days,): share of each day of which anything is known; counts are those of that share. `roles_known`
    (days,): the same of hours in roles, without stretches in which their diary is silent (`weeks_silent`). `exposure`:
    by label, and `slips_exposure`: days' worth of recording, 0 where nothing is known. `rating` (days,): strain as the
    daily mean on the anchor's scale, NaN where it is not known; None where there is no scale or no fit. `slips` is None
    where none are on record.
    """

    hours: Mapping[str, Floats]
    known: Floats
    roles_known: Floats
    events: Mapping[str, Floats]
    exposure: Mapping[str, Floats]
    slips: Floats | None
    slips_exposure: Floats
    rating: Floats | None

    @property
    def silent_days(self) -> int:
        """How many of the last days the diary of roles is silent while other things are on record."""
        silent = (self.roles_known < 0.5 * self.known)[::-1]
        return int(silent.argmin()) if not silent.all() else len(silent)

    @property
    def n(self) -> int:
        """How many days."""
        return len(self.known)


def nothing_before() -> Days:
    """No days at all: windows then begin where futures begin."""
    none = np.zeros(0)
    return Days({}, none, none, {}, {}, None, none, None)


def days_before(timeline: Timeline, fitted: StrainPosterior | None) -> Days:
    """The whole days of the record up to its end, the last one last, with strain as the fit has it."""
    return days_of(timeline, fitted, timeline.days, math.floor(timeline.days), 0)


def days_of(timeline: Timeline, fitted: StrainPosterior | None, moment: float, back: int, ahead: int) -> Days:
    """So many days before a moment (days since the origin) and after it. What lies beyond the record is not known.

    Strain is the most probable path of a fit of this timeline, averaged over each day; without a fit it is not known.
    (Means of a day's few ratings scatter more, and would pass a limit oftener than strain does.)
    """
    told = once(timeline)
    starts = moment + np.arange(-back, ahead, dtype=float)
    at = starts[:, None] + (np.arange(MOMENTS_A_DAY) + 0.5) / MOMENTS_A_DAY
    seen = (at > 0.0) & (at < told.days)
    for start, end in unknown_spans(told):
        seen &= ~((at > start) & (at < end))
    known, written = seen.mean(axis=1), seen.copy()
    for start, end in silent_spans(told):
        written &= ~((at > start) & (at < end))
    events, exposure = {}, {}
    for label, one in told.events.items():
        events[label] = _counted(one.times, starts)
        exposure[label] = _exposure(told, label, at, seen, events[label])
    slips = [one.label for one in told.of_events("slip")]
    pooled = np.sum([events[label] for label in slips], axis=0) if slips else None
    noted = np.mean([exposure[label] for label in slips], axis=0) if slips else known
    hours = {role.label: _hours(role, starts) for role in told.roles}
    rating = None if fitted is None else _path(told, fitted, at, known)
    return Days(hours, known, written.mean(axis=1), events, exposure, pooled, noted, rating)


def _counted(times: Floats, starts: Floats) -> Floats:
    return (np.searchsorted(times, starts + 1.0) - np.searchsorted(times, starts)).astype(float)


def _exposure(timeline: Timeline, label: str, at: Floats, seen: Bools, counts: Floats) -> Floats:
    """Days' worth of recording, by the log where there is one; an event on record shows that some was recorded."""
    steps = recording_of(timeline, label)
    share = np.ones(at.shape) if steps is None else np.clip(steps.at(at.ravel()).reshape(at.shape), 0.0, 1.0)
    exposure: Floats = np.maximum((share * seen).mean(axis=1), np.where(counts > 0.0, 1.0 / MOMENTS_A_DAY, 0.0))
    return exposure


def _hours(role: Episodes, starts: Floats) -> Floats:
    """Hours in a role on each day; its stretches do not overlap."""
    edges = np.stack([role.starts, role.ends], axis=1).ravel()
    if not len(edges):
        return np.zeros(len(starts))
    inside = np.cumsum(np.where(np.arange(len(edges)) % 2 == 1, np.diff(edges, prepend=edges[:1]), 0.0))
    hours: Floats = 24.0 * (np.interp(starts + 1.0, edges, inside) - np.interp(starts, edges, inside))
    return hours


def _path(timeline: Timeline, fitted: StrainPosterior, at: Floats, known: Floats) -> Floats | None:
    data = fitted.data
    if data.anchor is None:
        return None
    path = path_at(fitted.coordinates, fitted.mean).row[PATH]
    weights, _ = fitted.coordinates.weights(fitted.mean)
    steps = np.interp(at, np.concatenate([[0.0], data.knots]), np.concatenate([[weights.start], path])).mean(axis=1)
    low = timeline.ratings[data.anchor].item.low
    rating: Floats = low + data.unit * (weights.intercept[0] + data.worse_signs[0] * steps)
    return np.where(known >= 0.5, rating, np.nan)


def usual_of(days: Days, oneself: str = "") -> Usual:
    """What was usual over these days: hours a day in each role, events and slips a day, over what is known of them."""
    known = max(float(days.roles_known.sum()), 1e-9)
    return Usual(
        hours={role: float(hours.sum()) / known for role, hours in days.hours.items()},
        rates={label: _rate(days.events[label], days.exposure[label]) for label in days.events},
        slips=0.0 if days.slips is None else _rate(days.slips, days.slips_exposure),
        oneself=oneself,
    )


def _rate(counts: Floats, exposure: Floats) -> float:
    return float(counts.sum()) / max(float(exposure.sum()), 1e-9)
