"""Where were the changes, how many, and when: a record cut into pieces, each with a level of its own.

Accounts of the record compete (`numerics.segments_accounts`): one level, a line, a curve, levels, levels along a common
slope, lines; each at the autocorrelation it leaves. A change is told only where it pays for itself against all of them.
What is handed in as rhythm is taken out first; wild readings are drawn in; long records are searched in short means and
worked out on the readings. When a change was: the posterior over its places between its neighbours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mainstay.errors import BadRequest
from mainstay.numerics.ou_filter import Floats
from mainstay.numerics.segments import room
from mainstay.numerics.segments_accounts import COUNTS, READINGS, Prices, accounts, in_detail, record, refitted
from mainstay.numerics.segments_places import Placed, averaged, count_odds, evidence_of_a_step, within
from mainstay.numerics.segments_wild import draw_in

NORMAL = 1.6448536270
"""The normal's .95 quantile: the ends of 90 % intervals of sizes."""
NEIGHBOURS, FARTHEST = 7, 3.0
"""A reading is drawn in to three sds from the median of seven readings on either side."""
FLOOR = 1.0 / 30.0
"""Noise is taken to be at least this share of the readings' sd: what is smaller than that is no change that matters."""
MOST_ROWS = 600
LEAST_READINGS = 10
COUNT_A_ROW, ANSCOMBE, ROOT_VARIANCE = 1.0, 3.0 / 8.0, 0.72
"""Counts expected in a row; what is added before the root is taken; the variance of twice that root by chance alone."""
LEAST_COUNT = 20.0
SPREAD_POWER = 2.0 / 3.0
"""The power of a Gaussian's size that is nearest to Gaussian itself (Wilson & Hilferty 1931)."""
SHAPES: tuple[Literal["level", "slope", "lines"], ...] = ("level", "slope", "lines")


@dataclass(frozen=True, slots=True)
class Change:
    """A change before reading `index`: when, with a 90 % interval, and by how much in each series.

    `time` is that of the first reading after it, `low` that of the last reading surely before it, `high` that of the
    first surely after. `size`, `size_low`, `size_high` (one a series): by how much the level steps there, in the
    readings' units; of counts, the logarithm of the ratio of rates; of spread, of the ratio of standard deviations.
    `log_evidence`: log of how much likelier this change, anywhere between its neighbours, makes the readings than none.
    """

    index: int
    time: float
    low: float
    high: float
    size: tuple[float, ...]
    size_low: tuple[float, ...]
    size_high: tuple[float, ...]
    log_evidence: float


@dataclass(frozen=True, slots=True)
class Piece:
    """Readings start to end - 1 (by index), their level in the middle and their slope a day, one a series."""

    start: int
    end: int
    level: tuple[float, ...]
    slope: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Segmentation:
    """The pieces of a record and the changes between them.

    shape: "level", a level a piece; "slope", one slope runs through all; "lines", each has its own. log_evidence: log
    of how much likelier one step, anywhere, makes the record than one level, averaged over places and sizes; a trend
    raises it too. gain: by how much the changes are ahead of the best account without one; 0 where that is best.
    correlation_days, process_share (one a series): the noise's correlation time, and the share of its variance that is
    correlated. readings: how many were used. spread_changes: where the spread about the level changed, if asked.
    """

    changes: tuple[Change, ...]
    pieces: tuple[Piece, ...]
    shape: Literal["level", "slope", "lines"]
    log_evidence: float
    gain: float
    correlation_days: tuple[float, ...]
    process_share: tuple[float, ...]
    readings: int
    spread_changes: tuple[Change, ...] = ()


def segments(
    times: ArrayLike,
    values: ArrayLike,
    *,
    rhythm: ArrayLike | None = None,
    kind: Literal["reading", "count"] = "reading",
    exposure: ArrayLike | None = None,
    spread: bool = False,
) -> Segmentation:
    """Cut a record into pieces.

    times (n) in days, in order; values (n) or (n, d), d series that change together, NaN where missing; rhythm (n, k):
    columns to take out (hour, weekday); kind "count": values (n) are counts over exposure (n), in days' worth of
    recording; spread: look for changes of spread as well. Refuses what is not finite, times that run back, and counts
    below 0.
    """
    given = _checked(times, values, rhythm, kind, exposure)
    if kind == "count":
        return _of_counts(given)
    return _of_readings(given, spread)


@dataclass(frozen=True, slots=True, eq=False)
class _Given:
    """What was handed in, without missing readings: times (n), values (d, n), columns (n, k), exposure (n)."""

    kept: NDArray[np.int64]
    times: Floats
    values: Floats
    columns: Floats
    exposure: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Searched:
    """The best account in its place, how far it is ahead of the best without a change, and the evidence for one step.

    times: of the rows worked on; starts (rows + 1): the first reading of each row, and the number of readings.
    """

    placed: Placed
    gain: float
    evidence: float
    times: Floats
    starts: NDArray[np.int64]


