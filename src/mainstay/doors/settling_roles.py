"""Settling which role a stretch was spent in, where that was only inferred: one declaration, of a role or of none."""

from __future__ import annotations

from mainstay.doors.noting import Note, OnRecord, role
from mainstay.doors.noting_times import stretch_in_words
from mainstay.errors import BadRequest
from mainstay.quantities import Instant, Span
from mainstay.records import logged
from mainstay.timeline.kinds import Timeline

LONGEST_DAYS = 2.0


def settled(label: str, span: Span, timeline: Timeline, *, now: Instant) -> Note:
    """That a stretch was spent in a role, or (`label` empty) in none.

    Refuses a role that was never declared, and a stretch so long that nobody means all of it.
    """
    if span.days > LONGEST_DAYS:
        raise BadRequest(f"that is {span.days:.0f} days; settle a stretch of at most {LONGEST_DAYS:.0f}")
    roles = {one.label: one for one in timeline.roles}
    if not label:
        record = logged.no_role(tuple(roles), span, now=now)
        return Note((record,), f"in no role, {stretch_in_words(span, now)}")
    if label not in roles:
        raise BadRequest("that is none of your roles; note a new one under Write down")
    return role(label, span, OnRecord((), (), now), now=now, is_self=roles[label].is_self)
