"""A hypothesis held against what was measured: what speaks for it, what against, and whether it can be ranked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mainstay.explanations.clauses_kinds import (
    FEW_OCCASIONS,
    Answered,
    Compared,
    Measured,
    Measures,
    Unmeasured,
    question_of,
)
from mainstay.explanations.evidence import (
    MIDDLE,
    WIDTHS,
    Open,
    company_log_ratio,
    forbidden,
    log_ratio,
    predicted,
)
from mainstay.explanations.weights import LEAST_EVIDENCE, USUAL_PRIOR, Candidate, Range
from mainstay.patterns.shared_evidence import BY_LOT
from mainstay.records.statements_hypothesis import Clause, Hypothesis

SPEAKS_AGAINST = math.log(1.0 / 8.0)
"""An observation this much rarer under a hypothesis than otherwise speaks against it..."""

STILL_AGAINST = math.log(1.0 / 2.0)
"""... if it stays so, more mildly, however large effects are taken to be."""

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Observed:
    """One measurement as a hypothesis sees it: log ratios by width; the clauses about it, and which of them forbid.

    Two clauses about one measurement are one observation.
    """

    key: Key
    answered: Measured | Compared
    left_open: Open
    predicts: tuple[Clause, ...]
    forbids: tuple[Clause, ...]
    logs: tuple[float, ...]

    @property
    def speaks_against(self) -> bool:
        """Whether by itself it speaks against the hypothesis, however large effects are taken to be."""
        return self.logs[MIDDLE] <= SPEAKS_AGAINST and max(self.logs) <= STILL_AGAINST


@dataclass(frozen=True, slots=True)
class Scored:
    """A hypothesis, what is on record of what it says, and its place among the candidates.

    `missing`: its clauses that the record does not answer, with why. `parked`: why it is not ranked, or nothing.
    `company_tried`: of how many things about company the causes on record ask.
    """

    hypothesis: Hypothesis
    observed: tuple[Observed, ...]
    missing: tuple[tuple[Clause, Unmeasured], ...]
    candidate: Candidate
    parked: str = ""
    company_tried: int = 1

    @property
    def name(self) -> str:
        """What it is called."""
        return self.hypothesis.name

    @property
    def untested(self) -> bool:
        """Whether nothing that it says is on record."""
        return not self.observed and not self.hypothesis.says.evidence

    @property
    def against(self) -> Observed | None:
        """The observation that speaks against it most, if one does by itself."""
        return self.worst if self.observed and self.worst.speaks_against else None

    @property
    def worst(self) -> Observed:
        """The observation that fits it least; there must be one."""
        return min(self.observed, key=lambda one: (not one.speaks_against, one.logs[MIDDLE]))

    @property
    def best(self) -> Observed | None:
        """The observation that speaks for it most, if any does."""
        those = [one for one in self.observed if one.logs[MIDDLE] > 0.0]
        return max(those, key=lambda one: one.logs[MIDDLE]) if those else None

    @property
    def rests_on_little(self) -> str:
        """Why it is no more than a candidate.

        Without what came once or twice, was known only since or was stated by hand too little speaks for it; or nothing
        that would speak against it was looked at.
        """
        for_it = sorted((one for one in self.observed if one.logs[MIDDLE] > 0.0), key=lambda one: -one.logs[MIDDLE])
        little = [self._little(one) for one in for_it]
        solid = sum(one.logs[MIDDLE] for one, why in zip(for_it, little, strict=True) if not why)
        if solid < LEAST_EVIDENCE:
            if reason := next((why for why in little if why), ""):
                return reason
            if self.hypothesis.says.evidence:
                return "what speaks for it was stated by hand"
        if not any(one.forbids for one in self.observed):
            return "nothing that would speak against it is on record"
        return ""

    def _little(self, seen: Observed) -> str:
        """Why one observation is little to rest on; nothing where it is not."""
        if isinstance(seen.answered, Compared):
            return _little_company(seen.answered, self.company_tried)
        few = seen.answered.occasions is not None and seen.answered.occasions <= FEW_OCCASIONS
        return f"it rests on {'one occasion' if seen.answered.occasions == 1 else 'two occasions'}" if few else ""


def scored(hypothesis: Hypothesis, measures: Measures) -> Scored:
    """What was measured, held against one hypothesis."""
    says = hypothesis.says
    kept: dict[Key, tuple[Answered, Open, list[Clause], list[Clause]]] = {}
    missing: list[tuple[Clause, Unmeasured]] = []
    for clause, forbids in [*((one, False) for one in says.predicts), *((one, True) for one in says.forbids)]:
        answered = measures.found[question_of(clause, says.since)]
        if isinstance(answered, Unmeasured):
            missing.append((clause, answered))
            continue
        key = key_of(answered)
        if key[0].startswith("seeking") and any(other[0].startswith("seeking") and other != key for other in kept):
            missing.append((clause, Unmeasured("seeking counts once, and another clause about it is counted already")))
            continue
        _, left_open, own, against = kept.setdefault(
            key, (answered, predicted("more") | predicted("same") | predicted("less"), [], [])
        )
        left_open &= forbidden(clause.direction) if forbids else predicted(clause.direction)
        (against if forbids else own).append(clause)
        kept[key] = answered, left_open, own, against
    parked = _parked(hypothesis, missing, [left_open for _, left_open, _, _ in kept.values()])
    usable = {key: row for key, row in kept.items() if row[1]}
    observed = tuple(
        Observed(key, answered, left_open, tuple(own), tuple(against), _alone(key, answered, left_open, measures))
        for key, (answered, left_open, own, against) in usable.items()
        if isinstance(answered, Measured | Compared)
    )
    candidate = Candidate(
        hypothesis.name,
        says.prior.chance if says.prior else USUAL_PRIOR,
        tuple(_together(observed, measures, width) for width in range(len(WIDTHS))),
        _stated(hypothesis),
    )
    asked = {frozenset((one.attribute, *one.same_as)) for one in measures.found.values() if isinstance(one, Compared)}
    return Scored(hypothesis, observed, tuple(missing), candidate, parked, max(len(asked), 1))


def _little_company(seen: Compared, tried: int) -> str:
    """Why what eases is too little to rest on: nobody new has tested it, or by lot it would fit as well too often."""
    if not seen.tested_by:
        return f"it has been known only since {seen.known.day_in_words}, and nobody new was met since"
    if seen.chance * tried > BY_LOT:
        return f"of {seen.n} people, places or activities it could be true by chance"
    return ""


def key_of(answered: Measured | Compared) -> Key:
    """The same for answers that come from one measurement."""
    return (answered.fit, answered.place) if isinstance(answered, Measured) else (f"company {answered.attribute}", 0)


def _alone(key: Key, answered: Answered, left_open: Open, measures: Measures) -> tuple[float, ...]:
    """The log ratios of one observation by itself, by width; nothing above 0 for what the fit holds already."""
    if isinstance(answered, Compared):
        return tuple(company_log_ratio(one, left_open) for one in answered.log_ratios)
    logs = tuple(log_ratio(measures.fits[key[0]], {key[1]: left_open}, width) for width in WIDTHS)
    return tuple(min(one, 0.0) for one in logs) if isinstance(answered, Measured) and answered.held else logs


def _together(observed: Sequence[Observed], measures: Measures, width: int) -> float:
    """The log ratio of all observations at one width; those of one fit with their joint covariance.

    Company is the same people whatever is asked of it: of several attributes that fit, the least counts, and once.
    """
    by_fit: dict[str, dict[int, Open]] = {}
    company = [one.logs[width] for one in observed if isinstance(one.answered, Compared)]
    total = sum(one for one in company if one <= 0.0) + min((one for one in company if one > 0.0), default=0.0)
    for one in observed:
        if isinstance(one.answered, Compared):
            continue
        if one.answered.held:
            total += one.logs[width]
        else:
            by_fit.setdefault(one.key[0], {})[one.key[1]] = one.left_open
    for fit, left_open in by_fit.items():
        total += log_ratio(measures.fits[fit], left_open, WIDTHS[width])
    return total


def _stated(hypothesis: Hypothesis) -> Range:
    """The logarithms of the low and high ends of all ratios stated by hand."""
    ratios = [one.ratio for one in hypothesis.says.evidence]
    return sum(math.log(low) for low, _ in ratios), sum(math.log(high) for _, high in ratios)


def _parked(hypothesis: Hypothesis, missing: Sequence[tuple[Clause, Unmeasured]], left_open: Sequence[Open]) -> str:
    forbids = hypothesis.says.forbids
    if not forbids:
        return "nothing could speak against it as it is written"
    never: Mapping[Clause, bool] = {clause: why.never for clause, why in missing}
    if all(never.get(clause, False) for clause in forbids):
        return "what it says would not be can't be seen in any record"
    if not all(left_open):
        return "what it predicts and what it forbids can't both be so"
    return ""
