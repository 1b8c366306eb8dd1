"""Many Ornstein-Uhlenbeck series in one call: flat ragged arrays, one thread per series, no copies.

The kernels release Python's lock, so plain threads run them side by side; each takes a stretch of series at a time and
has scratch space for the longest of them. Results do not depend on the number of threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit

from mainstay.errors import BadRequest
from mainstay.numerics.kernels import ENTRY, INNER
from mainstay.numerics.ou_filter import ROWS, Floats, Ints, checked, likelihood
from mainstay.numerics.ou_fit import SETTLED, STATUSES, OuFit, fit_one

STRETCH = 64  # series a thread takes at a time, at most


class ManySeries(NamedTuple):
    """Series k is times[offsets[k]:offsets[k + 1]] and values likewise. Shapes: (total), (total), (series + 1)."""

    times: Floats
    values: Floats
    offsets: Ints


def many_series(times: Floats, values: Floats, offsets: Ints) -> ManySeries:
    """The flat arrays, checked: offsets from 0 to the total, times that never run back in a series, all finite."""
    times, values = np.ascontiguousarray(times, float), np.ascontiguousarray(values, float)
    offsets = np.ascontiguousarray(offsets, np.int64)
    if times.ndim != 1 or times.shape != values.shape:
        raise BadRequest(f"one value per time is needed, not shapes {times.shape} and {values.shape}")
    if len(offsets) < 1 or offsets[0] != 0 or offsets[-1] != len(times) or (np.diff(offsets) < 0).any():
        raise BadRequest(f"offsets must rise from 0 to the number of readings, {len(times)}")
    many = ManySeries(times, values, offsets)
    faulty = _first_faulty(*many)
    if faulty >= 0:
        raise BadRequest(f"series {faulty} has times that run back, or a time or value that is not finite")
    return many


@njit(**ENTRY)
def _first_faulty(times, values, offsets):  # type: ignore[no-untyped-def]
    for k in range(len(offsets) - 1):
        for i in range(offsets[k], offsets[k + 1]):
            if not (np.isfinite(times[i]) and np.isfinite(values[i])):
                return k
            if i > offsets[k] and times[i] < times[i - 1]:
                return k
    return -1


@njit(**INNER)
def _longest(offsets, first, last):  # type: ignore[no-untyped-def]
    most = 1
    for k in range(first, last):
        most = max(most, offsets[k + 1] - offsets[k])
    return most


@njit(**INNER)
def _fill_gaps(times, gaps):  # type: ignore[no-untyped-def]
    if len(times) > 0:
        gaps[0] = 0.0
    for i in range(1, len(times)):
        gaps[i] = times[i] - times[i - 1]


@njit(**ENTRY)
def _likelihoods(times, series_values, offsets, parameters, first, last, values, gradients):  # type: ignore[no-untyped-def]
    most = _longest(offsets, first, last)
    space, row = np.empty(ROWS * most), np.empty(most)
    for k in range(first, last):
        start, end = offsets[k], offsets[k + 1]
        gaps, work = row[: end - start], space[: ROWS * (end - start)].reshape((ROWS, end - start))
        mean, rate, sigma, s = parameters[k, 0], parameters[k, 1], parameters[k, 2], parameters[k, 3]
        _fill_gaps(times[start:end], gaps)
        values[k] = likelihood(gaps, series_values[start:end], mean, rate, sigma, s, work, gradients[k])


@njit(**ENTRY)
def _fits(times, values, offsets, first, last, statuses, heights, freedoms, estimates, covariances):  # type: ignore[no-untyped-def]
    most = _longest(offsets, first, last)
    space, row = np.empty(ROWS * most), np.empty(most)
    for k in range(first, last):
        start, end = offsets[k], offsets[k + 1]
        gaps, work = row[: end - start], space[: ROWS * (end - start)].reshape((ROWS, end - start))
        _fill_gaps(times[start:end], gaps)
        statuses[k], heights[k], freedoms[k] = fit_one(gaps, values[start:end], work, estimates[k], covariances[k])


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _spread(count: int, threads: int | None, action: Callable[[int, int], None]) -> None:
    """Run action(first, last) over all of range(count), in stretches, on so many threads (all cores by default)."""
    threads = _cores() if threads is None else threads
    if threads < 1:
        raise BadRequest(f"{threads} threads can't do any work; give 1 or more")
    stretch = max(1, min(STRETCH, -(-count // (4 * threads))))
    starts = range(0, count, stretch)
    if threads == 1:
        action(0, count)
        return
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(action, start, min(start + stretch, count)) for start in starts]:
            done.result()


def log_likelihoods(many: ManySeries, parameters: Floats, threads: int | None = None) -> tuple[Floats, Floats]:
    """Log likelihoods (series) and gradients (series, 4), at the parameters (series, 4) of each."""
    count = len(many.offsets) - 1
    parameters = checked(parameters)
    if parameters.shape != (count, 4):
        raise BadRequest(f"{count} series need parameters of shape ({count}, 4), not {parameters.shape}")
    values, gradients = np.empty(count), np.empty((count, 4))
    _spread(count, threads, lambda first, last: _likelihoods(*many, parameters, first, last, values, gradients))
    return values, gradients


@dataclass(frozen=True, slots=True, eq=False)
class OuFits:
    """Fits of many series, as arrays by series; `fits[k]` is one as an `OuFit`. `statuses` index STATUSES."""

    readings: Ints
    statuses: Ints
    log_likelihoods: Floats
    mean_freedoms: Floats
    estimates: Floats
    covariances: Floats

    @property
    def converged(self) -> np.ndarray:
        """(series) Whether each search settled; rows of those that did not hold zeros."""
        settled: np.ndarray = self.statuses == SETTLED
        return settled

    def __len__(self) -> int:
        return len(self.statuses)

    def __getitem__(self, k: int) -> OuFit:
        return OuFit(
            STATUSES[self.statuses[k]],
            int(self.readings[k]),
            float(self.log_likelihoods[k]),
            self.estimates[k],
            self.covariances[k],
            float(self.mean_freedoms[k]),
        )


def fit_many(many: ManySeries, threads: int | None = None) -> OuFits:
    """Fit every series."""
    count = len(many.offsets) - 1
    statuses, heights, freedoms = np.zeros(count, np.int64), np.zeros(count), np.zeros(count)
    estimates, covariances = np.zeros((count, 4)), np.zeros((count, 4, 4))
    _spread(
        count, threads, lambda a, b: _fits(*many, a, b, statuses, heights, freedoms, estimates, covariances)
    )  # fmt: skip
    return OuFits(np.diff(many.offsets), statuses, heights, freedoms, estimates, covariances)
