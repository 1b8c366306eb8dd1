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

READING, COUNT = 0, 1
NEVER = -1e9
SCALE_PRIOR, SPREAD_MEAN_PRIOR = 20.0, 0.25
"""Beforehand the scale of the spread's scores is worth so many days, and their mean has this variance."""
EXPERTS = max(len(readings.EXPERTS), len(counts.EXPERTS))


class State(NamedTuple):
    """Everything a watch keeps, as arrays; streams (S), and the items' mean as stream S. Legend: the kernels' modules.

    kind, worse (S): READING or COUNT; +1 or -1 where the items' mean counts it. clock (1): the local day under way.
    sums (S+1, CHANGES), spread_sums (S, CHANGES): what is laid on each change, up first. alarm_*: at the last alarm,
    shares of the sum (2S+1, 2), and mean and sd of the day it began; streams' levels first, then spreads.
    scores (2S+1): the last day's normal scores, NaN without one.
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
    spread_own: Floats
    spread_sums: Floats
    spread_past: Floats
    spread_starts: Floats
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
    of_readings = [kind == READING for kind in kinds] + [True]
    own = np.zeros((S + 1, OWN))
    own[:, NU] = 4.0
    own[:, LAST_DAY] = NEVER
    own[:, FLOOR] = [*floors, 0.05]
    own[:, LIVE] = [len(readings.EXPERTS if one else counts.EXPERTS) for one in of_readings]
    logw = np.zeros((S + 1, EXPERTS))
    for s, one in enumerate(of_readings):
        table = readings.EXPERTS if one else counts.EXPERTS
        logw[s, : len(table)] = table[:, 4] if one else np.where(table[:, 1] > 0.0, counts.SLOW_PRIOR, 0.0)
    spread_own = np.tile([SCALE_PRIOR, SCALE_PRIOR, 0.0, SPREAD_MEAN_PRIOR], (S, 1))
    rhythm = np.diag([0.5, *[0.25] * 4, *[0.1] * 7])
    return State(
        kind=np.asarray(kinds, np.int64),
        worse=np.asarray(worse, float),
        clock=np.full(1, NEVER),
        own=own,
        b=np.zeros((S + 1, COLUMNS)),
        B=np.tile(rhythm, (S + 1, 1, 1)),
        column_means=np.zeros((S + 1, COLUMNS)),
        m=np.zeros((S + 1, EXPERTS, 3)),
        P=np.zeros((S + 1, EXPERTS, 6)),
        ss=np.full((S + 1, EXPERTS), 4.0),
        logw=logw,
        live=np.tile(np.arange(EXPERTS), (S + 1, 1)),
        G=np.zeros((S + 1, EXPERTS, CHANGES)),
        A=np.zeros((S + 1, EXPERTS, CHANGES, 3)),
        L=np.zeros((S + 1, EXPERTS, CHANGES)),
        w=np.zeros((S + 1, EXPERTS)),
        starts=np.zeros((S + 1, EXPERTS, CHANGES, 2)),
        sums=np.zeros((S + 1, CHANGES)),
        past=np.zeros((S + 1, CHANGES)),
        bets=np.zeros(S + 1),
        spread_own=spread_own,
        spread_sums=np.zeros((S, CHANGES)),
        spread_past=np.zeros((S, CHANGES)),
        spread_starts=np.zeros((S, CHANGES, 2)),
        joined=np.zeros(6),
        alarm_shares=np.zeros((2 * S + 1, 2)),
        alarm_starts=np.zeros((2 * S + 1, 2)),
        scores=np.full(2 * S + 1, np.nan),
        x=np.zeros(COLUMNS),
        Px=np.zeros(COLUMNS),
        work=np.zeros((10, EXPERTS)),
    )
