"""Plain forecasts that anything better must beat, each from its past only: base rates, last value, EWMA, regression.

For ratings each gives how likely every cell of the scale is; for events the chance that one comes. The person's *base
rate* is what the calendar alone tells: all answers so far, those of that weekday, those of that part of the day, each
drawn towards the next wider, and mixed by how well they did (`mainstay.futures.blend`). It has no memory of lately.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.futures.next_scale import Scale
from mainstay.futures.next_targets import Targets
from mainstay.timeline.kinds import Floats

Ints = NDArray[np.int64]
WORTH_UNIFORM, WORTH_WIDER = 2.0, 6.0
"""So many answers the even spread over the scale is worth, and what is usual at any time within a class of times."""
BLUR_WHOLE, BLUR_SHARE = 0.06, 0.04
"""Of one answer in ten, neighbours have so much each; on other scales it is spread by this share of the scale (sd)."""
SPREAD_PRIOR = 4.0
"""So many misses the spread that is begun with is worth."""
ALPHA = 0.2
"""EWMA: weight of the newest (Smit and Snippe 2022 use as much)."""


def blur(scale: Scale) -> Floats:
    """What one answer in a cell says of all (cells, cells): rows add up to 1."""
    cells = np.arange(len(scale.centres))
    apart = np.abs(cells[:, None] - cells).astype(float)
    if scale.whole:
        near = np.where(apart == 0, 1.0, np.where(apart == 1, BLUR_WHOLE, 0.0))
    else:
        near = np.exp(-0.5 * (apart / (BLUR_SHARE * len(cells))) ** 2)
    shares: Floats = near / near.sum(axis=1, keepdims=True)
    return shares


def remembered(
    scale: Scale, targets: Targets, classes: Ints, half_lives: tuple[float, ...], before: Floats | None = None
) -> Floats:
    """How often each answer came before (half-lives, n, cells), in the class of times asked about and drawn to all.

    `classes` (n,) from 0. A half-life of infinity remembers everything alike. The week's forecasts share days, so an
    answer counts for a seventh there. `before` (cells,): answers seen beforehand, for events; then none is spread over
    neighbours.
    """
    n, cells = len(targets.made), len(scale.centres)
    spread = blur(scale) if before is None else np.eye(cells)
    even = np.full(cells, WORTH_UNIFORM / cells) if before is None else before
    kinds = int(classes.max()) + 1
    at = scale.cell(np.where(np.isfinite(targets.values), targets.values, scale.centres[0]))
    held = np.zeros((len(half_lives), kinds, cells))
    halves = np.array(half_lives)
    out = np.empty((len(half_lives), n, cells))
    seen, clock = 0, targets.made[0]
    for i in range(n):
        if targets.made[i] > clock:
            held *= (0.5 ** ((targets.made[i] - clock) / halves))[:, None, None]
            clock = targets.made[i]
        while seen < i and targets.due[seen] <= targets.made[i]:
            if np.isfinite(targets.values[seen]):
                held[:, classes[seen]] += spread[at[seen]] / targets.overlap
            seen += 1
        every = held.sum(axis=1) + even
        chances = every / every.sum(axis=-1, keepdims=True)
        if kinds > 1:
            own = held[:, classes[i]] + WORTH_WIDER * chances
            chances = own / own.sum(axis=-1, keepdims=True)
        out[:, i] = chances
    return out


@dataclass(frozen=True, slots=True, eq=False)
class Normal:
    """Forecasts as means and standard deviations (n,)."""

    means: Floats
    sds: Floats


def spread_of(scale: Scale, targets: Targets, means: Floats) -> Normal:
    """Point forecasts with the sd of their own past misses; an sd of a fifth of the scale to begin with."""
    first = (0.2 * scale.reach) ** 2
    sds, squares, count, seen = np.empty(len(means)), SPREAD_PRIOR * first, SPREAD_PRIOR, 0
    for i in range(len(means)):
        while seen < i and targets.due[seen] <= targets.made[i]:
            if np.isfinite(targets.values[seen]):
                squares += (targets.values[seen] - means[seen]) ** 2
                count += 1.0
            seen += 1
        sds[i] = np.sqrt(squares / count)
    return Normal(means, np.maximum(sds, 0.02 * scale.reach))


def by_misses(scale: Scale, targets: Targets, points: Normal) -> Floats:
    """Point forecasts with the shape of their own past misses (n, cells): each is laid onto the forecast anew.

    What lies beyond the scale's ends belongs to the last cells, and each miss says a little of its neighbours. A
    logistic law with the forecasts' sds is worth four misses; where forecasts overlap, misses count in part.
    """
    spread = blur(scale)
    known = np.isfinite(targets.values)
    misses = np.where(known, targets.values, 0.0) - points.means
    counts = np.zeros((len(points.means), len(scale.centres)))
    for i in range(len(counts)):
        done = np.searchsorted(targets.due[:i], targets.made[i], "right")
        told = misses[:done][known[:done]]
        counts[i] = np.bincount(scale.cell(points.means[i] + told), minlength=len(scale.centres))
    begun = SPREAD_PRIOR * scale.logistic(points.means, points.sds)
    chances: Floats = begun + counts @ spread / targets.overlap
    chances /= chances.sum(axis=1, keepdims=True)
    return chances


def last_value(scale: Scale, targets: Targets) -> Floats:
    """The last answer, day or week that was known when each forecast was made (n,); mid-scale before any."""
    return _carried(targets, float(np.mean(scale.edges[[0, -1]])), 1.0)


def ewma(scale: Scale, targets: Targets, alpha: float = ALPHA) -> Floats:
    """The exponentially weighted mean of what was known (n,): each newer value gets the share `alpha`."""
    return _carried(targets, float(np.mean(scale.edges[[0, -1]])), alpha)


def seasonal_naive(scale: Scale, targets: Targets) -> Floats:
    """What came a week before (n,): the answer nearest to the same hour, the same weekday, the week before.

    For answers a week or more back the same slot of the same weekday; where there is none, the last value.
    """
    fallback = last_value(scale, targets)
    out = fallback.copy()
    known = np.flatnonzero(np.isfinite(targets.values))
    centres = targets.due[known] if targets.horizon == "prompt" else targets.made[known]
    due = targets.due[known]
    for i in range(len(out)):
        wanted = (targets.due[i] if targets.horizon == "prompt" else targets.made[i]) - 7.0
        near = np.searchsorted(centres, wanted)
        best = [j for j in (near - 1, near) if 0 <= j < len(known) and due[j] <= targets.made[i]]
        best = [j for j in best if abs(centres[j] - wanted) <= 0.25]
        if best:
            out[i] = targets.values[known[min(best, key=lambda j: abs(centres[j] - wanted))]]
    return out


def person_mean(scale: Scale, targets: Targets) -> Floats:
    """The mean of all that was known (n,), with mid-scale counting as one answer."""
    middle = float(np.mean(scale.edges[[0, -1]]))
    total, count, seen = middle, 1.0, 0
    out = np.empty(len(targets.made))
    for i in range(len(out)):
        while seen < i and targets.due[seen] <= targets.made[i]:
            if np.isfinite(targets.values[seen]):
                total, count = total + targets.values[seen], count + 1.0
            seen += 1
        out[i] = total / count
    return out


def _carried(targets: Targets, start: float, alpha: float) -> Floats:
    now, seen, begun = start, 0, False
    out = np.empty(len(targets.made))
    for i in range(len(out)):
        while seen < i and targets.due[seen] <= targets.made[i]:
            if np.isfinite(targets.values[seen]):
                now = now + alpha * (targets.values[seen] - now) if begun else float(targets.values[seen])
                begun = True
            seen += 1
        out[i] = now
    return out


def ridge(x: Floats, targets: Targets, prior_sd: Floats, *, start: float, s0: float, keep: float = 1.0) -> Normal:
    """Bayesian linear regression of the values on x (n, columns), updated as each becomes known.

    `prior_sd` (columns,) in units of the noise; `start`, `s0`: where the first column's weight and the noise variance
    begin. `keep` < 1 forgets: each step gives all that was learned so much less weight.
    """
    n, p = x.shape
    weights, cov = np.zeros(p), np.diag(prior_sd**2)
    weights[0] = start
    freedom, squares, seen = 4.0, 4.0 * s0, 0
    means, sds = np.empty(n), np.empty(n)
    most = np.diag(prior_sd**2)
    for i in range(n):
        while seen < i and targets.due[seen] <= targets.made[i]:
            y = targets.values[seen]
            if np.isfinite(y):
                row = x[seen]
                pull = cov @ row
                spread = targets.overlap + float(row @ pull)
                miss = y - float(row @ weights)
                weights = weights + pull * (miss / spread)
                cov = cov - np.outer(pull, pull) / spread
                if keep < 1.0:
                    cov = cov + (1.0 - keep) * most
                freedom += 1.0 / targets.overlap
                squares += miss * miss / spread
            seen += 1
        pull = cov @ x[i]
        means[i] = x[i] @ weights
        sds[i] = np.sqrt(squares / freedom * (1.0 + float(x[i] @ pull)) * (1.0 + 2.0 / freedom))
    return Normal(means, sds)
