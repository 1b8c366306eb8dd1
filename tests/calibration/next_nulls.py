"""Simulated people in whom there is nothing to forecast, and how often a forecast is shown to them all the same."""

from __future__ import annotations

import numpy as np

from mainstay.futures.next_answers import answers
from mainstay.records.kinds import Item
from mainstay.timeline.kinds import Events, Ratings, Recording, Timeline
from mainstay.worlds.ordinary import MONDAY

NULLS = (
    "white", "weekday", "heavy_tails", "skewed", "rounded", "mostly_one", "missing_when_bad", "density",
    "overdispersed", "everything",
)  # fmt: skip
"""Ratings without memory beyond the calendar; events as likely on any day as the calendar says."""
THINNED = "density_not_logged"
"""Weeks recorded at 40 % without its being logged: what is on record does come less often then."""


def ratings_of(rng, kind, times, items):
    """Values (n, items) on a scale of 1 to 7, and which of them were answered (n,)."""
    whole = kind == "everything"
    y = rng.standard_t(3, (len(times), items)) if kind == "heavy_tails" else rng.normal(size=(len(times), items))
    if kind in ("weekday",) or whole:
        y = y + (0.8 * (times % 7.0 >= 5.0) + 0.7 * np.cos(2.0 * np.pi * times))[:, None]
    kept = rng.random(len(times)) < 0.8
    if kind == "missing_when_bad" or whole:
        kept &= rng.random(len(times)) < 1.0 / (1.0 + np.exp(-1.0 + y[:, 0]))
    if kind == "skewed":
        y = np.exp(y) - 1.5
    values = np.where(y > 1.5, 3.0, 1.0) if kind == "mostly_one" else np.clip(4.0 + 1.2 * y, 1.0, 7.0)
    return (np.round(values) if kind == "rounded" or whole else values), kept


def null_person(rng, kind, days=120, items=3, rates=(0.1, 0.3, 0.8)):
    """Three prompts a day on `items` ratings, of which four fifths are answered, and three kinds of events."""
    times = (np.arange(days)[:, None] + (9.0 + 14.0 * (np.arange(3) + rng.random((days, 3))) / 3.0) / 24.0).ravel()
    values, kept = ratings_of(rng, kind, times, items)
    thin = np.sort(rng.integers(20, days - 10, 2))
    changes, whole = kind in ("density", THINNED), kind == "everything"
    if changes or whole:
        sparse = (times >= thin[0]) & (times < thin[1])
        kept &= rng.random(len(times)) < np.where(sparse, 0.35, 1.0)
    middles = np.arange(days) + 0.5
    share = np.where((middles >= thin[0]) & (middles < thin[1]) & (changes or whole), 0.4, 1.0)
    events = {}
    for k, rate in enumerate(rates):
        mean = np.full(days, rate)
        if kind == "weekday" or whole:
            mean = mean * np.where(np.arange(days) % 7 >= 5, 0.3, 1.28)
        if kind == "overdispersed" or whole:
            mean = mean * rng.gamma(1.0, 1.0, days)
        at = np.sort(np.repeat(np.arange(days), rng.poisson(mean * share)) + rng.random())
        events[f"event {k}"] = Events(
            f"event {k}", "demand", at.astype(float), np.full(len(at), np.nan), np.zeros(len(at)), ("",) * len(at)
        )
    nothing = np.empty(0)
    logged = {} if kind == THINNED else {"": Recording("", np.arange(days + 1.0), share)}
    return Timeline(
        origin=MONDAY, days=float(days), as_of=MONDAY.plus_days(days), known_through=MONDAY.plus_days(days),
        purpose="own_answers",
        ratings={
            f"item {k}": Ratings(
                Item(f"item {k}", f"item {k}", 1, 7, "low", "low", "high", ordinal=False), times[kept], values[kept, k],
                ("",) * int(kept.sum()),
            )
            for k in range(items)
        },
        events=events, episodes={}, samples={}, recording=logged, gaps=(), prompts_sent=nothing,
        prompts_answered=nothing, offset_edges=np.zeros(1), offset_hours=np.zeros(1),
    )  # fmt: skip


def falsely_shown(kind, many, seed=3, days=120):
    """Of so many people in whom there is nothing to forecast: with any forecast shown; forecasts shown, and tried."""
    people_with, told, tried = 0, 0, 0
    for k in range(many):
        some = answers(null_person(np.random.default_rng([seed, k]), kind, days))
        found = sum(one.status == "found" for one in some)
        people_with, told = people_with + (found > 0), told + found
        tried += sum(2 for one in some if one.status != "cannot_say")
    return people_with, told, tried
