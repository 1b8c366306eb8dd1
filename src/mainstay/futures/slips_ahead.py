"""How often slips come, and how that rises with the day's strain: learned from the record, drawn towards no rise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mainstay.notice.slips_counts import TOGETHER, counted
from mainstay.strain.habit import log_linear
from mainstay.timeline.kinds import Floats, Timeline

FEWEST_SLIPS = 5
"""With fewer, only how often they come is told."""
FEWEST_DAYS = 28
RISE_SD = 0.7
"""The prior sd of what an sd of the day's strain adds to the log rate."""
OVERDISPERSED = 1.3
MOST_SPREAD = 5.0
HOURS_BEFORE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class SlipsAhead:
    """Log rate of slips and its rise by strain (steps): `mean` (2,), `covariance` (2, 2), both at zero strain.

    `within`: the roles in whose hours they are counted (none: by day); `overdispersion`: 1 over the size of a negative
    binomial; `rate`: slips a day on record, corrected for what was not recorded; `n`: how many.
    """

    mean: Floats
    covariance: Floats
    overdispersion: float
    within: tuple[str, ...]
    rate: float
    n: int
    gamma: bool

    def draws(self, n: int, rng: np.random.Generator) -> Floats:
        """Log rate, rise, overdispersion (n, 3)."""
        normal = rng.standard_normal((n, 2))
        gammas = rng.gamma(self.n + HOURS_BEFORE, size=n)
        if self.gamma:
            rate = np.log(gammas / (self.n + HOURS_BEFORE)) + self.mean[0]
            return np.stack([rate, np.zeros(n), np.zeros(n)], axis=1)
        values, vectors = np.linalg.eigh(self.covariance)
        drawn = self.mean + normal @ (vectors * np.sqrt(np.maximum(values, 0.0))).T
        return np.column_stack([drawn, np.full(n, self.overdispersion)])


def slips_ahead(timeline: Timeline, ends: Floats, strain: Floats, variance: Floats) -> SlipsAhead | None:
    """What the record tells of slips; None where none are on it.

    `strain` (m,): the mean of strain (steps) since the time before, at the times `ends` (m,); `variance` (m,): how
    uncertain it is. Strain that is known only so well makes the rate seem higher than it is by half of that variance.
    """
    streams = counted(timeline)
    if not streams:
        return None
    stream = next((one for one in streams if one.about == TOGETHER), streams[0])
    known = stream.exposure > 0.0
    n = int(stream.counts[known].sum())
    exposure = float(stream.exposure[known].sum())
    if not known.any() or exposure <= 0.0 or n == 0:
        return None
    beyond = 1.0 + stream.elsewhere / max(n, 1)
    days = float(np.diff(stream.ends, prepend=0.0)[known].sum())
    rate = beyond * n / exposure
    a_day = rate * (exposure / max(days, 1e-9) if stream.within else 1.0)
    if n < FEWEST_SLIPS or known.sum() < FEWEST_DAYS:
        mean = np.array([np.log((n + HOURS_BEFORE) / exposure * beyond), 0.0])
        return SlipsAhead(mean, np.zeros((2, 2)), 0.0, stream.within, a_day, n, True)
    lengths = np.diff(ends, prepend=0.0)
    reached = np.concatenate([[0.0], np.cumsum(strain * lengths)])
    doubt = np.concatenate([[0.0], np.cumsum(variance * lengths)])
    edges, at = np.concatenate([[0.0], stream.ends]), np.concatenate([[0.0], ends])
    width = np.maximum(np.diff(edges), 1e-9)
    by_day = (np.diff(np.interp(edges, at, reached)) / width)[known]
    unsure = float((np.diff(np.interp(edges, at, doubt)) / width)[known].mean())
    centre, spread = float(by_day.mean()), max(float(by_day.std()), 1e-6)
    counts, exposed = stream.counts[known], stream.exposure[known]
    design = np.stack([np.ones(len(by_day)), (by_day - centre) / spread])
    found, covariance = log_linear(design, counts, exposed, RISE_SD)
    expected = exposed * np.exp(found @ design)
    scatter = float(((counts - expected) ** 2 / expected).sum()) / max(len(counts) - 2, 1)
    squares = float((expected**2).sum())
    excess = max(float(((counts - expected) ** 2 - expected).sum()), 0.0) / max(squares, 1e-9)
    turn = np.array([[1.0, -centre / spread], [0.0, 1.0 / spread]])
    mean = turn @ found
    mean[0] += np.log(beyond) - 0.5 * mean[1] ** 2 * unsure
    return SlipsAhead(
        mean=mean,
        covariance=turn @ (covariance * max(scatter, 1.0)) @ turn.T,
        overdispersion=min(excess, MOST_SPREAD) if scatter > OVERDISPERSED else 0.0,
        within=stream.within,
        rate=a_day,
        n=n,
        gamma=False,
    )
