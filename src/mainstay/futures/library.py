"""The starting set: ways it could turn out that are open to most people in several roles, made to fit one record.

One file per template under `library/`. Its rule is in the language of `mainstay.records.statements_scenario`; what
stands in braces is filled in from the record: `{role}` (each role that isn't oneself), `{times}` (the first of several
factors that the record does not reach now and then anyhow), `{limit_days}`, `{kept}` (the roles that are kept up).
None says that it is wished or must not happen: that is the person's own. A scenario of the same name takes its place.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from mainstay.futures.paths import Usual
from mainstay.futures.scenarios_days import Days, days_before, nothing_before, usual_of
from mainstay.futures.scenarios_rules import Ground, holding
from mainstay.quantities import CannotSay
from mainstay.records.mapping_tables import STRICT, Number
from mainstay.records.statements import Text, parsed
from mainstay.records.statements_hypothesis import folded
from mainstay.records.statements_scenario import ScenarioFile, conditions
from mainstay.timeline.kinds import Timeline

ORDER = ("role_given_up", "slips_growing", "breakdown", "new_high", "recovery")
"""The files, without their ending, in the order in which scenarios stand and settle ties."""

FEWEST_DAYS = 56
LEAST_HOURS_A_WEEK = 2.0
"""What is usual means nothing before there were eight weeks; a role of fewer hours can't be told as given up."""

LOOKED_BACK_DAYS, OFTEN = 182, 0.1
"""What was so on more than a tenth of the last half-year says nothing new when it comes again."""

BY_CHANCE = 0.02
"""Slips that come as often as ever exceed the bound over one window with at most this chance."""

MOST_KEPT = 3
SAME_NAME = "another role has the same name but for its capitals"
OWN_LIMIT_COUNTS = "you have a limit of your own, which counts instead"
DAYS_OF_A_LIMIT = 14
"""For how many days strain must be beyond a limit where the person has not said so."""


@checked(frozen=True, kw_only=True, config=STRICT)
class Template:
    """A scenario with gaps. `and_for_each_role`: a condition more for each of the three largest roles."""

    name: Text
    rule: Text
    words: Text
    one_for_each_role: Annotated[bool, Field(strict=True)] = False
    and_for_each_role: Text | None = None
    times: tuple[Number, ...] = (1.0,)
    needs: Literal["", "slips", "self", "limit", "no limit"] = ""


@cache
def templates() -> tuple[Template, ...]:
    """The templates that come with Mainstay, always in the same order."""
    place = files("mainstay.futures") / "library"
    return tuple(parsed((place / f"{name}.toml").read_text(encoding="utf-8"), Template, "scenario") for name in ORDER)


@dataclass(frozen=True, slots=True)
class StartingSet:
    """The scenarios made for one record, and by name what was left out of them and why, as a clause."""

    scenarios: tuple[ScenarioFile, ...]
    left_out: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Person:
    """What templates are filled with: roles but oneself, most hours first, the record by days, what is usual."""

    roles: tuple[str, ...]
    days: Days
    usual: Usual
    limit_days: int | None


def starting_set(timeline: Timeline, limit_days: int | None) -> StartingSet:
    """The templates made to fit a record. `limit_days`: of the person's own limit of strain; None if they wrote none.

    Breakdown is strain beyond that; without it only strain as high as never on record can be told. What needs more than
    is on record is left out, and so is what has been so now and then anyhow; what is so today is kept, to be told so.
    """
    days = days_before(timeline, None)
    own = next((role.label for role in timeline.roles if role.is_self), "")
    usual = usual_of(days, own)
    others = [role.label for role in timeline.roles if not role.is_self and usual.hours[role.label] > 0.0]
    person = _Person(tuple(sorted(others, key=lambda role: -usual.hours[role])), days, usual, limit_days)
    made: list[ScenarioFile] = []
    left_out: dict[str, str] = {}
    for template in templates():
        for filled, name in _filled(template, person):
            found = (
                SAME_NAME
                if folded(name) in {folded(one.name) for one in made}
                else _made(template, filled, name, person)
            )
            if isinstance(found, str):
                left_out[name] = found
            else:
                made.append(found)
    return StartingSet(tuple(made), left_out)


