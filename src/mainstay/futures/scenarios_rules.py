"""When rules are fulfilled: conditions over windows of days, on many futures at once or on what is on record.

A window that looks back further than futures begin takes the record's own last days: a rule "for 4 weeks" can be
fulfilled in the first week. A mean is taken over what is known of its window, and over none of which less than four
fifths are known; days in a row must each be known. Where the record does not reach back so far, counting begins where
it begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mainstay.futures.paths import Floats, Paths, Usual, Whole
from mainstay.futures.scenarios_days import Bools, Days
from mainstay.quantities import CannotSay
from mainstay.records.statements_hypothesis import folded
from mainstay.records.statements_scenario import Condition

_Sums = TypeVar("_Sums", NDArray[np.float64], NDArray[np.int16])
_Memo = tuple[dict[int, Floats], dict[int, Floats]]

ENOUGH = 0.8
ROWS_AT_ONCE = 512
SILENT_DAYS = 14
"""After so many days without hours in any role, nothing is told of hours ahead."""
CLOSE = 1e-6
"""Sums of 32-bit hours are compared up to this share: what is just as much is neither more nor less."""


@dataclass(frozen=True, slots=True)
class OwnLimit:
    """The person's own limit of strain: a rating on the anchor's scale, and for how many days.

    `own`: they wrote it down, and it is reached when each of so many days in a row is beyond it. Else it was taken from
    their record as the worst mean over so many days, and is reached when such a mean goes beyond it. `words`: which.
    """

    rating: float
    days: int
    own: bool
    words: str
    written: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """One quantity by day: before (back,) and ahead (n, days), each with the share known of a day (back,), (days,).

    Hours and counts are those of the known share. Strain: `start` (n,) is added to `ahead`, and unknown days are NaN.
    """

    before: Floats
    before_known: Floats
    ahead: NDArray[Any]
    ahead_known: Floats
    start: Floats | None = None

    @property
    def all_known(self) -> bool:
        """Whether nothing ahead is missing: so it is of simulated futures."""
        return len(self.ahead) > 1 or bool(np.isfinite(self.ahead).all())

    def rows(self, part: slice) -> Floats:
        """Some of the futures."""
        values = np.asarray(self.ahead[part], np.float64)
        return values if self.start is None else values + self.start[part, None]


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A condition over a stream: beyond `bound` (a day), on average over the window, or on each of its days."""

    stream: Stream
    above: bool
    bound: float
    days: int
    each: bool


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """On what rules are evaluated: days on record, the futures after them (or what came), what is usual, the limit."""

    before: Days
    ahead: Paths | Days
    usual: Usual
    limit: OwnLimit | CannotSay
    slope: float

    def asked(self, condition: Condition) -> Asked | str:
        """A condition made ready; or why it can't be evaluated, as a clause."""
        if condition.watched == "strain":
            return self._of_strain(condition)
        found = self._share(condition) if condition.watched == "share" else self._rate(condition)
        if isinstance(found, str):
            return found
        stream, usual = found
        bound = condition.value or 0.0
        if condition.relative:
            if usual <= 0.0:
                return f"there is no usual for {_said(condition)}: none is on record"
            bound *= usual
        else:
            bound *= 24.0 if condition.watched == "share" else 1.0 / 7.0
        return Asked(stream, condition.above, bound, condition.days, each=False)

    def _of_strain(self, condition: Condition) -> Asked | str:
        limit, bound, each = self.limit, condition.value, True
        if bound is None:
            if isinstance(limit, CannotSay):
                return limit.reason
            bound, each = limit.rating, limit.own
        stream = self._strain()
        if stream is None:
            return "no item is rated, so strain has no scale to be told on"
        return Asked(stream, condition.above, self.slope * bound, condition.days, each)

    def _strain(self) -> Stream | None:
        """Strain as a rating, turned so that more is worse."""
        none = np.full(self.before.n, np.nan)
        before = none if self.before.rating is None else self.slope * self.before.rating
        ahead = self.ahead
        if isinstance(ahead, Days):
            if ahead.rating is None:
                return None
            return Stream(before, np.ones(self.before.n), self.slope * ahead.rating[None, :], np.ones(ahead.n))
        if ahead.at_rest is None:
            return None
        known, start = np.ones(self.before.n), self.slope * ahead.at_rest
        return Stream(before, known, ahead.strain, np.ones(ahead.days), start)

    def _share(self, condition: Condition) -> tuple[Stream, float] | str:
        own = condition.name == "self"
        if own and not self.usual.oneself:
            return "no role has been declared as time as oneself"
        label = self.usual.oneself if own else _named(condition.name, self.ahead.hours)
        if label is None or label not in self.ahead.hours:
            return f"no role “{condition.name}” is on record"
        before = self.before.hours.get(label, np.zeros(self.before.n))
        ahead = self.ahead.hours[label]
        silent = self.before.silent_days
        if silent >= SILENT_DAYS:
            return (
                f"no hours in any role are on record for the last {silent} days, and whether they were free or not "
                "written down can't be told"
            )
        known = self.ahead.roles_known if isinstance(self.ahead, Days) else np.ones(self.ahead.days)
        return Stream(before, self.before.roles_known, np.atleast_2d(ahead), known), self.usual.hours.get(label, 0.0)

    def _rate(self, condition: Condition) -> tuple[Stream, float] | str:
        ahead, days = self.ahead, self.before.n
        if condition.name == "slips":
            if ahead.slips is None:
                return "no slips are on record"
            before = np.zeros(days) if self.before.slips is None else self.before.slips
            known = ahead.slips_exposure if isinstance(ahead, Days) else np.ones(ahead.days)
            return Stream(before, self.before.slips_exposure, np.atleast_2d(ahead.slips), known), self.usual.slips
        label = _named(condition.name, ahead.events)
        if label is None:
            return f"“{condition.name}” is not among the demands and refuges that are followed"
        before = self.before.events.get(label, np.zeros(days))
        exposure = self.before.exposure.get(label, np.zeros(days))
        known = ahead.exposure[label] if isinstance(ahead, Days) else np.ones(ahead.days)
        return Stream(before, exposure, np.atleast_2d(ahead.events[label]), known), self.usual.rates.get(label, 0.0)


