"""People in whom nothing lastingly changes, each of a kind that looks as if it did; and the same with a change put in.

Five items with a common part, answered at four random moments a day, a signal once a day, four kinds of events; a year.
`python -m calibration.change NULLS 170`, `... POWER 60`, `... SIZES 60`, `... DELAY 300` from the folder of the project
with PYTHONPATH=tests.
"""

from __future__ import annotations

import math
import sys

import numpy as np

from mainstay.notice.budget import CHANGE_MONTHS, days_per_alarm
from mainstay.notice.change_sizes import size_of
from mainstay.notice.change_watch import watched
from mainstay.notice.series import series_of
from mainstay.quantities import DAYS_PER_MONTH, DAYS_PER_YEAR
from mainstay.records.kinds import Item
from mainstay.timeline.kinds import Events, Ratings, Recording, Samples, Timeline
from mainstay.worlds.ordinary import MONDAY

YEAR = 365
RATES = (0.1, 0.5, 1.5, 4.0)
ITEMS = ("mood", "tension", "energy", "worry", "sleep quality")
BETTER = ("high", "low", "high", "low", "high")
THRESHOLD = days_per_alarm(CHANGE_MONTHS)


def swing(rng, times, half_life, columns=1):
    """Ornstein-Uhlenbeck paths of variance 1 (n, columns), exact at any times."""
    kept = np.exp(-math.log(2.0) / half_life * np.diff(times))
    path = rng.normal(size=(len(times), columns))
    for i, k in enumerate(kept, start=1):
        path[i] = k * path[i - 1] + math.sqrt(1.0 - k * k) * path[i]
    return path


HALF_LIVES = {"white": 1e-3, "autocorrelation_3": 2.0 / 24.0, "autocorrelation_8": 1.0}
KINDS = (
    "steady", "white", "autocorrelation_3", "autocorrelation_8", "slow_swing", "rhythm", "season", "heavy_tails",
    "rounded", "volatile", "missing_when_bad", "density", "overdispersed", "everything",
)  # fmt: skip


def _items(rng, kind, times):
    """Items (n, 5), all higher when it is worse, in units near their standard deviation."""
    whole = kind == "everything"
    half_life = HALF_LIVES.get(kind, 8.0 / 24.0)
    n, m = len(times), len(ITEMS)
    noise = rng.standard_t(3, (n, m)) / 1.2 if kind == "heavy_tails" or whole else rng.normal(size=(n, m))
    y = 0.6 * swing(rng, times, half_life) + 0.6 * swing(rng, times, half_life, m) + 0.6 * noise
    if kind == "white":
        y = rng.normal(size=(n, m))
    if kind == "slow_swing" or whole:
        y = y + 0.6 * swing(rng, times, 4.0) + 0.4 * swing(rng, times, 4.0, m)
    if kind == "rhythm" or whole:
        y = y + (0.7 * np.cos(2.0 * np.pi * times) + 0.7 * (times % 7.0 >= 5.0))[:, None]
    if kind == "volatile":
        y = y * np.exp(0.2 * swing(rng, times, 5.0))
    if kind == "season" or whole:
        y = y + 0.15 * np.cos(2.0 * np.pi * (times / DAYS_PER_YEAR + rng.random()))[:, None]
    return y


def _answered(rng, kind, times, worst, sparse):
    kept = rng.random(len(times)) < 0.8
    if kind in ("missing_when_bad", "everything"):
        kept = rng.random(len(times)) < 1.0 / (1.0 + np.exp(-1.0 + worst))
    return kept & (rng.random(len(times)) < np.where(sparse(times), 0.35, 1.0))


def _events(rng, kind, days, sparse, ratio, change_at):
    """For each rate, times of events; and how fully they were recorded, by day."""
    middles = np.arange(days) + 0.5
    whole, found = kind == "everything", []
    share = np.where(sparse(middles), 0.4, 1.0)
    for k, rate in enumerate(RATES):
        mean = np.full(days, rate)
        if kind == "overdispersed" or whole:
            mean = mean * rng.gamma(2.0, 0.5, days)
        if kind in ("slow_swing", "overdispersed") or whole:
            mean = mean * np.exp(0.4 * swing(rng, middles, 3.0)[:, 0] - 0.08)
        if kind == "rhythm" or whole:
            mean = mean * np.where(np.arange(days) % 7 >= 5, 0.4, 1.2)
        mean = mean * np.where(middles > change_at, ratio.get(k, 1.0), 1.0)
        count = rng.poisson(mean * share)
        found.append(np.sort(np.repeat(np.arange(days), count) + rng.random(count.sum())))
    return found, share


