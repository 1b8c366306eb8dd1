"""A trial step by step, for every door: planned, begun, filled in day by day, looked at, ended, reported.

Plain functions of an open casebook and the moment `now`; they read, keep and return, and print nothing. What can't be
done is refused (`BadRequest`, with what to do); what a plan's fields get wrong comes back by field (`Plan.refused`).

| step | function |
|---|---|
| what is on record | `on_record`, `chosen` |
| plan | `plan_from_fields`, `plan_from_file` or `plan`, then `keep_plan`; `weeks` |
| begin | `start`; `calendar` |
| fill in | `days_to_fill`, `day_note`, `keep_days` |
| look, end, report | `look`, `end`, `report` |
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, cast

import numpy as np

from mainstay.casebook import Added, Casebook
from mainstay.casebook.by_hand import keep
from mainstay.doors.trials_checks import what_cannot_be, what_it_can_not_test
from mainstay.doors.trials_fields import Known, Refused, from_fields
from mainstay.errors import BadRecord, BadRequest
from mainstay.quantities import Answer, CannotSay, Instant
from mainstay.records import logged
from mainstay.records.kinds import Event, Item, Record
from mainstay.records.statements import Told, as_toml, parsed
from mainstay.records.statements_hypothesis import same_name
from mainstay.records.statements_protocol import Arm, ProtocolFile, TrialFile
from mainstay.records.typed import close_to, listed, one_of
from mainstay.report.answers import AnswerContext
from mainstay.timeline.kinds import Timeline
from mainstay.timeline.reader import read as timeline_of
from mainstay.trials.answering import answers_of, tried_in
from mainstay.trials.calendar import SETTING, as_csv, as_ics, as_page
from mainstay.trials.cross_checks import cross_checks
from mainstay.trials.designs import DesignSpace, space
from mainstay.trials.drawing import draw_each
from mainstay.trials.planning import HowLong, how_long
from mainstay.trials.reporting import Report
from mainstay.trials.reporting import report as reported
from mainstay.trials.sealing import Trial, begun_note, begun_record, trials_of
from mainstay.trials.sealing_strays import strays as left_over
from mainstay.trials.standing import Standing, stands

KEPT = ("yes", "partly", "no")
NONE_YET = "no trial is on record yet; to plan one: mainstay trial CASE design"


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What is on record for trials: `trials` as `trials_of` gives them, records and items that may be read, `now`.

    `strays`: what is on record of trials and counts for none of them, in words.
    """

    trials: tuple[Trial, ...]
    records: tuple[Record, ...]
    items: tuple[Item, ...]
    strays: tuple[str, ...]
    now: Instant

    @property
    def known(self) -> Known:
        """What a plan is read against."""
        events = {one.body.label for one in self.records if isinstance(one.body, Event)}
        begun = tuple(one.name for one in self.trials if one.begun is not None)
        return Known(self.items, tuple(sorted(events)), begun, self.now)


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan and what its design allows; where something of it can't be, `refused` says what, and it is not kept.

    `says`, `allowed`: None where they can't be read or drawn. `text`: the TOML that is kept.
    """

    text: str
    says: ProtocolFile | None
    allowed: DesignSpace | None
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """What was kept: the records and what the casebook says of them. `trial`: as it stands then."""

    records: tuple[Record, ...]
    added: Added
    trial: Trial


@dataclass(frozen=True, slots=True)
class DayToFill:
    """A day of which nothing is noted: `arm` as it was drawn, `setting` as planned, (part, words) each."""

    day: date
    arm: str
    setting: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """How a trial stands on a timeline, and what its answers are told with."""

    timeline: Timeline
    standing: Standing
    context: AnswerContext

    def answers(self) -> tuple[Answer, ...]:
        """Rows S21 and S22."""
        return answers_of(self.timeline, self.standing)

    def report(self) -> Report:
        """What it showed."""
        tried = tried_in(self.timeline, self.standing)
        checks = () if isinstance(tried, CannotSay) else cross_checks(tried, self.standing.adherence)
        return reported(self.standing, self.answers(), checks)


def on_record(casebook: Casebook, *, now: Instant) -> OnRecord:
    """The trials on record and what a plan could look at.

    Refuses where plans or notes may not be read: a trial that looks as if it had not begun would be drawn again.
    """
    found = casebook.read("own_answers", now=now)
    refuse_hidden(found.left_out)
    told = Told(found.records)
    return OnRecord(trials_of(told), found.records, found.items, left_over(told), now)


def refuse_hidden(left_out: Sequence[str]) -> None:
    """Refuses where consent leaves out plans or notes."""
    hidden = [name for name in ("protocol", "trial") if name in left_out]
    if hidden:
        raise BadRequest(
            f"consent does not cover what is on record of trials ({', '.join(hidden)}); "
            f"mainstay consent CASE give {' '.join(hidden)}"
        )


def chosen(
    trials: Sequence[Trial], name: str | None = None, *, planned: bool = False, strays: Sequence[str] = ()
) -> Trial:
    """The trial that is meant: by its name, else the one begun last, or with `planned` the one that has yet to begin.

    Refuses what is not there, and an open choice. `strays`: what is on record of trials and counts for none of them.
    """
    if not trials:
        raise BadRequest("; ".join((NONE_YET, *(f"left out: {one}" for one in strays))))
    if name is not None:
        found = [one for one in trials if same_name(one.name, name)]
        if not found:
            names = [one.name for one in trials]
            raise BadRequest(f"no trial is called {name[:40]!r}{close_to(name, names)}; there: {listed(names)}")
        return found[-1]
    begun = [one for one in trials if one.begun is not None]
    waiting = [one for one in trials if one.begun is None]
    running = [one for one in begun if one.is_open]
    fitting = (waiting or begun[-1:]) if planned else (running or begun[-1:] or waiting)
    if len(fitting) > 1:
        raise BadRequest(f"several trials could be meant; say which: {listed(one.name for one in fitting)}")
    return fitting[0]


def plan_from_fields(said: Mapping[str, str], record: OnRecord) -> Plan:
    """A plan from the fields of a form (see `trials_fields`), each as it was typed."""
    read = from_fields(said, record.known)
    return plan(read, record) if isinstance(read, ProtocolFile) else Plan("", None, None, read)


def plan_from_file(toml: str, record: OnRecord) -> Plan:
    """A plan from its TOML, kept as it is written."""
    try:
        read = parsed(toml, ProtocolFile, "protocol")
    except BadRecord as error:
        return Plan(toml, None, None, (Refused("", str(error)),))
    return plan(read, record, text=toml)


def plan(says: ProtocolFile, record: OnRecord, *, text: str | None = None) -> Plan:
    """A plan, checked against what is on record; one that can't be, or can't be drawn, is refused by field."""
    text = as_toml(says) if text is None else text
    refused = list(what_cannot_be(says, record.known))
    allowed = space(says)
    if isinstance(allowed, CannotSay):
        refused.append(Refused("design", f"{allowed.reason}; what would do: {allowed.would_change}"))
        return Plan(text, says, None, tuple(refused))
    return Plan(text, says, allowed, (*refused, *what_it_can_not_test(says, allowed)))


def keep_plan(casebook: Casebook, planned: Plan, record: OnRecord, *, now: Instant) -> Kept:
    """Keep a plan; one of the same name that has not begun is replaced. Refuses a plan that was refused."""
    if planned.refused or planned.says is None:
        raise BadRequest(planned.refused[0].why if planned.refused else "the plan holds nothing")
    name = planned.says.name
    before = [one for one in record.trials if same_name(one.name, name) and one.begun is None]
    replaced = next((one for one in record.records if before and one.id == before[-1].protocol.id), None)
    written = logged.statement("protocol", planned.text, now=now, replaces=replaced)
    return _kept(casebook, (written,), name, now)


def weeks(casebook: Casebook, says: ProtocolFile, *, now: Instant) -> HowLong:
    """How many weeks the design takes, and the one that takes least, from the person's own days. Takes seconds."""
    return how_long(timeline_of(casebook, "own_answers", None, now=now), says)


