"""The seal of a trial, and the trials on record: what was planned, what was drawn, what happened, what does not fit.

When a trial begins, a digest of the protocol's text as written, the order that was drawn and the day of drawing is kept
with that order in a note ("begun"). A change to any of the three is seen: the digest no longer fits. What is written
after the beginning under the same name is told and changes nothing; a second drawing is told and the first one stands.
A digest is no signature: somebody who may write to the casebook could replace note and protocol together, and only a
copy of the digest kept elsewhere would show it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from mainstay.errors import BadRecord, BadRequest
from mainstay.options.leaning import digest_of
from mainstay.quantities import CannotSay, Instant, in_words
from mainstay.records.kinds import Record, Statement, record_id
from mainstay.records.logged import BY_HAND
from mainstay.records.statements import HasStatements, as_toml
from mainstay.records.statements_hypothesis import folded
from mainstay.records.statements_protocol import Protocol, TrialFile, TrialNote, protocols_of, trial_notes_of
from mainstay.trials.designs import DesignSpace, space
from mainstay.trials.drawing import draw_each, schedules_from, sealed_as
from mainstay.trials.kinds import Schedule


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A trial on record. `begun`: None before the days are drawn. `schedules`: one for each series that is watched.

    They are empty before the beginning, and where the order on record is none that the plan allows. `notes`: what was
    done and looked at since, oldest first; an end counts once (`ended_again`: the others). `wrong`: what of the seal
    does not fit, in words; nothing where all does. `broken`: the part of it for which the days can't be taken as drawn
    before they were lived, under the plan told.
    """

    protocol: Protocol
    space: DesignSpace | CannotSay
    begun: TrialNote | None = None
    schedules: tuple[Schedule, ...] = ()
    notes: tuple[TrialNote, ...] = ()
    ended: TrialNote | None = None
    ended_again: tuple[TrialNote, ...] = ()
    wrong: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As the protocol calls it."""
        return self.protocol.says.name

    @property
    def schedule(self) -> Schedule | None:
        """That of the outcome; None before it begins."""
        return self.schedules[0] if self.schedules else None

    @property
    def is_open(self) -> bool:
        """Whether nobody has ended it."""
        return self.ended is None

    @property
    def repeats(self) -> bool | None:
        """Whether the seed draws this very order again; None without a seed or an order."""
        seed = self.begun.says.seed if self.begun is not None else None
        if seed is None or not self.schedules or isinstance(self.space, CannotSay):
            return None
        return sealed_as(draw_each(self.space, np.random.default_rng(seed))) == sealed_as(self.schedules)

    def days_lived(self, as_of: Instant) -> int:
        """How many of its days were over, or had begun, by a moment and before it was ended: 0 to all."""
        last = as_of.as_local.date()
        if self.ended is not None:
            written = self.ended.written.as_local.date()  # a day before that would choose among days already lived
            last = min(last, max(self.ended.says.day or written, written))
        planned = self.protocol.says.design.days
        return min(max((last - self.protocol.says.start).days + 1, 0), planned)


def begun_note(
    protocol: Protocol, schedules: Sequence[Schedule], seed: int | None, *, day: date | None = None
) -> TrialFile:
    """The note with which a trial begins. `day`: that of drawing, which the seal then holds too.

    Refuses a day after the first one of the trial: what was lived already can't be drawn.
    """
    if day is not None and day > protocol.says.start:
        raise BadRequest(
            f"“{protocol.says.name}” was to start on {in_words(protocol.says.start)}, which is over; "
            "write it down anew with a day to come"
        )
    drawn = sealed_as(tuple(schedules))
    digest = _digest(protocol.text, drawn, day)
    return TrialFile(trial=protocol.says.name, kind="begun", day=day, digest=digest, seed=seed, drawn=drawn)


def begun_record(protocol: Protocol, note: TrialFile, *, now: Instant) -> Record:
    """The record of the note with which a trial begins, named after its plan: a casebook takes one and no second."""
    name = record_id(BY_HAND, "trial", f"begun|{protocol.id}")
    return Record(name, "trial", now, now, BY_HAND, Statement("trial", as_toml(note)))


def _digest(text: str, drawn: str, day: date | None) -> str:
    return digest_of(text, drawn, "" if day is None else day.isoformat())


def trials_of(timeline: HasStatements) -> tuple[Trial, ...]:
    """The trials on record: those begun in the order in which they were, then those that are only planned.

    A name may be used again after its trial was ended. Protocols and notes that can't be read are not among them; see
    `protocols_of` and `trial_notes_of`. Notes without a protocol: `stray_notes`.
    """
    protocols, notes = protocols_of(timeline)[0], trial_notes_of(timeline)[0]
    found: list[Trial] = []
    for name in dict.fromkeys(folded(one.says.name) for one in protocols):
        theirs = [one for one in protocols if folded(one.says.name) == name]
        found.extend(_of_one_name(theirs, [one for one in notes if folded(one.says.trial) == name]))
    begun = [one for one in found if one.begun is not None]
    begun.sort(key=lambda one: 0 if one.begun is None else one.begun.written.utc_us)
    return (*begun, *(one for one in found if one.begun is None))


def stray_notes(timeline: HasStatements) -> tuple[TrialNote, ...]:
    """Notes of trials of which no protocol is on record (any more)."""
    names = {folded(one.says.name) for one in protocols_of(timeline)[0]}
    return tuple(one for one in trial_notes_of(timeline)[0] if folded(one.says.trial) not in names)


def _of_one_name(protocols: Sequence[Protocol], notes: Sequence[TrialNote]) -> list[Trial]:
    """The trials of one name, one after the other: each from its beginning to its end."""
    rounds: list[list[TrialNote]] = []
    ended = True
    for note in notes:
        if note.says.kind == "begun" and ended:
            rounds.append([])
            ended = False
        if rounds:
            rounds[-1].append(note)
            ended = ended or note.says.kind == "ended"
    found = [_begun(protocols, held) for held in rounds]
    since = -1 if not found or found[-1].ended is None else found[-1].ended.written.utc_us
    left = [one for one in protocols if one.written.utc_us > since]
    if left and ended:
        found.append(Trial(left[-1], space(left[-1].says)))
    return found


def _begun(protocols: Sequence[Protocol], held: Sequence[TrialNote]) -> Trial:
    """A trial from its notes, the first of which began it."""
    first = held[0]
    fitting = [
        one for one in protocols if _digest(one.text, first.says.drawn or "", first.says.day) == first.says.digest
    ]
    before = [one for one in protocols if one.written.utc_us <= first.written.utc_us] or [protocols[0]]
    protocol = fitting[0] if fitting else before[-1]
    ends = [one for one in held if one.says.kind == "ended"]
    ended = ends[0] if ends else None
    until = None if ended is None else ended.written.utc_us
    broken = _what_is_wrong(protocol, first, fits=bool(fitting))
    wrong = list(broken)
    wrong += [
        f"written anew on {one.written.day_in_words}, after it began; what counts is the plan of "
        f"{protocol.written.day_in_words}"
        for one in protocols
        if one.id != protocol.id and one.written.utc_us > first.written.utc_us
        if until is None or one.written.utc_us <= until
    ]
    wrong += [
        f"drawn again on {_moment(again)}; the drawing of {_moment(first)} counts"
        for again in held[1:]
        if again.says.kind == "begun"
    ]
    allowed = space(protocol.says)
    schedules: tuple[Schedule, ...] = ()
    if isinstance(allowed, CannotSay):
        wrong.append(f"the plan can't be drawn as it is written: {allowed.reason}")
    else:
        try:
            schedules = schedules_from(allowed, first.says.drawn or "")
        except BadRecord as refused:
            wrong.append(f"the days can't be read as drawn: {refused}")
    notes = tuple(one for one in held if one.says.kind in ("done", "looked"))
    return Trial(
        protocol, allowed, first, schedules, notes, ended, tuple(ends[1:]), tuple(wrong), tuple(broken)
    )  # fmt: skip


def _moment(note: TrialNote) -> str:
    """The day and the time at which a note was written: two drawings may be of one day."""
    return f"{note.written.day_in_words}, {note.written.as_local:%H:%M:%S}"


def _what_is_wrong(protocol: Protocol, begun: TrialNote, *, fits: bool) -> list[str]:
    wrong = []
    if not fits:
        wrong.append(
            f"what was sealed on {begun.written.day_in_words} is not what is on record: the plan, the order of the "
            "days or the day of drawing was changed"
        )
    if protocol.written.utc_us > begun.written.utc_us:
        wrong.append(f"the plan was written on {protocol.written.day_in_words}, after the trial began")
    day = begun.written.as_local.date()
    if begun.says.day is not None and begun.says.day != day:
        wrong.append(
            f"said to have been drawn on {in_words(begun.says.day)}, but written down on {begun.written.day_in_words}"
        )
    if day > protocol.says.start:
        wrong.append(f"drawn on {begun.written.day_in_words}, after its first day, {in_words(protocol.says.start)}")
    return wrong
