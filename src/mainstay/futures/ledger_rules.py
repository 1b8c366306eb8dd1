"""What a forecast is scored by: a small language over a stretch of whole days, read off the record once it is over.

    mean(item:tension) over 1 day               the mean of all answers of those days, on the item's own scale
    count(event:quarrel) over 7 days            how many events are on record; count(slips): slips of every label
    any(event:quarrel) over 1 day               whether there was one at all
    hours(role:night shift) over 7 days         hours in a role, together; hours(self): in the role that is oneself
    share_of_days(event:quarrel) over 28 days   the share of days with at least one
    mean(item:tension) >= 4.5 over 7 days       at or above a bound, or < below it: something that comes or does not

The stretch ends at the forecast's due moment and is so many local days long. What is scored is what was recorded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRecord
from mainstay.quantities import Instant
from mainstay.strain.exposure import recording_of, unknown_spans
from mainstay.timeline.kinds import Episodes, Events, Timeline

Floats = NDArray[np.float64]
Quantity = Literal["mean", "count", "hours", "share_of_days"]
LONGEST_DAYS = 366
LEAST_ANSWERED = 0.5
"""A mean needs answers on at least this share of its days."""
MOST_UNKNOWN = 0.02
"""Events and hours need recording to have been on: no more of the stretch than this may be unknown."""
LEAST_RECORDED = 0.75
"""Events need at least this share of them to have been recorded, where that was logged."""
SLIPS, ONESELF = "slips", "self"

_SHAPE = re.compile(
    r"(?P<what>mean|count|any|hours|share_of_days)\((?P<of>.{1,220})\)"
    r"(?: (?P<sign>>=|<) (?P<bound>\d{1,6}(?:\.\d{1,9})?|-\d{1,6}(?:\.\d{1,9})?))? over (?P<days>\d{1,3}) days?"
)
_KINDS = {"mean": "item", "count": "event", "share_of_days": "event", "hours": "role"}
_EXAMPLES = "mean(item:NAME) over 1 day, any(event:NAME) over 7 days, hours(role:NAME) < 2 over 7 days"


@dataclass(frozen=True, slots=True)
class Rule:
    """What is read off the record: a quantity of `name` ("self" or "slips" too) over `days`; `bound` makes it an event.

    `at_least`: the event is that the quantity is at or above its bound; else that it is below.
    """

    quantity: Quantity
    name: str
    days: int
    bound: float | None = None
    at_least: bool = True

    @property
    def of_event(self) -> bool:
        """Whether it is scored as something that comes or does not."""
        return self.bound is not None

    def __str__(self) -> str:
        whole = self.name in {SLIPS, ONESELF} and self.quantity != "mean"
        said = self.name if whole else f"{_KINDS[self.quantity]}:{self.name}"
        over = f"over {self.days} day{'s' if self.days != 1 else ''}"
        if self.quantity == "count" and self.bound == 1.0 and self.at_least:
            return f"any({said}) {over}"
        bound = (
            "" if self.bound is None else f" {'>=' if self.at_least else '<'} {self.bound:.9f}".rstrip("0").rstrip(".")
        )
        return f"{self.quantity}({said}){bound} {over}"


@lru_cache(maxsize=4096)
def rule_of(text: str) -> Rule:
    """The rule that a text writes down; refuses (`BadRecord`) what the language does not know, with examples."""
    found = _SHAPE.fullmatch(text)
    if found is None:
        raise BadRecord(f"{text!r} is no rule a forecast is scored by; write one such as {_EXAMPLES}")
    what, of, days = found["what"], found["of"].strip(), int(found["days"])
    if not 1 <= days <= LONGEST_DAYS:
        raise BadRecord(f"{text!r} looks over {days} days; choose between 1 day and a year")
    quantity: Quantity = "count" if what == "any" else what  # type: ignore[assignment]
    kind, whole = _KINDS[quantity], {"count": SLIPS, "share_of_days": SLIPS, "hours": ONESELF}.get(quantity)
    prefix, colon, name = of.partition(":")
    if of == whole:
        name = of
    elif prefix != kind or not colon or not name.strip():
        raise BadRecord(f"{text!r}: {of!r} is neither {kind}:NAME{f' nor {whole}' if whole else ''}")
    bound = None if found["bound"] is None else float(found["bound"])
    if what == "any":
        if bound is not None:
            raise BadRecord(f"{text!r}: any() comes or not; a bound belongs to count()")
        return Rule("count", name.strip(), days, 1.0)
    return Rule(quantity, name.strip(), days, bound, found["sign"] != "<")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the record says once a stretch is over: the quantity; or None, and why it cannot be told."""

    value: float | None
    reason: str = ""
    too_early: bool = False


