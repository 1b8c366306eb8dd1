"""Erasing on the page: what would go is shown first, the name is typed, the receipt is there to keep; and people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from mainstay.doors.erasing import FORGOTTEN, KEEP_IT, WHO_SEES, called, would_go
from mainstay.errors import BadRequest
from mainstay.report.words import clean
from mainstay.web.files import attachment
from mainstay.web.forms import Fields, posted
from mainstay.web.pages.consent import stream_of
from mainstay.web.showing import desk_of, go, show

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from mainstay.casebook import Casebook
    from mainstay.casebook.bystanders import Bystander


def erase(request: Request) -> Response:
    """What would go."""
    return _asked(request, request.path_params["key"])


def erased(request: Request, fields: Fields) -> Response:
    """Erase the stream whose name was typed, and go on to the receipt; another name changes nothing."""
    desk, key = desk_of(request), request.path_params["key"]
    with desk.writing() as book:
        found = stream_of(book, key)
        if _as_shown(fields.text("name")) != _as_shown(found.name):
            return _asked(request, key, wrong="That is another name, so nothing was erased.", status=400)
        book.erase([found.name], now=desk.clock())
        left = book.sweep()
    said = f"Erased: {found.name}." + (f" Not quite finished: {left}." if left else "")
    return go("/consent/erased", said, request=request)


def receipts(request: Request) -> Response:
    """What was erased so far, and the receipt of it."""
    with desk_of(request).casebook() as book:
        some = book.receipt().erased
    days = [at.day_in_words for _, at in some]
    return show(request, "erased.html", title="The receipt", cut=None, days=days, keep_it=KEEP_IT)


def receipt(request: Request) -> Response:
    """The receipt of all erasures so far, as a file."""
    with desk_of(request).casebook() as book:
        made = book.receipt()
    return attachment(made.as_json().encode(), "receipt.json", "application/json")


def people(request: Request) -> Response:
    """Whose names are kept, under which pseudonyms."""
    desk = desk_of(request)
    with desk.casebook() as book:
        found = book.bystanders(now=desk.clock())
    some = [(one, called(one)) for one in found]
    return show(request, "people.html", title="People", cut=None, people=some, who_sees=WHO_SEES)


def person(request: Request) -> Response:
    """Before a name is forgotten: what goes and what stays."""
    with desk_of(request).casebook() as book:
        found = _person(book, request)
    return show(request, "person.html", title="Forget a name", cut=None, one=found, forgotten=FORGOTTEN)


def forget(request: Request, fields: Fields) -> Response:
    """Drop the name of one person."""
    desk = desk_of(request)
    with desk.writing() as book:
        found = _person(book, request)
        book.forget_bystander(found.pseudonym, now=desk.clock())
        left = book.sweep()
    said = f"Forgotten. In your records they are {found.pseudonym} from now on."
    return go("/consent/people", said + (f" Not quite finished: {left}." if left else ""), request=request)


def _asked(request: Request, key: str, wrong: str = "", status: int = 200) -> Response:
    with desk_of(request).casebook() as book:
        found = stream_of(book, key)
        lines = would_go(book, [found.name])
    return show(
        request, "erase.html", title="Erase a stream", cut=None, name=found.name, key=key, lines=lines,
        wrong=wrong, status=status,
    )  # fmt: skip


def _as_shown(name: str) -> str:
    """A name as a page shows it: spaces run together, and nothing that can't be seen."""
    return " ".join(clean(name).split())


def _person(book: Casebook, request: Request) -> Bystander:
    desk, key = desk_of(request), request.path_params["key"]
    found = next((one for one in book.bystanders(now=desk.clock()) if one.pseudonym == key), None)
    if found is None or found.forgotten:
        raise BadRequest("there is no name kept under that; look at the list of people again")
    return found


ROUTES = (
    Route("/consent/erase/{key}", erase, methods=["GET"]),
    Route("/consent/erase/{key}", posted(erased), methods=["POST"]),
    Route("/consent/erased", receipts),
    Route("/consent/receipt", receipt),
    Route("/consent/people", people),
    Route("/consent/people/{key}", person, methods=["GET"]),
    Route("/consent/people/{key}", posted(forget), methods=["POST"]),
)
