"""The lanes under the strain: acts of relief, demands, hours in each role, and how much was recorded."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mainstay.report import picture_data as data
from mainstay.report.figure import (
    SHAPE_AREA,
    SHAPES,
    DateTick,
    Layout,
    Palette,
    Spec,
    across,
    label_lines,
    panel,
    rows,
    shortened,
    text_width,
    up,
    words_at,
)  # fmt: skip
from mainstay.report.words import number, percent
from mainstay.timeline.kinds import Floats, Timeline

MOST_LANES = 5
MARK_GAP = 0.8


@dataclass(frozen=True, slots=True)
class Sheet:
    """What every panel needs to know: the record, its span in whole days, the layout, the colours, the date ticks."""

    timeline: Timeline
    layout: Layout
    palette: Palette
    days: float
    ticks: tuple[DateTick, ...]

    @property
    def days_a_pixel(self) -> float:
        """How much time one pixel of width stands for."""
        return self.days / self.layout.plot


def ground(page: Sheet, height: float) -> list[Spec]:
    """What lies behind every panel: stretches without records, shaded, and hairlines at the dates."""
    gaps = [gap for gap in page.timeline.gaps if gap.start < page.days]
    # a gap narrower than two pixels would vanish: it is drawn two pixels wide
    least = 2 * page.days_a_pixel
    starts = [max(gap.start, 0.0) for gap in gaps]
    ends = [min(max(gap.end, gap.start + least), page.days) for gap in gaps]
    # invisible, from edge to edge: it makes every sheet as wide as asked, whatever stands on it
    bounds = {"x": -page.layout.left, "x2": page.layout.plot + page.layout.right, "y": 0, "y2": height}
    edge: Spec = {"mark": {"type": "rect", "color": page.palette.paper, "opacity": 0, **bounds}}
    edge["data"] = {"values": [{}]}
    layers: list[Spec] = [edge]
    if gaps:
        shade = {"type": "rect", "color": page.palette.gap, "y": 0, "y2": height}
        layers.append({"data": rows(day=starts, end=ends), "mark": shade,
                       "encoding": {"x": across(page.days), "x2": {"field": "end"}}})  # fmt: skip
    rule = {"type": "rule", "color": page.palette.hair, "strokeWidth": 1, "y": 0, "y2": height}
    layers.append({"data": rows(day=[tick.day for tick in page.ticks]), "mark": rule,
                   "encoding": {"x": across(page.days)}})  # fmt: skip
    return layers


def heading(page: Sheet, text: str, note: str = "") -> Spec:
    """The name of a group of lanes, in a strip of its own."""
    layout, height = page.layout, 30.0
    layers = ground(page, height)
    layers += words_at(text, -layout.left, height - 10, colour=page.palette.ink, size=layout.body, bold=True,
                       halo=page.palette.paper)  # fmt: skip
    if note:
        shift = text_width(text, layout.body, bold=True) + 10
        layers += words_at(note, shift - layout.left, height - 10, colour=page.palette.quiet, size=layout.small,
                           halo=page.palette.paper)  # fmt: skip
    return panel(layers, layout, height)


def lane(page: Sheet, label: str, summary: str, layers: list[Spec], height: float) -> list[Spec]:
    """One lane with its label and summary: beside the plot when wide, above the lane when narrow."""
    layout, palette = page.layout, page.palette
    if not layout.narrow:
        lines = label_lines(label, layout.body, layout.left - 12, 2 if height >= 36 else 1)
        foot = height - 9
        top = foot - (len(lines) - 1) * layout.body * 1.2
        text: list[Spec] = []
        for i, line in enumerate(lines):
            text += words_at(line, -layout.left, top + i * layout.body * 1.2, colour=palette.ink, size=layout.body)
        text += words_at(summary, layout.plot + 12, foot, colour=palette.quiet, size=layout.small)
        return [panel([*ground(page, height), *layers, *text], layout, height)]
    name = shortened(label, layout.body, layout.width - text_width(summary, layout.small) - 40)
    strip = ground(page, 18)
    strip += words_at(name, -layout.left, 10, colour=palette.ink, size=layout.body, halo=palette.paper)
    strip += words_at(summary, layout.plot, 10, colour=palette.quiet, size=layout.small, align="right",
                      halo=palette.paper)  # fmt: skip
    return [panel(strip, layout, 18), panel([*ground(page, height), *layers], layout, height)]


def relief_panels(page: Sheet) -> list[Spec]:
    """Acts of relief by kind: each kind a shape and a colour of its own."""
    lanes = data.event_lanes(page.timeline.of_events("relief"), MOST_LANES)
    colours = page.palette.refuges
    looks = [
        {"shape": SHAPES[i % len(SHAPES)], "color": colours[i % len(colours)], "filled": True, "strokeWidth": 0}
        for i in range(len(lanes))
    ]
    return event_panels(page, "Relief sought", lanes, looks, widest=7.5, highest=120)


def demand_panels(page: Sheet) -> list[Spec]:
    """Demands by kind: small squares, so that what presses does not look like what relieves."""
    lanes = data.event_lanes(page.timeline.of_events("demand"), MOST_LANES)
    looks = [{"shape": "square", "color": page.palette.demand, "filled": True, "strokeWidth": 0} for _ in lanes]
    return event_panels(page, "Demands", lanes, looks, widest=4.5, highest=50)


def event_panels(
    page: Sheet, title: str, lanes: list[data.Lane], looks: list[Spec], *, widest: float, highest: float
) -> list[Spec]:
    """Lanes of events: a mark for each in columns of equal time; where a column would be too high, bars for counts."""
    if not lanes:
        return []
    column = data.column_days_for(page.days, page.layout.plot)
    size = min(widest, column / page.days_a_pixel * 0.8)
    tallest = max(data.crowd(events.times, column) for events in lanes) * (size + MARK_GAP)
    if tallest <= highest and size >= 3:
        panels = [heading(page, title, f"one mark each time, stacked by {span_words(column)}")]
        for events, look in zip(lanes, looks, strict=True):
            panels += marks_lane(page, events, look, size=size, column=column)
        return panels
    edges = data.bin_edges(page.days, column)
    counts = [np.histogram(events.times, edges)[0] / np.diff(edges) * column for events in lanes]
    top = max(float(count.max()) for count in counts)
    panels = [heading(page, title, f"bars: times by {span_words(column)}, at most {number(top, 0)}")]
    for events, look, count in zip(lanes, looks, counts, strict=True):
        drawn = bars(page, edges[:-1], edges[1:], count, top=top, height=24, colour=str(look["color"]))
        panels += lane(page, events.label, how_often(events), [drawn], 30)
    return panels


def marks_lane(page: Sheet, events: data.Lane, look: Spec, *, size: float, column: float) -> list[Spec]:
    """A mark for each event, `size` pixels wide, in columns `column` days wide."""
    pitch = size + MARK_GAP
    height = math.ceil(data.crowd(events.times, column) * pitch + 12)
    middles, level = data.stacked(events.times, column)
    place = height - 6 - (level + 0.5) * pitch
    layer = {
        "data": rows(day=np.minimum(middles, page.days).tolist(), y=place.tolist()),
        "mark": {"type": "point", "size": size**2 * SHAPE_AREA[str(look["shape"])], "opacity": 1, **look},
        "encoding": {"x": across(page.days), "y": up("y", height, 0)},
    }
    return lane(page, events.label, how_often(events), [layer], height)


def how_often(events: data.Lane) -> str:
    """How many times in all."""
    return "once" if len(events.times) == 1 else f"{len(events.times):,} times"


def span_words(days: float) -> str:
    """A column's length: "hour", "day", "week", "2 weeks"."""
    for size, name in ((7.0, "week"), (1.0, "day"), (1 / 24, "hour")):
        if days > size * 0.999 and abs(days / size - round(days / size)) < 1e-6:
            count = round(days / size)
            return name if count == 1 else f"{count} {name}s"
    return f"{number(days)} days"


