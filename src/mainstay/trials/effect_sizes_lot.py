"""The test of the lot for phases that could have begun on other days, over every day they could have (Edgington 1975).

For one or several cases of two phases whose change was drawn by lot: the statistic, taken for every combination of
changes that was possible, says how unusual the one that was drawn is. It is a test only where the day really was
drawn; designs and draws of one's own trials are in `designs` and `randomisation`. As scan's `rand_test`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.trials.effect_sizes_kinds import Floats, phase, two_sided

Statistic = Callable[[Floats, Floats], float]
MOST = 1_000_000
STATISTICS: dict[str, tuple[Statistic, Callable[[Floats], float]]] = {
    "mean": (lambda a, b: float(b.mean() - a.mean()), lambda all_cases: float(np.mean(all_cases))),
    "median": (lambda a, b: float(np.median(b) - np.median(a)), lambda all_cases: float(np.median(all_cases))),
}
"""Of one case, and over cases."""


@dataclass(frozen=True, slots=True, eq=False)
class LotOfStarts:
    """`p`: the share of possible changes with a statistic at least as large. `every` (N,): the statistic of each.

    `z` and `z_p`: how far the one that was drawn lies from their mean, in sd, as if they were normal.
    """

    observed: float
    p: float
    every: Floats
    z: float
    z_p: float


def lot_of_starts(
    cases: Sequence[tuple[ArrayLike, ArrayLike]],
    *,
    statistic: str = "mean",
    least: tuple[int, int] = (5, 5),
    better: int = 1,
) -> LotOfStarts | CannotSay:
    """The test for cases (A, B) whose second phase could begin wherever both keep `least` values.

    Refuses statistics other than "mean" and "median" (of B less A); too many combinations to go through are a refusal
    too: draw instead.
    """
    if statistic not in STATISTICS:
        raise BadRequest(f"the statistic is one of {', '.join(STATISTICS)}, not {statistic!r}")
    if better not in (1, -1):
        raise BadRequest(f"better is 1 where high values are better and -1 where low ones are, not {better!r}")
    if not cases:
        raise BadRequest("give one case at least")
    of_one, over = STATISTICS[statistic]
    observed, possible = [], []
    for a, b in cases:
        first, second = better * phase(a, "phase A"), better * phase(b, "phase B")
        values = np.concatenate((first, second))
        starts = range(least[0], len(values) - least[1] + 1)
        if len(starts) < 1 or min(len(first), len(second)) < 1:
            return CannotSay("a case is too short for both phases", have=len(values), need=sum(least), unit="values")
        observed.append(of_one(first, second))
        possible.append([of_one(values[:k], values[k:]) for k in starts])
    count = math.prod(len(one) for one in possible)
    if count > MOST:
        raise BadRequest(f"{count} combinations are too many to go through; draw among them instead")
    here = over(np.array(observed))
    every = np.array([over(np.array(one)) for one in product(*possible)])
    spread = float(every.std(ddof=1)) if count > 1 else 0.0
    z = (here - float(every.mean())) / spread if spread > 0.0 else 0.0
    tail = 0.5 * two_sided(z) if z > 0.0 else 1.0 - 0.5 * two_sided(z)
    return LotOfStarts(here, float((every >= here - 1e-12 * abs(here)).mean()), every, z, tail)
