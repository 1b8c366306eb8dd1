"""What was done of a trial, day by day, against what was drawn.

A note about a day ("done") is the last word on it. Without one, the days are told from logged events, where arms name
one: on a day of that arm it happened or, if the day was recorded, it did not; an event of another arm shows that the
day was lived as that one. A day nobody wrote of is unwritten, never taken as kept.

The analysis of a trial goes by what was drawn; what was done instead is chosen on the day, most likely by how the day
went, and an analysis by it (`as_done`) stands beside the first and never in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.futures.scores import share_interval
from mainstay.quantities import CannotSay, Finding, Interval
from mainstay.records.statements_hypothesis import folded
from mainstay.records.statements_protocol import TrialNote
from mainstay.records.words import counted
from mainstay.timeline.kinds import Timeline
from mainstay.trials.kinds import WASHOUT, Schedule
from mainstay.trials.observing import daily_counts, days_since, event_called
from mainstay.trials.sealing import Trial

How = Literal["kept", "partly", "no", "unwritten", "to come", "not reached"]
KEPT: dict[str, How] = {"yes": "kept", "partly": "partly", "no": "no"}
UNKNOWN = -1


@dataclass(frozen=True, slots=True, eq=False)
class Adherence:
    """Of each day (days,): how it was kept; `lived`, the arm it was lived as, `UNKNOWN` where nobody said.

    `noted` (days,): told by a note, else by events or not at all. `ticked` (days,): what of the setting was ticked.
    """

    how: tuple[How, ...]
    lived: NDArray[np.int64]
    noted: NDArray[np.bool_]
    ticked: tuple[tuple[str, ...], ...]

    def count(self, *hows: How) -> int:
        """How many days were kept in any of these ways."""
        return sum(one in hows for one in self.how)

    @property
    def written(self) -> int:
        """How many days something is known of."""
        return self.count("kept", "partly", "no")

    @property
    def open_days(self) -> tuple[int, ...]:
        """The days that are over, or today, and of which nothing is known: what is still to be filled in."""
        return tuple(k for k, one in enumerate(self.how) if one == "unwritten")


def adherence(timeline: Timeline, trial: Trial) -> Adherence:
    """How each day of the outcome's schedule was lived, as known by the timeline's date.

    Refuses a trial that has no days yet.
    """
    schedule = trial.schedule
    if schedule is None:
        raise BadRequest(f"“{trial.name}” has no days yet: they are drawn when it begins")
    lived_days = trial.days_lived(timeline.as_of)
    later: How = "to come" if trial.is_open else "not reached"
    how: list[How] = ["unwritten" if k < lived_days else later for k in range(schedule.days)]
    lived = np.full(schedule.days, UNKNOWN)
    noted = np.zeros(schedule.days, bool)
    ticked: list[tuple[str, ...]] = [()] * schedule.days
    for k, arm, kept in _from_events(timeline, trial, schedule):
        if k < lived_days:
            how[k], lived[k] = kept, arm
    for k, note in last_words(trial, schedule).items():
        says = note.says
        how[k], noted[k], ticked[k] = KEPT[says.kept or "no"], True, says.ticked
        lived[k] = arm_of(says.arm, schedule.arms) if says.kept == "no" else int(schedule.arm[k])
    return Adherence(tuple(how), lived, noted, tuple(ticked))


def as_done(schedule: Schedule, done: Adherence) -> Schedule:
    """The schedule as it was lived: days lived as another arm stand under that one; partly kept ones are left out.

    Days of which nothing is known stay as they were drawn. What can be said of it rests on no lot.
    """
    other = (done.lived != UNKNOWN) & (done.lived != schedule.arm)
    unclear = np.array(
        [one == "partly" or (one == "no" and at == UNKNOWN) for one, at in zip(done.how, done.lived, strict=True)]
    )
    arm = np.where(other, done.lived, schedule.arm)
    analysed = np.where(other, done.lived, schedule.analysed)
    return replace(schedule, arm=arm, analysed=np.where(unclear, WASHOUT, analysed))


def adherence_answer(trial: Trial, done: Adherence) -> Finding | CannotSay:
    """How much of a trial was lived as drawn: the share of the days that something is known of; the others are told."""
    over = len(done.how) - done.count("to come", "not reached")
    if done.written == 0:
        return CannotSay(
            "nothing was written yet of how the days went", 0.0, 1.0, "days written of", n=over, claim=(
                f"Nobody has written down yet how the {counted(over, 'day')} of “{trial.name}” went."
                if over else f"“{trial.name}” has not come to its first day."
            ),
            row="S21", about=trial.name, quantity=_QUANTITY, method=_METHOD,
        )  # fmt: skip
    kept = done.count("kept")
    low, high = share_interval(kept, done.written)
    unwritten = done.count("unwritten")
    missing = f" Of {counted(unwritten, 'day')} nothing is written." if unwritten else ""
    return Finding(
        row="S21",
        about=trial.name,
        quantity=_QUANTITY,
        method=_METHOD,
        status="found",
        claim=f"{kept} of {counted(done.written, 'day')} of “{trial.name}” went as drawn.{missing}",
        estimate=kept / done.written,
        interval=Interval(low, high),
        unit="of the days written of",
        n=done.written,
        assumptions=("days of which nothing is written went as the others did", "one day says nothing of the next"),
        would_change="what is still written down of the days without a note",
        detail={
            "kept": kept,
            "partly": done.count("partly"),
            "no": done.count("no"),
            "unwritten": unwritten,
            "to_come": done.count("to come"),
            "not_reached": done.count("not reached"),
            "noted": int(done.noted.sum()),
            "by_day": list(done.how),
        },
    )


_QUANTITY = "days lived as drawn"
_METHOD = "notes of what was done, else logged events of the arms, against the order that was drawn"


def last_words(trial: Trial, schedule: Schedule) -> dict[int, TrialNote]:
    """The last note about each day that had come by then; notes are in the order in which they were written."""
    found: dict[int, TrialNote] = {}
    for note in trial.notes:
        if note.says.kind == "done" and note.says.day is not None:
            k = (note.says.day - schedule.start).days
            if 0 <= k < trial.days_lived(note.written):
                found[k] = note
    return found


def arm_of(name: str | None, arms: Sequence[str]) -> int:
    """The place of an arm by its name; unknown where none is named, even of two: it may have been neither."""
    wanted = None if name is None else folded(name)
    return next((i for i, one in enumerate(arms) if folded(one) == wanted), UNKNOWN)


def _from_events(timeline: Timeline, trial: Trial, schedule: Schedule) -> list[tuple[int, int, How]]:
    """What logged events say of days: the day, the arm it was lived as, and whether that is the one drawn."""
    arms = trial.protocol.says.arm
    labels = [None if one.event is None else event_called(timeline, one.event) for one in arms]
    counts = {
        i: daily_counts(timeline, label, lambda times: days_since(timeline, trial, times), schedule.days)
        for i, label in enumerate(labels)
        if label is not None
    }
    if not counts:
        return []
    without = [i for i, one in enumerate(arms) if one.event is None]
    found: list[tuple[int, int, How]] = []
    for k, drawn in enumerate(schedule.arm.tolist()):
        came = [i for i, by_day in counts.items() if by_day[k] > 0.0]
        recorded = all(np.isfinite(by_day[k]) for by_day in counts.values())
        if drawn in came:
            found.append((k, drawn, "kept"))
        elif came:
            found.append((k, came[0], "no"))
        elif recorded and drawn in without:
            found.append((k, drawn, "kept"))
        elif recorded and drawn in counts:
            found.append((k, without[0] if len(without) == 1 else UNKNOWN, "no"))
    return found
