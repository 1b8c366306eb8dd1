"""Does coming back to level slow down? A likelihood-ratio test on ratings, and an e-value for looking again and again.

What is asked about is the drift of the log recovery rate over the record (`numerics.ou_drift`). The mean's course, the
rhythm of the hour and the weekday, and the drifts of the process's variance and of the readings' own noise are free: a
rise of noise alone is no slowing. Several items answered together are turned into uncorrelated components, each a
process of its own; only the drift of the rate is common to them, so their log likelihoods, the rest integrated out
(`numerics.ou_drift_fit`), add up.

The signed root of twice the log likelihood ratio is compared with the standard normal; how near it comes is measured in
tests/calibration/test_resilience.py. The e-value averages the likelihood ratio over slowings (half-normal, sd
`DRIFT_SD_A_DAY` times the days on record): by Ville's inequality it passes 1/budget with at most that chance however
often one looks, under the priors on what was integrated out; how it does where those are wrong is measured.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mainstay.errors import BadRequest
from mainstay.numerics.ou_drift import RATE, RATIO, Drifting, drifting, whitened
from mainstay.numerics.ou_drift_fit import GRID, NOUGHT, profiles, steady
from mainstay.numerics.ou_filter import Floats
from mainstay.strain.judge import normal_cdf

DRIFT_SD_A_DAY = math.log(2.0) / 120.0
MOST_COMPONENTS = 4
LEAST_SHARE = 0.1
"""A component that carries less of the items' common spread is left out: it is mostly the readings' noise."""
FINE = np.linspace(GRID[0], GRID[-1], 40 * (len(GRID) - 1) + 1)
HALF_SQUARE = 1.3527717270  # half the square of the normal's .95 quantile
FARTHEST, DEVIATION_TO_SD, ROUNDS = 3.0, 1.2533, 5
"""A reading is drawn in to so many sds (by the mean deviation) from trend and rhythm: a few wild ones can't decide."""
STEPS = (0.25, 0.5, 0.75)
MEAN_DEGREE = 2
"""Of the polynomial that the mean may follow. A straight line takes a late move of the mean for slowness; each degree
more costs power: so a sudden move is looked for, and allowed where it is found, instead."""
EDGE = 0.05
"""No sudden move of the mean is looked for within this share of the record from its ends."""
PLACES = 40
"""Moments at which it is tried, and again between the neighbours of the best."""


@dataclass(frozen=True, slots=True, eq=False)
class Slowing:
    """The drift of the log recovery rate from the first to the last reading: estimate, 90 % interval, evidence.

    Below 0 recovery slows. `p_slower`: one look, one-sided. `e_slower`, `e_faster`: for any number of looks.
    `half_life_days`: that of the first component in the middle of the record, at the estimate. `steady`: the parameters
    of each component that fit best with no drift of the rate (`ou_drift.PARAMETERS`, per day). `by_component`: each
    component's own estimate. `height`: the log likelihood at the estimate. `series` (n, components) and `share`: the
    components themselves, and each one's share of the items' common spread. `moved`: when the mean of each moved at
    once, None where it did not.
    """

    readings: int
    days: float
    drift: float
    low: float
    high: float
    root: float
    e_slower: float
    e_faster: float
    half_life_days: float
    steady: tuple[Floats, ...]
    by_component: tuple[float, ...]
    height: float
    series: Floats
    share: tuple[float, ...]
    moved: tuple[float | None, ...]

    @property
    def p_slower(self) -> float:
        """The chance of so large a root where nothing slows."""
        return normal_cdf(-self.root)

    @property
    def rate_if_steady(self) -> float:
        """The first component's rate per day, with no drift of the rate."""
        return math.exp(float(self.steady[0][RATE]))

    @property
    def noise_if_steady(self) -> float:
        """The variance of the readings' noise over that of the process, likewise."""
        return math.exp(float(self.steady[0][RATIO]))

    @property
    def sd(self) -> float:
        """The drift's standard error, from its interval."""
        return (self.high - self.low) / (2.0 * math.sqrt(2.0 * HALF_SQUARE))

    @property
    def at_the_edge(self) -> bool:
        """Whether the interval reaches the end of what was searched: then it is at least so wide."""
        return bool(self.low <= GRID[0] or self.high >= GRID[-1])


