"""The slow course of weekly hours in each role: a local level whose variance is learned, and drawn towards nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.timeline.kinds import Floats

RATIOS = np.array([0.0, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3])
"""Variance of a week's step of the level over that of the weeks about it."""
STILL = 0.2
"""The prior chance that the level does not move at all."""
TYPICAL = 0.01
"""The ratio about which larger ones grow less likely: a level that wanders by its weeks' sd within two years."""
START_SD = 10.0
LEAST_LEVEL = 0.05
"""A level counts as a twentieth of its mean at least: a week's hours are scaled by the ratio of two of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Hours a week in r roles, as levels over their `mean` (r,). `smooth` (w, r): the level in each week.

    `now`, `now_sd` (r,): at the end of the record; `chances` (r, g) and `steps` (r, g): how likely each sd of the
    level's step a week is.
    """

    mean: Floats
    smooth: Floats
    now: Floats
    now_sd: Floats
    chances: Floats
    steps: Floats

    def drawn_steps(self, n: int, rng: np.random.Generator) -> Floats:
        """The sd of a step of each role's level a week, drawn n times: (n, r)."""
        reached = np.cumsum(self.chances, axis=1)
        at = (rng.random((n, len(self.mean), 1)) > reached / reached[:, -1:]).sum(axis=2)
        drawn: Floats = self.steps[np.arange(len(self.mean)), np.minimum(at, len(RATIOS) - 1)]
        return drawn


def levels_of(hours: Floats, week: NDArray[np.int64]) -> Levels:
    """The levels of weekly hours (w, r) in the weeks numbered `week` (w,), ascending, with gaps where none is known."""
    mean = np.maximum(hours.mean(axis=0), 1e-9)
    y = (hours / mean)[:, :, None]
    n, roles, _ = y.shape
    gaps = np.diff(week, prepend=week[0]).astype(float)
    level, size = np.ones((roles, len(RATIOS))), np.full((roles, len(RATIOS)), START_SD**2)
    levels, sizes, ahead = [], [], []
    log_sizes, squares = np.zeros(level.shape), np.zeros(level.shape)
    for i in range(n):
        size = size + gaps[i] * RATIOS
        ahead.append(size)
        miss, total = y[i] - level, size + 1.0
        log_sizes += np.log(total)
        squares += miss**2 / total
        level, size = level + size / total * miss, size / total
        levels.append(level)
        sizes.append(size)
    variance = np.maximum(squares / n, 1e-6)
    prior = np.concatenate([[STILL], (1.0 - STILL) * _spread_over()])
    logs = -0.5 * n * np.log(variance) - 0.5 * log_sizes + np.log(prior)
    chances = np.exp(logs - logs.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    smooth = levels[-1]
    back = [smooth]
    for i in range(n - 2, -1, -1):
        smooth = levels[i] + sizes[i] / np.maximum(ahead[i + 1], 1e-12) * (smooth - levels[i])
        back.append(smooth)
    courses = np.array(back[::-1])
    now = (chances * levels[-1]).sum(axis=1)
    spread = (chances * (sizes[-1] * variance + (levels[-1] - now[:, None]) ** 2)).sum(axis=1)
    return Levels(
        mean=mean,
        smooth=np.maximum((courses * chances).sum(axis=2), LEAST_LEVEL),
        now=np.maximum(now, 0.0),
        now_sd=np.sqrt(spread),
        chances=chances,
        steps=np.sqrt(RATIOS * variance),
    )


def _spread_over() -> Floats:
    weights = 1.0 / (1.0 + RATIOS[1:] / TYPICAL)
    found: Floats = weights / weights.sum()
    return found
