"""One record in words: what it says in a line, and every field of it, for somebody who looks at a single day."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import singledispatch
from typing import Any

from mainstay.quantities import Instant, Span
from mainstay.records.kinds import (
    Body,
    CheckIn,
    Contact,
    Coverage,
    Episode,
    Event,
    Item,
    Prompt,
    Reaction,
    Record,
    Signal,
    Statement,
)
from mainstay.records.words import few
from mainstay.report.words import clean, counted, number, percent

IS_IN_WORDS = {
    "demand": "it strains",
    "relief": "sought when it is too much",
    "slip": "something that went wrong",
    "control": "for comparison only",
    "other": "something else",
}
EPISODE_IN_WORDS = {
    "role": "in the role",
    "place": "at the place",
    "activity": "activity",
    "sleep": "asleep",
    "recording-off": "nothing was recorded",
}
KIND_IN_WORDS = {
    "check_in": "check-in",
    "event": "event",
    "episode": "stretch of time",
    "signal": "signal",
    "prompt": "questionnaire",
    "coverage": "how fully things were written down",
    "contact": "somebody",
    "reaction": "reaction",
    "statement": "something you wrote",
}


def entry(record: Record, items: Mapping[str, Item]) -> str:
    """What a record says, in one line."""
    return clean(_line(record.body, items))


def when(happened: Instant | Span) -> str:
    """When it happened on the local clock: a time; of a stretch, from when to when."""
    if isinstance(happened, Instant):
        return f"{happened.day_in_words}, {happened.as_local:%H:%M}"
    start, end = happened.start.as_local, happened.end.as_local
    if start.date() == end.date():
        return f"{happened.start.day_in_words}, {start:%H:%M} to {end:%H:%M}"
    return f"{happened.start.day_in_words}, {start:%H:%M}, to {happened.end.day_in_words}, {end:%H:%M}"


def time_on(happened: Instant | Span, day: Span) -> str:
    """When on one day: "14:05", "from 09:00 to 17:00", "all day"; what reaches beyond the day says so."""
    if isinstance(happened, Instant):
        return f"{happened.as_local:%H:%M}"
    before, after = happened.start < day.start, happened.end >= day.end
    if before and after:
        return "all day"
    if before:
        return f"until {happened.end.as_local:%H:%M}"
    if after:
        return f"from {happened.start.as_local:%H:%M} on"
    return f"{happened.start.as_local:%H:%M} to {happened.end.as_local:%H:%M}"


def fields_of(record: Record, items: Mapping[str, Item]) -> list[tuple[str, str]]:
    """What else a record says, name and value, as far as anything was said."""
    found = _fields(record.body, items)
    return [(name, clean(value)) for name, value in found if value]


@singledispatch
def _line(body: Body, items: Mapping[str, Item]) -> str:
    raise AssertionError(f"a record of no known kind: {type(body).__name__}")


@singledispatch
def _fields(body: Body, items: Mapping[str, Item]) -> list[tuple[str, str]]:
    return []


@_line.register
def _(body: CheckIn, items: Mapping[str, Item]) -> str:
    item = items.get(body.item)
    asked = body.item if item is None else item.label or item.name
    return f"{asked} {body.value:g}" if asked.endswith("?") else f"{asked}: {body.value:g}"


@_fields.register
def _(body: CheckIn, items: Mapping[str, Item]) -> list[tuple[str, str]]:
    item = items.get(body.item)
    if item is None:
        return []
    low, high = (
        f"{end:g}{f' ({word})' if word else ''}"
        for end, word in ((item.low, item.low_anchor), (item.high, item.high_anchor))
    )
    better = "high values are better" if item.better == "high" else "low values are better"
    return [("scale", f"from {low} to {high}; {better}")]


@_line.register
def _(body: Event, items: Mapping[str, Item]) -> str:
    more = f" ({', '.join(body.tags)})" if body.tags else ""
    return f"{body.label}{more}"


@_fields.register
def _(body: Event, items: Mapping[str, Item]) -> list[tuple[str, str]]:
    size = "" if body.size is None else f"{body.size:g}"
    return [("what it is to you", IS_IN_WORDS[body.is_]), ("size", size), ("with", few(body.contacts))]


@_line.register
def _(body: Episode, items: Mapping[str, Item]) -> str:
    return f"{EPISODE_IN_WORDS[body.is_]}: {body.label}{', as yourself' if body.is_self else ''}".capitalize()


@_line.register
def _(body: Signal, items: Mapping[str, Item]) -> str:
    return f"{body.channel}: {counted(len(body.times_us), 'value')}"


@_fields.register
def _(body: Signal, items: Mapping[str, Item]) -> list[tuple[str, str]]:
    return [("unit", body.unit)]


@_line.register
def _(body: Prompt, items: Mapping[str, Item]) -> str:
    if body.answered is None:
        return "A questionnaire, not answered"
    return f"A questionnaire, answered at {body.answered.as_local:%H:%M}"


@_fields.register
def _(body: Prompt, items: Mapping[str, Item]) -> list[tuple[str, str]]:
    return [("asked", few([items[name].label if name in items else name for name in body.items]))]


@_line.register
def _(body: Coverage, items: Mapping[str, Item]) -> str:
    of = f"of {few(body.labels)} " if body.labels else ""
    return f"About {percent(body.intensity)} {of}was written down"


@_fields.register
def _(body: Coverage, items: Mapping[str, Item]) -> list[tuple[str, str]]:
    if body.opportunity is None:
        return []
    return [("possible then", few(body.opportunity) or "none of it")]


@_line.register
def _(body: Contact, items: Mapping[str, Item]) -> str:
    said = few([one.name.replace("_", " ") for one in body.attributes])
    return f"{body.pseudonym}: {said}" if said else body.pseudonym


@_fields.register
def _(body: Contact, items: Mapping[str, Item]) -> list[tuple[str, str]]:
    return [(one.name.replace("_", " "), f"known since {one.known.day_in_words}") for one in body.attributes]


@_line.register
def _(body: Reaction, items: Mapping[str, Item]) -> str:
    return f"How you took it: {body.cue}" + (f", as {body.role}" if body.role else "")


@_fields.register
def _(body: Reaction, items: Mapping[str, Item]) -> list[tuple[str, str]]:
    return [
        ("expected", _swings(body.expected_direction * body.expected_size)),
        ("what came", _swings(body.observed)),
    ]


def _swings(size: float) -> str:
    """So many usual swings more or less."""
    if not size:
        return "as always"
    return f"{number(abs(size))} usual swings {'more' if size > 0 else 'less'} than always"


@_line.register
def _(body: Statement, items: Mapping[str, Item]) -> str:
    named = _name_in(body.toml)
    return f"{body.form.capitalize()}: {named}" if named else body.form.capitalize()


def _name_in(toml: str) -> str:
    """What a statement calls itself; empty where it does not say, or can't be read."""
    try:
        held: dict[str, Any] = tomllib.loads(toml)
    except tomllib.TOMLDecodeError:
        return ""
    return next((held[key] for key in ("name", "cue", "question") if isinstance(held.get(key), str)), "")
