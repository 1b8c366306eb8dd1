"""Demands and acts of relief too rare or too coarsely noted for the fit: they come by chance, as often as they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.futures.paths import Lever
from mainstay.strain.exposure import make_grid, overall_rate, recorded_chance
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline

BEFORE = 0.5
"""Jeffreys' prior of a Poisson rate: half an event."""


@dataclass(frozen=True, slots=True)
class Rare:
    """One label that the fit leaves out: how often it is on record, and how often that is a day."""

    label: str
    n: int
    rate: float


def rare_of(timeline: Timeline, fitted: StrainPosterior) -> tuple[Rare, ...]:
    """The demands and refuges on record that the fit leaves out."""
    data = fitted.data
    grid = make_grid(data.knots, data.unknown_spans)
    series = (*timeline.of_events("demand"), *timeline.of_events("relief"))
    return tuple(
        Rare(one.label, len(one.times), overall_rate(one, recorded_chance(timeline, one.label, grid), grid))
        for one in series
        if one.label not in (*data.refuges, *data.demands) and len(one.times)
    )


def rare_counts(
    rare: Sequence[Rare], levers: Sequence[Lever], of_draw: NDArray[np.int64], days: int, rng: np.random.Generator
) -> dict[str, NDArray[np.uint8]]:
    """How many of each come each day (n, days); `of_draw` (n,): paths of one draw share how often."""
    found = {}
    for one, seed in zip(rare, rng.integers(0, 2**63, size=len(rare)), strict=True):
        chance = np.random.default_rng(int(seed))
        drawn = chance.gamma(one.n + BEFORE, size=int(of_draw.max()) + 1) / max(one.n, 1) * one.rate
        rate = np.full(days, 1.0)
        added = np.zeros(days)
        for lever in levers:
            if lever.name == one.label and lever.kind != "hours" and lever.share_eased is None:
                later = np.arange(days) + 0.5 > lever.from_day
                rate[later] *= lever.times
                added[later] += lever.by / 7.0
        daily = np.maximum(drawn[of_draw][:, None] * rate + added, 0.0)
        found[one.label] = np.minimum(chance.poisson(daily), 255).astype(np.uint8)
    return found
