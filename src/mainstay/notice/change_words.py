"""A change as a person would say it: since when, what, by how much, and whether that is the worse direction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from mainstay.notice.change_sizes import Size
from mainstay.notice.change_watch import What
from mainstay.notice.series import Series
from mainstay.quantities import MONTHS
from mainstay.records.words import listed
from mainstay.strain.wording import number, times_as_often
from mainstay.timeline.kinds import Timeline

HARDLY = 0.1


def date_of(timeline: Timeline, day: float) -> str:
    """A local day as ISO date."""
    return (timeline.origin.as_local.date() + timedelta(days=int(day))).isoformat()


def day_in_words(timeline: Timeline, day: float) -> str:
    """12 March, with the year where it isn't the one in which the record ends."""
    date = timeline.origin.as_local.date() + timedelta(days=int(day))
    year = "" if date.year == timeline.as_of.as_local.year else f" {date.year}"
    return f"{date.day} {MONTHS[date.month - 1]}{year}"


def moved(one: Series, what: What, size: Size) -> str:
    """What one stream did, as a clause without its beginning."""
    if what == "rate":
        return f"“{one.name}” comes {times_as_often(size.estimate)} as before"
    if what == "spread" and size.estimate < HARDLY:
        return f"“{one.name}” hardly varies any more"
    if what == "spread":
        often = "wider" if size.estimate > 1.0 else "narrower"
        return (
            f"the ups and downs of “{one.name}” are {often} than before, about {number(size.estimate)} times as large"
        )
    where = "higher" if size.estimate > 0.0 else "lower"
    return f"“{one.name}” is {where} than before, by about {number(abs(size.estimate))} {one.unit}"


def claim(timeline: Timeline, began: float, lead: str, others: Sequence[str]) -> str:
    """One sentence: since when, what moved most, what moved with it."""
    named = [f"“{name}”" for name in others]
    with_it = f"; {in_a_row(named)} moved with it" if named else ""
    return f"Since about {day_in_words(timeline, began)} {lead}{with_it}."


def in_a_row(names: Sequence[str]) -> str:
    """a; a and b; a, b and c; a, b and 3 more."""
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return listed(names)
