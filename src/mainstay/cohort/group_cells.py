"""What of a group may be told without telling of anybody in it: nothing that rests on fewer than the smallest cell.

Counts are told in steps of the smallest cell, never exactly: what is missing from a total can then not be worked out.
Before a further mean or slope is told, it is held against all that is told already: if what it adds comes down to fewer
people than the smallest cell, it is withheld.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest

Floats = NDArray[np.float64]
Members = NDArray[np.bool_]
SMALLEST, NEVER_BELOW = 10, 5
MOST_SMALL_ROWS, FEWEST_BLOCKS = 9, 4
BEARING, ROUNDS = 0.5, 60
TINY = 1e-8


def checked(smallest: int) -> int:
    """The smallest cell. Refuses (`BadRequest`) one below five."""
    if smallest < NEVER_BELOW:
        raise BadRequest(f"the smallest cell may not be below {NEVER_BELOW} people, and {smallest} was asked for")
    return smallest


def in_steps(count: int, smallest: int) -> int:
    """A count as it may be told: 40 means 40 to 49 in steps of ten; 0 means fewer than the smallest cell."""
    return count // smallest * smallest


def block_means(values: Floats, smallest: int, most: int = 12) -> Floats:
    """The mean of each block of people in the order of their values: at least the smallest cell, at most `most` blocks.

    Empty below four blocks, which show no shape.
    """
    blocks = min(len(values) // smallest, most)
    if blocks < FEWEST_BLOCKS:
        return np.empty(0)
    return np.array([float(part.mean()) for part in np.array_split(np.sort(values), blocks)])


class Told:
    """The people on whom the means and slopes of one question rest that are told so far."""

    def __init__(self, everybody: int, smallest: int) -> None:
        self.smallest = smallest
        self.sets: list[Members] = [np.ones(everybody, np.bool_)]
        self.rows: list[Floats] = [np.ones(everybody)]

    def may(self, sets: Sequence[Members]) -> bool:
        """Whether these groups (people,) may be told beside all others."""
        if any(int(one.sum()) < self.smallest for one in sets) or gives_away([*self.sets, *sets], self.smallest):
            return False
        return len(self.rows) == len(self.sets) or self._apart_from_slopes(sets)

    def _apart_from_slopes(self, sets: Sequence[Members]) -> bool:
        """Whether no group is, but for a few people, what slopes say already."""
        rows = list(self.rows)
        for one in sets:
            row, basis = one.astype(np.float64), np.array(rows).T
            off = row - basis @ np.linalg.lstsq(basis, row, rcond=None)[0]
            if float((off**2).sum()) > TINY * float(row.sum()) and fewest_off(row, basis) < self.smallest:
                return False
            rows.append(row)
        return True

    def add(self, sets: Sequence[Members]) -> None:
        """These groups are told."""
        self.sets += list(sets)
        self.rows += [one.astype(np.float64) for one in sets]

    def may_slope(self, values: Floats) -> bool:
        """Whether a slope over these values (people; NaN where not known) may be told beside all else."""
        known = np.isfinite(values)
        if int(known.sum()) < self.smallest:
            return False
        row = np.where(known, values - values[known].mean(), 0.0)
        basis = np.array(self.rows).T
        left = row - basis @ np.linalg.lstsq(basis, row, rcond=None)[0]
        size = float((left**2).sum())
        if size <= TINY * max(float((row**2).sum()), TINY):
            return True  # it says nothing that is not told already
        # how many people bear it: all if each weighs the same, one if one bears it all
        bears = size * size / float((left**4).sum())
        return bears >= BEARING * self.smallest and fewest_off(row, basis) >= self.smallest

    def add_slope(self, values: Floats) -> None:
        """A slope over these values is told."""
        known = np.isfinite(values)
        self.rows.append(np.where(known, values - values[known].mean(), 0.0))


def fewest_off(row: Floats, basis: Floats) -> int:
    """In how few people (k) the row differs from a combination of the basis (k, rows): by least absolute deviations."""
    left = row - basis @ np.linalg.lstsq(basis, row, rcond=None)[0]
    scale = float(np.abs(row).max())
    for _ in range(ROUNDS):
        weight = 1.0 / np.sqrt(np.maximum(np.abs(left), TINY * scale))
        found = np.linalg.lstsq(basis * weight[:, None], row * weight, rcond=None)[0]
        left = row - basis @ found
    return int((np.abs(left) > 1e-4 * scale).sum())


def gives_away(sets: Sequence[Members], smallest: int) -> bool:
    """Whether adding and subtracting the totals of these groups (people each) can give a number of too few people.

    People who are in the same groups are one part, and whatever can be had is a sum over parts that lies in the span of
    the groups. Brought to echelon form with large parts first, the rows that begin at a small part span all that rests
    on small parts alone. Of these, every sum and difference is looked at; where they are too many, it is taken to.
    """
    parts, sizes = np.unique(np.array(sets), axis=1, return_counts=True)
    order = np.argsort(-sizes, kind="stable")
    parts, sizes = parts[:, order].astype(np.float64), sizes[order]
    rows, begins = _echelon(np.asarray(parts, np.float64))
    small = rows[sizes[begins] < smallest]
    if len(small) > MOST_SMALL_ROWS:
        return True
    for weights in product((-1.0, 0.0, 1.0), repeat=len(small)):
        held = np.abs(np.array(weights) @ small) > TINY if len(small) else np.zeros(0, np.bool_)
        if held.any() and int(sizes[held].sum()) < smallest:
            return True
    return False


def _echelon(matrix: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """The reduced echelon form without empty rows, and the column at which each row begins."""
    left = matrix.copy()
    begins: list[int] = []
    for column in range(left.shape[1]):
        row = len(begins)
        if row == len(left):
            break
        best = row + int(np.argmax(np.abs(left[row:, column])))
        if abs(left[best, column]) <= TINY:
            continue
        left[[row, best]] = left[[best, row]]
        left[row] /= left[row, column]
        others = np.arange(len(left)) != row
        left[others] -= np.outer(left[others, column], left[row])
        begins.append(column)
    return left[: len(begins)], np.array(begins, np.intp)
