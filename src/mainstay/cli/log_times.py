"""When it happened, as somebody types it: this machine's clock, or a time with its own offset. Never a time to come."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from mainstay.cli import asking
from mainstay.errors import BadRequest

if TYPE_CHECKING:
    from mainstay.quantities import Instant, Span

HOW = (
    "write 14:30, yesterday 21:15, 2026-03-01, or 2026-03-01T14:30 (with an offset such as +01:00 if it was elsewhere)"
)
_DAY_WORD = re.compile(r"(today|yesterday)\b[\s,]*", re.IGNORECASE)
_CLOCK = re.compile(r"\d{1,2}:\d{2}")


def happened(text: str | None, at: Instant, *, option: str = "--at") -> Instant | Span:
    """When it happened: now, where nothing was said; an instant; or the local day that was named, as far as it went."""
    from mainstay.quantities import Span

    if text is None:
        return at
    found = _read(text, at, option)
    if not isinstance(found, date):
        return found
    return Span(asking.midnight(found), min(asking.midnight(found + timedelta(days=1)), at))


def edge(text: str | None, at: Instant, *, option: str, end: bool = False) -> Instant:
    """One end of a stretch: a day means its first moment, or as an end its last; nothing said means now."""
    if text is None:
        return at
    found = _read(text, at, option)
    if not isinstance(found, date):
        return found
    return min(asking.midnight(found + timedelta(days=1)), at) if end else asking.midnight(found)


def day_to_come(text: str, at: Instant, *, within_days: int) -> date:
    """A day from tomorrow on, on this machine's calendar, not further off than `within_days`."""
    today = at.as_local.date()
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise BadRequest(f"{text.strip()[:40]!r} is no date; write it as {today + timedelta(days=28)}") from None
    if not today < day <= today + timedelta(days=within_days):
        raise BadRequest(
            f"{day} will not do: choose a day from {today + timedelta(days=1)} to {today + timedelta(days=within_days)}"
        )
    return day


def day_gone(text: str, at: Instant) -> date:
    """A day up to today, on this machine's calendar; "yesterday" will do."""
    today = at.as_local.date()
    words = {"today": today, "yesterday": today - timedelta(days=1)}
    try:
        day = words.get(text.strip().lower()) or date.fromisoformat(text.strip())
    except ValueError:
        raise BadRequest(f"{text.strip()[:40]!r} is no date; write it as {today}") from None
    if day.year < asking.FIRST_YEAR or day > today:
        raise BadRequest(f"{day} will not do: a day up to {today}, the year with four digits")
    return day


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
    if year < asking.FIRST_YEAR:
        raise BadRequest(f"{option} {text.strip()[:40]} is before anybody's records; write the year with four digits")
    if (found > today) if isinstance(found, date) else (found > at):
        raise BadRequest(f"{option} {text.strip()[:40]} lies in the future; what happens is noted when it has happened")
    return found


def _moment(said: str, text: str, option: str) -> Instant:
    from mainstay.quantities import Instant

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
