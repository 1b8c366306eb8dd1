"""Piecewise regression of several outcomes of one case at once: does anything in any of them change with the phase?

Least squares for each outcome on the same columns; Pillai's trace tests each column over all outcomes (type III), and
all columns together, with its approximate F (as R's `summary.manova`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.trials.effect_sizes import Case
from mainstay.trials.effect_sizes_kinds import Floats, f_tail
from mainstay.trials.piecewise_design import Model, design


@dataclass(frozen=True, slots=True)
class Pillai:
    """Pillai's trace with its approximate F, degrees of freedom and p."""

    trace: float
    f: float
    freedom: tuple[float, float]
    p: float


@dataclass(frozen=True, slots=True, eq=False)
class PiecewiseMany:
    """`beta` (k, d): coefficients by column and outcome; `standardised` the same with both sides in their own sd."""

    names: tuple[str, ...]
    outcomes: tuple[str, ...]
    beta: Floats
    standardised: Floats
    terms: dict[str, Pillai]
    together: Pillai


def mplm(cases: Sequence[Case], model: Model | None = None) -> PiecewiseMany | CannotSay:
    """The regression of several outcomes: one `Case` each, named by outcome, of the same times and phases.

    Rows without a value in any of them are left out. Refuses one outcome, and cases of other times or phases.
    """
    if len(cases) < 2:
        raise BadRequest("give two outcomes at least; for one use plm")
    first = cases[0]
    if any(case.phase != first.phase or not np.array_equal(case.at, first.at) for case in cases):
        raise BadRequest("the outcomes must have the same times and phases, row by row")
    known = ~np.any([np.isnan(case.values) for case in cases], axis=0)
    whole = Case(first.name, np.zeros(len(first.at)), first.at, first.phase)
    rows = design(whole, model or Model())
    x, y = rows.columns[known], np.column_stack([case.values[known] for case in cases])
    (n, k), d = x.shape, y.shape[1]
    if n <= k + d or np.linalg.matrix_rank(x) < k:
        return CannotSay("too few values for so many coefficients", have=n, need=k + d + 1, unit="values", n=n)
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ x.T @ y
    error = (y - x @ beta).T @ (y - x @ beta)
    terms = {}
    for j, name in enumerate(rows.names):
        row = beta[j][None]
        terms[name] = _pillai(row.T @ row / inverse[j, j], error, 1, n - k)
    off = y - y.mean(axis=0)
    together = _pillai(off.T @ off - error, error, k - 1, n - k)
    spread = np.sqrt(((x - x.mean(axis=0)) ** 2).sum(axis=0))[:, None]
    standardised = beta * spread / np.sqrt((off**2).sum(axis=0))
    return PiecewiseMany(rows.names, tuple(case.name for case in cases), beta, standardised, terms, together)


def _pillai(effect: Floats, error: Floats, columns: int, freedom: int) -> Pillai:
    trace = float(np.trace(effect @ np.linalg.inv(effect + error)))
    d = len(error)
    s = min(d, columns)
    m, rest = 0.5 * (abs(d - columns) - 1.0), 0.5 * (freedom - d - 1.0)
    above, below = s * (2.0 * m + s + 1.0), s * (2.0 * rest + s + 1.0)
    f = below / above * trace / (s - trace)
    return Pillai(trace, f, (above, below), f_tail(f, above, below))
