"""Quasi-Newton maximisation with a Hessian taken from the gradient, for a few dozen parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Objective = Callable[[Floats], tuple[float, Floats]]

STEP = 1e-4
LONGEST_STEP = 1.5
TOLERANCE = 1e-6
SETTLED = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A point on the way up: where, how high, and the gradient there."""

    at: Floats
    value: float
    gradient: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """Where the search ended: `precision` is the negated Hessian; `decrement`, twice the height still to gain."""

    at: Floats
    value: float
    precision: Floats
    decrement: float

    @property
    def converged(self) -> bool:
        """Whether the Hessian is negative definite and next to nothing is left to gain."""
        return self.decrement < SETTLED


def negated_hessian(objective: Objective, place: Place) -> Floats:
    """-Hessian by forward differences of the gradient, symmetrised: its error is of the order of the step, 1e-4."""
    p = len(place.at)
    rows = np.empty((p, p))
    for j in range(p):
        ahead = place.at.copy()
        ahead[j] += STEP
        rows[j] = (place.gradient - objective(ahead)[1]) / STEP
    return 0.5 * (rows + rows.T)


def made_positive(matrix: Floats, scale: Floats) -> Floats:
    """The matrix with its eigenvalues made positive and at least 0.3, in units of scale (p,), an inverse variance."""
    root = np.sqrt(scale)
    values, vectors = np.linalg.eigh(matrix / np.outer(root, root))
    values = np.maximum(np.abs(values), 0.3)
    positive: Floats = (vectors * values) @ vectors.T * np.outer(root, root)
    return positive


def climb(objective: Objective, place: Place, precision: Floats, steps: int = 40) -> Place:
    """BFGS with backtracking from a positive definite precision, until the decrement is below 1e-6 or it is stuck."""
    inverse = np.linalg.inv(precision)
    for _ in range(steps):
        step = inverse @ place.gradient
        if float(place.gradient @ step) < TOLERANCE:
            break
        longest = float(np.abs(step).max())
        if longest > LONGEST_STEP:
            step *= LONGEST_STEP / longest
        size, slope = 1.0, float(place.gradient @ step)
        for _halving in range(12):
            after = Place(place.at + size * step, *objective(place.at + size * step))
            if np.isfinite(after.value) and after.value > place.value + 1e-4 * size * slope:
                break
            size *= 0.4
        else:
            break
        moved, turned = size * step, place.gradient - after.gradient
        place = after
        curvature = float(moved @ turned)
        if curvature > 1e-10:
            left = inverse @ turned
            inverse = (
                inverse
                + np.outer(moved, moved) * (1.0 + float(turned @ left) / curvature) / curvature
                - (np.outer(left, moved) + np.outer(moved, left)) / curvature
            )
    return place


def settle(objective: Objective, place: Place, scale: Floats, rounds: int = 3) -> Maximum:
    """Climb the rest with a fresh Hessian each round, until it is negative definite with next to nothing to gain.

    `scale` (p,), an inverse variance of each parameter (its prior's), floors the Hessian while it is not.
    """
    for _ in range(rounds):
        precision = negated_hessian(objective, place)
        lowest = float(np.linalg.eigvalsh(precision / np.sqrt(np.outer(scale, scale)))[0])
        decrement = float(place.gradient @ np.linalg.solve(precision, place.gradient)) if lowest > 1e-6 else np.inf
        if decrement < SETTLED:
            break
        place = climb(objective, place, made_positive(precision, scale))
    return Maximum(place.at, place.value, precision, decrement)
