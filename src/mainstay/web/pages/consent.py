"""Consent: who may use what for what until when; allow with an end date, withdraw in one click, and how that went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from mainstay.casebook.consent import ALLOWS, PURPOSES, Consent, known_purpose
from mainstay.casebook.terms import ON_THE_PAGE, Terms, notice
from mainstay.doors.consenting import FOR, OWN, until
from mainstay.doors.erasing import held as what_it_holds
from mainstay.doors.kept import last_told
from mainstay.doors.sharing import last_day_in_words
from mainstay.errors import BadRequest, NoConsent
from mainstay.quantities import Finding
from mainstay.records.words import counted
from mainstay.report.labels import stream_in_words
from mainstay.web.desk import Working
from mainstay.web.forms import Fields, posted
from mainstay.web.held import held_of
from mainstay.web.showing import desk_of, go, show

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from mainstay.casebook import Casebook, ConsentEvent, ConsentHeld, StreamOverview
    from mainstay.quantities import Answer, Instant
    from mainstay.timeline.kinds import Timeline

SUPPORTER = "supporter_view"
WHO = {
    OWN: "Your own answers",
    SUPPORTER: "A supporter",
    "clinician_report": "Your clinician",
    "cohort": "A study",
    "pooled_prior": "What many share",
}
"""Each purpose as the head of a column."""
ALWAYS = (OWN, SUPPORTER)
"""The purposes that stand in the table even where nothing was ever said of them."""
SAID = {"withdrawn": "withdrawn", "refused": "refused", "expired": "ended"}
GONE = "that stream is no longer here; look at the list again"


@dataclass(frozen=True, slots=True)
class Cell:
    """What holds of one stream and purpose: whether it may be used now, and since or until when, in words."""

    purpose: str
    allowed: bool
    said: str


@dataclass(frozen=True, slots=True)
class Row:
    """One stream in the table; `key` says nothing about it."""

    name: str
    key: str
    holds: str
    cells: tuple[Cell, ...]


def consent(request: Request) -> Response:
    """Who may use what."""
    wanted = request.query_params.get("for", "")
    return _overview(request, {"purpose": wanted if wanted in PURPOSES else ""})


def give(request: Request, fields: Fields) -> Response:
    """Allow a purpose for some streams; what can't be is said beside its field."""
    desk = desk_of(request)
    now = desk.clock()
    typed = {"purpose": fields.text("purpose"), "until": fields.text("until"), "streams": fields.all("stream")}
    wrong: dict[str, str] = {}
    end = None
    if not typed["streams"]:
        wrong["streams"] = "Choose at least one stream."
    if typed["purpose"] not in PURPOSES:
        wrong["purpose"] = "Choose who may use it."
    if typed["until"]:
        try:
            end = until(fields.text("until"), now, "the date")
        except BadRequest as error:
            wrong["until"] = str(error)[:1].upper() + str(error)[1:] + "."
    if wrong:
        return _overview(request, typed, wrong, status=400)
    purpose = fields.text("purpose")
    with desk.writing() as book:
        names = _named(book, fields.all("stream"))
        noted = _allow(book, names, purpose, end, now)
    new = [one.stream for one in noted if one.event in ALLOWS]
    said = f"Allowed for {FOR[purpose]}, {_through(end)}: {', '.join(new)}." if new else "This was allowed already."
    return go("/consent", said, request=request)


def withdraw(request: Request, fields: Fields) -> Response:
    """End what was allowed, at once: for the stream and purpose sent, or for every stream where that is said."""
    desk = desk_of(request)
    purposes = tuple(known_purpose(one) for one in fields.all("purpose"))
    if not fields.all("stream") and fields.text("every") != "stream":
        raise BadRequest("say what is to be withdrawn; nothing has changed")
    before = {} if purposes and OWN not in purposes else _told(request)
    with desk.writing() as book:
        start = len(book.consents())
        noted = book.withdraw(_named(book, fields.all("stream")), purposes, now=desk.clock())
    if not any(one.event == "withdrawn" for one in noted):
        return go("/consent", "None of this was allowed, so there was nothing to withdraw.", request=request)
    held_of(desk).before(start, before or {})
    return go(f"/consent/withdrawn?from={start}")


