"""Several trials, or several people, taken together: what they share, how much they differ, what to expect of the next.

    y_i = m + u_i + e_i,   u_i ~ (0, t²) between trials,   e_i of known variance v_i

t² solves Paule and Mandel's equation (1982): the sum of w_i (y_i - m)² is k - 1, with w_i = 1 / (v_i + t²). The mean's
interval is Hartung and Knapp's (2001), with Student's law of k - 1 and its width never below the plain one (Röver and
others 2015), which keeps its level with a few trials. The next trial's is Higgins and others' (2009), with k - 2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mainstay.errors import BadRequest
from mainstay.futures.scores import student_quantile
from mainstay.quantities import CannotSay, Interval
from mainstay.trials.kinds import Floats

FEWEST, FEWEST_FOR_THE_NEXT = 2, 3
METHOD = "random effects: Paule-Mandel, Hartung-Knapp; the next trial's interval after Higgins"


@dataclass(frozen=True, slots=True)
class Pooled:
    """What trials share. `between_sd`: how much their own effects differ; `share_between`: of all that differs (I²).

    `interval`: of the mean effect. `next_one`: of the effect in a further trial or person; None of two trials.
    """

    mean: float
    sd: float
    interval: Interval
    between_sd: float
    share_between: float
    next_one: Interval | None
    n: int
    method: str = METHOD


def pooled(estimates: Sequence[float], sds: Sequence[float], *, level: float = 0.90) -> Pooled | CannotSay:
    """Effects (k) with their sds (k) taken together. Refuses numbers that don't belong together, and fewer than two."""
    y, v = np.asarray(estimates, np.float64), np.asarray(sds, np.float64) ** 2
    if y.shape != v.shape or y.ndim != 1:
        raise BadRequest(f"{len(y)} effects can't be pooled with {len(v)} sds; give one for each")
    if not (np.isfinite(y).all() and np.isfinite(v).all() and (v > 0.0).all()):
        raise BadRequest("effects and their sds must be finite, and every sd above 0")
    if not 0.0 < level < 1.0:
        raise BadRequest(f"a level lies between 0 and 1, such as 0.9, not {level}")
    k = len(y)
    if k < FEWEST:
        return CannotSay("one trial can't be taken together with others", have=k, need=FEWEST, unit="trials")
    between = _between(y, v)
    weights = 1.0 / (v + between)
    mean = float(weights @ y / weights.sum())
    spread = max(float(weights @ (y - mean) ** 2) / (k - 1), 1.0)
    sd = math.sqrt(spread / float(weights.sum()))
    reach = student_quantile(0.5 + 0.5 * level, k - 1) * sd
    fixed = 1.0 / v
    typical = (k - 1) * float(fixed.sum()) / (float(fixed.sum()) ** 2 - float((fixed**2).sum()))
    return Pooled(
        mean=mean,
        sd=sd,
        interval=Interval(mean - reach, mean + reach, level),
        between_sd=math.sqrt(between),
        share_between=between / (between + typical),
        next_one=_next(mean, sd, between, k, level),
        n=k,
    )


def _between(y: Floats, v: Floats) -> float:
    """The variance between trials that makes what is left as large as it should be; 0 where it is smaller already."""

    def excess(t2: float) -> float:
        weights = 1.0 / (v + t2)
        mean = weights @ y / weights.sum()
        return float(weights @ (y - mean) ** 2) - (len(y) - 1)

    if excess(0.0) <= 0.0:
        return 0.0
    low, high = 0.0, float(np.ptp(y)) ** 2 + float(v.max())
    for _ in range(100):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if excess(middle) > 0.0 else (low, middle)
    return 0.5 * (low + high)


def _next(mean: float, sd: float, between: float, k: int, level: float) -> Interval | None:
    if k < FEWEST_FOR_THE_NEXT:
        return None
    reach = student_quantile(0.5 + 0.5 * level, k - 2) * math.sqrt(between + sd * sd)
    return Interval(mean - reach, mean + reach, level)
