"""Google Fit, as Takeout writes it: days, quarters of an hour, sessions, and the raw points of every source.

One measure stands in several of them, and is taken from one: steps from the quarters of an hour (merged by Google),
sleep from sessions and sleep segments (merged ones first; a night that is there already is not counted again), heart
rate from raw points, each source apart. Quarters carry their offset, sessions carry it in the name of their file; days
and raw points take the zone that is given. Its columns are in the language of its owner: English is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any

from mainstay.errors import BadRecord
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Episode
from mainstay.records.place import Place
from mainstay.records.sources.csv_rows import csv_rows, header_of, number_in
from mainstay.records.sources.intake import Intake, Row
from mainstay.records.sources.json_stream import json_of, json_rows, part
from mainstay.records.sources.source import Source
from mainstay.records.words import counted

DAYS = {
    "Step count": ("daily steps", "steps"),
    "Move Minutes count": ("move minutes", "minutes"),
    "Heart Points": ("heart points", "points"),
    "Average weight (kg)": ("weight", "kg"),
}
STAGES = {2: "asleep", 4: "light sleep", 5: "deep sleep", 6: "REM sleep", 1: "awake in bed"}
ASLEEP = (2, 4, 5, 6)
HEART_RATE, SEGMENT = "com.google.heart_rate.bpm", "com.google.sleep.segment"
SAME_NIGHT_US = 3_600_000_000
"""Segments of sleep no further apart than this belong to one night."""

LONGEST_HOURS = 36.0
_DAY_FILE = re.compile(r"(\d{4}-\d{2}-\d{2})\.csv")
_OFFSET = re.compile(r"([+-])(\d{2})_(\d{2})_[^/]*\.json$")
_MARK = "Move Minutes count"
_FOLDER = "Daily activity metrics/*.csv"


@dataclass
class _Nights:
    """The nights that are kept, and the segments of each source that are still to become nights."""

    kept: list[Span] = field(default_factory=list)
    segments: dict[str, set[tuple[int, int, int]]] = field(default_factory=dict)
    again: int = 0

    def overlaps(self, span: Span) -> bool:
        """Whether a night that is kept lies in this stretch."""
        return any(one.start < span.end and span.start < one.end for one in self.kept)


def _tables(place: Place) -> list[str]:
    return [file for file in place.matching("*.csv") if _MARK in header_of(place, file)]


def _recognises(place: Place) -> bool:
    sessions = any(b'"fitnessActivity"' in place.head(file) for file in place.matching("*.json")[:3])
    return bool(_tables(place) or _points(place, HEART_RATE, SEGMENT)) or sessions


def _points(place: Place, *kinds: str) -> list[str]:
    """The files of raw points of some kinds, merged ones first."""
    found = []
    for file in place.matching("*.json"):
        head = place.head(file, 400)
        if b'"Data Source"' in head and any(f":{kind}:".encode() in head for kind in kinds):
            found.append(file)
    return sorted(found, key=lambda file: (b'"derived:' not in place.head(file, 400), file))


def _read(place: Place, intake: Intake) -> None:
    intake.needs_zone()
    for file in _tables(place):
        day = _DAY_FILE.fullmatch(PurePosixPath(file).name)
        for number, cells in csv_rows(place, file, intake):
            with intake.row(file, number) as row:
                if day is None:
                    _a_day(row, cells, intake)
                else:
                    _a_quarter(row, cells, day[1], intake)
    nights = _Nights()
    raw = set(_points(place, HEART_RATE, SEGMENT))
    others = [file for file in place.matching("*.json") if file not in raw]
    sessions = [file for file in others if b'"fitnessActivity"' in place.head(file)]
    for file in sessions:
        with json_of(place, file, intake) as stream, intake.row(file, 1) as row:
            _session(row, stream.value(), file, nights, intake)
    for file in _points(place, HEART_RATE):
        for number, point in json_rows(place, file, intake, "Data Points"):
            with intake.row(file, number) as row:
                _beat(row, point, PurePosixPath(file).stem, intake)
    for file in _points(place, SEGMENT):
        for number, point in json_rows(place, file, intake, "Data Points"):
            with intake.row(file, number) as row:
                _segment(row, point, file, nights, intake)
    _make_nights(nights, intake)
    if len(others) > len(sessions):
        intake.note(f"{counted(len(others) - len(sessions), 'file')} of other kinds not read")


def _a_day(row: Row, cells: dict[str, str], intake: Intake) -> None:
    for column, (stream, unit) in DAYS.items():
        value = number_in(cells.get(column), column)
        if value is not None:
            row.put(intake.daily(stream, unit, date.fromisoformat(cells.get("Date", "")), value))


def _a_quarter(row: Row, cells: dict[str, str], day: str, intake: Intake) -> None:
    value = number_in(cells.get("Step count"), "Step count")
    if value is not None:
        at = Instant.parse(f"{day}T{cells.get('Start time', '')}")
        row.put(intake.sample("steps", "steps", "steps", at, value))


def _session(row: Row, session: Any, file: str, nights: _Nights, intake: Intake) -> None:
    label, start, end = (part(session, key) for key in ("fitnessActivity", "startTime", "endTime"))
    if not (isinstance(label, str) and isinstance(start, str) and isinstance(end, str)):
        raise BadRecord("is no session: it lacks its activity, its start or its end")
    span = Span(_placed(start, file, intake), _placed(end, file, intake))
    if span.days * 24 > LONGEST_HOURS:
        raise BadRecord(f"lasts {span.days * 24:,.0f} hours")
    if label.startswith("sleep"):
        row.put(intake.keep("sleep", span, Episode("sleep", "sleep"), "sleep"))
        nights.kept.append(span)
    else:
        row.put(intake.keep("exercise", span, Episode(label, "activity"), label))


def _placed(text: str, file: str, intake: Intake) -> Instant:
    moment = Instant.of(datetime.fromisoformat(text))
    found = _OFFSET.search(file)
    if found is None:
        return intake.at(moment.utc_us)
    offset_s = (int(found[2]) * 3600 + int(found[3]) * 60) * (1 if found[1] == "+" else -1)
    return Instant(moment.utc_us, offset_s)


def _nanoseconds(point: Any, key: str) -> int:
    value = part(point, key)
    if not isinstance(value, int) or value <= 0:
        raise BadRecord(f"has no {key}")
    return value // 1000


def _value(point: Any, kind: str) -> float | None:
    values = part(point, "fitValue")
    first = values[0] if isinstance(values, list) and values else None
    return number_in(part(first, "value", kind), kind)


def _beat(row: Row, point: Any, device: str, intake: Intake) -> None:
    value = _value(point, "fpVal")
    if value:
        at = intake.at(_nanoseconds(point, "endTimeNanos"))
        row.put(intake.sample("heart rate", "heart rate", "bpm", at, value, device=device))


def _segment(row: Row, point: Any, file: str, nights: _Nights, intake: Intake) -> None:
    stage = _value(point, "intVal")
    start, end = _nanoseconds(point, "startTimeNanos"), _nanoseconds(point, "endTimeNanos")
    if end < start or end - start > LONGEST_HOURS * 3600e6:
        raise BadRecord("a segment of sleep of no possible length")
    if intake.now is not None and end > intake.now.utc_us:
        raise BadRecord(f"lies in the future ({intake.at(end)})")
    if stage is not None:
        nights.segments.setdefault(file, set()).add((start, end, int(stage)))
        row.put(None)


def _make_nights(nights: _Nights, intake: Intake) -> None:
    """Nights from the segments of one source after the other, and how long each stage lasted."""
    staged: list[Span] = []
    for segments in nights.segments.values():
        for night in _grouped(sorted(segments)):
            span = Span(intake.at(night[0][0]), intake.at(max(end for _, end, _ in night)))
            if any(one.start < span.end and span.start < one.end for one in staged):
                nights.again += 1
                continue
            staged.append(span)
            if not nights.overlaps(span):
                nights.kept.append(span)
                intake.keep("sleep", span, Episode("sleep", "sleep"), "sleep")
            _stages(night, span.end, intake)
    if nights.again:
        intake.note(f"{counted(nights.again, 'night')} that another source holds too not counted again")


def _grouped(segments: list[tuple[int, int, int]]) -> list[list[tuple[int, int, int]]]:
    found: list[list[tuple[int, int, int]]] = []
    until = None
    for one in segments:
        if until is None or one[0] - until > SAME_NIGHT_US:
            found.append([])
        found[-1].append(one)
        until = max(one[1], until or 0)
    return found


def _stages(night: list[tuple[int, int, int]], end: Instant, intake: Intake) -> None:
    lasted = {stage: sum(one[1] - one[0] for one in night if one[2] == stage) / 60e6 for stage in STAGES}
    for stage, channel in STAGES.items():
        if stage != ASLEEP[0] and any(one[2] == stage for one in night):
            intake.sample("sleep", channel, "minutes", end, lasted[stage])
    if any(one[2] in ASLEEP for one in night):
        intake.sample("sleep", "asleep", "minutes", end, sum(lasted[stage] for stage in ASLEEP))


SOURCE = Source(
    name="google-fit",
    title="Google Fit",
    found_at="takeout.google.com, choose Fit only; the zip as it is downloaded",
    recognises=_recognises,
    read=_read,
    zone="asked",
    tried_on="published samples",
)