def timeline_of(rng, kind="steady", *, days=YEAR, a_day=4, change_at=1e9, by=None, wider=None, ratio=None, items=ITEMS):
    """One person. From `change_at` on, item k is moved by `by[k]` sds towards the worse, its spread multiplied by
    `wider[k]` (variance); the signal is item "watch"; events k come `ratio[k]` times as often.
    """
    by, wider, ratio = by or {}, wider or {}, ratio or {}
    times = (
        np.arange(days)[:, None] + (9.0 + 14.0 * (np.arange(a_day) + rng.random((days, a_day))) / a_day) / 24.0
    ).ravel()
    thin = np.sort(rng.integers(60, days - 30, 2)) if kind in ("density", "everything") else (0, 0)

    def sparse(at):
        return (at >= thin[0]) & (at < thin[1])

    y = _items(rng, kind, times)
    sd = y.std(axis=0)
    kept = _answered(rng, kind, times, y[:, 0], sparse)
    late = (times > change_at)[:, None]
    widened = np.array([wider.get(name, 1.0) for name in ITEMS])
    moved = np.array([by.get(name, 0.0) for name in ITEMS])
    y = np.where(late, y * np.sqrt(widened) + moved * sd, y)
    ratings = {}
    for k, name in enumerate(ITEMS):
        if name not in items:
            continue
        values = 4.0 + 1.2 * y[kept, k] if BETTER[k] == "low" else 4.0 - 1.2 * y[kept, k]
        if kind in ("rounded", "everything"):
            values = np.clip(np.round(values - (0.8 if BETTER[k] == "low" else -0.8)), 1.0, 7.0)
        item = Item(name, name, 1, 7, BETTER[k], "low", "high", ordinal=False)
        ratings[name] = Ratings(item, times[kept], values, ("",) * int(kept.sum()))
    mornings = np.arange(days) + 0.3
    watch = swing(rng, mornings, 1.0)[:, 0] + 0.5 * rng.normal(size=days)
    if kind in ("heavy_tails", "everything"):
        watch = watch + 0.5 * rng.standard_t(3, days)
    watch = 7.0 + watch + watch.std() * by.get("watch", 0.0) * (mornings > change_at)
    worn = rng.random(days) < 0.9
    events, share = _events(rng, kind, days, sparse, ratio, change_at)
    nothing = np.empty(0)
    return Timeline(
        origin=MONDAY, days=float(days), as_of=MONDAY.plus_days(days), known_through=MONDAY.plus_days(days),
        purpose="own_answers", ratings=ratings,
        events={
            (name := f"event {k}"): Events(
                name, "other", one, np.full(len(one), np.nan), np.zeros(len(one)), ("",) * len(one)
            )
            for k, one in enumerate(events)
        },
        episodes={}, samples={"watch": Samples("watch", "hours", mornings[worn], watch[worn])},
        recording={"": Recording("", np.arange(days + 1.0), share)}, gaps=(), prompts_sent=nothing,
        prompts_answered=nothing, offset_edges=np.zeros(1), offset_hours=np.zeros(1),
    )  # fmt: skip


def seen(timeline, threshold=THRESHOLD):
    """The series of a person and what the watch saw."""
    series = series_of(timeline)
    return series, watched(timeline, series, threshold)


def upper_end(alarms, months):
    """The upper end of the exact two-sided 95 % interval of a Poisson rate."""
    from scipy.stats import chi2

    return float(chi2.ppf(0.975, 2 * alarms + 2)) / 2.0 / months


