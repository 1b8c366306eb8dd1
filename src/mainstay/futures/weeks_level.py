"""Hours a week in each role: whether it goes on at all, and if so at which level; drawn ahead, week by week.

While a role goes on, its hours lie about a level, which stands still or wanders (a local level, Harvey 1989) until it
jumps to another. When it last jumped is not known: every week it could have been is followed with a filter of its own
and counts by what it foresaw (Adams and MacKay 2007, with the chance of odd weeks added), over a grid of how much weeks
scatter, how far the level wanders in a week, and how often it jumps. Stopping and coming back: `weeks_stays`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mainstay.futures.weeks_stays import Stays, stays_of
from mainstay.timeline.kinds import Floats

Ints = NDArray[np.int64]

SCATTER = (0.03, 0.06, 0.1, 0.16, 0.25, 0.4, 0.65, 1.0)
"""Sds of a week's hours about their level, over hours in a full week."""
WANDERS = {0.0: 0.5, 1e-3: 0.2, 1e-2: 0.15, 0.05: 0.1, 0.2: 0.05}
"""Prior of the variance of a week's step of the level over that of the weeks about it."""
JUMPS = {1 / 1000: 0.6, 1 / 100: 0.4}
"""Prior chances a week that a level jumps: most people's roles keep their size for years."""
NEW, NEW_SD = 1.0, 0.7
"""A new level, over hours in a full week."""
ODD, ODD_REACH = 0.03, 3.0
"""So many weeks have odd hours, anything up to three times a full week's, and tell nothing of the level."""
FORGOTTEN = 16.0
"""When a level began is no longer asked where it is this much less likely, in log odds, than the likeliest."""
FULL = 0.75
"""A full week has the hours that so many of the weeks with any hours stay under."""
NONE = 0.1
"""A week of less than a tenth of a full one counts as one without."""
LEAST_LEVEL = 0.05
"""A level counts as a twentieth of a full week at least: a week's hours are scaled by the ratio of two of them."""
_GRID = np.array([(s, w * s * s, j) for s, w, j in product(SCATTER, WANDERS, JUMPS)])
_PRIOR = np.log([WANDERS[w] * JUMPS[j] for _, w, j in product(SCATTER, WANDERS, JUMPS)])


@dataclass(frozen=True, slots=True, eq=False)
class Now:
    """Where one role's level may stand as the record ends (k,): `weight`, `mean`, `sd`, sd of a `step`, `jump`s.

    `scatter`: the sd of a week about its level, over the root of how many weeks there are to draw from: what so few of
    them do not show of how weeks differ.
    """

    weight: Floats
    mean: Floats
    sd: Floats
    scatter: Floats
    step: Floats
    jump: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Hours a week in r roles, as levels over those of a `full` week (r,).

    `smooth` (w, r): the level in each week, were the role going on; `rests` (w, r): in which weeks it rested. `stays`
    and `now`: what is known of how it goes on.
    """

    full: Floats
    smooth: Floats
    rests: NDArray[np.bool_]
    stays: Stays
    now: tuple[Now, ...]

    def drawn(self, of_draw: Ints, weeks: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Levels in each week ahead (n, weeks, r), 0 while a role rests.

        Paths of one draw (`of_draw`, (n,)) agree on what is not known of the person: chances a week, and how the role
        stands now.
        """
        n, draws = len(of_draw), int(of_draw.max()) + 1
        found = np.zeros((n, weeks, len(self.full)), np.float32)
        for r, now in enumerate(self.now):
            chances = _picked(self.stays.weight[r], draws, rng)
            stop, back = self.stays.stop[chances][of_draw], self.stays.back[chances][of_draw]
            rests = (rng.random(draws) < self.stays.rests_now[r, chances])[of_draw]
            at = _picked(now.weight, draws, rng)[of_draw]
            level = now.mean[at] + now.sd[at] * rng.standard_normal(n)
            for week in range(weeks):
                rests = np.where(rests, rng.random(n) >= back, rng.random(n) < stop)
                level = np.abs(level + now.step[at] * rng.standard_normal(n) * (week > 0))
                jumps = rng.random(n) < now.jump[at]
                level[jumps] = np.maximum(NEW + NEW_SD * rng.standard_normal(int(jumps.sum())), NONE)
                this_week = np.maximum(level + now.scatter[at] * rng.standard_normal(n), 0.0)
                found[:, week, r] = np.where(rests, 0.0, this_week)
        return found


