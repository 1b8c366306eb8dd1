"""Regression with swings and readings' noise under weak priors, averaged over all that is not known of the errors.

    y = Z a + X_c b + x + e         (x, e: `mainstay.numerics.ou_regression`)

a: coefficients with a flat prior, then those of known sd; b: effects, whose columns X_c are one of several candidates
(how long an arm carries over). Prior sds are in units of the errors' sd. Every place of the grid over candidate, rate
and ratio has a marginal likelihood in closed form; given it the coefficients are Student's. What is told is averaged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mainstay.numerics.ou_regression import SHORTEST_HALF_LIFE, Products, half_lives, products
from mainstay.trials.kinds import Arms, Floats
from mainstay.trials.mixtures import Mixture, mixture_of

EFFECT_SD = 4.0
"""Of the prior of an effect, in sds of what is left of the outcome: wide."""
WEEKDAY_SDS = (0.05, 0.4)
"""Of the prior of each weekday's own level, in the same units: all alike, or each its own; as likely beforehand."""
LARGE_SWINGS = 2.0
"""Beforehand, answers that swing are likelier than answers that only scatter, by e to this."""
OF_THE_SPAN = 0.5
"""Swings that fade by half in more than half of the time can't be told from its trend."""
LONGEST_HALF_LIFE = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """The columns (n, k) that are no effect's: a level first, then a trend where there is one. `flat`: how many of the
    first have a flat prior; the others are weekdays.
    """

    columns: Floats
    flat: int


def base_of(at: Floats, weekday_of_day_0: int, *, trend: bool) -> Base:
    """A level; a trend (0 in the middle, in weeks); the time of day where readings come at several; weekdays.

    Weekdays only over two weeks or more. `at`: days, ascending.
    """
    columns = [np.ones(len(at))]
    span = float(at[-1] - at[0])
    if trend:
        columns.append((at - 0.5 * (at[0] + at[-1])) / 7.0)
    clock = np.mod(at, 1.0)
    if float(np.ptp(clock)) > 1.0 / 24.0 and len(at) > span:
        columns += [np.cos(2.0 * np.pi * clock), np.sin(2.0 * np.pi * clock)]
    flat = len(columns)
    if span >= 13.0:
        weekday = (weekday_of_day_0 + np.floor(at).astype(np.int64)) % 7
        columns += [(weekday == one).astype(float) for one in range(7)]
    return Base(np.column_stack(columns), flat)


@dataclass(frozen=True, slots=True, eq=False)
class Regressed:
    """The posterior. Candidate, weekdays' sd, rate, ratio: `weights` (c, w, r, v), `at` (c, w, r, v, p).

    `spread` (c, w, r, v, p, p) is the coefficients' covariance over `scale2` (c, w, r, v), the variance of a reading's
    noise; all in sds of the outcome, `unit`. Coefficients: the base's k, then the effects'. `priors` (c,): of the
    candidates.
    """

    weights: Floats
    at: Floats
    spread: Floats
    scale2: Floats
    grid: Products
    unit: float
    freedom: int
    base: Base
    priors: Floats

    def law(self, combination: Floats, candidate: int | None = None) -> Mixture:
        """The posterior of a combination (p,) of coefficients, in the outcome's units; with one candidate or all."""
        of = slice(None) if candidate is None else slice(candidate, candidate + 1)
        means = self.at[of] @ combination
        widths = np.sqrt(self.scale2[of] * (self.spread[of] @ combination @ combination))
        weights = self.weights[of].ravel()
        return mixture_of(weights, self.unit * means.ravel(), self.unit * widths.ravel(), self.freedom)

    def of(self, column: int, candidate: int | None = None) -> Mixture:
        """The posterior of one coefficient, with one candidate or all."""
        return self.law(np.eye(self.at.shape[-1])[column], candidate)

    @property
    def by_candidate(self) -> Floats:
        """The weight of each candidate (c,)."""
        found: Floats = self.weights.sum(axis=(1, 2, 3))
        return found

    @property
    def effects_from(self) -> int:
        """The column of the first effect."""
        return int(self.base.columns.shape[1])

    @property
    def swing_share(self) -> float:
        """The share of swings in the variance that is left."""
        return float((self.weights.sum(axis=(0, 1)) * self._shares).sum())

    @property
    def swing_half_life_days(self) -> float:
        """How long swings last (geometric mean)."""
        swings = self.weights.sum(axis=(0, 1)) * self._shares
        logs = np.log(math.log(2.0) / self.grid.rates)
        return math.exp(float((swings.sum(axis=1) @ logs) / max(float(swings.sum()), 1e-12)))

    @property
    def noise_sd(self) -> float:
        """The sd of all that is left, swings and readings' noise together."""
        return self.unit * math.sqrt(float((self.weights * self.scale2 * (1.0 + self.grid.ratios)).sum()))

    @property
    def _shares(self) -> Floats:
        shares: Floats = self.grid.ratios / (1.0 + self.grid.ratios)
        return shares


