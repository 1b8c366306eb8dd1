"""What was done of a trial read from a table: a row for each day, every row told that is not taken."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from mainstay.errors import BadRequest, UnreadableSource
from mainstay.quantities import Instant
from mainstay.records.conditions import Cell
from mainstay.records.kinds import Receipt, Refusal
from mainstay.records.statements import LONGEST_TEXT
from mainstay.records.statements_hypothesis import folded
from mainstay.records.statements_protocol import TrialFile
from mainstay.records.tables import Table, read_table
from mainstay.records.words import counted, quoted
from mainstay.trials.adherence import KEPT, UNKNOWN, arm_of, last_words
from mainstay.trials.kinds import Schedule
from mainstay.trials.sealing import Trial

MOST_REFUSED = 1000
COLUMNS = ("day", "kept", "arm", "note")


def notes_from_csv(path: Path, trial: Trial, *, as_of: Instant) -> tuple[tuple[TrialFile, ...], Receipt]:
    """What was done, from a CSV file with the columns day and kept, and arm and note where they are there.

    A row without a word on whether the day was kept is empty: it is still to be filled in. Refused with its reason: a
    day that can't be read, is none of the trial's or still to come at `as_of`; another word than yes, partly or no; an
    arm that is none, or another one on a day that was kept; a day told twice in different words. The same row twice,
    and what a note says already, is counted and adds nothing. Refuses a file without its first two columns.
    """
    schedule = trial.schedule
    if schedule is None:
        raise BadRequest(f"“{trial.name}” has no days yet: they are drawn when it begins")
    table = read_table(path, format="csv")
    named = {folded(column): column for column in table.columns}
    missing = [one for one in COLUMNS[:2] if one not in named]
    if missing:
        raise UnreadableSource(f"{path.name} has no column {quoted(missing)}; it needs day and kept, with arm and note")
    columns = {one: named[one] for one in COLUMNS if one in named}
    reader = _Rows(trial, schedule, trial.days_lived(as_of))
    for row in range(table.rows):
        reader.take(table, {one: _text(table.columns[column][row]) for one, column in columns.items()}, row)
    refused = (*table.refused, *reader.refused)
    again = [f"{counted(reader.again, 'row')} said what was there already"] if reader.again else []
    receipt = Receipt(
        source=path.name,
        rows_read=table.rows + len(table.refused),
        rows_refused=len(refused),
        rows_empty=reader.empty,
        kept={"trial": len(reader.found) + reader.again},
        refused=refused[:MOST_REFUSED],
        notes=(*table.notes, *again),
    )
    return tuple(reader.found.values()), receipt


class _Rows:
    """The rows of a table of what was done, one after the other."""

    def __init__(self, trial: Trial, schedule: Schedule, lived: int) -> None:
        self.trial, self.schedule, self.lived = trial, schedule, lived
        self.found: dict[date, TrialFile] = {}
        self.told: dict[date, TrialFile] = {}
        self.refused: list[Refusal] = []
        self.empty = self.again = 0
        self.known = {k: note.says for k, note in last_words(trial, schedule).items()}

    def take(self, table: Table, cells: dict[str, str], row: int) -> None:
        if not cells["kept"]:
            self.empty += 1
            return
        reason = self._take(cells)
        if reason is not None:
            self.refused.append(Refusal(table.name, table.row_numbers[row], reason))

    def _take(self, cells: dict[str, str]) -> str | None:
        """Keeps what a row says, or says why not."""
        try:
            day = date.fromisoformat(cells["day"])
        except ValueError:
            return f"{cells['day'][:40]!r} is no day; write it as {self.schedule.start}"
        kept, arm, why = cells["kept"].casefold(), cells.get("arm", ""), _one_line(cells.get("note", ""))
        reason = self._why_not(day) or self._why_not_so(day, kept, arm, why)
        if reason is not None:
            return reason
        at = arm_of(arm, self.schedule.arms)
        said = TrialFile(
            trial=self.trial.name,
            kind="done",
            day=day,
            kept="yes" if kept == "yes" else "partly" if kept == "partly" else "no",
            arm=None if at == UNKNOWN else self.schedule.arms[at],
            why=why or None,
        )
        held, before = self.told.setdefault(day, said), self.known.get((day - self.schedule.start).days)
        if held != said:
            return f"{day} was told before, in other words"
        if day in self.found or (before is not None and _says(before) == _says(said)):
            self.again += 1
        else:
            self.found[day] = said
        return None

    def _why_not(self, day: date) -> str | None:
        last = self.schedule.start + timedelta(days=self.schedule.days - 1)
        if not self.schedule.start <= day <= last:
            return f"{day} is no day of the trial, which goes from {self.schedule.start} to {last}"
        if (day - self.schedule.start).days < self.lived:
            return None
        return f"{day} is still to come" if self.trial.is_open else f"{day} came after the trial was ended"

    def _why_not_so(self, day: date, kept: str, arm: str, why: str) -> str | None:
        if kept not in KEPT:
            return f"{kept[:40]!r} is not yes, partly or no"
        at = arm_of(arm, self.schedule.arms)
        if arm and at == UNKNOWN:
            return f"{arm[:40]!r} is none of {quoted(self.schedule.arms)}"
        drawn = int(self.schedule.arm[(day - self.schedule.start).days])
        if arm and kept == "yes" and at != drawn:
            return (
                f"{day} was drawn as “{self.schedule.arms[drawn]}”; a day lived as “{self.schedule.arms[at]}” is a no"
            )
        return (
            f"the note has {len(why):,} characters; {LONGEST_TEXT:,} are the most" if len(why) > LONGEST_TEXT else None
        )


def _says(note: TrialFile) -> tuple[str | None, str | None, str | None]:
    return note.kept, note.arm, note.why


def _one_line(text: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell).strip()
