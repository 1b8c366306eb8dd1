"""Chances, horizons and ranks as words a person without statistics can read: "about 13 in 100 (2 to 27)"."""

from __future__ import annotations

from mainstay.quantities import MONTHS, Instant
from mainstay.records.statements_scenario import OTHER, Condition, conditions
from mainstay.report.words import counted

OTHER_NAME = "none of these"
"""What stands for all that no scenario describes."""
NEVER = 0.005
"""A chance below that rounds to none in 100, and is not told as none."""
DAYS_A_WEEK = 7


def rule_in_words(rule: str) -> str:
    """When a scenario has come, as a person says it: "time as oneself is more than 1.3 times the usual share of all
    hours, on average over 8 weeks". A rule of another form stays as it is written."""
    try:
        return "; and ".join(map(_condition_words, conditions(rule)))
    except ValueError:
        return rule


def _condition_words(one: Condition) -> str:
    weeks, over = divmod(one.days, DAYS_A_WEEK)
    span = counted(one.days, "day") if over else counted(weeks, "week")
    than = "more than" if one.above else "less than"
    if one.watched == "strain":
        bound = "the person’s own limit" if one.value is None else f"{one.value:g} as a day’s mean"
        return (
            f"strain stays {'above' if one.above else 'below'} {bound} for {span}{' in a row' if one.days > 1 else ''}"
        )
    value = one.value or 0.0
    if one.watched == "share":
        what = "time as oneself" if one.name == "self" else f"time in the role “{one.name}”"
        share = f"{value:g} times its usual share" if one.relative else f"{100.0 * value:g} %"
        return f"{what} is {than} {share} of all hours, on average over {span}"
    what = "slips come" if one.name == "slips" else f"“{one.name}” comes"
    often = f"{value:g} times as often as usual" if one.relative else f"{value:g} times a week"
    return f"{what} {than} {often}, on average over {span}"


def chance_words(chance: float) -> str:
    """A chance as so many in a hundred: "about 13 in 100"; never none and never all."""
    if chance < NEVER:
        return "fewer than 1 in 100"
    if chance > 1.0 - NEVER:
        return "more than 99 in 100"
    return f"about {min(max(round(100.0 * chance), 1), 99)} in 100"


def range_words(low: float, high: float) -> str:
    """The range of a chance: "20 to 45 in 100"; ends that read alike are told once."""
    first, last = _ends(low, high)
    if last == 0:
        return "fewer than 1 in 100"
    return f"{first} in 100" if first == last else f"{first} to {last} in 100"


def chance_and_range(chance: float, low: float, high: float) -> str:
    """A chance with its range: "about 13 in 100 (2 to 27)"; a range that says the same is left out."""
    said, (first, last) = chance_words(chance), _ends(low, high)
    if chance < NEVER:
        return f"{said} (at most {last})" if last > 1 else said
    if chance > 1.0 - NEVER:
        return f"{said} (at least {first})" if first < 99 else said
    return said if first == last else f"{said} ({first} to {last})"


def _ends(low: float, high: float) -> tuple[int, int]:
    first, last = (round(100.0 * min(max(end, 0.0), 1.0)) for end in (low, high))
    return first, last


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
