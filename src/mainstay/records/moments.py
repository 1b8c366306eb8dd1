"""When a row happened: instants and spans from cells, by the rule the mapping gives. Nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NewType, TypeVar
from zoneinfo import ZoneInfo

from mainstay.errors import BadMapping, BadRecord, NaiveInstant
from mainstay.quantities import Instant, Span
from mainstay.records.conditions import Cell, is_missing, number
from mainstay.records.tables import Table

Refused = NewType("Refused", str)
"""Why a cell can't be a time."""

Happened = Instant | Span | Refused | None
"""What a row's time cells say; None: they are empty."""

US_PER_DAY = 86_400_000_000
HALF_DAYS = {"AM": ("00:00", "12:00"), "PM": ("12:00", "24:00")}
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,6})\d*)?)?\s*([AaPp])?\.?(?:[Mm]\.?)?")
_BLANK_BEFORE_OFFSET = re.compile(r"\s+([+-]\d\d)")
_DATE_ONLY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}")
_MIDNIGHT = time(0)
_Date = date
_T = TypeVar("_T")
_A = TypeVar("_A")


@dataclass(frozen=True, slots=True)
class TimeRule:
    """How one table tells time: the keys of the mapping with everything inherited, formats resolved."""

    zone: ZoneInfo | None
    time: str | None = None
    time_format: str = "iso"
    date: str | None = None
    date_format: str = "iso"
    day: str | None = None
    start: _Date | None = None
    clock: str | None = None
    clock_format: str = "iso"
    clock_spans: tuple[tuple[str, tuple[str, str]], ...] = ()
    missing: frozenset[str] = field(default_factory=frozenset)

    @property
    def clock_is_written_out(self) -> bool:
        """Whether `clock` is a time of day such as 21:00 rather than a column."""
        return self.clock is not None and _CLOCK.fullmatch(self.clock) is not None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the rule looks at."""
        clock = None if self.clock_is_written_out else self.clock
        return tuple(name for name in (self.time, self.date, self.day, clock) if name is not None)


def row_times(table: Table, rule: TimeRule) -> list[Happened]:
    """When each row happened. A row without a time says None; an unreadable or skipped time says why.

    A date without a clock is the span of its local day; a clock of AM or PM alone, of its half.
    """
    if rule.time is not None:
        return _each(table.columns[rule.time], lambda cell: _timestamp(cell, rule), rule)
    clock = rule.clock
    if rule.date is None and rule.day is None:
        return [Refused("the mapping doesn't say where its time stands")] * table.rows
    days = row_days(table, rule)
    if clock is None or rule.clock_is_written_out:
        clocks: Sequence[Cell] = [clock] * table.rows
    else:
        clocks = table.columns[clock]
    return clock_times(days, clocks, rule)


def row_days(table: Table, rule: TimeRule) -> list[date | Refused | None]:
    """The local calendar day of each row, from its date or its study day (day 1 is the start)."""
    if rule.date is not None:
        return _each(table.columns[rule.date], lambda cell: _date(cell, rule.date_format), rule)
    assert rule.day is not None
    start = rule.start
    if start is None:
        raise BadMapping(f"day = {rule.day!r} counts days from a start: write start = 2024-01-31 under [source]")

    def from_day_number(cell: Cell) -> date | Refused:
        value = number(cell)
        if value is None or value != int(value) or abs(value) > 100_000:
            return Refused(f"{cell!r} is no study day")
        return start + timedelta(days=int(value) - 1)

    return _each(table.columns[rule.day], from_day_number, rule)


def clock_times(days: Sequence[date | Refused | None], clocks: Sequence[Cell], rule: TimeRule) -> list[Happened]:
    """Days and clocks together, row by row; an empty clock means the whole day."""
    spans = {**HALF_DAYS, **dict(rule.clock_spans)}
    read: dict[Cell, time | tuple[str, str] | Refused | None] = {}
    joined: dict[tuple[date, Cell], Happened] = {}
    found: list[Happened] = []
    for day, cell in zip(days, clocks, strict=True):
        if day is None or isinstance(day, str):
            found.append(day)
            continue
        if (day, cell) not in joined:
            if cell not in read:
                missing = is_missing(cell, rule.missing)
                read[cell] = None if missing else _guarded(lambda one: _clock(one, rule, spans), cell)
            joined[day, cell] = _guarded(lambda one: _join(*one, rule), (day, read[cell]))
        found.append(joined[day, cell])
    return found


def whole_day(day: date, zone: ZoneInfo | None) -> Span:
    """The span of a local calendar day."""
    return Span(_boundary(day, _MIDNIGHT, zone), _boundary(day + timedelta(days=1), _MIDNIGHT, zone))


def column_times(cells: Sequence[Cell], rule: TimeRule) -> list[Happened]:
    """The instants in a column of timestamps, by the rule's `time_format`."""
    return _each(cells, lambda cell: _timestamp(cell, rule), rule)


