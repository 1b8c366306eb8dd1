"""Whether forecasts of tomorrow and of next week were better than the person's own base rate, on the record so far.

A forecast is shown where what came was so much likelier by ours than by the base rate, made at the same moments from
the same past, that chance seldom gives as much. Over the whole record the ratio of the two is an e-value: were the
base rate right, it would reach 1 / a with chance at most a at any time, however often one looks (Ville 1939; Shafer
2021). All that was tried shares a chance of 5 %: of m comparisons, the k best are shown where each has an e-value of at
least m / (5 % k), so that of what is shown at most 5 % is expected to be no better, however the comparisons hang
together (Wang and Ramdas 2022); where nothing is better, anything is shown with a chance of at most 5 %. The base rate
is only learned and neighbouring days hang together, so the paired gain must besides lie above 0 by its own error, which
bears both (`mainstay.futures.scores.gained`); what remains is measured (docs/explanation/next-day.md).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mainstay.futures.next_targets import Targets
from mainstay.futures.scores import MeanOverTime, gained
from mainstay.quantities import CannotSay
from mainstay.timeline.kinds import Floats

FALSELY_SHOWN = 0.05
"""The chance that anything of a record is shown which is no better than the base rate."""
LEARNING_DAYS = 7.0
LEARNING_VALUES = 5
FEWEST_SCORED = 20
PAIRED_LEVEL = 0.8
"""The paired gain's interval at this level has to lie above 0."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How forecasts did: `gain` a forecast (nats) over the base rate, `n` scored; `shown`, or `reason` why not.

    `evidence`: the logarithm of how much likelier what came was by ours; `asked`: how much it takes.
    """

    shown: bool
    gain: MeanOverTime | CannotSay
    n: int
    reason: str
    evidence: float = 0.0
    asked: float = math.inf


def scored_rows(targets: Targets) -> NDArray[np.bool_]:
    """Which forecasts (n,) are scored: not the first week's, and not before five values were known."""
    known = np.isfinite(targets.values)
    done = np.searchsorted(targets.due[known], targets.made, "right")
    rows: NDArray[np.bool_] = known & (targets.made >= targets.made[0] + LEARNING_DAYS) & (done >= LEARNING_VALUES)
    return rows


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Log scores (n,) of ours and of the base rate at the same forecasts, NaN where nothing came."""

    ours: Floats
    base: Floats
    targets: Targets


def judged(every: Sequence[Compared]) -> tuple[Judgement, ...]:
    """Which of all that was tried on a record is shown."""
    each = [_alone(one) for one in every]
    among = sum(not isinstance(one.gain, CannotSay) for one in each)
    if not among:
        return tuple(each)
    held = [one.evidence if one.shown else -math.inf for one in each]
    ranked = sorted(held, reverse=True)
    best = [k for k in range(1, len(ranked) + 1) if ranked[k - 1] >= math.log(among / (k * FALSELY_SHOWN))]
    asked = math.log(among / (max(best, default=1) * FALSELY_SHOWN))
    return tuple(_told(one, one.shown and one.evidence >= asked, asked) for one in each)


def _told(one: Judgement, shown: bool, asked: float) -> Judgement:
    if isinstance(one.gain, CannotSay):
        return one
    why = "it may be chance that it told better than what is usual"
    if one.gain.mean <= 0.0:
        why = "on this record it told no better than what is usual"
    return replace(one, shown=shown, reason="" if shown else why, asked=asked)


def _alone(one: Compared) -> Judgement:
    """A comparison by itself; `shown`: whether its paired gain lies above 0 by its own error."""
    at = scored_rows(one.targets)
    n = int(at.sum())
    if n < FEWEST_SCORED:
        short = CannotSay("there are too few forecasts to compare", have=n, need=FEWEST_SCORED, unit="forecasts")
        return Judgement(False, short, n, short.reason)
    gain = gained(-one.ours[at], -one.base[at], one.targets.overlap, level=PAIRED_LEVEL)
    if isinstance(gain, CannotSay):
        return Judgement(False, gain, n, gain.reason)
    return Judgement(gain.low > 0.0, gain, n, "", gain.mean * n / one.targets.overlap)
