"""What was known when a forecast was made besides a stream's own past: how unusual other streams stood by then.

Which streams are looked at is chosen from the past as well: the first two dozen that had five values, not all the
same. A stream says nothing before, so that one which begins later changes nothing of what was told earlier. The more
streams are looked at, the less each counts: their columns are divided by the root of how many there are by then, and a
regression draws all of them to 0 alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.futures.next_days import Days
from mainstay.timeline.kinds import Floats, Timeline

FEWEST_BEFORE = 5
MOST = 3.0
MOST_COLUMNS = 24
BEFORE = "before: "
"""How the columns of a regression that hold other streams begin."""


@dataclass(frozen=True, slots=True, eq=False)
class _SoFar:
    """The mean and sd (n,) of all values up to each, and whether there were five by then that differ."""

    mean: Floats
    sd: Floats
    enough: NDArray[np.bool_]


def _so_far(values: Floats) -> _SoFar:
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    number = np.cumsum(known)
    mean = np.cumsum(filled) / np.maximum(number, 1)
    sd = np.sqrt(np.maximum(np.cumsum(filled**2) / np.maximum(number, 1) - mean**2, 0.0))
    return _SoFar(mean, sd, (number >= FEWEST_BEFORE) & (sd > 1e-6 * (1.0 + np.abs(mean))))


def standing(values: Floats, index: NDArray[np.int64]) -> Floats:
    """values[index] (n,) less the mean of all up to it, in sds of those; 0 where nothing or too little is known.

    An index of -1 is before the first. At most three sds either way.
    """
    if not len(values):
        return np.zeros(len(index))
    so_far = _so_far(values)
    says = so_far.enough & np.isfinite(values)
    apart = (np.where(says, values, so_far.mean) - so_far.mean) / np.where(says, so_far.sd, 1.0)
    return np.where(index >= 0, np.clip(apart, -MOST, MOST)[np.maximum(index, 0)], 0.0)


def standing_of_days(days: Days, item: str, label: str) -> dict[str, Floats]:
    """For each day and the one after the record (count + 1,), by stream: how the day before stood in it.

    All ratings but `item`, all kinds of events but `label`, all signals and sleep.
    """
    index = np.arange(days.count + 1) - 1
    named = {k: v for k, v in days.means.items() if k != item} | dict(days.signals)
    for name, values in days.events.items():
        if name != label:
            named[name] = np.where(days.exposure[name] > 0, values, np.nan)
    return _looked_at({f"{BEFORE}{name}": (values, index) for name, values in named.items()}, len(index))


def standing_of_answers(timeline: Timeline, item: str, made: Floats) -> dict[str, Floats]:
    """At each moment (n,), by rating but `item`: how its last answer stood."""
    return _looked_at(
        {
            f"{BEFORE}{name}": (one.values, np.searchsorted(one.times, made, "right") - 1)
            for name, one in sorted(timeline.ratings.items())
            if name != item
        },
        len(made),
    )


def _looked_at(streams: Mapping[str, tuple[Floats, NDArray[np.int64]]], n: int) -> dict[str, Floats]:
    """The first two dozen with five values that differ, each over the root of how many there were by then (n,)."""
    begins = {name: _begins(values, index) for name, (values, index) in streams.items()}
    first = sorted((name for name in streams if begins[name] < n), key=lambda name: begins[name])[:MOST_COLUMNS]
    many = np.sum([np.arange(n) >= begins[name] for name in first], axis=0) if first else np.zeros(n)
    each = 1.0 / np.sqrt(np.maximum(many, 1.0))
    return {name: each * standing(*streams[name]) for name in first}


def _begins(values: Floats, index: NDArray[np.int64]) -> int:
    """The first forecast by which the stream had five values that differ; as many as there are where it never had."""
    enough = np.flatnonzero(_so_far(values).enough)
    return int(np.searchsorted(index, enough[0])) if len(enough) else len(index)
