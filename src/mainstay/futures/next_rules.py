"""How forecasts of the next day and the next week are scored: their rules, and when each is due."""

from __future__ import annotations

import math

import numpy as np

from mainstay.futures.ledger_rules import Rule
from mainstay.futures.next_targets import WEEK, Horizon
from mainstay.quantities import Instant
from mainstay.timeline.kinds import Timeline

DAYS = {"day": 1, "week": WEEK}


def rule_for(name: str, horizon: Horizon, *, event: bool) -> Rule:
    """Of an event whether it comes at least once, of a rating the mean of all answers: that day or those seven."""
    return Rule("count", name, DAYS[horizon], 1.0) if event else Rule("mean", name, DAYS[horizon])


def next_day(timeline: Timeline, ahead: int = 0) -> Instant:
    """When the first whole day after the record begins, on the local clock; or so many days later."""
    end = np.array([timeline.days])
    last = float(timeline.local_days(end)[0])
    first = max(math.ceil(last - 1e-9), 1)
    return timeline.instant(timeline.days + (first + ahead - last))
