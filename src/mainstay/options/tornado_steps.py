"""Steps that must all succeed: the chance of all together, and the weakest of them.

    q = q_1 q_2 … q_k          lowest: the product of the lows; highest: of the highs; middle: of the middles

The product supposes that each step, given that those before it succeeded, has the chance that was written down, and,
for the middle, that nothing ties how far off the chances are. Without the first, the chances alone leave

    max(0, q_1 + … + q_k - (k - 1)) <= q <= min q_i                                        (Fréchet 1935)

Raising one chance by little adds product / q_i for each unit: most for the step whose chance is lowest, and so does
making one step sure. Its share of what stands in the way is log q_i / log q.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest

Floats = NDArray[np.float64]
INDEPENDENT = "each step has the chance that was written down, given that those before it succeeded"


@dataclass(frozen=True, slots=True)
class Success:
    """The chance that all steps succeed: `low`, `middle`, `high`; and its bounds whatever ties the steps together."""

    low: float
    middle: float
    high: float
    at_least: float
    at_most: float


@dataclass(frozen=True, slots=True)
class Weakest:
    """The step (by position) whose raise adds most. `share`: of what stands in the way, 0 to 1.

    `if_sure`: the middle chance of all if this one were sure; also what each unit of a raise adds to it.
    """

    step: int
    if_sure: float
    share: float


def success_of(steps: Floats) -> Success:
    """The chance that all steps (steps, 2), low and high, succeed; 1 where there is none."""
    _check(steps)
    low, high = steps.prod(axis=0)
    middle = float(steps.mean(axis=1).prod())
    if not len(steps):
        return Success(1.0, 1.0, 1.0, 1.0, 1.0)
    together = max(0.0, float(steps[:, 0].sum()) - (len(steps) - 1))
    return Success(float(low), middle, float(high), together, float(steps[:, 1].min()))


def weakest(steps: Floats) -> Weakest | None:
    """The step with the lowest middle chance, the first of equals; None where every step is sure, or none is there."""
    _check(steps)
    middles = steps.mean(axis=1)
    if not (middles < 1.0).any():
        return None
    at = int(middles.argmin())
    rest = float(np.delete(middles, at).prod())
    logs = [math.log(one) if one > 0.0 else -math.inf for one in middles]
    impossible = logs.count(-math.inf)
    share = 1.0 / impossible if impossible else logs[at] / math.fsum(logs)
    return Weakest(at, rest, share)


def _check(steps: Floats) -> None:
    if steps.ndim != 2 or steps.shape[1] != 2:
        raise BadRequest(f"steps are written as low and high, (steps, 2), not {steps.shape}")
    if (steps < 0.0).any() or (steps > 1.0).any() or (steps[:, 0] > steps[:, 1]).any():
        raise BadRequest(f"the chance of a step is low and high between 0 and 1, in order, not {steps.tolist()}")
