"""The moments of clauses as courses over a record: 1 while something lasts, years since a day, winter, a signal.

What is higher "with" a signal or an item is set against values that were there before: a signal told about once a day
holds until the next, one told more often and an item count by their mean of the day before. What strain shows in
itself is thereby not used to explain the strain of the same moment.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from mainstay.explanations.clauses_kinds import Question, Unmeasured
from mainstay.quantities import DAYS_PER_YEAR
from mainstay.records.statements_hypothesis import Moment, same_name
from mainstay.timeline.kinds import Events, Floats, Timeline

SLOW = ("over time", "since", "in winter")
"""Moments that come once or few times in a record: whatever else changes slowly can look like them."""

LEAST_BEFORE_DAYS, LEAST_AFTER_DAYS = 28.0, 14.0
LEAST_YEAR_DAYS = 300.0
"""Winter is told from a trend only where nearly a whole year is on record."""

OFTEN_A_DAY = 1.5
NOON = 0.5
NEARBY_DAYS, GRID_A_DAY = 14.0, 12
LASTS_DAYS = 14.0
"""Stretches that last longer on average are slow: there is too little nearby to set them against."""

HELD_DAYS = 1.5
FEWEST_VALUES = 20
COLDEST_DAY = 15
"""Of January: the middle of the winter. South of the equator winter is a summer here, and a prediction turns round."""


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """A moment over time: `values` gives it at times in days, (n,) to (n,); NaN where it is not known.

    `key`: the same for the same course. `words`: when it is, said after "strain is higher". `slow`: it is one of
    `SLOW`. `occasions`: how often it came, None where that is no count. `per_sd`: 1 stands for the usual ups and downs
    of what is measured, and not for a year or for while it lasts.
    """

    key: str
    values: Callable[[Floats], Floats]
    words: str
    slow: bool
    occasions: int | None = None
    per_sd: bool = False


def events_named(timeline: Timeline, moments: tuple[Moment, ...]) -> tuple[tuple[Events, NDArray[np.bool_]], ...]:
    """The events of these labels or with these tags: each label with which of its events (n,) are meant."""
    found = []
    for series in timeline.events.values():
        inside = np.zeros(len(series.times), bool)
        for one in moments:
            if one.kind == "event" and same_name(one.name, series.label):
                inside[:] = True
            if one.kind == "tag":
                inside |= np.array(
                    [any(same_name(one.name, tag) for tag in series.tags.get(known, ())) for known in series.ids], bool
                )
        if inside.any():
            found.append((series, inside))
    return tuple(found)


def times_of(timeline: Timeline, moments: tuple[Moment, ...]) -> Floats:
    """When the events of these labels or tags were (n,), ascending."""
    return np.sort(np.concatenate([np.zeros(0), *(one.times[at] for one, at in events_named(timeline, moments))]))


def names_told(moments: Sequence[Moment]) -> str:
    """The names of alternatives in words: two of them at most."""
    names = list(dict.fromkeys(one.name for one in moments))
    told = " or ".join(f"“{name}”" for name in names[:2])
    return f"{told} (or the like)" if len(names) > 2 else told


def told_of(timeline: Timeline, moments: tuple[Moment, ...]) -> str:
    """The names of those alternatives that are on record as events or tags; of all where none is."""
    there = [one for one in moments if events_named(timeline, (one,))]
    return names_told(there or moments)


def day_of(timeline: Timeline, day: date) -> float:
    """Days from the origin to the local midnight with which a day begins."""
    local = float((day - timeline.origin.as_local.date()).days)
    found = local
    for _ in range(2):
        found -= float(timeline.local_days(np.array([found]))[0]) - local
    return found


def course_of(timeline: Timeline, question: Question) -> Course | Unmeasured:
    """The course of a question's moment in this record (but not `in company`, which is no moment in time)."""
    ways: dict[str, Callable[[Timeline, Question], Course | Unmeasured]] = {
        "over time": _ramp,
        "in winter": _winter,
        "since": _since,
        "after": _after,
        "during": _during,
        "with": _with,
    }
    if question.word not in ways:
        return Unmeasured("company is no moment in time", never=True)
    return ways[question.word](timeline, question)


