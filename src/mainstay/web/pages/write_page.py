"""What the pages for noting by hand have in common: what is on record, keeping a note, and what was noted lately."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from mainstay.doors import noting, noting_deciding
from mainstay.doors.noting_times import stretch_in_words, when_in_words
from mainstay.errors import BadRequest
from mainstay.quantities import Span
from mainstay.records.kinds import CheckIn, Contact, Episode, Event, Reaction, Record, Statement
from mainstay.records.logged import BY_HAND
from mainstay.web.pages import write_cause, write_deciding, write_kinds, write_option, write_scenario, write_worry
from mainstay.web.pages.write_form import Form, Here
from mainstay.web.showing import desk_of, go

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from mainstay.casebook import Casebook
    from mainstay.quantities import Instant
    from mainstay.web.desk import Desk

PATH = "/write"
CHECK_IN = "check-in"
FORMS: dict[str, Form] = {
    one.kind: one
    for one in (
        *write_kinds.FORMS, write_worry.CONCERN, write_cause.HYPOTHESIS, write_scenario.SCENARIO, write_option.OPTION,
        *write_deciding.FORMS,
    )
}  # fmt: skip
TAKEN_BACK = (CheckIn, Event, Episode, Contact, Reaction, Statement)
NOT_HERE = ("protocol", "trial", "observation", "retraction")
"""Statements that are neither put right nor taken back here: a trial is sealed, an observation is another's."""
LATELY = 40


@dataclass(frozen=True)
class Lately:
    """Something that was noted by hand: what it says, its id, and whether it can be put right (`form`)."""

    id: str
    word: str
    said: str
    when: str
    form: str


HELD: WeakKeyDictionary[Casebook, tuple[Any, noting.OnRecord]] = WeakKeyDictionary()
"""What was read last from a casebook while it is open; it goes with it."""


def here(desk: Desk, *, starting: bool = False) -> Here:
    """What is on record, read anew only where something changed. `starting`: with the ways that come with Mainstay."""
    with desk.casebook() as book:
        now = desk.clock()
        if not book.streams():
            return Here((), (), now)
        timeline = desk.timeline()
        held = HELD.get(book)
        if held is None or held[0] is not timeline.others:
            held = (timeline.others, noting.on_record(book, now))
            HELD[book] = held
    came = noting_deciding.starting_of(timeline) if starting else None
    return Here(held[1].records, held[1].items, now, came)


def here_now(book: Casebook, now: Instant, *, starting: bool = False) -> Here:
    """The same read anew, where something is about to be written."""
    found = noting.on_record(book, now)
    came = noting_deciding.starting_in(book, now) if starting and found.records else None
    return Here(found.records, found.items, now, came)


def keep(request: Request, book: Casebook, note: noting.Note, now: Instant, back: str) -> Response:
    """Keep a note and say so on the next page. Refuses where something else is on record in its place."""
    added = noting.kept(book, note, now)
    if added.different and not added.new:
        raise BadRequest("something else is on record under this name and time; put that one right instead")
    said = f"Noted: {note.said}." if added.new else "That is on record already; nothing was added."
    desk = desk_of(request)
    closed = _closed(book, {*added.new, *added.already}, now)
    desk.said.extend([said, *note.hints, *closed])
    return go(back)


def _closed(book: Casebook, names: set[str], now: Instant) -> list[str]:
    clock = book.clock(now)
    closed = [
        stream.name
        for stream in book.streams()
        if stream.name in names and any(one.purpose == noting.OWN and not one.valid(clock) for one in stream.consent)
    ]
    if not closed:
        return []
    return [f"What you said of {', '.join(closed)} stands: it may not be read for your answers. See Consent."]


def lately(known: Here) -> tuple[Lately, ...]:
    """What was noted by hand, the latest first."""
    found = [one for one in known.standing if one.source == BY_HAND and can_be_taken_back(one)]
    found.sort(key=lambda one: (one.known, one.id), reverse=True)
    return tuple(_lately(one, known) for one in found[:LATELY])


def can_be_taken_back(record: Record) -> bool:
    """Whether a record can be taken back here."""
    body = record.body
    return isinstance(body, TAKEN_BACK) and not (isinstance(body, Statement) and body.form in NOT_HERE)


def form_of(record: Record) -> str:
    """The form that puts a record right; empty where there is none."""
    body = record.body
    if isinstance(body, CheckIn):
        return CHECK_IN
    if isinstance(body, Event):
        return "event"
    if isinstance(body, Reaction):
        return "reaction"
    if isinstance(body, Episode) and isinstance(record.happened, Span):
        return "role" if body.is_ == "role" else "stretch" if noting.is_stretch(record) else ""
    if isinstance(body, Statement) and body.form in FORMS:
        return body.form
    return ""


def standing_record(id_: str, known: Here) -> Record:
    """A record that stands, by its id. Refuses one that is not there, was corrected or taken back."""
    found = noting.to_correct(id_, known.records)
    if found is None or found not in known.standing:
        raise BadRequest("that is not on record any more")
    return found


def _lately(record: Record, known: Here) -> Lately:
    body, happened, now = record.body, record.happened, known.now
    when = when_in_words(happened, now)
    if isinstance(body, CheckIn):
        item = known.item(body.item)
        word, said = "Answer", f"{item.label if item and item.label else body.item} {body.value:g}"
    elif isinstance(body, Event):
        word, said = "Event", ", ".join((body.label, *body.tags))
    elif isinstance(body, Episode):
        word, said = ("Role" if body.is_ == "role" else "Stretch"), body.label
        when = stretch_in_words(happened, now) if isinstance(happened, Span) else when
    elif isinstance(body, Contact):
        word, said = "Somebody", ": ".join(filter(None, (body.pseudonym, ", ".join(a.name for a in body.attributes))))
    elif isinstance(body, Reaction):
        word, said = "What came", f"{body.cue}: {body.observed:g}"
    else:
        assert isinstance(body, Statement)
        word, said = FORMS[body.form].word.capitalize(), _named(body)
    return Lately(record.id, word, said, when, form_of(record))


def _named(body: Statement) -> str:
    import tomllib

    try:
        held = tomllib.loads(body.toml)
    except ValueError:
        return "it can’t be read"
    return next((held[key] for key in ("name", "option", "cue") if isinstance(held.get(key), str)), "")
