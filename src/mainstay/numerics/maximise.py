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


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """Where the search ended: `precision` is the negated Hessian; `decrement`, twice the height still to gain."""

    at: Floats
    value: float
    precision: Floats
    decrement: float
    evaluations: int
    converged: bool


def negated_hessian(objective: Objective, at: Floats, gradient: Floats | None = None) -> Floats:
    """-Hessian by differences of the gradient: central, or forward where the gradient at the point is given."""
    p = len(at)
    rows = np.empty((p, p))
    for j in range(p):
        ahead = at.copy()
        ahead[j] += STEP
        up = objective(ahead)[1]
        if gradient is None:
            ahead[j] -= 2 * STEP
            rows[j] = (objective(ahead)[1] - up) / (2 * STEP)
        else:
            rows[j] = (gradient - up) / STEP
    return 0.5 * (rows + rows.T)


def _made_positive(matrix: Floats, floor: Floats) -> Floats:
    """The matrix with eigenvalues made positive, in units of the floor's diagonal."""
    scale = np.sqrt(floor)
    values, vectors = np.linalg.eigh(matrix / np.outer(scale, scale))
    values = np.maximum(np.abs(values), 0.3)
    positive: Floats = (vectors * values) @ vectors.T * np.outer(scale, scale)
    return positive


def maximise(
    objective: Objective,
    start: Floats,
    prior_precision: Floats,
    *,
    rounds: int = 4,
    steps_a_round: int = 25,
    tolerance: float = 1e-6,
) -> Maximum:
    """Climb from `start`: BFGS on a finite-difference Hessian, taken anew each round until the decrement is small.

    `prior_precision` (p,) scales and floors the first Hessian. Ends when g' H^-1 g < tolerance at an exact Hessian.
    """
    count = 0

    def counted(v: Floats) -> tuple[float, Floats]:
        nonlocal count
        count += 1
        return objective(v)

    at = start.copy()
    value, gradient = counted(at)
    if not np.isfinite(value):
        return Maximum(at, value, np.diag(prior_precision), np.inf, count, False)
    precision = negated_hessian(counted, at, gradient)
    decrement = np.inf
    for _ in range(rounds):
        approximate = _made_positive(precision, prior_precision)
        at, value, gradient = _climb(counted, at, value, gradient, approximate, steps_a_round, tolerance)
        precision = negated_hessian(counted, at)
        positive = np.linalg.eigvalsh(precision / np.sqrt(np.outer(prior_precision, prior_precision)))[0] > 1e-6
        if positive:
            decrement = float(gradient @ np.linalg.solve(precision, gradient))
            if decrement < max(tolerance, 1e-4):
                return Maximum(at, value, precision, decrement, count, True)
    return Maximum(at, value, precision, decrement, count, False)


def _climb(
    objective: Objective,
    at: Floats,
    value: float,
    gradient: Floats,
    precision: Floats,
    steps: int,
    tolerance: float,
) -> tuple[Floats, float, Floats]:
    """BFGS with backtracking from a positive definite precision."""
    inverse = np.linalg.inv(precision)
    for _ in range(steps):
        step = inverse @ gradient
        decrement = float(gradient @ step)
        if decrement < tolerance:
            break
        longest = float(np.abs(step).max())
        if longest > LONGEST_STEP:
            step *= LONGEST_STEP / longest
        size, slope = 1.0, float(gradient @ step)
        for _halving in range(12):
            new_value, new_gradient = objective(at + size * step)
            if np.isfinite(new_value) and new_value > value + 1e-4 * size * slope:
                break
            size *= 0.4
        else:
            break
        moved, turned = size * step, gradient - new_gradient
        at, value, gradient = at + moved, new_value, new_gradient
        curvature = float(moved @ turned)
        if curvature > 1e-10:
            left = inverse @ turned
            inverse = (
                inverse
                + np.outer(moved, moved) * (1.0 + float(turned @ left) / curvature) / curvature
                - (np.outer(left, moved) + np.outer(moved, left)) / curvature
            )
    return at, value, gradient
