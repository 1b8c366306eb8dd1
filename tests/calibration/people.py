"""Many simulated people, each fitted in a worker process: what the calibration suites count over."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

import numpy as np

from mainstay.timeline.kinds import Timeline
from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import MONDAY, ordinary_parameters, ordinary_person

T = TypeVar("T")


def person(seed: int, *, days=365.0, drift=0.8, noise=0.5, recording=None, as_of_days=None, **year) -> Timeline:
    """An ordinary person's timeline; `recording` (first, last) is its intensity, week by week."""
    if recording is not None:
        weeks = int(days / 7)
        year["recording"] = {"": (np.linspace(0, days, weeks + 1), np.linspace(*recording, weeks))}
    truth = ordinary_parameters(drift_per_year=drift, noise=noise)
    records, items, anchor = ordinary_person(seed, truth, days=days, **year)
    return from_records(records, items, anchor, as_of=MONDAY.plus_days(as_of_days or days + 1))


def over(work: Callable[[int], T], seeds: Iterable[int]) -> list[T]:
    """The work done for every seed, on all cores."""
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        return list(pool.map(work, seeds, chunksize=2))


def binomial_band(n: int, rate: float, tests: int) -> tuple[float, float]:
    """Bounds that `tests` observed rates of n trials all keep with probability about 0.99."""
    from scipy.stats import binom

    tail = 0.005 / tests
    return float(binom.ppf(tail, n, rate)) / n, float(binom.ppf(1 - tail, n, rate)) / n
