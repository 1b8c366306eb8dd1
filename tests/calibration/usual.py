"""Streams whose level and trend are known, and how often what is said to be usual holds them.

PYTHONPATH=tests python -m calibration.usual PEOPLE
"""

import sys

import numpy as np

from calibration.resilience import process
from mainstay.notice.series import Series
from mainstay.notice.usual import LATELY_DAYS, baseline_of
from mainstay.quantities import DAYS_PER_MONTH, Instant
from mainstay.timeline.kinds import Timeline

MONDAY = Instant.parse("2024-01-08T00:00+00:00")
SLOPE = 0.05
KINDS = {
    "white": lambda rng, t: rng.normal(size=len(t)),
    "half-life 8 hours": lambda rng, t: process(rng, t, 8.0),
    "half-life 3 days": lambda rng, t: process(rng, t, 72.0),
    "6 hours and 7 days": lambda rng, t: 0.7 * process(rng, t, 6.0) + 0.7 * process(rng, t, 168.0),
    "heavy tails": lambda rng, t: process(rng, t, 8.0) + 0.5 * rng.standard_t(3, len(t)),
}
SIZES = ((35, 5), (90, 3), (365, 5))
COUNTS = {
    "0.3 a day": (0.3, None, 0.0, False),
    "2 a day": (2.0, None, 0.0, False),
    "over-dispersed": (0.3, 1.0, 0.0, False),
    "slow swings": (1.0, None, 0.4, False),
    "recording grows": (1.0, None, 0.0, True),
}


def empty(days):
    """A timeline without records of so many days."""
    cut = MONDAY.plus_days(days)
    return Timeline(
        origin=MONDAY, days=days, as_of=cut, known_through=cut, purpose="own_answers", ratings={}, events={},
        episodes={}, samples={}, recording={}, gaps=(), prompts_sent=np.empty(0), prompts_answered=np.empty(0),
        offset_edges=np.array([0.0, days]), offset_hours=np.zeros(1),
    )  # fmt: skip


def readings(seed, days, a_day, kind):
    """A stream with a trend and a rhythm of hours, prompts answered four times in five; its true level."""
    rng = np.random.default_rng(seed)
    slots = np.arange(days * a_day)
    times = slots // a_day + (8.0 + 14.0 * (slots % a_day + rng.uniform(size=len(slots))) / a_day) / 24.0
    times = times[rng.uniform(size=len(times)) < 0.8]
    rhythm = 0.3 * np.sin(2.0 * np.pi * times)
    values = KINDS[kind](rng, times) + SLOPE * times / DAYS_PER_MONTH + rhythm
    middle = times[-1] - 0.5 * min(LATELY_DAYS, times[-1] - times[0])
    n = len(times)
    series = Series("mood", "rating", times, values, np.ones(n), 1, "points", np.ones(n, bool))
    return series, SLOPE * middle / DAYS_PER_MONTH + rhythm.mean()


def counts(seed, days, kind):
    """Daily counts with a trend; their true rate a day."""
    rate, spread, swing, growing = COUNTS[kind]
    rng = np.random.default_rng(seed)
    times, exposure = np.arange(1.0, days + 1.0), np.linspace(0.3, 1.0, days) if growing else np.ones(days)
    middle = times[-1] - 0.5 * min(LATELY_DAYS, times[-1] - times[0])
    mean = rate * exposure * np.exp(SLOPE * (times - middle) / DAYS_PER_MONTH)
    if swing:
        mean = mean * np.exp(swing * process(rng, times, 96.0) - 0.5 * swing**2)
    if spread:
        mean = mean * rng.gamma(spread, 1.0 / spread, days)
    values = rng.poisson(mean).astype(float)
    return Series("late", "count", times, values, exposure, 1, "times a day", np.ones(days, bool)), rate


def coverage(draw, people):
    """Shares of people whose level and whose trend lie in their 90 % intervals, and who show a contrast falsely."""
    level, trend, clear = 0, 0, 0
    for seed in range(people):
        series, truth = draw(seed)
        found = baseline_of(empty(float(np.ceil(series.times[-1]))), series)
        level += truth in found.level_interval
        trend += SLOPE in found.trend_interval
        clear += any(one.name.startswith("on ") for one in found.clear())
    return level / people, trend / people, clear / people


if __name__ == "__main__":
    people = int(sys.argv[1])
    for days, a_day in SIZES:
        for kind in KINDS:
            told = coverage(lambda seed: readings(seed, days, a_day, kind), people)  # noqa: B023
            print(days, a_day, kind, *told, flush=True)
    for days in (90, 365):
        for kind in COUNTS:
            print(days, kind, *coverage(lambda seed: counts(seed, days, kind), people), flush=True)  # noqa: B023
