"""Small linear programmes, exactly: the largest c x with A x <= b and x >= 0, where b >= 0, by the simplex method.

    rows of the tableau:  A x + slack = b;     x = 0 is a corner to start from because no b is negative.

The entering column and the leaving row are the first that may (Bland 1977), so that it ends at every programme. Meant
for a few dozen unknowns.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest

Floats = NDArray[np.float64]
NIL = 1e-11


def largest(gain: Floats, limits: Floats, room: Floats) -> tuple[float, Floats]:
    """The largest gain (n,) @ x with limits (m, n) @ x <= room (m,) and x >= 0; and such an x (n,).

    Refuses a room below zero, and a programme whose gain has no end.
    """
    m, n = limits.shape
    if (room < 0.0).any():
        raise BadRequest(f"the least room is {room.min()}; it must not be below 0")
    scale = max(float(np.abs(gain).max()), 1.0)
    table = np.zeros((m + 1, n + m + 1))
    table[:m, :n], table[:m, n : n + m], table[:m, -1] = limits, np.eye(m), room
    table[m, :n] = -gain / scale
    basis = np.arange(n, n + m)
    while True:
        entering = np.flatnonzero(table[m, :-1] < -NIL)
        if not len(entering):
            break
        column = entering[0]
        rising = np.flatnonzero(table[:m, column] > NIL)
        if not len(rising):
            raise BadRequest("the gain of this programme has no end; bound it by a further limit")
        ratios = table[rising, -1] / table[rising, column]
        tied = rising[ratios <= ratios.min() + NIL]
        row = tied[np.argmin(basis[tied])]
        table[row] /= table[row, column]
        others = np.arange(m + 1) != row
        table[others] -= np.outer(table[others, column], table[row])
        basis[row] = column
    x = np.zeros(n + m)
    x[basis] = table[:m, -1]
    return float(table[m, -1] * scale), x[:n]
