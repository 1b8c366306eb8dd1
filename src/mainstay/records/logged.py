"""One record by hand: an answer, an event, a stretch in a role or under a name, a contact, a reaction, a statement.

It is known when it is noted, however long ago it happened: a replay at an earlier date shows what was on record then.
"""

from __future__ import annotations

import math

from mainstay.errors import BadRecord
from mainstay.quantities import Instant, Span
from mainstay.records.collector import FIRST_YEAR
from mainstay.records.kinds import (
    Attribute,
    Better,
    Body,
    CheckIn,
    Contact,
    Coverage,
    Episode,
    Event,
    Is,
    Item,
    Reaction,
    Record,
    Statement,
    StatementForm,
    record_id,
)

BY_HAND = "by hand"
RETRACTION: StatementForm = "retraction"
HARM = "harm"
"""The tag of a slip that did harm to somebody else."""
LONGEST_NAME = 200
LARGEST_SIZE = 1e6
MOST_SDS = 10.0
MOST_NAMES = 50
SHORTEST_STRETCH_DAYS = 13.9
"""An activity of two weeks is a stretch that now can be likened to; clocks that are put forward take an hour of it."""


def check_in(item: Item, value: float, when: Instant | Span, *, now: Instant, replaces: Record | None = None) -> Record:
    """An answer on an item. Refuses a value off its scale."""
    if not item.low <= value <= item.high:
        raise BadRecord(f"{value:g} is off the scale of {item.name!r}, which goes from {item.low:g} to {item.high:g}")
    return _record(item.name, when, CheckIn(item.name, float(value)), item.name, now=now, replaces=replaces)


def described(name: str, low: float, high: float, better: Better, *, label: str = "", ordinal: bool = True) -> Item:
    """A new item. Refuses a scale without two ends."""
    one_line("the item's name", name)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise BadRecord(f"a scale needs a low end below its high end, not {low:g} and {high:g}")
    return Item(name, label or name, float(low), float(high), better, ordinal=ordinal)


def event(
    label: str,
    is_: Is,
    when: Instant | Span,
    *,
    now: Instant,
    size: float | None = None,
    contacts: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
    replaces: Record | None = None,
) -> Record:
    """Something that happened. A slip with the tag `harm` did harm to somebody else. Refuses a size below 0."""
    one_line("the label", label)
    if size is not None and not 0.0 <= size <= LARGEST_SIZE:
        raise BadRecord(f"{size:g} is no size; it lies between 0 and {LARGEST_SIZE:,.0f}")
    if HARM in tags and is_ != "slip":
        raise BadRecord(f"the tag {HARM!r} goes with slips alone: it marks a slip that did harm to somebody else")
    body = Event(label, is_, size, _names("a name", contacts), _names("a tag", tags))
    return _record(label, when, body, label, now=now, replaces=replaces)


def role(label: str, span: Span, *, now: Instant, is_self: bool = False, replaces: Record | None = None) -> Record:
    """A stretch in a role; `is_self`: time as oneself. Refuses one without length."""
    one_line("the label", label)
    if span.days <= 0.0:
        raise BadRecord(f"a stretch in a role has a length; this one begins and ends at {span.start}")
    return _record(label, span, Episode(label, "role", is_self), label, now=now, replaces=replaces)


def no_role(roles: tuple[str, ...], span: Span, *, now: Instant) -> Record:
    """That a stretch was spent in none of these roles: all of it was recorded, and there was nothing to record."""
    if not roles or span.days <= 0.0:
        raise BadRecord("a stretch in no role has a length, and there are roles that it was not")
    body = Coverage(_names("a role", roles), 1.0)
    return _record("coverage", span, body, "|".join(roles), now=now)


