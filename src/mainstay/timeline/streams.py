"""What is on record by stream: where it came from, how much, from when to when, and on which days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mainstay.errors import BadRequest
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Contact, Episode, KindName, Record, Signal, Statement
from mainstay.timeline.kinds import Floats, Timeline
from mainstay.timeline.reader import ReadsForAPurpose, from_records, known_by


@dataclass(frozen=True, slots=True, eq=False)
class StreamDays:
    """One stream: its sources, kinds, records (samples of a signal count each), and local days from the origin (n,).

    `days` are ascending and hold every day on which anything of the stream happened; empty where a stream has no place
    in time (contacts, statements); that recording was off is no record of a day.
    """

    name: str
    sources: tuple[str, ...]
    kinds: tuple[KindName, ...]
    records: int
    days: Floats


def read_with_streams(
    casebook: ReadsForAPurpose, purpose: str, as_of: Instant | None = None, *, now: Instant
) -> tuple[Timeline, tuple[StreamDays, ...]]:
    """The timeline, as `reader.read` gives it, and its streams, from one and the same read."""
    if as_of is not None and as_of > now:
        raise BadRequest(f"as of {as_of} lies in the future; choose a date up to {now}")
    found = casebook.read(purpose, now=now)
    cut = as_of or now
    timeline = from_records(
        found.records, found.items, found.anchor, as_of=cut, purpose=purpose, left_out=found.left_out
    )
    return timeline, streams_of(found.records, timeline)


def streams_of(records: Iterable[Record], timeline: Timeline) -> tuple[StreamDays, ...]:
    """The streams of what was known by the timeline's date, by source and name."""
    by_name: dict[str, list[Record]] = {}
    for record in known_by(records, timeline.as_of):
        by_name.setdefault(record.stream, []).append(record)
    streams = [_stream(name, some, timeline) for name, some in by_name.items()]
    return tuple(sorted(streams, key=lambda one: (one.sources, one.name)))


def _stream(name: str, records: Sequence[Record], timeline: Timeline) -> StreamDays:
    parts, count = [np.zeros(0)], 0
    for record in records:
        times = _days(record, timeline)
        count += len(times) if isinstance(record.body, Signal) else 1
        parts.append(times if isinstance(record.body, Signal) else _each_day(times, timeline))
    days = np.unique(np.floor(timeline.local_days(np.concatenate(parts))))
    sources = tuple(sorted({record.source for record in records}))
    return StreamDays(name, sources, tuple(sorted({record.kind for record in records})), count, days)


def _days(record: Record, timeline: Timeline) -> Floats:
    """Times in days since the origin: of each sample, or the beginning and end of what happened, up to the cut."""
    end = timeline.as_of.days_since(timeline.origin)
    if isinstance(record.body, Signal):
        moments = (record.body.times_us - timeline.origin.utc_us) / 86_400e6
        return np.asarray(moments[moments <= end], np.float64)
    off = isinstance(record.body, Episode) and record.body.is_ == "recording-off"
    if off or isinstance(record.body, Contact | Statement):
        return np.zeros(0)
    happened = record.happened
    ends = (happened.start, happened.end) if isinstance(happened, Span) else (happened,)
    return np.array([min(one.days_since(timeline.origin), end) for one in ends])


def _each_day(times: Floats, timeline: Timeline) -> Floats:
    """A time on each day from the first to the last; a stretch that ends at midnight ends the day before."""
    if len(times) < 2 or times[1] - times[0] < 1e-9:
        return times[:1]
    return np.append(np.arange(times[0], times[1], 1.0), times[1] - 1e-6)
