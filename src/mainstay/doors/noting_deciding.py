"""How it could turn out, what could be done, what is wished, what it would be by first feeling, what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal, cast

from mainstay.casebook import Casebook
from mainstay.doors.noting import OWN, Note, OnRecord, replaced
from mainstay.errors import BadRequest
from mainstay.futures.library import StartingSet, starting_set
from mainstay.quantities import Instant
from mainstay.records import logged
from mainstay.records.kinds import Record
from mainstay.records.statements import as_toml
from mainstay.records.statements_decision import DecisionFile, LeaningFile
from mainstay.records.statements_hypothesis import same_name
from mainstay.records.statements_option import NOTHING, Option, OptionFile, options_of, target
from mainstay.records.statements_preference import PreferenceFile, preference_of
from mainstay.records.statements_scenario import (
    OTHER,
    Scenario,
    ScenarioFile,
    conditions,
    scenarios_of,
    with_starting_set,
)
from mainstay.records.typed import listed
from mainstay.records.words import counted
from mainstay.timeline.kinds import Timeline
from mainstay.timeline.reader import read

Form = Literal["scenario", "option", "preference", "leaning", "decision"]
NAMED = ("scenario", "option")
WORDS = {"scenario": "way it could turn out", "option": "option"}
FILES: dict[str, type] = {
    "scenario": ScenarioFile,
    "option": OptionFile,
    "preference": PreferenceFile,
    "leaning": LeaningFile,
    "decision": DecisionFile,
}


def standing(form: str, known: OnRecord) -> tuple[Any, ...]:
    """The last word on each scenario or option, oldest first; those set aside among them."""
    return (scenarios_of if form == "scenario" else options_of)(known.told)[0]


def open_options(known: OnRecord) -> tuple[str, ...]:
    """The names of the options that were not set aside."""
    return tuple(one.name for one in standing("option", known) if one.says.set_aside is None)


def wished(known: OnRecord) -> PreferenceFile | None:
    """What was last said to be wanted."""
    found = preference_of(known.told)[0]
    return None if found is None else found.says


def ways(known: OnRecord, starting: StartingSet | None) -> tuple[str, ...]:
    """The ways it could turn out: the person's own, and what the starting set holds, also what it leaves out so far."""
    own = tuple(one.name for one in standing("scenario", known))
    theirs = () if starting is None else (*(one.name for one in starting.scenarios), *starting.left_out)
    return tuple(dict.fromkeys((*own, *theirs)))


def starting_in(casebook: Casebook, at: Instant) -> StartingSet | None:
    """The scenarios that come with Mainstay, as they fit this record; None where there is none."""
    return starting_of(read(casebook, OWN, None, now=at)) if casebook.streams() else None


def starting_of(timeline: Timeline) -> StartingSet:
    """The same from a timeline."""
    said = preference_of(timeline)[0]
    limit = None if said is None else said.says.limit
    return starting_set(timeline, None if limit is None else limit.days)


def write(
    form: Form,
    file: Any,
    known: OnRecord,
    starting: StartingSet | None,
    *,
    now: Instant,
    toml: str | None = None,
    replaces: Record | None = None,
) -> Note:
    """A statement of one of these forms; of a scenario or option the last word under its name counts.

    `replaces`: the record that is said anew, under whatever name.

    Refuses a decision to be looked at again on a day that is over.
    """
    if form == "decision" and file.look_again is not None and file.look_again < known.now.as_local.date():
        raise BadRequest(f"look_again, {file.look_again}, is over; choose a day to come")
    before = None
    if form in NAMED:
        before = next((one for one in standing(form, known) if same_name(one.name, file.name)), None)
    text = as_toml(file) if toml is None else toml
    record = logged.statement(form, text, now=now, replaces=replaces or replaced(known.records, before))
    hints = ["It takes the place of the one of that name."] if before and replaces is None else []
    return Note((record,), _said(form, file), (*hints, *_hints(form, file, known, starting)))


def to_set_aside(form: str, known: OnRecord, starting: StartingSet | None) -> tuple[Scenario | Option, ...]:
    """What can be set aside, each under its number: the person's own, and of scenarios what comes with Mainstay."""
    found = standing(form, known)
    if form == "scenario":
        found = with_starting_set(found, starting.scenarios if starting else ())
    return tuple(one for one in found if one.says.set_aside is None)


def set_aside(form: Form, found: Scenario | Option, why: str, known: OnRecord, *, now: Instant) -> Note:
    """That a scenario or option is no longer considered, and why."""
    text = as_toml(replace(cast(Any, found.says), set_aside=why))
    record = logged.statement(form, text, now=now, replaces=replaced(known.records, found))
    return Note((record,), f"the {WORDS[form]} “{found.name}” is set aside")


def _said(form: str, file: Any) -> str:
    if form == "preference":
        return "what you want and can give, in place of what was said before"
    if form == "leaning":
        return f"by first feeling it would be “{file.option}”"
    if form == "decision":
        return f"“{file.option}” was decided"
    aside = "; it is set aside" if file.set_aside else ""
    if form == "scenario":
        return f"it could turn out so: “{file.name}”{aside}"
    steps = counted(len(file.step), "step") if file.step else "no steps"
    return f"the option “{file.name}”, with {steps}{aside}"


def _hints(form: str, file: Any, known: OnRecord, starting: StartingSet | None) -> list[str]:
    """What the person may not expect of what they wrote: names that nothing on record has, and what strikes out."""
    if form in ("leaning", "decision"):
        names = tuple(one.name for one in standing("option", known))
        return _unknown([file.option], "option", (*names, NOTHING))
    if form == "preference":
        return _unknown([*file.order, *file.must_not], "way it could turn out", (*ways(known, starting), OTHER))
    return _of_scenario(file, known) if form == "scenario" else _of_option(file, known)


def _of_scenario(file: ScenarioFile, known: OnRecord) -> list[str]:
    named = [(one.watched, one.name) for one in conditions(file.rule) if one.name not in ("", "self", "slips")]
    return [
        *_unknown([name for kind, name in named if kind == "share"], "role", known.clause_names["role"]),
        *_unknown([name for kind, name in named if kind == "rate"], "event", known.clause_names["event"]),
    ]


def _of_option(file: OptionFile, known: OnRecord) -> list[str]:
    hints = []
    for moved in map(target, (one.lever for one in file.changes)):
        if moved.of in ("role", "event", "company"):
            hints += _unknown([moved.name], moved.of, known.clause_names[moved.of])
    if not file.disclosed_ok:
        hints.append("It would not do if everybody concerned knew all about it, so it can't be recommended.")
    if not file.changes:
        hints.append("It names nothing that it changes, so what it leads to can't be worked out.")
    return hints


def _unknown(names: Sequence[str], what: str, there: Sequence[str]) -> list[str]:
    missing = [one for one in names if not any(map(partial(same_name, one), there))]
    return [f"No {what} of this name is on record so far: {listed(missing)}."] if missing else []
