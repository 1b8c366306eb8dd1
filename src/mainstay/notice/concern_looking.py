"""What the records since a worry was written down say of a sign that is tied to them: after it, against before.

After are the days since the worry was written: they had no part in making it. Before are the days until then, or until
it began to seem so (`since`), as the stretch in between made the worry. What is not settled (`notice.settling`) counts
on neither side. Ratings and signals: the difference of the means, with whole weeks as clusters (Liang and Zeger 1986)
that may go together with the next, and Student's t with Welch's degrees of freedom (1947). Events: the ratio of the
rates, exact given their sum, counts being taken over their dispersion between weeks where that is above 1. All
intervals are at 90 %, each for itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from mainstay.notice.series import Series
from mainstay.numerics.exact_rates import beta_quantile, ratio_interval
from mainstay.records.statements_concern import Observable
from mainstay.timeline.kinds import Floats

LEVEL = 0.90
WEEK = 7.0
WEEKS_BEFORE, WEEKS_AFTER = 3, 2
SMALLEST_SHARE_OF_SPREAD = 0.5
"""What would matter where nobody said: half a standard deviation of the readings before."""
TIMES_AS_OFTEN = 1.5
"""What would matter of a kind of event where nobody said."""

Says = Literal["as if it were so", "as if it were not", "cannot say", "for you to judge"]


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of one sign: as if it were so, as if it were not, neither; or nothing on record is tied to it.

    `figures`: before, after, the difference or ratio with its ends, and counts; `reason`: why it can't be said.
    """

    sign: Observable
    says: Says
    reason: str = ""
    figures: dict[str, Any] = field(default_factory=dict)


def looked(sign: Observable, series: tuple[Series, ...], begun: float, until: float) -> Looked:
    """What a stream says of a sign. `begun`: when the worry was written; `until`: where before ends (days)."""
    if sign.tied_to is None:
        seen: dict[str | None, Says] = {"so": "as if it were so", "not": "as if it were not", "unclear": "cannot say"}
        return Looked(sign, seen.get(sign.seen, "for you to judge"))
    kind = "rating" if sign.item else "count" if sign.event else "signal"
    one = next((s for s in series if s.kind == kind and s.name == sign.tied_to), None)
    if one is None:
        return Looked(sign, "cannot say", f"nothing called “{sign.tied_to}” is on record")
    return _of_events(sign, one, begun, until) if kind == "count" else _of_readings(sign, one, begun, until)


def _of_readings(sign: Observable, one: Series, begun: float, until: float) -> Looked:
    before, after = one.settled & (one.times <= until), one.settled & (one.times > begun)
    values = [one.values[part] for part in (before, after)]
    weeks = [np.floor((until - one.times[before]) / WEEK), np.floor((one.times[after] - begun) / WEEK)]
    short = _too_few(weeks)
    if short:
        return Looked(sign, "cannot say", short, {"readings_before": len(values[0]), "readings_after": len(values[1])})
    spread = float(np.std(values[0], ddof=1))
    least = sign.by if sign.by is not None else SMALLEST_SHARE_OF_SPREAD * spread
    means = [float(part.mean()) for part in values]
    low, high = difference_interval(values[0], weeks[0], values[1], weeks[1])
    figures = {
        "unit": one.unit, "mean_before": means[0], "mean_after": means[1], "difference": means[1] - means[0],
        "low": low, "high": high, "level": LEVEL, "would_matter": least, "readings_before": len(values[0]),
        "readings_after": len(values[1]), "weeks_before": len(np.unique(weeks[0])),
        "weeks_after": len(np.unique(weeks[1])),
    }  # fmt: skip
    return Looked(sign, _says(sign, low, high, least), _unclear(sign, low, high, least), figures)


