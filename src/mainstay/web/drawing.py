"""Figures of the page: drawn when a browser asks for one, in the size and palette it asks for, and once.

A page holds only where its figures are. What was drawn is held in memory as long as the story it was drawn from, and
goes when the casebook is locked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from mainstay.errors import BadRequest
from mainstay.report.figure import NARROWEST, VEGA_LITE, WIDEST, Spec, darkened
from mainstay.report.futures_page import AS_TABLE, Draws, Table, folded_table
from mainstay.report.futures_plot import PAGE_WIDTH, PHONE_WIDTH
from mainstay.report.html import escaped
from mainstay.report.picture import picture_svg
from mainstay.web.showing import AS_OF, desk_of

if TYPE_CHECKING:
    from markupsafe import Markup
    from starlette.requests import Request
    from starlette.responses import Response

    from mainstay.story import Story
    from mainstay.web.desk import Desk
    from mainstay.web.first_look import Look

BESIDE = "drawn"
MOST_DRAWN = 48
PHONE = "(max-width: 47rem)"


class Drawn:
    """What was drawn from the last stories, by story and what was asked for. Safe to use from several threads."""

    def __init__(self) -> None:
        self._held: dict[tuple[Story, str, int], str] = {}
        self._turn = threading.Lock()

    def svg(self, story: Story, name: str, width: int, spec_of: Callable[[int], Spec], *, dark: bool) -> str:
        """The figure as SVG, drawn the first time it is asked for."""
        key = (story, name, width)
        with self._turn:
            svg = self._held.get(key)
            if svg is None:
                while len(self._held) >= MOST_DRAWN:
                    del self._held[next(iter(self._held))]
                svg = self._held[key] = picture_svg(spec_of(width))
        return darkened(svg) if dark else svg

    def of(self, story: Story, names: Collection[str]) -> dict[str, str]:
        """The figures of these names drawn of a story, by name and width."""
        with self._turn:
            return {f"{name} {width}": svg for (of, name, width), svg in self._held.items()
                    if of is story and name in names}  # fmt: skip

    def close(self) -> None:
        """Forget all of it."""
        self._held = {}


@cache
def made_ready() -> threading.Thread:
    """Starts what draws, once and beside everything else: its first figure takes a second more than all others."""
    nothing: Spec = {"$schema": VEGA_LITE, "data": {"values": [{}]}, "mark": "rect"}
    thread = threading.Thread(target=picture_svg, args=(nothing,), name="drawing", daemon=True)
    thread.start()
    return thread


def drawn(request: Request, story: Story, name: str, spec_of: Callable[[int], Spec]) -> Response:
    """The answer to a request for a figure: `?width=1160&dark=1`. Refuses a width that can't be drawn."""
    width, dark = _size(request)
    desk = desk_of(request)
    held = held_by(desk)
    known = f"{name} {width}" in held.of(story, (name,))
    svg = held.svg(story, name, width, spec_of, dark=dark)
    if not known:
        desk.more_of(story)
    return _image(svg)


def drawn_before(request: Request, look: Look | None, name: str) -> Response | None:
    """The figure as it was kept with what is shown first; None where none was of this size."""
    width, dark = _size(request)
    svg = look and look.kept.figures.get(f"{name} {width}")
    return _image(darkened(svg) if dark else svg) if svg else None


def _image(svg: str) -> Response:
    from starlette.responses import Response

    return Response(svg, media_type="image/svg+xml")


def _size(request: Request) -> tuple[int, bool]:
    """The width that is asked for, and whether on a dark ground."""
    asked = request.query_params.get("width", str(PAGE_WIDTH))
    if not (asked.isascii() and asked.isdecimal()) or not NARROWEST <= int(asked[:5]) <= WIDEST:
        raise BadRequest(f"a picture {asked[:20]} pixels wide can't be drawn; ask for {NARROWEST} to {WIDEST}")
    return int(asked[:5]), request.query_params.get("dark") == "1"


def held_by(desk: Desk) -> Drawn:
    """What was drawn for this desk."""
    with desk.casebook():
        held = desk.beside.setdefault(BESIDE, Drawn())
    assert isinstance(held, Drawn)
    return held


def pictured(request: Request, path: str, alt: str, *, wide: int = PAGE_WIDTH, phone: int = PHONE_WIDTH) -> Markup:
    """Where a figure stands: an image for page and phone, light and dark, as of the date the page is told for."""
    from markupsafe import Markup

    asked = request.query_params.get(AS_OF)

    def address(width: int, dark: int) -> str:
        query = {"width": str(width), "dark": str(dark)} | ({AS_OF: asked} if asked else {})
        return escaped(f"{path}?{urlencode(query)}")

    sources = "".join(
        f'<source media="{size}(prefers-color-scheme: dark)" srcset="{address(width, 1)}">'
        + (f'<source media="{PHONE}" srcset="{address(width, 0)}">' if size else "")
        for size, width in ((f"{PHONE} and ", phone), ("", wide))
    )
    return Markup(f'<picture>{sources}<img src="{address(wide, 0)}" alt="{escaped(alt)}" decoding="async"></picture>')


def as_images(request: Request, chapter: str) -> Draws:
    """Puts the figures of a chapter's report onto its page as images, with the words and the table under each."""

    def draws(spec_of: Callable[[int], Spec], key: str, told: str, table: Table) -> str:
        under = f"<p class='quiet'>{escaped(told)}</p>" if told else ""
        says = str(spec_of(PAGE_WIDTH)["description"])
        image, twin = pictured(request, f"{chapter}/figure/{key}.svg", says), folded_table(AS_TABLE, table, says)
        return f"<figure class='drawn'>{image}<figcaption>{under}{twin}</figcaption></figure>"

    return draws


def figure_of(parts_with: Callable[[Draws], object], key: str) -> Callable[[int], Spec]:
    """The specification of one figure of a report, by the letters it has there. Refuses letters of none."""
    found: dict[str, Callable[[int], Spec]] = {}

    def collects(spec_of: Callable[[int], Spec], name: str, told: str, table: Table) -> str:
        found[name] = spec_of
        return ""

    parts_with(collects)
    if key not in found:
        raise BadRequest("there is no such figure here")
    return found[key]
