"""The figure of a trial in the field's convention: each day's value, joined within a phase, phases told apart.

Phases of days (AB, ABAB): a dashed line and the arm's name where a phase begins, a level line at its mean. Days that
alternate: one line for each arm, filled and hollow marks. Days left out as washout are drawn small.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from mainstay.quantities import MONTHS
from mainstay.report.explanations_words import begun
from mainstay.report.figure import SHAPES, Spec, nice_ticks, text_width
from mainstay.report.futures_plot import Plot, figure_of, layout_of
from mainstay.trials.kinds import WASHOUT, Floats, Observed, Schedule

HEIGHT, NARROW_HEIGHT = 270.0, 220.0
SHOWN_BEFORE = 28
LONGEST_ALTERNATING = 4
"""Phases whose middle length is no longer than this, in days, are drawn as one line for each arm."""


def trial_figure(schedule: Schedule, observed: Observed, name: str, width: int, *, title: str = "") -> Spec:
    """Each day's value by the arm it was drawn for, with up to four weeks before. `name`: of the outcome."""
    layout = layout_of(width, left=44, right=24)
    values = observed.by_day(schedule.days)
    before_at, before = _before(observed)
    low, high = _ends(values, before, observed)
    height = NARROW_HEIGHT if layout.narrow else HEIGHT
    plot = Plot(layout, (float(min([*before_at.tolist(), 0.0])) - 0.5, schedule.days - 0.5), (low, high), height)
    layers = plot.grid(nice_ticks(low, high, 6))
    if len(before):
        layers.append(plot.line(before_at.tolist(), before.tolist(), {"color": plot.palette.quiet, "strokeWidth": 1.2}))
        layers.append(plot.dots(before_at.tolist(), before.tolist(), {"size": 22, "color": plot.palette.quiet}))
        layers.append(plot.upright(-0.5, colour=plot.palette.ink, width=1.4))
    starts = _starts(schedule.arm)
    alternating = len(starts) > 2 and np.median(np.diff([*starts, schedule.days])) <= LONGEST_ALTERNATING
    layers += _by_arm(plot, schedule, values) if alternating else _by_phase(plot, schedule, values, starts)
    panels = [plot.panel(layers), _dates(plot, schedule)]
    if alternating:
        panels.insert(0, _key(plot, schedule))
    else:
        panels.insert(0, _names(plot, schedule, starts))
    said = f"{begun(name)} on each day of the trial, {observed.unit}, by what the day was drawn for."
    return figure_of(panels, layout, title, said)


def _before(observed: Observed) -> tuple[Floats, Floats]:
    """The daily means of the last weeks before the trial, at the middle of each day; days without any are left out."""
    day = np.floor(observed.before).astype(np.int64) + SHOWN_BEFORE
    inside = day >= 0
    count = np.bincount(day[inside], minlength=SHOWN_BEFORE)
    total = np.bincount(day[inside], observed.before_value[inside], SHOWN_BEFORE)
    there = count > 0
    return (np.flatnonzero(there) - SHOWN_BEFORE).astype(np.float64), total[there] / count[there]


def _ends(values: Floats, before: Floats, observed: Observed) -> tuple[float, float]:
    every = np.concatenate([values[np.isfinite(values)], before])
    if observed.low is not None and observed.high is not None:
        return observed.low, observed.high
    low, high = (float(every.min()), float(every.max())) if len(every) else (0.0, 1.0)
    margin = 0.08 * max(high - low, 1e-6)
    return (0.0 if low >= 0.0 and low < 0.3 * high else low - margin), high + margin


def _starts(arm: NDArray[np.int64]) -> list[int]:
    """The first day of each phase: of each run of days with the same arm."""
    return [0, *(np.flatnonzero(np.diff(arm)) + 1).tolist()]


def _by_phase(plot: Plot, schedule: Schedule, values: Floats, starts: list[int]) -> list[Spec]:
    layers: list[Spec] = []
    ends = [*starts[1:], schedule.days]
    for start, end in zip(starts, ends, strict=True):
        days = np.arange(start, end)
        seen = days[np.isfinite(values[start:end])]
        kept = seen[schedule.analysed[seen] != WASHOUT]
        if start:
            layers.append(plot.upright(start - 0.5, colour=plot.palette.ink, dash=(5, 4)))
        if len(kept):
            mean = float(values[kept].mean())
            layers.append(
                plot.line(
                    [start - 0.4, end - 0.6], [mean, mean], {"color": plot.palette.strain_fine, "strokeWidth": 2.2}
                )
            )
        if len(seen):
            layers.append(
                plot.line(seen.tolist(), values[seen].tolist(), {"color": plot.palette.ink, "strokeWidth": 1.3})
            )
            sizes = {"size": 34, "color": plot.palette.ink, "shape": SHAPES[0]}
            layers.append(plot.dots(kept.tolist(), values[kept].tolist(), sizes))
            out = seen[schedule.analysed[seen] == WASHOUT]
            layers.append(
                plot.dots(out.tolist(), values[out].tolist(), {**sizes, "size": 12, "color": plot.palette.quiet})
            )
    return layers


