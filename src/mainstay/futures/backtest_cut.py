"""A timeline as it was at an earlier local midnight, from the timeline alone: what had ended by then."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mainstay.errors import BadRequest
from mainstay.quantities import Instant
from mainstay.records.kinds import Record
from mainstay.timeline.kinds import Episodes, Floats, Gap, Recording, Samples, Timeline


def midnight(timeline: Timeline, day: int) -> float:
    """When a local day begins, in days since the timeline's origin: clocks may have changed since."""
    at = float(day)
    shift = float(timeline.local_days(np.array([at]))[0]) - at
    return at - shift


def cut(timeline: Timeline, day: float) -> Timeline:
    """The timeline up to a time (days since its origin), which is then where the record ends.

    An episode that had not ended by then was not yet on record. What was logged of recording is kept as it is known
    now: that is about the record, not about what happened.
    """
    if not 0.0 < day <= timeline.days:
        raise BadRequest(f"a record of {timeline.days:.1f} days cannot be cut at day {day:.1f}")
    moment = timeline.instant(day)
    edges = np.append(timeline.offset_edges[timeline.offset_edges < day], day)
    return replace(
        timeline,
        days=day,
        as_of=moment,
        known_through=min(moment, timeline.known_through),
        ratings={
            name: replace(one, times=one.times[:n], values=one.values[:n], ids=one.ids[:n])
            for name, one in timeline.ratings.items()
            if (n := _before(one.times, day))
        },
        events={
            label: one.where(at)
            for label, one in timeline.events.items()
            if (at := one.times + one.half_widths <= day).any()
        },
        episodes={label: part for label, one in timeline.episodes.items() if len((part := _ended(one, day)).starts)},
        samples={
            name: Samples(one.channel, one.unit, one.times[:n], one.values[:n])
            for name, one in timeline.samples.items()
            if (n := _before(one.times, day))
        },
        recording={label: _recorded(one, day) for label, one in timeline.recording.items()},
        gaps=tuple(Gap(one.start, min(one.end, day), one.reason) for one in timeline.gaps if one.start < day),
        prompts_sent=timeline.prompts_sent[: _before(timeline.prompts_sent, day)],
        prompts_answered=timeline.prompts_answered[: _before(timeline.prompts_answered, day)],
        offset_edges=edges,
        offset_hours=timeline.offset_hours[: len(edges) - 1],
        others=tuple(one for one in timeline.others if _known(one, moment)),
    )


def _before(times: Floats, day: float) -> int:
    return int(np.searchsorted(times, day, "right"))


def _ended(one: Episodes, day: float) -> Episodes:
    n = _before(one.ends, day)
    return replace(one, starts=one.starts[:n], ends=one.ends[:n])


def _recorded(one: Recording, day: float) -> Recording:
    steps = max(int(np.searchsorted(one.edges, day, "left")), 1)
    logged = None if one.logged is None else one.logged[:steps]
    return replace(one, edges=np.append(one.edges[:steps], day), intensity=one.intensity[:steps], logged=logged)


def _known(record: Record, moment: Instant) -> bool:
    return record.known <= moment
