"""A form for something that is noted by hand: what it asks, how what was typed is read, and how it is shown again.

A form is made of parts: one question (`Ask`), or a line of questions that may come several times (`Several`). `path`
says where an answer goes in the tables of what is written: `cost.person.points`. On the page a field is called by its
path, that of a line by its number too: `step.0.what`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from mainstay.doors.noting import Note, OnRecord
from mainstay.errors import BadRecord, BadRequest
from mainstay.futures.library import StartingSet
from mainstay.quantities import Instant
from mainstay.records.kinds import Record
from mainstay.web.forms import Fields

Options = Sequence[tuple[str, Sequence[tuple[str, str]]]]
"""What can be chosen, in groups: the group's name ("": none), and value and words of each."""
Kind = Literal["line", "text", "select", "radio", "tick", "ticks", "day", "moment", "number"]
MORE = "another"
NEEDED = "this can't be left out"
WHOLE = ""
"""Where it goes what is wrong with the whole of a form."""


@dataclass(frozen=True)
class Here(OnRecord):
    """What is on record, and the ways it could turn out that come with Mainstay, where they are wanted."""

    starting: StartingSet | None = None


@dataclass(frozen=True)
class Ask:
    """One question. `read` gives what an answer means, or refuses it; `typed` is its inverse, for what is put right.

    `which`: a second choice beside the first, joined to it by a blank. `needed`: it can't be left out. `folded`: in a
    line of several, one click away.
    """

    path: str
    label: str
    read: Callable[[str, OnRecord], Any]
    kind: Kind = "line"
    hint: str = ""
    needed: bool = False
    typed: Callable[[Any], str] = str
    choices: Callable[[OnRecord], Options] | None = None
    which: Callable[[OnRecord], Options] | None = None
    suggest: Callable[[OnRecord], Sequence[str]] | None = None
    folded: bool = False


@dataclass(frozen=True)
class Several:
    """A line of questions that may come several times. `plain`: it holds one answer, not a table.

    `folded`: what the questions of a line that are one click away are about.
    """

    path: str
    label: str
    asks: tuple[Ask, ...]
    shown: int = 1
    most: int = 12
    hint: str = ""
    plain: bool = False
    folded: str = ""


@dataclass(frozen=True)
class Group:
    """Parts of a form under one heading; `folded`: one click away."""

    parts: tuple[Ask | Several, ...]
    legend: str = ""
    folded: bool = False
    hint: str = ""


@dataclass(frozen=True)
class Form:
    """A form. `note` makes the note of its tables, or gives what is wrong by path. `tables_of` undoes it, to put right.

    `word`: what is written, as in "a worry". `in_file`: it can be given as a file (TOML), which `from_file` reads.
    """

    kind: str
    title: str
    lead: str
    word: str
    groups: tuple[Group, ...]
    note: Callable[[dict[str, Any], Written], Note | Mapping[str, str]]
    tables_of: Callable[[Record], dict[str, Any]]
    from_file: Callable[[str, Written], Note] | None = None
    button: str = "Note it"


@dataclass(frozen=True)
class Written:
    """What a note is made against: what is on record, now, and what it puts right."""

    known: Here
    now: Instant
    replaces: Record | None = None


@dataclass
class Read:
    """What a form was sent with: its tables, and by the field's name what can't be used."""

    tables: dict[str, Any]
    wrong: dict[str, str] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)

    def place(self, loc: Sequence[int | str]) -> str:
        """The field that a place in the tables came from, as far as it goes."""
        name: list[str] = []
        for part in loc:
            at = ".".join(name)
            if isinstance(part, int) and at in self.lines:
                some = self.lines[at]
                name.append(str(some[part]) if part < len(some) else "0")
            elif isinstance(part, str):
                name.append(part)
        return ".".join(name)


