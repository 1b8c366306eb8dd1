"""How large a change is: the days from its beginning on against the days before it, allowing for autocorrelation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mainstay.notice.change_watch import What
from mainstay.notice.series import Series
from mainstay.numerics.sequential_state import Floats
from mainstay.timeline.kinds import Timeline

NORMAL_95 = 1.6449
FEWEST_DAYS = 3
WEEKS_FOR_RHYTHM = 21
WEEKDAY_SHRINKAGE = 4.0
MOST_AUTOCORRELATION = 0.9
EARLY_DAYS = 14.0
"""An alarm comes when a change looks largest: until many days have followed, the interval is wider for it."""
STILL = 1e-3
"""A variance is taken to be at least this share of the whole record's: a stream may stop moving."""


@dataclass(frozen=True, slots=True)
class Size:
    """A difference in the stream's unit (level), or a ratio (spread: of standard deviations; rate), with its 90 %
    interval. `own_sd`: the difference in standard deviations of single readings before, or the ratio's logarithm.
    `days`: with records, before and after; `n`: records on both sides.
    """

    estimate: float
    low: float
    high: float
    own_sd: float
    before: float
    after: float
    days: tuple[int, int]
    n: int

    def is_a_change(self, what: What) -> bool:
        """Whether the interval leaves out no change."""
        none = 0.0 if what == "level" else 1.0
        return not self.low <= none <= self.high


def size_of(timeline: Timeline, one: Series, what: What, *, start: float, began: float, end: float) -> Size | None:
    """Local days [began, end) against [start, began); None where either side has too few days."""
    day = np.floor(timeline.local_days(one.times - (1e-6 if one.kind == "count" else 0.0)))
    inside = (day >= start) & (day < end) & (one.exposure > 0.0)
    day, values, exposure = day[inside], one.values[inside], one.exposure[inside]
    late = day >= math.floor(began)
    days = (len(np.unique(day[~late])), len(np.unique(day[late])))
    if min(days) < FEWEST_DAYS:
        return None
    if what == "rate":
        return _rates(day, values, exposure, late, days)
    return _levels(day, values, late, days) if what == "level" else _spreads(day, values, late, days)


def inflation(rest: Floats, day: Floats) -> float:
    """By how much autocorrelation from day to day widens the variance of a mean; at least 1."""
    next_day = np.diff(day) == 1.0
    if next_day.sum() < 5:
        return 1.0
    centred = rest - rest.mean()
    first, second = centred[:-1][next_day], centred[1:][next_day]
    variance = float(np.mean(centred**2))
    if variance <= 0.0:
        return 1.0
    n = len(rest)
    rho = float(np.mean(first * second)) / variance
    rho = min(max(rho + (1.0 + 3.0 * rho) / n, 0.0), MOST_AUTOCORRELATION)
    return (1.0 + rho) / (1.0 - rho)


def _apart(days: tuple[int, int]) -> float:
    """The variance of a difference of means, in units of a day's, widened while few days have followed."""
    return (1.0 / days[0] + 1.0 / days[1]) * (1.0 + EARLY_DAYS / days[1])


def _daily(day: Floats, values: Floats) -> tuple[Floats, Floats]:
    days, place, count = np.unique(day, return_inverse=True, return_counts=True)
    return days, np.bincount(place, values) / count


def _without_weekdays(days: Floats, means: Floats, late: np.ndarray) -> Floats:
    """Daily means less each weekday's own part, drawn in; both sides have a level of their own."""
    if len(days) < WEEKS_FOR_RHYTHM:
        return means
    rest = means - np.where(late, means[late].mean(), means[~late].mean())
    weekday = days.astype(np.int64) % 7
    part = np.bincount(weekday, rest, 7) / (np.bincount(weekday, minlength=7) + WEEKDAY_SHRINKAGE)
    return np.asarray(means - part[weekday])


def _levels(day: Floats, values: Floats, late: np.ndarray, days: tuple[int, int]) -> Size:
    each, means = _daily(day, values)
    after = each >= day[late].min()
    means = _without_weekdays(each, means, after)
    one, other = float(means[~after].mean()), float(means[after].mean())
    rest = means - np.where(after, other, one)
    variance = float((rest**2).sum()) / max(len(rest) - 2, 1)
    error = math.sqrt(variance * inflation(rest, each) * _apart(days))
    reach = NORMAL_95 * (1.0 + 2.0 / max(len(rest) - 2, 1)) * error
    sd = float(values[~late].std()) or 1.0
    return Size(
        other - one, other - one - reach, other - one + reach, (other - one) / sd, one, other, days, len(values)
    )


def _spreads(day: Floats, values: Floats, late: np.ndarray, days: tuple[int, int]) -> Size:
    """The ratio of standard deviations; its error from the days' mean squares, so that clustering is allowed for."""
    centred = values - np.where(late, values[late].mean(), values[~late].mean())
    each, squares = _daily(day, centred**2)
    after = each >= day[late].min()
    one, other = (max(float(squares[part].mean()), STILL * float(squares.mean())) for part in (~after, after))
    rest = squares / np.where(after, other, one) - 1.0
    variance = float((rest**2).sum()) / max(len(rest) - 2, 1)
    error = 0.5 * math.sqrt(variance * inflation(rest, each) * _apart(days))
    return _ratio(0.5 * math.log(other / one), error, (math.sqrt(one), math.sqrt(other)), days, len(values))


def _rates(day: Floats, values: Floats, exposure: Floats, late: np.ndarray, days: tuple[int, int]) -> Size:
    count = [float(values[part].sum()) for part in (~late, late)]
    time = [float(exposure[part].sum()) for part in (~late, late)]
    rate = [(n + 0.5) / t for n, t in zip(count, time, strict=True)]
    expected = exposure * np.where(late, rate[1], rate[0])
    rest = (values - expected) / np.sqrt(expected)
    over = max(float((rest**2).sum()) / max(len(rest) - 2, 1) * inflation(rest, day), 1.0)
    error = math.sqrt(over * sum(1.0 / (n + 0.5) for n in count) * (1.0 + EARLY_DAYS / days[1]))
    return _ratio(math.log(rate[1] / rate[0]), error, (rate[0], rate[1]), days, int(sum(count)))


def _ratio(log: float, error: float, sides: tuple[float, float], days: tuple[int, int], n: int) -> Size:
    reach = NORMAL_95 * error
    low, high = math.exp(log - reach), math.exp(log + reach)
    return Size(math.exp(log), low, high, log, *sides, days, n)
