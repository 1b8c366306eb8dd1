"""Chances of scenarios against what came, over seasons of simulated people; run it as a module for the table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest

from mainstay import strain
from mainstay.futures.scenarios import limit_of, looked_up, partition, what_came
from mainstay.futures.scenarios_days import days_before
from mainstay.futures.simulating import ahead
from mainstay.quantities import CannotSay
from mainstay.timeline.reader import from_records
from mainstay.worlds import simulate

WORLDS = ("two_roles", "nothing_restores", "nulls")
STARTS = (180, 260, 340, 430)
BINS = (0.0, 0.02, 0.1, 0.3, 0.6, 0.9, 1.0 + 1e-9)
FUTURES, SEASON = 3_000, 91


@dataclass(frozen=True)
class Said:
    person: str
    name: str
    chance: float
    came: bool


def seasons(seeds: range, worlds=WORLDS, starts=STARTS) -> Iterator[Said]:
    """What was said of each scenario at several days of many records, and whether it came by the whole record."""
    for world in worlds:
        for seed in seeds:
            for name, person in simulate(world, seed).items():
                first, last = (pick(one.known for one in person.records) for pick in (min, max))
                later = from_records(person.records, person.items, person.anchor, as_of=last)
                fit = strain.fit(later)
                for day in starts:
                    at = first.plus_days(day)
                    yield from _season(f"{world} {name} {seed}", person, later, fit, at)


def _season(who, person, later, fit, at) -> Iterator[Said]:
    timeline = from_records(person.records, person.items, person.anchor, as_of=at)
    fitted = strain.fit(timeline)
    paths = ahead(timeline, fitted, days=SEASON, n=FUTURES, rng=np.random.default_rng(1))
    if isinstance(paths, CannotSay):
        return
    known = looked_up(timeline)
    limit = limit_of(timeline, fitted, known.preference)
    split = partition(paths, known.scenarios, limit, days_before(timeline, fitted))
    came = what_came(later, paths.begins, SEASON, split.scenarios, limit, usual=paths.usual, fitted=fit)
    if came is not None:
        for name in split.names:
            yield Said(who, name, split.chances[name].mean, came == name)


def table(said: list[Said]) -> list[tuple[float, float, int, float, float]]:
    """By bin of what was said: its ends, how many, the mean said, and the share that came."""
    chance, came = np.array([one.chance for one in said]), np.array([one.came for one in said], float)
    rows = []
    for low, high in pairwise(BINS):
        at = (chance >= low) & (chance < high)
        if at.any():
            rows.append((low, high, int(at.sum()), float(chance[at].mean()), float(came[at].mean())))
    return rows


@pytest.mark.long
def test_what_is_said_comes_about_as_often():
    said = list(seasons(range(1, 4)))
    assert len(said) >= 250
    for low, high, n, mean, share in table(said):
        # several seasons of one person hang together: twice the error of as many coins
        assert abs(share - mean) <= 2.0 * 2.0 * np.sqrt(max(mean * (1 - mean), 0.01) / n), (low, high, n, mean, share)


if __name__ == "__main__":
    for low, high, n, mean, share in table(list(seasons(range(1, 7)))):
        print(f"{low:4.2f}-{high:4.2f}  n {n:4d}  said {mean:5.3f}  came {share:5.3f}")