def _of_events(sign: Observable, one: Series, begun: float, until: float) -> Looked:
    """Whole days: that on which the worry was written counts on neither side."""
    usable = one.settled & (one.exposure > 0.0)
    parts = usable & (one.times <= until + 1e-9), usable & (one.times >= begun + 1.0 - 1e-9)
    weeks = [np.floor((until - one.times[parts[0]]) / WEEK), np.floor((one.times[parts[1]] - begun) / WEEK)]
    counts = [float(one.values[part].sum()) for part in parts]
    days = [float(one.exposure[part].sum()) for part in parts]
    short = _too_few(weeks)
    if short or sum(counts) == 0.0:
        reason = short or "it happened neither before nor since"
        return Looked(sign, "cannot say", reason, {"events_before": counts[0], "events_after": counts[1]})
    phi = dispersion([(one.values[part], one.exposure[part], week) for part, week in zip(parts, weeks, strict=True)])
    low, high = ratio_interval((counts[1] / phi, days[1]), (counts[0] / phi, days[0]), LEVEL)
    least = math.log(sign.by if sign.by is not None else TIMES_AS_OFTEN)
    rates = [count / day for count, day in zip(counts, days, strict=True)]
    figures = {
        "unit": "times as often", "rate_a_week_before": WEEK * rates[0], "rate_a_week_after": WEEK * rates[1],
        "ratio": rates[1] / rates[0] if rates[0] > 0.0 else None, "low": low,
        "high": high if math.isfinite(high) else None, "level": LEVEL, "would_matter": math.exp(least),
        "events_before": counts[0], "events_after": counts[1], "days_before": days[0], "days_after": days[1],
        "dispersion": phi,
    }  # fmt: skip
    ends = (math.log(low) if low > 0.0 else -math.inf, math.log(high))
    return Looked(sign, _says(sign, *ends, least), _unclear(sign, *ends, least), figures)


def _says(sign: Observable, low: float, high: float, least: float) -> Says:
    """Not so: the interval leaves out all that would matter. So: it leaves out no change, towards what was feared."""
    toward, away = (low, high) if sign.expect == "more" else (-high, -low)
    if away < least:
        return "as if it were not"
    return "as if it were so" if toward > 0.0 else "cannot say"


def _unclear(sign: Observable, low: float, high: float, least: float) -> str:
    unclear = _says(sign, low, high, least) == "cannot say"
    return "a change that would matter can neither be seen nor ruled out yet" if unclear else ""


def _too_few(weeks: list[Floats]) -> str:
    """Why there are too few weeks on either side; empty where there are enough."""
    for name, side, need in (("before it", weeks[0], WEEKS_BEFORE), ("since", weeks[1], WEEKS_AFTER)):
        have = len(np.unique(side))
        if have < need:
            return f"{have or 'no'} week{'s' * (have != 1)} {name} on record; {need} are needed"
    return ""


def difference_interval(
    before: Floats, weeks_before: Floats, after: Floats, weeks_after: Floats, level: float = LEVEL
) -> tuple[float, float]:
    """Interval of mean(after) - mean(before), from readings (n,) and their weeks (n,): weeks apart are independent."""
    (first, df_first), (second, df_second) = _error(before, weeks_before), _error(after, weeks_after)
    total = first + second
    freedom = total**2 / (first**2 / df_first + second**2 / df_second) if total > 0.0 else df_first + df_second
    x = beta_quantile(1.0 - level, 0.5 * freedom, 0.5)
    reach = math.sqrt(freedom * (1.0 / x - 1.0)) * math.sqrt(total)
    difference = float(after.mean() - before.mean())
    return difference - reach, difference + reach


def _error(values: Floats, weeks: Floats) -> tuple[float, int]:
    """Variance of a mean from the sums of its deviations by week, and the degrees of freedom.

    Weeks next to each other may go together (Newey and West 1987, one lag); that only ever adds.
    """
    numbers, week = np.unique(weeks, return_inverse=True)
    sums = np.bincount(week, values - values.mean())
    clusters, adjoining = len(sums), np.diff(numbers) == 1.0
    together = 2.0 * float((sums[1:] * sums[:-1])[adjoining].sum())
    squares = float((sums**2).sum()) + max(together, 0.0)
    return clusters / (clusters - 1) * squares / len(values) ** 2, clusters - 1


def dispersion(sides: list[tuple[Floats, Floats, Floats]]) -> float:
    """Variance over mean of weekly counts, each side around its own rate; at least 1. Sides: counts, exposure, week."""
    squares, freedom = 0.0, 0
    for counts, exposure, weeks in sides:
        _, week = np.unique(weeks, return_inverse=True)
        seen, days = np.bincount(week, counts), np.bincount(week, exposure)
        expected = days * counts.sum() / exposure.sum()
        if counts.sum() > 0.0:
            squares += float(((seen - expected) ** 2 / expected).sum())
            freedom += len(seen) - 1
    return max(squares / freedom, 1.0) if freedom else 1.0
