"""The fast classic beside it: CUSUM and EWMA charts on the same daily scores, with limits set to the same budget.

A chart's limit is set so that, if the scores were independent and standard normal, the mean time to a false alarm over
all charts together were that of the watch; without that assumption they keep no guarantee. CUSUM: Page 1954, its run
length by Siegmund's approximation (1985). EWMA: Roberts 1959, its run length by a Markov chain (Lucas and Saccucci
1990); as used by Schat and others (2021).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mainstay.numerics.sequential_state import Floats
from mainstay.strain.judge import normal_cdf

REFERENCE = 0.5
"""The CUSUM is tuned for a shift of one standard deviation of a day's score."""
WEIGHT = 0.1
CELLS = 61
ROUNDS = 30


@dataclass(frozen=True, slots=True)
class ChartAlarm:
    """A chart's alarm: which column of scores, the local day, and whether the score went up."""

    column: int
    day: int
    up: bool


@lru_cache(maxsize=64)
def cusum_limit(run_length: float, reference: float = REFERENCE) -> float:
    """The limit of a two-sided CUSUM whose mean time to a false alarm is `run_length` days (Siegmund 1985)."""

    def one_sided(limit: float) -> float:
        reach = 2.0 * reference * (limit + 1.166)
        return (math.exp(reach) - reach - 1.0) / (2.0 * reference * reference)

    return _solved(lambda limit: one_sided(limit) / 2.0, run_length, 30.0)


@lru_cache(maxsize=64)
def ewma_limit(run_length: float, weight: float = WEIGHT) -> float:
    """The limit of a two-sided EWMA with this mean time to a false alarm: how far the smoothed score may lie from 0."""

    def lasting(limit: float) -> float:
        half = limit / CELLS
        middle = -limit + half * (2.0 * np.arange(CELLS) + 1.0)
        edge = (middle[None, :] - (1.0 - weight) * middle[:, None]) / weight
        reach = half / weight
        cdf = np.vectorize(normal_cdf)
        stay = cdf(edge + reach) - cdf(edge - reach)
        return float(np.linalg.solve(np.eye(CELLS) - stay, np.ones(CELLS))[CELLS // 2])

    return _solved(lasting, run_length, 8.0 * math.sqrt(weight / (2.0 - weight)))


def _solved(length, wanted: float, high: float) -> float:  # type: ignore[no-untyped-def]
    low = 1e-3
    for _ in range(ROUNDS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if length(middle) < wanted else (low, middle)
    return high


def charts(scores: Floats, columns: Sequence[int], run_length: float) -> dict[str, tuple[ChartAlarm, ...]]:
    """Alarms of both charts on these columns of daily scores (days, columns), NaN where there is none.

    `run_length`: days to a false alarm over all of them; each chart has that times their number.
    """
    each = round(run_length * max(len(columns), 1), -2)
    limits = {"cusum": cusum_limit(each), "ewma": ewma_limit(each)}
    found: dict[str, list[ChartAlarm]] = {name: [] for name in limits}
    for column in columns:
        days = np.flatnonzero(np.isfinite(scores[:, column]))
        high, low, smooth = 0.0, 0.0, 0.0
        for day in days:
            score = float(scores[day, column])
            high, low = max(high + score - REFERENCE, 0.0), max(low - score - REFERENCE, 0.0)
            smooth += WEIGHT * (score - smooth)
            if max(high, low) >= limits["cusum"]:
                found["cusum"].append(ChartAlarm(int(column), int(day), high > low))
                high, low = 0.0, 0.0
            if abs(smooth) >= limits["ewma"]:
                found["ewma"].append(ChartAlarm(int(column), int(day), smooth > 0.0))
                smooth = 0.0
    return {name: tuple(sorted(some, key=lambda one: one.day)) for name, some in found.items()}
