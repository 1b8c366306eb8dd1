"""Accounts of a series that compete: a level, a line, a curve; levels, levels along a slope, lines. Which one tells it?

The criterion is -2 log likelihood at the noise the account leaves (`segments_fit`), and a price for what it says: for a
slope or a bend, for every change, and for every piece the more the shorter it is (a multiscale price; Frick, Munk &
Sieling 2014): a few readings that look alike are soon found somewhere. So what drifts or bends is no staircase, slow
swings are no changes, and a change that lasts is found where it is small.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mainstay.numerics.ou_filter import Floats
from mainstay.numerics.segments import BROKEN, SLOPED, STEADY, room, settle, whiten
from mainstay.numerics.segments_fit import descend, fit_noise, judge

Ints = NDArray[np.int64]

SLOWEST, SLOWEST_SHORT, SLOWEST_READINGS = 25.0, 20.0, 5.0
"""The noise's correlation time is at most a 25th of the record; in a short one a 20th, or five readings if less."""
LEAST_LEVEL, LEAST_LINE = 5, 8
MOST_PLACES, ROUNDS = 200, 4
ENOUGH_TO_BEND = 30
QUICK = (0.05, 0.6)
"""Autocorrelations from one reading to the next from which descents start, beside that of the unbroken account."""
QUICK_SHARE = 0.95


@dataclass(frozen=True, slots=True)
class Prices:
    """Of a slope, of each further bend of a curve; of a change of level or of a line, and in each further series.

    short: of a piece of m of n readings, times log(n / m). Set so that at most one record in twenty without a change
    shows any, whatever its noise (tests/calibration/test_segmenting.py).
    """

    slope: float
    bend: float
    step: float
    line: float
    another_step: float
    another_line: float
    short: float


READINGS = Prices(6.5, 6.0, 10.5, 16.5, 3.5, 5.25, 4.0)
COUNTS = Prices(6.0, 6.0, 8.5, 14.5, 3.5, 5.25, 3.0)
"""Roots of counts have lighter tails than readings may have, and so can be told more cheaply."""


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """d series on the same times, as the accounts need them.

    gaps, course (n): time since the reading before, and time from -1/2 to 1/2; values (d, n), of sd 1 or so; taken:
    numbers already fitted to them (rhythm); floor (d): the least variance of noise; size: readings a row stands for.
    """

    gaps: Floats
    course: Floats
    values: Floats
    taken: int
    floor: Floats
    size: int = 1
    prices: Prices = READINGS

    @property
    def shape(self) -> tuple[int, int]:
        """Series and readings."""
        return self.values.shape[0], self.values.shape[1]


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """Changes at these rows; the noise (d, 2: log correlation time, logit of the process's share), V and slopes (d)."""

    mean: int
    criterion: float
    places: Ints
    noise: Floats
    variances: Floats
    slopes: Floats


def record(
    times: Floats, values: Floats, taken: int, floor: Floats, size: int = 1, prices: Prices = READINGS
) -> Record:
    """From times (n) in order and values (d, n)."""
    course = (times - times[0]) / (times[-1] - times[0]) - 0.5
    return Record(np.diff(times, prepend=times[0]), course, np.ascontiguousarray(values), taken, floor, size, prices)


def _reach(gaps: Floats) -> tuple[float, float, float]:
    """The usual gap, and the log correlation times between which the noise is sought."""
    span = float(gaps.sum())
    usual = float(np.median(gaps[1:])) or span / len(gaps)
    longest = max(span / SLOWEST, min(SLOWEST_READINGS * usual, span / SLOWEST_SHORT), usual)
    return usual, math.log(0.25 * usual), math.log(longest)


def _unbroken(series: Record, mean: int, values: Floats, bent: int) -> Account:
    """No change, its noise fitted; `bent`: numbers already taken out of these values by a curve."""
    d, n = series.shape
    _, low, high = _reach(series.gaps)
    noise, variances, slopes = np.full((d, 2), -np.inf), np.zeros(d), np.zeros(d)
    ends, taken = np.array([0, n], np.int64), series.taken + bent
    for j in range(d):
        fit_noise(series.gaps, values[j], series.course, ends, mean, taken, series.floor[j], low, high, noise[j])
    value = judge(series.gaps, values, series.course, ends, mean, taken, series.floor, noise, variances, slopes)
    value += d * (series.prices.slope * (bent > 0 or mean == SLOPED) + series.prices.bend * max(bent - 1, 0))
    return Account(mean, value, np.zeros(0, np.int64), noise, variances, slopes)


def _curves(series: Record) -> list[Account]:
    """Smooth curves, of the second and the third degree."""
    if series.shape[1] < ENOUGH_TO_BEND:
        return []
    terms = np.polynomial.legendre.legvander(2.0 * series.course, 3)
    out = []
    for degree in (2, 3):
        some = terms[:, : degree + 1]
        fitted = some @ np.linalg.lstsq(some, series.values.T, rcond=None)[0]
        out.append(_unbroken(series, STEADY, np.ascontiguousarray(series.values - fitted.T), degree))
    return out


