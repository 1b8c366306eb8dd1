"""Changes in many streams of one person, watched together, one record after another, in O(1) each.

Each stream is predicted from its own past by a mixture of experts (`sequential_readings`, `sequential_counts`) and
carries Shiryaev-Roberts sums for changes of its level up and down, several sizes (`sequential_surprise`). The spread of
ratings and signals is a stream besides, once a day: the cube root of the day's mean squared score (Wilson and Hilferty
1931), predicted from its own past as any reading is, so that ups and downs that swing for days are no change. Items
that are answered at the same moment and whose worse direction is known are a stream of their own, their mean, so that
what is common to them is pooled.

A start mass of 1 a day is split over whatever may be judged on that day, before the day is seen. So the sum over
everything, M, keeps E[M at stopping] <= E[days until stopping] while nothing changes, and an alarm at M >= c comes
after c days or more on average, whatever the streams' dependence (Shin, Ramdas and Rinaldo 2024). That is exact where
the mixture is the truth; how near it comes elsewhere is measured in tests/calibration/test_change.py. After an alarm
the sums of the streams that alarmed start anew, and these go on as if the change was real.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from mainstay.numerics.kernels import ENTRY, INNER
from mainstay.numerics.sequential_counts import believe_the_rate, count_one
from mainstay.numerics.sequential_readings import (
    CHANGES,
    DAYS,
    LAST_DAY,
    LIVE,
    MUTED,
    NU,
    READY,
    SHARE,
    SUM_Z,
    WAITING,
    ZZ,
    K,
    N,
    believe_the_change,
    read_one,
)
from mainstay.numerics.sequential_state import COUNT, NEVER, READING
from mainstay.numerics.sequential_surprise import end_day, prune

LEVEL_SHARE, TOGETHER_SHARE = 0.7, 0.3
"""Of a stream's start mass, what is laid on its level; of the items', what is laid on their mean besides."""
READY_DAYS, QUIET_DAYS, MUTED_DAYS = 14, 28, 7
"""Days a stream is learned from before it may be judged; without a record until it counts no more; after an alarm."""
PRUNE_DAYS, CUT = 21, 10.0
MIDDAY = 0.5
BELIEVED = 0.1
"""A stream takes part in an alarm if it carries this share of the sum."""
REMAINS = 0.1
"""What the others carried stays after an alarm, up to this share of the threshold: false alarms are that much more."""
MOVED_TOO, RELEARNED_FROM = 0.7, 60.0
"""Items together: one with such a sum of its own moved too. Spread: the variance stays worth so many readings."""


@njit(**INNER)
def _spread(squares, k):  # type: ignore[no-untyped-def]
    """The day's mean square as a number near a standard normal one."""
    small = 2.0 / (9.0 * k)
    return ((squares / k) ** (1.0 / 3.0) - (1.0 - small)) / math.sqrt(small)


@njit(**INNER)
def _end_of_day(state, c, day):  # type: ignore[no-untyped-def]
    """One row of sums; its score for the day is what it was surprised by."""
    own = state.own[c]
    state.scores[c] = np.nan
    if own[K] == 0.0:
        return
    live = state.live[c, : int(own[LIVE])]
    end_day(live, state.G[c], state.L[c], state.w[c], state.past[c], state.bets[c], state.sums[c])
    state.scores[c] = own[SUM_Z] / math.sqrt(own[K])
    state.bets[c] += 1.0
    own[SUM_Z], own[ZZ], own[K] = 0.0, 0.0, 0.0
    own[DAYS] += 1.0
    own[LAST_DAY] = day
    if own[DAYS] >= PRUNE_DAYS:
        own[LIVE] = prune(state.live[c], int(own[LIVE]), state.logw[c], state.G[c], CUT)


@njit(**INNER)
def _close(state):  # type: ignore[no-untyped-def]
    """End the local day under way; return the sum over everything."""
    S = len(state.kind)
    day = state.clock[0]
    for s in range(S):
        k = state.own[s, K]
        if k > 0.0 and state.kind[s] == READING:
            spread = _spread(state.own[s, ZZ], k)
            read_one(state, S + 1 + s, day, day + MIDDAY, 24.0 * MIDDAY, int(state.clock[1]), spread, True)
    for c in range(2 * S + 1):
        _end_of_day(state, c, day)
    return state.sums.sum()


@njit(**INNER)
def _lay(state, upto):  # type: ignore[no-untyped-def]
    """Split the start mass of the days after the one under way, up to `upto`, over the streams that may be judged."""
    S = len(state.kind)
    whole, items = 0.0, 0
    for c in range(2 * S + 1):
        own = state.own[c]
        may = own[N] >= READY and own[DAYS] >= READY_DAYS and upto - own[LAST_DAY] <= QUIET_DAYS and upto >= own[MUTED]
        own[SHARE] = 0.0
        if may and c < S:
            own[SHARE] = LEVEL_SHARE if state.kind[c] == READING else 1.0
            items += state.worse[c] != 0.0
        elif may:
            own[SHARE] = TOGETHER_SHARE * items if c == S else 1.0 - LEVEL_SHARE
        whole += own[SHARE]
    for c in range(2 * S + 1):
        if state.own[c, SHARE] > 0.0:
            state.own[c, WAITING] += state.own[c, SHARE] / whole * (upto - state.clock[0]) / CHANGES
    state.clock[0] = upto


