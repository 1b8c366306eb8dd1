"""People whose check-ins and acts have nothing to do with each other: there is no pull to find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from calibration import people
from mainstay.quantities import Span
from mainstay.records.kinds import Body, CheckIn, Coverage, Event, Item, Record, record_id
from mainstay.timeline.kinds import Timeline
from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import MONDAY

TENSE = Item("tension", "How tense are you?", 1, 7, "low", "not at all", "very", ordinal=True)
WALK, HASSLE, MEAL = Event("walk", "relief"), Event("hassle", "demand"), Event("meal", "control")


def life(seed: int, ratings: Callable, *, days=365.0, a_day=4, walks=None, awake=False) -> Timeline:
    """Check-ins as `ratings(rng, times)` has them (NaN: missed), and events at random: walks, hassles and meals.

    `walks`: the chance, by day, that a walk of 0.6 (1.2 with it) a day happens. `awake`: walks and hassles between
    eight and eight only.
    """
    rng = np.random.default_rng(seed)
    asked = (np.arange(int(days))[:, None] + rng.uniform(8 / 24, 22 / 24, (int(days), a_day))).ravel()
    asked.sort()
    values = ratings(rng, asked)
    rows: list[tuple[float, Body]] = [
        (time, CheckIn("tension", float(np.clip(round(value), 1, 7))))
        for time, value in zip(asked, values, strict=True)
        if np.isfinite(value)
    ]
    for event, rate in ((WALK, 0.6 if walks is None else 1.2), (HASSLE, 1.0), (MEAL, 1.0)):
        times = np.sort(rng.uniform(0.0, days, rng.poisson(rate * days * (2.3 if awake else 1.0))))
        if event is WALK and walks is not None:
            times = times[rng.random(len(times)) < walks(times)]
        if awake and event is not MEAL:
            times = times[(times % 1.0 > 8 / 24) & (times % 1.0 < 20 / 24)]
        rows += [(float(time), event) for time in times]
    records = []
    for number, (day, body) in enumerate(sorted(rows, key=lambda row: row[0])):
        at = MONDAY.plus_days(float(day))
        records.append(Record(record_id("simulated", "life", str(number)), "life", at, at, "simulated", body))
    span = Span(MONDAY, MONDAY.plus_days(days))
    logged = Coverage((), 0.95)
    records.append(Record(record_id("simulated", "life", "log"), "life", span, span.end, "simulated", logged))
    return from_records(records, (TENSE,), "tension", as_of=MONDAY.plus_days(days + 1))


def noise(rng, times):
    return rng.normal(4.0, 1.2, len(times))


def white(seed: int) -> Timeline:
    """Check-ins that hang together in no way."""
    return life(seed, noise)


def white_for_three_months(seed: int) -> Timeline:
    """The same, answered for the first three months of a year only."""
    return life(seed, lambda rng, times: np.where(times < 90.0, noise(rng, times), np.nan))


def white_from_day_120(seed: int) -> Timeline:
    """The same, begun after four months of events."""
    return life(seed, lambda rng, times: np.where(times > 120.0, noise(rng, times), np.nan))


def carried(rng, times):
    """An even level with moods: a correlation of 0.7 from each check-in to the next."""
    values = np.zeros(len(times))
    for i in range(1, len(times)):
        values[i] = 0.7 * values[i - 1] + 0.8 * rng.standard_normal()
    return 4.0 + values


def moods(seed: int) -> Timeline:
    """Check-ins that hang together from one to the next, and acts that don't care."""
    return life(seed, carried)


def seasons(seed: int, ratings: Callable) -> Timeline:
    phase = np.random.default_rng(seed + 3_000_000).uniform(0.0, 2.0 * np.pi)

    def swings(rng, times):
        return ratings(rng, times) + 0.8 * np.sin(2.0 * np.pi * times / 365.0 + phase)

    return life(
        seed, swings, days=730.0, a_day=3, walks=lambda times: 0.5 + 0.45 * np.sin(2.0 * np.pi * times / 365.0 + 1.0)
    )


def two_seasons(seed: int) -> Timeline:
    """Check-ins and walks that both swing over the year, each with a phase of its own, for two years."""
    return seasons(seed, noise)


def two_seasons_with_moods(seed: int) -> Timeline:
    """The same, with check-ins that hang together from one to the next as well."""
    return seasons(seed, carried)


def by_day_only(seed: int) -> Timeline:
    """Check-ins that follow the time of day, and walks that happen by day only."""

    def daily(rng, times):
        return 4.0 + np.cos(2.0 * np.pi * (times % 1.0 - 14 / 24)) + rng.standard_normal(len(times))

    return life(seed, daily, awake=True)


def shuffled(seed: int) -> Timeline:
    """An ordinary person, roles and demands and all, whose answers are in no order and whose acts came at random."""
    rng = np.random.default_rng(seed + 4_000_000)
    timeline = people.person(seed, recording=(1.0, 1.0), check_ins_per_day=2)
    ratings = {name: replace(one, values=rng.permutation(one.values)) for name, one in timeline.ratings.items()}
    events = {
        label: replace(one, times=np.sort(rng.uniform(0.0, timeline.days, len(one.times))))
        if one.is_ == "relief"
        else one
        for label, one in timeline.events.items()
    }
    return replace(timeline, ratings=ratings, events=events)


ALL = {
    one.__name__: one
    for one in (
        white,
        white_for_three_months,
        white_from_day_120,
        moods,
        two_seasons,
        two_seasons_with_moods,
        by_day_only,
        shuffled,
    )
}
