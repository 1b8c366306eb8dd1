"""What a randomisation test compares: for many orders at once, a statistic of the days as these orders label them.

It is linear in the daily values y (days,), so that the test of any effect is had from two sets of sums. With d the days
of an arm (0 or 1), made orthogonal to a constant (and to time, where trend is taken out) on the days analysed, the
statistic is <d, y> / |d|, and <d, y> / |d|² is the difference it estimates. Dividing by |d| makes orders comparable
that deal the days out unequally.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.trials.designs_lots import Orders
from mainstay.trials.kinds import Floats

Statistic = Literal["difference", "trend", "ratio", "stretch", "beyond"]
"""difference: of means. trend: of means, with a straight trend taken out. ratio: of means, for how often things happen.
stretch: of the days until the next day at or beyond a limit. beyond: of the share of such days."""
ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Of each order: `scaled` (n, columns), <d, y> / |d|; `length` (n,), |d|; NaN where an arm has no day at all."""

    scaled: Floats
    length: Floats

    @property
    def difference(self) -> Floats:
        """(n, columns): the difference that is estimated."""
        return self.scaled / self.length[:, None]


def sums(labels: Orders, arm: int, columns: Floats, known: NDArray[np.bool_], *, trend: bool) -> Sums:
    """The statistic of each column (days, columns) under each order's labels (n, days): the arm against arm 0.

    Days with other labels, and days that are not `known` (days,), are left out.
    """
    days = np.flatnonzero(known)
    time = (days - days.mean())[:, None] if len(days) else np.zeros((0, 1))
    y = columns[days]
    weights = np.concatenate([np.ones_like(time), time, time**2, y, y * time], axis=1)
    k = y.shape[1]
    found = np.empty((len(labels), k)), np.empty(len(labels))
    for begin in range(0, len(labels), ROWS_AT_ONCE):
        some = labels[begin : begin + ROWS_AT_ONCE][:, days]
        ours = (some == arm).astype(float) @ weights
        both = ours + (some == 0).astype(float) @ weights
        at = slice(begin, begin + len(some))
        found[0][at], found[1][at] = _of(ours, both, k, trend=trend)
    return Sums(*found)


def _of(ours: Floats, both: Floats, k: int, *, trend: bool) -> tuple[Floats, Floats]:
    """From the sums over the arm's days and over the days of both arms. Columns: 1, t, t², y…, y t…"""
    n, t, tt = both[:, 0], both[:, 1], both[:, 2]
    mine, mine_t = ours[:, 0], ours[:, 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        level, slope = mine / n, np.zeros_like(n)
        if trend:
            spread = tt - t * t / n
            slope = np.where(spread > 1e-9, (mine_t - mine * t / n) / np.where(spread > 1e-9, spread, 1.0), 0.0)
            level = level - slope * t / n
        length = np.sqrt(np.maximum(mine - level * mine - slope * mine_t, 0.0))
        product = ours[:, 3 : 3 + k] - level[:, None] * both[:, 3 : 3 + k] - slope[:, None] * both[:, 3 + k :]
        told = (mine > 0) & (mine < n) & (length > 1e-6)
        return np.where(told[:, None], product / length[:, None], np.nan), np.where(told, length, np.nan)


def made_of(values: Floats, statistic: Statistic, better: int, limit: float | None) -> Floats:
    """The daily values (days,) as the statistic compares them; NaN where a day is not known.

    Refuses `stretch` and `beyond` without a limit.
    """
    if statistic not in ("stretch", "beyond"):
        return values
    if limit is None:
        raise BadRequest(f"the statistic {statistic!r} needs a limit: the value at or beyond which a day counts")
    known = np.isfinite(values)
    hit = known & (np.where(known, values, 0.0) * -better >= limit * -better)
    if statistic == "beyond":
        return np.where(known, hit.astype(float), np.nan)
    days = len(values)
    at = np.append(np.flatnonzero(hit), days)
    following = at[np.searchsorted(at[:-1], np.arange(days), "right")]
    return np.where(known, (following - np.arange(days)).astype(float), np.nan)
