"""How soon a lasting shift of one standard deviation is seen in a series of one reading a day, beside its peers.

Autocorrelated noise, AR(1). Every method's threshold is set so that in 10 % of undisturbed series of 1,500 readings it
alarms; the shift comes after 1,000 readings. Told beforehand: CUSUM and EWMA know the true mean and spread; FOCuS
knows the spread alone; ADWIN, Page-Hinkley and ours know neither. Delays of those whose series had no alarm before.
Then the speed of a person-year: 10 prompts a day, 20 items, four kinds of events.
"""

from __future__ import annotations

import argparse
import math
import time
from statistics import median

import numpy as np
from changepoint_online import Focus, Gaussian
from river.drift import ADWIN, PageHinkley
from timing import machine

from mainstay.numerics.sequential import take, take_all, turn_to
from mainstay.numerics.sequential_state import COUNT, READING, new_state

LENGTH, SHIFT_AT, AFTER, SHARE = 1500, 1000, 300, 0.1
NEVER = 1e300


def series(rng, n, phi):
    shocks = rng.normal(size=n) * math.sqrt(1.0 - phi * phi)
    values, last = np.empty(n), rng.normal()
    for i in range(n):
        last = phi * last + shocks[i]
        values[i] = last
    return values


def watched(values):
    """By reading: the logarithm of the sum laid on changes of the mean alone, and on everything."""
    n = len(values)
    day = np.arange(float(n))
    state = new_state([READING], [0.0], [1e-6])
    told = np.empty((2, n))
    for i in range(n):
        take(state, 0, day[i], day[i] + 0.5, 12.0, i % 7, values[i], 1.0, True, NEVER)
        total, _ = turn_to(state, day[i] + 1.0, NEVER)
        told[:, i] = state.sums[0].sum(), total
    return np.log(np.maximum(told, 1e-300))


def ours(values):
    """As the peers: the mean alone."""
    return watched(values)[0]


def with_spread(values):
    return watched(values)[1]


def cusum(values, reference=0.5):
    high = low = 0.0
    told = np.empty(len(values))
    for i, value in enumerate(values):
        high, low = max(high + value - reference, 0.0), max(low - value - reference, 0.0)
        told[i] = max(high, low)
    return told


def ewma(values, weight=0.05):
    smooth = 0.0
    told = np.empty(len(values))
    for i, value in enumerate(values):
        smooth += weight * (value - smooth)
        told[i] = abs(smooth)
    return told


def focus(values):
    detector = Focus(Gaussian())
    told = np.empty(len(values))
    for i, value in enumerate(values):
        detector.update(float(value))
        told[i] = detector.statistic()
    return told


def page_hinkley(values):
    """The larger of the statistics of both sides, as river computes them (its own reset never comes)."""
    detector = PageHinkley(min_instances=30, delta=0.25, threshold=1e12, alpha=1.0, mode="both")
    told = np.empty(len(values))
    for i, value in enumerate(values):
        detector.update(float(value))
        told[i] = max(detector._sum_increase - detector._min_increase, detector._max_decrease - detector._sum_decrease)
    return told


CURVES = {
    "mainstay": ours,
    "mainstay, spread too": with_spread,
    "CUSUM, told": cusum,
    "EWMA .05, told": ewma,
    "FOCuS": focus,
    "Page-Hinkley": page_hinkley,
}


def first_of_adwin(values, delta):
    detector = ADWIN(delta=delta, clock=1)
    for i, value in enumerate(values):
        detector.update(float(value))
        if detector.drift_detected:
            return i
    return len(values)


def adwin_threshold(nulls):
    """The largest of a grid of deltas with no more than the share of false alarms."""
    for delta in (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-8, 1e-10, 1e-13, 1e-17):
        if np.mean([first_of_adwin(one, delta) < LENGTH for one in nulls]) <= SHARE:
            return delta
    return 1e-22


def told(name, delays):
    seen = [one for one in delays if one is not None and one >= 0]
    early = sum(one is not None and one < 0 for one in delays)
    never = len(delays) - early - len(seen)
    told_by = f"median {median(seen):5.0f}   mean {np.mean(seen):6.1f}"
    print(f"  {name:<21} {told_by}   alarmed before: {early}, not within {AFTER}: {never} of {len(delays)}", flush=True)


