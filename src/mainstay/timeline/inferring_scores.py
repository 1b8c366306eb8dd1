"""How good chances are: scores, the clock alone as the base rate, blocks of days held out, and recalibration."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mainstay.timeline.inferring_kinds import Reliable
from mainstay.timeline.kinds import Floats

Whole = NDArray[np.int64]
LEAST = 1e-4
"""No chance is told below this: a log score must not hang on one cell."""
BINS = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 1.0)
PULL = 4.0
PRIOR_CELLS = 10.0
STEPS = 40


def shrunk_shares(states: Whole, k: int, groups: tuple[Whole, ...], use: NDArray[np.bool_]) -> Floats:
    """Shares of the states (n, k) by groups, coarse to fine, each drawn to the one above with the weight of 4 cells.

    `states` (n,); `use` (n,): the cells that count.
    """
    shares = np.tile((np.bincount(states[use], minlength=k) + 0.5) / (use.sum() + 0.5 * k), (len(states), 1))
    for group in groups:
        counts = np.zeros((int(group.max(initial=0)) + 1, k))
        np.add.at(counts, (group[use], states[use]), 1.0)
        mine = counts[group]
        shares = (mine + PULL * shares) / (mine.sum(axis=1, keepdims=True) + PULL)
    return shares


def blocks_of(day: Whole, declared: NDArray[np.bool_]) -> tuple[Whole, int]:
    """Blocks of days as long as undeclared stretches usually are, one day to a week: number (n,) and length."""
    first = int(day.min(initial=0))
    share = np.bincount(day - first, ~declared) / np.maximum(np.bincount(day - first), 1)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (share > 0.5).astype(np.int8), [0]))))
    runs = edges[1::2] - edges[::2]
    length = int(np.clip(round(float(np.median(runs))), 1, 7)) if len(runs) else 1
    return (day - first) // length, length


def log_score(chance: Floats, states: Whole) -> Floats:
    """The log chance (m,) of what was so; chances (m, k)."""
    return np.asarray(np.log(np.maximum(chance[np.arange(len(states)), states], LEAST)))


def brier(chance: Floats, states: Whole) -> float:
    """The mean squared distance of chances (m, k) from what was so, over all states (Brier 1950): 0 best, 2 worst."""
    was = np.eye(chance.shape[1])[states]
    return float(((chance - was) ** 2).sum(axis=1).mean())


def pooled(own: Floats, clock: Floats, powers: Floats) -> Floats:
    """A logarithmic pool of the model's chances and the clock's (m, k): each to its power, and a factor for each state.

    `powers` (k + 1,): the two powers, then the log factors of all states but the first.
    """
    logs = powers[0] * np.log(np.maximum(own, LEAST)) + powers[1] * np.log(np.maximum(clock, LEAST))
    logs[:, 1:] += powers[2:]
    raised = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def powers_for(own: Floats, clock: Floats, states: Whole) -> Floats:
    """The powers and log factors (k + 1,) with the best log score on these cells (m,): a concave search by Newton.

    No power goes below 0. A weak pull to the model as it is (ten cells' worth) keeps all of them finite.
    """
    k = own.shape[1]
    of_states = np.broadcast_to(np.eye(k)[1:, None, :], (k - 1, len(states), k))
    looks = np.concatenate([np.log(np.maximum(np.stack([own, clock]), LEAST)), of_states])
    home = np.zeros(k + 1)
    home[0] = 1.0
    here = home.copy()
    chosen = looks[:, np.arange(len(states)), states].sum(axis=1)
    highest = np.array([3.0, 3.0, *(4.0,) * (k - 1)])
    lowest = np.array([0.0, 0.0, *(-4.0,) * (k - 1)])
    for _ in range(STEPS):
        chance = pooled(own, clock, here)
        mean = (looks * chance).sum(axis=2)
        slope = chosen - mean.sum(axis=1) - PRIOR_CELLS * (here - home)
        cross = np.einsum("amk,bmk->ab", looks * chance, looks) - mean @ mean.T
        free = (here > lowest) | (slope > 0.0)
        bend = (cross + PRIOR_CELLS * np.eye(k + 1))[np.ix_(free, free)]
        step = np.zeros(k + 1)
        step[free] = np.linalg.solve(bend, slope[free])
        moved = np.clip(here + np.clip(step, -0.5, 0.5), lowest, highest)
        if np.abs(moved - here).max() < 1e-4:
            break
        here = moved
    return here


def reliability(chance: Floats, states: Whole, hours: Floats) -> tuple[Reliable, ...]:
    """How often it was so among hours given about the same chance of any state; chances (m, k), hours (m,)."""
    said, length = chance.ravel(), np.repeat(hours, chance.shape[1])
    was = np.eye(chance.shape[1])[states].ravel()
    bins = np.clip(np.searchsorted(BINS, said, "right") - 1, 0, len(BINS) - 2)
    rows = []
    for j in range(len(BINS) - 1):
        there = bins == j
        total = float(length[there].sum())
        if total > 0.0:
            mean = float((said * length)[there].sum() / total)
            rows.append(Reliable(BINS[j], BINS[j + 1], total, mean, float((was * length)[there].sum() / total)))
    return tuple(rows)


def by_block(values: Floats, block: Whole) -> tuple[float, float, int]:
    """The mean over blocks' sums per cell with its standard error (a ratio estimate), and the number of blocks."""
    _, which = np.unique(block, return_inverse=True)
    sums, counts = np.bincount(which, values), np.bincount(which)
    count, mean = len(sums), float(values.mean())
    if count < 2:
        return mean, float("inf"), count
    spread = float(((sums - mean * counts) ** 2).sum())
    return mean, float(np.sqrt(spread * count / (count - 1)) / counts.sum()), count