def stretch(label: str, span: Span, *, now: Instant, replaces: Record | None = None) -> Record:
    """A stretch of life under a name of the person's own. Refuses one shorter than two weeks, or said of a role."""
    one_line("the name", label)
    if span.days < SHORTEST_STRETCH_DAYS:
        raise BadRecord(f"a stretch to look back on lasts two weeks or longer, not {span.days:.1f} days")
    if replaces is not None and (not isinstance(replaces.body, Episode) or replaces.body.is_ != "activity"):
        raise BadRecord("what you want to correct is no stretch; correct it as what it is")
    return _record(label, span, Episode(label, "activity"), label, now=now, replaces=replaces)


def contact(name: str, attributes: tuple[str, ...], since: Instant, *, now: Instant) -> Record:
    """Somebody, and what has been known of them since when."""
    one_line("the name", name)
    known = tuple(Attribute(one, since) for one in _names("an attribute", attributes))
    return _record("contacts", since, Contact(name, known), "|".join((name, *attributes)), now=now)


def reaction(body: Reaction, when: Instant | Span, *, now: Instant, replaces: Record | None = None) -> Record:
    """How somebody reacted to a cue in a role; size expected and observed in the person's own standard deviations."""
    one_line("the cue", body.cue)
    if not abs(body.observed) <= MOST_SDS:
        raise BadRecord(
            f"{body.observed:g} is no reaction: it is told in usual swings, 0 for none, 1 for one as on most days, at "
            f"most {MOST_SDS:g}; above 0 for more, below 0 for less"
        )
    return _record("reactions", when, body, f"{body.cue}|{body.role}", now=now, replaces=replaces)


def statement(form: StatementForm, toml: str, *, now: Instant, replaces: Record | None = None) -> Record:
    """What the person writes now, kept as written, in a stream named after its form."""
    return _record(form, now, Statement(form, toml), form, now=now, replaces=replaces)


def taken_back(wrong: Record, *, now: Instant) -> Record:
    """That a record is taken back, in its own stream: it counts no more from now on. Refuses a taking back."""
    if takes_back(wrong):
        raise BadRecord("that takes something back already; note what was taken back anew")
    natural = f"{RETRACTION}|{wrong.id}"
    body = Statement(RETRACTION, "")
    return Record(record_id(BY_HAND, wrong.stream, natural), wrong.stream, now, now, BY_HAND, body, wrong.id)


def takes_back(record: Record) -> bool:
    """Whether a record only takes another one back."""
    return isinstance(record.body, Statement) and record.body.form == RETRACTION


def one_line(what: str, text: str) -> None:
    """Refuses a name or label that is empty, long, or more than one line of plain characters."""
    if not text.strip() or len(text) > LONGEST_NAME or not text.isprintable():
        raise BadRecord(f"{what} is one line of 1 to {LONGEST_NAME} characters, not {text[:40]!r}")


def _names(what: str, names: tuple[str, ...]) -> tuple[str, ...]:
    if len(names) > MOST_NAMES:
        raise BadRecord(f"{len(names)} names are too many for one record; {MOST_NAMES} are the most")
    for name in names:
        one_line(what, name)
    return tuple(dict.fromkeys(names))


def _record(
    stream: str, happened: Instant | Span, body: Body, label: str, *, now: Instant, replaces: Record | None = None
) -> Record:
    """The record. Refuses what lies in the future or before anybody's records, and a correction of another kind."""
    start, end = (happened.start, happened.end) if isinstance(happened, Span) else (happened, happened)
    if end > now:
        raise BadRecord(f"{end} lies in the future; what happens is noted when it has happened")
    if start.as_utc.year < FIRST_YEAR:
        raise BadRecord(f"{start} is before anybody's records; check how the year is written")
    natural = f"{type(body).__name__}|{label}|{start.utc_us}|{end.utc_us}"
    if replaces is None:
        return Record(record_id(BY_HAND, stream, natural), stream, happened, now, BY_HAND, body)
    if type(replaces.body) is not type(body):
        raise BadRecord(f"what you want to correct is a {replaces.kind.replace('_', '-')}; correct it as such")
    return Record(
        record_id(BY_HAND, stream, f"{natural}|replaces {replaces.id}"), stream, happened, now, BY_HAND, body,
        replaces.id,
    )  # fmt: skip
