"""Simulated people who may lend each other: each drawn from one population, or each unlike the others."""

import math
from dataclasses import replace

import numpy as np

from calibration.test_pooling import drawn
from mainstay.cohort.writing import write
from mainstay.errors import BadRequest
from mainstay.records.kinds import Batch, CheckIn
from mainstay.worlds.ordinary import MONDAY, ordinary_parameters, ordinary_person

DAYS = 45.0
NOW = MONDAY.plus_days(400)
UNLIKE_SDS = {"recovery": 1.0, "noise": 1.0, "rate": 1.5, "rating": 2.0, "scatter": 1.0, "rhythm": 1.0, "tone": 0.5}
"""About as far as the usual priors have people differ: others then tell hardly more than those do."""


def person(seed, days=DAYS, *, alike=True):
    """One person's records."""
    rng = np.random.default_rng([seed, 5])
    weeks = max(int(days / 7), 1)
    recording = {"": (np.linspace(0, days, weeks + 1), np.ones(weeks))}
    for again in range(40):
        truth = drawn(rng) if alike else unlike(rng)
        try:
            records, items, anchor = ordinary_person(seed + 1_000_000 * again, truth, days=days, recording=recording)
        except BadRequest:  # nobody's parameters: acts without end
            continue
        kept = tuple(records) if alike else _in_their_own_rhythm(records, rng)
        return Batch("simulated", kept, tuple(items), anchor)
    raise AssertionError(f"no person from seed {seed}")


def _in_their_own_rhythm(records, rng):
    """Ratings that follow the clock, in each person in another way."""
    size, hours = UNLIKE_SDS["tone"] * rng.standard_normal(2), 24.0 * 3600e6

    def moved(record):
        at = 2.0 * math.pi * (record.happened.utc_us % hours) / hours
        value = record.body.value + size @ (math.cos(at), math.sin(at))
        return replace(record, body=replace(record.body, value=float(value)))

    return tuple(moved(one) if isinstance(one.body, CheckIn) else one for one in records)


def unlike(rng):
    """Somebody whose recovery, noise, seeking and use of the scale are nobody else's."""

    def factor(name):
        return math.exp(UNLIKE_SDS[name] * rng.standard_normal())

    usual = ordinary_parameters()
    return replace(
        usual,
        recovery_rate_per_day=usual.recovery_rate_per_day * factor("recovery"),
        day_rhythm=tuple(UNLIKE_SDS["rhythm"] * rng.standard_normal(2)),
        noise_per_sqrt_day=usual.noise_per_sqrt_day * factor("noise"),
        refuges={
            label: replace(one, log_rate=one.log_rate + UNLIKE_SDS["rate"] * rng.standard_normal())
            for label, one in usual.refuges.items()
        },
        items={
            label: replace(one, intercept=one.intercept + UNLIKE_SDS["rating"] * rng.standard_normal(),
                           noise_sd=one.noise_sd * factor("scatter"))
            for label, one in usual.items.items()
        },
    )  # fmt: skip


def cohort(folder, count, *, purposes=("cohort", "pooled_prior"), batch=4, days=DAYS, alike=1.0, seed=0):
    """A data set of so many people, this share of them drawn from one population."""
    first = round(alike * count)
    people = ((f"p{k:03d}", person(seed + k, days, alike=k < first)) for k in range(count))
    assert write(people, folder, basis="simulated; nobody is real", purposes=purposes, batch=batch) == count
    return folder
