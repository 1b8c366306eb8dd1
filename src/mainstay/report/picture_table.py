"""What the picture shows, as a table: for readers who can't see it, and for those who want the numbers."""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from mainstay.report import picture_data as data
from mainstay.report.words import number
from mainstay.strain.posterior import Curves
from mainstay.timeline.kinds import Floats, Timeline

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MOST_COLUMNS = 4


def picture_table(timeline: Timeline, curves: Curves | None) -> tuple[list[str], list[list[str]]]:
    """Column names and rows, by month (by week below 13 weeks): strain, threshold, acts, demands, hours, check-ins.

    An empty cell means that nothing is known for that stretch, which is not zero.
    """
    days = data.shown_days(timeline)
    edges, names = _stretches(timeline.origin.as_local.date(), days)
    columns: list[tuple[str, list[str]]] = [("from" if days < 91 else "month", names)]
    if curves is not None:
        columns += _strain_columns(curves, edges)
    for is_ in ("relief", "demand"):
        for lane in data.event_lanes(timeline.of_events("relief" if is_ == "relief" else "demand"), MOST_COLUMNS):
            counts = np.histogram(lane.times, edges)[0]
            columns.append((f"{lane.label} ({is_}), times", [str(count) for count in counts]))
    for role in data.role_lanes(timeline, days, 1.0, MOST_COLUMNS):
        hours = np.histogram(role.starts, edges, weights=role.hours_a_week * (role.ends - role.starts) / 7.0)[0]
        columns.append((f"{role.label}, hours", [number(hour, 0) for hour in hours]))
    often = data.check_ins_a_day(timeline, edges) * np.diff(edges)
    columns.append(("check-ins", [number(count, 0) for count in often]))
    return [name for name, _ in columns], [list(row) for row in zip(*(cells for _, cells in columns), strict=True)]


def _strain_columns(curves: Curves, edges: Floats) -> list[tuple[str, list[str]]]:
    known = ~curves.unknown
    columns = [(f"strain, mean, {curves.unit}", _means(curves.times, curves.strain, edges, known))]
    if curves.threshold is not None:
        everywhere = np.ones_like(known)
        above = (curves.strain > curves.threshold).astype(np.float64) * 100
        columns.append(("threshold, mean", _means(curves.times, curves.threshold, edges, everywhere)))
        columns.append(("time above it, %", _means(curves.times, above, edges, known, decimals=0)))
    return columns


def _means(
    times: Floats, values: Floats, edges: Floats, use: NDArray[np.bool_], decimals: int | None = None
) -> list[str]:
    counts = np.histogram(times[use], edges)[0]
    sums = np.histogram(times[use], edges, weights=values[use])[0]
    return [number(total / count, decimals) if count else "" for total, count in zip(sums, counts, strict=True)]


def _stretches(first: dt.date, days: float) -> tuple[Floats, list[str]]:
    """The edges (days) of months or weeks over the whole, and their names."""
    if days < 91:
        starts = np.arange(0.0, days, 7.0)
        dates = [first + dt.timedelta(days=int(start)) for start in starts]
        return np.append(starts, days), [f"{d.day} {_MONTHS[d.month - 1]} {d.year}" for d in dates]
    last = first + dt.timedelta(days=int(days) - 1)
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    begins = [max((dt.date(m // 12, m % 12 + 1, 1) - first).days, 0) for m in months]
    return np.append(np.array(begins, dtype=np.float64), days), [f"{_MONTHS[m % 12]} {m // 12}" for m in months]
