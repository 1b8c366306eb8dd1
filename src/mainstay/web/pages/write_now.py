"""The role somebody is in just now: begun, changed and over with one tap each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from starlette.routing import Route

from mainstay.doors import noting_now
from mainstay.doors.noting_times import when_in_words
from mainstay.errors import BadRecord
from mainstay.records import typed
from mainstay.records.kinds import Episode
from mainstay.web.forms import Fields, posted
from mainstay.web.pages.write_page import PATH, here_now, keep
from mainstay.web.showing import desk_of, go

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from mainstay.web.desk import Desk
    from mainstay.web.pages.write_form import Here

MOST_ROLES = 8


def roles_now(desk: Desk, known: Here) -> tuple[tuple[str, str] | None, list[str]]:
    """The role that is under way, with since when in words; and the roles it could be, those noted most often."""
    counts = Counter(
        one.body.label for one in known.standing if isinstance(one.body, Episode) and one.body.is_ == "role"
    )
    labels = sorted(label for label, _ in counts.most_common(MOST_ROLES))
    with desk.casebook() as book:
        try:
            found = noting_now.under_way(book)
        except BadRecord:
            return ("a role that can’t be read", ""), []
    if found is None:
        return None, labels
    return (found.label, when_in_words(found.since, known.now)), [one for one in labels if one != found.label]


def sent(request: Request, fields: Fields) -> Response:
    """In a role from now on (`label`), which ends the one before; over (`over`); or never mind (`forget`)."""
    desk = desk_of(request)
    with desk.writing() as book:
        now = desk.clock()
        if fields.text("forget"):
            noting_now.forget(book, now)
            return go(PATH, "Forgotten; nothing was noted of it.", request=request)
        label = typed.name(fields.text("label")) if fields.text("label") else ""
        found = noting_now.under_way(book)
        response = go(PATH)
        if found is not None and now > found.since:
            known = here_now(book, now)
            response = keep(request, book, noting_now.over(known, found, now), now, PATH)
        noting_now.forget(book, now)
        if label:
            noting_now.begin(book, label, now)
            desk.said.append(f"You are in {label} from now on.")
    return response


ROUTES = (Route(f"{PATH}/role-now", posted(sent), methods=["POST"]),)
