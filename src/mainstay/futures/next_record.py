"""Whether forecasts of tomorrow and of next week were better than the person's own base rate, on the record so far.

A forecast is shown where what came was so much likelier by ours than by the base rate, made at the same moments from
the same past, that chance seldom gives as much. Over the whole record the ratio of the two is an e-value: were the
base rate right, it would reach 1 / a with chance at most a at any time, however often one looks (Ville 1939; Shafer
2021). All that was tried shares one chance of 5 % (Bonferroni). The base rate is only learned and neighbouring days
hang together, so the paired gain must besides lie above 0 by its own error, which bears both
(`mainstay.futures.scores.gained`); what remains is measured (docs/explanation/next-day.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

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


def judged(ours: Floats, base: Floats, targets: Targets, among: int) -> Judgement:
    """Compare log scores (n,) of ours with the base rate's, as one of `among` comparisons of this record."""
    at = scored_rows(targets)
    n = int(at.sum())
    if n < FEWEST_SCORED:
        short = CannotSay("there are too few forecasts to compare", have=n, need=FEWEST_SCORED, unit="forecasts")
        return Judgement(False, short, n, short.reason)
    gain = gained(-ours[at], -base[at], targets.overlap, level=PAIRED_LEVEL)
    if isinstance(gain, CannotSay):
        return Judgement(False, gain, n, gain.reason)
    evidence, asked = gain.mean * n / targets.overlap, math.log(max(among, 1) / FALSELY_SHOWN)
    better = evidence >= asked and gain.low > 0.0
    why = "it may be chance that it told better than what is usual"
    if gain.mean <= 0.0:
        why = "on this record it told no better than what is usual"
    return Judgement(better, gain, n, "" if better else why, evidence, asked)
