"""A hidden Markov model whose moves follow the clock and whose states are known for part of the time.

    P(s, y) = start(s_0) · Π_t moves[m_t](s_t-1, s_t) · Π_t Π_c p_c(y_tc | s_t)^w,   s_t among those allowed at t

n moments, k states; m_t the class of the clock at t (hour and kind of day). A channel c is categorical or a measure
(normal, given the state); what is missing says nothing. `allowed` (n, k) holds what is known: one state (declared),
some (known to be not that one), or all. Parameters are fitted by expectation-maximisation to the mode under Dirichlet
priors (Baum et al. 1970; Dempster, Laird & Rubin 1977). `w` below 1 takes account of looks at one state that are no
news to each other: a phone that is at the office says so all day (a power likelihood).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.numerics.kernels import ENTRY

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
LOG_ROOT_2PI = 0.5 * float(np.log(2.0 * np.pi))
ROUNDS = 12
ENOUGH = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Categories:
    """A channel of kinds: `codes` (n,) from 0 to `count` - 1, -1 where missing."""

    codes: Whole
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """A channel of numbers (n,), NaN where missing; normal given the state."""

    values: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """What was seen: clock class of each moment (n,), allowed states (n, k), channels.

    `trust` (n,): how much a moment counts when parameters are fitted; None: all alike.
    """

    moment: Whole
    allowed: NDArray[np.bool_]
    channels: tuple[Categories | Measure, ...]
    trust: Floats | None = None

    @property
    def weights(self) -> Floats:
        """How much each moment counts (n,)."""
        return np.ones(len(self.moment)) if self.trust is None else self.trust


@dataclass(frozen=True, slots=True, eq=False)
class HiddenMarkov:
    """Start (k,), moves (clock, from, to), and a table per channel: shares (k, kinds) or mean and sd (k, 2)."""

    start: Floats
    moves: Floats
    tables: tuple[Floats, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Priors:
    """Pseudo-counts: start (k,), moves (clock, k, k), each kind in a state, a measure's overall mean and sd."""

    start: Floats
    moves: Floats
    of_categories: float = 0.5
    of_measures: float = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """Probabilities of the states (n, k); log likelihood; expected moves by clock class (clock, k, k)."""

    probability: Floats
    log_likelihood: float
    moves: Floats


@njit(**ENTRY)
def _forward_backward(emitted, moment, start, moves, trust):  # type: ignore[no-untyped-def]
    n, k = emitted.shape
    ahead = np.empty((n, k))
    scale = np.empty(n)
    expected = np.zeros_like(moves)
    for t in range(n):
        total = 0.0
        for j in range(k):
            reach = start[j]
            if t > 0:
                reach = 0.0
                for i in range(k):
                    reach += ahead[t - 1, i] * moves[moment[t], i, j]
            ahead[t, j] = reach * emitted[t, j]
            total += ahead[t, j]
        scale[t] = total
        if not total > 0.0:
            return ahead, scale, expected
        for j in range(k):
            ahead[t, j] /= total
    back, before = np.ones(k), np.empty(k)
    for t in range(n - 1, 0, -1):
        counts = min(trust[t - 1], trust[t])
        for j in range(k):
            back[j] *= emitted[t, j] / scale[t]
        for i in range(k):
            total = 0.0
            for j in range(k):
                step = moves[moment[t], i, j] * back[j]
                expected[moment[t], i, j] += counts * ahead[t - 1, i] * step
                total += step
            before[i] = total
        whole = 0.0
        for i in range(k):
            ahead[t - 1, i] *= before[i]
            whole += ahead[t - 1, i]
        # it is 1 but for rounding, which must not pile up over years of moments
        for i in range(k):
            ahead[t - 1, i] /= whole
            back[i] = before[i]
    return ahead, scale, expected


def log_emissions(model: HiddenMarkov, chain: Chain) -> Floats:
    """Log density of what was seen at each moment in each state (n, k); 0 where nothing was."""
    n, k = chain.allowed.shape
    total = np.zeros((n, k))
    for channel, table in zip(chain.channels, model.tables, strict=True):
        if isinstance(channel, Categories):
            there = channel.codes >= 0
            total[there] += np.log(table[:, channel.codes[there]]).T
        else:
            there = np.isfinite(channel.values)
            off = (channel.values[there, None] - table[:, 0]) / table[:, 1]
            total[there] -= 0.5 * off**2 + np.log(table[:, 1]) + LOG_ROOT_2PI
    return total


