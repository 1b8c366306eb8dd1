"""Small views of a timeline that the story and the picture quote: answers to prompts, density, hours by role."""

from __future__ import annotations

import numpy as np

from mainstay.errors import BadRequest
from mainstay.timeline.kinds import Floats, Timeline


def compliance(timeline: Timeline) -> tuple[int, int]:
    """How many prompts were answered, and how many were sent. (0, 0) where prompts were never recorded."""
    return len(timeline.prompts_answered), len(timeline.prompts_sent)


def recording_density(timeline: Timeline, width_days: float = 7.0) -> tuple[Floats, Floats]:
    """Check-ins and events per day in stretches of `width_days`: edges (m+1,) in days, records per day (m,).

    The last stretch ends with the record and is divided by its own length. Refuses a width that is not positive.
    """
    if not width_days > 0.0:
        raise BadRequest(f"a width of {width_days} days is no stretch of time; give a positive number of days")
    count = max(1, int(np.ceil(timeline.days / width_days)))
    edges = np.minimum(np.arange(count + 1) * width_days, max(timeline.days, 1e-9))
    times = np.concatenate(
        [
            np.empty(0),
            *(rating.times for rating in timeline.ratings.values()),
            *(event.times for event in timeline.events.values()),
        ]
    )
    counts, _ = np.histogram(np.clip(times, 0.0, edges[-1]), bins=edges)
    return edges, counts / np.diff(edges)


def hours_by_role(timeline: Timeline) -> dict[str, float]:
    """Total hours in each declared role."""
    return {role.label: role.hours for role in timeline.roles}


def hours_as_oneself(timeline: Timeline) -> float | None:
    """Total hours in roles declared as oneself; None where no such role was ever declared (that is not zero hours)."""
    own = [role for role in timeline.roles if role.is_self]
    return sum(role.hours for role in own) if own else None