def outcome(rule: Rule, due: Instant, timeline: Timeline) -> Outcome:
    """What came, from the record alone. Never a guess: what was not recorded is not told (`reason`).

    What two sources tell twice counts twice here: give a timeline as `strain.exposure.once` has it.
    """
    if timeline.as_of < due:
        return Outcome(None, "its day has not come yet", too_early=True)
    end = due.days_since(timeline.origin)
    last = float(timeline.local_days(np.array([end]))[0])
    first = last - rule.days
    if first < -1e-6:
        return Outcome(None, "the record begins later than that")
    if rule.quantity == "mean":
        return _mean(rule, timeline, first, last)
    reason = _not_recorded(rule, timeline, first, last, end)
    return Outcome(None, reason) if reason else _counted(rule, timeline, first, last)


def _mean(rule: Rule, timeline: Timeline, first: float, last: float) -> Outcome:
    ratings = timeline.ratings.get(rule.name)
    if ratings is None:
        return Outcome(None, f"{rule.name} is not on record")
    local = timeline.local_days(ratings.times)
    at = (local >= first) & (local < last)
    days = len(np.unique(np.floor(local[at] - first)))
    if days < max(LEAST_ANSWERED * rule.days, 1.0):
        return Outcome(None, "too little was answered then" if days else "nothing was answered then")
    return Outcome(float(ratings.values[at].mean()))


def _not_recorded(rule: Rule, timeline: Timeline, first: float, last: float, end: float) -> str:
    """Why the record does not tell what happened between two local days; "" where it does.

    Whatever came is not looked at: were an event enough to make its day count, only the days without would be lost.
    """
    if timeline.days < end:
        return "the record ends before that"
    unknown = 0.0
    for start, stop in unknown_spans(timeline):
        since, until = timeline.local_days(np.array([start, stop]))
        unknown += max(min(float(until), last) - max(float(since), first), 0.0)
    if unknown > MOST_UNKNOWN * (last - first):
        return "recording was off, or nothing at all was recorded for days"
    if rule.quantity == "hours":
        known = {one.label for one in timeline.roles} | (
            {ONESELF} if any(one.is_self for one in timeline.roles) else set()
        )
        return "" if rule.name in known else f"{rule.name} is not on record"
    events = _events(rule, timeline)
    if not events:
        return f"{rule.name} is not on record"
    for one in events:
        steps = recording_of(timeline, one.label)
        if steps is not None:
            middles: Floats = end - (np.arange(24 * rule.days, dtype=np.float64) + 0.5) / 24.0
            if float(steps.at(middles).mean()) < LEAST_RECORDED:
                return "too little of what happened was recorded then, by your own log"
    return ""


def _counted(rule: Rule, timeline: Timeline, first: float, last: float) -> Outcome:
    if rule.quantity == "hours":
        hours = 24.0 * sum(_overlap(one, timeline, first, last) for one in _roles(rule, timeline))
        return Outcome(hours)
    local = np.concatenate([timeline.local_days(one.times) for one in _events(rule, timeline)])
    at = local[(local >= first) & (local < last)]
    if rule.quantity == "share_of_days":
        return Outcome(len(np.unique(np.floor(at - first))) / rule.days)
    return Outcome(float(len(at)))


def _events(rule: Rule, timeline: Timeline) -> tuple[Events, ...]:
    if rule.name == SLIPS and SLIPS not in timeline.events:
        return timeline.of_events("slip")
    return (timeline.events[rule.name],) if rule.name in timeline.events else ()


def _roles(rule: Rule, timeline: Timeline) -> tuple[Episodes, ...]:
    if rule.name == ONESELF:
        return tuple(one for one in timeline.roles if one.is_self)
    return tuple(one for one in timeline.roles if one.label == rule.name)


def _overlap(part: Episodes, timeline: Timeline, first: float, last: float) -> float:
    starts, ends = timeline.local_days(part.starts), timeline.local_days(part.ends)
    return float(np.maximum(np.minimum(ends, last) - np.maximum(starts, first), 0.0).sum())
