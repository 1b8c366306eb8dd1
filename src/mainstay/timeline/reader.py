"""From records to a timeline: what was known at a date, side by side, in days since the first day on record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

from mainstay.errors import BadRequest
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import (
    CheckIn,
    Contact,
    Coverage,
    Episode,
    EpisodeIs,
    Event,
    Is,
    Item,
    Prompt,
    Record,
    Signal,
    Statement,
)
from mainstay.records.logged import SHORTEST_STRETCH_DAYS
from mainstay.timeline.coverage import gaps, recordings
from mainstay.timeline.kinds import Episodes, Events, Floats, Ratings, Samples, Timeline

US_PER_DAY = 86_400e6
COVERED_BEYOND_DAYS = 1.0


class ConsentedRecords(Protocol):
    """What a casebook hands out for one purpose: only what consent covers, and which streams were left out."""

    @property
    def records(self) -> tuple[Record, ...]:
        """The records of the streams that consent covers."""

    @property
    def items(self) -> tuple[Item, ...]:
        """The items that check-ins answer."""

    @property
    def anchor(self) -> str | None:
        """The item on whose scale strain is told."""

    @property
    def left_out(self) -> tuple[str, ...]:
        """The streams without consent for the purpose."""


class ReadsForAPurpose(Protocol):
    """A casebook, as far as a timeline needs it."""

    def read(self, purpose: str, *, now: Instant) -> ConsentedRecords:
        """Everything on record that consent for the purpose covers at the real clock."""


def read(casebook: ReadsForAPurpose, purpose: str, as_of: Instant | None = None, *, now: Instant) -> Timeline:
    """The timeline of a casebook for one purpose, cut at `as_of` (without it: now).

    Consent is checked at the real clock `now`, whatever `as_of` says. A date after now is refused.
    """
    if as_of is not None and as_of > now:
        raise BadRequest(f"as of {as_of} lies in the future; choose a date up to {now}")
    found = casebook.read(purpose, now=now)
    return from_records(
        found.records, found.items, found.anchor, as_of=as_of or now, purpose=purpose, left_out=found.left_out
    )


def from_records(
    records: Iterable[Record],
    items: Sequence[Item],
    anchor: str | None,
    *,
    as_of: Instant,
    purpose: str = "own_answers",
    left_out: Sequence[str] = (),
) -> Timeline:
    """Align records and cut them at `as_of`: only what was known by then, less what was corrected by then.

    When a record was added plays no part. Samples of a signal are each known when they were measured. A check-in
    about a span stands at its end (an evening diary speaks of the day); an event in a span at its middle, with half
    the span as half width. Refuses: nothing known by then, check-ins on an item that is not described.
    """
    arrived = tuple(records)
    kept = known_by(arrived, as_of)
    if not kept:
        raise BadRequest(_nothing_there(arrived, as_of, left_out))
    by_kind: dict[type, list[Record]] = {}
    for record in kept:
        by_kind.setdefault(type(record.body), []).append(record)
    dated = [one for kind, some in by_kind.items() if kind not in (Contact, Statement) for one in some] or kept
    begin, end, unlived = _bounds(dated, as_of)
    origin = _midnight(begin)
    days = max(0.0, _day(origin, end))
    lasting, prompts = by_kind.get(Episode, []), [one.body for one in by_kind.get(Prompt, [])]
    recording = recordings([*by_kind.get(Coverage, []), *lasting], origin, days)
    ratings = _ratings(by_kind.get(CheckIn, []), items, origin, days)
    events = _events(by_kind.get(Event, []), origin, days)
    off = [
        (_day(origin, _start(record)), min(days, _day(origin, _end(record))))
        for record in lasting
        if isinstance(record.body, Episode) and record.body.is_ == "recording-off"
    ]
    marks = np.concatenate([np.empty(0), *(r.times for r in ratings.values()), *(e.times for e in events.values())])
    sent = [_day(origin, one.sent) for one in prompts if isinstance(one, Prompt)]
    answered = [_day(origin, one.answered) for one in prompts if isinstance(one, Prompt) and one.answered]
    edges, hours = _offsets(dated, origin, days)
    return Timeline(
        origin=origin,
        days=days,
        as_of=as_of,
        known_through=min(max((record.known for record in kept), key=_utc), as_of, key=_utc),
        purpose=purpose,
        ratings=ratings,
        events=events,
        episodes=_episodes(lasting, origin, days),
        samples=_samples(by_kind.get(Signal, []), origin, as_of),
        recording=recording,
        gaps=gaps(marks, off, recording, days, np.array(sent, dtype=float)),
        prompts_sent=np.sort(np.array(sent, dtype=float)),
        prompts_answered=np.sort(np.array(answered, dtype=float)),
        offset_edges=edges,
        offset_hours=hours,
        anchor=anchor if anchor in ratings else None,
        others=tuple(sorted((one for one in kept if _is_other(one)), key=lambda one: (_start(one).utc_us, one.id))),
        left_out=tuple(left_out),
        unlived_days=unlived,
        late=tuple(one for kind in (CheckIn, Event, Episode) for one in by_kind.get(kind, ()) if _told_late(one)),
    )


def _bounds(dated: Sequence[Record], as_of: Instant) -> tuple[Instant, Instant, float]:
    """Where a record begins and ends, and how many days of stated coverage lie outside of that.

    Coverage counts from a day before the first thing on record to a day after the last: a log of recording that was
    stated for the whole year says nothing of the months after a diary was given up.
    """
    lived = [one for one in dated if not isinstance(one.body, Coverage) and not _looks_back(one)] or dated
    counted = [one for one in dated if not _looks_back(one)] or dated
    stated = min((_start(one) for one in counted), key=_utc), max((_end(one) for one in counted), key=_utc)
    first = min((_start(one) for one in lived), key=_utc).plus_days(-COVERED_BEYOND_DAYS)
    last = max((_end(one) for one in lived), key=_utc).plus_days(COVERED_BEYOND_DAYS)
    begin, end = max(stated[0], first, key=_utc), min(stated[1], last, key=_utc)
    seen = min(stated[1], as_of, key=_utc)
    return begin, min(end, as_of, key=_utc), max(begin.days_since(stated[0]), 0.0) + max(seen.days_since(end), 0.0)


def _told_late(record: Record) -> bool:
    return record.known.utc_us > _end(record).utc_us


def _looks_back(record: Record) -> bool:
    """Whether a record names a stretch of the past, of weeks: that says nothing of how long was recorded."""
    activity = isinstance(record.body, Episode) and record.body.is_ == "activity"
    return activity and _end(record).days_since(_start(record)) >= SHORTEST_STRETCH_DAYS


def known_by(records: Iterable[Record], as_of: Instant) -> list[Record]:
    """The records known at `as_of` and not superseded by a record known by then; a signal that had begun by then."""
    known = [
        record
        for record in records
        if record.known.utc_us <= as_of.utc_us
        or (isinstance(record.body, Signal) and _start(record).utc_us <= as_of.utc_us)
    ]
    corrected = {record.supersedes for record in known if record.supersedes is not None}
    return [record for record in known if record.id not in corrected]


def _nothing_there(arrived: Sequence[Record], as_of: Instant, left_out: Sequence[str]) -> str:
    if arrived:
        first = min(record.known for record in arrived)
        return f"nothing was known yet on {as_of}; the first record became known on {first}: choose a later date"
    if left_out:
        return f"there is nothing to read for this purpose: consent leaves out {', '.join(left_out)}"
    return "there is nothing on record yet; add a file or log a check-in first"


def _utc(moment: Instant) -> int:
    return moment.utc_us


def _start(record: Record) -> Instant:
    return record.happened.start if isinstance(record.happened, Span) else record.happened


def _end(record: Record) -> Instant:
    return record.happened.end if isinstance(record.happened, Span) else record.happened


def _day(origin: Instant, moment: Instant) -> float:
    return (moment.utc_us - origin.utc_us) / US_PER_DAY


def _midnight(moment: Instant) -> Instant:
    """The local midnight before or at a moment, by its own offset."""
    offset_us = moment.offset_s * 1_000_000
    local_us = moment.utc_us + offset_us
    return Instant(local_us - local_us % 86_400_000_000 - offset_us, moment.offset_s)


def _is_other(record: Record) -> bool:
    """Records without columns of their own in a timeline; coverage stays where it names opportunity."""
    if isinstance(record.body, Coverage):
        return record.body.opportunity is not None
    return not isinstance(record.body, (CheckIn, Event, Episode, Signal, Prompt))


def _ratings(records: Sequence[Record], items: Sequence[Item], origin: Instant, days: float) -> dict[str, Ratings]:
    described = {item.name: item for item in items}
    rows: dict[str, list[tuple[float, str, float]]] = {}
    for record in records:
        body = record.body
        if isinstance(body, CheckIn):
            if body.item not in described:
                raise BadRequest(
                    f"a check-in answers {body.item!r}, which no item describes; known are {sorted(described)}"
                )
            rows.setdefault(body.item, []).append((min(days, _day(origin, _end(record))), record.id, body.value))
    ratings = {}
    for name in sorted(rows):
        ordered = sorted(rows[name])
        times, values = np.array([row[0] for row in ordered]), np.array([row[2] for row in ordered])
        ratings[name] = Ratings(described[name], times, values, tuple(row[1] for row in ordered))
    return ratings


def _events(records: Sequence[Record], origin: Instant, days: float) -> dict[str, Events]:
    rows: dict[str, list[tuple[float, str, float, float, int]]] = {}
    numbers: dict[str, int] = {}
    tags: dict[str, dict[str, tuple[str, ...]]] = {}
    contacts: dict[str, dict[str, tuple[str, ...]]] = {}
    meaning: dict[str, tuple[Instant, Is]] = {}
    for record in records:
        body = record.body
        if isinstance(body, Event):
            start, end = _day(origin, _start(record)), min(days, _day(origin, _end(record)))
            size = float("nan") if body.size is None else body.size
            source = numbers.setdefault(record.source, len(numbers))
            row = ((start + end) / 2, record.id, size, max(0.0, (end - start) / 2), source)
            rows.setdefault(body.label, []).append(row)
            if body.tags:
                tags.setdefault(body.label, {})[record.id] = body.tags
            if body.contacts:
                contacts.setdefault(body.label, {})[record.id] = body.contacts
            # A label means to a person what they said of it last.
            if body.label not in meaning or record.known >= meaning[body.label][0]:
                meaning[body.label] = (record.known, body.is_)
    found = {}
    for label in sorted(rows):
        ordered = sorted(rows[label], key=lambda row: row[:2])
        columns = np.array([(row[0], row[2], row[3]) for row in ordered])
        ids = tuple(row[1] for row in ordered)
        times, sizes, half_widths = columns.T
        told_by = tuple(row[4] for row in ordered)
        sources = told_by if len(set(told_by)) > 1 else ()
        named = tags.get(label, {}), sources, contacts.get(label, {})
        found[label] = Events(label, meaning[label][1], times, sizes, half_widths, ids, *named)
    return found


def _episodes(records: Sequence[Record], origin: Instant, days: float) -> dict[str, Episodes]:
    rows: dict[str, list[tuple[float, float, str]]] = {}
    meaning: dict[str, tuple[Instant, EpisodeIs, bool]] = {}
    for record in records:
        body = record.body
        if isinstance(body, Episode):
            start, end = max(0.0, _day(origin, _start(record))), min(days, _day(origin, _end(record)))
            if end < start:  # a stretch looked back on may lie outside of what was recorded
                continue
            rows.setdefault(body.label, []).append((start, end, record.id))
            if body.label not in meaning or record.known >= meaning[body.label][0]:
                meaning[body.label] = (record.known, body.is_, body.is_self)
    found = {}
    for label in sorted(rows):
        starts: list[float] = []
        ends: list[float] = []
        ordered = sorted(rows[label])
        for start, end, _ in ordered:
            if starts and start <= ends[-1]:
                ends[-1] = max(ends[-1], end)
            else:
                starts.append(start)
                ends.append(end)
        _, is_, is_self = meaning[label]
        ids = tuple(row[2] for row in ordered)
        found[label] = Episodes(label, is_, is_self, np.array(starts), np.array(ends), ids)
    return found


def _samples(records: Sequence[Record], origin: Instant, as_of: Instant) -> dict[str, Samples]:
    """Signals joined by channel and cut at `as_of`; an instant that arrived twice counts once."""
    parts: dict[str, list[Signal]] = {}
    for record in records:
        if isinstance(record.body, Signal):
            parts.setdefault(record.body.channel, []).append(record.body)
    found = {}
    for channel in sorted(parts):
        moments = np.concatenate([part.times_us for part in parts[channel]])
        values = np.concatenate([part.values for part in parts[channel]])
        moments, first = np.unique(moments, return_index=True)
        keep = moments <= as_of.utc_us
        times = (moments[keep] - origin.utc_us) / US_PER_DAY
        found[channel] = Samples(channel, parts[channel][0].unit, times, values[first][keep])
    return found


def _offsets(records: Sequence[Record], origin: Instant, days: float) -> tuple[Floats, Floats]:
    """The local clock's offset as a step function: edges (m+1,) in days, hours (m,). It changes with the first record
    that shows the change.
    """
    seen = sorted({(moment.utc_us, moment.offset_s) for record in records for moment in (_start(record), _end(record))})
    edges, hours = [0.0], [origin.offset_s / 3600.0]
    for utc_us, offset_s in seen:
        at = (utc_us - origin.utc_us) / US_PER_DAY
        if offset_s / 3600.0 != hours[-1] and edges[-1] < at < days:
            edges.append(at)
            hours.append(offset_s / 3600.0)
    return np.array([*edges, max(days, edges[-1])]), np.array(hours)
