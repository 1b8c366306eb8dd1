"""From a timeline to the arrays of the likelihood: knots, exposures, load, readings, and what moves with time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.numerics.layout import Problem
from mainstay.records.kinds import Item
from mainstay.strain.exposure import (
    Grid,
    RoleTime,
    opportunity_windows,
    overall_rate,
    possible,
    rate_by_role,
    recorded_chance,
)
from mainstay.strain.settings import Settings, years_since_middle
from mainstay.timeline.kinds import Events, Floats, Ratings, Samples, Timeline

LONGEST_INTERVAL_DAYS = 0.25
MINUTES_PER_DAY = 1440.0
NODES = 3
"""Gauss-Legendre nodes an interval: against eight, three move the log likelihood of a year by 1e-4, two by 4e-2."""
STEPS_OF_A_SCALE = 6.0
"""Internally a scale runs from 0 to 6, as a 1-7 rating does, so that priors mean the same on every scale."""

SQUARED_STRAIN_AT_ACTS = 6.0
"""Mean squared strain (steps) an unrecorded act meets, for the noise it adds: it shifts the noise estimate only."""

MOMENTS = 7
"""Gauss-Hermite nodes over the error that the moment shares among answers, where any of them is ordinal."""
MOST_CATEGORIES = 11
MOST_FREE_CATEGORIES = 7
FEW_CATEGORIES = 5
CROWDED_END = 0.2
"""An end of the scale that takes over a fifth of the answers is a floor or a ceiling, not a rating like the others."""
CLOCK = ("cos", "sin", "weekend")
"""The first of the features: what seeking follows of the time of day and of the week (`clock_features`)."""
HELD_DAYS = 1.0
"""A covariate's value holds for two of its usual spacings, at least a day; after that it is unknown."""


def minutes(times: Floats) -> Floats:
    """Times rounded to whole minutes: events of one minute share a knot."""
    return np.round(times * MINUTES_PER_DAY) / MINUTES_PER_DAY


def knots_of(timeline: Timeline, events: tuple[Events, ...], spans: tuple[tuple[float, float], ...]) -> Floats:
    """Every time at which something happens, is asked or changes, and no interval longer than six hours."""
    days = timeline.days
    parts = [np.arange(LONGEST_INTERVAL_DAYS, days, LONGEST_INTERVAL_DAYS), np.array([days])]
    parts += [series.times for series in timeline.ratings.values()]
    parts += [series.times for series in events]
    parts += [edge for role in timeline.roles for edge in (role.starts, role.ends)]
    parts += [steps.edges for steps in timeline.recording.values()]
    parts += [np.array(span) for span in spans]
    parts += [np.array(window[:2]) for window in opportunity_windows(timeline)]
    times = np.unique(minutes(np.concatenate(parts)))
    inside: Floats = times[(times > 0.0) & (times <= minutes(np.array([days]))[0])]
    return inside


def _sizes(series: Events) -> Floats:
    """Sizes over the mean of their amounts; 1 where none was recorded."""
    known = series.sizes[np.isfinite(series.sizes)]
    mean = float(np.abs(known).mean()) if len(known) else 1.0
    if mean <= 0.0:
        return np.ones(len(series.sizes))
    return np.where(np.isfinite(series.sizes), series.sizes / mean, 1.0)


def _at(knots: Floats, times: Floats) -> NDArray[np.int64]:
    return np.clip(np.searchsorted(knots, minutes(times) - 1e-9), 0, len(knots) - 1).astype(np.int64)


def clock_features(timeline: Timeline, times: Floats) -> Floats:
    """cos and sin of the local time of day, and 1 on Saturdays and Sundays: shape (clock, n)."""
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
class Load:
    """What the demands add: recorded jumps, and by interval the mean and variance of unrecorded ones a day."""

    sizes: list[Floats]
    drift: list[Floats]
    noise: list[Floats]
    rate: Floats


def load_of(timeline: Timeline, series: tuple[Events, ...], roles: RoleTime, grid: Grid) -> Load:
    """Demands recorded and not, by label. Unrecorded ones come at the rate of the roles the person was in."""
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
    return Load(sizes, drift, noise, np.array(rates))


