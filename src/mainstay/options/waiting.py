"""Whether to wait for the next observation: what it would bring, less what waiting costs. Pure arrays.

g[o, h]: worth of option o if it is begun now and explanation h is the case; w_h the weights; L[h, z] the chance of
outcome z of the observation under h; lost[o, h]: points that o loses for each week it begins later (what it would have
brought by then, over leaving things as they are). After T weeks the outcome is known, and the choice is free:

    EVSI      = sum_z max_o sum_h w_h L[h, z] g[o, h] - max_o sum_h w_h g[o, h]            Raiffa & Schlaifer 1961
    EVPI      = sum_h w_h max_o g[o, h]               - max_o sum_h w_h g[o, h]            the cap: EVSI <= EVPI
    V[first]  = sum_z max_o sum_h w_h L[h, z] ( g[o, h] - T lost[o, h] + T lost[first, h] - undo[first] [o != first] )

V is worth of doing `first` until then and choosing anew: what it brings meanwhile is kept, what it costs to undo it is
paid if it is left again; for what can't be undone o stays `first`, and V is its g. Leaving things as they are has lost
and undo 0: V[nothing] is the worth of waiting. V[first] - sum_h w_h g[first, h] >= 0 is what it is worth to be able to
go back (option value: Arrow & Fisher 1974; Dixit & Pindyck 1994). What is chosen, now and then, follows the averages
over draws; the intervals tell what these choices would bring over the draws.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.options.worth import ends

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Range = tuple[float, float]
FOR_GOOD = np.inf
"""What it costs to undo what can't be undone."""

SAME = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Wait:
    """What waiting is judged from.

    `points` (options, explanations, draws): as in `worth.Compared`. `weights` (explanations,). `chances`
    (explanations, outcomes): of each outcome of the observation, each row summing to 1. `nothing`: which option is to
    leave things as they are. `weeks` until the outcome is known. `lost` (options, explanations): points a week; 0 for
    nothing. `undo` (options,): points; `FOR_GOOD` where it can't be undone; 0 for nothing.
    """

    points: Floats
    weights: Floats
    chances: Floats
    nothing: int
    weeks: float
    lost: Floats
    undo: Floats

    def __post_init__(self) -> None:
        o, h, _ = self.points.shape
        if (self.weights.shape, self.chances.shape[:1], self.lost.shape, self.undo.shape) != ((h,), (h,), (o, h), (o,)):
            raise BadRequest(f"the parts don't fit points of shape {self.points.shape}; see Wait")
        parts = (self.points, self.weights, self.chances, self.lost)
        if not all(np.isfinite(one).all() for one in parts) or np.isnan(self.undo).any():
            raise BadRequest("a part of what waiting is judged from is no number; leave out what is not known")
        if (self.chances < 0.0).any() or np.abs(self.chances.sum(axis=1) - 1.0).max() > 1e-6:
            raise BadRequest("the chances of what the observation may show do not sum to 1 under each explanation")
        if (self.weights < 0.0).any() or abs(float(self.weights.sum()) - 1.0) > 1e-6:
            raise BadRequest(f"the weights {self.weights.tolist()} do not sum to 1")
        if self.weeks < 0.0 or (self.undo < 0.0).any():
            raise BadRequest(f"weeks ({self.weeks:g}) and what it costs to undo an option are not below 0")
        if self.lost[self.nothing].any() or self.undo[self.nothing]:
            raise BadRequest("to leave things as they are loses nothing by waiting and needs no undoing; give 0")


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """What the observation is worth, in points, and what to do until it is there.

    `evsi`, `evpi` with intervals over draws: before the cost of waiting. `by_outcome` (outcomes,): the option to
    choose after each; `outcome_chances` (outcomes,): how likely each is. `best_now`: the option to choose without it.
    `cost`: what waiting costs (EVSI less `net`). `net` and its interval: V[nothing] less the worth of `best_now`:
    above 0, it is better to wait than to do the best for good. `first` (options,): V; `meanwhile`: which is best to do
    until then; `to_go_back` (options,): what it is worth to be able to undo each.
    """

    evsi: float
    evsi_interval: Range
    evpi: float
    evpi_interval: Range
    best_now: int
    by_outcome: Whole
    outcome_chances: Floats
    cost: float
    net: float
    net_interval: Range
    first: Floats
    meanwhile: int
    to_go_back: Floats


