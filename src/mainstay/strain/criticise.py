"""Does the fitted model describe the acts it was fitted to: time-rescaled residuals.

If the hazard is right, the hazard integrated from one recorded act of a refuge to the next is a unit exponential
(Papangelou 1972; Ogata 1988). Kolmogorov-Smirnov compares the whole of them with that law. The path is the most
probable one given everything, the acts themselves too, so the test is a little too kind.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.numerics.ou_path import find_path, make_work
from mainstay.strain.posterior import StrainPosterior

Floats = NDArray[np.float64]

FEWEST_GAPS = 20
FAILED = 0.01


@dataclass(frozen=True, slots=True)
class Check:
    """One refuge's residuals against the unit exponential: how many gaps, the KS distance, its p-value."""

    refuge: str
    gaps: int
    distance: float
    p_value: float

    @property
    def failed(self) -> bool:
        """Whether the acts follow one another in a way the model does not describe."""
        return self.p_value < FAILED


def kolmogorov_p(distance: float, n: int) -> float:
    """The p-value of a Kolmogorov-Smirnov distance of n observations (Stephens 1970's correction of the limit law)."""
    scaled = (math.sqrt(n) + 0.12 + 0.11 / math.sqrt(n)) * distance
    if scaled < 0.3:
        return 1.0
    terms = ((-1.0) ** (k - 1) * math.exp(-2.0 * k * k * scaled * scaled) for k in range(1, 101))
    return min(max(2.0 * sum(terms), 0.0), 1.0)


def rescaled_gaps(posterior: StrainPosterior) -> dict[str, Floats]:
    """The integrated hazard from each recorded act of a refuge to the next: unit exponentials if the model is right."""
    data = posterior.data
    problem, work = data.problem, make_work(data.problem)
    weights, _ = posterior.coordinates.weights(posterior.mean)
    find_path(problem, weights, work, False)
    expected = np.cumsum(work.heat.sum(axis=1), axis=1)
    return {
        label: np.diff(expected[k, np.sort(problem.event_knot[problem.event_process == k])], prepend=0.0)
        for k, label in enumerate(data.refuges)
    }


def criticise(posterior: StrainPosterior) -> tuple[Check, ...]:
    """A check of every refuge with at least twenty acts."""
    checks = []
    for label, gaps in rescaled_gaps(posterior).items():
        n = len(gaps)
        if n < FEWEST_GAPS:
            continue
        uniform = np.sort(1.0 - np.exp(-gaps))
        steps = np.arange(n + 1) / n
        distance = float(max((steps[1:] - uniform).max(), (uniform - steps[:-1]).max()))
        checks.append(Check(label, n, distance, kolmogorov_p(distance, n)))
    return tuple(checks)
