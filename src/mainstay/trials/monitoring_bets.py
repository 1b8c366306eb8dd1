"""Betting on the drawing: evidence against "it makes no difference" that may be looked at on any day.

If which arm came made no difference to anything, the answers would have been the same whatever was drawn; so before
each draw nobody can bet on its outcome and win on average, not even with all answers in hand. At each draw the stake is
spread over what could have been drawn, in proportion to how likely each makes the answers under a guess at the effect,
learned from what lies before. What the stake has grown to is a test martingale over the draws (Ville 1939; Ramdas and
others 2023): it exceeds 1/α on any day with chance at most α, whatever swings, trends and gaps the answers have. The
mean over guesses (effects and ways of forecasting) is one too. Shifting the answers by a constant effect gives the same
test of that effect, and the effects not yet rejected are a confidence sequence.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mainstay.errors import BadRequest
from mainstay.trials.kinds import Arms, Floats, Schedule

SIZES = (0.5, 1.0, 2.0, 4.0)
"""Effects that are bet on, either way, in units of the smallest that matters."""
PERSISTENCE = (0.0, 0.3, 0.6, 0.85)
"""How much of a day's distance from the usual is left a day later, in the forecasts that are bet with."""
SLOWEST = 1.0 / 30.0
"""The usual level follows the mean so far, and never more slowly than by this share of each new day."""
PRIOR_DAYS = 3.0
"""The spread of a forecast begins at that of the answers so far, counted as so many days."""


@dataclass(frozen=True, slots=True, eq=False)
class Lot:
    """One drawing, given those before it. `days` (d,): the days it dealt out, ascending.

    `ways` (w, d): the arms it could have given them. `chances` (w,): of each, given what was drawn before; sum 1.
    """

    days: Arms
    ways: Arms
    chances: Floats

    def __post_init__(self) -> None:
        if self.ways.shape != (len(self.chances), len(self.days)) or abs(float(self.chances.sum()) - 1.0) > 1e-9:
            raise BadRequest("a drawing needs the arms of its days for every way it could have gone, and their chances")


@dataclass(frozen=True, slots=True, eq=False)
class Bets:
    """`days` (lots,): the last day of each lot, when it counts. `log_wealth` (lots, shifts): its growth so far."""

    days: Arms
    log_wealth: Floats


def bets(schedule: Schedule, by_day: Floats, lots: Sequence[Lot], *, arm: int, matters: float, shifts: Floats) -> Bets:
    """What the stake has grown to after each lot, against a constant effect of `shifts` (s,) of one arm.

    `by_day` (days,): the outcome by day, NaN where there is none, or not yet. What is
    bet on is where the arm came and where the first, given where others did. Lots whose days are not all over count
    only once they are: leave them out of `lots`. Refuses a lot that could not have given what was drawn.
    """
    if not (matters > 0.0 and math.isfinite(matters)):
        raise BadRequest(f"the smallest difference that matters is above 0, not {matters}")
    x = (schedule.arm == arm).astype(float)
    shifted = by_day[:, None] - shifts * x[:, None]
    sizes = np.array([sign * matters * size for sign in (1.0, -1.0) for size in SIZES])
    state = _State.fresh(len(shifts), len(sizes))
    wealth = np.zeros((len(shifts), len(sizes), len(PERSISTENCE)))
    grown, done = [], -1
    for lot in lots:
        state.over(shifted, x, sizes, range(done + 1, int(lot.days[0])))
        lot, drawn = _between(lot, schedule.arm[lot.days], arm)
        span = range(int(lot.days[0]), int(lot.days[-1]) + 1)
        likely = _likely(state, shifted, x, sizes, lot=lot, arm=arm, span=span)
        chosen = likely[drawn]
        top = likely.max(axis=0)
        wealth += chosen - top - np.log(np.tensordot(lot.chances, np.exp(likely - top), axes=1))
        state.over(shifted, x, sizes, span)
        done = span[-1]
        top = wealth.max(axis=(1, 2))
        grown.append(top + np.log(np.exp(wealth - top[:, None, None]).mean(axis=(1, 2))))
    last = np.array([int(lot.days[-1]) for lot in lots], np.int64)
    return Bets(last, np.array(grown).reshape(len(lots), len(shifts)))


