"""What happened once or twice, and what followed (S16): a call, a trip, an evening.

Each is a jump of unknown sign in the model of strain (`strain.exposed`), so what would have eased anyway is not its
doing. Beside that stands what followed moments of the same hour and kind of day, of like strain foreseen from before
them, without it: ratings of the anchor within six hours, up to the next act of relief. Once or twice proves nothing:
what is found is a candidate, and over all that was looked at the chance of finding anything is held at a twentieth.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mainstay.patterns.comparable_strain import foreseen, places
from mainstay.quantities import CannotSay, Instant
from mainstay.strain.data import FEWEST_ACTS
from mainstay.strain.exposed import Effect, exposed
from mainstay.strain.judge import Verdict, verdict
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Events, Floats, Timeline

RARELY = 2
ARRANGED_SO_OFTEN = FEWEST_ACTS - 1
"""What was arranged is followed until there is enough of it to be looked at as a refuge."""

TOGETHER = 1.0 / 24.0
"""Days: what is noted within an hour of each other can't be told apart, and is one thing."""

MOST_LOOKED_AT = 12
LONGEST_EPISODE = 0.5
"""Days: what lasts longer has no "at once"."""

HALF_A_DAY = 0.25
ARRANGED = ("arranged", "planned")
MATERIAL_STEPS = 0.5
"""Steps of strain (sixths of the scale): what moves it by less than half of one does not matter."""

WITHIN_DAYS = 0.25
APART_DAYS = 1.0
NEAREST, FEWEST_BESIDE = 40, 10


@dataclass(frozen=True, slots=True)
class Beside:
    """What followed comparable moments: after how many of them (`of`) ratings stood higher than after this."""

    lower_than: int
    of: int


@dataclass(frozen=True, slots=True)
class RareExposure:
    """Something that happened once or twice: what it does to strain at once, in points, and what followed it.

    `found`: the verdict over all that was looked at together. `arranged`: it was planned beforehand, by a tag on
    record. `beside`: None where ratings after it, or comparable moments, are too few.
    """

    name: str
    when: tuple[Instant, ...]
    effect: Effect
    found: Verdict
    arranged: bool
    beside: Beside | None


@dataclass(frozen=True, slots=True)
class Rare:
    """All that was looked at (the latest first), how many older ones were not, and how it was worked out."""

    exposures: tuple[RareExposure, ...]
    not_looked_at: int
    material: float
    method: str


def rare(timeline: Timeline, fitted: StrainPosterior) -> Rare | CannotSay:
    """What happened once or twice, by label, by who was there, by tag, or as a short activity.

    Refuses where nothing is that rare, and where no check-ins show strain. `fitted`: of the same timeline.
    """
    split, names = apart(timeline)
    planned = frozenset().union(*(timeline.tagged(tag) for tag in ARRANGED))
    names = sorted(names, key=lambda name: -float(split.events[name].times[-1]))
    names.sort(key=lambda name: planned.isdisjoint(split.events[name].ids))
    looked = names[:MOST_LOOKED_AT]
    if not looked:
        return CannotSay(
            "nothing on record happened only once or twice at a time that is known", quantity="what followed"
        )
    found = exposed(split, fitted, looked)
    if isinstance(found, CannotSay):
        return found
    material = MATERIAL_STEPS * fitted.data.unit
    moments = _Moments(timeline, fitted)
    exposures = []
    for name, effect in zip(looked, found.effects, strict=True):
        events = split.events[name]
        exposures.append(
            RareExposure(
                name=name,
                when=tuple(timeline.instant(float(day)) for day in events.times),
                effect=effect,
                found=verdict(effect.mean, effect.sd, material, among=len(looked)),
                arranged=bool(planned & set(events.ids)),
                beside=moments.beside(events.times),
            )
        )
    return Rare(tuple(exposures), len(names) - len(looked), material, found.posterior.method)


def apart(timeline: Timeline) -> tuple[Timeline, list[str]]:
    """The timeline with everything rare under a name of its own, and these names."""
    events, names = dict(timeline.events), []
    for name, series in _once_each(_rare_labels(timeline)):
        events[name] = series
        names.append(name)
    for label, name, at in _rare_marks(timeline):
        events[name] = timeline.events[label].where(at, name)
        kept = ~np.isin(events[label].ids, events[name].ids)
        events[label] = events[label].where(kept)
        names.append(name)
    return replace(timeline, events=events), names


def _once_each(found: Iterable[tuple[str, Events]]) -> list[tuple[str, Events]]:
    """What was noted under several names at the same times as one thing, under all of them."""
    merged: list[tuple[str, Events]] = []
    for name, series in found:
        for i, (other, same) in enumerate(merged):
            if len(same.times) == len(series.times) and bool((np.abs(same.times - series.times) <= TOGETHER).all()):
                merged[i] = f"{other} and {name}", replace(same, ids=(*same.ids, *series.ids))
                break
        else:
            merged.append((name, series))
    return merged


