"""Every mark on record as compact columns, for a page that draws them itself: check-ins, events, stretches, signals.

Times are whole minutes of the local clock since the first day's midnight, each as the step from the one before.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mainstay.quantities import in_words
from mainstay.report.words import clean
from mainstay.timeline.kinds import Episodes, Events, Floats, Ratings, Samples, Timeline
from mainstay.timeline.streams import StreamDays

EVENTS_IN_ORDER = ("demand", "relief", "slip", "other", "control")
STRETCHES_IN_ORDER = ("role", "activity", "place", "sleep")
HEADINGS = {
    "demand": "What strains",
    "relief": "What is sought",
    "slip": "What went wrong",
    "other": "Other events",
    "control": "For comparison",
    "role": "Roles",
    "place": "Places",
    "activity": "Activities",
    "sleep": "Sleep",
}
CHECK_INS, SIGNALS = "Check-ins", "Signals"
MINUTES_PER_DAY = 1440


def marks(timeline: Timeline) -> dict[str, Any]:
    """The lanes in the order in which they are drawn, and the stretches without records."""
    first = timeline.origin.as_local.date()
    return {
        "first": first.isoformat(),
        "first_in_words": in_words(first),
        "days": round(timeline.days, 4),
        "gaps": [[round(gap.start, 3), round(gap.end, 3), clean(gap.reason)] for gap in timeline.gaps],
        "lanes": [
            *(_item(timeline, one) for one in ratings_in_order(timeline)),
            *(_stretches(timeline, one) for one in stretches_in_order(timeline)),
            *(_events(timeline, one) for one in events_in_order(timeline)),
            *(_signal(timeline, timeline.samples[name]) for name in sorted(timeline.samples)),
        ],
    }


def ratings_in_order(timeline: Timeline) -> list[Ratings]:
    """The item that strain is told on first, then the most answered."""
    return sorted(
        timeline.ratings.values(),
        key=lambda one: (one.item.name != timeline.anchor, -len(one.times), one.item.name),
    )


def stretches_in_order(timeline: Timeline) -> list[Episodes]:
    """Roles, activities, places, sleep; of each the longest first. That recording was off is a gap."""
    there = [one for one in timeline.episodes.values() if one.is_ in STRETCHES_IN_ORDER and len(one.starts)]
    return sorted(there, key=lambda one: (STRETCHES_IN_ORDER.index(one.is_), -one.hours, one.label))


def events_in_order(timeline: Timeline) -> list[Events]:
    """What strains, what relieves, what went wrong, the rest; of each the most frequent first."""
    order = sorted(
        timeline.events.values(), key=lambda one: (EVENTS_IN_ORDER.index(one.is_), -len(one.times), one.label)
    )
    return [one for one in order if len(one.times)]


def as_streams(timeline: Timeline) -> tuple[StreamDays, ...]:
    """The same lanes as days with anything, for a picture that stands still."""
    found = [
        StreamDays(clean(one.item.label), (CHECK_INS,), ("check_in",), len(one.times), _days(timeline, one.times))
        for one in ratings_in_order(timeline)
    ]
    for stretch in stretches_in_order(timeline):
        ends = np.concatenate([stretch.starts, np.maximum(stretch.ends - 1e-6, stretch.starts)])
        days = _days(timeline, ends)
        found.append(StreamDays(stretch.label, (HEADINGS[stretch.is_],), ("episode",), len(stretch.ids), days))
    for event in events_in_order(timeline):
        days = _days(timeline, event.times)
        found.append(StreamDays(event.label, (HEADINGS[event.is_],), ("event",), len(event.times), days))
    for samples in timeline.samples.values():
        days = _days(timeline, samples.times)
        found.append(StreamDays(samples.channel, (SIGNALS,), ("signal",), len(samples.times), days))
    return tuple(found)


def _days(timeline: Timeline, times: Floats) -> Floats:
    return np.unique(np.floor(timeline.local_days(times)))


def _item(timeline: Timeline, rated: Ratings) -> dict[str, Any]:
    item = rated.item
    return {
        "kind": "item", "group": CHECK_INS, "name": clean(item.label or item.name), "low": item.low, "high": item.high,
        "ends": [clean(item.low_anchor), clean(item.high_anchor)], "better": item.better,
        "times": _steps(timeline, rated.times), "values": _values(rated.values),
    }  # fmt: skip


def _stretches(timeline: Timeline, one: Episodes) -> dict[str, Any]:
    starts = _minutes(timeline, one.starts)
    lengths = np.maximum(_minutes(timeline, one.ends) - starts, 1)
    return {
        "kind": "stretch", "group": HEADINGS[one.is_], "name": clean(one.label), "self": one.is_self,
        "hours": round(one.hours, 1), "times": np.diff(starts, prepend=0).tolist(), "lengths": lengths.tolist(),
    }  # fmt: skip


def _events(timeline: Timeline, one: Events) -> dict[str, Any]:
    held = {
        "kind": "event", "group": HEADINGS[one.is_], "is": one.is_, "name": clean(one.label),
        "times": _steps(timeline, one.times),
    }  # fmt: skip
    if np.isfinite(one.sizes).any():
        held["sizes"] = [None if np.isnan(size) else round(float(size), 2) for size in one.sizes]
    return held


def _signal(timeline: Timeline, samples: Samples) -> dict[str, Any]:
    """A signal by the day: its mean on every day on which there was any."""
    day = np.floor(timeline.local_days(samples.times)).astype(np.int64)
    days, at, count = np.unique(day, return_inverse=True, return_counts=True)
    means = np.bincount(at, samples.values) / count if len(days) else np.zeros(0)
    low, high = (float(np.quantile(means, q)) for q in (0.01, 0.99)) if len(days) else (0.0, 1.0)
    return {
        "kind": "signal", "group": SIGNALS, "name": clean(samples.channel), "unit": clean(samples.unit),
        "low": round(low, 4), "high": round(high, 4), "samples": len(samples.times),
        "times": np.diff(days * MINUTES_PER_DAY + MINUTES_PER_DAY // 2, prepend=0).tolist(),
        "values": [float(f"{mean:.4g}") for mean in means],
    }  # fmt: skip


def _minutes(timeline: Timeline, times: Floats) -> NDArray[np.int64]:
    return np.round(timeline.local_days(times) * MINUTES_PER_DAY).astype(np.int64)


def _steps(timeline: Timeline, times: Floats) -> list[int]:
    steps: list[int] = np.diff(_minutes(timeline, times), prepend=0).tolist()
    return steps


def _values(values: Floats) -> list[float]:
    whole = bool((values == np.round(values)).all())
    return [int(one) for one in values] if whole else [round(float(one), 3) for one in values]
