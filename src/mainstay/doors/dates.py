"""Days as people give them: a date, by the calendar and the clock of this machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from mainstay.errors import BadRecord, BadRequest
from mainstay.quantities import Instant

FIRST_YEAR = 1900


def midnight(day: date) -> Instant:
    """The beginning of a day on this machine's clock."""
    return Instant.of(datetime.combine(day, time()).astimezone())


def as_of(text: str | None, at: Instant, option: str = "--as-of") -> Instant | None:
    """The instant a replay is cut at. A date means the end of that day on this machine's clock; today means now.

    Refuses a date after today, a time without offset, and anything else, by the name of the `option` it was given by.
    """
    if text is None:
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        try:
            cut = Instant.parse(text)
        except BadRecord:
            raise BadRequest(
                f"{option} {text!r} is no date; write 2024-03-31, or a time with its offset: 2024-03-31T14:30+02:00"
            ) from None
    else:
        cut = _end_of(day, at)
    if cut > at:
        raise BadRequest(f"{option} {text} lies in the future; choose a date up to {at.as_local:%Y-%m-%d}")
    return cut


def _end_of(day: date, at: Instant) -> Instant:
    """The last microsecond of the day on this machine's clock; now, where the day is today; after now, where later."""
    today = at.as_local.date()
    if day >= today:
        return at if day == today else at.plus_days(1)
    if day.year < FIRST_YEAR:
        raise BadRequest(f"--as-of {day} is before any record; write the year with four digits")
    after = midnight(day + timedelta(days=1))
    return replace(after, utc_us=after.utc_us - 1)
