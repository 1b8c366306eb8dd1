"""Whether forecasts of tomorrow and of next week were better than the person's own base rate, on the record so far.

A forecast is shown where its log scores beat those of the base rate, made at the same moments from the same past,
beyond what chance gives: a paired comparison whose error bears that neighbouring days hang together
(`mainstay.futures.scores.gained`). All that was tried shares one chance of 5 % to be shown wrongly (Bonferroni).
"""

from __future__ import annotations

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
LEAST_GAIN = 1.0
"""The log score has to be better by so much in all, besides."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How forecasts did: `gain` a forecast (nats) over the base rate, `n` scored; `shown`, or `reason` why not."""

    shown: bool
    gain: MeanOverTime | CannotSay
    n: int
    reason: str


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
    gain = gained(-ours[at], -base[at], targets.overlap, level=1.0 - 2.0 * FALSELY_SHOWN / max(among, 1))
    if isinstance(gain, CannotSay):
        return Judgement(False, gain, n, gain.reason)
    if gain.mean <= 0.0:
        return Judgement(False, gain, n, "on this record it told no better than what is usual")
    better = gain.low > 0.0 and gain.mean * n / targets.overlap >= LEAST_GAIN
    return Judgement(better, gain, n, "" if better else "it may be chance that it told better than what is usual")
