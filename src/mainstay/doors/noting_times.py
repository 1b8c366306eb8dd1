"""When it happened, as somebody types it: this machine's clock, or a time with its own offset. Never a time to come."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from mainstay.doors.dates import FIRST_YEAR, midnight
from mainstay.errors import BadRequest
from mainstay.quantities import Instant, Span

HOW = (
    "write 14:30, yesterday 21:15, 2026-03-01, or 2026-03-01T14:30 (with an offset such as +01:00 if it was elsewhere)"
)
_DAY_WORD = re.compile(r"(today|yesterday)\b[\s,]*", re.IGNORECASE)
_CLOCK = re.compile(r"\d{1,2}:\d{2}")


def happened(text: str | None, at: Instant, *, option: str = "--at") -> Instant | Span:
    """When it happened: now, where nothing was said; an instant; or the local day that was named, as far as it went."""
    if text is None:
        return at
    found = _read(text, at, option)
    if not isinstance(found, date):
        return found
    return Span(midnight(found), min(midnight(found + timedelta(days=1)), at))


def edge(text: str | None, at: Instant, *, option: str, end: bool = False) -> Instant:
    """One end of a stretch: a day means its first moment, or as an end its last; nothing said means now."""
    if text is None:
        return at
    found = _read(text, at, option)
    if not isinstance(found, date):
        return found
    return min(midnight(found + timedelta(days=1)), at) if end else midnight(found)


def _read(text: str, at: Instant, option: str) -> Instant | date:
    """An instant up to now, or a day up to today."""
    today = at.as_local.date()
    said = text.strip()
    day_word = _DAY_WORD.match(said)
    if day_word:
        day = today - timedelta(days=day_word[1].lower() == "yesterday")
        said = f"{day} {said[day_word.end() :]}".strip()
    elif _CLOCK.fullmatch(said):
        said = f"{today} {said}"
    try:
        found: Instant | date = date.fromisoformat(said)
    except ValueError:
        found = _moment(re.sub(r" (\d):", r" 0\1:", said), text, option)
    year = found.year if isinstance(found, date) else found.as_local.year
    if year < FIRST_YEAR:
        raise BadRequest(f"{option} {text.strip()[:40]} is before anybody's records; write the year with four digits")
    if (found > today) if isinstance(found, date) else (found > at):
        raise BadRequest(f"{option} {text.strip()[:40]} lies in the future; what happens is noted when it has happened")
    return found


def _moment(said: str, text: str, option: str) -> Instant:
    try:
        moment = datetime.fromisoformat(said)
        if moment.tzinfo is not None:
            return Instant.of(moment)
        here = moment.astimezone()
        there = here.replace(tzinfo=None) == moment
        found = Instant.of(here)
    except (ValueError, OverflowError, OSError):
        raise BadRequest(f"{option} {text.strip()[:40]!r} is no time; {HOW}") from None
    if not there:
        raise BadRequest(f"{option} {text.strip()}: that time did not exist here, the clocks were put forward")
    return found


def when_in_words(happened: Instant | Span, at: Instant) -> str:
    """When something happened, as somebody would say it: "today, 14:02"; of a span, its day."""
    if isinstance(happened, Span):
        return _day(happened.start, at)
    return f"{_day(happened, at)}, {happened.as_local:%H:%M}"


def stretch_in_words(span: Span, at: Instant) -> str:
    """From when to when: "today, 07:00 to 15:30"."""
    same = span.start.as_local.date() == span.end.as_local.date()
    end = f"{span.end.as_local:%H:%M}" if same else when_in_words(span.end, at)
    return f"{when_in_words(span.start, at)} to {end}"


def _day(moment: Instant, at: Instant) -> str:
    days = (at.as_local.date() - moment.as_local.date()).days
    return {0: "today", 1: "yesterday"}.get(days) or moment.day_in_words
