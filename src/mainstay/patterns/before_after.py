"""Before and after: is B more frequent, or a rating higher, within a day of A than at comparable times?

For every ordered pair of kinds of events, and every kind of event with every rating (the day after it and the day
before it). Each moment is compared with the same hour of the same weekday in other weeks (`patterns.weeks`). For two
kinds of events the ratio is the relative incidence of a self-controlled case series whose strata are those comparable
moments (`numerics.case_series`; Maclure 1991), its likelihood flattened by as much as the events cluster. For ratings
it is the difference of the day's mean reading, less what the level before it foretells. Over all pairs tried the rate
of false discoveries is held at a tenth. None of this says that A is the cause.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from mainstay.errors import BadRequest
from mainstay.numerics.case_series import CaseSeries, fit, profile_interval
from mainstay.patterns.weeks import (
    FEWEST_WEEKS,
    Dealt,
    Moments,
    Weeks,
    dealt,
    discovery_rates,
    moments_of,
    recorded_of,
    residual,
    weeks_of,
)
from mainstay.quantities import Interval
from mainstay.strain.exposure import ONE_MINUTE, known_by_the_half_day, once
from mainstay.strain.judge import Z90
from mainstay.timeline.kinds import Events, Floats, Ratings, Timeline

Windows = Literal["after", "before", "next day"]
Status = Literal["found", "not_found", "cannot_say"]

FALSE_DISCOVERIES = 0.10
"""The share of what is told, or of records without anything where something is told, that may be false."""
TOLD_AT = 0.08
"""A pair is told at this rate: what was simulated then stays within the promise in every kind of record."""
FEWEST_EVENTS = 10
"""So many events of each kind, comparable with other weeks, are needed before a pair is tried."""
LEAST_CONTRAST = 0.02
"""At fewer of the comparable moments there would be next to nothing to compare."""
LEVEL_DAYS = 3.0
WITHIN_HOURS = 24.0
SMALL_RIDGE = 1e-6


@dataclass(frozen=True, slots=True)
class Association:
    """One pair: how often B came, or where a rating stood, around A, against comparable times of the same person.

    `windows`: in the `within_hours` after the first, or before it (ratings only); on the next day where times are known
    by the half-day or less. `estimate`: a ratio of rates for events, a difference in the item's points for ratings;
    `interval` at 90 %. `p`: the two-sided chance, by dealing weeks anew; `q`: the rate of false discoveries at which it
    would be told, over the pairs `tried`. `n`: the moments compared. Where `status` is cannot_say, `reason` says why;
    with a `p` it was tried all the same.
    """

    first: str
    second: str
    kind: Literal["events", "rating"]
    windows: Windows
    status: Status
    n: int
    within_hours: float = WITHIN_HOURS
    estimate: float | None = None
    interval: Interval | None = None
    p: float | None = None
    q: float | None = None
    tried: int = 0
    reason: str = ""


class _Readings(NamedTuple):
    """One item's readings (n,) at local days (n,), less what the hour and the weekend make of them."""

    name: str
    times: Floats
    values: Floats


class _Stream(NamedTuple):
    """Events in local days: earliest and latest each could have been (n,), and how fully each day was recorded."""

    label: str
    early: Floats
    late: Floats
    coarse: bool
    recorded: Floats


def associations(timeline: Timeline, within_hours: float = WITHIN_HOURS) -> tuple[Association, ...]:
    """Every pair of a timeline, those told first. To try several windows is to try more pairs than each says."""
    if not 0.0 < within_hours <= LEVEL_DAYS * 24.0:
        raise BadRequest(
            f"a window of {within_hours:g} hours can't be looked at; choose one up to {LEVEL_DAYS * 24.0:g} hours"
        )
    within = within_hours / 24.0
    told = once(timeline)
    weeks = weeks_of(told)
    streams = [_stream(told, told.events[label], weeks) for label in sorted(told.events)]
    ratings = [_adjusted(told, one) for _, one in sorted(told.ratings.items())]
    found = [_events(weeks, a, b, within) for a in streams for b in streams if a.label != b.label]
    for a in streams:
        for one in ratings:
            found += [_rating(weeks, a, one, within, after=after) for after in (True, False)]
    tried = [k for k, one in enumerate(found) if one.p is not None]
    rates = discovery_rates(np.array([found[k].p for k in tried], float))
    for k, q in zip(tried, rates, strict=True):
        status: Status = "found" if q <= TOLD_AT else "not_found"
        found[k] = replace(found[k], q=float(q), status=status if found[k].interval else "cannot_say")
    found = [replace(one, tried=len(tried)) for one in found]
    order = {"found": 0, "not_found": 1, "cannot_say": 2}
    return tuple(sorted(found, key=lambda one: (order[one.status], 1.0 if one.p is None else one.p)))


