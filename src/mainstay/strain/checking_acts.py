"""Checks of the acts: are they foreseen as they came, one refuge at a time.

Of each refuge its spacing (gaps of rescaled time are unit exponentials, one after another; Papangelou 1972, Ogata
1988), its memory of the last time, its clock, its months, and the check-ins after it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mainstay.strain.residuals import (
    HOURS_A_BIN,
    ON_WEEKDAYS,
    PARTS,
    PARTS_OF,
    WEEKDAYS,
    Check,
    Foreseen,
    Foresight,
    Statistic,
    Tested,
    blocks,
    poisson_tails,
    windows,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAYS_SINCE = (0.0, 0.25, 1.0, 3.0)
DAYS_AFTER = (0.0, 1.0 / 6.0, 1.0)
EFFECT = "after"


def spacing(sight: Foresight, k: int) -> Check:
    """Neyman's smooth test of the rescaled gaps, with the correlation of each gap and the next."""
    n = len(sight.mode.gaps[k])

    def statistic(seen: Foreseen) -> Floats:
        u = 2.0 * (1.0 - np.exp(-seen.gaps[k])) - 1.0
        waves = [
            math.sqrt(3.0) * u,
            math.sqrt(5.0) * 0.5 * (3.0 * u**2 - 1.0),
            math.sqrt(7.0) * 0.5 * (5.0 * u**3 - 3.0 * u),
            3.0 * 0.125 * (35.0 * u**4 - 30.0 * u**2 + 3.0),
        ]
        following = 3.0 * float((u[1:] * u[:-1]).sum()) / math.sqrt(n - 1)
        return np.array([*(float(wave.sum()) / math.sqrt(n) for wave in waves), following])

    tested = sight.tested(statistic)
    scores = np.abs(tested.scores)
    where = (
        f"its times come more {'evenly' if tested.scores[1] < 0 else 'in bursts'} than the model says"
        if scores[1] >= scores[4]
        else f"short gaps follow {'short' if tested.scores[4] > 0 else 'long'} ones oftener than the model says"
    )
    return Check(sight.data.refuges[k], "spacing", n, tested.p_value, where)


def _shares(of_nodes: Ints, bins: int) -> Floats:
    """Which bin each node belongs to (negative: none), as shares (bins, q, n)."""
    return np.stack([(of_nodes == one).astype(np.float64) for one in range(bins)])


def _counts(sight: Foresight, k: int, shares: Floats, of_acts: Ints) -> tuple[Ints, Statistic]:
    """Acts less expected acts in bins (negative: in none) by the root of what is expected, and which bins those are."""
    bins = len(shares)
    counts = np.bincount(of_acts[of_acts >= 0], minlength=bins).astype(np.float64)
    flat = shares.reshape(bins, -1)

    def expected(seen: Foreseen) -> Floats:
        total: Floats = flat @ seen.expected[k].ravel()
        return total

    at_mode = expected(sight.mode)
    kept = np.flatnonzero(at_mode >= 1.0)

    def statistic(seen: Foreseen) -> Floats:
        values: Floats = (counts - expected(seen))[kept] / np.sqrt(at_mode[kept])
        return values

    return kept, statistic


def _since_last(times: Floats, acts: Floats) -> Floats:
    """Days since the last act before each time; infinity where there was none."""
    before = np.searchsorted(acts, times, "left") - 1
    return np.where(before >= 0, times - acts[np.maximum(before, 0)], np.inf)


def memory(sight: Foresight, k: int) -> Check:
    """Acts soon after another of the same kind, against what the model expects there."""
    at, acts = sight.clock, sight.clock.act_days[k]
    # of acts noted in one minute the second follows at once
    own = np.where(np.diff(acts, prepend=-np.inf) <= 0.0, 1e-6, _since_last(acts, acts))
    of_nodes = windows(_since_last(at.node_days, acts), DAYS_SINCE)
    spans = (
        "within six hours of the last time",
        "six hours to a day after the last time",
        "one to three days after it",
    )
    kept, statistic = _counts(sight, k, _shares(of_nodes, len(spans)), windows(own, DAYS_SINCE))
    tested = sight.tested(statistic)
    return Check(sight.data.refuges[k], "memory", len(acts), tested.p_value, _oftener(tested, kept, spans))


