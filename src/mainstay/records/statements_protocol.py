"""A trial as it is written down before it begins, and what happens in it: begun, what was done, looked at, ended.

A **protocol** says what is compared (arms), how the days are dealt out (design), what is looked at (outcome), what
difference would matter, how it is analysed, and when it stops. It is sealed when the trial begins: the digest of its
text and the order that was drawn by lot are kept in a **trial note** of kind "begun"; what is done later goes into
notes of its own, day by day. Nothing is ever written into the protocol after that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass as checked

from mainstay.quantities import Instant
from mainstay.records.kinds import Statement
from mainstay.records.mapping_tables import STRICT, Number
from mainstay.records.statements import HasStatements, Name, Text, Unread, statements_of
from mainstay.records.statements_concern import Day
from mainstay.records.statements_hypothesis import folded

MOST_DAYS, MOST_ARMS, MOST_PHASES = 1500, 6, 40
DesignKind = Literal["phases", "start_by_lot", "alternating", "blocks", "contacts"]
"""phases: AB, ABAB… in a fixed order, not drawn. start_by_lot: as phases, with each change drawn by lot. alternating: a
period at a time, drawn with limits on runs. blocks: every arm equally often in each block. contacts: so many days a
week, which days drawn by lot."""
Claim = Literal["relief", "recovery"]
"""relief: the outcome is better while an arm is on. recovery: it takes more to tip the person over after it."""
_Days = Annotated[int, Field(ge=1, le=MOST_DAYS, strict=True)]
_DaysOrNone = Annotated[int, Field(ge=0, le=MOST_DAYS, strict=True)]
_Count = Annotated[int, Field(ge=1, le=MOST_DAYS, strict=True)]
_Level = Annotated[Number, Field(gt=0.0, le=0.2)]
_Size = Annotated[Number, Field(gt=0.0)]


@checked(frozen=True, kw_only=True, config=STRICT)
class Arm:
    """One of the things that are compared; the first is what the others are compared with.

    `place`, `clothes`, `people`: the setting, to be ticked off, so that nothing in it recalls a role. `event`: the
    label under which it is logged when it happens, if it is.
    """

    name: Name
    what: Text | None = None
    place: Text | None = None
    clothes: Text | None = None
    people: Text | None = None
    event: Name | None = None


@checked(frozen=True, kw_only=True, config=STRICT)
class DesignTable:
    """How the days are dealt out to the arms.

    `days`: the whole length. `period`: days of a period (alternating, blocks). `phases`: the arms' order by name
    (phases, start_by_lot). `least`: the fewest days of a phase. `longest`: the longest run of one arm, in periods.
    `washout`: days at the start of a period or phase after a change that are not analysed. `block`: periods in a block
    (a multiple of the arms). `a_week`: days of the second arm in each week (contacts). `apart`: fewest days between two
    of them. `seed`: for a drawing that others can repeat; without it one is drawn when the trial begins.
    """

    kind: DesignKind
    days: _Days
    period: _Days = 1
    phases: Annotated[tuple[Name, ...], Field(max_length=MOST_PHASES)] = ()
    least: _Days = 1
    longest: _Count | None = None
    washout: _DaysOrNone = 0
    block: _Count | None = None
    a_week: Annotated[int, Field(ge=1, le=7, strict=True)] | None = None
    apart: _Days = 1
    seed: Annotated[int, Field(ge=0, lt=2**63, strict=True)] | None = None


@checked(frozen=True, kw_only=True, config=STRICT)
class OutcomeTable:
    """What is looked at: the answers to an item, or how often an event happens; and which way is better."""

    item: Name | None = None
    event: Name | None = None
    better: Literal["low", "high"]
    claim: Claim = "relief"

    @model_validator(mode="after")
    def _one_of_them(self) -> OutcomeTable:
        if (self.item is None) == (self.event is None):
            raise ValueError("the outcome is either an item or an event")
        return self


@checked(frozen=True, kw_only=True, config=STRICT)
class AnalysisTable:
    """How it is analysed: `level` of the test (two-sided); `trend` and `carryover`: whether the model has them."""

    level: _Level = 0.05
    trend: bool = True
    carryover: bool = True


@checked(frozen=True, kw_only=True, config=STRICT)
class StoppingTable:
    """When it ends before its time. `benefit`, `futility`: whether it may. `look`: days between looks (1: any day).

    `harm`: it ends when the outcome is worse than with the first arm by this much (item's points or events a day).
    """

    benefit: bool = True
    futility: bool = False
    look: _Days = 1
    harm: _Size | None = None


@checked(frozen=True, kw_only=True, config=STRICT)
class HarmLimit:
    """A limit stated before: the item's answers at or beyond `limit` on so many days in a row end the trial."""

    item: Name
    limit: Number
    days: _Days = 1


@checked(frozen=True, kw_only=True, config=STRICT)
class ProtocolFile:
    """A trial, before it begins. `matters`: the smallest difference that would matter, in the outcome's own units.

    `start`: the first day. `baselines`: for a multiple baseline, the items that are watched side by side, each with its
    own change drawn by lot (the outcome's item is the first of them and need not be repeated).
    """

    name: Name
    question: Text
    start: Day
    arm: Annotated[tuple[Arm, ...], Field(min_length=2, max_length=MOST_ARMS)]
    design: DesignTable
    outcome: OutcomeTable
    matters: _Size
    analysis: AnalysisTable = AnalysisTable()
    stopping: StoppingTable = StoppingTable()
    harm: Annotated[tuple[HarmLimit, ...], Field(max_length=6)] = ()
    baselines: Annotated[tuple[Name, ...], Field(max_length=12)] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> ProtocolFile:
        names = [folded(one.name) for one in self.arm]
        if len(set(names)) < len(names):
            raise ValueError("two arms have the same name; each needs its own")
        unknown = [one for one in self.design.phases if folded(one) not in names]
        if unknown:
            raise ValueError(f"the phases name {unknown[0]!r}, which is no arm; the arms are {', '.join(names)}")
        if self.design.kind in ("phases", "start_by_lot") and len(self.design.phases) < 2:
            raise ValueError(f"the design {self.design.kind!r} needs phases, such as [{names[0]!r}, {names[1]!r}]")
        if self.design.kind == "contacts" and (self.design.a_week is None or len(self.arm) != 2):
            raise ValueError("the design 'contacts' needs a_week and two arms")
        return self


@checked(frozen=True, kw_only=True, config=STRICT)
class TrialFile:
    """What happens in a trial. `trial`: its name.

    begun: with the `digest` of the protocol's text, the `seed`, and the `drawn` arm of each day (indices of the arms;
    of several baselines: joined by "."). done: whether the arm of a `day` was kept (`kept`), which arm it was instead
    (`arm`), what of the setting was ticked.
    looked: what was seen at a look (`said`). ended: and `why`.
    """

    trial: Name
    kind: Literal["begun", "done", "looked", "ended"]
    day: Day | None = None
    kept: Literal["yes", "partly", "no"] | None = None
    arm: Name | None = None
    ticked: Annotated[tuple[Name, ...], Field(max_length=12)] = ()
    why: Text | None = None
    said: Text | None = None
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{32,64}$")] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**63, strict=True)] | None = None
    drawn: Annotated[str, Field(pattern=r"^[0-9.]*$", max_length=13 * (MOST_DAYS + 1))] | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> TrialFile:
        if self.kind == "begun" and (self.digest is None or self.drawn is None):
            raise ValueError("a trial that begins needs its digest and what was drawn")
        if self.kind == "done" and (self.day is None or self.kept is None):
            raise ValueError("what was done needs its day and whether the arm was kept")
        return self


@dataclass(frozen=True, slots=True)
class Protocol:
    """A protocol and when it was written; `id` is that of its record, `text` the TOML as written."""

    id: str
    written: Instant
    text: str
    says: ProtocolFile


@dataclass(frozen=True, slots=True)
class TrialNote:
    """Something that happened in a trial, and when it was written."""

    id: str
    written: Instant
    says: TrialFile


def protocols_of(timeline: HasStatements) -> tuple[tuple[Protocol, ...], tuple[Unread, ...]]:
    """The protocols on record, oldest first; and those that can't be read, and why."""
    read, unread = statements_of(timeline, "protocol", ProtocolFile)
    found = [
        Protocol(record.id, record.known, record.body.toml, says)
        for record, says in read
        if isinstance(record.body, Statement)
    ]
    return tuple(sorted(found, key=lambda one: (one.written, one.id))), unread


def trial_notes_of(timeline: HasStatements) -> tuple[tuple[TrialNote, ...], tuple[Unread, ...]]:
    """What happened in trials, oldest first; and what of it can't be read, and why."""
    read, unread = statements_of(timeline, "trial", TrialFile)
    found = [TrialNote(record.id, record.known, says) for record, says in read]
    return tuple(sorted(found, key=lambda one: (one.written, one.id))), unread
