"""A sheet to draw on in pixels, in the house's figure grammar: boxes that map data to places, and marks inside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mainstay.report.figure import LIGHT, Layout, Spec, balanced, layout_for, rule_at, sheet, words_at, wrapped

Floats = NDArray[np.float64]
INK, QUIET, HAIR = LIGHT.ink, LIGHT.quiet, LIGHT.hair


@dataclass
class Canvas:
    """A sheet that grows downwards: `at` is where the next thing goes, `layers` what has been drawn."""

    layout: Layout
    at: float = 0.0
    layers: list[Spec] = field(default_factory=list)

    @property
    def width(self) -> float:
        return float(self.layout.inner)

    @property
    def narrow(self) -> bool:
        return self.layout.narrow

    def words(self, text: str, x: float, y: float, colour: str = INK, **how: Any) -> None:
        self.layers += words_at(text, x, y, colour=colour, size=how.pop("size", self.layout.small), **how)

    def paragraph(self, text: str, *, size: float, colour: str = INK, bold: bool = False, even: bool = False) -> None:
        cut = balanced if even else wrapped
        for line in cut(text, size, self.width, bold=bold):
            self.at += size * 1.32
            self.words(line, 0, self.at - size * 0.5, colour, size=size, bold=bold)

    def rule(self, x: float, x2: float, y: float, colour: str = HAIR, **how: Any) -> None:
        self.layers.append(rule_at(x, x2, y, colour=colour, **how))

    def mark(self, values: list[dict[str, float]], mark: Spec, *channels: str) -> None:
        """Marks whose fields are pixels of the sheet."""
        encoding = {
            name: {"field": name, "type": "quantitative", "axis": None} if name in {"x", "y"} else {"field": name}
            for name in channels
        }
        if "order" in channels:
            encoding["order"] = {"field": "order", "type": "quantitative"}
        self.layers.append({"data": {"values": values}, "mark": mark, "encoding": encoding})

    def spec(self, description: str) -> Spec:
        height = float(np.ceil(self.at))
        for layer in self.layers:
            for name, end in (("x", self.width), ("y", height)):
                channel = layer.get("encoding", {}).get(name)
                if channel and "field" in channel:
                    channel["scale"] = {"domain": [0, end], "range": [0, end], "nice": False, "zero": False}
        one = {"width": self.width, "height": height, "layer": [{"encoding": {}, **layer} for layer in self.layers]}
        return sheet([one], LIGHT, self.layout, description)


@dataclass
class Box:
    """A plotting area on a canvas: pixels x, y (top left), width, height; what data stand at its edges."""

    on: Canvas
    x: float
    y: float
    width: float
    height: float
    across: tuple[float, float]
    up: tuple[float, float]

    def px(self, value: Any) -> Any:
        low, high = self.across
        return self.x + (np.asarray(value, float) - low) / (high - low) * self.width

    def py(self, value: Any) -> Any:
        low, high = self.up
        return self.y + self.height - (np.clip(value, low, high) - low) / (high - low) * self.height

    def line(self, xs: Floats, ys: Floats, colour: str, width: float = 1.6, dash: Sequence[int] = ()) -> None:
        mark: Spec = {"type": "line", "color": colour, "strokeWidth": width, "strokeJoin": "round", "clip": False}
        if dash:
            mark["strokeDash"] = list(dash)
        rows = [
            {"x": round(float(x), 1), "y": round(float(y), 1), "order": i}
            for i, (x, y) in enumerate(zip(self.px(xs), self.py(ys), strict=True))
        ]
        self.on.mark(rows, mark, "x", "y", "order")

    def points(
        self, xs: Any, ys: Any, colour: str, shape: str = "circle", size: float = 22, *, hollow: bool = False
    ) -> None:
        rows = [
            {"x": round(float(x), 1), "y": round(float(y), 1)}
            for x, y in zip(np.atleast_1d(self.px(xs)), np.atleast_1d(self.py(ys)), strict=True)
        ]
        look: Spec = {"fill": LIGHT.paper, "stroke": colour} if hollow else {"fill": colour, "stroke": LIGHT.paper}
        mark = {"type": "point", "shape": shape, "size": size, "filled": True, "opacity": 1, "strokeWidth": 1.2, **look}
        self.on.mark(rows, mark, "x", "y")

    def bars(self, lefts: Floats, rights: Floats, tops: Any, bottoms: Any, colour: str) -> None:
        rows = [
            {"x": round(float(a), 1), "x2": round(float(b), 1), "y": round(float(t), 1), "y2": round(float(u), 1)}
            for a, b, t, u in zip(
                self.px(lefts),
                self.px(rights),
                np.broadcast_to(self.py(tops), np.shape(lefts)),
                np.broadcast_to(self.py(bottoms), np.shape(lefts)),
                strict=True,
            )
        ]
        self.on.mark(rows, {"type": "rect", "color": colour}, "x", "x2", "y", "y2")

    def level(self, value: float, label: str = "", colour: str = HAIR, **how: Any) -> None:
        """A horizontal line at a value, with its label to the left of it."""
        y = float(self.py(value))
        self.on.rule(self.x, self.x + self.width, y, colour, **how)
        if label:
            self.on.words(label, self.x - 6, y, QUIET, align="right")


def save(name: str, draw: Callable[[Canvas], str], folder: Path, widths: dict[str, int]) -> None:
    """Draw at each width and write the files; `draw` returns the words for those who can't see the figure."""
    import vl_convert

    for ending, width in widths.items():
        canvas = Canvas(layout_for(width))
        spec = canvas.spec(draw(canvas))
        svg: str = vl_convert.vegalite_to_svg(spec)
        (folder / f"{name}{ending}.svg").write_text(svg, encoding="utf-8")
