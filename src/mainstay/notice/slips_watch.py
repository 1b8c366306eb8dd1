"""Has the rate of something counted gone up, and since when? An e-detector that may be looked at every day.

Days are gathered into weeks from the record's first day on, so a weekday rhythm is no change. For a change at the start
of week j to a rate ρ times as high, with N events in exposure E before it and n in e since, the likelihood ratio
against no change, the unknown rate having the right Haar prior, is

    ρⁿ ((E + e) / (E + ρ e))^(N + n).

It knows nothing of the rate itself: where counts are Poisson it is a martingale of mean 1 that begins with 1 in week j.
The Shiryaev–Roberts sum over j, a mean over ρ inside it, is therefore an e-detector: without a change it takes c weeks
or more, in the mean, until it first passes c (Shin, Ramdas and Rinaldo 2024, doi:10.51387/23-NEJSDS43). Several streams
share one such promise by their weights, which add up to 1 in each week and are settled before the week begins.

Days are seldom Poisson: bad days come in clusters. So each logarithm is divided by φ, the dispersion of the weeks, and
a very bad day is drawn in. With φ the promise is no theorem; it is measured (tests/calibration/slips.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.notice.budget import SLIPS_MONTHS, days_per_alarm

Floats = NDArray[np.float64]
WEEK = 7
BAR = days_per_alarm(SLIPS_MONTHS) / WEEK
"""The sum at which an alarm is raised: its mean time to a false one in weeks, over all streams together."""
RATIOS = (1.5, 2.0, 3.0, 5.0)
LEARNING_DAYS = 28.0
"""So many recorded days come before the first change that is looked for."""
SHORTEST_DAYS, LONGEST_DAYS = 2 * WEEK, 104 * WEEK
"""How long a change may have lasted to be looked for: a shorter one is bad days, a longer one has become usual."""
USUAL_SPREAD, WORTH_WEEKS = 0.25, 8.0
"""How much a person's weeks vary beyond chance (variance over squared mean) is drawn towards this, with this weight."""
LAGS = (1, 2)
SAFE = 0.3
MOST_A_DAY = 3.0, 4.0
"""A day counts for at most so many, and so many times what is usual of it: one very bad day is no change of rate."""
LEAST_EXPOSURE = 0.5
"""Weeks with less than so many recorded days say nothing of the dispersion."""


@dataclass(frozen=True, slots=True, eq=False)
class Weeks:
    """A stream of daily counts summed up: before each week j (weeks,), and from the first day to each day (days,).

    `before`, `exposed_before`: all that was counted before the week, and its exposure. `judged`, `exposed`: running
    sums over days that may be judged. `judged_before`, `exposed_judged_before`: those sums before the week.
    `learned`: recorded days before it. `parts`: running sums from which the dispersion is told.
    """

    before: Floats
    exposed_before: Floats
    judged: Floats
    exposed: Floats
    judged_before: Floats
    exposed_judged_before: Floats
    learned: Floats
    parts: Floats

    @property
    def days(self) -> int:
        """How many days the stream has."""
        return len(self.judged)


def weeks_of(counts: Floats, exposure: Floats, settled: NDArray[np.bool_]) -> Weeks:
    """Sums of daily `counts` (days,) with their `exposure`; days not `settled` are learned from and never judged."""
    if not len(counts) == len(exposure) == len(settled):
        raise BadRequest("counts, exposure and what is settled need one value for each day")
    counts = _drawn_in(np.where(exposure > 0.0, counts, 0.0), exposure)
    firsts = np.arange(0, len(counts), WEEK)
    x, e = (np.add.reduceat(part, firsts) if len(counts) else np.zeros(0) for part in (counts, exposure))
    may = settled & (exposure > 0.0)
    judged, exposed = np.cumsum(np.where(may, counts, 0.0)), np.cumsum(np.where(may, exposure, 0.0))
    recorded = np.concatenate([[0.0], np.cumsum(exposure > 0.0)])
    return Weeks(
        before=_up_to(x),
        exposed_before=_up_to(e),
        judged=judged,
        exposed=exposed,
        judged_before=np.concatenate([[0.0], judged])[firsts],
        exposed_judged_before=np.concatenate([[0.0], exposed])[firsts],
        learned=recorded[firsts],
        parts=_parts(x, e),
    )


def _drawn_in(counts: Floats, exposure: Floats) -> Floats:
    """Daily counts with those of very bad days drawn in, by the mean of the days before."""
    usual = _up_to(counts) / np.maximum(_up_to(exposure), LEARNING_DAYS)
    drawn: Floats = np.minimum(counts, MOST_A_DAY[0] + MOST_A_DAY[1] * usual * exposure)
    return drawn


