"""Heavier tails one step ahead that are no fault of the model: demands that came without being written down.

They are in the model, with their mean and their variance, and a log of recording says how often they are missed. But
each comes whole: what is missed of them has no normal law.
"""

from __future__ import annotations

import math

import numpy as np

from mainstay.numerics.forward import Course
from mainstay.numerics.layout import Problem, Weights
from mainstay.timeline.kinds import Floats

ALLOWED = 0.5
"""Of what the cumulants come to. On simulated lives with a seventh of large demands unrecorded they came to 1.2, where
.56 was there: how unsure tolls are counts with its fourth power."""


def from_unrecorded(problem: Problem, weights: Weights, course: Course) -> float:
    """The excess of the fourth moment over three that unrecorded demands give to standardised misses of readings.

    The fourth cumulant of a compound Poisson stream is its rate times the mean fourth power of a size (as large as
    those on record); it fades with strain, and with what each reading tells of it. What readings tell of strain is
    taken from a filter without acts of relief. 0 where nothing goes unrecorded.
    """
    by_rate = np.zeros(len(problem.dt))
    for j in np.unique(problem.jump_input):
        size = problem.jump_size[problem.jump_input == j]
        by_rate += weights.inputs[j] ** 4 * problem.extra_noise[j] * float((size**4).mean() / (size**2).mean())
    if not by_rate.any():
        return 0.0
    a = np.exp(-course.rate * problem.dt)
    added: Floats = by_rate * (1.0 - a**4) / (4.0 * course.rate)
    wide = (1.0 - a**2) * course.roam
    first = np.searchsorted(problem.read_knot, np.arange(len(a) + 1))
    v, fourth, excess, n = 0.0, 0.0, 0.0, 0
    for i in range(len(a)):
        v, fourth = a[i] ** 2 * v + wide[i], a[i] ** 4 * fourth + added[i]
        v, fourth = course.keep[i] ** 2 * v, course.keep[i] ** 4 * fourth
        for j in range(first[i], first[i + 1]):
            item = problem.read_item[j]
            slope, error = float(weights.loading[item]), float(weights.sd[item]) ** 2
            total = slope**2 * (v + weights.occasion**2) + error
            if problem.read_category[j] < 0:
                excess, n = excess + slope**4 * fourth / total**2, n + 1
            left = 1.0 - slope**2 * v / total
            v, fourth = v * left, fourth * left**4
    return float(ALLOWED * excess / n) if n and math.isfinite(excess) else 0.0