def categories_of(series: Ratings, settings: Settings) -> int:
    """How many answers an ordinal item has; 0 where it is treated as continuous.

    It is where its scale says so, is finer than eleven answers, or holds answers between them; and, unless the settings
    say otherwise, where it has six answers or more and hardly any of them at an end of the scale: then a continuous
    rating gives the same estimates several times as fast (docs/decisions/0012-ordinal-items.md).
    """
    item = series.item
    count = item.high - item.low + 1.0
    whole = bool(np.all(np.mod(series.values - item.low, 1.0) == 0.0))
    if not (item.ordinal and whole and count == int(count) and 2 <= count <= MOST_CATEGORIES):
        return 0
    if settings.ordinal is not None:
        return int(count) if settings.ordinal else 0
    at_ends = max(float(np.mean(series.values == end)) for end in (item.low, item.high))
    return int(count) if count <= FEW_CATEGORIES or at_ends > CROWDED_END else 0


def even_cuts(item: Item, categories: int) -> Floats:
    """Cut points half-way between the answers, in steps: (categories - 1,)."""
    step = STEPS_OF_A_SCALE / (item.high - item.low)
    return np.asarray((np.arange(max(categories - 1, 0)) + 0.5) * step, np.float64)


def free_gaps(item: Item, categories: int) -> list[str]:
    """Labels of the widths of the answers between the first and the last, where these are estimated.

    Of the anchor alone: its scale is what strain is told in, and five more for every item would triple the model.
    """
    free = categories - 2 if 3 < categories <= MOST_FREE_CATEGORIES else 0
    return [f"{item.name}/{j}" for j in range(1, free + 1)]


@dataclass(frozen=True, slots=True, eq=False)
class Covariate:
    """A signal that may feed strain, by interval: in sds from its mean (0 where unknown), and where it is unknown."""

    channel: str
    value: Floats
    unknown: NDArray[np.bool_]


def covariate(samples: Samples, grid: Grid) -> Covariate | None:
    """The last value before the middle of each interval, while it holds. None where the signal never changes."""
    finite = np.isfinite(samples.values)
    times, values = samples.times[finite], samples.values[finite]
    if len(values) < 2 or float(np.ptp(values)) == 0.0:
        return None
    at = np.searchsorted(times, grid.middles, "right") - 1
    age = grid.middles - times[np.maximum(at, 0)]
    unknown = (at < 0) | (age > max(HELD_DAYS, 2.0 * float(np.median(np.diff(times)))))
    held = values[np.maximum(at, 0)]
    weight = grid.dt * ~unknown
    total = float(weight.sum())
    mean = float((weight * held).sum()) / max(total, 1e-9)
    sd = float(np.sqrt((weight * (held - mean) ** 2).sum() / max(total, 1e-9)))
    return Covariate(samples.channel, np.where(unknown, 0.0, (held - mean) / sd), unknown) if sd > 0.0 else None


def restoring_features(acts: tuple[Events, ...], own: Floats, grid: Grid, times: Floats) -> list[Floats]:
    """Minus the share so far of all acts of each refuge, and of all hours as oneself, about one half: like `times`."""
    rows = [0.5 - np.searchsorted(one.times, times, "left") / max(len(one.times), 1) for one in acts]
    if own.any():
        reached = np.concatenate([[0.0], np.cumsum(own * grid.dt)])
        rows.append(0.5 - np.interp(times, np.concatenate([[0.0], grid.knots]), reached / reached[-1]))
    return rows


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """What the problem is made of, picked and cleaned: events at single times, load, ratings with the anchor first."""

    demands: tuple[Events, ...]
    load: Load
    refuges: tuple[Events, ...]
    ratings: tuple[Ratings, ...]
    covariates: tuple[Covariate, ...]
    own: Floats
    habit: bool


