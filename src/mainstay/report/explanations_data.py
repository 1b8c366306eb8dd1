"""The answers about patterns and explanations, taken apart for the page: what is known, what is not, what to do next.

The overall answer of S14 carries the matrix (`detail["matrix"]`, as `explanations.matrix` writes it); every cause has
an S14 answer of its own by its name. What a detail lacks is left out, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mainstay.explanations.weights import UNLISTED
from mainstay.quantities import Answer, CannotSay, Finding
from mainstay.records.words import listed
from mainstay.report.explanations_words import SPEAKS, begun
from mainstay.report.words import claim_of, lowered

MOST_KNOWN, MOST_UNKNOWN = 5, 5
MOST_OF_A_ROW, MOST_OF_RELIEF = 2, 3
CERTAIN = ("found", "restores", "only_stalls", "does_nothing", "established_explained", "established_unexplained")
OPEN = ("suggested", "unconfirmed", "tied", "cannot_say", "relief_observed_recovery_untested")
RELIEVED_ONCE = ("unconfirmed", "relief_observed_recovery_untested")
KNOWN_ROWS = ("S11", "S12", "S13", "S10", "S15")
UNKNOWN_ROWS = ("S16", "S13", "S11", "S15", "S12")
WHAT_IS_OPEN = {
    "established_unexplained": "Why it is so",
    "suggested": "Whether {} is the cause",
    "unconfirmed": "Whether {} is the cause",
    "tied": "Which of {} it is",
    "cannot_say": "Whether there is a pattern",
}
WHOLE = "explanation"
"""What the overall answer of S14 is about; where nothing could be fitted, its quantity."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row of the matrix: what came out, and the log evidence ratio of each cause that says something of it."""

    looked_at: str
    came_out: str
    log_ratio: Mapping[str, float]
    telling: float
    n: int = 0


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause that is weighed: its weight and range (shares), what speaks for and against it, what could be asked."""

    name: str
    cause: str
    status: str
    weight: float
    low: float
    high: float
    speaks_for: tuple[str, ...] = ()
    speaks_against: tuple[str, ...] = ()
    could_speak_against: tuple[str, ...] = ()
    ask: str = ""
    untested: bool = False

    @property
    def unlisted(self) -> bool:
        """Whether it stands for whatever nobody listed."""
        return self.name == UNLISTED

    @property
    def has_evidence(self) -> bool:
        """Whether anything on record speaks for or against it."""
        return bool(self.speaks_for or self.speaks_against)


@dataclass(frozen=True, slots=True)
class Account:
    """All that the page of explanations tells, each part in the order in which it is told.

    `next`: what to do, and what that would bring.
    """

    overall: Answer | None
    known: tuple[str, ...]
    unknown: tuple[str, ...]
    next: tuple[tuple[str, str], ...]
    causes: tuple[Cause, ...]
    evidence: tuple[Evidence, ...]
    parked: tuple[tuple[str, str], ...]
    set_aside: tuple[tuple[str, str], ...]
    workings: tuple[tuple[str, str], ...] = field(default=())


def account_of(answers: Sequence[Answer]) -> Account:
    """The answers of rows S10 to S17 as the page tells them."""
    about_causes = [one for one in answers if one.row == "S14"]
    overall = next((one for one in about_causes if WHOLE in (one.about, one.quantity)), None)  # told before any cause
    each = [one for one in about_causes if one is not overall]
    evidence = _evidence(overall)
    untested = _detail(overall).get("untested", ())
    weighed = [_cause(one, evidence, untested) for one in each if one.status != "parked" and _is_weighed(one)]
    weighed.sort(key=lambda one: -one.weight)
    return Account(
        overall=overall,
        known=_claims(answers, KNOWN_ROWS, CERTAIN, MOST_KNOWN),
        unknown=_unknown(overall, [one for one in answers if one is not overall]),
        next=_next(answers),
        causes=tuple(weighed),
        evidence=evidence,
        parked=tuple(_parked(one) for one in each if isinstance(one, Finding) and one.status == "parked"),
        set_aside=tuple((str(name), str(why)) for name, why in _pairs(_detail(overall).get("set_aside"), "why")),
        workings=_workings([one for one in (overall, *each) if one is not None]),
    )


def _detail(answer: Answer | None) -> Mapping[str, Any]:
    return {} if answer is None else answer.detail


def _evidence(overall: Answer | None) -> tuple[Evidence, ...]:
    rows = [
        Evidence(
            str(row["words"]),
            str(row["came_out"]),
            {str(name): float(ratio) for name, ratio in row["log_ratio"].items()},
            float(row["diagnosticity"]),
            int(row["n"]),
        )
        for row in _detail(overall).get("matrix", ())
    ]
    return tuple(sorted(rows, key=lambda row: -row.telling))


def _is_weighed(answer: Answer) -> bool:
    return isinstance(answer, Finding) or "weight" in answer.detail


def _weights(answer: Answer) -> tuple[float, float, float]:
    """Weight and range; what could not be tested carries them in its detail."""
    if isinstance(answer, Finding):
        return answer.estimate, answer.interval.low, answer.interval.high
    return float(answer.detail["weight"]), float(answer.detail["low"]), float(answer.detail["high"])


def _cause(answer: Answer, evidence: Sequence[Evidence], untested: Sequence[str]) -> Cause:
    detail, name = answer.detail, answer.about

    def told(key: str, side: int) -> tuple[str, ...]:
        if key in detail:
            return tuple(str(one) for one in detail[key])
        return tuple(row.came_out for row in evidence if side * row.log_ratio.get(name, 0.0) >= SPEAKS)

    weight, low, high = _weights(answer)
    return Cause(
        name=name,
        cause=str(detail.get("cause", "")),
        status=answer.status,
        weight=weight,
        low=low,
        high=high,
        speaks_for=told("speaks_for", 1),
        speaks_against=told("speaks_against", -1),
        could_speak_against=tuple(str(one) for one in detail.get("could_speak_against", ())),
        ask=str(detail.get("ask") or detail.get("would_test") or answer.would_change),
        untested=name in untested,
    )


def _claims(answers: Sequence[Answer], rows: Sequence[str], statuses: Sequence[str], most: int) -> tuple[str, ...]:
    """The claims of these rows with these statuses, row by row, and no more than a few of each.

    A refusal that is about nothing by name only says that there was nothing to look at.
    """
    fitting = [one for one in answers if one.status in statuses and (one.about or isinstance(one, Finding))]
    of_row = [[one for one in fitting if one.row == row] for row in rows]
    few = [some[: MOST_OF_RELIEF if row == "S12" else MOST_OF_A_ROW] for row, some in zip(rows, of_row, strict=True)]
    return tuple(dict.fromkeys(claim_of(one) for some in few for one in some))[:most]


def _unknown(overall: Answer | None, answers: Sequence[Answer]) -> tuple[str, ...]:
    """What is open: the cause first, then what relief adds up to, then what else can't be told."""
    told = []
    if overall is not None and overall.status in WHAT_IS_OPEN:
        leading = listed([f"“{name}”" for name in _detail(overall).get("leading", ())])
        told.append(f"{WHAT_IS_OPEN[overall.status].format(leading)}: {lowered(ended(overall.reason))}")
    of_relief: dict[str, list[str]] = {}
    for one in answers:
        if one.row == "S12" and isinstance(one, Finding) and one.reason:
            of_relief.setdefault(one.reason, []).append(f"“{one.about}”")
    told += [f"Of {listed(names)}: {ended(reason)}" for reason, names in of_relief.items()]
    told += [
        claim_of(one) for one in answers if one.row == "S14" and isinstance(one, CannotSay) and not _is_weighed(one)
    ]
    others = [one for one in answers if one.row != "S13" or one.status in ("tied", "cannot_say") or not told]
    return tuple(dict.fromkeys([*told, *_claims(others, UNKNOWN_ROWS, OPEN, MOST_UNKNOWN)]))[:MOST_UNKNOWN]


