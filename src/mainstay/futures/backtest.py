"""Would the simulator have foreseen this person's own past? A rolling-origin backtest, and what it says of the futures.

At moments of the record (`origins`) everything after is set aside; the model is fitted to what was known then (anew at
a few of them, run on with the same parameters between), run forward, and scored once the days have come: the next day,
the next week and four weeks of the anchor's mean rating, of whether each refuge comes, of hours in each role and of
slips, each against the person's own base rate (`backtest_targets`). What is made of it is in `backtest_judge`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.futures.backtest_cut import cut, midnight
from mainstay.futures.backtest_judge import (
    FarOut,
    OneStep,
    Reason,
    Tried,
    far_out_of,
    gains_of,
    reach_of,
    reasons_of,
    sentence,
)
from mainstay.futures.backtest_leaps import from_unrecorded
from mainstay.futures.backtest_streams import Stream, not_foreseen
from mainstay.futures.backtest_targets import (
    HORIZONS,
    LATELY_DAYS,
    Futures,
    Target,
    base_rate,
    foreseen,
    outcomes,
    recorded_lately,
    targets_of,
)
from mainstay.futures.scores import MeanOverTime, crps_of_samples, log_scores, ranks
from mainstay.futures.simulating import PathsAhead, ahead, beginning, rating_paths
from mainstay.futures.simulating import Settings as DrawingSettings
from mainstay.numerics.forward import course_of, foresee
from mainstay.numerics.layout import VAR
from mainstay.quantities import CannotSay, Instant
from mainstay.strain.coordinates import coordinates
from mainstay.strain.criticise import failed_checks
from mainstay.strain.data import strain_data
from mainstay.strain.fitting import fit_beside, fit_data, path_at
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Ratings, Timeline

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FIRST_DAYS = 63
"""The least record before the first origin: weeks to live again, and a fit."""
FIRST_SHARE = 0.25
ORIGINS, FEWEST_ORIGINS = 60, 20
FEWEST_DAYS = 126
"""What such a record takes: eight weeks after the first origin."""
SEED = 23
METHOD = "rolling-origin backtest against the person's own base rate"

REFITS = 8
MOST_ANSWERS = 8
"""A day's mean of more answers than this is hardly surer."""
PATHS = 400
DRAWS = 100


@dataclass(frozen=True, slots=True)
class Settings:
    """How much is spent: origins at most, full fits among them, paths and draws of the parameters at each."""

    origins: int = ORIGINS
    refits: int = REFITS
    paths: int = PATHS
    draws: int = DRAWS


USUAL = Settings()


@dataclass(frozen=True, slots=True, eq=False)
class Backtest:
    """What the simulator would have foreseen of this person's own past, and whether that was worth anything.

    `origins`: the moments at which forecasts were made; `tried`: each target at them. `gains`: on the base rate, as a
    share of its loss, and `far_out`: how far out what came lay, by horizon in days. `one_step`: the same one step ahead
    over the whole record. `reasons`: why futures are withheld, if they are. `missed`: which streams were not foreseen,
    and why.
    """

    origins: tuple[Instant, ...]
    tried: tuple[Tried, ...]
    gains: Mapping[int, MeanOverTime]
    far_out: Mapping[int, FarOut]
    one_step: OneStep
    reasons: tuple[Reason, ...]
    missed: Mapping[Stream, str]

    @property
    def withheld(self) -> str:
        """Why futures are not shown, in a plain sentence; "" where they are."""
        return sentence(self.reasons)

    @property
    def reach(self) -> int:
        """How many days ahead forecasts were better than what is usual; 0 where nowhere, surely."""
        return reach_of(self.gains)


