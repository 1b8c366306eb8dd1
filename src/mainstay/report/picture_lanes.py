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
    edge = {"data": {"values": [{}]}, "mark": {"type": "rect", "opacity": 0, "x": -page.layout.left,
            "x2": page.layout.plot + page.layout.right, "y": 0, "y2": height}}  # fmt: skip
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
        name = shortened(label, layout.body, layout.left - 14)
        baseline = height - 7
        text = words_at(name, -layout.left, baseline, colour=palette.ink, size=layout.body)
        text += words_at(summary, layout.plot + 12, baseline, colour=palette.quiet, size=layout.small)
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
    looks = [
        {"shape": SHAPES[i % len(SHAPES)], "color": page.palette.refuges[i % len(page.palette.refuges)], "filled": True,
         "strokeWidth": 0}
        for i in range(len(lanes))
    ]  # fmt: skip
    return event_panels(page, "Relief sought", lanes, looks, sizes=(6.5, 5.5, 4.5, 3.5),
                        levels=10 if page.layout.narrow else 7)  # fmt: skip


def demand_panels(page: Sheet) -> list[Spec]:
    """Demands by kind: upright ticks."""
    lanes = data.event_lanes(page.timeline.of_events("demand"), MOST_LANES)
    looks = [{"shape": "stroke", "color": page.palette.demand, "angle": 90, "strokeWidth": 1.5} for _ in lanes]
    return event_panels(page, "Demands", lanes, looks, sizes=(3.4, 2.6), levels=5, tall=2.4)


def event_panels(
    page: Sheet, title: str, lanes: list[data.Lane], looks: list[Spec], *, sizes: tuple[float, ...], levels: int,
    tall: float = 1.0,
) -> list[Spec]:  # fmt: skip
    """Lanes of events: a mark for each, stacked where they would touch; where that is too much for any lane, counts."""
    if not lanes:
        return []
    gap = 0.7

    def fits(size: float) -> bool:
        return all(data.crowd(events.times, (size + gap) * page.days_a_pixel) <= levels for events in lanes)

    size = next((size for size in sizes if fits(size)), None)
    if size is not None:
        panels = [heading(page, title, "one mark each time")]
        for events, look in zip(lanes, looks, strict=True):
            panels += marks_lane(page, events, look, size=size, gap=gap, tall=tall)
        return panels
    width = data.bin_days_for(page.days, page.layout.plot, 5)
    edges = data.bin_edges(page.days, width)
    counts = [np.histogram(events.times, edges)[0] / np.diff(edges) * width for events in lanes]
    top = max(float(count.max()) for count in counts)
    panels = [heading(page, title, f"bars: times in {span_words(width)}, the tallest {number(top, 0)}")]
    for events, look, count in zip(lanes, looks, counts, strict=True):
        drawn = bars(page, edges[:-1], edges[1:], count, top=top, height=24, colour=str(look["color"]))
        panels += lane(page, events.label, how_often(events), [drawn], 30)
    return panels


def how_often(events: data.Lane) -> str:
    """How many times in all."""
    return "once" if len(events.times) == 1 else f"{len(events.times):,} times"


def span_words(days: float) -> str:
    """A bin's length: "each day", "each week", "every 4 weeks"."""
    if days < 1:
        return f"every {number(days * 24, 0)} hours"
    if days in (1.0, 7.0):
        return "each day" if days == 1 else "each week"
    return f"every {number(days / 7, 0)} weeks" if days % 7 == 0 else f"every {number(days, 0)} days"


def marks_lane(page: Sheet, events: data.Lane, look: Spec, *, size: float, gap: float, tall: float) -> list[Spec]:
    """A mark for each event, as wide as `size` pixels and `tall` times as high."""
    apart = (size + gap) * page.days_a_pixel
    levels = data.crowd(events.times, apart)
    pitch = size * tall + gap
    height = math.ceil(levels * pitch + 12)
    place = [float(height - 6 - (step + 0.5) * pitch) for step in data.stacked(events.times, apart, levels)]
    area = (size * tall) ** 2 * SHAPE_AREA.get(str(look["shape"]), 1.0)
    layer = {
        "data": rows(day=events.times.tolist(), y=place),
        "mark": {"type": "point", "size": area, "opacity": 1, **look},
        "encoding": {"x": across(page.days), "y": up("y", height, 0)},
    }
    return lane(page, events.label, how_often(events), [layer], height)


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
    size = data.bin_days_for(page.days, page.layout.plot, 5)
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
    size = data.bin_days_for(page.days, page.layout.plot, 5)
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
        drawn = bars(page, starts, ends, kept, top=1.0, height=14, colour=colour)
        panels += lane(page, f"kept of “{label}”" if label else "acts kept", f"{percent(share)} kept", [drawn], 20)
    return [heading(page, "On record", "how much was recorded"), *panels] if panels else []
