"""The self-controlled case series: do events come more often in windows after an exposure than at the same people's
other times (Farrington 1995; Whitaker and others 2006, doi:10.1002/sim.2302)?

    log L(theta) = sum_i [ sum_c y_ic eta_ic - n_i log sum_c e_ic exp(eta_ic) ],     eta_ic = sum_f theta[k_f(i, c)]

Legend: i people; c the cells into which a person's observation falls, each a stretch within which nothing changes;
e_ic (days, or whatever time is in) its length, y_ic the events in it, n_i = sum_c y_ic; f factors (a kind of exposure,
age, season), k_f the level of each in a cell: a parameter, or -1 for its reference, where it adds nothing. exp(theta)
is a relative incidence. Given n_i, what sets one person apart from another at all times cancels.

Stretches are half-open: one from `start` up to but without `end`. Days that are counted in full ("from day 366 to day
730") are the stretch from 366 to 731. Within one factor the later exposure counts from where it begins, and what is
left of the earlier one is then over.
The log likelihood is concave, so Newton's method with the exact Hessian finds its one maximum, if it has one. A level
without an event, or that no person with events is both in and out of, has none: it is refused by name, and the others
are what they are in the limit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.numerics.kernels import ENTRY
from mainstay.quantities import Interval

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SETTLED, NO_EVENT, NO_CONTRAST, RAN_AWAY = "settled", "no event", "no contrast", "ran away"
MOST_STEPS = 40
FURTHEST = 12.0
"""A log relative incidence beyond this, e^12, is on its way to infinity."""


class Factor(NamedTuple):
    """Where a factor changes its level, for each person or for all alike.

    Person i has the changes `first[i]` up to `last[i]`: from `edges` (changes,), ascending, on the level is `levels`
    (changes,), counted from 0, or -1 for the reference. `levels_in_all`: how many there are.
    """

    edges: Floats
    levels: Ints
    first: Ints
    last: Ints
    levels_in_all: int


class CaseSeries(NamedTuple):
    """Cells one after another: person i has cells `first[i]` up to `first[i+1]`. Legend above.

    Shapes: first (people + 1); lengths, events (cells); columns (cells, factors): parameter, or -1.
    """

    first: Ints
    lengths: Floats
    events: Ints
    columns: Ints
    parameters: int


def bands(cuts: Sequence[float] | Floats, people: int) -> Factor:
    """A factor that changes for everybody at the same `cuts` (age, season): before the first is the reference."""
    edges = np.asarray(cuts, float)
    if not np.all(np.diff(edges) > 0.0):
        raise BadRequest(f"the cuts between bands must ascend, not {list(edges)}")
    m = len(edges)
    return Factor(edges, np.arange(m), np.zeros(people, np.int64), np.full(people, m), m)


def exposures(person: Ints, edges: Floats, levels: Ints, people: int) -> Factor:
    """A factor of risk windows: exposure r of `person` (n,) has windows from `edges[r, w]` to `edges[r, w + 1]`.

    Shapes: edges (n, windows + 1), ascending in each row or held to it; levels (n, windows), counted from 0. A row with
    NaN in it was no exposure. Windows that begin after the row's last edge are empty.
    """
    person, edges, levels = np.asarray(person, np.int64), np.asarray(edges, float), np.asarray(levels, np.int64)
    if edges.ndim != 2 or levels.shape != (len(person), edges.shape[1] - 1) or len(edges) != len(person):
        raise BadRequest(
            f"{len(person)} exposures need a row of edges and levels each, not {edges.shape}, {levels.shape}"
        )
    if len(person) and not (person.min() >= 0 and person.max() < people):
        raise BadRequest(f"exposures name people from 0 to {people - 1}, not {person.min()} to {person.max()}")
    kept = np.isfinite(edges).all(axis=1)
    person, edges, levels = person[kept], edges[kept], levels[kept]
    order = np.lexsort((edges[:, 0], person))
    person, edges, levels = person[order], np.minimum(edges[order], edges[order, -1:]), levels[order]
    until = np.full(len(person), np.inf)
    same = np.flatnonzero(person[1:] == person[:-1])
    until[same] = edges[same + 1, 0]
    edges = np.maximum.accumulate(np.minimum(edges, until[:, None]), axis=1)
    width = edges.shape[1]
    after = np.concatenate([levels, np.full((len(person), 1), -1)], axis=1)
    rows = np.searchsorted(person, np.arange(people + 1))
    return Factor(edges.ravel(), after.ravel(), width * rows[:-1], width * rows[1:], int(levels.max(initial=-1)) + 1)


@njit(**ENTRY)
def _cut(starts, ends, times, at, edges, levels, first, last, shift, cells, lengths, events, columns):  # type: ignore[no-untyped-def]
    """Walk through each person's changes; fills the cells and returns how many there are."""
    people, factors = len(starts), first.shape[0]
    here = np.zeros(factors, np.int64)
    c = 0
    for i in range(people):
        cells[i] = c
        for f in range(factors):
            here[f] = first[f, i]
        t, end, e = starts[i], ends[i], at[i]
        while t < end:
            until = end
            for f in range(factors):
                k = here[f]
                while k < last[f, i] and edges[k] <= t:
                    k += 1
                here[f] = k
                if k < last[f, i] and edges[k] < until:
                    until = edges[k]
                level = levels[k - 1] if k > first[f, i] else -1
                columns[c, f] = level + shift[f] if level >= 0 else -1
            lengths[c] = until - t
            events[c] = 0
            while e < at[i + 1] and times[e] < until:
                events[c] += 1
                e += 1
            c += 1
            t = until
    cells[people] = c
    return c


