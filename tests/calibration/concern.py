"""Ratings and events before and after a worry that nothing lies behind: how often the intervals hold no change."""

from __future__ import annotations

import math

import numpy as np

from mainstay.notice.concern_looking import LEVEL, WEEK, difference_interval, dispersion
from mainstay.numerics.exact_rates import ratio_interval

PROMPTS_A_DAY = 5


def ratings(rng, weeks, *, correlation, heavy=False, weekly=0.0):
    """Readings and times (days) over whole weeks: AR(1) between prompts, weekday rhythm, a third unanswered, rounded.

    `correlation`: between prompts next to each other. `weekly`: sd of a level that is drawn anew each week.
    """
    n = weeks * 7 * PROMPTS_A_DAY
    shocks = rng.standard_t(4, n) / math.sqrt(2.0) if heavy else rng.normal(size=n)
    values = np.empty(n)
    values[0] = shocks[0]
    for i in range(1, n):
        values[i] = correlation * values[i - 1] + math.sqrt(1.0 - correlation**2) * shocks[i]
    times = (np.arange(n) + 0.5) / PROMPTS_A_DAY
    level = 0.4 * (np.floor(times) % 7 >= 5) + weekly * rng.normal(size=weeks)[(times // 7).astype(int)]
    kept = rng.random(n) < 2.0 / 3.0
    return times[kept], np.clip(np.round(4.0 + 1.2 * (values + level)), 1, 7)[kept]


def holds_no_difference(rng, before, after, **life):
    """Whether the interval of a difference holds 0 where there is none: `before` and `after` in weeks."""
    times, values = ratings(rng, before + after, **life)
    weeks = np.floor((times - before * WEEK) / WEEK)
    past = times <= before * WEEK
    low, high = difference_interval(values[past], -weeks[past], values[~past], weeks[~past])
    return low <= 0.0 <= high


def holds_the_same_rate(rng, before, after, *, a_week, spread=0.0):
    """Whether the interval of a ratio holds 1 where the rate stays; `spread`: sd of weekly rates over their mean."""
    weeks = np.repeat(np.arange(before + after), 7)
    rates = a_week * (rng.gamma(spread**-2.0, spread**2.0, before + after) if spread else np.ones(before + after))
    counts = rng.poisson(rates[weeks] / 7.0).astype(float)
    past, days = weeks < before, np.ones(len(weeks))
    sides = [(counts[part], days[part], weeks[part].astype(float)) for part in (past, ~past)]
    if counts.sum() == 0.0:
        return True
    phi = dispersion(sides)
    low, high = ratio_interval(
        (counts[~past].sum() / phi, float((~past).sum())), (counts[past].sum() / phi, float(past.sum())), LEVEL
    )
    return low <= 1.0 <= high
