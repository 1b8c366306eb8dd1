"""What clauses about seeking and relief ask: from the threshold (S11) and from what refuges share (S13)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mainstay.explanations.clauses_courses import course_of, day_of, names_told, times_of
from mainstay.explanations.clauses_kinds import THIN, Answered, Compared, Measured, Question, Unmeasured
from mainstay.explanations.clauses_words import share_words, shown_as_often, spoken
from mainstay.explanations.evidence import WIDTHS, Sizes
from mainstay.patterns.shared import Shared
from mainstay.patterns.shared_evidence import SharedAttribute
from mainstay.quantities import Answer, CannotSay
from mainstay.records.statements_hypothesis import same_name
from mainstay.strain.drawing import strain_refuges
from mainstay.strain.drift import drift_of
from mainstay.strain.fitting import refit
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.settings import Shape
from mainstay.strain.threshold import threshold_answer
from mainstay.timeline.kinds import Timeline

USUAL_SEEKING = math.log(2.0)
"""A log ratio of seeking at the same strain that is usual where there is a change: a doubling."""


def seeking_measures(
    timeline: Timeline, fitted: StrainPosterior, questions: Sequence[Question], strain_answers: Sequence[Answer]
) -> tuple[dict[Question, Answered], dict[str, Sizes]]:
    """How often refuges are sought at the same strain, over time and since a day: gated as the threshold (S11) is."""
    told = next((one for one in strain_answers if one.row == "S11" and one.about == "threshold"), None)
    threshold = told if told is not None else threshold_answer(timeline, fitted)
    if isinstance(threshold, CannotSay):
        return dict.fromkeys(questions, Unmeasured(threshold.reason, threshold.would_change)), {}
    n = int(fitted.data.act_counts[list(strain_refuges(fitted))].sum())
    found: dict[Question, Answered] = {}
    fits: dict[str, Sizes] = {}
    for one in questions:
        if one.word == "over time" and (one.since is None or day_of(timeline, one.since) <= 0.0):
            drift = drift_of(fitted, courses=False)
            mean, sd, occasions = drift.like_mean, drift.like_sd, None
            words = shown_as_often(mean, sd, "at the same load help is sought", f"as {drift.ago}", drift.told)
        else:
            step = _seeking_step(timeline, fitted, one)
            if isinstance(step, Unmeasured):
                found[one] = step
                continue
            mean, sd, when = step
            words = shown_as_often(mean, sd, "at the same load help is sought", f"{when} as before", math.exp)
            occasions = 1
        if sd > THIN * USUAL_SEEKING:
            found[one] = Unmeasured("how seeking changed can't be told closely enough yet", "more months on record")
            continue
        fit = f"seeking {one.word} {one.since or names_told(one.moments)}"
        found[one] = Measured(mean, sd, USUAL_SEEKING, "log ratio", n, words, fit, 0, occasions, held=True)
        fits[fit] = Sizes(np.array([mean]), np.array([[sd * sd]]), np.array([USUAL_SEEKING]))
    return found, fits


def _seeking_step(
    timeline: Timeline, fitted: StrainPosterior, question: Question
) -> tuple[float, float, str] | Unmeasured:
    """The log ratio of seeking after a day to before, and its sd, from a fit with a step there."""
    if question.word not in {"since", "over time"}:
        return Unmeasured("seeking is looked at over time only", never=True)
    course = course_of(timeline, question)
    if isinstance(course, Unmeasured):
        return course
    if question.since is not None:
        day = day_of(timeline, question.since)
    else:
        day = float(times_of(timeline, question.moments)[0])
    moved = refit(fitted, replace(fitted.data.settings, drift=Shape("step", at_day=day)))
    if moved is None:
        return Unmeasured("a change of seeking at that day can't be told from the rest")
    labels = [moved.data.refuges[k] for k in strain_refuges(moved)]
    if not labels:
        return Unmeasured("with a change at that day, no refuge is shown to be sought more as strain rises")
    mean, sd = moved.common("drift", labels, moved.prior_sd("drift", labels[0]))
    return mean, sd, course.words if question.word == "since" else f"since {timeline.instant(day).day_in_words}"


def relief_measures(questions: Sequence[Question], shared: Shared | CannotSay | None) -> dict[Question, Answered]:
    """Whether what company eases goes with an attribute, from the chapter on what refuges share (S13)."""
    found: dict[Question, Answered] = {}
    for one in questions:
        what = names_told(one.moments)
        if one.word != "in":
            found[one] = Unmeasured("relief is looked at by company only", never=True)
        elif shared is None or isinstance(shared, CannotSay):
            why = "what company eases was not looked at" if shared is None else shared.reason
            found[one] = Unmeasured(why, f"of whom it is known whether {what} is so")
        else:
            here = [
                known for known in shared.attributes for moment in one.moments if same_name(moment.name, known.name)
            ]
            found[one] = (
                _compared(max(here, key=lambda known: len(known.companies_with)), shared)
                if here
                else Unmeasured(
                    f"{what} is known of nobody who was met often enough, or of everybody",
                    f"of whom {what} is so and of whom it isn't: people, places, activities",
                )
            )
    return found


def _compared(known: SharedAttribute, shared: Shared) -> Compared:
    fits, against = len(known.fits), len(known.does_not_fit)
    easing = sum(name in known.companies_with for name in known.fits)
    words = (
        f"company of whom “{spoken(known.name)}” is known eases {share_words(known.difference)} "
        f"({fits} of {fits + against} fit)"
    )
    return Compared(
        attribute=known.name,
        log_ratios=tuple(known.log_ratio[width] for width in WIDTHS),
        n=len(shared.companies),
        words=words,
        known=known.known,
        tested_by=known.new_since,
        bears_out=known.fits,
        chance=1.0 if against else 1.0 / math.comb(fits, easing),
        same_as=known.same_as,
    )
