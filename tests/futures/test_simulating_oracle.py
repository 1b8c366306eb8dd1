"""Paths ahead in cells of hours, against the exact simulator in steps of minutes: same life, same truth."""

import math

import numpy as np
import pytest

from mainstay.numerics.paths_ahead import Course, Draws, Out, Store, run
from mainstay.numerics.paths_ahead_given import Listing, Pool
from mainstay.strain.parameters import RefugeParameters, StrainParameters
from mainstay.strain.simulate import Schedule, simulate

DAYS, CELLS = 21, 4
ROLES = {
    "job": [(day + 9 / 24, day + 17 / 24) for day in range(5)],
    "nights": [(day + 19 / 24, day + 22.5 / 24) for day in range(7)],
}


def truth(rate, noise):
    share = [math.log(one / (1 - one)) for one in (0.55, 0.35)]
    return StrainParameters(
        recovery_rate_per_day=rate,
        noise_per_sqrt_day=noise,
        initial_strain=1.0,
        tolls_per_day={"job": 2.0 * rate / 0.6, "nights": 4.0 * rate / 0.6},
        demands={"deadline": 0.8},
        refuges={
            "visit": RefugeParameters(math.log(0.06), 0.9, share[0], 1.0),
            "quarrel": RefugeParameters(math.log(0.05), 1.1, share[1], -1.0, own_drift_per_year=2.0),
        },
        items={},
        seeking_drift_per_year=1.0,
        day_rhythm=(-0.4, -1.2),
        own_recovery=0.0,
    )


