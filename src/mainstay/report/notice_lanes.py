"""The lanes of the picture of what is noticed: a panel with its words beside or above it, and the mark of a change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mainstay.quantities import CannotSay, Finding
from mainstay.report.figure import (
    Spec,
    across,
    label_lines,
    panel,
    rows,
    rule_at,
    shortened,
    text_width,
    words_at,
    wrapped,
)  # fmt: skip
from mainstay.report.notice_data import Shift, date_words
from mainstay.report.picture_lanes import Sheet, ground
from mainstay.report.picture_strain import Pane
from mainstay.report.words import claim_of, clean, number
from mainstay.timeline.kinds import Floats, Timeline

TICK_ROOM = 40
"""Pixels kept for the numbers left of a wide plot."""
LANE_GAP = 12.0
WIDE_BAR, BETWEEN_WIDE = 16.0, 0.12
"""Bars wider than so many pixels leave this share of their stretch free on either side."""
SHIFT_ROOM = 14.0
"""Pixels at the top of a panel in which the mark of a change stands."""


def axis(pane: Pane, ticks: Sequence[tuple[float, str]]) -> list[Spec]:
    """At each tick a hairline with its words left of it."""
    palette, layout = pane.page.palette, pane.page.layout
    layers: list[Spec] = []
    for value, text in ticks:
        place = pane.pixel(value)
        layers.append(rule_at(0, layout.plot, place, colour=palette.hair))
        layers += words_at(text, -5, place, colour=palette.quiet, size=layout.small - 1, align="right")
    return layers


@dataclass(frozen=True, slots=True)
class Words:
    """What stands at a lane: its name, what is told of it line by line, and, on a wide sheet, a word under the name.

    `room`: pixels kept free between these and the plot.
    """

    name: str
    told: tuple[str, ...] = ()
    under: str = ""
    room: int = TICK_ROOM


def told_lane(page: Sheet, height: float, words: Words, layers: list[Spec], *, dated: bool = True) -> list[Spec]:
    """Layers with their words: at both sides when wide, above them on a phone. Not `dated`: off the time axis."""
    layout, palette = page.layout, page.palette
    gap = (5 if layout.narrow else LANE_GAP) if dated else 2
    after = panel(_behind(page, gap, dated=dated), layout, gap)
    if layout.narrow:
        drawn = panel([*_behind(page, height, dated=dated), *layers], layout, height)
        return [_strip(page, words, dated=dated), drawn, after]
    left = right = 10.0
    texts: list[Spec] = []
    for size, text, colour in ((layout.body, words.name, palette.ink), (layout.small - 1, words.under, palette.quiet)):
        for line in label_lines(text, size, layout.left - words.room - 4, 2) if text else []:
            texts += words_at(line, -layout.left, left, colour=colour, size=size)
            left += size * 1.28
    for i, said in enumerate(words.told):
        lines = wrapped(clean(said), layout.small, layout.right - 12)
        colour = palette.quiet if i else palette.ink
        texts += words_at(lines, layout.plot + 12, right, colour=colour, size=layout.small)
        right += len(lines) * layout.small * 1.32
    # words that need more room than the layers make the panel higher
    height = float(math.ceil(max(height, left - 4, right - 4)))
    return [panel([*_behind(page, height, dated=dated), *layers, *texts], layout, height), after]


def _behind(page: Sheet, height: float, *, dated: bool) -> list[Spec]:
    return ground(page, height) if dated else nothing(page)


def nothing(page: Sheet) -> list[Spec]:
    """A layer for a panel in which nothing stands."""
    return ground(page, 1)[:1]


def _strip(page: Sheet, words: Words, *, dated: bool) -> Spec:
    """Name and words above a phone's panel, in as many lines as they need."""
    layout, palette = page.layout, page.palette
    lines = wrapped(clean("; ".join(words.told)), layout.small, layout.plot + layout.left) if words.told else []
    taken = text_width(words.name, layout.body) + 12
    beside = len(lines) == 1 and text_width(lines[0], layout.small) + taken < layout.plot + layout.left
    height = 22 if beside or not lines else math.ceil(22 + len(lines) * layout.small * 1.32)
    layers = _behind(page, height, dated=dated)
    shown = shortened(words.name, layout.body, layout.plot + layout.left)
    layers += words_at(shown, -layout.left, 11, colour=palette.ink, size=layout.body, halo=palette.paper)
    for i, line in enumerate(lines):
        x, align = (layout.plot, "right") if beside else (-layout.left, "left")
        y = 11.0 if beside else 11 + (i + 1) * layout.small * 1.35
        layers += words_at(line, x, y, colour=palette.quiet, size=layout.small, align=align, halo=palette.paper)
    return panel(layers, layout, height)


def bare_heading(page: Sheet, text: str) -> Spec:
    """A heading off the time axis."""
    layout = page.layout
    shown = shortened(text, layout.body * 1.06, layout.inner - 8)
    words = words_at(shown, -layout.left, 20, colour=page.palette.ink, size=layout.body, bold=True)
    return panel([*nothing(page), *words], layout, 34)


