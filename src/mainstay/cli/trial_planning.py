"""`trial` design, start and calendar: what is tried is written down, its days are drawn by lot and go to a calendar."""

from __future__ import annotations

import secrets
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from mainstay.cli import asking
from mainstay.cli.keeping import print_lines
from mainstay.cli.log_keeping import keep, toml_from
from mainstay.cli.trial_common import chosen, own_trials
from mainstay.errors import BadRequest
from mainstay.quantities import in_words

if TYPE_CHECKING:
    from mainstay.casebook import Casebook
    from mainstay.quantities import Instant
    from mainstay.records.kinds import Item, Record
    from mainstay.records.statements_protocol import ProtocolFile
    from mainstay.trials.designs import DesignSpace
    from mainstay.trials.kinds import Schedule

CALENDARS = (".ics", ".csv", ".txt")
SHOWN_DAYS = 14
SHORTEST_TO_CARRY = 3
"""Days of a period below which what carries over can't be told from what an arm does."""


def design(case: Path, *, file: Path | None, how_long: bool) -> None:
    """Keep a protocol as it is written, and say what its design allows; one that can't be drawn is not kept."""
    from mainstay.casebook import Casebook
    from mainstay.cli import trial_interview as interview
    from mainstay.records import logged
    from mainstay.records.statements import as_toml, parsed
    from mainstay.records.statements_hypothesis import same_name
    from mainstay.records.statements_protocol import ProtocolFile

    at, terminal = asking.now(), asking.at_a_terminal()
    toml = toml_from(file) if file is not None or not terminal else None
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        trials, records, items = own_trials(casebook, case, at)
        events = _events(records)
        begun = tuple(one.name for one in trials if one.begun is not None)
        read = interview.ask(items, events, begun, at) if toml is None else parsed(toml, ProtocolFile, "protocol")
        _refuse_unknown(read, items, events)
        _refuse_what_cannot_be(read, items, at)
        allowed = _allowed(read)
        before = [one for one in trials if same_name(one.name, read.name)]
        if any(same_name(one, read.name) for one in begun):
            raise BadRequest(f"“{read.name}” has begun; what was sealed stays. Give the new one another name")
        replaced = next((one for one in records if before and one.id == before[-1].protocol.id), None)
        text = as_toml(read) if toml is None else toml
        now = asking.now()
        record = logged.statement("protocol", text, now=now, replaces=replaced)
        keep(casebook, case, (record,), f"the trial “{read.name}” as planned", at=now)
        print_lines(_plan_lines(read, allowed))
        if how_long:
            print_lines(_how_long(casebook, read, at))
        print_lines([f"To draw the days and begin: mainstay trial {quote(str(case))} start {quote(read.name)}"])


def start(case: Path, name: str | None) -> None:
    """Draw the days by lot and seal the plan with them."""
    import numpy as np

    from mainstay.casebook import Casebook
    from mainstay.records import logged
    from mainstay.records.statements import as_toml
    from mainstay.trials.drawing import draw_each
    from mainstay.trials.sealing import begun_note

    with Casebook.open(case, asking.passphrase(case)) as casebook:
        trial = chosen(own_trials(casebook, case, asking.now())[0], name, planned=True)
        if trial.begun is not None:
            raise BadRequest(f"“{trial.name}” has begun on {trial.begun.written.day_in_words}; its days are drawn")
        says = trial.protocol.says
        now = asking.now()
        allowed = _allowed(says)
        seed = says.design.seed if says.design.seed is not None else secrets.randbits(62)
        schedules = draw_each(allowed, np.random.default_rng(seed))
        note = begun_note(trial.protocol, schedules, seed, day=now.as_local.date())
        record = logged.statement("trial", as_toml(note), now=now)
        keep(casebook, case, (record,), f"“{trial.name}” is sealed and its days are drawn", at=now)
        print_lines(
            [
                *_days_lines(schedules[0]),
                f"Seal: {note.digest}",
                f"For your calendar: mainstay trial {case} calendar --out days.ics",
            ]
        )