def _stream(timeline: Timeline, events: Events, weeks: Weeks) -> _Stream:
    early = timeline.local_days(events.times - events.half_widths)
    late = timeline.local_days(events.times + events.half_widths)
    coarse = bool(len(events.times)) and known_by_the_half_day(events)
    if coarse:
        middle = np.floor(0.5 * (early + late))
        early, late = middle, middle
    order = np.argsort(early, kind="stable")
    return _Stream(events.label, early[order], np.sort(late), coarse, recorded_of(timeline, events.label, weeks))


def _too_thin(one: Association, weeks: Weeks, *streams: _Stream) -> Association | None:
    if len(weeks.kept) < FEWEST_WEEKS:
        return replace(one, reason=f"{len(weeks.kept)} whole weeks on record; {FEWEST_WEEKS} are needed")
    for stream in streams:
        if len(stream.early) < FEWEST_EVENTS:
            return replace(
                one, reason=f"{stream.label} is {len(stream.early)} times on record; {FEWEST_EVENTS} are needed"
            )
    return None


def _any_between(times: Floats, low: Floats, high: Floats) -> Floats:
    """Whether any of the times (ascending) lies in (low, high], for bounds of any shape; NaN bounds hold none."""
    count = np.searchsorted(times, high.ravel(), "right") - np.searchsorted(times, low.ravel(), "right")
    found: Floats = ((count.reshape(low.shape) > 0) & np.isfinite(low)).astype(float)
    return found


def _events(weeks: Weeks, a: _Stream, b: _Stream, within: float) -> Association:
    coarse = a.coarse or b.coarse
    windows: Windows = "next day" if coarse else "after"
    one = Association(a.label, b.label, "events", windows, "cannot_say", len(b.early), 24.0 * within)
    thin = _too_thin(one, weeks, a, b)
    if thin is not None:
        return thin
    moments = moments_of(weeks, b.early)
    times = moments.times
    weights = np.where(np.isfinite(times), weeks.share(np.nan_to_num(times), b.recorded), 0.0)
    for back in (0.0, 1.0 if coarse else within):
        weights = np.where(weeks.share(np.nan_to_num(times) - back, a.recorded) > 0.0, weights, 0.0)
    if coarse:
        day = np.floor(times)
        exposed = _any_between(np.floor(a.late), day - 1.5, day - 0.5)
    else:
        exposed = _any_between(a.late, times - within, times - ONE_MINUTE)
    keep = (weights[np.arange(len(times)), moments.own] > 0.0) & ((weights > 0.0).sum(axis=1) > 1)
    moments, weights, exposed = _kept(moments, keep), weights[keep], exposed[keep]
    one = replace(one, n=len(moments.own))
    if len(moments.own) < FEWEST_EVENTS:
        return replace(
            one, reason=f"{len(moments.own)} of {b.label} can be compared with other weeks; {FEWEST_EVENTS} are needed"
        )
    left = residual(exposed, weights)
    own = exposed[np.arange(len(left)), moments.own]
    share = (weights * exposed).sum(axis=1) / weights.sum(axis=1)
    information = float((share * (1.0 - share)).sum())
    if information < LEAST_CONTRAST * len(share):
        return replace(one, reason=f"nearly always, or nearly never, had {a.label} come in the time before")
    chance = dealt(moments, left, weights)
    known = weights.sum(axis=1)
    cells = np.stack([known * share, known * (1.0 - share)], axis=1)
    series = CaseSeries(
        first=2 * np.arange(len(own) + 1),
        lengths=cells.ravel(),
        events=np.stack([own, 1.0 - own], axis=1).ravel().astype(np.int64),
        columns=np.tile(np.array([[0], [-1]]), (len(own), 1)),
        parameters=1,
    )
    best = fit(series)
    interval = profile_interval(series, best, 0, dispersion=max(chance.variance / information, 1.0))
    if interval is None:
        return replace(
            one, p=chance.p, reason=f"{int(own.sum())} of {len(own)} came in that time: no ratio can be told"
        )
    return replace(one, p=chance.p, estimate=float(best.relative_incidence[0]), interval=interval)


def _kept(moments: Moments, keep: np.ndarray) -> Moments:
    return Moments(*(getattr(moments, name)[keep] for name in ("times", "own", "size", "block", "chosen")))


