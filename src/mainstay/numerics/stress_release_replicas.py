"""The stress release process fitted to its own replicas: intervals and a test that hold where normal theory does not.

The growth b is estimated too high, like the rate of return of any process that forgets (see `self_correcting`).
Replicas are simulated from the fit, exactly: between events the integral of the intensity is inverted in closed form;
releases are drawn with replacement from those seen. Each is fitted as the data were; how far its estimates lie from
the fit they came from, in their own standard errors, are the quantiles of the intervals (studentised parametric
bootstrap; Davison and Hinkley 1997, ch. 5). For c = d / b what is studentised is d - c b (Fieller). The test against
a constant rate compares the gain in log likelihood with that in as many events at random times, with the same releases
in random order. Measured: 90 % intervals hold 87 to 91 % at 80 events, the test at 5 % alarms in 2 to 4 % of constant
rates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.numerics.kernels import ENTRY
from mainstay.numerics.self_correcting import SETTLED, StressReleaseFit, fit_stress_release, newton, stress_release
from mainstay.quantities import Interval

Floats = NDArray[np.float64]
MOST = 4  # times as many events as were seen, and MORE: a replica that has more has run away
MORE = 50


@njit(**ENTRY)
def _simulate(theta, start, end, before, pool, rng, times, releases, counts):  # type: ignore[no-untyped-def]
    """Fill times and releases (replicas, most) and counts (replicas), -1 where there is no room for all."""
    growth, most = theta[1], times.shape[1]
    for k in range(len(counts)):
        now, released, count = start, before, 0
        while True:
            waited = rng.standard_exponential() * math.exp(theta[2] * released - theta[0] - growth * now)
            if growth * waited <= -1.0:
                break
            now += math.log1p(growth * waited) / growth if growth != 0.0 else waited
            if now > end:
                break
            if count == most:
                count = -1
                break
            times[k, count] = now
            releases[k, count] = pool[int(rng.random() * len(pool))]
            released += releases[k, count]
            count += 1
        counts[k] = count


@njit(**ENTRY)
def _refit(theta, start, end, before, times, releases, counts, pivots, gains):  # type: ignore[no-untyped-def]
    """Fit every replica; fill pivots (.., 4) of a, b, c, d and gains over a constant rate; return how many settled."""
    room = times.shape[1] + 1
    lengths, levels, slopes, events = np.empty(room), np.empty((room, 3)), np.empty((room, 3)), np.empty(room, np.int64)
    covariance, found = np.zeros((3, 3)), np.zeros(3)
    ratio, good = theta[2] / theta[1], 0
    for k in range(len(counts)):
        count = counts[k]
        if count <= 3:
            continue
        now, released = start, before
        for i in range(count + 1):
            ahead = times[k, i] if i < count else end
            lengths[i], events[i] = ahead - now, 1 if i < count else 0
            levels[i, 0], levels[i, 1], levels[i, 2] = 1.0, now, -released
            slopes[i, 0], slopes[i, 1], slopes[i, 2] = 0.0, 1.0, 0.0
            now = ahead
            if i < count:
                released += releases[k, i]
        rate, size = count / (end - start), count + 1
        found[0], found[1], found[2] = math.log(rate), 0.0, 0.0
        status, value = newton(lengths[:size], levels[:size], slopes[:size], events[:size], found, covariance)
        if status != SETTLED:
            continue
        gains[good] = value - (count * math.log(rate) - count)
        spread = covariance[2, 2] - 2.0 * ratio * covariance[1, 2] + ratio * ratio * covariance[1, 1]
        pivots[good, 0] = (found[0] - theta[0]) / math.sqrt(covariance[0, 0])
        pivots[good, 1] = (found[1] - theta[1]) / math.sqrt(covariance[1, 1])
        pivots[good, 2] = (found[2] - ratio * found[1]) / math.sqrt(spread)
        pivots[good, 3] = (found[2] - theta[2]) / math.sqrt(covariance[2, 2])
        good += 1
    return good


@dataclass(frozen=True, slots=True, eq=False)
class CalibratedStressRelease:
    """The fit, pivots (replicas, 4) of a, b, c and d, and the chance of as much gain if the rate was constant.

    A fit that did not converge has no pivots, and a chance of 1.
    """

    fit: StressReleaseFit
    replicas: int
    pivots: Floats
    chance_under_constant_rate: float

    def interval(self, name: str, level: float = 0.90) -> Interval | None:
        """The interval by replicas; None for c where b can't be told from 0, and where most replicas have no fit."""
        at, v = self.fit.value(name), self.fit.theta.covariance
        if 2 * len(self.pivots) < self.replicas:
            return None
        if name == "c":
            reach = float(np.quantile(np.abs(self.pivots[:, 2]), level))
            return self.fit.ratio_interval(reach, level)
        low, high = np.quantile(self.pivots[:, "abcd".index(name)], [0.5 - 0.5 * level, 0.5 + 0.5 * level])
        sd = math.sqrt(v["abd".index(name), "abd".index(name)])
        return Interval(at - float(high) * sd, at - float(low) * sd, level)


def calibrated_stress_release(
    times: Floats, releases: Floats, start: float, end: float, rng: np.random.Generator, replicas: int = 499
) -> CalibratedStressRelease:
    """Fit the process (see `fit_stress_release`) and as many replicas of it, and of a constant rate."""
    if replicas < 99:
        raise BadRequest(f"{replicas} replicas are too few for a tail; ask for 99 or more")
    found = fit_stress_release(times, releases, start, end)
    if not found.converged:
        return CalibratedStressRelease(found, replicas, np.zeros((0, 4)), 1.0)
    pool = np.ascontiguousarray(np.asarray(releases, float)[np.asarray(times, float) > start])
    before = -float(stress_release(times, releases, start, end).levels[0, 2])
    theta, size = found.theta.estimate, len(pool)
    room = (replicas, MOST * size + MORE)
    when, freed, counts = np.empty(room), np.empty(room), np.empty(replicas, np.int64)
    pivots, none, gains = np.empty((replicas, 4)), np.empty((replicas, 4)), np.empty(replicas)
    _simulate(theta, start, end, before, pool, rng, when, freed, counts)
    settled = _refit(theta, start, end, before, when, freed, counts, pivots, gains)
    pivots = pivots[:settled].copy()
    when = np.sort(rng.uniform(start, end, (replicas, size)), 1)
    freed = rng.permuted(np.tile(pool, (replicas, 1)), axis=1)
    settled = _refit(theta, start, end, before, when, freed, np.full(replicas, size), none, gains)
    gain = found.log_likelihood - found.poisson_log_likelihood
    chance = (1 + int((gains[:settled] >= gain).sum())) / (1 + settled)
    return CalibratedStressRelease(found, replicas, pivots, chance)
