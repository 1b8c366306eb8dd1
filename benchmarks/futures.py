"""10,000 possible futures of a fitted year, a season and a year ahead; beside the same model written plainly in NumPy.

The plain simulator takes all paths through each hour at once, in the obvious way: strain by one exact step, an act
where a uniform number is below the hazard's hour, whatever is given in the hour at its end. It is given the same
posterior draws and the same weeks to draw from.
"""

from __future__ import annotations

import numpy as np
from timing import Job, machine, race, report

from mainstay import strain
from mainstay.futures.driving import driving
from mainstay.futures.simulating import Settings, ahead, beginning
from mainstay.futures.simulating_laid import Beginning, Drawn, course_of, draws_of, store_of
from mainstay.numerics.paths_ahead import Course, Draws, Store
from mainstay.quantities import CannotSay
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline
from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import MONDAY, ordinary_person

PATHS, DRAWS, HOURS = 10_000, 500, 6
"""Paths, draws of the parameters they share, and hours in a cell of the weeks."""
BY_THE_HOUR = Settings(cells_a_day=24)
"""As it is run where the record is told by the hour."""


def begun(timeline: Timeline, fitted: StrainPosterior, settings: Settings) -> Beginning:
    """What the futures of a record begin from; ends the run where there are none."""
    found = beginning(timeline, fitted, settings)
    if isinstance(found, CannotSay):
        raise SystemExit(found.reason)
    return found


