"""How what was measured is said: half sentences that a tired person can read."""

from __future__ import annotations

import math
from collections.abc import Callable

from mainstay.strain.judge import Z90
from mainstay.strain.wording import number, times_as_often

ALIKE = 0.05
"""Shares of strain that differ by less than this are told as about the same."""


def higher(size: float, sd: float, unit: str, when: str, what: str = "strain") -> str:
    """'strain is 0.8 points on the tension scale higher since 3 March 2025'; else by how much it differs at most."""
    if abs(size) < Z90 * sd:
        at_most = number(abs(size) + Z90 * sd)
        return f"{what} is not shown to be different {when} (by {at_most} {unit} at most)"
    return f"{what} is {number(abs(size))} {unit} {'higher' if size > 0 else 'lower'} {when}"


def shown_as_often(mean: float, sd: float, what: str, compared: str, told: Callable[[float], float]) -> str:
    """'at the same load help is sought 2.5 times as often as a year ago', from a log ratio; `told`: its factor."""
    if abs(mean) < Z90 * sd:
        low, high = number(told(mean - Z90 * sd)), number(told(mean + Z90 * sd))
        return f"{what} about as often {compared} ({low} to {high} times as often)"
    return f"{what} {times_as_often(told(mean))} {compared}"


def as_many(mean: float, sd: float, what: str, when: str) -> str:
    """'hours as oneself are 0.7 times as many since 3 March 2025', from a log ratio."""
    low, high = (number(math.exp(mean + side * Z90 * sd)) for side in (-1.0, 1.0))
    if abs(mean) < Z90 * sd:
        return f"{what} are not shown to be more or fewer {when} ({low} to {high} times as many)"
    return f"{what} are {number(math.exp(mean))} times as many {when}"


def spoken(name: str) -> str:
    """A name on record as it is said: no_part_to_play -> no part to play."""
    return name.replace("_", " ")


def share_words(difference: float) -> str:
    """'more of the strain than other company', from a difference of shares; how much more is S13's to tell."""
    if abs(difference) < ALIKE:
        return "about as much as other company"
    return f"{'more' if difference > 0 else 'less'} of the strain than other company"
