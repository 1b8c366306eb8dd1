"""Trials of one person: error and power beside OLS with HAC errors and a structural model, at equal error; and speed.

Sixty days in pairs drawn by lot, and the same days as one change half-way without a lot (AB). Answers swing
(autoregressive), and a part is missing. Every method gets the same simulated trials. Power is compared at equal error:
each method's mark is the 5 % quantile of its own p where nothing works, so that one that calls too much gains nothing.

The structural model (statsmodels' UnobservedComponents: local level and regression) is the model that ports of
CausalImpact fit.
"""

from __future__ import annotations

import argparse
import warnings
from datetime import date

import numpy as np
import statsmodels.api as sm
from timing import machine, race, report

from mainstay.trials.effect_model import exposures, fit
from mainstay.trials.interrupted import interrupted
from mainstay.trials.kinds import Observed, Schedule

DAYS, SEED = 60, 10_000
NONE = np.zeros(0)


def schedule_of(arm: np.ndarray) -> Schedule:
    days = np.arange(len(arm))
    return Schedule(date(2026, 1, 5), ("usual", "walk"), arm, arm, days, days // 2)


def trial(rng: np.random.Generator, *, lot: bool, persistence: float, effect: float, days: int = DAYS):
    arm = np.concatenate([rng.permutation(2) for _ in range(days // 2)]) if lot else np.repeat([0, 1], days // 2)
    series = np.empty(days)
    series[0] = rng.normal()
    for day in range(1, days):
        series[day] = persistence * series[day - 1] + np.sqrt(1.0 - persistence**2) * rng.normal()
    schedule = schedule_of(arm.astype(np.int64))
    at = np.flatnonzero(rng.random(days) > 0.1) + 0.5
    value = series[at.astype(int)] + effect * exposures(schedule, at, 0.0)[:, 0]
    return schedule, Observed(at, value, "points", -1, None, None, NONE, NONE)


def ours(schedule: Schedule, seen: Observed) -> float:
    return fit(schedule, seen, trend=False, carryover=False).effects[0].law.p


def ours_interrupted(schedule: Schedule, seen: Observed) -> float:
    return interrupted(schedule, seen, trend=False).over_time.p


def hac(schedule: Schedule, seen: Observed) -> float:
    design = sm.add_constant(exposures(schedule, seen.at, 0.0))
    lags = int(np.floor(4.0 * (len(seen.at) / 100.0) ** (2.0 / 9.0)))
    return float(sm.OLS(seen.value, design).fit(cov_type="HAC", cov_kwds={"maxlags": lags}).pvalues[1])


def structural(schedule: Schedule, seen: Observed) -> float:
    by_day = seen.by_day(schedule.days)
    on = (schedule.arm == 1).astype(float)[:, None]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = sm.tsa.UnobservedComponents(by_day, level="llevel", exog=on).fit(disp=False, maxiter=100)
    p = float(found.pvalues[-1])
    return p if np.isfinite(p) else 1.0


def powers(n: int) -> None:
    for lot, effect in ((True, 0.5), (False, 1.0)):
        methods = {"ours": ours if lot else ours_interrupted, "OLS with HAC": hac, "structural model": structural}
        for persistence in (0.0, 0.4, 0.8):
            for name, method in methods.items():
                p = np.array([
                    [method(*trial(np.random.default_rng(SEED + i), lot=lot, persistence=persistence, effect=one))
                     for i in range(n)]
                    for one in (0.0, effect)
                ])  # fmt: skip
                mark = float(np.quantile(p[0], 0.05))
                print(
                    f"{'by lot' if lot else 'AB':7s} swings {persistence:.1f}  {name:17s} called at .05 where nothing "
                    f"works {np.mean(p[0] < 0.05):.3f}   power at equal error {np.mean(p[1] < mark):.3f}",
                    flush=True,
                )


def speed() -> None:
    schedule, seen = trial(np.random.default_rng(1), lot=False, persistence=0.5, effect=1.0, days=200)
    jobs = {
        "mainstay": lambda: interrupted(schedule, seen),
        "structural model, statsmodels": lambda: structural(schedule, seen),
        "OLS with HAC, statsmodels": lambda: hac(schedule, seen),
    }
    report("interrupted series, 200 days", race(jobs))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=200, help="simulated trials of each kind")
    given = parser.parse_args()
    print(machine())
    speed()
    powers(given.trials)


if __name__ == "__main__":
    main()
