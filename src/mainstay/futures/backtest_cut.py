"""A timeline as it was at an earlier local midnight, from the timeline alone: what had ended and was known by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mainstay.errors import BadRequest
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Episode, Record
from mainstay.timeline.kinds import Episodes, Floats, Gap, Recording, Samples, Timeline


def midnight(timeline: Timeline, day: int) -> float:
    """When a local day begins, in days since the timeline's origin: clocks may have changed since."""
    at = float(day)
    shift = float(timeline.local_days(np.array([at]))[0]) - at
    return at - shift


def cut(timeline: Timeline, day: float) -> Timeline:
    """The timeline up to a time (days since its origin), which is then where the record ends.

    An episode that had not ended by then was not yet on record. What became known later is left out (`Timeline.late`);
    of what was put right later the first wording is not kept, so it is left out whole. What was logged of recording is
    kept as it is known now: that is about the record, not about what happened.
    """
    if not 0.0 < day <= timeline.days:
        raise BadRequest(f"a record of {timeline.days:.1f} days cannot be cut at day {day:.1f}")
    moment = timeline.instant(day)
    edges = np.append(timeline.offset_edges[timeline.offset_edges < day], day)
    later = [one for one in timeline.late if not _known(one, moment)]
    timeline = _without(timeline, later) if later else timeline
    return replace(
        timeline,
        late=tuple(one for one in timeline.late if _known(one, moment)),
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


def _without(timeline: Timeline, later: Sequence[Record]) -> Timeline:
    """The timeline without these records, and of a label's stretches without the time that these cover."""
    ids = {one.id for one in later}
    spans: dict[str, list[tuple[float, float]]] = {}
    for one in later:
        if isinstance(one.body, Episode) and isinstance(one.happened, Span):
            first, last = (at.days_since(timeline.origin) for at in (one.happened.start, one.happened.end))
            spans.setdefault(one.body.label, []).append((first, last))
    ratings = {}
    for name, rated in timeline.ratings.items():
        at = np.array([known not in ids for known in rated.ids], bool)
        kept = tuple(known for known in rated.ids if known not in ids)
        ratings[name] = replace(rated, times=rated.times[at], values=rated.values[at], ids=kept)
    events = {
        label: one.where(np.array([known not in ids for known in one.ids], bool))
        for label, one in timeline.events.items()
    }
    episodes = {label: _outside(one, spans.get(label, []), ids) for label, one in timeline.episodes.items()}
    return replace(timeline, ratings=ratings, events=events, episodes=episodes)


def _outside(one: Episodes, spans: Sequence[tuple[float, float]], ids: set[str]) -> Episodes:
    """Stretches less the time that spans cover."""
    parts = list(zip(one.starts.tolist(), one.ends.tolist(), strict=True))
    for first, last in spans:
        cut_off = [[(start, min(end, first)), (max(start, last), end)] for start, end in parts]
        parts = [part for both in cut_off for part in both if part[0] < part[1]]
    starts, ends = np.array(parts, np.float64).reshape(-1, 2).T
    return replace(one, starts=starts, ends=ends, ids=tuple(known for known in one.ids if known not in ids))


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
    return record.known.utc_us <= moment.utc_us
