"""Whether a design can tell an arm's effect apart from what of it carries over: the bias that its estimate would have.

How long an arm carries over is not known, and what is told is averaged over that. With days that change too often an
arm that lasts looks like an arm that does little, and the average lies between the two: wrong for both. How wrong is
worked out from the design and the swings that were found, without the answers: the estimate of an effect of one sd of
what is left, simulated for each half-life that is to be expected. The answers enter through a few inner products
only, which are drawn instead of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mainstay.numerics.ou_regression import products
from mainstay.quantities import CannotSay
from mainstay.trials.effect_model_core import EFFECT_SD, WEEKDAY_SDS, Regressed, base_of
from mainstay.trials.effect_model_exposures import exposures_each, stretch_days
from mainstay.trials.kinds import Floats, Schedule

MOST_BIAS = 0.085
"""In sds of what is left of the outcome: an estimate that may be further off on average is not told. Worked out, it is
up to .02 less than simulated whole (tests/calibration/trials_carryover.py)."""
LIKELY, MOST_PLACES = 0.2, 6
"""The bias is worked out for the likeliest errors and those at least so likely beside them."""
EXPECTED_CARRYOVER = 3.0
"""Half-lives of what carries over up to which, in days, an estimate must be right."""
EFFECT, DRAWS = 1.0, 200
PERIODS = (7, 10, 14, 21, 28, 42)
"""Proposed where days change too often; a trial needs four of them."""


@dataclass(frozen=True, slots=True)
class _Errors:
    """What is known of the errors: rate a day, swings' variance over the noise's, the weekdays' sd."""

    rate: float
    ratio: float
    weekday_sd: float

    @property
    def sd(self) -> float:
        return math.sqrt(1.0 + self.ratio)


def told_apart(schedule: Schedule, found: Regressed, half_lives: tuple[float, ...], *, trend: bool) -> CannotSay | None:
    """Why the effect can't be told apart from what carries over, with the period in days that would; None: it can."""
    likely = _likely(found)
    columns, flat = found.effects_from, found.base.flat
    if all(
        worst_bias(_beyond(found.grid.inner[r, v, :-1, :-1], columns, flat, one), half_lives, found.priors, one.sd)
        <= MOST_BIAS
        for r, v, one in likely
    ):
        return None
    have = stretch_days(schedule)
    needed = next(
        (
            one
            for one in PERIODS
            if have < one <= schedule.days / 4 and _tells(schedule, one, likely[0][2], trend=trend)
        ),
        None,
    )
    return CannotSay(
        "an arm that does little and one that lasts into other days look alike on days that change this often",
        have=round(have, 1),
        need=needed,
        unit="days in a stretch",
        would_change=f"periods of {needed} days"
        if needed is not None
        else "a longer trial, in periods of two weeks or more",
    )


def _likely(found: Regressed) -> list[tuple[int, int, _Errors]]:
    """The likeliest errors first, with where their rate and ratio stand in the grid."""
    by_place = found.weights.sum(axis=0)
    order = np.argsort(by_place, axis=None)[::-1][:MOST_PLACES]
    rates, ratios, likely = found.grid.rates, found.grid.ratios, []
    for at in order[by_place.ravel()[order] >= LIKELY * by_place.max()].tolist():
        w, r, v = (int(i) for i in np.unravel_index(at, by_place.shape))
        likely.append((r, v, _Errors(float(rates[r]), float(ratios[v]), WEEKDAY_SDS[w])))
    return likely


def worst_bias(left: Floats, half_lives: tuple[float, ...], priors: Floats, sd: float) -> float:
    """The largest bias of an effect of one sd of what is left, over arms and expected half-lives, in such sds.

    `left` (c m, c m): inner products of the exposures with each half-life (c,), beyond the base's, where the noise of a
    reading is 1; `sd`: of all that is left. Noise is drawn in pairs of opposite sign.
    """
    count, m = len(half_lives), len(left) // len(half_lives)
    values, vectors = np.linalg.eigh(left)
    drawn = np.random.default_rng(0).standard_normal((DRAWS // 2, len(left)))
    noise = np.concatenate([drawn, -drawn]) @ (vectors * np.sqrt(np.maximum(values, 0.0))).T
    expected = [c for c, one in enumerate(half_lives) if one <= EXPECTED_CARRYOVER]
    columns = np.array([c * m + arm for c in expected for arm in range(m)])
    seen = left[:, columns].T[:, None] * EFFECT * sd + noise
    heights, told = np.empty((count, *seen.shape[:2])), np.empty((count, *seen.shape[:2]))
    for c in range(count):
        block = slice(c * m, (c + 1) * m)
        means = seen[..., block] @ np.linalg.inv(left[block, block] + (EFFECT_SD * sd) ** -2.0 * np.eye(m))
        # as in `effect_model_core.regress`, a half-life is not the likelier for being seen less of
        heights[c] = 0.5 * (means * seen[..., block]).sum(axis=-1) + math.log(priors[c])
        told[c] = np.take_along_axis(means, (columns % m)[:, None, None], axis=-1)[..., 0]
    weights = np.exp(heights - heights.max(axis=0))
    mean = (weights * told).sum(axis=0) / weights.sum(axis=0)
    return float(np.abs(mean.mean(axis=-1) / sd - EFFECT).max())


def _beyond(inner: Floats, columns: int, flat: int, errors: _Errors) -> Floats:
    """Inner products of the columns after the first, beyond what those first explain."""
    known = inner[:columns, :columns].copy()
    weekdays = np.arange(flat, columns)
    known[weekdays, weekdays] += (errors.weekday_sd * errors.sd) ** -2.0
    left: Floats = inner[columns:, columns:] - inner[columns:, :columns] @ np.linalg.solve(
        known, inner[:columns, columns:]
    )
    return left


def _tells(schedule: Schedule, period: int, errors: _Errors, *, trend: bool) -> bool:
    """Whether as many days in periods of this length, there and back through the arms, with an answer each, would."""
    arms = len(schedule.arms)
    turn = np.concatenate([np.arange(arms), np.arange(arms)[::-1]])
    arm = np.resize(np.repeat(turn, period), schedule.days).astype(np.int64)
    unit = np.arange(schedule.days) // period
    other = Schedule(schedule.start, schedule.arms, arm, arm, unit, unit // arms)
    at = np.asarray(np.arange(schedule.days) + 0.5, np.float64)
    half_lives, columns, priors = exposures_each(other, at, carryover=True)
    base = base_of(at, schedule.start.weekday(), trend=trend)
    all_columns = np.asarray(np.column_stack([base.columns, *columns]), np.float64)
    seen = products(at, all_columns, np.array([errors.rate]), np.array([errors.ratio])).inner[0, 0]
    left = _beyond(seen, base.columns.shape[1], base.flat, errors)
    return worst_bias(left, half_lives, priors, errors.sd) <= MOST_BIAS
