"""A hypothesis as it is written down: a cause, what it predicts, what it forbids, how likely it was thought, and when.

A prediction is a triple *stream, direction, when*, in a small language that is the same for every person:

| stream | what is looked at |
|---|---|
| `strain` | strain, as the model has it |
| `seeking` | how often refuges are sought at the same strain |
| `relief` | how much of the strain company takes away at once |
| `item:NAME`, `event:LABEL`, `signal:CHANNEL`, `role:LABEL` | answers, how often an event comes, a signal, hours |
| `demands`, `roles`, `self`, `slips`, `relief acts` | demands, hours in other roles, hours as oneself, slips, refuges |

| when | the moment it is about |
|---|---|
| `over time` | across the record; from the hypothesis's `since` on, where it has one |
| `since` | after the hypothesis's `since`, against before |
| `since event:LABEL`, `since tag:TAG` | after the first such event, against before |
| `after event:LABEL`, `after tag:TAG` | at once after each such event |
| `in company:ATTRIBUTE` | with people, places or activities of whom this is known, against others |
| `during role:LABEL`, `during episode:LABEL`, `during tag:TAG` | while it lasts (a tag: on that day) |
| `with signal:CHANNEL`, `with item:NAME` | when it is higher |
| `in winter` | as the year turns |

Names are compared without regard to case, spaces and underscores. `a | b | c` takes whatever of these is on record.
`direction` is `more`, `less` or `same`. What a hypothesis forbids is written in the same words: if it is seen, it
speaks against. Evidence that no record holds is stated by hand, as a range of how many times likelier it is if the
hypothesis is so than if some cause is at work that nobody listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic.dataclasses import dataclass as checked

from mainstay.quantities import Instant
from mainstay.records.mapping_tables import STRICT, Number
from mainstay.records.statements import HasStatements, Name, Text, Unread, statements_of
from mainstay.records.statements_concern import Day, in_order, low_and_high

Direction = Literal["more", "less", "same"]
MOST_CLAUSES = 12
LARGEST_RATIO = 1000.0
TAKEN_NAMES = ("explanation", "an unlisted cause")
WHOLE = ("strain", "seeking", "relief", "demands", "roles", "self", "slips", "relief acts")
STREAM_KINDS = ("item", "event", "signal", "role")
MOMENTS: dict[str, tuple[str, ...]] = {
    "over time": (),
    "in winter": (),
    "since": ("event", "tag", ""),
    "after": ("event", "tag"),
    "in": ("company",),
    "during": ("role", "episode", "tag"),
    "with": ("signal", "item"),
}
"""What may stand after each word of time; "" is nothing."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a clause looks at: a kind (`item`, …, or one of `WHOLE`), and a name where the kind has one."""

    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a clause looks: a word of `MOMENTS`, and what it is about (kind and name), if anything."""

    word: str
    kind: str = ""
    name: str = ""


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same but for case, spaces and underscores."""
    return folded(one) == folded(other)


def folded(name: str) -> str:
    """A name as it is compared: without regard to case, spaces and underscores."""
    return re.sub(r"[\s_-]+", " ", name).strip().casefold()


def subjects(text: str) -> tuple[Subject, ...]:
    """The alternatives of a stream. Refuses (`ValueError`) what the language does not know."""
    return tuple(_subject(part.strip()) for part in text.split("|"))


def _subject(part: str) -> Subject:
    if part in WHOLE:
        return Subject(part)
    kind, colon, name = part.partition(":")
    if not colon or kind.strip() not in STREAM_KINDS or not name.strip():
        raise ValueError(
            f"{part!r} is no stream; write one of {', '.join(WHOLE)}, or a name after "
            f"{', '.join(f'{kind}:' for kind in STREAM_KINDS)}"
        )
    return Subject(kind.strip(), name.strip())


def moments(text: str) -> tuple[Moment, ...]:
    """The alternatives of a moment: the word of time stands once, before the first. Refuses (`ValueError`) others."""
    said = text.strip()
    for word in ("over time", "in winter"):
        if said == word:
            return (Moment(word),)
    word, _, rest = said.partition(" ")
    if word not in MOMENTS:
        raise ValueError(f"{text!r} is no time; begin with one of {', '.join(MOMENTS)}")
    if not rest.strip():
        if "" not in MOMENTS[word]:
            raise ValueError(f"{word!r} needs what it is about, as in {word} {MOMENTS[word][0]}:NAME")
        return (Moment(word),)
    return tuple(_moment(word, part.strip()) for part in rest.split("|"))


