"""What the picture draws, drawn from a timeline and its curves: years of hours made few enough to be seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.strain.posterior import Curves
from mainstay.timeline.kinds import Episodes, Events, Floats, Ratings, Timeline

BIN_DAYS = (1 / 24, 1 / 8, 1 / 4, 1.0, 2.0, 4.0, 7.0, 14.0, 28.0, 91.0)
OTHERS = "others"


def bin_days_for(days: float, pixels: float, pixels_a_bin: float) -> float:
    """The shortest bin (days) that is drawn at least this wide. Past three weeks no bin is shorter than a day."""
    shortest = 1.0 if days > 21 else 0.0
    usable = [size for size in BIN_DAYS if size >= shortest]
    return next((size for size in usable if size * pixels / days >= pixels_a_bin), usable[-1])


def column_days_for(days: float, pixels: float) -> float:
    """The length of a column of marks or a bar: hours, a day, or whole weeks, in which weekdays weigh the same."""
    shortest = 1.0 if days > 10 else 0.0
    usable = [size for size in BIN_DAYS if size >= shortest and size not in (2.0, 4.0)]
    return next((size for size in usable if size * pixels / days >= 6), usable[-1])


@dataclass(frozen=True, slots=True, eq=False)
class StrainBins:
    """Strain and threshold in bins: middles (days) and means (m,), and running means over `smooth_days` with the band.

    `unknown` (m,) marks bins that rest on no record nearby. The threshold's fields are None where there is none. The
    band is the running mean of the pointwise bands: the doubt about a moment, wider than the doubt about the mean.
    """

    day: Floats
    mean: Floats
    smooth: Floats
    smooth_low: Floats
    smooth_high: Floats
    threshold: Floats | None
    threshold_low: Floats | None
    threshold_high: Floats | None
    unknown: NDArray[np.bool_]
    bin_days: float
    smooth_days: float


def bin_edges(days: float, size: float) -> Floats:
    """Edges of bins over the whole; a last bin shorter than half joins the one before, or its rate would mislead."""
    edges = np.arange(0.0, days - 1e-9, size)
    if len(edges) > 1 and days - edges[-1] < size / 2:
        edges = edges[:-1]
    return np.append(edges, days)


def strain_bins(curves: Curves, days: float, pixels: float) -> StrainBins:
    """The curves in bins a pixel or two wide, with a running mean over about an eightieth of the whole, in weeks."""
    size = bin_days_for(days, pixels, 1.5)
    index = np.floor(curves.times / size + 1e-9).astype(int)
    bins, start = np.unique(index, return_index=True)

    def mean(values: Floats) -> Floats:
        counts = np.diff(np.append(start, len(values)))
        return np.asarray(np.add.reduceat(values, start) / counts, dtype=np.float64)

    centre = mean(curves.strain)
    smooth_days = smooth_window(days)
    window = max(round(smooth_days / size), 1)
    threshold = curves.threshold
    return StrainBins(
        day=np.clip((bins + 0.5) * size, 0.0, days),
        mean=centre,
        smooth=running_mean(centre, window),
        smooth_low=running_mean(mean(curves.strain_low), window),
        smooth_high=running_mean(mean(curves.strain_high), window),
        threshold=None if threshold is None else mean(threshold),
        threshold_low=None if curves.threshold_low is None else mean(curves.threshold_low),
        threshold_high=None if curves.threshold_high is None else mean(curves.threshold_high),
        unknown=mean(curves.unknown.astype(np.float64)) > 0.5,
        bin_days=size,
        smooth_days=smooth_days,
    )


def smooth_window(days: float) -> float:
    """The window (days) of the running mean: whole weeks, so that weekdays and weekends weigh the same in it."""
    return 7.0 * max(round(days / 40 / 7), 1) if days >= 42 else max(round(days / 12), 1.0)


def running_mean(values: Floats, window: int) -> Floats:
    """The centred mean over a window of bins; at the ends over what is there."""
    if window <= 1:
        return values
    sums = np.concatenate(([0.0], np.cumsum(values)))
    middle = np.arange(len(values))
    first = np.maximum(middle - window // 2, 0)
    last = np.minimum(middle + (window + 1) // 2, len(values))
    return np.asarray((sums[last] - sums[first]) / (last - first), dtype=np.float64)


def over(bins: StrainBins) -> tuple[Floats, Floats, Floats]:
    """Where strain stands above the threshold: days, the threshold, and the higher of the two, with every crossing."""
    if bins.threshold is None:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    above = np.where(bins.unknown, 0.0, bins.mean - bins.threshold)
    crossing = np.flatnonzero(above[:-1] * above[1:] < 0)
    share = above[crossing] / (above[crossing] - above[crossing + 1])
    day = np.concatenate((bins.day, bins.day[crossing] + share * np.diff(bins.day)[crossing]))
    order = np.argsort(day, kind="stable")
    height = np.concatenate((np.maximum(above, 0.0), np.zeros(len(crossing))))[order]
    threshold = np.interp(day[order], bins.day, bins.threshold)
    return day[order], threshold, threshold + height


def share_above(curves: Curves, edges: Floats) -> Floats:
    """The share of the known time between the edges (days) in which strain stands above the threshold.

    0 where there is no threshold, and where less than half of the stretch is known.
    """
    if curves.threshold is None:
        return np.zeros(len(edges) - 1)
    above = ~curves.unknown & (curves.strain > curves.threshold)
    known = np.histogram(curves.times[~curves.unknown], edges)[0]
    enough = known * 2 >= np.histogram(curves.times, edges)[0]
    share = np.histogram(curves.times[above], edges)[0] / np.maximum(known, 1)
    return np.asarray(np.where(enough, share, 0.0), dtype=np.float64)


def runs_of(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The unbroken stretches of True, as (first, past the last)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def stacked(times: Floats, column: float) -> tuple[Floats, NDArray[np.int64]]:
    """Marks for these times (ascending) in columns `column` days wide: the columns' middles and each mark's level."""
    index = np.floor(times / column).astype(np.int64)
    first = np.searchsorted(index, index, "left")
    return np.asarray((index + 0.5) * column, dtype=np.float64), np.arange(len(times)) - first


def crowd(times: Floats, column: float) -> int:
    """How many marks the fullest column holds; at least one."""
    return int(stacked(times, column)[1].max(initial=0)) + 1


@dataclass(frozen=True, slots=True, eq=False)
class Lane:
    """One lane of marks: its label, and the times (days) of the events in it."""

    label: str
    times: Floats


def event_lanes(events: tuple[Events, ...], most: int) -> list[Lane]:
    """A lane for each label, most frequent first; the rare ones beyond `most` lanes share one."""
    present = sorted((e for e in events if len(e.times)), key=lambda e: (-len(e.times), e.label))
    if len(present) <= most:
        return [Lane(e.label, e.times) for e in present]
    rest = present[most - 1 :]
    others = Lane(f"{len(rest)} {OTHERS}", np.sort(np.concatenate([e.times for e in rest])))
    return [*(Lane(e.label, e.times) for e in present[: most - 1]), others]


@dataclass(frozen=True, slots=True, eq=False)
class RoleLane:
    """One role: hours in each bin as a rate a week, bin starts and ends (days), and the whole's hours a week."""

    label: str
    is_self: bool
    starts: Floats
    ends: Floats
    hours_a_week: Floats
    mean_hours_a_week: float
    spans: list[tuple[float, float]]


