"""Fitbit, as Google Takeout or Fitbit's own archive writes it: one JSON or CSV file for each measure and month or day.

Heart rate, steps and exercise are in UTC; nights of sleep and days are local, also where `sleep_score.csv` writes a Z
(steps of a published participant fall into their workouts to 25,381 of 25,377 read as UTC, and outside their sleep
only where that is read as local). A night ends when its measured duration says: on the night when clocks change, the
written end is that of a watch that did not know.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from mainstay.errors import BadRecord
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Episode
from mainstay.records.place import Place
from mainstay.records.sources.csv_rows import csv_rows, number_in
from mainstay.records.sources.intake import Intake, Row
from mainstay.records.sources.json_stream import json_rows, part
from mainstay.records.sources.source import Source
from mainstay.records.words import counted

DAY_MINUTES = {
    "sedentary_minutes": "sedentary",
    "lightly_active_minutes": "lightly active",
    "moderately_active_minutes": "moderately active",
    "very_active_minutes": "very active",
}
STAGES = {"deep": "deep sleep", "light": "light sleep", "rem": "REM sleep", "wake": "awake in bed"}
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
LONGEST_NIGHT = timedelta(hours=36)


@dataclass
class _Seen:
    """What was read already: the same night or workout lies in the files of two months."""

    logs: set[tuple[str, str]] = field(default_factory=set)
    repeats: int = 0


def _clock(text: Any) -> datetime:
    """A time as Fitbit writes it, in three styles: 11/01/19 14:56:32, 2019-11-01 14:56:32, 2019-11-01T14:56:32.000."""
    if not isinstance(text, str):
        raise BadRecord(f"{str(text)[:40]!r} is no time")
    if text[2:3] == "/":
        month, day, year = int(text[0:2]), int(text[3:5]), 2000 + int(text[6:8])
        return datetime(
            year, month, day, int(text[9:11] or 0), int(text[12:14] or 0), int(text[15:17] or 0), tzinfo=UTC
        )
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _in_utc(text: Any, intake: Intake) -> Instant:
    return intake.at((_clock(text) - _EPOCH) // _MICROSECOND)


def _heart_rate(row: Row, element: Any, intake: Intake, _: _Seen) -> None:
    value = number_in(part(element, "value", "bpm"), "bpm")
    if value:
        at = _in_utc(part(element, "dateTime"), intake)
        row.put(intake.sample("heart rate", "heart rate", "bpm", at, value))


def _steps(row: Row, element: Any, intake: Intake, _: _Seen) -> None:
    value = number_in(part(element, "value"), "value")
    if value is not None:
        row.put(intake.sample("steps", "steps", "steps", _in_utc(part(element, "dateTime"), intake), value))


def _resting(row: Row, element: Any, intake: Intake, _: _Seen) -> None:
    value = number_in(part(element, "value", "value"), "value")
    if value:
        day = _clock(part(element, "dateTime")).date()
        row.put(intake.daily("resting heart rate", "bpm", day, value))


def _minutes_of(stream: str) -> Callable[[Row, Any, Intake, _Seen], None]:
    def minutes(row: Row, element: Any, intake: Intake, _: _Seen) -> None:
        value = number_in(part(element, "value"), "value")
        if value is not None:
            day = _clock(part(element, "dateTime")).date()
            row.put(intake.daily(f"{stream} minutes", "minutes", day, value))

    return minutes


def _again(row: Row, element: Any, kind: str, seen: _Seen) -> bool:
    """Whether this night or workout was read from another file; then the row is kept, and makes no second record."""
    log = part(element, "logId")
    if log is None:
        return False
    if (kind, str(log)) in seen.logs:
        seen.repeats += 1
        row.put(None)
        return True
    seen.logs.add((kind, str(log)))
    return False


def _lasting(start: Instant, element: Any) -> Span | None:
    duration = number_in(part(element, "duration"), "duration")
    if not duration:
        return None
    if not 0 < duration <= LONGEST_NIGHT / timedelta(milliseconds=1):
        raise BadRecord(f"lasts {duration / 3.6e6:,.0f} hours")
    return Span(start, Instant(start.utc_us + round(duration * 1000), start.offset_s))


def _sleep(row: Row, element: Any, intake: Intake, seen: _Seen) -> None:
    if _again(row, element, "sleep", seen):
        return
    start = intake.local(_clock(part(element, "startTime")).replace(tzinfo=None))
    night = _lasting(start, element)
    if night is None:
        night = Span(start, intake.local(_clock(part(element, "endTime")).replace(tzinfo=None)))
    night = Span(start, intake.at(night.end.utc_us))
    label = "nap" if part(element, "mainSleep") is False else "sleep"
    row.put(intake.keep("sleep", night, Episode(label, "sleep"), label))
    asleep = number_in(part(element, "minutesAsleep"), "minutesAsleep")
    if asleep is not None:
        row.put(intake.sample("sleep", "asleep", "minutes", night.end, asleep))
    if part(element, "type") == "stages":
        for stage, channel in STAGES.items():
            minutes = number_in(part(element, "levels", "summary", stage, "minutes"), stage)
            if minutes is not None:
                row.put(intake.sample("sleep", channel, "minutes", night.end, minutes))


def _exercise(row: Row, element: Any, intake: Intake, seen: _Seen) -> None:
    if _again(row, element, "exercise", seen):
        return
    span = _lasting(_in_utc(part(element, "startTime"), intake), element)
    name = part(element, "activityName")
    if span is not None and isinstance(name, str) and name.strip():
        row.put(intake.keep("exercise", span, Episode(name.strip(), "activity"), name.strip()))


def _sleep_score(row: Row, cells: dict[str, str], intake: Intake, _: _Seen) -> None:
    value = number_in(cells.get("overall_score"), "overall_score")
    if value:
        at = intake.local(_clock(cells.get("timestamp")).replace(tzinfo=None))
        row.put(intake.sample("sleep", "sleep score", "points", at, value))


def _by_day(stream: str, unit: str, when: str, *columns: str) -> Callable[[Row, dict[str, str], Intake, _Seen], None]:
    """A CSV file with one value a day; none, or 0, where the day has none."""

    def read(row: Row, cells: dict[str, str], intake: Intake, _: _Seen) -> None:
        value = number_in(next((cells[name] for name in columns if name in cells), None), stream)
        if value and cells.get("CALCULATION_FAILED", "false").lower() != "true":
            row.put(intake.daily(stream, unit, _clock(cells.get(when)).date(), value))

    return read


JSON_FILES: dict[str, Callable[[Row, Any, Intake, _Seen], None]] = {
    "resting_heart_rate": _resting,
    "heart_rate": _heart_rate,
    "steps": _steps,
    "sleep": _sleep,
    "exercise": _exercise,
    **{name: _minutes_of(stream) for name, stream in DAY_MINUTES.items()},
}
CSV_FILES: dict[str, Callable[[Row, dict[str, str], Intake, _Seen], None]] = {
    "sleep_score.csv": _sleep_score,
    "Stress Score.csv": _by_day("stress management score", "points", "DATE", "STRESS_SCORE"),
    "Daily SpO2*.csv": _by_day("oxygen saturation", "%", "timestamp", "average_value"),
    "Daily Heart Rate Variability Summary*.csv": _by_day("heart rate variability", "ms", "timestamp", "rmssd"),
}


def _json_files(place: Place, name: str) -> tuple[str, ...]:
    return place.matching(f"{name}.json", f"{name}-????-??-??.json", f"{name}_????-??-??.json", f"{name}_first*.json")


def _recognises(place: Place) -> bool:
    for name in JSON_FILES:
        for file in _json_files(place, name)[:3]:
            head = place.head(file).lstrip()[:400]
            if head.startswith(b"[") and (b'"dateTime"' in head or b'"logId"' in head):
                return True
    return bool(place.matching("Stress Score.csv", "sleep_score.csv", "Daily Heart Rate Variability Summary*.csv"))


def _read(place: Place, intake: Intake) -> None:
    intake.needs_zone()
    seen = _Seen()
    taken: set[str] = set()
    for name, from_json in JSON_FILES.items():
        for file in _json_files(place, name):
            taken.add(file)
            for number, element in json_rows(place, file, intake):
                with intake.row(file, number) as row:
                    from_json(row, element, intake, seen)
    for pattern, from_csv in CSV_FILES.items():
        for file in place.matching(pattern):
            taken.add(file)
            for number, cells in csv_rows(place, file, intake):
                with intake.row(file, number) as row:
                    from_csv(row, cells, intake, seen)
    if seen.repeats:
        intake.note(f"{counted(seen.repeats, 'row')} of nights or workouts came twice, and counted once")
    aside = len(set(place.matching("*.json", "*.csv")) - taken)
    if aside:
        intake.note(f"{counted(aside, 'file')} of other kinds not read")


SOURCE = Source(
    name="fitbit",
    title="Fitbit",
    found_at="takeout.google.com, choose Fitbit only; the zip as it is downloaded",
    recognises=_recognises,
    read=_read,
    zone="asked",
    tried_on="real exports",
)
