"""Futures and days on record that are made up, for tests of what is read off them."""

from __future__ import annotations

import numpy as np

from mainstay.futures.paths import Paths, Usual
from mainstay.futures.scenarios_days import Days
from mainstay.futures.scenarios_rules import OwnLimit
from mainstay.quantities import Instant
from mainstay.records.statements_scenario import Scenario, ScenarioFile

BEGINS = Instant.parse("2025-03-01T00:00+00:00")
LIMIT = OwnLimit(4.0, 3, True, "as you wrote it down")
WORST = OwnLimit(4.0, 3, False, "the worst")
USUAL = Usual({"night work": 4.0, "self": 1.0}, {"alarm": 0.5}, 0.3, "self")


def scenario(name, rule, **more):
    return Scenario("", None, ScenarioFile(name=name, rule=rule, **more))


def futures(n=40, days=30, seed=0, draws=8, at_rest=2.0):
    rng = np.random.default_rng(seed)
    return Paths(
        begins=BEGINS,
        days=days,
        strain=(1.5 + np.cumsum(rng.normal(0, 0.4, (n, days)), axis=1)).astype(np.float32),
        at_rest=None if at_rest is None else np.full(n, at_rest) + rng.normal(0, 0.2, n),
        slope=1.0,
        hours={
            "night work": np.clip(4 + np.cumsum(rng.normal(0, 0.6, (n, days)), axis=1), 0, 20).astype(np.float32),
            "self": rng.exponential(1.0, (n, days)).astype(np.float32),
        },
        events={"alarm": rng.poisson(0.5, (n, days)).astype(np.uint8)},
        slips=rng.poisson(0.3, (n, days)).astype(np.uint8),
        parameters_of=np.arange(n) % draws,
        usual=USUAL,
    )


def recorded(days=20, seed=1, unknown=()):
    rng = np.random.default_rng(seed)
    known = np.ones(days)
    known[list(unknown)] = 0.0
    rating = 3.5 + rng.normal(0, 0.5, days)
    rating[known == 0] = np.nan
    return Days(
        hours={"night work": known * rng.uniform(2, 6, days), "self": known * rng.exponential(1.0, days)},
        known=known,
        roles_known=known,
        events={"alarm": known * rng.poisson(0.5, days)},
        exposure={"alarm": known},
        slips=known * rng.poisson(0.3, days),
        slips_exposure=known,
        rating=rating,
    )