def _checked(
    times: ArrayLike, values: ArrayLike, rhythm: ArrayLike | None, kind: str, exposure: ArrayLike | None
) -> _Given:
    moments, many = np.asarray(times, float), np.asarray(values, float)
    if many.ndim == 1:
        many = many[:, None]
    if moments.ndim != 1 or many.ndim != 2 or len(moments) != len(many) or many.shape[1] == 0:
        raise BadRequest(f"values need one row per time, not shapes {moments.shape} and {np.shape(values)}")
    columns = np.empty((len(moments), 0)) if rhythm is None else np.asarray(rhythm, float).reshape(len(moments), -1)
    shown = np.ones(len(moments)) if exposure is None else np.asarray(exposure, float)
    if shown.shape != moments.shape or not (np.isfinite(shown).all() and (shown >= 0.0).all()):
        raise BadRequest("exposure needs one number per time, 0 or more: the days' worth of recording")
    if not (np.isfinite(moments).all() and np.isfinite(columns).all() and not np.isinf(many).any()):
        raise BadRequest("times and rhythm must be finite, and values finite or NaN where missing")
    if len(moments) > 1 and np.diff(moments).min() < 0.0:
        raise BadRequest("times must not run back; put the readings in order")
    if kind not in {"reading", "count"}:
        raise BadRequest(f"kind {kind!r} is not known; it is 'reading' or 'count'")
    present = ~np.isnan(many).any(axis=1)
    if kind == "count":
        if many.shape[1] != 1 or (many[present] < 0.0).any():
            raise BadRequest("counts are one column of numbers from 0 up")
        present &= shown > 0.0
    kept = np.flatnonzero(present)
    return _Given(kept, moments[kept], many[kept].T, columns[kept], shown[kept])


def _around(rows: Floats, reach: int) -> Floats:
    """Each of the rows (m, n) less its running mean over `reach` readings on either side."""
    n = rows.shape[1]
    sums = np.concatenate([np.zeros((len(rows), 1)), np.cumsum(rows, axis=1)], axis=1)
    at = np.arange(n)
    half = np.minimum(reach, np.minimum(at, n - 1 - at))
    return np.asarray(rows - (sums[:, at + half + 1] - sums[:, at - half]) / (2 * half + 1))


