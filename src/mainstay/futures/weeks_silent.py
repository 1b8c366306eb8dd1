"""Where the diary of roles is silent: a stretch without hours in any role, where there usually are some.

Nobody does nothing at all for a week that is otherwise full; what is likelier is that it was not written down. Which of
both it was, the record can't tell, so such a stretch counts as not known, and never as hours given up.
"""

from __future__ import annotations

import numpy as np

from mainstay.timeline.kinds import Timeline

A_WEEK = 7.0
USUALLY = 0.5
"""Where so many of the weeks have a role on record, one that has none was not lived without, but not written down."""
LONGEST, TIMES = 0.9, 2.0
"""A pause is silence where it is twice as long as nine tenths of the pauses on record, and a week at least."""


def silent_spans(timeline: Timeline) -> tuple[tuple[float, float], ...]:
    """Stretches (start, end; days since the origin) in which no hours in any role are on record, though usual.

    None where no role is on record, or fewer than half of the weeks have any.
    """
    roles = [one for one in timeline.roles if len(one.starts)]
    weeks = int(timeline.days // A_WEEK)
    if not roles or not weeks:
        return ()
    starts = np.sort(np.concatenate([one.starts for one in roles]))
    ends = np.maximum.accumulate(np.sort(np.concatenate([one.ends for one in roles])))
    edges = timeline.days - A_WEEK * np.arange(weeks, -1, -1)
    some = np.searchsorted(starts, edges[1:]) > np.searchsorted(ends, edges[:-1], "right")
    if some.mean() < USUALLY:
        return ()
    begins, stops = np.concatenate([[0.0], ends]), np.concatenate([starts, [timeline.days]])
    inside = stops[1:-1] - begins[1:-1]
    inside = inside[inside > 0.0]
    least = max(A_WEEK, TIMES * float(np.quantile(inside, LONGEST))) if len(inside) else A_WEEK
    return tuple(
        (float(start), float(stop)) for start, stop in zip(begins, stops, strict=True) if stop - start >= least
    )
