"""Calendars (iCalendar files): what took time becomes an activity, named by its category or its calendar.

An entry's title, place, notes and guests are never read: they name people, and a label stands in every picture. What
was planned is not always what happened; only entries that are over are kept. Recurrences, exceptions and changed
occurrences are worked out by `recurring-ical-events`, zones by `icalendar`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import IO, Any

from mainstay.errors import BadRecord, BadRequest, NaiveInstant, UnreadableSource
from mainstay.quantities import Instant, Span, zone_named
from mainstay.records.kinds import Episode, Event
from mainstay.records.place import Place
from mainstay.records.sources.intake import Intake
from mainstay.records.sources.source import Source
from mainstay.records.words import counted

_BEGINNING = re.compile(rb"\s*BEGIN:VCALENDAR\s", re.IGNORECASE)
_BOM = b"\xef\xbb\xbf"
_KEPT = {
    "UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "SEQUENCE", "STATUS", "TRANSP",
    "CATEGORIES",
}  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9-]+")
_ZONE = re.compile(r';TZID="?([^":;]+)"?', re.IGNORECASE)
_SERIES = re.compile(r"^(?:RRULE|RDATE|RECURRENCE-ID)[;:]", re.IGNORECASE | re.MULTILINE)
_START = re.compile(r"^DTSTART[;:][^\r\n]*", re.IGNORECASE | re.MULTILINE)
_OFTEN = re.compile(r"FREQ=(SECONDLY|MINUTELY|HOURLY)", re.IGNORECASE)
_BY_CLOCK = re.compile(r"BY(?:HOUR|MINUTE|SECOND)=([0-9,]+)", re.IGNORECASE)
_MOST_CLOCKS = 8
_LINE, _LONGEST_LINE, _MOST_TEXT = 1 << 16, 1 << 20, 64 << 20
_MOST_TIMES_EACH, _MOST_TIMES = 20_000, 200_000
_FIRST = date(1900, 1, 1)
STREAM = "calendar"


@dataclass
class _Calendar:
    """What one file holds: entries by identity (row numbers and texts), zones by name, its own name and zone."""

    name: str = ""
    zone: str = ""
    entries: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    zones: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    others: int = 0
    latin: bool = False
    open: bool = True


def _files(place: Place) -> tuple[str, ...]:
    candidates = place.matching("*.ics", "*.ical", "*.ifb") or (place.files if len(place.files) == 1 else ())
    return tuple(file for file in candidates if _BEGINNING.match(place.head(file, 512).removeprefix(_BOM)))


def _recognises(place: Place) -> bool:
    return bool(_files(place))


def _read(place: Place, intake: Intake) -> None:
    files = _files(place)
    if not files:
        raise UnreadableSource(f"{place.name} holds no calendar; a calendar's file begins with BEGIN:VCALENDAR")
    # half of the work is reading, half is working out when entries recur
    intake.bytes_in_all = max(1, 2 * sum(place.size_of(file) for file in files))
    told = _Told()
    for file in files:
        with place.open(file) as stream:
            calendar = _parsed(stream, file, intake)
        _keep_all(calendar, file, place.size_of(file), intake, told)
    told.say(intake)


@dataclass
class _Told:
    """What the receipt says at the end."""

    ahead: int = 0
    cancelled: int = 0
    recurring: int = 0
    times: int = 0
    others: int = 0

    def say(self, intake: Intake) -> None:
        """Put it on the receipt."""
        intake.note(
            "titles, places, notes and guests were not read: entries are called by their category, "
            "else by their calendar"
        )
        if self.recurring:
            intake.note(f"entries that recur: {self.recurring:,}; each time counts")
        if self.ahead:
            intake.note(f"{counted(self.ahead, 'time')} not over yet left to a later import")
        if self.cancelled:
            intake.note(f"{counted(self.cancelled, 'time')} cancelled, and left out")
        if self.others:
            intake.note(f"{self.others:,} tasks or journal entries left out: they don't say when something was done")


def _lines(stream: IO[bytes], file: str, intake: Intake, calendar: _Calendar) -> Iterator[str]:
    """Lines unfolded, without those whose names are not read; a line of more than a megabyte is left out."""
    held: list[str] = []
    size, skipping, unread = 0, False, 0

    def whole() -> Iterator[str]:
        if held and size <= _LONGEST_LINE:
            yield "".join(held)
        held.clear()

    continued = False
    while raw := stream.readline(_LINE):
        unread += len(raw)
        if unread > _LINE:
            intake.read(unread)
            unread = 0
        starts = not continued and raw[:1] not in (b" ", b"\t")
        text = raw.rstrip(b"\r\n")
        if not starts and not continued:
            text = text[1:]
        continued = not raw.endswith(b"\n")
        if starts:
            yield from whole()
            size = 0
            name = _NAME.match(text[:40].decode("ascii", "replace").lstrip("\ufeff\ufffd"))
            skipping = name is None or name.group().upper() in ("SUMMARY", "DESCRIPTION", "ATTENDEE", "LOCATION")
        size += len(text)
        if skipping or size > _LONGEST_LINE:
            continue
        try:
            held.append(text.decode("utf-8-sig" if starts else "utf-8"))
        except UnicodeDecodeError:
            calendar.latin = True
            held.append(text.decode("latin-1"))
    yield from whole()
    intake.read(unread)


def _parsed(stream: IO[bytes], file: str, intake: Intake) -> _Calendar:
    """The entries of a file as text, each apart, so that a broken one costs only itself."""
    calendar = _Calendar()
    stack: list[str] = []
    gathered: list[str] = []
    kept = 0
    for line in _lines(stream, file, intake, calendar):
        name, _, value = line.partition(":")
        upper = name.upper()
        if upper == "BEGIN":
            stack.append(value.strip().upper())
            gathered = [] if stack[-1] in ("VEVENT", "VTIMEZONE") else gathered
            calendar.others += stack[-1] in ("VTODO", "VJOURNAL")
        inside = stack[-1] if stack else ""
        if inside == "VCALENDAR":
            calendar.name = value.strip() if upper == "X-WR-CALNAME" else calendar.name
            calendar.zone = value.strip() if upper == "X-WR-TIMEZONE" else calendar.zone
        elif "VTIMEZONE" in stack or (inside == "VEVENT" and (_bare(upper) in _KEPT or upper == "BEGIN")):
            gathered.append(line)
            kept += len(line)
            if kept > _MOST_TEXT:
                raise UnreadableSource(f"{file} holds more dates than a calendar can; give the calendar's own file")
        if upper == "END":
            _end(calendar, stack, value.strip().upper(), gathered)
    return calendar


def _end(calendar: _Calendar, stack: list[str], ended: str, gathered: list[str]) -> None:
    while stack and stack.pop() != ended:
        pass
    if ended == "VEVENT":
        _put_entry(calendar, gathered)
    elif ended == "VTIMEZONE":
        _put_zone(calendar, gathered)
    elif ended == "VCALENDAR":
        calendar.open = bool(stack)


def _bare(name: str) -> str:
    return name.partition(";")[0]


def _put_entry(calendar: _Calendar, gathered: list[str]) -> None:
    calendar.rows += 1
    uid = next((line.partition(":")[2].strip() for line in gathered if _bare(line.upper()[:12]).startswith("UID")), "")
    text = "\r\n".join([*gathered, "END:VEVENT"])
    calendar.entries.setdefault(uid or f"\x1f{calendar.rows}", []).append((calendar.rows, text))


def _put_zone(calendar: _Calendar, gathered: list[str]) -> None:
    """Keep a zone that the file describes itself, unless it is a known one, or changes oftener than any does."""
    name = next((line[5:].strip() for line in gathered if line[:5].upper() == "TZID:"), "")
    rules = [line for line in gathered if line[:5].upper() == "RRULE"]
    if name and all("FREQ=YEARLY" in rule.upper() and not _BY_CLOCK.search(rule) for rule in rules):
        calendar.zones[name] = "\r\n".join(gathered)


def _keep_all(calendar: _Calendar, file: str, size: int, intake: Intake, told: _Told) -> None:
    told.others += calendar.others
    if calendar.latin:
        intake.note(f"{file} is in an older encoding, and was read as Latin-1")
    if calendar.open:
        intake.note(f"{file} ends before its end, as if cut off; export it again if you can")
    if intake.zone is None and calendar.zone:
        try:
            intake.zone = zone_named(calendar.zone)
        except BadRecord:
            intake.note(f"the calendar's zone {calendar.zone[:60]!r} is unknown")
    label = calendar.name if calendar.name and "@" not in calendar.name else STREAM
    done = 0
    groups = [group for same in calendar.entries.values() for group in _apart(same)]
    for number, group in enumerate(groups, 1):
        share = size * number // len(groups)
        intake.read(share - done)
        done = share
        intake.rows(len(group))
        try:
            kept = _keep(group, calendar, label, intake, told)
        except BadRecord as error:
            if isinstance(error, NaiveInstant) and intake.zone is None:
                raise
            intake.rows(0, refused=len(group))
            for row, _ in group:
                intake.mention(file, row, str(error))
        else:
            intake.rows(0, empty=0 if kept else len(group))


def _apart(same: list[tuple[int, str]]) -> list[list[tuple[int, str]]]:
    """Entries of one identity: a series with its changes is one; others that start at different times are several."""
    if len(same) == 1 or any(_SERIES.search(text) for _, text in same):
        return [same]
    by_start: dict[str, list[tuple[int, str]]] = {}
    for row, text in same:
        found = _START.search(text)
        by_start.setdefault(found.group() if found else f"{row}", []).append((row, text))
    return list(by_start.values())


def _keep(group: list[tuple[int, str]], calendar: _Calendar, label: str, intake: Intake, told: _Told) -> int:
    """Keep every time of one entry; how many were kept. Raises `BadRecord` where it can't be understood."""
    kept = 0
    times = _times(group, calendar, intake)
    told.times += len(times)
    if told.times > _MOST_TIMES:
        raise BadRecord(f"all entries together come more than {_MOST_TIMES:,} times; this one was left out")
    told.recurring += len(times) > 1
    for one in times:
        span = _span(one, intake)
        if str(one.get("STATUS", "")).upper() == "CANCELLED":
            told.cancelled += 1
        elif intake.now is not None and span.end.utc_us > intake.now.utc_us:
            told.ahead += 1
        else:
            name = _category(one) or label
            busy = span.days > 0 and str(one.get("TRANSP", "")).upper() != "TRANSPARENT"
            reason = intake.keep(STREAM, span, Episode(name, "activity") if busy else Event(name, "other"), name)
            if reason is not None:
                raise BadRecord(reason)
            kept += 1
    return kept