def waiting(asked: Wait) -> Waiting:
    """What waiting for the observation is worth. EVPI >= EVSI >= 0; `net` may be below 0."""
    a = asked
    means = a.points.mean(axis=2)
    now = means @ a.weights
    best_now = _first_best(now)
    joint = a.weights[:, None] * a.chances
    free = replace(a, weeks=0.0)
    chosen = _choices(free, means, joint, a.nothing)
    delayed = _choices(a, means, joint, a.nothing)
    with_it = _by_draw(free, joint, chosen)
    after = _by_draw(a, joint, delayed)
    sure = np.einsum("hd,h->d", a.points[_first_best(means), np.arange(len(a.weights))], a.weights)
    without = a.weights @ a.points[best_now]
    first = np.array([_two_stage(a, means, joint, option) for option in range(len(means))])
    evsi, net = float((with_it - without).mean()), float((after - without).mean())
    return Waiting(
        evsi=max(evsi, 0.0),
        evsi_interval=_interval(with_it - without),
        evpi=max(float((sure - without).mean()), 0.0),
        evpi_interval=_interval(sure - without),
        best_now=int(best_now),
        by_outcome=delayed,
        outcome_chances=joint.sum(axis=0),
        cost=evsi - net,
        net=net,
        net_interval=_interval(after - without),
        first=first,
        meanwhile=int(_first_best(first)),
        to_go_back=first - now,
    )


def weeks_worth_waiting(asked: Wait) -> float:
    """For how many weeks it is worth waiting for the observation; infinite where waiting never costs what it brings.

    What waiting nets is a convex, piecewise linear function of the weeks, so that Newton's steps from 0 never pass its
    first zero and end there.
    """
    means = asked.points.mean(axis=2)
    joint = asked.weights[:, None] * asked.chances
    now = float((means @ asked.weights).max())
    weeks = 0.0
    while True:
        later = _after(replace(asked, weeks=weeks), means, joint, asked.nothing)
        ahead = float(later.max(axis=0).sum()) - now
        if ahead <= SAME:
            return weeks
        a_week = float((_shares(joint, _first_best(later), len(means)) * asked.lost).sum())
        if a_week <= SAME:
            return np.inf
        weeks += ahead / a_week


def _first_best(points: Floats) -> Whole:
    """The best of each column; of equals the first."""
    return np.asarray(np.argmax(np.round(points, 9), axis=0))


def _choices(a: Wait, means: Floats, joint: Floats, first: int) -> Whole:
    """The option to choose after each outcome, having done `first` until then (outcomes,)."""
    return _first_best(_after(a, means, joint, first))


def _after(a: Wait, means: Floats, joint: Floats, first: int) -> Floats:
    """Worth of each option then, times the chance of the outcome (options, outcomes)."""
    if np.isinf(a.undo[first]):
        kept = np.full((len(means), joint.shape[1]), -np.inf)
        kept[first] = means[first] @ joint
        return kept
    left = a.undo[first] * (np.arange(len(means)) != first)
    worth = means - a.weeks * a.lost + a.weeks * a.lost[first] - left[:, None]
    return np.asarray(worth @ joint)


def _two_stage(a: Wait, means: Floats, joint: Floats, first: int) -> float:
    return float(_after(a, means, joint, first).max(axis=0).sum())


def _shares(joint: Floats, chosen: Whole, options: int) -> Floats:
    """How likely each explanation is together with an outcome after which each option is chosen (options, h)."""
    return np.asarray(np.stack([joint[:, chosen == option].sum(axis=1) for option in range(options)]))


def _by_draw(a: Wait, joint: Floats, chosen: Whole) -> Floats:
    """What waiting and then choosing so would bring in each draw (draws,)."""
    later = a.points - a.weeks * a.lost[:, :, None]
    return np.asarray(np.einsum("oh,ohd->d", _shares(joint, chosen, len(later)), later))


def _interval(draws: Floats) -> Range:
    low, high = ends(draws)
    return float(low), float(high)
