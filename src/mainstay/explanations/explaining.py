"""Which of the causes on record explains the pattern (S14): weights, what spoke against which, and "unexplained".

The pattern comes first: something is sought when strain is high. Where that is not established there is nothing to
explain. A hypothesis leads where its weight is ahead of that of a cause nobody listed, however large effects are taken
to be; it is then *suggested*, or *unconfirmed* where what speaks for it came once or twice or was known only after
what it explains. *Explained* is said only of what was foreseen: of company, where two people, places or activities
first met after the hypothesis was written bore it out; else where what came since then does, by itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mainstay.explanations.clauses import measure, questions_of
from mainstay.explanations.clauses_kinds import Compared, Measures
from mainstay.explanations.evidence import MIDDLE
from mainstay.explanations.evidence_scored import Observed, Scored, scored
from mainstay.explanations.evidence_since import borne_out_since
from mainstay.explanations.matrix import Row, matrix, matrix_detail, said_of
from mainstay.explanations.weights import UNLISTED, UNLISTED_PRIOR, Range, Weight, leading, unlisted, weigh
from mainstay.patterns.shared import Shared
from mainstay.quantities import Answer, CannotSay, Finding, Interval
from mainstay.records.statements_hypothesis import Hypothesis
from mainstay.strain.answering import answers as answers_about_strain
from mainstay.strain.judge import LEVEL
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline

UNIT = "share of the weight"
QUANTITY = "weight among the causes on record and one that nobody listed"
METHOD = "evidence ratios against an unlisted cause, from the strain model and from regressions"
SPEAKS, UNDECIDED = math.log(1.25), math.log(2.0)
"""From here on an observation, and all of them together, are told as speaking for or against a hypothesis."""

FORESEEN = 2
"""New company that bore a hypothesis out before it is called the explanation."""

MORE_CAUSES = "what would test those causes of which nothing is on record, or another cause, written down"

ASSUMPTIONS = (
    "the causes are weighed as if one of them were the main one",
    "what comes from different measurements is taken as independent, if a cause is given",
    "if the cause is one that nobody listed, everything goes with strain in half of all cases, up or down",
    "the interval goes from the lowest to the highest over all priors, stated ratios and sizes of effects",
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is established of the pattern: what is sought with strain, what eases, whether it takes less and less."""

    sought: tuple[str, ...]
    eases: tuple[str, ...]
    less_and_less: bool
    looked_at: int
    open: str = ""

    @property
    def words(self) -> str:
        """The pattern in words."""
        ease = "eases it" if len(self.eases) == 1 else "ease it"
        said = [f"{_listed(self.sought)} {'is' if len(self.sought) == 1 else 'are'} sought when strain is high"]
        if self.eases and set(self.eases) == set(self.sought):
            said = [f"{said[0]} and {ease}"]
        elif self.eases:
            said.append(f"{_listed(self.eases)} {ease}")
        if self.less_and_less:
            said.append("it takes less and less")
        return said[0] if len(said) == 1 else f"{', '.join(said[:-1])}, and {said[-1]}"


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """All parts of the answer: the pattern, what was measured, hypotheses, weights, matrix, and which lead.

    `scored`: every hypothesis, those that are parked too; `weights`: of those that are ranked and the unlisted cause,
    heaviest first; `leaders`: the names that lead, more than one where they are tied; `status`: of the whole; `since`:
    when the one that leads was written down, where what came since bears it out by itself.
    """

    pattern: Pattern
    measures: Measures
    scored: tuple[Scored, ...]
    weights: tuple[Weight, ...]
    rows: tuple[Row, ...]
    leaders: tuple[str, ...]
    status: str
    why: str
    since: str = ""

    def of(self, name: str) -> Scored:
        """One hypothesis by name."""
        return next(one for one in self.scored if one.name == name)

    def weight(self, name: str) -> Weight:
        """The weight of one that is ranked, or of the unlisted cause."""
        return next(one for one in self.weights if one.name == name)


