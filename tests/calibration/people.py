"""Many simulated people, each fitted in a worker process: what the calibration suites count over."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import TypeVar

import numpy as np

from mainstay.quantities import Span
from mainstay.records.kinds import CheckIn, Coverage, Event, Record, record_id
from mainstay.timeline.kinds import Timeline
from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import MONDAY, ordinary_parameters, ordinary_person

T = TypeVar("T")
CONTROL = Event("post", "control")
LOGGED = {"": (np.array([0.0, 3650.0]), np.array([1.0]))}


def person(
    seed: int, *, days=365.0, drift=0.8, noise=0.5, fading=None, recording=None, as_of_days=None, **year
) -> Timeline:
    """An ordinary person's timeline; `recording` (first, last) is its intensity, week by week."""
    if recording is not None:
        weeks = int(days / 7)
        year["recording"] = {"": (np.linspace(0, days, weeks + 1), np.linspace(*recording, weeks))}
    truth = ordinary_parameters(drift_per_year=drift, noise=noise)
    if fading is not None:
        faded = {label: replace(one, fading_per_year=fading) for label, one in truth.refuges.items()}
        truth = replace(truth, refuges=faded)
    records, items, anchor = ordinary_person(seed, truth, days=days, **year)
    return from_records(records, items, anchor, as_of=MONDAY.plus_days(as_of_days or days + 1))


def unanswered(seed: int, *, days=730.0, growing: bool) -> Timeline:
    """A person without drift who answers less the more strained: from the start on, or more and more so."""
    records, items, anchor = ordinary_person(seed, ordinary_parameters(drift_per_year=0.0), days=days, recording=LOGGED)
    rng = np.random.default_rng(seed + 2_000_000)

    def answered(record: Record) -> bool:
        if not isinstance(record.body, CheckIn):
            return True
        share = record.known.days_since(MONDAY) / days if growing else 1.0
        return bool(rng.random() < 1.0 / (1.0 + np.exp(1.2 * share * (record.body.value - 3.0) - 1.5)))

    return from_records(tuple(filter(answered, records)), items, anchor, as_of=MONDAY.plus_days(days + 1))


def controlled(
    seed: int, *, days=730.0, drift=0.0, recording=(0.3, 1.0), controls_a_day=1.0, stated: float | None = None
) -> Timeline:
    """A person whose recording changes and is nowhere logged; but things unrelated to strain share the habit.

    `stated`: the share that was recorded all along, as the log has it, rightly or not.
    """
    rng = np.random.default_rng(seed + 1_000_000)
    steps = np.linspace(0, days, int(days / 7) + 1), np.linspace(*recording, int(days / 7))
    truth = ordinary_parameters(drift_per_year=drift)
    records, items, anchor = ordinary_person(seed, truth, days=days, recording={"": steps})
    times = np.sort(rng.uniform(0, days, rng.poisson(controls_a_day * days)))
    kept = times[rng.random(len(times)) < np.interp(times, [0, days], recording)]
    posts = [_control(float(day)) for day in kept]
    kept_records = [record for record in records if not isinstance(record.body, Coverage)]
    if stated is not None:
        span = Span(MONDAY, MONDAY.plus_days(days))
        log = Coverage((), stated)
        kept_records.append(
            Record(record_id("simulated", "coverage", "all"), "coverage", span, span.end, "simulated", log)
        )
    return from_records((*kept_records, *posts), items, anchor, as_of=MONDAY.plus_days(days + 1))


def _control(day: float) -> Record:
    at = MONDAY.plus_days(day)
    return Record(record_id("simulated", "controls", str(at.utc_us)), "controls", at, at, "simulated", CONTROL)


def over(work: Callable[[int], T], seeds: Iterable[int]) -> list[T]:
    """The work done for every seed, on all cores."""
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        return list(pool.map(work, seeds, chunksize=2))


def binomial_band(n: int, rate: float, tests: int) -> tuple[float, float]:
    """Bounds that `tests` observed rates of n trials all keep with probability about 0.99."""
    from scipy.stats import binom

    tail = 0.005 / tests
    return float(binom.ppf(tail, n, rate)) / n, float(binom.ppf(1 - tail, n, rate)) / n
