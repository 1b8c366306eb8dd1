"""The form for something that could be done: its steps, what it would change, and who bears what."""

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
from mainstay.records.statements_option import MOST_CHANGES, MOST_STEPS, OptionFile
from mainstay.records.typed import number
from mainstay.web.pages import write_choices as choose
from mainstay.web.pages.write_form import Ask, Form, Group, Options, Several, Written

HOW = (
    ("more", "more a week (hours, or times)"),
    ("fewer", "fewer a week"),
    ("times", "times as much as now"),
)
POINTS = "From 0, nothing, to 100; low to high, such as 0-10. Left out it is not known."


def _levers(known: OnRecord) -> Options:
    names, events = known.clause_names, known.clause_names["event"]
    return [
        ("", [("", "–")]),
        (
            "Hours",
            [("hours self", "as myself"), *((f"hours role:{one}", f"in {one}") for one in names["role"])],
        ),
        ("Something I do", [(f"acts event:{one}", one) for one in events]),
        ("Time with somebody who is", [(f"acts company:{one}", one) for one in names["company"]]),
        ("How often it is asked of me", [(f"demands event:{one}", one) for one in events]),
        ("How often it can be had", [(f"opportunity event:{one}", one) for one in events]),
    ]


def _weeks(said: str) -> float:
    value = number(said)
    if not 0.0 <= value <= 520.0:
        raise BadRequest("a number of weeks from 0 to 520")
    return value


def _burden(path: str, whom: str) -> tuple[Ask, ...]:
    return (
        Ask(f"{path}.points", f"For {whom}, in points", choose.plain(reading.points), typed=reading.as_ends),
        Ask(f"{path}.hours_a_week", f"For {whom}, in hours a week", choose.plain(reading.hours_or_none),
            typed=reading.as_ends),
        Ask(f"{path}.money_a_month", f"For {whom}, in money a month",
            choose.plain(lambda said: reading.ends(said, 1e9)), typed=reading.as_ends),
    )  # fmt: skip


def _far(said: str) -> tuple[float, float]:
    return reading.ends(said, reading.MOST_HOURS)


def _change(one: dict[str, Any]) -> dict[str, Any]:
    low, high = one["far"]
    if one["how"] == "times":
        return {"lever": one["lever"], "times": (low, high)}
    return {"lever": one["lever"], "by": (low, high) if one["how"] == "more" else (-high, -low)}


def _of_change(one: Mapping[str, Any]) -> dict[str, Any]:
    if "times" in one:
        return {"lever": one["lever"], "how": "times", "far": one["times"]}
    low, high = one["by"]
    if high <= 0.0:
        return {"lever": one["lever"], "how": "fewer", "far": (-high, -low)}
    return {"lever": one["lever"], "how": "more", "far": (low, high)}


def _note(tables: dict[str, Any], written: Written) -> Note | Mapping[str, str]:
    said = tables.pop("disclosed")
    changes = [_change(one) for one in tables.get("changes", ())]
    whole = tables | {"disclosed_ok": said == "yes", **({"changes": changes} if changes else {})}

    def use(file: OptionFile) -> Note:
        return noting_deciding.write(
            "option", file, written.known, written.known.starting, now=written.now, replaces=written.replaces
        )

    return choose.file_of(whole, OptionFile, use)


def _tables_of(record: Record) -> dict[str, Any]:
    held = tomllib.loads(choose.toml_of(record))
    return held | {
        "disclosed": "yes" if held.get("disclosed_ok") else "no",
        "changes": [_of_change(one) for one in held.get("changes", ())],
    }


def _from_file(text: str, written: Written) -> Note:
    file = parsed(text, OptionFile, "option")
    return noting_deciding.write("option", file, written.known, written.known.starting, now=written.now, toml=text)


def _names(path: str, label: str, hint: str = "") -> Ask:
    return Ask(path, label, choose.plain(reading.names), typed=reading.as_names, hint=hint or "Separated by ;")


OPTION = Form(
    "option",
    "Something that could be done",
    "It is weighed against leaving things as they are, under Options.",
    "something that could be done",
    (
        Group((
            Ask("name", "A short name for it", choose.name, needed=True, hint="The same name again takes its place."),
            Ask("what", "What would be done?", choose.lines, "text"),
            Ask("disclosed", "Would it still do if everybody concerned knew all about it?", choose.one_of("yes", "no"),
                "radio", needed=True, choices=choose.words(("yes", "Yes"), ("no", "No"))),
        )),
        Group((
            Several("changes", "It changes", (
                Ask("lever", "What", lambda said, known: said, "select", needed=True, choices=_levers),
                Ask("far", "by how much", choose.plain(_far), needed=True,
                    typed=reading.as_ends, hint="Low to high, such as 1-2."),
                Ask("how", "which way", choose.one_of("more", "fewer", "times"), "select", needed=True,
                    choices=choose.words(*HOW, empty="–")),
            ), most=MOST_CHANGES, hint="Without this, what it leads to can’t be worked out."),
        ), "What would it change, if it succeeds?"),
        Group((
            Several("step", "A step", (
                Ask("what", "What has to succeed", choose.line, needed=True),
                Ask("chance", "Its chance, in per cent", choose.plain(reading.chance), needed=True,
                    typed=reading.as_chances, hint="Low to high, such as 60-80."),
            ), most=MOST_STEPS),
        ), "What has to succeed for it, step by step?", folded=True),
        Group((*_burden("cost.person", "you"), *_burden("cost.supporter", "whoever helps")), "What does it cost?",
              folded=True, hint=POINTS),
        Group((*_burden("benefit.person", "you"), *_burden("benefit.supporter", "whoever helps")),
              "What is gained by it, beside what it changes?", folded=True, hint=POINTS),
        Group((
            Ask("reversible", "Can it be undone?", choose.one_of("yes", "partly", "no"), "select",
                choices=choose.words(("partly", "Partly"), ("no", "No"), ("yes", "Yes"), empty="Yes")),
            _names("touches", "What of somebody’s would it change?",
                   "In the words of what nobody may touch, under What you want. Separated by ;"),
            _names("needs", "What must be there first?"),
            _names("met", "Which of these are there?"),
            _names("rests_on", "Which possible causes would it make no sense without?"),
            Ask("after_weeks", "After how many weeks does it take effect?", choose.plain(_weeks), "number",
                typed=lambda held: f"{held:g}"),
            Ask("channel", "How would it be brought up?", choose.name, hint="A call, a message, face to face."),
        ), "Limits, and what it needs", folded=True),
    ),
    _note,
    _tables_of,
    _from_file,
)  # fmt: skip