def _moment(word: str, part: str) -> Moment:
    kind, colon, name = part.partition(":")
    if not colon or not kind.strip() or kind.strip() not in MOMENTS[word] or not name.strip():
        allowed = ", ".join(f"{word} {kind}:NAME" for kind in MOMENTS[word] if kind)
        raise ValueError(f"{word} {part!r} is no time; write {allowed}")
    return Moment(word, kind.strip(), name.strip())


def _stream(text: str) -> str:
    subjects(text)
    return text


def _when(text: str) -> str:
    moments(text)
    return text


_Chance = Annotated[Number, Field(gt=0.0, lt=1.0)]
_Times = Annotated[Number, Field(ge=1.0 / LARGEST_RATIO, le=LARGEST_RATIO)]
Chances = Annotated[tuple[_Chance, _Chance], BeforeValidator(low_and_high), AfterValidator(in_order)]
Ratios = Annotated[tuple[_Times, _Times], BeforeValidator(low_and_high), AfterValidator(in_order)]


@checked(frozen=True, kw_only=True, config=STRICT)
class Clause:
    """One thing a hypothesis predicts or forbids: stream, direction, when; `words`: how a person would say it."""

    stream: Annotated[Text, AfterValidator(_stream)]
    direction: Direction
    when: Annotated[Text, AfterValidator(_when)]
    words: Text | None = None


@checked(frozen=True, kw_only=True, config=STRICT)
class Prior:
    """How likely it was thought to be the main cause, as low and high, and on which day that was written."""

    chance: Chances
    on: Day


@checked(frozen=True, kw_only=True, config=STRICT)
class StatedEvidence:
    """Something seen that no record holds: how many times likelier it is if this is the cause than if it is not."""

    what: Text
    ratio: Ratios
    on: Day


@checked(frozen=True, kw_only=True, config=STRICT)
class HypothesisFile:
    """A possible cause. `since`: when it would have begun; `ask`: what could be asked or recorded to test it.

    `set_aside`: why it is no longer considered; one of the same name in the starting library is then left out as well.
    """

    name: Name
    cause: Text
    since: Day | None = None
    predicts: Annotated[tuple[Clause, ...], Field(max_length=MOST_CLAUSES)] = ()
    forbids: Annotated[tuple[Clause, ...], Field(max_length=MOST_CLAUSES)] = ()
    prior: Prior | None = None
    evidence: Annotated[tuple[StatedEvidence, ...], Field(max_length=MOST_CLAUSES)] = ()
    ask: Text | None = None
    set_aside: Text | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> HypothesisFile:
        if any(same_name(self.name, one) for one in TAKEN_NAMES):
            raise ValueError(f"the name {self.name!r} is taken: it stands for all of them, or for none; choose another")
        for clause in (*self.predicts, *self.forbids):
            if self.since is None and moments(clause.when)[0] == Moment("since"):
                raise ValueError('when = "since" needs a day of its own: since = 2026-01-31 beside the name')
        return self


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A possible cause as it is on record, and when it was written; `id` is that of its record.

    Those of the starting library have no id and `written` is None: they were there before any record.
    """

    id: str
    written: Instant | None
    says: HypothesisFile

    @property
    def name(self) -> str:
        """What it is called."""
        return self.says.name


def hypotheses_of(timeline: HasStatements) -> tuple[tuple[Hypothesis, ...], tuple[Unread, ...]]:
    """The last word on each hypothesis the person wrote, oldest first; and those that can't be read, and why."""
    read, unread = statements_of(timeline, "hypothesis", HypothesisFile)
    found: dict[str, Hypothesis] = {}
    for record, says in sorted(read, key=lambda one: (one[0].known, one[0].id)):
        found.pop(folded(says.name), None)
        found[folded(says.name)] = Hypothesis(record.id, record.known, says)
    return tuple(found.values()), unread


def with_library(written: Iterable[Hypothesis], library: Iterable[HypothesisFile]) -> tuple[Hypothesis, ...]:
    """What the person wrote, then what else the starting library holds; nothing that was set aside."""
    own = tuple(written)
    said = {folded(one.name) for one in own}
    others = tuple(Hypothesis("", None, one) for one in library if folded(one.name) not in said)
    return tuple(one for one in (*own, *others) if one.says.set_aside is None)
