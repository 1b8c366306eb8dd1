"""The calendar of the record: for every day what was asked, answered and written down, and why days are missing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.quantities import MONTHS
from mainstay.report.picture_data import shown_days
from mainstay.report.record_data import asked_by_day
from mainstay.report.words import clean, counted, percent
from mainstay.timeline.kinds import Floats, Timeline

SHARES = (0.25, 0.5, 0.75)
"""Shares answered at which a day's shade changes."""
NOTHING, WRITTEN, UNANSWERED, GAP = "nothing", "written", "unanswered", "gap"
CELL, ROOM = 10, 13
"""How wide a day is drawn, and how far apart days are."""


@dataclass(frozen=True, slots=True)
class Year:
    """A year as it is drawn: the days of each look as one path, where months begin, and the same in words."""

    year: int
    first: dt.date
    looks: tuple[tuple[str, str], ...]
    months: tuple[tuple[int, str], ...]
    weeks: int
    told: str


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Every day of the record, from the first: asked and answered (n,), whether anything is on record (n,), why not."""

    first: dt.date
    what: str
    sent: NDArray[np.int64]
    answered: NDArray[np.int64]
    any: NDArray[np.bool_]
    gap: NDArray[np.bool_]


def days_of(timeline: Timeline) -> Days:
    """The days of a record. Without prompts, a day's check-ins stand for what was answered."""
    count = max(int(shown_days(timeline)), 1)
    asked = asked_by_day(timeline, count)
    zeros = np.zeros(count, np.int64)
    gap = np.zeros(count, bool)
    for one in timeline.gaps:
        begin, end = timeline.local_days(np.array([one.start, one.end]))
        gap[int(np.ceil(begin)) : max(int(np.floor(end)), 0)] = True
    return Days(
        timeline.origin.as_local.date(),
        "" if asked is None else asked.what,
        zeros if asked is None else asked.sent,
        zeros if asked is None else asked.answered,
        _any(timeline, count),
        gap,
    )


def _any(timeline: Timeline, count: int) -> NDArray[np.bool_]:
    """Whether anything happened on a day: an answer, an event, the beginning or end of a stretch, a sample."""
    lasting = [part for one in timeline.episodes.values() if one.is_ != "recording-off"
               for part in (one.starts, np.maximum(one.ends - 1e-6, one.starts))]  # fmt: skip
    rated = [one.times for one in timeline.ratings.values()]
    happened = [one.times for one in timeline.events.values()]
    sampled = [one.times for one in timeline.samples.values()]
    there = np.zeros(count, bool)
    for times in (*rated, *happened, *lasting, *sampled):
        day = np.floor(timeline.local_days(times)).astype(np.int64)
        there[np.clip(day, 0, count - 1)] = True
    return there


def looks(days: Days) -> NDArray[np.str_]:
    """How each day looks (n,): a shade from 0 to 3 by the share answered, or one of the words above."""
    share = np.where(days.sent > 0, days.answered / np.maximum(days.sent, 1), 0.0)
    found = np.full(len(days.sent), NOTHING, dtype="<U12")
    found[days.any] = WRITTEN
    found[(days.sent > 0) & (days.answered == 0)] = UNANSWERED
    answered = days.answered > 0
    found[answered] = np.char.add("shade", np.searchsorted(SHARES, share[answered], "right").astype(str))
    found[days.gap & ~answered & ~days.any] = GAP
    return found


def key_of(timeline: Timeline) -> tuple[tuple[str, str], ...]:
    """What the looks of the days on this calendar mean, in words; only of those that are there."""
    days = days_of(timeline)
    shown = set(looks(days))
    of = "questionnaires answered" if days.what == "prompts" else "check-ins, against your fullest days"
    told = {
        "shade3": f"most {of}",
        "shade0": f"few {of}",
        UNANSWERED: "asked, nothing answered",
        WRITTEN: "something else written down",
        GAP: "missing, see below",
        NOTHING: "nothing on record",
    }
    return tuple((look, said) for look, said in told.items() if look in shown)


