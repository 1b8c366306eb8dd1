"""Which of the causes on record explains the pattern (S14): weights, what spoke against which, and "unexplained".

The pattern comes first: something is sought when strain is high. Where that is not established there is nothing to
explain. A hypothesis leads where its weight is ahead of that of a cause nobody listed, however large effects are taken
to be; it is then *suggested*, or *unconfirmed* where what speaks for it came once or twice or was known only after
what it explains. *Explained* is said only of what was foreseen: of company, where two people, places or activities
first met after the hypothesis was written bore it out; else where what came since then does, by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mainstay.explanations.clauses import measure, questions_of
from mainstay.explanations.clauses_kinds import Compared, Measures
from mainstay.explanations.evidence_scored import Scored, scored
from mainstay.explanations.evidence_since import borne_out_since
from mainstay.explanations.matrix import Row, matrix
from mainstay.explanations.weights import UNLISTED_PRIOR, Range, Weight, leading, unlisted, weigh
from mainstay.patterns.shared import Shared
from mainstay.quantities import Answer, CannotSay, Finding
from mainstay.records.statements_hypothesis import Hypothesis
from mainstay.records.words import quoted
from mainstay.strain.answering import answers as answers_about_strain
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.wording import place_of
from mainstay.timeline.kinds import Timeline

FORESEEN = 2
"""New company that bore a hypothesis out before it is called the explanation."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is established: what is sought with strain, what eases, whether it takes less to tip over than before."""

    sought: tuple[str, ...]
    eases: tuple[str, ...]
    less_and_less: bool
    looked_at: int
    open: str = ""

    @property
    def words(self) -> str:
        """The pattern in words."""
        ease = "eases it" if len(self.eases) == 1 else "ease it"
        said = [f"{quoted(self.sought)} {'is' if len(self.sought) == 1 else 'are'} sought when strain is high"]
        if self.eases and set(self.eases) == set(self.sought):
            said = [f"{said[0]} and {ease}"]
        elif self.eases:
            said.append(f"{quoted(self.eases)} {ease}")
        if self.less_and_less:
            said.append("it takes less to tip over than before")
        return said[0] if len(said) == 1 else f"{', '.join(said[:-1])}, and {said[-1]}"


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """All parts of the answer: the pattern, what was measured, hypotheses, weights, matrix, and which lead.

    `scored`: every hypothesis, those that are parked too; `weights`: of those that are ranked and the unlisted cause,
    heaviest first; `leaders`: the names that lead, more than one where they are tied; `status`: of the whole; `since`:
    when the one that leads was written down, where what came since bears it out by itself; `place`: the dates covered.
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
    place: str = ""

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
    rows, place = matrix(ranked, weights), place_of(timeline)
    return Explained(pattern, measures, every, heaviest, rows, leaders, status, why, since, place)


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
        return "tied", f"what is on record can't tell {quoted([one.name for one in leaders])} apart"
    return status_of(leaders[0], shared, since)


def status_of(leader: Scored, shared: Shared | CannotSay | None, since: str = "") -> tuple[str, str]:
    """The status of a hypothesis that leads, and the reason behind it. `since`: of `borne_out_since`."""
    if little := leader.rests_on_little:
        return "unconfirmed", little
    if names := _foreseen(leader, shared):
        return "established_explained", f"it was written down before {quoted(names)} bore it out"
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
