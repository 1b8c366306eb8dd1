"""What could be recorded or asked next: every clause that the record does not answer, or answers too weakly.

How exact an answer would be is taken from what this record has measured of the same kind, in sizes that are usual;
where there is nothing of the kind, from `PRECISION`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from mainstay.explanations import observing_burden as burden
from mainstay.explanations.clauses_courses import times_of
from mainstay.explanations.clauses_kinds import Measured, Question, Unmeasured, question_of
from mainstay.explanations.evidence import STATES, WIDTHS, Open, forbidden, predicted
from mainstay.explanations.evidence_scored import Key, Observed, Scored
from mainstay.explanations.explaining import Explained
from mainstay.explanations.observing import chances_of_states, estimates_to_come, states_of_size, with_none
from mainstay.explanations.weights import UNLISTED
from mainstay.records.statements_hypothesis import Clause
from mainstay.timeline.kinds import Floats, Timeline

WEEKS, LONGER_WEEKS, HALF_A_YEAR = 4.0, 8.0, 26.0
PRECISION = {"with": 0.8, "after": 0.5, "during": 1.0, "since": 0.4, "over time": 1.0, "in winter": 1.0}
"""The sd of an answer about strain after four weeks (since a day in the past: at once; over time, in winter: after half
a year), over the usual size: medians of simulated people with five check-ins a day, the last two settled."""

IF_THE_CAUSE, OTHERWISE = 0.95, 0.3
"""How often something that a cause needs has happened: if it is the cause, and if it isn't."""

YES_IF_THE_CAUSE, YES_OTHERWISE = 0.75, 0.25
"""How often a person says yes to the question a hypothesis asks: an answer from memory earns a factor of 3."""

