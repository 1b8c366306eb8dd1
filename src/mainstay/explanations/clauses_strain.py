"""What clauses about strain, seeking and relief ask, from the strain model: all terms of strain in one refit.

After an event: a jump of its own (`strain.exposed`). While something lasts, since a day, in winter, with a signal: a
course that feeds strain (`strain.covariates`), beside the roles, demands and refuges of the usual fit: at the same
load. What is slow is told no more closely than a regression of the check-ins allows whose errors may wander for weeks:
the model's strain forgets within days, and a life does not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mainstay.explanations.clauses_courses import Course, course_of, day_of, events_named, names_told, times_of
from mainstay.explanations.clauses_kinds import Answered, Compared, Measured, Question, Unmeasured
from mainstay.explanations.clauses_words import higher, share_words, shown_as_often, spoken
from mainstay.explanations.evidence import WIDTHS, Sizes
from mainstay.numerics.ou_regression import ou_regression
from mainstay.patterns.shared import Shared
from mainstay.patterns.shared_evidence import SharedAttribute
from mainstay.quantities import DAYS_PER_YEAR, Answer, CannotSay
from mainstay.records.statements_hypothesis import same_name
from mainstay.strain.criticise import strain_at_acts
from mainstay.strain.data import strain_data
from mainstay.strain.drawing import strain_refuges
from mainstay.strain.drift import drift_of
from mainstay.strain.exposed import EITHER_WAY
from mainstay.strain.fitting import fit_beside, refit
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.settings import Shape
from mainstay.strain.threshold import threshold_answer
from mainstay.timeline.kinds import Events, Floats, Samples, Timeline

STRAIN = "strain"
USUAL_JUMP, USUAL_LASTING, USUAL_WITH, USUAL_WINTER, USUAL_SHIFT = 0.75, 0.75, 0.4, 0.5, 0.75
"""Steps (sixths of the scale) that are usual where there is something: at once; while it lasts, or since, or a year;
for a signal's usual ups and downs; in mid-winter, against the mean of the year; after eight hours in a role."""

USUAL_SEEKING = math.log(2.0)
SHIFT_HOURS = 8.0
SAMPLES_A_DAY = 12
THIN = 2.0
"""A size known to no better than twice what is usual says next to nothing."""


@dataclass(frozen=True, slots=True)
class Term:
    """One coordinate of the refit that answers questions: its name, and what turns it into steps as they are told."""

    coordinate: str
    scale: float
    usual: float
    words: str
    n: int
    occasions: int | None
    sd_at_least: float = 0.0
    evidence: tuple[str, ...] = ()


def strain_measures(
    timeline: Timeline, fitted: StrainPosterior, questions: Sequence[Question]
) -> tuple[dict[Question, Answered], dict[str, Sizes]]:
    """The answers to questions about strain, and the joint likelihood of their sizes. One refit for all."""
    found: dict[Question, Answered] = {}
    if not fitted.data.readings:
        return dict.fromkeys(questions, Unmeasured("there are no check-ins", "a check-in of strain each day")), {}
    jumps: dict[Question, str] = {}
    courses: dict[Question, Course] = {}
    plain: dict[Question, Term] = {}
    for one in questions:
        if one.word == "after":
            jump = _jump(timeline, fitted, one)
        elif one.word == "during" and all(moment.kind == "role" for moment in one.moments):
            jump = _role(timeline, fitted, one)
        else:
            jump = course_of(timeline, one)
        if isinstance(jump, str):
            jumps[one] = jump
        elif isinstance(jump, Course):
            courses[one] = jump
        elif isinstance(jump, Term):
            plain[one] = jump
        else:
            found[one] = jump
    asked, terms = _refitted(timeline, fitted, jumps, courses, plain)
    if isinstance(asked, CannotSay):
        return {**found, **dict.fromkeys(set(questions) - set(found), Unmeasured(asked.reason))}, {}
    found |= {one: Unmeasured("it never changes in this record") for one in courses if one not in terms}
    answers, sizes = _read(asked, terms)
    return {**found, **answers}, sizes


