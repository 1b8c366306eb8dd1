"""The form for a way it could turn out: its rule is put together from a few choices."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from mainstay.doors import noting_deciding
from mainstay.doors import noting_reading as reading
from mainstay.doors.noting import Note, OnRecord
from mainstay.errors import BadRequest
from mainstay.records.kinds import Record
from mainstay.records.statements import parsed
from mainstay.records.statements_scenario import MOST_CONDITIONS, Condition, ScenarioFile, conditions
from mainstay.records.typed import number
from mainstay.web.pages import write_choices as choose
from mainstay.web.pages.write_form import Ask, Form, Group, Options, Several, Written

UNITS = (
    ("usual", "times what is usual"),
    ("share", "per cent of all hours"),
    ("a week", "times a week"),
    ("scale", "on the scale strain is told on"),
    ("limit", "my own limit of strain"),
)


def _watched(known: OnRecord) -> Options:
    roles = [(f"share_of_time(role:{one})", f"in the role {one}") for one in known.clause_names["role"]]
    events = [(f"rate(event:{one})", one) for one in known.clause_names["event"]]
    return [
        ("", [("", "–"), ("strain", "Strain, day by day")]),
        ("Share of all hours", [("share_of_time(self)", "as myself"), *roles]),
        ("How often", [("rate(slips)", "slips"), *events]),
    ]


def _days(said: str) -> int:
    if not (said.isascii() and said.isdecimal() and 1 <= int(said[:4]) <= 366):
        raise BadRequest("a whole number of days or weeks")
    return int(said)


def _rule(one: Mapping[str, Any]) -> str:
    """A condition as a rule has it."""
    unit, bound = one["unit"], one.get("bound")
    if unit != "limit" and bound is None:
        raise BadRequest("say how much")
    told = "limit" if bound is None or unit == "limit" else f"{bound / 100.0 if unit == 'share' else bound:g}"
    after = f" {unit}" if unit in ("usual", "a week") else ""
    return f"{one['watched']} {one['sign']} {told}{after} for {one['count']} {one['span']}"


def _of_condition(one: Condition) -> dict[str, Any]:
    watched = {
        "strain": "strain",
        "share": f"share_of_time({one.name if one.name == 'self' else 'role:' + one.name})",
        "rate": f"rate({one.name if one.name == 'slips' else 'event:' + one.name})",
    }[one.watched]
    weekly = one.days % 7 == 0
    unit = "usual" if one.relative else {"strain": "scale", "share": "share", "rate": "a week"}[one.watched]
    bound = None if one.value is None else one.value * (100.0 if unit == "share" else 1.0)
    return {
        "watched": watched,
        "sign": ">" if one.above else "<",
        "bound": bound,
        "unit": "limit" if bound is None else unit,
        "count": one.days // 7 if weekly else one.days,
        "span": "weeks" if weekly else "days",
    }


def _note(tables: dict[str, Any], written: Written) -> Note | Mapping[str, str]:
    lines = []
    for k, one in enumerate(tables.pop("rule", ())):
        try:
            lines.append(_rule(one))
            conditions(lines[-1])
        except (BadRequest, ValueError) as refused:
            return {f"rule.{k}.bound": str(refused)}
    if not lines:
        return {"rule": "say what would have to be so"}

    def use(file: ScenarioFile) -> Note:
        return noting_deciding.write(
            "scenario", file, written.known, written.known.starting, now=written.now, replaces=written.replaces
        )

    return choose.file_of(tables | {"rule": " and ".join(lines)}, ScenarioFile, use)


def _tables_of(record: Record) -> dict[str, Any]:
    held = tomllib.loads(choose.toml_of(record))
    return held | {"rule": [_of_condition(one) for one in conditions(held["rule"])]}


def _from_file(text: str, written: Written) -> Note:
    file = parsed(text, ScenarioFile, "scenario")
    return noting_deciding.write("scenario", file, written.known, written.known.starting, now=written.now, toml=text)


def _rank(said: str) -> int:
    if not (said.isascii() and said.isdecimal() and 1 <= int(said[:4]) <= 50):
        raise BadRequest("a whole number from 1, the best")
    return int(said)


SCENARIO = Form(
    "scenario",
    "A way it could turn out",
    "As a rule over what comes. How likely it is stands under Futures then.",
    "a way it could turn out",
    (
        Group((
            Ask("name", "A short name for it", choose.name, needed=True,
                hint="The same name again takes its place."),
            Ask("words", "In your words", choose.lines, "text"),
        )),
        Group((
            Several("rule", "This holds", (
                Ask("watched", "What is looked at", lambda said, known: said, "select", needed=True, choices=_watched),
                Ask("sign", "is", choose.one_of(">", "<"), "select", needed=True,
                    choices=choose.words((">", "more than"), ("<", "less than"), empty="–")),
                Ask("bound", "how much", choose.plain(number), "number", typed=lambda held: f"{held:g}"),
                Ask("unit", "of what", choose.one_of(*(one for one, _ in UNITS)), "select", needed=True,
                    choices=choose.words(*UNITS, empty="–")),
                Ask("count", "for how long", choose.plain(_days), "number", needed=True),
                Ask("span", "days or weeks", choose.one_of("days", "weeks"), "select", needed=True,
                    choices=choose.words(("weeks", "weeks"), ("days", "days"), empty="–")),
            ), most=MOST_CONDITIONS, hint="Such as: time as myself is less than 0.5 times what is usual, for 4 weeks. "
                "Where there are several, all must hold."),
        ), "When has it turned out so?"),
        Group((
            Ask("must_not", "It must not happen", choose.yes, "tick", typed=lambda held: "yes" if held else ""),
            Ask("worth", "How good would it be?", choose.plain(reading.points), typed=reading.as_ends,
                hint="From 0, the worst, to 100, the best; low to high, such as 40-60."),
            Ask("preference", "Its place among the others", choose.plain(_rank), "number", hint="1 is the best."),
        ), "How good it would be", folded=True),
    ),
    _note,
    _tables_of,
    _from_file,
)  # fmt: skip
