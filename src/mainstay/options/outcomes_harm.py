"""Whether an option could do harm, judged where it is worst: not on average, but at either end of what was written.

An option's levers are ranges, and how they act is drawn. Harm is looked for under every explanation still standing and
at both ends of the levers. It is not ruled out where more than one draw in ten has it, nor where it is so on average
for any values that keep the order. Draws of the parameters have few paths each, so of their differences only what goes
with strain is taken for theirs; the rest is the scatter of paths. Chances are those if all steps succeed: what it does
then counts, however unlikely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.options.outcomes import Outcome
from mainstay.strain.judge import LEVEL

Floats = NDArray[np.float64]
TIED = 1.0
"""Points (of 100) within which simulated outcomes are not told apart."""

NOTICEABLE = 0.02
"""The share of mean strain that an option must take away, or add, for that to count."""

LEAST_STEPS = 0.02
"""The same in steps of a scale of seven; what moves strain by less over all days ahead is told of nobody."""

SURELY = LEVEL
BEYOND_CHANCE = 1.645
"""So many errors of simulation are allowed for: with few paths a difference of a point may be chance."""

LEAST_MUST_NOT, AGREEING = 0.01, 0.75
"""A chance of what must not happen is raised where it rises by a hundredth on average, in three draws of four."""


@dataclass(frozen=True, slots=True)
class Harm:
    """The harm an option could do, where that is not ruled out.

    `worse`: it could be worth less than leaving things as they are; `must_not`: it makes what must not happen likelier;
    `strain`: it could raise mean strain; `raises`: it surely does so at one end of its levers, under some explanation.
    """

    worse: bool = False
    must_not: bool = False
    strain: bool = False
    raises: bool = False

    @property
    def none(self) -> bool:
        """Whether harm is ruled out."""
        return not (self.worse or self.must_not or self.strain or self.raises)


def least_strain(usual: float, unit: float) -> float:
    """The least change of mean strain that counts, in points. `usual`: mean strain; `unit`: points of one step."""
    return max(NOTICEABLE * usual, LEAST_STEPS * unit)


def harm_of(rows: Sequence[Outcome], values: Floats, must_not: NDArray[np.bool_], least: float) -> Harm:
    """The harm of one option, from what it adds under each explanation (`rows`).

    `values` (draws, s): how good each scenario is; `must_not` (s,); `least`: the least change of mean strain (points).
    """
    raw = np.array([row.raw for row in rows])
    strain = np.array([row.strain for row in rows])
    forbidden = must_not.astype(float)
    error = np.sqrt(np.maximum(_variance(raw, values), 0.0))
    ever = raw.mean(axis=2) @ values.T + BEYOND_CHANCE * error
    gained = _with_strain(raw, values.mean(axis=0), strain, BEYOND_CHANCE)
    likelier = _with_strain(raw, forbidden, strain, -BEYOND_CHANCE)
    return Harm(
        worse=float(ever.min()) < -TIED or float((gained < -TIED).mean(axis=2).max()) > 1.0 - SURELY,
        must_not=bool(rises(likelier, LEAST_MUST_NOT).any()),
        strain=float((strain > least).mean(axis=2).max()) > 1.0 - SURELY,
        raises=bool(((strain.mean(axis=2) > least) & ((strain > 0.0).mean(axis=2) >= SURELY)).any()),
    )


def _with_strain(raw: Floats, weights: Floats, strain: Floats, errors: float) -> Floats:
    """Weighted sums (h, 2, k) of raw draws (h, 2, k, s), as far as they differ with the strain (h, 2, k) of the draw.

    So many errors of simulation are added to them.
    """
    sums = raw @ weights
    mean, apart = sums.mean(axis=2, keepdims=True), strain - strain.mean(axis=2, keepdims=True)
    square = np.maximum((apart**2).sum(axis=2, keepdims=True), 1e-12)
    slope = ((sums - mean) * apart).sum(axis=2, keepdims=True) / square
    error = sums.std(axis=2, keepdims=True, ddof=1) / np.sqrt(sums.shape[2])
    return np.asarray(mean + slope * apart + errors * error)


def _variance(raw: Floats, weights: Floats) -> Floats:
    """The variance (h, 2, n) of the mean over draws of weighted sums (n, s) of raw draws (h, 2, k, s)."""
    apart = raw - raw.mean(axis=2, keepdims=True)
    k = raw.shape[2]
    covariance = np.einsum("heks,hekt->hest", apart, apart) / (k * max(k - 1, 1))
    return np.asarray(np.einsum("ns,hest,nt->hen", weights, covariance, weights))


def rises(draws: Floats, least: float) -> NDArray[np.bool_]:
    """Whether draws (..., k) are above `least` on average, with three in four above 0."""
    risen: NDArray[np.bool_] = (draws.mean(axis=-1) >= least) & ((draws > 0.0).mean(axis=-1) >= AGREEING)
    return risen
