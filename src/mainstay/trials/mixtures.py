"""A mixture of Student's laws: what is known of a number whose noise, and how it hangs together, is unknown too."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mainstay.quantities import Interval
from mainstay.trials.kinds import Floats

NEGLIGIBLE = 1e-4
"""Parts of less weight than this share of the heaviest are left out."""
REACH, CELLS = 12.0, 801


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """`mean`, `sd`; `at` (c,) and `below` (c,): its distribution function, read in straight lines between."""

    mean: float
    sd: float
    at: Floats
    below: Floats

    def cdf(self, value: float) -> float:
        """The chance of lying below a value."""
        return float(np.interp(value, self.at, self.below))

    def quantiles(self, levels: Sequence[float]) -> tuple[float, ...]:
        """Where the distribution function reaches each level."""
        return tuple(np.interp(np.asarray(levels), self.below, self.at).tolist())

    def interval(self, level: float = 0.90) -> Interval:
        """The central interval."""
        low, high = self.quantiles((0.5 - 0.5 * level, 0.5 + 0.5 * level))
        return Interval(low, high, level)

    @property
    def p(self) -> float:
        """Twice the chance of lying on the less likely side of nought."""
        below = self.cdf(0.0)
        return 2.0 * min(below, 1.0 - below)


def mixture_of(weights: Floats, means: Floats, widths: Floats, freedom: int) -> Mixture:
    """The mixture (m,) of Student's laws of one freedom, each with its place and width."""
    kept = weights > NEGLIGIBLE * weights.max()
    weights, means, widths = weights[kept] / weights[kept].sum(), means[kept], widths[kept]
    mean = float(weights @ means)
    inflated = freedom / (freedom - 2.0) if freedom > 2 else 3.0
    sd = math.sqrt(float(weights @ (inflated * widths**2 + (means - mean) ** 2)))
    # cells are dense in the middle and wide far out
    at = mean + sd * REACH * np.sinh(np.linspace(-4.0, 4.0, CELLS)) / math.sinh(4.0)
    log_norm = math.lgamma(0.5 * (freedom + 1)) - math.lgamma(0.5 * freedom) - 0.5 * math.log(freedom * math.pi)
    z = (at[:, None] - means) / widths
    density = np.exp(log_norm - 0.5 * (freedom + 1) * np.log1p(z * z / freedom)) @ (weights / widths)
    below = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(at))])
    return Mixture(mean, sd, at, below / below[-1])
