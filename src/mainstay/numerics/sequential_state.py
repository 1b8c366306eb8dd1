"""Everything that a watch for changes keeps, as arrays, and how it begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.numerics import sequential_counts as counts
from mainstay.numerics import sequential_readings as readings
from mainstay.numerics.sequential_readings import CHANGES, COLUMNS, FLOOR, LAST_DAY, LIVE, NU, OWN

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

READING, COUNT, LEVEL_ONLY = 0, 1, 2
"""LEVEL_ONLY: readings whose spread is not watched, for it may be that of the device."""
NEVER = -1e9
LEAST_TOGETHER, LEAST_SPREAD = 0.05, 0.3
"""The least standard deviation of the items' mean, in theirs, and of the days' spread, where a normal one has 1."""
EXPERTS = max(len(readings.EXPERTS), len(counts.EXPERTS))


class State(NamedTuple):
    """Everything a watch keeps, as arrays, for S streams: each one's level, the items' mean (row S), each one's spread.

    kind, worse (S): READING, COUNT or LEVEL_ONLY; +1 or -1 where the items' mean counts it. clock: the local day under
    way, its weekday. sums (2S+1, CHANGES): what is laid on each change, up first. alarm_*: at the last alarm, shares of
    the sum (2S+1, 2), and mean and sd of the day it began. scores (2S+1): the last day's normal scores, or NaN.
    The rest: legends of `sequential_readings`, `sequential_counts` and `sequential_surprise`.
    """

    kind: Ints
    worse: Floats
    clock: Floats
    own: Floats
    b: Floats
    B: Floats
    column_means: Floats
    m: Floats
    P: Floats
    ss: Floats
    logw: Floats
    live: Ints
    G: Floats
    A: Floats
    L: Floats
    w: Floats
    starts: Floats
    sums: Floats
    past: Floats
    bets: Floats
    joined: Floats
    alarm_shares: Floats
    alarm_starts: Floats
    scores: Floats
    x: Floats
    Px: Floats
    work: Floats


def new_state(kinds: Sequence[int], worse: Sequence[float], floors: Sequence[float]) -> State:
    """A watch that has seen nothing. floors (S): the least spread a stream of readings may have, in its own unit."""
    S = len(kinds)
    if not (S and S == len(worse) == len(floors)):
        given = f"{S} streams, {len(worse)} directions and {len(floors)} floors"
        raise BadRequest(f"a watch needs one stream or more, each with a direction and a floor; not {given}")
    T = 2 * S + 1
    of_readings = [kind != COUNT for kind in kinds] + [True] * (S + 1)
    own = np.zeros((T, OWN))
    own[:, NU] = 4.0
    own[:, LAST_DAY] = NEVER
    own[:, FLOOR] = [*floors, LEAST_TOGETHER, *[LEAST_SPREAD] * S]
    own[:, LIVE] = [len(readings.EXPERTS if one else counts.EXPERTS) for one in of_readings]
    logw = np.zeros((T, EXPERTS))
    for s, one in enumerate(of_readings):
        table = readings.EXPERTS if one else counts.EXPERTS
        logw[s, : len(table)] = table[:, 4] if one else np.where(table[:, 1] > 0.0, counts.SLOW_PRIOR, 0.0)
    rhythm = np.diag([0.5, *[0.25] * 4, *[0.1] * 7])
    return State(
        kind=np.asarray(kinds, np.int64),
        worse=np.asarray(worse, float),
        clock=np.array([NEVER, 0.0]),
        own=own,
        b=np.zeros((T, COLUMNS)),
        B=np.tile(rhythm, (T, 1, 1)),
        column_means=np.zeros((T, COLUMNS)),
        m=np.zeros((T, EXPERTS, 3)),
        P=np.zeros((T, EXPERTS, 6)),
        ss=np.full((T, EXPERTS), 4.0),
        logw=logw,
        live=np.tile(np.arange(EXPERTS), (T, 1)),
        G=np.zeros((T, EXPERTS, CHANGES)),
        A=np.zeros((T, EXPERTS, CHANGES, 3)),
        L=np.zeros((T, EXPERTS, CHANGES)),
        w=np.zeros((T, EXPERTS)),
        starts=np.zeros((T, EXPERTS, CHANGES, 2)),
        sums=np.zeros((T, CHANGES)),
        past=np.zeros((T, CHANGES)),
        bets=np.zeros(T),
        joined=np.zeros(6),
        alarm_shares=np.zeros((T, 2)),
        alarm_starts=np.zeros((T, 2)),
        scores=np.full(T, np.nan),
        x=np.zeros(COLUMNS),
        Px=np.zeros(COLUMNS),
        work=np.zeros((10, EXPERTS)),
    )