def _filled(template: Template, person: _Person) -> Iterator[tuple[dict[str, str], str]]:
    """The gaps of a template but for `times`, and the name it then has: once, or for each role."""
    kept = {0: "", 1: "role kept, ", 2: "both roles kept, "}.get(len(person.roles), "all roles kept, ")
    gaps = {"kept": kept, "limit_days": str(person.limit_days or DAYS_OF_A_LIMIT)}
    if not template.one_for_each_role:
        yield gaps, _with(template.name, gaps)
        return
    for role in person.roles or ("a role",):
        yield {**gaps, "role": role}, _with(template.name, {**gaps, "role": role})


def _with(text: str, gaps: dict[str, str]) -> str:
    for gap, value in gaps.items():
        text = text.replace(f"{{{gap}}}", value)
    return text


def _made(template: Template, gaps: dict[str, str], name: str, person: _Person) -> ScenarioFile | str:
    """The scenario with the first of the template's factors that says something new; else why there is none."""
    reason = _missing(template, gaps, person)
    for times in () if reason else template.times:
        every = {**gaps, "times": f"{times:g}"}
        rule = [_with(template.rule, every)]
        if template.and_for_each_role:
            rule += [_with(template.and_for_each_role, {"role": role}) for role in person.roles[:MOST_KEPT]]
        says = _checked(name, " and ".join(rule), _with(template.words, every))
        if isinstance(says, str):
            return says
        reason = _nothing_new(says, times, person)
        if not reason:
            return says
    return reason


def _checked(name: str, rule: str, words: str) -> ScenarioFile | str:
    try:
        return TypeAdapter(ScenarioFile).validate_python({"name": name, "rule": rule, "words": words})
    except ValidationError:
        return "the name of a role can't stand in a rule: it holds brackets, or is too long"


def _missing(template: Template, gaps: dict[str, str], person: _Person) -> str:
    """What of a template is not on record, as a clause; "" where nothing is missing."""
    if template.needs == "no limit":
        return "" if person.limit_days is None else OWN_LIMIT_COUNTS
    if template.needs == "limit":
        return "" if person.limit_days is not None else "no limit of your own is written down in your preferences"
    if person.days.n < FEWEST_DAYS:
        return "the record is shorter than eight weeks, so nothing is usual yet"
    without = {"self": not person.usual.oneself, "slips": person.usual.slips <= 0.0}
    if without.get(template.needs, False):
        return {"self": "no role has been declared as time as oneself", "slips": "no slips are on record"}[
            template.needs
        ]
    return _too_little(gaps["role"], person) if template.one_for_each_role else ""


def _too_little(role: str, person: _Person) -> str:
    if not person.roles:
        return "no role besides oneself is on record"
    if 7.0 * person.usual.hours[role] < LEAST_HOURS_A_WEEK:
        return "it takes fewer than two hours a week, too few to tell when it is given up"
    return ""


def _nothing_new(says: ScenarioFile, times: float, person: _Person) -> str:
    """Why it would say nothing new: the record reaches it now and then, or slips do by chance. "" where it would."""
    rule = conditions(says.rule)
    if any(one.watched == "strain" for one in rule):
        return ""
    ground = Ground(nothing_before(), person.days, person.usual, CannotSay("not looked at"), 1.0)
    asked = [ground.asked(one) for one in rule]
    refused = next((one for one in asked if isinstance(one, str)), "")
    if refused:
        return refused
    held = holding([one for one in asked if not isinstance(one, str)])
    if held[-1]:
        return ""
    share = float(held[-LOOKED_BACK_DAYS:].mean())
    if share > OFTEN:
        return f"it was so on {100.0 * share:.0f} % of the days of the last half-year already"
    weeks = max(one.days for one in rule) / 7.0
    if any(one.name == "slips" for one in rule) and _by_chance(7.0 * person.usual.slips * weeks, times) > BY_CHANCE:
        return "slips are too rare for more of them to stand out within weeks"
    return ""


def _by_chance(expected: float, times: float) -> float:
    """The chance of more than so many times as many slips as expected, if they come at random at their usual rate."""
    within = sum(
        math.exp(k * math.log(expected) - expected - math.lgamma(k + 1)) for k in range(int(times * expected) + 1)
    )
    return max(1.0 - within, 0.0)
