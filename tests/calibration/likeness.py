"""People in whom a named stretch means nothing, and people in whom it comes back: how often now is told to be like it.

PYTHONPATH=tests python -m calibration.likeness NULLS 60      stretches named at random, by kind of person
PYTHONPATH=tests python -m calibration.likeness POWER 30      it differed, and is back; or another trouble is there
"""

import sys
from dataclasses import replace

import numpy as np

from calibration.before_after import awake, excited, on_scale
from calibration.reactions import evenings, moments, process, timeline
from mainstay.explanations.likeness import likeness_answers
from mainstay.timeline.kinds import Episodes

LABELS = ("first", "second", "third")
LABEL = "the winter with A."
WORST = "wanders, the oddest time named"
ITEMS = 4


def stretch(*spans):
    starts, ends = (np.array([span[k] for span in spans], dtype=float) for k in (0, 1))
    return Episodes(LABEL, "activity", False, starts, ends, tuple(map(str, range(len(spans)))))


def at_random(rng, days, count=1):
    """Stretches of 4 to 14 weeks anywhere before the last five weeks, not on top of each other."""
    while True:
        lengths = rng.integers(28, 99, count)
        starts = np.sort(rng.uniform(0.0, days - 35.0 - lengths.max(), count))
        if all(starts[k] + lengths[k] < starts[k + 1] - 14.0 for k in range(count - 1)):
            return stretch(*((start, start + length) for start, length in zip(starts, lengths, strict=True)))


def person(rng, days, named, *, half_life_days=0.3, slow=0.0, slow_days=20.0, season=0.0, trend=0.0, shift=None):
    """Four ratings with a common part, three kinds of events in bursts, hours in a role.

    `slow`: sd of wandering over weeks (in sd of the rest), shared by half. `shift`: spans, and what differs then:
    in daily swings of each rating, and as a factor of each event's rate.
    """
    times = moments(rng, days, a_day=4)
    common = process(rng, times, half_life_hours=24.0 * half_life_days)
    wave = process(rng, times, half_life_hours=24.0 * slow_days)
    turn = season * np.cos(2.0 * np.pi * (times / 365.25 + rng.uniform()))
    spans, ups, factors = shift if shift is not None else ((), np.zeros(ITEMS), np.ones(len(LABELS)))
    inside = np.zeros(len(times))
    for start, end in spans:
        inside += (times >= start) & (times < end)
    items = []
    for k in range(ITEMS):
        own = process(rng, times, half_life_hours=24.0 * half_life_days)
        mine = process(rng, times, half_life_hours=24.0 * slow_days)
        signs = rng.choice([-1.0, 1.0])
        x = 0.5 * common + 0.8 * own + slow * (0.7 * signs * wave + 0.7 * mine) + signs * turn
        items.append(on_scale(x + signs * trend * (times / days - 0.5) + inside * ups[k]))
    events = {}
    for label, a_week, factor in zip(LABELS, (2.0, 4.0, 7.0), factors, strict=True):
        at = excited(rng, days, a_week * max(factor, 1.0), 0.3, 12.0, awake)
        within = np.zeros(len(at), bool)
        for start, end in spans:
            within |= (at >= start) & (at < end)
        keep = np.where(within, min(factor, 1.0), 1.0 / max(factor, 1.0))
        events[label] = at[rng.random(len(at)) < keep]
    return timeline(times, items, events, (*evenings(days), named), days=days)


NULLS = {
    "ordinary": {},
    "days hang together": {"half_life_days": 1.5},
    "wanders over three weeks": {"slow": 0.7, "slow_days": 20.0},
    "wanders over eight weeks": {"slow": 0.7, "slow_days": 56.0},
    "seasons": {"season": 0.7},
    "seasons and wandering": {"season": 0.7, "slow": 0.4},
    "a trend": {"trend": 2.0},
}


def null(kind, rng, days, count=1):
    if kind == WORST:
        return worst_named(rng, days, count)
    return person(rng, days, at_random(rng, days, count), **NULLS[kind])


