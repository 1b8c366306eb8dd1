"""How many weeks a trial takes, from the person's own days: relief at once, and recovery of the threshold, apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mainstay.quantities import CannotSay
from mainstay.records.statements_protocol import Protocol, ProtocolFile
from mainstay.timeline.kinds import Timeline
from mainstay.trials.designs import space
from mainstay.trials.observing import observed
from mainstay.trials.power import Weeks, least, life_of, recovery_weeks, relief_weeks
from mainstay.trials.sealing import Trial

SEED = 21
RECENT_DAYS = 56.0
HALF = 0.5
"""The recovery that is planned for: help sought half as often at the same strain."""
FEWEST_ACTS = 8


@dataclass(frozen=True, slots=True)
class HowLong:
    """Weeks of the design as planned, of the one that takes least (None where that can't be told), and of recovery."""

    relief: Weeks | CannotSay
    least: Weeks | None
    recovery: Weeks | CannotSay


def how_long(timeline: Timeline, says: ProtocolFile) -> HowLong:
    """What a protocol takes, by simulation of the person's days as they were recorded so far."""
    rng = np.random.default_rng(SEED)
    recovery = _recovery(timeline, says, rng)
    plan = Trial(Protocol("", timeline.as_of, "", says), space(says))
    seen = observed(timeline, plan)
    life = seen if isinstance(seen, CannotSay) else life_of(seen)
    if isinstance(life, CannotSay):
        return HowLong(life, None, recovery)
    return HowLong(relief_weeks(says, life, rng=rng), least(says, life, rng=rng)[0], recovery)


def _recovery(timeline: Timeline, says: ProtocolFile, rng: np.random.Generator) -> Weeks | CannotSay:
    since = timeline.days - RECENT_DAYS
    acts = sum(int((one.times >= since).sum()) for one in timeline.of_events("relief"))
    if acts < FEWEST_ACTS:
        return CannotSay(
            "too few acts of relief are on record to plan for recovery of the threshold", acts, FEWEST_ACTS, "acts",
            row="S21", about=says.name, quantity="weeks a trial takes",
        )  # fmt: skip
    weeks = min(RECENT_DAYS, timeline.days) / 7.0
    return recovery_weeks(says, acts / weeks, HALF, rng=rng)
