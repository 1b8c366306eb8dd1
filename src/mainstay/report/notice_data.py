"""What the picture of what is noticed draws: streams made few enough to be seen, and answers' details, read with care.

A detail is read field by field. Where one is missing, or is not what it should be, what rests on it is not drawn.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mainstay.notice.series import Series
from mainstay.quantities import Answer, Finding, Instant
from mainstay.report.picture_data import BIN_DAYS, bin_days_for
from mainstay.timeline.kinds import Floats, Timeline

MOST_STREAMS = 8
DOTS_A_PIXEL = 1.2
"""Readings themselves are drawn where there are at most so many to a pixel of width; else means of days or more."""
NARROWEST_BAR = 2.5
FEWEST_DAYS_OF_WEEKS = 28.0


@dataclass(frozen=True, slots=True)
class Shift:
    """A change that was noticed, and in which `way`. Days: when it began, with its interval, and when it was noticed.

    `before` and `after`: the levels, in the units that are drawn (counts: a week); None where no level moved. `along`:
    the stream it moved with, where it was not noticed by itself.
    """

    way: str
    since: float
    first: float
    last: float
    noticed: float | None
    before: float | None = None
    after: float | None = None
    along: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """One stream to be drawn: its series, what is usual in it (S2), and the changes noticed in it (S3)."""

    series: Series
    usual: Answer | None
    shifts: tuple[Shift, ...] = ()


def number_in(detail: Mapping[str, Any], name: str) -> float | None:
    """A finite number of a detail; None where there is none."""
    value = detail.get(name)
    known = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if known and value is not None else None


def pair_in(detail: Mapping[str, Any], name: str) -> tuple[float, float] | None:
    """Two finite numbers in order; None where there are none."""
    value = detail.get(name)
    if not isinstance(value, list | tuple) or len(value) != 2:
        return None
    low, high = (number_in({"end": end}, "end") for end in value)
    return None if low is None or high is None or low > high else (low, high)


def day_in(timeline: Timeline, detail: Mapping[str, Any], name: str) -> float | None:
    """A local date (ISO text), or a moment, in days since the timeline's first midnight; None where there is none."""
    return day_of(timeline, detail.get(name))


def day_of(timeline: Timeline, value: object) -> float | None:
    """Days since the timeline's first midnight, of a date or a moment as ISO text; None where it is neither."""
    if not isinstance(value, str):
        return None
    try:
        if len(value) <= len("2024-03-31"):
            return float((dt.date.fromisoformat(value) - timeline.origin.as_local.date()).days)
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        return None
    return Instant.of(moment).days_since(timeline.origin) if moment.tzinfo is not None else None


def date_words(timeline: Timeline, day: float) -> str:
    """A day as a label has it: "3 Mar", with the year where it isn't the one this is told in."""
    date = timeline.origin.as_local.date() + dt.timedelta(days=math.floor(day))
    year = "" if date.year == timeline.as_of.as_local.year else f" {date.year}"
    return f"{date.day} {date:%b}{year}"


def of_row(answers: Sequence[Answer], row: str) -> list[Answer]:
    """The answers of one row."""
    return [answer for answer in answers if answer.row == row]


def streams_of(
    timeline: Timeline, series: Sequence[Series], answers: Sequence[Answer], shifts: Mapping[str, tuple[Shift, ...]]
) -> list[Stream]:
    """Every stream with anything in it: those that changed first, then the anchor, then those with a usual level."""
    usual = {answer.about: answer for answer in of_row(answers, "S2")}
    found = [Stream(one, usual.get(one.name), shifts.get(one.name, ())) for one in series if len(one.times)]
    return sorted(found, key=lambda one: _place(timeline, one))


MEANINGS = ("", "relief", "demand", "slip", "other", "control")
"""Readings before events, and these in the order in which they matter here."""


def _place(timeline: Timeline, stream: Stream) -> tuple[bool, bool, bool, bool, int]:
    """What is False or low comes first; otherwise the order of the series stays."""
    series = stream.series
    return (
        all(one.noticed is None for one in stream.shifts),
        not stream.shifts,
        series.kind != "rating" or series.name != timeline.anchor,
        not isinstance(stream.usual, Finding),
        MEANINGS.index(series.is_),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Dots:
    """Readings, or means over `bin_days`: days (n,), values (n,), and whether each may be judged. 0: the readings."""

    day: Floats
    value: Floats
    judged: NDArray[np.bool_]
    bin_days: float


def dots_of(timeline: Timeline, series: Series, days: float, pixels: float) -> Dots:
    """The readings where they fit, else means by local day or more; a mean of any unjudged is unjudged."""
    if len(series.times) <= DOTS_A_PIXEL * pixels:
        return Dots(series.times, series.values, series.settled, 0.0)
    size = max(bin_days_for(days, pixels, 1.0), 1.0)
    index = np.floor(timeline.local_days(series.times) / size).astype(np.int64)
    first = np.flatnonzero(np.diff(index, prepend=index[0] - 1))
    counts = np.diff(np.append(first, len(index)))
    mean = np.add.reduceat(series.values, first) / counts
    judged = np.minimum.reduceat(series.settled.astype(np.int8), first) > 0
    return Dots(np.minimum((index[first] + 0.5) * size, days), mean, judged, size)


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """Rates over `bin_days`, as if recorded whole: starts and ends in days (n,), rates, and which are judged.

    Rates are a week's; a day's where the bars are days.
    """

    starts: Floats
    ends: Floats
    rate: Floats
    judged: NDArray[np.bool_]
    bin_days: float


def bars_of(series: Series, days: float, pixels: float) -> Bars:
    """Weeks, or several at once where a week is too narrow; days in the first weeks of a record.

    Those recorded by less than half are left out.
    """
    shortest = 7.0 if days > FEWEST_DAYS_OF_WEEKS else 1.0
    usable = [one for one in BIN_DAYS if one >= shortest]
    size = next((one for one in usable if one * pixels / days >= NARROWEST_BAR), usable[-1])
    index = np.floor(np.maximum(series.times - 0.5, 0.0) / size).astype(np.int64)
    worth, count = np.bincount(index, series.exposure), np.bincount(index, series.values)
    known = np.bincount(index, (series.exposure > 0.0).astype(float))
    judged = np.bincount(index, (series.settled & (series.exposure > 0.0)).astype(float)) > 0.5 * known
    starts = np.arange(len(worth)) * size
    ends = np.minimum(starts + size, days)
    whole = worth >= 0.5 * np.maximum(ends - starts, 1.0)
    rate = min(size, 7.0) * count[whole] / worth[whole]
    return Bars(starts[whole], ends[whole], rate, judged[whole], size)
