"""What the choice between the best two options hangs on: one input at a time, over its range (a tornado diagram).

    worth of o = sum_h w_h [ q_o (g[o, h] + e_o) + sum_s p[nothing, h, s] v_s ] - c_o,    q_o = product of its steps
    g[o, h]    = sum_s (p[o, h, s] - p[nothing, h, s]) v_s                               gain if all steps succeed

with all at their middle but one. e_o, which is 0 in the middle, is how much more or less the option changes than on
average (over the draws of what is unknown). A weight that moves takes from the others in proportion. Worth is linear in
each input, so how far the best is ahead of another option has one point of equality at most, found exactly; where it
is told, an input turns the ranking there (threshold analysis; Howard 1988; Clemen & Reilly 2013, ch. 5). One input at a
time says nothing of two that are off together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mainstay.options.worth import Question, ends

Floats = NDArray[np.float64]
Range = tuple[float, float]
Kind = Literal["step", "cost", "effect", "value", "weight"]
NEVER = (-math.inf, math.inf)
COULD_BE: dict[Kind, Range] = {
    "step": (0.0, 1.0), "cost": NEVER, "effect": NEVER, "value": (0.0, 100.0), "weight": (0.0, 1.0),
}  # fmt: skip
"""What an input could be at all: beyond, no threshold is told."""
SAME = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Middle:
    """All inputs at one place each. `chances` (options, explanations, scenarios); `values` (scenarios,); `weights`
    (explanations,); `steps`: (steps,) for each option; `costs`, `effects` (options,) in points.
    """

    chances: Floats
    nothing: int
    values: Floats
    weights: Floats
    steps: tuple[Floats, ...]
    costs: Floats
    effects: Floats

    def worths(self) -> Floats:
        """Expected value of each option (options,)."""
        kept = self.chances[self.nothing]
        gains = (self.chances - kept) @ self.values @ self.weights + self.effects
        success = np.array([one.prod() for one in self.steps])
        return np.asarray(success * gains + self.weights @ kept @ self.values - self.costs)


@dataclass(frozen=True, slots=True)
class Input:
    """One input: of which option ("step", "cost", "effect"), scenario ("value") or explanation ("weight"), by position.

    `part`: which step. For an effect the range is in points above or below the average gain.
    """

    kind: Kind
    of: int
    part: int
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Bar:
    """What one input does. `ahead_low`, `ahead_high`: how far the best option is ahead of the next at its ends.

    `turns_at`: where another option becomes as good as the best, nearest to the middle, and `to`: which; None where
    there is no such place. `flips`: whether that lies within the input's range.
    """

    input: Input
    ahead_low: float
    ahead_high: float
    turns_at: float | None
    to: int | None
    flips: bool

    @property
    def swing(self) -> float:
        """By how much the lead changes from end to end, in points."""
        return abs(self.ahead_high - self.ahead_low)


@dataclass(frozen=True, slots=True)
class Tornado:
    """The best option, the next, how far it is ahead in the middle, and the bars, the widest first."""

    best: int
    second: int
    ahead: float
    bars: tuple[Bar, ...]


def middle_of(question: Question) -> tuple[Middle, tuple[Input, ...]]:
    """The middle of a question and all its inputs. Where the question has no steps, success is taken as one step."""
    q = question
    steps = q.steps or tuple(one[None] if (one < 1.0).any() else np.empty((0, 2)) for one in q.success)
    values = q.values.mean(axis=0)
    means = q.chances.mean(axis=2)
    middle = Middle(
        means,
        q.nothing,
        values,
        q.weights,
        tuple(one.mean(axis=1) for one in steps),
        q.costs.mean(axis=1),
        np.zeros(len(q.chances)),
    )
    gains = np.einsum("ohds,s,h->od", q.chances - q.chances[q.nothing], values, q.weights)
    inputs = [
        *(Input("step", o, k, *_ends(row)) for o, one in enumerate(steps) for k, row in enumerate(one)),
        *(Input("cost", o, 0, *_ends(row)) for o, row in enumerate(q.costs)),
        *(Input("effect", o, 0, row[0], 0.0, row[1]) for o, row in enumerate(_away(gains))),
        *(Input("value", s, 0, row[0], values[s], row[1]) for s, row in enumerate(ends(q.values.T))),
        *(Input("weight", h, 0, row[0], q.weights[h], row[1]) for h, row in enumerate(q.weight_ranges)),
    ]
    told = (replace(one, low=float(one.low), middle=float(one.middle), high=float(one.high)) for one in inputs)
    return middle, tuple(one for one in told if one.high > one.low)


def _ends(row: Floats) -> tuple[float, float, float]:
    return float(row[0]), float(row.mean()), float(row[1])


def _away(gains: Floats) -> Floats:
    away = ends(gains - gains.mean(axis=1, keepdims=True))
    return np.stack([np.minimum(away[:, 0], 0.0), np.maximum(away[:, 1], 0.0)], axis=1)


def tornado(middle: Middle, inputs: tuple[Input, ...]) -> Tornado | None:
    """What the lead of the best option hangs on; None where there is only one option."""
    worths = middle.worths()
    if len(worths) < 2:
        return None
    best, second = (int(one) for one in np.argsort(-np.round(worths, 9), kind="stable")[:2])
    bars = [_bar(middle, one, best, second) for one in inputs]
    bars.sort(key=lambda bar: -bar.swing)
    return Tornado(best, second, float(worths[best] - worths[second]), tuple(bars))


def moved(middle: Middle, one: Input, to: float) -> Middle:
    """The same with one input elsewhere."""
    match one.kind:
        case "step":
            steps = tuple(_with(row, one.part, to) if o == one.of else row for o, row in enumerate(middle.steps))
            return replace(middle, steps=steps)
        case "cost":
            return replace(middle, costs=_with(middle.costs, one.of, to))
        case "effect":
            return replace(middle, effects=_with(middle.effects, one.of, to))
        case "value":
            return replace(middle, values=_with(middle.values, one.of, to))
        case "weight":
            return replace(middle, weights=_shifted(middle.weights, one.of, to))


def _with(row: Floats, at: int, to: float) -> Floats:
    changed = row.copy()
    changed[at] = to
    return changed


def _shifted(weights: Floats, at: int, to: float) -> Floats:
    """One weight elsewhere, the others in proportion (evenly, where it had all)."""
    others = weights.copy()
    others[at] = 0.0
    total = float(others.sum())
    if total > 0.0:
        others /= total
    elif len(weights) > 1:
        others = np.full(len(weights), 1.0 / (len(weights) - 1))
    else:
        return weights
    others *= 1.0 - to
    others[at] = to
    return others


def _bar(middle: Middle, one: Input, best: int, second: int) -> Bar:
    low, high = moved(middle, one, one.low).worths(), moved(middle, one, one.high).worths()
    leads_low, leads_high = low[best] - low, high[best] - high
    slopes = (leads_high - leads_low) / (one.high - one.low)
    turns_at, to = None, None
    for other in range(len(low)):
        if other == best or abs(slopes[other]) < SAME:
            continue
        place = one.low - leads_low[other] / slopes[other]
        least, most = COULD_BE[one.kind]
        if least <= place <= most and (turns_at is None or abs(place - one.middle) < abs(turns_at - one.middle)):
            turns_at, to = float(place), other
    flips = turns_at is not None and one.low <= turns_at <= one.high
    return Bar(one, float(leads_low[second]), float(leads_high[second]), turns_at, to, flips)