def _ramp(timeline: Timeline, question: Question) -> Course | Unmeasured:
    start = max(day_of(timeline, question.since), 0.0) if question.since else 0.0
    if timeline.days - start < LEAST_BEFORE_DAYS + LEAST_AFTER_DAYS:
        return Unmeasured("the record is too short for what changes over time", "more months on record")
    words = "from one year to the next"
    if start > 0.0:
        words = f"{words} since {timeline.instant(start + NOON).day_in_words}"
    return Course(f"over time {start:.3f}", lambda t: np.maximum(t - start, 0.0) / DAYS_PER_YEAR, words, slow=True)


def _winter(timeline: Timeline, _: Question) -> Course | Unmeasured:
    if timeline.days < LEAST_YEAR_DAYS:
        return Unmeasured("winter can't be told from other changes in under a year on record", "a whole year on record")
    first = timeline.origin.as_local
    coldest = (datetime(first.year, 1, COLDEST_DAY, tzinfo=first.tzinfo) - first).total_seconds() / 86_400.0
    middles = coldest + DAYS_PER_YEAR * np.arange(-1, 40)
    winters = int(((middles > 0.0) & (middles < timeline.days)).sum())
    return Course(
        "in winter",
        lambda t: np.cos(2.0 * np.pi * (t - coldest) / DAYS_PER_YEAR),
        "in mid-winter, against the mean of the year",
        slow=True,
        occasions=winters,
    )


def _since(timeline: Timeline, question: Question) -> Course | Unmeasured:
    if question.since is not None:
        day, what = day_of(timeline, question.since), ""
    else:
        what = told_of(timeline, question.moments)
        times = times_of(timeline, question.moments)
        if not len(times):
            return Unmeasured(f"{what} is not on record", f"{what}, if it happened, as an event with its day")
        day = float(times[0])
    when = f"since {timeline.instant(day + (NOON if question.since else 0.0)).day_in_words}"
    if day < LEAST_BEFORE_DAYS:
        return Unmeasured(f"the record has too little from before {what or when.removeprefix('since ')}")
    if timeline.days - day < LEAST_AFTER_DAYS:
        return Unmeasured(f"the record has too little {when} yet", "some weeks more on record")
    return Course(
        f"since {day:.4f}",
        lambda t: (t >= day).astype(float),
        f"since {what} ({when.removeprefix('since ')})" if what else when,
        slow=True,
        occasions=1,
    )


def _after(timeline: Timeline, question: Question) -> Course | Unmeasured:
    moments = question.moments
    times, what = times_of(timeline, moments), told_of(timeline, moments)
    if not len(times):
        return Unmeasured(f"{what} is not on record", f"{what} as an event, each time it happens")
    return Course(
        f"after {'|'.join(f'{one.kind}:{one.name.casefold()}' for one in moments)}",
        lambda t: (np.searchsorted(times, t, "right") > np.searchsorted(times, t - 1.0, "right")).astype(float),
        f"on the day after {what}",
        slow=False,
        occasions=len(times),
    )


def _during(timeline: Timeline, question: Question) -> Course | Unmeasured:
    moments = question.moments
    spans = [
        one
        for one in timeline.episodes.values()
        if one.is_ != "recording-off" and any(m.kind != "tag" and same_name(m.name, one.label) for m in moments)
    ]
    tags = tuple(one for one in moments if one.kind == "tag")
    tagged = np.unique(np.floor(timeline.local_days(times_of(timeline, tags))))
    there = [one for one in moments if any(same_name(one.name, known.label) for known in spans)]
    what = names_told([*there, *(one for one in tags if events_named(timeline, (one,)))] or moments)
    if not spans and not len(tagged):
        return Unmeasured(f"{what} is not on record", f"{what}, from when to when")

    def values(times: Floats) -> Floats:
        inside = np.isin(np.floor(timeline.local_days(times)), tagged)
        for one in spans:
            inside |= one.occupied(times)
        return inside.astype(float)

    count = sum(len(one.starts) for one in spans) + (int((np.diff(tagged) > 1.0).sum()) + 1 if len(tagged) else 0)
    lasts = sum(one.hours for one in spans) / 24.0 + len(tagged)
    return Course(
        f"during {'|'.join(sorted([*(one.label for one in spans), *(tag.name.casefold() for tag in tags)]))}",
        values,
        f"while {what} lasts" if spans else f"on days with {what}",
        slow=lasts > LASTS_DAYS * max(count, 1),
        occasions=count,
    )


