"""One figure grammar for page, file and paper: colours, type, layout, axes, and the marks that figures are built of.

Colours are told apart by lightness first and by hue second, so that a figure reads in grey and to a colour-blind
reader; wherever two things could still be confused, shape or dash differs too. Every colour of the light palette is
used for one meaning only: a page can swap palettes by the colour's value.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from mainstay.report.words import clean

Spec = dict[str, Any]
FONTS = "Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif"
VEGA_LITE = "https://vega.github.io/schema/vega-lite/v6.json"


@dataclass(frozen=True, slots=True)
class Palette:
    """What each colour means. `roles` and `refuges` are given out in the order of their lanes."""

    paper: str
    ink: str
    quiet: str
    hair: str
    gap: str
    strain: str
    strain_fine: str
    strain_band: str
    threshold: str
    threshold_band: str
    over: str
    demand: str
    record: str
    answered: str
    roles: tuple[str, ...]
    oneself: str
    refuges: tuple[str, ...]

    def colours(self) -> tuple[str, ...]:
        """Every colour, in a fixed order: two palettes pair up by it."""
        values = [getattr(self, part.name) for part in fields(self)]
        return tuple(colour for value in values for colour in ((value,) if isinstance(value, str) else value))


LIGHT = Palette(
    paper="#fffdf9", ink="#23262b", quiet="#62676f", hair="#e4e1da", gap="#efece5",
    strain="#1d4e79", strain_fine="#7d9fbe", strain_band="#cfdfec",
    threshold="#b5471b", threshold_band="#f6e3d6", over="#e39a6f",
    demand="#4f545c", record="#aaa79f", answered="#48617a",
    roles=("#8d99b8", "#c39a4a", "#7c8f8b", "#b58aa0", "#9a9078"), oneself="#3f8f5f",
    refuges=("#0d7377", "#86327f", "#a67c00", "#3d5a1f", "#7a6450"),
)  # fmt: skip
DARK = Palette(
    paper="#16181c", ink="#ecebe7", quiet="#a3a7ad", hair="#33363c", gap="#24272c",
    strain="#a9cdf0", strain_fine="#6489ab", strain_band="#2a4159",
    threshold="#f29a6b", threshold_band="#3d2a20", over="#a85a34",
    demand="#b9bdc4", record="#6d7078", answered="#9db8d2",
    roles=("#8391b5", "#c49c50", "#7f9692", "#b78da3", "#a09780"), oneself="#5fb884",
    refuges=("#4cc3c2", "#d98bd2", "#e0b84a", "#a5c97a", "#bda58f"),
)  # fmt: skip
_IN_THE_DARK = dict(zip(LIGHT.colours(), DARK.colours(), strict=True))
_COLOUR = re.compile("|".join(_IN_THE_DARK))


def darkened(svg: str) -> str:
    """A picture drawn in the light palette, in the dark one: each colour has one meaning, so each has one twin."""
    return _COLOUR.sub(lambda found: _IN_THE_DARK[found[0]], svg)


SHAPES = ("circle", "diamond", "triangle-up", "square", "triangle-down")
SHAPE_AREA = {"circle": math.pi / 4, "diamond": 1.45, "triangle-up": 0.95, "square": 0.72, "triangle-down": 0.95}
"""The area of each shape, by the square of its width, that makes all of them look equally heavy."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand, in pixels: label columns beside the plot when it is wide, labels above each lane when not."""

    width: int
    left: int
    right: int
    margin: int
    title: int
    body: int
    small: int
    narrow: bool

    @property
    def plot(self) -> int:
        """The width of the plotting area."""
        return self.width - self.left - self.right - 2 * self.margin

    @property
    def inner(self) -> int:
        """The width between the margins."""
        return self.width - 2 * self.margin


NARROWEST, WIDEST, NARROW_BELOW = 280, 4000, 640


def layout_for(width: int) -> Layout:
    """The layout for an outer width: below 640 pixels the phone's, above it the page's."""
    if width < NARROW_BELOW:
        return Layout(width, left=22, right=8, margin=14, title=17, body=12, small=11, narrow=True)
    return Layout(width, left=146, right=164, margin=26, title=23, body=13, small=12, narrow=False)


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Roughly how many pixels a text takes; a little too much rather than too little."""
    narrow = sum(char in "iljtfr.,:;'|!()[] " for char in text)
    return size * (0.56 * (len(text) - narrow) + 0.32 * narrow) * (1.06 if bold else 1.0)


def wrapped(text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """The text in lines that fit a width in pixels."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines or [""]


