"""What a backtest says of the futures: whether they are shown, and if not, why, in plain words.

Each horizon is judged by itself: `reach` is how far ahead forecasts were better than what is usual. Futures are
withheld where one of these is so. Each threshold was set on simulated people, and what it catches and what it withholds
wrongly was then counted on others (docs/explanation/backtest.md).

- *No better*: at every horizon the loss over ratings, refuges and slips is above that of the person's own base rate, or
  at one of them by a twentieth and more: with the odds at least three to one. Hours in roles are left out here: the
  weeks ahead are the person's own weeks, which is their base rate; ways that are told from them are judged by them
  (`backtest_streams`).
- *Too narrow*: what came lies further out than the futures say, surely. A rank among the futures is turned into a
  normal score; its square is 1 on average where ranges are right, and more where they are too narrow or in the wrong
  place: where something that nobody recorded moves strain for weeks, or bad days come in bursts.
- *Another course*: one step ahead over the whole record, answers hang together in another way than strain would make
  them (`strain.criticise`: the checks of the course of strain and of the months), or miss what was foreseen of them by
  leaps that a normal law does not have.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mainstay.futures.backtest_targets import HORIZONS, Target
from mainstay.futures.scores import FEWEST_APART, MeanOverTime, mean_over_time

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Reason = Literal["no better", "too narrow", "another course", "leaps"]

GAINED = ("rating", "refuge", "slips")
NO_BETTER_LEVEL = 0.50
"""Where this interval of the gain lies above or below nothing, the odds are three to one."""
WORSE = 0.05
"""The least share of the base rate's loss that matters. Where nothing can be foreseen, a little less than that is lost
by ranges that tell how unsure the forecast is."""
FAR_OUT_LEVEL = 0.90
FAR_OUT_SDS = 2.6
"""How many of its sds, as they are where ranges are right, the mean square of normal scores lies above 1."""
FAR_OUT = 1.3
"""The least mean square of normal scores that matters: ranges an eighth too narrow."""
LEAPS_LEVEL = 0.975
LEAPS = 0.2
"""The least excess of the fourth moment over three that matters."""
COURSE = ("hours", "days", "speed", "months", "scatter")

WORDS: dict[Reason, str] = {
    "no better": "tried on your own past, such futures foresaw no better than what is usual for you",
    "too narrow": "tried on your own past, too much came that such futures had not foreseen",
    "another course": "strain comes and goes in a way that the roles, demands and refuges on record do not explain",
    "leaps": "now and then strain leaps further than such futures allow for",
}


FAR: dict[int, str] = {1: "a day", 7: "a week", 28: "four weeks"}


def borne_out(reach: int) -> str:
    """How far ahead forecasts were better than what is usual, and what carries them beyond, as a plain sentence."""
    if not reach:
        return (
            "Tried on your own past, such futures foresaw about as well as what is usual for you, not surely better: "
            "they rest on the model alone."
        )
    return (
        f"Tried on your own past, such futures foresaw better than what is usual for you up to {FAR[reach]} ahead; "
        "further ahead they rest on the model alone."
    )


def sentence(reasons: Sequence[Reason]) -> str:
    """The reasons as one plain sentence; "" for none."""
    if not reasons:
        return ""
    said = "; and ".join(WORDS[one] for one in reasons)
    return f"{said[:1].upper()}{said[1:]}."


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """One target at all origins (o,); NaN where the record does not tell what came.

    `loss` and `base`: the log score of an event, the ranked probability score of a value, ours and the base rate's.
    `rank`: of a value among the futures (0 to 1). `said`, `came`: the chance or mean that was foreseen, and what came.
    """

    target: Target
    loss: Floats
    base: Floats
    rank: Floats
    said: Floats
    came: Floats

    @property
    def gain(self) -> Floats:
        """What was gained on the base rate at each origin, as a share of the base rate's mean loss (o,)."""
        told = np.isfinite(self.loss)
        if not told.any():
            return self.loss
        share: Floats = (self.base - self.loss) / max(float(self.base[told].mean()), 1e-9)
        return share

    @property
    def far_out(self) -> Floats:
        """The square of the rank's normal score at each origin (o,)."""
        law, squares = NormalDist(), np.full(len(self.rank), np.nan)
        for i in np.flatnonzero(np.isfinite(self.rank)):
            squares[i] = law.inv_cdf(min(max(float(self.rank[i]), 1e-3), 1.0 - 1e-3)) ** 2
        return squares