def _times(group: list[tuple[int, str]], calendar: _Calendar, intake: Intake) -> list[Any]:
    """Every time an entry came, up to now, with the changes made to single ones."""
    text = "\r\n".join(entry for _, entry in group)
    most = 0
    for rule in (line for line in text.split("\r\n") if line[:5].upper() == "RRULE"):
        clocks = 1
        for found in _BY_CLOCK.findall(rule):
            clocks *= found.count(",") + 1
        most += clocks
        if _OFTEN.search(rule) or clocks > _MOST_CLOCKS:
            raise BadRecord("recurs many times a day; no entry of a calendar does")
        if intake.now is None and not re.search("COUNT=|UNTIL=", rule.upper()):
            raise BadRequest("an entry recurs without end; say up to when: now=")
    zones = [calendar.zones[name] for name in dict.fromkeys(_ZONE.findall(text)) if name in calendar.zones]
    whole = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-", *zones, text, "END:VCALENDAR", ""])
    until = date(9998, 1, 1) if intake.now is None else intake.now.plus_days(2).as_utc.date()
    from icalendar import Calendar
    from recurring_ical_events import of

    try:
        read = Calendar.from_ical(whole)
        for event in read.walk("VEVENT"):
            _refuse_odd(event, most, until)
        return list(of(read).between(_FIRST, until)) or _later(read, until)
    except BadRecord:
        raise
    # what these libraries raise on a broken entry is not told; whatever it is, it is this entry's refusal
    except Exception as error:
        raise BadRecord(f"can't be understood ({type(error).__name__}: {str(error)[:120]})") from error


