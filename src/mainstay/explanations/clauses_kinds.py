"""What a clause asks of the record, and what the record answers: measured, or not and what would record it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from mainstay.explanations.evidence import Sizes
from mainstay.quantities import Instant
from mainstay.records.statements_hypothesis import Clause, Moment, Subject, moments, subjects
from mainstay.strain.judge import Z90

THIN = 2.0
"""A size known to no better than twice what is usual says next to nothing, and counts as not measured."""

FEW_OCCASIONS = 2
"""What rests on so many occasions or fewer is a candidate, however clear it was each time."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a clause looks at, whichever way it expects it: alternatives of stream and moment.

    `since`: the day the hypothesis began, where the moment asks for it.
    """

    subjects: tuple[Subject, ...]
    moments: tuple[Moment, ...]
    since: date | None = None

    @property
    def kind(self) -> str:
        """The kind of stream: `strain`, `item`, …"""
        return self.subjects[0].kind

    @property
    def word(self) -> str:
        """The word of time: `since`, `after`, …"""
        return self.moments[0].word


def question_of(clause: Clause, since: date | None) -> Question:
    """What a clause of a hypothesis that began on `since` asks."""
    when = moments(clause.when)
    dated = when[0].word == "over time" or when[0] == Moment("since")
    return Question(subjects(clause.stream), when, since if dated else None)


@dataclass(frozen=True, slots=True)
class Measured:
    """The size of what a clause is about, from this record: mean and sd of the likelihood alone, in `unit`.

    `usual`: the size usual where there is something; `fit`, `place`: which fit of `Measures` it is from and where it
    stands there: two questions with the same place were answered by one measurement. `n`: how many records it rests
    on; `occasions`: how often what it is about was there, None where that is no count. `words`: how it came out.
    `evidence`: the records behind it. `held`: the fit holds it already, as load or as the pattern itself, whatever the
    cause: then it may speak against a hypothesis and earns it nothing.
    """

    mean: float
    sd: float
    usual: float
    unit: str
    n: int
    words: str
    fit: str
    place: int
    occasions: int | None = None
    evidence: tuple[str, ...] = ()
    held: bool = False

    @property
    def interval(self) -> tuple[float, float]:
        """Its 90 % interval."""
        return self.mean - Z90 * self.sd, self.mean + Z90 * self.sd


@dataclass(frozen=True, slots=True)
class Compared:
    """How much better an attribute tells what eases from what doesn't than nothing shared does, by width (log ratios).

    `n`: how many people, places or activities were compared. `known`: when the attribute became known; `tested_by`:
    those with it who were first met after that; `bears_out`: those in whom it is clear and as the attribute has it;
    `same_as`: attributes true of the very same. `chance`: how often an attribute given out by lot would tell as well
    what eases from what doesn't, 1 where some of them speak against it.
    """

    attribute: str
    log_ratios: tuple[float, ...]
    n: int
    words: str
    known: Instant
    tested_by: tuple[str, ...] = ()
    bears_out: tuple[str, ...] = ()
    chance: float = 1.0
    same_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """Why the record does not answer, and what would record it; `never`: nothing could, as it is written."""

    reason: str
    would_record: str = ""
    never: bool = False


Answered = Measured | Compared | Unmeasured


@dataclass(frozen=True, slots=True, eq=False)
class Measures:
    """What the record answers, by question; `fits`: the sizes of each fit, measured together."""

    found: Mapping[Question, Answered]
    fits: Mapping[str, Sizes] = field(default_factory=dict)
