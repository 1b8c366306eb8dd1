"""What was known when a day began besides a stream's own past: how unusual the day before was in other streams."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mainstay.futures.next_days import Days
from mainstay.timeline.kinds import Floats

FEWEST_BEFORE = 5
MOST = 3.0
MOST_COLUMNS = 24


def standing(values: Floats, index: NDArray[np.int64]) -> Floats:
    """values[index] (n,) less the mean of all up to it, in sds of those; 0 where nothing or too little is known.

    An index of -1 is before the first. At most three sds either way.
    """
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    number = np.cumsum(known)
    mean = np.cumsum(filled) / np.maximum(number, 1)
    sd = np.sqrt(np.maximum(np.cumsum(filled**2) / np.maximum(number, 1) - mean**2, 0.0))
    enough = known & (number >= FEWEST_BEFORE) & (sd > 1e-6 * (1.0 + np.abs(mean)))
    score = np.where(enough, np.clip((filled - mean) / np.where(enough, sd, 1.0), -MOST, MOST), 0.0)
    return np.where(index >= 0, score[np.maximum(index, 0)], 0.0)


def standing_of_days(days: Days, item: str, label: str) -> dict[str, Floats]:
    """For each day and the one after the record (count + 1,), by stream: how the day before stood in it.

    All ratings but `item`, all kinds of events but `label`, all signals and sleep; the fullest two dozen.
    """
    index = np.arange(days.count + 1) - 1
    named: dict[str, Floats] = {f"before: {k}": v for k, v in days.means.items() if k != item}
    named |= {f"before: {k}": v for k, v in days.signals.items()}
    for name, values in days.events.items():
        if name != label:
            named[f"before: {name}"] = np.where(days.exposure[name] > 0, values, np.nan)
    fullest = sorted(named, key=lambda one: -int(np.isfinite(named[one]).sum()))[:MOST_COLUMNS]
    return {one: standing(named[one], index) for one in fullest}
