"""From a timeline to what the fit works on: what is counted, what is left out and why, and the units of strain."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.numerics.layout import Problem
from mainstay.quantities import CannotSay
from mainstay.records.kinds import Item
from mainstay.strain.exposure import (
    Grid,
    known_by_the_half_day,
    make_grid,
    noted_by_the_day,
    once,
    opportunity_windows,
    overall_rate,
    recorded_chance,
    recording_logged,
    role_time,
    settle_times,
    time_in_role,
    unknown_spans,
)
from mainstay.strain.habit import Habit, habit_of, with_habit
from mainstay.strain.problem import (
    CLOCK,
    STEPS_OF_A_SCALE,
    Covariate,
    Parts,
    categories_of,
    covariate,
    even_cuts,
    free_gaps,
    knots_of,
    load_of,
    problem_of,
    shared_prompts,
)
from mainstay.strain.settings import USUAL, Settings
from mainstay.strain.wording import number
from mainstay.timeline.inferring_kinds import InferredRoles
from mainstay.timeline.kinds import Events, Floats, Ratings, Timeline

FEWEST_ACTS = 8
FEWEST_DEMANDS = 5


@dataclass(frozen=True, slots=True, eq=False)
class StrainData:
    """One person as the likelihood sees them. Times in days since the timeline's origin.

    `unit`: one internal unit of strain in points of the anchor's scale. `pull_anchor`: the refuge whose pull is 1 where
    nothing was checked in. `occupancy` (roles): mean share of time; `demand_rate` (demands): sizes a day; `act_rate`
    (refuges): acts a day: all corrected for what was not recorded. `recorded_share`: of the demands and acts that
    happened in known stretches, about how many are on record (1 where nothing was logged about it);
    `recording_logged`: of every refuge, for nearly all of the time; `habit_sd`: where controls stand in for that log,
    the sd a year of what they leave open. `categories`, `even_cuts`: answers of each ordinal item (0: continuous) and
    all cut points half-way between them. `wandering`: pieces of a random walk of the drift. `restorers`: what may move
    the threshold. `input_places`: where each kind of input begins. `shared_prompts`: several items answered at once.
    `spread_events`: events whose time was known only to a stretch. `sparse`: labels left out for too few events, with
    their counts; `coarse`: refuges left out because they are noted by the day only, with the share of days; `vague`:
    refuges kept whose time of day is mostly unknown. `knots` (n,) are interval ends. `demands` ends with the exposures
    that were asked for.
    """

    problem: Problem
    settings: Settings
    knots: Floats
    roles: tuple[str, ...]
    demands: tuple[str, ...]
    refuges: tuple[str, ...]
    covariates: tuple[str, ...]
    items: tuple[str, ...]
    categories: tuple[int, ...]
    even_cuts: Floats
    free_gaps: tuple[str, ...]
    anchor: str | None
    pull_anchor: str | None
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
    habit_sd: float | None
    opportunity_logged: bool
    recorded_share: float
    spread_events: int
    sparse: dict[str, int]
    coarse: dict[str, float]
    vague: tuple[str, ...]
    unknown_spans: tuple[tuple[float, float], ...]
    wandering: int
    restorers: tuple[str, ...]

    @property
    def readings(self) -> int:
        """Number of ratings."""
        return len(self.problem.read_knot)

    @property
    def recording_known(self) -> bool:
        """Whether it is known how fully relief was recorded: from a log, or from controls."""
        return self.recording_logged or self.habit_sd is not None

    @property
    def unknown_days(self) -> float:
        """How many days lie in stretches whose load is unknown."""
        middles = self.knots - 0.5 * self.problem.dt
        inside = np.zeros(len(middles), bool)
        for start, end in self.unknown_spans:
            inside |= (middles > start) & (middles < end)
        return float(self.problem.dt[inside].sum())

    @property
    def input_places(self) -> dict[str, int]:
        """Where the inputs of each kind begin: tolls, demands, unrecorded acts, growth of load, covariates."""
        demand = len(self.roles)
        refuge = demand + len(self.demands)
        growth = refuge + len(self.refuges)
        return {"gain": 0, "demand": demand, "efficacy": refuge, "growth": growth, "covariate": growth + 2}

    @property
    def walk(self) -> slice:
        """Where a random walk of the drift lies among the features: after those of the clock."""
        return slice(len(CLOCK), len(CLOCK) + self.wandering)

    @property
    def one_step(self) -> str:
        """A step of strain in words: 'one point on the tension scale', '0.5 points of strain on the calm scale'."""
        return (
            "one point" + self.unit_name[len("points") :]
            if self.unit == 1.0
            else f"{number(self.unit)} {self.unit_name}"
        )

    def with_path(self, variance: Floats, pull: Floats) -> StrainData:
        """The same data, knowing how far the path strays: its posterior variance (n,) at the knots, and the pulls (k,).

        Unrecorded relief is then taken at its mean over the path's posterior (see `numerics.ou_path`).
        """
        mean_pull = float(pull @ self.act_rate) / max(float(self.act_rate.sum()), 1e-12)
        return replace(self, problem=self.problem._replace(spread=variance, lift=mean_pull * variance))

    def with_shapes(self, settings: Settings) -> StrainData:
        """The same data with other shapes of drift and fading, which alone may differ between the settings."""
        here, drift, fading = self.problem, settings.drift, settings.fading
        nodes = (self.knots - here.dt) + here.dt * here.node_x[:, None]
        walk = drift.many(nodes, self.days)

        def walking(features: Floats, steps: Floats) -> Floats:
            parts = [features[: self.walk.start], steps, features[self.walk.stop :]]
            return np.ascontiguousarray(np.concatenate(parts))

        problem = here._replace(
            node_features=walking(here.node_features, walk),
            knot_features=walking(here.knot_features, drift.many(self.knots, self.days)),
            drift_node=np.ascontiguousarray(drift.single(nodes, self.days)),
            drift_knot=drift.single(self.knots, self.days),
            fade_knot=fading.single(self.knots, self.days),
            fade_features=np.ascontiguousarray(fading.many(self.knots, self.days)),
        )
        return replace(self, problem=problem, settings=settings, wandering=len(walk))


def _split(series: tuple[Events, ...], fewest: int) -> tuple[tuple[Events, ...], dict[str, int]]:
    kept = tuple(one for one in series if len(one.times) >= fewest)
    return kept, {one.label: len(one.times) for one in series if len(one.times) < fewest}


def _exposed(timeline: Timeline, labels: tuple[str, ...]) -> tuple[Events, ...]:
    missing = [label for label in labels if label not in timeline.events or not len(timeline.events[label].times)]
    if missing:
        raise BadRequest(
            f"the record has no event {missing[0]!r}; the events in it: {', '.join(sorted(timeline.events))}"
        )
    # an exposure is there or not: what its size would mean is not known
    series = [timeline.events[label] for label in labels]
    return tuple(replace(one, sizes=np.full(len(one.times), np.nan)) for one in series)


def _besides(series: tuple[Events, ...], exposed: tuple[Events, ...]) -> tuple[Events, ...]:
    taken = {one.label for one in exposed}
    return tuple(one for one in series if one.label not in taken)


def _anchor_first(timeline: Timeline) -> tuple[Ratings, ...]:
    """The rated items, the anchor (or else the first by name) before the others."""
    rated = {name: timeline.ratings[name] for name in sorted(timeline.ratings) if len(timeline.ratings[name].times)}
    if timeline.anchor in rated:
        return (rated.pop(timeline.anchor), *rated.values())
    return tuple(rated.values())


def _unit_name(anchor: Item | None) -> str:
    """What strain is counted in: points on its anchor's scale; "of strain" where high ratings are better."""
    if anchor is None:
        return "points of strain"
    name = anchor.name.replace("_", " ")
    return f"points on the {name} scale" if anchor.worse_sign > 0 else f"points of strain on the {name} scale"


