"""The next answer, the next day and the next week of a rating: how likely each part of its scale is.

Ours is a mixture of forecasters, weighted by what they said of what came (`mainstay.futures.blend`; dynamic model
averaging, Raftery and others 2010): the person's base rate; filters in which the level wanders and swings fade, with
half-lives from hours to months (`mainstay.numerics.filter_bank`); how often each answer came lately; what followed the
last answer before; and regressions on the person's own days before, on the other ratings and on signals and sleep.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mainstay.futures import baselines
from mainstay.futures.blend import mixed, weights
from mainstay.futures.next_days import Days
from mainstay.futures.next_known import standing_of_answers, standing_of_days
from mainstay.futures.next_scale import Scale, scale_of
from mainstay.futures.next_targets import WEEK, Horizon, Targets, next_answers, of_days, of_weeks
from mainstay.notice.series import Series
from mainstay.numerics.filter_bank import Bank, Foreseen, foresee
from mainstay.timeline.kinds import Floats, Timeline

EVER = float("inf")
HALF_LIVES = {"prompt": (1.0, 7.0, 28.0), "day": (3.0, 10.0, 40.0), "week": (7.0, 21.0, 60.0)}
SINGLE = (0.15, 0.5, 1.5, 5.0, 15.0, 50.0)
DOUBLE = ((0.15, 5.0), (0.5, 15.0), (1.5, 30.0))
RATIOS = (0.15, 0.5, 1.5)
CALENDAR = 0.05
"""Prior variance of an hour's or a weekday's effect, over that of an answer around its mean."""
DRIFT = 1e-3
EWMAS = (1.0, 3.0, 10.0, 30.0)
CLASSES_OF_LAST = 5
SHARES = {
    "prompt": {
        "base rate": 1.0, "filters": 4.0, "lately": 1.0, "after the last": 1.0, "own days": 1.0, "everything": 1.0,
    },
    "day": {
        "base rate": 1.0, "filters": 4.0, "lately": 1.0, "after the last": 1.0, "own days": 1.0, "everything": 1.0,
    },
    "week": {"base rate": 1.0, "filters": 6.0, "lately": 0.2, "own days": 0.4, "everything": 0.4},
}  # fmt: skip
"""Before anything is seen. Weeks overlap, so that what learns from weeks alone learns little: there filters lead."""
BASE_SHARES = {"rates": 0.3, "filters": 0.1, "filters, tilted": 1.0, "mean": 1.0}
"""Of what is usual, each: what has its shape from few answers is trusted less."""
TOGETHER = 0.4
"""Prior sd of what all other streams say together, in units of the noise."""
WORTH_SHAPE = 10.0
"""So many answers the shape that a forecaster assumes is worth, against that of the person's own answers."""


@dataclass(frozen=True, slots=True, eq=False)
class Foretold:
    """Forecasts of one rating: `chances` (n, cells) by forecaster, "ours" and "base rate" among them.

    `weights` (n,): by which ours was mixed.
    """

    name: str
    scale: Scale
    targets: Targets
    chances: Mapping[str, Floats]
    weights: Mapping[str, Floats]

    def scores(self, which: str) -> Floats:
        """Log scores (n,) of a forecaster, NaN where nothing came."""
        return self.scale.log_scores(self.chances[which], self.targets.values)


def foretell(timeline: Timeline, days: Days, series: Series, horizon: Horizon, *, plain: bool = False) -> Foretold:
    """All forecasts of one rating at one horizon, each from its past only; `plain`: with all baselines beside ours.

    Whether answers are whole numbers is taken as known from the beginning.
    """
    low, high = _ends(timeline, series)
    targets = _targets(timeline, days, series, horizon)
    seen = targets.values[np.isfinite(targets.values)]
    scale = scale_of(low, high, seen[:0] if horizon == "week" else seen)
    ewmas = _ewmas(series.times, series.values, _moments(targets, timeline, series), low, high)
    still, filters = _filters(scale, targets, timeline, days, series)
    found: dict[str, Floats] = {"base rate": _base(scale, targets, still)}
    found["filters"] = _shaped(scale, targets, filters)
    lately = baselines.remembered(scale, targets, np.zeros(len(targets.made), np.int64), HALF_LIVES[horizon])
    found["lately"] = _blend(scale, targets, lately)[0]
    found["after the last"] = _after_the_last(scale, targets, ewmas[:, 0])
    own = _own(targets, ewmas)
    sds = np.concatenate([[3.0], np.full(own.shape[1] - 1, 0.5)])
    found["own days"] = _regressed(scale, targets, own, sds)
    others = _others(timeline, days, series, targets)
    wide = np.concatenate([own, others], axis=1)
    found["everything"] = _regressed(scale, targets, wide, np.concatenate([sds, np.full(others.shape[1], TOGETHER)]))
    first = SHARES[horizon]
    names = [name for name in first if name in found]
    shares = np.array([first[name] for name in names])
    found["ours"], by = _blend(scale, targets, np.stack([found[name] for name in names]), shares)
    if plain:
        found |= _plain(scale, targets)
    return Foretold(series.name, scale, targets, found, dict(zip(names, by, strict=True)))


