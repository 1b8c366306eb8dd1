"""What the claims about a trial are made from, and what it must be like to test recovery."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mainstay.quantities import CannotSay
from mainstay.records.statements_protocol import ProtocolFile
from mainstay.trials.designs import DesignSpace
from mainstay.trials.kinds import WASHOUT, Floats, Observed, Schedule

LOT = "the days were lived as they were drawn, or nearly; what was drawn is what is compared"
LEAST_KEPT = 0.8
"""The share of days lived as drawn below which nothing is said to have no effect: it was hardly tried."""
FEWEST_STRETCH_DAYS, FEWEST_STRETCHES = 14, 4
"""A threshold moves over weeks: shorter or fewer stretches drawn by lot don't test it."""


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """A trial as far as it was lived. `days`: over so far; `over`: its last day is past; `ended`: it was ended before.

    `beside`: the further baselines, each with its own drawing; they are tested together with the outcome. `kept` of
    `written`: days lived as drawn, of those that something is written of. `doubts`: what else must be known of it.
    """

    says: ProtocolFile
    space: DesignSpace
    schedule: Schedule
    observed: Observed
    days: int
    over: bool
    ended: bool = False
    beside: tuple[tuple[Schedule, Observed], ...] = ()
    kept: int = 0
    written: int = 0
    doubts: tuple[str, ...] = ()

    @property
    def lived_as_drawn(self) -> bool:
        """Whether what is written of the days does not speak against comparing them as drawn."""
        return self.kept >= LEAST_KEPT * self.written

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What a comparison by the lot takes for granted."""
        lived = f"days are compared as drawn; {self.kept} of {self.written} written of were lived so"
        return (LOT if self.kept == self.written else lived, *self.doubts)


@dataclass(frozen=True, slots=True, eq=False)
class Sought:
    """Help sought over a trial's days. `acts`: by day, acts of relief less those that strain explains; low is better.

    `per_act`: what else was written down on each of those days (n,), nothing that relieves, in units of an act: as much
    in all as there were acts; None where too little was.
    """

    acts: Observed
    per_act: Floats | None


def arm_days(tried: Tried, observed: Observed, arm: int) -> int:
    """Days of an arm that are over, analysed, and have an answer."""
    told = ~np.isnan(observed.by_day(tried.schedule.days))
    told[tried.days :] = False
    analysed = tried.schedule.analysed
    return int((told & (analysed == arm) & (analysed != WASHOUT)).sum())


def not_tested(space: DesignSpace, schedule: Schedule) -> CannotSay | None:
    """Why a trial's days can't test recovery; None where they can: stretches of two weeks or more, drawn by lot."""
    changes = np.flatnonzero(np.diff(schedule.arm)) + 1
    lengths = np.diff(np.concatenate([[0], changes, [schedule.days]]))
    if space.randomised and float(np.median(lengths)) >= FEWEST_STRETCH_DAYS and len(lengths) >= FEWEST_STRETCHES:
        return None
    return CannotSay(
        "whether it takes more again to tip over: that needs stretches of weeks drawn by lot, and was not tested",
        would_change=f"a trial with {FEWEST_STRETCHES} or more stretches of {FEWEST_STRETCH_DAYS} days, drawn by lot",
    )