FEW = 2
EVERYTHING: Open = frozenset(STATES)
KINDS_IN_WORDS = {
    "strain": "how strained you are", "seeking": "what you seek when it is too much", "demands": "what is asked of you",
    "roles": "the hours in your roles", "self": "your hours as yourself", "slips": "what goes wrong",
    "relief acts": "what you seek when it is too much",
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """Something that could be recorded or asked next.

    `about`: the hypothesis it would tell most of; `do`: what to do, as a sentence; `if_so`: what would speak for it, as
    a half sentence. `chances`: by width (`WIDTHS`), the chances (candidates, outcomes) of what could come out; `none`:
    the first outcome is that there was nothing of the kind. `minutes`: its burden.
    """

    about: str
    do: str
    if_so: str
    chances: tuple[Floats, ...]
    minutes: float
    none: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """How things stand: the ranked hypotheses, the candidates' names with the unlisted cause last, weights by width.

    `measured`: what is known of strain, each with the word of time it was asked by.
    """

    timeline: Timeline
    ranked: tuple[Scored, ...]
    names: tuple[str, ...]
    weights: tuple[Floats, ...]
    measured: tuple[tuple[str, Measured], ...]


def standing(explained: Explained, timeline: Timeline) -> Standing:
    """How things stand in what was explained. What is parked or set aside is not among it, and is never asked about."""
    ranked = tuple(one for one in explained.scored if not one.parked)
    names = (*(one.name for one in ranked), UNLISTED)
    weights = tuple(
        np.array([explained.weight(name).by_width[width] for name in names]) for width in range(len(WIDTHS))
    )
    found = explained.measures.found.items()
    measured = tuple((asked.word, one) for asked, one in found if isinstance(one, Measured) and asked.kind == "strain")
    return Standing(timeline, ranked, names, weights, measured)


def observations(now: Standing) -> Iterator[Observation]:
    """Everything but company: clauses without an answer, clauses answered too weakly, rare repeats, questions."""
    yield from _unmeasured(now)
    yield from _longer(now)
    yield from _repeated(now)
    yield from _questions(now)


def weighing_most(now: Standing, names: Sequence[str]) -> str:
    """Of these hypotheses the one with the most weight."""
    weight = dict(zip(now.names, now.weights[1], strict=True))
    return max(names, key=lambda one: weight[one])


def _unmeasured(now: Standing) -> Iterator[Observation]:
    """Each question that the record does not answer, with what each hypothesis leaves open about it."""
    asked: dict[Question, tuple[Unmeasured, dict[str, tuple[Open, Clause]]]] = {}
    for one in now.ranked:
        says = one.hypothesis.says
        forbids = [id(clause) for clause in says.forbids]
        for clause, why in one.missing:
            question = question_of(clause, says.since)
            if why.never or not why.would_record or question.word == "in" or question.kind in {"seeking", "relief"}:
                continue
            _, by_name = asked.setdefault(question, (why, {}))
            left_open = forbidden(clause.direction) if id(clause) in forbids else predicted(clause.direction)
            before, first = by_name.get(one.name, (EVERYTHING, clause))
            by_name[one.name] = before & left_open, first
    for question, (why, by_name) in asked.items():
        if all(left_open for left_open, _ in by_name.values()):
            yield _recorded(now, question, why, by_name)


def _recorded(
    now: Standing, question: Question, why: Unmeasured, by_name: dict[str, tuple[Open, Clause]]
) -> Observation:
    about = weighing_most(now, tuple(by_name))
    first = next(one for one in now.ranked if one.name == about)
    says = first.hypothesis.says
    left_open, clause = by_name[about]
    absent = _may_never_have_happened(now.timeline, question)
    chances = _of_sizes(now, {name: one for name, (one, _) in by_name.items()}, _precision(now, question.word))
    if absent:
        needs = {name for name, (one, _) in by_name.items() if one != EVERYTHING and "same" not in one}
        there = np.array([IF_THE_CAUSE if name in needs else OTHERWISE for name in now.names])
        chances = tuple(with_none(one, there) for one in chances)
    if absent and question.word == "since":
        do = f"Ask yourself once whether there has been {_named(question)}, and if so, note the day"
        minutes = burden.question(question.moments)
    elif question.word in {"in winter", "over time"}:
        do = f"Go on recording {_what(question)} for half a year"
        minutes = burden.GOING_ON_A_WEEK * HALF_A_YEAR
    else:
        kind = question.moments[0].kind if question.word == "with" else "event"
        do = f"Record {why.would_record}, for four weeks"
        minutes = burden.recording(kind, WEEKS) + (burden.question(question.moments) if absent else 0.0)
    if says.ask is not None and question.moments == question_of(first.missing[0][0], says.since).moments:
        do = says.ask.strip().removesuffix(".")
    return Observation(about, do, _if_so(clause, left_open), chances, minutes, absent)


def _may_never_have_happened(timeline: Timeline, question: Question) -> bool:
    """Whether the question is about events or stretches of which none is on record: perhaps there were none."""
    if question.word not in {"since", "after", "during"} or not question.moments[0].kind:
        return False
    names = {one.label for one in timeline.episodes.values()}
    lasting = any(one.kind in {"role", "episode"} and one.name in names for one in question.moments)
    return not lasting and not len(times_of(timeline, question.moments))


def _named(question: Question) -> str:
    names = list(dict.fromkeys(one.name.replace("_", " ") for one in question.moments))
    return " or ".join(f"“{one}”" for one in names[:3])


def _what(question: Question) -> str:
    return KINDS_IN_WORDS.get(question.kind) or " or ".join(f"“{one.name}”" for one in question.subjects[:2])


def _precision(now: Standing, word: str) -> float:
    """The sd of an answer, over the usual size: of what was measured in a like way, as far as the weeks go."""
    like = [one.sd / one.usual for asked, one in now.measured if asked == word]
    if not like or word in {"over time", "in winter"}:
        return PRECISION[word]
    weeks = max(now.timeline.days / 7.0, WEEKS)
    return median(like) * (1.0 if word == "since" else math.sqrt(weeks / WEEKS))


def _of_sizes(
    now: Standing, left_open: dict[str, Open], sd: float, known: tuple[float, float] | None = None, usual: float = 1.0
) -> tuple[Floats, ...]:
    """The chances of estimates to come by width, as each candidate has them: those that say nothing leave all open."""
    by_state = chances_of_states([left_open.get(name, EVERYTHING) for name in now.names])
    return tuple(estimates_to_come(states_of_size(width * usual, known), by_state, sd, known)[1] for width in WIDTHS)


def _if_so(clause: Clause, left_open: Open) -> str:
    """What would speak for the hypothesis: its words, where they are of a prediction."""
    return clause.words if clause.words and clause.direction in left_open else "it comes out as it says"


def _longer(now: Standing) -> Iterator[Observation]:
    """What is measured already, for some weeks more; all of one kind together are one thing to do."""
    seen = _by_measurement(now)
    weeks_so_far = max(now.timeline.days / 7.0, 1.0)
    for _, by_name in seen.items():
        about = weighing_most(now, tuple(by_name))
        observed = by_name[about]
        answered = observed.answered
        if not isinstance(answered, Measured) or (answered.occasions or FEW + 1) <= FEW:
            continue
        clause = (*observed.predicts, *observed.forbids)[0]
        question = question_of(clause, None) if clause.when != "since" else None
        for weeks in (WEEKS, LONGER_WEEKS):
            sd = answered.sd * math.sqrt(weeks_so_far / weeks)
            chances = _of_sizes(
                now, {name: one.left_open for name, one in by_name.items()}, sd, (answered.mean, answered.sd),
                answered.usual,
            )  # fmt: skip
            what = _what(question) if question is not None else "how it goes"
            do = f"Go on recording {what} for {'four' if weeks == WEEKS else 'eight'} weeks"
            minutes = burden.GOING_ON_A_WEEK * weeks
            yield Observation(about, do, _if_so(clause, observed.left_open), chances, minutes)


def _by_measurement(now: Standing) -> dict[Key, dict[str, Observed]]:
    seen: dict[Key, dict[str, Observed]] = {}
    for one in now.ranked:
        for observed in one.observed:
            seen.setdefault(observed.key, {})[one.name] = observed
    return seen


def _repeated(now: Standing) -> Iterator[Observation]:
    """What eased once or twice, arranged again. What strained is never asked for again."""
    for by_name in _by_measurement(now).values():
        about = weighing_most(now, tuple(by_name))
        observed = by_name[about]
        answered = observed.answered
        if not isinstance(answered, Measured) or answered.fit != "strain" or answered.mean >= 0.0:
            continue
        times = answered.occasions
        clause = (*observed.predicts, *observed.forbids)[0]
        question = question_of(clause, None) if clause.when.startswith("after") else None
        if times is None or not 0 < times <= FEW or question is None:
            continue
        chances = _of_sizes(
            now, {name: one.left_open for name, one in by_name.items()}, answered.sd * math.sqrt(times),
            (answered.mean, answered.sd), answered.usual,
        )  # fmt: skip
        do = f"Arrange {_named(question)} once more, with check-ins before, meanwhile and after"
        minutes = burden.EVENING + burden.AROUND
        yield Observation(about, do, _if_so(clause, observed.left_open), chances, minutes)


def _questions(now: Standing) -> Iterator[Observation]:
    """What a hypothesis asks the person outright."""
    for one in now.ranked:
        ask = one.hypothesis.says.ask
        if ask is None or not ask.rstrip().endswith("?"):
            continue
        yes = np.array([YES_IF_THE_CAUSE if name == one.name else YES_OTHERWISE for name in now.names])
        chances = np.column_stack([yes, 1.0 - yes])
        moments = question_of((*one.hypothesis.says.predicts, *one.hypothesis.says.forbids)[0], None).moments
        minutes = burden.question(moments)
        yield Observation(one.name, f"Answer once: {ask}", "the answer is yes", (chances,) * len(WIDTHS), minutes)
