"""`log scenario`, `option`, `preference`, `leaning`, `decision`: how it could turn out, what could be done, what is
wished, what it would be by first feeling, and what was decided. Asked for, or as TOML by standard input or --file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mainstay.cli import asking
from mainstay.cli.keeping import print_lines
from mainstay.cli.log_concern import _checked_reason
from mainstay.cli.log_hypothesis import names_on_record
from mainstay.cli.log_keeping import Told, asked, close_to, from_input, keep, listed, own_records, toml_from
from mainstay.errors import BadRequest
from mainstay.records.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstay.casebook import Casebook
    from mainstay.futures.library import StartingSet
    from mainstay.quantities import Instant
    from mainstay.records.kinds import Record, StatementForm
    from mainstay.records.statements_option import OptionFile
    from mainstay.records.statements_preference import PreferenceFile
    from mainstay.records.statements_scenario import ScenarioFile

NAMED = ("scenario", "option")
WORDS = {"scenario": "way it could turn out", "option": "option"}


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What a statement may speak of: names by what they are; ways it could turn out; options that stand.

    `ways`: the person's own and, where they are asked for, those of the starting set; "other" is not among them.
    `wished`: the preferences that stand.
    """

    names: dict[str, tuple[str, ...]]
    ways: tuple[str, ...]
    options: tuple[str, ...]
    wished: PreferenceFile | None
    at: Instant


def write(case: Path, form: StatementForm, *, file: Path | None, set_aside: str | None = None) -> None:
    """Keep one statement; of a scenario or option the last word under its name counts. Or set one of these aside."""
    from mainstay.casebook import Casebook

    if set_aside is not None and file is not None:
        raise BadRequest("--file writes one down and --set-aside lets one go; keep one")
    begun, terminal = asking.now(), asking.at_a_terminal()
    toml = toml_from(file) if set_aside is None and (file is not None or not terminal) else None
    why = _reason(from_input().strip()) if set_aside is not None and not terminal else None
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        if set_aside is not None:
            _set_aside(casebook, case, form, set_aside, why)
        else:
            _write(casebook, case, form, toml, begun)


def _write(casebook: Casebook, case: Path, form: StatementForm, toml: str | None, at: Instant) -> None:
    from mainstay.cli import log_deciding_interview as interview
    from mainstay.records import logged
    from mainstay.records.statements import as_toml, parsed
    from mainstay.records.statements_hypothesis import same_name
    from mainstay.records.statements_preference import preference_of

    records, items = own_records(casebook, at)
    standing = {kind: _standing(records, kind) for kind in NAMED}
    ways, options = (tuple(one.name for one in standing[kind]) for kind in NAMED)
    if form == "preference":
        ways = tuple(dict.fromkeys((*ways, *_starting_names(casebook, at))))
    wished = preference_of(Told(records))[0]
    known = OnRecord(names_on_record(records, items), ways, options, wished.says if wished else None, at)
    read: Any = interview.ask(form, known) if toml is None else parsed(toml, _kind(form), form)
    if form == "decision":
        _refuse_past(read.look_again, at)
    before = next((one for one in standing.get(form, ()) if same_name(one.name, read.name)), None)
    replaced = None if before is None else next(one for one in records if one.id == before.id)
    text = as_toml(read) if toml is None else toml
    now = asking.now()
    keep(casebook, case, (logged.statement(form, text, now=now, replaces=replaced),), _said(form, read), at=now)
    print_lines([*(["It takes the place of the one of that name."] if before else []), *_notes(form, read, known)])


def _set_aside(casebook: Casebook, case: Path, form: StatementForm, name: str, why: str | None) -> None:
    from mainstay.records import logged
    from mainstay.records.statements import as_toml
    from mainstay.records.statements_hypothesis import same_name

    at = asking.now()
    records, _ = own_records(casebook, at)
    known = _standing(records, form)
    if form == "scenario":
        from mainstay.records.statements_scenario import with_starting_set

        starting = _starting(casebook, at)
        known = with_starting_set(known, starting.scenarios if starting else ())
    known = tuple(one for one in known if one.says.set_aside is None)
    said = name.strip()
    place = int(said) - 1 if said.isdecimal() and 0 < int(said) <= len(known) else None
    found = known[place] if place is not None else next((one for one in known if same_name(one.name, said)), None)
    if found is None:
        names = [one.name for one in known]
        numbered = ", ".join(f"{k} {one}" for k, one in enumerate(names, 1)) or "none yet"
        raise BadRequest(f"no {WORDS[form]} of yours is called {said[:40]!r}{close_to(said, names)}; there: {numbered}")
    reason = why or asked("Why is it no longer considered? ", _reason)
    text = as_toml(replace(found.says, set_aside=reason))
    now = asking.now()
    replaced = next((one for one in records if one.id == found.id), None)
    record = logged.statement(form, text, now=now, replaces=replaced)
    keep(casebook, case, (record,), f"the {WORDS[form]} “{found.name}” is set aside", at=now)


