"""What must not happen, where its chance can't tell one option from another: nearly always there, or hardly ever.

A chance that is close to 1 or to 0 already has no room to rise or to be seen rising, and of what is not simulated there
is none. Where such a scenario is about strain, options are judged on whether they raise mean strain instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mainstay.futures.scenarios import OnRecord, Partition
from mainstay.records.statements_hypothesis import folded
from mainstay.records.statements_scenario import Scenario

TOO_OFTEN, TOO_SELDOM = 0.9, 0.002


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A scenario the person named that no chance can be told of, or whose chance tells nothing: its name, and why.

    `must_not`: it must not happen; `of_strain`: its rule is about strain, so that strain can be judged instead.
    """

    name: str
    why: str
    must_not: bool
    of_strain: bool

    @property
    def said(self) -> str:
        """It as a sentence."""
        if not self.must_not:
            return f"“{self.name}” can't be followed: {self.why}."
        instead = "; what raises strain is struck out instead" if self.of_strain else ""
        return f"Whether an option makes “{self.name}” likelier can't be told: {self.why}{instead}."


def unjudged(split: Partition, known: OnRecord) -> tuple[Unjudged, ...]:
    """Of the scenarios that the preferences name, those whose chance can't be judged. `split`: nothing changed."""
    wished = None if known.preference is None else known.preference.says
    allowed = None if wished is None else wished.must_not_chance
    found = []
    for one in known.scenarios:
        why = _why(split, one.name, allowed) if one.says.must_not else split.left_out.get(one.name, "")
        if why and (one.says.must_not or one.says.preference is not None):
            found.append(Unjudged(one.name, why, one.says.must_not, _of_strain(one)))
    for name in () if wished is None else wished.must_not:
        if why := _not_there(name, known):
            found.append(Unjudged(name, why, must_not=True, of_strain=False))
    return tuple(found)


def _why(split: Partition, name: str, allowed: float | None) -> str:
    if name in split.left_out:
        return split.left_out[name]
    if name in split.already:
        return "it is so already"
    chance = split.chances[name].mean
    if chance > TOO_OFTEN:
        return "as things are it comes about in nearly all futures"
    if chance < TOO_SELDOM and allowed is None:
        return "it comes about in hardly any future, whatever is done"
    return ""


def _of_strain(one: Scenario) -> bool:
    return any(condition.watched == "strain" for condition in one.conditions)


def _not_there(name: str, known: OnRecord) -> str:
    def among(names: Mapping[str, str]) -> str | None:
        return next((why for one, why in names.items() if folded(one) == folded(name)), None)

    if any(folded(name) == folded(one) for one in known.unknown):
        return "no way it could turn out has that name"
    left_out, aside = among(known.left_out), among(known.set_aside)
    return left_out or (f"it was set aside as “{aside}”" if aside is not None else "")
