"""Something that happened once or twice, where it does nothing and where it eases: what is said of it.

PYTHONPATH=tests python -m calibration.rare NULLS 40     relief said to be seen, by when it happened; coverage
PYTHONPATH=tests python -m calibration.rare POWER 40     by the share it eases and how often; coverage
"""

import math
import sys
from collections import Counter
from dataclasses import replace

import numpy as np

from mainstay import strain
from mainstay.patterns.rare import rare
from mainstay.quantities import CannotSay
from mainstay.records.kinds import Event
from mainstay.strain.parameters import RefugeParameters
from mainstay.strain.simulate import simulate
from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import MONDAY, TENSION, ordinary_parameters, ordinary_year, records_of

DAYS = 180
ONCE = "evening out"
WHEN = ("any", "peak of strain", "worst answer", "after hard days")


def _record(schedule, simulated, times):
    """The record of a simulated life in which something happened at these times (days), arranged beforehand."""
    kept = [one for one in records_of(schedule, simulated) if getattr(one.body, "label", "") != ONCE]
    pattern = next(one for one in kept if isinstance(one.body, Event))
    kept += [
        replace(
            pattern,
            id=f"once {k}",
            happened=MONDAY.plus_days(float(t)),
            known=MONDAY.plus_days(float(t)),
            body=Event(ONCE, "other", None, (), ("arranged",)),
        )
        for k, t in enumerate(times)
    ]
    return from_records(kept, (TENSION,), TENSION.name, as_of=MONDAY.plus_days(float(DAYS)))


def _worst(simulated, rng, count):
    """Just after the highest answers of random months: what is chosen for its noise as well."""
    times, values = simulated.ratings[TENSION.name]
    found = []
    for start in rng.choice(np.arange(20, DAYS - 35, 30), count, replace=False):
        inside = np.flatnonzero((times > start) & (times < start + 30))
        found.append(times[inside[values[inside].argmax()]] + 0.01)
    return np.array(found)


def nothing(seed, when, count=1):
    """A timeline in which something that does nothing happened, by how the moment was chosen."""
    rng = np.random.default_rng([seed, WHEN.index(when)])
    schedule = ordinary_year(rng, days=float(DAYS))
    simulated = simulate(ordinary_parameters(), schedule, rng)
    evening = np.mod(simulated.path_times, 1.0)
    usable = (simulated.path_times > 20) & (simulated.path_times < DAYS - 5) & (evening > 0.6) & (evening < 0.9)
    times, path = simulated.path_times[usable], simulated.path_strain[usable]
    if when == "any":
        chosen = rng.choice(times, count, replace=False)
    elif when == "peak of strain":
        chosen = rng.choice(times[np.argsort(-path)[: 8 * count]], count, replace=False)
    elif when == "worst answer":
        chosen = _worst(simulated, rng, count)
    else:
        hard = np.sort(np.concatenate([at for at, _ in simulated.demands.values()]))
        load = np.searchsorted(hard, times) - np.searchsorted(hard, times - 1.0)
        chosen = rng.choice(times[np.argsort(-load, kind="stable")[: 8 * count]], count, replace=False)
    return _record(schedule, simulated, np.sort(chosen))


def something(seed, share, count=1):
    """A timeline in which an evening took away this share of strain; and by how many points, on the average."""
    rng = np.random.default_rng([seed, round(100 * share), count])
    days = rng.choice(np.arange(30, DAYS - 10), count, replace=False)
    times = np.sort(days + 19.5 / 24.0 + rng.normal(0.0, 0.02, count))
    schedule = replace(ordinary_year(rng, days=float(DAYS)), arranged={ONCE: times})
    plain = ordinary_parameters()
    parameters = replace(
        plain,
        refuges={**plain.refuges, ONCE: RefugeParameters(-math.inf, 0.0, math.log(share / (1.0 - share)), 0.0)},
    )
    simulated = simulate(parameters, schedule, rng)
    before = simulated.path_strain[np.searchsorted(simulated.path_times, times, "left") - 1]
    return _record(schedule, simulated, times), -share * float(before.mean())


def seen(timeline):
    """What is said of it: the exposure, or None where the fit or the chapter refuses."""
    fitted = strain.fit(timeline)
    if isinstance(fitted, CannotSay):
        return None
    found = rare(timeline, fitted)
    return None if isinstance(found, CannotSay) else found.exposures[0]


def nulls(when, people, count=1, seed=0):
    """Shares of people with relief said to be seen, with any effect said, and of 90 % intervals that hold 0."""
    rows = [one for k in range(people) if (one := seen(nothing(seed + k, when, count))) is not None]
    relief = np.mean([one.found == "found" and one.effect.mean < 0.0 for one in rows])
    either = np.mean([one.found == "found" for one in rows])
    held = np.mean([abs(one.effect.mean) <= 1.645 * one.effect.sd for one in rows])
    ranks = [one.beside.lower_than / one.beside.of for one in rows if one.beside is not None]
    return float(relief), float(either), float(held), float(np.mean(ranks)), len(rows)


def power(share, people, count=1, seed=0):
    """Shares of people by verdict, of intervals that hold the truth; the mean estimate over the mean truth."""
    verdicts, held, estimates, truths = Counter(), [], [], []
    for k in range(people):
        timeline, truth = something(seed + k, share, count)
        one = seen(timeline)
        if one is None:
            continue
        verdicts["relief" if one.found == "found" and one.effect.mean < 0.0 else one.found] += 1
        held.append(abs(one.effect.mean - truth) <= 1.645 * one.effect.sd)
        estimates.append(one.effect.mean)
        truths.append(truth)
    total = sum(verdicts.values())
    told = {name: round(n / total, 2) for name, n in verdicts.items()}
    return told, float(np.mean(held)), float(np.mean(estimates)), float(np.mean(truths)), total


if __name__ == "__main__":
    what, people = sys.argv[1], int(sys.argv[2])
    if what == "NULLS":
        for when in WHEN:
            for count in (1, 2):
                print(when, count, nulls(when, people, count), flush=True)
    else:
        for share in (0.3, 0.5, 0.75):
            for count in (1, 2):
                print(share, count, power(share, people, count), flush=True)
