"""Each person's estimate beside those of the others: drawn towards their mean, the more so the less it says by itself.

    y_i ~ N(q_i, v_i),   q_i ~ N(m, t²)

m is taken as flat, and t over a grid by its restricted likelihood times a prior flat in t² (Morris and Tang 2011), so
that the interval bears that neither is known; with one flat in t it held for too few where t is small. Whoever does not
lend is judged by those who do, and changes nothing for them. The interval is the normal one of the whole mean and
variance, over t too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mainstay.cohort.group_mean import LEVEL, Floats, checked, spreads_of
from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.trials.effect_sizes_kinds import normal_half

FEWEST = 20
"""Lenders from which on nine of ten intervals hold (docs/decisions/0024-groups.md)."""


@dataclass(frozen=True, slots=True, eq=False)
class Shrunken:
    """For each person (k): the estimate, its sd, the interval's ends, and which share of it is their own record's."""

    estimates: Floats
    sds: Floats
    low: Floats
    high: Floats
    own_share: Floats
    lenders: int


def shrunken(estimates: ArrayLike, sds: ArrayLike, lends: ArrayLike, *, level: float = LEVEL) -> Shrunken | CannotSay:
    """People's estimates (k), sds (k) and whether each lends (k), together. Cannot say below twenty lenders."""
    y, v = checked(estimates, sds)
    lender = np.asarray(lends, np.bool_)
    if lender.shape != y.shape:
        raise BadRequest(f"{lender.size} words on lending for {y.size} people; give one for each")
    count = int(lender.sum())
    if count < FEWEST:
        return CannotSay("too few people lend to the others", have=count, need=FEWEST, unit="people")
    if not np.ptp(y[lender]):
        return CannotSay("everybody’s estimate is the same to the last digit, as no records make them")
    lent = spreads_of(y[lender], v[lender])
    whole, middle, square, own = (np.zeros(len(y)) for _ in range(4))
    for t, chance, mean, uncertain in zip(lent.sds, lent.chances, lent.means, lent.variances, strict=True):
        # whoever doesn't lend is not in the mean, which is then uncertain apart from their own record
        prior = np.where(lender, t * t, t * t + uncertain)
        weight = np.where(lender, chance, chance * _foreseen(y - mean, v + prior))
        share = prior / (prior + v)
        at = share * y + (1.0 - share) * mean
        variance = share * v + np.where(lender, (1.0 - share) ** 2 * uncertain, 0.0)
        whole += weight
        middle += weight * at
        square += weight * (variance + at * at)
        own += weight * share
    middle /= whole
    sd = np.sqrt(np.maximum(square / whole - middle * middle, 0.0))
    reach = normal_half(level) * sd
    return Shrunken(middle, sd, middle - reach, middle + reach, own / whole, count)


def _foreseen(off: Floats, variance: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * off * off / variance) / np.sqrt(variance), np.float64)
