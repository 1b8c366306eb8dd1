"""A way it could turn out, as it is written down: a rule over what comes, its rank among the others, what must not be.

A rule is one or more conditions joined by " and ", each a quantity, < or >, a bound, and how long:

    share_of_time(role:NAME) < 0.05 for 4 weeks        share of all hours in a role, on average over that long
    share_of_time(self) > 1.3 usual for 8 weeks        "usual": times the average of the person's own record
    strain > limit for 14 days                         the daily mean, each of so many days in a row; `limit`: own limit
    strain > 5.5 for 7 days                            on the scale of the item on which strain is told
    rate(slips) > 2 a week for 4 weeks                 slips, or rate(event:NAME), on average over that long
    rate(event:NAME) > 1.5 usual for 4 weeks

A rule is fulfilled on the first day on which all its conditions hold. Of several scenarios the first to be fulfilled is
what happened; where none is within the horizon it was *other*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.dataclasses import dataclass as checked

from mainstay.quantities import Instant
from mainstay.records.mapping_tables import STRICT, Number
from mainstay.records.statements import HasStatements, Name, Text, Unread, statements_of
from mainstay.records.statements_concern import in_order, low_and_high
from mainstay.records.statements_hypothesis import folded

OTHER = "other"
"""What it is where no scenario's rule is fulfilled. The name is taken."""
MOST_CONDITIONS = 4
LONGEST_DAYS = 366
Watched = Literal["share", "strain", "rate"]

_SHAPE = re.compile(
    r"(?:(?P<what>share_of_time|rate)\(\s*(?P<of>[^()]+?)\s*\)|(?P<strain>strain))\s*(?P<sign>[<>])\s*"
    r"(?:(?P<limit>limit)|(?P<value>\d+(?:\.\d+)?)(?:\s+(?P<unit>usual|a week))?)"
    r"\s+for\s+(?P<count>\d{1,3})\s+(?P<span>days?|weeks?)"
)
_EXAMPLES = (
    "share_of_time(role:NAME) < 0.05 for 4 weeks, strain > limit for 14 days, rate(slips) > 2 a week for 4 weeks"
)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a rule. `name`: of the role or event, "self" or "slips"; "" for strain.

    `value`: share of time (0 to 1), daily mean on the anchor's scale, or events a week; None is the person's own limit.
    `relative`: the value is in times the usual. `days`: over how long on average, or for strain how many in a row.
    """

    watched: Watched
    name: str
    above: bool
    value: float | None
    relative: bool
    days: int


def conditions(rule: str) -> tuple[Condition, ...]:
    """The conditions of a rule. Refuses (`ValueError`) what the language does not know, with examples."""
    parts = [part.strip() for part in re.split(r"\s+and\s+", rule.strip())]
    if len(parts) > MOST_CONDITIONS:
        raise ValueError(f"joins {len(parts)} conditions; a rule has at most {MOST_CONDITIONS}")
    return tuple(_condition(part) for part in parts)


def _condition(part: str) -> Condition:
    found = _SHAPE.fullmatch(part)
    if found is None:
        raise ValueError(f"{part!r} is no condition; write one such as {_EXAMPLES}")
    watched: Watched = "strain" if found["strain"] else "share" if found["what"] == "share_of_time" else "rate"
    relative = found["unit"] == "usual"
    days = int(found["count"]) * (7 if found["span"].startswith("week") else 1)
    if not 1 <= days <= LONGEST_DAYS:
        raise ValueError(f"{part!r} looks over {days} days; choose between 1 day and a year")
    if watched != "strain" and found["limit"]:
        raise ValueError(f"{part!r}: limit is a limit of strain; give a number")
    if watched == "strain" and found["unit"]:
        raise ValueError(f"{part!r}: strain is compared with limit or with a number on its item's scale")
    if watched == "rate" and found["unit"] is None:
        raise ValueError(f"{part!r}: say how often, as in 2 a week, or 1.5 usual")
    if watched == "share" and found["unit"] == "a week":
        raise ValueError(f"{part!r}: a share of time is a number from 0 to 1, or in times the usual")
    value = None if found["limit"] else float(found["value"])
    if watched == "share" and not relative and value is not None and value > 1.0:
        raise ValueError(f"{part!r}: a share of time is a number from 0 to 1, or in times the usual")
    return Condition(watched, _name(watched, found["of"] or "", part), found["sign"] == ">", value, relative, days)


def _name(watched: Watched, said: str, part: str) -> str:
    if watched == "strain":
        return ""
    whole, kind = ("self", "role") if watched == "share" else ("slips", "event")
    if said == whole:
        return whole
    prefix, colon, name = said.partition(":")
    if not colon or prefix.strip() != kind or not name.strip():
        raise ValueError(f"{part!r}: {said!r} is neither {whole} nor {kind}:NAME")
    return name.strip()


def _rule(text: str) -> str:
    conditions(text)
    return text


def _free_name(name: str) -> str:
    if folded(name) == OTHER:
        raise ValueError(f"the name {name!r} is taken: it stands for everything that no scenario describes")
    return name


_Worth = Annotated[Number, Field(ge=0.0, le=100.0)]
Worth = Annotated[tuple[_Worth, _Worth], BeforeValidator(low_and_high), AfterValidator(in_order)]
Rank = Annotated[int, Field(ge=1, le=50, strict=True)]


@checked(frozen=True, kw_only=True, config=STRICT)
class ScenarioFile:
    """A way it could turn out. `words`: how the person says it; `preference`: its rank, 1 the best.

    `worth`: how good it would be, 0 the worst to 100 the best, as low and high. `must_not`: it must not happen.
    `set_aside`: why it is no longer considered; one of the same name in the starting set is then left out as well.
    """

    name: Annotated[Name, AfterValidator(_free_name)]
    rule: Annotated[Text, AfterValidator(_rule)]
    words: Text | None = None
    preference: Rank | None = None
    worth: Worth | None = None
    must_not: Annotated[bool, Field(strict=True)] = False
    set_aside: Text | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario on record and when it was written; those of the starting set have no id and `written` is None."""

    id: str
    written: Instant | None
    says: ScenarioFile

    @property
    def name(self) -> str:
        """What it is called."""
        return self.says.name

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of its rule."""
        return conditions(self.says.rule)


def scenarios_of(timeline: HasStatements) -> tuple[tuple[Scenario, ...], tuple[Unread, ...]]:
    """The last word on each scenario the person wrote, oldest first; and those that can't be read, and why."""
    read, unread = statements_of(timeline, "scenario", ScenarioFile)
    found: dict[str, Scenario] = {}
    for record, says in sorted(read, key=lambda one: (one[0].known, one[0].id)):
        found.pop(folded(says.name), None)
        found[folded(says.name)] = Scenario(record.id, record.known, says)
    return tuple(found.values()), unread


def with_starting_set(written: Iterable[Scenario], starting: Iterable[ScenarioFile]) -> tuple[Scenario, ...]:
    """What the person wrote, then what else the starting set holds; nothing that was set aside."""
    own = tuple(written)
    said = {folded(one.name) for one in own}
    others = tuple(Scenario("", None, one) for one in starting if folded(one.name) not in said)
    return tuple(one for one in (*own, *others) if one.says.set_aside is None)
