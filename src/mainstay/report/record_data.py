"""What the picture of the record draws, and its words say: prompts by day and week, and the days of each stream."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.report.picture_data import runs_of
from mainstay.timeline.kinds import Floats, Timeline
from mainstay.timeline.streams import StreamDays

OTHER_STREAMS = "others"


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What was asked and answered in stretches of local days: first day of each (m,), prompts sent and answered (m,).

    `what` is "prompts"; "check-ins" where no prompt is on record, and then all that is known was answered.
    """

    what: str
    starts: NDArray[np.int64]
    sent: NDArray[np.int64]
    answered: NDArray[np.int64]

    @property
    def share(self) -> Floats:
        """The share answered (m,); NaN where nothing was asked."""
        known = self.sent > 0
        return np.where(known, np.minimum(self.answered / np.maximum(self.sent, 1), 1.0), np.nan)


def asked_by_day(timeline: Timeline, days: int) -> Asked | None:
    """By local day from the origin; None where nothing was ever asked or checked in.

    Without prompts, a day's check-ins are held against those of the fullest days (the ninth decile).
    """
    if len(timeline.prompts_sent):
        sent = _counted(timeline, timeline.prompts_sent, days)
        return Asked("prompts", np.arange(days), sent, _counted(timeline, timeline.prompts_answered, days))
    moments = [ratings.times for ratings in timeline.ratings.values()]
    if not moments:
        return None
    made = _counted(timeline, np.unique(np.concatenate(moments)), days)
    full = round(float(np.quantile(made[made > 0], 0.9))) if made.any() else 1
    return Asked("check-ins", np.arange(days), np.where(made > 0, np.maximum(made, full), 0), made)


def asked_by_week(daily: Asked, first_weekday: int) -> Asked:
    """The same by week, from Monday on; the first and the last week may be shorter."""
    week = (daily.starts + first_weekday) // 7
    starts = np.maximum(np.arange(int(week[-1]) + 1) * 7 - first_weekday, 0)
    sent, answered = (np.bincount(week, part).astype(np.int64) for part in (daily.sent, daily.answered))
    return Asked(daily.what, starts.astype(np.int64), sent, answered)


def _counted(timeline: Timeline, times: Floats, days: int) -> NDArray[np.int64]:
    day = np.floor(timeline.local_days(times)).astype(np.int64)
    return np.bincount(np.clip(day, 0, days - 1), minlength=days)


@dataclass(frozen=True, slots=True, eq=False)
class StreamLane:
    """One stream as a lane: its source, its name, the days on which it holds anything (d,), and these as stretches."""

    source: str
    name: str
    days: Floats
    spans: list[tuple[float, float]]


def stream_lanes(streams: tuple[StreamDays, ...], days: float, most: int) -> list[StreamLane]:
    """A lane for each stream that has a place in time, by source; of more than `most` the sparse ones share one."""
    present = [one for one in streams if len(one.days)]
    rank = sorted(present, key=lambda one: -len(one.days))
    kept = set(map(id, rank[: most - 1] if len(rank) > most else rank))
    lanes = [_lane(_source(one), one.name, [one], days) for one in present if id(one) in kept]
    rest = [one for one in present if id(one) not in kept]
    return [*lanes, _lane("", f"{len(rest)} {OTHER_STREAMS}", rest, days)] if rest else lanes


def _source(stream: StreamDays) -> str:
    return stream.sources[0] if len(stream.sources) == 1 else f"{len(stream.sources)} sources"


def _lane(source: str, name: str, parts: list[StreamDays], days: float) -> StreamLane:
    active = np.zeros(int(days), bool)
    for part in parts:
        active[np.clip(part.days, 0, days - 1).astype(np.int64)] = True
    spans = [(float(first), float(past)) for first, past in runs_of(active)]
    return StreamLane(source, name, np.flatnonzero(active).astype(np.float64), spans)
