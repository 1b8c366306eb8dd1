"""What stands under a form: the open worries, the causes, ways and options that are considered; letting go of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast, get_args

from starlette.routing import Route

from mainstay.doors import noting_concern, noting_deciding, noting_hypothesis
from mainstay.doors import noting_reading as reading
from mainstay.errors import BadRecord, BadRequest
from mainstay.quantities import in_words
from mainstay.records.statements_concern import Concern, Seen
from mainstay.records.statements_hypothesis import same_name
from mainstay.web.forms import Fields, posted
from mainstay.web.pages.write_page import PATH, here_now, keep
from mainstay.web.showing import desk_of, show

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from mainstay.doors import noting
    from mainstay.web.pages.write_form import Here

WORDS: dict[str, str] = {"so": "It is so", "not": "It is not", "unclear": "Unclear"}
NAMED: dict[str, noting_deciding.Form] = {"scenario": "scenario", "option": "option"}


@dataclass(frozen=True)
class There:
    """Something on record under a form: its name, what is said of it, its id where it is the person's own.

    `signs`: of a worry those that nothing on record is tied to, (name, if so, if not) each.
    """

    id: str
    name: str
    said: str
    signs: tuple[tuple[str, str, str], ...] = ()


def there(kind: str, known: Here) -> tuple[There, ...]:
    """What is on record of a kind and was not let go."""
    if kind == "concern":
        return tuple(
            There(
                one.id, one.says.name, f"looked at again on {in_words(one.says.review)}",
                tuple((sign.what, sign.if_so, sign.if_not) for sign in one.says.observable if sign.tied_to is None),
            )
            for one in noting_concern.open_worries(known)
        )  # fmt: skip
    if kind == "hypothesis":
        return tuple(There(one.id, one.name, one.says.cause) for one in noting_hypothesis.considered(known))
    if kind in NAMED:
        found = noting_deciding.to_set_aside(kind, known, known.starting)
        said = {one.name: getattr(one.says, "words", None) or getattr(one.says, "what", None) or "" for one in found}
        return tuple(There(one.id, one.name, said[one.name]) for one in found)
    return ()


def aside(request: Request, fields: Fields) -> Response:
    """Sets a cause, a way or an option aside, for a reason."""
    kind, desk = str(request.path_params["kind"]), desk_of(request)
    name, why = fields.text("name"), fields.text("why").replace("\r\n", "\n")
    with desk.writing() as book:
        now = desk.clock()
        known = here_now(book, now, starting=kind == "scenario")
        try:
            return keep(request, book, _set_aside(kind, name, why, known), now, f"{PATH}/{kind}")
        except (BadRecord, BadRequest) as refused:
            said = str(refused)
    return _again(request, kind, name, why, said)


def _set_aside(kind: str, name: str, why: str, known: Here) -> noting.Note:
    if kind == "hypothesis":
        cause = next((one for one in noting_hypothesis.considered(known) if same_name(one.name, name)), None)
        if cause is None:
            raise BadRequest("that cause is not considered any more")
        return noting_hypothesis.set_aside(cause, reading.needed_reason(why, "a cause"), known, now=known.now)
    if kind not in NAMED:
        raise BadRequest("that can’t be set aside")
    form = NAMED[kind]
    open_ = noting_deciding.to_set_aside(form, known, known.starting)
    found = next((one for one in open_ if same_name(one.name, name)), None)
    if found is None:
        raise BadRequest("that is not considered any more")
    return noting_deciding.set_aside(form, found, reading.needed_reason(why, "it"), known, now=known.now)


def _again(request: Request, kind: str, name: str, why: str, said: str) -> Response:
    return show(
        request, "write_aside.html", title="Set aside", name=name, why=why, wrong=said, path=f"{PATH}/{kind}",
        status=400, cut=None,
    )  # fmt: skip


def let_go(request: Request, fields: Fields) -> Response:
    """Lets a worry go; why may stay unsaid."""
    desk = desk_of(request)
    with desk.writing() as book:
        now = desk.clock()
        known = here_now(book, now)
        found = _worry(fields, known)
        why = reading.reason(fields.text("why").replace("\r\n", "\n"))
        return keep(request, book, noting_concern.let_go(found, why, known, now=now), now, f"{PATH}/concern")


def review(request: Request, fields: Fields) -> Response:
    """Moves the day on which a worry is looked at again; what was seen of its signs goes with it."""
    desk = desk_of(request)
    with desk.writing() as book:
        now = desk.clock()
        known = here_now(book, now)
        found = _worry(fields, known)
        day = reading.review(fields.text("on"), now)
        mine = [one for one in found.says.observable if one.tied_to is None]
        seen = {
            sign.what: cast(Seen, said)
            for k, sign in enumerate(mine)
            if (said := fields.text(f"seen{k}")) in get_args(Seen)
        }
        return keep(request, book, noting_concern.moved(found, day, seen, known, now=now), now, f"{PATH}/concern")


def _worry(fields: Fields, known: Here) -> Concern:
    found = next((one for one in noting_concern.open_worries(known) if one.id == fields.text("of")), None)
    if found is None:
        raise BadRequest("that worry is not open any more")
    return found


ROUTES = (
    Route(f"{PATH}/concern/let-go", posted(let_go), methods=["POST"]),
    Route(f"{PATH}/concern/review", posted(review), methods=["POST"]),
    Route(f"{PATH}/{{kind}}/aside", posted(aside), methods=["POST"]),
)