def _named(name: str, known: Iterable[str]) -> str | None:
    return next((one for one in known if folded(one) == folded(name)), None)


def _said(condition: Condition) -> str:
    if condition.watched == "share":
        return "time as oneself" if condition.name == "self" else f"time as “{condition.name}”"
    return "slips" if condition.name == "slips" else f"“{condition.name}”"


def first_days(rules: Sequence[Sequence[Asked]], n: int, days: int, *, unknown: bool = False) -> Whole:
    """The first day (rules, n), from 0, on which all conditions of a rule hold; `days` where they never do.

    `unknown`: what is taken to be so on days ahead of which too little is known. What is not known of the days before
    fulfils nothing.
    """
    found = np.full((len(rules), n), days, np.int64)
    for begin in range(0, n, ROWS_AT_ONCE):
        part = slice(begin, begin + ROWS_AT_ONCE)
        memo: _Memo = ({}, {})
        for at, rule in enumerate(rules):
            so = _all_hold(rule, part, unknown, memo)
            found[at, part] = np.where(so.any(axis=1), so.argmax(axis=1), days)
    return found


def holding(rule: Sequence[Asked]) -> Bools:
    """On which of the days of a record (days,) all conditions hold; not on one of which too little is known."""
    held: Bools = _all_hold(rule, slice(None), False, ({}, {}))[0]
    return held


def _all_hold(rule: Sequence[Asked], part: slice, unknown: bool, memo: _Memo) -> Bools:
    so = _holds(rule[0], part, unknown, memo)
    for one in rule[1:]:
        so &= _holds(one, part, unknown, memo)
    return so


def _holds(asked: Asked, part: slice, unknown: bool, memo: _Memo) -> Bools:
    stream = asked.stream
    key = id(stream.ahead)
    rows, sums = memo
    if key not in rows:
        rows[key] = stream.rows(part)
    if asked.each:
        beyond = _beyond(rows[key], asked, unknown)
        before = _beyond(stream.before, asked, False)
        every = _windowed(np.cumsum(beyond, axis=1, dtype=np.int16), before.astype(np.int16), asked.days)
        each_day: Bools = every >= asked.days
        return each_day
    if key not in sums:
        sums[key] = np.cumsum(rows[key] if stream.all_known else np.nan_to_num(rows[key]), axis=1)
    total = _windowed(sums[key], np.nan_to_num(stream.before), asked.days)
    weight = _weight(_known(stream, ahead=True), stream, asked.days)
    bound, slack = asked.bound * weight, CLOSE * np.maximum(np.abs(asked.bound) * weight, 1.0)
    held: Bools = total > bound + slack if asked.above else total < bound - slack
    reaches = len(stream.before) + np.arange(1, total.shape[1] + 1) >= asked.days
    enough = ENOUGH * asked.days
    held[:, ~reaches | (weight < enough)] = False
    if unknown:
        could = _weight(np.ones(total.shape[1]), stream, asked.days)
        held[:, reaches & (weight < enough) & (could >= enough)] = True
    return held


def _weight(ahead: Floats, stream: Stream, window: int) -> Floats:
    """How many days of each window are known, where so much of each day ahead is."""
    weight: Floats = _windowed(np.cumsum(ahead)[None, :], _known(stream, ahead=False), window)[0]
    return weight


def _known(stream: Stream, *, ahead: bool) -> Floats:
    """The share known of each day; of strain, whether it is known at all."""
    if not ahead:
        return np.where(np.isfinite(stream.before), stream.before_known, 0.0)
    return stream.ahead_known if stream.all_known else np.where(np.isfinite(stream.ahead[0]), stream.ahead_known, 0.0)


def _beyond(values: Floats, asked: Asked, unknown: bool) -> Bools:
    with np.errstate(invalid="ignore"):
        found: Bools = values > asked.bound if asked.above else values < asked.bound
    if unknown:
        found[np.isnan(values)] = True
    return found


def _windowed(sums: _Sums, before: _Sums, window: int) -> _Sums:
    """Sums over windows that end on each day (rows, days), from running sums ahead (rows, days) and days before."""
    days = sums.shape[1]
    total = sums.copy()
    if days > window:
        total[:, window:] -= sums[:, : days - window]
    reach = np.cumsum(before[::-1])
    inside = min(window - 1, days)
    if inside and len(reach):
        back = np.minimum(window - 1 - np.arange(inside), len(reach))
        total[:, :inside] += np.where(back > 0, reach[back - 1], 0).astype(total.dtype)
    return total


def holds_at_start(rule: Sequence[Asked]) -> bool:
    """Whether all conditions already hold on the last day of the record."""
    return bool(rule) and all(_held_before(one) for one in rule)


def _held_before(asked: Asked) -> bool:
    before = asked.stream.before[-asked.days :]
    if asked.each:
        return len(before) == asked.days and bool(_beyond(before, asked, False).all())
    weight = float(_known(asked.stream, ahead=False)[-asked.days :].sum())
    if len(before) < asked.days or weight < ENOUGH * asked.days:
        return False
    total, bound = float(np.nan_to_num(before).sum()), asked.bound * weight
    slack = CLOSE * max(abs(bound), 1.0)
    return total > bound + slack if asked.above else total < bound - slack