def explain(
    timeline: Timeline,
    fitted: StrainPosterior,
    hypotheses: Sequence[Hypothesis],
    shared: Shared | CannotSay | None = None,
    strain_answers: Sequence[Answer] = (),
    *,
    unlisted_prior: Range = UNLISTED_PRIOR,
) -> Explained:
    """Weigh the hypotheses against the record.

    `fitted`: of the same timeline. `shared`: of the same too (S13); `strain_answers`: those of `strain.answers`, worked
    out here where they are not given. About as long as two refits.
    """
    told = tuple(strain_answers) or answers_about_strain(timeline, fitted)
    questions = [question for one in hypotheses for question in questions_of(one)]
    measures = measure(timeline, fitted, questions, shared, told)
    every = tuple(scored(one, measures) for one in hypotheses)
    ranked = [one for one in every if not one.parked]
    candidates = [*(one.candidate for one in ranked), unlisted(unlisted_prior)]
    weights = weigh(candidates)
    against = {one.name for one in ranked if one.against}
    leaders = tuple(name for name in leading(candidates, weights) if name not in against)
    pattern = pattern_of(told)
    heaviest = tuple(sorted(weights, key=lambda one: -one.weight))
    first = [one for name in leaders for one in ranked if one.name == name]
    since = borne_out_since(timeline, first[0]) if len(first) == 1 else ""
    status, why = _status(pattern, first, shared, since)
    return Explained(pattern, measures, every, heaviest, matrix(ranked, weights), leaders, status, why, since)


def pattern_of(strain_answers: Sequence[Answer]) -> Pattern:
    """What the answers about strain establish (S10 to S12)."""
    sought = [one for one in strain_answers if one.row == "S10"]
    found = [one for one in sought if isinstance(one, Finding) and one.status == "found" and one.estimate > 1.0]
    eases = [
        one.about
        for one in strain_answers
        if isinstance(one, Finding) and one.row == "S12" and one.status in {"found", "restores"} and _at_once(one)
    ]
    threshold = [one for one in strain_answers if one.row == "S11" and isinstance(one, Finding)]
    open_ = [one.reason for one in sought if isinstance(one, CannotSay)]
    return Pattern(
        tuple(dict.fromkeys(one.about for one in found)),
        tuple(dict.fromkeys(eases)),
        any(one.status == "found" and one.estimate > 1.0 for one in threshold),
        sum(one.n for one in sought),
        open_[0] if open_ else "",
    )


def _at_once(answer: Finding) -> bool:
    return answer.quantity.startswith("share of strain")


def _status(
    pattern: Pattern, leaders: Sequence[Scored], shared: Shared | CannotSay | None, since: str
) -> tuple[str, str]:
    """The status of the whole in a word, and the reason behind it."""
    if not pattern.sought:
        return ("cannot_say", pattern.open) if pattern.open else ("not_found", "nothing is sought more as strain rises")
    if not leaders:
        return "established_unexplained", "no cause on record is ahead of one that nobody listed"
    if len(leaders) > 1:
        return "tied", f"what is on record can't tell {_listed([one.name for one in leaders])} apart"
    return status_of(leaders[0], shared, since)


def status_of(leader: Scored, shared: Shared | CannotSay | None, since: str = "") -> tuple[str, str]:
    """The status of a hypothesis that leads, and the reason behind it. `since`: of `borne_out_since`."""
    if little := leader.rests_on_little:
        return "unconfirmed", little
    if names := _foreseen(leader, shared):
        return "established_explained", f"it was written down before {_listed(names)} bore it out"
    if since:
        return "established_explained", f"it was written down on {since}, and what came since bears it out"
    return "suggested", "that it goes with strain is shown, that it is the cause is not"


def _foreseen(leader: Scored, shared: Shared | CannotSay | None) -> tuple[str, ...]:
    """Company first met after hypothesis and attribute were on record, that bore it out; none where it is too few."""
    written, best = leader.hypothesis.written, leader.best
    if written is None or best is None or not isinstance(best.answered, Compared) or not isinstance(shared, Shared):
        return ()
    asked = best.answered
    names = [
        one.name
        for one in shared.companies
        if one.first_met >= max(written, asked.known) and one.name in asked.tested_by and one.name in asked.bears_out
    ]
    return tuple(names) if len(names) >= FORESEEN else ()


def explanation_answers(
    timeline: Timeline,
    fitted: StrainPosterior,
    hypotheses: Sequence[Hypothesis],
    shared: Shared | CannotSay | None = None,
    strain_answers: Sequence[Answer] = (),
) -> tuple[Answer, ...]:
    """S14: the answer on the whole, then one for each hypothesis and for an unlisted cause, heaviest first.

    Those that are parked come last.
    """
    return told(explain(timeline, fitted, hypotheses, shared, strain_answers), shared)