def _jump(timeline: Timeline, fitted: StrainPosterior, question: Question) -> str | Measured | Unmeasured:
    """The label of the term for what comes after some events; or what the fit says of a refuge already."""
    named, what = events_named(timeline, question.moments), names_told(question.moments)
    if not named:
        return Unmeasured(f"{what} is not on record", f"{what} as an event, each time it happens")
    refuges = [(one.label, bool(at.all())) for one, at in named if one.label in fitted.data.refuges]
    if not refuges:
        return f"after {what}"
    if len(named) > 1 or not refuges[0][1]:
        return Unmeasured(f"{what} is part of what is sought as a refuge, and is not told apart from it")
    label = refuges[0][0]
    mean, sd = fitted.marginal("efficacy", label)
    share, before = 1.0 / (1.0 + math.exp(-mean)), max(strain_at_acts(fitted)[label], 0.0)
    size, unit = -share * before, fitted.data.unit
    spread = max(share * (1.0 - share) * sd * before, 1e-3)
    words = higher(size * unit, spread * unit, fitted.data.unit_name, f"after {what}")
    n = len(timeline.events[label].times)
    return Measured(size, spread, USUAL_JUMP, "steps", n, words, f"relief of {label}", 0, n)


def _role(timeline: Timeline, fitted: StrainPosterior, question: Question) -> Term | Unmeasured:
    what = names_told(question.moments)
    for label in fitted.data.roles:
        if any(same_name(moment.name, label) for moment in question.moments):
            rate = math.exp(fitted.marginal("log_recovery_rate")[0])
            share = 1.0 - math.exp(-rate * SHIFT_HOURS / 24.0)
            n = len(timeline.episodes[label].starts)
            return Term(f"gain:{label}", share, USUAL_SHIFT, f"after eight hours as “{label}”", n, n)
    return Unmeasured(f"{what} is not on record often enough", f"{what}, from when to when")


def _refitted(
    timeline: Timeline,
    fitted: StrainPosterior,
    jumps: dict[Question, str],
    courses: dict[Question, Course],
    plain: dict[Question, Term],
) -> tuple[StrainPosterior | CannotSay, dict[Question, Term]]:
    """The fit with a term for each jump and course, and which term answers which question."""
    if not jumps and not courses:
        return fitted, dict(plain)
    steps = {one: course for one, course in courses.items() if course.key != "over time 0.000"}
    channels = {course.key: course for course in steps.values()}
    events = _with_jumps(timeline, jumps, fitted.data.refuges)
    grid = (np.arange(math.ceil(timeline.days * SAMPLES_A_DAY)) + 0.5) / SAMPLES_A_DAY
    samples = {key: Samples(key, "", grid, course.values(grid)) for key, course in channels.items()}
    there = tuple(key for key, one in samples.items() if _varies(one.values))
    labels = tuple(dict.fromkeys(jumps.values()))
    settings = replace(
        fitted.data.settings,
        covariates=(*fitted.data.settings.covariates, *there),
        exposures=(*fitted.data.settings.exposures, *labels),
        priors={**fitted.data.settings.priors, **{f"demand:{label}": EITHER_WAY for label in labels}},
    )
    changed = replace(timeline, events=events, samples={**timeline.samples, **samples})
    data = strain_data(changed, settings)
    posterior = fit_beside(data, fitted)
    terms = dict(plain)
    middles, weight = data.knots - 0.5 * data.problem.dt, data.problem.dt
    n = data.readings
    for one, course in courses.items():
        least = _slow_sd(timeline, fitted, course) if course.slow else 0.0
        if course.key not in channels:
            terms[one] = Term("growth:rest", 1.0, USUAL_LASTING, course.words, n, None, least)
        elif course.key in data.covariates:
            values = course.values(middles)
            known = np.isfinite(values)
            sd = 1.0 if course.per_sd else float(np.sqrt(np.cov(values[known], aweights=weight[known])))
            usual = USUAL_WITH if course.per_sd else USUAL_WINTER if one.word == "in winter" else USUAL_LASTING
            terms[one] = Term(f"covariate:{course.key}", 1.0 / sd, usual, course.words, n, course.occasions, least)
    for one, label in jumps.items():
        times = events[label].times
        words = f"after {names_told(one.moments)}"
        terms[one] = Term(f"demand:{label}", 1.0, USUAL_JUMP, words, len(times), len(times), 0.0, events[label].ids)
    return posterior, terms


def _varies(values: Floats) -> bool:
    known = values[np.isfinite(values)]
    return len(known) > 1 and float(np.ptp(known)) > 0.0


def _with_jumps(timeline: Timeline, jumps: dict[Question, str], refuges: Sequence[str]) -> dict[str, Events]:
    """The events with those that are asked about as labels of their own, taken out of the labels they had."""
    events, taken = dict(timeline.events), {}
    for question, label in jumps.items():
        named = events_named(timeline, question.moments)
        for series, at in named:
            taken[series.label] = taken.get(series.label, np.zeros(len(series.times), bool)) | at
        times = np.concatenate([series.times[at] for series, at in named])
        order = np.argsort(times, kind="stable")
        widths = np.concatenate([series.half_widths[at] for series, at in named])
        ids = [known for series, at in named for known, inside in zip(series.ids, at, strict=True) if inside]
        nothing = np.full(len(times), np.nan)
        events[label] = Events(label, "other", times[order], nothing, widths[order], tuple(ids[i] for i in order))
    for label, at in taken.items():
        if label not in refuges:
            events[label] = _left(timeline.events[label], ~at)
    return events


