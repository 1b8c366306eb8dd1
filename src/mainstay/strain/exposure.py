"""How much of a life the record saw: unknown stretches, recording intensity, and what went on unrecorded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.timeline.kinds import Episodes, Events, Floats, Timeline

GAP_DAYS = 3.0
RARE_SHARE = 0.002
SHRINKAGE_DAYS = 2.0
"""A demand's rate in a role is drawn towards its overall rate with the weight of two days."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The intervals of the likelihood: ends, lengths and middles (n,) in days; where load is unknown."""

    knots: Floats
    dt: Floats
    middles: Floats
    unknown: NDArray[np.bool_]

    @property
    def starts(self) -> Floats:
        """Where each interval begins."""
        return self.knots - self.dt


def unknown_spans(timeline: Timeline) -> tuple[tuple[float, float], ...]:
    """Stretches whose load is unknown: recording was off, or nothing at all was recorded for three days."""
    return tuple(
        (gap.start, gap.end)
        for gap in timeline.gaps
        if gap.reason != "no check-ins" and (gap.end - gap.start >= GAP_DAYS or "off" in gap.reason)
    )


def make_grid(knots: Floats, spans: tuple[tuple[float, float], ...]) -> Grid:
    """Intervals that end at the knots; the first begins at 0."""
    starts = np.concatenate([[0.0], knots[:-1]])
    middles = 0.5 * (starts + knots)
    unknown = np.zeros(len(knots), bool)
    for start, end in spans:
        unknown |= (middles > start) & (middles < end)
    return Grid(knots, knots - starts, middles, unknown)


def recorded_chance(timeline: Timeline, label: str, grid: Grid) -> Floats:
    """The chance that an event of this label was recorded, by interval: 1 where nothing was logged about it."""
    steps = timeline.recording.get(label, timeline.recording.get(""))
    chance = np.ones(len(grid.knots)) if steps is None else np.clip(steps.at(grid.middles), 0.0, 1.0)
    recorded: Floats = np.where(grid.unknown, 0.0, chance)
    return recorded


@dataclass(frozen=True, slots=True, eq=False)
class RoleTime:
    """Who the person was, by interval: `share` (roles, n) of each role, its mean in unknown stretches; `state` (n,)."""

    labels: tuple[str, ...]
    share: Floats
    means: Floats
    state: NDArray[np.int64]


def role_time(roles: tuple[Episodes, ...], grid: Grid) -> RoleTime:
    """Occupancy of every role that is neither never nor always on. `state` numbers the combinations of roles."""
    known_days = max(float(grid.dt[~grid.unknown].sum()), 1e-9)
    labels, rows, means = [], [], []
    state = np.zeros(len(grid.knots), np.int64)
    for role in roles:
        occupied = role.occupied(grid.middles)
        mean = float((occupied * grid.dt)[~grid.unknown].sum()) / known_days
        if RARE_SHARE < mean < 1.0 - RARE_SHARE:
            state = 2 * state + occupied
            labels.append(role.label)
            rows.append(np.where(grid.unknown, mean, occupied.astype(float)))
            means.append(mean)
    share = np.array(rows) if rows else np.zeros((0, len(grid.knots)))
    return RoleTime(tuple(labels), share, np.array(means), state)


def overall_rate(events: Events, recorded: Floats, grid: Grid) -> float:
    """Events a day, corrected for what was not recorded."""
    return len(events.times) / max(float((recorded * grid.dt).sum()), 1e-9)


def rate_by_role(at: NDArray[np.int64], recorded: Floats, overall: float, roles: RoleTime, grid: Grid) -> Floats:
    """Events a day in each interval (n,), by the roles the person was in: demands come with their role.

    `at`: the interval of each event. The rate of each combination of roles is its own, shrunk towards the overall one;
    in unknown stretches it is the overall one.
    """
    rate = np.full(len(grid.knots), overall)
    for state in np.unique(roles.state):
        inside = (roles.state == state) & ~grid.unknown
        exposure = float((recorded * grid.dt)[inside].sum())
        count = int(inside[at].sum())
        rate[inside] = (count + overall * SHRINKAGE_DAYS) / (exposure + SHRINKAGE_DAYS)
    return rate
