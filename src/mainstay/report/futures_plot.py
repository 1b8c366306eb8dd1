"""The surface on which figures of what could come and what could be done are drawn, in the figures' one grammar.

Beside the plot when wide, a column for labels; when narrow, labels stand above what they name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mainstay.report.figure import (
    LIGHT,
    Layout,
    Palette,
    Spec,
    balanced,
    label_lines,
    layout_for,
    nice_ticks,
    panel,
    rows,
    rule_at,
    sheet,
    up,
    words_at,
)

PAGE_WIDTH, PHONE_WIDTH = 756, 360
"""In pixels: on a page the figure's own margin stands outside the column of text."""
ROW, NARROW_ROW = 44.0, 26.0
EDGE = 8.0
"""In pixels: what stands nearer to an edge is not centred."""
Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Plot:
    """A panel: its layout, what its edges stand for, and its height in pixels."""

    layout: Layout
    across: Ends
    upward: Ends
    height: float
    palette: Palette = LIGHT

    def x(self, value: float) -> float:
        """Pixels from the left."""
        low, high = self.across
        return min(max((value - low) / max(high - low, 1e-12), 0.0), 1.0) * self.layout.plot

    def y(self, value: float) -> float:
        """Pixels from the top."""
        low, high = self.upward
        return min(max((high - value) / max(high - low, 1e-12), 0.0), 1.0) * self.height

    def edge(self) -> Spec:
        """Invisible, from edge to edge: it makes every figure exactly as wide as asked."""
        bounds = {"x": -self.layout.left, "x2": self.layout.plot + self.layout.right, "y": 0, "y2": self.height}
        return {"data": _ONE, "mark": {"type": "rect", "color": self.palette.paper, "opacity": 0, **bounds}}

    def band(self, xs: Sequence[float], low: Sequence[float], high: Sequence[float], look: Spec) -> Spec:
        """A filled band between two curves."""
        table = rows(x=list(xs), low=self._inside(low), high=self._inside(high))
        encoding = {"x": up("x", *self.across), "y": up("high", *self.upward), "y2": {"field": "low"}}
        return {"data": table, "mark": {"type": "area", **look}, "encoding": encoding}

    def line(self, xs: Sequence[float], ys: Sequence[float], look: Spec) -> Spec:
        """A line through points in the order of their x."""
        table = rows(x=list(xs), y=self._inside(ys))
        mark = {"type": "line", "strokeJoin": "round", **look}
        return {"data": table, "mark": mark, "encoding": {"x": up("x", *self.across), "y": up("y", *self.upward)}}

    def dots(self, xs: Sequence[float], ys: Sequence[float], look: Spec) -> Spec:
        """A dot at each point."""
        encoding = {"x": up("x", *self.across), "y": up("y", *self.upward)}
        mark = {"type": "point", "filled": True, "opacity": 1, **look}
        return {"data": rows(x=list(xs), y=list(ys)), "mark": mark, "encoding": encoding}

    def box(self, x: Ends, y: Ends, look: Spec) -> Spec:
        """A box between two places across and two in pixels from the top."""
        sides = {"x": self.x(x[0]), "x2": self.x(x[1]), "y": y[0], "y2": y[1]}
        return {"data": _ONE, "mark": {"type": "rect", **sides, **look}}

    def upright(self, x: float, *, colour: str, width: float = 1.0, dash: Sequence[int] = (), top: float = 0.0) -> Spec:
        """A line from top to foot at one place across."""
        mark: Spec = {"type": "rule", "color": colour, "strokeWidth": width}
        if dash:
            mark["strokeDash"] = list(dash)
        at = self.x(x)
        place = {"x": {"value": at}, "x2": {"value": at}, "y": {"value": top}, "y2": {"value": self.height}}
        return {"data": _ONE, "mark": mark, "encoding": place}

    def level(self, y: float, *, colour: str, width: float = 1.0, dash: Sequence[int] = ()) -> Spec:
        """A line from left to right at one height."""
        return rule_at(0, self.layout.plot, self.y(y), colour=colour, width=width, dash=dash)

    def reach(self, low: float, high: float, y: float, *, colour: str, width: float = 2.0) -> Spec:
        """A line between two places across, at so many pixels from the top."""
        return rule_at(self.x(low), self.x(high), y, colour=colour, width=width)

    def words(self, text: str | list[str], x: float, y: float, *, align: str = "left", bold: bool = False,
              quiet: bool = True, baseline: str = "middle", behind: bool = False) -> list[Spec]:  # fmt: skip
        """Text at pixels from the left and the top; `behind`: lines run behind it."""
        colour = self.palette.quiet if quiet else self.palette.ink
        size = self.layout.small if quiet else self.layout.body
        halo = self.palette.paper if behind else None
        return words_at(text, x, y, colour=colour, size=size, align=align, bold=bold, baseline=baseline, halo=halo)

    def under(self, text: str, x: float, y: float, *, bold: bool = False) -> list[Spec]:
        """Text under a place across, centred on it unless that would reach over an edge."""
        at = self.x(x)
        align = "left" if at < EDGE else "right" if at > self.layout.plot - EDGE else "center"
        return self.words(text, at, y, align=align, bold=bold)

    def grid(self, values: Sequence[float], name: str = "{:g}") -> list[Spec]:
        """Hairlines at values with their numbers to the left."""
        layers: list[Spec] = []
        for value in values:
            layers.append(self.level(value, colour=self.palette.hair))
            layers += self.words(name.format(value), -6, self.y(value), align="right")
        return layers

    def panel(self, layers: list[Spec]) -> Spec:
        """The layers as a panel."""
        return panel([self.edge(), *layers], self.layout, self.height)

    def _inside(self, values: Sequence[float]) -> list[float]:
        low, high = self.upward
        return [min(max(one, low), high) for one in values]


