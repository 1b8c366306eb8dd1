"""`trial` design, start and calendar: what is tried is written down, its days are drawn by lot and go to a calendar."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Literal, cast

from mainstay.cli import asking
from mainstay.cli.keeping import print_lines
from mainstay.cli.log_keeping import tell_kept, toml_from
from mainstay.errors import BadRequest

if TYPE_CHECKING:
    from mainstay.trials.kinds import Schedule

CALENDARS = (".ics", ".csv", ".txt")
SHOWN_DAYS = 14


def design(case: Path, *, file: Path | None, how_long: bool) -> None:
    """Keep a protocol as it is written, and say what its design allows; one that can't be drawn is not kept."""
    from mainstay.casebook import Casebook
    from mainstay.cli import trial_interview as interview
    from mainstay.doors import trials as steps
    from mainstay.doors.trials_checks import plan_lines
    from mainstay.report.trials_words import weeks_lines

    at, terminal = asking.now(), asking.at_a_terminal()
    toml = toml_from(file) if file is not None or not terminal else None
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        record = steps.on_record(casebook, now=at)
        plan = (
            steps.plan_from_file(toml, record) if toml is not None else steps.plan(interview.ask(record.known), record)
        )
        if plan.refused or plan.says is None or plan.allowed is None:
            raise BadRequest("; ".join(one.why for one in plan.refused))
        name, now = plan.says.name, asking.now()
        kept = steps.keep_plan(casebook, plan, record, now=now)
        tell_kept(casebook, case, kept.added, kept.records, f"the trial “{name}” as planned", at=now)
        print_lines(plan_lines(plan.says, plan.allowed, record.known))
        if how_long:
            print_lines(weeks_lines(plan.says, steps.weeks(casebook, plan.says, now=at)))
        print_lines([f"To draw the days and begin: mainstay trial {quote(str(case))} start {quote(name)}"])


def start(case: Path, name: str | None) -> None:
    """Draw the days by lot and seal the plan with them."""
    from mainstay.casebook import Casebook
    from mainstay.doors import trials as steps

    with Casebook.open(case, asking.passphrase(case)) as casebook:
        now = asking.now()
        kept = steps.start(casebook, name, now=now)
        trial = kept.trial
        said = f"“{trial.name}” is sealed and its days are drawn"
        tell_kept(casebook, case, kept.added, kept.records, said, at=now)
        seal = "" if trial.begun is None else trial.begun.says.digest
        print_lines(
            [
                *_days_lines(trial.schedules[0]),
                f"Seal: {seal}",
                f"For your calendar: mainstay trial {quote(str(case))} calendar --out days.ics",
            ]
        )


def calendar(case: Path, name: str | None, *, out: Path, full: bool) -> None:
    """Write the days to a file that a calendar, a table program or a printer takes."""
    from mainstay.casebook import Casebook
    from mainstay.cli.files import check_output, whole_file
    from mainstay.doors import trials as steps

    check_output(out, CALENDARS, case)
    now = asking.now()
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        trial = steps.chosen(steps.on_record(casebook, now=now).trials, name)
    kind = cast(Literal["ics", "csv", "txt"], out.suffix.lower().removeprefix("."))
    text = steps.calendar(trial, kind, now=now, full=full)
    with whole_file(out) as part:
        part.write_text(text, encoding="utf-8", newline="")
    print_lines([f"Wrote {out}. It is not encrypted: whoever has it can read it."])


def _days_lines(schedule: Schedule) -> list[str]:
    from datetime import timedelta

    days = min(SHOWN_DAYS, schedule.days)
    lines = [f"  {schedule.start + timedelta(days=k):%a %d %b}  {schedule.arms[schedule.arm[k]]}" for k in range(days)]
    return [*lines, *([f"  … and {schedule.days - days} more days"] if schedule.days > days else [])]
