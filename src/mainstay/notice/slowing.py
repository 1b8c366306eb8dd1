"""Does coming back to level slow down? A likelihood-ratio test on ratings, and an e-value for looking again and again.

What is asked about is the drift of the log recovery rate over the record (`numerics.ou_drift`). Mean (level and trend),
rhythm of the hour and the weekday, and the drifts of the process's variance and of the readings' own noise are free: a
rise of noise alone is no slowing. Several items answered together are turned into uncorrelated components, each a
process of its own; only the drift of the rate is common to them, so their profile likelihoods add up.

The signed root of twice the log likelihood ratio, reduced a little in short records, is compared with the standard
normal; how near it comes is measured in tests/calibration/test_resilience.py. The e-value averages the likelihood ratio
over slowings (half-normal, sd `DRIFT_SD_A_DAY` times the days on record): by Ville's inequality it passes 1/budget with
at most that chance however often one looks, as far as the profile likelihood may stand for the likelihood.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mainstay.errors import BadRequest
from mainstay.numerics.ou_drift import RATE, RATIO, Drifting, drifting
from mainstay.numerics.ou_drift_fit import GRID, NOUGHT, profile
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
SMALL_SAMPLE = 12.0
STEPS = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True, eq=False)
class Slowing:
    """The drift of the log recovery rate from the first to the last reading: estimate, 90 % interval, evidence.

    Below 0 recovery slows. `p_slower`: one look, one-sided. `e_slower`, `e_faster`: for any number of looks.
    `half_life_days`: that of the first component in the middle of the record, at the estimate. `rate_if_steady` (per
    day) and `noise_if_steady` (variance of the readings' noise over the process's): its own, with no drift of the rate.
    `by_component`:
    each component's own estimate. `height`: the log likelihood at the estimate.
    """

    readings: int
    days: float
    components: int
    drift: float
    low: float
    high: float
    root: float
    e_slower: float
    e_faster: float
    half_life_days: float
    rate_if_steady: float
    noise_if_steady: float
    by_component: tuple[float, ...]
    height: float

    @property
    def p_slower(self) -> float:
        """The chance of so large a root where nothing slows."""
        return normal_cdf(-self.root / widening(self.readings))

    @property
    def sd(self) -> float:
        """The drift's standard error, from its interval."""
        return (self.high - self.low) / (2.0 * math.sqrt(2.0 * HALF_SQUARE))

    @property
    def at_the_edge(self) -> bool:
        """Whether the interval reaches the end of what was searched: then it is at least so wide."""
        return bool(self.low <= GRID[0] or self.high >= GRID[-1])


def widening(readings: int) -> float:
    """By how much a root is divided before it is called normal: calibrated on simulated nulls of 60 to 200 readings."""
    return 1.0 + SMALL_SAMPLE / readings


def components(values: Floats, rhythm: Floats) -> tuple[Floats, Floats]:
    """Uncorrelated series (n, k) from items answered together (n, items), and the share of the spread of each (k).

    Each item is freed of its level, trend and rhythm and put in units of its own spread first. Trend is put back: the
    likelihood knows it; wild readings are drawn in. A single item is not put in other units.
    """
    n = len(values)
    base = np.column_stack([np.ones(n), np.linspace(-0.5, 0.5, n)])
    whole = np.column_stack([base, rhythm - rhythm.mean(axis=0)])
    drawn = values.astype(float)
    for _ in range(ROUNDS):
        weights = np.linalg.lstsq(whole, drawn, rcond=None)[0]
        rest = values - whole @ weights
        farthest = FARTHEST * DEVIATION_TO_SD * np.abs(drawn - whole @ weights).mean(axis=0)
        drawn = whole @ weights + np.clip(rest, -farthest, farthest)
    spread = (drawn - whole @ weights).std(axis=0)
    if not (spread > 1e-9 * (1.0 + np.abs(values).max())).all():
        raise BadRequest("an item whose readings are all the same has no recovery to look at; leave it out")
    freed = drawn - whole[:, 2:] @ weights[2:]
    rest = drawn - whole @ weights
    if values.shape[1] == 1:
        return freed, np.ones(1)
    size, axes = np.linalg.eigh(np.corrcoef((rest / spread).T))
    order = np.argsort(size)[::-1]
    share = size[order] / size.sum()
    kept = [k for k in range(min(len(order), MOST_COMPONENTS)) if k == 0 or share[k] >= LEAST_SHARE]
    return (freed / spread) @ axes[:, order[kept]], share[kept]


def slowing(times: Floats, values: Floats, rhythm: Floats | None = None) -> Slowing:
    """The drift of recovery in values (n, items) read at times (n) in days; `rhythm` (n, k): columns to be taken out.

    Refuses what `drifting` refuses, and items that never change.
    """
    times, values = np.asarray(times, float), np.asarray(values, float)
    if values.ndim != 2 or len(values) != len(times):
        raise BadRequest(f"values need one row per time and one column per item, not shape {values.shape}")
    series, _ = components(values, np.empty((len(times), 0)) if rhythm is None else rhythm)
    fits = [profile(_readings(times, column)) for column in series.T]
    own = [_fine(heights) for heights, _ in fits]
    total = np.sum(own, axis=0)
    at = int(total.argmax())
    nought = float(sum(heights[NOUGHT] for heights, _ in fits))
    inside = FINE[total >= total[at] - HALF_SQUARE * widening(len(times)) ** 2]
    drift, days = float(FINE[at]), float(times[-1] - times[0])
    log_rate = float(np.interp(drift, GRID, fits[0][1][:, RATE]))
    return Slowing(
        readings=len(times),
        days=days,
        components=len(fits),
        drift=drift,
        low=float(inside[0]),
        high=float(inside[-1]),
        root=math.copysign(math.sqrt(max(2.0 * (total[at] - nought), 0.0)), -drift),
        e_slower=_evidence(total[::-1] - nought, DRIFT_SD_A_DAY * days),
        e_faster=_evidence(total - nought, DRIFT_SD_A_DAY * days),
        half_life_days=math.log(2.0) * math.exp(-log_rate),
        rate_if_steady=math.exp(float(fits[0][1][NOUGHT, RATE])),
        noise_if_steady=math.exp(float(fits[0][1][NOUGHT, RATIO])),
        by_component=tuple(float(FINE[int(each.argmax())]) for each in own),
        height=float(total[at]),
    )


def _readings(times: Floats, column: Floats, step: float | None = None) -> Drifting:
    design = np.column_stack([np.ones(len(times)), (times - times[0]) / (times[-1] - times[0]) - 0.5])
    return drifting(times, column, design, step)


def step_heights(times: Floats, values: Floats, rhythm: Floats | None = None) -> Floats:
    """Log likelihoods of a recovery that changed at once instead, at each of STEPS (shares of the record)."""
    series, _ = components(values, np.empty((len(times), 0)) if rhythm is None else rhythm)
    whens = times[0] + np.array(STEPS) * (times[-1] - times[0])
    told = [
        np.sum([_fine(profile(_readings(times, column, float(when)))[0]) for column in series.T], axis=0).max()
        for when in whens
    ]
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
