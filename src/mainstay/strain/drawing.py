"""Strain and threshold over time, with bands that carry both the path's and the parameters' uncertainty."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.numerics.layout import PATH, VAR, make_work
from mainstay.numerics.ou_path import find_path, path_covariance
from mainstay.strain.coordinates import Coordinates
from mainstay.strain.data import StrainData
from mainstay.strain.judge import LEVEL, SEEKS_MORE, Z90, normal_cdf
from mainstay.strain.posterior import Curves, StrainPosterior
from mainstay.strain.problem import CLOCK

Floats = NDArray[np.float64]

DRAWS = 60
FEWEST_DRAWS = 20
NEARBY_DAYS = 2.0
LEAST_PULL = 0.1
"""A refuge has a threshold only where strain makes it likelier by a tenth a step, with probability `SEEKS_MORE`."""

REFERENCE_RATES: tuple[tuple[float, str], ...] = (
    (1 / 30, "once a month"),
    (1 / 14, "once in two weeks"),
    (1 / 7, "once a week"),
    (1 / 3, "once in three days"),
    (1 / 2, "once in two days"),
    (1.0, "once a day"),
    (2.0, "twice a day"),
    (4.0, "four times a day"),
    (12.0, "twelve times a day"),
)


def reference_rate(mean_rate_per_day: float) -> tuple[float, str]:
    """The natural rate nearest to a quarter above the person's own mean rate, with its words: a busy day for them."""
    wanted = math.log(max(1.25 * mean_rate_per_day, 1e-3))
    return min(REFERENCE_RATES, key=lambda known: abs(math.log(known[0]) - wanted))


def strain_refuges(posterior: StrainPosterior) -> tuple[int, ...]:
    """The refuges that a step of strain makes likelier by a tenth or more, with probability at least 0.95.

    Only those of which the check-ins bear that out, where there are any.
    """
    found = []
    for k, label in enumerate(posterior.data.refuges):
        if label == posterior.data.pull_anchor:  # strain is measured by it
            found.append(k)
            continue
        mean, sd = posterior.marginal("pull", label)
        if normal_cdf((mean - LEAST_PULL) / sd) >= SEEKS_MORE and not posterior.shown.against(label):
            found.append(k)
    return tuple(found)


def thresholds(place: Coordinates, v: Floats, refuges: tuple[int, ...], log_rate: float, times: Floats) -> Floats:
    """Strain (steps) at which the refuges together reach a rate, at each time (days), averaged over the week.

    Solves log Σ_k exp(a_k + κ_k S + d_k y) = log rate by Newton's method, which is safe where every κ_k > 0.
    """
    weights, _ = place.weights(v)
    pulls, levels = weights.pull[list(refuges)], weights.level[list(refuges)]
    angle = np.linspace(0.0, 2.0 * np.pi, 48, endpoint=False)
    cos, sin, weekend = weights.features[: len(CLOCK)]
    week = (5.0 + 2.0 * math.exp(weekend)) / 7.0
    rhythm = math.log(float(np.exp(cos * np.cos(angle) + sin * np.sin(angle)).mean()) * week)
    target = log_rate - rhythm
    data = place.data
    shape = data.settings.drift
    moved = levels[:, None] + weights.slope[list(refuges)][:, None] * shape.single(times, data.days)
    moved = moved + weights.features[data.walk] @ shape.many(times, data.days)
    strain: Floats = (target - moved.mean(axis=0) - math.log(len(refuges))) / pulls.mean()
    for _ in range(40):
        logs = moved + pulls[:, None] * strain
        top = logs.max(axis=0)
        terms = np.exp(logs - top)
        total = terms.sum(axis=0)
        move = (target - top - np.log(total)) / ((pulls[:, None] * terms).sum(axis=0) / total)
        strain = strain + np.clip(move, -5.0, 5.0)
        if float(np.abs(move).max()) < 1e-9:
            break
    return strain


def _paths(posterior: StrainPosterior, draws: Floats) -> tuple[Floats, Floats]:
    """Mean path and its variance over parameter draws, at the knots (n,), in steps."""
    problem = posterior.data.problem
    work = make_work(problem)
    means, variances = [], []
    for v in draws:
        weights, _ = posterior.coordinates.weights(v)
        f, _ = find_path(problem, weights, work, False)
        if math.isfinite(f):
            path_covariance(work)
            means.append(work.row[PATH].copy())
            variances.append(work.row[VAR].copy())
    if not means:
        raise BadRequest("no draw of the parameters gives a path of strain: the fit is not to be drawn")
    stacked = np.array(means)
    return stacked.mean(axis=0), np.array(variances).mean(axis=0) + stacked.var(axis=0)


def _unknown(data: StrainData) -> NDArray[np.bool_]:
    """Where no rating lies within two days, or recording was off."""
    far = np.ones(len(data.knots), bool)
    if data.readings:
        read = np.unique(data.knots[data.problem.read_knot])
        after = np.clip(np.searchsorted(read, data.knots), 0, len(read) - 1)
        before = np.clip(after - 1, 0, len(read) - 1)
        near = np.minimum(np.abs(read[after] - data.knots), np.abs(read[before] - data.knots))
        far = near > NEARBY_DAYS
    for start, end in data.unknown_spans:
        far |= (data.knots > start) & (data.knots < end)
    return far


def curves(posterior: StrainPosterior, rng: np.random.Generator) -> Curves:
    """Strain with its band and, where it has a meaning, the threshold with its band, from draws of the parameters."""
    data, place = posterior.data, posterior.coordinates
    draws = posterior.draws(DRAWS, rng)
    mean, variance = _paths(posterior, draws)
    half = Z90 * np.sqrt(variance)
    refuges = strain_refuges(posterior)
    rate, words = reference_rate(float(data.act_rate[list(refuges)].sum()) if refuges else 0.0)
    middle = low = high = None
    if refuges:
        usable = [v for v in draws if bool(np.all(place.pulls(v)[list(refuges)] > 0.0))]
        if len(usable) >= FEWEST_DRAWS:
            lines = np.array([thresholds(place, v, refuges, math.log(rate), data.knots) for v in usable])
            low, middle, high = np.quantile(lines, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2], axis=0) * data.unit
    return Curves(
        times=data.knots,
        strain=mean * data.unit,
        strain_low=(mean - half) * data.unit,
        strain_high=(mean + half) * data.unit,
        threshold=middle,
        threshold_low=low,
        threshold_high=high,
        unknown=_unknown(data),
        level=LEVEL,
        unit=data.unit_name,
        reference_rate_per_day=rate,
        reference_words=words,
    )
