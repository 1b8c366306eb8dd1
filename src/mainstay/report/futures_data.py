"""The answers about what could come (S19), taken apart for terminal and page: what is shown, and what is not and why.

What is withheld is told by its words alone: no number and no curve of it gets this far. What a detail lacks is left
out, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mainstay.quantities import Answer, CannotSay, Finding, Instant
from mainstay.records.statements_scenario import OTHER
from mainstay.records.words import quoted
from mainstay.report.words import claim_of, would_change

ROW = "S19"
WITHHELD = "withheld"
WHOLE, LIMIT = "futures", "own limit"
SCENARIO = "chance of scenario"
HORIZONS = ("tomorrow", "next week")
Detail = Mapping[str, Any]
NOT_BORNE_OUT = "not borne out by its own check"
_BLANK = "\x00"


@dataclass(frozen=True, slots=True)
class Turn:
    """One way it could turn out: its chance with a range (shares), its rank in what is preferred, and its rule.

    `half_by`: if it comes, half of the time by so many days from the beginning.
    """

    name: str
    chance: float
    low: float
    high: float
    words: str = ""
    rule: str = ""
    rank: int | None = None
    must_not: bool = False
    half_by: float | None = None


@dataclass(frozen=True, slots=True)
class Fan:
    """Strain ahead: `quantiles` by level (level, day) on the scale of `unit`, and the own limit on that scale.

    `past`: days before the beginning (0 or less) and strain on them.
    """

    days: tuple[float, ...]
    levels: tuple[float, ...]
    quantiles: tuple[tuple[float, ...], ...]
    unit: str
    limit: float | None = None
    past: tuple[tuple[float, float], ...] = ()

    def at(self, level: float) -> tuple[float, ...]:
        """The quantile of a level, day by day."""
        return self.quantiles[self.levels.index(level)]


@dataclass(frozen=True, slots=True)
class Survival:
    """The share of futures in which the limit is not yet reached, by day, with its range."""

    days: tuple[float, ...]
    share: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Next:
    """A forecast for a day or week to come, and what is usual: how likely an event is (shares), how high a rating.

    `begins`: its first day.
    """

    about: str
    horizon: str
    kind: Literal["rating", "event"]
    estimate: float
    low: float
    high: float
    usual: float | None = None
    begins: Instant | None = None


@dataclass(frozen=True, slots=True)
class Ahead:
    """All that is told of what could come, each part in the order in which it is told.

    `order`, `must_not`: names of scenarios, as the person prefers them and refuses them. `withheld`: what is not shown
    and why. `refused`: what can't be said. `others`: claims that have no place of their own.
    """

    whole: Answer | None
    turns: tuple[Turn, ...]
    begins: Instant | None
    days: int
    order: tuple[str, ...]
    must_not: tuple[str, ...]
    fan: Fan | None
    urgency: Finding | None
    survival: Survival | None
    limit_words: str
    nexts: tuple[Next, ...]
    withheld: tuple[tuple[str, str], ...]
    refused: tuple[str, ...]
    others: tuple[str, ...]
    workings: tuple[tuple[str, str], ...]

    @property
    def ends(self) -> Instant | None:
        """The last day that is looked at."""
        return None if self.begins is None else self.begins.plus_days(float(self.days))

    @property
    def shows_anything(self) -> bool:
        """Whether there is any forecast to show."""
        return bool(self.turns or self.urgency or self.nexts or self.others)


def ahead_of(answers: Sequence[Answer]) -> Ahead:
    """The answers of row S19 as terminal and page tell them."""
    about = [one for one in answers if one.row == ROW]
    shown = [one for one in about if isinstance(one, Finding) and one.status != WITHHELD]
    whole = next((one for one in shown if one.about == WHOLE), None)
    urgency = next((one for one in shown if one.about == LIMIT), None)
    turns = [one for one in shown if one.quantity == SCENARIO]
    nexts = [one for one in shown if one.detail.get("horizon") in HORIZONS]
    placed = [one for one in (whole, urgency, *turns, *nexts) if one is not None]
    begins, days = _when([whole, *turns])
    ranked = sorted((_turn(one) for one in turns), key=lambda one: (-one.chance, one.name == OTHER))
    detail: Detail = whole.detail if whole is not None else {}
    order = tuple(str(one) for one in detail.get("order", ()))
    must_not = tuple(str(one) for one in detail.get("must_not", ()))
    return Ahead(
        whole=whole,
        turns=tuple(ranked),
        begins=begins,
        days=days,
        order=order or tuple(one.name for one in sorted(ranked, key=_rank) if one.rank is not None),
        must_not=must_not or tuple(one.name for one in ranked if one.must_not),
        fan=_fan(detail.get("fan")),
        urgency=urgency,
        survival=_survival(urgency.detail.get("survival") if urgency is not None else None),
        limit_words=str((urgency.detail.get("limit") or {}).get("words", "")) if urgency is not None else "",
        nexts=tuple(sorted((_next(one) for one in nexts), key=lambda one: (HORIZONS.index(one.horizon), one.about))),
        withheld=_withheld(about),
        refused=refusals(about),
        others=tuple(dict.fromkeys(claim_of(one) for one in shown if not any(one is other for other in placed))),
        workings=workings_of(about),
    )


def _when(answers: Sequence[Finding | None]) -> tuple[Instant | None, int]:
    """From when on and for how many days; the first answer that says so."""
    for one in answers:
        if one is not None and "begins" in one.detail:
            return Instant.parse(str(one.detail["begins"])), int(one.detail["horizon_days"])
    return None, 0


def _rank(turn: Turn) -> int:
    return turn.rank or 0


def _turn(answer: Finding) -> Turn:
    detail = answer.detail
    rank, half_by = detail.get("rank"), detail.get("median_day")
    return Turn(
        name=answer.about,
        chance=answer.estimate,
        low=answer.interval.low,
        high=answer.interval.high,
        words=str(detail.get("words") or ""),
        rule=str(detail.get("rule") or ""),
        rank=None if rank is None else int(rank),
        must_not=bool(detail.get("must_not")),
        half_by=None if half_by is None else float(half_by),
    )


def _fan(held: Detail | None) -> Fan | None:
    if not held or len(held["days"]) < 2:
        return None
    past, limit = held.get("past") or {}, held.get("limit")
    return Fan(
        days=_floats(held["days"]),
        levels=_floats(held["levels"]),
        quantiles=tuple(_floats(one) for one in held["quantiles"]),
        unit=str(held["unit"]),
        limit=None if limit is None else float(limit),
        past=tuple(zip(_floats(past.get("days", ())), _floats(past.get("mean", ())), strict=True)),
    )


def _survival(held: Detail | None) -> Survival | None:
    if not held or len(held["days"]) < 2:
        return None
    return Survival(*(_floats(held[name]) for name in ("days", "share", "low", "high")))


def _floats(values: Sequence[Any]) -> tuple[float, ...]:
    return tuple(float(one) for one in values)


def _next(answer: Finding) -> Next:
    detail = answer.detail
    return Next(
        about=answer.about,
        horizon=str(detail["horizon"]),
        kind="event" if detail.get("kind") == "event" else "rating",
        estimate=answer.estimate,
        low=answer.interval.low,
        high=answer.interval.high,
        usual=None if detail.get("usual") is None else float(detail["usual"]),
        begins=Instant.parse(str(detail["begins"])) if "begins" in detail else None,
    )


def _withheld(answers: Sequence[Answer]) -> tuple[tuple[str, str], ...]:
    """What is not shown and why; what reads the same but for its name is told once, with the names."""
    alike: dict[tuple[str, str], list[str]] = {}
    for one in answers:
        if isinstance(one, Finding) and one.status == WITHHELD:
            claim = claim_of(one)
            blank = claim.replace(f"“{one.about}”", _BLANK, 1)
            alike.setdefault((blank, one.reason), []).append(one.about)
    return tuple((blank.replace(_BLANK, quoted(dict.fromkeys(names))), why) for (blank, why), names in alike.items())


def workings_of(answers: Sequence[Answer]) -> tuple[tuple[str, str], ...]:
    """How it was worked out, each thing once; what weakens all of it by itself."""
    method = dict.fromkeys(one.method for one in answers if one.method)
    every = dict.fromkeys(text for one in answers for text in one.assumptions)
    assumed = [text for text in every if not text.endswith(NOT_BORNE_OUT)]
    return (
        *(("To be borne in mind", text) for text in every if text not in assumed),
        *(("Method", text) for text in method),
        *((("Taken for granted", "; ".join(assumed)),) if assumed else ()),
    )


def refusals(answers: Sequence[Answer]) -> tuple[str, ...]:
    """What can't be said with its reason, and what would change that; each thing once."""
    told = (f"{claim_of(one)} {would_change(one)}".strip() for one in answers if isinstance(one, CannotSay))
    return tuple(dict.fromkeys(told))
