"""The form for a possible cause: what would be seen if it were so, what must not be, how likely it is held to be."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from mainstay.doors import noting_hypothesis
from mainstay.doors import noting_reading as reading
from mainstay.doors.noting import Note, OnRecord
from mainstay.errors import BadRequest
from mainstay.records.kinds import Record
from mainstay.records.statements import parsed
from mainstay.records.statements_hypothesis import LARGEST_RATIO, MOST_CLAUSES, Hypothesis, HypothesisFile
from mainstay.web.pages import write_choices as choose
from mainstay.web.pages.write_form import Ask, Form, Group, Options, Several, Written

MOMENTS = (
    ("over time", "over time, late against early"),
    ("since", "since the day below, or since something first happened"),
    ("after", "right after something"),
    ("in", "with some people or places, against others"),
    ("during", "during a role, a stretch, or on days with a tag"),
    ("with", "when something else is higher"),
    ("in winter", "in winter, against summer"),
)


def _moments(known: OnRecord) -> Options:
    return [("", [("", "–"), *MOMENTS])]


_CLAUSE = (
    Ask("stream", "What is looked at", lambda said, known: said, "select", needed=True, choices=choose.streams),
    Ask("direction", "would be", choose.one_of("more", "less", "same"), "select", needed=True,
        choices=choose.words(("more", "more"), ("less", "less"), ("same", "the same"), empty="–")),
    Ask("when", "when", lambda said, known: said, "select", needed=True, choices=_moments,
        which=choose.of_kinds("event", "tag", "company", "role", "episode", "signal", "item",
                              empty="(which, where one is meant)")),
    Ask("words", "How you would say it", choose.line, folded=True),
)  # fmt: skip
IN_WORDS = "In your own words"


def _ratio(said: str) -> tuple[float, float]:
    low, high = reading.ends(said, LARGEST_RATIO)
    if low <= 0.0:
        raise BadRequest("numbers above 0: how many times likelier it is, such as 2-4")
    return low, high


def _before(written: Written) -> Hypothesis | None:
    if written.replaces is None:
        return None
    return next((one for one in noting_hypothesis.own_causes(written.known) if one.id == written.replaces.id), None)


def _note(tables: dict[str, Any], written: Written) -> Note | Mapping[str, str]:
    today = written.now.as_local.date()
    if "prior" in tables:
        tables["prior"].setdefault("on", today)
    for one in tables.get("evidence", ()):
        one.setdefault("on", today)

    def use(file: HypothesisFile) -> Note:
        return noting_hypothesis.write(file, written.known, now=written.now, before=_before(written))

    return choose.file_of(tables, HypothesisFile, use)


def _tables_of(record: Record) -> dict[str, Any]:
    return tomllib.loads(choose.toml_of(record))


def _from_file(text: str, written: Written) -> Note:
    file = parsed(text, HypothesisFile, "hypothesis")
    return noting_hypothesis.write(file, written.known, now=written.now, toml=text, before=_before(written))


HYPOTHESIS = Form(
    "hypothesis",
    "A possible cause",
    "A possible cause is worth writing down with what would speak against it: then the records can weigh it.",
    "a possible cause",
    (
        Group((
            Ask("cause", "What might be the cause, in a sentence?", choose.lines, "text", needed=True),
            Ask("name", "A short name for it", choose.name, needed=True),
        )),
        Group((
            Several("forbids", "This must not be", _CLAUSE, most=MOST_CLAUSES, folded=IN_WORDS,
                    hint="Without one nothing could speak against it, and it is shown but not weighed."),
        ), "What must not be seen, if it is the cause?"),
        Group((
            Several("predicts", "This would be", _CLAUSE, most=MOST_CLAUSES, folded=IN_WORDS),
        ), "What would be seen, if it is the cause?"),
        Group((
            Ask("since", "Since when would it be at work?", choose.gone, "day"),
            Ask("prior.chance", "How likely do you hold it to be the main cause, in per cent?",
                choose.plain(reading.open_chance), typed=reading.as_chances, hint="Low to high, such as 10-30."),
            Ask("prior.on", "On which day did you say so?", choose.gone, "day", hint="Left empty it is today."),
            Ask("ask", "What could be asked or recorded to find out?", choose.line),
        ), "Since when, and how likely", folded=True),
        Group((
            Several("evidence", "Something seen that no record holds", (
                Ask("what", "What was seen", choose.line, needed=True),
                Ask("ratio", "How many times likelier is that, if this is the cause?", choose.plain(_ratio),
                    typed=reading.as_ends, needed=True, hint="Such as 2-4; below 1 it speaks against."),
                Ask("on", "Written on", choose.gone, "day", hint="Left empty it is today."),
            ), most=MOST_CLAUSES),
        ), "What speaks for or against it that no record holds", folded=True),
    ),
    _note,
    _tables_of,
    _from_file,
)  # fmt: skip
