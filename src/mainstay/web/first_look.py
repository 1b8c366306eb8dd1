"""What the first page shows before the records are read: kept in the casebook with the story it was taken from.

It is what Today, Notice and Record put into their templates, their pictures and the marks of the timeline. It is shown
under the same consent as the story, and goes with the streams it was made from. It is exact as long as nothing was
changed since, on the same day; else it says as of when it is, and the page is brought up to date. As of an earlier day
nothing of it is shown.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mainstay
from mainstay.casebook.erasure import TOLD_ANEW
from mainstay.errors import CasebookError
from mainstay.quantities import Instant
from mainstay.web.desk import OWN, TURN_S, Busy
from mainstay.web.drawing import held_by

Values = dict[str, Any]
"""What a page puts into its template, in JSON's own types, dates and dataclasses' fields."""

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mainstay.casebook import Casebook
    from mainstay.casebook.views import StreamOverview
    from mainstay.story import Story
    from mainstay.web.desk import Desk

    Shows = Callable[[Story, tuple[StreamOverview, ...]], tuple[dict[str, Values], str]]

NAME, FORM = TOLD_ANEW[1], 1
FIGURES = ("today", "notice")
SUFFIXES = (".py", ".html", ".toml")
AT_ONCE_S = 0.05


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept, and what it was made from and by: the last change, the streams, the local day, the code."""

    as_of: Instant
    streams: frozenset[str]
    change: int
    code: str
    pages: Mapping[str, Values]
    figures: Mapping[str, str]
    marks: str


@dataclass(frozen=True, slots=True)
class Look:
    """What may be shown of it now. `exact`: nothing was changed since, on this very day."""

    kept: Kept
    exact: bool

    @property
    def as_it_stood(self) -> str:
        """As of when it is, in words; empty where that is now."""
        at = self.kept.as_of
        return "" if self.exact else f"{at.day_in_words} at {at.as_local:%H:%M}"

    def page(self, name: str) -> Values:
        """What a page puts into its template."""
        return dict(self.kept.pages[name])


@dataclass(frozen=True, slots=True)
class _Recalled:
    """What the file held at a change; None: nothing that this code could show."""

    change: int
    kept: Kept | None

    def close(self) -> None:
        """Nothing to let go of: it goes with the desk that holds it."""


def look(desk: Desk, wait_s: float = AT_ONCE_S) -> Look | None:
    """The kept look, if consent covers now all that it was made from; None where there is none, or no turn in time."""
    try:
        with desk.casebook(wait_s) as book:
            now = desk.clock()
            change, covered = book.standing(OWN, now=now)
            held = desk.beside.get(NAME)
            if not isinstance(held, _Recalled) or held.change != change:
                held = desk.beside[NAME] = _Recalled(change, _recalled(book, now))
    except Busy:
        return None
    kept = held.kept
    if kept is None or not kept.streams <= set(covered):
        return None
    same_day = (kept.as_of.as_local.date(), kept.as_of.offset_s) == (now.as_local.date(), now.offset_s)
    return Look(kept, kept.change == change and same_day)


def keep(desk: Desk, story: Story, shows: Shows) -> None:
    """Keeps what is shown of the story as of now, unless that is kept already. Given up once the desk is locked."""
    found = look(desk, wait_s=TURN_S)
    drawn = held_by(desk).of(story, FIGURES)
    if found is not None and found.exact and drawn.keys() <= found.kept.figures.keys():
        return
    with desk.casebook() as book:
        standing, streams = book.standing(OWN, now=desk.clock()), book.streams()
    left_out = {one.name for one in streams} - set(standing[1])
    if not standing[1] or left_out != set(story.timeline.left_out):
        return
    # what is counted of a stream that may not be read stands in nothing that is kept
    pages, marks = shows(story, () if left_out else streams)
    at = story.context.as_of
    held = {
        "as_of": str(at), "change": standing[0], "code": code(),
        "pages": pages, "figures": drawn, "marks": marks,
    }  # fmt: skip
    payload = json.dumps(held, default=_date, allow_nan=False, separators=(",", ":"), ensure_ascii=False).encode()
    with desk.casebook() as book:
        if book.standing(OWN, now=desk.clock()) == standing:
            try:
                book.keep_answers(NAME, FORM, zlib.compress(payload), standing[1], now=desk.clock())
            except CasebookError as refused:
                desk.said.append(f"mainstay: note: what is shown first is not kept for the next time: {refused}")
            desk.beside.pop(NAME, None)


def begin(desk: Desk, patience_s: float = 0.0) -> None:
    """Begin to tell the story of a casebook just opened, unless its first page shows what was kept and begins it."""
    if look(desk) is None:
        desk.begin(patience_s)


def _recalled(book: Casebook, now: Instant) -> Kept | None:
    held = [one for one in book.kept_answers(NAME, purpose=OWN, now=now) if one.version == FORM]
    if not held:
        return None
    parts = json.loads(zlib.decompress(held[0].payload))
    if parts["code"] != code():
        return None
    return Kept(streams=frozenset(held[0].derived_from), **(parts | {"as_of": Instant.parse(parts["as_of"])}))


def _date(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a page holds a {type(value).__name__}, which can't be kept")


@cache
def code() -> str:
    """What this code is: its version, and when each file of it was last changed."""
    home = Path(mainstay.__file__).parent
    files = sorted(one for one in home.rglob("*") if one.suffix in SUFFIXES)
    stood = [(str(one.relative_to(home)), (found := one.stat()).st_size, found.st_mtime_ns) for one in files]
    return f"{mainstay.__version__} {zlib.crc32(repr(stood).encode()):08x}"
