"""Whether what carries over biases the effect: bias, intervals and refusals over periods, half-lives and swings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration import people, trials
from mainstay.trials import effect_model
from mainstay.trials.kinds import Observed, Schedule

PERIODS, HALF_LIVES, SWINGS = (1, 2, 4, 7, 14), (0.0, 1.0, 3.0), (0.0, 0.4, 0.8)
EFFECT, MISSING = 1.0, 0.1


@dataclass(frozen=True, slots=True)
class Cell:
    """One design and life. `told`: the share in which an estimate is told; `bias` of those and its standard error.

    `spread`: the sd of the estimates told. `held`: the shares of 90 % and 95 % intervals that hold the truth, of all.
    """

    told: float
    bias: float
    error: float
    spread: float
    held: tuple[float, float]

    def __str__(self) -> str:
        bias = f"{self.bias:+.3f} ± {self.error:.3f} (sd {self.spread:.2f})" if self.told else "refused"
        return f"told {self.told:.2f}, bias {bias}, held {self.held[0]:.3f} / {self.held[1]:.3f}"


def cell(days: int, period: int, half_life: float, swings: float, n: int, seed: int) -> Cell:
    """The estimate over `n` simulated trials of an effect of one sd, a tenth of the days missing."""
    jobs = [(days, period, half_life, swings, seed + i) for i in range(n)]
    told, off, known, held_90, held_95 = map(np.array, zip(*people.over(_one, jobs), strict=True))
    kept = told.astype(bool)
    left = off - (np.cov(off, known)[0, 1] / known.var()) * known if n > 2 else off
    some = kept.sum() > 1
    return Cell(
        float(kept.mean()),
        float(left[kept].mean()) if some else 0.0,
        float(left[kept].std() / np.sqrt(kept.sum())) if some else 0.0,
        float(off[kept].std()) if some else 0.0,
        (float(held_90.mean()), float(held_95.mean())),
    )


def _one(job: tuple[int, int, float, float, int]) -> tuple[bool, float, float, bool, bool]:
    """Whether it is told; estimate less truth; what least squares that knows all but the effect is off by; held."""
    days, period, half_life, swings, seed = job
    rng = np.random.default_rng([seed, period])
    pairs = -(-days // (2 * period))
    schedule = trials.with_arms(np.concatenate([np.repeat(rng.permutation(2), period) for _ in range(pairs)]))
    seen = trials.observed(rng, schedule, effect=EFFECT, swings=swings, half_life=half_life, missing=MISSING)
    found = effect_model.posterior(schedule, seen)
    arm = found.effects[0]
    ends = [arm.interval(level) for level in (0.90, 0.95)]
    held = [one.low <= EFFECT <= one.high for one in ends]
    return found.untold is None, arm.mean - EFFECT, _known(schedule, seen, swings, half_life) - EFFECT, *held


def _known(schedule: Schedule, seen: Observed, swings: float, half_life: float) -> float:
    """Generalised least squares that knows the swings and the half-life: unbiased, and off in the same trials."""
    at = seen.at
    on = effect_model.exposures(schedule, at, half_life)[:, 0]
    columns = np.column_stack([np.ones(len(at)), at - at.mean(), on])
    inverse = np.linalg.inv(swings ** np.abs(at[:, None] - at[None]) if swings else np.eye(len(at)))
    return float(np.linalg.solve(columns.T @ inverse @ columns, columns.T @ inverse @ seen.value)[-1])


def table(days: int, n: int, seed: int) -> list[tuple[int, float, float, Cell]]:
    """Every cell, printed as it is found."""
    found = []
    for period in PERIODS:
        for half_life in HALF_LIVES:
            for swings in SWINGS:
                one = cell(days, period, half_life, swings, n, seed)
                print(f"{days} days by {period:2d}, half after {half_life:.0f}, swings {swings:.1f}: {one}", flush=True)
                found.append((period, half_life, swings, one))
    return found
