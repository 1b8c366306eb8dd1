"""The ledger: every forecast as it was written down with its date, and scored when what it is about has come.

An entry once written is never rewritten: a later forecast of the same stands beside it. A score is a function of the
entry and of the record at or after its due moment, so that nothing about it is kept, and what is recorded late still
counts. The ledger is kept with the casebook as one answer per writing, each with the streams it was made from: erasing
a stream erases the forecasts made from it and leaves the others.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass as checked

from mainstay.errors import BadRecord, BadRequest
from mainstay.futures.ledger_rules import Rule, Told, rule_of
from mainstay.futures.paths import Forecast
from mainstay.futures.scores import crps_of_quantiles, log_scores
from mainstay.quantities import Instant
from mainstay.records.kinds import Statement
from mainstay.records.mapping import problem_in
from mainstay.records.statements import Name, Text
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline

if TYPE_CHECKING:
    from mainstay.casebook import Casebook
    from mainstay.casebook.views import StreamOverview

NAME = "forecasts"
LARGEST_BYTES = 4 * 1024 * 1024
MOST_AT_ONCE = 2000
STALE_DAYS = 1.0 / 24.0
LONGEST_AHEAD_DAYS = 3 * 366.0
SURE = 0.001
"""A chance nearer to 0 or 1 is scored as this near: a share of simulated paths can be exactly 0."""
_SEEN = frozenset({"check_in", "event", "episode", "prompt", "coverage"})
_SCENARIOS_SEE = frozenset({"scenario", "preference"})
Status = Literal["open", "scored", "unscorable"]

_STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
_EARLIEST_US, _LATEST_US = -62_104_060_800_000_000, 253_370_764_800_000_000
_Moment = tuple[Annotated[int, Field(ge=_EARLIEST_US, lt=_LATEST_US)], Annotated[int, Field(gt=-86_400, lt=86_400)]]
_Chance = Annotated[float, Field(ge=0.0, le=1.0)]
_Values = Annotated[tuple[float, ...], Field(max_length=99)]


def _a_rule(text: str) -> str:
    try:
        rule_of(text)
    except BadRecord as error:
        raise ValueError(str(error)) from error
    return text


@checked(frozen=True, kw_only=True, config=_STRICT)
class _Entry:
    """A forecast as it is written down."""

    about: Text
    rule: Annotated[str, Field(max_length=400), AfterValidator(_a_rule)]
    made_as_of: _Moment
    due: _Moment
    kind: Literal["event", "value"]
    chance: _Chance | None
    levels: Annotated[tuple[Annotated[float, Field(gt=0.0, lt=1.0)], ...], Field(max_length=99)]
    quantiles: _Values
    base_chance: _Chance | None
    base_quantiles: _Values
    withheld: bool
    detail: Annotated[dict[Name, Annotated[str, Field(max_length=20_000)]], Field(max_length=20)]

    @model_validator(mode="after")
    def _fits(self) -> _Entry:
        if not 0 < self.due[0] - self.made_as_of[0] <= LONGEST_AHEAD_DAYS * 86_400e6:
            raise ValueError("is due before it was made, or years after")
        of_event = rule_of(self.rule).of_event
        if self.kind == "event":
            if not of_event or self.chance is None or self.levels or self.quantiles or self.base_quantiles:
                raise ValueError("an event has a rule that comes or not, a chance, and no quantiles")
            return self
        if of_event or self.chance is not None or self.base_chance is not None or not self.levels:
            raise ValueError("a value has a rule without a bound, quantiles at levels, and no chance")
        if len(self.quantiles) != len(self.levels) or len(self.base_quantiles) not in {0, len(self.levels)}:
            raise ValueError("each level needs one quantile")
        for row in (self.levels, self.quantiles, self.base_quantiles):
            if any(later < earlier for earlier, later in pairwise(row)):
                raise ValueError("levels and quantiles ascend")
        return self


@lru_cache(maxsize=1)
def _entries() -> TypeAdapter[tuple[_Entry, ...]]:
    return TypeAdapter(tuple[_Entry, ...])


def written(forecasts: Iterable[Forecast]) -> bytes:
    """Forecasts as JSON bytes; refuses (`BadRequest`) one that could not be read back or scored."""
    try:
        rows = [_row(one) for one in forecasts]
        payload = json.dumps(rows, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()
        read(payload)
    except (BadRecord, TypeError, ValueError) as error:
        raise BadRequest(f"this cannot be written down as a forecast: {error}") from error
    return payload


def read(payload: bytes) -> tuple[Forecast, ...]:
    """Forecasts from JSON bytes; refuses (`BadRecord`) whatever `written` would not have written."""
    if len(payload) > LARGEST_BYTES:
        raise BadRecord(f"{len(payload):,} bytes are too many for one writing of forecasts")
    try:
        entries = _entries().validate_json(payload)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise BadRecord(f"no forecasts as they are written down: {problem_in(first, {})}") from error
    if len(entries) > MOST_AT_ONCE:
        raise BadRecord(f"{len(entries)} forecasts were written down at once; at most {MOST_AT_ONCE} are")
    return tuple(_forecast(one) for one in entries)


def _row(one: Forecast) -> dict[str, Any]:
    return {
        "about": one.about,
        "rule": one.rule,
        "made_as_of": [one.made_as_of.utc_us, one.made_as_of.offset_s],
        "due": [one.due.utc_us, one.due.offset_s],
        "kind": one.kind,
        "chance": None if one.chance is None else float(one.chance),
        "levels": [float(value) for value in one.levels],
        "quantiles": [float(value) for value in one.quantiles],
        "base_chance": None if one.base_chance is None else float(one.base_chance),
        "base_quantiles": [float(value) for value in one.base_quantiles],
        "withheld": bool(one.withheld),
        "detail": dict(one.detail),
    }


def _forecast(entry: _Entry) -> Forecast:
    return Forecast(
        entry.about,
        entry.rule,
        Instant(*entry.made_as_of),
        Instant(*entry.due),
        entry.kind,
        entry.chance,
        entry.levels,
        entry.quantiles,
        entry.base_chance,
        entry.base_quantiles,
        entry.withheld,
        entry.detail,
    )


@dataclass(frozen=True, slots=True)
class Ledger:
    """What is written down: forecasts in the order they were made. `unread`: writings that could not be read."""

    forecasts: tuple[Forecast, ...]
    unread: int = 0


def same(one: Forecast) -> tuple[str, int, str]:
    """What makes two forecasts one: the same rule, due at the same moment, made on the same local day."""
    return one.rule, one.due.utc_us, one.made_as_of.as_local.date().isoformat()


def write_down(
    casebook: Casebook, forecasts: Iterable[Forecast], derived_from: Iterable[str], *, now: Instant
) -> tuple[Forecast, ...]:
    """Writes forecasts into the ledger and gives back those that were new.

    One that is due already, and one of the same, due then, that was written earlier that day, are left out: what was
    written first stands. Refuses (`BadRequest`) forecasts made as of any other time than the real `now`: with
    hindsight nothing is foreseen.
    """
    made = tuple(forecasts)
    for one in made:
        if not -1e-9 <= now.days_since(one.made_as_of) <= STALE_DAYS:
            raise BadRequest(
                f"a forecast as of {one.made_as_of} is not written down at {now}: only what is foreseen now is"
            )
    held = ledger_of(casebook, now=now).forecasts
    known = {same(one) for one in held}
    new: dict[tuple[str, int, str], Forecast] = {}
    for one in made:
        if one.due > now and same(one) not in known:
            new.setdefault(same(one), one)
    if new:
        payload = written(new.values())
        casebook.keep_answers(NAME, _next_version(casebook, now), payload, derived_from, now=now)
    return tuple(new.values())


def from_which(
    forecasts: Iterable[Forecast], streams: Sequence[StreamOverview], timeline: Timeline
) -> tuple[tuple[tuple[Forecast, ...], frozenset[str]], ...]:
    """Forecasts by the streams they were made from, for `write_down`: those of scenarios, and those of single things.

    All see whatever is rated, happens or lasts, and how fully it was recorded; single things also what is measured;
    scenarios also the scenarios and preferences on record. What consent left out of the timeline is in none.
    """
    groups: dict[bool, list[Forecast]] = {}
    for one in forecasts:
        groups.setdefault(rule_of(one.rule).quantity == "first", []).append(one)
    wished = {
        one.stream for one in timeline.others if isinstance(one.body, Statement) and one.body.form in _SCENARIOS_SEE
    }
    found = []
    for of_scenarios, some in groups.items():
        seen = _SEEN if of_scenarios else {*_SEEN, "signal"}
        by_kind = {one.name for one in streams if seen & set(one.kinds)}
        found.append((tuple(some), frozenset((by_kind | (wished if of_scenarios else set())) - set(timeline.left_out))))
    return tuple(found)


def _next_version(casebook: Casebook, now: Instant) -> int:
    """A version of its own for each writing: the moment, which is free even where earlier ones are held back."""
    kept = casebook.kept_answers(NAME, purpose="own_answers", now=now)
    return max([now.utc_us, *(one.version + 1 for one in kept)])


def ledger_of(casebook: Casebook, *, now: Instant) -> Ledger:
    """The ledger as consent at `now` covers it. What cannot be read is counted, and the rest is told."""
    found: dict[tuple[str, int, str], Forecast] = {}
    unread = 0
    for kept in reversed(casebook.kept_answers(NAME, purpose="own_answers", now=now)):
        try:
            for one in read(kept.payload):
                found.setdefault(same(one), one)
        except BadRecord:
            unread += 1
    order = sorted(found.values(), key=lambda one: (one.made_as_of.utc_us, one.due.utc_us, one.rule))
    return Ledger(tuple(order), unread)


@dataclass(frozen=True, slots=True)
class Scored:
    """A forecast and what became of it. `open`: not due yet; `unscorable`: the record does not tell, and `reason` why.

    Scored: `value` is what the record says; of an event `came`; of a value `held`, whether it lies between the first
    quantile and the last. `loss` and `base_loss` (None where no base rate was written down): the log score of an
    event, the ranked probability score of a value from its quantiles.
    """

    forecast: Forecast
    status: Status
    reason: str = ""
    value: float | None = None
    came: bool | None = None
    held: bool | None = None
    loss: float | None = None
    base_loss: float | None = None


def score(forecast: Forecast, timeline: Timeline, fitted: StrainPosterior | None = None) -> Scored:
    """What became of one forecast, by the record as it stands at the timeline's date.

    `fitted`: a fit of that record, by which strain is told; it is found where a scenario needs it and none is given.
    """
    return _score(forecast, Told(timeline, fitted))


def _score(forecast: Forecast, told: Told) -> Scored:
    rule = rule_of(forecast.rule)
    if rule.quantity == "first" and told.timeline.as_of >= forecast.due:
        from mainstay.futures.ledger_scenarios import which_came

        found = which_came(rule, forecast.due, forecast.detail, told)
    else:
        found = told.outcome(rule, forecast.due)
    if found.value is None:
        return Scored(forecast, "open" if found.too_early else "unscorable", found.reason)
    return _of_event(forecast, rule, found.value) if rule.of_event else _of_value(forecast, found.value)


def _of_event(forecast: Forecast, rule: Rule, value: float) -> Scored:
    if forecast.chance is None or rule.bound is None:
        raise BadRequest(f"the forecast {forecast.about!r} has a rule that comes or not, but no chance")
    came = (value >= rule.bound) == rule.at_least

    def lost(chance: float) -> float:
        return float(log_scores([min(max(chance, SURE), 1.0 - SURE)], [came])[0])

    base = None if forecast.base_chance is None else lost(forecast.base_chance)
    return Scored(forecast, "scored", "", value, came, None, lost(forecast.chance), base)


def _of_value(forecast: Forecast, value: float) -> Scored:
    if not forecast.quantiles:
        raise BadRequest(f"the forecast {forecast.about!r} has a rule of a value, but no quantiles")

    def lost(quantiles: tuple[float, ...]) -> float:
        return float(crps_of_quantiles(forecast.levels, np.array([quantiles]), np.array([value]))[0])

    held = forecast.quantiles[0] <= value <= forecast.quantiles[-1]
    base = lost(forecast.base_quantiles) if forecast.base_quantiles else None
    return Scored(forecast, "scored", "", value, None, held, lost(forecast.quantiles), base)


def due(forecasts: Iterable[Forecast], timeline: Timeline, fitted: StrainPosterior | None = None) -> tuple[Scored, ...]:
    """What became of the forecasts that are due by the timeline's date, by when they were due; none that are open.

    The same forecast written twice on one day counts once, as it was written first.
    """
    first: dict[tuple[str, int, str], Forecast] = {}
    for one in forecasts:
        first.setdefault(same(one), one)
    told = Told(timeline, fitted)
    scored = (_score(one, told) for one in first.values() if one.due <= timeline.as_of)
    return tuple(sorted(scored, key=lambda one: (one.forecast.due.utc_us, one.forecast.made_as_of.utc_us)))


def made(about: str, rule: Rule, at: Instant, ahead: Instant, **said: Any) -> Forecast:
    """A forecast by its rule: made `at`, due `ahead`; the rest as in `Forecast`."""
    detail: Mapping[str, str] = said.pop("detail", {})
    kind = "event" if rule.of_event else "value"
    return Forecast(about, str(rule), at, ahead, kind, detail=detail, **said)
