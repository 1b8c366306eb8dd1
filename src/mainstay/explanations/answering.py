"""Why, as far as it can be said: rows S13 to S17 for one person, in story order, from one fit.

What refuges share comes first, for the causes quote it; then the causes, the likeness to an earlier time, what happened
once or twice, and what to look at next.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mainstay.explanations.explaining import Explained, explain
from mainstay.explanations.library import starting_library
from mainstay.explanations.likeness import likeness_answers
from mainstay.explanations.next_observation import next_observation_answers
from mainstay.explanations.telling import told
from mainstay.patterns.rare_answers import rare_answers
from mainstay.patterns.shared import Shared, shared
from mainstay.patterns.shared_answers import shared_answers
from mainstay.quantities import Answer, CannotSay
from mainstay.records.statements_hypothesis import Hypothesis, hypotheses_of, moments, subjects, with_library
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline

ROWS = ("S13", "S14", "S15", "S16", "S17")


def hypotheses_on_record(timeline: Timeline) -> tuple[Hypothesis, ...]:
    """What the person wrote by the timeline's date, and what the starting library holds besides."""
    return with_library(hypotheses_of(timeline)[0], starting_library())


def reasons_of(hypotheses: Iterable[Hypothesis]) -> dict[str, str]:
    """By attribute, the first hypothesis that says company of whom it is true should ease more."""
    found: dict[str, str] = {}
    for one in hypotheses:
        for clause in one.says.predicts:
            if clause.direction == "more" and "relief" in {subject.kind for subject in subjects(clause.stream)}:
                for moment in moments(clause.when):
                    if moment.kind == "company":
                        found.setdefault(moment.name, one.name)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Reasoned:
    """The answers of rows S13 to S17, and what the chapters after this one build on; None where there is no fit.

    `explained`: hypotheses with their weights; `company`: what eases in whose company, and what they share.
    """

    answers: tuple[Answer, ...]
    explained: Explained | None = None
    company: Shared | CannotSay | None = None


def answers(
    timeline: Timeline, fitted: StrainPosterior | CannotSay, strain_answers: Sequence[Answer]
) -> tuple[Answer, ...]:
    """Rows S13 to S17. `fitted`: of the same timeline; `strain_answers`: what was answered from it (S9 to S12)."""
    return reasoned(timeline, fitted, strain_answers).answers


def reasoned(timeline: Timeline, fitted: StrainPosterior | CannotSay, strain_answers: Sequence[Answer]) -> Reasoned:
    """The answers with what they rest on, from the same three."""
    unread = tuple(
        CannotSay(
            f"a possible cause written {one.written.day_in_words} can't be read: {one.reason}",
            row="S14",
            would_change="the same cause written anew, in its place",
        )
        for one in hypotheses_of(timeline)[1]
    )
    if isinstance(fitted, CannotSay):
        return Reasoned((replace(fitted, row="S14", quantity="explanation"), *unread, *likeness_answers(timeline)))
    known = hypotheses_on_record(timeline)
    set_aside = {one.name: one.says.set_aside for one in hypotheses_of(timeline)[0] if one.says.set_aside is not None}
    company = shared(timeline, fitted)
    explained = explain(timeline, fitted, known, company, strain_answers)
    told_in_order = (
        *shared_answers(timeline, fitted, reasons_of(known), company),
        *told(explained, company, set_aside),
        *unread,
        *likeness_answers(timeline),
        *rare_answers(timeline, fitted),
        *next_observation_answers(explained, timeline, company),
    )
    return Reasoned(told_in_order, explained, company)
