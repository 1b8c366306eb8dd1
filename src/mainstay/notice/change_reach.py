"""What a watch would have seen by now: how large a lasting change is found in four of five such records, and when."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mainstay.notice.change_watch import Watched
from mainstay.notice.series import Series
from mainstay.numerics import sequential_counts as counts
from mainstay.numerics import sequential_readings as readings
from mainstay.numerics.sequential import LEVEL_SHARE, READY_DAYS
from mainstay.numerics.sequential_readings import CHANGES, DAYS, LAST, LIVE, READY, SHARE, N
from mainstay.numerics.sequential_state import Floats

LASTING_DAYS = 60.0
FEWEST_JUDGED = 14
FOUR_OF_FIVE = 0.84
SLOWER = {"rating": 1.9, "signal": 1.9, "count": 1.4}
"""A mixture that must rule out slow swings sees less than the formula says: measured (explanation, notice-change)."""
USUAL_OVERLAP = 0.125
"""The share of the days since a change that still counts as its beginning, in the sum over beginnings."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Of one stream: the lasting change found in four of five records within `days`: in standard deviations of its own
    readings (`in_units`: in its own unit), the logarithm of the ratio of rates for counts.
    """

    name: str
    kind: str
    change: float
    in_units: float
    days: int


def reach_of(found: Watched, series: Sequence[Series], s: int) -> Reach | None:
    """The reach of one stream; None where little of it has been judged yet, or it has fallen silent."""
    state, one = found.state, series[s]
    own = state.own[s]
    days = min(LASTING_DAYS, state.bets[s])
    if days < FEWEST_JUDGED or own[SHARE] == 0.0:
        return None
    noise = _count_noise(state, s) if one.kind == "count" else _reading_noise(state, s, own[N] / max(own[DAYS], 1.0))
    often = min(own[DAYS] / max(float(own[LAST]) - float(one.times[0]), 1.0), 1.0)
    share = own[SHARE] / state.own[:, SHARE].sum() / CHANGES * (1.0 if one.kind == "count" else LEVEL_SHARE)
    sure = math.sqrt(2.0 * math.log(found.threshold / (share * USUAL_OVERLAP * days))) + FOUR_OF_FIVE
    apart = 1.0 / (days * often) + 1.0 / own[DAYS]
    change = SLOWER[one.kind] * sure * math.sqrt(noise * apart)
    return Reach(one.name, one.kind, change, change * float(one.values.std()), round(days))


def _weights(logw: Floats) -> Floats:
    weights = np.exp(logw - logw.max())
    return np.asarray(weights / weights.sum())


def _of_mean(half_life: Floats, spacing: float) -> Floats:
    """The variance per day of the mean of a swing of variance 1, seen so often."""
    kept = np.exp(-math.log(2.0) * spacing / half_life)
    return np.asarray(spacing * (1.0 + kept) / (1.0 - kept))


def _reading_noise(state, s: int, a_day: float) -> float:  # type: ignore[no-untyped-def]
    """The long-run variance of the mean of a day, in units of the readings' variance."""
    live = state.live[s, : int(state.own[s, LIVE])]
    table = readings.EXPERTS[live]
    spacing = 1.0 / a_day
    swings = table[:, 0] * _of_mean(table[:, 1], spacing) + table[:, 2] * _of_mean(table[:, 3], spacing)
    return float(_weights(state.logw[s, live]) @ (swings + (1.0 - table[:, 0] - table[:, 2]) * spacing))


def _count_noise(state, s: int) -> float:  # type: ignore[no-untyped-def]
    """The same of a day's count, in units of its squared mean."""
    live = state.live[s, : int(state.own[s, LIVE])]
    table, weights = counts.EXPERTS[live], _weights(state.logw[s, live])
    rate = float(weights @ state.m[s, live, 0])
    return float(1.0 / rate + weights @ (table[:, 0] + table[:, 1] * _of_mean(table[:, 2], 1.0)))


def days_until_judged(found: Watched, series: Sequence[Series]) -> tuple[float, float]:
    """Days with records so far and days needed, of the stream that will be judged first."""
    best = (0.0, math.inf)
    for s, one in enumerate(series):
        own = found.state.own[s]
        if own[N] < 1.0:
            continue
        span = max(float(own[LAST]) - float(one.times[0]), 1.0)
        have = max(own[DAYS], len(np.unique(np.floor(one.times))))
        missing = max(
            (READY - own[N]) / own[N] * span, (READY_DAYS + FEWEST_JUDGED - own[DAYS]) / max(have / span, 0.05), 1.0
        )
        if have + missing < best[1]:
            best = (float(have), float(have + missing))
    return best
