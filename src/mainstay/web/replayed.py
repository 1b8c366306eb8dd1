"""The last year month by month behind the page: worked out one month at a time, only while somebody waits for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mainstay.report.explanations_replay import said_of
from mainstay.report.explanations_words import begun
from mainstay.web.desk import Working
from mainstay.web.looking_back import Notable

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from mainstay.explanations.replay import Month
    from mainstay.report.explanations_replay import Month as Dated
    from mainstay.timeline.kinds import Timeline
    from mainstay.timeline.replaying import AsOf
    from mainstay.web.desk import Desk

BESIDE = "replayed"


class Walked:
    """The months worked out so far, of the records they were worked out from; forgotten when the casebook is locked."""

    def __init__(self) -> None:
        self.of: object = None
        self.months: tuple[Month, ...] = ()

    def close(self) -> None:
        """Forget all of it."""
        self.of, self.months = None, ()


def months_so_far(desk: Desk) -> tuple[tuple[Month, ...], int]:
    """The months worked out so far, and how many there are; asking sets the next one going. Zero: not known yet."""
    from mainstay.doors.replaying import months_of
    from mainstay.explanations.replay import months

    def dates(timeline: Timeline) -> tuple[AsOf, ...]:
        with desk.casebook() as book:
            return months_of(book, desk.clock())

    replay = desk.made("replay", dates)
    if isinstance(replay, Working):
        return (), 0
    found: list[Month] = []

    def month_of(at: AsOf) -> Callable[[Timeline], Month]:
        return lambda timeline: next(months((at,)))

    for k, at in enumerate(replay):
        month = desk.made(f"replay {k}", month_of(at), patience_s=0.05)
        if isinstance(month, Working):
            break
        found.append(month)
    _keep(desk, tuple(found))
    return tuple(found), len(replay)


def _keep(desk: Desk, months: tuple[Month, ...]) -> None:
    with desk.casebook():
        walked = desk.beside.setdefault(BESIDE, Walked())
        assert isinstance(walked, Walked)
        walked.of, walked.months = desk.timeline().ratings, months


def notable_days(desk: Desk) -> tuple[Notable, ...]:
    """The days on which the answer on the whole came out otherwise than a month before, as far as they are known."""
    with desk.casebook():
        walked = desk.beside.get(BESIDE)
        if not isinstance(walked, Walked) or walked.of is not desk.timeline().ratings:
            return ()
        return notable_in(walked.months)


def notable_in(months: tuple[Month, ...]) -> tuple[Notable, ...]:
    """Of some months in order, those whose status or leading cause differs from the one before."""
    said = [said_of(one.overall) for one in months]
    return tuple(
        Notable(day_of(month), begun(now.words))
        for month, now, before in zip(months[1:], said[1:], said[:-1], strict=True)
        if (now.status, now.leading) != (before.status, before.leading)
    )


def day_of(month: Dated) -> date:
    """The day at whose end it was so: a month ends with the midnight after it."""
    return replace(month.as_of, utc_us=month.as_of.utc_us - 1).as_local.date()
