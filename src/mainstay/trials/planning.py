"""How many weeks a trial takes, from the person's own days: relief at once, and recovery of the threshold, apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

import numpy as np

from mainstay.quantities import CannotSay, Probability
from mainstay.records.statements_protocol import Protocol, ProtocolFile
from mainstay.timeline.kinds import Timeline
from mainstay.trials.designs import space
from mainstay.trials.observing import observed
from mainstay.trials.power import WEEKS, Life, Weeks, least, life_of, recovery_weeks, relief_chance, relief_weeks
from mainstay.trials.sealing import Trial

SEED = 21
RECENT_DAYS = 56.0
HALF = 0.5
"""The recovery that is planned for: help sought half as often at the same strain."""
FEWEST_ACTS = 8
LONGEST = 52
"""Weeks: a trial of more than a year is not planned for."""


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
    life = _life(timeline, says)
    if isinstance(life, CannotSay):
        return HowLong(life, None, recovery)
    return HowLong(relief_weeks(says, life, rng=rng), least(says, life, rng=rng)[0], recovery)


def how_long_each(timeline: Timeline, plans: Sequence[ProtocolFile]) -> tuple[Weeks, ...] | CannotSay:
    """What each of several plans of the same question takes, in their order: the same outcome in every one."""
    life = _life(timeline, plans[0])
    if isinstance(life, CannotSay):
        return life
    rng = np.random.default_rng(SEED)
    return tuple(relief_weeks(one, life, rng=rng, weeks=_lengths(one)) for one in plans)


def chance(timeline: Timeline, says: ProtocolFile) -> Probability | CannotSay:
    """The chance that a plan, as long as it is, shows the difference that matters."""
    life = _life(timeline, says)
    return life if isinstance(life, CannotSay) else relief_chance(says, life, rng=np.random.default_rng(SEED))


def _life(timeline: Timeline, says: ProtocolFile) -> Life | CannotSay:
    """The person's days up to now, as this plan would observe them."""
    seen = observed(timeline, Trial(Protocol("", timeline.as_of, "", says), space(says)))
    return seen if isinstance(seen, CannotSay) else life_of(seen)


def _lengths(says: ProtocolFile) -> tuple[int, ...]:
    """Weeks to try: the usual ones; of blocks, which have to come out even, those that hold whole blocks."""
    if says.design.kind != "blocks":
        return WEEKS
    block = says.design.period * (says.design.block or len(says.arm))
    step = block // gcd(block, 7)
    return tuple(range(step, LONGEST + 1, step)) or (step,)


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
