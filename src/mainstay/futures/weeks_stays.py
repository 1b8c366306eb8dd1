"""Whether a role goes on: stretches of weeks in which it is kept, and stretches in which it rests, with what it takes.

Each week of a role has hours or is one without. While it goes on, a share q of weeks is without all the same; while it
rests, hardly any has some. It stops with chance h a week and comes back with chance g: a hidden Markov chain of two
states (Rabiner 1989). q, h and g are not known: each of a grid of them counts by its evidence, so a role that has
rested long comes back with ever less chance, and pauses that ended before make it likelier.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mainstay.timeline.kinds import Floats

Bools = NDArray[np.bool_]

STOPS = {1 / 1000: 0.3, 1 / 250: 0.4, 1 / 60: 0.2, 1 / 12: 0.1}
"""Prior chances that a role stops, a week: most are kept for years."""
RETURNS = {1 / 2.5: 0.35, 1 / 8: 0.2, 1 / 30: 0.2, 1 / 300: 0.25}
"""Prior chances that it comes back, a week: a holiday is over soon, what was given up hardly comes back."""
WITHOUT = {0.005: 0.25, 0.02: 0.25, 0.08: 0.2, 0.25: 0.12, 0.5: 0.1, 0.8: 0.08}
"""Prior shares of weeks without any hours in a role that goes on."""
ODD = 0.002
"""The chance of hours in a week of a role that rests."""
RESTS_AT_FIRST = 0.1
_GRID = np.array([(h, g, q) for h, g, q in product(STOPS, RETURNS, WITHOUT)])
_PRIOR = np.array([STOPS[h] * RETURNS[g] * WITHOUT[q] for h, g, q in product(STOPS, RETURNS, WITHOUT)])


@dataclass(frozen=True, slots=True, eq=False)
class Stays:
    """What w weeks of r roles tell: `rests` (w, r), the chance that each lies in a stretch in which the role rests.

    `weight` (r, m): how likely each pair of chances a week to `stop` and to come `back` (m,) is, and `rests_now` (r, m)
    the chance under it that the role rests as the last week ends.
    """

    rests: Floats
    weight: Floats
    stop: Floats
    back: Floats
    rests_now: Floats


def stays_of(without: Bools, gaps: Floats) -> Stays:
    """Stretches of roles from whether each week (w, r) is without hours; `gaps` (w,): weeks since the one before."""
    stop, back, seldom = _GRID.T
    usual, memory = stop / (stop + back), 1.0 - stop - back
    rests = np.full((without.shape[1], len(_GRID)), RESTS_AT_FIRST)
    evidence = np.tile(np.log(_PRIOR), (without.shape[1], 1))
    filtered, seen = [], []
    for i, none in enumerate(without):
        if i:
            rests = usual + memory ** gaps[i] * (rests - usual)
        resting = np.where(none[:, None], 1.0 - ODD, ODD)
        going = np.where(none[:, None], seldom, 1.0 - seldom)
        total = rests * resting + (1.0 - rests) * going
        evidence += np.log(total)
        rests = rests * resting / total
        filtered.append(rests)
        seen.append((resting, going))
    weight = np.exp(evidence - evidence.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    resting_after, going_after = np.ones(rests.shape), np.ones(rests.shape)
    smoothed = np.zeros(without.shape)
    for i in range(len(without) - 1, -1, -1):
        if i + 1 < len(without):
            kept = memory ** gaps[i + 1]
            resting, going = (one * after for one, after in zip(seen[i + 1], (resting_after, going_after), strict=True))
            to_rest = usual * (1.0 - kept)
            resting_after = (to_rest + kept) * resting + (1.0 - to_rest - kept) * going
            going_after = to_rest * resting + (1.0 - to_rest) * going
            largest = np.maximum(resting_after, going_after)
            resting_after, going_after = resting_after / largest, going_after / largest
        both = filtered[i] * resting_after + (1.0 - filtered[i]) * going_after
        smoothed[i] = (weight * filtered[i] * resting_after / both).sum(axis=1)
    return Stays(smoothed, weight, stop, back, rests)