def _left(series: Events, at: np.ndarray) -> Events:
    return replace(
        series,
        times=series.times[at],
        sizes=series.sizes[at],
        half_widths=series.half_widths[at],
        ids=tuple(one for one, kept in zip(series.ids, at, strict=True) if kept),
        sources=tuple(one for one, kept in zip(series.sources, at, strict=True) if kept) if series.sources else (),
    )


def _slow_sd(timeline: Timeline, fitted: StrainPosterior, course: Course) -> float:
    """The sd in steps that the check-ins leave on a slow course beside a trend, where strain may wander for weeks."""
    ratings = timeline.ratings[fitted.data.items[0]]
    year = ratings.times / DAYS_PER_YEAR
    columns = [np.ones(len(year)), course.values(ratings.times)]
    if course.key != "over time 0.000":
        columns.append(year)
    design = np.column_stack(columns)
    if len(year) < design.shape[1] + 3 or np.linalg.matrix_rank(design) < design.shape[1]:
        return math.inf
    found = ou_regression(ratings.times, ratings.values / fitted.data.unit, design)
    return math.sqrt(float(found.covariance[1, 1]))


def _read(posterior: StrainPosterior, terms: dict[Question, Term]) -> tuple[dict[Question, Answered], dict[str, Sizes]]:
    """Answers from the terms of the refit: the likelihood of their coordinates together, without their priors."""
    names = list(dict.fromkeys(term.coordinate for term in terms.values()))
    if not names:
        return {}, {}
    place = posterior.coordinates
    at = [place.names.index(name) for name in names]
    first = {name: next(term for term in terms.values() if term.coordinate == name) for name in names}
    scale = np.array([first[name].scale for name in names])
    prior = place.prior_sd[at] ** -2.0
    precision = np.linalg.inv(posterior.covariance[np.ix_(at, at)])
    pull = precision @ posterior.mean[at] - prior * place.prior_mean[at]
    values, vectors = np.linalg.eigh(precision - np.diag(prior))
    covariance = (vectors / np.maximum(values, 1e-4)) @ vectors.T
    mean = scale * (covariance @ pull)
    covariance = covariance * np.outer(scale, scale)
    sd = np.sqrt(np.diag(covariance))
    least = np.array([first[name].sd_at_least for name in names])
    wider = np.where(np.isfinite(least), np.maximum(least / sd, 1.0), 1e3)
    covariance, sd = covariance * np.outer(wider, wider), sd * wider
    usual = np.array([first[name].usual for name in names])
    unit, unit_name = posterior.data.unit, posterior.data.unit_name
    found: dict[Question, Answered] = {}
    for question, term in terms.items():
        i = names.index(term.coordinate)
        if sd[i] > THIN * usual[i]:
            found[question] = Unmeasured(
                f"what strain does {term.words} can't be told closely enough yet",
                "check-ins before, meanwhile and after, for longer or more often",
            )
            continue
        words = higher(float(mean[i]) * unit, float(sd[i]) * unit, unit_name, term.words)
        found[question] = Measured(
            float(mean[i]), float(sd[i]), float(usual[i]), "steps", term.n, words, STRAIN, i, term.occasions,
            term.evidence,
        )  # fmt: skip
    return found, {STRAIN: Sizes(mean, covariance, usual)}


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
        found[one] = Measured(mean, sd, USUAL_SEEKING, "log ratio", n, words, fit, 0, occasions)
        fits[fit] = Sizes(np.array([mean]), np.array([[sd * sd]]), np.array([USUAL_SEEKING]))
    return found, fits


def _seeking_step(
    timeline: Timeline, fitted: StrainPosterior, question: Question
) -> tuple[float, float, str] | Unmeasured:
    """The log ratio of seeking after a day to before, and its sd, from a fit with a step there."""
    if question.word not in {"since", "over time"}:
        return Unmeasured("seeking is looked at over time only", never=True)
    course = course_of(timeline, replace(question, moments=question.moments))
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
    words = (
        f"company of whom “{spoken(known.name)}” is known eases {share_words(known.difference)} "
        f"(as it says in {fits} of {fits + against} cases)"
    )
    return Compared(
        known.name,
        tuple(known.log_ratio[width] for width in WIDTHS),
        len(shared.companies),
        words,
        known.known,
        known.new_since,
        known.fits,
        known.same_as,
    )
