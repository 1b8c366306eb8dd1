"""What the backtest forecasts, what came of it on each day of the record, and the person's own base rate for it.

A day here is one of the local clock, and a target of h days due on day d is about the h days that end when d begins.
The base rate is the person's own past up to the moment of the forecast: all stretches of that length, and for a single
day those of the same weekday where weekdays differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.futures.backtest_cut import midnight
from mainstay.futures.ledger_rules import ONESELF, SLIPS, Rule, Told
from mainstay.futures.paths import Paths
from mainstay.strain.exposure import recording_of
from mainstay.timeline.kinds import Timeline

Floats = NDArray[np.float64]
HORIZONS = (1, 7, 28)
LATELY_DAYS = 28
FEWEST_WINDOWS = 4
FEWEST_OF_WEEKDAY = 6
WEEKDAYS_DIFFER = 0.1
"""Weekdays are told apart where they explain more than this share of what differs from day to day (adjusted)."""
COUNTED_WITH = 6.0
"""An event's chance on a weekday is drawn towards its chance on any day with the weight of so many days."""


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to foresee: its rule (`ledger_rules`), as an event or a value, and what kind of thing it is."""

    rule: Rule
    kind: str

    @property
    def event(self) -> bool:
        """Whether it comes or not."""
        return self.rule.of_event

    @property
    def days(self) -> int:
        """How many days it is about."""
        return self.rule.days


def targets_of(
    timeline: Timeline, refuges: Sequence[str], roles: Sequence[str], slips: bool, demands: Sequence[str] = ()
) -> tuple[Target, ...]:
    """The next day, the next week and four weeks of: the anchor's mean, each refuge, hours in each role, slips.

    Of demands the four weeks alone: ways it could turn out may be told from how often they come.
    """
    found = []
    for days in HORIZONS:
        if timeline.anchor is not None:
            found.append(Target(Rule("mean", timeline.anchor, days), "rating"))
        for kind, labels in (("refuge", refuges), ("slips", (SLIPS,) if slips else ())):
            bound = 1.0 if days < HORIZONS[-1] else None
            found += [Target(Rule("count", label, days, bound), kind) for label in labels]
        found += [Target(Rule("hours", label, days), "hours") for label in roles]
    found += [Target(Rule("count", label, HORIZONS[-1]), "demand") for label in demands]
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class Futures:
    """Simulated futures as a record of them would show them.

    `ratings` (n, days): daily mean ratings of the anchor, None where none are forecast. `recorded`: the share of events
    that is recorded, by label: paths count what happens whether or not it would be written down.
    """

    paths: Paths
    ratings: Floats | None
    recorded: Mapping[str, float]
    rng: np.random.Generator

    def counts(self, name: str, days: int) -> Floats | None:
        """How many events of a label (or slips) would be on record in so many days (n,); None where they hold none."""
        of_slips = name == SLIPS and SLIPS not in self.paths.events
        held = self.paths.slips if of_slips else self.paths.events.get(name)
        if held is None:
            return None
        total = held[:, :days].sum(axis=1, dtype=np.int64)
        share = self.recorded.get(name, 1.0)
        written: Floats = (self.rng.binomial(total, share) if share < 1.0 else total).astype(np.float64)
        return written


def recorded_lately(timeline: Timeline) -> dict[str, float]:
    """The share of events that was recorded over the last four weeks, by label, where that was logged."""
    hours = timeline.days - (np.arange(24.0 * LATELY_DAYS) + 0.5) / 24.0
    found = {}
    for label in timeline.events:
        steps = recording_of(timeline, label)
        if steps is not None:
            found[label] = float(np.clip(steps.at(hours), 0.0, 1.0).mean())
    return found


def foreseen(target: Target, futures: Futures) -> Floats | None:
    """What futures hold of a target: (n,), 1 or 0 for an event; None where they hold nothing of it."""
    rule, paths = target.rule, futures.paths
    if rule.days > paths.days:
        return None
    total: Floats | None = None
    if rule.quantity == "mean" and futures.ratings is not None:
        total = futures.ratings[:, : rule.days].mean(axis=1)
    elif rule.quantity == "hours":
        name = paths.usual.oneself if rule.name == ONESELF else rule.name
        total = paths.hours[name][:, : rule.days].sum(axis=1, dtype=np.float64) if name in paths.hours else None
    elif rule.quantity == "count":
        total = futures.counts(rule.name, rule.days)
    if total is None or rule.bound is None:
        return total
    return (total >= rule.bound).astype(np.float64)


def outcomes(timeline: Timeline, targets: Sequence[Target]) -> Floats:
    """What came, (targets, days + 1), of a target due when a local day begins; NaN where the record does not tell."""
    told = Told(timeline)
    last = int(np.floor(timeline.local_days(np.array([timeline.days]))[0]))
    due = [timeline.instant(midnight(timeline, day)) for day in range(last + 1)]
    found = np.full((len(targets), last + 1), np.nan)
    for row, target in zip(found, targets, strict=True):
        for day in range(target.days, last + 1):
            value = told.outcome(target.rule, due[day]).value
            if value is not None:
                row[day] = value if target.rule.bound is None else float(value >= target.rule.bound)
    return found


def base_rate(target: Target, came: Floats, origin: int) -> Floats | None:
    """The person's own past up to `origin` (a local day), as samples (m,), or for an event one chance (1,).

    `came` (days + 1,): a row of `outcomes`. None where too little of the past is known.
    """
    due = np.arange(target.days, origin + 1)
    past = came[due]
    known = np.isfinite(past)
    if known.sum() < FEWEST_WINDOWS * target.days:
        return None
    same = known & ((origin + 1 - due) % 7 == 0) if target.days == 1 else np.zeros(len(due), bool)
    if target.event:
        weight = float(known.sum()) / target.days
        chance = (past[known].sum() / target.days + 0.5) / (weight + 1.0)
        if same.any():
            chance = (past[same].sum() + COUNTED_WITH * chance) / (same.sum() + COUNTED_WITH)
        return np.array([chance])
    alike: Floats = (
        past[same] if same.sum() >= FEWEST_OF_WEEKDAY and _weekdays_differ(past[known], due[known]) else past[known]
    )
    return alike


def _weekdays_differ(values: Floats, days: NDArray[np.int64]) -> bool:
    groups = [values[days % 7 == w] for w in range(7)]
    inner = sum(float(np.square(one - one.mean()).sum()) for one in groups if len(one))
    whole = float(np.square(values - values.mean()).sum())
    freedom = len(values) - sum(len(one) > 0 for one in groups)
    if whole <= 0.0 or freedom <= 0:
        return False
    return 1.0 - (inner / freedom) / (whole / (len(values) - 1)) > WEEKDAYS_DIFFER