def delay(values, curve, threshold):
    over = np.flatnonzero(curve(values) > threshold)
    return int(over[0]) - SHIFT_AT + 1 if len(over) else None


def race(phi, people):
    nulls = [series(np.random.default_rng([1, k]), LENGTH, phi) for k in range(people)]
    shifted = [series(np.random.default_rng([2, k]), SHIFT_AT + AFTER, phi) for k in range(people)]
    for one in shifted:
        one[SHIFT_AT:] += 1.0
    print(f"\nAR(1) {phi:g}, {people} series, shift of 1 sd, 10 % false alarms in {LENGTH} readings")
    for name, curve in CURVES.items():
        threshold = float(np.quantile([curve(one).max() for one in nulls], 1.0 - SHARE))
        told(name, [delay(one, curve, threshold) for one in shifted])
        if name == "mainstay":
            print(
                f"  {'':<21} threshold {math.exp(threshold):,.0f}; an e-detector promises it at {LENGTH / SHARE:,.0f}:"
            )
            told("at that", [delay(one, curve, math.log(LENGTH / SHARE)) for one in shifted])
    fewer = max(people // 3, 20)
    delta = adwin_threshold(nulls[:fewer])
    when = [first_of_adwin(one, delta) - SHIFT_AT + 1 for one in shifted[:fewer]]
    told(f"ADWIN {delta:g}", [None if one > AFTER else one for one in when])


def person_year(items=20, a_day=10, days=365, events=4):
    rng = np.random.default_rng(5)
    times = (np.arange(days)[:, None] + (9 + 14 * (np.arange(a_day) + rng.random((days, a_day))) / a_day) / 24).ravel()
    n = len(times)
    common = series(rng, n, 0.6)
    parts = [(np.full(n, k), times, common + rng.normal(size=n)) for k in range(items)]
    day = np.arange(float(days))
    parts += [(np.full(days, items + k), day + 0.999, rng.poisson(1.0, days).astype(float)) for k in range(events)]
    stream, time_, value = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((stream, time_))
    stream, time_, value = stream[order].astype(np.int64), time_[order], value[order]
    local = np.floor(time_)
    ones = np.ones(len(value))
    kinds = [READING] * items + [COUNT] * events
    columns = (stream, local, time_, 24.0 * (time_ - local), local.astype(np.int64) % 7, value, ones, time_ > 7.0)
    return kinds, columns, days


def speed(turns=7):
    kinds, columns, days = person_year()
    width = 2 * len(kinds) + 1
    spent = []
    for _ in range(turns):
        state = new_state(kinds, [1.0 if kind == READING else 0.0 for kind in kinds], [0.1] * len(kinds))
        sums, scores, alarms = np.zeros(days), np.full((days, width), np.nan), np.zeros((100, width, 5))
        began = time.process_time()
        take_all(state, columns, float(days), 1461.0, 0, sums, scores, alarms)
        spent.append(time.process_time() - began)
    n = len(columns[0])
    print(f"\nA person-year, {n:,} records of {len(kinds)} streams: {median(spent):.3f} s of processor time")
    print(f"  (lowest {min(spent):.3f} s; {1e6 * min(spent) / n:.1f} µs a record)")
    values = columns[5][columns[0] == 0]
    for name, curve in (("FOCuS", focus), ("Page-Hinkley", page_hinkley)):
        began = time.process_time()
        curve(values)
        print(f"  {name}: {1e6 * (time.process_time() - began) / len(values):.1f} µs a record, one stream alone")
    began = time.process_time()
    first_of_adwin(values, 1e-30)
    print(f"  ADWIN: {1e6 * (time.process_time() - began) / len(values):.1f} µs a record, one stream alone")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=100)
    options.add_argument("--noise", type=float, nargs="*", default=[0.3])
    chosen = options.parse_args()
    print(machine())
    speed()
    for phi in chosen.noise:
        race(phi, chosen.people)