def _ends(timeline: Timeline, series: Series) -> tuple[float, float]:
    item = timeline.ratings[series.name].item
    return float(item.low), float(item.high)


def _targets(timeline: Timeline, days: Days, series: Series, horizon: Horizon) -> Targets:
    if horizon == "prompt":
        return next_answers(timeline, series)
    return of_days(days, days.means[series.name]) if horizon == "day" else of_weeks(days, series.name)


def _moments(targets: Targets, timeline: Timeline, series: Series) -> Floats:
    """When each forecast is made, on the clock of the readings (n,)."""
    if targets.horizon == "prompt":
        return targets.made
    local = timeline.local_days(series.times)
    index = np.searchsorted(local, targets.made, "left")
    # readings before a local midnight are those known then, whatever the clock did
    edge = np.append(series.times, np.inf)
    before = np.concatenate([[-np.inf], series.times])
    exact = targets.made - (local[0] - series.times[0])
    moments: Floats = np.clip(exact, before[index] + 1e-9, edge[index] - 1e-9)
    return moments


def _base(scale: Scale, targets: Targets, still: Floats) -> Floats:
    """What is usual (n, cells), none of which knows of lately.

    How often each answer came, at any time, by weekday, by part of the day; filters without memory (k, n, cells); and
    the mean of all answers so far with its own misses.
    """
    nothing = np.zeros(len(targets.made), np.int64)
    classes = {"week": [nothing], "day": [nothing, targets.weekday]}.get(
        targets.horizon, [nothing, targets.weekday, targets.slot, targets.slot + 4 * (targets.weekday >= 5)]
    )
    rates = np.concatenate([baselines.remembered(scale, targets, one, (EVER,)) for one in classes])
    mean = _spreads(scale, targets, baselines.spread_of(scale, targets, baselines.person_mean(scale, targets)))
    shaped = np.stack([_shaped(scale, targets, one) for one in still])
    parts = {"rates": rates, "filters": still, "filters, tilted": shaped, "mean": mean}
    shares = np.concatenate([np.full(len(parts[name]), share) for name, share in BASE_SHARES.items()])
    return _blend(scale, targets, np.concatenate([parts[name] for name in BASE_SHARES]), shares)[0]


def _blend(scale: Scale, targets: Targets, chances: Floats, shares: Floats | None = None) -> tuple[Floats, Floats]:
    scores = np.stack([scale.log_scores(one, targets.values) for one in chances])
    first = np.ones(len(chances)) if shares is None else shares
    by = weights(scores, targets.made, targets.due, first, overlap=targets.overlap)
    return mixed(chances, by), by


def _settings(calendar: bool) -> tuple[Bank, Bank]:
    """Filters without memory but of the calendar, and those with."""
    rows = [((1.0, 1.0), (0.0, 0.0), 0.0, k) for k in (0.0, CALENDAR, 4.0 * CALENDAR)[: 3 if calendar else 1]]
    still = len(rows)
    rows += [((one, 1.0), (ratio, 0.0), 0.0, CALENDAR) for one, ratio in product(SINGLE, RATIOS)]
    rows += [(both, (ratio, ratio), 0.0, CALENDAR) for both, ratio in product(DOUBLE, RATIOS)]
    rows += [((1.0, 1.0), (0.0, 0.0), DRIFT * times, CALENDAR) for times in (1.0, 10.0, 50.0, 200.0)]
    rates = np.log(2.0) / np.array([row[0] for row in rows])
    ratios, drift, k = (np.array([row[j] for row in rows]) for j in (1, 2, 3))
    every = Bank(rates, ratios, drift, k)
    return Bank(*(part[:still] for part in every)), Bank(*(part[still:] for part in every))


