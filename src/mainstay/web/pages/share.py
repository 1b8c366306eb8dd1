"""Share: exactly what a supporter would see, before it is shared; the file; what was shared; what comes back."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.routing import Route

from mainstay.doors.passphrases import SHORTEST, refuse_different, refuse_unfit
from mainstay.doors.sharing import (
    HONOURED,
    LONGEST_NAME,
    NOT_IN_IT,
    PURPOSE,
    Composed,
    composed,
    end_of,
    for_them,
    head_of,
    last_day_in_words,
    name_of,
    quiet_of,
    refuse_uncovered,
    seal,
    take_in,
    until_words,
)
from mainstay.errors import BadRecord, BadRequest, MainstayError, NoConsent, WrongPassphrase
from mainstay.web.files import attachment, content_of
from mainstay.web.forms import Fields, posted
from mainstay.web.held import Look, held_of
from mainstay.web.showing import desk_of, go, one_moment, show
from mainstay.web.uploads import Upload, uploaded

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

GONE = "what you looked at is no longer at hand; look at it anew under Share"
LINE = "line"


def share(request: Request) -> Response:
    """Whom, until when; what was shared so far; what came back."""
    return _start(request)


def look(request: Request, fields: Fields) -> Response:
    """Begin to work out what they would see; what can't be is said beside its field."""
    from mainstay.story import tell

    desk = desk_of(request)
    now, typed = desk.clock(), {"with": fields.text("with"), "until": fields.text("until")}
    wrong: dict[str, str] = {}
    try:
        name = name_of(typed["with"], "this")
    except BadRequest as error:
        wrong["with"] = _sentence(error)
    try:
        until = end_of(typed["until"], now, "the day")
    except BadRequest as error:
        wrong["until"] = _sentence(error) if typed["until"] else "Say until when it may be seen."
    if wrong:
        return _start(request, typed, wrong, status=400)
    try:
        with desk.casebook() as book:
            timeline, streams = for_them(book, until, now, "last day")
    except BadRequest as error:
        return _start(request, typed, {"until": _sentence(error)}, status=400)
    except NoConsent:
        return go("/share")

    def work() -> Composed:
        story = tell(timeline, made_at=now)
        with desk.casebook() as book:
            return composed(book, story, streams, name, until)

    return go(f"/share/look/{held_of(desk).look(name, typed['until'], work)}")


def looked(request: Request) -> Response:
    """What they would see; while it is worked out, a page that says so and looks again."""
    one = _look(request)
    if not one.found.done():
        said = f"What {one.with_whom} would see is being worked out, from what you allow for it and nothing else."
        return one_moment(request, said)
    return _view(request, one)


def make(request: Request, fields: Fields) -> Response:
    """Seal what was shown, without the lines left out, note that it was shared, and go on to the file."""
    desk, one = desk_of(request), _look(request)
    if not one.found.done():
        return go(f"/share/look/{request.path_params['key']}")
    if one.file:
        return go(f"/share/made/{request.path_params['key']}")
    found = one.found.result()
    kept = fields.all(LINE)
    chosen = {int(place) for place in kept if place.isdecimal() and len(place) < 6}
    answers = tuple(answer for place, answer in enumerate(found.view.answers) if place in chosen)
    theirs, again = fields.get("passphrase", ""), fields.get("again", "")
    if not answers:
        return _view(request, one, {LINE: "Leave at least one line in; an empty file says nothing."}, chosen, 400)
    shared = replace(found, view=replace(found.view, answers=answers))
    try:
        refuse_unfit(theirs)
        refuse_different(theirs, again)
        sealed = seal(desk.path, shared.view, theirs)
        with desk.writing() as book:
            refuse_uncovered(book, shared, desk.clock())
            # Listed before the file can be had: no share is without its entry.
            book.note_share(sealed.share, shared.view, shared.streams, now=desk.clock())
    except BadRequest as error:
        return _view(request, one, {"passphrase": _sentence(error)}, chosen, 400)
    one.file = sealed.content
    return go(f"/share/made/{request.path_params['key']}")


def made(request: Request) -> Response:
    """The file is there: how it gets to them."""
    one = _look(request)
    if not one.file:
        return go(f"/share/look/{request.path_params['key']}")
    return show(
        request, "share_made.html", title="The file", cut=None, with_whom=one.with_whom, honoured=HONOURED,
        until=until_words(one.found.result().view), key=request.path_params["key"],
    )  # fmt: skip


