"""The model of what is usual in one stream: level, rhythm and trend, from that person's own past.

Readings: a linear model, fitted robustly (Huber 1964), of level, trend, hour, weekday, role and, from eighteen months
on, season. Daily counts: the same with a logarithmic link and exposure (quasi-Poisson). Every column but the level is
centred, so the level is that of the person's own mixture of hours, days and roles.

Readings hang together in time, from hours to weeks. Level and trend are questions about days, so their uncertainty
comes from the days' means, freed of rhythm, as a regression whose errors are an Ornstein-Uhlenbeck process and noise,
averaged over how long its swings last (`numerics.ou_regression`). For hours, weekdays and roles it comes from whole
stretches of days taken as clusters (Liang and Zeger 1986), with Student's law on one degree of freedom less than there
are stretches (Cameron, Gelbach and Miller 2008).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.notice.series import Series
from mainstay.numerics.ou_fit import student_quantile
from mainstay.numerics.ou_regression import OuRegression, ou_regression
from mainstay.quantities import DAYS_PER_MONTH, DAYS_PER_YEAR, Interval
from mainstay.strain.judge import LEVEL, Z90
from mainstay.timeline.kinds import Floats, Timeline

HUBER, ROUNDS, NEAR = 1.5, 25, 1e-6
LEAST_OWN = 1e-9
"""The least square of what a column adds to those before it, of its own square; with less it says the same."""
SEASON_DAYS = 1.5 * DAYS_PER_YEAR
SHORTEST_STRETCH, LONGEST_STRETCH, STRETCHES = 3.0, 14.0, 12.0
FEWEST_DAYS = 10
LEAST_SHARE = 0.05
"""A role is told apart where at least so many readings lie inside it and outside."""
FEWEST_WEEKS = 6
"""Weekdays are told apart where each was seen in so many weeks; counts besides, where there are so many events."""
FEWEST_EVENTS = 100
WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
PARTS = {
    "at night": (0.0, 5.0),
    "in the morning": (5.0, 12.0),
    "in the afternoon": (12.0, 18.0),
    "in the evening": (18.0, 24.0),
}
LEAST_PART, LEAST_RATIO = 0.1, math.log(1.25)
"""What is told of readings is at least a tenth of their ordinary range; of counts, a quarter more or less."""
LATELY_DAYS = 90.0
"""What is usual is what was so over the last three months, or over a shorter record."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The columns of the model at n times (n, k), centred but for the first; by the name of their group."""

    values: Floats
    groups: dict[str, slice]


@dataclass(frozen=True, slots=True)
class Contrast:
    """By how much one weekday, part of the day or role differs from the average: estimate, sd; times for counts."""

    name: str
    estimate: float
    sd: float


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """What is usual in one stream. Readings in their own units, counts a day of recording.

    `level`: over the last three months (`LATELY_DAYS`), with its interval. `trend_a_month`: in the same units (counts:
    of the logarithm of the rate), with its interval. `low`, `high`: nine of ten readings lie between them at that level
    (counts: of weeks). `by_hour`: differences from the average at each full hour. `expected` (m): what the model says
    at each of the `rows` (m) that count. `freedom`: stretches of days less one. Less than `matters` is not told.
    """

    level: float
    level_interval: Interval
    trend_a_month: float
    trend_interval: Interval
    low: float
    high: float
    weekdays: tuple[Contrast, ...]
    parts: tuple[Contrast, ...]
    roles: tuple[Contrast, ...]
    by_hour: tuple[float, ...]
    expected: Floats
    rows: NDArray[np.int64]
    readings: int
    days: float
    freedom: int
    matters: float

    def clear(self) -> tuple[Contrast, ...]:
        """The contrasts that matter, and whose interval leaves out none; the 10 % is shared among all looked at."""
        every = (*self.parts, *self.weekdays, *self.roles)
        bar = student_quantile(1.0 - 0.05 / max(len(every), 1), self.freedom)
        return tuple(one for one in every if abs(one.estimate) > max(bar * one.sd, self.matters))


