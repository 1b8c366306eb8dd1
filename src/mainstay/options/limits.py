"""Hard limits: what strikes an option out, whatever it would be worth, and what would have to change.

The limits stand in an order (`ORDER`) and come before any value: the first that is broken is the reason, the others
are listed beside it. They are judged on the generous end of what was stated: the chance that all steps succeed by the
product of their high ends, what it takes of a supporter by its low end. An option that would have to be hidden to work
is struck out always; every other limit is the person's own (`PreferenceFile`), or has a usual value that is told.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mainstay.explanations.evidence_scored import Scored
from mainstay.explanations.explaining import Explained
from mainstay.options.tornado_steps import success_of
from mainstay.records.statements_hypothesis import Hypothesis, folded, same_name
from mainstay.records.statements_option import Counted, OptionFile
from mainstay.records.statements_preference import PreferenceFile
from mainstay.records.words import quoted

Floats = NDArray[np.float64]
Limit = Literal["never", "hidden", "steps", "needs", "cause", "budget", "approach", "must_not"]
ORDER: tuple[Limit, ...] = ("never", "hidden", "steps", "needs", "cause", "budget", "approach", "must_not")
USUAL_LEAST_CHANCE = 0.5
"""How likely all steps together must be to succeed at their best, where the person has not said."""

LESS_LIKELY = math.log(0.5)
"""A cause whose evidence altogether has come to this has become less likely by what is on record."""

ALL_BUT_OUT, LEAST_LEFT = 0.02, 0.25
"""A cause of which no more than this weight is left, and no more than so much of what it began with, is all but out."""


@dataclass(frozen=True, slots=True)
class Strike:
    """One limit that an option breaks: which, why in words, and what would have to change."""

    limit: Limit
    reason: str
    change: str


@dataclass(frozen=True, slots=True)
class Causes:
    """How the causes on record stand: `against`: those the records speak against; `aside`: set aside, each with why.

    `known`: every name on record, those that are parked or set aside too.
    """

    against: frozenset[str] = frozenset()
    aside: Mapping[str, str] = field(default_factory=dict)
    known: tuple[str, ...] = ()

    def on_record(self, name: str) -> bool:
        """Whether a cause of this name is on record."""
        return any(same_name(name, one) for one in self.known)


def causes_of(explained: Explained, written: Iterable[Hypothesis] = ()) -> Causes:
    """How the causes stand. `written`: what the person wrote, those set aside among them (`hypotheses_of`)."""
    aside = {folded(one.name): one.says.set_aside for one in written if one.says.set_aside is not None}
    against = frozenset(folded(one.name) for one in explained.scored if spoken_against(explained, one))
    return Causes(against, aside, (*(one.name for one in explained.scored), *aside))


def spoken_against(explained: Explained, one: Scored) -> bool:
    """Whether the records speak against a cause: an observation does by itself, or all of them have left next to none.

    Parked causes are not weighed, and nothing speaks against what was never looked at.
    """
    if one.parked or not one.observed:
        return False
    if one.against is not None:
        return True
    weight = explained.weight(one.name).weight
    began = math.sqrt(one.candidate.prior[0] * one.candidate.prior[1])
    return one.candidate.evidence <= LESS_LIKELY and weight <= ALL_BUT_OUT and weight <= LEAST_LEFT * began


def chance_of_all_steps(option: OptionFile) -> tuple[float, float]:
    """The chance that every step succeeds, as low and high. Without steps it is certain."""
    together = success_of(steps_of(option))
    return together.low, together.high


def steps_of(option: OptionFile) -> Floats:
    """Low and high chance of each step (steps, 2)."""
    return np.array([one.chance for one in option.step], np.float64).reshape(-1, 2)


def as_range(low: float, high: float) -> str:
    """A range of chances as it is told: ".28–.41"."""
    ends = [_chance(one) for one in (low, high)]
    return ends[0] if ends[0] == ends[1] else "–".join(ends)


def _chance(value: float) -> str:
    if 0.0 < value < 0.005:
        return "under .01"
    return "1" if value >= 0.995 else f"{value:.2f}".removeprefix("0")


def strikes(option: OptionFile, wishes: PreferenceFile, causes: Causes) -> tuple[Strike, ...]:
    """The limits an option breaks by what is written of it, in their order; `must_not` takes simulated futures."""
    found = (
        _never(option, wishes),
        _hidden(option),
        _steps(option, wishes),
        _needs(option),
        _cause(option, causes),
        _budget(option.cost.supporter.counted, wishes),
        _approach(option, wishes),
    )
    return tuple(one for one in found if one is not None)


def _never(option: OptionFile, wishes: PreferenceFile) -> Strike | None:
    touched = [one for one in option.touches if any(_names_one_thing(one, never) for never in wishes.never)]
    if not touched:
        return None
    return Strike(
        "never",
        f"it would touch {quoted(touched)}, which must not be touched",
        f"a way to do it that leaves {quoted(touched)} as it is",
    )


def _names_one_thing(one: str, other: str) -> bool:
    """Whether one of two names stands in the other, word for word: what is meant is not left to how it is put."""
    a, b = folded(one).split(), folded(other).split()
    short, long = sorted((a, b), key=len)
    return any(long[i : i + len(short)] == short for i in range(len(long) - len(short) + 1))


def _hidden(option: OptionFile) -> Strike | None:
    if option.disclosed_ok:
        return None
    return Strike(
        "hidden",
        "it would have to be hidden to work",
        "a way to do it that everybody concerned could know all about",
    )


def _steps(option: OptionFile, wishes: PreferenceFile) -> Strike | None:
    low, high = chance_of_all_steps(option)
    least = USUAL_LEAST_CHANCE if wishes.least_chance is None else wishes.least_chance
    if high >= least:
        return None
    several = len(option.step) > 1
    reason = "too many steps that must all succeed" if several else "it is too unlikely to succeed"
    return Strike(
        "steps",
        f"{reason}: {as_range(low, high)}",
        f"{'fewer steps, or likelier ones' if several else 'a likelier step'}: it takes {_chance(least)} at the least"
        + (" (the usual limit; least_chance in the preferences sets another)" if wishes.least_chance is None else ""),
    )


def _needs(option: OptionFile) -> Strike | None:
    missing = [one for one in option.needs if one not in option.met]
    if not missing:
        return None
    are = "are" if len(missing) > 1 else "is"
    return Strike(
        "needs",
        f"it needs {quoted(missing)}, which {are} not there yet",
        f"{quoted(missing)} would have to be there first",
    )


def _cause(option: OptionFile, causes: Causes) -> Strike | None:
    spoken = [one for one in option.rests_on if folded(one) in causes.against]
    if spoken:
        return Strike(
            "cause",
            f"it rests on {quoted(spoken)}, which the records speak against",
            f"records that speak for {quoted(spoken)} after all",
        )
    aside = [one for one in option.rests_on if folded(one) in causes.aside]
    if aside:
        why = causes.aside[folded(aside[0])]
        return Strike(
            "cause",
            f"it rests on {quoted(aside)}, set aside as “{why}”",
            f"{quoted(aside)} taken up again as a possible cause",
        )
    return None


def _budget(cost: Counted, wishes: PreferenceFile) -> Strike | None:
    if wishes.budget is None:
        return None
    hours, money = wishes.budget.hours_a_week, wishes.budget.money_a_month
    over, change = [], []
    if hours is not None and cost.hours_a_week[0] > hours:
        over.append(f"{cost.hours_a_week[0]:g} hours a week of the {hours:g}")
        change.append(f"at most {hours:g} hours a week")
    if money is not None and cost.money_a_month[0] > money:
        over.append(f"{cost.money_a_month[0]:g} a month of the {money:g}")
        change.append(f"at most {money:g} a month")
    if not over:
        return None
    return Strike(
        "budget",
        f"it takes at least {' and '.join(over)} that the supporter can give",
        f"a way to do it that takes {' and '.join(change)} of the supporter",
    )


def _approach(option: OptionFile, wishes: PreferenceFile) -> Strike | None:
    if option.channel is None or wishes.approach is None:
        return None
    ruled_out = (*wishes.approach.not_channels, *wishes.approach.not_roles)
    if not any(same_name(option.channel, one) for one in ruled_out):
        return None
    return Strike(
        "approach",
        f"it would be asked by way of “{option.channel}”, which was ruled out",
        f"another way to ask than “{option.channel}”",
    )