def regress(at: Floats, value: Floats, base: Base, candidates: Sequence[Floats], priors: Floats) -> Regressed:
    """Regress values (n) that differ, at ascending times (n, days). `candidates`: columns (n, m) of the effects.

    `priors` (c,): the chance of each candidate beforehand.
    """
    centre, unit = float(value.mean()), float(value.std())
    k, m = base.columns.shape[1], candidates[0].shape[1]
    grid = _seen(at, np.column_stack([base.columns, *candidates, (value - centre) / unit]))
    last = grid.inner.shape[-1] - 1
    ways = WEEKDAY_SDS if k > base.flat else WEEKDAY_SDS[:1]
    places = [
        _place(grid, np.r_[0:k, k + i * m : k + (i + 1) * m, last], base, len(at), weekday_sd)
        for i in range(len(candidates))
        for weekday_sd in ways
    ]
    shape = len(candidates), len(ways), len(grid.rates), len(grid.ratios)
    heights = np.stack([place.heights for place in places]).reshape(shape) + np.log(priors)[:, None, None, None]
    if m:  # a candidate that the design sees less of is not the likelier for it
        seen_of = -np.stack([np.linalg.slogdet(place.spread[..., k:, k:])[1] for place in places]).reshape(shape)
        heights += 0.5 * (seen_of - seen_of[:1])
    weights = np.exp(heights - heights.max())
    found = np.stack([place.at for place in places]).reshape(*shape, k + m)
    found[..., 0] += centre / unit
    spread = np.stack([place.spread for place in places]).reshape(*shape, k + m, k + m)
    scale2 = np.stack([place.scale2 for place in places]).reshape(shape)
    freedom = len(at) - base.flat
    return Regressed(weights / weights.sum(), found, spread, scale2, grid, unit, freedom, base, priors)


def _seen(at: Floats, columns: Floats) -> Products:
    """The columns through the filter at each place of the grid that the readings' spacing can tell apart."""
    gaps = np.diff(at)
    spacing = float(np.median(gaps[gaps > 0.0])) if bool((gaps > 0.0).any()) else 1.0
    longest = min(LONGEST_HALF_LIFE, max(OF_THE_SPAN * float(at[-1] - at[0]), 2.0 * spacing))
    shortest = min(max(SHORTEST_HALF_LIFE, 0.4 * spacing), 0.5 * longest)
    return products(at, columns, math.log(2.0) / half_lives(shortest, longest))


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """At every rate and ratio: log marginal likelihoods, coefficients, their covariance at scale 1, scale²."""

    heights: Floats
    at: Floats
    spread: Floats
    scale2: Floats


def _place(grid: Products, rows: Arms, base: Base, n: int, weekday_sd: float) -> _Place:
    """Conjugate regression on the columns `rows` (the last is the outcome) at every place of the grid."""
    inner = grid.inner[:, :, rows[:, None], rows[None, :]]
    p, k, flat = len(rows) - 1, base.columns.shape[1], base.flat
    total = 1.0 + grid.ratios
    precision = np.zeros((len(total), p))
    precision[:, flat:k] = weekday_sd**-2.0 / total[:, None]
    precision[:, k:] = EFFECT_SD**-2.0 / total[:, None]
    squares = inner[..., :p, :p] + precision[None, :, :, None] * np.eye(p)
    spread = np.asarray(np.linalg.inv(squares), np.float64)
    at = np.einsum("rcij,rcj->rci", spread, inner[..., :p, p])
    rest: Floats = np.maximum(inner[..., p, p] - (at * inner[..., :p, p]).sum(axis=-1), 1e-12)
    known: Floats = np.log(precision[:, flat:]).sum(axis=-1)
    heights: Floats = -0.5 * ((n - flat) * np.log(rest) + grid.determinants + np.linalg.slogdet(squares)[1] - known)
    heights += LARGE_SWINGS * grid.ratios / total
    heights[:, grid.ratios == 0.0] -= math.log(len(grid.rates))  # without swings the rate says nothing
    return _Place(heights, at, spread, rest / (n - flat))
