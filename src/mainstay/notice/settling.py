"""Asking changes people: which readings of a stream are learned from but never judged.

Somebody who is newly asked answers higher at first, and less so later (the initial elevation bias; Shrout and others
2018, doi:10.1073/pnas.1712277115), and does so again after a long pause or when asked at another pace. The rule looks
back only, so that what was settled on a day stays so whatever comes later.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mainstay.timeline.kinds import Floats

SETTLING_DAYS = 7.0
LONG_PAUSE_DAYS = 28.0
LATELY_DAYS, BEFORE_DAYS = 7.0, 28.0
PACE = 2.0
SURE = 4.0
"""A pace counts as another where it is twice or half as dense and so many standard errors of a count apart."""


def settled(times: Floats) -> NDArray[np.bool_]:
    """Whether each reading (times (n,) in days, ascending) may be judged: not in the first week of its stream, of its
    return after four weeks, or of another pace of asking.
    """
    if not len(times):
        return np.zeros(0, bool)
    returns = np.flatnonzero(np.diff(times, prepend=-np.inf) >= LONG_PAUSE_DAYS)
    began = times[returns[np.searchsorted(returns, np.arange(len(times)), "right") - 1]]
    changed = np.flatnonzero(_another_pace(times, began))
    last = np.searchsorted(changed, np.arange(len(times)), "right") - 1
    recent = np.zeros(len(times), bool)
    if len(changed):
        recent = (last >= 0) & (times - times[changed[np.maximum(last, 0)]] < SETTLING_DAYS)
    return (times - began >= SETTLING_DAYS) & ~recent


def _another_pace(times: Floats, began: Floats) -> NDArray[np.bool_]:
    """Whether the last week, against the four before it, was asked about at another pace."""
    here = np.arange(1, len(times) + 1)
    lately = here - np.searchsorted(times, times - LATELY_DAYS, "right")
    before = here - lately - np.searchsorted(times, times - LATELY_DAYS - BEFORE_DAYS, "right")
    span = np.minimum(BEFORE_DAYS, times - LATELY_DAYS - began)
    with np.errstate(divide="ignore", invalid="ignore"):
        now, then = lately / LATELY_DAYS, before / span
        apart = np.abs(now - then) / np.sqrt(np.maximum(now, then) * (1.0 / LATELY_DAYS + 1.0 / span))
        denser = np.maximum(now, then) / np.minimum(now, then)
    another: NDArray[np.bool_] = (span >= LATELY_DAYS) & (denser >= PACE) & (apart >= SURE)
    return another