def _filters(scale: Scale, targets: Targets, timeline: Timeline, days: Days, series: Series) -> tuple[Floats, Floats]:
    """Forecasts of the filters without memory (k, n, cells), and of those with, mixed (n, cells)."""
    middle, s0 = float(np.mean(scale.edges[[0, -1]])), (0.2 * scale.reach) ** 2
    if targets.horizon == "prompt":
        gaps, values = np.diff(targets.due, prepend=targets.due[0]), targets.values
        gaps[-1] = 1.0
        span = 1
        noise = foreseen = np.ones(len(gaps))
        turn = 2.0 * np.pi * targets.hours / 24.0
        circle = [np.sin(turn), np.cos(turn), np.sin(2.0 * turn), np.cos(2.0 * turn)]
        design = np.column_stack([*circle, targets.weekday[:, None] == np.arange(7)]).astype(float)
    else:
        span = WEEK if targets.horizon == "week" else 1
        number = np.append(days.answers[series.name], 1.0)
        values = np.append(days.means[series.name], np.nan)
        gaps = np.concatenate([[0.0], np.ones(len(values) - 1)])
        usual = np.cumsum(number) / np.maximum(np.cumsum(number > 0), 1)
        noise = 0.5 + 0.5 * usual / np.maximum(number, 1.0)
        foreseen = _mean_before(noise, number > 0)
        design = (days.weekday[: len(gaps) + span - 1, None] == np.arange(7)).astype(float)
    found = []
    for bank in _settings(calendar=targets.horizon != "week"):
        seen = foresee(gaps, values, noise, design, bank, start=middle, s0=s0, span=span, foreseen=foreseen)
        found.append(_means_and_sds(seen, targets))
    still = np.stack([scale.logistic(mean, sd) for mean, sd in zip(*found[0], strict=True)])
    return still, _mixed_filters(scale, targets, *found[1])


def _mean_before(values: Floats, known: NDArray[np.bool_]) -> Floats:
    """The mean of the known values before each (n,), with 1 as the first."""
    total = np.cumsum(np.where(known, values, 0.0))
    mean: Floats = np.append(1.0, (1.0 + total) / (1.0 + np.cumsum(known)))[:-1]
    return mean


def _means_and_sds(seen: Foreseen, targets: Targets) -> tuple[Floats, Floats]:
    ahead = targets.horizon == "week"
    means, variances = (seen.means_ahead, seen.variances_ahead) if ahead else (seen.means, seen.variances)
    return means, np.sqrt(variances)


def _mixed_filters(scale: Scale, targets: Targets, means: Floats, sds: Floats) -> Floats:
    """The filters' forecasts mixed by their scores, without holding each one's cells."""
    known = np.isfinite(targets.values)
    came = np.where(known, targets.values, scale.centres[0])
    scores = np.where(known, np.log(scale.chance_of(came, means, sds)), np.nan)
    by = weights(scores, targets.made, targets.due, np.ones(len(means)), overlap=targets.overlap)
    total = np.zeros((means.shape[1], len(scale.centres)))
    for weight, mean, sd in zip(by, means, sds, strict=True):
        if weight.max() > 1e-4:
            total += weight[:, None] * scale.logistic(mean, sd)
    mixture: Floats = total / total.sum(axis=1, keepdims=True)
    return mixture


def _ewmas(times: Floats, values: Floats, at: Floats, low: float, high: float) -> Floats:
    """Means of the readings before each moment (moments, 1 + EWMAS): the last, and those that forget in so many days.

    A forgetting mean leans to that of all readings before, with the weight of half a reading.
    """
    n = len(values)
    out = np.empty((len(at), len(EWMAS) + 2))
    rates = np.log(2.0) / np.array(EWMAS)
    total, weight, everything, i = np.zeros(len(EWMAS)), np.zeros(len(EWMAS)), 0.5 * (low + high), 0
    last = now = 0.5 * (low + high)
    clock = times[0] if n else 0.0
    for row, moment in enumerate(at):
        while i < n and times[i] <= moment:
            fade = np.exp(-rates * (times[i] - clock))
            clock = times[i]
            total, weight = total * fade + values[i], weight * fade + 1.0
            last = float(values[i])
            everything += (values[i] - everything) / (i + 2.0)
            i += 1
        fade = np.exp(-rates * max(moment - clock, 0.0))
        now = everything
        out[row, 0] = last
        out[row, 1:-1] = (total * fade + 0.5 * now) / (weight * fade + 0.5)
        out[row, -1] = now
    return out


def _own(targets: Targets, ewmas: Floats) -> Floats:
    """One, the person's own past as distances from the mean of all, the calendar, and that mean (n, columns)."""
    n = len(targets.made)
    everything = ewmas[:, -1:]
    columns = [np.ones((n, 1)), ewmas[:, :-1] - everything]
    if targets.horizon != "week":
        columns.append(0.4 * ((targets.weekday[:, None] == np.arange(7)) - 1.0 / 7.0))
    if targets.horizon == "prompt":
        turn = 2.0 * np.pi * targets.hours / 24.0
        columns.append(0.5 * np.column_stack([np.sin(turn), np.cos(turn)]))
    own: Floats = np.concatenate(columns, axis=1)
    return own


