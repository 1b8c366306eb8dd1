"""What is given to a path within one cell, in order of time: jumps on record, and others that come besides."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mainstay.numerics.kernels import INNER
from mainstay.numerics.paths_ahead_chance import uniform

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SPAN, BESIDES = 16384, 4096
"""Places in the stream for what is given in one cell, and the first of them for what is not listed."""


class Listing(NamedTuple):
    """Jumps listed by cell: those of cell i of week w are from `first[w c + i]` on.

    `at`: where in the cell, 0 to 1; `kind`, `size`; `role`: whose time brings them (-1: none), `brought`: what share.
    """

    first: Ints
    at: Floats
    kind: Ints
    size: Floats
    role: Ints
    brought: Floats


class Pool(NamedTuple):
    """Sizes (m,) to draw from: those of kind j from `first[j]` to before `first[j + 1]`."""

    first: Ints
    sizes: Floats


class Given(NamedTuple):
    """Room for what is given in one cell, in order of time: where in the cell, which kind, of which size."""

    at: Floats
    kind: Ints
    size: Floats


@njit(**INNER)
def insert(given, n, when, kind, size):  # type: ignore[no-untyped-def]
    """One more of what is given, in order of time; returns how many there are."""
    if n == len(given.at):
        return n
    i = n
    while i > 0 and given.at[i - 1] > when:
        given.at[i], given.kind[i], given.size[i] = given.at[i - 1], given.kind[i - 1], given.size[i - 1]
        i -= 1
    given.at[i], given.kind[i], given.size[i] = when, kind, size
    return n + 1


@njit(**INNER)
def jumps_on_record(listed, keeps, often, key, place, begins, stops, times, given):  # type: ignore[no-untyped-def]
    """The listed jumps of one cell, in order of time; returns how many there are.

    Each comes as often as it is kept (`keeps`), as its kind comes (`often`), and as the role that brings it is longer
    (`times`): once at its own time, and what is more than once at any time in the cell.
    """
    n = 0
    for i in range(begins, stops):
        expected = keeps[i] * often[listed.kind[i]]
        if listed.role[i] >= 0:
            expected *= 1.0 + listed.brought[i] * (times[listed.role[i]] - 1.0)
        copies = int(expected)
        copies += uniform(key, place + 2 * (i - begins)) < expected - copies
        when = listed.at[i]
        for copy in range(copies):
            n = insert(given, n, when, listed.kind[i], listed.size[i])
            when = uniform(key, place + BESIDES // 2 + 32 * (i - begins) + copy)
    return n


@njit(**INNER)
def besides(pool, key, place, j, more, n, given):  # type: ignore[no-untyped-def]
    """So many jumps of kind j more, at any time in the cell and of any size on record; returns how many there are."""
    low, high = pool.first[j], pool.first[j + 1]
    for i in range(more):
        at_random = place + BESIDES + SPAN // 4 + 2 * (64 * j + i)
        size = pool.sizes[min(low + int(uniform(key, at_random) * (high - low)), high - 1)]
        n = insert(given, n, uniform(key, at_random + 1), j, size)
    return n
