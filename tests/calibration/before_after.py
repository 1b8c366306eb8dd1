"""People in whom nothing goes with anything, in many ways, and people in whom something does: how often it is said.

PYTHONPATH=tests python -m calibration.before_after NULLS 300      records with any pair told; beside them, correlation
PYTHONPATH=tests python -m calibration.before_after POWER 100      one true pair: told, its size, others told
PYTHONPATH=tests python -m calibration.before_after SOUGHT 150     what comes on when a rating is high: lower after,
                                                                   higher after, higher before
"""

import sys
from dataclasses import replace

import numpy as np

from calibration.reactions import timeline as columns
from mainstay.patterns.before_after import associations
from mainstay.strain.exposure import GAP_DAYS
from mainstay.timeline.kinds import Gap

LABELS = ("first", "second", "third")
DAYS = 182


def moments(rng, days, a_day=5, answered=0.8):
    slots = np.arange(days * a_day)
    times = slots // a_day + (9.0 + 13.0 * (slots % a_day + rng.uniform(size=len(slots))) / a_day) / 24.0
    return times[rng.random(len(times)) < answered]


def process(rng, times, kept):
    """An autoregressive process of variance 1 that keeps the share `kept` of itself over three hours."""
    keep = kept ** (np.diff(times, prepend=times[0]) * 8.0)
    x = rng.normal(size=len(times))
    for i in range(1, len(times)):
        x[i] = keep[i] * x[i - 1] + np.sqrt(1.0 - keep[i] ** 2) * x[i]
    return x


def on_scale(x):
    return np.clip(np.round(4.0 + 1.2 * x), 1.0, 7.0)


def poisson(rng, days, a_week, rate=None):
    """Events of a rate (of local days, at most 1 in mean) by thinning."""
    most = 4.0 if rate else 1.0
    times = np.sort(rng.uniform(0, days, rng.poisson(most * a_week / 7.0 * days)))
    return times if rate is None else times[rng.random(len(times)) < rate(times) / most]


def excited(rng, days, a_week, branching=0.5, hours=12.0, rate=None):
    """Each event calls forth others, half of them within some hours: bursts."""
    times = list(poisson(rng, days, a_week * (1.0 - branching), rate))
    for t in times:
        times += [t + w for w in rng.exponential(hours / 24.0, rng.poisson(branching)) if t + w < days]
    return np.sort(np.array(times))


def awake(t):
    hour = np.mod(t, 1.0) * 24.0
    return np.where((hour > 8) & (hour < 23), 24.0 / 15.0, 0.02)


def evening(t):
    hour = np.mod(t, 1.0) * 24.0
    week = np.where(np.mod(np.floor(t), 7) >= 5, 1.6, 0.76)
    return np.where((hour > 16) & (hour < 23), 24.0 / 7.0 * 0.7, 0.42) * week


def weekly(rng):
    return rng.choice([1.0, 2.0, 4.0, 7.0], len(LABELS))


def plain(rng, days=DAYS):
    times = moments(rng, days)
    events = {label: poisson(rng, days, a, awake) for label, a in zip(LABELS, weekly(rng), strict=True)}
    return columns(times, [on_scale(rng.normal(size=len(times))) for _ in range(2)], events, days=days)


def shuffled(rng, days=DAYS):
    """A diary in which much goes with much, its days dealt out anew, each stream by itself."""
    one = tied(rng, days, 3.0, ratio=4.0, lift=1.0)
    times = next(iter(one.ratings.values())).times

    def dealt(at):
        new = rng.permutation(days)
        return np.sort(new[np.floor(at).astype(int)] + np.mod(at, 1.0))

    items = []
    for rating in one.ratings.values():
        new = rng.permutation(days)
        moved = new[np.floor(times).astype(int)] + np.mod(times, 1.0)
        items.append(np.interp(times, np.sort(moved), rating.values[np.argsort(moved)]).round())
    return columns(times, items, {label: dealt(acts.times) for label, acts in one.events.items()}, days=days)


def autocorrelated(rng, days=DAYS, kept=None):
    times = moments(rng, days)
    kept = rng.uniform(0.3, 0.8) if kept is None else kept
    events = {
        label: excited(rng, days, a, 0.6, rng.uniform(2, 24)) for label, a in zip(LABELS, weekly(rng), strict=True)
    }
    return columns(times, [on_scale(process(rng, times, kept)) for _ in range(2)], events, days=days)


