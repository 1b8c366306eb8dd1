"""The maximum of a smooth function of a few parameters, to the last digits: quasi-Newton, then Newton's steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mainstay.numerics.maximise import Place, settle
from mainstay.trials.effect_sizes_kinds import Floats

STEP, FINE_STEP = 1e-5, 1e-3
ROUNDS = 8
ENOUGH = 1e-10


def peak(height: Callable[[Floats], float], start: Floats) -> tuple[Floats, float]:
    """Where `height` is greatest near `start` (p,), and how great. Slopes by differences on both sides."""

    def objective(at: Floats) -> tuple[float, Floats]:
        return height(at), _rough_slopes(height, at)

    place = settle(objective, Place(start, *objective(start)), np.ones(len(start)))
    at, best = place.at, place.value
    for _ in range(ROUNDS):
        slopes, bend = _slopes(height, at, FINE_STEP / 10.0), _bend(height, at, best)
        if not (np.linalg.eigvalsh(bend) < -1e-8).all():
            break
        step = np.linalg.solve(bend, slopes)
        ahead = height(at - step)
        if not ahead >= best:
            break
        at, best = at - step, ahead
        if float(np.abs(step).max()) < ENOUGH:
            break
    return at, best


def _rough_slopes(height: Callable[[Floats], float], at: Floats) -> Floats:
    """First derivatives from two points each: enough to climb by."""
    steps = STEP * np.eye(len(at))
    return np.array([(height(at + one) - height(at - one)) / (2.0 * STEP) for one in steps])


def _slopes(height: Callable[[Floats], float], at: Floats, step: float) -> Floats:
    """First derivatives from four points each, of the order step⁴."""
    found = np.empty(len(at))
    for j in range(len(at)):
        one = np.zeros(len(at))
        one[j] = step
        near, far = height(at + one) - height(at - one), height(at + 2 * one) - height(at - 2 * one)
        found[j] = (8.0 * near - far) / (12.0 * step)
    return found


def _bend(height: Callable[[Floats], float], at: Floats, here: float) -> Floats:
    """Second derivatives by differences."""
    p, found = len(at), np.empty((len(at), len(at)))
    steps = FINE_STEP * np.eye(p)
    single = [(height(at + one), height(at - one)) for one in steps]
    for j in range(p):
        found[j, j] = (single[j][0] - 2.0 * here + single[j][1]) / FINE_STEP**2
        for k in range(j):
            both = height(at + steps[j] + steps[k]) + height(at - steps[j] - steps[k])
            off = both - sum(single[j]) - sum(single[k]) + 2.0 * here
            found[j, k] = found[k, j] = off / (2.0 * FINE_STEP**2)
    return found
