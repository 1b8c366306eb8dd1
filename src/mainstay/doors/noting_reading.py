"""What somebody types about chances, points, hours and costs, read the same at every door; and how it is typed back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from mainstay.errors import BadRequest
from mainstay.quantities import Instant
from mainstay.records import typed
from mainstay.records.logged import MOST_SDS
from mainstay.records.statements_hypothesis import same_name
from mainstay.records.typed import day_to_come, number

Ends = tuple[float, float]
FURTHEST_REVIEW_DAYS = 3 * 366
LONGEST_REASON = 4000
FURTHEST_RATING = 1e6
MOST_HOURS = 168.0


def ends(said: str, most: float) -> Ends:
    """Low and high from "10-30", "10 to 30", "10 30", or one number."""
    found = re.fullmatch(r"\s*(\d{1,9}(?:[.,]\d+)?)\s*(?:(?:-|–|to|\s)\s*(\d{1,9}(?:[.,]\d+)?)\s*)?", said)
    if found is None:
        raise BadRequest(f"numbers from 0 to {most:g}, low to high, such as 10-30")
    low = number(found[1])
    high = low if found[2] is None else number(found[2])
    if not low <= high <= most:
        raise BadRequest(f"from 0 to {most:g}, the lower number first")
    return low, high


def chances(said: str) -> Ends | None:
    """A chance in per cent, as low and high from 0 to 1; None where nothing was said."""
    if not said:
        return None
    low, high = ends(said.replace("%", ""), 100.0)
    if 0.0 < high < 1.0:
        raise BadRequest(f"in per cent: did you mean {100 * low:g}-{100 * high:g}?")
    return low / 100.0, high / 100.0


def chance(said: str) -> Ends:
    """As `chances`, where it must be said."""
    found = chances(said)
    if found is None:
        raise BadRequest("in per cent, such as 60-80")
    return found


def open_chance(said: str) -> Ends | None:
    """As `chances`, where nothing is certain."""
    found = chances(said)
    if found is not None and not 0.0 < found[0] <= found[1] < 1.0:
        raise BadRequest("between 0 and 100, and neither of them: nothing is impossible, nothing certain")
    return found


def points(said: str) -> Ends:
    """Points from 0 to 100, as low and high."""
    return ends(said, 100.0)


def points_or_none(said: str) -> Ends | None:
    """As `points`; None where nothing was said."""
    return points(said) if said else None


def hours_or_none(said: str) -> Ends | None:
    """Hours a week, as low and high; None where nothing was said."""
    return ends(said, MOST_HOURS) if said else None


def names(said: str) -> tuple[str, ...]:
    """Lines separated by ; each once."""
    return tuple(dict.fromkeys(typed.line(one.strip()) for one in said.split(";") if one.strip()))


def name_or_none(said: str) -> str | None:
    """A few words on one line; None where nothing was said."""
    return typed.name(said) if said else None


def free(said: str, taken: Iterable[str], what: str) -> str:
    """A name that nothing open has yet. `what`: what it is a name of, as in "a cause"."""
    if any(same_name(said, one) for one in taken):
        raise BadRequest(f"{what} of that name is on record; choose another name, or say that one anew")
    return typed.name(said)


def size(value: float) -> float:
    """How far, in usual swings."""
    if not 0.0 < value <= MOST_SDS:
        raise BadRequest(f"{value:g} is no size; it lies above 0 and is at most {MOST_SDS:g}")
    return value


def review(said: str, at: Instant) -> date:
    """A day on which something is looked at again."""
    return day_to_come(said, at, within_days=FURTHEST_REVIEW_DAYS)


def rating(said: str) -> float:
    """A number on the scale that strain is told on."""
    value = number(said)
    if not abs(value) <= FURTHEST_RATING:
        raise BadRequest("a number on that scale")
    return value


def least_that_matters(said: str, kind: str) -> float | None:
    """The least of a sign that would matter: points of an item, units of a signal, how many times as often an event."""
    if not said:
        return None
    value = number(said)
    lowest = 1.0 if kind == "event" else 0.0
    if not lowest < value < 1e6:
        raise BadRequest(f"a number above {lowest:g}, or leave it out")
    return value


def reason(text: str) -> str | None:
    """Why, in a few lines; None where nothing was said. Refuses what is too long, and control characters."""
    if len(text) > LONGEST_REASON:
        raise BadRequest(f"the reason is longer than {LONGEST_REASON} characters; say it in a few lines")
    if not all(line.replace("\t", " ").isprintable() for line in text.splitlines()):
        raise BadRequest("the reason holds control characters; write it as plain text")
    return text or None


def needed_reason(said: str, what: str) -> str:
    """Why, where it must be said. `what`: of what, as in "a cause"."""
    why = reason(said)
    if why is None:
        raise BadRequest(f"say why, in a line or two: {what} is set aside for a reason")
    return why


def as_ends(found: Ends | list[float], scale: float = 1.0) -> str:
    """Low and high as they are typed: "10-30", or one number where they are the same."""
    low, high = (f"{round(one * scale, 6):g}" for one in found)
    return low if low == high else f"{low}-{high}"


def as_chances(found: Ends | list[float]) -> str:
    """A chance as it is typed, in per cent."""
    return as_ends(found, 100.0)


def as_names(found: Iterable[str]) -> str:
    """Names as they are typed, separated by ;"""
    return "; ".join(found)