def scale_panel(page: Sheet, ticks: Sequence[tuple[float, str]]) -> Spec:
    """Words over rows that have a scale of their own, each at its share of the plot's width."""
    layout = page.layout
    layers = nothing(page)
    for share, text in ticks:
        x = share * layout.plot
        align = "left" if x < 8 else "right" if x > layout.plot - 8 else "center"
        layers += words_at(text, x, 8, colour=page.palette.quiet, size=layout.small, align=align)
    return panel(layers, layout, 18)


def sentence(page: Sheet, text: str, *, dated: bool = True) -> Spec:
    """A sentence in small letters over the whole width, where there is nothing to draw."""
    layout = page.layout
    lines = wrapped(text, layout.small, min(layout.inner - 8, 760))
    height = math.ceil(len(lines) * layout.small * 1.32 + 10)
    words = words_at(lines, -layout.left, 8, colour=page.palette.quiet, size=layout.small, halo=page.palette.paper)
    return panel([*_behind(page, height, dated=dated), *words], layout, height)


def refusal(page: Sheet, answer: CannotSay | Finding) -> Spec:
    """An answer that is told in words alone."""
    return sentence(page, claim_of(answer))


def shift_mark(page: Sheet, shift: Shift) -> list[Spec]:
    """When it began, as a bar over the interval with a stroke at the likeliest day; a diamond when it was noticed."""
    ink = page.palette.ink
    y = SHIFT_ROOM / 2
    first, last = (float(np.clip(day, 0.0, page.days)) for day in (shift.first, shift.last))
    bar = {"type": "rect", "color": ink, "opacity": 0.45, "y": y - 1.5, "y2": y + 1.5}
    stroke = {"type": "rule", "color": ink, "strokeWidth": 1.5, "y": y - 5, "y2": y + 5}
    least = 3 * page.days_a_pixel
    layers: list[Spec] = [
        {"data": rows(day=[first], end=[max(last, first + least)]), "mark": bar,
         "encoding": {"x": across(page.days), "x2": {"field": "end"}}},
        {"data": rows(day=[float(np.clip(shift.since, 0.0, page.days))]), "mark": stroke,
         "encoding": {"x": across(page.days)}},
    ]  # fmt: skip
    if shift.noticed is not None:
        mark = {"type": "point", "shape": "diamond", "filled": True, "size": 80, "color": ink, "opacity": 1,
                "stroke": page.palette.paper, "strokeWidth": 1.2, "y": y}  # fmt: skip
        layers.append(
            {"data": rows(day=[min(shift.noticed, page.days)]), "mark": mark, "encoding": {"x": across(page.days)}}
        )
    return layers


def level(pane: Pane, days: tuple[float, float], value: float, look: Spec) -> Spec:
    """A flat line between two days."""
    return pane.line(np.array(days), np.full(2, value), look)


def strip(pane: Pane, days: tuple[float, float], values: tuple[float, float], look: Spec) -> Spec:
    """A flat band between two days and two values."""
    return pane.band(np.array(days), np.full(2, values[0]), np.full(2, values[1]), look)


def columns(pane: Pane, starts: Floats, ends: Floats, values: Floats, look: Spec) -> Spec:
    """A bar from the panel's zero for each stretch that has anything, and never lower than a pixel; wide ones apart."""
    some = values > 0.0
    starts, ends, values = starts[some], ends[some], values[some]
    wide = float((ends - starts).min(initial=np.inf)) > WIDE_BAR * pane.page.days_a_pixel
    inset = (ends - starts) * BETWEEN_WIDE if wide else np.minimum(0.5 * pane.page.days_a_pixel, (ends - starts) / 4)
    least = (pane.high - pane.low) / pane.height
    tops = np.clip(np.maximum(values, least), pane.low, pane.high)
    table = rows(day=(starts + inset).tolist(), end=(ends - inset).tolist(), value=tops.tolist())
    encoding = {**pane.place(), "x2": {"field": "end"}, "y2": {"datum": 0.0}}
    return {"data": table, "mark": {"type": "rect", **look}, "encoding": encoding}


def shift_words(timeline: Timeline, shift: Shift) -> list[str]:
    """Since when something has changed which way, and when that was noticed."""
    told = [f"{shift.way} since about {date_words(timeline, shift.since)}"]
    if shift.noticed is not None:
        return [*told, f"noticed {date_words(timeline, shift.noticed)}"]
    return [*told, f"moved with “{shift.along}”"] if shift.along else told


def missing_words(answer: CannotSay) -> str:
    """Why nothing can be told yet, in a few words."""
    if answer.have is not None and answer.need is not None and answer.have < answer.need:
        return f"can’t tell yet: {number(answer.have, 0)} of about {number(answer.need, 0)} {answer.unit}"
    return answer.reason


def tick_words(value: float) -> str:
    """A number in as few letters as it needs: "0.5", "12", "12k"."""
    size = abs(value)
    if size >= 10_000:
        return f"{value / 1000:,.0f}k"
    return f"{value:.0f}" if size >= 10 else f"{round(value, 1 if size >= 1 else 2):g}"
