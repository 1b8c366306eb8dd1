"""A watch over every stream of one person for lasting changes (S3): readings in the order of time, alarms out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mainstay.notice.budget import CHANGE_MONTHS, days_per_alarm
from mainstay.notice.series import Series
from mainstay.numerics.sequential import BELIEVED, take_all
from mainstay.numerics.sequential_state import COUNT, LEVEL_ONLY, READING, Floats, Ints, State, new_state
from mainstay.timeline.kinds import Timeline

What = Literal["level", "spread", "rate"]
MOST_ALARMS = 200
AN_INSTANT = 1e-6
FLOOR_OF_SCALE, FLOOR_OF_VALUE = 1.0 / 20.0, 1e-6
END_OF_DAY = 0.999
NORMAL_95 = 1.6449


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """Records of all streams in the order of time, (n,) each: which stream, local day, time in days, local hour,
    weekday, value, days' worth of recording, and whether the record may be judged.
    """

    stream: Ints
    day: Floats
    time: Floats
    hour: Floats
    weekday: Ints
    value: Floats
    exposure: Floats
    judged: np.ndarray

    @property
    def columns(self) -> tuple[np.ndarray, ...]:
        """The columns as the kernel takes them."""
        return (
            self.stream, self.day, self.time, self.hour, self.weekday, self.value, self.exposure, self.judged,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Move:
    """What moved in one stream at an alarm: `share` of the sum it carried; local days on which it may have begun.

    `stream` is the index of the series, or their number for what the items have in common.
    """

    stream: int
    what: What
    up: bool
    share: float
    began: float
    earliest: float
    latest: float


@dataclass(frozen=True, slots=True)
class Alarm:
    """The local day at whose end the sum reached the threshold, and what carried it, most first."""

    day: int
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """A record watched to its end. sums (days,): where the sum stood at the end of each local day, 0 before the first;
    scores (days, 2S+1): each stream's level, what the items have in common, each stream's spread; NaN without one.
    """

    alarms: tuple[Alarm, ...]
    sums: Floats
    scores: Floats
    threshold: float
    state: State


KINDS = {"rating": READING, "signal": LEVEL_ONLY, "count": COUNT}


def watch_of(timeline: Timeline, series: Sequence[Series]) -> State:
    """A watch over these streams that has seen nothing yet. Ratings count in what the items have in common.

    The spread of a signal is not watched: a device that records more densely has other ups and downs.
    """
    return new_state(
        [KINDS[one.kind] for one in series],
        [float(one.worse) if one.kind == "rating" else 0.0 for one in series],
        [_floor(timeline, one) for one in series],
    )


def _floor(timeline: Timeline, one: Series) -> float:
    """The least spread a stream is credited with: a stream that never moved must not make its first step a wonder."""
    if one.kind == "rating":
        item = timeline.ratings[one.name].item
        return FLOOR_OF_SCALE * (item.high - item.low)
    return FLOOR_OF_VALUE * (1.0 + float(np.abs(one.values[:1]).sum()))


def records_of(timeline: Timeline, series: Sequence[Series]) -> tuple[Records, float]:
    """The records of all streams up to the end of the last whole local day for counts, and the local day under way.

    The watch ends with the last day on record: that somebody stopped recording is no change, and takes no answer away.
    """
    now = max(timeline.as_of.days_since(timeline.origin), timeline.days)
    last, under_way = np.floor(timeline.local_days(np.array([max(timeline.days - AN_INSTANT, 0.0), now])))
    today = float(min(under_way, last + 1.0))
    first = timeline.origin.as_local.weekday()
    parts = [_rows(timeline, k, one, today, first) for k, one in enumerate(series)]
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.lexsort((columns[0], columns[2], columns[1]))
    return Records(*(np.ascontiguousarray(column[order]) for column in columns)), today


def _rows(timeline: Timeline, k: int, one: Series, today: float, first: int) -> tuple[np.ndarray, ...]:
    if one.kind == "count":
        day = np.arange(len(one.times), dtype=float)
        whole = (day < today) & (one.exposure > 0.0)
        day = day[whole]
        hours, weekdays = np.full(len(day), 24.0), (day.astype(np.int64) + first) % 7
        times = day + END_OF_DAY
    else:
        whole = np.ones(len(one.times), bool)
        day = np.floor(timeline.local_days(one.times))
        hours, weekdays, times = timeline.local_hours(one.times), timeline.weekdays(one.times), one.times
    kept = (one.values[whole], one.exposure[whole], one.settled[whole])
    return np.full(len(day), k, np.int64), day, times, hours, weekdays, *kept


def watched(timeline: Timeline, series: Sequence[Series], threshold: float = days_per_alarm(CHANGE_MONTHS)) -> Watched:
    """All streams (at least one) from the first record to the end of the last whole local day."""
    records, today = records_of(timeline, series)
    days = int(max(today, records.day.max(initial=0.0) + 1.0))
    width = 2 * len(series) + 1
    sums, scores = np.zeros(days), np.full((days, width), np.nan)
    alarms = np.zeros((MOST_ALARMS, width, 5))
    state = watch_of(timeline, series)
    count = take_all(state, records.columns, today, threshold, 0, sums, scores, alarms)
    found = tuple(_alarm(one, series) for one in alarms[:count])
    return Watched(found, sums, scores, threshold, state)


def _alarm(row: Floats, series: Sequence[Series]) -> Alarm:
    """Those who carry `BELIEVED` of the sum; where nobody alone does, whoever carries most."""
    S = len(series)
    shares = row[:, :2]
    least = min(BELIEVED, float(shares.max()))
    moves = []
    for c, side in zip(*np.nonzero(shares >= least), strict=True):
        stream = int(c) if c <= S else int(c) - S - 1
        what: What = "spread" if c > S else "rate" if c < S and series[stream].kind == "count" else "level"
        mean, sd, day = row[c, 2], row[c, 3], row[c, 4]
        early, late = max(mean - NORMAL_95 * sd, 0.0), min(mean + NORMAL_95 * sd, day)
        moves.append(Move(stream, what, side == 0, float(shares[c, side]), float(mean), float(early), float(late)))
    return Alarm(int(row[0, 4]), tuple(sorted(moves, key=lambda move: -move.share)))