def _later(read: Any, until: date) -> list[Any]:
    """The entry itself, where it lies ahead; nothing, where its exceptions leave no time."""
    starts = [(event, event["DTSTART"].dt) for event in read.walk("VEVENT")]
    return [event for event, one in starts if (one.date() if isinstance(one, datetime) else one) >= until]


def _refuse_odd(event: Any, most_a_day: int, until: date) -> None:
    if event.errors:
        name, reason = event.errors[0]
        raise BadRecord(f"its {name or 'lines'} can't be understood ({str(reason)[:120]})")
    start = event.get("DTSTART")
    if start is None:
        raise BadRecord("says no start")
    if isinstance(start, list):
        raise BadRecord("says two starts")
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID"):
        said = event.get(name)
        zone = said.params.get("TZID") if said is not None and not isinstance(said, list) else None
        if zone and isinstance(said.dt, datetime) and said.dt.tzinfo is None:
            raise BadRecord(f"its zone {str(zone)[:60]!r} is unknown")
    _refuse_backwards(start.dt, event.get("DTEND"))
    day = start.dt.date() if isinstance(start.dt, datetime) else start.dt
    if day < _FIRST:
        raise BadRecord(f"lies before the year {_FIRST.year} ({day}); check how the date is written")
    if (until - day).days * most_a_day > _MOST_TIMES_EACH:
        raise BadRecord(f"may come more than {_MOST_TIMES_EACH:,} times")