def by_the_oracle(rate, noise, people):
    """Mean strain by day (people, days) and acts of each refuge by day (2, people, days)."""
    rng = np.random.default_rng(1)
    strain, acts = np.zeros((people, DAYS)), np.zeros((2, people, DAYS))
    weeks = [7.0 * week for week in range(DAYS // 7)]
    roles = {
        label: tuple(np.array([week + row[edge] for week in weeks for row in rows]) for edge in (0, 1))
        for label, rows in ROLES.items()
    }
    at, size = demand_week()
    given = np.concatenate([w + at for w in weeks]), np.tile(size, len(weeks))
    schedule = Schedule(days=float(DAYS), roles=roles, demands={"deadline": given})
    parameters = truth(rate, noise)
    for i in range(people):
        told = simulate(parameters, schedule, rng, step_minutes=10.0, grid_hours=0.25)
        strain[i] = told.path_strain.reshape(DAYS, -1).mean(axis=1)
        for k, label in enumerate(parameters.refuges):
            acts[k, i] = np.bincount(told.true_acts[label].astype(int), minlength=DAYS)[:DAYS]
    return strain, acts


def demand_week():
    rng = np.random.default_rng(8)
    return np.sort(rng.uniform(0, 7, 12)), rng.gamma(2.0, 0.5, 12)


def by_the_kernel(rate, noise, people, cells):
    parameters = truth(rate, noise)
    edges = np.arange(7 * cells + 1) / cells
    share = np.zeros((1, 1, 7 * cells, 2))
    for r, rows in enumerate(ROLES.values()):
        for start, end in rows:
            share[0, 0, :, r] += np.clip(np.minimum(edges[1:], end) - np.maximum(edges[:-1], start), 0, None) * cells
    at, size = demand_week()
    cell = np.floor(at * cells).astype(int)
    nodes = (edges[:-1, None] + (np.arange(12) + 0.5) / 12 / cells) * 2 * np.pi
    first = np.searchsorted(cell, np.arange(7 * cells + 1))
    store = Store(
        share=share, added=np.zeros(share.shape),
        open=np.ones((1, 1, 7 * cells, 2)), extra=np.zeros((1, 1, 7 * cells, 1)), keep=np.ones((1, 12)),
        listed=Listing(first, at * cells - cell, np.zeros(12, int), size, np.full(12, -1), np.zeros(12)),
        pool=Pool(np.array([0, 1]), np.ones(1)), phase=np.zeros(DAYS, int), candidate=np.ones(1), alike=np.ones((2, 1)),
        begun=np.zeros(1), sharpness=0.0, level=np.ones((1, 2)), planned=np.zeros((1, 0)),
        awake=np.full(cells, 1 / cells), asked=np.full(cells, 1 / cells),
    )  # fmt: skip
    years = (np.arange(DAYS) + 0.5 - DAYS / 2) / 365.25
    course = Course(
        year=np.zeros(DAYS), drift=years, fade=years, clock=np.stack([np.cos(nodes), np.sin(nodes)], axis=-1),
        own=np.zeros(2), grows=np.zeros(2), within=np.zeros(2),
    )  # fmt: skip
    refuges = list(parameters.refuges.values())

    def one(*values):
        return np.array([values], float)

    draws = Draws(
        rate=np.array([rate]), noise=np.array([noise]), own=np.zeros(1), gain=one(*parameters.tolls_per_day.values()),
        rest_growth=np.zeros(1), gain_growth=np.zeros(1), jump=one(0.8), often=np.ones((1, 1)),
        level=one(*(r.log_rate for r in refuges)),
        pull=one(*(r.pull for r in refuges)), slope=one(*(1.0 + r.own_drift_per_year for r in refuges)),
        clock=one(*parameters.day_rhythm), share_logit=one(*(r.efficacy_logit for r in refuges)),
        share_fade=one(*(r.fading_per_year for r in refuges)), begin=np.ones(1), begin_sd=np.zeros(1),
        centre=np.zeros(1), spread=np.ones(1),
        eased=np.zeros((1, 0)), tally=np.array([[-np.inf, 0.0, 0.0]]),
    )  # fmt: skip
    out = Out(
        mean=np.zeros((people, DAYS), np.float32), asked=np.zeros((people, DAYS), np.float32),
        scatter=np.zeros((people, DAYS), np.float32),
        hours=np.zeros((2, people, DAYS), np.float32), events=np.zeros((3, people, DAYS), np.uint8),
        counts=np.zeros((people, DAYS), np.uint8), weeks=np.zeros((people, DAYS // 7), np.int16),
    )  # fmt: skip
    keys = np.random.default_rng(2).integers(0, 2**64, size=people, dtype=np.uint64)
    levels = np.ones((people, DAYS // 7, 2), np.float32)
    run(0, people, keys, np.zeros(people, np.int64), levels, store, course, draws, out)
    return out


@pytest.mark.parametrize(("rate", "noise", "cells"), [(0.6, 0.45, 4), (2.0, 1.0, 8)])
def test_cells_of_hours_agree_with_steps_of_minutes(rate, noise, cells):
    people, more = 1_500, 20_000
    strain, acts = by_the_oracle(rate, noise, people)
    out = by_the_kernel(rate, noise, more, cells)
    error = np.sqrt(1 / people + 1 / more)
    sd = strain.std(axis=0)
    assert np.all(np.abs(out.mean.mean(axis=0) - strain.mean(axis=0)) < sd * (0.05 + 4.0 * error))
    assert abs(out.mean.mean() - strain.mean()) < 0.05 * sd.mean()
    assert np.all(np.abs(out.mean.std(axis=0) / sd - 1.0) < 0.02 + 4.0 * error / np.sqrt(2.0))
    for level in (0.05, 0.95):  # the sd of such a quantile is about 2.1 sd / sqrt(n)
        apart = np.quantile(out.mean, level, axis=0) - np.quantile(strain, level, axis=0)
        assert np.all(np.abs(apart) < sd * (0.05 + 4.0 * 2.1 * error)) and abs(apart.mean()) < 0.06 * sd.mean()
    for k in (0, 1):
        ours, theirs = out.events[k].sum(axis=1, dtype=float), acts[k].sum(axis=1)
        assert abs(ours.mean() / theirs.mean() - 1.0) < 0.02 + 4.0 * error * theirs.std() / theirs.mean()
        assert abs(ours.std() / theirs.std() - 1.0) < 0.02 + 4.0 * error / np.sqrt(2.0)