def start(casebook: Casebook, name: str | None = None, *, now: Instant) -> Kept:
    """Draw the days by lot and seal the plan with them; `trial.schedules` has the days.

    Refuses a trial that has begun, one whose first day is over, and one that was begun elsewhere in this moment: the
    days that were drawn first count.
    """
    trial = chosen(on_record(casebook, now=now).trials, name, planned=True)
    if trial.begun is not None:
        raise BadRequest(f"“{trial.name}” has begun on {trial.begun.written.day_in_words}; its days are drawn")
    if isinstance(trial.space, CannotSay):
        raise BadRequest(f"{trial.space.reason}; what would do: {trial.space.would_change}")
    given = trial.protocol.says.design.seed
    seed = given if given is not None else secrets.randbits(62)
    drawn = draw_each(trial.space, np.random.default_rng(seed))
    note = begun_note(trial.protocol, drawn, seed, day=now.as_local.date())
    record = begun_record(trial.protocol, note, now=now)
    added = keep(casebook, (record,), now=now)
    begun = chosen(on_record(casebook, now=now).trials, trial.name)
    if not added.new or begun.begun is None or begun.begun.says.digest != note.digest:
        raise BadRequest(f"“{trial.name}” was begun in the same moment elsewhere; the days that were drawn there count")
    return Kept((record,), added, begun)


