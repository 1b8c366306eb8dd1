"""The days of a trial for a calendar (iCalendar, RFC 5545), a table (CSV), a page to print; the setting to tick off.

Calendars are shared and synchronised, so an entry says nothing by itself: its title is "A" or "B" with a neutral word,
it has no description, and which is which stands on the printed page. Asked for in full, entries carry the arm's name,
what is done and the setting. Entries take the whole day, leave the time free, and keep their identity: a calendar that
takes the file again changes nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from io import StringIO
from string import ascii_uppercase

import numpy as np

from mainstay.errors import BadRequest
from mainstay.options.leaning import digest_of
from mainstay.quantities import CannotSay, Instant, in_words
from mainstay.records.statements_hypothesis import folded
from mainstay.records.statements_protocol import Arm, ProtocolFile
from mainstay.trials.kinds import WASHOUT, Schedule
from mainstay.trials.sealing import Trial

NEUTRAL = "Day"
LONGEST_LINE = 75
"""Bytes of a line of iCalendar, its line break aside; longer ones are folded."""
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SETTING = ("place", "clothes", "people")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Run:
    """Days in a row of one arm within one unit: the first day, how many, the arm."""

    first: date
    days: int
    arm: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the setting checklist: of which arm, what it is about, what was planned, and the roles it recalls."""

    arm: str
    about: str
    planned: str
    recalls: tuple[str, ...] = ()


def checklist(protocol: ProtocolFile, roles: Iterable[str] = ()) -> tuple[Tick, ...]:
    """The setting of each arm, to be ticked off: place, clothes, people. `roles`: those declared, other than oneself.

    A line that names a role recalls it: nothing in the setting should.
    """
    named = tuple(roles)
    return tuple(
        Tick(arm.name, about, planned, tuple(role for role in named if _names(planned, role)))
        for arm in protocol.arm
        for about in SETTING
        if (planned := getattr(arm, about)) is not None
    )


def _names(text: str, role: str) -> bool:
    wanted = folded(role).replace("_", " ").split()
    words = "".join(one if one.isalnum() else " " for one in folded(text)).split()
    return any(words[i : i + len(wanted)] == wanted for i in range(len(words))) if wanted else False


def runs(schedule: Schedule) -> tuple[Run, ...]:
    """The days in a row that belong together: of one arm, drawn as one unit."""
    change = (np.diff(schedule.arm) != 0) | (np.diff(schedule.unit) != 0)
    begins = np.concatenate([[0], np.flatnonzero(change) + 1])
    lengths = np.diff(begins, append=schedule.days)
    return tuple(
        Run(schedule.start + timedelta(days=int(begin)), int(days), int(schedule.arm[begin]))
        for begin, days in zip(begins, lengths, strict=True)
    )


def as_ics(trial: Trial, *, now: Instant, discreet: bool = True) -> str:
    """The trial's days as an iCalendar file, lines ended by CRLF. `now`: when it is made (DTSTAMP).

    Of contacts, only the days with one; of other designs, every run of days. Refuses a trial that has no days yet.
    """
    _schedule(trial)
    stamp = now.as_utc.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Mainstay//Trial//EN", "CALSCALE:GREGORIAN"]
    for number, series, run in _shown(trial):
        arm = trial.protocol.says.arm[run.arm]
        of = f", {series}" if series else ""
        plain = f"{NEUTRAL} {letter(run.arm)}{number + 1 if number else ''}"
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_uid(trial, number, run.first)}",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{run.first:%Y%m%d}",
            f"DTEND;VALUE=DATE:{run.first + timedelta(days=run.days):%Y%m%d}",
            f"SUMMARY:{escaped(plain if discreet else f'{trial.name}{of}: {arm.name}')}",
            *([] if discreet or not _described(arm) else [f"DESCRIPTION:{escaped(_described(arm))}"]),
            "CLASS:PRIVATE",
            "TRANSP:TRANSPARENT",
            "SEQUENCE:0",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{folded_line(line)}\r\n" for line in lines)


def as_csv(trial: Trial) -> str:
    """A row for each day: its date, weekday, arm, unit (from 1), whether it is analysed, room for what was done.

    The columns day, kept, arm and note can be filled in and read again (`adherence_table.notes_from_csv`).
    """
    schedule = _schedule(trial)
    held = StringIO()
    rows = csv.writer(held)
    beside = list(zip(_series(trial), trial.schedules, strict=True))[1:]
    names = [_cell(f"drawn, {series}") for series, _ in beside]
    rows.writerow(["day", "weekday", "drawn", *names, "unit", "analysed", "kept", "arm", "note"])
    for k in range(schedule.days):
        day = schedule.start + timedelta(days=k)
        name = schedule.arms[schedule.arm[k]]
        analysed = "no" if schedule.analysed[k] == WASHOUT else "yes"
        others = [_cell(one.arms[one.arm[k]]) for _, one in beside]
        unit = int(schedule.unit[k]) + 1
        rows.writerow([day.isoformat(), WEEKDAYS[day.weekday()], _cell(name), *others, unit, analysed, "", "", ""])
    return held.getvalue()


