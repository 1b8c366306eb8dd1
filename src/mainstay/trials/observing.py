"""What was observed of a trial's outcome: answers or counts by local date, as far as they were known and lived.

Answers keep their time of day; an answer about a whole day stands at its end and belongs to that day, so one at
midnight sharp is the evening's. Events are counted by local day and divided by how much of the day was recorded; a day
of which nothing is known, or less than half, has no count. A day that is not over is not counted yet. Answers that are
given after the trial was ended are not part of it.

Where an arm is lived for an hour or an evening, an answer given before it on its day says nothing of it. So, where such
an arm is a day at a time and the event it consists of is on record with its hour, only answers after the latest hour of
its first three count, on all days alike: hours that differed by arm would pass the time of day for the arm's doing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from mainstay.notice.series import series_of
from mainstay.quantities import CannotSay
from mainstay.records.kinds import Item
from mainstay.records.statements_hypothesis import folded
from mainstay.timeline.kinds import Ratings, Timeline
from mainstay.trials.kinds import Floats, Observed
from mainstay.trials.sealing import Trial

LEAST_RECORDED = 0.5
"""The share of a day that has to be recorded for its count to stand for it."""
NOON = 0.5
FIRST_OF_AN_ARM = 3
"""How many times an arm must have come for its hours to be known; later ones change nothing, so that looks on any day
see the same answers."""
KNOWN_HOUR = 1.0 / 24.0
LEAST_DAYS = 0.6
"""The share of days with an answer that must have one late enough; else all answers count."""
ALL_HOURS = (
    "answers of the whole day count, also those given before an arm began on it, so part of what it does may be missed"
)
_BEFORE_MIDNIGHT = 1e-6


def observed(timeline: Timeline, trial: Trial) -> Observed | CannotSay:
    """The outcome of a trial's protocol, and what lies before its first day: all of it, where it has not begun."""
    outcome = trial.protocol.says.outcome
    if outcome.event is not None:
        return _counts(timeline, trial, outcome.event, -1 if outcome.better == "low" else 1)
    seen = of_item(timeline, trial, outcome.item or "", -1 if outcome.better == "low" else 1)
    return seen if isinstance(seen, CannotSay) else _after_the_arm(timeline, trial, seen)


def _after_the_arm(timeline: Timeline, trial: Trial, seen: Observed) -> Observed:
    """The answers at hours at which the arm had begun, on its days and on all others; says which those are."""
    design = trial.protocol.says.design
    if design.kind != "contacts" and not (design.kind in ("alternating", "blocks") and design.period == 1):
        return seen
    named = [(k, arm) for k, arm in enumerate(trial.protocol.says.arm) if arm.event is not None]
    if not named or trial.schedule is None:
        return replace(seen, hours=ALL_HOURS) if design.kind == "contacts" else seen
    begun = []
    for k, arm in named:
        label = event_called(timeline, arm.event or "")
        if label is None:
            return replace(seen, hours=ALL_HOURS)
        events = timeline.events[label]
        at = days_since(timeline, trial, events.times[events.half_widths <= KNOWN_HOUR])
        day = np.floor(at).astype(np.int64)
        inside = (at >= 0.0) & (day < trial.days_lived(timeline.as_of))
        own = at[inside][trial.schedule.arm[day[inside]] == k][:FIRST_OF_AN_ARM]
        if len(own) < FIRST_OF_AN_ARM:
            return replace(seen, hours=ALL_HOURS)
        begun.append(float(np.mod(own, 1.0).max()))
    hour = max(begun)
    kept, before = np.mod(seen.at, 1.0) >= hour, np.mod(seen.before, 1.0) >= hour
    if len(np.unique(np.floor(seen.at[kept]))) < LEAST_DAYS * len(np.unique(np.floor(seen.at))):
        return replace(seen, hours=ALL_HOURS)
    minutes = math.ceil(hour * 1440.0)
    return replace(
        seen,
        at=seen.at[kept],
        value=seen.value[kept],
        before=seen.before[before],
        before_value=seen.before_value[before],
        hours=f"answers from {minutes // 60:02d}:{minutes % 60:02d} on count, on every day alike: those before it say "
        "nothing of what comes later in the day",
    )


def observed_each(timeline: Timeline, trial: Trial) -> tuple[Observed | CannotSay, ...]:
    """The outcome, and the items that are watched beside it (baselines), in the order of the design's series."""
    if isinstance(trial.space, CannotSay):
        return (observed(timeline, trial),)
    beside = (of_item(timeline, trial, name) for name in trial.space.series[1:])
    return (observed(timeline, trial), *beside)