def withdrawn(request: Request) -> Response:
    """What was withdrawn just now, what is no longer told, and the way back."""
    desk, start = desk_of(request), _number(request.query_params.get("from", ""))
    with desk.casebook() as book:
        ended = _ended_since(book, start)
        keys = {one.name: one.identity for one in book.streams()}
        now = book.clock(desk.clock())
        shares = [one for one in book.shares() if now < one.until]
    if not ended:
        return go("/consent")
    by_purpose: dict[str, list[str]] = {}
    for one in ended:
        by_purpose.setdefault(one.purpose, []).append(one.stream)
    names = sorted({one.stream for one in ended})
    still = [one for one in shares if set(one.streams) & set(by_purpose.get(SUPPORTER, ()))]
    lost: list[str] | None = None
    nothing = waiting = False
    if OWN in by_purpose:
        before = held_of(desk).told_before.get(start)
        try:
            story = desk.story()
            if isinstance(story, Working):
                waiting = True
            elif before:
                now_told = _claims(story.answers, story.timeline)
                lost = [said for key, said in before.items() if key not in now_told]
        except NoConsent:
            nothing = True
    response = show(
        request, "consent_withdrawn.html", title="Withdrawn", cut=None, start=start, waiting=waiting, nothing=nothing,
        ended=[(FOR[purpose], some) for purpose, some in by_purpose.items()], lost=lost, own=OWN in by_purpose,
        shares=[(one.with_whom, _last(one.until)) for one in still], streams=[(name, keys[name]) for name in names],
    )  # fmt: skip
    if waiting:
        response.headers["refresh"] = "2"
    return response


def again(request: Request, fields: Fields) -> Response:
    """Allow again what was withdrawn a moment ago, until when it was allowed before."""
    desk = desk_of(request)
    now = desk.clock()
    given: list[str] = []
    with desk.writing() as book:
        together: dict[tuple[str, Instant | None], list[str]] = {}
        before = {(one.stream, one.purpose): one.until for one in book.consents() if one.event in ALLOWS}
        for one in _ended_since(book, _number(fields.text("from"))):
            together.setdefault((one.purpose, before.get((one.stream, one.purpose))), []).append(one.stream)
        for (purpose, end), names in together.items():
            if end is None or end > book.clock(now):
                noted = _allow(book, tuple(names), purpose, end, now)
                given += [one.stream for one in noted if one.event in ALLOWS]
    said = f"Allowed again: {', '.join(dict.fromkeys(given))}." if given else "There was nothing to allow again."
    return go("/consent", said, request=request)


def stream(request: Request) -> Response:
    """One stream: what it holds, who may use it, and how that went."""
    desk = desk_of(request)
    with desk.casebook() as book:
        found = stream_of(book, request.path_params["key"])
        clock = book.clock(desk.clock())
        events = [one for one in book.consents() if one.stream == found.name]
    return show(
        request, "consent_stream.html", title="A stream", cut=None, row=_row(found, PURPOSES, clock), who=WHO,
        history=_history(events), notices=_notices(), typed=defaultdict(str),
        wrong=defaultdict(str), rows=[_row(found, PURPOSES, clock)],
        purposes=PURPOSES, earliest=f"{clock.as_local:%Y-%m-%d}",
    )  # fmt: skip


def history(request: Request) -> Response:
    """All that was ever said about consent, the newest first."""
    with desk_of(request).casebook() as book:
        events = list(book.consents())
    return show(request, "consent_history.html", title="What you have said", cut=None, history=_history(events))


def stream_of(book: Casebook, key: str) -> StreamOverview:
    """The stream of this identity. Refuses (`BadRequest`) one that is not here."""
    found = next((one for one in book.streams() if one.identity == key), None)
    if found is None:
        raise BadRequest(GONE)
    return found


def _overview(
    request: Request, typed: dict[str, Any], wrong: dict[str, str] | None = None, status: int = 200
) -> Response:
    desk = desk_of(request)
    with desk.casebook() as book:
        streams, clock = book.streams(), book.clock(desk.clock())
    said_of = {held.purpose for one in streams for held in one.consent}
    shown = [one for one in PURPOSES if one in ALWAYS or one in said_of]
    rows = [_row(one, shown, clock) for one in streams]
    open_ = [one for one in PURPOSES if any(cell.purpose == one and cell.allowed for row in rows for cell in row.cells)]
    return show(
        request, "consent.html", title="Who may use what", cut=None, rows=rows, shown=shown, who=WHO, words=FOR,
        notices=_notices(), open=open_, typed=defaultdict(str, typed), wrong=defaultdict(str, wrong or {}),
        purposes=PURPOSES, status=status,
        said=_summary(rows), behind=clock > desk.clock(), clock=clock.day_in_words,
        unread=[row for row in rows if not any(cell.allowed for cell in row.cells)],
        earliest=f"{clock.as_local:%Y-%m-%d}",
    )  # fmt: skip