def cut(starts: Floats, ends: Floats, person: Ints, times: Floats, factors: Sequence[Factor]) -> CaseSeries:
    """Cut observation into cells. Shapes: starts, ends (people,); person, times (events,): whose, and when.

    The parameters are the levels of the factors in their order. Refuses an event outside of its person's observation.
    """
    starts, ends = np.asarray(starts, float), np.asarray(ends, float)
    person, times, people = np.asarray(person, np.int64), np.asarray(times, float), len(starts)
    if not (np.isfinite(starts).all() and np.isfinite(ends).all() and (starts <= ends).all()):
        raise BadRequest("every observation needs a finite start that is not after its end")
    if len(person) and not (person.min() >= 0 and person.max() < people):
        raise BadRequest(f"events name people from 0 to {people - 1}, not {person.min()} to {person.max()}")
    outside = np.flatnonzero(~((times >= starts[person]) & (times < ends[person])))
    if len(outside):
        k = int(outside[0])
        raise BadRequest(
            f"the event at {times[k]} lies outside of its person's {starts[person[k]]} to {ends[person[k]]}"
        )
    if len(person) and not np.all((np.diff(person) > 0) | ((np.diff(person) == 0) & (np.diff(times) >= 0.0))):
        order = np.lexsort((times, person))
        person, times = person[order], times[order]
    at = np.searchsorted(person, np.arange(people + 1))
    begin = np.cumsum([0, *(len(one.edges) for one in factors)])[:-1]
    shift = np.cumsum([0, *(one.levels_in_all for one in factors)], dtype=np.int64)
    none = np.zeros((0, people), np.int64)
    first = np.array([one.first + b for one, b in zip(factors, begin, strict=True)], np.int64) if factors else none
    last = np.array([one.last + b for one, b in zip(factors, begin, strict=True)], np.int64) if factors else none
    edges = np.concatenate([np.zeros(0), *(one.edges for one in factors)])
    levels = np.concatenate([np.zeros(0, np.int64), *(one.levels for one in factors)])
    most = int((last - first).sum()) + people
    cells, lengths, events = np.empty(people + 1, np.int64), np.empty(most), np.empty(most, np.int64)
    columns = np.empty((most, len(factors)), np.int64)
    n = _cut(starts, ends, times, at, edges, levels, first, last, shift, cells, lengths, events, columns)
    return CaseSeries(cells, lengths[:n], events[:n], columns[:n], int(shift[-1]))


