"""The page as one application: its addresses, and what is shown when something goes wrong."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from mainstay.errors import MainstayError, NoConsent
from mainstay.web import locking, pages
from mainstay.web.desk import Busy, Desk, Locked
from mainstay.web.first_look import keep
from mainstay.web.first_pages import first_pages
from mainstay.web.guard import OPEN, Doorkeeper, Guard
from mainstay.web.showing import desk_of, go, made_ready_to_show, one_moment, show

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

STATIC = Path(__file__).parent / "static"
FIRST = ("today.html", "chapter.html", "record.html")
WITHOUT_UNLOCKING = (OPEN, "/unlock")


def application(desk: Desk, doorkeeper: Doorkeeper) -> ASGIApp:
    """The page of one casebook, behind its guard."""
    made = Starlette(
        routes=[
            *locking.ROUTES,
            *(route for one in pages.ALL for route in one.ROUTES),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        exception_handlers={
            Locked: _locked,
            Busy: _busy,
            NoConsent: _no_consent,
            MainstayError: _misused,
            HTTPException: _not_there,
            Exception: _failed,
        },
    )
    made.state.desk, made.state.doorkeeper = desk, doorkeeper
    made_ready_to_show(*FIRST)
    desk.once_told = lambda story: keep(desk, story, first_pages)
    return Guard(_OnlyOpen(made, desk), doorkeeper)


class _OnlyOpen:
    """Every page but those that unlock needs the casebook open; a person asking for one keeps it open."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self.app, self.desk = app, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and path not in WITHOUT_UNLOCKING and not path.startswith("/static/"):
            if not self.desk.is_open:
                await run_in_threadpool(self.desk.lock_if_left_alone)
                await go("/unlock")(scope, receive, send)
                return
            if shows_somebody(scope):
                self.desk.touch()
        await self.app(scope, receive, send)


def shows_somebody(scope: Scope) -> bool:
    """Whether a request shows that a person is there: not a page that looks again by itself, nor a part of a page."""
    headers = dict(scope["headers"])
    if b"x-mainstay-quiet" in headers:
        return False
    mode = headers.get(b"sec-fetch-mode")
    return scope["method"] == "POST" or mode is None or (mode == b"navigate" and b"sec-fetch-user" in headers)


def _locked(request: Request, error: Exception) -> Response:
    return go("/unlock")


def _busy(request: Request, error: Exception) -> Response:
    if request.method == "POST":
        said = "The casebook is being written just now, so nothing was changed. Go back and send it again in a moment."
        return show(request, "refused.html", title="One moment", said=said, status=503, cut=None)
    return one_moment(request, "Your records are being written.", cut=None)


def _misused(request: Request, error: Exception) -> Response:
    return show(request, "refused.html", title="That could not be done", said=str(error), status=400, cut=None)


def _no_consent(request: Request, error: Exception) -> Response:
    return show(request, "no_consent.html", title="Nothing may be read", said=str(error), status=403, cut=None)


def _not_there(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    said = {404: "There is no such page here.", 405: "This address takes something else than was sent."}
    if not desk_of(request).is_open:
        return go("/unlock")
    text = said.get(error.status_code, "That could not be done.")
    return show(request, "refused.html", title="Not here", said=text, status=error.status_code, cut=None)


def _failed(request: Request, error: Exception) -> Response:
    # the message of an unforeseen error may hold what the records say: only its kind and its place are told
    place = traceback.extract_tb(error.__traceback__)[-1]
    print(f"mainstay: a fault in the page: {type(error).__name__} at {place.filename}:{place.lineno}", file=sys.stderr)
    said = (
        "Something in Mainstay itself went wrong. Nothing you had noted is lost. The terminal says where it happened."
    )
    return show(request, "refused.html", title="A fault of ours", said=said, status=500, cut=None)