def years(timeline: Timeline) -> tuple[Year, ...]:
    """The calendar, the last year first."""
    days = days_of(timeline)
    shown = looks(days)
    dates = [days.first + dt.timedelta(days=i) for i in range(len(shown))]
    found = []
    for year in range(dates[-1].year, dates[0].year - 1, -1):
        begin = dt.date(year, 1, 1)
        here = [i for i, one in enumerate(dates) if one.year == year]
        paths: dict[str, list[str]] = {}
        for i in here:
            paths.setdefault(str(shown[i]), []).append(_cell(dates[i], begin, str(shown[i])))
        months = tuple((_week(dt.date(year, m, 1), begin) * ROOM, name[:3]) for m, name in enumerate(MONTHS, start=1))
        at = slice(here[0], here[-1] + 1)
        found.append(
            Year(
                year,
                begin,
                tuple((look, "".join(parts)) for look, parts in sorted(paths.items())),
                months,
                _week(dt.date(year, 12, 31), begin) + 1,
                _told(year, days, at),
            )
        )
    return tuple(found)


def _week(day: dt.date, begin: dt.date) -> int:
    """The column of a day: weeks begin on Mondays."""
    return ((day - begin).days + begin.weekday()) // 7


def _cell(day: dt.date, begin: dt.date, look: str) -> str:
    """A square; of what was only written down, a small one."""
    inset = 3 if look == WRITTEN else 0
    x, y, size = _week(day, begin) * ROOM + inset, day.weekday() * ROOM + inset, CELL - 2 * inset
    return f"M{x} {y}h{size}v{size}h-{size}z"


def _told(year: int, days: Days, at: slice) -> str:
    there = int(days.any[at].sum())
    said = f"{year}: something on record on {there:,} of {counted(len(days.any[at]), 'day')}"
    sent, answered = int(days.sent[at].sum()), int(days.answered[at].sum())
    if days.what == "prompts" and sent:
        said += f"; {answered:,} of {sent:,} questionnaires answered ({percent(min(answered / sent, 1.0))})"
    return said + "."


def month_table(timeline: Timeline) -> tuple[list[str], list[list[str]]]:
    """Column names and rows, the last month first: days with anything, asked, answered, check-ins, events, hours."""
    days = days_of(timeline)
    first = days.first.year * 12 + days.first.month - 1
    month = np.array(
        [(one := days.first + dt.timedelta(days=i)).year * 12 + one.month - 1 - first for i in range(len(days.sent))]
    )
    count = int(month[-1]) + 1

    def by_month(times: Floats, weights: Floats | None = None) -> Floats:
        day = np.clip(np.floor(timeline.local_days(times)).astype(np.int64), 0, len(month) - 1)
        found: Floats = np.bincount(month[day], weights, minlength=count).astype(np.float64)
        return found

    def of_days(values: NDArray[np.bool_] | NDArray[np.int64]) -> Floats:
        found: Floats = np.bincount(month, values, minlength=count).astype(np.float64)
        return found

    columns = [("days with records", of_days(days.any))]
    if days.what == "prompts":
        columns += [("asked", of_days(days.sent)), ("answered", of_days(days.answered))]
    rated = sum((by_month(one.times) for one in timeline.ratings.values()), np.zeros(count))
    happened = sum((by_month(one.times) for one in timeline.events.values()), np.zeros(count))
    columns += [("check-ins", rated), ("events", happened)]
    columns += [
        (f"hours as {clean(role.label)}", by_month(role.starts, (role.ends - role.starts) * 24.0))
        for role in timeline.roles
    ]
    names = ["month", *(name for name, _ in columns)]
    rows = [
        [_month(first + i), *(f"{values[i]:,.0f}" for _, values in columns)] for i in range(count - 1, -1, -1)
    ]  # fmt: skip
    return names, rows


def _month(number: int) -> str:
    return f"{MONTHS[number % 12]} {number // 12}"


def gaps_in_words(timeline: Timeline) -> list[str]:
    """Every gap of two days or more, the last first: from when to when, how long, and why."""
    told = []
    for gap in reversed(timeline.gaps):
        begin, end = timeline.instant(gap.start), timeline.instant(max(gap.end - 1e-6, gap.start))
        length = counted(max(round(gap.end - gap.start), 1), "day")
        told.append(f"{begin.day_in_words} to {end.day_in_words}, {length}: {clean(gap.reason)}")
    return told
