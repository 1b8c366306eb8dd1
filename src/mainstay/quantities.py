"""The values every chapter speaks in: time, intervals, probabilities, and the two kinds of answer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta, timezone
from typing import Any, NewType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mainstay.errors import BadRecord, BadRequest, NaiveInstant

SECONDS_PER_DAY = 86_400.0
DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / 12.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def zone_named(name: str) -> ZoneInfo:
    """The IANA time zone of this name; refuses unknown names with the way to write one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadRecord(f"{name!r} is no time zone; write one such as 'Europe/Amsterdam' or 'UTC'") from error


def _refuse_absurd_year(moment: datetime) -> None:
    """The first and the last year a calendar can hold have no room for a clock's offset; no record is from then."""
    if not MINYEAR < moment.year < MAXYEAR:
        raise BadRecord(f"{moment.isoformat(sep=' ')} lies outside the years 2 to 9998; check how the date is written")


def in_words(day: date) -> str:
    """A date as somebody would say it: "8 January 2024"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


@dataclass(frozen=True, slots=True, order=True)
class Instant:
    """A moment: microseconds since 1970-01-01 UTC, and the local clock's offset from UTC in seconds.

    Instants compare by moment first. A local time without zone or offset is refused (`NaiveInstant`).
    """

    utc_us: int
    offset_s: int = field(default=0, compare=False)

    @classmethod
    def of(cls, moment: datetime) -> Instant:
        """From an aware datetime; its own offset is kept as the local one."""
        offset = moment.utcoffset()
        if offset is None:
            raise NaiveInstant(f"{moment.isoformat(sep=' ')} has no zone; give the zone of the clock that wrote it")
        _refuse_absurd_year(moment)
        return cls((moment - _EPOCH) // _MICROSECOND, round(offset.total_seconds()))

    @classmethod
    def local(cls, moment: datetime, zone: str | ZoneInfo) -> Instant:
        """From a wall-clock time in a zone. In the repeated hour the first is meant (``fold`` says otherwise).

        Refuses a wall-clock time that the zone skipped (spring change).
        """
        _refuse_absurd_year(moment)
        info = zone_named(zone) if isinstance(zone, str) else zone
        aware = moment.replace(tzinfo=info)
        back = aware.astimezone(UTC).astimezone(info)
        if back.replace(tzinfo=None, fold=0) != moment.replace(tzinfo=None, fold=0):
            raise BadRecord(f"{moment.isoformat(sep=' ')} did not exist in {info.key}: clocks were put forward")
        return cls.of(aware)

    @classmethod
    def parse(cls, text: str, zone: str | ZoneInfo | None = None) -> Instant:
        """From ISO 8601 text. Without an offset in the text, the zone is needed."""
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError as error:
            raise BadRecord(f"{text!r} is no date and time; write it as 2024-03-31T14:30+02:00") from error
        if moment.tzinfo is not None:
            return cls.of(moment)
        if zone is None:
            raise NaiveInstant(f"{text!r} has no zone; give the zone of the clock that wrote it")
        return cls.local(moment, zone)

    @property
    def as_utc(self) -> datetime:
        """The moment as an aware UTC datetime."""
        return _EPOCH + timedelta(microseconds=self.utc_us)

    @property
    def as_local(self) -> datetime:
        """The moment as an aware datetime at the local offset."""
        return self.as_utc.astimezone(timezone(timedelta(seconds=self.offset_s)))

    @property
    def day_in_words(self) -> str:
        """The local date: "8 January 2024"."""
        return in_words(self.as_local)

    def plus_days(self, days: float) -> Instant:
        """The moment this many days (of 24 hours) later, same offset."""
        return Instant(self.utc_us + round(days * SECONDS_PER_DAY * 1e6), self.offset_s)

    def days_since(self, earlier: Instant) -> float:
        """Days (of 24 hours) from an earlier instant to this one."""
        return (self.utc_us - earlier.utc_us) / (SECONDS_PER_DAY * 1e6)

    def __str__(self) -> str:
        return self.as_local.isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of time between two instants; the end is not before the start."""

    start: Instant
    end: Instant

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise BadRecord(f"a span can't end ({self.end}) before it starts ({self.start})")

    @property
    def days(self) -> float:
        """Length in days of 24 hours."""
        return self.end.days_since(self.start)

    @property
    def middle(self) -> Instant:
        """The instant halfway."""
        return self.start.plus_days(self.days / 2)


Probability = NewType("Probability", float)


def probability(value: float) -> Probability:
    """A number in [0, 1]; anything else is refused."""
    if not 0.0 <= value <= 1.0:
        raise BadRequest(f"{value!r} is no probability; it must lie between 0 and 1")
    return Probability(float(value))


@dataclass(frozen=True, slots=True)
class Interval:
    """A credible or confidence interval at a level, such as 0.90. Never NaN."""

    low: float
    high: float
    level: float = 0.90

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low <= self.high):
            raise BadRequest(f"an interval needs two finite ends in order, not {self.low} and {self.high}")
        if not 0.0 < self.level < 1.0:
            raise BadRequest(f"an interval's level lies between 0 and 1, such as 0.90, not {self.level}")

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim a person could act on, with how sure it is and from what.

    `row` is the row of the table in the product's design (S1…S25); `about` names the role, refuge or item.
    `status` is one of the statuses of docs/reference/answers.md (`found`, `not_found`, …); `claim` one plain sentence.
    `evidence` holds record ids or described spans; `detail` curves and tables for figures.
    """

    row: str
    about: str
    status: str
    claim: str
    quantity: str
    estimate: float
    interval: Interval
    unit: str
    n: int
    method: str
    probability: Probability | None = None
    evidence: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    would_change: str = ""
    reason: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not math.isfinite(self.estimate):
            raise BadRequest(f"the estimate of {self.quantity} is {self.estimate}; say CannotSay instead")
        if self.probability is not None:
            probability(self.probability)


@dataclass(frozen=True, slots=True)
class CannotSay:
    """The evidence is too thin for an answer: why, and, where a count would help, how much there is and is needed."""

    reason: str
    have: float | None = None
    need: float | None = None
    unit: str = ""
    row: str = ""
    about: str = ""
    quantity: str = ""
    claim: str = ""
    n: int = 0
    method: str = ""
    assumptions: tuple[str, ...] = ()
    would_change: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """Always ``cannot_say``."""
        return "cannot_say"


Answer = Finding | CannotSay