def baseline_of(timeline: Timeline, series: Series) -> Baseline:
    """What is usual in a series. Refuses one with hardly more readings than columns, or on fewer than ten days."""
    rows = np.flatnonzero(series.settled & (series.exposure > 0.0))
    times, values, exposure = series.times[rows], series.values[rows], series.exposure[rows]
    counts = series.kind == "count"
    days = np.unique(np.floor(timeline.local_days(times)))
    if len(days) < FEWEST_DAYS:
        raise BadRequest(f"{series.name!r} has readings on {len(days)} days: too few to say what is usual")
    columns = columns_of(timeline, times, events=float(values.sum()) if counts else None)
    if len(rows) < columns.values.shape[1] + FEWEST_DAYS:
        raise BadRequest(f"{series.name!r} has {len(rows)} readings: too few to say what is usual")
    weights, scores, bread = (_poisson if counts else _huber)(columns.values, values, exposure)
    covariance, freedom = _sandwich(scores, bread, _stretches(times))
    linear: Floats = columns.values @ weights
    if counts:
        expected = np.exp(linear) * exposure
        rest = linear + (values - expected) / expected.mean()
    else:
        # as the robust fit sees them, in units in which their mean moves with the level (one step of Newton's)
        expected, rest = linear, linear + scores[:, 0] * float(bread[0, 0] * len(rows))
    slope = columns.groups["trend"].start
    freed = rest - columns.values[:, slope + 1 :] @ weights[slope + 1 :]
    trend = columns.values[:, slope]
    now = float(trend[-1]) - 0.5 * min(LATELY_DAYS, float(times[-1] - times[0])) / DAYS_PER_MONTH
    by_days = _by_days(timeline, times, trend, freed)
    level, level_interval = _with_interval(by_days, np.array([1.0, now]))
    slope_a_month, trend_interval = _with_interval(by_days, np.array([0.0, 1.0]))
    if counts:
        # weekdays are centred in the logarithm; the mean of their rates is higher
        mixture = float(np.average(np.exp(columns.values[:, slope + 1 :] @ weights[slope + 1 :]), weights=exposure))
        level, lowest, highest = (mixture * math.exp(one) for one in (level, level_interval.low, level_interval.high))
        level_interval = Interval(lowest, highest, LEVEL)
        low, high = _weeks(times, values, exposure)
    else:
        low, high = _range(values, (now - trend) * slope_a_month)
    return Baseline(
        level=level,
        level_interval=level_interval,
        trend_a_month=slope_a_month,
        trend_interval=trend_interval,
        low=low,
        high=high,
        weekdays=_weekday_contrasts(columns, weights, covariance),
        parts=_part_contrasts(timeline, times, columns, weights, covariance),
        roles=_role_contrasts(columns, weights, covariance),
        by_hour=_by_hour(timeline, times, columns, weights),
        expected=expected,
        rows=rows,
        readings=len(rows),
        days=float(times[-1] - times[0]),
        freedom=freedom,
        matters=LEAST_RATIO if counts else LEAST_PART * (high - low),
    )


def _by_days(timeline: Timeline, times: Floats, trend: Floats, freed: Floats) -> OuRegression:
    """Level and trend from the days' means of what is freed of rhythm."""
    day, number = np.unique(np.floor(timeline.local_days(times)), return_inverse=True, return_counts=True)[1:]
    design = np.column_stack([np.ones(len(number)), np.bincount(day, trend) / number])
    return ou_regression(np.bincount(day, times) / number, np.bincount(day, freed) / number, design)


def _with_interval(days: OuRegression, row: Floats) -> tuple[float, Interval]:
    estimate, reach = float(row @ days.coefficients), Z90 * math.sqrt(float(row @ days.covariance @ row))
    return estimate, Interval(estimate - reach, estimate + reach, LEVEL)


