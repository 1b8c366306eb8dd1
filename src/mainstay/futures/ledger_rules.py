"""What a forecast is scored by: a small language over a stretch of whole days, read off the record once it is over.

    mean(item:tension) over 1 day               the mean of all answers of those days, on the item's own scale
    count(event:quarrel) over 7 days            how many events are on record; count(slips): slips of every label
    any(event:quarrel) over 1 day               whether there was one at all
    hours(role:night shift) over 7 days         hours in a role, together; hours(self): in the role that is oneself
    share_of_days(event:quarrel) over 28 days   the share of days with at least one
    mean(item:tension) >= 4.5 over 7 days       at or above a bound, or < below it: something that comes or does not
    first(scenario:breakdown) over 91 days      whether of several scenarios this came first (`ledger_scenarios`)

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
from mainstay.quantities import CannotSay, Instant
from mainstay.strain.exposure import once, recording_of, unknown_spans
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline

Floats = NDArray[np.float64]
Quantity = Literal["mean", "count", "hours", "share_of_days", "first"]
LONGEST_DAYS = 366
LEAST_ANSWERED = 0.5
"""A mean needs answers on at least this share of its days."""
MOST_UNKNOWN = 0.02
"""Events and hours need recording to have been on: no more of the stretch than this may be unknown."""
LEAST_RECORDED = 0.75
"""Events need at least this share of them to have been recorded, where that was logged."""
SLIPS, ONESELF = "slips", "self"
_WHOLE = {"count": SLIPS, "share_of_days": SLIPS, "hours": ONESELF}

_SHAPE = re.compile(
    r"(?P<what>mean|count|any|hours|share_of_days|first)\((?P<of>.{1,220})\)"
    r"(?: (?P<sign>>=|<) (?P<bound>\d{1,6}(?:\.\d{1,9})?|-\d{1,6}(?:\.\d{1,9})?))? over (?P<days>\d{1,3}) days?"
)
_KINDS = {"mean": "item", "count": "event", "share_of_days": "event", "hours": "role", "first": "scenario"}
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
        whole = _WHOLE.get(self.quantity) == self.name
        said = self.name if whole else f"{_KINDS[self.quantity]}:{self.name}"
        over = f"over {self.days} day{'s' if self.days != 1 else ''}"
        if self.quantity == "first":
            return f"first({said}) {over}"
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
    kind, whole = _KINDS[quantity], _WHOLE.get(quantity)
    prefix, colon, name = of.partition(":")
    if of == whole:
        name = of
    elif prefix != kind or not colon or not name.strip():
        raise BadRecord(f"{text!r}: {of!r} is neither {kind}:NAME{f' nor {whole}' if whole else ''}")
    bound = None if found["bound"] is None else float(found["bound"])
    if what in {"any", "first"}:
        if bound is not None:
            raise BadRecord(f"{text!r}: {what}() comes or not; a bound belongs to another quantity, such as count()")
        return Rule(quantity, name.strip(), days, 1.0)
    return Rule(quantity, name.strip(), days, bound, found["sign"] != "<")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the record says once a stretch is over: the quantity; or None, and why it cannot be told."""

    value: float | None
    reason: str = ""
    too_early: bool = False