def _recorded_share(timeline: Timeline, series: tuple[Events, ...], grid: Grid) -> float:
    known = grid.dt * ~grid.unknown
    happened = 0.0
    for one in series:
        recorded = recorded_chance(timeline, one.label, grid)
        happened += len(one.times) * float(known.sum()) / max(float((recorded * known).sum()), 1e-9)
    return sum(len(one.times) for one in series) / happened if happened else 1.0


def _covariates(timeline: Timeline, names: tuple[str, ...], grid: Grid) -> tuple[Covariate, ...]:
    missing = [name for name in names if name not in timeline.samples]
    if missing:
        there = ", ".join(sorted(timeline.samples)) or "none"
        raise BadRequest(f"the record has no signal {missing[0]!r}; the signals in it: {there}")
    rows = [covariate(timeline.samples[name], grid) for name in names]
    return tuple(one for one in rows if one is not None)


def _own_time(timeline: Timeline, grid: Grid, inferred: InferredRoles | None) -> Floats:
    """1 where the person was in a role declared as oneself, by interval (n,); its chance where that was inferred."""
    rows = [time_in_role(role, grid, inferred) for role in timeline.roles if role.is_self]
    return np.max(rows, axis=0) if rows else np.zeros(len(grid.knots))


def _of_this_record(inferred: InferredRoles | CannotSay | None, timeline: Timeline) -> InferredRoles | None:
    labels = {role.label for role in timeline.roles}
    if isinstance(inferred, CannotSay):
        raise BadRequest(f"the roles of this record can't be inferred ({inferred.reason}); fit it without them")
    if inferred is not None and (set(inferred.roles) != labels or abs(inferred.edges[-1] - timeline.days) > 1e-6):
        raise BadRequest(
            f"roles were inferred for another record (of {inferred.edges[-1]:.1f} days; this one has "
            f"{timeline.days:.1f}); infer them from this timeline"
        )
    return inferred


