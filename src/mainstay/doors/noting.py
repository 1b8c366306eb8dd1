"""What is noted by hand, for every door: what it is read against, the records it makes, and how it is said back.

Each function is given what is on record and what somebody typed, refuses what can't be, and gives a `Note`: records
that are not kept yet. `kept` keeps one and prints nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast, get_args

from mainstay.casebook import Added, Casebook, by_hand
from mainstay.doors.noting_times import stretch_in_words, when_in_words
from mainstay.errors import BadRequest
from mainstay.quantities import Instant, Span
from mainstay.records import logged
from mainstay.records.kinds import Contact, Coverage, Episode, Event, Is, Item, Record, Signal, Statement
from mainstay.records.logged import SHORTEST_STRETCH_DAYS
from mainstay.records.statements import Told

OWN = "own_answers"
KINDS_OF_EVENT: tuple[Is, ...] = get_args(Is)
NAMED_KINDS = ("item", "event", "signal", "role", "episode", "tag", "company")
ANEW = "correct"
SHORTEST_ID, SHOWN_ID = 6, 8
A_MOMENT = 1e-6
"""In days: a stretch that ends with its last day ends at midnight, which is told as that day."""


@dataclass(frozen=True)
class OnRecord:
    """What a note is read against: the records and items that may be read for the person's own answers, and now.

    `records` holds those that were corrected as well.
    """

    records: tuple[Record, ...]
    items: tuple[Item, ...]
    now: Instant

    @cached_property
    def told(self) -> Told:
        """The records that stand, as statements are asked of them."""
        return Told(self.records)

    @cached_property
    def standing(self) -> tuple[Record, ...]:
        """The records that stand: none that was corrected or taken back, and no taking back."""
        return tuple(one for one in self.told.others if not logged.takes_back(one))

    @cached_property
    def names(self) -> dict[str, tuple[str, ...]]:
        """The names on record by what they are (`NAMED_KINDS`)."""
        found: dict[str, set[str]] = {kind: set() for kind in NAMED_KINDS}
        found["item"] = {one.name for one in self.items}
        for record in self.records:
            body = record.body
            if isinstance(body, Event):
                found["event"].add(body.label)
                found["tag"].update(body.tags)
            elif isinstance(body, Signal):
                found["signal"].add(body.channel)
            elif isinstance(body, Episode):
                found["role" if body.is_ == "role" else "episode"].add(body.label)
            elif isinstance(body, Contact):
                found["company"].update(one.name for one in body.attributes)
        return {kind: tuple(sorted(names)) for kind, names in found.items()}

    @cached_property
    def clause_names(self) -> dict[str, tuple[str, ...]]:
        """The names a clause can be about, by what they are. One with a bar can't be written: it parts alternatives."""
        return {kind: tuple(name for name in names if "|" not in name) for kind, names in self.names.items()}

    def item(self, name: str) -> Item | None:
        """An item by its name."""
        return next((one for one in self.items if one.name == name), None)


@dataclass(frozen=True, slots=True)
class Note:
    """What would be noted: its records, a line that says it back, and what the person may not expect of it (`hints`).

    `items`: those described for the first time; `anchor`: the one that strain is told on from now on.
    """

    records: tuple[Record, ...]
    said: str
    hints: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    anchor: str | None = None


def on_record(casebook: Casebook, now: Instant) -> OnRecord:
    """What is on record now. The read is noted on the audit, like any."""
    found = casebook.read(OWN, now=now)
    return OnRecord(found.records, found.items, now)


def kept(casebook: Casebook, note: Note, now: Instant) -> Added:
    """Keep a note as one batch. What is on record stays as it is: `Added.different` counts what says something else."""
    return by_hand.keep(casebook, note.records, now=now, items=note.items, anchor=note.anchor)


def to_correct(text: str | None, records: Iterable[Record]) -> Record | None:
    """The record that is corrected, by the first letters of its id. Refuses one that is not there, or corrected."""
    if text is None:
        return None
    wanted = text.strip().lower()
    if len(wanted) < SHORTEST_ID:
        raise BadRequest(f"what is corrected is named by at least the first {SHORTEST_ID} letters of its id")
    known = tuple(records)
    found = [one for one in known if one.id.startswith(wanted)]
    if len(found) != 1:
        why = "several records have" if found else "no record that may be read has"
        raise BadRequest(f"{why} an id that begins with {text.strip()[:40]!r}")
    later = next((one for one in known if one.supersedes == found[0].id), None)
    if later is not None and logged.takes_back(later):
        raise BadRequest("that was taken back; note it anew")
    if later is not None:
        raise BadRequest(f"that was corrected already, by {later.id[:SHOWN_ID]}; correct this one")
    return found[0]


def check_ins(
    answers: Sequence[tuple[Item, float]],
    when: Instant | Span,
    known: OnRecord,
    *,
    now: Instant,
    replaces: Record | None = None,
    anchor: bool = False,
) -> Note:
    """Answers given at one time, each on its item; an item that is not on record yet is described with it."""
    if not answers:
        raise BadRequest("nothing was answered, so nothing was noted")
    there = {one.name for one in known.items}
    return Note(
        tuple(logged.check_in(item, value, when, now=now, replaces=replaces) for item, value in answers),
        f"{', '.join(f'{item.name} {value:g}' for item, value in answers)}, {when_in_words(when, now)}",
        items=tuple(item for item, _ in answers if item.name not in there),
        anchor=answers[0][0].name if anchor else None,
    )


