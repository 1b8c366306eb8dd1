"""One person-year, 20 items asked ten times a day and four kinds of event: all that `mainstay notice` says of it.

The peers do single pieces of it on the same 20 series, without intervals, rhythm, gaps or a budget: an offline search
for shifts (ruptures) and a drift detector fed value by value (river). They are here for scale, not as equals.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

import numpy as np
from timing import Figure, machine, report

from mainstay.notice import answering
from mainstay.quantities import Instant
from mainstay.records.kinds import Item
from mainstay.timeline.kinds import Events, Ratings, Timeline

ITEMS, A_DAY, DAYS, LABELS = 20, 10, 365, 4
TURNS = 3
MONDAY = Instant.of(datetime(2024, 1, 8, tzinfo=UTC))


def swings(rng: np.random.Generator, times: np.ndarray, half_life_hours: float) -> np.ndarray:
    """An Ornstein-Uhlenbeck process of variance 1 at these times (days)."""
    kept = np.exp(-np.log(2.0) * 24.0 / half_life_hours * np.diff(times))
    path = rng.normal(size=len(times))
    for i, k in enumerate(kept, start=1):
        path[i] = k * path[i - 1] + np.sqrt(1.0 - k * k) * path[i]
    return path


def year() -> Timeline:
    """The records: ratings of 1 to 7 with a common part, each with swings and noise of its own, and a daily rhythm."""
    rng = np.random.default_rng(1)
    slots = np.arange(DAYS * A_DAY)
    times = slots // A_DAY + (8.0 + 14.0 * (slots % A_DAY + rng.uniform(size=len(slots))) / A_DAY) / 24.0
    common = swings(rng, times, 10.0)
    ratings, events = {}, {}
    for k in range(ITEMS):
        own = 0.8 * swings(rng, times, 6.0) + 0.5 * rng.normal(size=len(times)) + 0.3 * np.cos(2.0 * np.pi * times)
        values = np.clip(np.round(4.0 + 0.8 * common + own), 1.0, 7.0)
        item = Item(f"item {k}", f"Item {k}", 1.0, 7.0, "low")
        ratings[item.name] = Ratings(item, times, values, tuple(f"{k} {i}" for i in range(len(times))))
    for k in range(LABELS):
        at = np.sort(rng.uniform(0.0, DAYS, rng.poisson(0.6 * DAYS)))
        none, ids = np.full(len(at), np.nan), tuple(f"{k} {i}" for i in range(len(at)))
        events[f"event {k}"] = Events(f"event {k}", "slip" if k == 0 else "other", at, none, np.zeros(len(at)), ids)
    cut = MONDAY.plus_days(DAYS)
    return Timeline(
        origin=MONDAY, days=float(DAYS), as_of=cut, known_through=cut, purpose="own_answers", ratings=ratings,
        events=events, episodes={}, samples={}, recording={}, gaps=(), prompts_sent=np.empty(0),
        prompts_answered=np.empty(0), offset_edges=np.array([0.0, DAYS]), offset_hours=np.zeros(1), anchor="item 0",
    )  # fmt: skip


def timed(job: object) -> Figure:
    """Milliseconds of a job, after one turn to warm up."""
    job()  # type: ignore[operator]
    spent = []
    for _ in range(TURNS):
        start = time.perf_counter()
        job()  # type: ignore[operator]
        spent.append(1e3 * (time.perf_counter() - start))
    return Figure(float(np.median(spent)), min(spent))


def by_ruptures(timeline: Timeline) -> list[list[int]]:
    """Shifts of the mean in each series, offline, with the package's usual penalty."""
    import ruptures

    return [
        ruptures.Pelt(model="l2").fit_predict(one.values / one.values.std(), 3.0 * np.log(len(one.values)))
        for one in timeline.ratings.values()
    ]


def by_river(timeline: Timeline) -> list[int]:
    """Alarms of a drift detector in each series, value by value."""
    from river import drift

    found = []
    for one in timeline.ratings.values():
        detector, alarms = drift.ADWIN(), 0
        for value in one.values:
            detector.update(float(value))
            alarms += detector.drift_detected
        found.append(alarms)
    return found


if __name__ == "__main__":
    timeline = year()
    print(machine())
    print(f"{ITEMS} items x {A_DAY} a day x {DAYS} days = {ITEMS * A_DAY * DAYS:,} readings, {LABELS} kinds of event")
    parts = {name: timed(lambda part=part: part(timeline)) for name, part in answering.PARTS.items()}
    for name, figure in parts.items():
        print(f"  {name:<44}{figure.median:>12.4g} ms")
    figures = {
        "mainstay": timed(lambda: answering.answers(timeline)),
        "ruptures Pelt l2, 20 series": timed(lambda: by_ruptures(timeline)),
        "river ADWIN, 20 series": timed(lambda: by_river(timeline)),
    }
    report("everything in `notice`, one person-year", figures)