class Told:
    """A record as rules are read off it: its times by the local clock, and what of it is unknown, found once.

    What two sources tell twice is counted once.
    """

    def __init__(self, timeline: Timeline, fitted: StrainPosterior | None = None) -> None:
        self.timeline = once(timeline)
        self._fitted: StrainPosterior | CannotSay | None = fitted
        local = self.timeline.local_days
        self._answers = {name: local(one.times) for name, one in self.timeline.ratings.items()}
        self._events = {label: local(one.times) for label, one in self.timeline.events.items()}
        self._stretches = {one.label: (local(one.starts), local(one.ends)) for one in self.timeline.roles}
        self._unknown = local(np.array(unknown_spans(self.timeline), np.float64).reshape(-1, 2).T)

    def fitted(self) -> StrainPosterior | None:
        """A fit of the record, found where it is first asked for; None where strain can't be told."""
        if self._fitted is None:
            from mainstay.strain.fitting import fit

            self._fitted = fit(self.timeline)
        return None if isinstance(self._fitted, CannotSay) else self._fitted

    def outcome(self, rule: Rule, due: Instant) -> Outcome:
        """What came, from the record alone. Never a guess: what was not recorded is not told (`reason`)."""
        if self.timeline.as_of < due:
            return Outcome(None, "its day has not come yet", too_early=True)
        end = due.days_since(self.timeline.origin)
        last = float(self.timeline.local_days(np.array([end]))[0])
        first = last - rule.days
        if first < -1e-6:
            return Outcome(None, "the record begins later than that")
        if rule.quantity == "mean":
            return self._mean(rule, first, last)
        reason = self._not_recorded(rule, first, last, end)
        return Outcome(None, reason) if reason else self._counted(rule, first, last)

    def _mean(self, rule: Rule, first: float, last: float) -> Outcome:
        if rule.name not in self._answers:
            return Outcome(None, f"{rule.name} is not on record")
        local = self._answers[rule.name]
        at = slice(*np.searchsorted(local, [first, last]))
        days = len(np.unique(np.floor(local[at] - first)))
        if days < max(LEAST_ANSWERED * rule.days, 1.0):
            return Outcome(None, "too little was answered then" if days else "nothing was answered then")
        return Outcome(float(self.timeline.ratings[rule.name].values[at].mean()))

    def _not_recorded(self, rule: Rule, first: float, last: float, end: float) -> str:
        """Why the record does not tell what happened between two local days; "" where it does.

        Whatever came is not looked at: were an event enough to make its day count, only the days without would be lost.
        """
        if self.timeline.days < end:
            return "the record ends before that"
        unknown = np.maximum(np.minimum(self._unknown[1], last) - np.maximum(self._unknown[0], first), 0.0).sum()
        if unknown > MOST_UNKNOWN * (last - first):
            return "recording was off, or nothing at all was recorded for days"
        if rule.quantity == "hours":
            return "" if self._roles(rule) else f"{rule.name} is not on record"
        labels = self._labels(rule)
        if not labels:
            return f"{rule.name} is not on record"
        middles: Floats = end - (np.arange(24 * rule.days, dtype=np.float64) + 0.5) / 24.0
        for label in labels:
            steps = recording_of(self.timeline, label)
            if steps is not None and float(steps.at(middles).mean()) < LEAST_RECORDED:
                return "too little of what happened was recorded then, by your own log"
        return ""

    def _counted(self, rule: Rule, first: float, last: float) -> Outcome:
        if rule.quantity == "hours":
            held = 0.0
            for label in self._roles(rule):
                starts, ends = self._stretches[label]
                held += float(np.maximum(np.minimum(ends, last) - np.maximum(starts, first), 0.0).sum())
            return Outcome(24.0 * held)
        times = [self._events[label] for label in self._labels(rule)]
        inside = np.concatenate([one[slice(*np.searchsorted(one, [first, last]))] for one in times])
        if rule.quantity == "share_of_days":
            return Outcome(len(np.unique(np.floor(inside - first))) / rule.days)
        return Outcome(float(len(inside)))

    def _labels(self, rule: Rule) -> tuple[str, ...]:
        if rule.name == SLIPS and SLIPS not in self._events:
            return tuple(one.label for one in self.timeline.of_events("slip"))
        return (rule.name,) if rule.name in self._events else ()

    def _roles(self, rule: Rule) -> tuple[str, ...]:
        if rule.name == ONESELF:
            return tuple(one.label for one in self.timeline.roles if one.is_self)
        return (rule.name,) if rule.name in self._stretches else ()
