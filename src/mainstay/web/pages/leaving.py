"""Taking it along: everything in the open as one zip file, or a whole encrypted copy."""

from __future__ import annotations

import io
import os
import secrets
from typing import IO, TYPE_CHECKING

from starlette.routing import Route

import mainstay
from mainstay.doors.leaving import parcel_of
from mainstay.web.files import attachment
from mainstay.web.forms import Fields, posted
from mainstay.web.showing import desk_of, show

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response

    from mainstay.casebook import Casebook


def leaving(request: Request) -> Response:
    """The two ways, and what each means."""
    return _shown(request)


def export(request: Request, fields: Fields) -> Response:
    """Everything that may be read for the person's own answers, as one zip file made in memory."""
    from mainstay.casebook.portable_files import write_zip

    if fields.text("known") != "yes":
        return _shown(request, wrong="Say first that you know it is not encrypted.", status=400)
    desk = desk_of(request)
    with desk.casebook() as book:
        parcel = parcel_of(book, desk.clock())
    packed = io.BytesIO()
    write_zip(parcel, packed, version=mainstay.__version__)
    packed.seek(0)
    return attachment(packed, "records.zip", "application/zip")


def backup(request: Request, fields: Fields) -> Response:
    """A whole encrypted copy, every page of which has been read back."""
    with desk_of(request).casebook() as book:
        return attachment(_copy_of(book), "backup.mainstay")


def _copy_of(book: Casebook) -> IO[bytes]:
    """An open copy, encrypted, made beside the casebook; its name is gone as soon as it is open, or once it is sent."""
    out: Path = book.path.with_name(f".{secrets.token_hex(8)}.new")
    try:
        book.back_up(out)
        copy: IO[bytes] = out.open("rb") if os.name == "posix" else io.BytesIO(out.read_bytes())
    finally:
        out.unlink(missing_ok=True)
    return copy


def _shown(request: Request, wrong: str = "", status: int = 200) -> Response:
    desk = desk_of(request)
    with desk.casebook() as book:
        streams, clock = book.streams(), book.clock(desk.clock())
    covered = [one for one in streams if any(c.purpose == "own_answers" and c.valid(clock) for c in one.consent)]
    left_out = sorted({one.name for one in streams} - {one.name for one in covered})
    return show(
        request, "leaving.html", title="Take it along", cut=None, wrong=wrong, status=status, left_out=left_out,
        may=bool(covered),
    )  # fmt: skip


ROUTES = (
    Route("/consent/leaving", leaving),
    Route("/consent/export", posted(export), methods=["POST"]),
    Route("/consent/backup", posted(backup), methods=["POST"]),
)