def role_lanes(timeline: Timeline, days: float, bin_days: float, most: int) -> list[RoleLane]:
    """A lane for each role, by hours; time as oneself last; the small roles beyond `most` share one."""
    present = [role for role in timeline.roles if len(role.starts)]
    others = sorted((r for r in present if not r.is_self), key=lambda r: (-r.hours, r.label))
    lanes = [_role_lane(r.label, [r], days, bin_days) for r in others[: most - 1 if len(others) > most else most]]
    if len(others) > most:
        lanes.append(_role_lane(f"{len(others) - most + 1} {OTHERS}", others[most - 1 :], days, bin_days))
    return lanes + [_role_lane(r.label, [r], days, bin_days) for r in present if r.is_self]


def _role_lane(label: str, parts: list[Episodes], days: float, bin_days: float) -> RoleLane:
    edges = bin_edges(days, bin_days)
    hours = np.diff(np.sum([_hours_before(part, edges) for part in parts], axis=0))
    spans = sorted((float(s), float(e)) for part in parts for s, e in zip(part.starts, part.ends, strict=True))
    return RoleLane(
        label=label,
        is_self=parts[0].is_self,
        starts=edges[:-1],
        ends=edges[1:],
        hours_a_week=np.asarray(hours / np.diff(edges) * 7.0, dtype=np.float64),
        mean_hours_a_week=float(hours.sum() / days * 7.0),
        spans=[(max(s, 0.0), min(e, days)) for s, e in spans if e > 0 and s < days],
    )


def _hours_before(part: Episodes, edges: Floats) -> Floats:
    """The hours of the episodes before each edge."""
    before = np.clip(edges[:, None], part.starts[None, :], part.ends[None, :]) - part.starts[None, :]
    return np.asarray(before.sum(axis=1) * 24.0, dtype=np.float64)


def told_item(timeline: Timeline) -> Ratings | None:
    """The ratings on the anchor item, or on the item answered most often; None where there are none."""
    if timeline.anchor is not None and timeline.anchor in timeline.ratings:
        return timeline.ratings[timeline.anchor]
    return max(timeline.ratings.values(), key=lambda r: len(r.times), default=None)


def shown_days(timeline: Timeline) -> float:
    """How many days the picture spans: whole days, at least one."""
    return float(max(math.ceil(timeline.days - 1e-9), 1))


def check_ins_a_day(timeline: Timeline, edges: Floats) -> Floats:
    """The moments at which anything was rated, per day, between the edges (days)."""
    moments = [ratings.times for ratings in timeline.ratings.values()]
    distinct = np.unique(np.concatenate(moments)) if moments else np.zeros(0)
    return np.asarray(np.histogram(distinct, edges)[0] / np.diff(edges), dtype=np.float64)
