"""Effect sizes from means: standardised differences, ratios, odds, the share of a goal, reliable change.

Standard errors take the values within a phase as independent (Pustejovsky 2015, 2018); days that hang together make
them too small. Where a mean or a spread is 0, truncation keeps ratios finite: D values per observation make the least
mean 1/(2 D m) and the least variance 1/(D² m³) (Pustejovsky 2018).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from mainstay.errors import BadRequest
from mainstay.numerics.exact_rates import incomplete_beta
from mainstay.quantities import CannotSay, Interval
from mainstay.trials.effect_sizes_kinds import LEVEL, Floats, Size, normal_interval, phase, phases, too_few

Scale = Literal["count", "rate", "percentage", "proportion", "other"]
Spread = Literal["baseline", "pooled"]
STEADY = 1e-10
"""An sd below this share of what is divided by it is rounding: the phase does not vary."""
WHOLE = {"percentage": 100.0, "proportion": 1.0}


def _moments(*both: Floats) -> tuple[Floats, Floats, Floats]:
    """n, mean and variance of A and B, (2,) each."""
    return (
        np.array([float(len(one)) for one in both]),
        np.array([one.mean() for one in both]),
        np.array([one.var(ddof=1) for one in both]),
    )


def small_sample(freedom: float) -> float:
    """Hedges' (1981) correction 1 - 3/(4 f - 1)."""
    return 1.0 - 3.0 / (4.0 * freedom - 1.0)


def smd(
    a: ArrayLike,
    b: ArrayLike,
    *,
    better: int = 1,
    spread: Spread = "baseline",
    corrected: bool = True,
    level: float = LEVEL,
) -> Size | CannotSay:
    """Mean of B less that of A in sd of A (Glass) or of both pooled (Hedges), corrected for small samples."""
    a, b = phases(a, b, better)
    m, n = len(a), len(b)
    if min(m, n) < 2:
        return too_few("SMD", min(m, n), 2, "each phase")
    count, mean, variance = _moments(a, b)
    off, sd = float(mean[1] - mean[0]), np.sqrt(variance)
    freedom = m - 1.0 if spread == "baseline" else m + n - 2.0
    scale = float(variance[0]) if spread == "baseline" else float((count - 1.0) @ variance) / freedom
    if not math.sqrt(scale) > STEADY * max(abs(off), float(sd.max())):
        where = "the first phase does not vary" if spread == "baseline" else "neither phase varies"
        return CannotSay(f"{where}, so a difference in its sd has no meaning", quantity="SMD", n=m + n)
    plain = 1.0 / m + (float(sd[1] / sd[0]) ** 2 / n if spread == "baseline" else 1.0 / n)
    factor = small_sample(freedom) if corrected else 1.0
    value = factor * off / math.sqrt(scale)
    error = factor * math.sqrt(plain + value**2 / (2.0 * freedom))
    detail = {"sd": math.sqrt(scale)}
    return Size(f"SMD ({spread})", value, error, normal_interval(value, error, level), (m, n), detail=detail)


@dataclass(frozen=True, slots=True)
class Differences:
    """Standardised differences as the R package scan prints them; better is not turned."""

    mean_a: float
    mean_b: float
    sd_a: float
    sd_b: float
    sd_cohen: float
    sd_hedges: float
    glass: float
    hedges: float
    hedges_corrected: float
    hedges_durlak: float
    cohen: float


def differences(a: ArrayLike, b: ArrayLike) -> Differences | CannotSay:
    """Glass' delta, Hedges' g plain and corrected twice, Cohen's d; NaN where what they divide by is 0."""
    a, b = phase(a, "phase A"), phase(b, "phase B")
    m, n = len(a), len(b)
    if min(m, n) < 2:
        return too_few("A standardised difference", min(m, n), 2, "each phase")
    _, mean, variance = _moments(a, b)
    off, every = float(mean[1] - mean[0]), m + n
    cohen = math.sqrt(float(variance.mean()))
    pooled = math.sqrt(((m - 1) * float(variance[0]) + (n - 1) * float(variance[1])) / (every - 2.0))
    sd = np.sqrt(variance)
    glass, hedges, d = (off / by if by > 0.0 else math.nan for by in (float(sd[0]), pooled, cohen))
    durlak = (every - 3.0) / (every - 2.25) * math.sqrt((every - 2.0) / every)
    return Differences(
        float(mean[0]), float(mean[1]), float(sd[0]), float(sd[1]), cohen, pooled,
        glass, hedges, hedges * (1.0 - 3.0 / (4.0 * every - 9.0)), hedges * durlak, d,
    )  # fmt: skip


