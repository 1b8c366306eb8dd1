"""The causes in sentences (S14): the answer on the whole, one for each, and what is not tested or parked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mainstay.explanations.clauses_kinds import Measured
from mainstay.explanations.evidence import MIDDLE
from mainstay.explanations.evidence_scored import Observed, Scored
from mainstay.explanations.explaining import Explained, status_of
from mainstay.explanations.matrix import matrix_detail, said_of
from mainstay.explanations.weights import UNLISTED, Weight
from mainstay.patterns.shared import Shared
from mainstay.quantities import Answer, CannotSay, Finding, Interval
from mainstay.records.words import counted, quoted
from mainstay.strain.judge import LEVEL

WHOLE = "explanation"
UNIT = "share of the weight"
QUANTITY = "weight among the causes on record and one that nobody listed"
METHOD = "evidence ratios against an unlisted cause, from the strain model and from regressions"
SPEAKS, UNDECIDED = math.log(1.25), math.log(2.0)
"""From here on an observation, and all of them together, are told as speaking for or against a hypothesis."""

MORE_CAUSES = "what would test those causes of which nothing is on record, or another cause, written down"

ASSUMPTIONS = (
    "the causes are weighed as if one of them were the main one",
    "what comes from different measurements is taken as independent, if a cause is given",
    "if the cause is one that nobody listed, everything goes with strain in half of all cases, up or down",
    "the interval goes from the lowest to the highest over all priors, stated ratios and sizes of effects",
)


def told(
    explained: Explained, shared: Shared | CannotSay | None = None, set_aside: Mapping[str, str] | None = None
) -> tuple[Answer, ...]:
    """S14: the answer on the whole, then one for each hypothesis and for an unlisted cause, heaviest first.

    A hypothesis of which nothing is on record can't be told anything about; those that are parked come last.
    `set_aside`: hypotheses that are no longer considered, each with its reason.
    """
    by_name = {one.name: one for one in explained.scored}
    ranked: list[Answer] = [
        _of_unlisted(explained, weight) if weight.name == UNLISTED else _of_one(explained, by_name[weight.name], shared)
        for weight in explained.weights
    ]
    parked = [_of_parked(one) for one in explained.scored if one.parked]
    whole = _on_the_whole(explained)
    whole = replace(whole, detail={**whole.detail, "set_aside": dict(set_aside)}) if set_aside else whole
    return (whole, *ranked, *parked)


def _finding(
    explained: Explained, about: str, status: str, claim: str, weight_of: str | None = None, **more: Any
) -> Finding:
    weight = explained.weight(weight_of or about)
    return Finding(
        row="S14",
        about=about,
        status=status,
        claim=claim,
        quantity=QUANTITY,
        estimate=weight.weight,
        interval=Interval(weight.low, weight.high, LEVEL),
        unit=UNIT,
        method=METHOD,
        assumptions=ASSUMPTIONS,
        **more,
    )


def _on_the_whole(explained: Explained) -> Answer:
    pattern, status = explained.pattern, explained.status
    detail = {
        "matrix": matrix_detail(explained.rows),
        "unlisted": _range(explained.weight(UNLISTED)),
        "weights": {one.name: _range(one) for one in explained.weights},
        "leading": list(explained.leaders),
        "parked": [one.name for one in explained.scored if one.parked],
        "untested": [one.name for one in explained.scored if one.untested and not one.parked],
    }
    if status == "cannot_say":
        return CannotSay(
            explained.why,
            row="S14",
            about=WHOLE,
            quantity=QUANTITY,
            n=pattern.looked_at,
            method=METHOD,
            would_change="more of what is sought when it is too much, on record",
            detail=detail,
        )
    leader = explained.leaders[0] if explained.leaders else UNLISTED
    ask = explained.of(leader).hypothesis.says.ask if leader != UNLISTED else MORE_CAUSES
    return _finding(
        explained,
        WHOLE,
        status,
        _claim(explained),
        weight_of=leader,
        n=pattern.looked_at,
        evidence=(explained.place, *(f"“{name}”" for name in pattern.sought)),
        would_change=ask or MORE_CAUSES,
        reason=explained.why,
        detail=detail,
    )


def _range(weight: Weight) -> dict[str, float]:
    return {"weight": weight.weight, "low": weight.low, "high": weight.high}


def _claim(explained: Explained) -> str:
    status, pattern = explained.status, explained.pattern
    if status == "not_found":
        return "Nothing is shown to be sought more when strain is high, so there is no pattern yet to explain."
    if status == "established_unexplained":
        return f"The records are clear that {pattern.words}; why is not explained by any cause on record."
    if status == "tied":
        return f"The records are clear that {pattern.words}; {quoted(explained.leaders)} fit equally well."
    name = explained.leaders[0]
    if status == "established_explained":
        said = f"fits best, and {explained.why}" if explained.since else f"explains it: {explained.why}"
        return f"The records are clear that {pattern.words}; “{name}” {said}."
    if status == "unconfirmed":
        return f"The records are clear that {pattern.words}; “{name}” fits best, but is unconfirmed: {explained.why}."
    return f"The records are clear that {pattern.words}; “{name}” fits best so far, and could still turn out wrong."


def _of_one(explained: Explained, one: Scored, shared: Shared | CannotSay | None) -> Answer:
    missing = next((why.would_record for _, why in one.missing if why.would_record), "")
    ask = one.hypothesis.says.ask or missing
    seen = [(each.answered.words, each.logs[MIDDLE]) for each in one.observed]
    seen += [(each.what, 0.5 * math.log(each.ratio[0] * each.ratio[1])) for each in one.hypothesis.says.evidence]
    detail = {
        "cause": one.hypothesis.says.cause,
        "ask": one.hypothesis.says.ask or "",
        "prior": list(one.candidate.prior),
        "log_ratio_by_width": list(one.candidate.logs),
        "stated": list(one.candidate.stated),
        "as_if_independent": sum(seen.logs[MIDDLE] for seen in one.observed),
        "speaks_for": [words for words, log in seen if log >= SPEAKS],
        "speaks_against": [words for words, log in seen if log <= -SPEAKS],
        "could_speak_against": [said_of(clause) for clause in one.hypothesis.says.forbids],
        "missing": [{"clause": said_of(clause), "why": why.reason} for clause, why in one.missing],
    }
    if one.untested and one.name not in explained.leaders:
        return CannotSay(
            "nothing is on record that would test it",
            row="S14",
            about=one.name,
            quantity=QUANTITY,
            method=METHOD,
            assumptions=ASSUMPTIONS,
            detail={**detail, **_range(explained.weight(one.name)), "would_test": ask},
        )
    status, claim, reason = _said(explained, one, shared)
    return _finding(
        explained,
        one.name,
        status,
        claim,
        n=max(sum(seen.answered.n for seen in one.observed), 1),
        evidence=(explained.place, counted(len(one.observed), "thing looked at", "things looked at")),
        would_change=ask or MORE_CAUSES,
        reason=reason,
        detail=detail,
    )


def _said(explained: Explained, one: Scored, shared: Shared | CannotSay | None) -> tuple[str, str, str]:
    """Status, claim and reason of one hypothesis that is ranked."""
    if one.name in explained.leaders:
        if len(explained.leaders) > 1:
            others = quoted([name for name in explained.leaders if name != one.name])
            return "tied", f"“{one.name}” fits as well as {others}: {_for_it(one)}.", explained.why
        status, why = status_of(one, shared, explained.since)
        return status, f"“{one.name}” fits best: {_for_it(one)}.", why
    if against := one.against:
        return "not_found", f"“{one.name}” is spoken against: {_against(against)}.", "spoken against"
    if one.candidate.evidence <= -UNDECIDED and one.observed:
        return "not_found", f"“{one.name}” is less likely by now: {_against(one.worst)}.", "less likely"
    return "unconfirmed", _undecided(one), ""


def _undecided(one: Scored) -> str:
    if one.candidate.evidence >= UNDECIDED and one.best is not None and _is_shown(one.best):
        return f"“{one.name}” is possible: {_for_it(one)}; that is not enough by itself."
    return f"“{one.name}” is neither borne out nor ruled out by what is on record."


def _is_shown(seen: Observed) -> bool:
    """Whether what came out is told apart from nothing, and so may be said to speak for a cause."""
    if not isinstance(seen.answered, Measured):
        return True
    low, high = seen.answered.interval
    return low > 0.0 or high < 0.0


def _for_it(one: Scored) -> str:
    if one.best is not None:
        return one.best.answered.words
    stated = one.hypothesis.says.evidence
    return stated[0].what if stated else "nothing speaks against it"


def _against(seen: Observed) -> str:
    """What was seen, and what the hypothesis says instead."""
    if seen.forbids and not seen.predicts:
        return f"{seen.answered.words}, which it says would not be"
    said = next((clause.words for clause in seen.predicts if clause.words), None)
    if not said:
        return f"{seen.answered.words}, and not as it says"
    little = "; that is less than it would be" if _agrees(seen) else ""
    return f"it says that {said}, but {seen.answered.words}{little}"


def _agrees(seen: Observed) -> bool:
    """Whether the size points the way that was predicted, and is only too small."""
    if not isinstance(seen.answered, Measured):
        return False
    low, high = seen.answered.interval
    return ("more" in seen.left_open and low > 0.0) or ("less" in seen.left_open and high < 0.0)


def _of_unlisted(explained: Explained, weight: Weight) -> Answer:
    if all(one.untested or one.parked for one in explained.scored):
        return CannotSay(
            "nothing on record speaks for or against any of the causes, so there is nothing to weigh",
            row="S14",
            about=UNLISTED,
            quantity=QUANTITY,
            method=METHOD,
            would_change=MORE_CAUSES,
            detail=_range(weight),
        )
    return _finding(
        explained,
        UNLISTED,
        "unconfirmed" if explained.leaders or not explained.pattern.sought else "established_unexplained",
        f"That it is something nobody has listed has a weight of {100.0 * weight.weight:.0f} %.",
        n=max(explained.pattern.looked_at, 1),
        evidence=(explained.place,),
        would_change="another cause, written down with what it predicts and what it says would not be",
    )


def _of_parked(one: Scored) -> Finding:
    return Finding(
        row="S14",
        about=one.name,
        status="parked",
        claim=f"“{one.name}” is set aside until it says what would speak against it: {one.parked}.",
        quantity=QUANTITY,
        estimate=0.0,
        interval=Interval(0.0, 0.0, LEVEL),
        unit=UNIT,
        n=1,
        method=METHOD,
        would_change="what it says would not be, if it were so, written into it",
        reason=one.parked,
        detail={"cause": one.hypothesis.says.cause},
    )
