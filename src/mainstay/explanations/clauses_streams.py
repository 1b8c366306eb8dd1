"""What clauses about answers, signals, events and hours ask, by regressions that allow for what hangs together in time.

Readings: regression with errors that wander (Ornstein-Uhlenbeck; `numerics.ou_regression`). Counts and hours: a
log-linear rate by week (by day, for what comes and goes within weeks) whose variance is widened by how much weeks
scatter beyond chance and by how long that lasts, (1 + r) / (1 - r) for a correlation r from one week to the next.
Events count only where it is known how fully they were recorded.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mainstay.explanations.clauses_courses import Course, course_of, once_each
from mainstay.explanations.clauses_kinds import THIN, Answered, Measured, Question, Unmeasured
from mainstay.explanations.clauses_words import as_many, higher, shown_as_often
from mainstay.explanations.evidence import Sizes
from mainstay.notice.series import Series, series_of
from mainstay.numerics.ou_regression import ou_regression
from mainstay.records.statements_hypothesis import Subject, same_name
from mainstay.strain.exposure import recording_logged, unknown_spans
from mainstay.strain.habit import habit_of, log_linear, with_habit
from mainstay.strain.problem import STEPS_OF_A_SCALE
from mainstay.timeline.kinds import Episodes, Events, Floats, Timeline

USUAL_READING, USUAL_RATE = 0.75, 0.7
"""Steps of an item's scale (or a signal's own sds), and log ratios, that are usual where there is something."""

FEWEST_READINGS, FEWEST_COUNTED = 20, 10
WEEK = 7.0
WIDE = 10.0
EVENTS_OF = {"demands": "demand", "slips": "slip", "relief acts": "relief"}


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """A stream as its questions see it: readings (`values` at `times`), or amounts by day with their exposure."""

    name: str
    kind: str
    times: Floats
    values: Floats
    exposure: Floats
    unit: str
    evidence: tuple[str, ...] = ()
    held: bool = False


def stream_measures(
    timeline: Timeline, questions: Sequence[Question]
) -> tuple[dict[Question, Answered], dict[str, Sizes]]:
    """The answers to questions about streams other than strain, seeking and relief, and their joint likelihoods."""
    found: dict[Question, Answered] = {}
    fits: dict[str, Sizes] = {}
    by_stream: dict[tuple[Subject, ...], list[Question]] = {}
    for one in questions:
        by_stream.setdefault(one.subjects, []).append(one)
    series = {one.name: one for one in series_of(_recorded(timeline))} if by_stream else {}
    for subjects, asked in by_stream.items():
        stream = _stream(timeline, subjects, series)
        if isinstance(stream, Unmeasured):
            found |= dict.fromkeys(asked, stream)
            continue
        courses: dict[Question, Course] = {}
        for one in asked:
            course = course_of(timeline, one)
            if isinstance(course, Unmeasured):
                found[one] = course
            elif course.key == f"with {stream.name}":
                found[one] = Unmeasured(f"“{stream.name}” can't be set against itself", never=True)
            else:
                courses[one] = course
        for slow in (True, False):
            some = once_each(timeline, {one: course for one, course in courses.items() if course.slow == slow})
            if some:
                answers, sizes = _measured(stream, some, slow)
                found |= answers
                fits |= sizes
    return found, fits


def _recorded(timeline: Timeline) -> Timeline:
    """The timeline with controls standing in for a log of how fully things were recorded, where there is none."""
    habit = None if recording_logged(timeline, timeline.of_events("relief")) else habit_of(timeline)
    return timeline if habit is None else with_habit(timeline, habit)


def _stream(timeline: Timeline, subjects: tuple[Subject, ...], series: dict[str, Series]) -> Stream | Unmeasured:
    kind, named = subjects[0].kind, " or ".join(f"“{one.name or one.kind}”" for one in subjects)
    if kind in {"item", "signal"}:
        for one in subjects:
            for known in series.values():
                if same_name(one.name, known.name) and known.kind in {"rating", "signal"}:
                    return _readings(timeline, known)
        return Unmeasured(f"{named} is not on record", f"{named}, once a day or more")
    if kind == "event" or kind in EVENTS_OF:
        events = [
            one
            for one in timeline.events.values()
            if any(
                same_name(s.name, one.label) if s.kind == "event" else one.is_ == EVENTS_OF[s.kind] for s in subjects
            )
        ]
        return _events(timeline, kind, named, events, series)
    roles = [one for one in timeline.roles if _is_meant(one, subjects)]
    if not roles:
        return Unmeasured(f"hours in {named} are not on record", f"{named}, from when to when")
    return _hours(timeline, roles)


def _is_meant(role: Episodes, subjects: tuple[Subject, ...]) -> bool:
    return any(
        role.is_self
        if one.kind == "self"
        else not role.is_self
        if one.kind == "roles"
        else same_name(one.name, role.label)
        for one in subjects
    )


def _readings(timeline: Timeline, series: Series) -> Stream | Unmeasured:
    spread = float(series.values.std()) if len(series.values) else 0.0
    if len(series.values) < FEWEST_READINGS or spread == 0.0:
        return Unmeasured(f"“{series.name}” is not on record often enough", f"“{series.name}” once a day")
    if series.kind == "rating":
        item = timeline.ratings[series.name].item
        step, unit = (item.high - item.low) / STEPS_OF_A_SCALE, series.unit
    else:
        step, unit = spread, series.unit
    return Stream(series.name, f"reading {step!r}", series.times, series.values / step, np.ones(0), unit)


def _events(
    timeline: Timeline, kind: str, named: str, events: Sequence[Events], series: dict[str, Series]
) -> Stream | Unmeasured:
    what = named if kind == "event" else kind
    if not events or sum(len(one.times) for one in events) < FEWEST_COUNTED:
        return Unmeasured(f"{what} are hardly on record", f"{what}, each time")
    recorded = _recorded(timeline)
    if not recording_logged(recorded, tuple(events)):
        return Unmeasured(
            f"how fully {what} were recorded was not logged, and more on record may be more that was written down",
            "a log of how fully each stretch was recorded",
        )
    counted = [series[one.label] for one in events]
    values = np.sum([one.values for one in counted], axis=0)
    exposure = np.mean([one.exposure for one in counted], axis=0)
    ids = tuple(known for one in events for known in one.ids)
    return Stream(
        what,
        "events",
        counted[0].times,
        values,
        exposure,
        "times as often",
        ids,
        all(one.is_ == "relief" for one in events),
    )


def _hours(timeline: Timeline, roles: Sequence[Episodes]) -> Stream:
    """Hours a day in these roles; days on which nothing is known are left out."""
    days = max(math.floor(timeline.days), 1)
    edges = np.arange(days + 1, dtype=float)
    values = np.zeros(days)
    for role in roles:
        for start, end in zip(role.starts, role.ends, strict=True):
            first, last = max(math.floor(start), 0), min(math.ceil(end), days)
            for day in range(first, last):
                values[day] += 24.0 * max(min(end, day + 1.0) - max(start, float(day)), 0.0)
    exposure = np.ones(days)
    for start, end in unknown_spans(timeline):
        exposure -= np.clip(np.minimum(edges[1:], end) - np.maximum(edges[:-1], start), 0.0, 1.0)
    exposure = np.maximum(exposure, 0.0)
    name = "as oneself" if all(one.is_self for one in roles) else " and ".join(f"“{one.label}”" for one in roles)
    ids = tuple(known for one in roles for known in one.ids)
    return Stream(f"hours {name}", "hours", edges[1:], np.where(exposure > 0.0, values, 0.0), exposure, "times", ids)


def _measured(
    stream: Stream, courses: dict[Question, Course], slow: bool
) -> tuple[dict[Question, Answered], dict[str, Sizes]]:
    """One regression of a stream on its slow, or its quick, courses together."""
    keys = list(dict.fromkeys(course.key for course in courses.values()))
    each = [next(course for course in courses.values() if course.key == key) for key in keys]
    reading = stream.kind.startswith("reading")
    times, values, exposure = (stream.times, stream.values, None) if reading else _bins(stream, WEEK if slow else 1.0)
    columns = np.stack([_column(stream, course, times, slow=slow, reading=reading) for course in each], axis=1)
    known = np.isfinite(columns).all(axis=1) & (np.ones(len(times), bool) if exposure is None else exposure > 0.0)
    columns, times, values = columns[known], times[known], values[known]
    thin = Unmeasured("what is on record of it hardly differs", "more of it on record, in both cases")
    design = np.column_stack([np.ones(len(times)), columns])
    if len(times) < design.shape[1] + 3 or np.linalg.matrix_rank(design) < design.shape[1]:
        if len(keys) == 1:
            return dict.fromkeys(courses, thin), {}
        parts = [_measured(stream, {q: c for q, c in courses.items() if c.key == key}, slow) for key in keys]
        return {q: a for found, _ in parts for q, a in found.items()}, {
            n: s for _, fits in parts for n, s in fits.items()
        }
    if exposure is None:
        fitted = ou_regression(times, values, design)
        mean, covariance, usual = fitted.coefficients[1:], fitted.covariance[1:, 1:], USUAL_READING
        n = len(times)
    else:
        mean, covariance = _rates(design, values, exposure[known])
        usual, n = USUAL_RATE, int(values.sum())
    name = f"{stream.name} {'slowly' if slow else 'quickly'} {'+'.join(keys)}"
    sizes = Sizes(mean, covariance, np.full(len(keys), usual))
    found: dict[Question, Answered] = {}
    for question, course in courses.items():
        i = keys.index(course.key)
        sd = math.sqrt(float(covariance[i, i]))
        if sd > THIN * usual:
            found[question] = thin
            continue
        words = _words(stream, course, float(mean[i]), sd)
        unit = "steps" if reading else "log ratio"
        found[question] = Measured(
            float(mean[i]), sd, usual, unit, n, words, name, i, course.occasions, stream.evidence, stream.held
        )
    return found, {name: sizes}


def _bins(stream: Stream, length: float) -> tuple[Floats, Floats, Floats]:
    """Middles, amounts and exposures of bins of so many days."""
    at = np.floor((stream.times - 1e-6) / length).astype(np.int64)
    count = int(at.max()) + 1
    amounts: Floats = np.bincount(at, np.where(stream.exposure > 0.0, stream.values, 0.0), count).astype(np.float64)
    exposure: Floats = np.bincount(at, stream.exposure, count).astype(np.float64)
    middles = np.arange(0.5, count) * np.float64(length)
    return middles, amounts, exposure


def _column(stream: Stream, course: Course, times: Floats, *, slow: bool, reading: bool) -> Floats:
    """The course at readings, or its mean over each bin."""
    if reading:
        return course.values(times)
    length = WEEK if slow else 1.0
    parts = (np.arange(12) + 0.5) / 12.0 - 0.5
    values = course.values((times[:, None] + length * parts).ravel()).reshape(len(times), -1)
    known = np.isfinite(values)
    total: Floats = np.where(known, values, 0.0).sum(axis=1)
    return np.where(known.any(axis=1), total / np.maximum(known.sum(axis=1), 1), np.nan)


def _rates(design: Floats, amounts: Floats, exposure: Floats) -> tuple[Floats, Floats]:
    """Log-linear coefficients without the intercept, and their covariance, widened by scatter and its memory."""
    at, covariance = log_linear(design.T, amounts, exposure, WIDE)
    expected = exposure * np.exp(design @ at)
    n, k = design.shape
    residual = (amounts - expected) / np.sqrt(np.maximum(expected, 1e-9))
    scatter = max(float((residual**2).sum()) / (n - k), 1.0)
    r = float(residual[1:] @ residual[:-1]) / max(float(residual @ residual), 1e-9)
    r = min(max(r + (1.0 + 3.0 * r) / n, 0.0), 0.9)
    return at[1:], covariance[1:, 1:] * scatter * (1.0 + r) / (1.0 - r)


def _words(stream: Stream, course: Course, mean: float, sd: float) -> str:
    if stream.kind.startswith("reading"):
        step = float(stream.kind.split(" ")[1])
        return higher(mean * step, sd * step, stream.unit, course.words, f"“{stream.name}”")
    if stream.kind == "hours":
        return as_many(mean, sd, stream.name, course.words)
    return shown_as_often(mean, sd, f"{stream.name} come", course.words, math.exp)