def truncation(scale: Scale, length: float | None = None, intervals: float | None = None) -> float:
    """D, how many values an observation is made of: 1 for counts, minutes for rates, intervals for shares; else ∞."""
    if scale == "count":
        return 1.0
    if scale == "rate" and length is not None:
        return length
    if scale in WHOLE and intervals is not None:
        return intervals / WHOLE[scale]
    return math.inf


def _truncated(a: Floats, b: Floats, d: float) -> tuple[Floats, Floats, Floats]:
    count, mean, variance = _moments(a, b)
    if not d > 0.0:
        raise BadRequest(f"an observation is made of some values at least, not {d}")
    return count, np.maximum(1.0 / (2.0 * d * count), mean), np.maximum(1.0 / (d**2 * count**3), variance)


def _log_ratio(name: str, a: Floats, b: Floats, d: float, corrected: bool) -> tuple[float, float] | CannotSay:
    if min(len(a), len(b)) < 2:
        return too_few(name, min(len(a), len(b)), 2, "each phase")
    if min(float(a.min()), float(b.min())) < 0.0:
        return CannotSay("a ratio of means needs values of 0 or more", quantity=name)
    count, mean, variance = _truncated(a, b, d)
    if not (mean > 0.0).all():
        return CannotSay(
            "a phase's mean is 0, and how the values were counted was not said; say it (`scale`)", quantity=name
        )
    errors = (np.sqrt(variance) / mean) ** 2 / count
    logs = np.log(mean) + (0.5 * errors if corrected else 0.0)
    return float(logs[1] - logs[0]), math.sqrt(float(errors.sum()))


def lrr(
    a: ArrayLike,
    b: ArrayLike,
    *,
    better: int = 1,
    toward: int = 1,
    scale: Scale = "count",
    length: float | None = None,
    intervals: float | None = None,
    corrected: bool = True,
    level: float = LEVEL,
) -> Size | CannotSay:
    """Log of the ratio of means, B over A (Pustejovsky 2018). `toward` 1: LRRi, better is above 0; -1: LRRd, below.

    Shares and percentages are turned over where their better way is not `toward`. `detail`: the change in percent.
    """
    if toward not in (1, -1):
        raise BadRequest(f"toward is 1 (LRRi) or -1 (LRRd), not {toward!r}")
    phases(a, b, better)
    name = "LRRi" if toward == 1 else "LRRd"
    first, second = phase(a, "phase A"), phase(b, "phase B")
    if scale in WHOLE and better != toward:
        first, second = WHOLE[scale] - first, WHOLE[scale] - second
    found = _log_ratio(name, first, second, truncation(scale, length, intervals), corrected)
    if isinstance(found, CannotSay):
        return found
    value, error = found
    if scale not in WHOLE and better != toward:
        value = -value
    detail = {"percent": 100.0 * math.expm1(value)}
    n = (len(first), len(second))
    return Size(name, value, error, normal_interval(value, error, level), n, detail=detail)


def lor(
    a: ArrayLike,
    b: ArrayLike,
    *,
    better: int = 1,
    scale: Scale = "percentage",
    intervals: float | None = None,
    corrected: bool = True,
    level: float = LEVEL,
) -> Size | CannotSay:
    """Log of the odds ratio of shares or percentages (Pustejovsky 2015). Refuses values outside of their scale."""
    phases(a, b, better)
    if scale not in WHOLE:
        raise BadRequest(f"odds are of a 'percentage' or a 'proportion', not of a {scale}")
    a, b = phase(a, "phase A") / WHOLE[scale], phase(b, "phase B") / WHOLE[scale]
    m, n = len(a), len(b)
    if min(m, n) < 2:
        return too_few("LOR", min(m, n), 2, "each phase")
    if min(float(a.min()), float(b.min())) < 0.0 or max(float(a.max()), float(b.max())) > 1.0:
        raise BadRequest(f"a {scale} lies between 0 and {WHOLE[scale]:g}")
    d = math.inf if intervals is None else intervals
    count, mean, variance = _truncated(a, b, d)
    mean = np.minimum(1.0 - 1.0 / (2.0 * d * count), mean)
    if not ((mean > 0.0) & (mean < 1.0)).all():
        return CannotSay("a phase is all 0 or all of it; say how many `intervals` a value stands for", quantity="LOR")
    logs, errors = np.log(mean) - np.log1p(-mean), (np.sqrt(variance) / mean / (1.0 - mean)) ** 2 / count
    if corrected:
        logs = logs - 0.5 * (2.0 * mean - 1.0) * errors
    value, error = better * float(logs[1] - logs[0]), math.sqrt(float(errors.sum()))
    return Size("LOR", value, error, normal_interval(value, error, level), (m, n))


