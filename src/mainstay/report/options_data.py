"""The answers about what could be done (S20) and what it asks of a supporter (S23), taken apart for terminal and page.

What a detail lacks is left out, never guessed. Of an option that is struck out no worth is told: limits come first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mainstay.options.limits import ORDER
from mainstay.quantities import Answer, Finding
from mainstay.records.statements_option import NOTHING
from mainstay.records.statements_scenario import OTHER
from mainstay.report.futures_data import refusals, workings_of
from mainstay.report.futures_words import OTHER_NAME, range_words
from mainstay.report.words import claim_of

ROW, SUPPORTER_ROW = "S20", "S23"
WHOLE, APPROACH, LEANING = "options", "how to reach", "first leaning"
WAITING = "waiting"
RECOMMENDED, STRUCK_OUT, DOMINATED = "recommended", "struck_out", "dominated"
STANDING = ("found", "not_found")
A_POINT = 1.0
"""Options within it of each other are not told apart."""
Detail = Mapping[str, Any]
Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Worth:
    """Points with the range they lie in."""

    points: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bears:
    """What somebody bears or gains, each as low and high; nothing where nothing is written."""

    points: Range = (0.0, 0.0)
    hours_a_week: Range = (0.0, 0.0)
    money_a_month: Range = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Strike:
    """A limit that strikes an option out: which, why, and what would have to change."""

    limit: str
    reason: str
    change: str


@dataclass(frozen=True, slots=True)
class Link:
    """One step and how likely it is to succeed, as low and high."""

    what: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Choice:
    """One option: where it stands, in a sentence; what it takes and gives; and, where it was weighed, its worth.

    `borne`: by "cost" or "benefit" and who. `most_missed`: the most that could be missed by it (regret), in points;
    `badly`: its worth if it goes badly; `chance_best`: a share.
    """

    name: str
    status: str
    said: str
    what: str = ""
    steps: tuple[Link, ...] = ()
    success: Range | None = None
    weakest: Link | None = None
    borne: Mapping[tuple[str, str], Bears] | None = None
    reversible: str = ""
    channel: str = ""
    after_weeks: float = 0.0
    strikes: tuple[Strike, ...] = ()
    expected: Worth | None = None
    gain: Worth | None = None
    badly: float | None = None
    most_missed: float | None = None
    chance_best: float | None = None
    would_change: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """What the ranking hangs on: one thing, how far the best is ahead at its low and its high end, and if it turns."""

    what: str
    low: float
    high: float
    turns: str = ""


@dataclass(frozen=True, slots=True)
class Tornado:
    """All bars, the longest first; how far the best option is ahead in the middle, and of which."""

    bars: tuple[Bar, ...]
    ahead: float
    of: str

    @property
    def flat(self) -> bool:
        """Whether nothing that is tried puts the best more than a point apart from the next."""
        return all(abs(end) < A_POINT for one in self.bars for end in (one.low, one.high))


@dataclass(frozen=True, slots=True)
class Deciding:
    """All that is told of what could be done, each part in the order in which it is told."""

    whole: Answer | None
    choices: tuple[Choice, ...]
    nothing: Choice | None
    tornado: Tornado | None
    weakest: tuple[str, ...]
    waiting: tuple[str, ...]
    approach: tuple[str, ...]
    leaning: tuple[str, ...]
    supporter: tuple[str, ...]
    refused: tuple[str, ...]
    others: tuple[str, ...]
    workings: tuple[tuple[str, str], ...]

    def of(self, *statuses: str) -> tuple[Choice, ...]:
        """The options with these statuses."""
        return tuple(one for one in self.choices if one.status in statuses)

    @property
    def weighed(self) -> tuple[Choice, ...]:
        """The options with a worth, the best first; leaving things as they are is among them."""
        every = [*self.choices, *([self.nothing] if self.nothing is not None else [])]
        return tuple(sorted((one for one in every if one.expected is not None), key=_worth, reverse=True))

    @property
    def struck(self) -> tuple[Choice, ...]:
        """The options that are struck out, in the order of the limits that do it."""
        return tuple(sorted(self.of(STRUCK_OUT), key=lambda one: _place(one.strikes)))


def _worth(choice: Choice) -> float:
    return choice.expected.points if choice.expected is not None else 0.0


def _place(strikes: Sequence[Strike]) -> int:
    known = [ORDER.index(one.limit) for one in strikes if one.limit in ORDER]
    return min(known, default=len(ORDER))


def deciding_of(answers: Sequence[Answer]) -> Deciding:
    """The answers of rows S20 and S23 as terminal and page tell them."""
    about = [one for one in answers if one.row == ROW]
    whole = next((one for one in about if one.about == WHOLE), None)
    options = [one for one in about if "success" in one.detail]
    choices = tuple(_choice(one) for one in options)
    placed: list[Answer] = [*([whole] if whole is not None else []), *options]

    def told(name: str) -> tuple[str, ...]:
        some = [one for one in about if one.about == name]
        placed.extend(some)
        return tuple(claim_of(one) for one in some)

    waiting, approach, leaning = told(WAITING), told(APPROACH), told(LEANING)
    rest = [one for one in about if not any(one is other for other in placed)]
    detail: Detail = whole.detail if whole is not None else {}
    first = "" if whole is None else claim_of(whole)
    return Deciding(
        whole=whole,
        choices=choices,
        nothing=_nothing(detail.get("nothing")),
        tornado=_tornado(detail.get("tornado")),
        weakest=_texts(detail.get("weakest_link")) or _weakest(choices),
        waiting=tuple(one for one in (*_texts(detail.get("waiting")), *waiting) if one not in first),
        approach=approach,
        leaning=leaning,
        supporter=tuple(dict.fromkeys(claim_of(one) for one in answers if one.row == SUPPORTER_ROW)),
        refused=refusals(rest),
        others=tuple(dict.fromkeys(claim_of(one) for one in rest if isinstance(one, Finding))),
        workings=workings_of([*about, *(one for one in answers if one.row == SUPPORTER_ROW)]),
    )


def _texts(held: Any) -> tuple[str, ...]:
    """A sentence, several, or one in a row of its own."""
    if not held:
        return ()
    if isinstance(held, str):
        return (held,)
    return (str(held["sentence"]),) if isinstance(held, Mapping) else tuple(str(one) for one in held)


def _choice(answer: Answer) -> Choice:
    detail = answer.detail
    weakest, success, struck = detail.get("weakest"), detail["success"], answer.status == STRUCK_OUT
    return Choice(
        name=answer.about,
        status=answer.status,
        said=claim_of(answer),
        what=str(detail.get("what") or ""),
        steps=tuple(_link(one) for one in detail.get("steps", ())),
        success=(float(success["low"]), float(success["high"])) if detail.get("steps") else None,
        weakest=None if weakest is None else _link(weakest),
        borne={
            (kind, who): _bears(burden) for kind in ("cost", "benefit") for who, burden in detail.get(kind, {}).items()
        },
        reversible=str(detail.get("reversible") or ""),
        channel=str(detail.get("channel") or ""),
        after_weeks=float(detail.get("after_weeks") or 0.0),
        strikes=tuple(Strike(str(one["limit"]), str(one["reason"]), str(one["change"])) for one in _struck(detail)),
        expected=None if struck else _in_points(detail.get("expected")),
        gain=None if struck else _in_points(detail.get("gain")),
        badly=None if struck else _number(detail.get("badly")),
        most_missed=None if struck else _number(detail.get("most_regret")),
        chance_best=None if struck else _number(detail.get("chance_best")),
        would_change=answer.would_change,
    )


def _struck(detail: Detail) -> Sequence[Detail]:
    return tuple(detail.get("struck_by", ()))


def _nothing(held: Detail | None) -> Choice | None:
    if not held:
        return None
    return Choice(
        name=NOTHING,
        status="",
        said="",
        expected=_in_points(held.get("expected")),
        badly=_number(held.get("badly")),
        most_missed=_number(held.get("most_regret")),
        chance_best=_number(held.get("chance_best")),
    )


def _number(held: Any) -> float | None:
    return None if held is None else float(held)


def _in_points(held: Detail | None) -> Worth | None:
    return None if not held else Worth(float(held["points"]), float(held["low"]), float(held["high"]))


def _link(held: Detail) -> Link:
    low, high = held["chance"]
    return Link(str(held["what"]), float(low), float(high))


def _bears(held: Detail) -> Bears:
    return Bears(*(_range(held.get(name, (0.0, 0.0))) for name in ("points", "hours_a_week", "money_a_month")))


def _range(held: Sequence[Any]) -> Range:
    low, high = held
    return float(low), float(high)


def _tornado(held: Detail | None) -> Tornado | None:
    if not held or not held.get("bars"):
        return None
    bars = (
        Bar(_named(str(one["what"])), float(one["low"]), float(one["high"]), str(one.get("turns") or ""))
        for one in held["bars"]
    )
    ranked = sorted(bars, key=lambda one: -abs(one.high - one.low))
    return Tornado(tuple(ranked), float(held["ahead"]), str(held.get("of") or ""))


def _named(what: str) -> str:
    """What stands for all that no scenario describes has a name that says so; nobody may call theirs the same."""
    return what.replace(f"“{OTHER}”", f"“{OTHER_NAME}”")


def _weakest(choices: Sequence[Choice]) -> tuple[str, ...]:
    """The weakest link of each option that is recommended, where it has several steps."""
    return tuple(
        f"The weakest link of “{one.name}” is “{one.weakest.what}”, which succeeds in "
        f"{range_words(one.weakest.low, one.weakest.high)}."
        for one in choices
        if one.status == RECOMMENDED and one.weakest is not None and len(one.steps) > 1
    )
