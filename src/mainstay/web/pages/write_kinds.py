"""Forms for what happened: an event, a stretch in a role or under a name, somebody, what is expected, what came."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any, cast

from mainstay.doors import noting, noting_expecting
from mainstay.doors import noting_reading as reading
from mainstay.errors import BadRecord, BadRequest
from mainstay.quantities import Span
from mainstay.records.kinds import Contact, Episode, Event, Is, Reaction, Record
from mainstay.records.statements import ExpectationFile, parsed
from mainstay.records.typed import number
from mainstay.web.pages import write_choices as choose
from mainstay.web.pages.write_form import Ask, Form, Group, Several, Written

DIRECTIONS = (("more", "More of it"), ("same", "The same"), ("less", "Less of it"))
SWINGS = "In your usual swings: 1 is as on most days, 2 is rare."
FIRST, LAST = "when it began", "when it was over"


def _refused(found: Exception) -> dict[str, str]:
    return {"": str(found)}


def _event(tables: dict[str, Any], written: Written) -> noting.Note | Mapping[str, str]:
    label, before = tables["label"], written.replaces
    meaning = tables.get("is") or noting.meaning_of(label, written.known)
    if meaning is None:
        return {"is": f"“{label}” is new here; say what it is to you"}
    when = choose.same_time(tables["when"], before)
    try:
        return noting.event(
            label, cast(Is, meaning), when, now=written.now, size=tables.get("size"), contacts=tables.get("with", ()),
            tags=tables.get("tags", ()), replaces=before,
        )  # fmt: skip
    except (BadRecord, BadRequest) as refused:
        return _refused(refused)


def _of_event(record: Record) -> dict[str, Any]:
    body = cast(Event, record.body)
    return {
        "label": body.label, "is": body.is_, "when": record.happened, "size": body.size, "with": body.contacts or None,
        "tags": body.tags or None,
    }  # fmt: skip


EVENT = Form(
    "event",
    "Something happened",
    "Call it what you always call it, so that it is found again.",
    "what happened",
    (
        Group((
            Ask("label", "What was it?", choose.name, needed=True, suggest=choose.names_on_record("event")),
            Ask(
                "is", "What is it to you?", choose.one_of(*noting.KINDS_OF_EVENT), "radio",
                hint="Only for something new; else it stays as you said before.", choices=choose.kinds_of_event,
            ),
            Ask(
                "when", "When?", choose.when, "moment", hint="Left empty it is now; a day alone: some time that day.",
                typed=choose.happened_typed,
            ),
        )),
        Group((
            Ask("size", "How big was it?", choose.a_number, "number", hint="If you keep sizes. For hours, say hours.",
                typed=lambda held: f"{held:g}"),
            Ask("with", "With whom?", choose.plain(reading.names), typed=reading.as_names,
                hint="Names separated by ; – each is kept under a pseudonym."),
            Ask("tags", "Tags", choose.plain(reading.names), typed=reading.as_names,
                hint="Separated by ; – a slip tagged harm did harm to somebody else."),
        ), "More about it", folded=True),
    ),
    _event,
    _of_event,
)  # fmt: skip


def _role(tables: dict[str, Any], written: Written) -> noting.Note | Mapping[str, str]:
    try:
        begun, over = choose.same_span(tables["from"], tables["to"], written.replaces)
        span = noting.from_to(begun, over, (FIRST, LAST))
        itself = {"yes": True, "no": False}.get(tables.get("oneself", ""))
        return noting.role(
            tables["label"], span, written.known, now=written.now, is_self=itself, replaces=written.replaces
        )
    except (BadRecord, BadRequest) as refused:
        return _refused(refused)


def _of_role(record: Record) -> dict[str, Any]:
    body, span = cast(Episode, record.body), cast(Span, record.happened)
    return {"label": body.label, "from": span.start, "to": span.end, "oneself": "yes" if body.is_self else "no"}


ROLE = Form(
    "role",
    "A time in a role",
    "From when to when you were in it.",
    "a time in a role",
    (
        Group((
            Ask("label", "Which role?", choose.name, needed=True, suggest=choose.names_on_record("role")),
            Ask("from", "From", choose.begin, "moment", needed=True, typed=choose.moment_typed),
            Ask("to", "To", choose.end, "moment", hint="Left empty it is now.", typed=choose.moment_typed),
        )),
        Group((
            Ask(
                "oneself", "Is it time as yourself, with no part to play?", choose.one_of("yes", "no"), "select",
                choices=choose.words(("yes", "Yes"), ("no", "No"), empty="As you said before"),
            ),
        ), "More about it", folded=True),
    ),
    _role,
    _of_role,
)  # fmt: skip


def _stretch(tables: dict[str, Any], written: Written) -> noting.Note | Mapping[str, str]:
    try:
        span = noting.from_to(tables["from"], tables["to"], (FIRST, LAST))
        return noting.stretch(tables["label"], span, written.known, now=written.now, replaces=written.replaces)
    except (BadRecord, BadRequest) as refused:
        return _refused(refused)


def _of_stretch(record: Record) -> dict[str, Any]:
    span = cast(Span, record.happened)
    last = span.end.plus_days(-noting.A_MOMENT)
    return {"label": cast(Episode, record.body).label, "from": span.start, "to": last}


STRETCH = Form(
    "stretch",
    "A stretch of the past",
    "A time of two weeks or more under your own name for it, such as “the winter with A.”: how it is now can be "
    "likened to it. The same name may come again.",
    "a stretch of the past",
    (
        Group((
            Ask("label", "What do you call it?", choose.name, needed=True, suggest=choose.names_on_record("episode")),
            Ask("from", "Its first day", choose.begin, "day", needed=True, typed=lambda at: f"{at.as_local:%Y-%m-%d}"),
            Ask("to", "Its last day", choose.end, "day", needed=True, typed=lambda at: f"{at.as_local:%Y-%m-%d}"),
        )),
    ),
    _stretch,
    _of_stretch,
)  # fmt: skip


def _contact(tables: dict[str, Any], written: Written) -> noting.Note | Mapping[str, str]:
    known = [(one["what"], one.get("since", written.now)) for one in tables.get("true", ())]
    try:
        return noting.contact(tables["name"], known, written.now, now=written.now)
    except (BadRecord, BadRequest) as refused:
        return _refused(refused)


def _of_contact(record: Record) -> dict[str, Any]:
    body = cast(Contact, record.body)
    return {"name": body.pseudonym, "true": [{"what": one.name, "since": one.known} for one in body.attributes]}


CONTACT = Form(
    "contact",
    "Somebody",
    "Who somebody is to you. The name is kept under a pseudonym, and others never see it.",
    "somebody",
    (
        Group((
            Ask("name", "Who?", choose.name, needed=True),
            Several(
                "true", "What is true of them", (
                    Ask("what", "It is true that", choose.name, suggest=choose.names_on_record("company"), needed=True),
                    Ask("since", "Known since", choose.begin, "day", typed=lambda at: f"{at.as_local:%Y-%m-%d}"),
                ),
                hint="Such as family, works with me, knows of it. Without a day: known from now on.",
            ),
        )),
    ),
    _contact,
    _of_contact,
)  # fmt: skip

_CUE = Ask("cue", "What is it about?", choose.name, needed=True, hint="In a word or two, such as “a smirk”.")
_ROLE = Ask(
    "role", "In which role does it come?", choose.name, "select", choices=choose.of_names("role", empty="In any role")
)
_TOWARD = Ask("direction", "What do you expect?", choose.one_of("more", "same", "less"), "radio", needed=True,
              choices=choose.words(*DIRECTIONS))  # fmt: skip
_SIZE = Ask("size", "How far?", choose.plain(lambda said: reading.size(number(said))), "number", hint=SWINGS,
            typed=lambda held: f"{held:g}")  # fmt: skip


def _expected(tables: dict[str, Any], size: str) -> tuple[int, float] | dict[str, str]:
    toward = noting_expecting.WORDS[tables["direction"]]
    if toward == 0:
        return (0, 0.0)
    return (toward, tables["size"]) if "size" in tables else {size: "say how far"}


def _expectation(tables: dict[str, Any], written: Written) -> noting.Note | Mapping[str, str]:
    expected = _expected(tables, "size")
    if isinstance(expected, dict):
        return expected
    try:
        file = noting_expecting.expectation_file(tables["cue"], tables.get("role", ""), *expected, tables.get("item"))
        return noting_expecting.expectation(file, written.known, now=written.now, replaces=written.replaces)
    except (BadRecord, BadRequest) as refused:
        return _refused(refused)


def _of_expectation(record: Record) -> dict[str, Any]:
    held = tomllib.loads(choose.toml_of(record))
    toward = {number: word for word, number in noting_expecting.WORDS.items()}[held["direction"]]
    return held | {"direction": toward, "size": held["size"] or None, "role": held.get("role") or None}


def _expectation_file(text: str, written: Written) -> noting.Note:
    file = parsed(text, ExpectationFile, "expectation")
    return noting_expecting.expectation(file, written.known, now=written.now, toml=text, replaces=written.replaces)


EXPECTATION = Form(
    "expectation",
    "What you expect",
    "Written down before it comes, it can be held against what came. It counts from now on.",
    "what you expect",
    (
        Group((_CUE, _TOWARD, _SIZE)),
        Group((
            _ROLE,
            Ask("item", "Where would it be seen?", choose.name, "select",
                choices=choose.of_names("item", empty="In the reaction as a whole")),
        ), "In which role, and where it would be seen", folded=True),
    ),
    _expectation,
    _of_expectation,
    _expectation_file,
)  # fmt: skip


def _reaction(tables: dict[str, Any], written: Written) -> noting.Note | Mapping[str, str]:
    expected = None
    if "direction" in tables:
        said = _expected(tables, "size")
        if isinstance(said, dict):
            return said
        expected = said
    cue, role, when = tables["cue"], tables.get("role", ""), choose.same_time(tables["when"], written.replaces)
    if expected is None and noting_expecting.expected_before(cue, role, when, written.known) is None:
        why = noting_expecting.why_unexpected(cue, role, written.known, written.now)
        return {"direction": f"{why}. Say what you would have expected; it is marked as written afterwards"}
    try:
        return noting_expecting.reaction(
            cue, role, tables["observed"], when, written.known, now=written.now, expected=expected,
            replaces=written.replaces,
        )  # fmt: skip
    except (BadRecord, BadRequest) as refused:
        return _refused(refused)


def _of_reaction(record: Record) -> dict[str, Any]:
    body = cast(Reaction, record.body)
    return {"cue": body.cue, "role": body.role or None, "observed": body.observed, "when": record.happened}


REACTION = Form(
    "reaction",
    "What came",
    "What you expected is taken from what you wrote before.",
    "what came",
    (
        Group((
            _CUE,
            Ask("observed", "What came?", choose.a_number, "number", needed=True, typed=lambda held: f"{held:g}",
                hint=f"{SWINGS} 0 is none; less is below 0, as in -1."),
            Ask("when", "When?", choose.when, "moment", typed=choose.happened_typed, hint="Left empty it is now."),
        )),
        Group((
            _ROLE,
            Ask("direction", "What would you have expected?", choose.one_of("more", "same", "less"), "radio",
                choices=choose.words(*DIRECTIONS)),
            _SIZE,
        ), "In which role; and what you would have expected, where you wrote nothing before", folded=True),
    ),
    _reaction,
    _of_reaction,
)  # fmt: skip

FORMS = (EVENT, ROLE, STRETCH, CONTACT, EXPECTATION, REACTION)
