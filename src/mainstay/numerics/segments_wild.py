"""Wild readings drawn in, so that a few of them can't look like a change (Hampel's filter)."""

from __future__ import annotations

import numpy as np
from numba import njit

from mainstay.numerics.kernels import ENTRY, INNER

TO_SD = 1.4826  # of a Gaussian's median distance from its median
MEAN_TO_SD = 1.2533
LATER, LASTING = 3, 7  # readings: how long after a shock, and over how many, it is asked what is left of it
STAYS = 0.5  # of a shock, more than this share: a step


@njit(**INNER)
def _median(some):  # type: ignore[no-untyped-def]
    """The median of a few numbers, which are sorted in place by insertion."""
    for i in range(1, len(some)):
        x, k = some[i], i
        while k > 0 and some[k - 1] > x:
            some[k] = some[k - 1]
            k -= 1
        some[k] = x
    return some[len(some) // 2]


@njit(**INNER)
def _spread(off):  # type: ignore[no-untyped-def]
    """Robust sd of differences: from their median size, or where that is nought from their mean size."""
    sd = TO_SD * np.median(np.abs(off))
    return sd if sd > 0.0 else MEAN_TO_SD * np.mean(np.abs(off))


@njit(**ENTRY)
def draw_in(values, neighbours, farthest):  # type: ignore[no-untyped-def]
    """A copy of the readings (n), none farther than `farthest` sds from the median of the readings around it.

    Near the ends the medians go on in the straight line of the last two windows. Too few readings stay as they are.
    """
    n, width = len(values), 2 * neighbours + 1
    if n < width + neighbours:
        return values.copy()
    medians, around = np.empty(n), np.empty(width)
    for i in range(neighbours, n - neighbours):
        around[:] = values[i - neighbours : i + neighbours + 1]
        medians[i] = _median(around)
    first, last = neighbours, n - neighbours - 1
    at_first = (medians[min(first + neighbours, last)] - medians[first]) / neighbours
    at_last = (medians[last] - medians[max(last - neighbours, first)]) / neighbours
    for k in range(1, neighbours + 1):
        medians[first - k] = medians[first] - k * at_first
        medians[last + k] = medians[last] + k * at_last
    off = values - medians
    most = farthest * _spread(off)
    return medians + np.minimum(np.maximum(off, -most), most)
