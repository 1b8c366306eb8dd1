"""What the kernel of `simulating` is given, laid out from a record, its fit, and what drives the paths."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mainstay.futures.driving import LARGEST, Driving, Known, awake
from mainstay.futures.simulating_rare import Rare
from mainstay.futures.simulating_start import Start
from mainstay.futures.slips_ahead import SlipsAhead
from mainstay.futures.weeks import OwnWeeks
from mainstay.numerics.layout import Weights
from mainstay.numerics.paths_ahead import Course, Draws, Out, Store
from mainstay.numerics.paths_ahead_given import Listing, Pool
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.problem import CLOCK, clock_features
from mainstay.strain.settings import years_since_middle
from mainstay.timeline.kinds import Floats, Timeline

CLOCK_NODES = 6


@dataclass(frozen=True, slots=True, eq=False)
class Beginning:
    """What of a record and its fit does not depend on levers, horizon or chance: computed once, used for many calls."""

    timeline: Timeline
    fitted: StrainPosterior
    weeks: OwnWeeks
    start: Start
    slips: SlipsAhead | None
    known: Known
    rare: tuple[Rare, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """What chance gives each draw of the parameters (k).

    `v` (k, p) and the kernel's `weights` of each; `often` (k, j): times as often each demand comes; `slips` (k, 3);
    `eased` (64, k): standard normals, one row a plan.
    """

    v: Floats
    weights: list[Weights]
    often: Floats
    slips: Floats
    eased: Floats


def store_of(here: Beginning, drive: Driving) -> Store:
    """The weeks to draw from."""
    weeks, timeline, data = here.weeks, here.timeline, here.fitted.data
    a_day = weeks.cells
    last = float(timeline.local_days(np.array([timeline.days]))[0])
    sizes = [data.problem.jump_size[data.problem.jump_input == len(data.roles) + j] for j in range(len(data.demands))]
    sizes = [one if len(one) else np.ones(1) for one in sizes]
    anchor = timeline.ratings.get(data.anchor or "")
    asked = np.full(a_day, 1.0 / a_day)
    if anchor is not None and len(anchor.times):
        at = np.floor(np.mod(timeline.local_days(anchor.times) - last, 1.0) * a_day).astype(np.int64)
        asked = np.bincount(np.minimum(at, a_day - 1), minlength=a_day) / len(at)
    listed = weeks.listed
    pool = Pool(np.cumsum([0, *(len(one) for one in sizes)]), np.concatenate([np.zeros(0), *sizes]))
    return Store(
        share=drive.share, added=drive.added, open=drive.open, keep=drive.keep, extra=drive.extra, pool=pool,
        listed=Listing(listed.first, listed.at, listed.kind, listed.size, listed.role, listed.brought),
        phase=drive.phase, candidate=weeks.candidate, alike=np.ascontiguousarray(weeks.alike), begun=weeks.begun,
        sharpness=weeks.sharpness, level=np.ascontiguousarray(weeks.levels.smooth), planned=drive.planned,
        awake=awake(last, a_day), asked=asked,
    )  # fmt: skip


def course_of(here: Beginning, days: int) -> Course:
    """What moves slowly over so many days."""
    data, weeks, timeline = here.fitted.data, here.weeks, here.timeline
    middles = np.asarray(data.days + np.arange(days) + 0.5, np.float64)
    a_day = weeks.cells
    nodes = data.days + (np.arange(7 * a_day)[:, None] + (np.arange(CLOCK_NODES) + 0.5) / CLOCK_NODES) / a_day
    clock = clock_features(timeline, nodes.ravel()).reshape(len(CLOCK), 7 * a_day, CLOCK_NODES)
    within = here.slips.within if here.slips is not None else ()
    return Course(
        year=years_since_middle(middles, data.days),
        drift=data.settings.drift.single(middles, data.days),
        fade=data.settings.fading.single(middles, data.days),
        clock=np.ascontiguousarray(np.moveaxis(clock, 0, -1)),
        own=np.array(weeks.oneself, np.float64),
        grows=np.array([label in data.roles for label in weeks.roles], np.float64),
        within=np.array([label in within for label in weeks.roles], np.float64),
    )


def draws_of(here: Beginning, drive: Driving, drawn: Drawn) -> Draws:
    """The parameters of every draw."""
    parameters = drawn.weights
    data, weeks, place = here.fitted.data, here.weeks, here.fitted.coordinates
    at = data.input_places
    count = len(parameters)
    inputs = np.array([one.inputs for one in parameters])
    features = np.array([one.features for one in parameters])
    gain = np.zeros((count, len(weeks.roles)))
    for i, label in enumerate(data.roles):
        gain[:, weeks.roles.index(label)] = inputs[:, i]
    end = np.array([data.days])
    # what else the seeking follows stays where it is at the record's end; the habit of recording is not seeking
    stays = features[:, data.walk] @ data.settings.drift.many(end, data.days)[:, 0]
    restored = slice(data.walk.stop, data.walk.stop + len(data.restorers))
    stays = stays + features[:, restored] @ np.full(len(data.restorers), -0.5)
    faded = np.array([one.share_features for one in parameters]) @ data.settings.fading.many(end, data.days)[:, 0]
    share_logit = np.array([one.share_logit for one in parameters]) - faded[:, None]
    share_fade = np.array([one.share_fade for one in parameters])
    now = data.settings.fading.single(end, data.days)[0]
    shares = np.zeros((count, len(drive.plans)))
    for a, plan in enumerate(drive.plans):
        if plan.share is not None:
            shares[:, a] = plan.share[0] + plan.share[1] * drawn.eased[a % len(drawn.eased)]
        else:
            shares[:, a] = 1.0 / (1.0 + np.exp(share_fade[:, plan.refuge] * now - share_logit[:, plan.refuge]))
    begin, begin_sd = here.start.drawn(drawn.v)
    return Draws(
        rate=np.array([one.rate for one in parameters]),
        noise=np.array([one.noise for one in parameters]),
        own=np.array([one.own for one in parameters]),
        gain=gain,
        rest_growth=inputs[:, at["growth"]].copy(),
        gain_growth=inputs[:, at["growth"] + 1].copy(),
        jump=np.ascontiguousarray(inputs[:, at["demand"] : at["demand"] + len(data.demands)]),
        often=drawn.often,
        level=np.array([one.level for one in parameters]) + stays[:, None],
        pull=np.array([one.pull for one in parameters]),
        slope=np.array([one.slope for one in parameters]),
        clock=np.ascontiguousarray(features[:, : len(CLOCK)]),
        share_logit=share_logit,
        share_fade=share_fade,
        begin=begin,
        begin_sd=begin_sd,
        centre=np.array([place.mean_strain(one)[0] for one in drawn.v]) + here.start.above_mean,
        spread=np.full(count, here.start.spread),
        eased=np.clip(shares, -1.0, LARGEST),
        tally=drawn.slips,
    )


def out_of(here: Beginning, drive: Driving, n: int, days: int) -> Out:
    """Room for n paths."""
    rows = len(here.fitted.data.refuges) + len(here.fitted.data.demands) + len(drive.plans)
    return Out(
        mean=np.zeros((n, days), np.float32),
        asked=np.zeros((n, days), np.float32),
        scatter=np.zeros((n, days), np.float32),
        hours=np.zeros((len(here.weeks.roles), n, days), np.float32),
        events=np.zeros((rows, n, days), np.uint8),
        counts=np.zeros((n, days), np.uint8),
        weeks=np.zeros((n, math.ceil(days / 7)), np.int16),
    )