_ONE: Spec = {"values": [{}]}


def layout_of(width: int, *, left: int, right: int, beside: bool = False) -> Layout:
    """The layout for an outer width, with columns of their own width where the page is wide.

    `beside`: labels stand beside their rows, and above them on a phone, where no column is needed for them.
    """
    usual = layout_for(width)
    if usual.narrow:
        return replace(usual, left=2 if beside else 30, right=14)
    return replace(usual, left=left, right=right)


def figure_of(panels: list[Spec], layout: Layout, title: str, description: str) -> Spec:
    """A figure under its title; without one where the page says it above."""
    if not title:
        return sheet(panels, LIGHT, layout, description)
    plot = Plot(layout, (0, 1), (0, 1), 1)
    lines = balanced(title, layout.body + 2, layout.inner, bold=True)
    tall = replace(plot, height=len(lines) * (layout.body + 2) * 1.32 + 10)
    words = words_at(lines, -layout.left, (layout.body + 2) * 0.6, colour=LIGHT.ink, size=layout.body + 2, bold=True)
    return sheet([tall.panel(words), *panels], LIGHT, layout, description)


def percents(plot: Plot, *, most: int = 6) -> list[Spec]:
    """Hairlines at chances, with so many in 100 to the left."""
    low, high = plot.upward
    layers: list[Spec] = []
    for value in nice_ticks(low, high, most):
        layers.append(plot.level(value, colour=plot.palette.hair))
        layers += plot.words(f"{100.0 * value:.0f}", -6, plot.y(value), align="right")
    return layers


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a figure with dots and lines: its label, a note beside or under it, and where it stands and reaches.

    `hollow`: drawn without filling, as what must not be; `bar`: filled from here to `at`; `ends_only`: nothing but the
    bar, whose ends are what it says.
    """

    label: str
    note: str
    at: float
    low: float
    high: float
    hollow: bool = False
    bar: float | None = None
    ends_only: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """What lies behind every row: hairlines at the ticks, a dashed line at `mark` and a plain one at `zero`."""

    ticks: tuple[float, ...]
    mark: float | None = None
    zero: float | None = None

    def drawn(self, plot: Plot) -> list[Spec]:
        """The lines, from top to foot of a panel."""
        lines = [plot.upright(at, colour=plot.palette.hair) for at in self.ticks]
        lines += [] if self.zero is None else [plot.upright(self.zero, colour=plot.palette.quiet)]
        return lines if self.mark is None else [*lines, plot.upright(self.mark, colour=plot.palette.quiet, dash=(3, 3))]


def rows_panels(
    rows_: Sequence[Row],
    layout: Layout,
    ends: Ends,
    *,
    ticks: Sequence[tuple[float, str]],
    mark: float | None = None,
    zero: float | None = None,
) -> list[Spec]:
    """Rows one under another over one axis: label to the left or above, note to the right or above."""
    ground = Ground(tuple(at for at, _ in ticks), mark, zero)
    panels = [one for row in rows_ for one in _row(row, layout, ends, ground)]
    foot = Plot(layout, ends, (0, 1), 26)
    layers: list[Spec] = []
    for at, name in ticks:
        layers += foot.under(name, at, 12)
    return [*panels, foot.panel(layers)]


def _row(row: Row, layout: Layout, ends: Ends, ground: Ground) -> list[Spec]:
    if layout.narrow:
        lines = label_lines(row.label, layout.body, layout.plot + 8, 2)
        strip = Plot(layout, ends, (0, 1), len(lines) * layout.body * 1.32 + layout.small * 1.5 + 6)
        words = [
            *strip.words(lines, 0, layout.body * 0.9, quiet=False, behind=True),
            *strip.words(row.note, 0, strip.height - layout.small * 0.7, behind=True),
        ]
        plot = Plot(layout, ends, (0, 1), NARROW_ROW)
        return [strip.panel(words), plot.panel([*ground.drawn(plot), *_marks(plot, row)])]
    plot = Plot(layout, ends, (0, 1), ROW)
    lines = label_lines(row.label, layout.body, layout.left - 14, 2)
    notes = label_lines(row.note, layout.small, layout.right - 14, 2)
    top = plot.height / 2 - (len(lines) - 1) * layout.body * 0.66
    under = plot.height / 2 - (len(notes) - 1) * layout.small * 0.66
    words = [
        *plot.words(lines, -layout.left, top, quiet=False),
        *plot.words(notes, layout.plot + 14, under),
    ]
    return [plot.panel([*ground.drawn(plot), *_marks(plot, row), *words])]


def _marks(plot: Plot, row: Row) -> list[Spec]:
    """The bar, the line it reaches over, and the dot."""
    middle, palette = plot.height / 2, plot.palette
    layers: list[Spec] = []
    if row.bar is not None:
        low, high = sorted((row.bar, row.at))
        look = {"color": palette.paper, "stroke": palette.strain} if row.hollow else {"color": palette.strain_fine}
        layers.append(plot.box((low, high), (middle - 8, middle + 8), {**look, "strokeWidth": 1.5}))
    if row.ends_only:
        return layers
    layers.append(plot.reach(row.low, row.high, middle, colour=palette.ink, width=1.6))
    layers += [
        plot.box(
            (end, end), (middle - 4, middle + 4), {"stroke": palette.ink, "strokeWidth": 1.6, "color": palette.ink}
        )
        for end in (row.low, row.high)
    ]
    size = 52 if row.bar is None else 34
    layers.append({
        "data": _ONE,
        "mark": {"type": "point", "x": plot.x(row.at), "y": middle, "filled": not row.hollow, "size": size,
                 "color": palette.ink, "fill": palette.paper if row.hollow else palette.ink, "opacity": 1},
    })  # fmt: skip
    return layers
