"""A stream of slips as it was watched: its evidence for a rise or fall, since when, and what a picture needs of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mainstay.notice.slips_chart import chart, date_of, within_roles
from mainstay.notice.slips_counts import Counted, by_role
from mainstay.notice.slips_watch import BAR, WEEK, Weeks, fewer, log_ratios, sums, weeks_of
from mainstay.strain.wording import number
from mainstay.timeline.kinds import Floats, Timeline

PLAUSIBLE = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """A stream with its weeks, its share of each week, the sum for a rise at each day, and for a fall on the last."""

    stream: Counted
    weeks: Weeks
    rise: Floats
    fall: float

    @property
    def last(self) -> int:
        """The last day."""
        return len(self.rise) - 1


def shares_of(streams: tuple[Counted, ...]) -> list[Floats]:
    """Each stream's share (weeks,) of the one promise: equal among those on record before the week began."""
    starts = np.arange(0, len(streams[0].ends), WEEK)
    there = np.array([starts > stream.first_day for stream in streams], float)
    return list(there / np.maximum(there.sum(axis=0), 1.0))


def watched(stream: Counted, share: Floats) -> Watched:
    """A stream brought up to date day by day, with its `share` (weeks,) of the one promise."""
    weeks = weeks_of(stream.counts, stream.exposure, stream.settled)
    rise = sums(weeks, share, np.arange(weeks.days))
    fall = sums(weeks, share, np.array([weeks.days - 1]), fewer())
    return Watched(stream, weeks, rise, float(fall[0]))


def since_week(seen: Watched, ratios: tuple[float, ...]) -> tuple[int, int, int]:
    """The week in which a change most likely began, and the first and last that are plausible."""
    logs = log_ratios(seen.weeks, np.array([seen.last]), ratios)[0]
    chance = np.exp(logs - logs.max())
    order = np.argsort(-chance)
    kept = order[: int(np.searchsorted(np.cumsum(chance[order]), PLAUSIBLE * chance.sum())) + 1]
    return int(order[0]), int(kept.min()), int(kept.max())


def detail_of(timeline: Timeline, seen: Watched, more: dict[str, Any]) -> dict[str, Any]:
    """What other programs and the picture need; `raised`: the day from which on the rise has been told unbroken."""
    stream = seen.stream
    over = seen.rise >= BAR
    raised = None
    if len(over) and over[-1]:
        day = int(np.flatnonzero(~over)[-1]) + 1 if not over.all() else 0
        raised = date_of(timeline, stream, day)
    return {
        "alarm": False,
        "evidence_for_a_rise": float(min(seen.rise[-1], 1e300)),
        "evidence_for_a_fall": min(seen.fall, 1e300),
        "evidence_needed": BAR,
        "raised": raised,
        "recording_logged": stream.logged,
        "exposure_unit": stream.unit,
        "chart": chart(timeline, stream, seen.weeks),
        "by_role": within_roles(by_role(timeline, stream)),
        **more,
    }


def amount(exposure: float) -> str:
    """An exposure as a claim says it."""
    return f"{exposure:,.0f}" if exposure >= 10.0 else number(exposure)
