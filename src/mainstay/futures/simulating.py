"""Many possible futures of one person, from the end of the record: the fitted model run forward over their own weeks.

A path starts at strain as it stands at the record's end under one draw of the parameters, with what is uncertain about
it. Demands and hours in roles are weeks of the person's own, lived again; acts of relief come by the fitted hazard,
slips by the day's strain. The same random numbers give the same weeks, noise and parameters whatever levers are moved.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.futures.driving import Driving, Known, driving
from mainstay.futures.paths import NO_LEVERS, Lever, Paths, Usual
from mainstay.futures.simulating_laid import Beginning, Drawn, course_of, draws_of, out_of, store_of
from mainstay.futures.simulating_rare import rare_counts, rare_of
from mainstay.futures.simulating_start import start_of, strain_then
from mainstay.futures.slips_ahead import slips_ahead
from mainstay.futures.weeks import WEEK, own_weeks
from mainstay.numerics.ordinal import LOGISTIC
from mainstay.numerics.paths_ahead import Out, run
from mainstay.quantities import CannotSay
from mainstay.records.kinds import Item
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.problem import STEPS_OF_A_SCALE
from mainstay.timeline.kinds import Floats, Timeline

MOST_DAYS, MOST_PATH_DAYS = 3653, 40_000_000
CELLS_A_DAY = (4, 8, 12, 24)
LEAST_MEMORY = 0.25
"""Cells are so short that strain forgets no more than a quarter of itself (on its scale of return) within one."""
FAST = 1.645
MOST_PLANS = 64


@dataclass(frozen=True, slots=True)
class Settings:
    """How paths are drawn: over so many draws of the parameters, in so many threads.

    `cells_a_day`: how finely; None: by how fast strain fades.
    """

    draws: int = 500
    threads: int = 2
    cells_a_day: int | None = None


USUAL = Settings()


@dataclass(frozen=True, slots=True, eq=False)
class PathsAhead(Paths):
    """Paths with the draws (k, p) of the parameters in level coordinates they come from (`parameters_of`).

    `strain_asked` (n, days): as `strain`, over the hours at which ratings are usually given, and `strain_scatter`: its
    variance over these. `from_weeks` (n, weeks):
    which of the person's own weeks (`week_starts`, days since the timeline's origin) drove each week.
    """

    draws: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    strain_asked: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    strain_scatter: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    from_weeks: NDArray[np.int16] = field(default_factory=lambda: np.zeros((0, 0), np.int16))
    week_starts: Floats = field(default_factory=lambda: np.zeros(0))
    items: Mapping[str, Item] = field(default_factory=dict)


def beginning(
    timeline: Timeline, fitted: StrainPosterior | CannotSay, settings: Settings = USUAL
) -> Beginning | CannotSay:
    """What paths ahead of this record begin from. Refuses where there is no fit, or too few weeks to live again."""
    if isinstance(fitted, CannotSay):
        return CannotSay(
            f"strain can't be followed, so it can't be followed further: {fitted.reason}",
            row="S19",
            quantity="paths ahead",
            n=fitted.n,
            method=fitted.method,
            would_change=fitted.would_change,
        )
    if not fitted.data.settings.noise:
        raise BadRequest("a fit without process noise can't be run forward: fit the record with it")
    past = strain_then(fitted)
    if past is None:
        return CannotSay(
            "the fit gives no course of strain to go on from",
            row="S19",
            quantity="paths ahead",
            n=fitted.data.readings,
            method=fitted.method,
            would_change="more check-ins, and what weighs on you and what eases it noted as it happens",
        )
    then, ends, strain, variance = past
    weeks = own_weeks(timeline, fitted, then, settings.cells_a_day or _cells_a_day(fitted))
    if isinstance(weeks, CannotSay):
        return weeks
    data = fitted.data
    rare = rare_of(timeline, fitted)
    modelled = {*data.refuges, *data.demands, *(one.label for one in rare)}
    known_days = max(timeline.days - data.unknown_days, 1.0)
    return Beginning(
        timeline=timeline,
        fitted=fitted,
        weeks=weeks,
        start=start_of(fitted, then),
        slips=slips_ahead(timeline, ends, strain, variance),
        known=Known(
            refuges=dict(zip(data.refuges, data.act_rate.tolist(), strict=True)),
            demands=dict(zip(data.demands, data.demand_rate.tolist(), strict=True)),
            others={
                label: len(one.times) / known_days for label, one in timeline.events.items() if label not in modelled
            },
        ),
        rare=rare,
    )


def _cells_a_day(fitted: StrainPosterior) -> int:
    mean, sd = fitted.marginal("log_recovery_rate")
    fast = math.exp(mean + FAST * sd)
    return next((one for one in CELLS_A_DAY if fast / one <= LEAST_MEMORY), CELLS_A_DAY[-1])


def ahead(
    timeline: Timeline,
    fitted: StrainPosterior | CannotSay,
    *,
    days: int = 91,
    n: int = 10_000,
    rng: np.random.Generator,
    levers: Sequence[Lever] = NO_LEVERS,
    settings: Settings = USUAL,
    begun: Beginning | None = None,
) -> PathsAhead | CannotSay:
    """n possible futures of `days` days from the end of the record on.

    `begun`: what `beginning` gave for the same record and fit, so that it is not found anew. Refuses where there is no
    fit or there are fewer than eight whole weeks to live again; levers that name what is not on record are misuse.
    """
    if not (1 <= days <= MOST_DAYS and n >= 1 and settings.draws >= 1 and settings.threads >= 1):
        raise BadRequest(
            f"paths ahead need 1 to {MOST_DAYS} days, and at least one path, draw and thread; not {days} days, "
            f"{n} paths, {settings.draws} draws, {settings.threads} threads"
        )
    if n * days > MOST_PATH_DAYS:
        raise BadRequest(f"{n:,} paths of {days} days are too many at once; the product is {MOST_PATH_DAYS:,} at most")
    if len(levers) > MOST_PLANS:
        raise BadRequest(f"paths ahead take at most {MOST_PLANS} levers at once, not {len(levers)}")
    here = begun if begun is not None else beginning(timeline, fitted, settings)
    if isinstance(here, CannotSay):
        return here
    fitted, weeks = here.fitted, here.weeks
    rare_names = {one.label for one in here.rare}
    moved = [one for one in levers if one.kind == "hours" or one.name not in rare_names or one.share_eased is not None]
    drive = driving(weeks, here.known, moved, days)
    count = min(settings.draws, n)
    of_draw = np.arange(n, dtype=np.int64) * count // n
    v = fitted.draws(count, rng)
    levels = weeks.levels.drawn(of_draw, math.ceil(days / WEEK), rng)
    often = weeks.drawn_often(count, rng)
    slips = np.tile([-np.inf, 0.0, 0.0], (count, 1)) if here.slips is None else here.slips.draws(count, rng)
    keys = rng.integers(0, 2**64, size=n, dtype=np.uint64)
    rare = rare_counts(here.rare, levers, of_draw, days, rng)
    eased = rng.standard_normal((MOST_PLANS, count))
    drawn = Drawn(v, [fitted.coordinates.weights(one)[0] for one in v], often, slips, eased)
    out = out_of(here, drive, n, days)
    given = levels, store_of(here, drive), course_of(here, days), draws_of(here, drive, drawn), out
    _side_by_side(settings.threads, keys, of_draw, *given)
    return _paths(here, drawn, of_draw, {**_counts(here, drive, out), **rare}, out)


def _side_by_side(threads: int, keys: NDArray[np.uint64], of_draw: NDArray[np.int64], *given: object) -> None:
    n = len(keys)
    bounds = np.linspace(0, n, min(threads, n) + 1).astype(np.int64)
    if threads == 1:
        run(0, n, keys, of_draw, *given)
        return
    with ThreadPoolExecutor(threads, thread_name_prefix="ahead") as pool:
        parts = [pool.submit(run, low, high, keys, of_draw, *given) for low, high in pairwise(bounds)]
        for part in parts:
            part.result()


def _counts(here: Beginning, drive: Driving, out: Out) -> dict[str, NDArray[np.uint8]]:
    """Events by label (n, days): what is planned counts with what is sought of the same name."""
    data = here.fitted.data
    events = dict(zip((*data.refuges, *data.demands), out.events, strict=False))
    for row, plan in zip(out.events[len(events) :], drive.plans, strict=True):
        there = events.get(plan.name)
        events[plan.name] = row if there is None else there + np.minimum(row, 255 - there)
    return events


def _paths(
    here: Beginning, drawn: Drawn, of_draw: NDArray[np.int64], events: dict[str, NDArray[np.uint8]], out: Out
) -> PathsAhead:
    data, weeks, timeline = here.fitted.data, here.weeks, here.timeline
    rates = {**here.known.refuges, **here.known.demands, **{one.label: one.rate for one in here.rare}}
    anchor = timeline.ratings.get(data.anchor or "")
    at_rest = None
    if anchor is not None:
        at_rest = anchor.item.low + data.unit * np.array([one.intercept[0] for one in drawn.weights])[of_draw]
    own = [label for label, is_own in zip(weeks.roles, weeks.oneself, strict=True) if is_own]
    return PathsAhead(
        begins=timeline.instant(timeline.days),
        days=out.mean.shape[1],
        strain=out.mean * np.float32(data.unit),
        at_rest=at_rest,
        slope=float(data.worse_signs[0]) if len(data.worse_signs) else 1.0,
        hours=dict(zip(weeks.roles, out.hours, strict=True)),
        events=events,
        slips=out.counts if here.slips is not None else None,
        parameters_of=of_draw,
        usual=Usual(
            hours=weeks.usual_hours,
            rates=rates,
            slips=here.slips.rate if here.slips is not None else 0.0,
            oneself=own[0] if own else "",
        ),
        assumptions=_assumptions(here),
        draws=drawn.v,
        strain_asked=out.asked * np.float32(data.unit),
        strain_scatter=out.scatter * np.float32(data.unit**2),
        from_weeks=out.weeks,
        week_starts=weeks.starts,
        items={name: timeline.ratings[name].item for name in data.items},
    )


def _assumptions(here: Beginning) -> tuple[str, ...]:
    weeks = here.weeks
    told = [
        f"weeks ahead are like {len(weeks.starts)} weeks of the record, recent ones likelier",
        "what changed steadily over the record goes on changing as it did",
        "what happens is counted, whether or not it would be written down",
    ]
    if not here.fitted.data.recording_known:
        told.append("how fully things were written down is not known: what happens unrecorded is not counted")
    if here.fitted.trusted is False:
        told.append("how sure the fit is of itself was not borne out by its own check")
    if here.fitted.shown.strain:
        told.append("check-ins do not show by themselves that they follow strain")
    if here.fitted.data.covariates:
        told.append("signals that feed strain stay at their usual")
    if weeks.silent:
        told.append(f"{weeks.silent} weeks without any role on record are taken as not written down, not as free")
    if here.slips is not None and not here.slips.gamma:
        told.append("slips come more or less often with strain as they did on the record")
    return tuple(told)


def rating_paths(
    paths: PathsAhead, fitted: StrainPosterior, item: str, rng: np.random.Generator, *, readings: int = 1
) -> Floats:
    """Ratings of an item that such futures would give: (n, days), each the mean of so many answers on one day.

    Each at some hour at which answers are usually given, with the error of an answer, and the steps of an ordinal item.
    Refuses items the fit does not have.
    """
    data = fitted.data
    if item not in data.items:
        raise BadRequest(f"the fit has no item {item!r}; it has: {', '.join(data.items) or 'none'}")
    if readings < 1:
        raise BadRequest(f"a day's rating needs at least one answer, not {readings}")
    i = data.items.index(item)
    first, last = int(data.problem.item_cut[i]), int(data.problem.item_cut[i + 1])
    parameters = [fitted.coordinates.weights(one)[0] for one in paths.draws]
    of = paths.parameters_of
    strain, apart = paths.strain_asked / data.unit, np.sqrt(paths.strain_scatter) / data.unit
    at_zero, loading, sd, occasion = (
        np.array(rows)[of][:, None]
        for rows in zip(*((w.intercept[i], w.loading[i], w.sd[i], w.occasion) for w in parameters), strict=True)
    )
    total = np.zeros(strain.shape)
    for _ in range(readings):
        moment = strain + apart * rng.standard_normal(strain.shape)
        if data.shared_prompts:
            moment += occasion * rng.standard_normal(strain.shape)
        latent = at_zero + loading * moment
        if first == last:
            total += np.clip(latent + sd * rng.standard_normal(strain.shape), 0.0, STEPS_OF_A_SCALE)
            continue
        latent = latent + sd * LOGISTIC * rng.logistic(size=strain.shape)
        cuts = np.array([w.cuts[first:last] for w in parameters])[of]
        total += (latent[:, :, None] > cuts[:, None, :]).sum(axis=2)
    scale = paths.items[item]
    if first < last:
        return scale.low + total / readings
    return scale.low + total / readings * ((scale.high - scale.low) / STEPS_OF_A_SCALE)