def _rare_labels(timeline: Timeline) -> Iterator[tuple[str, Events]]:
    """Labels of one or two events, and short activities of one or two stretches, as events at their beginning.

    Of what was arranged, a few events more.
    """
    planned = frozenset().union(*(timeline.tagged(tag) for tag in ARRANGED))
    for label, series in timeline.events.items():
        arranged = not planned.isdisjoint(series.ids) and len(series.times) <= ARRANGED_SO_OFTEN
        if (0 < len(series.times) <= RARELY or arranged) and _usable(series):
            yield label, series
    for label, episodes in timeline.episodes.items():
        kind = episodes.is_ in ("place", "activity") and label not in timeline.events
        short = bool((episodes.ends - episodes.starts <= LONGEST_EPISODE).all())
        if kind and short and 0 < len(episodes.starts) <= RARELY:
            nothing = np.full(len(episodes.starts), np.nan)
            yield label, Events(label, "other", episodes.starts, nothing, 0.0 * episodes.starts, episodes.ids)


def _rare_marks(timeline: Timeline) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """Contacts and tags on one or two events in all, where their label has more: label, name of the part, which."""
    carried: dict[str, list[tuple[str, str]]] = {}
    for label, series in timeline.events.items():
        for marks in (series.contacts, series.tags):
            for known in series.ids:
                for mark in marks.get(known, ()):
                    carried.setdefault(mark, []).append((label, known))
    together: dict[tuple[str, frozenset[str]], list[str]] = {}
    for mark, places_ in carried.items():
        labels = {label for label, _ in places_}
        if len(places_) <= RARELY and len(labels) == 1:
            together.setdefault((labels.pop(), frozenset(known for _, known in places_)), []).append(mark)
    taken: set[str] = set()
    for (label, ids), marks_ in together.items():
        series = timeline.events[label]
        if len(series.times) <= RARELY or not _usable(series) or taken & ids:
            continue
        taken |= ids
        yield label, f"{label} ({', '.join(marks_)})", np.array([known in ids for known in series.ids])


def _usable(series: Events) -> bool:
    return series.is_ != "slip" and float(series.half_widths.max()) <= HALF_A_DAY


class _Moments:
    """Moments of one record by the strain foreseen there, and the ratings that followed."""

    def __init__(self, timeline: Timeline, fitted: StrainPosterior) -> None:
        self.timeline, self.fitted = timeline, fitted
        ratings = timeline.ratings[fitted.data.anchor or ""]
        self.times, self.values = ratings.times, ratings.values * ratings.item.worse_sign
        self.relief = np.unique(np.concatenate([np.zeros(0), *(one.times for one in timeline.of_events("relief"))]))
        self.strain = foreseen(fitted, fitted.mean).mean

    def beside(self, times: Floats) -> Beside | None:
        """How what followed at these times stands among what followed comparable moments, both counted together."""
        rows = [row for time in times if (row := self._one(float(time), times)) is not None]
        if not rows:
            return None
        return Beside(sum(row.lower_than for row in rows), sum(row.of for row in rows))

    def _one(self, time: float, all_times: Floats) -> Beside | None:
        others = self._candidates(time)
        others = others[np.abs(others[:, None] - all_times).min(axis=1) > APART_DAYS]
        after = self._after(np.append(time, others))
        if not np.isfinite(after[0]) or int(np.isfinite(after[1:]).sum()) < FEWEST_BESIDE:
            return None
        there = np.isfinite(after[1:])
        own, after, others = after[0], after[1:][there], others[there]
        here = float(places(self.fitted, np.array([time])).read(self.strain)[0])
        distance = places(self.fitted, others).read(self.strain) - here
        slope = float(np.cov(distance, after)[0, 1] / max(float(distance.var(ddof=1)), 1e-9))
        nearest = np.argsort(np.abs(distance), kind="stable")[:NEAREST]
        alike = (after - slope * distance)[nearest]
        return Beside(int((alike > own).sum()), len(alike))

    def _candidates(self, time: float) -> Floats:
        """The same clock time on all other days that are weekdays, or weekends, as that one is; on record, (m,)."""
        timeline = self.timeline
        local = float(timeline.local_days(np.array([time]))[0])
        last = int(timeline.local_days(np.array([timeline.days]))[0])
        wished = np.arange(last + 1) + np.mod(local, 1.0)
        days = wished - (timeline.local_days(wished) - wished)
        weekend = timeline.weekdays(np.append(time, days)) >= 5
        kept = (weekend[1:] == weekend[0]) & (days > 1.0) & (days < timeline.days)
        for start, end in self.fitted.data.unknown_spans:
            kept &= (days <= start) | (days >= end)
        chosen: Floats = days[kept]
        return chosen

    def _after(self, times: Floats) -> Floats:
        """The mean rating within six hours of each time (m,), before the next act of relief; NaN without any."""
        until = np.append(self.relief, np.inf)[np.searchsorted(self.relief, times, "right")]
        first = np.searchsorted(self.times, times, "right")
        last = np.searchsorted(self.times, np.minimum(times + WITHIN_DAYS, until), "right")
        sums = np.append(0.0, np.cumsum(self.values))
        count = np.maximum(last - first, 0)
        found: Floats = np.where(
            count > 0, (sums[np.maximum(last, first)] - sums[first]) / np.maximum(count, 1), np.nan
        )
        return found