def lrm(
    a: ArrayLike, b: ArrayLike, *, better: int = 1, by_delta: bool = False, level: float = LEVEL
) -> Size | CannotSay:
    """Log of the ratio of medians (Bonett and Price 2020): positive values alone."""
    phases(a, b, better)
    first, second = phase(a, "phase A"), phase(b, "phase B")
    n = (len(first), len(second))
    if min(n) < 2:
        return too_few("LRM", min(n), 2, "each phase")
    parts = [_log_median(one, by_delta) for one in (first, second)]
    if any(not math.isfinite(value) for part in parts for value in part):
        return CannotSay("a median of 0 or less has no logarithm", quantity="LRM", n=sum(n))
    value = better * (parts[1][0] - parts[0][0])
    error = math.sqrt(parts[0][1] + parts[1][1])
    return Size("LRM", value, error, normal_interval(value, error, level), n)


def _log_median(values: Floats, by_delta: bool) -> tuple[float, float]:
    """log of the median and its variance, from two order statistics around it."""
    n, middle = len(values), float(np.median(values))
    if middle <= 0.0:
        return math.nan, math.nan
    low = max(round(0.5 * n - math.sqrt(n)), 1)
    tail = 1.0 - incomplete_beta(float(low), n - low + 1.0, 0.5)
    z, ordered = NormalDist().inv_cdf(1.0 - tail), np.sort(values)
    first, last = float(ordered[low - 1]), float(ordered[n - low])
    if by_delta:
        return math.log(middle), ((last - first) / (2.0 * z * middle)) ** 2
    if first <= 0.0:
        return math.nan, math.nan
    return math.log(middle), ((math.log(last) - math.log(first)) / (2.0 * z)) ** 2


def pogo(a: ArrayLike, b: ArrayLike, goal: float, *, level: float = LEVEL) -> Size | CannotSay:
    """Percent of the way from A's mean to the goal that B's mean has gone (Ferron et al. 2020)."""
    a, b = phase(a, "phase A"), phase(b, "phase B")
    m, n = len(a), len(b)
    if min(m, n) < 2:
        return too_few("PoGO", min(m, n), 2, "each phase")
    _, mean, variance = _moments(a, b)
    way = goal - float(mean[0])
    if abs(way) <= STEADY * max(abs(goal), float(np.abs(a).max()), float(np.abs(b).max())):
        return CannotSay("the goal was already reached before", quantity="PoGO", n=m + n)
    value = float(mean[1] - mean[0]) / way
    error = math.sqrt(float(variance[0] / m + variance[1] / n + value**2 * variance[0] / m)) / abs(way)
    ends = normal_interval(100.0 * value, 100.0 * error, level)
    return Size("PoGO", 100.0 * value, 100.0 * error, ends, (m, n))


@dataclass(frozen=True, slots=True)
class ReliableChange:
    """Indices of reliable change, `se` of A and B by the reliability, and the intervals of both means."""

    jacobson_truax: float
    christensen_mendoza: float
    standardised: float
    se: tuple[float, float]
    intervals: tuple[Interval, Interval]


def reliable_change(
    a: ArrayLike, b: ArrayLike, reliability: float, *, level: float = LEVEL
) -> ReliableChange | CannotSay:
    """Whether the means differ by more than an unreliable measure would (Jacobson and Truax 1991; scan's `rci`)."""
    if not 0.0 <= reliability < 1.0:
        raise BadRequest(f"a reliability lies between 0 and 1, not {reliability}")
    a, b = phase(a, "phase A"), phase(b, "phase B")
    if min(len(a), len(b)) < 2:
        return too_few("Reliable change", min(len(a), len(b)), 2, "each phase")
    _, mean, variance = _moments(a, b)
    errors = np.sqrt(variance * (1.0 - reliability))
    if not errors[0] > 0.0:
        return CannotSay("the first phase does not vary, so its error is not known", quantity="RCI")
    off, everything = float(mean[1] - mean[0]), float(np.concatenate((a, b)).std(ddof=1))
    ends = [normal_interval(float(mean[k]), float(errors[k]), level) for k in (0, 1)]
    se = (float(errors[0]), float(errors[1]))
    return ReliableChange(off / se[0], off / (math.sqrt(2.0) * se[0]), off / everything, se, (ends[0], ends[1]))
