"""Write down: a check-in, what happened, a worry, a cause, an option; what was noted lately, and putting it right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.routing import Route

from mainstay.doors import noting
from mainstay.errors import BadRecord, BadRequest
from mainstay.records.kinds import Event
from mainstay.web.forms import Fields, posted
from mainstay.web.pages import write_asides, write_check_in, write_now
from mainstay.web.pages.write_form import MORE, Form, Here, Read, Written, read_form, typed_from
from mainstay.web.pages.write_page import (
    CHECK_IN,
    FORMS,
    PATH,
    can_be_taken_back,
    form_of,
    here,
    here_now,
    keep,
    lately,
    standing_record,
)
from mainstay.web.pages.write_shown import shown
from mainstay.web.showing import desk_of, go, show

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

STARTING = ("preference", "scenario")
"""The forms that speak of the ways it could turn out that come with Mainstay."""
MOST_LABELS = 12
GROUPS = (
    ("What happened", ("event", "role", "stretch", "contact")),
    ("What you expect, and what came", ("expectation", "reaction")),
    ("What it could be", ("concern", "hypothesis")),
    ("What could come, and be done", ("scenario", "option", "preference", "leaning", "decision")),
)


def index(request: Request) -> Response:
    """What can be noted, and what was noted lately."""
    desk = desk_of(request)
    known = here(desk)
    often, others = write_check_in.usual(desk.timeline()) if known.records else ((), ())
    under_way, roles = write_now.roles_now(desk, known)
    groups = [(words, [FORMS[kind] for kind in kinds]) for words, kinds in GROUPS]
    return show(
        request, "write.html", title="Write down", asked=often, others=others, labels=_labels(known), groups=groups,
        lately=lately(known), under_way=under_way, roles=roles, back=PATH, path=PATH, cut=None,
    )  # fmt: skip


def _labels(known: Here) -> list[str]:
    """The labels of events noted most often, in their own order by name."""
    counts = Counter(one.body.label for one in known.standing if isinstance(one.body, Event))
    return sorted(label for label, _ in counts.most_common(MOST_LABELS))


def form(request: Request) -> Response:
    """A form, empty or with what is put right (`?of=`, the id of a record)."""
    asked = _form(request)
    known = here(desk_of(request), starting=asked.kind in STARTING)
    of = request.query_params.get("of", "")
    if not of:
        return _shown(request, asked, {}, known)
    record = standing_record(of, known)
    if form_of(record) != asked.kind:
        return go(f"{PATH}/correct/{record.id}")
    return _shown(request, asked, typed_from(asked, asked.tables_of(record)) | {"of": record.id}, known)


def sent(request: Request, fields: Fields) -> Response:
    """Keeps what a form was sent with; shows it again with what can't be used, or with another line."""
    asked, desk = _form(request), desk_of(request)
    if fields.text(MORE):
        return _shown(request, asked, fields, here(desk, starting=asked.kind in STARTING), another=fields.text(MORE))
    with desk.writing() as book:
        now = desk.clock()
        known = here_now(book, now, starting=asked.kind in STARTING)
        of = fields.text("of")
        replaces = standing_record(of, known) if of else None
        read = read_form(asked, fields, known)
        wrong: Mapping[str, str] = read.wrong
        if not wrong:
            made = asked.note(read.tables, Written(known, now, replaces))
            if isinstance(made, noting.Note):
                try:
                    return keep(request, book, made, now, PATH)
                except (BadRecord, BadRequest) as refused:
                    made = {"": str(refused)}
            wrong = _by_field(read, made)
    return _shown(request, asked, fields, known, wrong)


def _by_field(read: Read, made: Mapping[str, str]) -> dict[str, str]:
    """What is wrong by the field that it came from."""
    found: dict[str, str] = {}
    for at, why in made.items():
        place = read.place([int(part) if part.isdecimal() else part for part in at.split(".")]) if at else ""
        found[place] = f"{found[place]}; {why}" if place in found else why
    return found


def _shown(
    request: Request,
    asked: Form,
    said: Mapping[str, str],
    known: Here,
    wrong: Mapping[str, str] | None = None,
    *,
    another: str = "",
) -> Response:
    of = said.get("of", "")
    values = shown(asked, said, known, wrong, another=another, hidden={"of": of} if of else {})
    return show(
        request, "write_form.html", title=asked.title, shown=values, known=known, path=f"{PATH}/{asked.kind}", of=of,
        there=() if of else write_asides.there(asked.kind, known), status=400 if wrong else 200, cut=None,
    )  # fmt: skip


def file(request: Request) -> Response:
    """Where a file (TOML) can be pasted."""
    return _file_shown(request, _form(request), "", ())


def file_sent(request: Request, fields: Fields) -> Response:
    """Keeps a file that was pasted; says what in it can't be used."""
    asked, desk = _form(request), desk_of(request)
    text = fields.get("toml", "").replace("\r\n", "\n")
    if asked.from_file is None:
        raise BadRequest("this is not given as a file")
    if not text.strip():
        return _file_shown(request, asked, text, ("there is nothing in it yet",))
    with desk.writing() as book:
        now = desk.clock()
        known = here_now(book, now, starting=asked.kind in STARTING)
        try:
            return keep(request, book, asked.from_file(text, Written(known, now)), now, PATH)
        except (BadRecord, BadRequest) as refused:
            why = str(refused).removeprefix(f"the {asked.kind}: ")
    return _file_shown(request, asked, text, tuple(why.split("; ")))


def _file_shown(request: Request, asked: Form, text: str, wrong: tuple[str, ...]) -> Response:
    return show(
        request, "write_file.html", title=f"{asked.title}, as a file", asked=asked, text=text, wrong=wrong,
        path=f"{PATH}/{asked.kind}", status=400 if wrong else 200, cut=None,
    )  # fmt: skip


def correct(request: Request) -> Response:
    """On to the form that puts a record right; where there is none, that it can be taken back and noted anew."""
    known = here(desk_of(request))
    record = standing_record(str(request.path_params["id"]), known)
    kind = form_of(record)
    if kind:
        return go(f"{PATH}/{kind}?of={record.id}")
    if not can_be_taken_back(record):
        raise BadRequest("that can’t be put right by hand; bring in the source anew")
    return show(request, "write_no_form.html", title="Take it back, and note it anew", id=record.id, cut=None)


def take_back(request: Request, fields: Fields) -> Response:
    """Takes a record back."""
    desk = desk_of(request)
    with desk.writing() as book:
        now = desk.clock()
        record = standing_record(fields.text("of"), here_now(book, now))
        if not can_be_taken_back(record):
            raise BadRequest("that can’t be taken back here")
        noting.kept(book, noting.taken_back(record, now=now), now)
    return go(PATH, "Taken back. From now on it counts no more; to undo that, note it anew.", request=request)


def _form(request: Request) -> Form:
    kind = str(request.path_params["kind"])
    if kind not in FORMS:
        raise BadRequest("there is no such form here")
    return FORMS[kind]


ROUTES = (
    Route(PATH, index),
    *write_check_in.routes(f"{PATH}/{CHECK_IN}"),
    Route(f"{PATH}/take-back", posted(take_back), methods=["POST"]),
    Route(f"{PATH}/correct/{{id}}", correct),
    *write_asides.ROUTES,
    *write_now.ROUTES,
    Route(f"{PATH}/{{kind}}", form, methods=["GET"]),
    Route(f"{PATH}/{{kind}}", posted(sent), methods=["POST"]),
    Route(f"{PATH}/{{kind}}/file", file, methods=["GET"]),
    Route(f"{PATH}/{{kind}}/file", posted(file_sent), methods=["POST"]),
)