def backtest(
    timeline: Timeline,
    fitted: StrainPosterior,
    *,
    rng: np.random.Generator | None = None,
    settings: Settings = USUAL,
) -> Backtest | CannotSay:
    """Tries the simulator on the record's own past. `fitted`: a fit of the whole of it.

    Refuses records that leave fewer than twenty origins, or too few forecasts that do not overlap. Without `rng` the
    same record gives the same answer.
    """
    origins, found = tried(timeline, fitted, rng or np.random.default_rng(SEED), settings)
    step = float(np.median(np.diff(origins))) if len(origins) > 1 else 1.0
    gains = gains_of(found, step)
    if len(origins) < FEWEST_ORIGINS or not gains:
        return CannotSay(
            "the record is too short to try on its own past what could be foreseen",
            have=round(timeline.days), need=FEWEST_DAYS, unit="days on record", row="S19",
            quantity="backtest on the own past", method=METHOD, would_change="a longer record",
        )  # fmt: skip
    far_out = far_out_of(found, step)
    one_step = one_step_of(timeline, fitted)
    moments = tuple(timeline.instant(midnight(timeline, int(day))) for day in origins)
    reasons = reasons_of(gains, far_out, one_step)
    return Backtest(moments, found, gains, far_out, one_step, reasons, not_foreseen(found, step))


def one_step_of(timeline: Timeline, fitted: StrainPosterior) -> OneStep:
    """What a fit foresees one step ahead, over the whole record: whether answers hang together as strain does."""
    failed, problem = failed_checks(timeline, fitted).ratings, fitted.data.problem
    asked = problem.read_category < 0
    fourth, expected = math.nan, 0.0
    if asked.any():
        weights, _ = fitted.coordinates.weights(fitted.mean)
        course = course_of(problem, weights)
        missed = foresee(problem, weights, course, np.zeros((0, len(problem.dt))))[0][asked]
        fourth = float(np.mean(missed**4) / np.mean(missed**2) ** 2)
        expected = from_unrecorded(problem, weights, course)
    return OneStep("" if failed is None else failed.kind, fourth, int(asked.sum()), expected)


def origins_of(timeline: Timeline, most: int) -> Ints:
    """Local days at whose beginning forecasts are made, evenly apart and not by whole weeks: (o,)."""
    last = math.floor(float(timeline.local_days(np.array([timeline.days]))[0])) - 1
    first = max(FIRST_DAYS, math.ceil(FIRST_SHARE * last))
    if last < first:
        return np.zeros(0, np.int64)
    step = max(math.ceil((last - first + 1) / most), 2)
    step += step % 7 == 0
    return np.arange(last, first - 1, -step, dtype=np.int64)[::-1]


def known_then(timeline: Timeline, fitted: StrainPosterior) -> StrainPosterior | None:
    """The posterior of an earlier fit of the same person over this timeline; None where it has other parameters."""
    data = strain_data(timeline, fitted.data.settings)
    place = coordinates(data)
    if place.names != fitted.coordinates.names:
        return None
    if data.problem.any_unseen and data.settings.noise:
        data = data.with_path(path_at(place, fitted.mean).row[VAR].copy(), place.pulls(fitted.mean))
        place = coordinates(data)
    return replace(fitted, data=data, coordinates=place)


def tried(
    timeline: Timeline, fitted: StrainPosterior, rng: np.random.Generator, settings: Settings = USUAL
) -> tuple[Ints, tuple[Tried, ...]]:
    """The origins (o,) at which futures could be simulated, and what was foreseen there against what came."""
    data = fitted.data
    roles = [one.label for one in timeline.roles]
    targets = targets_of(timeline, data.refuges, roles, bool(timeline.of_events("slip")), data.demands)
    came = outcomes(timeline, targets)
    origins = origins_of(timeline, settings.origins)
    anew = set(np.linspace(0, len(origins), settings.refits, endpoint=False).astype(int).tolist())
    rows = np.full((len(targets), 5, len(origins)), np.nan)
    last: StrainPosterior | None = None
    reached = []
    for i, origin in enumerate(origins.tolist()):
        then = cut(timeline, midnight(timeline, origin))
        here = known_then(then, last) if last is not None and i not in anew else None
        if here is None and (last is not None or i in anew):  # where a fit fails, the next planned one is tried
            anew_data = strain_data(then, data.settings)
            found = fit_data(anew_data) if last is None else fit_beside(anew_data, last)
            here = found if isinstance(found, StrainPosterior) else None
        last = here
        if here is None:
            continue
        found_ahead = _ahead(then, here, came.shape[1] - 1 - origin, rng, settings)
        if found_ahead is None:
            continue
        reached.append(i)
        known = outcomes(then, targets) if timeline.late else came
        for target, row, values, past in zip(targets, rows[:, :, i], came, known, strict=True):
            ours = foreseen(target, found_ahead) if origin + target.days < len(values) else None
            base = base_rate(target, past, origin)
            if ours is not None and math.isfinite(values[origin + target.days]):
                row[:] = _scored(target, ours, base, float(values[origin + target.days]), rng)
    kept = rows[:, :, reached]
    return origins[reached], tuple(Tried(target, *row) for target, row in zip(targets, kept, strict=True))