def told(explained: Explained, shared: Shared | CannotSay | None = None) -> tuple[Answer, ...]:
    """The answers of what was explained."""
    by_name = {one.name: one for one in explained.scored}
    ranked: list[Answer] = [
        _of_unlisted(explained, weight) if weight.name == UNLISTED else _of_one(explained, by_name[weight.name], shared)
        for weight in explained.weights
    ]
    parked = [_of_parked(one) for one in explained.scored if one.parked]
    return (_on_the_whole(explained), *ranked, *parked)


def _finding(explained: Explained, about: str, status: str, claim: str, **more: Any) -> Finding:
    weight = explained.weight(about if about != "explanation" else more.pop("weight_of"))
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
            about="explanation",
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
        "explanation",
        status,
        _claim(explained),
        weight_of=leader,
        n=pattern.looked_at,
        evidence=(*pattern.sought,),
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
        return f"It is certain that {pattern.words}; why is not explained by any cause on record."
    if status == "tied":
        return f"It is certain that {pattern.words}; {_listed(explained.leaders)} fit equally well."
    name = explained.leaders[0]
    if status == "established_explained":
        return f"It is certain that {pattern.words}; “{name}” explains it: {explained.why}."
    if status == "unconfirmed":
        return f"It is certain that {pattern.words}; “{name}” fits best, but is unconfirmed: {explained.why}."
    return f"It is certain that {pattern.words}; “{name}” fits best so far, and could still turn out wrong."


def _of_one(explained: Explained, one: Scored, shared: Shared | CannotSay | None) -> Finding:
    status, claim, reason = _said(explained, one, shared)
    n = sum(seen.answered.n for seen in one.observed)
    missing = next((why.would_record for _, why in one.missing if why.would_record), "")
    return _finding(
        explained,
        one.name,
        status,
        claim,
        n=n,
        evidence=tuple(seen.answered.words for seen in one.observed),
        would_change=one.hypothesis.says.ask or missing,
        reason=reason,
        detail={
            "cause": one.hypothesis.says.cause,
            "ask": one.hypothesis.says.ask or "",
            "prior": list(one.candidate.prior),
            "log_ratio_by_width": list(one.candidate.logs),
            "stated": list(one.candidate.stated),
            "as_if_independent": sum(seen.logs[MIDDLE] for seen in one.observed),
            "speaks_for": [seen.answered.words for seen in one.observed if seen.logs[MIDDLE] >= SPEAKS],
            "speaks_against": [seen.answered.words for seen in one.observed if seen.logs[MIDDLE] <= -SPEAKS],
            "could_speak_against": [said_of(clause) for clause in one.hypothesis.says.forbids],
            "missing": [{"clause": said_of(clause), "why": why.reason} for clause, why in one.missing],
        },
    )


def _said(explained: Explained, one: Scored, shared: Shared | CannotSay | None) -> tuple[str, str, str]:
    """Status, claim and reason of one hypothesis that is ranked."""
    if one.name in explained.leaders:
        if len(explained.leaders) > 1:
            others = _listed([name for name in explained.leaders if name != one.name])
            return "tied", f"“{one.name}” fits as well as {others}: {_for_it(one)}.", explained.why
        status, why = status_of(one, shared, explained.since)
        return status, f"“{one.name}” fits best: {_for_it(one)}.", why
    if one.untested:
        return "unconfirmed", f"“{one.name}” can't be tested yet: nothing of it is on record.", "untested"
    if against := one.against:
        return "not_found", f"“{one.name}” is spoken against: {_against(against)}.", "spoken against"
    return "unconfirmed", _undecided(one), ""


def _undecided(one: Scored) -> str:
    if one.candidate.evidence >= UNDECIDED:
        return f"“{one.name}” is possible: {_for_it(one)}; that is not enough by itself."
    if one.candidate.evidence <= -UNDECIDED and one.observed:
        return f"“{one.name}” is less likely by now: {_against(one.worst)}."
    return f"“{one.name}” is neither borne out nor ruled out by what is on record."


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
    return f"it says that {said}, but {seen.answered.words}" if said else f"{seen.answered.words}, and not as it says"


def _of_unlisted(explained: Explained, weight: Weight) -> Finding:
    ahead = explained.weights[0].name == UNLISTED
    return _finding(
        explained,
        UNLISTED,
        "suggested" if ahead and not explained.leaders else "unconfirmed",
        f"That it is something nobody has listed has a weight of {100.0 * weight.weight:.0f} %.",
        n=0,
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
        n=0,
        method=METHOD,
        would_change="what it says would not be, if it were so, written into it",
        reason=one.parked,
        detail={"cause": one.hypothesis.says.cause},
    )


def _listed(names: Sequence[str]) -> str:
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