def calendar(trial: Trial, kind: Literal["ics", "csv", "txt"], *, now: Instant, full: bool = False) -> str:
    """The days as a calendar, a table to fill in, or a page to print. `full`: entries say what each day is."""
    if trial.begun is None:
        raise BadRequest(f"“{trial.name}” has not begun, so no day is drawn yet: mainstay trial CASE start")
    if kind == "ics":
        return as_ics(trial, now=now, discreet=not full)
    return as_csv(trial) if kind == "csv" else as_page(trial)


def days_to_fill(trial: Trial, *, now: Instant) -> tuple[DayToFill, ...]:
    """The days up to today of which nothing is noted, oldest first."""
    lived(trial)
    noted = {one.says.day for one in trial.notes if one.says.kind == "done"}
    first = trial.protocol.says.start
    days = [first + timedelta(days=k) for k in range(trial.days_lived(now))]
    return tuple(_to_fill(day, arm_on(trial, day)) for day in days if day not in noted)


def day_note(
    trial: Trial, day: date, kept: str, *, now: Instant, instead: str | None = None, ticked: Sequence[str] = ()
) -> TrialFile:
    """What is noted of a day: whether it was kept (yes, partly, no), what it was instead, what of the setting held.

    Refuses a day of no such trial or to come, and what contradicts the day that was drawn.
    """
    lived(trial)
    first = trial.protocol.says.start
    last = first + timedelta(days=trial.protocol.says.design.days - 1)
    if not first <= day <= last:
        raise BadRequest(f"{day} is no day of “{trial.name}”, which goes from {first} to {last}")
    if (day - first).days >= trial.days_lived(now):
        if trial.ended is not None:
            raise BadRequest(f"“{trial.name}” was ended on {trial.ended.written.day_in_words}, before {day}")
        raise BadRequest(f"{day} is still to come; a day is noted when it has come")
    how = one_of(kept, KEPT)
    names = [one.name for one in trial.protocol.says.arm]
    arm = None
    if instead is not None:
        arm = next((one for one in names if same_name(one, instead)), None)
        if arm is None:
            raise BadRequest(f"{instead[:40]!r} is no arm of it{close_to(instead, names)}; there: {listed(names)}")
    drawn = arm_on(trial, day).name
    if how == "yes" and arm is not None and arm != drawn:
        raise BadRequest(f"{day} was drawn for “{drawn}”; it can't have been kept and been “{arm}”")
    if how == "no" and arm == drawn:
        raise BadRequest(f"{day} was drawn for “{drawn}”; if it was that, it was kept")
    said = cast(Literal["yes", "partly", "no"], how)
    parts = tuple(one_of(part, SETTING) for part in ticked)
    return TrialFile(trial=trial.name, kind="done", day=day, kept=said, arm=arm, ticked=parts)


