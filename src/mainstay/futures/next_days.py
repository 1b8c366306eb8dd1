"""The days of a record side by side: what each held, and what was known of it when the next one began.

Days are those of the local clock, numbered from the record's first. A forecast of day d is made when it begins and
knows what was on record by then; the first day ahead is the one after the record's last.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.notice.series import Series, series_of
from mainstay.timeline.kinds import Floats, Timeline

MOST_NIGHT_HOURS = 16.0
SEEN_SHARE = 0.75
"""A day with less recording than this says nothing, whatever came: else only days without would be lost."""


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """`count` days on record, and beyond: `weekday` (count + 7,), 0 on Mondays.

    `means`: of each rating's answers, by item (count,), NaN without any. `answers`: how many (count,). `last`: the last
    answer of the day. `events`: how many by label (count,); `exposure`: days' worth of recording by label (count,), 0
    where nothing is known. `signals`: means by channel (count,), and hours of sleep that ended that day.
    """

    count: int
    weekday: NDArray[np.int64]
    means: Mapping[str, Floats]
    answers: Mapping[str, Floats]
    last: Mapping[str, Floats]
    events: Mapping[str, Floats]
    exposure: Mapping[str, Floats]
    signals: Mapping[str, Floats]

    def happened(self, label: str) -> Floats:
        """Whether it came that day (count,): 1 or 0; NaN where too little of the day was recorded to say."""
        came = (self.events[label] > 0).astype(float)
        return np.where(self.exposure[label] >= SEEN_SHARE, came, np.nan)


def days_of(timeline: Timeline, series: tuple[Series, ...] | None = None) -> Days:
    """The days of a timeline."""
    every = series_of(timeline) if series is None else series
    last = float(timeline.local_days(np.array([timeline.days]))[0])
    count = max(math.ceil(last - 1e-9), 1)
    first = timeline.origin.as_local.weekday()
    means, answers, lasts, events, exposure, signals = {}, {}, {}, {}, {}, {}
    for one in every:
        if one.kind == "count":
            events[one.name], exposure[one.name] = _fitted(one.values, count), _fitted(one.exposure, count)
            continue
        at = np.clip(np.floor(timeline.local_days(one.times)).astype(np.int64), 0, count - 1)
        number = np.bincount(at, minlength=count).astype(float)
        mean = np.divide(np.bincount(at, one.values, count), number, out=np.full(count, np.nan), where=number > 0)
        if one.kind == "signal":
            signals[one.name] = mean
            continue
        final = np.full(count, np.nan)
        final[at] = one.values
        means[one.name], answers[one.name], lasts[one.name] = mean, number, final
    slept = _sleep(timeline, count)
    if slept is not None:
        signals["hours of sleep"] = slept
    weekday = np.mod(np.arange(count + 7) + first, 7)
    return Days(count, weekday, means, answers, lasts, events, exposure, signals)


def _fitted(values: Floats, count: int) -> Floats:
    return values[:count] if len(values) >= count else np.append(values, np.zeros(count - len(values)))


def _sleep(timeline: Timeline, count: int) -> Floats | None:
    """Hours of sleep by the day on which it ended (count,), NaN where none is on record; None without any."""
    nights = [one for one in timeline.episodes.values() if one.is_ == "sleep"]
    if not nights:
        return None
    total, seen = np.zeros(count), np.zeros(count, bool)
    for one in nights:
        at = np.clip(np.floor(timeline.local_days(one.ends)).astype(np.int64), 0, count - 1)
        total += np.bincount(at, (one.ends - one.starts) * 24.0, count)
        seen[at] = True
    return np.where(seen, np.minimum(total, MOST_NIGHT_HOURS), np.nan)
