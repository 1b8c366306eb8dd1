"""The measurement behind each clause of a hypothesis, from this person's record."""

from __future__ import annotations

from collections.abc import Sequence

from mainstay.explanations.clauses_kinds import Answered, Measures, Question, Unmeasured, question_of
from mainstay.explanations.clauses_seeking import relief_measures, seeking_measures
from mainstay.explanations.clauses_strain import strain_measures
from mainstay.explanations.clauses_streams import stream_measures
from mainstay.explanations.evidence import Sizes
from mainstay.patterns.shared import Shared
from mainstay.quantities import Answer, CannotSay
from mainstay.records.statements_hypothesis import Hypothesis
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline


def questions_of(hypothesis: Hypothesis) -> tuple[Question, ...]:
    """What the clauses of a hypothesis ask, predictions first."""
    says = hypothesis.says
    return tuple(question_of(clause, says.since) for clause in (*says.predicts, *says.forbids))


def measure(
    timeline: Timeline,
    fitted: StrainPosterior,
    questions: Sequence[Question],
    shared: Shared | CannotSay | None = None,
    strain_answers: Sequence[Answer] = (),
) -> Measures:
    """What the record answers to each question: measured, or not and what would record it.

    All that is about strain comes from one refit of the model. `shared`: what company eases and what it has in
    common (S13). `strain_answers`: those of `strain.answers`; the one about the threshold says whether seeking can be
    looked at.
    """
    asked = tuple(dict.fromkeys(questions))
    found: dict[Question, Answered] = {}
    fits: dict[str, Sizes] = {}
    by_kind = {kind: [one for one in asked if one.kind == kind] for kind in ("strain", "seeking", "relief")}
    others = [one for one in asked if one.kind not in by_kind]
    company = [one for one in asked if one.word == "in" and one.kind != "relief"]
    parts = [
        strain_measures(timeline, fitted, [one for one in by_kind["strain"] if one not in company]),
        seeking_measures(timeline, fitted, by_kind["seeking"], strain_answers) if by_kind["seeking"] else ({}, {}),
        (relief_measures(by_kind["relief"], shared), {}),
        stream_measures(timeline, [one for one in others if one not in company]),
    ]
    for answers, sizes in parts:
        found |= answers
        fits |= sizes
    found |= {one: Unmeasured("only relief is looked at by company", never=True) for one in company}
    return Measures({one: found[one] for one in asked}, fits)