def _refuse_backwards(start: date, ends: Any) -> None:
    """Refuse what the libraries would put right in silence."""
    if ends is None:
        return
    if isinstance(ends, list) or isinstance(start, datetime) != isinstance(ends.dt, datetime):
        raise BadRecord("says two ends, or starts at a time and ends on a date")
    end = ends.dt
    if isinstance(start, datetime) and (start.tzinfo is None) != (end.tzinfo is None):
        raise BadRecord("says where only one of its times was")
    if end < start:
        raise BadRecord(f"ends ({end}) before it starts ({start})")


def _span(event: Any, intake: Intake) -> Span:
    """When one time of an entry was. A date without a clock is the whole local day."""
    start, end = event["DTSTART"].dt, event["DTEND"].dt if "DTEND" in event else event["DTSTART"].dt
    if not isinstance(start, datetime):
        last = end if not isinstance(end, datetime) and end > start else start + timedelta(days=1)
        return Span(intake.day(start).start, intake.day(last - timedelta(days=1)).end)
    begun, ended = _instant(start, intake), _instant(end, intake)
    if ended.utc_us < begun.utc_us:
        raise BadRecord(f"ends ({ended}) before it starts ({begun})")
    return Span(begun, ended)


def _instant(moment: datetime, intake: Intake) -> Instant:
    if moment.tzinfo is None:
        return intake.local(moment, moment.fold)
    told = Instant.of(moment)
    return intake.at(told.utc_us) if str(moment.tzinfo) == "UTC" and intake.zone is not None else told


def _category(event: Any) -> str:
    said = event.get("CATEGORIES")
    first = said[0] if isinstance(said, list) and said else said
    names = [str(name).strip() for name in getattr(first, "cats", [])]
    return next((name[:80] for name in names if name), "")


SOURCE = Source(
    name="calendar",
    title="Calendar",
    found_at="Google: calendar.google.com, Settings, Import & export, Export; Apple: Calendar on a Mac, File, Export; "
    "Outlook and Thunderbird: export or save the calendar as iCalendar (.ics)",
    recognises=_recognises,
    read=_read,
    zone="written",
    tried_on="published samples",
)