@dataclass(frozen=True, slots=True)
class OneStep:
    """One step ahead over the whole record: the kind of the failed check of the answers ("" where none failed), and the

    fourth moment of `n` standardised misses (3 for a normal law; NaN where answers are ordinal). `expected`: what
    demands that came unrecorded, as often as the log of recording says, add to it.
    """

    failed: str
    fourth: float
    n: int
    expected: float = 0.0

    @property
    def leaps(self) -> bool:
        """Whether misses surely have heavier tails than they should, by an amount that matters."""
        if not math.isfinite(self.fourth) or self.n < 1:
            return False
        bar = NormalDist().inv_cdf(LEAPS_LEVEL) * math.sqrt(24.0 / self.n)
        return self.fourth - 3.0 - self.expected > max(bar, LEAPS)


def over_targets(tried: Sequence[Tried], rows: Sequence[Floats], step: float, level: float) -> MeanOverTime | None:
    """The mean over time of the mean over targets, at the horizons of which enough do not overlap; None without any."""
    kept = [
        row
        for one, row in zip(tried, rows, strict=True)
        if np.isfinite(row).sum() * min(step / one.target.days, 1.0) >= FEWEST_APART
    ]
    if not kept:
        return None
    longest = max(one.target.days for one, row in zip(tried, rows, strict=True) if any(row is each for each in kept))
    told = np.isfinite(kept).any(axis=0)
    means = np.nanmean(np.array(kept)[:, told], axis=0)
    found = mean_over_time(means, max(longest / step, 1.0), level)
    return found if isinstance(found, MeanOverTime) else None


def gains_of(tried: Sequence[Tried], step: float) -> dict[int, MeanOverTime]:
    """What was gained on the base rate by horizon, over all that is asked to be better."""
    found = {}
    for days in HORIZONS:
        asked = [one for one in tried if one.target.days == days and one.target.kind in GAINED]
        gain = over_targets(asked, [one.gain for one in asked], step, NO_BETTER_LEVEL)
        if gain is not None:
            found[days] = gain
    return found


def reach_of(gains: Mapping[int, MeanOverTime]) -> int:
    """How many days ahead forecasts were better than what is usual, with odds of three to one; 0 where nowhere."""
    reached = 0
    for days in HORIZONS:
        if days not in gains or gains[days].low <= 0.0:
            break
        reached = days
    return reached


def no_better(gains: Mapping[int, MeanOverTime]) -> bool:
    """Whether forecasts are worse than what is usual at every horizon, or at one of them by an amount that matters."""
    return all(one.high < 0.0 for one in gains.values()) or any(one.high < -WORSE for one in gains.values())


@dataclass(frozen=True, slots=True)
class FarOut:
    """How far out what came lay, at a horizon of `days`: the mean square of its normal scores (1: ranges are right).

    `apart`: how many of the forecasts do not overlap: where ranges are right the mean's sd is √(2 / apart).
    """

    square: MeanOverTime
    apart: float
    days: int

    @property
    def surely(self) -> bool:
        """Whether ranges are too narrow or in the wrong place, surely and by an amount that matters.

        Surely by what is known of squares of normal scores, and by how these ones vary.
        """
        return self.beyond(FAR_OUT_SDS)

    def beyond(self, sds: float) -> bool:
        """The same with a bar of so many sds."""
        bar = 1.0 + sds * math.sqrt(2.0 / self.apart)
        return self.square.mean > max(bar, FAR_OUT) and self.square.low > 1.0


def far_out_of(tried: Sequence[Tried], step: float) -> dict[int, FarOut]:
    """How far out what came lay, by horizon: ratings, and how often refuges came."""
    found = {}
    for days in HORIZONS:
        asked = [one for one in tried if one.target.days == days and one.target.kind in ("rating", "refuge")]
        asked = [one for one in asked if np.isfinite(one.rank).any()]
        squares = over_targets(asked, [one.far_out for one in asked], step, FAR_OUT_LEVEL)
        if squares is not None:
            found[days] = FarOut(squares, squares.n * min(step / days, 1.0), days)
    return found


def reasons_of(
    gains: Mapping[int, MeanOverTime], far_out: Mapping[int, FarOut], one_step: OneStep
) -> tuple[Reason, ...]:
    """Why futures are withheld; empty where they are shown."""
    found: list[Reason] = []
    if no_better(gains):
        found.append("no better")
    if any(one.surely for one in far_out.values()):
        found.append("too narrow")
    if one_step.failed in COURSE:
        found.append("another course")
    if one_step.leaps:
        found.append("leaps")
    return tuple(found)