def of_item(timeline: Timeline, trial: Trial, name: str, better: int | None = None) -> Observed | CannotSay:
    """The answers on any item over a trial's days, such as one that should not move. `better`: else the item's own."""
    ratings = _ratings(timeline, name)
    if ratings is None:
        return _cannot(trial, f"nobody has answered “{name}” yet")
    item = ratings.item
    at = days_since(timeline, trial, ratings.times)
    unit = f"points of {_called(item)}"
    way = -item.worse_sign if better is None else better
    return _cut(timeline, trial, at, ratings.values, (unit, way, item.low, item.high))


def _called(item: Item) -> str:
    """What an item is called in the middle of a sentence: its label, but for a question its name."""
    return item.label if item.label and not item.label.endswith("?") else item.name.replace("_", " ")


def daily_counts(timeline: Timeline, label: str, day_of: Callable[[Floats], Floats], days: int) -> Floats:
    """How often an event came on each of some local days (days,), for a whole day; NaN where that is not known.

    `day_of`: from times in days since the origin to days since the first of them.
    """
    counts = np.full(days, np.nan)
    at, values = _by_day(timeline, label, day_of)
    inside = (at >= 0) & (at < days)
    counts[np.floor(at[inside]).astype(np.int64)] = values[inside]
    return counts


def days_since(timeline: Timeline, trial: Trial, times: Floats) -> Floats:
    """Times (days since the origin) as local days since a trial's start; midnight sharp is the evening before."""
    origin = timeline.origin.as_local.date()
    local: Floats = timeline.local_days(times) - (trial.protocol.says.start - origin).days
    return np.where(np.abs(local - np.round(local)) < _BEFORE_MIDNIGHT, np.round(local) - _BEFORE_MIDNIGHT, local)


def _ratings(timeline: Timeline, name: str) -> Ratings | None:
    wanted = folded(name)
    named = [one for one in timeline.ratings.values() if folded(one.item.name) == wanted]
    called = [one for one in timeline.ratings.values() if folded(one.item.label) == wanted]
    return next(iter((*named, *called)), None)


def event_called(timeline: Timeline, name: str) -> str | None:
    """The label of an event as it stands on record, however it is capitalised; None where there is none."""
    return next((one for one in timeline.events if folded(one) == folded(name)), None)


def _counts(timeline: Timeline, trial: Trial, name: str, better: int) -> Observed | CannotSay:
    label = event_called(timeline, name)
    if label is None:
        return _cannot(trial, f"“{name}” was never written down")
    at, values = _by_day(timeline, label, lambda times: days_since(timeline, trial, times))
    return _cut(timeline, trial, at, values, ("a day", better, 0.0, None))


def _by_day(timeline: Timeline, label: str, day_of: Callable[[Floats], Floats]) -> tuple[Floats, Floats]:
    """The middle of each local day that is over and known well enough, and how often the event came on such a day."""
    [series] = series_of(replace(timeline, ratings={}, samples={}, events={label: timeline.events[label]}))
    lengths = np.diff(series.times, prepend=0.0)
    share = series.exposure / np.maximum(lengths, _BEFORE_MIDNIGHT)
    end_of_last = float(timeline.local_days(np.array([timeline.days]))[0])
    over = np.ones(len(lengths), bool)
    over[-1] = abs(end_of_last - round(end_of_last)) < 1e-6 or _later_day(timeline)
    known = over & (share >= LEAST_RECORDED) & (lengths > 0.0)
    middle = np.floor(day_of(series.times[known] - lengths[known] / 2.0)) + NOON
    return middle, series.values[known] / share[known]


def _later_day(timeline: Timeline) -> bool:
    """Whether the timeline is cut on a later local day than the last one on record."""
    return timeline.as_of.as_local.date() > timeline.instant(timeline.days).as_local.date()


def _cut(
    timeline: Timeline, trial: Trial, at: Floats, values: Floats, told: tuple[str, int, float | None, float | None]
) -> Observed | CannotSay:
    unit, better, low, high = told
    lived = trial.days_lived(timeline.as_of) if trial.begun is not None else 0
    inside, before = (at >= 0.0) & (at < lived), at < 0.0
    if not inside.any() and trial.begun is not None:
        return _cannot(trial, "nothing is on record since the trial began", 0.0, 1.0, "days with an answer")
    return Observed(at[inside], values[inside], unit, better, low, high, at[before], values[before])


def _cannot(
    trial: Trial, reason: str, have: float | None = None, need: float | None = None, unit: str = ""
) -> CannotSay:
    return CannotSay(reason, have, need, unit, row="S22", about=trial.name, quantity="outcome")