def _regressed(scale: Scale, targets: Targets, x: Floats, sds: Floats) -> Floats:
    middle, s0 = float(np.mean(scale.edges[[0, -1]])), (0.2 * scale.reach) ** 2
    unit = 0.2 * scale.reach
    scaled = x.copy()
    scaled[:, 1 : len(EWMAS) + 2] /= unit
    kept = baselines.ridge(scaled, targets, sds, start=middle, s0=s0)
    return _shaped(scale, targets, scale.logistic(kept.means, kept.sds))


def _shaped(scale: Scale, targets: Targets, chances: Floats) -> Floats:
    """Forecasts (n, cells) tilted to the person's own answers: how often each came, over how likely it was called."""
    spread = baselines.blur(scale)
    at = scale.cell(np.where(np.isfinite(targets.values), targets.values, scale.centres[0]))
    worth = np.full(len(scale.centres), WORTH_SHAPE / len(scale.centres))
    came, called, seen = worth.copy(), worth.copy(), 0
    tilt = np.empty(chances.shape)
    for i in range(len(tilt)):
        while seen < i and targets.due[seen] <= targets.made[i]:
            if np.isfinite(targets.values[seen]):
                came += spread[at[seen]] / targets.overlap
                called += chances[seen] / targets.overlap
            seen += 1
        tilt[i] = came / called
    shaped: Floats = chances * tilt
    shaped /= shaped.sum(axis=1, keepdims=True)
    return shaped


def _after_the_last(scale: Scale, targets: Targets, last: Floats) -> Floats:
    """What came after an answer like the last (n, cells)."""
    cells = scale.cell(last)
    classes = cells if len(scale.centres) <= 2 * CLASSES_OF_LAST else cells * CLASSES_OF_LAST // len(scale.centres)
    after: Floats = baselines.remembered(scale, targets, classes.astype(np.int64), (EVER,))[0]
    return after


def _others(timeline: Timeline, days: Days, series: Series, targets: Targets) -> Floats:
    """What else was known (n, columns): other ratings; for days and weeks the day before in signals, sleep, events."""
    known = (
        standing_of_answers(timeline, series.name, targets.made)
        if targets.horizon == "prompt"
        else standing_of_days(days, series.name, "")
    )
    return np.column_stack([*known.values()]) if known else np.zeros((len(targets.made), 0))


def _plain(scale: Scale, targets: Targets) -> dict[str, Floats]:
    """The baselines of the tables (n, cells), each with its spreads mixed by how well they did."""
    points = {
        "mean": baselines.person_mean(scale, targets),
        "last value": baselines.last_value(scale, targets),
        "seasonal naive": baselines.seasonal_naive(scale, targets),
        "EWMA": baselines.ewma(scale, targets),
    }
    found = {name: baselines.spread_of(scale, targets, means) for name, means in points.items()}
    lags = _lagged(scale, targets)
    found["regression on lags"] = baselines.ridge(
        lags, targets, np.array([3.0, *[0.5] * (lags.shape[1] - 1)]),
        start=float(np.mean(scale.edges[[0, -1]])), s0=(0.2 * scale.reach) ** 2,
    )  # fmt: skip
    return {name: _blend(scale, targets, _spreads(scale, targets, one))[0] for name, one in found.items()}


def _spreads(scale: Scale, targets: Targets, points: baselines.Normal) -> Floats:
    """Point forecasts with four spreads (4, n, cells): a logistic law, their own misses, and either of them tilted."""
    laid = [scale.logistic(points.means, points.sds), baselines.by_misses(scale, targets, points)]
    return np.stack([*laid, *(_shaped(scale, targets, one) for one in laid)])


def _lagged(scale: Scale, targets: Targets, lags: int = 3) -> Floats:
    """One, and the last three values known, as distances from mid-scale in fifths of it (n, 1 + lags)."""
    middle, unit = float(np.mean(scale.edges[[0, -1]])), 0.2 * scale.reach
    out = np.zeros((len(targets.made), 1 + lags))
    out[:, 0] = 1.0
    held: list[float] = []
    seen = 0
    for i in range(len(out)):
        while seen < i and targets.due[seen] <= targets.made[i]:
            if np.isfinite(targets.values[seen]):
                held.append((float(targets.values[seen]) - middle) / unit)
            seen += 1
        recent = held[::-1][:lags]
        out[i, 1 : 1 + len(recent)] = recent
    return out
