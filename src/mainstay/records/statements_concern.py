"""A worry as it is written down: two to five signs, a review date, a stopping rule, chances, and harms of each course.

`concerns_of(timeline)` gives the concerns known at a timeline's date, the last word on each: a later statement of the
same name, or one that supersedes it, moves its review or closes it. `begun` is when the worry was first written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic.dataclasses import dataclass as checked

from mainstay.quantities import Instant
from mainstay.records.collector import FIRST_YEAR
from mainstay.records.mapping_tables import STRICT, Number
from mainstay.records.statements import HasStatements, Name, Text, Unread, statements_of

FEWEST_SIGNS, MOST_SIGNS = 2, 5
LAST_YEAR = 2200
COURSES = ("waiting", "looking", "acting")
"""What can be done about a worry, the gentlest first."""


def low_and_high(ends: object) -> object:
    """Two numbers, as a range is written; anything else is refused (`ValueError`)."""
    if not isinstance(ends, list | tuple) or len(ends) != 2:
        raise ValueError("is written as low and high, [0.2, 0.5]; the same twice where it is sure")
    return ends


def _a_day(day: object) -> object:
    if isinstance(day, datetime) or not isinstance(day, date):
        raise ValueError("is a day, as in 2026-03-01, without quotes")
    _of_a_life(day)
    return day


def _of_a_life(day: date) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"is in the year {day.year}; check how it is written")


def in_order(ends: tuple[float, float]) -> tuple[float, float]:
    """A range whose ends are in order; the other way round is refused (`ValueError`)."""
    if ends[0] > ends[1]:
        raise ValueError(f"goes from the lower to the higher number, not from {ends[0]:g} to {ends[1]:g}")
    return ends


def _with_offset(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("needs its offset, as in 2026-03-01T14:30:00+01:00")
    _of_a_life(moment)
    return moment


_Chance = Annotated[Number, Field(ge=0.0, le=1.0)]
_Points = Annotated[Number, Field(ge=0.0, le=100.0)]
Seen = Literal["so", "not", "unclear"]
Chances = Annotated[tuple[_Chance, _Chance], BeforeValidator(low_and_high), AfterValidator(in_order)]
Points = Annotated[tuple[_Points, _Points], BeforeValidator(low_and_high), AfterValidator(in_order)]
Day = Annotated[date, BeforeValidator(_a_day)]
Moment = Annotated[datetime, AfterValidator(_with_offset)]


@checked(frozen=True, kw_only=True, config=STRICT)
class Observable:
    """A sign of the worry: what would be seen if it were so, and what if it were not.

    It may be tied to an item, a kind of event or a signal on record; `expect`: whether there would be more or less of
    it if it were so; `by`: the least that would matter, in points of the item, units of the signal, or as "times as
    often" of the event. `seen`: how the person judged it at the last review, where nothing on record is tied to it.
    """

    what: Name
    if_so: Text
    if_not: Text
    item: Name | None = None
    event: Name | None = None
    signal: Name | None = None
    expect: Literal["more", "less"] | None = None
    by: Annotated[Number, Field(gt=0.0)] | None = None
    seen: Seen | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Observable:
        tied = [name for name in ("item", "event", "signal") if getattr(self, name) is not None]
        if len(tied) > 1:
            raise ValueError(f"{' and '.join(tied)} are two things to look at; make two signs of it")
        if bool(tied) != (self.expect is not None):
            raise ValueError('an item, event or signal goes with expect = "more" or "less", and neither stands alone')
        if self.by is not None and not tied:
            raise ValueError("by goes with an item, event or signal")
        if self.seen is not None and tied:
            raise ValueError("seen goes with a sign that nothing on record is tied to")
        if self.event is not None and self.by is not None and self.by <= 1.0:
            raise ValueError(f"by says how many times as often would matter: more than 1, not {self.by:g}")
        return self

    @property
    def tied_to(self) -> str | None:
        """The item, event or signal it is tied to, by name."""
        return self.item or self.event or self.signal


@checked(frozen=True, kw_only=True, config=STRICT)
class Harm:
    """The harm of one course, in the person's own points from 0 (none) to 100 (the worst), as low and high."""

    if_so: Points
    if_not: Points