def false_alarms(kind, people, seed=7, **how):
    """Of so many people-years of this null: alarms, person-months, and what carried them most."""
    alarms, months, carriers = 0, 0.0, {}
    for k in range(people):
        timeline = timeline_of(np.random.default_rng([seed, k]), kind, **how)
        series, found = seen(timeline)
        alarms += len(found.alarms)
        months += timeline.days / DAYS_PER_MONTH
        for one in found.alarms:
            move = one.moves[0]
            name = series[move.stream].name if move.stream < len(series) else "together"
            carriers[f"{name} {move.what}"] = carriers.get(f"{name} {move.what}", 0) + 1
    return alarms, months, carriers


CHANGE_DAY = 180


def found_by(people, kind="steady", seed=9, **change):
    """Share of people in whom a change on day 180 is noticed within 14, 30, 60 and 180 days; median delay in days."""
    delays = []
    for k in range(people):
        timeline = timeline_of(np.random.default_rng([seed, k]), kind, change_at=CHANGE_DAY, **change)
        _, found = seen(timeline)
        after = [one.day - CHANGE_DAY + 1 for one in found.alarms if one.day >= CHANGE_DAY]
        delays.append(after[0] if after else np.inf)
    return [float(np.mean(np.array(delays) <= days)) for days in (14, 30, 60, 180)], float(np.median(delays))


CHANGES = {
    "one item, 1 sd": {"by": {"mood": 1.0}},
    "one item, .5 sd": {"by": {"mood": 0.5}},
    "five items, 1 sd": {"by": dict.fromkeys(ITEMS, 1.0)},
    "five items, .5 sd": {"by": dict.fromkeys(ITEMS, 0.5)},
    "signal once a day, 1 sd": {"by": {"watch": 1.0}},
    "one item, variance x 2": {"wider": {"mood": 2.0}},
    "one item, variance x 4": {"wider": {"mood": 4.0}},
    "events .5 a day, x 2": {"ratio": {1: 2.0}},
    "events 1.5 a day, x 2": {"ratio": {2: 2.0}},
    "events 1.5 a day, x .5": {"ratio": {2: 0.5}},
    "events 4 a day, x 2": {"ratio": {3: 2.0}},
    "events 4 a day, x .5": {"ratio": {3: 0.5}},
}


def covered(people, kind="steady", seed=11, by=1.0, later=0):
    """Of alarms after a true change of one item: how often its size, and when it began, lie in their 90 % intervals,
    so many days after the alarm; the mean estimate over the truth.
    """
    sizes, begins, estimates = [], [], []
    for k in range(people):
        rng = np.random.default_rng([seed, k])
        timeline = timeline_of(rng, kind, change_at=CHANGE_DAY, by={"tension": by})
        series, found = seen(timeline)
        at = [one.name for one in series].index("tension")
        for one in found.alarms:
            moves = [move for move in one.moves if (move.stream, move.what) == (at, "level")]
            if moves and one.day >= CHANGE_DAY:
                size = size_of(
                    timeline, series[at], "level", start=0.0, began=moves[0].began, end=one.day + 1.0 + later
                )
                truth = by * 1.2 * (2.0 * 0.36 + 0.36) ** 0.5
                if size is not None:
                    sizes.append(size.low <= truth <= size.high)
                    estimates.append(size.estimate / truth)
                begins.append(moves[0].earliest - 1.0 <= CHANGE_DAY <= moves[0].latest + 1.0)
                break
    return len(sizes), float(np.mean(sizes)), float(np.mean(begins)), float(np.mean(estimates))


if __name__ == "__main__":
    what, people = sys.argv[1], int(sys.argv[2])
    if what == "NULLS":
        for kind in sys.argv[3:] or KINDS:
            alarms, months, carriers = false_alarms(kind, people)
            times = CHANGE_MONTHS * alarms / months
            top = CHANGE_MONTHS * upper_end(alarms, months)
            print(
                f"{kind:18} {alarms} in {months:.0f} months: {times:.2f} of the budget, up to {top:.2f}",
                carriers,
                flush=True,
            )
    elif what == "POWER":
        for name, change in CHANGES.items():
            for a_day in (4,) if "event" in name or "signal" in name else (2, 4, 8):
                print(name, f"{a_day} a day", *found_by(people, a_day=a_day, **change), flush=True)
    elif what == "SIZES":
        for later in (0, 30):
            print(
                later,
                "days on: alarms; size, beginning in intervals; estimate over truth:",
                *covered(people, later=later),
            )