def fitted_year(seed: int = 1) -> Beginning:
    """A year of an ordinary simulated person: five check-ins and a demand a day, four acts a week; fitted."""
    weeks = np.linspace(0.0, 364.0, 53)
    recording = {"": (weeks, np.full(52, 0.9))}
    records, items, anchor = ordinary_person(seed, days=364.0, recording=recording)
    timeline = from_records(records, items, anchor, as_of=MONDAY.plus_days(365))
    fitted = strain.fit(timeline)
    if isinstance(fitted, CannotSay):
        raise SystemExit(fitted.reason)
    return begun(timeline, fitted, Settings(cells_a_day=24 // HOURS))


def laid_out(here: Beginning, days: int, rng: np.random.Generator) -> tuple[np.ndarray, Store, Course, Draws]:
    """What both simulators are given."""
    drive = driving(here.weeks, here.known, (), days)
    v = here.fitted.draws(DRAWS, rng)
    levels = here.weeks.levels.drawn(np.arange(PATHS) * DRAWS // PATHS, -(-days // 7), rng)
    weights = [here.fitted.coordinates.weights(one)[0] for one in v]
    slips = np.tile([-np.inf, 0.0, 0.0], (DRAWS, 1))
    drawn = Drawn(
        v,
        weights,
        here.weeks.drawn_often(DRAWS, rng),
        slips,
        np.zeros((1, DRAWS)),
    )
    return levels, store_of(here, drive), course_of(here, days), draws_of(here, drive, drawn)


def by_the_hour(store: Store) -> tuple[np.ndarray, np.ndarray]:
    """Sizes of listed jumps by week, hour and kind (w, 168, j); which role brings them, and what share of them."""
    weeks, cells = store.share.shape[1:3]
    sizes = np.zeros((weeks, cells * HOURS, store.extra.shape[3]))
    role = np.full(sizes.shape, -1)
    brought = np.zeros(sizes.shape)
    for cell in range(weeks * cells):
        for i in range(store.listed.first[cell], store.listed.first[cell + 1]):
            hour = min(int(store.listed.at[i] * HOURS), HOURS - 1) + cell % cells * HOURS
            at = cell // cells, hour, store.listed.kind[i]
            sizes[at] += store.listed.size[i]
            role[at], brought[at] = store.listed.role[i], store.listed.brought[i]
    return sizes, np.stack([role, brought])


def plainly(
    levels: np.ndarray, store: Store, course: Course, draws: Draws, days: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Mean strain by day (n, days) and acts by refuge (k, n), hour by hour, all paths at once."""
    d = np.arange(PATHS) * DRAWS // PATHS
    sizes, of_role = by_the_hour(store)
    dt = 1.0 / 24.0
    x = draws.begin[d] + draws.begin_sd[d] * rng.standard_normal(PATHS)
    decay, rate = np.exp(-draws.rate[d] * dt), draws.rate[d]
    wide = draws.noise[d] * np.sqrt((1.0 - decay**2) / (2.0 * rate))
    mean, acts = np.zeros((PATHS, days)), np.zeros((draws.level.shape[1], PATHS))
    candidate = np.diff(store.candidate, prepend=0.0)
    before = np.full(PATHS, len(candidate))
    for hour in range(24 * days):
        day, in_week = hour // 24, hour % 168
        cell, node = divmod(in_week, HOURS)
        if in_week == 0:
            z = np.clip((x - draws.centre[d]) / draws.spread[d], store.begun.min(), store.begun.max())
            like = np.exp(-0.5 * ((store.begun - z[:, None]) * store.sharpness) ** 2)
            chance = np.cumsum(candidate * store.alike[before] * like, axis=1)
            week = (chance < rng.random(PATHS)[:, None] * chance[:, -1:]).sum(axis=1)
            times = np.minimum(levels[:, hour // 168] / store.level[week], 4.0)
            before = week
        gain = draws.gain[d] + course.grows * (draws.gain_growth[d] * course.year[day])[:, None]
        share = np.minimum(store.share[0, week, cell] * times, 1.0)
        rest = (draws.rest_growth[d] * course.year[day] + (gain * share).sum(axis=1)) / rate
        y = rest + (x - rest) * decay + wide * rng.standard_normal(PATHS)
        mean[:, day] += 0.5 * (x + y) / 24.0
        x = y
        clock = draws.clock[d] @ course.clock[cell, node]
        for k in range(len(acts)):
            log_rate = draws.level[d, k] + draws.pull[d, k] * x + draws.slope[d, k] * course.drift[day] + clock
            act = rng.random(PATHS) < -np.expm1(-np.exp(log_rate) * store.open[0, week, cell, k] * dt)
            lost = 1.0 / (1.0 + np.exp(draws.share_fade[d, k] * course.fade[day] - draws.share_logit[d, k]))
            x = np.where(act, x * (1.0 - lost), x)
            acts[k] += act
        for j in range(sizes.shape[2]):
            role, brought = of_role[:, week, in_week, j]
            m = np.where(role >= 0, times[np.arange(PATHS), np.maximum(role, 0).astype(int)], 1.0)
            expected = draws.often[d, j] * (1.0 + brought * (m - 1.0))
            count = np.floor(expected + rng.random(PATHS))
            x = x + draws.jump[d, j] * sizes[week, in_week, j] * count
            more = rng.poisson(draws.often[d, j] * store.extra[0, week, cell, j] / HOURS)
            pool = store.pool.sizes[store.pool.first[j] : store.pool.first[j + 1]]
            x = x + draws.jump[d, j] * more * rng.choice(pool, PATHS)
    return mean, acts


def agreement(here: Beginning, days: int) -> None:
    """Print how far the two agree, in the same draws of the parameters."""
    rng = np.random.default_rng(0)
    levels, store, course, draws = laid_out(here, days, np.random.default_rng(7))
    mean, acts = plainly(levels, store, course, draws, days, rng)
    paths = ahead(here.timeline, here.fitted, days=days, n=PATHS, rng=np.random.default_rng(7), begun=here)
    assert not isinstance(paths, CannotSay)
    ours = paths.strain / here.fitted.data.unit
    apart = ours.mean(axis=0) - mean.mean(axis=0)
    print(
        f"\nday's mean strain, {days} days, {PATHS:,} paths each: means apart by {np.abs(apart).mean():.3f} on average,"
    )
    print(f"sds in the ratio {np.mean(ours.std(axis=0) / mean.std(axis=0)):.3f}; chance alone: about", end=" ")
    print(f"{0.8 * mean.std() * np.sqrt(1 / DRAWS + 2 / PATHS):.3f} in the means")
    for k, label in enumerate(here.fitted.data.refuges):
        print(f"acts a week, {label}: {7 * paths.events[label].mean():.2f} and {7 * acts[k].mean() / days:.2f}")


def main() -> None:
    """Print the figures."""
    print(f"possible futures of a fitted year; {machine()}")
    here = fitted_year()
    agreement(here, 91)
    hourly = begun(here.timeline, here.fitted, BY_THE_HOUR)
    for days in (91, 365):
        given = laid_out(here, days, np.random.default_rng(7))
        jobs: dict[str, Job] = {
            "mainstay": lambda days=days: ahead(
                here.timeline, here.fitted, days=days, n=PATHS, rng=np.random.default_rng(7), begun=here
            ),
            "mainstay, with what a record begins from": lambda days=days: ahead(
                here.timeline, here.fitted, days=days, n=PATHS, rng=np.random.default_rng(7)
            ),
            "mainstay, weeks cut into hours": lambda days=days: ahead(
                here.timeline,
                here.fitted,
                days=days,
                n=PATHS,
                rng=np.random.default_rng(7),
                begun=hourly,
                settings=BY_THE_HOUR,
            ),
        }
        if days == 91:
            jobs["NumPy plainly, hour by hour"] = lambda given=given, days=days: plainly(
                *given, days, np.random.default_rng(0)
            )
        report(f"{PATHS:,} futures of {days} days", race(jobs))
    few = Settings(draws=200)
    jobs = {
        f"{days} days": lambda days=days: ahead(
            here.timeline, here.fitted, days=days, n=1_000, rng=np.random.default_rng(7), settings=few, begun=here
        )
        for days in (1, 7, 28)
    }
    report("1,000 futures", race(jobs), ours="1 days")


if __name__ == "__main__":
    main()
