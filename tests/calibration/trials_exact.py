"""How often the randomisation test finds an effect that is not there, and one that is: trials simulated whole.

PYTHONPATH=tests python -m calibration.trials_exact SIZE 2000       each design in each life without an effect
PYTHONPATH=tests python -m calibration.trials_exact SIZE 2000 contacts start      these designs alone
PYTHONPATH=tests python -m calibration.trials_exact COVERS 1000     how often intervals hold the effect
PYTHONPATH=tests python -m calibration.trials_exact POWER 1000      an effect of one sd, with the trend in and out
PYTHONPATH=tests python -m calibration.trials_exact SPEED           seconds for 10,000 draws

A life is a daily outcome: noise whose correlation from day to day is stated, a trend, days that are missing by luck or
after bad days (the worse the day, the likelier the next has no answer), heavy tails, the swing of the week. Rejected
means p <= .05, on both sides.
"""

import sys
import time
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import numpy as np

from mainstay.records.statements_protocol import Arm, DesignTable, OutcomeTable, ProtocolFile
from mainstay.trials import randomisation
from mainstay.trials.designs import space
from mainstay.trials.drawing import draw, draw_each
from mainstay.trials.kinds import Observed

AB = ("usual", "tried")
DRAWS = 199
LEVEL = 0.05


@dataclass(frozen=True)
class Life:
    """Correlation from day to day, sds of trend over the trial, share missing, whether after bad days, the noise."""

    correlation: float = 0.0
    trend: float = 0.0
    missing: float = 0.0
    after_bad_days: bool = False
    heavy: bool = False
    weekly: float = 0.0


LIVES = {
    "independent": Life(),
    "correlated .3": Life(0.3),
    "correlated .5": Life(0.5),
    "correlated .8": Life(0.8),
    "trend": Life(0.3, trend=3.0),
    "correlated .8, trend": Life(0.8, trend=3.0),
    "missing by luck": Life(0.5, missing=0.3),
    "missing after bad days": Life(0.5, missing=0.4, after_bad_days=True),
    "all at once": Life(0.8, trend=3.0, missing=0.4, after_bad_days=True, heavy=True, weekly=1.0),
}


def protocol(kind, days, baselines=(), **design):
    return ProtocolFile(
        name="t",
        question="q",
        start=date(2026, 3, 2),
        arm=(Arm(name=AB[0]), Arm(name=AB[1])),
        design=DesignTable(kind=kind, days=days, **design),
        outcome=OutcomeTable(item="tension", better="low"),
        matters=1.0,
        baselines=tuple(baselines),
    )


DESIGNS = {
    "contacts": protocol("contacts", 56, a_week=2, apart=2, washout=1),
    "blocks": protocol("blocks", 48, period=3, washout=1),
    "alternating": protocol("alternating", 40, longest=3),
    "start": protocol("start_by_lot", 70, phases=AB, least=10),
    "reversal": protocol("start_by_lot", 60, phases=AB * 2, least=7),
    "baselines": protocol("start_by_lot", 40, phases=AB, least=8, baselines=("sleep", "anger")),
}


def noise(rng, days, life):
    """A daily outcome of variance 1 about its trend and weekly swing, and which days have an answer."""
    steps = rng.standard_t(3, days) / np.sqrt(3.0) if life.heavy else rng.normal(0.0, 1.0, days)
    found = np.empty(days)
    found[0] = steps[0]
    for day in range(1, days):
        found[day] = life.correlation * found[day - 1] + np.sqrt(1.0 - life.correlation**2) * steps[day]
    found += life.trend * np.arange(days) / days
    found += life.weekly * ((np.arange(days) % 7 >= 5) - 2.0 / 7.0)
    return found


def missing(rng, values, life):
    """Days without an answer; after bad days: the likelier the higher the day before stood (as it was lived)."""
    if not life.after_bad_days:
        return rng.random(len(values)) < life.missing
    ranks = np.argsort(np.argsort(values)) / len(values)
    chance = 2.0 * life.missing * np.concatenate([[0.5], ranks[:-1]])
    return rng.random(len(values)) < chance


def observed(values, gone):
    at = np.flatnonzero(~gone) + 0.8
    none = np.zeros(0)
    return Observed(at, values[~gone], "points", -1, None, None, none, none)


POOL = 20_000


