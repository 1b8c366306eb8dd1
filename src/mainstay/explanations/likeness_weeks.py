"""A life by weeks: what each week was like in every stream, and which weeks lie in a stretch that somebody named.

Weeks are counted back from the end of the record, so that the last is whole. A feature of a week is a level, a spread,
a rhythm, a count or hours; NaN where too little of the week is known. Each is told in its own ordinary swings from week
to week, cut off at four of them, so that one odd week decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mainstay.notice.series import Series, mostly_one_answer, series_of
from mainstay.patterns.weeks import recorded_of, weeks_of
from mainstay.records.logged import SHORTEST_STRETCH_DAYS
from mainstay.timeline.kinds import Episodes, Floats, Timeline

WEEK = 7
NOW_WEEKS = 4
KNOWN_DAYS = 4.0
FEWEST_READINGS, FEWEST_FOR_SPREAD, FEWEST_A_HALF = 3, 6, 2
FEWEST_WEEKS_SEEN = 6
"""What came in fewer weeks than this has no ordinary swings to speak of."""
LEAST_SPREAD = 0.2
"""In the rating's own sd: a week without any ups and downs is not endlessly far from others."""

LARGEST = 4.0
MAD_TO_SD = 1.4826
AFTERNOON = 15.0
LEAST_SHARE_IN = 0.5

Looks = Literal["level", "spread", "rhythm", "count", "hours"]


@dataclass(frozen=True, slots=True, eq=False)
class Feature:
    """One thing that weeks differ in: of a stream, what is looked at, and its value by week (weeks,), NaN unknown."""

    stream: str
    looks: Looks
    values: Floats


@dataclass(frozen=True, slots=True, eq=False)
class LifeByWeeks:
    """Weeks (n,) by their middle, in days since the origin, ascending; features; stretches by label.

    `stretches`: by label, the weeks (bool, n) of each stretch, oldest first. `ordinary` (n,): in no named stretch and
    not now. `now` (n,): the last weeks. `going_on`: the labels of stretches that reach into the last weeks.
    """

    middles: Floats
    features: tuple[Feature, ...]
    stretches: dict[str, tuple[NDArray[np.bool_], ...]]
    ordinary: NDArray[np.bool_]
    now: NDArray[np.bool_]
    going_on: tuple[str, ...]


def named_stretches(timeline: Timeline) -> tuple[Episodes, ...]:
    """The activities of which at least one stretch lasted two weeks, by label."""
    return tuple(
        one
        for _, one in sorted(timeline.episodes.items())
        if one.is_ == "activity" and bool(((one.ends - one.starts) >= SHORTEST_STRETCH_DAYS).any())
    )


def by_weeks(timeline: Timeline) -> LifeByWeeks:
    """The weeks of a timeline, back from its end: what each was like, and where the named stretches lie."""
    end = round(float(timeline.local_days(np.array([timeline.days]))[0]))
    count = end // WEEK
    edges = end - WEEK * np.arange(count, -1, -1, dtype=float)
    shift = timeline.local_days(edges) - edges
    edges = edges - shift
    now = np.arange(count) >= count - NOW_WEEKS
    touched = np.zeros(count, bool)
    stretches: dict[str, tuple[NDArray[np.bool_], ...]] = {}
    going_on = []
    for named in named_stretches(timeline):
        mine = []
        for start, stop in zip(named.starts, named.ends, strict=True):
            if stop - start < SHORTEST_STRETCH_DAYS:
                continue
            share = _share(edges, np.array([start]), np.array([stop]))
            touched |= share > 0.0
            if bool((share[now] > 0.0).any()):
                going_on.append(named.label)
            elif bool((share >= LEAST_SHARE_IN).any()):
                mine.append(share >= LEAST_SHARE_IN)
        stretches[named.label] = tuple(mine)
    features = _scaled(_features(timeline, edges), ~touched & ~now)
    return LifeByWeeks(
        0.5 * (edges[:-1] + edges[1:]), features, stretches, ~touched & ~now, now, tuple(dict.fromkeys(going_on))
    )


def _share(edges: Floats, starts: Floats, ends: Floats) -> Floats:
    """The share of each week that lies in these stretches."""
    inside = np.minimum(edges[1:, None], ends) - np.maximum(edges[:-1, None], starts)
    share: Floats = np.maximum(inside, 0.0).sum(axis=1) / np.diff(edges)
    return share