def _starting_names(casebook: Casebook, at: Instant) -> tuple[str, ...]:
    """What the starting set holds for this record, also what is left out of it so far."""
    found = _starting(casebook, at)
    return () if found is None else (*(one.name for one in found.scenarios), *found.left_out)


def _starting(casebook: Casebook, at: Instant) -> StartingSet | None:
    """The scenarios that come with Mainstay, as they fit this record; None where there is none."""
    from mainstay.futures.library import starting_set
    from mainstay.records.statements_preference import preference_of
    from mainstay.timeline.reader import read

    if not casebook.streams():
        return None
    timeline = read(casebook, "own_answers", None, now=at)
    wished = preference_of(timeline)[0]
    limit = None if wished is None else wished.says.limit
    return starting_set(timeline, None if limit is None else limit.days)


def _standing(records: tuple[Record, ...], form: str) -> tuple[Any, ...]:
    from mainstay.records.statements_option import options_of
    from mainstay.records.statements_scenario import scenarios_of

    return (scenarios_of if form == "scenario" else options_of)(Told(records))[0]


def _kind(form: StatementForm) -> type:
    from mainstay.records.statements_decision import DecisionFile, LeaningFile
    from mainstay.records.statements_option import OptionFile
    from mainstay.records.statements_preference import PreferenceFile
    from mainstay.records.statements_scenario import ScenarioFile

    kinds: dict[str, type] = {
        "scenario": ScenarioFile,
        "option": OptionFile,
        "preference": PreferenceFile,
        "leaning": LeaningFile,
        "decision": DecisionFile,
    }
    return kinds[form]


def _refuse_past(day: Any, at: Instant) -> None:
    if day is not None and day < at.as_local.date():
        raise BadRequest(f"look_again, {day}, is over; choose a day to come")


def _said(form: StatementForm, read: Any) -> str:
    if form == "preference":
        return "what you want and can give, in place of what was said before"
    if form == "leaning":
        return f"by first feeling it would be “{read.option}”"
    if form == "decision":
        return f"“{read.option}” was decided"
    aside = "; it is set aside" if read.set_aside else ""
    if form == "scenario":
        return f"it could turn out so: “{read.name}”{aside}"
    steps = counted(len(read.step), "step") if read.step else "no steps"
    return f"the option “{read.name}”, with {steps}{aside}"


def _notes(form: StatementForm, read: Any, known: OnRecord) -> list[str]:
    """What the person may not expect of what they wrote: names that nothing on record has, and what strikes out."""
    if form in ("leaning", "decision"):
        return _unknown([read.option], "option", (*known.options, "nothing is changed"))
    if form == "preference":
        return _of_preference(read, known)
    return _of_scenario(read, known) if form == "scenario" else _of_option(read, known)


def _of_scenario(read: ScenarioFile, known: OnRecord) -> list[str]:
    from mainstay.records.statements_scenario import conditions

    named = [(one.watched, one.name) for one in conditions(read.rule) if one.name not in ("", "self", "slips")]
    return [
        *_unknown([name for kind, name in named if kind == "share"], "role", known.names["role"]),
        *_unknown([name for kind, name in named if kind == "rate"], "event", known.names["event"]),
    ]


def _of_option(read: OptionFile, known: OnRecord) -> list[str]:
    from mainstay.records.statements_option import target

    kinds = {"role": "role", "event": "event", "company": "company"}
    notes = []
    for change in read.changes:
        moved = target(change.lever)
        if moved.of in kinds:
            notes += _unknown([moved.name], moved.of, known.names[kinds[moved.of]])
    if not read.disclosed_ok:
        notes.append("It would not do if everybody concerned knew all about it, so it can't be recommended.")
    if not read.changes:
        notes.append("It names nothing that it changes, so what it leads to can't be worked out.")
    return notes


def _of_preference(read: PreferenceFile, known: OnRecord) -> list[str]:
    return _unknown([*read.order, *read.must_not], "way it could turn out", (*known.ways, "other"))


def _unknown(names: Sequence[str], what: str, there: Sequence[str]) -> list[str]:
    from mainstay.records.statements_hypothesis import same_name

    missing = [one for one in names if not any(same_name(one, other) for other in there)]
    return [f"No {what} of this name is on record so far: {listed(missing)}."] if missing else []


def _reason(said: str) -> str:
    why = _checked_reason(said)
    if why is None:
        raise BadRequest("say why, in a line or two: it is set aside for a reason")
    return why