def bars(
    page: Sheet, starts: Floats, ends: Floats, values: Floats, *, top: float, height: float, colour: str,
    apart: float = 1.0, foot: float = 3.0,
) -> Spec:  # fmt: skip
    """Bars in a lane whose panel is six pixels higher than `height`: `top` fills it; `apart` pixels between bars and
    `foot` pixels below them."""
    inset = min(apart / 2 * page.days_a_pixel, float((ends - starts).min()) / 4)
    shown = values > 0
    ground_line = height + 6.0 - foot
    # a bar that stands for something is never thinner than a pixel and a half
    tips = ground_line - np.maximum(values[shown] / top * height, 1.5) if top > 0 else np.zeros(0)
    table = rows(day=(starts[shown] + inset).tolist(), end=(ends[shown] - inset).tolist(), y=tips.tolist())
    encoding = {
        "x": across(page.days),
        "x2": {"field": "end"},
        "y": up("y", height + 6, 0),
        "y2": {"datum": ground_line},
    }
    return {"data": table, "mark": {"type": "rect", "color": colour}, "encoding": encoding}


def role_panels(page: Sheet) -> list[Spec]:
    """Hours in each role: the stretches themselves where they can be told apart, else hours a week as bars."""
    each = page.layout.plot / page.days >= 16
    size = data.column_days_for(page.days, page.layout.plot)
    lanes = data.role_lanes(page.timeline, page.days, max(size, 7.0) if page.days > 21 else size, MOST_LANES)
    if not lanes:
        return []
    top = max(float(role.hours_a_week.max()) for role in lanes)
    note = "each stretch" if each else f"bars: hours a week, the tallest {number(top, 0)}"
    panels = [heading(page, "Roles", note)]
    plain = 0
    for role in lanes:
        colour = page.palette.oneself if role.is_self else page.palette.roles[plain % len(page.palette.roles)]
        plain += not role.is_self
        height = 24 if each else 30
        if each:
            drawn = spans(page, role.spans, height, colour)
        else:
            drawn = bars(page, role.starts, role.ends, role.hours_a_week, top=top, height=height - 6, colour=colour,
                         apart=0)  # fmt: skip
        layers = [track(page, height, colour), drawn]
        panels += lane(page, role.label, f"{number(role.mean_hours_a_week)} h a week", layers, height)
    return panels