def balanced(text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """The text in as few lines as fit the width, and those about equally long: no word stands alone at the end."""
    lines = wrapped(text, size, width, bold=bold)
    tighter = width
    while len(lines) > 1:
        tighter -= size
        trial = wrapped(text, size, tighter, bold=bold)
        if len(trial) > len(lines) or tighter < width / 3:
            break
        lines = trial
    return lines


def shortened(text: str, size: float, width: float) -> str:
    """The text, cut with an ellipsis where it is wider than a width in pixels; control characters become spaces."""
    shown = clean(text).strip() or "(no name)"
    if text_width(shown, size) <= width:
        return shown
    while len(shown) > 1 and text_width(shown + "…", size) > width:
        shown = shown[:-1]
    return shown.rstrip() + "…"


def label_lines(text: str, size: float, width: float, most: int) -> list[str]:
    """A label in at most so many lines; what does not fit is cut with an ellipsis."""
    lines = wrapped(shortened(text, size, width * most * 1.5), size, width)
    kept = [*lines[: most - 1], " ".join(lines[most - 1 :])] if len(lines) > most else lines
    return [shortened(line, size, width) for line in kept]


def nice_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers inside a range: steps of 1, 2 or 5 times a power of ten, at most `most` of them."""
    span = high - low
    if span <= 0:
        return [low]
    raw = span / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(unit * power for unit in (1, 2, 5, 10) if unit * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(k * step, 10) for k in range(first, math.floor(high / step + 1e-9) + 1)]


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class DateTick:
    """A tick on the time axis: where (days since the first day), and what stands there in one or two lines."""

    day: float
    label: str
    year: str


DAY_LABEL = 64
"""Pixels between labels such as "13 Aug": the first stands beside its tick, all others are centred on theirs."""


def date_ticks(first: dt.date, days: float, pixels: float) -> list[DateTick]:
    """Ticks at month or day starts, as close as labels allow; the year under the first tick and at each January."""
    last = first + dt.timedelta(days=math.ceil(days))
    room = pixels / max(days, 1.0)
    months = next((m for m in (1, 2, 3, 6, 12, 24, 60) if m * 30.4 * room >= 44), 120)
    dates = [] if 30.4 * room >= 240 else _month_starts(first, last, months)
    if len(dates) < 2:
        step = next((d for d in (1, 2, 7, 14) if d * room >= DAY_LABEL), 28)
        dates = [first + dt.timedelta(days=d) for d in range(0, max(math.ceil(days), 1), step)]
    ticks: list[DateTick] = []
    year = 0
    for date in dates:
        label = (
            _MONTHS[date.month - 1]
            if date.day == 1 and step_is_months(dates)
            else f"{date.day} {_MONTHS[date.month - 1]}"
        )
        ticks.append(DateTick(float((date - first).days), label, str(date.year) if date.year != year else ""))
        year = date.year
    return ticks


def step_is_months(dates: Sequence[dt.date]) -> bool:
    """Whether all the dates are first days of months."""
    return all(date.day == 1 for date in dates)


def _month_starts(first: dt.date, last: dt.date, every: int) -> list[dt.date]:
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    months = [first.year * 12 + first.month - 1 + k for k in range(count + 1)]
    dates = [dt.date(m // 12, m % 12 + 1, 1) for m in months if m % every == 0]
    return [date for date in dates if first <= date <= last]


def rows(**columns: Sequence[Any]) -> Spec:
    """Inline data from columns of equal length."""
    names = list(columns)
    return {"values": [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]}


def across(days: float) -> Spec:
    """The time axis: field `day`, from the first day to the last. The dates have a panel of their own."""
    return {"field": "day", "type": "quantitative", "scale": {"domain": [0, days], "nice": False}, "axis": None}


def up(field: str, low: float, high: float) -> Spec:
    """A vertical position between two values, without an axis of its own."""
    scale = {"domain": [low, high], "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": None}


def words_at(
    text: str | list[str], x: float, y: float, *, colour: str, size: float, align: str = "left", bold: bool = False,
    baseline: str = "middle", italic: bool = False, halo: str | None = None,
) -> list[Spec]:  # fmt: skip
    """A text at a pixel position of its panel; with a halo in the colour of the paper where lines run behind it."""
    shown = [clean(line) for line in text] if isinstance(text, list) else clean(text)
    mark: Spec = {
        "type": "text", "text": shown, "x": x, "y": y, "align": align, "baseline": baseline, "fontSize": size,
        "fontWeight": 600 if bold else 400, "fontStyle": "italic" if italic else "normal", "color": colour,
        "lineHeight": round(size * 1.32), "clip": False,
    }  # fmt: skip
    layer: Spec = {"data": {"values": [{}]}, "mark": mark}
    if halo is None:
        return [layer]
    behind = {**mark, "stroke": halo, "strokeWidth": 4, "strokeJoin": "round", "color": halo}
    return [{"data": {"values": [{}]}, "mark": behind}, layer]


def rule_at(x: float, x2: float, y: float, *, colour: str, width: float = 1.0, dash: Sequence[int] = ()) -> Spec:
    """A horizontal line between two pixel positions of its panel."""
    mark: Spec = {"type": "rule", "color": colour, "strokeWidth": width}
    if dash:
        mark["strokeDash"] = list(dash)
    place = {"x": {"value": x}, "x2": {"value": x2}, "y": {"value": y}, "y2": {"value": y}}
    return {"data": {"values": [{}]}, "mark": mark, "encoding": place}


def panel(layers: list[Spec], layout: Layout, height: float) -> Spec:
    """A panel of the plot's width; whole pixels high, so that shadings run on from panel to panel without a seam."""
    return {"width": layout.plot, "height": math.ceil(height), "layer": [{"encoding": {}, **layer} for layer in layers]}


def sheet(panels: list[Spec], palette: Palette, layout: Layout, description: str) -> Spec:
    """Panels one under another on one sheet of paper, flush, with nothing drawn that the panels did not ask for."""
    return {
        "$schema": VEGA_LITE,
        "description": clean(description),
        "background": palette.paper,
        "padding": {"left": layout.margin, "right": layout.margin, "top": 22, "bottom": 16},
        "bounds": "flush",
        "spacing": 0,
        "vconcat": panels,
        "config": {
            "font": FONTS,
            "view": {"stroke": None, "fill": None},
            "aria": False,
            "text": {"font": FONTS},
        },
    }