def _adjusted(timeline: Timeline, ratings: Ratings) -> _Readings:
    """The hour's part is two waves of the day."""
    times = timeline.local_days(ratings.times)
    turn = 2.0 * np.pi * np.mod(times, 1.0)
    weekend = (timeline.weekdays(ratings.times) >= 5).astype(float)
    columns = np.stack([np.ones(len(times)), *(w(k * turn) for k in (1, 2) for w in (np.sin, np.cos)), weekend], axis=1)
    weights = np.linalg.lstsq(columns, ratings.values, rcond=1e-8)[0]
    return _Readings(ratings.item.name, times, ratings.values - columns @ weights)


def _mean_between(times: Floats, sums: Floats, low: Floats, high: Floats) -> Floats:
    """The mean of readings at times in [low, high); NaN where there are none. `sums`: running sums from 0."""
    a, b = (np.searchsorted(times, bound.ravel()).reshape(bound.shape) for bound in (low, high))
    with np.errstate(invalid="ignore"):
        return np.where(b > a, (sums[b] - sums[a]) / np.maximum(b - a, 1), np.nan)


def _rating(weeks: Weeks, a: _Stream, readings: _Readings, within: float, *, after: bool) -> Association:
    windows: Windows = "after" if after else "before"
    times, values = readings.times, readings.values
    one = Association(a.label, readings.name, "rating", windows, "cannot_say", len(a.early), 24.0 * within)
    thin = _too_thin(one, weeks, a)
    if thin is not None:
        return thin
    moments = moments_of(weeks, a.early)
    early = moments.times
    width = np.sort(a.late)[moments.chosen] - a.early[moments.chosen] + (1.0 if a.coarse else 0.0)
    # what is noted at the very minute of an event known to the minute is neither before nor after it
    edge = np.where(width > 0.0, -ONE_MINUTE / 2.0, ONE_MINUTE)[:, None]
    late = early + width[:, None]
    low, high = (late + edge, late + within + ONE_MINUTE) if after else (early - within - ONE_MINUTE, early - edge)
    sums = np.concatenate([[0.0], np.cumsum(values)])
    mean = _mean_between(times, sums, low, high)
    before = early - edge if after else early - within - ONE_MINUTE
    at = np.searchsorted(times, before.ravel()).reshape(before.shape) - 1
    last = np.where((at >= 0) & (before - times[np.maximum(at, 0)] <= LEVEL_DAYS), values[np.maximum(at, 0)], np.nan)
    level = _mean_between(times, sums, before - LEVEL_DAYS, before)
    known = np.isfinite(mean) & np.isfinite(last) & np.isfinite(early)
    weights = np.where(known, np.where(weeks.share(np.nan_to_num(early), a.recorded) > 0.0, 1.0, 0.0), 0.0)
    keep = (weights[np.arange(len(early)), moments.own] > 0.0) & ((weights > 0.0).sum(axis=1) > 1)
    if int(keep.sum()) < FEWEST_EVENTS:
        return replace(
            one,
            n=int(keep.sum()),
            reason=f"{int(keep.sum())} of {a.label} have comparable readings; {FEWEST_EVENTS} are needed",
        )
    moments, weights = _kept(moments, keep), weights[keep]
    stood, last, level = (residual(part[keep], weights) for part in (mean, last, level))
    columns = np.stack([last.ravel(), level.ravel()], axis=1)
    gram = columns.T @ columns + SMALL_RIDGE * np.eye(2)
    slopes = np.linalg.solve(gram, columns.T @ stood.ravel())
    left = stood - slopes[0] * last - slopes[1] * level
    chance = dealt(moments, left, weights)
    return _difference(one, moments, a, weights, chance)


def _difference(one: Association, moments: Moments, a: _Stream, weights: Floats, chance: Dealt) -> Association:
    """The sum told as a difference from moments without A: other weeks hold some of A themselves."""
    at = np.searchsorted(a.early, np.nan_to_num(moments.times).ravel()).reshape(moments.times.shape)
    near = np.full(moments.times.shape, np.inf)
    for k in (at - 1, at):
        inside = (k >= 0) & (k < len(a.early))
        apart = np.abs(a.early[np.clip(k, 0, len(a.early) - 1)] - moments.times)
        near = np.fmin(near, np.where(inside, apart, np.inf))
    held = np.where(weights > 0.0, np.maximum(1.0 - near * 24.0 / one.within_hours, 0.0), 0.0)
    contrast = float((1.0 - (weights * held).sum(axis=1) / weights.sum(axis=1)).sum())
    n = len(moments.own)
    if contrast < LEAST_CONTRAST * n:
        return replace(
            one, n=n, reason=f"{one.first} comes on nearly every such day: there is nothing to compare it with"
        )
    estimate, reach = chance.total / contrast, Z90 * math.sqrt(chance.variance) / contrast
    return replace(one, n=n, p=chance.p, estimate=estimate, interval=Interval(estimate - reach, estimate + reach))
