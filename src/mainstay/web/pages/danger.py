"""If I am in danger: the person's own words and contacts, set here and shown as one quiet line under every page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from mainstay.doors.danger import LONGEST_CONTACT, LONGEST_WORDS, MOST_CONTACTS, Danger, danger_in, keep
from mainstay.errors import BadRecord
from mainstay.web.forms import Fields, posted
from mainstay.web.showing import desk_of, go, show

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


def danger(request: Request) -> Response:
    """What is set, to be changed."""
    with desk_of(request).casebook() as book:
        try:
            held = danger_in(book)
            wrong = ""
        except BadRecord as error:
            held, wrong = None, str(error)
    return _form(request, held.words if held else "", held.contacts if held else (), wrong)


def set_(request: Request, fields: Fields) -> Response:
    """Keep it; empty fields take it away."""
    words = " ".join(fields.text("words").split())
    contacts = tuple(one for one in (" ".join(each.split()) for each in fields.all("contact")) if one)
    desk = desk_of(request)
    try:
        made = Danger(words, contacts) if words or contacts else None
    except BadRecord as error:
        return _form(request, words, contacts, str(error)[:1].upper() + str(error)[1:] + ".", status=400)
    with desk.writing() as book:
        keep(book, made, desk.clock())
    said = "Kept. It stands at the foot of every page." if made else "Taken away. Nothing of it is kept."
    return go("/consent/danger", said, request=request)


def _form(request: Request, words: str, contacts: tuple[str, ...], wrong: str, status: int = 200) -> Response:
    places = [*contacts, *[""] * MOST_CONTACTS][:MOST_CONTACTS]
    return show(
        request, "danger.html", title="If I am in danger", cut=None, words=words, contacts=places, wrong=wrong,
        status=status, longest=LONGEST_WORDS, longest_contact=LONGEST_CONTACT, is_set=bool(words or contacts),
    )  # fmt: skip


ROUTES = (
    Route("/consent/danger", danger, methods=["GET"]),
    Route("/consent/danger", posted(set_), methods=["POST"]),
)