def _without_rhythm(values: Floats, columns: Floats) -> tuple[Floats, int]:
    """Values (d, n) without what the columns explain of their quick moves, and how many columns say something."""
    if columns.shape[1] == 0:
        return values, 0
    reach = max(7, values.shape[1] // 20)
    tame = np.stack([draw_in(one, NEIGHBOURS, 2.0 * FARTHEST) for one in values])
    quick = _around(np.ascontiguousarray(columns.T), reach).T
    weights, _, rank, _ = np.linalg.lstsq(quick, _around(tame, reach).T, rcond=None)
    return np.asarray(values - ((columns - columns.mean(axis=0)) @ weights).T), int(rank)


def _in_means(times: Floats, values: Floats) -> tuple[Floats, Floats, int]:
    """Means of so many readings one after another that at most `MOST_ROWS` are left; the last may hold more."""
    n = len(times)
    size = -(-n // MOST_ROWS)
    if size == 1:
        return times, values, 1
    starts = np.arange(0, n - size + 1, size)
    counts = np.diff(np.append(starts, n))
    return np.add.reduceat(times, starts) / counts, np.add.reduceat(values, starts, axis=1) / counts, size


def _nothing(given: _Given, exposure: float = 0.0) -> Segmentation:
    """Too little to ask of, or nothing that varies."""
    n, d = len(given.kept), len(given.values)
    level = tuple(float(x) / (exposure or n) for x in given.values.sum(axis=1)) if n else (math.nan,) * d
    nought = (0.0,) * d
    pieces = (Piece(int(given.kept[0]), int(given.kept[-1]) + 1, level, nought),) if n else ()
    return Segmentation((), pieces, "level", 0.0, 0.0, nought, nought, n)


def _of_readings(given: _Given, spread: bool) -> Segmentation:
    if len(given.kept) < LEAST_READINGS + given.columns.shape[1] or not given.times[-1] > given.times[0]:
        return _nothing(given)
    bare, taken = _without_rhythm(given.values, given.columns)
    tame = np.stack([draw_in(np.ascontiguousarray(one), NEIGHBOURS, FARTHEST) for one in bare])
    if not (tame.std(axis=1) > 0.0).any():
        return _nothing(given)
    scale = np.where(tame.std(axis=1) > 0.0, tame.std(axis=1), 1.0)
    searched = _searched(given.times, (tame - tame.mean(axis=1)[:, None]) / scale[:, None], taken)
    told = _told(given, searched, scale, tame.mean(axis=1))
    return replace(told, spread_changes=_spread_changes(given, bare, told)) if spread else told


def _searched(
    times: Floats, values: Floats, taken: int, floor: float = FLOOR**2, prices: Prices = READINGS
) -> _Searched:
    """Values (d, n) of sd 1: searched in means; where there are changes, worked out on the readings."""
    n, floors = len(times), np.full(len(values), floor)
    rough_times, rough, size = _in_means(times, values)
    series = record(rough_times, rough, taken, floors, size, prices)
    found = accounts(series)
    best = min(found, key=lambda account: account.criterion)
    gain = min(account.criterion for account in found if not len(account.places)) - best.criterion
    evidence = evidence_of_a_step(series, found[0], rough_times)
    if not len(best.places):
        sums, starts = room(*series.shape), np.append(np.arange(series.shape[1]) * size, n)
        level = refitted(series, found[0], best.places, sums, fit=False)
        return _Searched(Placed(series, level, sums), 0.0, evidence, rough_times, starts)
    if size > 1:
        series = record(times, values, taken, floors, 1, prices)
    sums = room(*series.shape)
    placed = Placed(series, in_detail(series, best, size, sums), sums)
    return _Searched(placed, gain, evidence, times, np.arange(n + 1))


def _told(given: _Given, searched: _Searched, scale: Floats, centre: Floats) -> Segmentation:
    """In the readings' own units, days and indices."""
    placed, starts = searched.placed, searched.starts
    account, bounds, span = placed.account, placed.bounds, float(searched.times[-1] - searched.times[0])
    course, every = placed.series.course, range(len(scale))
    pieces = []
    for a, b in pairwise(bounds):
        lines = [placed.line(j, a, b, 0.5 * float(course[a] + course[b - 1])) for j in every]
        level = tuple(float(centre[j] + scale[j] * lines[j].level) for j in every)
        slope = tuple(float(scale[j] * lines[j].slope / span) for j in every)
        pieces.append(Piece(int(given.kept[starts[a]]), int(given.kept[starts[b] - 1]) + 1, level, slope))
    changes = []
    for a, x, b in zip(bounds, bounds[1:], bounds[2:], strict=False):
        steps = scale[:, None] * np.array([placed.step(j, a, x, b) for j in every])
        index = int(given.kept[starts[x]])
        when = _when(placed.odds(a, b), searched.times[a:b])
        changes.append(Change(index, float(searched.times[x]), *when[:2], *_sizes(*steps.T), when[2]))
    return Segmentation(
        tuple(changes),
        tuple(pieces),
        SHAPES[account.mean],
        searched.evidence,
        searched.gain,
        tuple(float(x) for x in np.exp(account.noise[:, 0])),
        tuple(float(x) for x in 1.0 / (1.0 + placed.series.size * np.exp(-account.noise[:, 1]))),
        len(given.kept),
    )


def _when(odds: Floats, times: Floats) -> tuple[float, float, float]:
    """The ends of the interval for when, and the evidence for a change anywhere between these times."""
    first, last = within(odds, times)
    return float(times[first - 1]), float(times[last]), averaged(odds, times)


def _sizes(size: Floats, error: Floats) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    """Size, low and high end, of each series."""
    low, high = size - NORMAL * error, size + NORMAL * error
    return tuple(map(float, size)), tuple(map(float, low)), tuple(map(float, high))


def _of_counts(given: _Given) -> Segmentation:
    """Rows of so much exposure that each is expected to hold `COUNT_A_ROW`, by their roots (Anscombe 1948).

    Chance alone gives these a variance that is known, so theirs is at least that.
    """
    counts, shown = given.values[0], given.exposure
    every, total = float(shown.sum()), float(counts.sum())
    if total < LEAST_COUNT or len(counts) < LEAST_READINGS:
        return _nothing(given, every)
    width = every * max(1.0 / MOST_ROWS, COUNT_A_ROW / total)
    number = np.floor((np.cumsum(shown) - shown) / width * (1.0 + 1e-12)).astype(np.int64)
    starts = np.flatnonzero(np.diff(number, prepend=-1))
    if shown[starts[-1] :].sum() < 0.5 * width:
        starts = starts[:-1]
    exposure, held = np.add.reduceat(shown, starts), np.add.reduceat(counts, starts)
    times = np.add.reduceat(shown * given.times, starts) / exposure
    usual = float(exposure.mean())
    roots = (2.0 * np.sqrt((held + ANSCOMBE) * usual / exposure))[None]
    columns = np.add.reduceat(shown[:, None] * given.columns, starts, axis=0) / exposure[:, None]
    if len(starts) < LEAST_READINGS + columns.shape[1] or not times[-1] > times[0]:
        return _nothing(given, every)
    bare, taken = _without_rhythm(roots, columns)
    tame = draw_in(np.ascontiguousarray(bare[0]), NEIGHBOURS, FARTHEST)[None]
    scale = tame.std(axis=1)
    if not scale[0] > 0.0:
        return _nothing(given, every)
    floor = ROOT_VARIANCE / float(scale[0]) ** 2
    searched = _searched(times, (tame - tame.mean()) / scale, taken, floor, COUNTS)
    searched = replace(searched, starts=np.append(starts, len(counts))[searched.starts])
    return _counted(given, searched, _told(given, searched, scale, tame.mean(axis=1)), float(scale[0]))


def _counted(given: _Given, searched: _Searched, told: Segmentation, scale: float) -> Segmentation:
    """Rates, and changes of rate: placed on the counts themselves where each piece has one rate."""
    account, gaps = searched.placed.account, searched.placed.series.gaps
    ratio, kept = math.exp(-account.noise[0, 1]), math.exp(-float(np.median(gaps[1:])) / math.exp(account.noise[0, 0]))
    excess = max(1.0, scale**2 * float(account.variances[0]) * (ratio + (1.0 + kept) / (1.0 - kept)))
    held, shown = (np.append(0.0, np.cumsum(some)) for some in (given.values[0], given.exposure))
    bounds, changes = [int(searched.starts[row]) for row in searched.placed.bounds], list(told.changes)
    for k in range(len(changes) if told.shape == "level" else 0):
        a, b = bounds[k], bounds[k + 2]
        odds = count_odds(held[a : b + 1] - held[a], shown[a : b + 1] - shown[a], excess)
        bounds[k + 1] = at = a + int(odds.argmax())
        low, high, evidence = _when(odds, given.times[a:b])
        index, time = int(given.kept[at]), float(given.times[at])
        changes[k] = replace(changes[k], index=index, time=time, low=low, high=high, log_evidence=evidence)
    many, days = np.diff(held[bounds]), np.diff(shown[bounds])
    steps, error = np.diff(np.log((many + 0.5) / days)), np.sqrt(excess / (many + 0.5))
    sizes = [_sizes(steps[k : k + 1], np.hypot(error[k : k + 1], error[k + 1])) for k in range(len(changes))]
    pieces = tuple(
        Piece(int(given.kept[a]), int(given.kept[b - 1]) + 1, (float(y / e),), (0.0,))
        for a, b, y, e in zip(bounds, bounds[1:], many, days, strict=False)
    )
    finished = tuple(
        replace(change, size=size, size_low=low, size_high=high)
        for change, (size, low, high) in zip(changes, sizes, strict=True)
    )
    return replace(told, changes=finished, pieces=pieces)


def _spread_changes(given: _Given, bare: Floats, told: Segmentation) -> tuple[Change, ...]:
    """Changes of level of what is left of each reading, to the power that makes its size nearly Gaussian."""
    left = bare.copy()
    place = {int(index): at for at, index in enumerate(given.kept)}
    for part in told.pieces:
        a, b = place[part.start], place[part.end - 1] + 1
        middle = 0.5 * (given.times[a] + given.times[b - 1])
        left[:, a:b] -= np.add.outer(part.level, 0.0 * given.times[a:b]) + np.outer(
            part.slope, given.times[a:b] - middle
        )
    sizes = np.abs(left) ** SPREAD_POWER
    tame = np.stack([draw_in(np.ascontiguousarray(one), NEIGHBOURS, FARTHEST) for one in sizes])
    scale = np.where(tame.std(axis=1) > 0.0, tame.std(axis=1), 1.0)
    centre = tame.mean(axis=1)
    found = _told(given, _searched(given.times, (tame - centre[:, None]) / scale[:, None], 0), scale, centre)
    return tuple(
        _as_ratio(change, np.array(before.level), np.array(after.level))
        for change, before, after in zip(found.changes, found.pieces, found.pieces[1:], strict=False)
    )


def _as_ratio(change: Change, before: Floats, after: Floats) -> Change:
    """A step of the sizes' power, told as the logarithm of the ratio of standard deviations."""
    least = 0.05 * np.maximum(np.maximum(before, after), 1e-300)
    before, after = np.maximum(before, least), np.maximum(after, least)
    error = (np.array(change.size_high) - np.array(change.size_low)) / (2.0 * NORMAL * 0.5 * (before + after))
    size, low, high = _sizes(np.log(after / before) / SPREAD_POWER, error / SPREAD_POWER)
    return replace(change, size=size, size_low=low, size_high=high)
