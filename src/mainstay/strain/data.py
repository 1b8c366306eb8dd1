"""From a timeline to what the likelihood needs: knots, exposures, readings, and the units strain is told in."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mainstay.numerics.layout import Problem
from mainstay.quantities import DAYS_PER_YEAR
from mainstay.records.kinds import Item
from mainstay.strain.exposure import (
    Grid,
    RoleTime,
    known_by_the_half_day,
    make_grid,
    noted_by_the_day,
    once,
    opportunity_windows,
    overall_rate,
    possible,
    rate_by_role,
    recorded_chance,
    role_time,
    settle_times,
    unknown_spans,
)
from mainstay.strain.wording import number
from mainstay.timeline.kinds import Events, Floats, Ratings, Timeline

LONGEST_INTERVAL_DAYS = 0.25
MINUTES_PER_DAY = 1440.0
NODES = 3
"""Gauss-Legendre nodes an interval: against eight, three move the log likelihood of a year by 1e-4, two by 4e-2."""
STEPS_OF_A_SCALE = 6.0
"""Internally a scale runs from 0 to 6, as a 1-7 rating does, so that priors mean the same on every scale."""

FEWEST_ACTS = 8
STATED_SHARE = 0.9
FEWEST_DEMANDS = 5
SQUARED_STRAIN_AT_ACTS = 6.0
"""Mean squared strain (steps) an unrecorded act meets, for the noise it adds: it shifts the noise estimate only."""


@dataclass(frozen=True, slots=True, eq=False)
class StrainData:
    """One person as the likelihood sees them. Times in days since the timeline's origin.

    `unit`: one internal unit of strain in points of the anchor's scale. `occupancy` (roles): mean share of time;
    `demand_rate` (demands): sizes a day; `act_rate` (refuges): acts a day: all corrected for what was not recorded.
    `recorded_share`: of the demands and acts that happened in known stretches, about how many are on record (1 where
    nothing was logged about it); `recording_logged`: of every refuge, for nearly all of the time. `shared_prompts`:
    several items answered at once. `spread_events`: events whose time was known only to a stretch. `sparse`: labels
    left out for too few events, with their counts; `coarse`: refuges left out because they are noted by the day only,
    with the share of days; `vague`: refuges kept whose time of day is mostly unknown. `knots` (n,) are interval ends.
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
    act_rate: Floats
    act_counts: NDArray[np.int64]
    days: float
    shared_prompts: bool
    recording_logged: bool
    opportunity_logged: bool
    recorded_share: float
    spread_events: int
    sparse: dict[str, int]
    coarse: dict[str, float]
    vague: tuple[str, ...]
    unknown_spans: tuple[tuple[float, float], ...]

    @property
    def readings(self) -> int:
        """Number of ratings."""
        return len(self.problem.read_knot)

    @property
    def one_step(self) -> str:
        """A step of strain in words: 'one point on the tension scale', '0.5 points of strain on the calm scale'."""
        return (
            "one point" + self.unit_name[len("points") :]
            if self.unit == 1.0
            else f"{number(self.unit)} {self.unit_name}"
        )

    def years(self, times: Floats) -> Floats:
        """Years since the middle of the record, from which drift and fading are counted."""
        return (times - self.days / 2.0) / DAYS_PER_YEAR

    def with_path(self, variance: Floats, pull: Floats) -> StrainData:
        """The same data, knowing how far the path strays: its posterior variance (n,) at the knots, and the pulls (k,).

        Unrecorded relief is then taken at its mean over the path's posterior (see `numerics.ou_path`).
        """
        mean_pull = float(pull @ self.act_rate) / max(float(self.act_rate.sum()), 1e-12)
        return replace(self, problem=self.problem._replace(spread=variance, lift=mean_pull * variance))


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
    parts += [np.array(window[:2]) for window in opportunity_windows(timeline)]
    times = np.unique(_minutes(np.concatenate(parts)))
    inside: Floats = times[(times > 0.0) & (times <= _minutes(np.array([days]))[0])]
    return inside


def _split(series: tuple[Events, ...], fewest: int) -> tuple[tuple[Events, ...], dict[str, int]]:
    kept = tuple(one for one in series if len(one.times) >= fewest)
    return kept, {one.label: len(one.times) for one in series if len(one.times) < fewest}


def _sizes(series: Events) -> Floats:
    """Sizes over the mean of their amounts; 1 where none was recorded."""
    known = series.sizes[np.isfinite(series.sizes)]
    mean = float(np.abs(known).mean()) if len(known) else 1.0
    if mean <= 0.0:
        return np.ones(len(series.sizes))
    return np.where(np.isfinite(series.sizes), series.sizes / mean, 1.0)


def _at(knots: Floats, times: Floats) -> NDArray[np.int64]:
    return np.clip(np.searchsorted(knots, _minutes(times) - 1e-9), 0, len(knots) - 1).astype(np.int64)