def keep_days(casebook: Casebook, trial: Trial, notes: Sequence[TrialFile], *, now: Instant) -> Kept:
    """Keep notes of days, all or none, each at a moment of its own; what is said of a day last is what counts."""
    records = tuple(
        logged.statement("trial", as_toml(note), now=replace(now, utc_us=now.utc_us - (len(notes) - 1 - k)))
        for k, note in enumerate(notes)
    )
    return _kept(casebook, records, trial.name, now)


def look(
    casebook: Casebook, name: str | None = None, *, now: Instant, as_of: Instant | None = None, noted: bool = True
) -> Shown:
    """How a trial stands: `standing.look` is what a look shows.

    That it was looked at is kept with what was seen, but for a look back (`as_of`), and with `noted` off.
    """
    shown = _shown(casebook, name, now, as_of)
    if noted and as_of is None and shown.standing.trial.is_open:
        seen = shown.standing.look
        said = seen.reason if isinstance(seen, CannotSay) else seen.said
        note = TrialFile(trial=shown.standing.trial.name, kind="looked", day=now.as_local.date(), said=said)
        keep(casebook, (logged.statement("trial", as_toml(note), now=now),), now=now)
    return shown


def end(casebook: Casebook, name: str | None = None, *, why: str, now: Instant) -> Kept:
    """End a trial. `why` is told in the report. Refuses one that has not begun or was ended."""
    trial = open_trial(on_record(casebook, now=now).trials, name)
    if not why.strip():
        raise BadRequest("a few words on why; it is told in the report")
    note = TrialFile(trial=trial.name, kind="ended", day=now.as_local.date(), why=why.strip())
    return _kept(casebook, (logged.statement("trial", as_toml(note), now=now),), trial.name, now)


def report(casebook: Casebook, name: str | None = None, *, now: Instant, as_of: Instant | None = None) -> Shown:
    """What a trial showed: `Shown.report()` and `Shown.answers()`; that it was read is not kept."""
    return _shown(casebook, name, now, as_of)


def lived(trial: Trial) -> Trial:
    """A trial that has begun; refuses one that has not."""
    if trial.begun is None:
        raise BadRequest(f"“{trial.name}” has not begun; its days are drawn by: mainstay trial CASE start")
    return trial


def open_trial(trials: Sequence[Trial], name: str | None) -> Trial:
    """The trial that is meant, going on; refuses one that has not begun or was ended."""
    trial = lived(chosen(trials, name))
    if trial.ended is not None:
        raise BadRequest(f"“{trial.name}” was ended on {trial.ended.written.day_in_words}")
    return trial


def arm_on(trial: Trial, day: date) -> Arm:
    """The arm that a day of the trial was drawn for."""
    schedule = trial.schedule
    if schedule is None:
        raise BadRequest(f"the days of “{trial.name}” can't be read as drawn: {'; '.join(trial.wrong)}")
    return trial.protocol.says.arm[int(schedule.arm[(day - schedule.start).days])]


def _to_fill(day: date, arm: Arm) -> DayToFill:
    planned = ((part, getattr(arm, part)) for part in SETTING)
    return DayToFill(day, arm.name, tuple((part, words) for part, words in planned if words is not None))


def _kept(casebook: Casebook, records: tuple[Record, ...], name: str, now: Instant) -> Kept:
    added = keep(casebook, records, now=now)
    if added.different:
        raise BadRequest("something else was noted in the very same moment, and that stands; say this again")
    return Kept(records, added, chosen(on_record(casebook, now=now).trials, name))


def _shown(casebook: Casebook, name: str | None, now: Instant, as_of: Instant | None) -> Shown:
    timeline = timeline_of(casebook, "own_answers", as_of, now=now)
    refuse_hidden(timeline.left_out)
    trial = chosen(trials_of(timeline), name, strays=left_over(timeline))
    if trial.begun is None:
        raise BadRequest(f"“{trial.name}” has not begun, so there is nothing to look at: mainstay trial CASE start")
    standing = stands(timeline, trial)
    context = AnswerContext(timeline.as_of, timeline.known_through, now, timeline.purpose, timeline.left_out)
    return Shown(timeline, standing, context)
