"""The points of a rate chart (u chart) of slips: each week against what was known before it."""

from __future__ import annotations

from typing import Any

import numpy as np

from mainstay.notice.slips_counts import Counted, InRole
from mainstay.notice.slips_watch import LEARNING_DAYS, LEAST_EXPOSURE, WEEK, Weeks, dispersion
from mainstay.numerics.exact_rates import next_count_limits, poisson_interval
from mainstay.strain.judge import LEVEL
from mainstay.timeline.kinds import Timeline

LONGEST_WEEKLY = 104
WEEKS_OF_A_LONG_ONE = 4
TAIL = 0.00135
"""The limits leave out so much on each side: three standard deviations, if counts were normal."""


def date_of(timeline: Timeline, stream: Counted, day: int) -> str:
    """The local date of a day of the stream."""
    return timeline.instant(stream.starts(day) + 1e-6).as_local.date().isoformat()


def chart(timeline: Timeline, stream: Counted, weeks: Weeks) -> list[dict[str, Any]]:
    """One point a week (every four weeks in records of over two years), leaving out those with nothing recorded.

    Rate with its exact interval, per unit of exposure; the centre line and the limits are from the weeks before alone,
    and None while there are too few of them.
    """
    count = len(weeks.before)
    step = 1 if count <= LONGEST_WEEKLY else WEEKS_OF_A_LONG_ONE
    firsts = np.arange(0, count, step)
    noise = dispersion(weeks.parts, firsts)[np.arange(len(firsts)), firsts] if count else np.zeros(0)
    days = [(int(week) * WEEK, min(int(week + step) * WEEK, len(stream.ends))) for week in firsts]
    return [
        _point(timeline, stream, weeks, week=int(week), days=day, noise=float(phi))
        for week, day, phi in zip(firsts, days, noise, strict=True)
        if stream.exposure[day[0] : day[1]].sum() >= LEAST_EXPOSURE
    ]


def _point(
    timeline: Timeline, stream: Counted, weeks: Weeks, *, week: int, days: tuple[int, int], noise: float
) -> dict[str, Any]:
    first, end = days
    count, exposure = float(stream.counts[first:end].sum()), float(stream.exposure[first:end].sum())
    low, high = poisson_interval(count, exposure, LEVEL)
    point: dict[str, Any] = {
        "from": date_of(timeline, stream, first),
        "to": date_of(timeline, stream, end - 1),
        "count": int(count),
        "exposure": exposure,
        "rate": count / exposure,
        "low": low,
        "high": high,
        "centre": None,
        "lower_limit": None,
        "upper_limit": None,
        "outside": None,
    }
    before, base = float(weeks.before[week]), float(weeks.exposed_before[week])
    if weeks.learned[week] >= LEARNING_DAYS and before > 0.0:
        least, most = next_count_limits(before, base, exposure, noise, TAIL)
        outside = "above" if count > most else "below" if count < least else None
        point |= {"centre": before / base, "lower_limit": least / exposure, "upper_limit": most / exposure}
        point["outside"] = outside
    return point


def within_roles(rows: tuple[InRole, ...]) -> list[dict[str, Any]]:
    """Counts, hours and rates per ten hours by role, with exact intervals; no rate where no hours were recorded."""
    told = []
    for row in rows:
        known = row.hours > 0.0
        low, high = poisson_interval(row.count, row.hours, LEVEL) if known else (None, None)
        told.append(
            {
                "role": row.role,
                "count": row.count,
                "hours": row.hours,
                "per_ten_hours": 10.0 * row.count / row.hours if known else None,
                "low": None if low is None else 10.0 * low,
                "high": None if high is None else 10.0 * high,
            }
        )
    return told