class Pool:
    """Orders of a lot, drawn once; what is lived and what it is compared with are picked from them alike."""

    def __init__(self, lot):
        self.count = lot.count
        self._orders = lot.every() if lot.count <= DRAWS else lot.many(POOL, np.random.default_rng(99))

    def many(self, n, rng):
        return self._orders[rng.integers(0, len(self._orders), n)]

    def every(self):
        return self._orders


@lru_cache
def space_of(design):
    """The orders of a design, counted once, and a pool of them: to draw anew for each trial takes most of the time."""
    found = space(DESIGNS[design])
    return replace(found, lot=Pool(found.lot))


def one(rng, design, life, effect=0.0, statistic="difference", n=DRAWS):
    """A whole trial: drawn, lived, with answers missing as they go, and tested."""
    found = space_of(design)
    schedules = draw_each(found, rng)
    outcomes = []
    for schedule in schedules:
        values = noise(rng, found.days, life) - effect * (schedule.arm == 1)
        outcomes.append(observed(values, missing(rng, values, life)))
    return randomisation.test(schedules, outcomes, found, statistic=statistic, n=n, rng=rng)


def rejected(design, life, trials, effect=0.0, statistic="difference", seed=1):
    """The share of trials in which the test rejects, and the share in which nothing could be said."""
    rng = np.random.default_rng([seed, sorted(DESIGNS).index(design), sorted(LIVES).index(life)])
    answers = [one(rng, design, LIVES[life], effect, statistic) for _ in range(trials)]
    told = [answer for answer in answers if isinstance(answer, randomisation.Tested)]
    return sum(answer.p <= LEVEL for answer in told) / trials, 1.0 - len(told) / trials


def events(trials, correlation=0.8, seed=2):
    """The same of a ratio: counts a day whose rate wanders and rises."""
    rng = np.random.default_rng(seed)
    found, hits = space_of("contacts"), 0
    for _ in range(trials):
        schedule = draw(found, rng)
        wave = noise(rng, found.days, Life(correlation, trend=1.0))
        counts = rng.poisson(0.6 * np.exp(0.6 * wave)).astype(float)
        gone = missing(rng, counts, Life(missing=0.3, after_bad_days=True))
        answer = randomisation.test(schedule, observed(counts, gone), found, statistic="ratio", n=DRAWS, rng=rng)
        hits += isinstance(answer, randomisation.Tested) and answer.p <= LEVEL
    return hits / trials


def covers(design, life, trials, effect=1.0, statistic="difference", seed=3):
    """The share of intervals that hold the effect, and that have two ends. Missing days hang on nothing here."""
    rng = np.random.default_rng([seed, sorted(DESIGNS).index(design), sorted(LIVES).index(life)])
    held, ended = 0, 0
    for _ in range(trials):
        answer = one(rng, design, LIVES[life], effect, statistic)
        ended += answer.interval is not None
        held += answer.interval is None or -effect in answer.interval
    return held / trials, ended / trials


def main(what, *arguments):
    if what == "SIZE":
        trials, chosen = int(arguments[0]), arguments[1:] or sorted(DESIGNS)
        for design in chosen:
            for life in LIVES:
                sizes = [rejected(design, life, trials, statistic=one)[0] for one in ("difference", "trend")]
                print(f"{design:12} {life:24} {sizes[0]:.4f} {sizes[1]:.4f}", flush=True)
        print(f"{'contacts':12} {'events, ratio':24} {events(trials):.4f}")
    elif what == "COVERS":
        for design in ("contacts", "blocks", "start"):
            for life in ("independent", "correlated .8", "trend"):
                for statistic in ("difference", "trend"):
                    held, ended = covers(design, life, int(arguments[0]), statistic=statistic)
                    print(f"{design:12} {life:24} {statistic:12} holds {held:.3f}, two ends {ended:.3f}", flush=True)
    elif what == "POWER":
        for design in sorted(DESIGNS):
            for life in ("independent", "correlated .5", "correlated .8", "trend", "missing after bad days"):
                found = [rejected(design, life, int(arguments[0]), 1.0, one)[0] for one in ("difference", "trend")]
                print(f"{design:12} {life:24} difference {found[0]:.3f}  trend out {found[1]:.3f}", flush=True)
    else:
        rng = np.random.default_rng(1)
        for name in DESIGNS:
            begin = time.perf_counter()
            answer = one(rng, name, LIVES["correlated .5"], n=10_000)
            print(f"{name:12} {time.perf_counter() - begin:.3f} s, {answer.orders:,} orders")


if __name__ == "__main__":
    main(*sys.argv[1:])
