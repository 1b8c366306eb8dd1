"""Scenarios in the ledger: written down with the whole race they ran in, so that their day can tell which came first.

A scenario is what happens only if no other came before it, so each entry carries the rules of all, the limit of strain
and what was usual when it was made: what the person writes or rewrites later does not change what was foreseen.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from mainstay.errors import BadRecord
from mainstay.futures.ledger_rules import Outcome, Rule, Told
from mainstay.futures.paths import Forecast, Usual
from mainstay.futures.scenarios import Partition, what_came
from mainstay.futures.scenarios_rules import OwnLimit
from mainstay.quantities import CannotSay, Instant
from mainstay.records.statements import Name
from mainstay.records.statements_scenario import OTHER, Scenario, ScenarioFile

RACE = "race"
_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)
_Number = Annotated[float, Field(ge=-1e9, le=1e9)]
_Rates = Annotated[dict[Name, Annotated[float, Field(ge=0.0, le=1e6)]], Field(max_length=500)]


@checked(frozen=True, kw_only=True, config=_STRICT)
class _Limit:
    rating: _Number
    days: Annotated[int, Field(ge=1, le=366)]
    own: bool


@checked(frozen=True, kw_only=True, config=_STRICT)
class _Race:
    """What a scenario was foreseen against: the rules of all in the race, the limit of strain, and what was usual."""

    scenarios: Annotated[tuple[ScenarioFile, ...], Field(max_length=60)]
    limit: _Limit | None
    hours: _Rates
    rates: _Rates
    slips: Annotated[float, Field(ge=0.0, le=1e6)]
    oneself: Annotated[str, Field(max_length=200)]


@lru_cache(maxsize=1)
def _races() -> TypeAdapter[_Race]:
    return TypeAdapter(_Race)


def scenario_forecasts(
    split: Partition,
    limit: OwnLimit | CannotSay,
    usual: Usual,
    *,
    made_as_of: Instant,
    begins: Instant,
    withheld: bool = False,
) -> tuple[Forecast, ...]:
    """The chance of each scenario of a race and of *other*, as the ledger keeps it. `begins`: where futures begin."""
    race = _Race(
        scenarios=tuple(
            ScenarioFile(name=one.name, rule=one.says.rule, preference=one.says.preference, must_not=one.says.must_not)
            for one in split.scenarios
        ),
        limit=None if isinstance(limit, CannotSay) else _Limit(rating=limit.rating, days=limit.days, own=limit.own),
        hours=dict(usual.hours),
        rates=dict(usual.rates),
        slips=usual.slips,
        oneself=usual.oneself,
    )
    detail = {RACE: _races().dump_json(race).decode()}
    due = begins.plus_days(split.days)
    return tuple(
        Forecast(
            f"{name}: within {split.days} days", str(Rule("first", name, split.days, 1.0)), made_as_of, due, "event",
            min(max(split.chances[name].mean, 0.0), 1.0), withheld=withheld, detail=detail,
        )
        for name in split.names
    )  # fmt: skip


def which_came(rule: Rule, due: Instant, detail: Mapping[str, str], told: Told) -> Outcome:
    """1 where this scenario (or *other*) is what came first, 0 where another did; else why the record can't tell."""
    try:
        race = _races().validate_json(detail.get(RACE, ""))
    except ValidationError as error:
        raise BadRecord(f"the forecast of {rule.name!r} does not say which scenarios it stood against") from error
    scenarios = tuple(Scenario("", None, one) for one in race.scenarios)
    if rule.name not in {OTHER, *(one.name for one in scenarios)}:
        raise BadRecord(f"the forecast of {rule.name!r} stands against scenarios of which it is none")
    if told.timeline.days < due.days_since(told.timeline.origin):
        return Outcome(None, "the record ends before that")
    limit = (
        CannotSay("there was no limit")
        if race.limit is None
        else OwnLimit(race.limit.rating, race.limit.days, race.limit.own, "")
    )
    came = what_came(
        told.timeline,
        due.plus_days(-rule.days),
        rule.days,
        scenarios,
        limit,
        usual=Usual(race.hours, race.rates, race.slips, race.oneself),
        fitted=told.fitted(),
    )
    if came is None:
        return Outcome(None, "too little was recorded to tell which of them came first")
    return Outcome(float(came == rule.name))
