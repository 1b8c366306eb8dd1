"""Tomorrow, forecast on each day of a record: ours beside models of statsmodels fitted anew each day on what was known.

Simulated people of 140 days with one rating a day (memory of days, a weekday rhythm, a slowly wandering level) and one
kind of event that comes in bursts, and others in whom there is nothing but weekdays and noise. Peers for ratings:
SARIMAX (an autoregression of order 1 with weekdays) and UnobservedComponents (local level, weekdays); for events a
logistic regression on the seven days before, fitted anew each day. Skill is the log score gained on the person's base
rate.
"""

from __future__ import annotations

import math
import time
import warnings

import numpy as np
import statsmodels.api as sm
from timing import machine

from mainstay.futures import next_events, next_ratings
from mainstay.futures.next_days import days_of
from mainstay.notice.series import series_of
from mainstay.records.kinds import Item
from mainstay.timeline.kinds import Events, Ratings, Recording, Timeline
from mainstay.worlds.ordinary import MONDAY

DAYS, FIRST = 140, 42
LOW, HIGH = 0.0, 100.0


def person(seed: int, *, memory: bool) -> Timeline:
    rng = np.random.default_rng(seed)
    swing = rng.normal(size=DAYS)
    for d in range(1, DAYS):
        swing[d] = 0.6 * swing[d - 1] + 0.8 * swing[d]
    level = np.cumsum(0.12 * rng.normal(size=DAYS))
    weekend = (np.arange(DAYS) % 7 >= 5).astype(float)
    state = (swing + level) if memory else np.zeros(DAYS)
    values = np.clip(50.0 + 10.0 * (state + 0.7 * rng.normal(size=DAYS)) + 8.0 * weekend, LOW, HIGH)
    rate = np.exp(-1.3 + (0.8 * state if memory else 0.0) - 0.4 * weekend)
    at = np.flatnonzero(rng.random(DAYS) < 1.0 - np.exp(-rate)) + 0.6
    sizes, widths = np.full(len(at), np.nan), np.zeros(len(at))
    times, nothing = np.arange(DAYS) + 0.5, np.empty(0)
    item = Item("mood", "mood", LOW, HIGH, "high", "low", "high", ordinal=False)
    return Timeline(
        origin=MONDAY, days=float(DAYS), as_of=MONDAY.plus_days(DAYS), known_through=MONDAY.plus_days(DAYS),
        purpose="own_answers", ratings={"mood": Ratings(item, times, values, ("",) * DAYS)},
        events={"quarrel": Events("quarrel", "demand", at, sizes, widths, ("",) * len(at))},
        episodes={}, samples={}, recording={"": Recording("", np.arange(DAYS + 1.0), np.ones(DAYS))}, gaps=(),
        prompts_sent=nothing, prompts_answered=nothing, offset_edges=np.zeros(1), offset_hours=np.zeros(1),
    )  # fmt: skip


def weekdays(first: int, last: int) -> np.ndarray:
    return (np.arange(first, last)[:, None] % 7 == np.arange(1, 7)).astype(float)


def sarimax(values: np.ndarray, day: int) -> tuple[float, float]:
    model = sm.tsa.SARIMAX(values[:day], order=(1, 0, 0), trend="c", exog=weekdays(0, day))
    told = model.fit(disp=False, maxiter=30).get_forecast(1, exog=weekdays(day, day + 1))
    return float(told.predicted_mean[0]), float(math.sqrt(told.var_pred_mean[0]))


def components(values: np.ndarray, day: int) -> tuple[float, float]:
    model = sm.tsa.UnobservedComponents(values[:day], "local level", exog=weekdays(0, day))
    told = model.fit(disp=False, maxiter=30).get_forecast(1, exog=weekdays(day, day + 1))
    return float(told.predicted_mean[0]), float(math.sqrt(told.var_pred_mean[0]))


def lagged(came: np.ndarray, day: int) -> float:
    seen = np.stack([came[d - 7 : d] for d in range(7, day + 1)])
    model = sm.GLM(came[7:day], sm.add_constant(seen[:-1], has_constant="add"), family=sm.families.Binomial())
    weights = model.fit_regularized(alpha=0.01, L1_wt=0.0).params
    logit = float(weights[0] + seen[-1] @ weights[1:])
    return float(np.clip(1.0 / (1.0 + math.exp(-logit)), 0.01, 0.99))


def rated(timeline: Timeline) -> next_ratings.Foretold:
    series = series_of(timeline)
    return next_ratings.foretell(timeline, days_of(timeline, series), series[0], "day")


def risk(timeline: Timeline) -> next_events.Risk:
    return next_events.foretell(days_of(timeline), "quarrel", "day")


def main(people: int = 2) -> None:
    warnings.simplefilter("ignore")
    print(machine())
    rated(person(0, memory=True))
    risk(person(0, memory=True))
    for memory in (True, False):
        gained: dict[str, list[float]] = {}
        spent: dict[str, list[float]] = {}
        for seed in range(people):
            timeline = person(seed, memory=memory)
            start = time.perf_counter()
            of = rated(timeline)
            spent.setdefault("rating: mainstay, all days", []).append(time.perf_counter() - start)
            values, at = of.targets.values, np.arange(FIRST, DAYS)
            base = of.scores("base rate")[at]
            gained.setdefault("rating: mainstay, all days", []).append(float((of.scores("ours")[at] - base).mean()))
            for name, peer in (("rating: SARIMAX", sarimax), ("rating: local level", components)):
                start = time.perf_counter()
                told = np.array([peer(values, day) for day in at])
                spent.setdefault(name, []).append(time.perf_counter() - start)
                chances = of.scale.logistic(told[:, 0], np.maximum(told[:, 1], 1.0))
                gained.setdefault(name, []).append(float((of.scale.log_scores(chances, values[at]) - base).mean()))
            start = time.perf_counter()
            chance = risk(timeline)
            spent.setdefault("event: mainstay, all days", []).append(time.perf_counter() - start)
            came, base = chance.targets.values, chance.scores("base rate")[at]
            gained.setdefault("event: mainstay, all days", []).append(float((chance.scores("ours")[at] - base).mean()))
            start = time.perf_counter()
            said = np.array([lagged(came, day) for day in at])
            spent.setdefault("event: logistic on lags", []).append(time.perf_counter() - start)
            got = np.log(np.where(came[at] == 1.0, said, 1.0 - said))
            gained.setdefault("event: logistic on lags", []).append(float((got - base).mean()))
        print(
            f"\n{people} people {'with memory' if memory else 'without'}, {DAYS - FIRST} days each: seconds, gain a day"
        )
        for name, seconds in spent.items():
            ours = spent[f"{name.split(':')[0]}: mainstay, all days"]
            ratio = float(np.median(seconds) / np.median(ours))
            lowest = min(seconds) / min(ours)
            print(
                f"  {name:<30}{np.median(seconds):>9.3f} s{ratio:>8.1f} x (lowest {lowest:.1f} x)"
                f"{np.mean(gained[name]):>+9.4f} nats"
            )


if __name__ == "__main__":
    main()
