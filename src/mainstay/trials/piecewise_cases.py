"""Piecewise regression of several cases in one model (Van den Noortgate and Onghena 2003), as scan's `hplm`.

The columns are those of one case (`piecewise_design`); each case has a level of its own, and, where asked for, a trend,
step or slope of its own. Covariates of cases and products of columns may be added.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mainstay.errors import BadRequest
from mainstay.futures.scores import student_quantile
from mainstay.quantities import CannotSay, Interval
from mainstay.trials.between_cases_mixed import Method, Mixed, fit, rows_of
from mainstay.trials.effect_sizes import Case
from mainstay.trials.effect_sizes_kinds import LEVEL, Floats, chi_squared_tail, student_two_sided
from mainstay.trials.piecewise import Term
from mainstay.trials.piecewise_design import Model, design


@dataclass(frozen=True, slots=True, eq=False)
class PiecewiseCases:
    """The fixed effects as terms, and the model they come from. `icc`: the share of variance that lies between cases
    when nothing else is in the model, with the likelihood ratio test of it (`icc_ratio`, `icc_p`; p is too large,
    as a variance can't be below 0).
    """

    terms: tuple[Term, ...]
    model: Mixed
    icc: float
    icc_ratio: float
    icc_p: float

    def term(self, name: str) -> Term:
        """The coefficient of this name. Refuses one that the model hasn't."""
        for one in self.terms:
            if one.name == name:
                return one
        raise BadRequest(f"the model has no term {name!r}; it has {', '.join(one.name for one in self.terms)}")


def hplm(
    cases: Sequence[Case],
    model: Model | None = None,
    *,
    method: Method = "ML",
    varying: Sequence[str] = (),
    covariates: Mapping[str, Mapping[str, float]] | None = None,
    products: Sequence[tuple[str, str]] = (),
    autoregressive: bool = False,
    level: float = LEVEL,
) -> PiecewiseCases | CannotSay:
    """The piecewise model of several cases. `varying`: columns that may differ from case to case, beside the level.

    `covariates`: by name, a value for each case; `products`: pairs of columns. Refuses cases whose phases differ.
    """
    names, y, x, owner, at = _stacked(cases, model or Model(), covariates or {}, products)
    unknown = [name for name in varying if name not in names]
    if unknown:
        raise BadRequest(f"{unknown[0]!r} is no column of this model; it has {', '.join(names)}")
    z = x[:, [0, *(names.index(name) for name in varying)]]
    found = fit(rows_of(y, x, z, owner, at), method=method, autoregressive=autoregressive)
    one = np.ones((len(y), 1))
    empty = fit(rows_of(y, one, one, owner, at), method=method)
    if isinstance(found, CannotSay):
        return found
    if isinstance(empty, CannotSay):
        return empty
    between = float(empty.tau[0, 0])
    n, free = len(y), len(y) - (1 if method == "REML" else 0)
    misfit = float(((y - y.mean()) ** 2).sum())
    flat = -0.5 * free * (math.log(2.0 * math.pi * misfit / free) + 1.0) - (0.5 * math.log(n) if free < n else 0.0)
    ratio = max(2.0 * (empty.log_likelihood - flat), 0.0)
    terms = tuple(
        _term(name, float(b), float(se), int(freedom), level)
        for name, b, se, freedom in zip(names, found.beta, found.se, found.freedom, strict=True)
    )
    share = between / (between + empty.sigma_squared)
    return PiecewiseCases(terms, found, share, ratio, chi_squared_tail(ratio, 1))


def _term(name: str, value: float, se: float, freedom: int, level: float) -> Term:
    reach = student_quantile(0.5 + 0.5 * level, freedom) * se
    p = student_two_sided(value / se, freedom)
    return Term(name, value, se, Interval(value - reach, value + reach, level), value / se, p)


def _stacked(
    cases: Sequence[Case],
    model: Model,
    covariates: Mapping[str, Mapping[str, float]],
    products: Sequence[tuple[str, str]],
) -> tuple[list[str], Floats, Floats, list[str], Floats]:
    """Names, values, columns, case and time of all rows."""
    designs = [design(case, model) for case in cases]
    if not designs:
        raise BadRequest("give the cases")
    names = list(designs[0].names)
    for case, one in zip(cases, designs, strict=True):
        if list(one.names) != names:
            raise BadRequest(f"{case.name} has other phases than {cases[0].name}; compare cases with the same phases")
        if any(case.name not in values for values in covariates.values()):
            raise BadRequest(f"a covariate has no value for {case.name}")
    parts = []
    for case, one in zip(cases, designs, strict=True):
        added = [np.full(len(one.values), values[case.name]) for values in covariates.values()]
        parts.append(np.column_stack([one.columns, *added]))
    x, every = np.vstack(parts), [*names, *covariates]
    for first, second in products:
        if first not in every or second not in every:
            raise BadRequest(f"{first!r} or {second!r} is no column of this model; it has {', '.join(every)}")
        x = np.column_stack((x, x[:, every.index(first)] * x[:, every.index(second)]))
    every += [f"{first}:{second}" for first, second in products]
    owner = [case.name for case, one in zip(cases, designs, strict=True) for _ in one.values]
    y, at = (np.concatenate(part) for part in zip(*((one.values, one.at) for one in designs), strict=True))
    return every, y, x, owner, at