def columns_of(timeline: Timeline, times: Floats, *, events: float | None = None) -> Columns:
    """Level, trend in months from the middle, hours, weekdays, roles, season: those that the times can tell apart.

    `events`: how many there are, where the rows are daily counts; None for readings.
    """
    days_only = events is not None
    # a day's count stands at the day's end: half a day earlier lies within it
    inside = times - 0.5 if days_only else times
    middle = 0.5 * (times[0] + times[-1])
    parts: list[tuple[str, Floats]] = [("trend", ((times - middle) / DAYS_PER_MONTH)[:, None])]
    hours, weekdays = timeline.local_hours(inside), timeline.weekdays(inside)
    if not days_only and float(np.std(hours)) > 1.0:
        parts.append(("hours", _harmonics(hours)))
    seen = np.unique(np.floor(timeline.local_days(inside)).astype(np.int64), return_index=True)[1]
    enough = events is None or events >= FEWEST_EVENTS
    if enough and np.bincount(weekdays[seen], minlength=7).min() >= FEWEST_WEEKS:
        parts.append(("weekdays", (weekdays[:, None] == np.arange(6)).astype(float) - (weekdays == 6)[:, None]))
    for role in () if days_only else timeline.roles:
        occupied = role.occupied(times).astype(float)
        if LEAST_SHARE < occupied.mean() < 1.0 - LEAST_SHARE:
            parts.append((f"role {role.label}", occupied[:, None]))
    if times[-1] - times[0] >= SEASON_DAYS:
        turn = 2.0 * np.pi * times / DAYS_PER_YEAR
        parts.append(("season", np.column_stack([np.sin(turn), np.cos(turn)])))
    return _assembled(parts, len(times))


def _assembled(parts: list[tuple[str, Floats]], n: int) -> Columns:
    """The parts side by side after a column of ones, each centred; a part the others already tell is left out."""
    values, groups = np.ones((n, 1)), {"level": slice(0, 1)}
    for name, part in parts:
        wider = np.column_stack([values, part - part.mean(axis=0)])
        scaled = wider / np.maximum(np.linalg.norm(wider, axis=0), 1e-300)
        if np.linalg.eigvalsh(scaled.T @ scaled)[0] > LEAST_OWN:
            groups[name] = slice(values.shape[1], wider.shape[1])
            values = wider
    return Columns(values, groups)


def _harmonics(hours: Floats) -> Floats:
    turn = 2.0 * np.pi * hours / 24.0
    return np.column_stack([np.sin(turn), np.cos(turn), np.sin(2.0 * turn), np.cos(2.0 * turn)])


def _stretches(times: Floats) -> np.ndarray:
    """The number of the stretch of days in which each reading lies, from 0; empty stretches have no number."""
    length = min(max((times[-1] - times[0]) / STRETCHES, SHORTEST_STRETCH), LONGEST_STRETCH) if len(times) else 1.0
    return np.unique(np.floor((times - times[:1]) / length), return_inverse=True)[1] if len(times) else np.zeros(1, int)


def _huber(x: Floats, y: Floats, exposure: Floats) -> tuple[Floats, Floats, Floats]:
    """Weights (k), scores (n, k) and the inverse of their slope (k, k), by iteratively reweighted least squares."""
    weights: Floats = np.linalg.lstsq(x, y, rcond=None)[0].astype(float)
    for _ in range(ROUNDS):
        rest: Floats = y - x @ weights
        spread = _spread(rest)
        trust = np.minimum(1.0, HUBER * spread / np.maximum(np.abs(rest), 1e-300))
        moved: Floats = np.asarray(np.linalg.solve((x * trust[:, None]).T @ x, (x * trust[:, None]).T @ y), float)
        settled = np.abs(moved - weights).max() < NEAR * (1.0 + np.abs(weights).max())
        weights = moved
        if settled:
            break
    drawn: Floats = np.clip(y - x @ weights, -HUBER * spread, HUBER * spread)
    bread: Floats = np.asarray(np.linalg.inv(x.T @ x), float) / float(np.mean(np.abs(drawn) < HUBER * spread))
    return weights, x * drawn[:, None], bread


def _spread(rest: Floats) -> float:
    """The sd that most residuals suggest; by their mean size, where more than half of them are next to nothing."""
    by_median, by_mean = 1.4826 * float(np.median(np.abs(rest))), 1.2533 * float(np.abs(rest).mean())
    return max(by_median if by_median > 0.1 * by_mean else by_mean, 1e-12)


