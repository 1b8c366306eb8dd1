"""What an effect size of a single case is made of, and the laws its tests and intervals need.

Legend: A, the phase (or arm) that is compared with, m values; B, the one compared with it, n values. `better`: 1 where
high values are better, -1 where low ones are. z, the normal quantile of an interval at `level`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mainstay.errors import BadRequest
from mainstay.numerics.exact_rates import incomplete_beta
from mainstay.quantities import CannotSay, Interval

Floats = NDArray[np.float64]
LEVEL = 0.95
"""The level that the field's packages report."""


@dataclass(frozen=True, slots=True)
class Size:
    """One effect size. `se` and `interval` are None where the measure has no known sampling law; `note` says so.

    `n`: values in A and in B. `detail`: what else the measure comes with (a p value, a slope), by name.
    """

    name: str
    estimate: float
    se: float | None
    interval: Interval | None
    n: tuple[int, int]
    note: str = ""
    detail: Mapping[str, float] = field(default_factory=dict)


NO_LAW = "how it varies from sample to sample is not known, so it has no standard error and no interval"


def phase(values: ArrayLike, name: str = "a phase") -> Floats:
    """The values of a phase (n,), in their order, without what is missing. Refuses infinities and tables."""
    found = np.asarray(values, np.float64)
    if found.ndim != 1:
        raise BadRequest(f"{name} must be a plain list of numbers, not a table of shape {found.shape}")
    if np.isinf(found).any():
        raise BadRequest(f"{name} holds an infinite value; leave out what is missing")
    return found[~np.isnan(found)]


def phases(a: ArrayLike, b: ArrayLike, better: int) -> tuple[Floats, Floats]:
    """Both phases turned so that high is better. Refuses a direction other than 1 and -1."""
    if better not in (1, -1):
        raise BadRequest(f"better is 1 where high values are better and -1 where low ones are, not {better!r}")
    return better * phase(a, "phase A"), better * phase(b, "phase B")


def too_few(name: str, have: int, need: int, which: str) -> CannotSay:
    """The refusal of a measure for which a phase holds too few values."""
    reason = f"{name} needs at least {need} values in {which}"
    return CannotSay(reason=reason, have=have, need=need, unit="values", quantity=name)


def normal_half(level: float) -> float:
    """z: how many standard errors an interval at this level reaches to each side."""
    if not 0.0 < level < 1.0:
        raise BadRequest(f"an interval's level lies between 0 and 1, such as 0.95, not {level}")
    return NormalDist().inv_cdf(0.5 + 0.5 * level)


def normal_interval(estimate: float, se: float, level: float) -> Interval:
    """estimate ± z se."""
    reach = normal_half(level) * se
    return Interval(estimate - reach, estimate + reach, level)


def two_sided(z: float) -> float:
    """The chance of a normal value at least this far from 0."""
    return math.erfc(abs(z) / math.sqrt(2.0))


def chi_squared_tail(value: float, freedom: int) -> float:
    """P(χ² > value) with whole degrees of freedom: a finite sum for each parity."""
    if freedom < 1:
        raise BadRequest(f"χ² needs at least 1 degree of freedom, not {freedom}")
    half = 0.5 * max(value, 0.0)
    if freedom % 2 == 0:
        tail, term = 0.0, 1.0
        for k in range(freedom // 2):
            term = term * half / k if k else 1.0
            tail += term
        return math.exp(-half) * tail
    tail, term = 0.0, math.sqrt(half / math.pi) * 2.0
    for k in range((freedom - 1) // 2):
        tail += term
        term *= half / (k + 1.5)
    return math.erfc(math.sqrt(half)) + math.exp(-half) * tail


def f_tail(value: float, above: float, below: float) -> float:
    """P(F > value) with `above` and `below` degrees of freedom."""
    return incomplete_beta(0.5 * below, 0.5 * above, below / (below + above * max(value, 0.0)))


def student_two_sided(t: float, freedom: float) -> float:
    """P(|T| > |t|) of Student's t."""
    return incomplete_beta(0.5 * freedom, 0.5, freedom / (freedom + t * t))


def binomial_tail(count: int, n: int, share: float = 0.5) -> float:
    """P(K ≥ count) among n trials with this chance each."""
    return 1.0 if count <= 0 else incomplete_beta(float(count), n - count + 1.0, share)
