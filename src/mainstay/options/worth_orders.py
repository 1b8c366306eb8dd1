"""Which option is at least as good as which on every count, so that no weighing of counts is needed.

Counts of an option: its expected value before costs in every explanation, for every drawn value that keeps the order,
at either end of its chance to succeed; the chance of what must not happen, there too; and either end of its cost.

    o dominates o'      no count is worse, and some count is better            (Pareto 1906)
    o stochastically    in every explanation, however good a way to turn out is asked for, o has at least the chance of
                        at least that good, at no more cost                     (first order: Hadar & Russell 1969)

Without slack both orders are transitive, and stochastic dominance with something better is dominance. With slack,
which is for chances that were simulated, two counts within that many points (of 100) are equal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
DIGITS = 9


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """`dominates`, `stochastically` (options, options): the row over the column."""

    dominates: Bools
    stochastically: Bools

    @property
    def dominated(self) -> Bools:
        """Which options some other dominates."""
        return np.asarray(self.dominates.any(axis=0))


def orders(
    chances: Floats,
    nothing: int,
    *,
    values: Floats,
    success: Floats,
    costs: Floats,
    must_not: Bools,
    slack: float = 0.0,
) -> Orders:
    """The orders among options, from chances (options, explanations, scenarios) where all steps succeed.

    The rest as in `worth.Question`: values (draws, scenarios), success, costs (options, 2), must_not (scenarios,).
    """
    at_ends = [_mixed(chances, nothing, success[:, end]) for end in (0, 1)]
    counted = np.concatenate([*(_counts(one, values, must_not) for one in at_ends), -costs], axis=1)
    among = np.concatenate([*(_cumulative(one, values) for one in at_ends), -costs], axis=1)
    return Orders(_better(counted, slack), _better(among, slack))


def _mixed(chances: Floats, nothing: int, success: Floats) -> Floats:
    share = success[:, None, None]
    return np.asarray(share * chances + (1.0 - share) * chances[nothing])


def _counts(chances: Floats, values: Floats, must_not: Bools) -> Floats:
    """Expected values in every explanation and for every drawn value, and what must not happen: (options, counts)."""
    expected = (chances @ values.T).reshape(len(chances), -1)
    return np.concatenate([expected, -100.0 * chances[..., must_not].sum(axis=2)], axis=1)


def _cumulative(chances: Floats, values: Floats) -> Floats:
    """Chances (of 100) of at least as good as each scenario, in every order in which the drawn values put them."""
    better = (values[:, None, :] > values[:, :, None]).sum(axis=2)
    ranks = np.unique(better, axis=0)
    as_good = (ranks[:, None, :] <= ranks[:, :, None]).reshape(-1, values.shape[1])
    return np.asarray((100.0 * chances @ as_good.T).reshape(len(chances), -1))


def _better(counts: Floats, slack: float) -> Bools:
    """No count worse and some better, of counts (options, counts): (options, options)."""
    told = np.round(counts, DIGITS)
    found = np.zeros((len(told), len(told)), np.bool_)
    for i, mine in enumerate(told):
        ahead = mine - told
        found[i] = (ahead >= -slack).all(axis=1) & (ahead > slack).any(axis=1)
    return found