def file(request: Request) -> Response:
    """The sealed file itself."""
    one = _look(request)
    if not one.file:
        raise BadRequest(GONE)
    return attachment(one.file, "for-you.share")


def take(request: Request, fields: Fields, upload: Upload | None) -> Response:
    """Take in what somebody noticed and sent back."""
    content = content_of(upload)
    if content is None:
        return _start(request, {}, {"file": "Choose the file that came back from them."}, status=400)
    desk = desk_of(request)
    try:
        with desk.writing() as book:
            taken = take_in(book, content, fields.get("theirs", ""), desk.clock())
    except WrongPassphrase:
        return _start(request, {}, {"theirs": "That does not open this file. It is the one you chose for them."}, 403)
    except (BadRequest, BadRecord) as error:
        return _start(request, {}, {"file": _sentence(error)}, status=400)
    said = f"Taken in: {taken.new} of {taken.count} things that {taken.by} noticed, as the stream “{taken.stream}”."
    return go("/share", said, request=request)


def _start(
    request: Request, typed: dict[str, str] | None = None, wrong: dict[str, str] | None = None, status: int = 200
) -> Response:
    desk = desk_of(request)
    with desk.casebook() as book:
        streams, clock, shares = book.streams(), book.clock(desk.clock()), book.shares()
    allowed = [one.name for one in streams if any(c.purpose == PURPOSE and c.valid(clock) for c in one.consent)]
    listed = [
        (
            one.made_at.day_in_words, one.with_whom, last_day_in_words(one.until), clock >= one.until,
            [name or "a stream since erased" for name in one.streams],
        )
        for one in reversed(shares)
    ]  # fmt: skip
    return show(
        request, "share.html", title="Share", cut=None, allowed=allowed, shares=listed, status=status,
        typed=defaultdict(str, typed or {}), wrong=defaultdict(str, wrong or {}), any=bool(streams),
        earliest=f"{clock.as_local:%Y-%m-%d}", longest=LONGEST_NAME,
    )  # fmt: skip


def _view(
    request: Request, one: Look, wrong: dict[str, str] | None = None, chosen: set[int] | None = None, status: int = 200
) -> Response:
    try:
        found = one.found.result()
    except MainstayError as error:
        return _start(request, {"with": one.with_whom, "until": one.until}, {"until": _sentence(error)}, status=400)
    view = found.view
    lines = [
        (place, answer.heading, answer.claim, quiet_of(answer), found.nameless[place])
        for place, answer in enumerate(view.answers)
    ]
    return show(
        request, "share_look.html", title="What they would see", cut=None, head=head_of(view),
        lines=lines, not_in_it=NOT_IN_IT.removeprefix("That is all that is in it. "), left_out=found.left_out,
        kept_back=found.kept_back, nameless=sum(found.nameless), until=until_words(view), honoured=HONOURED,
        with_whom=view.with_whom, wrong=defaultdict(str, wrong or {}),
        chosen=set(range(len(lines))) if chosen is None else chosen,
        shortest=SHORTEST, key=request.path_params.get("key", ""), status=status,
    )  # fmt: skip


def _look(request: Request) -> Look:
    """What was looked at. Where what it rests on may no longer be used for it, it is let go of, with its file."""
    desk, key = desk_of(request), request.path_params["key"]
    looks = held_of(desk).looks
    found = looks.get(key)
    if found is None:
        raise BadRequest(GONE)
    if found.found.done() and found.found.exception() is None:
        with desk.casebook() as book:
            try:
                refuse_uncovered(book, found.found.result(), desk.clock())
            except BadRequest:
                looks.pop(key, None)
                raise
    return found


def _sentence(error: Exception) -> str:
    said = str(error)
    return said[:1].upper() + said[1:] + ("" if said.endswith(".") else ".")


ROUTES = (
    Route("/share", share),
    Route("/share/look", posted(look), methods=["POST"]),
    Route("/share/look/{key}", looked, methods=["GET"]),
    Route("/share/look/{key}", posted(make), methods=["POST"]),
    Route("/share/made/{key}", made),
    Route("/share/file/{key}", file),
    Route("/share/take", uploaded(take), methods=["POST"]),
)