def calendar(case: Path, name: str | None, *, out: Path, full: bool) -> None:
    """Write the days to a file that a calendar, a table program or a printer takes."""
    from mainstay.casebook import Casebook
    from mainstay.cli.files import check_output, whole_file
    from mainstay.trials.calendar import as_csv, as_ics, as_page

    check_output(out, CALENDARS, case)
    now = asking.now()
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        trial = chosen(own_trials(casebook, case, now)[0], name)
    if trial.begun is None:
        raise BadRequest(f"“{trial.name}” has not begun, so no day is drawn yet: mainstay trial {case} start")
    kind = out.suffix.lower()
    if kind == ".ics":
        text = as_ics(trial, now=now, discreet=not full)
    else:
        text = as_csv(trial) if kind == ".csv" else as_page(trial)
    with whole_file(out) as part:
        part.write_text(text, encoding="utf-8", newline="")
    print_lines([f"Wrote {out}. It is not encrypted: whoever has it can read it."])


def _how_long(casebook: Casebook, read: ProtocolFile, at: Instant) -> list[str]:
    """Weeks that this design takes, those of the design that takes least, and those of recovery."""
    from mainstay.report.trials_words import weeks_lines
    from mainstay.timeline.reader import read as timeline_of
    from mainstay.trials.planning import how_long

    return weeks_lines(read, how_long(timeline_of(casebook, "own_answers", None, now=at), read))


def _events(records: tuple[Record, ...]) -> tuple[str, ...]:
    from mainstay.records.kinds import Event

    return tuple(sorted({one.body.label for one in records if isinstance(one.body, Event)}))


def _refuse_unknown(read: ProtocolFile, items: tuple[Item, ...], events: tuple[str, ...]) -> None:
    """Refuses an outcome that nothing on record has: a trial of it could only end with nothing to say."""
    from mainstay.cli.log_keeping import close_to, listed

    known = {"item": tuple(one.name for one in items), "event": events}
    wanted = [("item", read.outcome.item), ("event", read.outcome.event)]
    wanted += [("item", one.item) for one in read.harm] + [("item", one) for one in read.baselines]
    for kind, named in wanted:
        if named is not None and named not in known[kind]:
            near = close_to(named, known[kind])
            raise BadRequest(f"no {kind} on record is called {named!r}{near}; there: {listed(known[kind])}")


def _refuse_what_cannot_be(read: ProtocolFile, items: tuple[Item, ...], at: Instant) -> None:
    """Refuses a first day that is over, a better side that is the item's worse one, and a difference off its scale."""
    today = at.as_local.date()
    if read.start < today:
        raise BadRequest(f"the first day, {in_words(read.start)}, is over; choose one from {in_words(today)} on")
    item = next((one for one in items if one.name == read.outcome.item), None)
    if item is None:
        return
    if item.better is not None and item.better != read.outcome.better:
        raise BadRequest(f"on record {item.better} is better for {item.name!r}, in the plan {read.outcome.better}")
    if item.low is not None and item.high is not None and read.matters > item.high - item.low:
        raise BadRequest(
            f"a difference of {read.matters:g} can't be: {item.name!r} goes from {item.low:g} to {item.high:g}"
        )


def _allowed(read: ProtocolFile) -> DesignSpace:
    from mainstay.quantities import CannotSay
    from mainstay.trials.designs import space

    found = space(read)
    if isinstance(found, CannotSay):
        raise BadRequest(f"{found.reason}; what would do: {found.would_change}")
    return found


def _plan_lines(read: ProtocolFile, allowed: DesignSpace) -> list[str]:
    from mainstay.trials.designs import how_many

    outcome, arms = read.outcome.item or read.outcome.event, [f"“{one.name}”" for one in read.arm]
    lines = [
        f"From {in_words(read.start)} to {in_words(allowed.end)}, {allowed.days} days: {' or '.join(arms)}.",
        f"Looked at: {outcome}; a difference of {read.matters:g} would matter.",
    ]
    if allowed.randomised:
        lines.append(f"The days can be drawn in {how_many(allowed.count)} ways, each as likely.")
    else:
        lines.append("Nothing is drawn by lot, so what else changes over these days can't be told from it: weaker.")
    if read.design.kind in ("alternating", "blocks") and read.design.period < SHORTEST_TO_CARRY:
        lines.append(
            "Days change quickly: of what lasts into the next days part is hidden. Periods of a week show more of it."
        )
    return lines


def _days_lines(schedule: Schedule) -> list[str]:
    from datetime import timedelta

    days = min(SHOWN_DAYS, schedule.days)
    lines = [f"  {schedule.start + timedelta(days=k):%a %d %b}  {schedule.arms[schedule.arm[k]]}" for k in range(days)]
    return [*lines, *([f"  … and {schedule.days - days} more days"] if schedule.days > days else [])]
