"""Being let in, unlocking, locking: the only pages that are there while the casebook is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from mainstay.errors import WrongPassphrase
from mainstay.web.first_look import begin
from mainstay.web.forms import Fields, posted
from mainstay.web.guard import OPEN, Doorkeeper
from mainstay.web.refusing import refusal
from mainstay.web.showing import desk_of, go, show

if TYPE_CHECKING:
    from starlette.requests import Request

OPENING_S = 1.0
"""How long opening waits for the story: one wait, in place of a second one on the first page."""
USED = (
    "This address opens the page only once, and it has been used or is too old. Go back to the terminal where "
    "Mainstay runs and press Enter: it opens the page anew."
)


def let_in(request: Request) -> Response:
    """The one-time address: its token is exchanged for a cookie, and is gone from the address."""
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    value = doorkeeper.exchange(request.query_params.get("token", ""))
    if value is None:
        return refusal(403, USED)
    response = RedirectResponse("/", status_code=303)
    response.set_cookie(doorkeeper.cookie, value, httponly=True, samesite="strict", path="/")
    return response


def unlock(request: Request) -> Response:
    """Asks for the passphrase; where the casebook is open, on to today."""
    desk = desk_of(request)
    return go("/") if desk.is_open else show(request, "unlock.html", title="Locked", wrong="", cut=None)


def unlocked(request: Request, fields: Fields) -> Response:
    """Opens the casebook and goes on to today; says in words what does not open it."""
    if not fields.text("passphrase"):
        return _not_opened(request, "Type your passphrase.", 400)
    try:
        desk_of(request).unlock(fields["passphrase"])
    except WrongPassphrase:
        return _not_opened(request, "That does not open it. A recovery code of twelve words may be given in its place.")
    begin(desk_of(request), OPENING_S)
    return go("/")


def _not_opened(request: Request, said: str, status: int = 403) -> Response:
    return show(request, "unlock.html", title="Locked", wrong=said, status=status, cut=None)


def lock(request: Request, fields: Fields) -> Response:
    """Closes the casebook and forgets what was read."""
    desk_of(request).lock()
    return go("/unlock")


def awake(request: Request, fields: Fields) -> Response:
    """Somebody is there: the page stays open."""
    return Response(status_code=204)


def still_open(request: Request) -> Response:
    """Whether the casebook is still open: asked by a page on which nothing happens."""
    return Response(status_code=204)


def is_told(request: Request) -> Response:
    """Whether the story is there: asked by a page that is shown as it stood."""
    desk = desk_of(request)
    desk.begin_soon()
    return Response(status_code=204 if desk.is_told else 202)


ROUTES = (
    Route(OPEN, let_in),
    Route("/unlock", unlock, methods=["GET"]),
    Route("/unlock", posted(unlocked), methods=["POST"]),
    Route("/lock", posted(lock), methods=["POST"]),
    Route("/awake", posted(awake), methods=["POST"]),
    Route("/awake", still_open, methods=["GET"]),
    Route("/told", is_told, methods=["GET"]),
)
