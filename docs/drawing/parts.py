"""What several figures share: headings, the legend, and the hours of a simulated week."""

from __future__ import annotations

import numpy as np

from drawing.canvas import INK, QUIET, Box, Canvas, Floats

SEED = 11


def heading(canvas: Canvas, title: str, below: str = "") -> None:
    canvas.paragraph(title, size=canvas.layout.title, bold=True, even=True)
    canvas.at += 4
    if below:
        canvas.paragraph(below, size=canvas.layout.body, colour=QUIET)
    canvas.at += 14


def closing(canvas: Canvas, text: str) -> None:
    canvas.at += 12
    canvas.paragraph(text, size=canvas.layout.small, colour=QUIET)


def weekly(spans: list[tuple[int, float, float]], days: int) -> tuple[Floats, Floats]:
    """Stretches (weekday, from, to in hours) of every week."""
    rows = sorted((7.0 * w + d + a / 24.0, 7.0 * w + d + b / 24.0) for w in range(days // 7) for d, a, b in spans)
    return np.array([row[0] for row in rows]), np.array([row[1] for row in rows])


WORK = [(day, 8.5, 16.5) for day in range(5)]
CARE = [(0, 18.0, 20.5), (1, 18.0, 20.5), (3, 18.0, 21.0), (5, 10.0, 16.0), (6, 11.0, 14.0)]


def legend(canvas: Canvas, x: float, entries: list[tuple[str, str, str]]) -> None:
    start = x
    for text, colour, shape in entries:
        room = 6.4 * len(text) + 34
        if x + room > canvas.width + 8:
            x, canvas.at = start, canvas.at + 18
        here = Box(canvas, x, canvas.at, 16, 10, (0, 1), (0, 1))
        if shape == "line":
            here.line(np.array([0.0, 1.0]), np.array([0.5, 0.5]), colour, 2.0)
        elif shape == "dashes":
            here.line(np.array([0.0, 1.0]), np.array([0.5, 0.5]), colour, 1.5, (5, 4))
        elif shape == "rect":
            here.bars(np.array([0.1]), np.array([0.9]), 1.0, 0.0, colour)
        else:
            here.points(0.5, 0.5, colour, shape, 60)
        canvas.words(text, x + 22, canvas.at + 5, INK)
        x += room
    canvas.at += 16
