"""What a supporter gave, as their own casebook holds it.

Support is an event of any kind with the tag `support` or `for NAME`. Its size is hours. Further tags say what it took
and what it gave that one time: `money 25`, and in points from 0 to 100, as in an option's file, `cost 10` and
`benefit 30`. An event tagged with the name of an option belongs to that option as well.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mainstay.numerics.exact_rates import beta_quantile
from mainstay.options.approach_tries import about_somebody_else
from mainstay.records.statements_hypothesis import folded
from mainstay.strain.judge import LEVEL
from mainstay.strain.wording import number
from mainstay.timeline.kinds import Floats, Timeline

_AMOUNT = re.compile(r"(?P<what>money|cost|benefit)\s*:?\s*(?P<amount>\d{1,9}(?:\.\d{1,4})?)", re.IGNORECASE)
MOST = {"money": 1e9, "cost": 100.0, "benefit": 100.0}
MOST_HOURS = 168.0
LATELY_WEEKS = 12
FEWEST_WEEKS = 3
MOSTLY = 0.8


@dataclass(frozen=True, slots=True)
class Given:
    """One time that support was given: when (days), under which label, and what was noted of it; None: not noted.

    `options`: the folded tags of the event, among which the names of options are looked for.
    """

    day: float
    label: str
    hours: float | None
    money: float | None
    cost: float | None
    benefit: float | None
    tags: frozenset[str]

    def of(self, option: str) -> bool:
        """Whether it belongs to an option of this name."""
        return folded(option) in self.tags


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean of n values with its interval (Student's t); without one of fewer than two values the ends are None."""

    mean: float
    low: float | None
    high: float | None
    n: int


def given_of(timeline: Timeline, options: Iterable[str] = ()) -> tuple[Given, ...]:
    """Every time on record that support was given, oldest first: by its tags, or by the name of one of the options.

    A casebook in which nothing is tagged as support is no supporter's: there an option's name says nothing of them.
    """
    if not any(about_somebody_else(tags) for events in timeline.events.values() for tags in events.tags.values()):
        return ()
    names = {folded(one) for one in options}
    found = []
    for events in timeline.events.values():
        for i, id_ in enumerate(events.ids):
            tags = events.tags.get(id_, ())
            said = frozenset(folded(tag) for tag in tags)
            if not about_somebody_else(tags) and not said & names:
                continue
            amounts = _amounts(tags)
            size = float(events.sizes[i])
            hours = size if math.isfinite(size) and size <= MOST_HOURS else None
            found.append(Given(float(events.times[i]), events.label, hours, *amounts, said))
    return tuple(sorted(found, key=lambda one: (one.day, one.label)))


def kinds_of(timeline: Timeline, given: Sequence[Given]) -> tuple[str, ...]:
    """The labels that stand for support: nearly all of their events are. The most frequent first."""
    counts = {label: sum(one.label == label for one in given) for label in {one.label for one in given}}
    kept = [label for label, n in counts.items() if n >= MOSTLY * len(timeline.events[label].times)]
    return tuple(sorted(kept, key=lambda label: (-counts[label], label)))


def noted(given: Sequence[Given], what: str) -> Floats:
    """The values (n,) that were noted of one thing: hours, money, cost or benefit."""
    return np.array([value for one in given if (value := getattr(one, what)) is not None], float)


def mean_of(values: Floats) -> Mean | None:
    """The mean and its interval at 90 %; None without a value."""
    n = len(values)
    if not n:
        return None
    mean = float(values.mean())
    if n < 2:
        return Mean(mean, None, None, n)
    half = student_half(n - 1) * float(values.std(ddof=1)) / math.sqrt(n)
    return Mean(mean, max(mean - half, 0.0), mean + half, n)


def student_half(freedom: int) -> float:
    """Half the width of a 90 % interval in standard errors, by Student's t."""
    x = beta_quantile(1.0 - LEVEL, 0.5 * freedom, 0.5)
    return math.sqrt(freedom * (1.0 - x) / x)


def amount(value: float) -> str:
    """Hours, times, points or money as they are told: 2.4, 6, 185."""
    return number(value).removesuffix(".0") if value else "0"


def weekly(given: Sequence[Given], end: float, since: float = 0.0) -> Floats:
    """Hours in each of the last whole weeks (w,) before the end of the record, twelve at most, none before `since`.

    An occasion whose hours were not noted counts with the mean of those that were.
    """
    weeks = min(int((end - since) // 7.0), LATELY_WEEKS)
    hours = noted(given, "hours")
    usual = float(hours.mean()) if len(hours) else 0.0
    edges = end - 7.0 * np.arange(weeks, -1, -1)
    days = np.array([one.day for one in given])
    sizes = np.array([usual if one.hours is None else one.hours for one in given])
    found: Floats = np.histogram(days, edges, weights=sizes)[0] if weeks else np.zeros(0)
    return found


def _amounts(tags: Iterable[str]) -> tuple[float | None, float | None, float | None]:
    """What tags say of money, cost and benefit; several of one kind add up; what is out of bounds is none."""
    sums: dict[str, float] = {}
    for tag in tags:
        said = _AMOUNT.fullmatch(tag.strip())
        if said:
            what = said["what"].casefold()
            sums[what] = sums.get(what, 0.0) + float(said["amount"])
    kept = {what: value for what, value in sums.items() if value <= MOST[what]}
    return kept.get("money"), kept.get("cost"), kept.get("benefit")