def _ahead(
    then: Timeline, fitted: StrainPosterior, most: int, rng: np.random.Generator, settings: Settings
) -> Futures | None:
    """Futures from the end of a record, at most so many days of them; None where none can be simulated."""
    drawing = DrawingSettings(draws=settings.draws, threads=1)
    try:
        begun = beginning(then, fitted, drawing)
    except BadRequest:  # parameters of an earlier fit may give no path of strain over what came since
        return None
    if isinstance(begun, CannotSay):
        return None
    days = min(max(HORIZONS), most)
    paths = ahead(then, fitted, days=days, n=settings.paths, rng=rng, settings=drawing, begun=begun)
    if isinstance(paths, CannotSay):
        return None
    ratings = _ratings(then, fitted, paths, rng) if then.anchor in fitted.data.items else None
    return Futures(paths, ratings, recorded_lately(then), rng)


def _scored(
    target: Target, ours: Floats, base: Floats | None, value: float, rng: np.random.Generator
) -> tuple[float, float, float, float, float]:
    """One forecast: the fields of `Tried`; no loss where there is no base rate to set it against."""
    loss, other = math.nan, math.nan
    if target.event:
        chance = (float(ours.sum()) + 0.5) / (len(ours) + 1.0)
        if base is not None:
            loss, other = log_scores([chance, base[0]], [value > 0.5, value > 0.5]).tolist()
        return loss, other, math.nan, chance, value
    if base is not None:
        loss, other = (float(crps_of_samples(one, value)) for one in (ours, base))
    return loss, other, float(ranks(ours, value, rng)), float(ours.mean()), value


def _ratings(then: Timeline, fitted: StrainPosterior, paths: PathsAhead, rng: np.random.Generator) -> Floats:
    """Daily means of the anchor's answers in these futures (n, days): of as many answers as on some day of late.

    Answers of one day differ by more than their own error, as strain moves within the day.
    """
    rated = then.ratings[then.anchor or ""]
    lately = rated.times > then.days - LATELY_DAYS
    counts = np.unique(np.floor(then.local_days(rated.times[lately])), return_counts=True)[1]
    counts = np.minimum(counts, MOST_ANSWERS) if len(counts) else np.ones(1, np.int64)
    drawn = rng.choice(counts, (paths.n, paths.days))
    total, means = np.zeros(drawn.shape), np.zeros(drawn.shape)
    for k in range(1, int(counts.max()) + 1):
        total += rating_paths(paths, fitted, rated.item.name, rng)
        means[drawn == k] = total[drawn == k] / k
    error = fitted.data.unit * math.exp(fitted.marginal("log_rating_noise", rated.item.name)[0])
    moves = max(_within_a_day(then, rated) - error**2, 0.0)
    spread = np.sqrt(moves / drawn) * rng.standard_normal(means.shape)
    return np.clip(means + spread, rated.item.low, rated.item.high)


def _within_a_day(timeline: Timeline, rated: Ratings) -> float:
    """The variance of answers about the mean of their day and of their part of the day; 0 where a day has one."""
    days = np.unique(np.floor(timeline.local_days(rated.times)), return_inverse=True)[1]
    parts = np.floor(timeline.local_hours(rated.times) / 6.0).astype(np.int64)
    left = rated.values
    for groups in (days, parts, days):
        count = np.maximum(np.bincount(groups), 1)
        left = left - (np.bincount(groups, left) / count)[groups]
    freedom = len(left) - (days.max(initial=-1) + 1) - (len(np.unique(parts)) - 1)
    return float(left @ left) / freedom if freedom > 0 else 0.0
