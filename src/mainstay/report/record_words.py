"""The record in words: streams with their first and last day, answers by week, gaps with reasons."""

from __future__ import annotations

import datetime as dt
import textwrap

import numpy as np

from mainstay.report.picture_data import shown_days
from mainstay.report.record_data import Asked, asked_by_day, asked_by_week
from mainstay.report.words import clean, counted, percent
from mainstay.timeline.kinds import Timeline
from mainstay.timeline.streams import StreamDays

WEEK_CELL = 29
NAMED_GAPS = 20


def stream_table(timeline: Timeline, streams: tuple[StreamDays, ...]) -> tuple[list[str], list[list[str]]]:
    """Column names and rows: source, stream, records, first and last day, days with anything."""
    rows = []
    for one in streams:
        ends = [_day(timeline, int(one.days[i])) for i in (0, -1)] if len(one.days) else ["", ""]
        days = f"{len(one.days):,}" if len(one.days) else ""
        rows.append([clean(", ".join(one.sources)), clean(one.name), f"{one.records:,}", *ends, days])
    return ["source", "stream", "records", "first day", "last day", "days"], rows


def week_table(timeline: Timeline) -> tuple[list[str], list[list[str]]]:
    """Column names and rows: week (its Monday, or the first day), prompts asked and answered, the share answered."""
    weekly = _weekly(timeline)
    if weekly is None or weekly.what != "prompts":
        return ["week from", "asked", "answered", "share"], []
    rows = [
        [_day(timeline, int(start)), f"{sent}", f"{answered}", percent(min(answered / sent, 1.0)) if sent else ""]
        for start, sent, answered in zip(weekly.starts, weekly.sent, weekly.answered, strict=True)
    ]
    return ["week from", "asked", "answered", "share"], rows


def gap_table(timeline: Timeline) -> tuple[list[str], list[list[str]]]:
    """Column names and rows: from, to, how many days, why."""
    rows = [
        [
            f"{timeline.instant(gap.start).as_local:%Y-%m-%d %H:%M}",
            f"{timeline.instant(gap.end).as_local:%Y-%m-%d %H:%M}",
            f"{gap.end - gap.start:.1f}",
            clean(gap.reason),
        ]
        for gap in timeline.gaps
    ]
    return ["from", "to", "days", "why"], rows


def record_lines(title: str, timeline: Timeline, streams: tuple[StreamDays, ...], *, width: int) -> str:
    """The whole in words for a terminal or a pipe."""
    last = timeline.instant(max(timeline.days - 1e-6, 0.0))
    parts = [
        clean(title),
        "",
        *textwrap.wrap(
            f"On record from {timeline.origin.as_local:%Y-%m-%d} to {last.as_local:%Y-%m-%d}: "
            f"{counted(int(shown_days(timeline)), 'day')}, as of {timeline.as_of.as_local:%Y-%m-%d}.",
            width,
        ),
        *_left_out(timeline, width),
        "",
        "Streams",
        *_columns(*stream_table(timeline, streams), right={2, 5}),
        "",
        *_answers(timeline, width),
        *_written(timeline, width),
        *_gaps(timeline, width),
    ]
    return "\n".join(line.rstrip() for line in parts) + "\n"


def _left_out(timeline: Timeline, width: int) -> list[str]:
    if not timeline.left_out:
        return []
    return textwrap.wrap(f"Left out, for want of consent: {clean(', '.join(timeline.left_out))}.", width)


def _weekly(timeline: Timeline) -> Asked | None:
    daily = asked_by_day(timeline, int(shown_days(timeline)))
    return None if daily is None else asked_by_week(daily, timeline.origin.as_local.weekday())


def _answers(timeline: Timeline, width: int) -> list[str]:
    weekly = _weekly(timeline)
    if weekly is None:
        return ["Nothing was asked or checked in.", ""]
    answered, sent = int(weekly.answered.sum()), int(weekly.sent.sum())
    if weekly.what != "prompts":
        said = f"{counted(answered, 'check-in')}. No prompts are on record, so how many were missed is not known."
        return [*textwrap.wrap(said, width), ""]
    cells = [
        f"{week} {int(done):>3} of {int(asked):<3} {share:>5}"
        for (week, asked, done, share) in week_table(timeline)[1]
        if int(asked)
    ]
    across = max(1, width // WEEK_CELL)
    down = -(-len(cells) // across)
    rows = ["  ".join(f"{cell:<{WEEK_CELL - 2}}" for cell in cells[i::down]) for i in range(down)]
    return [f"Answered, by week ({answered:,} of {sent:,} prompts, {percent(min(answered / sent, 1.0))})", *rows, ""]


def _written(timeline: Timeline, width: int) -> list[str]:
    """How fully things were written down, by what was said of it."""
    if not timeline.recording:
        said = "How fully things were written down was never stated ([[coverage]] in a mapping does that)."
        return [*textwrap.wrap(said, width), ""]
    lines = ["How fully things were written down, as stated"]
    for label, steps in sorted(timeline.recording.items()):
        lengths = np.diff(steps.edges)
        mean = float((steps.intensity * lengths).sum() / max(lengths.sum(), 1e-9))
        low, high = float(steps.intensity.min()), float(steps.intensity.max())
        between = f", between {percent(low)} and {percent(high)}" if high - low > 0.005 else ""
        stated = f"; stated for {percent(steps.stated_share)} of the time" if steps.stated_share < 0.995 else ""
        name = f"“{clean(label)}”" if label else "everything"
        lines += textwrap.wrap(f"{name}: about {percent(mean)}{between}{stated}", width)
    return [*lines, ""]


def _gaps(timeline: Timeline, width: int) -> list[str]:
    if not timeline.gaps:
        return ["No gaps of two days or more."]
    names, rows = gap_table(timeline)
    total = sum(gap.end - gap.start for gap in timeline.gaps)
    head = f"Gaps ({counted(len(rows), 'gap')}, {counted(round(total), 'day')} in all)"
    longest = sorted(range(len(rows)), key=lambda i: timeline.gaps[i].start - timeline.gaps[i].end)[:NAMED_GAPS]
    shown = [rows[i] for i in sorted(longest)]
    more = [f"and {len(rows) - len(shown)} shorter ones"] if len(rows) > len(shown) else []
    return [head, *_columns(names, shown, right={2}), *more]


def _columns(names: list[str], rows: list[list[str]], *, right: set[int]) -> list[str]:
    """A plain table: columns as wide as their widest cell, numbers to the right."""
    widths = [max(len(row[j]) for row in [names, *rows]) for j in range(len(names))]

    def line(row: list[str]) -> str:
        cells = [
            f"{cell:>{w}}" if j in right else f"{cell:<{w}}"
            for j, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        return "  ".join(cells)

    return [line(names), *(line(row) for row in rows)]


def _day(timeline: Timeline, day: int) -> str:
    return (timeline.origin.as_local.date() + dt.timedelta(days=day)).isoformat()
