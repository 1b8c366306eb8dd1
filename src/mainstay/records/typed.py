"""What somebody types, read the same at every door: a name, a line, a number, one of a few words, a day."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from datetime import date, timedelta

from mainstay.errors import BadRequest
from mainstay.quantities import Instant
from mainstay.records.collector import FIRST_YEAR
from mainstay.records.statements import LONGEST_NAME, LONGEST_TEXT
from mainstay.records.words import few


def name(said: str) -> str:
    """A few words on one line."""
    if not said or len(said) > LONGEST_NAME or not said.isprintable():
        raise BadRequest(f"a few words, at most {LONGEST_NAME} characters")
    return said


def line(said: str) -> str:
    """A line of text."""
    if not said or len(said) > LONGEST_TEXT or not said.isprintable():
        raise BadRequest(f"a line of 1 to {LONGEST_TEXT} characters")
    return said


def line_or_none(said: str) -> str | None:
    """A line of text; None where nothing was said."""
    return line(said) if said else None


def number(said: str) -> float:
    """A number, with a point or a comma."""
    try:
        return float(said.replace(",", "."))
    except ValueError:
        raise BadRequest(f"{said[:40]!r} is no number") from None


def one_of(said: str, words: tuple[str, ...]) -> str:
    """One of a few words, in small letters."""
    if said.lower() not in words:
        raise BadRequest(f"one of: {', '.join(words)}")
    return said.lower()


def close_to(said: str, known: Iterable[str]) -> str:
    """A hint where a name that is known looks much like the one given."""
    near = difflib.get_close_matches(said, list(known), 1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def listed(names: Iterable[str]) -> str:
    """Names in order, or that there are none."""
    return few(sorted(names)) or "none yet"


def day_to_come(text: str, at: Instant, *, within_days: int) -> date:
    """A day from tomorrow on, on this machine's calendar, not further off than `within_days`; "tomorrow" will do."""
    today = at.as_local.date()
    tomorrow = today + timedelta(days=1)
    try:
        day = tomorrow if text.strip().lower() == "tomorrow" else date.fromisoformat(text.strip())
    except ValueError:
        raise BadRequest(f"{text.strip()[:40]!r} is no date; write it as {today + timedelta(days=28)}") from None
    if not today < day <= today + timedelta(days=within_days):
        raise BadRequest(f"{day} will not do: choose a day from {tomorrow} to {today + timedelta(days=within_days)}")
    return day


def day_gone(text: str, at: Instant) -> date:
    """A day up to today, on this machine's calendar; "yesterday" will do."""
    today = at.as_local.date()
    words = {"today": today, "yesterday": today - timedelta(days=1)}
    try:
        day = words.get(text.strip().lower()) or date.fromisoformat(text.strip())
    except ValueError:
        raise BadRequest(f"{text.strip()[:40]!r} is no date; write it as {today}") from None
    if day.year < FIRST_YEAR or day > today:
        raise BadRequest(f"{day} will not do: a day up to {today}, the year with four digits")
    return day