@checked(frozen=True, kw_only=True, config=STRICT)
class Harms:
    """The harm of waiting, of looking more closely, and of acting now."""

    waiting: Harm
    looking: Harm
    acting: Harm


@checked(frozen=True, kw_only=True, config=STRICT)
class Closed:
    """That the worry was let go, when, and why if that was said."""

    at: Moment
    why: Text | None = None


@checked(frozen=True, kw_only=True, config=STRICT)
class ConcernFile:
    """A dated worry. `by`: the supporter whose it is, `observation`: the id of what they wrote; else the person's own.

    `since`: since when it has seemed so; those days made the worry, and are left out where before and after are
    compared. `likely`: how likely it is to be so, as low and high. `moved`: how often its review was put off.
    """

    name: Name
    worry: Text
    review: Day
    let_go_if: Text
    observable: Annotated[
        tuple[Observable, ...], Field(json_schema_extra={"minItems": FEWEST_SIGNS, "maxItems": MOST_SIGNS})
    ]
    by: Name | None = None
    observation: Name | None = None
    since: Day | None = None
    likely: Chances | None = None
    harm: Harms | None = None
    begun: Moment | None = None
    moved: Annotated[int, Field(ge=0, strict=True)] = 0
    closed: Closed | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> ConcernFile:
        if (self.likely is None) != (self.harm is None):
            raise ValueError("likely and harm go together: without one of them nothing can be weighed")
        if not FEWEST_SIGNS <= len(self.observable) <= MOST_SIGNS:
            raise ValueError(
                f"a worry needs {FEWEST_SIGNS} to {MOST_SIGNS} signs ([[observable]]), not {len(self.observable)}"
            )
        said = [one.what for one in self.observable]
        if len(set(said)) < len(said):
            raise ValueError("two signs have the same name; give each its own")
        return self


@dataclass(frozen=True, slots=True)
class Concern:
    """The last word on a worry: the record it stands in, when it was first written, when last, and what it says."""

    id: str
    begun: Instant
    written: Instant
    says: ConcernFile

    @property
    def is_open(self) -> bool:
        """Whether it was not yet let go."""
        return self.says.closed is None


def concerns_of(timeline: HasStatements) -> tuple[tuple[Concern, ...], tuple[Unread, ...]]:
    """The last word on each worry, in the order in which they began; and those that can't be read, with the reason."""
    read, unread = statements_of(timeline, "concern", ConcernFile)
    found: dict[str, Concern] = {}
    for record, says in sorted(read, key=lambda one: (one[0].known, one[0].id)):
        before = found.get(says.name)
        begun = record.known if says.begun is None else Instant.of(says.begun)
        if before is not None and before.is_open:
            begun = min(begun, before.begun)
        # A date of beginning later than its own writing would be a worry from the future.
        found[says.name] = Concern(record.id, min(begun, record.known), record.known, says)
    return tuple(sorted(found.values(), key=lambda one: (one.begun, one.id))), unread


def closed(concern: Concern, at: Instant, why: str | None) -> ConcernFile:
    """The statement that lets a worry go."""
    return replace(concern.says, begun=_moment(concern.begun), closed=Closed(at=_moment(at), why=why))


def put_off(concern: Concern, review: date, seen: Mapping[str, Seen] | None = None) -> ConcernFile:
    """The statement that moves its review to another day. `seen`: what the person saw of a sign (by name) this time."""
    signs = tuple(
        replace(one, seen=seen[one.what]) if seen and one.what in seen else one for one in concern.says.observable
    )
    return replace(
        concern.says, begun=_moment(concern.begun), review=review, moved=concern.says.moved + 1, observable=signs
    )


def _moment(at: Instant) -> datetime:
    return at.as_local