def _by_arm(plot: Plot, schedule: Schedule, values: Floats) -> list[Spec]:
    layers: list[Spec] = []
    for index in range(len(schedule.arms)):
        days = np.flatnonzero((schedule.analysed == index) & np.isfinite(values))
        if not len(days):
            continue
        colour = _colour(plot, index)
        mean = float(values[days].mean())
        reach = [-0.4, schedule.days - 0.6]
        layers.append(plot.line(reach, [mean, mean], {"color": colour, "strokeWidth": 1.6, "strokeDash": [2, 3]}))
        layers.append(
            plot.line(days.tolist(), values[days].tolist(), {"color": colour, "strokeWidth": 1.2, "opacity": 0.75})
        )
        layers.append(plot.dots(days.tolist(), values[days].tolist(), _mark(plot, index)))
    out = np.flatnonzero((schedule.analysed == WASHOUT) & np.isfinite(values))
    if len(out):
        layers.append(plot.dots(out.tolist(), values[out].tolist(), {"size": 12, "color": plot.palette.quiet}))
    return layers


def _colour(plot: Plot, index: int) -> str:
    return plot.palette.quiet if index == 0 else plot.palette.refuges[(index - 1) % len(plot.palette.refuges)]


def _mark(plot: Plot, index: int) -> Spec:
    colour = _colour(plot, index)
    fill = plot.palette.paper if index == 0 else colour
    return {"size": 46, "shape": SHAPES[index % len(SHAPES)], "fill": fill, "stroke": colour, "strokeWidth": 1.4}


def _names(plot: Plot, schedule: Schedule, starts: list[int]) -> Spec:
    """The arm above each phase; only letters, with what they stand for over them, where a name has no room."""
    ends = [*starts[1:], schedule.days]
    size = plot.layout.small
    names = {int(schedule.arm[start]) for start in starts}
    wide = {arm: schedule.arms[arm] for arm in names}
    room = min(plot.x(end) - plot.x(start) for start, end in zip(starts, ends, strict=True))
    letters = any(text_width(name, size) > room - 6 for name in wide.values())
    shown = {arm: "ABCDEF"[arm] for arm in wide} if letters else wide
    line = size * 1.6
    told = [f"{shown[arm]}: {name}" for arm, name in sorted(wide.items())] if letters else []
    strip = Plot(plot.layout, plot.across, (0, 1), line * (len(told) + 1) + 2)
    layers: list[Spec] = []
    for k, words in enumerate(told):
        layers += strip.words(words, 0, line * (k + 0.5), quiet=False)
    for start, end in zip(starts, ends, strict=True):
        if not letters or strip.x(end) - strip.x(start) >= size:
            middle = strip.x((start + end - 1) / 2.0)
            layers += strip.words(shown[int(schedule.arm[start])], middle, strip.height - line / 2, align="center")
    return strip.panel(layers)


def _key(plot: Plot, schedule: Schedule) -> Spec:
    """Which mark is which arm."""
    line = plot.layout.small * 1.6
    strip = Plot(plot.layout, (0, 1), (0, 1), line * len(schedule.arms))
    layers: list[Spec] = []
    for index, name in enumerate(schedule.arms):
        at = line * (index + 0.5)
        look = {"type": "point", "x": 6, "y": at, "opacity": 1, "filled": True, **_mark(plot, index)}
        layers.append({"data": {"values": [{}]}, "mark": look})
        layers += strip.words(name, 18, at, quiet=False)
    return strip.panel(layers)


def _dates(plot: Plot, schedule: Schedule) -> Spec:
    """Dates under the first day of about every fourth part."""
    foot = Plot(plot.layout, plot.across, (0, 1), 26)
    step = max(7, 7 * round(schedule.days / (4 if plot.layout.narrow else 7) / 7))
    layers: list[Spec] = []
    for day in range(0, schedule.days, step):
        layers += foot.under(_short(schedule.start + dt.timedelta(days=day)), float(day), 12)
    return foot.panel(layers)


def _short(day: dt.date) -> str:
    return f"{day.day} {MONTHS[day.month - 1][:3]}"
