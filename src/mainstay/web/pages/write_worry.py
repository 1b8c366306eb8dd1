"""The form for a worry: what would show it, when to look again, when to let it go, and what each course may cost."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from mainstay.doors import noting_concern
from mainstay.doors import noting_reading as reading
from mainstay.doors.noting import Note, OnRecord
from mainstay.records.kinds import Record
from mainstay.records.statements import parsed
from mainstay.records.statements_concern import FEWEST_SIGNS, MOST_SIGNS, Concern, ConcernFile
from mainstay.records.typed import number
from mainstay.web.pages import write_choices as choose
from mainstay.web.pages.write_form import Ask, Form, Group, Options, Several, Written

POINTS = "In points: 0 is nothing, 100 the worst you can think of. Low to high, such as 10-30."
COURSES = {
    "waiting": "Waiting until then",
    "looking": "Looking more closely now",
    "acting": "Acting now as if it were so",
}
TIED = noting_concern.TIED_KINDS


def _notes(known: OnRecord) -> Options:
    found = [(one.id, _line(one)) for one in noting_concern.notes_of_others(known)]
    return [("", [("", "No, it is my own"), *found])]


def _line(note: Record) -> str:
    told = noting_concern.told_in(note)
    return f"{told.get('by', 'somebody')}: {str(told.get('text', 'this note can not be read'))[:80]}"


def _harm(course: str, words: str) -> tuple[Ask, Ask]:
    return (
        Ask(f"harm.{course}.if_so", f"{words}, if it is so", choose.plain(reading.points), typed=reading.as_ends),
        Ask(f"harm.{course}.if_not", f"{words}, if it is not", choose.plain(reading.points), typed=reading.as_ends),
    )


_SIGN = (
    Ask("what", "A sign, in a word or two", choose.name, needed=True),
    Ask("if_so", "If it were so, you would see", choose.line, needed=True),
    Ask("if_not", "If it were not, you would see", choose.line, needed=True),
    Ask("tied", "What on record shows it?", lambda said, known: said, "select", hint="Then it is looked at for you.",
        choices=choose.of_kinds(*TIED, empty="Nothing, I look myself"), folded=True),
    Ask("expect", "If it were so, that would be", choose.one_of("more", "less"), "select",
        choices=choose.words(("more", "more"), ("less", "less"), empty="–"), folded=True),
    Ask("by", "From how much would it matter?", choose.plain(number), "number", typed=lambda held: f"{held:g}",
        hint="Points of an answer, or how many times as often. May be left out.", folded=True),
)  # fmt: skip


def _before(written: Written) -> Concern | None:
    if written.replaces is None:
        return None
    return next((one for one in noting_concern.open_worries(written.known) if one.id == written.replaces.id), None)


def _note(tables: dict[str, Any], written: Written) -> Note | Mapping[str, str]:
    signs = []
    for k, sign in enumerate(tables.get("observable", ())):
        kind, _, name = str(sign.pop("tied", "")).partition(":")
        if not kind and ("expect" in sign or "by" in sign):
            return {f"observable.{k}.tied": "choose what is on record, or leave out how much of it"}
        if kind and kind not in TIED:
            return {f"observable.{k}.tied": "choose one of these"}
        if kind and "expect" not in sign:
            return {f"observable.{k}.expect": "say whether it would be more or less"}
        signs.append(sign | ({kind: name} if kind else {}))
    if len(signs) < FEWEST_SIGNS:
        return {"observable": f"a worry needs {FEWEST_SIGNS} to {MOST_SIGNS} signs, so that it can be told if it is so"}
    about = next(
        (one for one in noting_concern.notes_of_others(written.known) if one.id == tables.get("observation")), None
    )
    by = None if about is None else noting_concern.told_in(about).get("by")
    named = {"by": by} if isinstance(by, str) and by.strip() else {}

    def use(file: ConcernFile) -> Note:
        return noting_concern.write(file, written.known, now=written.now, before=_before(written))

    return choose.file_of(tables | named | {"observable": signs}, ConcernFile, use)


def _tables_of(record: Record) -> dict[str, Any]:
    held = tomllib.loads(choose.toml_of(record))
    signs = [
        sign | {"tied": next((f"{kind}:{sign[kind]}" for kind in TIED if kind in sign), None)}
        for sign in held.get("observable", ())
    ]
    return held | {"observable": signs}


def _from_file(text: str, written: Written) -> Note:
    file = parsed(text, ConcernFile, "concern")
    return noting_concern.write(file, written.known, now=written.now, toml=text, before=_before(written))


CONCERN = Form(
    "concern",
    "A worry",
    "A worry that is written down can rest until the day you look at it again.",
    "a worry",
    (
        Group((
            Ask("worry", "What worries you?", choose.lines, "text", needed=True),
            Ask("name", "A short name for it", choose.name, needed=True),
            Ask("review", "When will you look at it again?",
                lambda said, known: reading.review(said, known.now), "day", needed=True),
            Ask("let_go_if", "I let it go if", choose.line, needed=True),
        )),
        Group((
            Several("observable", "A sign", _SIGN, shown=FEWEST_SIGNS, most=MOST_SIGNS,
                    folded="It is on record already",
                    hint="Two to five things that you, or somebody else, would see."),
        ), "What would show it?"),
        Group((
            Ask("since", "Since when has it seemed so?", choose.gone, "day"),
            Ask("observation", "Is it about something that somebody else noticed?", choose.name, "select",
                choices=_notes),
        ), "Where it comes from", folded=True),
        Group((
            Ask("likely", "How likely is it, in per cent?", choose.plain(reading.chances), typed=reading.as_chances,
                hint="Low to high, such as 20-50."),
            *(ask for course, words in COURSES.items() for ask in _harm(course, words)),
        ), "How likely it is, and what each course would cost", folded=True,
           hint=f"Where you say one of these, say all: then waiting, looking and acting can be weighed. {POINTS}"),
    ),
    _note,
    _tables_of,
    _from_file,
)  # fmt: skip
