"""Does the fitted model describe what it was fitted to: residuals of the acts, and ratings around events.

If the hazard is right, the hazard integrated from one recorded act of a refuge to the next is a unit exponential
(Papangelou 1972; Ogata 1988). Kolmogorov-Smirnov compares the whole of them with that law. The path is the most
probable one given everything, the acts themselves too, so the test is a little too kind.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.numerics.layout import PATH
from mainstay.strain.data import StrainData
from mainstay.strain.fitting import path_at
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline

Floats = NDArray[np.float64]

FEWEST_GAPS = 20
FAILED = 0.01
FEWEST_PAIRS = 10


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
    data, problem = posterior.data, posterior.data.problem
    expected = np.cumsum(path_at(posterior.coordinates, posterior.mean).heat.sum(axis=1), axis=1)
    return {
        label: np.diff(expected[k, np.sort(problem.event_knot[problem.event_process == k])], prepend=0.0)
        for k, label in enumerate(data.refuges)
    }


def strain_at_acts(posterior: StrainPosterior) -> dict[str, float]:
    """Mean strain (steps above rest) on arriving at the acts of each refuge, along the most probable path."""
    data, problem = posterior.data, posterior.data.problem
    path = path_at(posterior.coordinates, posterior.mean).row[PATH]
    return {
        label: float(path[problem.event_knot[problem.event_process == k]].mean())
        for k, label in enumerate(data.refuges)
    }


def shown_by_ratings(timeline: Timeline, data: StrainData, label: str, direction: int) -> bool:
    """Whether the anchor's ratings around the events of a label move the way a size is claimed for them.

    The last rating before is set against the first one after, each within a day; with ten pairs or more their mean
    difference must lean that way by half its standard error. Without so many pairs nothing speaks against it.
    """
    events, ratings = timeline.events[label], timeline.ratings[data.anchor or ""]
    times = events.times[events.half_widths == 0.0]
    after = np.searchsorted(ratings.times, times, "right")
    inside = (after > 0) & (after < len(ratings.times))
    times, after = times[inside], after[inside]
    before = np.searchsorted(ratings.times, times, "left") - 1
    near = (before >= 0) & (ratings.times[after] - times < 1.0) & (times - ratings.times[np.maximum(before, 0)] < 1.0)
    change = (ratings.values[after[near]] - ratings.values[before[near]]) * ratings.item.worse_sign * direction
    if len(change) < FEWEST_PAIRS:
        return True
    return float(change.mean()) > 0.5 * float(change.std(ddof=1)) / math.sqrt(len(change))


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
