"""What clauses about strain ask: all that comes and goes in one refit of the strain model, what is slow beside it.

After an event: a jump of its own (`strain.exposed`). While something lasts, or with a signal: a course that feeds
strain (`strain.covariates`), beside the roles, demands and refuges of the usual fit: at the same load. The model's
strain forgets within days, and a life does not: so such a course is set against the weeks nearby, and told no more
closely than daily means allow. Since a day, in winter, over time: by a regression of weekly means whose errors wander.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mainstay.explanations.clauses_courses import (
    Course,
    against_nearby,
    course_of,
    events_named,
    names_told,
    once_each,
    told_of,
)
from mainstay.explanations.clauses_kinds import THIN, Answered, Measured, Question, Unmeasured
from mainstay.explanations.clauses_words import higher
from mainstay.explanations.evidence import Sizes
from mainstay.numerics.ou_regression import ou_regression
from mainstay.quantities import DAYS_PER_YEAR, CannotSay
from mainstay.records.statements_hypothesis import same_name
from mainstay.strain.criticise import strain_at_acts
from mainstay.strain.data import strain_data
from mainstay.strain.exposed import EITHER_WAY
from mainstay.strain.fitting import fit_beside
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Events, Floats, Samples, Timeline

STRAIN = "strain"
USUAL_JUMP, USUAL_LASTING, USUAL_WITH, USUAL_WINTER, USUAL_SHIFT = 0.75, 0.75, 0.4, 0.5, 0.75
"""Steps (sixths of the scale) that are usual where there is something: at once; while it lasts, or since, or a year;
for a signal's usual ups and downs; in mid-winter, against the mean of the year; after eight hours in a role."""

SHIFT_HOURS = 8.0
SAMPLES_A_DAY = 12
WEEK = 7.0
STEADY = "over time 0.000"
"""The course of a steady change over the whole record, which the model has a term for."""

FEWEST_WEEKS = 8


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
    held: bool = False


def strain_measures(
    timeline: Timeline, fitted: StrainPosterior, questions: Sequence[Question]
) -> tuple[dict[Question, Answered], dict[str, Sizes]]:
    """The answers to questions about strain, and the joint likelihood of their sizes. One refit for all."""
    found: dict[Question, Answered] = {}
    if not fitted.data.readings:
        return dict.fromkeys(questions, Unmeasured("there are no check-ins", "a check-in of strain each day")), {}
    jumps: dict[Question, str] = {}
    courses: dict[Question, Course] = {}
    slow: dict[Question, Course] = {}
    plain: dict[Question, Term] = {}
    for one in questions:
        jump: str | Term | Course | Measured | Unmeasured
        if one.word == "after":
            jump = _jump(timeline, fitted, one)
        elif one.word == "during" and all(moment.kind == "role" for moment in one.moments):
            jump = _role(timeline, fitted, one)
        else:
            jump = course_of(timeline, one)
        if isinstance(jump, str):
            jumps[one] = jump
        elif isinstance(jump, Course):
            if jump.slow:
                slow[one] = jump
            else:
                courses[one] = against_nearby(timeline, jump)
        elif isinstance(jump, Term):
            plain[one] = jump
        else:
            found[one] = jump
    slowly, fits = _slowly(timeline, fitted, once_each(timeline, slow)) if slow else ({}, {})
    found |= slowly
    fits |= {
        one.fit: Sizes(np.array([one.mean]), np.array([[one.sd**2]]), np.array([one.usual]))
        for one in found.values()
        if isinstance(one, Measured) and one.fit not in fits
    }
    asked, terms = _refitted(timeline, fitted, jumps, once_each(timeline, courses), plain)
    if isinstance(asked, CannotSay):
        return {**dict.fromkeys(questions, Unmeasured(asked.reason)), **found}, fits
    found |= {one: Unmeasured("it never changes in this record") for one in courses if one not in terms}
    answers, sizes = _read(asked, terms)
    return {**found, **answers}, {**fits, **sizes}


def _jump(timeline: Timeline, fitted: StrainPosterior, question: Question) -> str | Term | Measured | Unmeasured:
    """What the term for these events is called; or what the fit says of a demand or of a refuge already.

    Events that are part of a demand stay in it: their term is what they add beyond the others of their kind.
    """
    named, what = events_named(timeline, question.moments), told_of(timeline, question.moments)
    if not named:
        return Unmeasured(f"{what} is not on record", f"{what} as an event, each time it happens")
    demands = [(one.label, bool(at.all())) for one, at in named if one.label in fitted.data.demands]
    if len(named) == 1 and demands and demands[0][1]:
        label = demands[0][0]
        n = len(timeline.events[label].times)
        return Term(f"demand:{label}", 1.0, USUAL_JUMP, f"after {what}", n, n, held=True)
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
    return Measured(size, spread, USUAL_JUMP, "steps", n, words, f"relief of {label}", 0, n, held=True)


