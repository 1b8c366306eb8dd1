"""The forms for what is wanted, what it would be by first feeling, and what was decided."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from typing import Any

from mainstay.doors import noting_deciding
from mainstay.doors import noting_reading as reading
from mainstay.doors.noting import Note, OnRecord
from mainstay.doors.noting_deciding import FILES
from mainstay.errors import BadRequest
from mainstay.records.kinds import Record
from mainstay.records.statements import parsed
from mainstay.records.statements_option import NOTHING
from mainstay.records.statements_scenario import OTHER
from mainstay.web.pages import write_choices as choose
from mainstay.web.pages.write_form import Ask, Form, Group, Here, Options, Several, Written


def _note(form: noting_deciding.Form) -> Callable[[dict[str, Any], Written], Note | Mapping[str, str]]:
    def note(tables: dict[str, Any], written: Written) -> Note | Mapping[str, str]:
        def use(file: Any) -> Note:
            return noting_deciding.write(
                form, file, written.known, written.known.starting, now=written.now, replaces=written.replaces
            )

        return choose.file_of(tables, FILES[form], use)

    return note


def _file(form: noting_deciding.Form) -> Callable[[str, Written], Note]:
    def from_file(text: str, written: Written) -> Note:
        read: Any = parsed(text, FILES[form], form)
        return noting_deciding.write(form, read, written.known, written.known.starting, now=written.now, toml=text)

    return from_file


def _tables_of(record: Record) -> dict[str, Any]:
    return tomllib.loads(choose.toml_of(record))


def _ways(known: OnRecord) -> list[tuple[str, str]]:
    starting = known.starting if isinstance(known, Here) else None
    return [(one, one) for one in noting_deciding.ways(known, starting)]


def _in_order(known: OnRecord) -> Options:
    return [("", [("", "–"), *_ways(known), (OTHER, "anything else")])]


def _not_to_happen(known: OnRecord) -> Options:
    return [("", _ways(known))]


def _options(known: OnRecord) -> Options:
    return [("", [*((one, one) for one in noting_deciding.open_options(known)), (NOTHING, "Nothing is changed")])]


def _roles(known: OnRecord) -> Options:
    return [("", [(one, one) for one in known.names["role"]])]


def _days(said: str) -> int:
    if not (said.isascii() and said.isdecimal() and 1 <= int(said[:4]) <= 366):
        raise BadRequest("a whole number of days, up to a year")
    return int(said)


def _one_chance(said: str) -> float:
    found = reading.open_chance(said)
    if found is None or found[0] != found[1]:
        raise BadRequest("one number in per cent, such as 10")
    return found[0]


def _at_most(most: float) -> Callable[[str], float]:
    return lambda said: reading.ends(said, most)[1]


def _plainly(held: Any) -> str:
    return f"{held:g}"


def _ticked(held: Any) -> str:
    return "\n".join(held)


PREFERENCE = Form(
    "preference",
    "What you want",
    "What you want, and what you can’t have. It takes the place of what you said before, whole.",
    "what you want",
    (
        Group((
            Several("order", "How it could turn out, the best first", (
                Ask("", "The next best", choose.name, "select", choices=_in_order),
            ), shown=3, most=50, plain=True, hint="Leave out what is all the same to you."),
            Ask("must_not", "What must not happen?", choose.ticked, "ticks", choices=_not_to_happen, typed=_ticked),
        )),
        Group((
            Ask("never", "What must nobody touch, whatever it helps?", choose.plain(reading.names),
                typed=reading.as_names, hint="Separated by ;"),
            Ask("limit.rating", "Your limit of strain, on the scale it is told on", choose.plain(reading.rating),
                "number", typed=_plainly, hint="As a mean over a day."),
            Ask("limit.days", "For how many days in a row", choose.plain(_days), "number", hint="Left empty: 14."),
            Ask("must_not_chance", "How likely may be made what must not happen, at most?", choose.plain(_one_chance),
                typed=lambda held: f"{held * 100:g}", hint="In per cent."),
            Ask("least_chance", "How likely must something be to succeed?", choose.plain(_one_chance),
                typed=lambda held: f"{held * 100:g}", hint="In per cent, all its steps together."),
        ), "Your limits", folded=True),
        Group((
            Ask("approach.channel", "How do you want to be reached?", choose.name, hint="A message, a call."),
            Ask("approach.role", "In which role?", choose.name, "select",
                choices=choose.of_names("role", empty="In any")),
            Ask("approach.not_channels", "How never?", choose.plain(reading.names), typed=reading.as_names,
                hint="Separated by ;"),
            Ask("approach.not_roles", "In which roles never?", choose.ticked, "ticks", choices=_roles, typed=_ticked),
        ), "How you want to be reached", folded=True),
        Group((
            Ask("budget.hours_a_week", "Hours a week", choose.plain(_at_most(reading.MOST_HOURS)), "number",
                typed=_plainly),
            Ask("budget.money_a_month", "Money a month", choose.plain(_at_most(1e9)), "number", typed=_plainly),
        ), "What whoever helps can give", folded=True),
    ),
    _note("preference"),
    _tables_of,
    _file("preference"),
)  # fmt: skip

LEANING = Form(
    "leaning",
    "What it would be by first feeling",
    "Before the options are weighed: afterwards the two are laid side by side.",
    "a first feeling",
    (
        Group((
            Ask("option", "Which would it be?", choose.name, "radio", needed=True, choices=_options),
            Ask("sure", "How sure are you that it is the best, in per cent?", choose.plain(reading.chances),
                typed=reading.as_chances, hint="Such as 40-60. May be left out."),
            Ask("why", "Why?", choose.lines, "text", hint="May be left out."),
        )),
    ),
    _note("leaning"),
    _tables_of,
    _file("leaning"),
)  # fmt: skip

DECISION = Form(
    "decision",
    "A decision",
    "What was decided, on what grounds, and when you look at it again.",
    "a decision",
    (
        Group((
            Ask("option", "What was decided?", choose.name, "radio", needed=True, choices=_options),
            Ask("why", "On what grounds?", choose.lines, "text", hint="May be left out."),
            Ask("look_again", "When will you look at it again?",
                lambda said, known: reading.review(said, known.now), "day", hint="May be left out."),
            Ask("would_change", "What would change it?", choose.plain(reading.names), typed=reading.as_names,
                hint="Separated by ; – may be left out."),
        )),
    ),
    _note("decision"),
    _tables_of,
    _file("decision"),
)  # fmt: skip

FORMS = (PREFERENCE, LEANING, DECISION)