def _oftener(tested: Tested, kept: Ints, places: tuple[str, ...]) -> str:
    """'it comes more often on Fridays than the model says', of the place that differs most."""
    most = int(np.argmax(np.abs(tested.scores)))
    more = "more often" if tested.scores[most] > 0 else "less often"
    return f"it comes {more} {places[kept[most]]} than the model says"


def clock(sight: Foresight, k: int) -> Check:
    """Acts by three hours of the day, by weekday, and in each part of each weekday."""
    at = sight.clock
    found: list[tuple[float, str]] = []
    hours = tuple(
        f"between {HOURS_A_BIN * one} and {HOURS_A_BIN * (one + 1)} o'clock" for one in range(len(at.node_hours))
    )
    for shares, of_acts, names in (
        (at.node_hours, at.act_hours[k], hours),
        (_shares(at.node_weekday, len(WEEKDAYS)), at.act_weekday[k], ON_WEEKDAYS),
    ):
        kept, statistic = _counts(sight, k, shares, of_acts)
        if len(kept):
            tested = sight.tested(statistic)
            found.append((tested.p_value, _oftener(tested, kept, names)))
    cells = len(PARTS) * len(WEEKDAYS)
    of_nodes = at.node_weekday * len(PARTS) + at.node_part
    of_acts = at.act_weekday[k] * len(PARTS) + at.act_part[k]
    counts = np.bincount(of_acts, minlength=cells)
    expected = np.bincount(of_nodes.ravel(), sight.mode.expected[k].ravel(), minlength=cells)
    tails = [poisson_tails(int(count), float(mean)) for count, mean in zip(counts, expected, strict=True)]
    cell = int(np.argmin([min(pair) for pair in tails]))
    more = tails[cell][1] < tails[cell][0]
    day, part = divmod(cell, len(PARTS))
    when = PARTS_OF[part].format(WEEKDAYS[day])
    found.append(
        (2.0 * cells * min(tails[cell]), f"it comes {'more' if more else 'less'} often {when} than the model says")
    )
    p_value, where = min(found)
    return Check(sight.data.refuges[k], "clock", len(at.act_days[k]), min(len(found) * p_value, 1.0), where)


def months(sight: Foresight, k: int) -> Check:
    """Acts by four weeks: the drift is there already, so this is what comes and goes."""
    acts, names = sight.clock.act_days[k], sight.block_names()
    length = sight.data.days
    of_nodes, of_acts = blocks(sight.clock.node_days, length), blocks(acts, length)
    kept, statistic = _counts(sight, k, _shares(of_nodes, len(names)), of_acts)
    tested = sight.tested(statistic)
    return Check(sight.data.refuges[k], "months", len(acts), tested.p_value, _oftener(tested, kept, names))


def after(sight: Foresight, k: int) -> Check | None:
    """Ratings in the hours and the day after an act, beyond the relief that the model gives it."""
    acts = sight.clock.act_days[k]
    window = windows(_since_last(sight.data.knots, acts), DAYS_AFTER)
    statistic = sight.along([(window == w).astype(float) for w in range(len(DAYS_AFTER) - 1)])
    if statistic is None:
        return None
    tested = sight.tested(statistic)
    most = int(np.argmax(np.abs(tested.scores)))
    spans = ("in the four hours after it", "four to twenty-four hours after it")
    where = f"check-ins {spans[most]} show {'more' if tested.scores[most] > 0 else 'less'} strain than the model says"
    return Check(sight.data.refuges[k], EFFECT, len(acts), tested.p_value, where)


ALL = (months, spacing, memory, clock, after)
ROUGHLY_TIMED = (months,)
"""The checks that ask nothing of the time of day."""
