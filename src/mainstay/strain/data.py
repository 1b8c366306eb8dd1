"""From a timeline to what the likelihood needs: knots, exposures, readings, and the units strain is told in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.numerics.ou_path import Problem
from mainstay.quantities import DAYS_PER_YEAR
from mainstay.timeline.kinds import Events, Floats, Timeline

LONGEST_INTERVAL_DAYS = 0.25
MINUTES_PER_DAY = 1440.0
NODES = 4
STEPS_OF_A_SCALE = 6.0
"""Internally a scale runs from 0 to 6, as a 1-7 rating does, so that priors mean the same on every scale."""

FEWEST_ACTS = 8
FEWEST_DEMANDS = 5
GAP_DAYS = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class StrainData:
    """One person as the likelihood sees them. Times in days since the timeline's origin.

    `unit`: one internal unit of strain in points of the anchor's scale. `occupancy` (roles): mean share of time;
    `demand_rate`, `demand_square` (demands): sizes and squared sizes a day; `act_rate` (refuges): acts a day: all
    corrected for what was not recorded. `sparse`: labels left out for too few events, with their counts.
    `knots` (n,) are interval ends.
    """

    problem: Problem
    knots: Floats
    roles: tuple[str, ...]
    demands: tuple[str, ...]
    refuges: tuple[str, ...]
    items: tuple[str, ...]
    anchor: str | None
    worse_signs: Floats
    unit: float
    unit_name: str
    occupancy: Floats
    demand_rate: Floats
    demand_square: Floats
    act_rate: Floats
    act_counts: NDArray[np.int64]
    days: float
    recording_logged: bool
    sparse: dict[str, int]
    unknown_spans: tuple[tuple[float, float], ...]

    @property
    def readings(self) -> int:
        """Number of ratings."""
        return len(self.problem.read_knot)

    @property
    def on_scale(self) -> str:
        """' on the scale of tension', or nothing without an anchor."""
        return f" on the scale of {self.anchor.replace('_', ' ')}" if self.anchor else ""

    @property
    def middle(self) -> float:
        """The day from which drift and fading are counted: the middle of the record."""
        return self.days / 2

    def years(self, times: Floats) -> Floats:
        """Years since the middle of the record."""
        return (times - self.middle) / DAYS_PER_YEAR


def _unknown_spans(timeline: Timeline) -> tuple[tuple[float, float], ...]:
    """Stretches whose load is unknown: recording was off, or nothing at all was recorded for days."""
    return tuple(
        (gap.start, gap.end)
        for gap in timeline.gaps
        if gap.reason != "no check-ins" and (gap.end - gap.start >= GAP_DAYS or "off" in gap.reason)
    )


def _inside(spans: tuple[tuple[float, float], ...], times: Floats) -> NDArray[np.bool_]:
    inside = np.zeros(len(times), bool)
    for start, end in spans:
        inside |= (times > start) & (times < end)
    return inside


def _recording(timeline: Timeline, label: str, times: Floats, unknown: NDArray[np.bool_]) -> Floats:
    """The chance that an event of this label was recorded at each time: 1 where nothing was logged about it."""
    steps = timeline.recording.get(label, timeline.recording.get(""))
    chance = np.ones(len(times)) if steps is None else np.clip(steps.at(times), 0.0, 1.0)
    recorded: Floats = np.where(unknown, 0.0, chance)
    return recorded


def _minutes(times: Floats) -> Floats:
    """Times rounded to whole minutes: events of one minute share a knot."""
    return np.round(times * MINUTES_PER_DAY) / MINUTES_PER_DAY


def _knots(timeline: Timeline, events: tuple[Events, ...], spans: tuple[tuple[float, float], ...]) -> Floats:
    days = timeline.days
    parts = [np.arange(LONGEST_INTERVAL_DAYS, days, LONGEST_INTERVAL_DAYS), np.array([days])]
    parts += [series.times for series in timeline.ratings.values()]
    parts += [series.times for series in events]
    parts += [edge for role in timeline.roles for edge in (role.starts, role.ends)]
    parts += [steps.edges for steps in timeline.recording.values()]
    parts += [np.array(span) for span in spans]
    times = np.unique(_minutes(np.concatenate(parts)))
    inside: Floats = times[(times > 0.0) & (times <= _minutes(np.array([days]))[0])]
    return inside


def _split(series: tuple[Events, ...], fewest: int) -> tuple[tuple[Events, ...], dict[str, int]]:
    kept = tuple(one for one in series if len(one.times) >= fewest)
    return kept, {one.label: len(one.times) for one in series if len(one.times) < fewest}


def _sizes(series: Events) -> Floats:
    """Sizes over their mean; 1 where none was recorded."""
    known = series.sizes[np.isfinite(series.sizes)]
    mean = float(known.mean()) if len(known) else 1.0
    if mean <= 0.0:
        return np.ones(len(series.sizes))
    return np.where(np.isfinite(series.sizes), series.sizes / mean, 1.0)


def _at(knots: Floats, times: Floats) -> NDArray[np.int64]:
    return np.clip(np.searchsorted(knots, _minutes(times) - 1e-9), 0, len(knots) - 1).astype(np.int64)


def day_features(hours: Floats) -> Floats:
    """cos and sin of the local time of day, shape (2, …)."""
    angle = hours * (2.0 * np.pi / 24.0)
    return np.stack([np.cos(angle), np.sin(angle)])


def _stack(rows: list[Floats], n: int) -> Floats:
    return np.ascontiguousarray(np.array(rows)) if rows else np.zeros((0, n))


def _floats(parts: list[Floats]) -> Floats:
    return np.concatenate(parts) if parts else np.zeros(0)


def _indices(parts: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, np.int64)


def strain_data(timeline: Timeline) -> StrainData:
    """Lay out one person's timeline for the likelihood.

    A stretch with recording off, or of three days and more without any record, has unknown load: roles count there
    with their mean share, and events with recording intensity 0. Refuges with fewer than 8 acts and demands with
    fewer than 5 events are left out and named in `sparse`.
    """
    demands, few_demands = _split(timeline.of_events("demand"), FEWEST_DEMANDS)
    refuges, few_refuges = _split(timeline.of_events("relief"), FEWEST_ACTS)
    spans = _unknown_spans(timeline)
    knots = _knots(timeline, demands + refuges, spans)
    n = len(knots)
    starts = np.concatenate([[0.0], knots[:-1]])
    dt = knots - starts
    middles = 0.5 * (starts + knots)
    unknown = _inside(spans, middles)
    known_days = max(float(dt[~unknown].sum()), 1e-9)

    occupied = [role.occupied(middles).astype(float) for role in timeline.roles]
    shares = [float((row * dt)[~unknown].sum()) / known_days for row in occupied]
    roles = [
        (role.label, np.where(unknown, share, row))
        for role, row, share in zip(timeline.roles, occupied, shares, strict=True)
        if 0.002 < share < 0.998
    ]

    def rate_of(one: Events, recorded: Floats) -> float:
        return len(one.times) / max(float((recorded * dt).sum()), 1e-9)

    seen_demands = [_recording(timeline, one.label, middles, unknown) for one in demands]
    seen_acts = [_recording(timeline, one.label, middles, unknown) for one in refuges]
    demand_rate = [rate_of(one, r) for one, r in zip(demands, seen_demands, strict=True)]
    demand_sizes = [_sizes(one) for one in demands]
    squares = [float((sizes**2).mean()) for sizes in demand_sizes]
    unseen = [(1.0 - r) * dt for r in seen_acts]
    following = [np.append(row[1:], 0.0) for row in unseen]

    x, w = np.polynomial.legendre.leggauss(NODES)
    x, w = 0.5 * (x + 1.0), 0.5 * w
    nodes = starts + dt * x[:, None]
    features = np.stack([day_features(timeline.local_hours(row)) for row in nodes], axis=1)

    items = tuple(name for name in sorted(timeline.ratings) if len(timeline.ratings[name].times))
    anchor = timeline.anchor if timeline.anchor in items else (items[0] if items else None)
    order = (anchor, *(name for name in items if name != anchor)) if anchor else ()
    ratings = [timeline.ratings[name] for name in order]
    scaled = [(one.values - one.item.low) * (STEPS_OF_A_SCALE / (one.item.high - one.item.low)) for one in ratings]
    year = (np.concatenate([knots, [0.0]])[:-1] - timeline.days / 2) / DAYS_PER_YEAR
    act_rate = [rate_of(one, r) for one, r in zip(refuges, seen_acts, strict=True)]
    shapes = [[row for _, row in roles], [rate * (1.0 - r) for rate, r in zip(demand_rate, seen_demands, strict=True)]]
    # What went unrecorded still moves strain: demands by their mean and variance, acts by their variance here and by
    # their mean in `unseen_days`.
    noise = [np.zeros(n) for _ in roles]
    noise += [rate * s * (1.0 - r) for rate, s, r in zip(demand_rate, squares, seen_demands, strict=True)]
    noise += [rate * (1.0 - r) for rate, r in zip(act_rate, seen_acts, strict=True)]
    problem = Problem(
        dt=dt,
        inputs=_stack([*shapes[0], *shapes[1], *(np.zeros(n) for _ in refuges)], n),
        extra_noise=_stack(noise, n),
        jump_knot=_indices([_at(knots, one.times) for one in demands]),
        jump_input=_indices([np.full(len(one.times), len(roles) + j) for j, one in enumerate(demands)]),
        jump_size=_floats(demand_sizes),
        event_knot=_indices([_at(knots, one.times) for one in refuges]),
        event_process=_indices([np.full(len(one.times), k) for k, one in enumerate(refuges)]),
        read_knot=_indices([_at(knots, one.times) for one in ratings]),
        read_item=_indices([np.full(len(one.times), i) for i, one in enumerate(ratings)]),
        read_value=_floats(scaled),
        seen=_stack(seen_acts, n),
        unseen_days=_stack([0.5 * (row + after) for row, after in zip(unseen, following, strict=True)], n),
        any_unseen=bool(any(float(row.sum()) > 0.0 for row in unseen)),
        node_x=x,
        node_w=w,
        node_year=np.ascontiguousarray((nodes - timeline.days / 2) / DAYS_PER_YEAR),
        node_features=np.ascontiguousarray(features),
        knot_year=year,
        knot_features=np.ascontiguousarray(day_features(timeline.local_hours(knots))),
    )
    first = timeline.ratings[anchor].item if anchor else None
    return StrainData(
        problem=problem,
        knots=knots,
        roles=tuple(label for label, _ in roles),
        demands=tuple(one.label for one in demands),
        refuges=tuple(one.label for one in refuges),
        items=order,
        anchor=anchor,
        worse_signs=np.array([float(one.item.worse_sign) for one in ratings]),
        unit=(first.high - first.low) / STEPS_OF_A_SCALE if first else 1.0,
        unit_name=f"points of {anchor.replace('_', ' ')}" if anchor else "units of strain",
        occupancy=np.array([share for share in shares if 0.002 < share < 0.998]),
        demand_rate=np.array(demand_rate),
        demand_square=np.array([rate * s for rate, s in zip(demand_rate, squares, strict=True)]),
        act_rate=np.array(
            [len(one.times) / max(float((r * dt).sum()), 1e-9) for one, r in zip(refuges, seen_acts, strict=True)]
        ),
        act_counts=np.array([len(one.times) for one in refuges], np.int64),
        days=timeline.days,
        recording_logged=bool(timeline.recording),
        sparse={**few_demands, **few_refuges},
        unknown_spans=spans,
    )
