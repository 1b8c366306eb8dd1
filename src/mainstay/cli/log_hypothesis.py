"""`log hypothesis`: a possible cause is written down with what it predicts and forbids, said anew, or set aside."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.cli import asking
from mainstay.cli.keeping import print_lines
from mainstay.cli.log_concern import _checked_reason
from mainstay.cli.log_keeping import Told, asked, close_to, from_input, keep, listed, own_records, toml_from
from mainstay.errors import BadRequest
from mainstay.records.words import counted

if TYPE_CHECKING:
    from mainstay.casebook import Casebook
    from mainstay.quantities import Instant
    from mainstay.records.kinds import Item, Record
    from mainstay.records.statements_hypothesis import Hypothesis, HypothesisFile

KINDS = ("item", "event", "signal", "role", "episode", "tag", "company")
PARKED = (
    "It says nothing that must not be seen if it is the cause, so nothing could speak against it: it is shown, and "
    "not weighed, until it does."
)


def hypothesis(case: Path, *, file: Path | None, replaces: str | None, set_aside: str | None) -> None:
    """Write a possible cause down, say one anew, or set one aside. Refuses options that don't go together."""
    from mainstay.casebook import Casebook

    if set_aside is not None and (file is not None or replaces is not None):
        raise BadRequest("--file and --replaces write a cause down; leave them out with --set-aside")
    begun = asking.now()
    terminal = asking.at_a_terminal()
    toml = toml_from(file) if set_aside is None and (file is not None or not terminal) else None
    why = _reason(from_input().strip()) if set_aside is not None and not terminal else None
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        if set_aside is not None:
            _set_aside(casebook, case, set_aside, why, begun)
        else:
            _write(casebook, case, toml, replaces, begun)


def _write(casebook: Casebook, case: Path, toml: str | None, replaces: str | None, at: Instant) -> None:
    from mainstay.cli.log_hypothesis_interview import interview
    from mainstay.records import logged
    from mainstay.records.statements import as_toml, parsed
    from mainstay.records.statements_hypothesis import HypothesisFile, same_name

    records, items = own_records(casebook, at)
    own, others = _on_record(records), names_on_record(records, items)
    # Those set aside come last, so that one number means the same here and where one is set aside.
    open_first = tuple(sorted(own, key=lambda one: one.says.set_aside is not None))
    before = None if replaces is None else _named(open_first, replaces, "cause of yours")
    taken = [one.name for one in own if one is not before and one.says.set_aside is None]
    if toml is None:
        file = interview(others, taken, at)
        toml = as_toml(file)
    else:
        file = parsed(toml, HypothesisFile, "hypothesis")
        _check(file, taken, at)
    before = before or next((one for one in own if same_name(one.name, file.name)), None)
    now = asking.now()
    record = logged.statement("hypothesis", toml, now=now, replaces=_record(records, before))
    keep(casebook, case, (record,), f"the possible cause “{file.name}”, {_in_short(file)}", at=now)
    print_lines(_notes(file, others))


def _set_aside(casebook: Casebook, case: Path, name: str, why: str | None, at: Instant) -> None:
    from mainstay.explanations.library import starting_library
    from mainstay.records import logged
    from mainstay.records.statements import as_toml
    from mainstay.records.statements_hypothesis import with_library

    records, _ = own_records(casebook, at)
    found = _named(with_library(_on_record(records), starting_library()), name, "cause")
    if why is None:
        why = asked("Why is it no longer considered? ", _reason)
    text = as_toml(replace(found.says, set_aside=why))
    now = asking.now()
    record = logged.statement("hypothesis", text, now=now, replaces=_record(records, found))
    keep(casebook, case, (record,), f"“{found.name}” is set aside as a cause", at=now)


def _on_record(records: tuple[Record, ...]) -> tuple[Hypothesis, ...]:
    """The person's own, oldest first; those set aside among them."""
    from mainstay.records.statements_hypothesis import hypotheses_of

    return hypotheses_of(Told(records))[0]


def _named(known: tuple[Hypothesis, ...], name: str, what: str) -> Hypothesis:
    """The one of this number, the first being 1, or of this name. A number keeps a name out of the shell's history."""
    from mainstay.records.statements_hypothesis import same_name

    said = name.strip()
    if said.isdecimal() and 0 < int(said) <= len(known):
        return known[int(said) - 1]
    found = next((one for one in known if same_name(one.name, said)), None)
    if found is None:
        names = [one.name for one in known]
        numbered = ", ".join(f"{k} {one}" for k, one in enumerate(names, 1)) or "none yet"
        raise BadRequest(f"no {what} is called {said[:40]!r}{close_to(said, names)}; on record: {numbered}")
    return found


def _record(records: tuple[Record, ...], found: Hypothesis | None) -> Record | None:
    return next((one for one in records if found is not None and one.id == found.id), None)


def names_on_record(records: tuple[Record, ...], items: tuple[Item, ...]) -> dict[str, tuple[str, ...]]:
    """The names a clause can be about, by what they are. One with a bar can't be written: it parts alternatives."""
    from mainstay.records.kinds import Contact, Episode, Event, Signal

    found: dict[str, set[str]] = {kind: set() for kind in KINDS}
    found["item"] = {one.name for one in items}
    for record in records:
        body = record.body
        if isinstance(body, Event):
            found["event"].add(body.label)
            found["tag"].update(body.tags)
        elif isinstance(body, Signal):
            found["signal"].add(body.channel)
        elif isinstance(body, Episode):
            found["role" if body.is_ == "role" else "episode"].add(body.label)
        elif isinstance(body, Contact):
            found["company"].update(one.name for one in body.attributes)
    return {kind: tuple(sorted(name for name in names if "|" not in name)) for kind, names in found.items()}


def _check(file: HypothesisFile, taken: list[str], at: Instant) -> None:
    """Refuses a file whose cause is on record already, or that is dated in the future."""
    from mainstay.records.statements_hypothesis import same_name

    if any(same_name(file.name, one) for one in taken):
        raise BadRequest(f"a cause called {file.name!r} is on record; to say it anew: --replaces {file.name!r}")
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


def _notes(file: HypothesisFile, known: dict[str, tuple[str, ...]]) -> list[str]:
    """What the person may not expect of what they wrote."""
    from mainstay.explanations.library import starting_library
    from mainstay.records.statements_hypothesis import same_name

    notes = [] if file.forbids or file.set_aside is not None else [PARKED]
    if any(same_name(file.name, one.name) for one in starting_library()):
        notes.append("It takes the place of the one of that name that comes with Mainstay.")
    missing = _not_on_record(file, known)
    if missing:
        notes.append(f"Not on record so far, so nothing can be said of it yet: {listed(missing)}.")
    return notes


def _not_on_record(file: HypothesisFile, known: dict[str, tuple[str, ...]]) -> list[str]:
    """What its clauses name and no record has, in whichever of the alternatives."""
    from mainstay.records.statements_hypothesis import Moment, Subject, moments, same_name, subjects

    def there(one: Moment | Subject) -> bool:
        return not one.name or any(same_name(one.name, name) for name in known[one.kind])

    missing: dict[str, None] = {}
    for clause in (*file.predicts, *file.forbids):
        for some in (subjects(clause.stream), moments(clause.when)):
            if not any(there(one) for one in some):
                missing[" or ".join(f"{one.kind} “{one.name}”" for one in some)] = None
    return list(missing)


def _reason(said: str) -> str:
    why = _checked_reason(said)
    if why is None:
        raise BadRequest("say why, in a line or two: a cause is set aside for a reason")
    return why