@njit(**ENTRY)
def _derivatives(first, lengths, events, columns, factor, gradient, information):  # type: ignore[no-untyped-def]
    """-sum n log sum e exp(eta), and its part of gradient (p) and negated Hessian (p, p); factor (p): exp(theta)."""
    p, factors = len(factor), columns.shape[1]
    gradient[:] = 0.0
    information[:] = 0.0
    mean, seen = np.zeros(p), np.empty(p, np.int64)
    most = 0
    for i in range(len(first) - 1):
        most = max(most, first[i + 1] - first[i])
    weights = np.empty(most)
    value = 0.0
    for i in range(len(first) - 1):
        a, b = first[i], first[i + 1]
        n = 0
        for c in range(a, b):
            n += events[c]
        if n == 0:
            continue
        total, touched = 0.0, 0
        for c in range(a, b):
            weight = lengths[c]
            for f in range(factors):
                k = columns[c, f]
                if k >= 0:
                    weight *= factor[k]
            total += weight
            weights[c - a] = weight
            for f in range(factors):
                k = columns[c, f]
                if k >= 0:
                    if mean[k] == 0.0 and weight > 0.0:
                        seen[touched] = k
                        touched += 1
                    mean[k] += weight
        value -= n * math.log(total)
        share = n / total
        for c in range(a, b):
            if factors < 2:
                break
            weight = share * weights[c - a]
            for f in range(1, factors):
                k = columns[c, f]
                if k >= 0:
                    for g in range(f):
                        l = columns[c, g]
                        if l >= 0:
                            information[k, l] += weight
        for s in range(touched):
            k = seen[s]
            part = share * mean[k]
            information[k, k] += part
            gradient[k] -= part
            part /= total
            for r in range(s + 1):
                l = seen[r]
                if k >= l:
                    information[k, l] -= part * mean[l]
                else:
                    information[l, k] -= part * mean[l]
        for s in range(touched):
            mean[seen[s]] = 0.0
    for k in range(p):
        for l in range(k):
            information[l, k] = information[k, l]
    return value


def derivatives(series: CaseSeries, theta: Floats) -> tuple[float, Floats, Floats]:
    """Log likelihood, its gradient (p) and its negated Hessian (p, p) at theta (p). Levels at -inf are left out."""
    theta = np.asarray(theta, float)
    if theta.shape != (series.parameters,):
        raise BadRequest(f"this case series has {series.parameters} parameters, not {theta.shape}")
    return _at(series, event_counts(series), theta)


def _at(series: CaseSeries, counts: Floats, theta: Floats) -> tuple[float, Floats, Floats]:
    """`derivatives`, with the events at each level (p,) counted already."""
    gradient, information = np.empty(len(theta)), np.empty((len(theta), len(theta)))
    cells = (series.first, series.lengths, series.events, series.columns)
    value = _derivatives(*cells, np.exp(theta), gradient, information)
    told = counts > 0
    return float(value + counts[told] @ theta[told]), gradient + counts, information


def event_counts(series: CaseSeries) -> Floats:
    """The events at each level (p,)."""
    found = np.zeros(series.parameters)
    for f in range(series.columns.shape[1]):
        level = series.columns[:, f]
        inside = level >= 0
        found += np.bincount(level[inside], series.events[inside], series.parameters)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class CaseSeriesFit:
    """Log relative incidences (p) and their covariance (p, p); a level is without meaning unless it is `settled`.

    `status` (p): settled; no event; no contrast (no person with events is both in and out of it); ran away (all of the
    events are in it, or out of what it is told from). `events` (p): how many are at each level.
    """

    status: tuple[str, ...]
    log_likelihood: float
    estimate: Floats
    covariance: Floats
    events: Floats

    @property
    def relative_incidence(self) -> Floats:
        """exp of the estimates (p,); NaN where refused."""
        settled = np.array([one == SETTLED for one in self.status], bool)
        told: Floats = np.where(settled, np.exp(np.where(settled, self.estimate, 0.0)), np.nan)
        return told

    def interval(self, k: int, level: float = 0.90) -> Interval | None:
        """The relative incidence's confidence interval, normal on the log (Wald); None where it was refused."""
        if self.status[k] != SETTLED:
            return None
        reach = NormalDist().inv_cdf(0.5 + 0.5 * level) * math.sqrt(self.covariance[k, k])
        return Interval(math.exp(self.estimate[k] - reach), math.exp(self.estimate[k] + reach), level)


