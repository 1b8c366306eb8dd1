"""Many paths of a reverting process run forward, with what is given to them, what they seek, and what that eases.

Between what happens in a cell the path follows dX = rate (rest - X) dt + noise dW, by exact transitions. What is given
(jumps, planned acts) comes at its time in the cell. Events of process k come with intensity base_k exp(pull_k X): the
integral over a stretch whose two ends are known is that of a straight line between them, with the variance of the
bridge about it, right to second order in its length. An event that falls into a stretch is put where its share of the
integral lies, takes its share of X away, and the rest of the cell is drawn anew.

The weeks that drive a path are weeks of a store, taken whole: a candidate comes by its weight, and is accepted by how
like its beginning is to the path's (rejection sampling from the product of both).

Every random number has its own place, (path, cell, draw within the cell), and is a hash of it (`paths_ahead_chance`).
So whatever is changed about what drives the paths, the same path has the same chance in the same cell.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mainstay.numerics.kernels import ENTRY, INNER
from mainstay.numerics.paths_ahead_chance import counted, normal, uniform
from mainstay.numerics.paths_ahead_given import BESIDES, SPAN, Given, Listing, Pool, besides, insert, jumps_on_record

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]

BY_WEEK, BY_DAY, BY_CELL = 0, 1 << 36, 1 << 40
"""Where the numbers of weeks, days and cells lie in a path's stream."""
TRIES = 64
"""Candidates for a week before the last of them is taken as it is."""
STEPS_A_CELL = 60
MOST = 30.0
"""The largest log intensity that is taken at its word."""
NEAR = 0.3
"""Below this share of its scale of return, a stretch is worked out by series right to a hundred-thousandth."""


class Store(NamedTuple):
    """The weeks to draw from: w of them, c cells each, with r roles, j kinds of jump, k processes; p phases of change.

    `share` (p, w, c, r): the share of a cell in each role, which goes with its level, and `added`: what comes besides
    whatever its level; `open` (p, w, c, k): what multiplies the intensities;
    `listed`: jumps on record, of which `keep` (p, listed) is kept; `extra` (p, w, c, j): jumps expected besides, their
    sizes from `pool`. `phase` (days,): which phase a day is in. `candidate` (w,): cumulative weights;
    `alike` (w + 1, w): the chance that a week is accepted after another (row w: the week that has just ended);
    `begun` (w,): where the path stood when each began, and `sharpness`: how much that counts.
    `level` (w, r): the level of hours in each role then; `planned` (p, a): planned acts a day; `awake` (cells a
    day,): the share of them, and `asked` the share of readings, by cell of the day.
    """

    share: Floats
    added: Floats
    open: Floats
    listed: Listing
    keep: Floats
    extra: Floats
    pool: Pool
    phase: Ints
    candidate: Floats
    alike: Floats
    begun: Floats
    sharpness: float
    level: Floats
    planned: Floats
    awake: Floats
    asked: Floats


class Course(NamedTuple):
    """What moves slowly: `year` (days,) since mid-record; what slopes (`drift`) and fading (`fade`) multiply, by day.

    `clock` (cells a week, nodes, features): what the intensities follow of the clock. `own` (r,), `grows` (r,): which
    roles change the rate of return, and which grow; `within` (r,): in whose hours counts are counted (none: by day).
    """

    year: Floats
    drift: Floats
    fade: Floats
    clock: Floats
    own: Floats
    grows: Floats
    within: Floats


class Draws(NamedTuple):
    """The parameters, one row a draw.

    `begin`, `begin_sd`: the path where it starts; (X - `centre`) / `spread` is how far it stands from its usual.
    `often` (d, j): times as often as listed each kind of jump comes. `eased` (d, a): the share a plan takes off.
    `tally` (d, 3): log rate of counts a day, its slope by the day's mean, and their overdispersion (1 over the size).
    """

    rate: Floats
    noise: Floats
    own: Floats
    gain: Floats
    rest_growth: Floats
    gain_growth: Floats
    jump: Floats
    often: Floats
    level: Floats
    pull: Floats
    slope: Floats
    clock: Floats
    share_logit: Floats
    share_fade: Floats
    begin: Floats
    begin_sd: Floats
    centre: Floats
    spread: Floats
    eased: Floats
    tally: Floats


class Out(NamedTuple):
    """What is filled: means by day (n, days) over all of it and over the hours of readings; counts (n, days).

    `scatter` (n, days): the variance over the hours of readings; `hours` (r, n, days); `events` (k + j + a, n, days);
    `weeks` (n, weeks): which week of the store drove each week.
    """

    mean: NDArray[np.float32]
    asked: NDArray[np.float32]
    scatter: NDArray[np.float32]
    hours: NDArray[np.float32]
    events: NDArray[np.uint8]
    counts: NDArray[np.uint8]
    weeks: NDArray[np.int16]


