"""How good forecasts were once what they were about has come: scores, coverage, and whether they beat a plainer one.

Every score is a loss: smaller is better. Each is proper (Gneiting and Raftery 2007): no forecaster gains by saying
something other than what they hold. Chances are of an event that came (True) or did not; values have quantiles at
levels, or samples, which may hold ties.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mainstay.errors import BadRequest
from mainstay.numerics.exact_rates import beta_quantile
from mainstay.quantities import CannotSay

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEVEL = 0.90
FEWEST_APART = 8
"""A mean over fewer forecasts that do not overlap has no interval worth the name."""


def _chances(chances: ArrayLike, came: ArrayLike) -> tuple[Floats, Bools]:
    p, y = np.asarray(chances, np.float64), np.asarray(came, bool)
    if p.shape != y.shape:
        raise BadRequest(f"{p.shape} chances cannot be scored against {y.shape} outcomes; give one for each")
    if p.size and not (p.min() >= 0.0 and p.max() <= 1.0):
        raise BadRequest("a chance lies between 0 and 1; found one outside or none at all")
    return p, y


def log_scores(chances: ArrayLike, came: ArrayLike) -> Floats:
    """-log of the chance that was given to what happened, each (n,); infinite where it was called impossible."""
    p, y = _chances(chances, came)
    with np.errstate(divide="ignore"):
        lost: Floats = -np.log(np.where(y, p, 1.0 - p))
    return lost


def brier_scores(chances: ArrayLike, came: ArrayLike) -> Floats:
    """(chance - what came)², each (n,) (Brier 1950)."""
    p, y = _chances(chances, came)
    return np.square(p - y)


def brier_skill(chances: ArrayLike, came: ArrayLike, base: ArrayLike) -> float:
    """1 - mean Brier score over that of the base rates; 0 is no better, 1 perfect, below 0 worse."""
    reference = float(brier_scores(base, came).mean())
    if reference == 0.0:
        raise BadRequest("the base rates were right every time, so nothing can be better than they were")
    return 1.0 - float(brier_scores(chances, came).mean()) / reference


def quantile_scores(levels: ArrayLike, quantiles: ArrayLike, values: ArrayLike) -> Floats:
    """The pinball loss of each quantile: levels (q,), quantiles (..., q), values (...); gives (..., q)."""
    q, x, y = (np.asarray(one, np.float64) for one in (levels, quantiles, values))
    if x.shape[-1:] != q.shape or x.shape[:-1] != y.shape:
        raise BadRequest(f"quantiles {x.shape} do not fit levels {q.shape} and values {y.shape}")
    if not (q.min() > 0.0 and q.max() < 1.0):
        raise BadRequest("levels lie between 0 and 1, such as 0.05, 0.5 and 0.95")
    over = y[..., None] - x
    loss: Floats = np.maximum(q * over, (q - 1.0) * over)
    return loss


def crps_of_quantiles(levels: ArrayLike, quantiles: ArrayLike, values: ArrayLike) -> Floats:
    """The continuous ranked probability score from quantiles at evenly spread levels: twice the mean pinball loss.

    Each (...), in the unit of the value. Equal up to its grid to the integral of the Brier score over all bounds.
    """
    scores: Floats = 2.0 * quantile_scores(levels, quantiles, values).mean(axis=-1)
    return scores


def crps_of_samples(samples: ArrayLike, values: ArrayLike) -> Floats:
    """The continuous ranked probability score of samples (..., n) at values (...): E|X - y| - E|X - X'| / 2.

    The fair form (Ferro 2014): its mean does not depend on how many samples there are, so that a forecast from few
    can be set against one from many.
    """
    x, y = np.sort(np.asarray(samples, np.float64), axis=-1), np.asarray(values, np.float64)
    n = x.shape[-1]
    if n < 2:
        raise BadRequest(f"a fair score needs at least two samples, not {n}")
    apart = np.abs(x - y[..., None]).mean(axis=-1)
    within = x @ (2.0 * np.arange(1, n + 1) - n - 1.0) / (n * (n - 1.0))
    scores: Floats = apart - within
    return scores


def ranks(samples: ArrayLike, values: ArrayLike, rng: np.random.Generator) -> Floats:
    """Where each value (...) lies among its samples (..., n), from 0 to 1 (randomised probability integral transform).

    Ties are broken by chance (Czado, Gneiting and Held 2009). Uniform where value and samples come from one law.
    """
    x, y = np.asarray(samples, np.float64), np.asarray(values, np.float64)[..., None]
    below, ties = (x < y).sum(axis=-1), (x == y).sum(axis=-1)
    placed: Floats = (below + rng.random(below.shape) * (ties + 1.0)) / (x.shape[-1] + 1.0)
    return placed


def inside(low: ArrayLike, high: ArrayLike, values: ArrayLike) -> Bools:
    """Whether each value lies in its interval, ends included."""
    y = np.asarray(values, np.float64)
    within: Bools = (y >= np.asarray(low)) & (y <= np.asarray(high))
    return within


def share_interval(count: int, n: int, level: float = LEVEL) -> tuple[float, float]:
    """An interval of a share from `count` among n independent trials (Clopper and Pearson 1934): never too narrow."""
    if not 0 <= count <= n or n < 1:
        raise BadRequest(f"{count} among {n} is no share")
    tail = 0.5 * (1.0 - level)
    low = beta_quantile(tail, count, n - count + 1.0) if count else 0.0
    high = beta_quantile(1.0 - tail, count + 1.0, n - count) if count < n else 1.0
    return low, high


def student_quantile(p: float, freedom: float) -> float:
    """The quantile of Student's law, exact: t² / (freedom + t²) is beta with 1/2 and freedom/2."""
    if p < 0.5:
        return -student_quantile(1.0 - p, freedom)
    share = beta_quantile(2.0 * p - 1.0, 0.5, 0.5 * freedom)
    return math.sqrt(freedom * share / (1.0 - share))


