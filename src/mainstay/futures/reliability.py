"""Whether chances mean what they say: how often what was called 70 % came, as a line and as a diagram."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mainstay.errors import BadRequest
from mainstay.futures.scores import LEVEL, brier_scores, student_quantile
from mainstay.quantities import CannotSay, Interval

Floats = NDArray[np.float64]

NEAREST_TO_CERTAIN = 1e-3
"""Chances nearer to 0 or 1 are taken as this near: a share of simulated paths can be exactly 0, and its logit then
says nothing."""
FEWEST_CLUSTERS = 8
FEWEST_EACH = 8
"""As many that came and as many that did not are the least a line is drawn through."""
ROUNDS = 60
RESAMPLES = 200
STEPS = 1000


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logistic recalibration: logit P(it came) = intercept + slope · logit of the chance that was given (Cox 1958).

    Perfect: intercept 0, slope 1. A slope below 1: chances too extreme. `freedom`: of Student's law.
    """

    intercept: float
    slope: float
    intercept_interval: Interval
    slope_interval: Interval
    n: int
    clusters: int
    freedom: int


def calibration(
    chances: ArrayLike,
    came: ArrayLike,
    clusters: ArrayLike,
    *,
    level: float = 0.95,
    nearest: float = NEAREST_TO_CERTAIN,
) -> Calibration | CannotSay:
    """The line of recalibration with intervals that bear any dependence inside a cluster, such as a person.

    The variance is the cluster jackknife (CV3: MacKinnon, Nielsen and Webb 2023), each cluster left out by one Newton
    step, with Student's law on one degree of freedom less than there are clusters; it is the sandwich with the
    correction for few clusters. Refuses under 8 clusters, under 8 that came or did not, and what can be told apart
    without fail, where no line fits.
    """
    p, y = np.asarray(chances, np.float64), np.asarray(came, np.float64)
    groups, group = np.unique(np.asarray(clusters), return_inverse=True)
    if not len(p) == len(y) == len(group):
        raise BadRequest("each forecast needs a chance, whether it came, and its cluster")
    for have, need, unit in (
        (len(groups), FEWEST_CLUSTERS, "people or stretches"),
        (int(min(y.sum(), len(y) - y.sum())), FEWEST_EACH, "forecasts of each outcome"),
    ):
        if have < need:
            return CannotSay("too little has come true or not to judge the chances", have=have, need=need, unit=unit)
    held = np.clip(p, nearest, 1.0 - nearest)
    design = np.stack([np.ones(len(held)), np.log(held / (1.0 - held))], axis=1)
    if float(np.ptp(design[:, 1])) == 0.0:
        return CannotSay("every forecast gave the same chance, so no slope can be told")
    at = None if _parted(design[:, 1], y > 0.5) else _fitted(design, y)
    if at is None:
        return CannotSay("the chances tell apart what came and what did not without fail: no line fits")
    fitted = _share(design @ at)
    bent = (fitted * (1.0 - fitted))[:, None, None] * design[:, :, None] * design[:, None, :]
    by_group = np.zeros((len(groups), 2, 2))
    np.add.at(by_group, group, bent)
    scores = np.zeros((len(groups), 2))
    np.add.at(scores, group, (y - fitted)[:, None] * design)
    left_out = by_group.sum(axis=0) - by_group
    if np.any(np.linalg.cond(left_out) > 1e12):
        return CannotSay("a single cluster carries the whole line")
    moves = np.linalg.solve(left_out, -scores[:, :, None])[:, :, 0]
    moves -= moves.mean(axis=0)
    variance = (len(groups) - 1.0) / len(groups) * moves.T @ moves
    reach = student_quantile(0.5 + 0.5 * level, len(groups) - 1) * np.sqrt(np.diag(variance))
    first, second = (Interval(float(a - r), float(a + r), level) for a, r in zip(at, reach, strict=True))
    return Calibration(float(at[0]), float(at[1]), first, second, len(y), len(groups), len(groups) - 1)


