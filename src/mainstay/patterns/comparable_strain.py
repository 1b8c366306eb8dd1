"""Strain as it could be foreseen at a moment from everything before it, with how sure that was, and what is left of it.

One forward pass (`numerics.forward`) gives the strain foreseen at every node as a normal N(m, v). Two processes that
never happen, one of next to no pull and one of pull 1, ride along and read m and m + v/2 off it. Nothing at or after a
moment takes part in what is foreseen there. The same at some draws of the posterior says how much the parameters leave
open.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.numerics.forward import course_of, foresee
from mainstay.strain.exposure import ONE_MINUTE
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Floats

Ints = NDArray[np.int64]

NEVER = 1e-12
"""Acts a node of the two processes that only read the state: too few to move it."""
FAINT = 1e-4
DRAWS = 24
SEED = 12
"""The same record gives the same answer."""


@dataclass(frozen=True, slots=True, eq=False)
class Foreseen:
    """At one value of the parameters: mean and variance of strain in steps above rest at the nodes (q, n).

    `pull`, `share` by refuge: what a step adds to the log rate, and the share taken away at each knot (n,); `rate`: of
    return, a day.
    """

    mean: Floats
    variance: Floats
    pull: Floats
    share: Floats
    rate: float


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where moments (m,) lie: the interval they are in, its node below, and how far on to the next."""

    interval: Ints
    node: Ints
    on: Floats

    def read(self, values: Floats) -> Floats:
        """Values (q, n) at the moments, linear between an interval's nodes: nothing happens inside one."""
        low, high = values[self.node, self.interval], values[self.node + 1, self.interval]
        found: Floats = low + self.on * (high - low)
        return found


def places(posterior: StrainPosterior, times: Floats) -> Places:
    """Where moments in days (m,) lie. What ends an interval belongs to it: it lies before what happens there."""
    knots, problem = posterior.data.knots, posterior.data.problem
    # knots lie at whole minutes
    at = np.minimum(np.searchsorted(knots, (np.round(times / ONE_MINUTE) - 0.5) * ONE_MINUTE), len(knots) - 1)
    x = np.clip(1.0 - (knots[at] - times) / problem.dt[at], 0.0, 1.0)
    node = np.clip(np.searchsorted(problem.node_x, x) - 1, 0, len(problem.node_x) - 2)
    on = (x - problem.node_x[node]) / (problem.node_x[node + 1] - problem.node_x[node])
    return Places(at.astype(np.int64), node.astype(np.int64), on)


def foreseen(posterior: StrainPosterior, v: Floats) -> Foreseen:
    """The forward pass at parameters v (p,)."""
    problem = posterior.data.problem
    weights, _ = posterior.coordinates.weights(v)
    course = course_of(problem, weights)
    reading = course._replace(
        base=np.concatenate([course.base, np.full((2, *course.base.shape[1:]), NEVER)]),
        unseen=np.concatenate([course.unseen, np.zeros((2, len(problem.dt)))]),
    )
    beside = weights._replace(pull=np.concatenate([weights.pull, [FAINT, 1.0]]))
    _, expected, _ = foresee(problem, beside, reading, np.zeros((0, len(problem.dt))))
    mean = np.log(expected[-2] / NEVER) / FAINT
    variance = np.maximum(2.0 * (np.log(expected[-1] / NEVER) - mean), 0.0)
    logit = weights.share_logit[:, None] - weights.share_fade[:, None] * problem.fade_knot
    logit = logit - weights.share_features @ problem.fade_features
    return Foreseen(mean, variance, weights.pull, 1.0 / (1.0 + np.exp(-logit)), weights.rate)


def by_the_draws(posterior: StrainPosterior) -> tuple[Foreseen, ...]:
    """The pass at the mode, then at draws of the posterior."""
    draws = posterior.draws(DRAWS, np.random.default_rng(SEED))
    return tuple(foreseen(posterior, v) for v in (posterior.mean, *draws))


@dataclass(frozen=True, slots=True, eq=False)
class Eased:
    """What all acts of the fit's refuges together have taken away and is not yet back: after each of them (s,), in

    steps; `times` (s,) in days, ascending; `rate`: at which it comes back, a day.
    """

    times: Floats
    after: Floats
    rate: float

    def still(self, times: Floats, lead: float = 0.0) -> Floats:
        """How much is still missing at times in days (m,), by the acts up to `lead` days later."""
        if not len(self.times):
            return np.zeros(len(times))
        last = np.searchsorted(self.times, times + lead, "right") - 1
        passed = np.maximum(times - self.times[np.maximum(last, 0)], 0.0)
        return np.where(last >= 0, self.after[np.maximum(last, 0)] * np.exp(-self.rate * passed), 0.0)


def eased(posterior: StrainPosterior, one: Foreseen) -> Eased:
    """What the acts take away along the strain foreseen at each, and how it comes back."""
    data, problem = posterior.data, posterior.data.problem
    order = np.argsort(problem.event_knot, kind="stable")
    knot, process = problem.event_knot[order], problem.event_process[order]
    times = data.knots[knot]
    at = places(posterior, times)
    arriving = at.read(one.mean) + one.pull[process] * at.read(one.variance)
    taken = one.share[process, knot] * arriving
    after = np.zeros(len(times))
    left = 0.0
    for i, gone in enumerate(np.exp(-one.rate * np.diff(times, prepend=0.0))):
        left = left * gone + taken[i]
        after[i] = left
    return Eased(times, after, one.rate)


def half_life_hours(posterior: StrainPosterior, reach: float) -> tuple[float, float, float]:
    """Hours after which half of what an act took away is back: ln 2/rate, and its ends at so many sds.

    Strain follows its load linearly, so the difference an act makes dies away at the rate at which strain itself does.
    """
    mean, sd = posterior.marginal("log_recovery_rate")
    middle, factor = 24.0 * math.log(2.0) / math.exp(mean), math.exp(reach * sd)
    return middle, middle / factor, middle * factor
