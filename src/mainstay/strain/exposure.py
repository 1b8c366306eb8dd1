"""How much of a life the record saw: unknown stretches, recording intensity, and what went on unrecorded."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mainstay.quantities import Span
from mainstay.records.kinds import Coverage
from mainstay.timeline.coverage import RECORDING_OFF
from mainstay.timeline.inferring_kinds import InferredRoles
from mainstay.timeline.kinds import Episodes, Events, Floats, Recording, Timeline

GAP_DAYS = 3.0
ONE_MINUTE = 1.0 / 1440.0
LONGEST_MEMORY_DAYS = 0.5
COARSE_DAYS = 0.25
DENSE_SHARE = 1.0 / 3.0
GOLDEN = 0.6180339887498949
RARE_SHARE = 0.002
STATED_SHARE = 0.9
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


def once(timeline: Timeline) -> Timeline:
    """The timeline with what two sources tell twice counted once: same label, minute and value or size.

    What one source tells several times at one moment happened several times: events noted by the day, or all together
    on Sundays. Of several sources, the one that tells most of a moment is taken.
    """

    def first(times: Floats, values: Floats) -> NDArray[np.int64]:
        rows = np.stack([np.round(times / ONE_MINUTE), np.where(np.isfinite(values), values, -np.inf)])
        return np.sort(np.unique(rows, axis=1, return_index=True)[1])

    def picked(ids: tuple[str, ...], at: NDArray[np.int64]) -> tuple[str, ...]:
        return ids if len(at) == len(ids) else tuple(ids[i] for i in at)

    ratings, events = {}, {}
    for name, series in timeline.ratings.items():
        at = first(series.times, series.values)
        ratings[name] = replace(series, times=series.times[at], values=series.values[at], ids=picked(series.ids, at))
    for label, acts in timeline.events.items():
        if not acts.sources:
            events[label] = acts
            continue
        at = _fullest(acts)
        events[label] = replace(
            acts,
            times=acts.times[at],
            sizes=acts.sizes[at],
            half_widths=acts.half_widths[at],
            ids=picked(acts.ids, at),
            sources=(),
        )
    return replace(timeline, ratings=ratings, events=events)


def _fullest(acts: Events) -> NDArray[np.int64]:
    """Of the events of one minute and size, those of the source that tells most of them (n,), in order of time."""
    told: dict[tuple[float, float], dict[int, list[int]]] = {}
    sizes = np.where(np.isfinite(acts.sizes), acts.sizes, -np.inf)
    minutes = np.round(acts.times / ONE_MINUTE)
    for i, (minute, size, source) in enumerate(zip(minutes.tolist(), sizes.tolist(), acts.sources, strict=True)):
        told.setdefault((minute, size), {}).setdefault(source, []).append(i)
    return np.sort(np.array([i for by_source in told.values() for i in max(by_source.values(), key=len)], np.int64))


def unknown_spans(timeline: Timeline) -> tuple[tuple[float, float], ...]:
    """Stretches whose load is unknown: recording was off or logged as none, or three days without any record."""
    everything = timeline.recording.get("")
    none = (
        [
            (float(everything.edges[i]), float(everything.edges[i + 1]))
            for i, share in enumerate(everything.intensity)
            if share == 0.0
        ]
        if everything
        else []
    )
    return tuple(none) + tuple(
        (gap.start, gap.end) for gap in timeline.gaps if gap.reason == RECORDING_OFF or gap.end - gap.start >= GAP_DAYS
    )


def make_grid(knots: Floats, spans: tuple[tuple[float, float], ...]) -> Grid:
    """Intervals that end at the knots; the first begins at 0."""
    starts = np.concatenate([[0.0], knots[:-1]])
    middles = 0.5 * (starts + knots)
    unknown = np.zeros(len(knots), bool)
    for start, end in spans:
        unknown |= (middles > start) & (middles < end)
    return Grid(knots, knots - starts, middles, unknown)


def recording_of(timeline: Timeline, label: str) -> Recording | None:
    """The log of how fully events of this label were recorded, else that of everything; None without either."""
    return timeline.recording.get(label, timeline.recording.get(""))


def recording_logged(timeline: Timeline, series: tuple[Events, ...]) -> bool:
    """Whether it was stated for nearly all of the time how fully each of these was recorded."""
    steps = [recording_of(timeline, one.label) for one in series]
    return all(one is not None and one.stated_share >= STATED_SHARE for one in steps)


def recorded_chance(timeline: Timeline, label: str, grid: Grid) -> Floats:
    """The chance that an event of this label was recorded, by interval: 1 where nothing was logged about it."""
    steps = recording_of(timeline, label)
    chance = np.ones(len(grid.knots)) if steps is None else np.clip(steps.at(grid.middles), 0.0, 1.0)
    recorded: Floats = np.where(grid.unknown, 0.0, chance)
    return recorded


def opportunity_windows(timeline: Timeline) -> tuple[tuple[float, float, tuple[str, ...]], ...]:
    """The stretches (start and end in days) for which it was logged which refuges were possible, and those refuges."""
    return tuple(
        (
            record.happened.start.days_since(timeline.origin),
            min(record.happened.end.days_since(timeline.origin), timeline.days),
            record.body.opportunity,
        )
        for record in timeline.others
        if isinstance(record.body, Coverage)
        and record.body.opportunity is not None
        and isinstance(record.happened, Span)
    )


def possible(timeline: Timeline, acts: Events, grid: Grid) -> Floats:
    """1 where a refuge was possible, 0 where what was possible was logged and left it out, by interval (n,).

    An act on record shows that it was possible: its interval counts as such whatever was logged.
    """
    open_ = np.ones(len(grid.knots))
    for start, end, refuges in opportunity_windows(timeline):
        if acts.label not in refuges:
            open_[(grid.middles > start) & (grid.middles < end)] = 0.0
    at = np.clip(np.searchsorted(grid.knots, acts.times), 0, len(grid.knots) - 1)
    open_[at] = 1.0
    return open_


@dataclass(frozen=True, slots=True, eq=False)
class RoleTime:
    """Who the person was, by interval: `share` (roles, n) of each role, its mean in unknown stretches; `state` (n,)."""

    labels: tuple[str, ...]
    share: Floats
    means: Floats
    state: NDArray[np.int64]


def time_in_role(role: Episodes, grid: Grid, inferred: InferredRoles | None) -> Floats:
    """The share of each interval (n,) spent in a role: 0 or 1 as declared, or its chance where that was inferred.

    Where strain follows linearly, a chance that is calibrated leaves tolls unbiased; a guess made of it would not.
    """
    occupied = role.occupied(grid.middles).astype(float)
    if inferred is None:
        return occupied
    told = inferred.mean_share(role.label, grid.starts, grid.knots)
    return np.where(inferred.is_open(grid.middles), told, occupied)


def role_time(roles: tuple[Episodes, ...], grid: Grid, inferred: InferredRoles | None = None) -> RoleTime:
    """Occupancy of every role that is neither never nor always on. `state` numbers the combinations of roles.

    With `inferred`, chances stand in where no role was declared; in a combination counts what is likelier than not.
    """
    known_days = max(float(grid.dt[~grid.unknown].sum()), 1e-9)
    labels, rows, means = [], [], []
    state = np.zeros(len(grid.knots), np.int64)
    for role in roles:
        occupied = time_in_role(role, grid, inferred)
        mean = float((occupied * grid.dt)[~grid.unknown].sum()) / known_days
        if RARE_SHARE < mean < 1.0 - RARE_SHARE:
            state = 2 * state + (occupied >= 0.5)
            labels.append(role.label)
            rows.append(np.where(grid.unknown, mean, occupied))
            means.append(mean)
    share = np.array(rows) if rows else np.zeros((0, len(grid.knots)))
    return RoleTime(tuple(labels), share, np.array(means), state)


def settle_times(events: tuple[Events, ...], check_ins: Floats) -> tuple[tuple[Events, ...], int]:
    """The events at single times, and how many of them were known only to a stretch.

    An event known to a span lay somewhere in it; one noted in the same minute as a check-in happened at some time
    since the check-in before, at most twelve hours ago. Such events are spread evenly over their stretches (by the
    golden ratio, in order of time and label): left on one instant they would look like a burst. `half_widths` of what
    is returned are half those stretches.
    """
    rows = sorted((float(t), j, i) for j, one in enumerate(events) for i, t in enumerate(one.times))
    times = [one.times.copy() for one in events]
    widths = [one.half_widths.copy() for one in events]
    settled = 0
    for t, j, i in rows:
        half = float(events[j].half_widths[i])
        low, high = t - half, t + half
        if half == 0.0:
            at = int(np.searchsorted(check_ins, t + ONE_MINUTE, "right"))
            if at == 0 or t - check_ins[at - 1] > ONE_MINUTE:
                continue
            before = int(np.searchsorted(check_ins, t - ONE_MINUTE))
            low = max(t - LONGEST_MEMORY_DAYS, float(check_ins[before - 1]) if before else 0.0)
        settled += 1
        widths[j][i] = 0.5 * (high - low)
        times[j][i] = max(low + (high - low) * math.fmod(0.5 + settled * GOLDEN, 1.0), ONE_MINUTE)
    return tuple(_sorted(one, at, half) for one, at, half in zip(events, times, widths, strict=True)), settled


def _sorted(events: Events, times: Floats, half_widths: Floats) -> Events:
    order = np.argsort(times, kind="stable")
    return replace(
        events,
        times=times[order],
        sizes=events.sizes[order],
        half_widths=half_widths[order],
        ids=tuple(events.ids[i] for i in order),
    )


def known_by_the_half_day(acts: Events) -> bool:
    """Whether for most of the acts only a stretch of six hours or more is known."""
    return float((acts.half_widths >= COARSE_DAYS / 2.0).mean()) > 0.5


def noted_by_the_day(acts: Events, recorded_days: int) -> float | None:
    """The share of days on which an act is noted, where that is too coarse to set it against strain; else None.

    Too coarse: for most of its acts only a stretch of six hours or more is known, and they are noted on over a third
    of the days. Once a day at most is more regular than chance, which would pass for relief that holds for a day.
    """
    share = len(np.unique(np.floor(acts.times))) / max(recorded_days, 1)
    return share if known_by_the_half_day(acts) and share > DENSE_SHARE else None


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
