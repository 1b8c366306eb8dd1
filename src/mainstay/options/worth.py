"""What each option is worth: on average, at worst, by regret, and how often it is the best. Pure arrays.

For option o, explanation h, draw d of everything unknown, and scenario s:

    P[o, h, d, s] = q[o, d] p[o, h, d, s] + (1 - q[o, d]) p[nothing, h, d, s]     all steps succeed with chance q, or
    U[o, h, d]    = sum_s P[o, h, d, s] v[d, s] - c[o, d]                         else nothing changes; the cost is paid
    worth of o    = mean over d of sum_h w_h U[o, h, d]                           expected value

q and c are drawn evenly within their ranges, v comes from `values`, w are the weights of the explanations. Regret is
what was missed where an explanation is the case: max over o' of U[o', h] - U[o, h], averaged over d (Savage 1951). The
chance of being best counts draws and explanations by weight in which no option is worth more; equals share. Expected
value: von Neumann & Morgenstern 1947; the field's terms and their limits: docs/explanation/deciding.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.options.worth_orders import Orders, orders
from mainstay.options.worth_weights import at_least, at_most, best_somewhere, check_ranges, never_beaten
from mainstay.strain.judge import LEVEL

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Whole = NDArray[np.int64]
SAME = 1e-9
BADLY = 0.5 * (1.0 - LEVEL)
"""The outcome told as "if it goes badly" is the one that only this share of outcomes is no better than."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """All that the worth of options is worked out from; options, explanations and scenarios are by position.

    `chances` (options, explanations, draws, scenarios): of each way to turn out where all steps of the option succeed.
    `nothing`: which option is to leave things as they are. `values` (draws, scenarios): points; fewer draws than of
    the chances are used again from the first. `weights` (explanations,), `weight_ranges` (explanations, 2).
    `success` (options, 2): low and high chance that all steps succeed. `costs` (options, 2): low and high, in points,
    what is borne less what is gained besides. `must_not` (scenarios,): what must not happen. `steps`: where given,
    low and high chance of each step (steps, 2) for each option; each is then drawn by itself, and success is their
    product, which lies lower in the range of `success` than even draws from it.
    """

    chances: Floats
    nothing: int
    values: Floats
    weights: Floats
    weight_ranges: Floats
    success: Floats
    costs: Floats
    must_not: Bools
    steps: tuple[Floats, ...] = ()

    def __post_init__(self) -> None:
        o, h, d, s = self.chances.shape
        found = (self.values.shape[1:], self.weights.shape, self.weight_ranges.shape, self.success.shape)
        if (*found, self.costs.shape, self.must_not.shape) != ((s,), (h,), (h, 2), (o, 2), (o, 2), (s,)):
            raise BadRequest(f"the parts of the question don't fit chances of shape {self.chances.shape}; see Question")
        if not (0 <= self.nothing < o and d > 0 and len(self.values) > 0):
            raise BadRequest(f"there is no option {self.nothing} of {o}, or no draw; give at least one draw")
        parts = (self.chances, self.values, self.weights, self.weight_ranges, self.success, self.costs)
        if not all(np.isfinite(one).all() for one in parts):
            raise BadRequest("a part of the question holds what is no number; leave out what is not known")
        if (self.chances < -SAME).any() or np.abs(self.chances.sum(axis=3) - 1.0).max() > 1e-6:
            raise BadRequest("the chances of the scenarios do not sum to 1 for each option, explanation and draw")
        if (self.success < 0.0).any() or (self.success > 1.0).any() or (np.diff(self.success, axis=1) < 0.0).any():
            raise BadRequest(f"success is low and high between 0 and 1, not {self.success.tolist()}")
        if self.steps and not np.allclose([one.prod(axis=0) for one in self.steps], self.success, atol=1e-9):
            raise BadRequest("success is not the product of the steps' chances, low and high, for every option")
        if (np.diff(self.costs, axis=1) < 0.0).any():
            raise BadRequest(f"costs are low and high, in order, not {self.costs.tolist()}")
        if abs(float(self.weights.sum()) - 1.0) > 1e-6 or (self.weights < 0.0).any():
            raise BadRequest(f"the weights {self.weights.tolist()} do not sum to 1")
        check_ranges(self.weight_ranges)


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """What the options are worth, in points; every array begins with the options.

    `points` (options, explanations, draws): U. `by_draw` (options, draws): over explanations, at the weights told;
    `expected` and `interval` (options, 2): its mean and ends. `over_weights` (options, 2): the expected value at the
    least and the most favourable weights in their ranges. `gain` and `gain_interval`: what it is worth above leaving
    things as they are, draw by draw. `by_explanation` (options, explanations). `worst_explanation` (options,): which
    is the least favourable; `worst`: the value there. `badly` (options,): how it turns out if it goes badly, in the
    least favourable explanation for that. `regret` (options, explanations) and `most_regret`. `chance_best`: sums to
    1. `must_not` (options, explanations): chance of what must not happen; `must_not_expected`: at the weights told,
    with `must_not_interval`. `somewhere`, `unbeaten` (options,): see `worth_weights`. `orders`: which is at least as
    good as which on every count.
    """

    points: Floats
    by_draw: Floats
    expected: Floats
    interval: Floats
    over_weights: Floats
    gain: Floats
    gain_interval: Floats
    by_explanation: Floats
    worst_explanation: Whole
    worst: Floats
    badly: Floats
    regret: Floats
    most_regret: Floats
    chance_best: Floats
    must_not: Floats
    must_not_expected: Floats
    must_not_interval: Floats
    somewhere: Bools
    unbeaten: Bools
    orders: Orders

    @property
    def ranking(self) -> tuple[int, ...]:
        """The options, the highest expected value first; of equals the first."""
        return tuple(int(one) for one in np.argsort(-np.round(self.expected, 9), kind="stable"))

    @property
    def least_regret(self) -> int:
        """The option whose largest regret is smallest (minimax regret); of equals the first."""
        return int(np.argmin(np.round(self.most_regret, 9)))

    def ahead(self, one: int, other: int) -> float:
        """The share of draws in which one option is worth more than another, at the weights told; equals count half."""
        difference = self.by_draw[one] - self.by_draw[other]
        return float(np.mean(difference > SAME) + 0.5 * np.mean(np.abs(difference) <= SAME))


def compare(question: Question, rng: np.random.Generator, slack: float = 0.0) -> Compared:
    """Work out what the options are worth. `slack`: points within which two counts are equal, for the orders only."""
    q, n = question, question.chances.shape[2]
    costs, success = _within(q.costs, n, rng), _within(q.success, n, rng)
    if q.steps:
        success = np.stack([_within(one, n, rng).prod(axis=0) for one in q.steps])
    values = q.values[np.arange(n) % len(q.values)]
    mixed = success[:, None, :, None] * q.chances + (1.0 - success)[:, None, :, None] * q.chances[q.nothing]
    points = np.einsum("ohds,ds->ohd", mixed, values) - costs[:, None, :]
    by_draw = np.einsum("ohd,h->od", points, q.weights)
    by_explanation = points.mean(axis=2)
    gained = by_draw - by_draw[q.nothing]
    forbidden = mixed[..., q.must_not].sum(axis=3)
    forbidden_by_draw = np.einsum("ohd,h->od", forbidden, q.weights)
    missed = regret(by_explanation)
    return Compared(
        points=points,
        by_draw=by_draw,
        expected=by_draw.mean(axis=1),
        interval=ends(by_draw),
        over_weights=np.stack([f(by_explanation, q.weight_ranges) for f in (at_least, at_most)], axis=1),
        gain=gained.mean(axis=1),
        gain_interval=ends(gained),
        by_explanation=by_explanation,
        worst_explanation=by_explanation.argmin(axis=1),
        worst=by_explanation.min(axis=1),
        badly=_badly(mixed, values, costs).min(axis=1),
        regret=missed,
        most_regret=missed.max(axis=1),
        chance_best=chance_best(points, q.weights),
        must_not=forbidden.mean(axis=2),
        must_not_expected=forbidden_by_draw.mean(axis=1),
        must_not_interval=ends(forbidden_by_draw),
        somewhere=best_somewhere(by_explanation, q.weight_ranges),
        unbeaten=never_beaten(by_explanation, q.weight_ranges),
        orders=orders(
            q.chances.mean(axis=2),
            q.nothing,
            values=q.values,
            success=q.success,
            costs=q.costs,
            must_not=q.must_not,
            slack=slack,
        ),
    )


def _within(ranges: Floats, n: int, rng: np.random.Generator) -> Floats:
    """n values of each row (rows, n), even within low and high: one in each n-th part, in drawn order."""
    places = (rng.permuted(np.tile(np.arange(n), (len(ranges), 1)), axis=1) + 0.5) / n
    return np.asarray(ranges[:, :1] + np.diff(ranges, axis=1) * places)


def ends(draws: Floats) -> Floats:
    """The interval at `LEVEL` of draws (..., draws): (..., 2)."""
    return np.moveaxis(np.quantile(draws, [BADLY, 1.0 - BADLY], axis=-1), 0, -1)


def regret(points: Floats) -> Floats:
    """What was missed by each option where each explanation is the case, from points (options, explanations)."""
    return np.asarray(points.max(axis=0) - points)


def chance_best(points: Floats, weights: Floats) -> Floats:
    """How likely each is the best (options,), from points (options, explanations, draws); equals share. Sums to 1."""
    first = points >= points.max(axis=0) - SAME
    shares = first / first.sum(axis=0)
    return np.asarray(np.einsum("ohd,h->o", shares, weights) / points.shape[2])


def _badly(chances: Floats, values: Floats, costs: Floats) -> Floats:
    """The net value that a share `BADLY` of outcomes does not exceed (options, explanations)."""
    o, h, d, s = chances.shape
    found = np.empty((o, h))
    for i in range(o):
        net = (values - costs[i][:, None]).ravel()
        order = np.argsort(net, kind="stable")
        upto = np.cumsum(chances[i].reshape(h, d * s)[:, order], axis=1)
        found[i] = net[order][np.minimum((upto < BADLY * d - SAME).sum(axis=1), d * s - 1)]
    return found