def slow(rng, days=DAYS):
    """Ratings and rates that wander over days to weeks, each by itself."""
    times, grid = moments(rng, days), np.arange(0.0, days, 0.25)
    events = {}
    for label, a in zip(LABELS, weekly(rng), strict=True):
        wave = np.exp(0.8 * process(rng, grid, 0.5 ** (1.0 / 24.0)) - 0.32)
        events[label] = poisson(rng, days, a, lambda t, wave=wave: np.minimum(np.interp(t, grid, wave), 4.0))
    return columns(times, [on_scale(process(rng, times, 0.5 ** (1.0 / 24.0))) for _ in range(2)], events, days=days)


def rhythm(rng, days=DAYS):
    times = moments(rng, days)
    shape = 1.2 * np.sin(2 * np.pi * (np.mod(times, 1.0) - 0.4)) + 0.8 * (np.mod(np.floor(times), 7) >= 5)
    events = {label: excited(rng, days, a, 0.3, 6.0, evening) for label, a in zip(LABELS, weekly(rng), strict=True)}
    return columns(times, [on_scale(shape + process(rng, times, 0.5)) for _ in range(2)], events, days=days)


def trend(rng, days=DAYS):
    times = moments(rng, days)

    def rising(t):
        return 0.4 + 1.2 * t / days

    events = {
        label: excited(rng, days, a, 0.3, 6.0, lambda t: rising(t) * awake(t))
        for label, a in zip(LABELS, weekly(rng), strict=True)
    }
    drift = 2.0 * times / days - 1.0
    return columns(times, [on_scale(drift + process(rng, times, 0.5)) for _ in range(2)], events, days=days)


def missing(rng, days=DAYS):
    """Nothing at all on three days in ten, in runs, a holiday without the diary; fewer answers in the evening."""
    one = autocorrelated(rng, days)
    off = process(rng, np.arange(days, dtype=float), 0.5 ** (1.0 / 8.0)) > 0.5
    begin = int(rng.integers(10, days - 30))
    off[begin : begin + int(rng.integers(5, 15))] = True

    def there(t):
        return ~off[np.clip(np.floor(t).astype(int), 0, days - 1)]

    times = next(iter(one.ratings.values())).times
    kept = there(times) & (rng.random(len(times)) < np.where(np.mod(times, 1.0) > 0.75, 0.5, 0.9))
    items = [rating.values[kept] for rating in one.ratings.values()]
    found = columns(times[kept], items, {k: v.times[there(v.times)] for k, v in one.events.items()}, days=days)
    return with_gaps(found)


def with_gaps(one):
    marks = np.unique(np.concatenate([r.times for r in (*one.ratings.values(), *one.events.values())]))
    far = np.flatnonzero(np.diff(marks) >= GAP_DAYS)
    return replace(one, gaps=tuple(Gap(float(marks[k]), float(marks[k + 1]), "no check-in or event") for k in far))


def tied(rng, days, a_week, ratio=1.0, lift=0.0):
    """The first event makes the second so many times likelier for a day, and lifts the first rating for a day."""
    times = moments(rng, days)
    first = excited(rng, days, a_week, 0.3, 6.0, awake)
    second = poisson(rng, days, a_week * ratio, awake)
    inside = np.searchsorted(first, second) > np.searchsorted(first, second - 1.0)
    second = second[inside | (rng.random(len(second)) < 1.0 / ratio)]
    inside = np.searchsorted(first, times) > np.searchsorted(first, times - 1.0)
    events = {"first": first, "second": second, "third": excited(rng, days, a_week, 0.3, 6.0, awake)}
    x = process(rng, times, 0.5)
    return columns(times, [on_scale(x + lift * inside), on_scale(process(rng, times, 0.5))], events, days=days)


def sought(rng, latent, days=DAYS):
    """Something comes on after high readings, or where what they measure is high, and changes nothing."""
    times = moments(rng, days)
    x = process(rng, times, rng.uniform(0.5, 0.9))
    y = on_scale(x + 0.5 * rng.normal(size=len(times)))
    drive = x if latent else (y - 4.0) / 1.2
    chance = 0.5 / (1.0 + np.exp(-3.0 * (drive - np.quantile(drive, 0.85))))
    return columns(times, [y], {"sought": times[rng.random(len(times)) < chance] + 0.3 / 24.0}, days=days)


