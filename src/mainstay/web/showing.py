"""One page as it is shown: its template, the frame around it, the date it is told as of, what was just done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from mainstay.doors.dates import as_of
from mainstay.errors import BadRequest, MainstayError
from mainstay.web.desk import Working

if TYPE_CHECKING:
    import jinja2
    from starlette.requests import Request
    from starlette.responses import Response

    from mainstay.doors.danger import Danger
    from mainstay.quantities import Instant
    from mainstay.story import Story
    from mainstay.web.desk import Desk

AS_OF = "as_of"
WAITING = "working.html"
"""A page that looks again by itself says nothing that is said once."""
SOON_S = 0.2
"""How long a page waits for what stands at its foot: it is shown without rather than late."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the menu: its path, its name, and what it answers."""

    path: str
    name: str
    asks: str


CHAPTERS = (
    Place("/", "Today", "How things stand"),
    Place("/notice", "Notice", "Is something changing?"),
    Place("/patterns", "Pattern", "What strains, what restores?"),
    Place("/explanations", "Explanations", "What could be behind it?"),
    Place("/futures", "Futures", "How could it turn out?"),
    Place("/options", "Options", "What could be done?"),
    Place("/trial", "Trial", "Did it work?"),
)
KEEPING = (
    Place("/write", "Write down", "Note something by hand"),
    Place("/record", "Record", "What is on record"),
    Place("/consent", "Consent", "Who may use what"),
    Place("/share", "Share", "What others would see"),
)


def desk_of(request: Request) -> Desk:
    """The casebook behind the page."""
    desk: Desk = request.app.state.desk
    return desk


def cut_of(request: Request) -> Instant | None:
    """The end of the day that the address asks to be told as of (`?as_of=2025-03-01`); None: now.

    Refuses (`BadRequest`) what is no date, and a date to come.
    """
    asked = request.query_params.get(AS_OF)
    return as_of(asked, desk_of(request).clock(), "the date") if asked else None


def show(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """A page from its template, in the frame that all pages share."""
    from starlette.responses import HTMLResponse

    return HTMLResponse(rendered(request, template, **values), status_code=status)


def rendered(request: Request, template: str, **values: Any) -> str:
    """The markup of a page. All that is put into a template is escaped unless this package made it markup."""
    desk = desk_of(request)
    asked = _date_in(request) if "cut" not in values or values["cut"] is not None else ""
    frame = {
        "chapters": CHAPTERS, "keeping": KEEPING, "here": request.url.path, "desk": desk, "as_of": asked,
        "as_of_in_words": _in_words(asked),
        "with_as_of": lambda path: f"{path}?{urlencode({AS_OF: asked})}" if asked else path,
        "today": desk.clock().as_local.date(), "told": () if template == WAITING else took(request),
        "locks_after": round(desk.idle_s) + 1, "danger": _danger(desk), "as_it_stood": "",
    }  # fmt: skip
    return _templates().get_template(template).render(**(frame | values))


def _danger(desk: Desk) -> Danger | None:
    """What the person has set to be read when they are in danger; None while the casebook can't be read."""
    from mainstay.doors.danger import danger_in

    if not desk.is_open:
        return None
    try:
        with desk.casebook(wait_s=SOON_S) as book:
            return danger_in(book)
    except MainstayError:  # the page being shown says itself what is wrong
        return None


def _date_in(request: Request) -> str:
    """The date in the address, if it is one that can be told as of; nothing else from there is ever shown."""
    try:
        return request.query_params[AS_OF] if cut_of(request) is not None else ""
    except BadRequest:
        return ""


def _in_words(day: str) -> str:
    """A date of an address as it is read: "1 March 2025"."""
    return f"{date.fromisoformat(day):%-d %B %Y}" if day else ""


def go(path: str, said: str = "", *, request: Request | None = None) -> Response:
    """After something was done: on to a page, which says it once. `request` is needed where something is said."""
    from starlette.responses import RedirectResponse

    if said and request is not None:
        desk_of(request).said.append(said)
    return RedirectResponse(path, status_code=303)


def took(request: Request) -> tuple[str, ...]:
    """What is to be said once, at the top of the next page."""
    said = desk_of(request).said
    told = tuple(one.removeprefix("mainstay: note: ") for one in said)
    said.clear()
    return told


def story_or_waiting(request: Request) -> Story | Response:
    """The story as of the date in the address; while it is worked out, a page that says so and looks again."""
    cut = cut_of(request)
    found = desk_of(request).story(cut)
    if not isinstance(found, Working):
        return found
    return one_moment(request, found.said)


def one_moment(request: Request, said: str, **values: Any) -> Response:
    """A page that says what is being worked out, and looks again by itself."""
    response = show(request, WAITING, title="One moment", said=said, **values)
    response.headers["refresh"] = "2"
    return response


def made_ready_to_show(*templates: str) -> None:
    """Compiles templates before anybody waits for a page of them."""
    for one in templates:
        _templates().get_template(one)


@cache
def _templates() -> jinja2.Environment:
    import jinja2

    from mainstay.report.words import clean
    from mainstay.web.links import linked

    found = jinja2.Environment(
        loader=jinja2.PackageLoader("mainstay.web"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    found.filters["clean"], found.filters["linked"] = clean, linked
    return found