@njit(**INNER)
def _chosen(candidate, alike, begun, sharpness, key, week, z):  # type: ignore[no-untyped-def]
    """The week of the store that drives a week which begins with the path at z; `alike` (w,): after the one before."""
    found = 0
    for tried in range(TRIES):
        place = BY_WEEK + (week * TRIES + tried) * 2
        u = uniform(key, place) * candidate[-1]
        found = min(np.searchsorted(candidate, u, "right"), len(begun) - 1)
        chance = alike[found]
        if sharpness > 0.0:
            away = (begun[found] - z) * sharpness
            chance *= math.exp(-0.5 * away * away)
        if uniform(key, place + 1) < chance:
            break
    return found


@njit(**INNER)
def _add(events, row, path, day):  # type: ignore[no-untyped-def]
    if events[row, path, day] < 255:
        events[row, path, day] += 1


@njit(**INNER)
def _part(back, h):  # type: ignore[no-untyped-def]
    """What is left of the path after h, the sd that a noise of 1 adds, and the weight of both ends in its mean."""
    a = back * h
    if a > NEAR:
        e = math.exp(-a)
        return e, math.sqrt((1.0 - e * e) / (2.0 * back)), (1.0 - e) / (1.0 + e) / a
    e = (12.0 - 6.0 * a + a * a) / (12.0 + 6.0 * a + a * a)
    return e, math.sqrt(h * (1.0 - a * (1.0 - a * (2.0 / 3.0 - a / 3.0)))), 0.5 - a * a * (1.0 / 24.0 - a * a / 240.0)