def clock_features(timeline: Timeline, times: Floats) -> Floats:
    """cos and sin of the local time of day, and 1 on Saturdays and Sundays: shape (3, n)."""
    angle = timeline.local_hours(times) * (2.0 * np.pi / 24.0)
    return np.stack([np.cos(angle), np.sin(angle), (timeline.weekdays(times) >= 5).astype(float)])


def _stack(rows: list[Floats], n: int) -> Floats:
    return np.ascontiguousarray(np.array(rows)) if rows else np.zeros((0, n))


def _floats(parts: list[Floats]) -> Floats:
    return np.concatenate(parts) if parts else np.zeros(0)


def _numbered(grid: Grid, times: list[Floats]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Knots of all times of all series, and which series each belongs to."""
    at = [_at(grid.knots, one) for one in times]
    which = [np.full(len(one), j, np.int64) for j, one in enumerate(times)]
    nothing = np.zeros(0, np.int64)
    return (np.concatenate(at), np.concatenate(which)) if at else (nothing, nothing)


@dataclass(frozen=True, slots=True, eq=False)
class _Demands:
    """What the demands add: recorded jumps, and by interval the mean and variance of unrecorded ones a day."""

    sizes: list[Floats]
    drift: list[Floats]
    noise: list[Floats]
    rate: Floats


def _demands(timeline: Timeline, series: tuple[Events, ...], roles: RoleTime, grid: Grid) -> _Demands:
    sizes, drift, noise, rates = [], [], [], []
    for one in series:
        recorded = recorded_chance(timeline, one.label, grid)
        overall = overall_rate(one, recorded, grid)
        missed = rate_by_role(_at(grid.knots, one.times), recorded, overall, roles, grid) * (1.0 - recorded)
        size = _sizes(one)
        sizes.append(size)
        drift.append(missed)
        noise.append(missed * float((size**2).mean()))
        rates.append(overall)
    return _Demands(sizes, drift, noise, np.array(rates))


def _anchor_first(timeline: Timeline) -> tuple[Ratings, ...]:
    """The rated items, the anchor (or else the first by name) before the others."""
    rated = {name: timeline.ratings[name] for name in sorted(timeline.ratings) if len(timeline.ratings[name].times)}
    if timeline.anchor in rated:
        return (rated.pop(timeline.anchor), *rated.values())
    return tuple(rated.values())


def _problem(
    timeline: Timeline,
    grid: Grid,
    roles: RoleTime,
    *,
    demands: tuple[Events, ...],
    load: _Demands,
    refuges: tuple[Events, ...],
    ratings: tuple[Ratings, ...],
) -> Problem:
    n = len(grid.knots)
    middle = timeline.days / 2.0
    # load that grows by itself: without it, a job that gets harder would pass for relief that fades
    year = (grid.middles - middle) / DAYS_PER_YEAR
    growth = [year, year * roles.share.sum(axis=0)]
    chances = [recorded_chance(timeline, one.label, grid) for one in refuges]
    could = [possible(timeline, one, grid) for one in refuges]
    seen = [chance * open_ for chance, open_ in zip(chances, could, strict=True)]
    unseen = [(1.0 - chance) * open_ * grid.dt for chance, open_ in zip(chances, could, strict=True)]
    missed = [
        (1.0 - chance) * open_ * overall_rate(one, row, grid) * SQUARED_STRAIN_AT_ACTS
        for one, row, chance, open_ in zip(refuges, seen, chances, could, strict=True)
    ]
    x, w = np.polynomial.legendre.leggauss(NODES)
    x, w = 0.5 * (x + 1.0), 0.5 * w
    nodes = grid.starts + grid.dt * x[:, None]
    jump_knot, jump_demand = _numbered(grid, [one.times for one in demands])
    event_knot, event_process = _numbered(grid, [one.times for one in refuges])
    read_knot, read_item = _numbered(grid, [one.times for one in ratings])
    order = np.argsort(read_knot, kind="stable")
    steps = [(one.values - one.item.low) * (STEPS_OF_A_SCALE / (one.item.high - one.item.low)) for one in ratings]
    return Problem(
        dt=grid.dt,
        own=np.zeros(n),
        inputs=_stack([*roles.share, *load.drift, *(np.zeros(n) for _ in refuges), *growth], n),
        extra_noise=_stack(
            [*(np.zeros(n) for _ in roles.labels), *load.noise, *missed, *(np.zeros(n) for _ in growth)], n
        ),
        jump_knot=jump_knot,
        jump_input=jump_demand + len(roles.labels),
        jump_size=_floats(load.sizes),
        event_knot=event_knot,
        event_process=event_process,
        read_knot=read_knot[order],
        read_item=read_item[order],
        read_value=_floats(steps)[order],
        read_category=np.full(len(order), -1, np.int64),
        item_cut=np.zeros(len(ratings) + 1, np.int64),
        moment_x=np.zeros(1),
        moment_w=np.ones(1),
        seen=_stack(seen, n),
        unseen_days=_stack([0.5 * (row + np.append(row[1:], 0.0)) for row in unseen], n),
        any_unseen=any(float(row.sum()) > 0.0 for row in unseen),
        spread=np.zeros(n),
        lift=np.zeros(n),
        node_x=x,
        node_w=w,
        node_features=np.ascontiguousarray(np.stack([clock_features(timeline, row) for row in nodes], axis=1)),
        knot_features=np.ascontiguousarray(clock_features(timeline, grid.knots)),
        drift_node=np.ascontiguousarray((nodes - middle) / DAYS_PER_YEAR),
        drift_knot=(grid.knots - middle) / DAYS_PER_YEAR,
        fade_knot=(grid.knots - middle) / DAYS_PER_YEAR,
        fade_features=np.zeros((0, n)),
    )


def _unit_name(anchor: Item | None) -> str:
    """What strain is counted in: points on its anchor's scale; "of strain" where high ratings are better."""
    if anchor is None:
        return "points of strain"
    name = anchor.name.replace("_", " ")
    return f"points on the {name} scale" if anchor.worse_sign > 0 else f"points of strain on the {name} scale"


def _recording_logged(timeline: Timeline, refuges: tuple[Events, ...]) -> bool:
    """Whether the recording of every refuge was stated for nearly all of the time."""
    steps = [timeline.recording.get(one.label, timeline.recording.get("")) for one in refuges]
    return all(one is not None and one.stated_share >= STATED_SHARE for one in steps)


def _recorded_share(timeline: Timeline, series: tuple[Events, ...], grid: Grid) -> float:
    known = grid.dt * ~grid.unknown
    happened = 0.0
    for one in series:
        recorded = recorded_chance(timeline, one.label, grid)
        happened += len(one.times) * float(known.sum()) / max(float((recorded * known).sum()), 1e-9)
    return sum(len(one.times) for one in series) / happened if happened else 1.0


def strain_data(timeline: Timeline) -> StrainData:
    """Lay out one person's timeline for the likelihood.

    A stretch with recording off, or of three days and more without any record, has unknown load: roles count there
    with their mean share, and events with recording intensity 0. Refuges with fewer than 8 acts and demands with
    fewer than 5 events are left out and named in `sparse`.
    """
    timeline = once(timeline)
    demands, few_demands = _split(timeline.of_events("demand"), FEWEST_DEMANDS)
    refuges, few_refuges = _split(timeline.of_events("relief"), FEWEST_ACTS)
    check_ins = np.unique(_floats([one.times for one in timeline.ratings.values()]))
    settled, spread = settle_times(demands + refuges, check_ins)
    demands, refuges = settled[: len(demands)], settled[len(demands) :]
    days_on_record = len(np.unique(np.floor(np.concatenate([check_ins, *(one.times for one in settled)]))))
    daily = {one.label: share for one in refuges if (share := noted_by_the_day(one, days_on_record)) is not None}
    refuges = tuple(one for one in refuges if one.label not in daily)
    spans = unknown_spans(timeline)
    grid = make_grid(_knots(timeline, demands + refuges, spans), spans)
    roles = role_time(timeline.roles, grid)
    load = _demands(timeline, demands, roles, grid)
    ratings = _anchor_first(timeline)
    problem = _problem(timeline, grid, roles, demands=demands, load=load, refuges=refuges, ratings=ratings)
    anchor = ratings[0].item if ratings else None
    return StrainData(
        problem=problem,
        knots=grid.knots,
        roles=roles.labels,
        demands=tuple(one.label for one in demands),
        refuges=tuple(one.label for one in refuges),
        items=tuple(one.item.name for one in ratings),
        anchor=anchor.name if anchor else None,
        worse_signs=np.array([float(one.item.worse_sign) for one in ratings]),
        unit=(anchor.high - anchor.low) / STEPS_OF_A_SCALE if anchor else 1.0,
        unit_name=_unit_name(anchor),
        occupancy=roles.means,
        demand_rate=load.rate,
        act_rate=np.array([overall_rate(one, row, grid) for one, row in zip(refuges, problem.seen, strict=True)]),
        act_counts=np.array([len(one.times) for one in refuges], np.int64),
        days=timeline.days,
        shared_prompts=len(np.unique(problem.read_knot)) < 0.9 * len(problem.read_knot),
        opportunity_logged=bool(opportunity_windows(timeline)),
        recording_logged=_recording_logged(timeline, refuges),
        recorded_share=_recorded_share(timeline, demands + refuges, grid),
        spread_events=spread,
        coarse=daily,
        vague=tuple(one.label for one in refuges if known_by_the_half_day(one)),
        sparse={**few_demands, **few_refuges},
        unknown_spans=spans,
    )