def _with(timeline: Timeline, question: Question) -> Course | Unmeasured:
    what = names_told(question.moments)
    for one in question.moments:
        if one.kind == "signal":
            for channel in timeline.samples.values():
                known = np.isfinite(channel.values)
                if same_name(one.name, channel.channel) and _moves(channel.values[known]):
                    return _carried(timeline, channel.channel, channel.times[known], channel.values[known])
            nights = [ep for ep in timeline.episodes.values() if ep.is_ == "sleep" and same_name(one.name, ep.label)]
            if nights and len(nights[0].starts) >= FEWEST_VALUES:
                return _slept(timeline, nights[0].label, nights[0].starts, nights[0].ends)
        for item in timeline.ratings.values():
            if one.kind == "item" and same_name(one.name, item.item.name) and _moves(item.values):
                return _daily(timeline, item.item.name, item.times, item.values)
    return Unmeasured(f"{what} is not on record often enough", f"{what} once a day")


def _moves(values: Floats) -> bool:
    return len(values) >= FEWEST_VALUES and float(np.ptp(values)) > 0.0


def _carried(timeline: Timeline, name: str, times: Floats, values: Floats) -> Course:
    """A signal: held until its next value where it is told about once a day, else its mean of the day before."""
    days = np.unique(np.floor(timeline.local_days(times)))
    if len(values) > OFTEN_A_DAY * len(days):
        return _daily(timeline, name, times, values)
    centre, spread = float(values.mean()), float(values.std())

    def held(at: Floats) -> Floats:
        before = np.searchsorted(times, at, "right") - 1
        known = (before >= 0) & (at - times[np.maximum(before, 0)] <= HELD_DAYS)
        return np.where(known, (values[np.maximum(before, 0)] - centre) / spread, np.nan)

    return Course(f"with {name}", held, f"when “{name}” is higher by its usual ups and downs", slow=False, per_sd=True)


def _slept(timeline: Timeline, name: str, starts: Floats, ends: Floats) -> Course:
    """Hours asleep, counted by the day on which the sleep ended, and known from then on."""
    days = np.floor(timeline.local_days(ends))
    each = np.unique(days)
    hours = np.array([24.0 * float((ends - starts)[days == day].sum()) for day in each])
    woken = np.array([float(ends[days == day].max()) for day in each])
    return _carried(timeline, name, woken, hours)


def _daily(timeline: Timeline, name: str, times: Floats, values: Floats) -> Course:
    """The mean of the day before."""
    days = np.floor(timeline.local_days(times)).astype(np.int64)
    days = np.maximum(days, 0)
    n = np.bincount(days)
    mean = np.bincount(days, values) / np.maximum(n, 1)
    mean = np.where(n > 0, mean, np.nan)
    mean = (mean - np.nanmean(mean)) / max(float(np.nanstd(mean)), 1e-9)

    def yesterday(at: Floats) -> Floats:
        day = np.floor(timeline.local_days(at)).astype(np.int64) - 1
        inside = (day >= 0) & (day < len(mean))
        return np.where(inside, mean[np.clip(day, 0, len(mean) - 1)], np.nan)

    words = f"after a day on which “{name}” was higher by its usual ups and downs"
    return Course(f"with {name} the day before", yesterday, words, slow=False, per_sd=True)


def once_each(timeline: Timeline, courses: dict[Question, Course]) -> dict[Question, Course]:
    """The same courses, those that are the same all along under one key: they are one measurement."""
    grid = np.arange(0.5 / GRID_A_DAY, timeline.days, 1.0 / GRID_A_DAY)
    first: dict[bytes, str] = {}
    found = {}
    for question, course in courses.items():
        seen = np.round(course.values(grid), 6).tobytes()
        found[question] = replace(course, key=first.setdefault(seen, course.key))
    return found


def against_nearby(timeline: Timeline, course: Course) -> Course:
    """A course as its difference from its own mean over the four weeks about each moment.

    What changes over months then can't pass for it, and what it has itself of such changes is not counted.
    """
    grid = (np.arange(math.ceil(timeline.days * GRID_A_DAY)) + 0.5) / GRID_A_DAY
    values = course.values(grid)
    known = np.isfinite(values)
    reach = round(NEARBY_DAYS * GRID_A_DAY)
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])
    low = np.maximum(np.arange(len(grid)) - reach, 0)
    high = np.minimum(np.arange(len(grid)) + reach + 1, len(grid))
    mean = (sums[high] - sums[low]) / np.maximum(counts[high] - counts[low], 1)
    return replace(course, values=lambda t: course.values(t) - np.interp(t, grid, mean))