@njit(**ENTRY)
def run(first, last, keys, of_draw, levels, store, course, draws, out):  # type: ignore[no-untyped-def]
    """Run the paths from `first` to before `last`; `keys` (n,) and `of_draw` (n,) as long as all of them.

    `levels` (n, weeks, r): the level of hours in each role in each week ahead.
    """
    days, cells = len(store.phase), len(store.awake)
    weeks, roles = store.level.shape
    kinds, processes, plans = draws.jump.shape[1], draws.level.shape[1], draws.eased.shape[1]
    length = 1.0 / cells
    stride = 4 + processes
    # handed on by itself: a kernel that is handed the whole store is handed some hundred numbers
    listed, longest = store.listed, 0
    for i in range(len(listed.first) - 1):
        longest = max(longest, listed.first[i + 1] - listed.first[i])
    room = 2 * longest + 16 + plans
    given = Given(np.empty(room), np.empty(room, np.int64), np.empty(room))
    times, planned = np.empty(roles), np.empty(plans)
    here, ahead = np.empty(processes), np.empty(processes)
    bridge, pull = np.empty(processes), np.empty(processes)
    gain, spent = np.empty(roles), np.empty(roles)
    clock = np.empty((7 * cells, processes))
    lowest, highest = store.begun.min(), store.begun.max()
    factor, logit = np.empty((days, processes)), np.empty((days, processes))
    counted_within = course.within.sum() > 0.0
    drawn = -1
    for path in range(first, last):
        d, key = of_draw[path], keys[path]
        rate, noise, own, often = draws.rate[d], draws.noise[d], draws.own[d], draws.often[d]
        if d != drawn:
            drawn = d
            decay = math.exp(-rate * length)
            wide = noise * math.sqrt(-math.expm1(-2.0 * rate * length) / (2.0 * rate))
            ends = (1.0 - decay) / (1.0 + decay) / (rate * length)
            for k in range(processes):
                pull[k] = draws.pull[d, k]
                bridge[k] = pull[k] * pull[k] * noise * noise / 12.0
            for day in range(days):
                for k in range(processes):
                    at = draws.level[d, k] + draws.slope[d, k] * course.drift[day]
                    factor[day, k] = length * math.exp(min(at, MOST))
                    logit[day, k] = draws.share_logit[d, k] - draws.share_fade[d, k] * course.fade[day]
            for c in range(7 * cells):
                total = 0.0
                for q in range(course.clock.shape[1]):
                    at = 0.0
                    for f in range(course.clock.shape[2]):
                        at += draws.clock[d, f] * course.clock[c, q, f]
                    total += math.exp(at)
                for k in range(processes):
                    clock[c, k] = total / course.clock.shape[1]
        x = draws.begin[d] + draws.begin_sd[d] * normal(uniform(key, BY_DAY - 1))
        for a in range(plans):
            planned[a] = uniform(key, BY_DAY - 2 - roles - a)
        for k in range(processes):
            here[k] = math.exp(min(pull[k] * x, MOST))
        week, week_now = weeks, -1
        for day in range(days):
            ph = store.phase[day]
            if day // 7 != week_now:
                week_now = day // 7
                z = min(max((x - draws.centre[d]) / draws.spread[d], lowest), highest)
                alike = store.alike[week]
                week = _chosen(store.candidate, alike, store.begun, store.sharpness, key, week_now, z)
                out.weeks[path, week_now] = week
                for r in range(roles):
                    times[r] = min(levels[path, week_now, r] / store.level[week, r], 4.0)
            year = course.year[day]
            share_of, open_of, extra_of = store.share[ph, week], store.open[ph, week], store.extra[ph, week]
            added_of = store.added[ph, week]
            keeps = store.keep[ph]
            for r in range(roles):
                gain[r] = draws.gain[d, r] + course.grows[r] * draws.gain_growth[d] * year
                spent[r] = 0.0
            mean = asked = squared = 0.0
            for c in range(cells):
                in_week = (day % 7) * cells + c
                drive, as_own = draws.rest_growth[d] * year, 0.0
                for r in range(roles):
                    s = min(share_of[in_week, r] * times[r] + added_of[in_week, r], 1.0)
                    drive += gain[r] * s
                    as_own += course.own[r] * s
                    spent[r] += s
                whole = day * cells + c
                place, n = 2 * BY_CELL + whole * SPAN, 0
                begins, stops = listed.first[week * 7 * cells + in_week], listed.first[week * 7 * cells + in_week + 1]
                if begins < stops:
                    n = jumps_on_record(listed, keeps, often, key, place, begins, stops, times, given)
                for j in range(kinds):
                    expected = extra_of[in_week, j] * often[j]
                    if expected > 0.0:
                        u = uniform(key, place + BESIDES + j)
                        if u > 1.0 - expected:
                            more = counted(u, expected, 0.0)
                            n = besides(store.pool, key, place, j, more, n, given)
                for a in range(plans):
                    planned[a] += store.planned[ph, a] * store.awake[c]
                    if planned[a] >= 1.0:
                        planned[a] -= 1.0
                        n = insert(given, n, 0.5, kinds + a, 0.0)
                back = rate * math.exp(own * min(as_own, 1.0)) if own != 0.0 else rate
                rest = drive / back
                total, t, happened, sub = 0.0, 0.0, 0, 0
                while sub < STEPS_A_CELL:
                    until = given.at[happened] if happened < n else 1.0
                    h = (until - t) * length
                    if h > 0.0:
                        if h == length and own == 0.0:
                            e, sd, c_ends = decay, wide, ends
                        else:
                            e, sd, c_ends = _part(back, h)
                            sd *= noise
                        place = BY_CELL + (whole * STEPS_A_CELL + sub) * stride
                        y = rest + (x - rest) * e + sd * normal(uniform(key, place))
                        act, share = -1, 2.0
                        for k in range(processes):
                            ahead[k] = math.exp(min(pull[k] * y, MOST))
                            bent = min(0.25 * pull[k] * pull[k] * (y - x) * (y - x), 6.0)
                            expected = (
                                factor[day, k] * clock[in_week, k] * open_of[in_week, k] * (until - t)
                                * 0.5 * (here[k] + ahead[k]) * (1.0 + bridge[k] * h)
                                / (1.0 + bent * (1.0 / 3.0 - bent / 45.0))
                            )  # fmt: skip
                            u = uniform(key, place + 1 + k)
                            if u < expected:
                                part = -math.log1p(-u) / expected
                                if part < 1.0:
                                    low, high = here[k], ahead[k]
                                    part *= (low + high) / (
                                        low + math.sqrt(low * low + (high * high - low * low) * part)
                                    )
                                    if part < share:
                                        act, share = k, part
                        sub += 1
                        if act >= 0:
                            at_act = noise * math.sqrt(h * share * (1.0 - share))
                            s = x + share * (y - x) + at_act * normal(uniform(key, place + stride - 1))
                            total += 0.5 * (x + s) * share * h
                            x = s * (1.0 - 1.0 / (1.0 + math.exp(-logit[day, act])))
                            t += share * (until - t)
                            _add(out.events, act, path, day)
                            for k in range(processes):
                                here[k] = math.exp(min(pull[k] * x, MOST))
                            continue
                        total += (c_ends * (x + y) + (1.0 - 2.0 * c_ends) * rest) * h
                        x = y
                        for k in range(processes):
                            here[k] = ahead[k]
                        t = until
                    if happened == n:
                        break
                    kind = given.kind[happened]
                    if kind < kinds:
                        x += draws.jump[d, kind] * given.size[happened]
                    else:
                        x *= 1.0 - draws.eased[d, kind - kinds]
                    _add(out.events, processes + kind, path, day)
                    for k in range(processes):
                        here[k] = math.exp(min(pull[k] * x, MOST))
                    happened += 1
                mean += total
                asked += store.asked[c] * total * cells
                squared += store.asked[c] * (total * cells) ** 2
            out.mean[path, day] = mean
            out.asked[path, day] = asked
            out.scatter[path, day] = max(squared - asked * asked, 0.0)
            within = 0.0
            for r in range(roles):
                out.hours[r, path, day] = 24.0 * length * spent[r]
                within += course.within[r] * 24.0 * length * spent[r]
            if draws.tally[d, 0] > -math.inf:
                log_rate = draws.tally[d, 0] + draws.tally[d, 1] * mean
                if counted_within:
                    log_rate += math.log(max(within, 1e-9))
                u = uniform(key, BY_DAY + day)
                out.counts[path, day] = counted(u, math.exp(min(log_rate, 5.0)), draws.tally[d, 2])
