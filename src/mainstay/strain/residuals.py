"""What a fit leaves unexplained, moment by moment: numbers whose law is known if the model is right.

Everything is foreseen from what came before it (`numerics.forward`), not from the path smoothed over the whole record:
that path knows the acts it is asked to explain. Statistics T(v) are scaled so that at the true parameters they have
mean 0 and covariance 1. The fit uses some of that up: with G the slopes of T along the posterior's own axes, T has
covariance 1 - G G' at the fitted parameters (Newey 1985). Plain posterior predictive p-values, which use the data
twice, are too kind for want of this term (Robins, van der Vaart and Ventura 2000).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.numerics.forward import course_of, foresee
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEP_SDS = 0.2
LEAST_LEFT = 0.15
"""Where the fit has used up more than the rest of a statistic's variance, that direction is left out."""


BLOCK_DAYS = 28.0
FEWEST_RATINGS_CHECKED = 60
CHECK_INS = ""
"""What checks of the ratings are about, where those of a refuge are about its label."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ON_WEEKDAYS = tuple(f"on {day}s" for day in WEEKDAYS)
# six hours each, as between knots: no interval straddles two
PARTS = ("at night", "in the morning", "in the afternoon", "in the evening")
HOURS_A_BIN = 3
PARTS_OF = ("between midnight and six on {}s", "on {} mornings", "on {} afternoons", "on {} evenings")


@dataclass(frozen=True, slots=True)
class Check:
    """One question to the fit: of which refuge (`CHECK_INS`: of the ratings), how many records, its p-value.

    `where`: in words, how the record differs most from what the model says; `failed`: after all checks' common level.
    """

    refuge: str
    kind: str
    n: int
    p_value: float
    where: str
    failed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Foreseen:
    """At given parameters: standardised misses (r,) of the ratings, expected acts (k, q, n) at the nodes, and gaps.

    `gaps`: per refuge, the acts expected from each act to the next (unit exponential if the model is right).
    """

    missed: Floats
    expected: Floats
    gaps: tuple[Floats, ...]


Statistic = Callable[[Foreseen], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Tested:
    """A statistic at the fit: its values by their sds there (m,), its chi-squared, over how many directions."""

    scores: Floats
    chi_squared: float
    freedom: int

    @property
    def p_value(self) -> float:
        """The chance of so large a chi-squared if the model is right."""
        return chi_squared_tail(self.chi_squared, self.freedom)


@dataclass(frozen=True, slots=True, eq=False)
class Clock:
    """When things were: nodes (q, n), acts by refuge, ratings (r,): days, part of the day, weekday (0 is Monday).

    `node_hours` (24 / 3, q, n): the share of what each node stands for in each three hours of the day.
    """

    node_days: Floats
    node_hours: Floats
    node_part: Ints
    node_weekday: Ints
    act_days: tuple[Floats, ...]
    act_knots: tuple[Ints, ...]
    act_hours: tuple[Ints, ...]
    act_part: tuple[Ints, ...]
    act_weekday: tuple[Ints, ...]
    read_days: Floats
    read_part: Ints
    read_weekday: Ints


class Foresight:
    """One posterior's forward passes: at the mode, and beside it along each of the posterior's own axes."""

    def __init__(self, timeline: Timeline, posterior: StrainPosterior) -> None:
        self.timeline, self.posterior = timeline, posterior
        self.data, self.problem = posterior.data, posterior.data.problem
        self.clock = self._clock()
        axes = STEP_SDS * np.linalg.cholesky(posterior.covariance)
        self._beside = [(self._at(posterior.mean + axis), self._at(posterior.mean - axis)) for axis in axes.T]
        self.mode = self._at(posterior.mean)

    def _at(self, v: Floats) -> Foreseen:
        """The forward pass at parameters v."""
        weights, _ = self.posterior.coordinates.weights(v)
        nothing = np.zeros((0, len(self.data.knots)))
        missed, nodes, _ = foresee(self.problem, weights, course_of(self.problem, weights), nothing)
        passed = np.cumsum(nodes.sum(axis=1), axis=1)
        gaps = (np.diff(row[at], prepend=0.0) for row, at in zip(passed, self.clock.act_knots, strict=True))
        return Foreseen(missed, nodes, tuple(gaps))

    def _clock(self) -> Clock:
        data, problem = self.data, self.problem
        node_days = data.knots - problem.dt * (1.0 - problem.node_x[:, None])
        at = [np.sort(problem.event_knot[problem.event_process == k]) for k in range(len(data.refuges))]
        acts = [data.knots[one] for one in at]
        # what ends an interval belongs to it: half a minute earlier lies inside
        inside = [np.maximum(one - 0.5 / 1440.0, 0.0) for one in acts]
        read = data.knots[problem.read_knot]
        return Clock(
            node_days=node_days,
            node_hours=self._hours_of_nodes(),
            node_part=self._parts(node_days),
            node_weekday=self.timeline.weekdays(node_days),
            act_days=tuple(acts),
            act_knots=tuple(at),
            act_hours=tuple((self.timeline.local_hours(one) // HOURS_A_BIN).astype(np.int64) for one in inside),
            act_part=tuple(self._parts(one) for one in inside),
            act_weekday=tuple(self.timeline.weekdays(one) for one in inside),
            read_days=read,
            read_part=self._parts(read),
            read_weekday=self.timeline.weekdays(read),
        )

    def _hours_of_nodes(self) -> Floats:
        """A node stands for the part of its interval that its weight covers; that part is taken at six times."""
        problem = self.problem
        edges = np.concatenate([[0.0], np.cumsum(problem.node_w)])
        within = edges[:-1, None] + np.diff(edges)[:, None] * (np.arange(6) + 0.5) / 6.0
        days = self.data.knots - problem.dt * (1.0 - within[:, :, None])
        bins = (self.timeline.local_hours(days) // HOURS_A_BIN).astype(np.int64)
        return np.stack([(bins == one).mean(axis=1) for one in range(24 // HOURS_A_BIN)])

    def _parts(self, days: Floats) -> Ints:
        hours = self.timeline.local_hours(days)
        return np.minimum((hours * (len(PARTS) / 24.0)).astype(np.int64), len(PARTS) - 1)

    def answered(self, traces: Floats) -> Floats:
        """How the standardised misses would answer traces (t, n) that the ratings show and the model lacks: (t, r)."""
        weights, _ = self.posterior.coordinates.weights(self.posterior.mean)
        return foresee(self.problem, weights, course_of(self.problem, weights), traces)[2]

    def another_speed(self, factor: float, *, eased: bool) -> Floats:
        """Where strain would be if all load faded `factor` times as fast, less where it is, both without noise (n,).

        `eased`: whether acts ease such load too.
        """
        weights, _ = self.posterior.coordinates.weights(self.posterior.mean)
        course = course_of(self.problem, weights)
        decay = np.exp(-course.rate * self.problem.dt)
        other = decay**factor
        usual = altered = 0.0
        found = np.zeros(len(decay))
        for i, rest in enumerate(course.rest):
            usual = rest + (usual - rest) * decay[i]
            altered = rest + (altered - rest) * other[i]
            found[i] = altered - usual
            usual = course.keep[i] * usual + course.jump[i]
            altered = (course.keep[i] if eased else 1.0) * altered + course.jump[i]
        return found

    def tested(self, statistic: Statistic) -> Tested:
        """Judge a statistic at the fit, with what the fit has used up taken off its covariance."""
        value = statistic(self.mode)
        slope = np.array([(statistic(up) - statistic(down)) / (2.0 * STEP_SDS) for up, down in self._beside]).T
        left = np.eye(len(value)) - slope @ slope.T
        eigenvalues, vectors = np.linalg.eigh(left)
        kept = eigenvalues > LEAST_LEFT
        along = (vectors.T @ value)[kept]
        sds = np.sqrt(np.maximum(np.diag(left), LEAST_LEFT))
        return Tested(value / sds, float((along**2 / eigenvalues[kept]).sum()), int(kept.sum()))

    def along(self, traces: list[Floats]) -> Statistic | None:
        """The misses of all ratings along what each trace would add to them, made orthogonal one after another."""
        weights = self.answered(np.array(traces)).T
        lengths = np.sqrt((weights**2).sum(axis=0))
        if len(weights) < FEWEST_RATINGS_CHECKED or float(lengths.min()) < 1e-6:
            return None
        axes, triangle = np.linalg.qr(weights / lengths)
        axes = axes * np.sign(np.diag(triangle))  # a positive score: the ratings show the trace

        def statistic(seen: Foreseen) -> Floats:
            values: Floats = axes.T @ seen.missed
            return values

        return statistic

    def block_names(self) -> tuple[str, ...]:
        """The blocks of four weeks in words, by their first days."""
        blocks = max(int(self.data.days // BLOCK_DAYS), 1)
        starts = [self.timeline.instant(b * BLOCK_DAYS).as_local.date() for b in range(blocks)]
        return tuple(f"in the four weeks from {start}" for start in starts)


def windows(elapsed: Floats, edges: tuple[float, ...]) -> Ints:
    """Which window between the edges each lies in; -1 for none."""
    found = np.searchsorted(np.array(edges), elapsed, "left") - 1
    return np.where((found >= 0) & (found < len(edges) - 1), found, -1).astype(np.int64)


def blocks(days: Floats, length: float) -> Ints:
    """Blocks of four weeks; what is left over at the end joins the last."""
    return np.minimum(days // BLOCK_DAYS, max(length // BLOCK_DAYS - 1.0, 0.0)).astype(np.int64)


def chi_squared_tail(chi: float, freedom: int) -> float:
    """P(χ² with so many degrees of freedom > chi), in closed form."""
    if freedom <= 0 or chi <= 0.0:
        return 1.0
    half = 0.5 * chi
    if freedom % 2 == 0:
        term, total = 1.0, 1.0
        for j in range(1, freedom // 2):
            term *= half / j
            total += term
        return min(math.exp(-half) * total, 1.0)
    total, term = 0.0, math.sqrt(half) / math.gamma(1.5)
    for j in range((freedom - 1) // 2):
        total += term
        term *= half / (j + 1.5)
    return min(math.erfc(math.sqrt(half)) + math.exp(-half) * total, 1.0)


def poisson_tails(count: int, mean: float) -> tuple[float, float]:
    """P(N <= count) and P(N >= count) for a Poisson number of this mean."""
    if mean <= 0.0:
        return 1.0, 1.0 if count == 0 else 0.0
    at = math.exp(count * math.log(mean) - mean - math.lgamma(count + 1.0))
    if at == 0.0:  # beyond what a float holds
        return (1.0, 0.0) if count > mean else (0.0, 1.0)
    below = above = 0.0
    term, j = at, count
    while j > 0 and term > 1e-18 * at:
        term *= j / mean
        j -= 1
        below += term
    term, j = at, count
    while term > 1e-18 * at:
        j += 1
        term *= mean / j
        above += term
    return min(at + below, 1.0), min(at + above, 1.0)