def _readings(parts: Parts, grid: Grid, settings: Settings) -> dict[str, Floats | NDArray[np.int64]]:
    ratings = parts.ratings
    read_knot, read_item = _numbered(grid, [one.times for one in ratings])
    order = np.argsort(read_knot, kind="stable")
    steps = [(one.values - one.item.low) * (STEPS_OF_A_SCALE / (one.item.high - one.item.low)) for one in ratings]
    counts, shared = [categories_of(one, settings) for one in ratings], shared_prompts(ratings)
    answers = [
        np.rint(one.values - one.item.low).astype(np.int64) if count else np.full(len(one.values), -1, np.int64)
        for one, count in zip(ratings, counts, strict=True)
    ]
    nothing = np.zeros(0, np.int64)
    x, w = np.polynomial.hermite_e.hermegauss(MOMENTS if shared and any(counts) else 1)
    return {
        "read_knot": read_knot[order],
        "read_item": read_item[order],
        "read_value": _floats(steps)[order],
        "read_category": (np.concatenate(answers) if answers else nothing)[order],
        "item_cut": np.cumsum([0, *(max(count - 1, 0) for count in counts)]),
        "moment_x": x,
        "moment_w": w / w.sum(),
    }


def problem_of(timeline: Timeline, settings: Settings, grid: Grid, roles: RoleTime, parts: Parts) -> Problem:
    """The arrays of the likelihood (see `numerics.layout`)."""
    n, refuges, load = len(grid.knots), parts.refuges, parts.load
    # load that grows by itself: without it, a job that gets harder would pass for relief that fades
    year = years_since_middle(grid.middles, timeline.days)
    growth = [year, year * roles.share.sum(axis=0)]
    chances = [recorded_chance(timeline, one.label, grid) for one in refuges]
    could = [possible(timeline, one, grid) for one in refuges]
    seen = [chance * open_ for chance, open_ in zip(chances, could, strict=True)]
    unseen = [(1.0 - chance) * open_ * grid.dt for chance, open_ in zip(chances, could, strict=True)]
    missed = [
        (1.0 - chance) * open_ * overall_rate(one, row, grid) * SQUARED_STRAIN_AT_ACTS
        for one, row, chance, open_ in zip(refuges, seen, chances, could, strict=True)
    ]
    nothing = np.zeros(n)
    noise = [*(nothing for _ in roles.labels), *load.noise, *missed, *(nothing for _ in growth)]
    x, w = np.polynomial.legendre.leggauss(NODES)
    x, w = 0.5 * (x + 1.0), 0.5 * w
    nodes = grid.starts + grid.dt * x[:, None]
    jump_knot, jump_demand = _numbered(grid, [one.times for one in parts.demands])
    event_knot, event_process = _numbered(grid, [one.times for one in refuges])

    def features(times: Floats) -> Floats:
        rows = [*clock_features(timeline, times), *settings.drift.many(times, timeline.days)]
        rows += restoring_features(refuges, parts.own, grid, times) if settings.restoring else []
        return np.stack(rows + ([years_since_middle(times, timeline.days)] if parts.habit else []))

    return Problem(
        dt=grid.dt,
        own=parts.own if settings.restoring else nothing,
        inputs=_stack(
            [*roles.share, *load.drift, *(nothing for _ in refuges), *growth, *(one.value for one in parts.covariates)],
            n,
        ),
        extra_noise=_stack([*noise, *(one.unknown.astype(float) for one in parts.covariates)], n),
        jump_knot=jump_knot,
        jump_input=jump_demand + len(roles.labels),
        jump_size=_floats(load.sizes),
        event_knot=event_knot,
        event_process=event_process,
        **_readings(parts, grid, settings),  # type: ignore[arg-type]
        seen=_stack(seen, n),
        unseen_days=_stack([0.5 * (row + np.append(row[1:], 0.0)) for row in unseen], n),
        any_unseen=any(float(row.sum()) > 0.0 for row in unseen),
        spread=np.zeros(n),
        lift=np.zeros(n),
        node_x=x,
        node_w=w,
        node_features=np.ascontiguousarray(np.stack([features(row) for row in nodes], axis=1)),
        knot_features=np.ascontiguousarray(features(grid.knots)),
        drift_node=np.ascontiguousarray(settings.drift.single(nodes, timeline.days)),
        drift_knot=settings.drift.single(grid.knots, timeline.days),
        fade_knot=settings.fading.single(grid.knots, timeline.days),
        fade_features=np.ascontiguousarray(settings.fading.many(grid.knots, timeline.days)),
    )


def shared_prompts(ratings: tuple[Ratings, ...]) -> bool:
    """Whether several items are usually answered at once."""
    times = minutes(_floats([one.times for one in ratings]))
    return len(np.unique(times)) < 0.9 * len(times)
