"""The replay of a page: as of which day it is told, the days it can be told as of, and the steps between them."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from mainstay.web.showing import cut_of, desk_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from mainstay.timeline.kinds import Timeline


@dataclass(frozen=True, slots=True)
class Notable:
    """A day on which an answer came out otherwise than a month before: as of when, and what could be said then."""

    day: date
    said: str


@dataclass(frozen=True, slots=True)
class LookingBack:
    """The days a page can be told as of. `shown`: the day it is told as of; `earlier`, `later`: a month from it."""

    first: date
    last: date
    shown: date
    earlier: date | None
    later: date | None
    notable: tuple[Notable, ...] = ()

    @property
    def days(self) -> int:
        """From the first day to the last."""
        return (self.last - self.first).days

    @property
    def at(self) -> int:
        """The place of the day shown among them."""
        return min(max((self.shown - self.first).days, 0), self.days)


def ends_of(timeline: Timeline, today: date) -> tuple[str, str]:
    """The first and the last day that a page can be told as of, as they are written in an address."""
    first, last = timeline.origin.as_local.date(), timeline.instant(timeline.days).as_local.date()
    return first.isoformat(), min(today, last).isoformat()


def looking_back(
    request: Request, ends: Sequence[str] | None = None, notable: Sequence[Notable] = ()
) -> LookingBack | None:
    """The days that a page can be told as of; None where nothing is on record before today. `ends`: where known.

    What came out otherwise only after the day shown is not told: it was not known then.
    """
    desk = desk_of(request)
    if ends is None:
        ends = ends_of(desk.timeline(), desk.clock().as_local.date())
    first, last = map(date.fromisoformat, ends)
    if last <= first:
        return None
    cut = cut_of(request)
    shown = last if cut is None else cut.as_local.date()
    earlier, later = months_on(shown, -1), months_on(shown, 1)
    return LookingBack(
        first, last, shown, earlier if earlier > first else None,
        later if cut is not None and later < last else None, tuple(one for one in notable if one.day <= shown),
    )  # fmt: skip


def months_on(day: date, months: int) -> date:
    """The same day of another month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
