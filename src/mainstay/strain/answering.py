"""What the model can answer for one person, in story order: load, refuges, threshold and relief."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mainstay.errors import BadRequest
from mainstay.quantities import Answer, CannotSay
from mainstay.strain.covariates import covariate_answers
from mainstay.strain.criticise import failed_checks, told_with_misfits
from mainstay.strain.draws import checked
from mainstay.strain.load import load_answers, self_hours
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.refuges import refuge_answers, relief_answers
from mainstay.strain.restoring import restoring_answers
from mainstay.strain.threshold import threshold_answer
from mainstay.timeline.kinds import Timeline

SEED = 21
"""Of the draws that check a fit of acts alone: the same record must give the same answer."""


def answers(timeline: Timeline, fitted: StrainPosterior | CannotSay) -> tuple[Answer, ...]:
    """Rows S9 to S12 in story order."""
    if isinstance(fitted, CannotSay):
        rows = ("S9", "S10", "S11", "S12") if timeline.of_events("relief") else ("S9",)
        return (*(replace(fitted, row=row) for row in rows), self_hours(timeline))
    if not fitted.data.settings.noise:
        raise BadRequest("a fit without process noise is for comparison: its intervals are too narrow to answer from")
    if not fitted.data.readings and fitted.trusted is None:
        fitted = checked(fitted, np.random.default_rng(SEED))
    misfits = failed_checks(timeline, fitted)
    threshold = told_with_misfits(threshold_answer(timeline, fitted, misfits.distrusted), misfits)
    if not fitted.data.readings:
        unscaled = CannotSay(
            "without check-ins strain has no scale, and can't be told from a taste for what is sought",
            n=int(fitted.data.act_counts.sum()),
            method=fitted.method,
            would_change="a rating of strain once a day or more",
        )
        s9, s10, s12 = (replace(unscaled, row=row) for row in ("S9", "S10", "S12"))
        return (s9, self_hours(timeline), s10, threshold, s12)
    told = (
        *load_answers(timeline, fitted, misfits),
        *covariate_answers(timeline, fitted),
        self_hours(timeline),
        *refuge_answers(timeline, fitted, misfits),
        threshold,
        *relief_answers(timeline, fitted, misfits),
        *restoring_answers(timeline, fitted),
    )
    return tuple(_with_given_priors(answer, fitted) for answer in told) if fitted.data.settings.priors else told


def _with_given_priors(answer: Answer, fitted: StrainPosterior) -> Answer:
    """The answer, saying that it rests on priors that were given in place of the usual ones."""
    if isinstance(answer, CannotSay):
        return answer
    kinds = sorted({name.split(":", maxsplit=1)[0].replace("_", " ") for name in fitted.data.settings.priors})
    said = f"what was expected beforehand was given from outside this record: {', '.join(kinds)}"
    return replace(answer, assumptions=(*answer.assumptions, said))