@dataclass(frozen=True, slots=True)
class MeanOverTime:
    """A mean over forecasts in order of time, with an interval at `level` that bears their hanging together.

    `sd`: of the mean; `freedom`: of Student's law; `n`: how many went in.
    """

    mean: float
    sd: float
    freedom: int
    n: int
    level: float

    @property
    def _reach(self) -> float:
        return student_quantile(0.5 + 0.5 * self.level, self.freedom) * self.sd

    @property
    def low(self) -> float:
        """The lower end."""
        return self.mean - self._reach

    @property
    def high(self) -> float:
        """The upper end."""
        return self.mean + self._reach

    def surely_above(self, value: float) -> bool:
        """Whether the whole interval lies above a value."""
        return self.low > value

    def surely_below(self, value: float) -> bool:
        """Whether the whole interval lies below a value."""
        return self.high < value


def mean_over_time(values: ArrayLike, overlap: float = 1.0, level: float = LEVEL) -> MeanOverTime | CannotSay:
    """The mean of what stands in order of time (n,), and how well it is known if neighbours hang together.

    Its variance comes from the first cosines of the series, slow enough to see what hangs together, each one degree of
    freedom of Student's law (equal-weighted cosines: Müller 2004; Lazarus, Lewis, Stock and Watson 2018):
    0.4 n^(2/3) of them, and of waves no shorter than four forecasts' span where each overlaps `overlap` others.
    With few forecasts that is few degrees of freedom and so a wide interval. Refuses under 8 that do not overlap.
    """
    x = np.asarray(values, np.float64)
    n = len(x)
    if n / max(overlap, 1.0) < FEWEST_APART:
        return CannotSay(
            "there are too few forecasts that do not overlap", have=int(n / max(overlap, 1.0)), need=FEWEST_APART,
            unit="forecasts",
        )  # fmt: skip
    if not np.all(np.isfinite(x)):
        raise BadRequest("a score that is not finite has no mean: something was called impossible and came")
    freedom = max(int(min(0.4 * n ** (2.0 / 3.0), n / (2.0 * overlap))), 2)
    waves = np.cos(math.pi * np.arange(1, freedom + 1)[:, None] * (np.arange(n) + 0.5) / n)
    parts = math.sqrt(2.0 / n) * waves @ (x - x.mean())
    return MeanOverTime(float(x.mean()), math.sqrt(float(parts @ parts) / freedom / n), freedom, n, level)


def gained(ours: ArrayLike, plainer: ArrayLike, overlap: float = 1.0, level: float = LEVEL) -> MeanOverTime | CannotSay:
    """By how much our losses (n,) lie below the plainer forecaster's of the same moments, in order of time.

    Paired, as Diebold and Mariano (1995) compare forecasts; above 0 ours were better.
    """
    first, second = np.asarray(ours, np.float64), np.asarray(plainer, np.float64)
    if first.shape != second.shape:
        raise BadRequest(f"{first.shape} losses cannot be paired with {second.shape}; score the same moments")
    return mean_over_time(second - first, overlap, level)
