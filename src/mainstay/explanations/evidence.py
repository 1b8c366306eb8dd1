"""What a measurement says for or against a hypothesis: evidence ratios against a cause that nobody listed.

Each size that a clause is about is in one of three states: *more*, *less* or *the same*. If some unlisted cause is at
work, it is the same in half of all cases and more or less in a quarter each: everything goes with something. What is
the same is N(0, (s/10)²) about nothing; what is more or less is noticeably so, x/s² exp(-x²/2s²) of its size x (a
prior that is 0 at nothing: Johnson and Rossell 2010), with s the size that is usual where there is something. A
hypothesis leaves some of these states open and rules out the others, so

    ratio = P(the states it leaves open | data) / P(the states it leaves open),    both under the unlisted cause:

a prediction of more that comes true earns at most a factor of 4, one of the same a factor of 2, what is forbidden and
not seen 4/3; what comes out otherwise costs without bound. The likelihood is normal in the sizes, with their joint
covariance where they come from one fit: sizes that can't be told from each other then don't earn twice, and a size is
judged with its neighbours either there or not, half and half.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mainstay.records.statements_hypothesis import Direction
from mainstay.strain.judge import normal_cdf
from mainstay.timeline.kinds import Floats

STATES: tuple[Direction, ...] = ("more", "same", "less")
CHANCE: Mapping[Direction, float] = {"more": 0.25, "same": 0.5, "less": 0.25}
"""How often each is so if the cause is one that nobody listed."""

WIDTHS = (0.5, 1.0, 2.0)
"""The usual size as it is taken, halved and doubled."""

MIDDLE = 1
NOTHING = 0.1
"""What is within about a tenth of the usual size counts as the same."""

NEAR = 0.15
MOST_NEIGHBOURS = 5
"""Sizes of the same fit whose estimates hang together this closely are judged together, up to so many."""

LOWEST = -50.0
"""Logarithms of evidence ratios are not told below this."""

Open = frozenset[Direction]


@dataclass(frozen=True, slots=True, eq=False)
class Sizes:
    """Sizes measured together: means (k,), covariance (k, k) of the likelihood alone, usual sizes (k,)."""

    mean: Floats
    covariance: Floats
    usual: Floats


def predicted(direction: Direction) -> Open:
    """The states a prediction leaves open."""
    return frozenset({direction})


def forbidden(direction: Direction) -> Open:
    """The states left open where one is forbidden."""
    return frozenset(STATES) - {direction}


def chance_of(left_open: Open) -> float:
    """How often one of these states is so if the cause is unlisted."""
    return sum(CHANCE[state] for state in left_open)


def log_ratio(sizes: Sizes, left_open: Mapping[int, Open], width: float = 1.0) -> float:
    """The log evidence ratio of a hypothesis that leaves these states open, by place among the sizes.

    `width`: what the usual sizes are multiplied by. Sizes that the hypothesis says nothing of are integrated out.
    """
    if not left_open:
        return 0.0
    own = sorted(left_open)
    places = [*own, *_neighbours(sizes, own)]
    mean, covariance = sizes.mean[places], sizes.covariance[np.ix_(places, places)]
    usual = width * sizes.usual[places]
    kept, everything = 0.0, 0.0
    rows = _patterns(len(places))
    logs, posterior_mean, posterior_sd = _gaussian(mean, covariance, usual, rows)
    heights = np.exp(logs - logs.max())
    for there, height, middle, spread in zip(rows, heights, posterior_mean, posterior_sd, strict=True):
        in_kept, in_all = float(height), float(height)
        for i, place in enumerate(own):
            if not there[i]:
                in_kept *= "same" in left_open[place]
                continue
            up, down = _noticeable(float(middle[i]), float(spread[i]), float(usual[i]))
            in_kept *= 0.5 * (up * ("more" in left_open[place]) + down * ("less" in left_open[place]))
            in_all *= 0.5 * (up + down)
        kept, everything = kept + in_kept, everything + in_all
    expected = math.prod(chance_of(left_open[place]) for place in own)
    if kept <= 0.0:
        return LOWEST
    return max(math.log(kept / everything / expected), LOWEST)


def states(sizes: Sizes, place: int, width: float = 1.0) -> dict[Direction, float]:
    """The chances of the three states of one size if the cause is unlisted, given the data."""
    return {state: CHANCE[state] * math.exp(log_ratio(sizes, {place: frozenset({state})}, width)) for state in STATES}


def company_log_ratio(shared: float, left_open: Open) -> float:
    """The same from the log ratio of an attribute that explains which company eases, against each by itself.

    "More" is that the attribute explains it; the other two states are not told apart.
    """
    told = {"more": CHANCE["more"] * math.exp(min(shared, 500.0)), "same": CHANCE["same"], "less": CHANCE["less"]}
    if left_open == {"more"}:
        return shared
    total = sum(told.values())
    return max(math.log(sum(told[state] for state in left_open) / total / chance_of(left_open)), LOWEST)


def _patterns(count: int) -> np.ndarray:
    """Every choice of which sizes are there (2^count, count)."""
    return ((np.arange(2**count)[:, None] >> np.arange(count)) & 1).astype(bool)


def _neighbours(sizes: Sizes, own: Sequence[int]) -> list[int]:
    sd = np.sqrt(np.diag(sizes.covariance))
    close = np.abs(sizes.covariance[own] / np.outer(sd[list(own)], sd)).max(axis=0)
    others = [i for i in np.argsort(-close) if i not in own and close[i] > NEAR]
    return [int(i) for i in others[:MOST_NEIGHBOURS]]


def _gaussian(mean: Floats, covariance: Floats, usual: Floats, rows: np.ndarray) -> tuple[Floats, Floats, Floats]:
    """Log evidence (r,) with each size N(0, usual²) where it is there, else about nothing; posterior means and sds."""
    prior = np.where(rows, usual**2, (NOTHING * usual) ** 2)
    total = covariance + prior[:, :, None] * np.eye(len(mean))
    solved = np.linalg.solve(total, np.broadcast_to(mean, (len(rows), len(mean)))[..., None])[..., 0]
    logs = -0.5 * (np.linalg.slogdet(total)[1] + solved @ mean)
    inverse = np.linalg.inv(total)
    variance = prior - prior**2 * np.diagonal(inverse, axis1=1, axis2=2)
    return logs, prior * solved, np.sqrt(np.maximum(variance, 1e-300))


def _noticeable(mean: float, sd: float, usual: float) -> tuple[float, float]:
    """By what being noticeably more, and less, changes the evidence of a normal prior: sqrt(2 pi) E[x up] / usual."""
    z = mean / sd
    at = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    scale = math.sqrt(2.0 * math.pi) / usual
    return scale * max(mean * normal_cdf(z) + sd * at, 0.0), scale * max(-mean * normal_cdf(-z) + sd * at, 0.0)
