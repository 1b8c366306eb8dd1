"""`trial` fill and end: what was done on the days that were drawn, and that a trial is over."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from mainstay.cli import asking
from mainstay.cli.keeping import print_lines
from mainstay.cli.log_keeping import asked, from_input, tell_kept
from mainstay.errors import BadRequest
from mainstay.records.typed import day_gone, one_of
from mainstay.records.words import counted, few

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mainstay.casebook import Casebook
    from mainstay.doors.trials import DayToFill
    from mainstay.quantities import Instant
    from mainstay.records.statements_protocol import TrialFile
    from mainstay.trials.sealing import Trial

MOST_ASKED = 14
"""Days asked for in one go: the latest ones; further back a file is easier (--from)."""


@dataclass(frozen=True, slots=True)
class Given:
    """What came with the command: the day, whether it was kept, what it was instead, what of the setting held."""

    day: str | None
    kept: str | None
    instead: str | None
    ticked: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """Whether all of it is to be asked for."""
        return self.day is None and self.kept is None and self.instead is None and not self.ticked


def fill(case: Path, name: str | None, given: Given, table: Path | None) -> None:
    """Note what was done: of one day, of each day that is open, or of many from a table."""
    from mainstay.casebook import Casebook
    from mainstay.doors import trials as steps

    if table is not None and not given.nothing:
        raise BadRequest("--from brings whole days; leave out --day, --kept, --instead and --tick")
    if table is not None and not table.is_file():
        raise BadRequest(f"there is no file at {table}; check the path")
    at = asking.now()
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        trial = steps.lived(steps.chosen(steps.on_record(casebook, now=at).trials, name))
        if table is not None:
            _keep(casebook, case, trial, _from_table(trial, table, at))
        elif given.nothing:
            for note in _asked_for(trial, at):
                _keep(casebook, case, trial, (note,))
        elif given.kept is None:
            raise BadRequest("say whether the day was as it was drawn: --kept yes, partly or no")
        else:
            day = day_gone("today" if given.day is None else given.day, at)
            note = steps.day_note(trial, day, given.kept, instead=given.instead, ticked=given.ticked, now=at)
            _keep(casebook, case, trial, (note,))


def end(case: Path, name: str | None) -> None:
    """End a trial; why is asked for, or comes by standard input."""
    from mainstay.casebook import Casebook
    from mainstay.doors import trials as steps

    why = None if asking.at_a_terminal() else from_input().strip()
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        trial = steps.open_trial(steps.on_record(casebook, now=asking.now()).trials, name)
        why = why or asked("Why does it end? ", _some)
        now = asking.now()
        kept = steps.end(casebook, trial.name, why=why, now=now)
        lived, days = trial.days_lived(now), trial.protocol.says.design.days
        said = f"“{trial.name}” has ended, after {lived} of {days} days"
        tell_kept(casebook, case, kept.added, kept.records, said, at=now)
        print_lines([f"What it showed: mainstay trial {quote(str(case))} report"])


def _asked_for(trial: Trial, at: Instant) -> Iterator[TrialFile]:
    """Ask for each day that is over and open, oldest first; each is given as it is answered."""
    from mainstay.doors import trials as steps

    if not asking.at_a_terminal():
        raise BadRequest("say of which day: --day yesterday --kept yes; or many at once: --from FILE.csv")
    left = steps.days_to_fill(trial, now=at)
    if not left:
        print_lines(["Every day so far is noted."])
        return
    if len(left) > MOST_ASKED:
        print_lines([f"{len(left)} days are open; here are the last {MOST_ASKED}. Many at once: --from FILE.csv"])
    print_lines(
        ["Was each day as it was drawn? yes, partly or no; Enter leaves a day open. Ctrl-C stops; what is noted stays."]
    )
    for one in left[-MOST_ASKED:]:
        question = f"{one.day:%a %d %b}, “{one.arm}”: "
        kept = asked(question, lambda said: one_of(said, steps.KEPT) if said else "")
        if kept:
            yield steps.day_note(trial, one.day, kept, ticked=_ticks(one) if kept != "no" else (), now=at)


def _ticks(day: DayToFill) -> tuple[str, ...]:
    """Which parts of the setting held, of those that were planned."""
    return tuple(
        part
        for part, planned in day.setting
        if asked(f"    {part}: {planned}? yes or no: ", lambda said: one_of(said, ("yes", "no"))) == "yes"
    )


def _some(said: str) -> str:
    if not said:
        raise BadRequest("a few words; it is told in the report")
    return said


def _from_table(trial: Trial, table: Path, at: Instant) -> tuple[TrialFile, ...]:
    from mainstay.trials.adherence_table import notes_from_csv

    read, receipt = notes_from_csv(table, trial, as_of=at)
    lines = [f"Refused, row {one.row}: {one.reason}" for one in receipt.refused]
    if not read:
        left = (*receipt.notes, *([f"{counted(receipt.rows_empty, 'row')} left open"] if receipt.rows_empty else []))
        lines.append(f"Nothing new is in {table.name}{f': {few(left)}' if left else ''}.")
    if lines:
        print_lines(lines)
    return read


def _keep(casebook: Casebook, case: Path, trial: Trial, notes: Sequence[TrialFile]) -> None:
    """Keep the notes and say so; a day that was noted before is said anew."""
    from mainstay.doors import trials as steps

    if not notes:
        return
    now = asking.now()
    kept = steps.keep_days(casebook, trial, notes, now=now)
    told = f"{notes[0].day:%a %d %b}" if len(notes) == 1 else f"{len(notes)} days"
    tell_kept(casebook, case, kept.added, kept.records, f"what was done in “{trial.name}”: {told}", at=now)
