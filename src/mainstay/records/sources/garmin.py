"""Garmin: the whole export (`DI_CONNECT`, JSON) and FIT files.

Days are calendar days of the person's clock; nights and workouts are in GMT. A stress of -1 or -2 and a heart rate of 0
stand for none. Files uploaded by watches lie in zips inside the export, which are not opened; unzip them to read them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from mainstay.errors import BadRecord
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Episode
from mainstay.records.place import Place
from mainstay.records.sources.csv_rows import number_in
from mainstay.records.sources.fit_files import fit_files, read_fit
from mainstay.records.sources.intake import Intake, Row
from mainstay.records.sources.json_stream import json_rows, part
from mainstay.records.sources.source import Source

DAYS, NIGHTS, WORKOUTS = "UDSFile_*.json", "*_sleepData.json", "*_summarizedActivities.json"
STAGES = {
    "deepSleepSeconds": "deep sleep",
    "lightSleepSeconds": "light sleep",
    "remSleepSeconds": "REM sleep",
    "awakeSleepSeconds": "awake in bed",
}
LONGEST_HOURS = 36.0


def _instant(value: Any, intake: Intake) -> Instant | None:
    """A time in GMT, as text without a zone or in milliseconds; None where it is empty."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        moment = datetime.fromisoformat(value).replace(tzinfo=UTC)
        return intake.at(Instant.of(moment).utc_us)
    milliseconds = number_in(value, "a time")
    return None if milliseconds is None else intake.at(round(milliseconds * 1000))


def _of_kind(entries: Any, key: str, kind: str, value: str) -> Any:
    """The value of the entry of a list whose `key` is `kind`."""
    for one in entries if isinstance(entries, list) else []:
        if part(one, key) == kind:
            return part(one, value)
    return None


def _day(row: Row, element: Any, intake: Intake) -> None:
    text = part(element, "calendarDate")
    if not isinstance(text, str):
        raise BadRecord("has no calendarDate")
    day = date.fromisoformat(text[:10])
    stress = _of_kind(part(element, "allDayStress", "aggregatorList"), "type", "TOTAL", "averageStressLevel")
    battery = part(element, "bodyBattery", "bodyBatteryStatList")
    found = (
        ("daily steps", "steps", part(element, "totalSteps"), 0.0),
        ("resting heart rate", "bpm", part(element, "restingHeartRate"), 1.0),
        ("measured stress of the day", "points", stress, 0.0),
        ("body battery, highest", "points", _of_kind(battery, "bodyBatteryStatType", "HIGHEST", "statsValue"), 0.0),
        ("body battery, lowest", "points", _of_kind(battery, "bodyBatteryStatType", "LOWEST", "statsValue"), 0.0),
        ("oxygen saturation", "%", part(element, "averageSpo2Value"), 1.0),
    )
    for stream, unit, raw, least in found:
        value = number_in(raw, stream)
        if value is not None and value >= least:
            row.put(intake.daily(stream, unit, day, value))


def _span(start: Instant, end: Instant) -> Span:
    span = Span(start, end)
    if span.days * 24 > LONGEST_HOURS:
        raise BadRecord(f"lasts {span.days * 24:,.0f} hours")
    return span


def _night(row: Row, element: Any, intake: Intake) -> None:
    start = _instant(part(element, "sleepStartTimestampGMT"), intake)
    end = _instant(part(element, "sleepEndTimestampGMT"), intake)
    if start is None or end is None or start == end:
        return
    row.put(intake.keep("sleep", _span(start, end), Episode("sleep", "sleep"), "sleep"))
    asleep = 0.0
    for key, channel in STAGES.items():
        seconds = number_in(part(element, key), key)
        if seconds is not None and seconds >= 0:
            row.put(intake.sample("sleep", channel, "minutes", end, seconds / 60))
            asleep += seconds / 60 if channel != "awake in bed" else 0.0
    if asleep:
        row.put(intake.sample("sleep", "asleep", "minutes", end, asleep))


def _workout(row: Row, element: Any, intake: Intake) -> None:
    start = _instant(part(element, "beginTimestamp"), intake)
    milliseconds = number_in(part(element, "duration"), "duration")
    label = part(element, "activityType")
    if start is None or milliseconds is None or not isinstance(label, str):
        return
    span = _span(start, intake.at(start.utc_us + round(milliseconds * 1000)))
    row.put(intake.keep("exercise", span, Episode(label, "activity"), label))


def _read(place: Place, intake: Intake) -> None:
    parts: tuple[tuple[str, Callable[[Row, Any, Intake], None]], ...] = ((DAYS, _day), (NIGHTS, _night))
    for pattern, take in parts:
        for file in place.matching(pattern):
            intake.needs_zone()
            for number, element in json_rows(place, file, intake):
                with intake.row(file, number) as row:
                    take(row, element, intake)
    for file in place.matching(WORKOUTS):
        intake.needs_zone()
        for _, element in json_rows(place, file, intake):
            exported = part(element, "summarizedActivitiesExport") if isinstance(element, dict) else None
            for number, one in enumerate(exported if isinstance(exported, list) else [], 1):
                with intake.row(file, number) as row:
                    _workout(row, one, intake)
    for file in fit_files(place):
        read_fit(place, file, intake)
        intake.read(place.size_of(file))
    if place.matching("UploadedFiles*.zip"):
        intake.note("the zips of uploaded files inside the export were not opened; unzip them to read their FIT files")


def _recognises(place: Place) -> bool:
    return bool(place.matching(DAYS, WORKOUTS)) or _has_nights(place) or bool(fit_files(place))


def _has_nights(place: Place) -> bool:
    return any(b"sleepStartTimestampGMT" in place.head(file) for file in place.matching(NIGHTS)[:3])


SOURCE = Source(
    name="garmin",
    title="Garmin",
    found_at="garmin.com/account/datamanagement, Export Your Data; or one activity's original FIT file",
    recognises=_recognises,
    read=_read,
    zone="asked",
    tried_on="published samples",
)
