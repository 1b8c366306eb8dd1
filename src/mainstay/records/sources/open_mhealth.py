"""Open mHealth and IEEE 1752.1: JSON data points, bare or with a header, one or many to a file.

A value stands at the end of the time it tells of, and carries the offset that is written. Statistics over days, and
times given as a part of a day, are no measurement of a moment; they are refused with their reason.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from mainstay.errors import BadRecord
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Episode
from mainstay.records.place import Place
from mainstay.records.sources.csv_rows import number_in
from mainstay.records.sources.intake import Intake, Row
from mainstay.records.sources.json_stream import json_of, json_rows, part
from mainstay.records.sources.source import Source

MEASURES: dict[str, tuple[str, str, str]] = {
    "heart_rate": ("heart rate", "heart rate", "bpm"),
    "step_count": ("steps", "steps", "steps"),
    "total_sleep_time": ("sleep", "asleep", "minutes"),
    "deep_sleep_duration": ("sleep", "deep sleep", "minutes"),
    "light_sleep_duration": ("sleep", "light sleep", "minutes"),
    "rem_sleep_duration": ("sleep", "REM sleep", "minutes"),
    "oxygen_saturation": ("oxygen saturation", "oxygen saturation", "%"),
    "respiratory_rate": ("respiration", "respiration", "breaths per minute"),
    "body_weight": ("weight", "weight", "kg"),
}
"""By measure: stream, channel and unit."""

FACTORS = {
    "bpm": {"beats/min": 1.0},
    "steps": {"steps": 1.0, "": 1.0},
    "minutes": {"min": 1.0, "h": 60.0, "sec": 1 / 60, "s": 1 / 60, "ms": 1 / 60_000},
    "%": {"%": 1.0},
    "breaths per minute": {"breaths/min": 1.0},
    "kg": {"kg": 1.0, "g": 0.001, "lb": 0.45359237, "lbs": 0.45359237},
}
"""By unit kept: what a written unit is multiplied by."""

SPANS = {"sec": 1, "s": 1, "min": 60, "h": 3600, "d": 86_400}
LONGEST = timedelta(hours=36)
_FRAME = b'"effective_time_frame"'


def _files(place: Place) -> list[str]:
    return [file for file in place.matching("*.json", "*.jsonl") if _FRAME in place.head(file)]


def _recognises(place: Place) -> bool:
    return any(
        re.search(rb'"(%s|sleep_episode|physical_activity)"' % "|".join(MEASURES).encode(), place.head(file))
        for file in _files(place)
    )


def _read(place: Place, intake: Intake) -> None:
    for file in _files(place):
        if place.head(file).lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"[":
            for number, point in json_rows(place, file, intake):
                with intake.row(file, number) as row:
                    _point(row, point, intake)
            continue
        number = 0
        with json_of(place, file, intake) as stream:
            while stream.peek():
                point = stream.value()
                number += 1
                with intake.row(file, number) as row:
                    _point(row, point, intake)


def _point(row: Row, point: Any, intake: Intake) -> None:
    body = part(point, "body") or point
    span = _when(part(body, "effective_time_frame"), intake)
    if span is None:
        raise BadRecord("has no time that can be placed")
    statistic = part(body, "descriptive_statistic")
    if span.end.utc_us - span.start.utc_us > LONGEST / timedelta(microseconds=1):
        raise BadRecord(f"tells of {span.days:,.0f} days as one ({statistic or 'no statistic named'})")
    if isinstance(body, dict) and (
        "sleep_episode" in body or "is_main_sleep" in body or "latency_to_sleep_onset" in body
    ):
        label = "nap" if part(body, "is_main_sleep") is False else "sleep"
        row.put(intake.keep("sleep", span, Episode(label, "sleep"), label))
    activity = part(body, "activity_name")
    if isinstance(activity, str) and span.days > 0:
        row.put(intake.keep("exercise", span, Episode(activity, "activity"), activity))
    for measure, (stream, channel, unit) in MEASURES.items():
        value = _value(part(body, measure), measure, unit)
        if value is not None:
            row.put(intake.sample(stream, channel, unit, span.end, value))


def _value(written: Any, measure: str, unit: str) -> float | None:
    if written is None:
        return None
    if not isinstance(written, dict):
        return number_in(written, measure)
    value, of = number_in(part(written, "value"), measure), str(part(written, "unit") or "")
    if value is None:
        return None
    if of not in FACTORS[unit]:
        raise BadRecord(f"{measure} is in {of[:40]!r}, which is not known")
    return value * FACTORS[unit][of]


def _when(frame: Any, intake: Intake) -> Span | None:
    """The time a data point tells of; None where it is a part of a day, or lacks what it takes to place it."""
    moment = _moment(part(frame, "date_time"), intake)
    if moment is not None:
        return Span(moment, moment)
    start = _moment(part(frame, "time_interval", "start_date_time"), intake)
    end = _moment(part(frame, "time_interval", "end_date_time"), intake)
    if start is not None and end is not None:
        return Span(start, end)
    value = number_in(part(frame, "time_interval", "duration", "value"), "duration")
    of = part(frame, "time_interval", "duration", "unit")
    if value is None or of not in SPANS or (start is None and end is None):
        return None
    lasted_us = round(value * SPANS[of] * 1e6)
    if start is not None:
        return Span(start, Instant(start.utc_us + lasted_us, start.offset_s))
    return None if end is None else Span(Instant(end.utc_us - lasted_us, end.offset_s), end)


def _moment(text: Any, intake: Intake) -> Instant | None:
    if not isinstance(text, str):
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        return intake.local(moment)
    instant = Instant.of(moment)
    return intake.at(instant.utc_us) if instant.offset_s == 0 else instant


SOURCE = Source(
    name="open-mhealth",
    title="Open mHealth",
    found_at="the app's or study's export as Open mHealth or IEEE 1752.1 JSON",
    recognises=_recognises,
    read=_read,
    tried_on="published samples",
)