def meaning_of(label: str, known: OnRecord) -> Is | None:
    """What the person last said an event of this label is to them; None where it is new."""
    said = [one for one in known.records if isinstance(one.body, Event) and one.body.label == label]
    last = max(said, key=lambda one: (one.known, one.id), default=None)
    return None if last is None else cast(Event, last.body).is_


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
) -> Note:
    """Something that happened."""
    record = logged.event(label, is_, when, now=now, size=size, contacts=contacts, tags=tags, replaces=replaces)
    more = f", size {size:g}" if size is not None else ""
    return Note((record,), f"{label} ({', '.join((is_, *tags))}){more}, {when_in_words(when, now)}")


def role(
    label: str,
    span: Span,
    known: OnRecord,
    *,
    now: Instant,
    is_self: bool | None = None,
    replaces: Record | None = None,
) -> Note:
    """A stretch in a role. Whether it is time as oneself is taken from before, unless it is said."""
    if is_self is None:
        is_self = is_oneself(label, known)
    record = logged.role(label, span, now=now, is_self=is_self, replaces=replaces)
    as_oneself = ", as yourself" if is_self else ""
    return Note((record,), f"in the role {label}{as_oneself}, {stretch_in_words(span, now)}")


def is_oneself(label: str, known: OnRecord) -> bool:
    """Whether the person last said of a role that it is time as themselves."""
    before = [one for one in known.records if isinstance(one.body, Episode) and one.body.label == label]
    last = max(before, key=lambda one: (one.known, one.id), default=None)
    return last is not None and cast(Episode, last.body).is_self


def from_to(begun: Instant, over: Instant, options: tuple[str, str]) -> Span:
    """From when to when. Refuses an end that is not after the beginning; `options`: what the two are called."""
    if over <= begun:
        raise BadRequest(f"it can't end ({over}) before it begins ({begun}); check {options[0]} and {options[1]}")
    return Span(begun, over)


def stretch(label: str, span: Span, known: OnRecord, *, now: Instant, replaces: Record | None = None) -> Note:
    """A stretch of the past under a name. Refuses one that reaches beyond what was recorded: the record would seem
    longer than it is."""
    _refuse_outside_the_record(span, known.records)
    record = logged.stretch(label, span, now=now, replaces=replaces)
    last = span.end.plus_days(-A_MOMENT)
    return Note((record,), f"“{label}”, {span.start.day_in_words} to {last.day_in_words}")


def contact(name: str, known_since: Sequence[tuple[str, Instant]], since: Instant, *, now: Instant) -> Note:
    """Somebody, and what is true of them, each since it was known: (attribute, since). `since`: where none is said."""
    by_day: dict[Instant, list[str]] = {}
    for attribute, day in known_since:
        by_day.setdefault(day, []).append(attribute)
    records = tuple(logged.contact(name, tuple(some), day, now=now) for day, some in (by_day or {since: []}).items())
    told = f": {', '.join(attribute for attribute, _ in known_since)}" if known_since else ""
    when = "; ".join(when_in_words(day, now) for day in (by_day or {since: []}))
    return Note(records, f"{name}{told}, known since {when}")


def taken_back(record: Record, *, now: Instant) -> Note:
    """What was noted is taken back: it counts no more, and a look at an earlier date shows it as it was then."""
    return Note((logged.taken_back(record, now=now),), "that is taken back; from now on it counts no more")


def _refuse_outside_the_record(span: Span, records: Iterable[Record]) -> None:
    def begun(record: Record) -> Instant:
        return record.happened.start if isinstance(record.happened, Span) else record.happened

    def ended(record: Record) -> Instant:
        return record.happened.end if isinstance(record.happened, Span) else record.happened

    lived = [one for one in records if not isinstance(one.body, Contact | Coverage | Statement) and not is_stretch(one)]
    if not lived:
        raise BadRequest("nothing is on record yet that a stretch could be told by; add records first")
    first = min((begun(one) for one in lived), key=lambda one: one.utc_us)
    last = max((ended(one) for one in lived), key=lambda one: one.utc_us).plus_days(-A_MOMENT)
    if span.start.as_local.date() < first.as_local.date():
        raise BadRequest(f"nothing is on record before {first.day_in_words}; begin on {first.as_local.date()} or later")
    if span.end.plus_days(-A_MOMENT).as_local.date() > last.as_local.date():
        raise BadRequest(f"nothing is on record after {last.day_in_words}; end on {last.as_local.date()} or earlier")


def is_stretch(record: Record) -> bool:
    """Whether a record is a stretch of the past itself, which says nothing of what was lived."""
    activity = isinstance(record.body, Episode) and record.body.is_ == "activity"
    return activity and isinstance(record.happened, Span) and record.happened.days >= SHORTEST_STRETCH_DAYS


def replaced(records: Iterable[Record], found: Any) -> Record | None:
    """The record in which a statement stands that was found on record; None where it has none."""
    return next((one for one in records if found is not None and one.id == found.id), None)
