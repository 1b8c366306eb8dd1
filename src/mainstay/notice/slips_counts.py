"""Slips as streams to be counted: each label, all together, and harm to others, with the exposure they have.

Exposure is what was recorded: days' worth by the log of recording, or, where nearly all slips of a kind fall into one
declared role (or into declared roles at all), the recorded hours in it: more hours in a role are no more slips.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mainstay.notice.series import Series, series_of
from mainstay.strain.exposure import once, recording_logged
from mainstay.timeline.kinds import Episodes, Events, Floats, Timeline

TOGETHER = "slips of every kind"
HARM = "harm to others"
NEARLY_ALL, FEWEST_TO_PLACE = 0.8, 10
"""Slips are held against hours in roles where so many of them fall there, and there are so many to tell it from."""


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """One stream of slips by local day: `counts`, `exposure`, `settled` (days,), and when each day ends (days,).

    `times` (n,): the slips counted. `within`: the roles in whose hours exposure is counted, none for days recorded.
    `elsewhere`: slips of this kind outside of them, which are not counted. `logged`: how fully they were recorded was
    stated; if not, the first slip only shows that they were written down, and counting begins on the day after it.
    """

    about: str
    counts: Floats
    exposure: Floats
    settled: NDArray[np.bool_]
    ends: Floats
    times: Floats
    within: tuple[str, ...]
    elsewhere: int
    logged: bool

    @property
    def first_day(self) -> int:
        """The local day of the first slip on record."""
        return int(np.searchsorted(self.ends, self.times[0])) if len(self.times) else len(self.ends)

    @property
    def unit(self) -> str:
        """What exposure counts."""
        if not self.within:
            return "days"
        return f"hours as “{self.within[0]}”" if len(self.within) == 1 else "hours in declared roles"

    def starts(self, day: int) -> float:
        """When a local day begins, in days since the origin."""
        return float(self.ends[day - 1]) if day > 0 else 0.0


@dataclass(frozen=True, slots=True)
class InRole:
    """How many of some slips fell into a role (or, "", into none that was declared), and the hours recorded in it."""

    role: str
    count: int
    hours: float


def counted(timeline: Timeline, harmed: Collection[str] | None = None) -> tuple[Counted, ...]:
    """The streams: each label, all together where there are several, and harm where any was noted.

    `harmed`: the ids of the slips that did harm to others; None where that is not known.
    """
    told = slips_of(timeline)
    series = {one.name: one for one in series_of(told)}
    kinds = [told.events[name] for name in sorted(series)]
    streams = [_stream(told, kind.label, [kind], [series[kind.label]]) for kind in kinds]
    every = [series[kind.label] for kind in kinds]
    if len(kinds) > 1:
        streams.append(_stream(told, TOGETHER, kinds, every))
    if harmed is not None:
        marked = [_only(kind, harmed) for kind in kinds]
        if any(len(kind.times) for kind in marked):
            streams.append(_stream(told, HARM, marked, every, by_role=False))
    return tuple(streams)


def slips_of(timeline: Timeline) -> Timeline:
    """The timeline with nothing but its slips to be looked at; one told twice counts once."""
    slips = {one.label: one for one in timeline.of_events("slip") if len(one.times)}
    return once(replace(timeline, ratings={}, samples={}, events=slips))


def _only(kind: Events, ids: Collection[str]) -> Events:
    at = [i for i, one in enumerate(kind.ids) if one in ids]
    return replace(
        kind,
        times=kind.times[at],
        sizes=kind.sizes[at],
        half_widths=kind.half_widths[at],
        ids=tuple(kind.ids[i] for i in at),
    )


def _stream(timeline: Timeline, about: str, kinds: list[Events], series: list[Series], by_role: bool = True) -> Counted:
    times = np.sort(np.concatenate([kind.times for kind in kinds]))
    ends = series[0].times
    exposure, settled = _joint_exposure(series), np.logical_and.reduce([one.settled for one in series])
    within = _roles_of(timeline, times) if by_role else ()
    count = len(times)
    if within:
        share = exposure / np.maximum(np.diff(ends, prepend=0.0), 1e-9)
        exposure = share * hours_in(within, ends)
        times = times[_inside(within, times)]
    counts = np.bincount(np.searchsorted(ends, times).clip(0, len(ends) - 1), minlength=len(ends)).astype(float)
    logged = recording_logged(timeline, tuple(kinds))
    names = tuple(one.label for one in within)
    found = Counted(about, counts, exposure, settled, ends, times, names, count - len(times), logged)
    if logged:
        return found
    begun = np.arange(len(ends)) > found.first_day
    return replace(found, exposure=np.where(begun, exposure, 0.0), counts=np.where(begun, counts, 0.0))


def _joint_exposure(series: list[Series]) -> Floats:
    """The days' worth recorded of several kinds of slips: the mean of theirs, by how many there were of each."""
    weights = np.array([max(float(one.values.sum()), 1.0) for one in series])
    joint: Floats = weights @ np.array([one.exposure for one in series]) / weights.sum()
    return joint


def _roles_of(timeline: Timeline, times: Floats) -> tuple[Episodes, ...]:
    """The role nearly all of these fall into, else all roles if nearly all fall into any, else none."""
    if len(times) < FEWEST_TO_PLACE or not timeline.roles:
        return ()
    best = max(timeline.roles, key=lambda role: (int(role.occupied(times).sum()), role.label))
    for chosen in ((best,), timeline.roles):
        if _inside(chosen, times).mean() >= NEARLY_ALL:
            return chosen
    return ()


def _inside(roles: tuple[Episodes, ...], times: Floats) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.logical_or.reduce([role.occupied(times) for role in roles])
    return found


def hours_in(roles: tuple[Episodes, ...], ends: Floats) -> Floats:
    """Hours in any of some roles on each day (days,) that ends at these times, the first having begun at 0."""
    spans = sorted(
        (float(start), float(end)) for role in roles for start, end in zip(role.starts, role.ends, strict=True)
    )
    merged: list[list[float]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    edges = np.array(merged).ravel()
    lengths = np.diff(edges, prepend=edges[:1] if len(edges) else 0.0)
    inside = np.cumsum(np.where(np.arange(len(edges)) % 2 == 1, lengths, 0.0))
    until = np.interp(ends, edges, inside) if len(edges) else np.zeros(len(ends))
    return 24.0 * np.diff(until, prepend=0.0)


def by_role(timeline: Timeline, stream: Counted) -> tuple[InRole, ...]:
    """Where a stream's slips fell: for each declared role, and for hours in none, the count and the hours recorded."""
    if not timeline.roles or stream.within:
        return ()
    lengths = np.maximum(np.diff(stream.ends, prepend=0.0), 1e-9)
    share = stream.exposure / lengths
    in_days = stream.exposure[np.searchsorted(stream.ends, stream.times).clip(0, len(stream.ends) - 1)] > 0.0
    times = stream.times[in_days]
    rows = [
        InRole(role.label, int(role.occupied(times).sum()), float(share @ hours_in((role,), stream.ends)))
        for role in timeline.roles
    ]
    outside = int((~_inside(timeline.roles, times)).sum())
    rest = float(share @ (24.0 * lengths - hours_in(timeline.roles, stream.ends)))
    return (*rows, InRole("", outside, max(rest, 0.0)))