def _starts(series: Record, mean: int, others: list[Account]) -> Floats:
    """Noises from which to descend (s, d, 4: log time, logit, V, slope).

    Those of other accounts, and quick ones whose size the readings' moves give.
    """
    usual, low, high = _reach(series.gaps)
    steep = float(mean == SLOPED)
    starts = [np.column_stack([other.noise, other.variances, steep * other.slopes]) for other in others]
    rough = np.maximum(0.5 * (1.4826 * np.median(np.abs(np.diff(series.values, axis=1)), axis=1)) ** 2, series.floor)
    every = np.ones_like(rough)
    for kept in QUICK:
        log_time = min(max(math.log(-usual / math.log(kept)), low), high)
        variances = QUICK_SHARE * rough / (1.0 - QUICK_SHARE * math.exp(-usual / math.exp(log_time)))
        logit = math.log(QUICK_SHARE / (1.0 - QUICK_SHARE))
        starts.append(np.column_stack([log_time * every, logit * every, variances, steep * others[0].slopes]))
    return np.stack(starts)


def least_piece(mean: int, size: int) -> int:
    """Rows a piece must have, where a row stands for `size` readings."""
    return max(4, -(-LEAST_LINE // size)) if mean == BROKEN else max(2, -(-LEAST_LEVEL // size))


def _in_pieces(series: Record, mean: int, others: list[Account], sums: Floats) -> Account:
    """The best account with changes, from every start; with none where none pays."""
    d, n = series.shape
    _, low, high = _reach(series.gaps)
    step = -(-n // MOST_PLACES)
    inner = np.arange(0, n - step + 1, step)
    grid = np.append(inner if inner[-1] < n else inner[:-1], n).astype(np.int64)
    prices = series.prices
    a_step, a_line = prices.step + prices.another_step * (d - 1), prices.line + prices.another_line * (d - 1)
    penalty = a_line if mean == BROKEN else a_step
    columns = (series.gaps, series.values, series.course)
    noise = (series.taken, series.floor, low, high, _starts(series, mean, others))
    value, *rest = descend(
        *columns, grid, mean, least_piece(mean, series.size), penalty, prices.short, *noise, ROUNDS, sums
    )
    return Account(mean, value + d * prices.slope * (mean != STEADY), *rest)


def accounts(series: Record) -> list[Account]:
    """Every account that competes, unbroken ones first."""
    d, n = series.shape
    level, line = _unbroken(series, STEADY, series.values, 0), _unbroken(series, SLOPED, series.values, 0)
    found, sums = [level, line, *_curves(series)], room(d, n)
    if n >= 2 * least_piece(STEADY, series.size):
        levels = _in_pieces(series, STEADY, [level], sums)
        others = [line]
        if len(levels.places):
            others.append(refitted(series, replace(levels, mean=SLOPED), levels.places, sums, fit=False))
        found += [levels, _in_pieces(series, SLOPED, others, sums)]
    if n >= 2 * least_piece(BROKEN, series.size):
        found.append(_in_pieces(series, BROKEN, [line], sums))
    return found


def refitted(series: Record, account: Account, places: Ints, sums: Floats, *, fit: bool = True) -> Account:
    """An account with its changes at these places, its noise fitted there (if `fit`), and `sums` filled at it."""
    n = series.shape[1]
    _, low, high = _reach(series.gaps)
    bounds = np.concatenate([[0], places, [n]]).astype(np.int64)
    noise, variances, slopes = account.noise.copy(), np.zeros_like(account.variances), np.zeros_like(account.slopes)
    columns = (series.gaps, series.values, series.course, bounds, account.mean, series.taken)
    for j, floor in enumerate(series.floor):
        if fit:
            fit_noise(series.gaps, series.values[j], *columns[2:], floor, low, high, noise[j])
    value = judge(*columns, series.floor, noise, variances, slopes)
    whiten(series.gaps, series.values, series.course, np.exp(-noise[:, 0]), np.exp(-noise[:, 1]), sums)
    return Account(account.mean, value, places, noise, variances, slopes)


def in_detail(series: Record, coarse: Account, size: int, sums: Floats) -> Account:
    """An account of rows that stood for `size` readings each, worked out on the readings; fills `sums` for it."""
    shifted = replace(coarse, noise=coarse.noise - np.array([0.0, math.log(size)]))
    account = refitted(series, shifted, coarse.places * size, sums, fit=size > 1)
    least, mean = least_piece(account.mean, 1), STEADY if account.mean == SLOPED else account.mean
    settle(
        sums,
        series.shape[1],
        account.places,
        least,
        mean,
        account.slopes,
        1.0 / account.variances,
        series.prices.short,
        3,
    )
    return account
