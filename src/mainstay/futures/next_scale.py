"""An item's scale cut into cells: a forecast is how likely each is, whatever made it, so that all are scored alike.

The ends of the scale take what a distribution without ends puts beyond them: answers pile up there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.timeline.kinds import Floats

CELLS = 40
"""Into so many parts a scale is cut whose answers are not whole numbers."""
WHOLE_STEPS = 20
MOSTLY_WHOLE = 0.8
LOGISTIC_SD = np.pi / np.sqrt(3.0)
SMALL = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """Cells of a scale: `edges` (cells + 1) from end to end, `centres` (cells); `whole`: each is one answer."""

    edges: Floats
    centres: Floats
    whole: bool

    @property
    def reach(self) -> float:
        """From the lowest answer to the highest."""
        return float(self.centres[-1] - self.centres[0]) if self.whole else float(self.edges[-1] - self.edges[0])

    def cell(self, values: Floats) -> NDArray[np.int64]:
        """The cell of each value (n,); those beyond the ends belong to the last cells."""
        return np.searchsorted(self.edges[1:-1], values, "right").astype(np.int64)

    def logistic(self, means: Floats, sds: Floats) -> Floats:
        """How likely each cell is (…, cells) under logistic laws with these means and sds (…)."""
        slope = LOGISTIC_SD / sds[..., None]
        below = 1.0 / (1.0 + np.exp(-np.clip(slope * (self.edges[1:-1] - means[..., None]), -60.0, 60.0)))
        chances: Floats = np.diff(below, prepend=0.0, append=1.0, axis=-1) + 1e-12
        return chances

    def chance_of(self, values: Floats, means: Floats, sds: Floats) -> Floats:
        """The chance (k, n) of the cell that each value (n,) lies in, under logistic laws (k, n)."""
        ends = self.edges.copy()
        ends[0], ends[-1] = -np.inf, np.inf
        at = self.cell(values)
        slope = LOGISTIC_SD / sds
        below = [1.0 / (1.0 + np.exp(-np.clip(slope * (end - means), -60.0, 60.0))) for end in (ends[at], ends[at + 1])]
        chance: Floats = below[1] - below[0] + 1e-12
        return chance

    def mean(self, chances: Floats) -> Floats:
        """The mean of each forecast (…) from how likely its cells are (…, cells)."""
        mean: Floats = chances @ self.centres
        return mean

    def quantiles(self, chances: Floats, levels: tuple[float, ...]) -> Floats:
        """Quantiles (n, levels) of forecasts (n, cells): answers where the scale has whole steps, else in between."""
        below = np.cumsum(chances, axis=-1) / chances.sum(axis=-1, keepdims=True)
        if self.whole:
            return np.stack([self.centres[(below < level - 1e-12).sum(axis=-1)] for level in levels], axis=-1)
        start = np.concatenate([np.zeros((len(below), 1)), below], axis=-1)
        return np.array([np.interp(levels, row, self.edges) for row in start])

    def crps(self, chances: Floats, values: Floats) -> Floats:
        """The continuous ranked probability score (n,) of forecasts (n, cells), in units of the scale; a loss."""
        below = np.cumsum(chances, axis=-1)[:, :-1]
        passed = self.cell(values)[:, None] <= np.arange(len(self.centres) - 1)
        score: Floats = ((below - passed) ** 2) @ np.diff(self.centres)
        return score

    def log_scores(self, chances: Floats, values: Floats) -> Floats:
        """The logarithm of the chance given to what came (n,); NaN where nothing came."""
        known = np.isfinite(values)
        cells = self.cell(np.where(known, values, self.centres[0]))
        got = np.take_along_axis(chances, cells[:, None], axis=1)[:, 0]
        return np.where(known, np.log(np.maximum(got, SMALL)), np.nan)


def scale_of(low: float, high: float, values: Floats) -> Scale:
    """Whole steps where the scale has at most twenty and four of five values (n,) lie on them; else forty cells."""
    if not high > low:
        raise BadRequest(f"a scale needs two ends in order, not {low:g} and {high:g}")
    steps = high - low
    on_steps = len(values) > 0 and float(np.mean(np.abs(values - low - np.round(values - low)) < 1e-9)) >= MOSTLY_WHOLE
    if steps <= WHOLE_STEPS and steps == round(steps) and on_steps:
        centres = low + np.arange(round(steps) + 1.0)
        return Scale(np.append(centres - 0.5, centres[-1] + 0.5), centres, True)
    edges = np.linspace(low, high, CELLS + 1)
    return Scale(edges, 0.5 * (edges[1:] + edges[:-1]), False)
