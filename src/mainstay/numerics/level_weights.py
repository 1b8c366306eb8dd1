"""From level coordinates to the kernel's weights and their Jacobian, compiled: it lets go of Python's lock.

Most weights are linear in the coordinates v: w = fixed + linear v. The others, by a table of (form, row, column):

    POWER   w = exp(v_c)                SHARE   w = 1 / (1 + exp(-v_c))             GAIN   w = exp(v_0) v_c

The model's own mean strain is S = (rate Σ gain occupancy + Σ demand size a day) / (rate + Σ share acts a day): its
terms are a table of (form, column) with their amounts. It raises the start, and lowers each level by its slope times S.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mainstay.numerics.kernels import ENTRY

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

POWER, SHARE, GAIN, PLAIN = 0, 1, 2, 3


class Tables(NamedTuple):
    """`forms` (f, 3): form, row, column; `terms` (t, 2): GAIN, PLAIN (a demand) or SHARE, and its column; `amounts`
    (t,): occupancy, sizes or acts a day; `levels` (l, 2): the row of a level and that of its slope.
    """

    forms: Ints
    terms: Ints
    amounts: Floats
    levels: Ints


@njit(**ENTRY)
def mean_strain(v, terms, amounts, gradient):  # type: ignore[no-untyped-def]
    """S and its gradient (p,), which is overwritten."""
    rate = math.exp(v[0])
    roles, rest, below = 0.0, 0.0, rate
    for t in range(len(terms)):
        form, c = terms[t, 0], terms[t, 1]
        if form == GAIN:
            roles += rate * v[c] * amounts[t]
        elif form == PLAIN:
            rest += v[c] * amounts[t]
        else:
            below += amounts[t] / (1.0 + math.exp(-v[c]))
    strain = (roles + rest) / below
    for c in range(len(v)):
        gradient[c] = 0.0
    gradient[0] = (roles - strain * rate) / below
    for t in range(len(terms)):
        form, c = terms[t, 0], terms[t, 1]
        if form == GAIN:
            gradient[c] = rate * amounts[t] / below
        elif form == PLAIN:
            gradient[c] = amounts[t] / below
        else:
            share = 1.0 / (1.0 + math.exp(-v[c]))
            gradient[c] = -strain * share * (1.0 - share) * amounts[t] / below
    return strain


@njit(**ENTRY)
def fill(v, fixed, linear, forms, terms, amounts, levels, w, jacobian):  # type: ignore[no-untyped-def]
    """Overwrite w (natural,) and its Jacobian (natural, p). Row 2 is where the path starts."""
    n, p = linear.shape
    for i in range(n):
        total = fixed[i]
        for c in range(p):
            jacobian[i, c] = linear[i, c]
            total += linear[i, c] * v[c]
        w[i] = total
    rate = math.exp(v[0])
    for f in range(len(forms)):
        form, i, c = forms[f, 0], forms[f, 1], forms[f, 2]
        if form == POWER:
            w[i] = jacobian[i, c] = math.exp(v[c])
        elif form == SHARE:
            share = 1.0 / (1.0 + math.exp(-v[c]))
            w[i] = share
            jacobian[i, c] = share * (1.0 - share)
        else:
            w[i] = jacobian[i, 0] = rate * v[c]
            jacobian[i, c] = rate
    by_strain = np.zeros(p)
    strain = mean_strain(v, terms, amounts, by_strain)
    w[2] += strain
    for c in range(p):
        jacobian[2, c] += by_strain[c]
    for k in range(len(levels)):
        i, slope = levels[k, 0], levels[k, 1]
        w[i] -= w[slope] * strain
        for c in range(p):
            jacobian[i, c] -= w[slope] * by_strain[c] + strain * linear[slope, c]