def _role(timeline: Timeline, fitted: StrainPosterior, question: Question) -> Term | Unmeasured:
    what = names_told(question.moments)
    for label in fitted.data.roles:
        if any(same_name(moment.name, label) for moment in question.moments):
            rate = math.exp(fitted.marginal("log_recovery_rate")[0])
            share = 1.0 - math.exp(-rate * SHIFT_HOURS / 24.0)
            n = len(timeline.episodes[label].starts)
            return Term(f"gain:{label}", share, USUAL_SHIFT, f"after eight hours as “{label}”", n, n, held=True)
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
    channels = {course.key: course for course in courses.values()}
    events, label_of = _with_jumps(timeline, jumps)
    grid = (np.arange(math.ceil(timeline.days * SAMPLES_A_DAY)) + 0.5) / SAMPLES_A_DAY
    samples = {key: Samples(key, "", grid, course.values(grid)) for key, course in channels.items()}
    there = tuple(key for key, one in samples.items() if _varies(one.values))
    labels = tuple(dict.fromkeys(label_of.values()))
    own = [name for name in fitted.data.settings.covariates if not any(key.startswith(f"with {name}") for key in there)]
    settings = replace(
        fitted.data.settings,
        covariates=(*own, *there),
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
        least = _least_sd(timeline, fitted, course)
        if course.key in data.covariates:
            values = course.values(middles)
            known = np.isfinite(values)
            sd = float(np.sqrt(np.cov(values[known], aweights=weight[known])))
            usual = USUAL_WITH if course.per_sd else USUAL_LASTING
            terms[one] = Term(f"covariate:{course.key}", 1.0 / sd, usual, course.words, n, course.occasions, least)
    for one, label in label_of.items():
        ids = events[label].ids
        terms[one] = Term(f"demand:{label}", 1.0, USUAL_JUMP, jumps[one], len(ids), len(ids), 0.0, ids)
    return posterior, terms


def _varies(values: Floats) -> bool:
    known = values[np.isfinite(values)]
    return len(known) > 1 and float(np.ptp(known)) > 0.0


def _with_jumps(timeline: Timeline, jumps: dict[Question, str]) -> tuple[dict[str, Events], dict[Question, str]]:
    """The events with those that are asked about as labels of their own, taken out of labels outside the fit.

    And the label that answers each question: the same for questions about the very same events.
    """
    events = dict(timeline.events)
    taken: dict[str, NDArray[np.bool_]] = {}
    labels: dict[tuple[str, ...], str] = {}
    label_of: dict[Question, str] = {}
    for question, words in jumps.items():
        named = events_named(timeline, question.moments)
        for series, at in named:
            taken[series.label] = taken.get(series.label, np.zeros(len(series.times), bool)) | at
        times = np.concatenate([series.times[at] for series, at in named])
        order = np.argsort(times, kind="stable")
        widths = np.concatenate([series.half_widths[at] for series, at in named])
        every = [known for series, at in named for known, inside in zip(series.ids, at, strict=True) if inside]
        ids = tuple(every[i] for i in order)
        label = label_of[question] = labels.setdefault(ids, f"{words} ({len(labels) + 1})")
        events[label] = Events(label, "other", times[order], np.full(len(ids), np.nan), widths[order], ids)
    for label, gone in taken.items():
        if timeline.events[label].is_ not in {"relief", "control", "demand"}:
            events[label] = timeline.events[label].where(~gone)
    return events, label_of


def _least_sd(timeline: Timeline, fitted: StrainPosterior, course: Course) -> float:
    """The sd in steps that daily means of the check-ins leave on a course where strain may wander for weeks."""
    ratings = timeline.ratings[fitted.data.items[0]]
    known = np.isfinite(values := course.values(ratings.times))
    columns = (ratings.times, ratings.values / fitted.data.unit, values)
    times, told, seen = _means(columns, known, 1.0)
    design = np.column_stack([np.ones(len(times)), seen])
    if len(times) < design.shape[1] + 3 or np.linalg.matrix_rank(design) < design.shape[1]:
        return math.inf
    return math.sqrt(float(ou_regression(times, told, design).covariance[1, 1]))


def _means(columns: Sequence[Floats], known: np.ndarray, length: float) -> list[Floats]:
    """Means of columns (n,) over stretches of so many days, of what is known of them."""
    at = np.unique(np.floor(columns[0][known] / length), return_inverse=True)[1]
    n = np.bincount(at)
    return [np.bincount(at, one[known]) / n for one in columns]


def _slowly(
    timeline: Timeline, fitted: StrainPosterior, courses: dict[Question, Course]
) -> tuple[dict[Question, Answered], dict[str, Sizes]]:
    """What changes slowly, by a regression of weekly means on it, on a trend and on the load of the week.

    Its errors wander, by half in up to two months: what the model of strain, which forgets within days, would take for
    certain. Hours in roles and demands are held alike; relief is not, for it follows strain.
    """
    data, ratings = fitted.data, timeline.ratings[fitted.data.items[0]]
    sign = float(data.worse_signs[0])
    steps = sign * ratings.values / data.unit
    everything = np.ones(len(steps), bool)
    keys = list(dict.fromkeys(course.key for course in courses.values()))
    each = [next(course for course in courses.values() if course.key == key) for key in keys]
    times, told, *seen = _means([ratings.times, steps, *(one.values(ratings.times) for one in each)], everything, WEEK)
    trend = [] if STEADY in keys else [times / DAYS_PER_YEAR]
    design = _independent([np.ones(len(times)), *seen, *trend, *_load(timeline, fitted, times)], 1 + len(keys))
    thin = Unmeasured("what is on record can't tell it from other slow changes", "more months on record")
    if design is None or len(times) < design.shape[1] + FEWEST_WEEKS:
        if len(keys) == 1:
            return dict.fromkeys(courses, thin), {}
        parts = [_slowly(timeline, fitted, {q: c for q, c in courses.items() if c.key == key}) for key in keys]
        return {q: a for some, _ in parts for q, a in some.items()}, {
            n: f for _, fits in parts for n, f in fits.items()
        }
    found = ou_regression(times, told, design)
    mean, covariance = found.coefficients[1 : 1 + len(keys)], found.covariance[1 : 1 + len(keys), 1 : 1 + len(keys)]
    usual = np.array([USUAL_WINTER if one.key == "in winter" else USUAL_LASTING for one in each])
    name = f"{STRAIN} {'+'.join(keys)}"
    answers: dict[Question, Answered] = {}
    for question, course in courses.items():
        i = keys.index(course.key)
        size, sd = float(mean[i]), math.sqrt(float(covariance[i, i]))
        words = higher(size * data.unit, sd * data.unit, data.unit_name, course.words)
        answers[question] = (
            thin
            if sd > THIN * usual[i]
            else Measured(size, sd, float(usual[i]), "steps", len(steps), words, name, i, course.occasions)
        )
    return answers, {name: Sizes(mean, covariance, usual)}


def _load(timeline: Timeline, fitted: StrainPosterior, times: Floats) -> list[Floats]:
    """The load of the weeks about these times: days in each role, and the sizes of demands."""
    weeks = np.floor(times / WEEK).astype(np.int64)
    columns = []
    parts = (np.arange(7 * 24) + 0.5) / 24.0
    for role in fitted.data.roles:
        at = (WEEK * weeks[:, None] + parts).ravel()
        columns.append(timeline.episodes[role].occupied(at).reshape(len(weeks), -1).mean(axis=1))
    for label in fitted.data.demands:
        one = timeline.events[label]
        size = np.where(np.isfinite(one.sizes), one.sizes, 1.0)
        total = np.bincount(np.floor(one.times / WEEK).astype(np.int64), size, int(weeks.max()) + 2)
        columns.append(total[weeks])
    return columns


def _independent(columns: Sequence[Floats], needed: int) -> Floats | None:
    """The columns side by side (n, k), without those that say nothing new; None where one of the first does not."""
    kept: list[Floats] = []
    for i, one in enumerate(columns):
        design = np.column_stack([*kept, one])
        if np.linalg.matrix_rank(design) == design.shape[1]:
            kept.append(one)
        elif i < needed:
            return None
    return np.column_stack(kept)


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
            term.evidence, term.held,
        )  # fmt: skip
    return found, {STRAIN: Sizes(mean, covariance, usual)}