def _picked(weight: Floats, n: int, rng: np.random.Generator) -> Ints:
    reached = np.cumsum(weight)
    at: Ints = np.minimum(np.searchsorted(reached, rng.random(n) * reached[-1], "right"), len(weight) - 1)
    return at


def levels_of(hours: Floats, week: Ints) -> Levels:
    """The levels of weekly hours (w, r) in the weeks numbered `week` (w,), ascending, with gaps where none is known."""
    count, roles = hours.shape
    full = np.array([_full(one) for one in hours.T])
    y = hours / full
    without = y < NONE
    gaps = np.diff(week, prepend=week[0]).astype(float)
    stays = stays_of(without, gaps)
    rests = stays.rests > 0.5
    smooth, now = np.ones((count, roles)), []
    for r in range(roles):
        at = np.flatnonzero(~without[:, r] & ~rests[:, r])
        found, course = _followed(y[at, r], np.diff(week[at], prepend=week[at[:1]]).astype(float))
        now.append(found)
        if len(at):
            smooth[:, r] = course[np.clip(np.searchsorted(at, np.arange(count), "right") - 1, 0, None)]
    return Levels(full, np.maximum(smooth, LEAST_LEVEL), rests, stays, tuple(now))


def _full(hours: Floats) -> float:
    some = hours[hours > 0.0]
    return max(float(np.quantile(some, FULL)), 1e-9) if len(some) else 1e-9


def _followed(y: Floats, gaps: Floats) -> tuple[Now, Floats]:
    """Where the level of y (w,) may stand at its end, and its likeliest course (w,)."""
    scatter, step, jump = (one[:, None] for one in _GRID.T)
    mean, variance = np.full((len(_GRID), 1), NEW), np.full((len(_GRID), 1), NEW_SD**2)
    log_weight, began = _PRIOR[:, None].copy(), np.zeros(1, np.int64)
    likeliest = np.zeros(len(y), np.int64)
    for i in range(len(y)):
        if i:
            kept = gaps[i] * np.log1p(-jump)
            anew = np.log(-np.expm1(kept)) + _summed(log_weight)
            log_weight = np.hstack([log_weight + kept, anew])
            mean = np.hstack([mean, np.full((len(_GRID), 1), NEW)])
            variance = np.hstack([variance + gaps[i] * step, np.full((len(_GRID), 1), NEW_SD**2)])
            began = np.append(began, i)
        miss, total = y[i] - mean, variance + scatter**2
        usual = (1.0 - ODD) * np.exp(-0.5 * miss**2 / total) / np.sqrt(2.0 * np.pi * total)
        both = usual + ODD / ODD_REACH
        log_weight = log_weight + np.log(both)
        own, gain = usual / both, variance / total
        mean = mean + own * gain * miss
        variance = variance * (1.0 - own * gain) + own * (1.0 - own) * (gain * miss) ** 2
        best = log_weight.max(axis=0)
        likeliest[i] = began[_summed(log_weight.T)[:, 0].argmax()]
        there = best > best.max() - FORGOTTEN
        log_weight, mean, variance, began = log_weight[:, there], mean[:, there], variance[:, there], began[there]
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    best_of_all = int(weight.sum(axis=1).argmax())
    course = _course(y, gaps, likeliest, float(step[best_of_all, 0] / scatter[best_of_all, 0] ** 2))
    at = weight > 1e-5
    shape = weight.shape
    return (
        Now(
            weight[at],
            mean[at],
            np.sqrt(variance[at]),
            np.broadcast_to(scatter / np.sqrt(max(len(y), 1)), shape)[at],
            np.broadcast_to(np.sqrt(step), shape)[at],
            np.broadcast_to(jump, shape)[at],
        ),
        course,
    )


def _summed(logs: Floats) -> Floats:
    most = logs.max(axis=1, keepdims=True)
    summed: Floats = most + np.log(np.exp(logs - most).sum(axis=1, keepdims=True))
    return summed


def _course(y: Floats, gaps: Floats, began: Ints, ratio: float) -> Floats:
    """The level in each week (w,): smoothed within each of the stretches that are likeliest, from the last one back."""
    course, last = np.ones(len(y)), len(y)
    while last:
        first = int(began[last - 1])
        part = y[first:last]
        if ratio <= 0.0 or len(part) == 1:
            course[first:last] = part.mean()
        else:
            steps = np.diff(np.eye(len(part)), axis=0) / np.sqrt(gaps[first + 1 : last, None])
            course[first:last] = np.linalg.solve(np.eye(len(part)) + steps.T @ steps / ratio, part)
        last = first
    return course