@njit(**INNER)
def _record(state, total):  # type: ignore[no-untyped-def]
    """Who carries the sum, and since when."""
    for c in range(len(state.sums)):
        carried, first, second = 0.0, 0.0, 0.0
        state.alarm_shares[c] = 0.0
        for d in range(CHANGES):
            state.alarm_shares[c, 2 * d // CHANGES] += state.sums[c, d] / total
            for j in state.live[c, : int(state.own[c, LIVE])]:
                carried += state.G[c, j, d]
                first += state.G[c, j, d] * state.starts[c, j, d, 0]
                second += state.G[c, j, d] * state.starts[c, j, d, 1]
        if carried > 0.0:
            mean = first / carried
            state.alarm_starts[c, 0] = mean
            state.alarm_starts[c, 1] = math.sqrt(max(second / carried - mean * mean, 0.0))


@njit(**INNER)
def _start_anew(state, total, threshold):  # type: ignore[no-untyped-def]
    """Who carried the sum begins anew, all items with one of them; everybody where nobody carried much alone."""
    S = len(state.kind)
    anybody, an_item, rest = False, False, 0.0
    for c in range(2 * S + 1):
        if state.sums[c].sum() >= BELIEVED * total:
            anybody = True
            an_item = an_item or c == S or (c < S and state.worse[c] != 0.0)
    together = state.sums[S].sum() >= BELIEVED * total
    for c in range(2 * S + 1):
        own, carried = state.own[c], state.sums[c].sum()
        item = c == S or (c < S and state.worse[c] != 0.0)
        if carried < BELIEVED * total and anybody and not (an_item and item):
            rest += carried
            continue
        if carried >= BELIEVED * total or (together and item and carried > MOVED_TOO):
            if c < S and state.kind[c] == COUNT:
                believe_the_rate(state, c)
            else:
                believe_the_change(state, c)
            own[MUTED] = state.clock[0] + MUTED_DAYS
            if c > S:
                kept = min(1.0, RELEARNED_FROM / state.own[c - S - 1, NU])
                state.own[c - S - 1, NU] *= kept
                state.ss[c - S - 1] *= kept
        own[WAITING] = 0.0
        state.G[c], state.A[c], state.sums[c] = 0.0, 0.0, 0.0
    if rest > REMAINS * threshold:
        for c in range(2 * S + 1):
            state.G[c] *= REMAINS * threshold / rest
            state.sums[c] *= REMAINS * threshold / rest


@njit(**INNER)
def _read_together(state):  # type: ignore[no-untyped-def]
    """Take in the mean of the items answered at the moment that has passed, if most of them were."""
    S = len(state.kind)
    items, total, time, hour, weekday, judged = state.joined
    of = 0
    for s in range(S):
        of += state.worse[s] != 0.0
    if items >= 2.0 and 2.0 * items > of:
        read_one(state, S, state.clock[0], time, hour, int(weekday), total / items, judged == items)
    state.joined[:] = 0.0


@njit(**INNER)
def _turn_to(state, day, threshold):  # type: ignore[no-untyped-def]
    """End the day under way if another has begun; return the sum it ended with (-1 if none ended) and if it alarmed."""
    _read_together(state)
    if state.clock[0] == NEVER:
        state.clock[0] = day
    if day <= state.clock[0]:
        return -1.0, False
    total = _close(state)
    alarmed = total >= threshold
    if alarmed:
        _record(state, total)
        _start_anew(state, total, threshold)
    _lay(state, day)
    return total, alarmed


@njit(**ENTRY)
def turn_to(state, day, threshold):  # type: ignore[no-untyped-def]
    """The local day `day` has begun, with nothing on record yet."""
    return _turn_to(state, day, threshold)


@njit(**INNER)
def _take(state, s, day, time, hour, weekday, value, exposure, judged, threshold):  # type: ignore[no-untyped-def]
    total, alarmed = -1.0, False
    if day > state.clock[0] or time != state.joined[2]:
        total, alarmed = _turn_to(state, day, threshold)
    if state.kind[s] == COUNT:
        if exposure > 0.0:
            count_one(state, s, day, time, weekday, value, exposure, judged)
        return total, alarmed
    state.clock[1] = weekday
    y = read_one(state, s, day, time, hour, weekday, value, judged)
    if state.worse[s] != 0.0 and state.own[s, N] > READY:
        joined = state.joined
        joined[0] += 1.0
        joined[1] += state.worse[s] * y
        joined[2], joined[3], joined[4] = time, hour, weekday
        joined[5] += judged
    return total, alarmed


@njit(**ENTRY)
def take(state, s, day, time, hour, weekday, value, exposure, judged, threshold):  # type: ignore[no-untyped-def]
    """One record of stream s: `day` the local day, `time` in days, `hour` of the local clock, `weekday` from 0.

    Returns the sum with which the day before ended (-1 if none ended with this record), and whether that was an alarm.
    """
    return _take(state, s, day, time, hour, weekday, value, exposure, judged, threshold)


@njit(**ENTRY)
def take_all(state, records, end, threshold, first, totals, scores, alarms):  # type: ignore[no-untyped-def]
    """`take` for each record in turn, then `turn_to(end)`. Fills, by local day since `first`, totals (d,) and scores
    (d, 2S+1); and by alarm alarms (a, 2S+1, 5): shares up and down, mean and sd of when it began, the day. Returns a.
    """
    found = 0
    streams, days, times, hours, weekdays, values, exposures, judged = records
    for i in range(len(streams) + 1):
        before = state.clock[0]
        if i < len(streams):
            s, day, clock = streams[i], days[i], hours[i]
            total, alarmed = _take(
                state, s, day, times[i], clock, weekdays[i], values[i], exposures[i], judged[i], threshold
            )
        else:
            total, alarmed = _turn_to(state, end, threshold)
        if total >= 0.0:
            totals[int(before) - first] = total
            scores[int(before) - first] = state.scores
        if alarmed:
            alarms[found, :, :2] = state.alarm_shares
            alarms[found, :, 2:4] = state.alarm_starts
            alarms[found, :, 4] = before
            found += 1
    return found