def _up_to(parts: Floats) -> Floats:
    """Sums of what comes before each."""
    return np.concatenate([[0.0], np.cumsum(parts)[:-1]]) if len(parts) else parts


def _parts(x: Floats, e: Floats) -> Floats:
    """Running sums over weeks (parts, weeks + 1): χ² and what neighbouring weeks share follow for any mean."""
    known = e >= LEAST_EXPOSURE
    root = np.sqrt(np.where(known, e, 0.0))
    y = np.where(known, x, 0.0) / np.where(known, root, 1.0)
    rows = [known.astype(float), y * root, root * root, y * y]
    for lag in LAGS:
        both = np.zeros(len(x))
        both[lag:] = known[lag:] & known[:-lag]
        y_then, root_then = (np.append(np.zeros(min(lag, len(x))), one[:-lag]) for one in (y, root))
        rows += [both * y * y_then, both * (y * root_then + y_then * root), both * root * root_then]
    return np.cumsum(np.pad(np.array(rows), ((0, 0), (1, 0))), axis=1)


def _chi(sums: Floats) -> tuple[Floats, Floats]:
    """χ² of weeks about their own mean, and what they share with their neighbours, from sums (parts, …)."""
    _, total, exposed, squares, *lagged = sums
    rate = np.maximum(total, 0.5) / np.maximum(exposed, 1e-9)
    shared = np.zeros_like(total)
    for yy, yr, rr in zip(lagged[::3], lagged[1::3], lagged[2::3], strict=True):
        shared += yy / rate - yr + rr * rate
    return squares / rate - 2.0 * total + rate * exposed, shared


def dispersion(parts: Floats, week: NDArray[np.int64]) -> Floats:
    """φ (looks, weeks) for a change at the start of each week, as known at the start of the `week` (looks,) of a look.

    Pearson's χ² of the weeks before the change, plus twice what neighbouring weeks share; half of the way to the χ² of
    all weeks up to the look, where that is larger. Drawn towards USUAL_SPREAD with the weight of WORTH_WEEKS; a little
    on the safe side where it rests on few weeks. Never under 1.
    """
    earlier, all_ = parts[:, None, :-1], parts[:, week][:, :, None]
    chi, shared = _chi(earlier)
    free, free_all = (np.maximum(one[0] - 1.0, 0.0) for one in (earlier, all_))
    usual = WORTH_WEEKS * (1.0 + USUAL_SPREAD * earlier[1] / np.maximum(earlier[0], 1.0))
    before = (usual + np.maximum(chi, 0.0) + 2.0 * np.maximum(shared, 0.0)) / (WORTH_WEEKS + free)
    until_now = (usual + np.maximum(_chi(all_)[0], 0.0)) / (WORTH_WEEKS + free_all)
    safe = 1.0 + SAFE * np.sqrt(2.0 / (WORTH_WEEKS + free))
    drawn: Floats = np.maximum(safe * 0.5 * (before + np.maximum(before, until_now)), 1.0)
    return drawn


def log_ratios(weeks: Weeks, day: NDArray[np.int64], ratios: tuple[float, ...] = RATIOS) -> Floats:
    """Log of the mean likelihood ratio (looks, weeks) at each `day` (looks,) for a change at the start of each week.

    -inf where the change can't be looked for: too little before it, not begun yet, or too long ago.
    """
    start = np.arange(len(weeks.before)) * WEEK
    ago = day[:, None] - start
    open_ = (ago >= SHORTEST_DAYS) & (ago < LONGEST_DAYS) & (weeks.learned >= LEARNING_DAYS) & (weeks.before >= 1.0)
    n = np.maximum(weeks.judged[day][:, None] - weeks.judged_before, 0.0)
    e = np.maximum(weeks.exposed[day][:, None] - weeks.exposed_judged_before, 0.0)
    before, base = weeks.before, np.maximum(weeks.exposed_before, 1e-9)
    noise = dispersion(weeks.parts, day // WEEK)
    told = [
        (n * math.log(ratio) + (before + n) * (np.log((base + e) / (base + ratio * e)))) / noise for ratio in ratios
    ]
    found: Floats = np.where(open_, np.logaddexp.reduce(told, axis=0) - math.log(len(ratios)), -np.inf)
    return found


def sums(weeks: Weeks, weights: Floats, day: NDArray[np.int64], ratios: tuple[float, ...] = RATIOS) -> Floats:
    """The Shiryaev–Roberts sum (looks,) of one stream at each day; `weights` (weeks,): its share of each week."""
    logs = np.minimum(log_ratios(weeks, day, ratios), 690.0)
    total: Floats = np.exp(logs) @ weights
    return total


def fewer(ratios: tuple[float, ...] = RATIOS) -> tuple[float, ...]:
    """The same ratios the other way."""
    return tuple(1.0 / one for one in ratios)