def after_told(latent, people, within=24.0, seed=4):
    """Shares of such records in which "lower after", "higher after" and "higher before" are told."""
    lower, higher, before = 0, 0, 0
    for k in range(people):
        for pair in associations(sought(np.random.default_rng([seed, k]), latent), within):
            if pair.status == "found":
                before += pair.windows == "before" and pair.estimate > 0.0
                lower += pair.windows == "after" and pair.estimate < 0.0
                higher += pair.windows == "after" and pair.estimate > 0.0
    return lower / people, higher / people, before / people


NULLS = {
    "plain": plain, "day-shuffled": shuffled, "autocorrelated": autocorrelated, "slow": slow, "shared rhythm": rhythm,
    "shared trend": trend, "missing": missing,
}  # fmt: skip


def naive(one):
    """Whether any pair correlates from a day to the next, or on the same day, at 5 %: what mood apps show."""
    days = int(one.days)

    def counts(t):
        return np.bincount(np.floor(t).astype(int), minlength=days)[:days].astype(float)

    events = {label: counts(acts.times) for label, acts in one.events.items()}
    means = []
    for rating in one.ratings.values():
        n = counts(rating.times)
        total = np.bincount(np.floor(rating.times).astype(int), rating.values, days)[:days]
        means.append(np.where(n > 0, total / np.maximum(n, 1), np.nan))
    pairs = [(events[a][:-1], events[b][1:]) for a in events for b in events if a != b]
    pairs += [(a[:-1], m[1:]) for a in events.values() for m in means]
    pairs += [(a, m) for a in events.values() for m in means]
    for x, y in pairs:
        known = np.isfinite(y)
        r = np.corrcoef(x[known], y[known])[0, 1]
        if abs(r) * np.sqrt(known.sum()) > 1.96:
            return True
    return False


def any_told(kind, people, seed=0):
    """Share of records with any pair told, share by correlation, and share of all chances at or below .05 and .01."""
    told, by_hand, chances = 0, 0, []
    for k in range(people):
        one = NULLS[kind](np.random.default_rng([seed, k]))
        found = associations(one)
        told += any(pair.status == "found" for pair in found)
        by_hand += naive(one)
        chances += [pair.p for pair in found if pair.p is not None]
    p = np.array(chances)
    return told / people, by_hand / people, float((p <= 0.05).mean()), float((p <= 0.01).mean()), len(p) / people


def power(a_week, days, people, ratio=2.0, lift=0.0, seed=0):
    """How often a true pair is told, the mean and coverage of its estimate, and how many others are told a record."""
    told, estimates, held, others = 0, [], [], 0
    for k in range(people):
        one = tied(np.random.default_rng([seed, k, 1]), days, a_week, ratio, lift)
        for pair in associations(one):
            if ratio > 1.0:
                true = pair.first == "first" and pair.second == "second"
            else:
                true = pair.first == "first" and pair.second == "item 0" and pair.windows == "after"
            if true:
                told += pair.status == "found"
                if pair.interval is not None:
                    estimates.append(pair.estimate)
                    held.append((ratio if ratio > 1.0 else 1.2 * lift) in pair.interval)
            elif {pair.first, pair.second} <= {"first", "third", "second", "item 1"}:
                others += pair.status == "found"
    return told / people, float(np.median(estimates)), float(np.mean(held)), others / people


if __name__ == "__main__":
    what, people = sys.argv[1], int(sys.argv[2])
    if what == "NULLS":
        for kind in sys.argv[3:] or NULLS:
            told, by_hand, five, one, pairs = any_told(kind, people)
            print(f"{kind:16s} told {told:.3f}   correlation {by_hand:.3f}   ", end="")
            print(f"p<=.05 {five:.3f}   p<=.01 {one:.4f}   pairs {pairs:.1f}", flush=True)
    elif what == "SOUGHT":
        for latent in (False, True):
            for within in (24.0, 3.0):
                print(
                    "by what is measured" if latent else "by the reading",
                    within,
                    after_told(latent, people, within),
                    flush=True,
                )
    else:
        for days in (182, 365):
            for a_week in (1.0, 2.0, 4.0):
                print(f"{days} days, {a_week:g} a week: told, estimate, held, others told", end="")
                print(
                    "   twice",
                    power(a_week, days, people),
                    "  half an sd",
                    power(a_week, days, people, 1.0, 0.5),
                    flush=True,
                )