def components(times: Floats, values: Floats, rhythm: Floats) -> tuple[Floats, Floats]:
    """Uncorrelated series (n, k) from items answered together (n, items), and the share of the spread of each (k).

    Each item is freed of its mean's course and rhythm and put in units of its own spread first. The mean's course is
    put back: the likelihood knows it; wild readings are drawn in. A single item is not put in other units.
    """
    base = mean_columns(times)
    whole = np.column_stack([base, rhythm - rhythm.mean(axis=0)])
    fitted = np.linalg.pinv(whole)
    drawn = values.astype(float)
    for _ in range(ROUNDS):
        middle = whole @ (fitted @ drawn)
        farthest = FARTHEST * DEVIATION_TO_SD * np.abs(drawn - middle).mean(axis=0)
        drawn = middle + np.clip(values - middle, -farthest, farthest)
    weights = fitted @ drawn
    rest = drawn - whole @ weights
    spread = rest.std(axis=0)
    if not (spread > 1e-9 * (1.0 + np.abs(values).max())).all():
        raise BadRequest("an item whose readings are all the same has no recovery to look at; leave it out")
    freed = drawn - whole[:, base.shape[1] :] @ weights[base.shape[1] :]
    if values.shape[1] == 1:
        return freed, np.ones(1)
    size, axes = np.linalg.eigh(np.corrcoef((rest / spread).T))
    order = np.argsort(size)[::-1]
    share = size[order] / size.sum()
    kept = [k for k in range(min(len(order), MOST_COMPONENTS)) if k == 0 or share[k] >= LEAST_SHARE]
    return (freed / spread) @ axes[:, order[kept]], share[kept]


def mean_columns(times: Floats) -> Floats:
    """The mean's course (n, 1 + MEAN_DEGREE): Legendre's polynomials of time, from the first reading to the last."""
    course = 2.0 * (times - times[0]) / (times[-1] - times[0]) - 1.0
    columns: Floats = np.polynomial.legendre.legvander(course, MEAN_DEGREE)
    return columns


def slowing(times: Floats, values: Floats, rhythm: Floats | None = None) -> Slowing:
    """The drift of recovery in values (n, items) read at times (n) in days; `rhythm` (n, k): columns to be taken out.

    Refuses what `drifting` refuses, and items that never change.
    """
    times, values = np.asarray(times, float), np.asarray(values, float)
    if values.ndim != 2 or len(values) != len(times):
        raise BadRequest(f"values need one row per time and one column per item, not shape {values.shape}")
    series, share = components(times, values, np.empty((len(times), 0)) if rhythm is None else rhythm)
    level = mean_columns(times)
    begin = [steady(drifting(times, column, level)) for column in series.T]
    moved = tuple(_moved_at(times, column, level, at) for column, at in zip(series.T, begin, strict=True))
    fits = profiles(_readings(times, series, moved), begin)
    own = [_fine(fit.heights) for fit in fits]
    total = np.sum(own, axis=0)
    at = int(total.argmax())
    nought = float(sum(fit.heights[NOUGHT] for fit in fits))
    inside = FINE[total >= total[at] - HALF_SQUARE]
    drift, days = float(FINE[at]), float(times[-1] - times[0])
    been = np.isfinite(fits[0].places[:, RATE])
    log_rate = float(np.interp(drift, GRID[been], fits[0].places[been, RATE]))
    return Slowing(
        readings=len(times),
        days=days,
        drift=drift,
        low=float(inside[0]),
        high=float(inside[-1]),
        root=math.copysign(math.sqrt(max(2.0 * (total[at] - nought), 0.0)), -drift),
        e_slower=_evidence(total[::-1] - nought, DRIFT_SD_A_DAY * days),
        e_faster=_evidence(total - nought, DRIFT_SD_A_DAY * days),
        half_life_days=math.log(2.0) * math.exp(-log_rate),
        steady=tuple(fit.places[NOUGHT] for fit in fits),
        by_component=tuple(float(FINE[int(each.argmax())]) for each in own),
        height=float(total[at]),
        series=series,
        share=tuple(float(one) for one in share),
        moved=moved,
    )