def strain_data(timeline: Timeline, settings: Settings = USUAL) -> StrainData:
    """Lay out one person's timeline for the likelihood.

    A stretch with recording off, or of three days and more without any record, has unknown load: roles count there
    with their mean share, and events with recording intensity 0. Where the recording of refuges was not logged and
    there are controls, these stand in for the log. Refuges with fewer than 8 acts and demands with fewer than 5 events
    are left out and named in `sparse`. Refuses covariates that are not in the record, and roles inferred for another.
    """
    timeline = once(timeline)
    exposed = _exposed(timeline, settings.exposures)
    demands, few_demands = _split(_besides(timeline.of_events("demand"), exposed), FEWEST_DEMANDS)
    refuges, few_refuges = _split(_besides(timeline.of_events("relief"), exposed), FEWEST_ACTS)
    demands += exposed
    logged = recording_logged(timeline, refuges)
    habit: Habit | None = None if logged else habit_of(timeline)
    if habit is not None:
        timeline = with_habit(timeline, habit)
    check_ins = np.unique(np.concatenate([np.zeros(0), *(one.times for one in timeline.ratings.values())]))
    settled, spread = settle_times(demands + refuges, check_ins)
    demands, refuges = settled[: len(demands)], settled[len(demands) :]
    days_on_record = len(np.unique(np.floor(np.concatenate([check_ins, *(one.times for one in settled)]))))
    daily = {one.label: share for one in refuges if (share := noted_by_the_day(one, days_on_record)) is not None}
    refuges = tuple(one for one in refuges if one.label not in daily)
    spans = unknown_spans(timeline)
    grid = make_grid(knots_of(timeline, demands + refuges, spans), spans)
    inferred = _of_this_record(settings.inferred_roles, timeline)
    roles, ratings = role_time(timeline.roles, grid, inferred), _anchor_first(timeline)
    own = _own_time(timeline, grid, inferred)
    covariates = _covariates(timeline, settings.covariates, grid)
    load = load_of(timeline, demands, roles, grid)
    parts = Parts(demands, load, refuges, ratings, covariates, own, habit is not None)
    problem = problem_of(timeline, settings, grid, roles, parts)
    counts = np.array([len(one.times) for one in refuges], np.int64)
    anchor = ratings[0].item if ratings else None
    categories = tuple(categories_of(one, settings) for one in ratings)
    items = list(zip((one.item for one in ratings), categories, strict=True))
    restorers = [one.label for one in refuges] + (["oneself"] if own.any() else [])
    return StrainData(
        problem=problem,
        settings=settings,
        knots=grid.knots,
        roles=roles.labels,
        demands=tuple(one.label for one in demands),
        refuges=tuple(one.label for one in refuges),
        covariates=tuple(one.channel for one in covariates),
        items=tuple(one.item.name for one in ratings),
        categories=categories,
        even_cuts=np.concatenate([np.zeros(0), *(even_cuts(item, count) for item, count in items)]),
        free_gaps=tuple(free_gaps(*items[0])) if items else (),
        anchor=anchor.name if anchor else None,
        pull_anchor=refuges[int(counts.argmax())].label if refuges and not ratings else None,
        worse_signs=np.array([float(one.item.worse_sign) for one in ratings]),
        unit=(anchor.high - anchor.low) / STEPS_OF_A_SCALE if anchor else 1.0,
        unit_name=_unit_name(anchor),
        occupancy=roles.means,
        demand_rate=load.rate,
        act_rate=np.array([overall_rate(one, row, grid) for one, row in zip(refuges, problem.seen, strict=True)]),
        act_counts=counts,
        days=timeline.days,
        shared_prompts=shared_prompts(ratings),
        recording_logged=logged,
        habit_sd=None if habit is None else habit.slope_sd,
        opportunity_logged=bool(opportunity_windows(timeline)),
        recorded_share=_recorded_share(timeline, demands + refuges, grid),
        spread_events=spread,
        coarse=daily,
        vague=tuple(one.label for one in refuges if known_by_the_half_day(one)),
        sparse={**few_demands, **few_refuges},
        unknown_spans=spans,
        wandering=len(problem.knot_features) - len(CLOCK) - (habit is not None) - len(restorers) * settings.restoring,
        restorers=tuple(restorers) if settings.restoring else (),
    )
