"""What the person wants and can give, in their own words: order among the ways it could turn out, limits, approach.

The last statement counts, whole: what is left out of it is not wished any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass as checked

from mainstay.quantities import Instant
from mainstay.records.mapping_tables import STRICT, Number
from mainstay.records.statements import HasStatements, Name, Unread, statements_of
from mainstay.records.statements_hypothesis import folded

MOST_NAMED = 50
_Names = Annotated[tuple[Name, ...], Field(max_length=MOST_NAMED)]
_Chance = Annotated[Number, Field(gt=0.0, lt=1.0)]
_Days = Annotated[int, Field(ge=1, le=366, strict=True)]
_Hours = Annotated[Number, Field(ge=0.0, le=168.0)]
_Money = Annotated[Number, Field(ge=0.0, le=1e9)]
_Rating = Annotated[Number, Field(ge=-1e6, le=1e6)]


@checked(frozen=True, kw_only=True, config=STRICT)
class Limit:
    """The person's own limit: the daily mean on the scale of the item on which strain is told, for days in a row."""

    rating: _Rating
    days: _Days = 14


@checked(frozen=True, kw_only=True, config=STRICT)
class Approach:
    """How the person wants to be reached: a channel, and the role to reach them in; and which of these never."""

    channel: Name | None = None
    role: Name | None = None
    not_channels: _Names = ()
    not_roles: _Names = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Approach:
        for one, never, what in (
            (self.channel, self.not_channels, "channel"),
            (self.role, self.not_roles, "role"),
        ):
            if one is not None and folded(one) in {folded(other) for other in never}:
                raise ValueError(f"the {what} {one!r} is both wished and ruled out")
        return self


@checked(frozen=True, kw_only=True, config=STRICT)
class Budget:
    """What a supporter can give, in their own casebook: hours a week, money a month."""

    hours_a_week: _Hours | None = None
    money_a_month: _Money | None = None


@checked(frozen=True, kw_only=True, config=STRICT)
class PreferenceFile:
    """What the person wants. `order`: names of scenarios, the best first ("other" may stand among them).

    `must_not`: scenarios that must not happen; `must_not_chance`: how likely one of them may be made, at most.
    `never`: what no option may touch. `least_chance`: how likely an option must be to succeed, all steps together.
    `budget`: in a supporter's own casebook, or what the supporter has said they can give.
    """

    order: _Names = ()
    must_not: _Names = ()
    must_not_chance: _Chance | None = None
    never: _Names = ()
    least_chance: _Chance | None = None
    limit: Limit | None = None
    approach: Approach | None = None
    budget: Budget | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> PreferenceFile:
        names = [folded(one) for one in self.order]
        twice = [one for one, name in zip(self.order, names, strict=True) if names.count(name) > 1]
        if twice:
            raise ValueError(f"order names {twice[0]!r} twice")
        return self


@dataclass(frozen=True, slots=True)
class Preference:
    """The preferences that stand, and since when; `id` is that of their record."""

    id: str
    written: Instant
    says: PreferenceFile


def preference_of(timeline: HasStatements) -> tuple[Preference | None, tuple[Unread, ...]]:
    """The last preferences on record, if any; and those that can't be read, and why."""
    read, unread = statements_of(timeline, "preference", PreferenceFile)
    last = max(read, key=lambda one: (one[0].known, one[0].id), default=None)
    return (None if last is None else Preference(last[0].id, last[0].known, last[1])), unread
