"""What holds for every weight of the explanations within its range: bounds of worth, and which options are best where.

The weights are any w with low_h <= w_h <= high_h that sum to 1 (a credal set). With points g[o, h] of option o where
explanation h is the case:

    lowest worth        min over w of sum_h w_h g[o, h]         all at their low, what is left to the worst first
    best somewhere      some w at which o is best of all         E-admissible (Levi 1974); a linear programme
    never beaten        no other that is better at every w       maximal (Walley 1991, 3.9)

What is best somewhere is never beaten; not the reverse: mixtures of others may leave no w for it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.numerics.linear_programme import largest

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
SAME = 1e-9


def check_ranges(ranges: Floats) -> None:
    """Refuses ranges (explanations, 2) of weights within which nothing sums to 1."""
    lows, highs = ranges.T
    if (lows < -SAME).any() or (lows > highs + SAME).any() or lows.sum() > 1.0 + SAME or highs.sum() < 1.0 - SAME:
        raise BadRequest(
            f"no weights within {ranges.tolist()} sum to 1; write low and high of each, in order and from 0 up"
        )


def at_most(points: Floats, ranges: Floats) -> Floats:
    """The highest worth (...) of points (..., explanations) over all weights within `ranges` (explanations, 2)."""
    lows, highs = ranges.T
    order = np.argsort(-points, axis=-1, kind="stable")
    room = (highs - lows)[order]
    left = max(1.0 - float(lows.sum()), 0.0)
    before = np.cumsum(room, axis=-1) - room
    more = np.clip(left - before, 0.0, room)
    return np.asarray(points @ lows + (more * np.take_along_axis(points, order, axis=-1)).sum(axis=-1))


def at_least(points: Floats, ranges: Floats) -> Floats:
    """The lowest worth (...) of points (..., explanations) over all weights within `ranges` (explanations, 2)."""
    return np.asarray(-at_most(-points, ranges))


def never_beaten(points: Floats, ranges: Floats) -> Bools:
    """Which options of points (options, explanations) no other is better than at every weight: (options,)."""
    ahead = at_least(points[:, None, :] - points[None, :, :], ranges)
    return np.asarray(~(ahead > SAME).any(axis=0))


def best_somewhere(points: Floats, ranges: Floats) -> Bools:
    """Which options of points (options, explanations) are best of all at some weight within the ranges: (options,)."""
    return np.array([largest_lead(points, option, ranges)[0] >= -SAME for option in range(len(points))])


def largest_lead(points: Floats, option: int, ranges: Floats) -> tuple[float, Floats]:
    """How far an option is ahead of the best of the others where it is most (below 0: behind), and the weights there.

    max t with t <= sum_h w_h (g[o, h] - g[o', h]) for all others o'. Leads are raised by a constant that takes them
    above 0, so that no weight added can lower t: "sums to at most 1" is then the same as "sums to 1".
    """
    lows, highs = ranges.T
    others = np.delete(points, option, axis=0)
    if not len(others):
        return 0.0, lows + (highs - lows) * _share_left(lows, highs)
    leads = points[option] - others
    raised = max(-float(leads.min()), 0.0) + 1.0
    unit = max(float((leads + raised).max()), 1.0)
    lifted = (leads + raised) / unit
    h = len(lows)
    limits = np.zeros((len(others) + h + 1, h + 1))
    limits[: len(others), :h], limits[: len(others), h] = -lifted, 1.0
    limits[len(others) : -1, :h] = np.eye(h)
    limits[-1, :h] = 1.0
    room = np.concatenate([lifted @ lows, np.maximum(highs - lows, 0.0), [max(1.0 - lows.sum(), 0.0)]])
    gain = np.zeros(h + 1)
    gain[h] = 1.0
    _, found = largest(gain, limits, room)
    weights = lows + found[:h]
    weights += (highs - weights) * _share_left(weights, highs)
    return float((leads @ weights).min()), weights


def _share_left(weights: Floats, highs: Floats) -> float:
    """Which share of what is left up to the highs brings the sum to 1."""
    room = float((highs - weights).sum())
    return max(1.0 - float(weights.sum()), 0.0) / room if room > 0.0 else 0.0