def worst_named(rng, days, count=1):
    """Somebody who wanders by more than their days differ, and names the ten weeks that stood out most."""
    first = person(np.random.default_rng(rng.integers(2**32)), days, at_random(rng, days), slow=1.5, slow_days=28.0)
    weeks = days // 7
    means = np.array(
        [
            [series.values[(series.times // 7).astype(int) == k].mean() for k in range(weeks)]
            for series in first.ratings.values()
        ]
    )
    means = (means - means.mean(axis=1, keepdims=True)) / means.std(axis=1, keepdims=True)
    at = range(0, weeks - 15, 1)
    spans = []
    for _ in range(count):
        free = [k for k in at if all(k + 12 <= start or k >= start + 12 for start in spans)]
        spans.append(max(free, key=lambda k: float((means[:, k : k + 10].mean(axis=1) ** 2).sum())))
    named = stretch(*sorted((7.0 * k, 7.0 * k + 70.0) for k in spans))
    return replace(first, episodes={**first.episodes, LABEL: named})


PROFILE = (np.array([1.0, -0.7, 0.5, 0.0]), np.array([2.0, 1.0, 1.0]))
OTHER = (np.array([0.0, 0.7, -0.7, 1.0]), np.array([1.0, 1.0, 2.0]))


def returning(rng, days, *, size=1.0, back=True, other=False, count=1, slow=0.0):
    """Stretches that differed; the last five weeks are like them again, ordinary, or different in another way."""
    named = at_random(rng, days, count)
    ups, factors = PROFILE
    spans = list(zip(named.starts, named.ends, strict=True))
    one = person(
        rng, days, named, slow=slow, shift=([*spans, (days - 35.0, days)] if back else spans, size * ups, factors**size)
    )
    if not other:
        return one
    two = person(rng, days, named, slow=slow, shift=([(days - 35.0, days)], size * OTHER[0], OTHER[1] ** size))
    return with_end_of(one, two, days - 35.0)


def with_end_of(one, two, day):
    """The record of the first up to a day, and of the second from then on."""

    def cut(a, b):
        rows = np.concatenate([np.flatnonzero(a.times < day), len(a.times) + np.flatnonzero(b.times >= day)])
        joined = {name: np.concatenate([getattr(a, name), getattr(b, name)])[rows]
                  for name in ("times", "values", "sizes", "half_widths") if hasattr(a, name)}  # fmt: skip
        return replace(a, **joined, ids=tuple(str(k) for k in range(len(rows))))

    return replace(
        one,
        ratings={name: cut(series, two.ratings[name]) for name, series in one.ratings.items()},
        events={name: cut(series, two.events[name]) for name, series in one.events.items()},
    )


def statuses(make, people, seed=0):
    """Shares of records in which now is told to be like then, unlike it, and neither."""
    told = []
    for k in range(people):
        (answer,) = likeness_answers(make(np.random.default_rng([seed, k])))
        told.append(answer.status)
    return tuple(told.count(one) / people for one in ("found", "not_found", "cannot_say"))


def told(name, days, count, shares):
    like, unlike, neither = shares
    print(
        f"{name:30s} {days} days, {count} named: like {like:.3f} unlike {unlike:.3f} neither {neither:.3f}", flush=True
    )


if __name__ == "__main__":
    what, people = sys.argv[1], int(sys.argv[2])
    if what == "NULLS":
        for kind in sys.argv[3:] or (*NULLS, WORST):
            for days in (365, 730):
                for count in (1, 2):
                    shares = statuses(lambda rng, k=kind, d=days, c=count: null(k, rng, d, c), people)
                    told(kind, days, count, shares)
    else:
        for days in (365, 730):
            for count in (1, 2):
                for name, more in {
                    "back": {}, "back, half as strong": {"size": 0.5}, "back, in somebody who wanders": {"slow": 0.5},
                    "not back": {"back": False}, "something else": {"back": False, "other": True},
                }.items():  # fmt: skip
                    shares = statuses(lambda rng, d=days, c=count, m=more: returning(rng, d, count=c, **m), people)
                    told(name, days, count, shares)
