"""Piecewise regression of one case: a trend, a step and a change of slope at each phase (Huitema and McKean 2000).

Least squares, with AR(p) errors by maximum likelihood (as nlme's `gls`), or counts and shares (`piecewise_counts`).
Two regressions stand in one: the step says what changed at once, the slope what changed over time. Nothing here was
drawn by lot; what else changed on that day is in the step too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.futures.scores import student_quantile
from mainstay.quantities import CannotSay, Interval
from mainstay.trials.effect_sizes import Case
from mainstay.trials.effect_sizes_kinds import LEVEL, Floats, chi_squared_tail, f_tail, normal_half, student_two_sided
from mainstay.trials.piecewise_design import Design, Model, design
from mainstay.trials.piecewise_search import peak

Law = Literal["student", "normal"]
MOST_LAGS = 3
NEAR_ONE = 1e-10


@dataclass(frozen=True, slots=True)
class Term:
    """One coefficient; `statistic` is t (z for counts). `own_share`: how much of R² is lost without it."""

    name: str
    value: float
    se: float
    interval: Interval
    statistic: float
    p: float
    own_share: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Piecewise:
    """A fitted regression. `f`: against no model at all, with (df1, df2) and p. `ar` (p,): autoregressions, if any.

    `left` (n,): the residuals, and how alike those that are 1, 2, 3 rows apart are (`lags`), with Ljung and Box's p.
    """

    terms: tuple[Term, ...]
    observations: int
    f: float
    freedom: tuple[int, int]
    p: float
    r_squared: float
    r_squared_adjusted: float
    log_likelihood: float
    aic: float
    sigma: float
    ar: tuple[float, ...]
    left: Floats
    lags: tuple[float, ...]
    ljung_box_p: float

    def term(self, name: str) -> Term:
        """The coefficient of this name. Refuses one that the model hasn't."""
        for one in self.terms:
            if one.name == name:
                return one
        raise BadRequest(f"the model has no term {name!r}; it has {', '.join(one.name for one in self.terms)}")


def plm(
    case: Case, model: Model | None = None, *, ar: int = 0, level: float = LEVEL, law: Law = "student"
) -> Piecewise | CannotSay:
    """The piecewise regression of a case; `ar` autoregressions of the errors in the order of the rows.

    `law`: whether intervals are Student's or, as scan prints them, normal. Needs more rows than coefficients.
    """
    rows = design(case, model or Model())
    n, k = rows.columns.shape
    rank = int(np.linalg.matrix_rank(rows.columns))
    if n <= k + ar or rank < k:
        reason = "too few values for so many coefficients" if n <= k + ar else "a phase is too short for its slope"
        return CannotSay(reason, have=n, need=k + ar + 1, unit="values", quantity="piecewise regression", n=n)
    fitted = _fit(rows.columns, rows.values, ar)
    spread = float(((rows.values - rows.values.mean()) ** 2).sum())
    if not spread > 0.0:
        return CannotSay("the values do not vary", quantity="piecewise regression", n=n)
    misfit = float(fitted.left @ fitted.left)
    share, effects = 1.0 - misfit / spread, k - 1
    f = math.inf if misfit == 0.0 else (spread - misfit) / effects / (misfit / (n - k))
    shares = _own_shares(rows, ar, share, spread)
    lags = autocorrelation(fitted.left, min(MOST_LAGS, n - 2))
    box = n * (n + 2.0) * sum(r * r / (n - lag) for lag, r in enumerate(lags, start=1))
    ljung = chi_squared_tail(box, len(lags)) if misfit > 0.0 else 1.0
    terms = tuple(
        _term(name, float(b), float(se), n - k, level=level, law=law, own=shares.get(name))
        for name, b, se in zip(rows.names, fitted.beta, fitted.se, strict=True)
    )
    adjusted = 1.0 - (1.0 - share) * (n - 1.0) / (n - k)
    return Piecewise(
        terms, n, f, (effects, n - k), f_tail(f, effects, n - k) if math.isfinite(f) else 0.0, share, adjusted,
        fitted.log_likelihood, 2.0 * (k + ar + 1) - 2.0 * fitted.log_likelihood, fitted.sigma,
        fitted.ar, fitted.left, lags, ljung,
    )  # fmt: skip


def _term(name: str, value: float, se: float, freedom: int, *, level: float, law: Law, own: float | None) -> Term:
    reach = (student_quantile(0.5 + 0.5 * level, freedom) if law == "student" else normal_half(level)) * se
    statistic = value / se if se > 0.0 else math.copysign(math.inf, value)
    p = student_two_sided(statistic, freedom) if math.isfinite(statistic) else 0.0
    return Term(name, value, se, Interval(value - reach, value + reach, level), statistic, p, own)


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    beta: Floats
    se: Floats
    left: Floats
    sigma: float
    log_likelihood: float
    ar: tuple[float, ...]


def _fit(columns: Floats, values: Floats, ar: int) -> _Fitted:
    if ar < 0:
        raise BadRequest(f"a regression has 0 autoregressions or more, not {ar}")
    n, k = columns.shape
    partial = np.zeros(ar)
    if ar:
        partial, _ = peak(lambda z: _least(columns, values, np.tanh(z))[3], np.full(ar, 0.1))
        partial = np.tanh(partial)
    beta, covariance, misfit, height = _least(columns, values, partial)
    # as nlme: the variance of coefficients over n - k, also where the likelihood is not restricted
    se = np.sqrt(np.diag(covariance) * misfit / (n - k))
    left = values - columns @ beta
    sigma = math.sqrt(misfit / (n - k if ar == 0 else n))
    return _Fitted(beta, se, left, sigma, height, tuple(float(one) for one in autoregressions(partial)))


