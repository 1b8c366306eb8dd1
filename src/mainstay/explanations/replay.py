"""The explanation as of each month: what could be said then, and what hindsight would have added (S18)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mainstay.explanations.answering import hypotheses_on_record, reasons_of
from mainstay.explanations.explaining import explain
from mainstay.explanations.telling import told
from mainstay.patterns.rare_answers import rare_answers
from mainstay.patterns.shared import shared
from mainstay.patterns.shared_answers import shared_answers
from mainstay.quantities import Answer, CannotSay, Instant
from mainstay.strain.answering import answers as answers_about_strain
from mainstay.strain.fitting import fit
from mainstay.timeline.kinds import Timeline
from mainstay.timeline.replaying import AsOf

TRIED_ONCE = "relief_observed_recovery_untested"


@dataclass(frozen=True, slots=True, eq=False)
class Month:
    """One date of a replay: what was the answer on the whole, what refuges were seen to share, what had been tried.

    `overall`: S14 on the whole. `shared`: the first of S13, None where there is none. `tried`: what was arranged once
    and relieved (S16). `learned`: what became known since the date before. `hindsight`: S14 on the whole, with what is
    known by the last date of people and causes; None where that would be the same.
    """

    as_of: Instant
    overall: Answer
    shared: Answer | None
    tried: tuple[Answer, ...]
    learned: tuple[str, ...]
    hindsight: Answer | None


def months(replay: Iterable[AsOf]) -> Iterator[Month]:
    """Each date in turn, worked out when it is asked for: some seconds each."""
    for at in replay:
        overall, of_company, tried = _said(at.then)
        hindsight = None if at.with_hindsight is None else _said(at.with_hindsight)[0]
        yield Month(at.then.as_of, overall, of_company, tried, at.learned, hindsight)


def _said(timeline: Timeline) -> tuple[Answer, Answer | None, tuple[Answer, ...]]:
    fitted = fit(timeline)
    if isinstance(fitted, CannotSay):
        return fitted, None, ()
    about_strain = answers_about_strain(timeline, fitted)
    known = hypotheses_on_record(timeline)
    company = shared(timeline, fitted)
    overall = told(explain(timeline, fitted, known, company, about_strain), company)[0]
    of_company = shared_answers(timeline, fitted, reasons_of(known), company)
    tried = tuple(one for one in rare_answers(timeline, fitted) if one.status == TRIED_ONCE)
    return overall, of_company[0] if of_company else None, tried
