"""Slips (S6) on a rate chart: weeks with exact intervals, between limits known before; harm to others apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mainstay.notice.slips_counts import HARM, TOGETHER, slips_of
from mainstay.quantities import Answer, CannotSay, Finding
from mainstay.records.logged import HARM as HARM_TAG
from mainstay.report.figure import SHAPE_AREA, Spec, nice_ticks, rows, up
from mainstay.report.notice_data import Shift, day_in, day_of, number_in
from mainstay.report.notice_lanes import (
    SHIFT_ROOM,
    Words,
    axis,
    missing_words,
    refusal,
    shift_mark,
    shift_words,
    tick_words,
    told_lane,
)
from mainstay.report.picture_data import stacked
from mainstay.report.picture_lanes import Sheet, heading, lane
from mainstay.report.picture_strain import Pane
from mainstay.report.words import number
from mainstay.timeline.kinds import Floats, Timeline

TITLE = "Slips"
HEIGHT, PHONE_HEIGHT = 104.0, 92.0
MOST_CHARTS = 3
LEAST_PITCH = 5.0
"""Intervals are drawn where points are at least so many pixels apart: closer, they would be one shading."""
HARM_MARK = 8.0
PER = {"days": (7.0, "a week"), "hours": (10.0, "in ten hours")}
"""The first word of the unit of exposure: what a rate is multiplied by to be read, and how it is then called."""


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """Points (n,): starts and ends in days, rates with intervals, and what was known before (NaN: nothing)."""

    starts: Floats
    ends: Floats
    count: Floats
    rate: Floats
    low: Floats
    high: Floats
    centre: Floats
    lower: Floats
    upper: Floats


def slip_panels(page: Sheet, answers: Sequence[Answer]) -> list[Spec]:
    """The chart of all slips together and of each kind that changed; harm to others in a lane of its own."""
    panels: list[Spec] = []
    for answer in _charted(answers):
        drawn = _chart_pane(page, answer)
        panels += drawn or ([refusal(page, answer)] if isinstance(answer, CannotSay) else [])
    panels += [one for answer in answers if answer.about == HARM for one in _harm_lane(page, answer)]
    return [heading(page, TITLE), *panels] if panels else []


def charted_words(page: Sheet, answers: Sequence[Answer]) -> list[str]:
    """What the marks of the chart mean; nothing where none is drawn."""
    if not any(_chart_pane(page, answer) for answer in _charted(answers)):
        return []
    return [
        "Slips: a point for each stretch, with its 90 % interval where there is room; the band is where it would lie "
        "by what was known before it, if nothing changed (the line: its middle). A point outside it, drawn as a "
        "triangle, is no alarm by itself."
    ]


def _charted(answers: Sequence[Answer]) -> list[Answer]:
    kinds = [answer for answer in answers if answer.about != HARM]
    whole = [answer for answer in kinds if answer.about == TOGETHER]
    parts = [answer for answer in kinds if answer.about != TOGETHER]
    changed = [answer for answer in parts if answer.status == "found"]
    return [*whole, *changed][:MOST_CHARTS] if whole else parts[:1]


def _chart_of(timeline: Timeline, detail: Mapping[str, Any]) -> Chart | None:
    table = detail.get("chart")
    if not isinstance(table, list | tuple):
        return None
    columns: list[list[float]] = []
    for point in table:
        if not isinstance(point, Mapping):
            return None
        ends = [day_in(timeline, point, name) for name in ("from", "to")]
        told = [number_in(point, name) for name in ("count", "rate", "low", "high")]
        known = [number_in(point, name) for name in ("centre", "lower_limit", "upper_limit")]
        if any(one is None for one in (*ends, *told)):
            return None
        known = known if all(one is not None for one in known) else [float("nan")] * 3
        columns.append([float(one) for one in (*ends, *told, *known) if one is not None])
    if not columns:
        return None
    start, end, *rest = (np.array(column) for column in zip(*columns, strict=True))
    return Chart(start, end + 1.0, *rest)


def _per(detail: Mapping[str, Any]) -> tuple[float, str] | None:
    unit = detail.get("exposure_unit")
    return PER.get(unit.split(" ", 1)[0]) if isinstance(unit, str) else None


def _chart_pane(page: Sheet, answer: Answer) -> list[Spec]:
    chart, per = _chart_of(page.timeline, answer.detail), _per(answer.detail)
    if chart is None or per is None:
        return []
    scale, words = per
    shift = _shift(page.timeline, answer)
    height = PHONE_HEIGHT if page.layout.narrow else HEIGHT
    limits = scale * chart.upper[np.isfinite(chart.upper)]
    top = max(float(scale * chart.rate.max()), float(np.median(limits)) if len(limits) else 0.0, 1e-9) * 1.12
    room = top * SHIFT_ROOM / (height - SHIFT_ROOM) if shift else 0.0
    pane = Pane(page, -0.05 * top, top + room, height)
    layers = axis(pane, [(value, tick_words(value)) for value in nice_ticks(0.0, top, 4)])
    layers += [*_limits(pane, chart, scale, top), *_points(pane, chart, scale, top)]
    layers += shift_mark(page, shift) if shift else []
    told = tuple(_beside(page.timeline, answer, shift))
    return told_lane(page, height, Words(answer.about, told, _under(answer.detail, words)), layers)


def _under(detail: Mapping[str, Any], words: str) -> str:
    unit = str(detail["exposure_unit"])
    return f"times {words}" if unit == "days" else f"times {words}{unit.removeprefix('hours')}"


def _limits(pane: Pane, chart: Chart, scale: float, top: float) -> list[Spec]:
    """The band known before each point, cut at `top`, and its middle."""
    known = np.isfinite(chart.upper)
    if not known.any():
        return []
    palette = pane.page.palette
    ends = np.minimum(chart.ends, pane.page.days)
    low, middle, high = (
        np.clip(scale * one[known], 0.0, top).tolist() for one in (chart.lower, chart.centre, chart.upper)
    )
    table = rows(day=chart.starts[known].tolist(), end=ends[known].tolist(), low=low, value=middle, high=high)
    across_it = {"x": pane.place()["x"], "x2": {"field": "end"}}
    band = {"y": up("high", pane.low, pane.high), "y2": {"field": "low"}}
    line = {"y": up("value", pane.low, pane.high), "y2": {"field": "value"}}
    return [
        {"data": table, "mark": {"type": "rect", "color": palette.strain_band}, "encoding": {**across_it, **band}},
        {"data": table, "mark": {"type": "rule", "color": palette.strain, "strokeWidth": 1.4},
         "encoding": {**across_it, **line}},
    ]  # fmt: skip


def _points(pane: Pane, chart: Chart, scale: float, top: float) -> list[Spec]:
    palette = pane.page.palette
    day = np.minimum((chart.starts + chart.ends) / 2, pane.page.days)
    low, high = (np.clip(scale * one, 0.0, top) for one in (chart.low, chart.high))
    bars = {
        "data": rows(day=day.tolist(), low=low.tolist(), high=high.tolist()),
        "mark": {"type": "rule", "color": palette.strain_fine, "strokeWidth": 0.9, "opacity": 0.55},
        "encoding": {"x": pane.place()["x"], "y": up("high", pane.low, pane.high), "y2": {"field": "low"}},
    }
    with np.errstate(invalid="ignore"):
        above, below = chart.rate > chart.upper, chart.rate < chart.lower
    pitch = float(np.median(np.diff(day))) / pane.page.days_a_pixel if len(day) > 1 else LEAST_PITCH
    layers: list[Spec] = [bars] if pitch >= LEAST_PITCH else []
    for shape, wide, chosen in (
        ("circle", 5.5, ~(above | below)),
        ("triangle-up", 8.0, above),
        ("triangle-down", 8.0, below),
    ):
        if chosen.any():
            look = {"shape": shape, "size": wide**2 * SHAPE_AREA[shape], "color": palette.strain, "opacity": 1}
            layers.append(pane.dots(day[chosen], scale * chart.rate[chosen], look))
    return layers


def _shift(timeline: Timeline, answer: Answer) -> Shift | None:
    """Since when slips have become more or fewer, where the answer says so."""
    if not isinstance(answer, Finding) or answer.status != "found":
        return None
    since = day_in(timeline, answer.detail, "since")
    between = answer.detail.get("since_between")
    if since is None or not isinstance(between, list | tuple) or len(between) != 2:
        return None
    first, last = (day_of(timeline, one) for one in between)
    if first is None or last is None:
        return None
    way = "more often" if answer.estimate > 1.0 else "less often"
    return Shift(way, since, first, max(last, first), day_in(timeline, answer.detail, "raised"))


def _beside(timeline: Timeline, answer: Answer, shift: Shift | None) -> list[str]:
    if isinstance(answer, CannotSay):
        return [missing_words(answer)]
    shown = answer.interval
    ratio = f"{number(answer.estimate)} times as often as before ({number(shown.low)} to {number(shown.high)})"
    if shift is not None:
        return [*shift_words(timeline, shift), ratio]
    return ["not twice as often as before", ratio] if answer.status == "not_found" else [ratio]


def _harm_lane(page: Sheet, answer: Answer) -> list[Spec]:
    """A mark of its own shape for each time harm to others was noted; those that would overlap stand on each other."""
    if not isinstance(answer, Finding):
        return []
    noted = answer.detail.get("harm_noted", answer.n)
    if noted == 0:
        return lane(page, HARM, "none noted", [], 24)
    harmed = page.timeline.tagged(HARM_TAG)
    slips = slips_of(page.timeline).events.values()
    times = np.sort([day for one in slips for day, known in zip(one.times, one.ids, strict=True) if known in harmed])
    column = (HARM_MARK + 1.0) * page.days_a_pixel
    level = stacked(times, column)[1]
    height = float(np.ceil((level.max(initial=0) + 1) * (HARM_MARK + 1.0) + 12))
    place = height - 8 - (level + 0.5) * (HARM_MARK + 1.0)
    mark = {"type": "point", "shape": "cross", "filled": True, "size": HARM_MARK**2, "color": page.palette.ink,
            "opacity": 1}  # fmt: skip
    layer = {"data": rows(day=times.tolist(), y=place.tolist()), "mark": mark,
             "encoding": {"x": Pane(page, 0.0, 1.0, height).place()["x"], "y": up("y", height, 0.0)}}  # fmt: skip
    told = "noted once" if noted == 1 else f"noted {noted} times"
    return lane(page, HARM, told, [layer] if len(times) else [], height)