def _climb(
    series: CaseSeries,
    counts: Floats,
    theta: Floats,
    free: NDArray[np.bool_],
    known: tuple[float, Floats, Floats] | None = None,
) -> tuple[float, Floats, Floats, bool]:
    """Newton's method from theta (p) over the free levels: value, theta, information (p, p), and whether it settled.

    `known`: what `derivatives` says at the start, if that was asked already.
    """
    value, gradient, information = known or _at(series, counts, theta)
    at = np.flatnonzero(free)
    for _ in range(MOST_STEPS):
        inside = information[np.ix_(at, at)]
        step = np.linalg.lstsq(inside, gradient[at], rcond=1e-12)[0] if len(at) else np.zeros(0)
        gain = float(step @ gradient[at])
        if gain < 1e-13:
            return value, theta, information, True
        size = min(1.0, 3.0 / float(np.abs(step).max()))
        while size > 1e-8:
            tried = theta.copy()
            tried[at] += size * step
            after, moved, bent = _at(series, counts, tried)
            if after >= value + 1e-4 * size * gain or (gain < 1e-6 and after >= value - 1e-9 * abs(value)):
                break
            size *= 0.4
        else:
            return value, theta, information, gain < 1e-6
        theta, value, gradient, information = tried, after, moved, bent
        if np.abs(theta[at]).max() > FURTHEST:
            return value, theta, information, False
    return value, theta, information, False


def fit(series: CaseSeries) -> CaseSeriesFit:
    """The maximum of the likelihood, with what has none refused level by level."""
    counts, p = event_counts(series), series.parameters
    status = np.full(p, SETTLED, dtype=object)
    status[counts == 0.0] = NO_EVENT
    theta = np.where(counts == 0.0, -np.inf, 0.0)
    start = _at(series, counts, theta)
    known: tuple[float, Floats, Floats] | None = start
    own = np.diag(start[2])
    status[(counts > 0.0) & (own < 1e-9 * counts)] = NO_CONTRAST
    while True:
        free = status == SETTLED
        value, found, information, settled = _climb(series, counts, theta, free, known)
        if settled or not free.any():
            break
        gone = free & (np.abs(found) > FURTHEST - 4.0)
        if not gone.any():
            gone = free
        status[gone] = RAN_AWAY
        theta, known = np.where(gone, 0.0, theta), None
    at = np.flatnonzero(free)
    covariance = np.full((p, p), np.nan)
    if len(at):
        inside = information[np.ix_(at, at)]
        weights, directions = np.linalg.eigh(inside)
        flat = weights < 1e-10 * max(float(weights.max()), 1.0)
        inverse = (directions[:, ~flat] / weights[~flat]) @ directions[:, ~flat].T
        covariance[np.ix_(at, at)] = inverse
        # a level that moves along a flat direction can't be told from the others
        tied = (np.abs(directions[:, flat]) > 1e-5).any(axis=1)
        status[at[tied]] = NO_CONTRAST
    return CaseSeriesFit(tuple(str(one) for one in status), value, found, covariance, counts)


def profile_interval(
    series: CaseSeries, found: CaseSeriesFit, k: int, level: float = 0.90, dispersion: float = 1.0
) -> Interval | None:
    """The relative incidences whose profile likelihood is near enough to its maximum; None where there are none such.

    `dispersion`: the variance of what is counted over what the model says of it; the likelihood is taken to its inverse
    power. Better than the Wald interval where events are few.
    """
    if found.status[k] != SETTLED:
        return None
    fall = 0.5 * NormalDist().inv_cdf(0.5 + 0.5 * level) ** 2 * dispersion
    free = np.array([one == SETTLED for one in found.status])
    free[k] = False
    ends = []
    for side in (-1.0, 1.0):
        near, far = float(found.estimate[k]), math.nan
        reach, theta = math.sqrt(2.0 * fall * found.covariance[k, k]), found.estimate.copy()
        for _ in range(60):
            theta[k] = 0.5 * (near + far) if math.isfinite(far) else near + side * reach
            if abs(theta[k]) > 2.0 * FURTHEST:
                return None
            value, moved, *_ = _climb(series, found.events, theta.copy(), free)
            inside = found.log_likelihood - value < fall
            near, far = (float(theta[k]), far) if inside else (near, float(theta[k]))
            theta = moved
            if math.isfinite(far) and abs(far - near) < 1e-7:
                break
        ends.append(near)
    return Interval(math.exp(ends[0]), math.exp(ends[1]), level)
