"""Chances, horizons and ranks as words a person without statistics can read: "about 1 in 3 (20 to 45 in 100)"."""

from __future__ import annotations

from mainstay.quantities import MONTHS, Instant
from mainstay.records.statements_scenario import OTHER
from mainstay.report.words import counted

OTHER_NAME = "none of these"
"""What stands for all that no scenario describes."""
IN_TEN = (
    (1, 10),
    (1, 8),
    (1, 6),
    (1, 5),
    (1, 4),
    (1, 3),
    (2, 5),
    (1, 2),
    (3, 5),
    (2, 3),
    (3, 4),
    (4, 5),
    (5, 6),
    (9, 10),
)
LEAST_SIMPLE, MOST_SIMPLE = 0.085, 0.915
NEVER = 0.005
"""A chance below that rounds to none in 100, and is not told as none."""
DAYS_A_WEEK = 7


def chance_words(chance: float) -> str:
    """A chance as so many in so many: "about 1 in 3", "about 4 in 100"; never none and never all."""
    if chance < NEVER:
        return "less than 1 in 100"
    if chance > 1.0 - NEVER:
        return "more than 99 in 100"
    if not LEAST_SIMPLE <= chance <= MOST_SIMPLE:
        return f"about {100.0 * chance:.0f} in 100"
    few, of = min(IN_TEN, key=lambda one: abs(one[0] / one[1] - chance))
    return f"about {few} in {of}"


def range_words(low: float, high: float) -> str:
    """The range of a chance: "20 to 45 in 100"; ends that read alike are told once."""
    first, last = (f"{100.0 * min(max(end, 0.0), 1.0):.0f}" for end in (low, high))
    if last == "0":
        return "less than 1 in 100"
    return f"{first} in 100" if first == last else f"{first} to {last} in 100"


def chance_and_range(chance: float, low: float, high: float) -> str:
    """A chance with its range: "about 1 in 3 (20 to 45 in 100)"; a range that says the same is left out."""
    said, between = chance_words(chance), range_words(low, high)
    hardly, almost = chance < NEVER and high < 3 * NEVER, chance > 1.0 - NEVER and low > 1.0 - 3 * NEVER
    return said if between in said or hardly or almost else f"{said} ({between})"


def span_words(days: float) -> str:
    """So many days as somebody would say it: "13 weeks", "10 days"."""
    whole = round(days)
    return counted(whole // DAYS_A_WEEK, "week") if whole >= 14 and whole % DAYS_A_WEEK == 0 else counted(whole, "day")


def short_date(moment: Instant) -> str:
    """The local date, short: "8 Jul 2025"."""
    local = moment.as_local
    return f"{local.day} {MONTHS[local.month - 1][:3]} {local.year}"


def ordinal(rank: int) -> str:
    """A rank in order: "1st", "2nd", "11th"."""
    ending = "th" if 10 <= rank % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank}{ending}"


def rank_words(rank: int | None, *, must_not: bool) -> str:
    """Where it stands among what is preferred: "1st choice", "must not happen"; nothing where nobody said."""
    wished = "" if rank is None else f"{ordinal(rank)} choice"
    return "must not happen" if must_not else wished


def shown_name(name: str) -> str:
    """The name of a scenario as it is shown."""
    return OTHER_NAME if name == OTHER else name