def _summary(rows: list[Row]) -> str:
    """Who may use what, in two sentences."""
    counts = {purpose: sum(c.purpose == purpose and c.allowed for r in rows for c in r.cells) for purpose in PURPOSES}
    own, many = counts.pop(OWN), len(rows)
    used = "all of it" if own == many else "none of it" if not own else f"{own} of {counted(many, 'stream')}"
    others = [f"For {FOR[one]}: {count} of {counted(many, 'stream')}. " for one, count in counts.items() if count]
    return f"Your own answers may use {used}. {''.join(others)}Nobody else may use anything."


def _row(one: StreamOverview, shown: Any, clock: Instant) -> Row:
    words = {held.purpose: held for held in one.consent}
    cells = tuple(_cell(purpose, words.get(purpose), clock) for purpose in shown)
    return Row(stream_in_words(one.name), one.identity, what_it_holds(one), cells)


def _cell(purpose: str, held: ConsentHeld | None, clock: Instant) -> Cell:
    if held is None:
        return Cell(purpose, False, "")
    if held.valid(clock):
        return Cell(purpose, True, _through(held.until))
    if held.event in ALLOWS:
        begins = clock < held.at
        return Cell(purpose, False, f"from {held.at.day_in_words}" if begins else f"ended {_last(held.until)}")
    return Cell(purpose, False, f"{SAID[held.event]} {held.at.day_in_words}")


def _through(end: Instant | None) -> str:
    return "until withdrawn" if end is None else f"until {_last(end)}"


def _last(end: Instant | None) -> str:
    """The last day before an end, in words."""
    return "" if end is None else last_day_in_words(end)


def _history(events: list[ConsentEvent]) -> list[tuple[str, str, list[str]]]:
    """When, what was said, of which streams: what was said at once together, the newest first."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in reversed(events):
        when = f"{one.noted.day_in_words}, {one.noted.as_local:%H:%M}"
        what = "allowed" if one.event == "given" else "allowed for longer" if one.event == "renewed" else one.event
        end = f", {_through(one.until)}" if one.event in ALLOWS else ""
        said = f"{what.replace('expired', 'ended')} for {FOR[one.purpose]}{end}"
        found.setdefault((when, said), []).append(one.stream)
    return [(when, said[:1].upper() + said[1:], sorted(set(names))) for (when, said), names in found.items()]


def _ended_since(book: Casebook, start: int) -> list[ConsentEvent]:
    """What was withdrawn from this event on and not allowed again since."""
    last = {(one.stream, one.purpose): place for place, one in enumerate(book.consents())}
    return [
        one
        for place, one in enumerate(book.consents())
        if place >= start and one.event == "withdrawn" and last[one.stream, one.purpose] == place
    ]


def _allow(
    book: Casebook, names: tuple[str, ...], purpose: str, end: Instant | None, now: Instant
) -> tuple[ConsentEvent, ...]:
    terms = Terms(
        notice_text=notice(purpose, ON_THE_PAGE), withdrawal="on the page, under Consent, or mainstay consent withdraw"
    )
    return book.give(names, Consent(purposes=(purpose,), given_at=book.clock(now), until=end, terms=terms), now=now)


def _named(book: Casebook, keys: tuple[str, ...]) -> tuple[str, ...]:
    names = {one.identity: one.name for one in book.streams()}
    if any(key not in names for key in keys):
        raise BadRequest(GONE)
    return tuple(names[key] for key in keys)


def _notices() -> dict[str, str]:
    return {purpose: notice(purpose, ON_THE_PAGE) for purpose in PURPOSES}


def _told(request: Request) -> dict[tuple[str, str], str]:
    """What is told now; where that is still worked out, what was told last."""
    desk = desk_of(request)
    try:
        story = desk.story()
        if not isinstance(story, Working):
            return _claims(story.answers, story.timeline)
        with desk.casebook() as book:
            return _claims(last_told(book, OWN, desk.clock()), desk.timeline())
    except NoConsent:
        return {}


def _claims(answers: Sequence[Answer], timeline: Timeline) -> dict[tuple[str, str], str]:
    from mainstay.report.labels import in_words
    from mainstay.report.words import claim_of

    every = in_words(answers, timeline)
    return {(one.row, one.about): claim_of(one) for one in every if isinstance(one, Finding)}


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise BadRequest("this address is not whole; go back to Consent")
    return int(text)


ROUTES = (
    Route("/consent", consent),
    Route("/consent/give", posted(give), methods=["POST"]),
    Route("/consent/withdraw", posted(withdraw), methods=["POST"]),
    Route("/consent/withdrawn", withdrawn),
    Route("/consent/again", posted(again), methods=["POST"]),
    Route("/consent/history", history),
    Route("/consent/stream/{key}", stream),
)