def posterior(model: HiddenMarkov, chain: Chain, weight: float = 1.0) -> Posterior:
    """The states given all that was seen. Refuses a moment that allows no state, and data that no path can explain."""
    none = int((~chain.allowed.any(axis=1)).sum())
    if none:
        raise BadRequest(f"{none} of {len(chain.allowed)} moments allows no state; allow at least one at each")
    logs = np.where(chain.allowed, weight * log_emissions(model, chain), -np.inf)
    highest = logs.max(axis=1)
    emitted = np.exp(logs - highest[:, None])
    found, scale, moves = _forward_backward(emitted, chain.moment, model.start, model.moves, chain.weights)
    if not np.all(scale > 0.0):
        raise BadRequest("no path of states fits what is allowed; give every move a pseudo-count above 0")
    return Posterior(found, float(np.log(scale).sum() + highest.sum()), moves)


def _table(channel: Categories | Measure, chances: Floats, priors: Priors) -> Floats:
    """The table of one channel at its mode, from the weighted chances of the states (n, k)."""
    if isinstance(channel, Categories):
        there = channel.codes >= 0
        rows = [np.bincount(channel.codes[there], chance[there], channel.count) for chance in chances.T]
        counts = np.array(rows) + priors.of_categories
        return np.asarray(counts / counts.sum(axis=1, keepdims=True))
    there = np.isfinite(channel.values)
    values, chances = channel.values[there], chances[there]
    middle, spread = (float(values.mean()), float(values.std())) if len(values) else (0.0, 1.0)
    spread, prior = max(spread, 1e-6), priors.of_measures
    weight = np.maximum(chances.sum(axis=0) + prior, 1e-9)
    mean = (chances.T @ values + prior * middle) / weight
    squares = (chances * (values[:, None] - mean) ** 2).sum(axis=0)
    variance = (squares + prior * ((mean - middle) ** 2 + spread**2)) / weight
    return np.stack([mean, np.sqrt(np.maximum(variance, (1e-3 * spread) ** 2))], axis=1)


def _maximised(chain: Chain, chances: Floats, moves: Floats, priors: Priors) -> HiddenMarkov:
    weighted = chances * chain.weights[:, None]
    start, counts = chances[0] + priors.start, moves + priors.moves
    tables = tuple(_table(channel, weighted, priors) for channel in chain.channels)
    return HiddenMarkov(start / start.sum(), counts / counts.sum(axis=2, keepdims=True), tables)


def _begin(chain: Chain, priors: Priors) -> HiddenMarkov:
    """From the moments whose state is known alone: where none is, states could not be told apart by name."""
    sure = (chain.allowed.sum(axis=1) == 1).astype(float)
    known = np.where(chain.allowed, sure[:, None], 0.0)
    moves = np.zeros_like(priors.moves)
    np.add.at(moves, chain.moment[1:], known[:-1, :, None] * known[1:, None, :])
    counts = moves + priors.moves
    tables = tuple(_table(channel, known, priors) for channel in chain.channels)
    start = priors.start + chain.allowed[0] * sure[0]
    return HiddenMarkov(start / start.sum(), counts / counts.sum(axis=2, keepdims=True), tables)


def fitted(chain: Chain, priors: Priors, weight: float = 1.0, rounds: int = ROUNDS) -> HiddenMarkov:
    """The parameters at the mode: begun at what is declared, then in rounds; fewer once the likelihood hardly moves.

    Where every state is known, or what is not known has no trust, the first round is the last.
    """
    model = _begin(chain, priors)
    open_ = chain.allowed.sum(axis=1) > 1
    last = -np.inf
    for _ in range(rounds if chain.weights[open_].any() else 0):
        found = posterior(model, chain, weight)
        if found.log_likelihood - last < ENOUGH and np.isfinite(last):
            break
        last = found.log_likelihood
        model = _maximised(chain, found.probability, found.moves, priors)
    return model


def penalised(model: HiddenMarkov, chain: Chain, priors: Priors) -> float:
    """Log likelihood plus log prior, constants aside: what each round raises (weight 1, all trusted alike)."""
    total = posterior(model, chain).log_likelihood
    total += float((priors.start * np.log(model.start)).sum() + (priors.moves * np.log(model.moves)).sum())
    for channel, table in zip(chain.channels, model.tables, strict=True):
        if isinstance(channel, Categories):
            total += priors.of_categories * float(np.log(table).sum())
        else:
            values = channel.values[np.isfinite(channel.values)]
            off = (table[:, 0] - values.mean()) ** 2 + values.var()
            total -= 0.5 * priors.of_measures * float((np.log(table[:, 1] ** 2) + off / table[:, 1] ** 2).sum())
    return total
