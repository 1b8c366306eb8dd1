"""Inferred hours as stretches: neighbouring cells in which the same role, or none, is the likeliest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mainstay.timeline.inferring_kinds import InferredRoles


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when to when (days since the origin); the likeliest state, none first; the mean chances of all states.

    `decided`: whether that chance reaches the confidence; else the stretch stays open.
    """

    start: float
    end: float
    state: int
    chances: tuple[float, ...]
    decided: bool

    @property
    def chance(self) -> float:
        """The mean chance of the likeliest state."""
        return self.chances[self.state]


def stretches(found: InferredRoles, start: float, end: float) -> tuple[Stretch, ...]:
    """The inferred stretches between two times (days), in order. What was declared parts them, and so does midnight
    only where the likeliest state changes there."""
    at = np.flatnonzero(found.open_cells & (found.middles >= start) & (found.middles < end))
    if not len(at):
        return ()
    likeliest = found.chance[:, at].argmax(axis=0)
    new = np.flatnonzero((np.diff(at) > 1) | (np.diff(likeliest) != 0)) + 1
    made = []
    for cells in np.split(at, new):
        hours = found.hours[cells]
        chances = found.chance[:, cells] @ hours / hours.sum()
        state = int(found.chance[:, cells[0]].argmax())
        made.append(
            Stretch(
                float(found.edges[cells[0]]),
                float(found.edges[cells[-1] + 1]),
                state,
                tuple(float(one) for one in chances),
                bool(chances[state] >= found.confidence),
            )
        )
    return tuple(made)
