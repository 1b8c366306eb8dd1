"""Trials as the page finds them: by the opaque key in the address, as known on the day the page is told as of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from mainstay.quantities import MONTHS, Instant, in_words
from mainstay.records.words import counted
from mainstay.report.labels import FOR_MACHINES
from mainstay.trials.adherence import Adherence, How, adherence, last_words
from mainstay.trials.calendar import WEEKDAYS, letter
from mainstay.trials.kinds import WASHOUT
from mainstay.trials.sealing import Trial, trials_of
from mainstay.web.showing import cut_of, desk_of, show

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request
    from starlette.responses import Response

    from mainstay.records.kinds import Item
    from mainstay.timeline.kinds import Timeline

STREAMS = ("protocol", "trial")
HOW: dict[How, tuple[str, str]] = {
    "kept": ("✓", "as drawn"),
    "partly": ("~", "partly as drawn"),
    "no": ("✗", "not as drawn"),
    "unwritten": ("?", "not noted yet"),
    "to come": ("", "to come"),
    "not reached": ("", "after it was ended"),
}
"""A mark and words for how a day went."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """The trials on record as known then. `replay`: told as of an earlier day, so nothing can be done."""

    timeline: Timeline
    trials: tuple[Trial, ...]
    replay: bool

    @property
    def now(self) -> Instant:
        """The moment it is told as of."""
        return self.timeline.as_of

    @property
    def today(self) -> date:
        """That day."""
        return self.now.as_local.date()


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a trial: its arm as letter and name, how it went as a mark and in words, what was noted of it."""

    day: date
    words: str
    letter: str
    arm: str
    how: How
    mark: str
    went: str
    instead: str
    note: str
    left_out: bool
    is_today: bool


def seen(request: Request) -> Seen | Response:
    """The trials as of the date in the address; where consent hides what is on record of them, a page that says so."""
    cut = cut_of(request)
    timeline = desk_of(request).timeline(cut)
    hidden = [one for one in STREAMS if one in timeline.left_out]
    if hidden:
        return show(request, "trial_hidden.html", title="Trial", hidden=hidden, status=403)
    return Seen(timeline, trials_of(timeline), cut is not None)


def key_of(trial: Trial) -> str:
    """What stands for a trial in an address: the id of its plan, from which nothing can be read."""
    return trial.protocol.id


def named(trials: Iterable[Trial], request: Request) -> Trial:
    """The trial whose key is in the address; there is no such page where none has it."""
    for one in trials:
        if key_of(one) == request.path_params["key"]:
            return one
    raise HTTPException(404)


def day_words(day: date) -> str:
    """A day as it is told on the page: "Mon 4 March"."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"


def outcome_words(timeline: Timeline, trial: Trial) -> str:
    """What is looked at: an item whose name was made for machines by its question."""
    outcome = trial.protocol.says.outcome
    rated = timeline.ratings.get(outcome.item or "")
    return item_words(rated.item) if rated is not None else outcome.item or outcome.event or ""


def item_words(item: Item) -> str:
    """An item by its name, or by its question where the name was made for machines."""
    return (item.label.strip() or item.name.replace(FOR_MACHINES, " ")) if FOR_MACHINES in item.name else item.name


def spoken(said: str) -> str:
    """A sentence without the command that the terminal would name in brackets."""
    return re.sub(r"\s*\(mainstay [^()]*\)", "", said)


def days_of(found: Seen, trial: Trial) -> tuple[Day, ...]:
    """Every day of a trial that has begun, in order; none where its days can't be read as drawn."""
    schedule = trial.schedule
    if schedule is None:
        return ()
    done, said = adherence(found.timeline, trial), last_words(trial, schedule)
    days = []
    for k, how in enumerate(done.how):
        day, arm, note = schedule.start + timedelta(days=k), int(schedule.arm[k]), said.get(k)
        mark, went = HOW[how]
        days.append(
            Day(
                day, day_words(day), letter(arm), schedule.arms[arm], how, mark, went,
                instead=_instead(done, schedule.arms, k, arm), note="" if note is None else note.says.why or "",
                left_out=bool(schedule.analysed[k] == WASHOUT), is_today=day == found.today,
            )
        )  # fmt: skip
    return tuple(days)


def _instead(done: Adherence, arms: tuple[str, ...], k: int, drawn: int) -> str:
    lived = int(done.lived[k])
    return arms[lived] if lived >= 0 and lived != drawn else ""


def weeks_of(days: tuple[Day, ...]) -> list[tuple[str, list[Day | None]]]:
    """Days as rows of a calendar, Monday first, each under the date of its Monday; None where the trial has no day."""
    if not days:
        return []
    before = days[0].day.weekday()
    cells: list[Day | None] = [*[None] * before, *days]
    cells += [None] * (-len(cells) % 7)
    monday = days[0].day - timedelta(days=before)
    return [
        (f"{(first := monday + timedelta(days=k)).day} {MONTHS[first.month - 1][:3]}", cells[k : k + 7])
        for k in range(0, len(cells), 7)
    ]


def last_day(trial: Trial) -> date:
    """The last day as planned."""
    return trial.protocol.says.start + timedelta(days=trial.protocol.says.design.days - 1)


def over(found: Seen, trial: Trial) -> bool:
    """Whether it can be reported: its last day is past, or it was ended."""
    return trial.begun is not None and (not trial.is_open or found.today > last_day(trial))


def state_words(found: Seen, trial: Trial) -> str:
    """Where a trial is, in a sentence."""
    says, days = trial.protocol.says, trial.protocol.says.design.days
    if trial.begun is None:
        return f"Planned for {counted(days, 'day')} from {in_words(says.start)}. Its days are not drawn yet."
    if trial.ended is not None:
        lived = trial.days_lived(found.now)
        return f"Ended on {trial.ended.written.day_in_words}, after {lived} of {counted(days, 'day')}."
    if found.today < says.start:
        return f"Its days are drawn. The first of {counted(days, 'day')} is {in_words(says.start)}."
    if over(found, trial):
        return f"Over: all {counted(days, 'day')}, from {in_words(says.start)} to {in_words(last_day(trial))}."
    return f"Day {trial.days_lived(found.now)} of {days}. Its last day is {in_words(last_day(trial))}."


def due_today(timeline: Timeline) -> tuple[tuple[str, str, Day], ...]:
    """Of every trial that is going on, today's day where it is not noted yet: its key, its name and the day."""
    if any(one in timeline.left_out for one in STREAMS):  # without its plan or its notes no trial is told
        return ()
    found = Seen(timeline, trials_of(timeline), False)
    return tuple(
        (key_of(one), one.name, day)
        for one in found.trials
        if one.begun is not None and not over(found, one)
        for day in days_of(found, one)
        if day.is_today and day.how == "unwritten"
    )
