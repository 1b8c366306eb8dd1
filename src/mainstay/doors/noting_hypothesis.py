"""A possible cause as it is noted: what it predicts and forbids, said anew, or set aside."""

from __future__ import annotations

from dataclasses import replace

from mainstay.doors.noting import ANEW, Note, OnRecord, replaced
from mainstay.errors import BadRequest
from mainstay.explanations.library import starting_library
from mainstay.quantities import Instant
from mainstay.records import logged
from mainstay.records.statements import as_toml
from mainstay.records.statements_hypothesis import (
    Hypothesis,
    HypothesisFile,
    Moment,
    Subject,
    hypotheses_of,
    moments,
    same_name,
    subjects,
    with_library,
)
from mainstay.records.typed import listed
from mainstay.records.words import counted

PARKED = (
    "It says nothing that must not be seen if it is the cause, so nothing could speak against it: it is shown, and "
    "not weighed, until it does."
)


def own_causes(known: OnRecord) -> tuple[Hypothesis, ...]:
    """The person's own, oldest first; those set aside come last, so that one number means the same everywhere."""
    return tuple(sorted(hypotheses_of(known.told)[0], key=lambda one: one.says.set_aside is not None))


def considered(known: OnRecord) -> tuple[Hypothesis, ...]:
    """Every cause that is considered: the person's own and those that come with Mainstay."""
    return with_library(hypotheses_of(known.told)[0], starting_library())


def taken_names(known: OnRecord, but: Hypothesis | None = None) -> list[str]:
    """Names in use by causes of the person's own that were not set aside."""
    return [one.name for one in own_causes(known) if one.says.set_aside is None and (but is None or one.id != but.id)]


def write(
    file: HypothesisFile,
    known: OnRecord,
    *,
    now: Instant,
    toml: str | None = None,
    before: Hypothesis | None = None,
    anew: str = ANEW,
) -> Note:
    """A possible cause, as it is written; `before`: the one that is said anew; `anew`: how that is done.

    Refuses one whose name is on record already, or that is dated in the future.
    """
    _check(file, taken_names(known, before), known.now, anew)
    before = before or next((one for one in own_causes(known) if same_name(one.name, file.name)), None)
    text = as_toml(file) if toml is None else toml
    record = logged.statement("hypothesis", text, now=now, replaces=replaced(known.records, before))
    return Note((record,), f"the possible cause “{file.name}”, {_in_short(file)}", _hints(file, known.clause_names))


def set_aside(found: Hypothesis, why: str, known: OnRecord, *, now: Instant) -> Note:
    """That a cause is no longer considered, and why."""
    text = as_toml(replace(found.says, set_aside=why))
    record = logged.statement("hypothesis", text, now=now, replaces=replaced(known.records, found))
    return Note((record,), f"“{found.name}” is set aside as a cause")


def _check(file: HypothesisFile, taken: list[str], at: Instant, anew: str) -> None:
    if any(same_name(file.name, one) for one in taken):
        raise BadRequest(f"a cause called {file.name!r} is on record; to say it anew: {anew} {file.name!r}")
    dated = {"since": file.since, "the prior's day": file.prior.on if file.prior else None}
    dated |= {f"evidence {k}'s day": one.on for k, one in enumerate(file.evidence, 1)}
    for what, day in dated.items():
        if day is not None and day > at.as_local.date():
            raise BadRequest(f"{what}, {day}, lies in the future")


def _in_short(file: HypothesisFile) -> str:
    predicted, forbidden = (
        counted(len(some), "thing") if some else "nothing" for some in (file.predicts, file.forbids)
    )
    short = f"which predicts {predicted} and forbids {forbidden}"
    return short if file.set_aside is None else f"{short}; it is set aside"


def _hints(file: HypothesisFile, known: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """What the person may not expect of what they wrote."""
    hints = [] if file.forbids or file.set_aside is not None else [PARKED]
    if any(same_name(file.name, one.name) for one in starting_library()):
        hints.append("It takes the place of the one of that name that comes with Mainstay.")
    missing = _not_on_record(file, known)
    if missing:
        hints.append(f"Not on record so far, so nothing can be said of it yet: {listed(missing)}.")
    return tuple(hints)


def _not_on_record(file: HypothesisFile, known: dict[str, tuple[str, ...]]) -> list[str]:
    """What its clauses name and no record has, in whichever of the alternatives."""

    def there(one: Moment | Subject) -> bool:
        return not one.name or any(same_name(one.name, name) for name in known[one.kind])

    missing: dict[str, None] = {}
    for clause in (*file.predicts, *file.forbids):
        for some in (subjects(clause.stream), moments(clause.when)):
            if not any(there(one) for one in some):
                missing[" or ".join(f"{one.kind} “{one.name}”" for one in some)] = None
    return list(missing)
