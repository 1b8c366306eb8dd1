"""Tau after the trend of the time before has been taken out (Tarlow 2017, Behavior Modification 41, 427-467).

A line through A (Theil and Sen: the median slope) is drawn on through B and taken off both; Tau is that of what is
left. Tarlow takes it off only where the trend in A shows at .05; SingleCaseES always. None of the errors given here
bears that the line itself is uncertain.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay, Interval
from mainstay.trials.effect_sizes_kinds import LEVEL, Size, normal_interval, phases, too_few
from mainstay.trials.overlap import Errors, tau
from mainstay.trials.overlap_tau import Kendall, Ties, kendall, theil_sen

SHOWN_AT = 0.05
LINE_TAKEN_AS_KNOWN = "the errors take the line through the first phase as known"


@dataclass(frozen=True, slots=True)
class CorrectedTau:
    """Kendall's tau of the values with the phase. `corrected`: whether the trend of A showed and was taken out.

    `baseline`: of A with time, None where A is too short or does not vary; `plain` and `without_trend`: both readings.
    """

    baseline: Kendall | None
    plain: Kendall
    without_trend: Kendall
    corrected: bool

    @property
    def tau(self) -> float:
        """The one that holds by Tarlow's rule."""
        return self.chosen.tau

    @property
    def chosen(self) -> Kendall:
        """Without the trend where it showed, plain otherwise."""
        return self.without_trend if self.corrected else self.plain


def corrected_tau(
    a: ArrayLike,
    b: ArrayLike,
    at_a: ArrayLike | None = None,
    at_b: ArrayLike | None = None,
    *,
    better: int = 1,
    shown_at: float = SHOWN_AT,
    ties: Ties = "b",
    continuity: bool = False,
) -> CorrectedTau | CannotSay:
    """Baseline-corrected tau as Tarlow and scan have it. Times: 1, 2, … where none are given."""
    values, at, m = _timed(a, b, at_a, at_b, better)
    if m < 2 or len(values) - m < 1 or len(np.unique(at[:m])) < 2:
        return too_few("Baseline-corrected Tau", m, 2, "A at different times, and one in B,")
    phase = np.repeat([0.0, 1.0], [m, len(values) - m])
    baseline = None
    if m > 2 and np.ptp(values[:m]) > 0.0:
        baseline = kendall(values[:m], at[:m], ties=ties, continuity=continuity)
    start, slope = theil_sen(at[:m], values[:m])
    plain = kendall(values, phase, ties=ties, continuity=continuity)
    left = kendall(values - start - slope * at, phase, ties=ties, continuity=continuity)
    return CorrectedTau(baseline, plain, left, baseline is not None and baseline.p <= shown_at)


def _timed(
    a: ArrayLike, b: ArrayLike, at_a: ArrayLike | None, at_b: ArrayLike | None, better: int
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.float64]], np.ndarray[tuple[int, ...], np.dtype[np.float64]], int]:
    first, second = np.asarray(a, np.float64), np.asarray(b, np.float64)
    phases(first, second, better)
    if (at_a is None) != (at_b is None):
        raise BadRequest("give the times of both phases, or of neither")
    if at_a is None:
        at = np.arange(1.0, len(first) + len(second) + 1.0)
    else:
        at = np.concatenate((np.asarray(at_a, np.float64), np.asarray(at_b, np.float64)))
    values = better * np.concatenate((first, second))
    if at.shape != values.shape:
        raise BadRequest(f"{len(values)} values came with {len(at)} times; give one time for each value")
    known = ~(np.isnan(values) | np.isnan(at))
    return values[known], at[known], int(known[: len(first)].sum())


def tau_bc(
    a: ArrayLike,
    b: ArrayLike,
    *,
    better: int = 1,
    level: float = LEVEL,
    se: Errors = "unbiased",
    as_kendall: bool = False,
    only_if_shown_at: float | None = None,
) -> Size | CannotSay:
    """Tau-BC as SingleCaseES has it: values without the line through A, which are 1, 2, … apart in time.

    `as_kendall`: tau-b with Tarlow's error √(2 (1 - tau²)/(m + n)) instead of Tau and its errors. `only_if_shown_at`:
    take the line off only where Kendall's p of the trend in A is at or below this (continuity corrected, as R's
    package Kendall). `detail`: intercept and slope of the line, and that p where it was asked for.
    """
    a, b = phases(a, b, better)
    m, n = len(a), len(b)
    if m < 3 or n < 2:
        return too_few("Tau-BC", min(m, n), 3, "A, and two in B,")
    at = np.arange(1.0, m + n + 1.0)
    start, slope = theil_sen(at[:m], a)
    detail = {"intercept": better * start, "slope": better * slope}
    taken = True
    if only_if_shown_at is not None:
        trend = kendall(a, at[:m], continuity=True)
        shown = 1.0 if math.isnan(trend.p) else trend.p
        taken, detail["trend_p"] = shown <= only_if_shown_at, shown
    if taken:
        a, b = a - start - slope * at[:m], b - start - slope * at[m:]
    if not as_kendall:
        found = tau(a, b, level=level, se=se)
        if isinstance(found, CannotSay):
            return found
        return Size("Tau-BC", found.estimate, found.se, found.interval, (m, n), LINE_TAKEN_AS_KNOWN, detail)
    value = kendall(np.concatenate((a, b)), np.repeat([0.0, 1.0], [m, n])).tau
    value = 0.0 if math.isnan(value) else value
    error = math.sqrt(2.0 / (m + n) * (1.0 - value**2))
    ends: Interval = normal_interval(value, error, level)
    return Size("Tau-BC", value, error, ends, (m, n), LINE_TAKEN_AS_KNOWN, detail)