def _parted(x: Floats, came: NDArray[np.bool_]) -> bool:
    """Whether one value parts what came from what did not: then nothing is likeliest (Albert and Anderson 1984)."""
    return bool(x[~came].max() <= x[came].min() or x[came].max() <= x[~came].min())


def _share(logit: Floats) -> Floats:
    far: Floats = np.exp(-np.logaddexp(0.0, -logit))
    return far


def _fitted(design: Floats, y: Floats) -> Floats | None:
    """The maximum of the logistic likelihood by Newton's method with halved steps; None where there is none."""

    def value(at: Floats) -> float:
        eta = design @ at
        return float(y @ eta - np.logaddexp(0.0, eta).sum())

    at = np.zeros(2)
    best = value(at)
    for _ in range(ROUNDS):
        fitted = _share(design @ at)
        bent = (design * (fitted * (1.0 - fitted))[:, None]).T @ design
        if np.linalg.cond(bent) > 1e13:
            return None
        step = np.linalg.solve(bent, design.T @ (y - fitted))
        size = 1.0
        while value(at + size * step) < best and size > 1e-8:
            size *= 0.5
        at = at + size * step
        best = value(at)
        if float(np.abs(size * step).max()) < 1e-10:
            return at
        if float(np.abs(at).max()) > 1e3:
            return None
    return at


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """The diagram (CORP: Dimitriadis, Gneiting and Jordan 2021): `chances` (m,) ascending and how often each came.

    `came` (m,) is the isotonic regression of outcomes on chances: no bins to choose. `low`, `high` (m,): where it would
    lie at `level`, point by point, if the chances were right and forecasts independent. `counts` (m,). The mean Brier
    score is `miscalibration` - `discrimination` + `uncertainty`.
    """

    chances: Floats
    came: Floats
    low: Floats
    high: Floats
    counts: Floats
    level: float
    miscalibration: float
    discrimination: float
    uncertainty: float


def reliability(
    chances: ArrayLike, came: ArrayLike, rng: np.random.Generator, *, level: float = LEVEL, resamples: int = RESAMPLES
) -> Reliability:
    """The reliability diagram with consistency bands. Chances are taken to a tenth of a per cent."""
    p, y = np.asarray(chances, np.float64), np.asarray(came, np.float64)
    if len(p) != len(y) or not len(p):
        raise BadRequest(f"{len(p)} chances and {len(y)} outcomes draw no diagram; give one outcome for each chance")
    placed, where = np.unique(np.round(p * STEPS), return_inverse=True)
    counts = np.bincount(where).astype(np.float64)
    mean_chance = np.bincount(where, p) / counts
    regressed = isotonic(np.bincount(where, y) / counts, counts)
    drawn = rng.binomial(counts.astype(np.int64), mean_chance, (resamples, len(placed))) / counts
    lines = np.array([isotonic(one, counts) for one in drawn])
    low, high = np.quantile(lines, [0.5 - 0.5 * level, 0.5 + 0.5 * level], axis=0)
    whole, base = float(brier_scores(p, y > 0.5).mean()), float(y.mean())
    recalibrated = float(np.square(regressed[where] - y).mean())
    uncertainty = base * (1.0 - base)
    return Reliability(
        mean_chance, regressed, low, high, counts, level, whole - recalibrated, uncertainty - recalibrated, uncertainty
    )


def isotonic(values: Floats, weights: Floats) -> Floats:
    """The nondecreasing sequence nearest to values (m,) by weighted squares: pooling of adjacent violators."""
    means: list[float] = []
    masses: list[float] = []
    lengths: list[int] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        length = 1
        while means and means[-1] >= value:
            mass = masses.pop()
            value = (means.pop() * mass + value * weight) / (mass + weight)
            weight += mass
            length += lengths.pop()
        means.append(value)
        masses.append(weight)
        lengths.append(length)
    return np.repeat(np.array(means), np.array(lengths, np.int64))