def _poisson(x: Floats, y: Floats, exposure: Floats) -> tuple[Floats, Floats, Floats]:
    """The same for counts with exposure and a logarithmic link; a faint ridge keeps days without any finite."""
    ridge = np.full(x.shape[1], 1e-3)
    ridge[0] = 0.0
    weights: Floats = np.zeros(x.shape[1])
    weights[0] = math.log(max(float(y.sum()), 0.5) / float(exposure.sum()))
    mean: Floats = exposure * np.exp(x @ weights)
    for _ in range(ROUNDS):
        step = np.linalg.solve((x * mean[:, None]).T @ x + np.diag(ridge), x.T @ (y - mean) - ridge * weights)
        weights += np.clip(step, -1.0, 1.0)
        mean = exposure * np.exp(np.clip(x @ weights, -30.0, 30.0))
        if np.abs(step).max() < 1e-9:
            break
    bread: Floats = np.asarray(np.linalg.inv((x * mean[:, None]).T @ x + np.diag(ridge)), float)
    return weights, x * (y - mean)[:, None], bread


def _sandwich(scores: Floats, bread: Floats, stretches: np.ndarray) -> tuple[Floats, int]:
    """The covariance of the weights from whole stretches, and its degrees of freedom."""
    count = int(stretches[-1]) + 1
    sums = np.zeros((count, scores.shape[1]))
    np.add.at(sums, stretches, scores)
    n, k = scores.shape
    factor = count / (count - 1.0) * (n - 1.0) / max(n - k, 1)
    return factor * bread @ (sums.T @ sums) @ bread, count - 1


def _range(values: Floats, carried: Floats) -> tuple[float, float]:
    """Between which nine of ten readings lie, each carried along the trend to when the level is told."""
    low, high = np.quantile(values + carried, [0.05, 0.95])
    return max(float(low), float(values.min())), min(float(high), float(values.max()))


def _weeks(times: Floats, counts: Floats, exposure: Floats) -> tuple[float, float]:
    """Between which counts nine of ten weeks lie, each as if recorded whole; weeks recorded by less than half aside."""
    week = np.floor((times - times[0]) / 7.0).astype(int)
    worth, number = np.bincount(week, exposure), np.bincount(week, counts)
    whole = worth >= 3.5
    if not whole.any():
        return 0.0, float(number.max())
    low, high = np.quantile(number[whole] / worth[whole] * 7.0, [0.05, 0.95])
    return float(low), float(high)


def _contrast(name: str, row: Floats, group: slice, weights: Floats, covariance: Floats) -> Contrast:
    return Contrast(name, float(row @ weights[group]), math.sqrt(max(float(row @ covariance[group, group] @ row), 0.0)))


def _weekday_contrasts(columns: Columns, weights: Floats, covariance: Floats) -> tuple[Contrast, ...]:
    group = columns.groups.get("weekdays")
    if group is None:
        return ()
    rows = np.vstack([np.eye(6), -np.ones(6)])
    return tuple(_contrast(f"on {WEEKDAYS[day]}", rows[day], group, weights, covariance) for day in range(7))


def _part_contrasts(
    timeline: Timeline, times: Floats, columns: Columns, weights: Floats, covariance: Floats
) -> tuple[Contrast, ...]:
    """Parts of the day in which at least one in twenty readings lies, against the person's own average hour."""
    group = columns.groups.get("hours")
    if group is None:
        return ()
    hours = timeline.local_hours(times)
    told = []
    for name, (first, last) in PARTS.items():
        inside = (hours >= first) & (hours < last)
        if inside.mean() >= LEAST_SHARE:
            told.append(_contrast(name, columns.values[inside, group].mean(axis=0), group, weights, covariance))
    return tuple(told) if len(told) > 1 else ()


def _role_contrasts(columns: Columns, weights: Floats, covariance: Floats) -> tuple[Contrast, ...]:
    return tuple(
        _contrast(name.removeprefix("role "), np.ones(1), group, weights, covariance)
        for name, group in columns.groups.items()
        if name.startswith("role ")
    )


def _by_hour(timeline: Timeline, times: Floats, columns: Columns, weights: Floats) -> tuple[float, ...]:
    """The difference from the average at each full hour (24), empty where hours are not told apart."""
    group = columns.groups.get("hours")
    if group is None:
        return ()
    centre = _harmonics(timeline.local_hours(times)).mean(axis=0)
    curve: Floats = (_harmonics(np.arange(24.0)) - centre) @ weights[group]
    return tuple(float(one) for one in curve)
