"""Draws the figures of the explanation pages from simulated people: `python docs/figures.py [name ...]`.

Each is written twice into docs/figures: as wide as a page and as wide as a phone. Every number in them is invented.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from drawing.beforehand import prior_lives, shapes, twins
from drawing.canvas import Canvas, save
from drawing.stories import stories, told_apart
from drawing.week import week

FOLDER = Path(__file__).parent / "figures"
WIDTHS = {"": 860, "-phone": 390}

FIGURES: dict[str, Callable[[Canvas], str]] = {
    "week": week,
    "three-stories": stories,
    "told-apart": told_apart,
    "twins": twins,
    "shapes": shapes,
    "prior-lives": prior_lives,
}


def main() -> int:
    """Draw the figures named, or all of them."""
    FOLDER.mkdir(exist_ok=True)
    for name in sys.argv[1:] or FIGURES:
        save(name, FIGURES[name], FOLDER, WIDTHS)
        print(f"wrote docs/figures/{name}.svg and {name}-phone.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
