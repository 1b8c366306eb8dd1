"""Replay: the last year month by month, what could be said at the end of each, and when that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import Route

from mainstay.report.explanations_replay import replay_html
from mainstay.web.replayed import day_of, months_so_far, notable_in
from mainstay.web.showing import AS_OF, desk_of, show

if TYPE_CHECKING:
    from starlette.requests import Request

    from mainstay.report.explanations_replay import Month

PATH = "/replay"


def replay(request: Request) -> Response:
    """The months so far; while there are more to come, the page looks again by itself."""
    desk = desk_of(request)
    with desk.casebook() as book:
        if not book.streams():
            return show(request, "empty.html", title="Nothing is on record yet")
    months, every = months_so_far(desk)
    done = every > 0 and len(months) == every
    table = Markup(replay_html(months, _address)) if months else ""
    response = show(
        request, "replay.html", title="Month by month", table=table, months=len(months), every=every, done=done,
        notable=notable_in(months), cut=None,
    )  # fmt: skip
    if not done:
        response.headers["refresh"] = "2"
    return response


def _address(month: Month) -> str:
    return f"/explanations?{AS_OF}={day_of(month)}"


ROUTES = (Route(PATH, replay),)