def _between(lot: Lot, given: Arms, arm: int) -> tuple[Lot, int]:
    """The lot given where it put other arms than this one and the first; and which of its ways was drawn."""
    own = (given == 0) | (given == arm)
    ways = lot.ways
    kept = (ways[:, ~own] == given[~own]).all(axis=1) & ((ways[:, own] == 0) | (ways[:, own] == arm)).all(axis=1)
    drawn = np.flatnonzero((ways[kept] == given).all(axis=1))
    if len(drawn) != 1:
        raise BadRequest(f"the lot of day {int(lot.days[0])} could not have given what was drawn")
    return Lot(lot.days, ways[kept], lot.chances[kept] / lot.chances[kept].sum()), int(drawn[0])


@dataclass(slots=True)
class _State:
    """What each forecast has learned: its usual level, the last distance from it and when, its misses. (…, s, e, p)."""

    level: Floats
    last: Floats
    gap: int
    count: int
    squares: Floats
    seen: Floats
    """Sums of one, of the answers, and of their squares, by shift: (3, s)."""

    @classmethod
    def fresh(cls, shifts: int, sizes: int) -> _State:
        shape = shifts, sizes, len(PERSISTENCE)
        return cls(np.zeros(shape), np.zeros(shape), 1, 0, np.zeros(shape), np.zeros((3, shifts)))

    def copied(self, ways: int) -> _State:
        """The same for each of several ways."""
        tiled = [np.broadcast_to(one, (ways, *one.shape)).copy() for one in (self.level, self.last, self.squares)]
        return _State(tiled[0], tiled[1], self.gap, self.count, tiled[2], self.seen.copy())

    def variance(self) -> Floats:
        """Of a forecast's miss: of its misses so far, and of the answers so far."""
        n = np.maximum(self.seen[0], 1.0)
        usual = np.maximum(self.seen[2] / n - (self.seen[1] / n) ** 2, 1e-12)
        found: Floats = (self.squares + PRIOR_DAYS * usual[:, None, None]) / (self.count + PRIOR_DAYS)
        return found

    def step(self, y: Floats) -> Floats:
        """Take in one day's answers less the guessed effect (…, s, e, 1); the miss of each forecast."""
        decay = np.array(PERSISTENCE) ** self.gap
        miss: Floats = y - self.level - decay * self.last
        self.gap = 1
        share = max(1.0 / (self.count + 1.0), SLOWEST)
        self.level += share * (y - self.level)
        self.last = y - self.level
        if self.count:
            self.squares += miss * miss
        self.count += 1
        return miss

    def over(self, shifted: Floats, x: Floats, sizes: Floats, days: range) -> None:
        """Take in days as they were."""
        for day in days:
            y = shifted[day]
            if math.isnan(y[0]):
                self.gap += 1
                continue
            self.seen += np.stack([np.ones_like(y), y, y * y])
            self.step(y[:, None, None] - (sizes * x[day])[None, :, None])


def _likely(state: _State, shifted: Floats, x: Floats, sizes: Floats, *, lot: Lot, arm: int, span: range) -> Floats:
    """The log likelihood of the span's answers by way, shift, size and forecast: (w, s, e, p)."""
    trial = state.copied(len(lot.ways))
    for day in span:  # the spread is that of all answers up to the lot's end, whichever way it went
        if not math.isnan(shifted[day, 0]):
            y = shifted[day]
            trial.seen += np.stack([np.ones_like(y), y, y * y])
    variance = trial.variance()
    total = np.zeros(trial.level.shape)
    at = {int(day): i for i, day in enumerate(lot.days)}
    for day in span:
        if math.isnan(shifted[day, 0]):
            trial.gap += 1
            continue
        on = (lot.ways[:, at[day]] == arm).astype(float) if day in at else np.full(len(lot.ways), x[day])
        first = trial.count == 0
        miss = trial.step(shifted[day][None, :, None, None] - (on[:, None] * sizes)[:, None, :, None])
        if not first:
            total -= 0.5 * miss * miss / variance
    return total
