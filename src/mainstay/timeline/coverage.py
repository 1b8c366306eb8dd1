"""How much was recorded, when nothing was, and why: step functions and gaps from coverage and recording-off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Coverage, Episode, Record
from mainstay.timeline.kinds import Floats, Gap, Recording

SHORTEST_GAP_DAYS = 2.0
SPACINGS_IN_A_GAP = 4.0
RECORDING_OFF = "recording was off"
NOTHING_RECORDED = "no check-in or event"
NOT_ANSWERED = "asked, but not answered"


def recordings(records: Iterable[Record], origin: Instant, days: float) -> dict[str, Recording]:
    """One step function per label with logged coverage ("" for coverage of everything); empty where none was logged.

    Where spans overlap, what became known later counts. Outside every logged span the *nearest* logged intensity is
    taken and marked as not logged: habits of recording change slowly, and a mean over the whole record would turn a
    slow rise into a jump. Inside a recording-off episode the intensity is 0, and that counts as logged.
    """
    coverage: dict[str, list[tuple[float, float, float]]] = {}
    off: list[tuple[float, float]] = []
    for record in sorted(records, key=lambda one: (one.known, one.id)):
        body = record.body
        if isinstance(body, Coverage) and isinstance(record.happened, Span):
            start, end = _within(record.happened, origin, days)
            for label in body.labels or ("",):
                if end > start:
                    coverage.setdefault(label, []).append((start, end, body.intensity))
        elif isinstance(body, Episode) and body.is_ == "recording-off" and isinstance(record.happened, Span):
            off.append(_within(record.happened, origin, days))
    return {label: _step_function(label, spans, off, days) for label, spans in sorted(coverage.items())}


def _within(span: Span, origin: Instant, days: float) -> tuple[float, float]:
    return max(0.0, span.start.days_since(origin)), min(days, span.end.days_since(origin))


def _step_function(
    label: str, spans: Sequence[tuple[float, float, float]], off: Sequence[tuple[float, float]], days: float
) -> Recording:
    ends = [edge for start, end, _ in spans for edge in (start, end)]
    ends += [edge for start, end in off for edge in (start, end) if end > start]
    stated = _merged([(start, end) for start, end, _ in spans])
    ends += [(left[1] + right[0]) / 2 for left, right in pairwise(stated)]
    edges = np.unique(np.clip(np.array([0.0, days, *ends]), 0.0, days))
    if len(edges) == 1:
        edges = np.array([0.0, max(days, 0.0)])
    middles = (edges[:-1] + edges[1:]) / 2
    intensity = np.full(len(middles), np.nan)
    for start, end, value in spans:
        intensity[(middles >= start) & (middles < end)] = value
    logged = ~np.isnan(intensity)
    intensity = _nearest(edges, intensity, logged)
    for start, end in off:
        inside = (middles >= start) & (middles < end)
        intensity[inside], logged[inside] = 0.0, True
    return Recording(label, edges, intensity, logged)


def _nearest(edges: Floats, intensity: Floats, logged: NDArray[np.bool_]) -> Floats:
    """Fill what was not logged with the logged value nearest in time (`edges` (m+1,), the others (m,))."""
    if logged.all() or not logged.any():
        return np.where(logged, intensity, 1.0)
    stretch = np.flatnonzero(logged)
    after = np.searchsorted(stretch, np.arange(len(intensity)))
    left, right = stretch[np.clip(after - 1, 0, None)], stretch[np.clip(after, 0, len(stretch) - 1)]
    middles = (edges[:-1] + edges[1:]) / 2
    nearest = np.where(np.abs(middles - edges[left + 1]) <= np.abs(edges[right] - middles), left, right)
    return np.where(logged, intensity, intensity[nearest])


def gaps(
    times: Floats, off: Sequence[tuple[float, float]], recording: dict[str, Recording], days: float, asked: Floats
) -> tuple[Gap, ...]:
    """The stretches without a check-in or event, and why.

    `times` (n,): days of every check-in and event. A stretch is a gap when it is longer than 2 days and than 4 times
    the median spacing of the distinct times. `off`: stretches (days) with recording off; they are gaps whatever their
    length. Where coverage of everything was logged above 0, silence means that nothing happened, and is no gap.
    `asked` (m,): days on which prompts were sent; a gap in which there were some was asked about, and not answered.
    """
    closed = _merged([(start, end) for start, end in off if end > start])
    found = [Gap(start, end, RECORDING_OFF) for start, end in closed]
    known = _merged([*closed, *_covered(recording.get(""))])
    distinct = np.unique(times)
    spacing = float(np.median(np.diff(distinct))) if len(distinct) > 1 else 0.0
    shortest = max(SHORTEST_GAP_DAYS, SPACINGS_IN_A_GAP * spacing)
    ends = np.concatenate(([0.0], distinct, [days]))
    for left, right in pairwise(ends):
        if right - left > shortest:
            found += [
                Gap(start, end, NOT_ANSWERED if np.any((asked > start) & (asked < end)) else NOTHING_RECORDED)
                for start, end in _outside(float(left), float(right), known)
            ]
    return tuple(sorted((gap for gap in found if gap.end > gap.start), key=lambda gap: (gap.start, gap.end)))


def _covered(recording: Recording | None) -> list[tuple[float, float]]:
    if recording is None:
        return []
    logged = np.ones(len(recording.intensity), dtype=bool) if recording.logged is None else recording.logged
    return [
        (float(recording.edges[i]), float(recording.edges[i + 1]))
        for i in np.flatnonzero(logged & (recording.intensity > 0.0))
    ]


def _merged(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Overlapping and touching spans as one, ascending."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _outside(start: float, end: float, known: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The parts of a stretch that lie in none of the known spans (ascending, apart)."""
    parts, at = [], start
    for left, right in known:
        if right <= at or left >= end:
            continue
        if left > at:
            parts.append((at, left))
        at = max(at, right)
    if at < end:
        parts.append((at, end))
    return parts