def track(page: Sheet, height: float, colour: str) -> Spec:
    """The pale lane in which a role's hours stand."""
    mark = {"type": "rect", "color": colour, "opacity": 0.16, "x": 0, "x2": page.layout.plot, "y": 4, "y2": height - 3}
    return {"data": {"values": [{}]}, "mark": mark}


def spans(page: Sheet, stretches: list[tuple[float, float]], height: float, colour: str) -> Spec:
    """Each stretch as a block that fills the lane."""
    table = rows(day=[start for start, _ in stretches], end=[end for _, end in stretches])
    mark = {"type": "rect", "color": colour, "y": 4, "y2": height - 3}
    return {"data": table, "mark": mark, "encoding": {"x": across(page.days), "x2": {"field": "end"}}}


def record_panels(page: Sheet) -> list[Spec]:
    """How much was recorded: check-ins a day, and, where it was logged, the share of what happened that was kept."""
    timeline, colour = page.timeline, page.palette.record
    size = data.column_days_for(page.days, page.layout.plot)
    edges = data.bin_edges(page.days, size)
    often = data.check_ins_a_day(timeline, edges)
    panels: list[Spec] = []
    if often.max(initial=0.0) > 0:
        mean = float((often * np.diff(edges)).sum() / page.days)
        drawn = bars(page, edges[:-1], edges[1:], often, top=float(often.max()), height=14, colour=colour)
        panels += lane(page, "check-ins", f"{number(mean)} a day", [drawn], 20)
    for label in sorted(timeline.recording)[:MOST_LANES]:
        steps = timeline.recording[label]
        inside = steps.edges[:-1] < page.days
        starts, ends = steps.edges[:-1][inside], np.minimum(steps.edges[1:][inside], page.days)
        kept = steps.intensity[inside]
        share = float((kept * (ends - starts)).sum() / max((ends - starts).sum(), 1e-9))
        drawn = bars(page, starts, ends, kept, top=1.0, height=16, colour=colour, apart=0)
        name = f"share of “{label}”" if label else "share written down"
        panels += lane(page, name, f"about {percent(share)}", [track(page, 22, colour), drawn], 22)
    return [heading(page, "On record", "how much was recorded"), *panels] if panels else []
