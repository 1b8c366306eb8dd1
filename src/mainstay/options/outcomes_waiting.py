"""Whether to wait for the next observation before choosing: each that could be asked for, and what that is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.explanations.evidence import MIDDLE
from mainstay.explanations.explaining import Explained
from mainstay.explanations.next_observation import Suggested, suggested
from mainstay.explanations.observing_candidates import WEEKS, standing
from mainstay.options.outcomes_levers import Standing
from mainstay.options.waiting import FOR_GOOD, Wait, Waiting, waiting
from mainstay.options.worth import Compared
from mainstay.patterns.shared import Shared
from mainstay.quantities import CannotSay
from mainstay.records.statements_option import OptionFile
from mainstay.timeline.kinds import Timeline

Floats = NDArray[np.float64]
AT_ONCE_MINUTES = 15.0
"""What takes no longer than a question to oneself is known at once; everything else after four weeks."""

MOST_ASKED = 12


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """One observation, in how many weeks its outcome is known, and what waiting for it is worth."""

    what: Suggested
    weeks: float
    worth: Waiting


@dataclass(frozen=True, slots=True, eq=False)
class Observable:
    """What could be observed next; `names`: the candidates that its chances are told of, with their weights."""

    observations: tuple[Suggested, ...]
    weights: Mapping[str, float]
    names: tuple[str, ...]


def observable(explained: Explained, timeline: Timeline, company: Shared | CannotSay | None) -> Observable:
    """What could be observed next, of S17."""
    now = standing(explained, timeline)
    weights = dict(zip(now.names, now.weights[MIDDLE].tolist(), strict=True))
    return Observable(suggested(explained, timeline, company), weights, now.names)


def worth_waiting(
    compared: Compared, options: Sequence[OptionFile], causes: Sequence[Standing], next_: Observable, days: int
) -> tuple[Asked, ...]:
    """What waiting for each observation is worth, the best first. `causes`: those the options are compared under.

    An option put off by a week is taken to lose as much of its gain as a week is of the horizon; to go back on one that
    is partly reversible costs what the person bore for it.
    """
    weights = np.array([one.weight for one in causes])
    weights /= weights.sum()
    gain = compared.by_explanation - compared.by_explanation[0]
    lost = np.maximum(gain, 0.0) / (days / 7.0)
    undo = np.array([0.0, *(_undo(one) for one in options)])
    found = []
    for one in next_.observations[:MOST_ASKED]:
        rows = one.observation.chances[MIDDLE]
        weeks = 0.0 if one.observation.minutes <= AT_ONCE_MINUTES else WEEKS
        asked = Wait(compared.points, weights, _of_groups(rows, causes, next_), 0, weeks, lost, undo)
        found.append(Asked(one, weeks, waiting(asked)))
    return tuple(sorted(found, key=lambda one: -one.worth.net))


def _of_groups(rows: Floats, causes: Sequence[Standing], next_: Observable) -> Floats:
    """The chances of the outcomes under each group of causes (explanations, outcomes), by the causes' weights."""
    found = []
    for cause in causes:
        weight = np.array([next_.weights[name] if name in cause.causes else 0.0 for name in next_.names])
        found.append(weight @ rows if weight.any() else rows.mean(axis=0))
    chances = np.array(found)
    together: Floats = chances / chances.sum(axis=1, keepdims=True)
    return together


def _undo(option: OptionFile) -> float:
    if option.reversible == "no":
        return FOR_GOOD
    return 0.0 if option.reversible == "yes" else 0.5 * sum(option.cost.person.counted.points)