def written_moment(moment: datetime | date, zone: ZoneInfo | None, *, end: bool = False) -> Instant:
    """A date or time written out in the mapping; a date means its first moment, or as an end its last."""
    if isinstance(moment, datetime):
        return Instant.of(moment) if moment.tzinfo is not None else Instant.local(moment, _need(zone, moment))
    day = whole_day(moment, _need(zone, moment))
    return day.end if end else day.start


def in_a_repeated_hour(times: Iterable[Happened], zone: ZoneInfo) -> int:
    """How many instants lie in an hour that the zone's clocks showed twice."""
    by_day: dict[int, list[int]] = {}
    for one in times:
        if isinstance(one, Instant):
            by_day.setdefault(one.utc_us // US_PER_DAY, []).append(one.utc_us)
    count = 0
    for day, moments in by_day.items():
        if _offset(zone, (day - 1) * US_PER_DAY) > _offset(zone, (day + 2) * US_PER_DAY):
            for utc_us in moments:
                wall = Instant(utc_us).as_utc.astimezone(zone)
                count += wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()
    return count


def _offset(zone: ZoneInfo, utc_us: int) -> timedelta:
    return Instant(utc_us).as_utc.astimezone(zone).utcoffset() or timedelta()


def _each(cells: Sequence[Cell], read: Callable[[Cell], _T], rule: TimeRule) -> list[_T | Refused | None]:
    """Read every cell, once per distinct value."""
    seen: dict[Cell, _T | Refused | None] = {}
    found = []
    for cell in cells:
        if cell not in seen:
            seen[cell] = None if is_missing(cell, rule.missing) else _guarded(read, cell)
        found.append(seen[cell])
    return found


def _guarded(read: Callable[[_A], _T], what: _A) -> _T | Refused:
    """Turn what makes one cell unreadable into its reason; a missing zone concerns every row and is raised."""
    try:
        return read(what)
    except NaiveInstant:
        raise
    except (BadRecord, ValueError, OverflowError) as error:
        return Refused(str(error))


def _need(zone: ZoneInfo | None, what: object) -> ZoneInfo:
    if zone is None:
        raise NaiveInstant(
            f"'{what}' has no zone; write the zone of the clock that wrote it, such as "
            'zone = "Europe/Amsterdam" under [source] in the mapping, or --zone Europe/Amsterdam'
        )
    return zone


def _timestamp(cell: Cell, rule: TimeRule) -> Instant | Span:
    if isinstance(cell, datetime):
        return _placed(cell, rule.zone)
    if isinstance(cell, date):
        return whole_day(cell, _need(rule.zone, cell))
    if rule.time_format in ("unix_s", "unix_ms"):
        return _unix(cell, rule)
    text = str(cell).strip()
    if rule.time_format != "iso":
        moment = _strptime(text, rule.time_format)
        day_only = re.search(r"%[HIcXs]", rule.time_format) is None
        return whole_day(moment.date(), _need(rule.zone, text)) if day_only else _placed(moment, rule.zone)
    return _iso(text, rule)


def _unix(cell: Cell, rule: TimeRule) -> Instant:
    value = number(cell)
    if value is None:
        raise BadRecord(f"{cell!r} is no Unix time")
    instant = Instant(round(value * (1e6 if rule.time_format == "unix_s" else 1e3)))
    if not datetime(1900, 1, 1, tzinfo=UTC) < instant.as_utc < datetime(2200, 1, 1, tzinfo=UTC):
        raise BadRecord(f"{cell!r} is no Unix time of this century in {rule.time_format[5:]}")
    return _at_home(instant, rule.zone)


def _iso(text: str, rule: TimeRule) -> Instant | Span:
    if _DATE_ONLY.fullmatch(text):
        return whole_day(date.fromisoformat(text), _need(rule.zone, text))
    try:
        return _placed(datetime.fromisoformat(_BLANK_BEFORE_OFFSET.sub(r"\1", text)), rule.zone)
    except ValueError as error:
        raise BadRecord(
            f"{text!r} is no time such as 2024-03-31T14:30; if it is written otherwise, give time_format"
        ) from error


def _strptime(text: str, pattern: str) -> datetime:
    try:
        return datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is the caller's
    except ValueError as error:
        raise BadRecord(f"{text!r} is not written as {pattern!r} says") from error


def _placed(moment: datetime, zone: ZoneInfo | None) -> Instant:
    """An instant from a time with its own offset, or from a wall-clock time in the zone.

    A time in UTC with a zone given takes its local offset from the zone: the clock wrote UTC, the person lived there.
    """
    if moment.tzinfo is None:
        return Instant.local(moment, _need(zone, moment))
    instant = Instant.of(moment)
    return _at_home(instant, zone) if instant.offset_s == 0 else instant


def _at_home(instant: Instant, zone: ZoneInfo | None) -> Instant:
    if zone is None:
        return instant
    return Instant(instant.utc_us, Instant.of(instant.as_utc.astimezone(zone)).offset_s)


def _date(cell: Cell, pattern: str) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = str(cell).strip()
    if pattern != "iso":
        return _strptime(text, pattern).date()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadRecord(
            f"{text!r} is no date such as 2024-03-31; if it is written otherwise, give date_format"
        ) from error
    if moment.time() != _MIDNIGHT:
        raise BadRecord(f"{text!r} is a time, not a date; name its column as time")
    return moment.date()


def _clock(cell: Cell, rule: TimeRule, spans: dict[str, tuple[str, str]]) -> time | tuple[str, str]:
    if isinstance(cell, (datetime, time)):
        return cell.time() if isinstance(cell, datetime) else cell
    text = str(cell).strip()
    span = spans.get(text) or spans.get(text.upper())
    if span is not None:
        return span
    if rule.clock_format != "iso":
        return _strptime(text, rule.clock_format).time()
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise BadRecord(f"{text!r} is no time of day such as 14:30 or 2:30 PM")
    return _time_of_day(found)


def _time_of_day(found: re.Match[str]) -> time:
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[5]:
        if not 1 <= hour <= 12:
            raise BadRecord(f"{found[0]!r} is no time of day: hours go from 1 to 12 with AM and PM")
        hour = hour % 12 + (12 if found[5] in "Pp" else 0)
    try:
        return time(hour, minute, second, int((found[4] or "0").ljust(6, "0")))
    except ValueError as error:
        raise BadRecord(f"{found[0]!r} is no time of day") from error


def _join(day: date, clock: time | tuple[str, str] | Refused | None, rule: TimeRule) -> Happened:
    if isinstance(clock, str):
        return clock
    zone = _need(rule.zone, day)
    if clock is None:
        return whole_day(day, zone)
    if isinstance(clock, time):
        return Instant.local(datetime.combine(day, clock), zone)
    start, end = (_edge(day, text, zone) for text in clock)
    return Span(start, end)


def _edge(day: date, text: str, zone: ZoneInfo) -> Instant:
    """One end of a span of the day; 24:00 is the next midnight."""
    if text == "24:00":
        return _boundary(day + timedelta(days=1), _MIDNIGHT, zone)
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise BadRecord(f"{text!r} is no time of day such as 17:00")
    return _boundary(day, _time_of_day(found), zone)


def _boundary(day: date, clock: time, zone: ZoneInfo | None) -> Instant:
    """The end of a span. Where clocks skipped that moment, the span begins or ends where they went on."""
    moment = datetime.combine(day, clock, tzinfo=_need(zone, day))
    return Instant.of(moment.astimezone(UTC).astimezone(zone))
