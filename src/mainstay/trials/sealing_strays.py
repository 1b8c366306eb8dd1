"""Notes of trials that count for nothing, in words: of no trial on record, of no day that was lived, or unreadable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from mainstay.quantities import in_words
from mainstay.records.statements import HasStatements
from mainstay.records.statements_hypothesis import folded
from mainstay.records.statements_protocol import TrialNote, protocols_of, trial_notes_of
from mainstay.records.words import counted, quoted
from mainstay.trials.sealing import Trial, stray_notes, trials_of

SHOWN = 3


def strays(timeline: HasStatements) -> tuple[str, ...]:
    """What is on record of trials and counts for none of them, a sentence each."""
    return (*_unread(timeline), *_of_no_trial(timeline), *_before_it_began(timeline))


def strays_of(trial: Trial) -> tuple[str, ...]:
    """What was noted of a trial and does not count: of a day that is none of it or had not come, a second end."""
    first, planned = trial.protocol.says.start, trial.protocol.says.design.days
    none_of_it: list[date] = []
    after_its_end: list[date] = []
    for note in trial.notes:
        day = note.says.day
        if (
            note.says.kind == "done"
            and day is not None
            and not 0 <= (day - first).days < trial.days_lived(note.written)
        ):
            over = trial.ended is not None and 0 <= (day - first).days < planned
            (after_its_end if over else none_of_it).append(day)
    ended = "" if trial.ended is None else trial.ended.written.day_in_words
    told = [
        *_not_counted(after_its_end, f"it was ended on {ended}"),
        *_not_counted(
            none_of_it, f"it has {counted(planned, 'day')} from {in_words(first)}, noted when they have come"
        ),
    ]
    return (*told, *(f"ended again on {one.written.day_in_words}; the first end counts" for one in trial.ended_again))


def _not_counted(days: list[date], why: str) -> list[str]:
    if not days:
        return []
    more = f" and {counted(len(days) - SHOWN, 'more day', 'more days')}" if len(days) > SHOWN else ""
    return [f"what is noted of {', '.join(in_words(one) for one in days[:SHOWN])}{more} does not count: {why}"]


def _unread(timeline: HasStatements) -> Iterator[str]:
    for what, (_, unread) in (("plan", protocols_of(timeline)), ("note", trial_notes_of(timeline))):
        for one in unread:
            yield f"a {what} of {one.written.day_in_words} can't be read: {one.reason}"


def _of_no_trial(timeline: HasStatements) -> Iterator[str]:
    """Notes whose name no plan has."""
    for name, count in _by_name(stray_notes(timeline)).items():
        yield f"{counted(count, 'note')} of {quoted([name])}, of which no plan is on record"


def _before_it_began(timeline: HasStatements) -> Iterator[str]:
    """Notes of a plan's name that were written before anything of that name began."""
    begun: dict[str, int] = {}
    for one in trials_of(timeline):
        if one.begun is not None:
            begun.setdefault(folded(one.name), one.begun.written.utc_us)
    planned = {folded(one.says.name) for one in protocols_of(timeline)[0]}
    early = [
        note
        for note in trial_notes_of(timeline)[0]
        if (name := folded(note.says.trial)) in planned
        and note.says.kind != "begun"
        and note.written.utc_us < begun.get(name, note.written.utc_us + 1)
    ]
    for name, count in _by_name(early).items():
        yield f"{counted(count, 'note')} of {quoted([name])}, written before it began"


def _by_name(notes: tuple[TrialNote, ...] | list[TrialNote]) -> Counter[str]:
    return Counter(note.says.trial for note in notes)
