"""Trials of one person: error and power beside OLS with HAC errors and a structural model, at equal error; and speed.

Sixty days in pairs drawn by lot, and the same days as one change half-way without a lot (AB). Answers swing
(autoregressive), and a part is missing. Every method gets the same simulated trials. Power is compared at equal error:
each method's mark is the 5 % quantile of its own p where nothing works, so that one that calls too much gains nothing.

The structural model (statsmodels' UnobservedComponents: local level and regression) is the model that ports of
CausalImpact fit. The port itself (pycausalimpact) takes one change after a time without it, so it races on AB alone,
days without an answer left out. Its last version fails with pandas 3, statsmodels 0.15 and SciPy 1.16; with older ones
in a folder of their own before the others it runs unchanged:

    .venv-bench/bin/python -m pip install --no-deps --target out/older pandas==2.3.3 pytz statsmodels==0.14.4 \\
        scipy==1.15.3
    PYTHONPATH=out/older:src .venv-bench/bin/python benchmarks/trials.py
"""

from __future__ import annotations

import argparse
import math
import warnings
from datetime import date

import numpy as np
import pandas as pd
import statsmodels.api as sm
from timing import machine, race, report

from mainstay.records.statements_protocol import Arm, DesignTable, OutcomeTable, ProtocolFile
from mainstay.trials.claims import Tried, relief_answers
from mainstay.trials.designs import space
from mainstay.trials.drawing import draw
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


def causal_impact(schedule: Schedule, seen: Observed) -> float:
    """From its interval of the mean effect; its own tail area is counted from 1,000 draws and mostly 0."""
    from causalimpact import CausalImpact

    began = int((schedule.arm[seen.at.astype(int)] == 0).sum())
    data = pd.DataFrame({"y": seen.value})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = CausalImpact(data, [0, began - 1], [began, len(data) - 1])
    told = found.summary_data["average"]
    sd = float(told["abs_effect_upper"] - told["abs_effect_lower"]) / (2.0 * 1.959964)
    return math.erfc(abs(float(told["abs_effect"])) / sd / math.sqrt(2.0))


def port_runs() -> bool:
    """Whether the port runs with the libraries that are here; says why where it does not."""
    schedule, seen = trial(np.random.default_rng(1), lot=False, persistence=0.5, effect=1.0)
    try:
        causal_impact(schedule, seen)
    except Exception as failed:
        print(f"pycausalimpact does not run here and is left out: {type(failed).__name__}: {failed}")
        return False
    return True


def powers(n: int, of_the_port: int) -> None:
    """`of_the_port`: how many trials the port gets, as many as its speed allows; 0 where it does not run."""
    for lot, effect in ((True, 0.5), (False, 1.0)):
        methods = {"ours": ours if lot else ours_interrupted, "OLS with HAC": hac, "structural model": structural}
        if of_the_port and not lot:
            methods["pycausalimpact"] = causal_impact
        for persistence in (0.0, 0.4, 0.8):
            for name, method in methods.items():
                count = of_the_port if method is causal_impact else n
                p = np.array([
                    [method(*trial(np.random.default_rng(SEED + i), lot=lot, persistence=persistence, effect=one))
                     for i in range(count)]
                    for one in (0.0, effect)
                ])  # fmt: skip
                mark = float(np.quantile(p[0], 0.05))
                print(
                    f"{'by lot' if lot else 'AB':7s} swings {persistence:.1f}  {name:17s} called at .05 where nothing "
                    f"works {np.mean(p[0] < 0.05):.3f}   power at equal error {np.mean(p[1] < mark):.3f}   of {count}",
                    flush=True,
                )


def year_by_lot() -> Tried:
    """A year in pairs of days drawn by lot, and what was observed."""
    rng = np.random.default_rng(2)
    says = ProtocolFile(
        name="walk",
        question="Does a walk help?",
        start=date(2026, 1, 5),
        arm=(Arm(name="usual"), Arm(name="walk")),
        design=DesignTable(kind="blocks", days=364),
        outcome=OutcomeTable(item="tense", better="low"),
        matters=0.5,
    )
    allowed = space(says)
    schedule = draw(allowed, rng)
    at = np.arange(364) + 0.5
    value = rng.normal(size=364) - 0.5 * exposures(schedule, at, 0.0)[:, 0]
    return Tried(says, allowed, schedule, Observed(at, value, "points", -1, None, None, NONE, NONE), 364, over=True)


def speed(*, port: bool) -> None:
    schedule, seen = trial(np.random.default_rng(1), lot=False, persistence=0.5, effect=1.0, days=364)
    tried = year_by_lot()
    jobs = {
        "mainstay": lambda: interrupted(schedule, seen),
        "mainstay, a year by lot, all that is told": lambda: relief_answers(tried, rng=np.random.default_rng(0)),
        "structural model, statsmodels": lambda: structural(schedule, seen),
        "OLS with HAC, statsmodels": lambda: hac(schedule, seen),
    }
    if port:
        jobs["pycausalimpact"] = lambda: causal_impact(schedule, seen)
    report("interrupted series, a year of days", race(jobs, seconds=10.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=200, help="simulated trials of each kind")
    parser.add_argument("--port-trials", type=int, default=40, help="of them, those that the port gets")
    given = parser.parse_args()
    print(machine())
    port = port_runs()
    speed(port=port)
    powers(given.trials, min(given.port_trials, given.trials) if port else 0)


if __name__ == "__main__":
    main()
