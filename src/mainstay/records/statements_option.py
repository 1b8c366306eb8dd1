"""Something that could be done, as it is written down: its steps, who bears what, and what it would change.

A lever is what the model can move: `hours role:NAME` and `hours self` (hours in a role), `acts event:NAME` (something
that is done anyway, more or less often), `acts contact:NAME` and `acts company:ATTRIBUTE` (planned time with a person,
or with anybody or anything of whom that is true), `demands event:NAME` (how often it is asked), `opportunity
event:NAME` (how often what is sought can be had). It moves by `times` (1 is no change) or by `by` a week (hours for
hours, else occasions), each as low and high.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic.dataclasses import dataclass as checked

from mainstay.quantities import Instant
from mainstay.records.mapping_tables import STRICT, Number
from mainstay.records.statements import HasStatements, Name, Text, Unread, statements_of
from mainstay.records.statements_concern import Chances, in_order, low_and_high
from mainstay.records.statements_hypothesis import folded

NOTHING = "nothing is changed"
"""The option that is always there: to leave things as they are. The name is taken."""
NONE = (0.0, 0.0)
MOST_STEPS, MOST_CHANGES, MOST_NAMED = 12, 12, 20
MOST_TIMES, MOST_A_WEEK, MOST_MONEY = 10.0, 168.0, 1e9
LeverKind = Literal["hours", "acts", "demands", "opportunity"]
Reversible = Literal["yes", "partly", "no"]
LEVERS: dict[LeverKind, tuple[str, ...]] = {
    "hours": ("role", "self"),
    "acts": ("event", "contact", "company"),
    "demands": ("event",),
    "opportunity": ("event",),
}


@dataclass(frozen=True, slots=True)
class Target:
    """What a lever moves: its kind, what kind of name follows ("self" has none), and the name."""

    kind: LeverKind
    of: str
    name: str


def target(lever: str) -> Target:
    """What a lever moves. Refuses (`ValueError`) what the language does not know."""
    word, _, rest = lever.strip().partition(" ")
    if word in LEVERS:
        kind = word
        if rest.strip() == "self" and "self" in LEVERS[kind]:
            return Target(kind, "self", "")
        of, colon, name = rest.partition(":")
        if colon and of.strip() in LEVERS[kind] and of.strip() != "self" and name.strip():
            return Target(kind, of.strip(), name.strip())
    known = [f"{kind} {of if of == 'self' else of + ':NAME'}" for kind, names in LEVERS.items() for of in names]
    raise ValueError(f"{lever!r} is no lever; write one of {', '.join(known)}")


def _lever(text: str) -> str:
    target(text)
    return text


_Times = Annotated[Number, Field(ge=0.0, le=MOST_TIMES)]
_AWeek = Annotated[Number, Field(ge=-MOST_A_WEEK, le=MOST_A_WEEK)]
_Points = Annotated[Number, Field(ge=0.0, le=100.0)]
_Hours = Annotated[Number, Field(ge=0.0, le=MOST_A_WEEK)]
_Money = Annotated[Number, Field(ge=0.0, le=MOST_MONEY)]
Times = Annotated[tuple[_Times, _Times], BeforeValidator(low_and_high), AfterValidator(in_order)]
AWeek = Annotated[tuple[_AWeek, _AWeek], BeforeValidator(low_and_high), AfterValidator(in_order)]
Points = Annotated[tuple[_Points, _Points], BeforeValidator(low_and_high), AfterValidator(in_order)]
Hours = Annotated[tuple[_Hours, _Hours], BeforeValidator(low_and_high), AfterValidator(in_order)]
Money = Annotated[tuple[_Money, _Money], BeforeValidator(low_and_high), AfterValidator(in_order)]
_Names = Annotated[tuple[Name, ...], Field(max_length=MOST_NAMED)]


@checked(frozen=True, kw_only=True, config=STRICT)
class Step:
    """One thing that must succeed, with its chance as low and high."""

    what: Text
    chance: Chances


@dataclass(frozen=True, slots=True)
class Counted:
    """A burden as sums take it: what was not written counts as nothing there."""

    points: tuple[float, float]
    hours_a_week: tuple[float, float]
    money_a_month: tuple[float, float]

    @property
    def nothing(self) -> bool:
        """Whether it is nothing even at its high end."""
        return max(self.points[1], self.hours_a_week[1], self.money_a_month[1]) == 0.0


@checked(frozen=True, kw_only=True, config=STRICT)
class Burden:
    """What somebody bears, or gains, as low and high: `points` on the scale of `worth` (0 to 100), hours, money.

    None: not written down, which is not the same as nothing.
    """

    points: Points | None = None
    hours_a_week: Hours | None = None
    money_a_month: Money | None = None

    @property
    def counted(self) -> Counted:
        """The same with nothing in the place of what is not written."""
        return Counted(self.points or NONE, self.hours_a_week or NONE, self.money_a_month or NONE)

    @property
    def written(self) -> dict[str, list[float]]:
        """What is written of it, by name."""
        named = {"points": self.points, "hours_a_week": self.hours_a_week, "money_a_month": self.money_a_month}
        return {name: list(values) for name, values in named.items() if values is not None}


@checked(frozen=True, kw_only=True, config=STRICT)
class Burdens:
    """What the person bears, or gains, and what the supporter does."""

    person: Burden = Burden()
    supporter: Burden = Burden()


@checked(frozen=True, kw_only=True, config=STRICT)
class Change:
    """What an option does to one lever, if it succeeds: either `times` or `by` a week."""

    lever: Annotated[Text, AfterValidator(_lever)]
    times: Times | None = None
    by: AWeek | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Change:
        if (self.times is None) == (self.by is None):
            raise ValueError(f"the lever {self.lever!r} moves by either times or by, as low and high")
        if target(self.lever).kind == "opportunity" and self.by is not None:
            raise ValueError(f"the lever {self.lever!r} moves by times only")
        if target(self.lever).of in ("contact", "company") and self.by is None:
            raise ValueError(f"the lever {self.lever!r} moves by occasions a week: write by = [1, 2]")
        return self


@checked(frozen=True, kw_only=True, config=STRICT)
class OptionFile:
    """Something that could be done.

    `disclosed_ok`: whether it would still be acceptable, and work, if everybody concerned knew all about it.
    `touches`: what it would change for somebody, in the words of `never` in the preferences. `rests_on`: the possible
    causes it would make no sense without. `needs`: what must be there first; `met`: which of these are.
    `after_weeks`: how long until it takes effect. `channel`: how the person would be asked.
    """

    name: Name
    what: Text | None = None
    step: Annotated[tuple[Step, ...], Field(max_length=MOST_STEPS)] = ()
    cost: Burdens = Burdens()
    benefit: Burdens = Burdens()
    changes: Annotated[tuple[Change, ...], Field(max_length=MOST_CHANGES)] = ()
    reversible: Reversible = "yes"
    disclosed_ok: Annotated[bool, Field(strict=True)]
    touches: _Names = ()
    rests_on: _Names = ()
    needs: _Names = ()
    met: _Names = ()
    after_weeks: Annotated[Number, Field(ge=0.0, le=520.0)] = 0.0
    channel: Name | None = None
    set_aside: Text | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> OptionFile:
        if folded(self.name) == folded(NOTHING):
            raise ValueError(f"the name {self.name!r} is taken: leaving things as they are is always among the options")
        unknown = [one for one in self.met if one not in self.needs]
        if unknown:
            raise ValueError(f"met names {', '.join(map(repr, unknown))}, which is not among needs")
        return self


@dataclass(frozen=True, slots=True)
class Option:
    """An option as it is on record, and when it was written; `id` is that of its record."""

    id: str
    written: Instant | None
    says: OptionFile

    @property
    def name(self) -> str:
        """What it is called."""
        return self.says.name


def options_of(timeline: HasStatements) -> tuple[tuple[Option, ...], tuple[Unread, ...]]:
    """The last word on each option, oldest first, those set aside among them; and those that can't be read, and why."""
    read, unread = statements_of(timeline, "option", OptionFile)
    found: dict[str, Option] = {}
    for record, says in sorted(read, key=lambda one: (one[0].known, one[0].id)):
        found.pop(folded(says.name), None)
        found[folded(says.name)] = Option(record.id, record.known, says)
    return tuple(found.values()), unread