def _features(timeline: Timeline, edges: Floats) -> list[Feature]:
    weeks = weeks_of(timeline)
    found: list[Feature] = []
    for series in series_of(timeline):
        if series.kind == "count":
            found.append(_count(series, edges))
        elif series.kind == "signal":
            found.append(Feature(series.name, "level", _means(series.times, series.values, edges)))
        elif not mostly_one_answer(series.values):
            found += _rating(timeline, series, edges)
    days = (edges[:-1, None] + np.arange(WEEK)).ravel()
    local = timeline.local_days(days + 0.5)
    for one in timeline.episodes.values():
        if one.is_ in ("role", "sleep"):
            known = weeks.share(local, recorded_of(timeline, one.label, weeks)).reshape(-1, WEEK)
            hours = 24.0 * _share(np.append(days, edges[-1]), one.starts, one.ends).reshape(-1, WEEK)
            of_known = (hours * known).sum(axis=1) * WEEK / np.maximum(known.sum(axis=1), 1.0)
            enough = known.sum(axis=1) >= KNOWN_DAYS
            found.append(Feature(one.label, "hours", np.where(enough, of_known, np.nan)))
    return found


def _rating(timeline: Timeline, series: Series, edges: Floats) -> list[Feature]:
    """Level, spread within the week, and how much higher evenings stand than mornings."""
    times, values = series.times[series.settled], series.values[series.settled]
    if not len(times):
        return []
    late = timeline.local_hours(times) >= AFTERNOON
    scaled = (values - values.mean()) / max(float(values.std()), 1e-9)
    count, total = _sums(times, scaled, edges)
    n = np.maximum(count, 1)
    variance = np.maximum(_sums(times, scaled**2, edges)[1] / n - (total / n) ** 2, 0.0)
    spread = np.where(count >= FEWEST_FOR_SPREAD, np.log(LEAST_SPREAD + np.sqrt(variance)), np.nan)
    evenings, mornings = (_sums(times[those], values[those], edges) for those in (late, ~late))
    enough = np.minimum(evenings[0], mornings[0]) >= FEWEST_A_HALF
    higher = evenings[1] / np.maximum(evenings[0], 1) - mornings[1] / np.maximum(mornings[0], 1)
    looks: tuple[tuple[Looks, Floats], ...] = (
        ("level", _means(times, values, edges)),
        ("spread", spread),
        ("rhythm", np.where(enough, higher, np.nan)),
    )
    return [Feature(series.name, look, one) for look, one in looks]


def _sums(times: Floats, values: Floats, edges: Floats) -> tuple[Floats, Floats]:
    """How many readings each week has, and their sum."""
    week = np.searchsorted(edges, times, "right") - 1
    inside = (week >= 0) & (week < len(edges) - 1)
    counts = np.bincount(week[inside], minlength=len(edges) - 1).astype(float)
    sums = np.bincount(week[inside], values[inside], len(edges) - 1).astype(float)
    return counts, sums


def _means(times: Floats, values: Floats, edges: Floats) -> Floats:
    counts, sums = _sums(times, values, edges)
    means: Floats = np.where(counts >= FEWEST_READINGS, sums / np.maximum(counts, 1), np.nan)
    return means


def _count(series: Series, edges: Floats) -> Feature:
    """How often a week, on the scale on which chance is as large for rare as for frequent events (Anscombe 1948)."""
    days, events = (_sums(series.times - 0.5, one, edges)[1] for one in (series.exposure, series.values))
    rate = np.sqrt((events + 0.375) * WEEK / np.maximum(days, 1.0))
    seen = np.where(days >= KNOWN_DAYS, rate, np.nan)
    return Feature(series.name, "count", seen if int((events > 0.0).sum()) >= FEWEST_WEEKS_SEEN else seen * np.nan)


def _scaled(features: list[Feature], ordinary: NDArray[np.bool_]) -> tuple[Feature, ...]:
    """Each feature in its own ordinary swings from its ordinary middle; those without any are left out."""
    found = []
    for one in features:
        usual = one.values[ordinary & np.isfinite(one.values)]
        if len(usual) < FEWEST_WEEKS_SEEN:
            continue
        middle = float(np.median(usual))
        # of what is there in few weeks the median swing is none, and half the sd stands in
        swing = max(MAD_TO_SD * float(np.median(np.abs(usual - middle))), 0.5 * float(np.std(usual)))
        if swing > 1e-9:
            found.append(Feature(one.stream, one.looks, np.clip((one.values - middle) / swing, -LARGEST, LARGEST)))
    return tuple(found)