def _next(answers: Sequence[Answer]) -> tuple[tuple[str, str], ...]:
    """What to do next, and what it would bring: what helped once, once more; then what could be recorded or asked."""
    once = [one for one in answers if one.row == "S16" and isinstance(one, Finding) and one.status in RELIEVED_ONCE]
    helped = [one for one in once if one.estimate < 0.0 and one.would_change]
    again = [(f"Try once more what seemed to help: {ended(one.would_change)}", "") for one in helped[:MOST_OF_A_ROW]]
    asked = [_asked(one) for one in answers if one.row == "S17" and isinstance(one, Finding)]
    if not asked:
        asked = [(begun(ended(one.would_change)), "") for one in answers if one.about == WHOLE and one.would_change]
    return tuple(dict.fromkeys([*again, *asked]))


def _asked(answer: Finding) -> tuple[str, str]:
    """What to do apart from what either outcome would do, which its claim goes on with."""
    do, so, would_do = claim_of(answer).partition(". If ")
    told = [f"If {would_do}"] if so else []
    told += [begun(ended(answer.reason))] if answer.reason else []
    return ended(do), " ".join(told)


def ended(text: str) -> str:
    """The text with a full stop at its end."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _pairs(told: Any, key: str) -> list[tuple[str, str]]:
    if isinstance(told, Mapping):
        return [(name, why) for name, why in told.items()]
    return [(one["name"], one[key]) for one in told or ()]


def _parked(answer: Finding) -> tuple[str, str]:
    """A cause that is not weighed, by name: what it says, and why it is not weighed."""
    cause = str(answer.detail.get("cause", ""))
    return answer.about, f"{ended(cause)} {begun(ended(answer.reason or answer.claim))}".strip(". ") + "."


def _workings(answers: Sequence[Answer]) -> tuple[tuple[str, str], ...]:
    """How it was worked out, each thing once."""
    method = dict.fromkeys(one.method for one in answers if one.method)
    assumed = dict.fromkeys(text for one in answers for text in one.assumptions)
    return (
        *(("Method", text) for text in method),
        *((("Taken for granted", "; ".join(assumed)),) if assumed else ()),
    )