def read_form(form: Form, sent: Mapping[str, str], known: OnRecord) -> Read:
    """What was typed into a form."""
    found = Read({})
    for part in (one for group in form.groups for one in group.parts):
        if isinstance(part, Ask):
            _put(found, part.path, _answer(part, part.path, sent, known, found.wrong))
            continue
        lines, some = [], []
        for k in range(lines_in(part, sent)):
            names = [line_name(part, k, ask) for ask in part.asks]
            if not any(raw(ask, name, sent) for ask, name in zip(part.asks, names, strict=True)):
                continue
            line = Read({}, found.wrong)
            for ask, name in zip(part.asks, names, strict=True):
                _put(line, ask.path, _answer(ask, name, sent, known, found.wrong))
            lines.append(line.tables.get("") if part.plain else line.tables)
            some.append(k)
        found.lines[part.path] = some
        if lines:
            _put(found, part.path, lines)
    return found


def _answer(ask: Ask, name: str, sent: Mapping[str, str], known: OnRecord, wrong: dict[str, str]) -> Any:
    said = raw(ask, name, sent)
    if not said and ask.kind not in ("tick", "moment"):
        if ask.needed:
            wrong[name] = NEEDED
        return None
    try:
        return ask.read(said, known)
    except (BadRecord, BadRequest, ValueError) as refused:
        wrong[name] = str(refused)
        return None


def _put(found: Read, path: str, value: Any) -> None:
    if value is None or value == ():
        return
    *above, last = path.split(".")
    at = found.tables
    for part in above:
        at = at.setdefault(part, {})
    at[last] = value


def raw(ask: Ask, name: str, sent: Mapping[str, str]) -> str:
    """What was typed into a field, its parts joined."""
    said = _text(sent, name)
    if ask.kind == "moment":
        day, clock = _text(sent, f"{name}.day"), _text(sent, f"{name}.time")
        return f"{day} {clock}".strip()
    if ask.kind == "ticks":
        return "\n".join(sent.all(name) if isinstance(sent, Fields) else ([said] if said else ()))
    which = _text(sent, f"{name}.which") if ask.which is not None else ""
    return f"{said} {which}".strip() if said else ""


def _text(sent: Mapping[str, str], name: str) -> str:
    return " ".join(sent.get(name, "").split(" ")).strip()


def line_name(part: Several, k: int, ask: Ask) -> str:
    """What a field of a line is called."""
    return f"{part.path}.{k}.{ask.path}" if ask.path else f"{part.path}.{k}"


def lines_in(part: Several, sent: Mapping[str, str]) -> int:
    """How many lines a form was sent with."""
    begins = f"{part.path}."
    numbers = [name[len(begins) :].split(".")[0] for name in sent if name.startswith(begins)]
    found = [int(one) + 1 for one in numbers if one.isascii() and one.isdecimal() and len(one) < 3]
    return min(max(found, default=0), part.most)


def typed_from(form: Form, tables: Mapping[str, Any]) -> dict[str, str]:
    """What would have been typed for these tables."""
    found: dict[str, str] = {}
    for part in (one for group in form.groups for one in group.parts):
        held = _held(tables, part.path)
        if isinstance(part, Ask):
            _type(found, part, part.path, held)
            continue
        for k, line in enumerate(held or ()):
            for ask in part.asks:
                value = line if part.plain else _held(line, ask.path)
                _type(found, ask, line_name(part, k, ask), value)
    return found


def _held(tables: Mapping[str, Any], path: str) -> Any:
    at: Any = tables
    for part in path.split("."):
        at = at.get(part) if isinstance(at, Mapping) else None
    return at


def _type(found: dict[str, str], ask: Ask, name: str, value: Any) -> None:
    if value is None:
        return
    text = ask.typed(value)
    if ask.kind == "moment":
        found[f"{name}.day"], _, found[f"{name}.time"] = text.partition(" ")
    elif ask.which is not None:
        for first in sorted(_values(ask.choices), key=len, reverse=True):
            if text == first or text.startswith(f"{first} "):
                found[name], found[f"{name}.which"] = first, text[len(first) :].strip()
                return
        found[name], _, found[f"{name}.which"] = text.partition(" ")
    else:
        found[name] = text


def _values(choices: Callable[[OnRecord], Options] | None) -> list[str]:
    return [value for _, some in (choices(_NOTHING) if choices else ()) for value, _ in some]


_NOTHING = Here((), (), Instant(0, 0))