def _least(columns: Floats, values: Floats, partial: Floats) -> tuple[Floats, Floats, float, float]:
    """Generalised least squares under AR errors: coefficients, (X'V⁻¹X)⁻¹, weighted misfit, log likelihood."""
    n, logs = len(values), 0.0
    if len(partial):
        white, logs = _whitened(np.column_stack((columns, values)), partial)
        columns, values = white[:, :-1], white[:, -1]
    triangle = np.linalg.qr(columns, mode="r")
    inverse = np.linalg.inv(triangle)
    covariance: Floats = inverse @ inverse.T
    beta: Floats = covariance @ (columns.T @ values)
    misfit = float(((values - columns @ beta) ** 2).sum())
    height = -0.5 * n * (math.log(2.0 * math.pi * max(misfit, 1e-300) / n) + 1.0) - logs
    return beta, covariance, misfit, height


def autoregressions(partial: Floats) -> Floats:
    """The coefficients (p,) of an AR process whose partial autocorrelations are these (Durbin and Levinson)."""
    found = np.zeros(0)
    for one in partial:
        found = np.append(found - one * found[::-1], one)
    return found


def _whitened(rows: Floats, partial: Floats) -> tuple[Floats, float]:
    """Each row (n, c) less what those before it say under the AR process, over its sd; and half the log determinant."""
    inside = np.clip(partial, -1.0 + NEAR_ONE, 1.0 - NEAR_ONE)
    n, p, white, variance, logs = len(rows), len(partial), rows.copy(), 1.0, 0.0
    for row in range(1, min(p, n)):
        variance *= 1.0 - float(inside[row - 1]) ** 2
        white[row] = (rows[row] - autoregressions(inside[:row]) @ rows[row - 1 :: -1]) / math.sqrt(variance)
        logs += 0.5 * math.log(variance)
    variance *= 1.0 - float(inside[-1]) ** 2
    left = rows[p:] - sum(one * rows[p - lag : n - lag] for lag, one in enumerate(autoregressions(inside), start=1))
    white[p:] = left / math.sqrt(variance)
    return white, logs + 0.5 * (n - p) * math.log(variance)


def _own_shares(rows: Design, ar: int, share: float, spread: float) -> Mapping[str, float]:
    """What R² loses without each column, the rest fitted anew."""
    found = {}
    for j, name in enumerate(rows.names):
        if j:
            left = _fit(np.delete(rows.columns, j, axis=1), rows.values, ar).left
            found[name] = share - 1.0 + float(((left - left.mean()) ** 2).sum()) / spread
    return found


def autocorrelation(values: Floats, most: int = MOST_LAGS) -> tuple[float, ...]:
    """How alike values 1, 2, … rows apart are: lagged products over the sum of squares, 0 where nothing varies."""
    off = values - values.mean()
    squares = float(off @ off)
    if squares == 0.0:
        return (0.0,) * max(most, 0)
    return tuple(float(off[lag:] @ off[:-lag]) / squares for lag in range(1, most + 1))


@dataclass(frozen=True, slots=True)
class Trend:
    """A line through a phase: where it starts, its slope, and the slope with both sides in their own sd."""

    intercept: float
    slope: float
    standardised: float


Shape = Callable[[Floats], Floats]
SHAPES: Mapping[str, Shape] = {"Linear": lambda at: at, "Quadratic": lambda at: at**2}


def trends(case: Case, *, starts_at: float = 0.0, shapes: Mapping[str, Shape] = SHAPES) -> dict[str, Trend | CannotSay]:
    """Values on time, for the whole case ("Linear.ALL") and each stretch ("Linear.A", a second A "Linear.A.phase3").

    Time starts at `starts_at` in each. `shapes`: what time is turned into, by name.
    """
    stretches, seen = case.stretches, set[str]()
    named: list[tuple[str, NDArray[np.bool_]]] = [("ALL", np.ones(len(case.values), bool))]
    for k, name in enumerate(stretches):
        label = f"{name}.phase{k + 1}" if name in seen else name
        seen.add(name)
        named.append((label, case.stretch == k))
    return {
        f"{shape}.{label}": _line(case, rows, turn, starts_at)
        for shape, turn in shapes.items()
        for label, rows in named
    }


def _line(case: Case, rows: NDArray[np.bool_], turn: Shape, starts_at: float) -> Trend | CannotSay:
    known = rows & ~np.isnan(case.values)
    values = case.values[known]
    if len(values) < 2 or len(np.unique(case.at[known])) < 2:
        return CannotSay("a trend needs values at two different times", have=len(values), need=2, unit="values")
    x = turn(case.at[known] - case.at[rows].min() + starts_at)
    off = x - x.mean()
    slope = float(off @ values) / float(off @ off)
    spread = float(values.std(ddof=1))
    standardised = slope * float(x.std(ddof=1)) / spread if spread > 0.0 else 0.0
    return Trend(float(values.mean()) - slope * float(x.mean()), slope, standardised)