def _moved_at(times: Floats, column: Floats, level: Floats, parameters: Floats) -> float | None:
    """When the mean moved at once: the step that gains most, twice over the log of the number of readings.

    Least squares under the process that fits without it; first over the whole record, then between the neighbours.
    """
    n, flat = len(times), drifting(times, column, level)
    first, last = math.ceil(EDGE * n), n - math.ceil(EDGE * n)
    best, gain = first, 0.0
    for _ in range(2):
        places = np.unique(np.linspace(first, last, PLACES).astype(int))
        steps = (np.arange(n)[:, None] >= places).astype(float)
        white = whitened(flat._replace(columns=np.column_stack([flat.columns, steps])), parameters)
        known, _ = np.linalg.qr(white[:, 1 : 1 + level.shape[1]])
        rest = white - known @ (known.T @ white)
        value, tried = rest[:, 0], rest[:, 1 + level.shape[1] :]
        gains = (tried.T @ value) ** 2 / (np.maximum((tried**2).sum(axis=0), 1e-12) * (value @ value / n))
        at = int(gains.argmax())
        best, gain = int(places[at]), float(gains[at])
        first, last = int(places[max(at - 1, 0)]), int(places[min(at + 1, len(places) - 1)])
    return float(times[best]) if gain > 2.0 * math.log(n) else None


def _readings(
    times: Floats, series: Floats, moved: tuple[float | None, ...], step: float | None = None
) -> list[Drifting]:
    """Each component with the columns of its mean; `step`: when the recovery changed at once, None for a line."""
    level = mean_columns(times)
    designs = [level if at is None else np.column_stack([level, times >= at]) for at in moved]
    return [drifting(times, column, design, step) for column, design in zip(series.T, designs, strict=True)]


def step_heights(times: Floats, found: Slowing) -> Floats:
    """Log likelihoods of a recovery that changed at once instead, at each of STEPS (shares of the record)."""
    told = []
    for share in STEPS:
        at_once = _readings(times, found.series, found.moved, float(times[0] + share * (times[-1] - times[0])))
        told.append(np.sum([_fine(fit.heights) for fit in profiles(at_once, found.steady)], axis=0).max())
    return np.array(told)


def _fine(heights: Floats) -> Floats:
    """Heights on GRID as heights on FINE, by a cubic through the four nearest places."""
    n, per = len(GRID), (len(FINE) - 1) // (len(GRID) - 1)
    first = np.clip(np.arange(len(FINE)) // per - 1, 0, n - 4)
    x = np.arange(len(FINE)) / per - first
    a, b, c, d = (heights[first + k] for k in range(4))
    fine: Floats = (
        -a * (x - 1) * (x - 2) * (x - 3) / 6
        + b * x * (x - 2) * (x - 3) / 2
        - c * x * (x - 1) * (x - 3) / 2
        + d * x * (x - 1) * (x - 2) / 6
    )
    return fine


def _evidence(gain: Floats, sd: float) -> float:
    """The likelihood ratio `gain` (logarithms, over FINE) averaged over the upper half by a half-normal of this sd."""
    upper = FINE >= 0.0
    density = np.exp(-0.5 * (FINE[upper] / sd) ** 2)
    density[0] *= 0.5
    top = float(gain[upper].max())
    return math.exp(min(top + math.log(float(np.exp(gain[upper] - top) @ density / density.sum())), 700.0))