def as_page(trial: Trial, roles: Sequence[str] = ()) -> str:
    """The trial as a page of plain text to print: what is tried, the setting to tick off, and every day with a box."""
    schedule, says = _schedule(trial), trial.protocol.says
    last = schedule.start + timedelta(days=schedule.days - 1)
    lines = [trial.name, "", says.question, "", f"From {in_words(schedule.start)} to {in_words(last)}", ""]
    for number, arm in enumerate(says.arm):
        lines.append(f"{letter(number)}  {arm.name}{f': {_one_line(arm.what)}' if arm.what else ''}")
    ticks = checklist(says, roles)
    if ticks:
        lines += ["", "The setting, so that nothing in it recalls a role"]
        for tick in ticks:
            recalls = f"   (recalls {', '.join(tick.recalls)})" if tick.recalls else ""
            lines.append(f"  [ ] {tick.arm}, {tick.about}: {_one_line(tick.planned)}{recalls}")
    lines += ["", "Days (tick: as drawn; else write what it was instead)", ""]
    width = max(len(name) for name in schedule.arms)
    beside = list(zip(_series(trial), trial.schedules, strict=True))[1:]
    for k in range(schedule.days):
        day = schedule.start + timedelta(days=k)
        if k and schedule.unit[k] != schedule.unit[k - 1] and _longer_units(schedule):
            lines.append("")
        left_out = "   (not analysed)" if schedule.analysed[k] == WASHOUT else ""
        arm_number = int(schedule.arm[k])
        name = f"{letter(arm_number)}  {schedule.arms[arm_number]:<{width}}"
        others = "".join(f"   {series}: {letter(int(one.arm[k]))}" for series, one in beside)
        lines.append(f"{WEEKDAYS[day.weekday()]} {day.isoformat()}  {name}{others}  [ ] ____________________{left_out}")
    return "\n".join(lines) + "\n"


def letter(arm: int) -> str:
    """A, B, C… for the arms in their order: all that a neutral title says."""
    return ascii_uppercase[arm]


def escaped(text: str) -> str:
    """Text as a value of iCalendar: backslash, semicolon, comma and line breaks escaped (RFC 5545, 3.3.11)."""
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "\\n")):
        text = text.replace(plain, written)
    return "".join(one if one.isprintable() else " " for one in text)


def folded_line(line: str) -> str:
    """A line of iCalendar in parts of at most 75 bytes, none of which splits a character (RFC 5545, 3.1)."""
    parts, part, size = [], "", 0
    for one in line:
        length = len(one.encode())
        if size + length > LONGEST_LINE:
            parts.append(part)
            part, size = " ", 1
        part, size = part + one, size + length
    return "\r\n".join([*parts, part])


def _schedule(trial: Trial) -> Schedule:
    if trial.schedule is None:
        raise BadRequest(f"“{trial.name}” has no days yet: they are drawn when it begins")
    return trial.schedule


def _series(trial: Trial) -> tuple[str, ...]:
    """What each schedule is of; "" for the outcome's."""
    return ("",) if isinstance(trial.space, CannotSay) else trial.space.series


def _shown(trial: Trial) -> list[tuple[int, str, Run]]:
    """The number of each series, what it is of, and its runs of days."""
    contacts = trial.protocol.says.design.kind == "contacts"
    return [
        (number, series, run)
        for number, (series, schedule) in enumerate(zip(_series(trial), trial.schedules, strict=True))
        for run in runs(schedule)
        if run.arm > 0 or not contacts
    ]


def _uid(trial: Trial, number: int, first: date) -> str:
    """The same for the same trial, series and day, and nothing that could be read from it."""
    seal = trial.begun.says.digest if trial.begun is not None else ""
    return f"{digest_of(first.isoformat(), trial.protocol.id, seal or '', str(number))}@mainstay.invalid"


def _described(arm: Arm) -> str:
    setting = [f"[ ] {about}: {getattr(arm, about)}" for about in SETTING if getattr(arm, about) is not None]
    return "\n".join([*([arm.what] if arm.what else []), *setting])


def _longer_units(schedule: Schedule) -> bool:
    return schedule.days > len(np.unique(schedule.unit))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    """A name as a cell that no table program takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
