"""`trial` fill and end: what was done on the days that were drawn, and that a trial is over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.cli import asking
from mainstay.cli.keeping import print_lines
from mainstay.cli.log_keeping import asked, close_to, from_input, keep, listed, one_of
from mainstay.cli.log_times import day_gone
from mainstay.cli.trial_common import chosen, own_trials
from mainstay.errors import BadRequest
from mainstay.records.words import counted, few

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mainstay.casebook import Casebook
    from mainstay.quantities import Instant
    from mainstay.records.kinds import Record
    from mainstay.records.statements_protocol import Arm, TrialFile
    from mainstay.trials.sealing import Trial

KEPT = ("yes", "partly", "no")
SETTING = ("place", "clothes", "people")
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

    if table is not None and not given.nothing:
        raise BadRequest("--from brings whole days; leave out --day, --kept, --instead and --tick")
    at = asking.now()
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        trial = _lived(chosen(own_trials(casebook, case, at)[0], name))
        if table is not None:
            _keep(casebook, case, trial, _from_table(trial, table, at))
        elif given.nothing:
            for note in _asked_for(trial, at):
                _keep(casebook, case, trial, (note,))
        else:
            _keep(casebook, case, trial, (_one_day(trial, given, at),))


def end(case: Path, name: str | None) -> None:
    """End a trial; why is asked for, or comes by standard input."""
    from mainstay.casebook import Casebook
    from mainstay.records import logged
    from mainstay.records.statements import as_toml
    from mainstay.records.statements_protocol import TrialFile

    why = None if asking.at_a_terminal() else from_input().strip()
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        trial = _lived(chosen(own_trials(casebook, case, asking.now())[0], name))
        if trial.ended is not None:
            raise BadRequest(f"“{trial.name}” was ended on {trial.ended.written.day_in_words}")
        why = why or asked("Why does it end? ", _some)
        now = asking.now()
        lived = trial.days_lived(now)
        note = TrialFile(trial=trial.name, kind="ended", day=now.as_local.date(), why=why)
        record = logged.statement("trial", as_toml(note), now=now)
        days = trial.protocol.says.design.days
        keep(casebook, case, (record,), f"“{trial.name}” has ended, after {lived} of {days} days", at=now)
        print_lines([f"What it showed: mainstay trial {case} report"])


def _lived(trial: Trial) -> Trial:
    if trial.begun is None:
        raise BadRequest(f"“{trial.name}” has not begun; its days are drawn by: mainstay trial CASE start")
    return trial


def _one_day(trial: Trial, given: Given, at: Instant) -> TrialFile:
    if given.kept is None:
        raise BadRequest("say whether the day was as it was drawn: --kept yes, partly or no")
    day = _of_trial(day_gone("today" if given.day is None else given.day, at), trial)
    return _note(trial, day, one_of(given.kept, KEPT), given.instead, given.ticked)


def _asked_for(trial: Trial, at: Instant) -> Iterator[TrialFile]:
    """Ask for each day that is over and open, oldest first; each is given as it is answered."""
    if not asking.at_a_terminal():
        raise BadRequest("say of which day: --day yesterday --kept yes; or many at once: --from FILE.csv")
    noted = {one.says.day for one in trial.notes if one.says.kind == "done"}
    first = trial.protocol.says.start
    open_days = [first + timedelta(days=k) for k in range(trial.days_lived(at))]
    left = [one for one in open_days if one not in noted]
    if not left:
        print_lines(["Every day so far is noted."])
        return
    if len(left) > MOST_ASKED:
        print_lines([f"{len(left)} days are open; here are the last {MOST_ASKED}. Many at once: --from FILE.csv"])
    print_lines(
        ["Was each day as it was drawn? yes, partly or no; Enter leaves a day open. Ctrl-C stops; what is noted stays."]
    )
    for day in left[-MOST_ASKED:]:
        kept = asked(f"{day:%a %d %b}, “{_arm(trial, day).name}”: ", lambda said: one_of(said, KEPT) if said else "")
        if kept:
            ticked = _ticks(_arm(trial, day)) if kept != "no" else ()
            yield _note(trial, day, kept, None, ticked)


def _ticks(arm: Arm) -> tuple[str, ...]:
    """Which parts of the setting held, of those that were planned."""
    return tuple(
        part
        for part in SETTING
        if getattr(arm, part) is not None
        and asked(f"    {part}: {getattr(arm, part)}? yes or no: ", lambda said: one_of(said, ("yes", "no"))) == "yes"
    )


def _note(trial: Trial, day: date, kept: str, instead: str | None, ticked: Sequence[str]) -> TrialFile:
    from mainstay.records.statements_hypothesis import same_name
    from mainstay.records.statements_protocol import TrialFile

    names = [one.name for one in trial.protocol.says.arm]
    arm = None
    if instead is not None:
        arm = next((one for one in names if same_name(one, instead)), None)
        if arm is None:
            raise BadRequest(f"{instead[:40]!r} is no arm of it{close_to(instead, names)}; there: {listed(names)}")
    drawn = _arm(trial, day).name
    if kept == "yes" and arm is not None and arm != drawn:
        raise BadRequest(f"{day} was drawn for “{drawn}”; it can't have been kept and been “{arm}”")
    if kept == "no" and arm == drawn:
        raise BadRequest(f"{day} was drawn for “{drawn}”; if it was that, it was kept")
    for part in ticked:
        one_of(part, SETTING)
    done = TrialFile(trial=trial.name, kind="done", day=day, kept="no", arm=arm, ticked=tuple(ticked))
    return replace(done, kept=kept)  # type: ignore[arg-type]


def _arm(trial: Trial, day: date) -> Arm:
    schedule = trial.schedule
    if schedule is None:
        raise BadRequest(f"the days of “{trial.name}” can't be read as drawn: {'; '.join(trial.wrong)}")
    return trial.protocol.says.arm[int(schedule.arm[(day - schedule.start).days])]


def _of_trial(day: date, trial: Trial) -> date:
    first = trial.protocol.says.start
    last = first + timedelta(days=trial.protocol.says.design.days - 1)
    if not first <= day <= last:
        raise BadRequest(f"{day} is no day of “{trial.name}”, which goes from {first} to {last}")
    return day


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
    """Keep the notes, each at a moment of its own; a day that was noted before is said anew."""
    from mainstay.quantities import Instant
    from mainstay.records import logged
    from mainstay.records.statements import as_toml

    if not notes:
        return
    now = asking.now()
    records: list[Record] = []
    for k, note in enumerate(notes):
        moment = Instant(now.utc_us - (len(notes) - 1 - k), now.offset_s)
        records.append(logged.statement("trial", as_toml(note), now=moment))
    told = f"{notes[0].day:%a %d %b}" if len(notes) == 1 else f"{len(notes)} days"
    keep(casebook, case, tuple(records), f"what was done in “{trial.name}”: {told}", at=now)
