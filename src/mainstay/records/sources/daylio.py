"""Daylio: the backup (`.daylio`) or the CSV, old and new. Moods become check-ins, activities events; notes stay out.

Moods stand on Daylio's five rows, 1 (awful) to 5 (rad), in the order in which the person keeps them. Only the backup
says on which row a mood of one's own stands; from a CSV, moods are kept only where every one of them is one of the
app's five words, for the few that are known would be a one-sided record.

An entry says what was done that day, not when: an activity happened between the morning and the entry.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from mainstay.errors import BadRecord, UnreadableSource
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Event, Item
from mainstay.records.moments import TimeRule, clock_times
from mainstay.records.place import Place
from mainstay.records.sources.csv_rows import csv_rows, header_of, number_in
from mainstay.records.sources.intake import Intake, Row
from mainstay.records.sources.json_stream import part
from mainstay.records.sources.source import Source

WORDS = {"rad": 5, "good": 4, "meh": 3, "bad": 2, "awful": 1}
MORNING_HOUR = 4
"""An entry made before it tells of the day before."""

LARGEST_BACKUP = 32 << 20
LARGEST_OFFSET_S = 15 * 3600
_CSV = {"mood", "activities", "weekday", "time"}
_DATE_OF_THREE = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4})")
_MOST_WORDS_LISTED = 30


def _backup(place: Place) -> str | None:
    """The member of a backup that holds its entries."""
    return next((file for file in place.matching("*.daylio") if place.head(file, 3)[:2] in (b"ey", b'{"')), None)


def _sheets(place: Place) -> list[str]:
    headers = ((file, set(header_of(place, file))) for file in place.matching("*.csv"))
    return [file for file, header in headers if header >= _CSV and header & {"full_date", "year"}]


def _recognises(place: Place) -> bool:
    return _backup(place) is not None or bool(_sheets(place))


def _read(place: Place, intake: Intake) -> None:
    backup = _backup(place)
    if backup is not None:
        _read_backup(place, backup, intake)
    else:
        for file in _sheets(place):
            _read_sheet(place, file, intake)
    intake.note("notes, photos and goals are not kept")


def _mood_item(awful: str = "awful", rad: str = "rad") -> Item:
    return Item("mood", "Mood", 1, 5, "high", awful, rad)


def _activity(label: str, at: Instant, intake: Intake, group: str | None = None) -> str | None:
    """Keep an activity, as something between the morning and the entry."""
    local = at.as_local
    morning = local.replace(hour=MORNING_HOUR, minute=0, second=0, microsecond=0)
    if local < morning:
        morning -= timedelta(days=1)
    span = Span(Instant.of(morning), at)
    return intake.keep("activities", span, Event(label, "other", tags=(group,) if group else ()), label)


# The CSV


def _read_sheet(place: Place, file: str, intake: Intake) -> None:
    zone = intake.needs_zone()
    words, day_first = _look_through(place, file, intake)
    strangers = [word for word in words if word.lower() not in WORDS]
    if strangers:
        shown = ", ".join(strangers[:_MOST_WORDS_LISTED])
        intake.note(
            f"moods are not kept: the CSV does not say where {shown} stand among the five; add Daylio's backup "
            "instead, which does, or write a mapping (docs/howto/map-your-records.md)"
        )
    else:
        intake.declare(_mood_item(), anchor=True)
    for number, cells in csv_rows(place, file, intake):
        with intake.row(file, number) as row:
            at = _entry_time(cells, day_first, TimeRule(zone=zone))
            word = cells["mood"].strip().lower()
            if word and not strangers:
                row.put(intake.check_in("mood", at, "mood", WORDS[word]))
            for label in dict.fromkeys(one.strip() for one in cells["activities"].split("|") if one.strip()):
                row.put(_activity(label, at, intake))
            if word and strangers and not cells["activities"].strip():
                row.put("its mood is not kept (see the note), and it names no activity")


def _look_through(place: Place, file: str, intake: Intake) -> tuple[list[str], bool | None]:
    """The words for moods, and whether dates such as 16-04-2021 begin with the day (None: no date shows it)."""
    words: dict[str, None] = {}
    day_first = None
    for _, cells in csv_rows(place, file, Intake(intake.title, intake.zone, intake.now)):
        if word := cells["mood"].strip():
            words[word] = None
        found = _DATE_OF_THREE.fullmatch(cells.get("full_date", "").strip())
        if day_first is None and found and max(int(found[1]), int(found[2])) > 12:
            day_first = int(found[1]) > 12
    return list(words), day_first


def _entry_time(cells: dict[str, str], day_first: bool | None, rule: TimeRule) -> Instant:
    (happened,) = clock_times([_day_of(cells, day_first)], [cells["time"].strip()], rule)
    if isinstance(happened, Instant):
        return happened
    if isinstance(happened, Span):
        raise BadRecord("has no time of day")
    raise BadRecord(str(happened))


def _day_of(cells: dict[str, str], day_first: bool | None) -> date:
    text = cells.get("full_date", "").strip()
    found = _DATE_OF_THREE.fullmatch(text)
    if found and day_first is None:
        raise BadRecord(f"{text!r} may begin with the day or the month, and no date of the file shows which")
    if found:
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        return date(year, second, first) if day_first else date(year, first, second)
    if text:
        return date.fromisoformat(text)
    written = f"{cells.get('date', '').strip()} {cells.get('year', '').strip()}"
    for pattern in ("%d %B %Y", "%B %d %Y", "%d %b %Y", "%b %d %Y"):
        try:
            return datetime.strptime(written, pattern).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    raise BadRecord(f"{written!r} is no date in English; use the backup, or a mapping")


# The backup


@dataclass(frozen=True, slots=True)
class _Words:
    """What the numbers of a backup mean: each mood's step, 1 to 5, and each activity's name and group."""

    steps: dict[int, int]
    activities: dict[int, tuple[str, str | None]]


def _read_backup(place: Place, file: str, intake: Intake) -> None:
    content = _content(place.whole(file, LARGEST_BACKUP), file)
    moods = [one for one in _listed(content, "customMoods", file) if isinstance(one, dict)]
    words = _Words(_steps(moods), _activities(content, file))
    intake.declare(_mood_item(_anchor(moods, 5, "awful"), _anchor(moods, 1, "rad")), anchor=True)
    for number, entry in enumerate(_listed(content, "dayEntries", file), 1):
        with intake.row(file, number) as row:
            _entry(row, entry, words, intake)


def _content(raw: bytes, file: str) -> Any:
    try:
        text = raw if raw[:1] == b"{" else base64.b64decode(b"".join(raw.split()), validate=True)
        return json.loads(text)
    except (binascii.Error, ValueError, RecursionError) as error:
        raise UnreadableSource(f"{file} is no backup of Daylio that can be read: {error}") from error


def _listed(content: Any, key: str, file: str) -> list[Any]:
    found = part(content, key)
    if not isinstance(found, list):
        raise UnreadableSource(f"{file} has no {key}; it is no backup of Daylio, or of a version that is not known")
    return found


def _steps(moods: list[dict[str, Any]]) -> dict[int, int]:
    """1 (awful) to 5 (rad) by the number of a mood: its row, counted from the top."""
    found = {}
    for mood in moods:
        row, number = mood.get("mood_group_id"), mood.get("id")
        if isinstance(number, int) and isinstance(row, int) and 1 <= row <= 5:
            found[number] = 6 - row
    return found


def _anchor(moods: list[dict[str, Any]], row: int, default: str) -> str:
    names = [str(mood.get("custom_name") or "").strip() for mood in moods if mood.get("mood_group_id") == row]
    return next((name for name in names if name), default)


def _activities(content: Any, file: str) -> dict[int, tuple[str, str | None]]:
    named = {one.get("id"): one.get("name") for one in _objects(part(content, "tag_groups"))}
    found: dict[int, tuple[str, str | None]] = {}
    for tag in _listed(content, "tags", file):
        if isinstance(tag, dict) and isinstance(tag.get("id"), int) and str(tag.get("name") or "").strip():
            group = named.get(tag.get("id_tag_group"))
            found[tag["id"]] = str(tag["name"]).strip(), str(group).strip() if group else None
    return found


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _entry(row: Row, entry: Any, words: _Words, intake: Intake) -> None:
    at = _moment(entry, intake)
    mood = part(entry, "mood")
    if mood is not None:
        step = words.steps.get(mood) if isinstance(mood, int) else None
        row.put(f"mood {mood!r} is none of its moods" if step is None else intake.check_in("mood", at, "mood", step))
    tags = part(entry, "tags")
    for tag in tags if isinstance(tags, list) else []:
        known = words.activities.get(tag) if isinstance(tag, int) else None
        row.put(
            f"activity {tag!r} is none of its activities"
            if known is None
            else _activity(known[0], at, intake, known[1])
        )


def _moment(entry: Any, intake: Intake) -> Instant:
    """The instant of an entry; its offset is how far the clock it shows stood from UTC. Months count from 0."""
    year, month, day = (number_in(part(entry, key), key) for key in ("year", "month", "day"))
    hour, minute = (number_in(part(entry, key), key) or 0 for key in ("hour", "minute"))
    if year is None or month is None or day is None:
        raise BadRecord("has no date")
    shown = datetime(int(year), int(month) + 1, int(day), int(hour), int(minute), tzinfo=UTC)
    milliseconds = number_in(part(entry, "datetime"), "datetime")
    if milliseconds is None:
        return intake.local(shown.replace(tzinfo=None))
    utc_us = round(milliseconds * 1000)
    offset_s = round((Instant.of(shown).utc_us - utc_us) / 900e6) * 900
    if abs(offset_s) > LARGEST_OFFSET_S:
        raise BadRecord(f"shows {shown:%Y-%m-%d %H:%M}, and counts as {Instant(utc_us)}; the two do not fit")
    return Instant(utc_us, offset_s)


SOURCE = Source(
    name="daylio",
    title="Daylio",
    found_at="More, Backup & Restore, Advanced options, Export (the .daylio file); or More, Export, CSV",
    recognises=_recognises,
    read=_read,
    zone="asked",
    tried_on="real exports",
)
