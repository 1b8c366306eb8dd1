"""Simulated outcomes and what the person wants, put together as one question for `options.worth`.

Leaving things as they are comes first among the options; the weights of the causes are raised to 1. Where levers are
ranges, each draw lies at a place of its own between their ends.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mainstay.options.limits import chance_of_all_steps, steps_of
from mainstay.options.outcomes import Outcomes
from mainstay.options.outcomes_levers import Standing
from mainstay.options.outcomes_wanted import Wanted
from mainstay.options.worth import Question
from mainstay.records.statements_option import OptionFile

Floats = NDArray[np.float64]
FEWEST_DRAWS = 1_000


def question(
    found: Outcomes,
    options: Sequence[OptionFile],
    causes: Sequence[Standing],
    wants: Wanted,
    rng: np.random.Generator,
) -> tuple[Question, Floats]:
    """The question, and what is added to mean strain (options, explanations, draws) where all steps succeed.

    `options`: in the order of the outcomes; leaving things as they are comes before them in both.
    """
    weights = np.array([one.weight for one in causes])
    repeats = max(math.ceil(FEWEST_DRAWS / found.draws), 1)
    base = np.tile(found.chances, (repeats, 1))
    draws = len(base)
    chances = np.empty((len(options) + 1, len(causes), *base.shape))
    strain = np.zeros((len(options) + 1, len(causes), draws))
    chances[0] = base
    for i, rows in enumerate(found.of):
        places = np.split((rng.permutation(draws) + 0.5) / draws, repeats)
        for j, row in enumerate(rows):
            added, moved = zip(*(row.at(place) for place in places), strict=True)
            chances[i + 1, j] = _as_chances(base + np.concatenate(added))
            strain[i + 1, j] = np.concatenate(moved)
    ranges = np.array([(one.low, one.high) for one in causes])
    return (
        Question(
            chances=chances,
            nothing=0,
            values=wants.draws,
            weights=weights / weights.sum(),
            weight_ranges=_that_sum(ranges),
            success=np.array([(1.0, 1.0), *(chance_of_all_steps(one) for one in options)]),
            costs=np.array([(0.0, 0.0), *(_cost(one) for one in options)]),
            must_not=wants.must_not,
            steps=(np.empty((0, 2)), *(steps_of(one) for one in options)),
        ),
        strain,
    )


def _as_chances(rows: Floats) -> Floats:
    """Chances drawn towards their mean may lie a little below 0: they are cut there, and sum to 1 again."""
    cut = np.clip(rows, 0.0, None)
    chances: Floats = cut / cut.sum(axis=1, keepdims=True)
    return chances


def _that_sum(ranges: Floats) -> Floats:
    """Ranges of weights (h, 2) among those left, widened as little as it takes for something in them to sum to 1."""
    low, high = ranges[:, 0].copy(), ranges[:, 1].copy()
    low *= min(1.0, 1.0 / max(float(low.sum()), 1e-12))
    if float(high.sum()) < 1.0:
        high /= float(high.sum())
    return np.stack([np.minimum(low, high), high], axis=1)


def _cost(option: OptionFile) -> tuple[float, float]:
    """What the person bears less what they gain besides, in points: gains come only if the steps succeed."""
    success = chance_of_all_steps(option)
    cost, gain = option.cost.person.counted.points, option.benefit.person.counted.points
    return cost[0] - success[1] * gain[1], cost[1] - success[0] * gain[0]
