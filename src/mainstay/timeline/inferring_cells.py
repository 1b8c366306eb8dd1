"""A timeline in cells of 15 or 30 minutes: what was declared of the roles, and what was seen around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.numerics.hidden_markov import Categories, Measure
from mainstay.records.logged import SHORTEST_STRETCH_DAYS
from mainstay.timeline.coverage import RECORDING_OFF
from mainstay.timeline.kinds import Episodes, Floats, Samples, Timeline

WHOLLY = 0.95
"""Stated coverage of a role from which on hours outside its episodes are known to be outside that role."""
HARDLY_ANYTHING = 0.25
"""A day with less of its kind's usual role hours than this is taken as declared in part only."""
FEWEST_COMBINED_HOURS = 5.0
MOST_PLACES, MOST_ACTIVITIES, MOST_SIGNALS = 12, 12, 8
FEWEST_SEEN = 0.02
ZEROS = 0.2
AROUND = ("place", "activity", "sleep")


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """`edges` (n+1,) in days; local `day`, `weekday` and `hour` of each cell (n,), and the `slot` of its day.

    `states`: combinations of roles, none first; `allowed` (n, states): what is not ruled out by what was declared;
    `shares` (roles, n): the declared share of each cell. `stated`: for how much of the time coverage of all roles was
    stated, 0 to 1.
    """

    edges: Floats
    day: NDArray[np.int64]
    weekday: NDArray[np.int64]
    hour: NDArray[np.int64]
    slot: NDArray[np.int64]
    states: tuple[tuple[str, ...], ...]
    allowed: NDArray[np.bool_]
    shares: Floats
    stated: float

    @property
    def declared(self) -> NDArray[np.bool_]:
        """Where one state is left (n,)."""
        sure: NDArray[np.bool_] = self.allowed.sum(axis=1) == 1
        return sure

    @property
    def hours(self) -> Floats:
        """The length of each cell in hours (n,)."""
        return np.diff(self.edges) * 24.0


def time_in(episodes: Episodes, edges: Floats) -> Floats:
    """The share of each cell spent in the episodes (n,)."""
    lengths = episodes.ends - episodes.starts
    ends = np.stack([episodes.starts, episodes.ends], axis=1).ravel()
    reached = np.concatenate([[0.0], np.cumsum(lengths)])
    before = np.stack([reached[:-1], reached[1:]], axis=1).ravel()
    if not len(ends):
        return np.zeros(len(edges) - 1)
    share: Floats = np.diff(np.interp(edges, ends, before)) / np.diff(edges)
    return share


def cells_of(timeline: Timeline, minutes: int) -> Cells:
    """Lay the timeline out in cells.

    What is known of an hour. Inside a role episode: that role (or roles). Outside: that it was *not* a role, where
    coverage of that role was stated (at least .95), or, where nothing was stated, on days that were declared: those
    with at least a quarter of the role hours usual for a weekday or a weekend day. So a single hour declared later, as
    a correction, settles that hour and leaves the rest of its day open. Everything else is open, as is all time with
    recording off.
    """
    step = minutes / 1440.0
    edges = np.arange(0.0, timeline.days + step / 2, step)
    edges = np.append(edges[edges < timeline.days - 1e-9], timeline.days)
    middles = 0.5 * (edges[:-1] + edges[1:])
    local = timeline.local_days(middles)
    day, hour = np.floor(local).astype(np.int64), np.floor(np.mod(local, 1.0) * 24.0).astype(np.int64)
    slot = np.floor(np.mod(local, 1.0) * (1440 // minutes)).astype(np.int64)
    weekday = timeline.weekdays(middles)
    roles = timeline.roles
    shares = np.array([time_in(role, edges) for role in roles]).reshape(len(roles), len(middles))
    inside = shares >= 0.5
    hours = np.diff(edges) * 24.0
    states, at = _states(tuple(role.label for role in roles), inside, shares, hours)
    whole = _declared_days(day, weekday, shares.sum(axis=0) * hours)
    off = _recording_off(timeline, middles)
    complete = np.array([_complete(timeline, role.label, middles, whole) & ~off for role in roles])
    allowed = np.ones((len(middles), len(states)), bool)
    for j, state in enumerate(states):
        for role, known in zip(roles, complete, strict=True):
            if role.label in state:
                allowed[known, j] = False
    present = inside.any(axis=0)
    allowed[present] = np.arange(len(states)) == at[present, None]
    steps = [timeline.recording.get(role.label) for role in roles]
    stated = min((0.0 if one is None else one.stated_share for one in steps), default=0.0)
    return Cells(edges, day, weekday, hour, slot, states, allowed, shares, stated)


def _states(
    labels: tuple[str, ...], inside: NDArray[np.bool_], shares: Floats, hours: Floats
) -> tuple[tuple[tuple[str, ...], ...], NDArray[np.int64]]:
    """None, each role, and combinations of roles declared for at least five hours; and the state of each cell (n,).

    A rarer combination counts as the role among its own that took most of the cell.
    """
    n = inside.shape[1]
    code = (inside * (1 << np.arange(len(labels)))[:, None]).sum(axis=0) if len(labels) else np.zeros(n, np.int64)
    single = [1 << j for j in range(len(labels))]
    combined = [
        int(one)
        for one in np.unique(code)
        if one and int(one) not in single and hours[code == one].sum() >= FEWEST_COMBINED_HOURS
    ]
    kept = [0, *single, *combined]
    names = tuple(tuple(label for j, label in enumerate(labels) if one >> j & 1) for one in kept)
    at = np.zeros(n, np.int64)
    for j, one in enumerate(kept):
        at[code == one] = j
    rare = ~np.isin(code, kept)
    if rare.any():
        at[rare] = 1 + shares[:, rare].argmax(axis=0)
    return names, at


def _declared_days(day: NDArray[np.int64], weekday: NDArray[np.int64], role_hours: Floats) -> NDArray[np.bool_]:
    """Whether the day of each cell (n,) was declared, for all that is known without stated coverage."""
    first = int(day.min(initial=0))
    total = np.bincount(day - first, role_hours)
    weekend = np.zeros(len(total), bool)
    weekend[day - first] = weekday >= 5
    usual = np.zeros(len(total))
    for kind in (False, True):
        there = (weekend == kind) & (total > 0)
        if there.any():
            usual[weekend == kind] = np.median(total[there])
    whole: NDArray[np.bool_] = ((total > 0) & (total >= HARDLY_ANYTHING * usual))[day - first]
    return whole


def _recording_off(timeline: Timeline, middles: Floats) -> NDArray[np.bool_]:
    off = np.zeros(len(middles), bool)
    for gap in timeline.gaps:
        if gap.reason == RECORDING_OFF:
            off |= (middles >= gap.start) & (middles < gap.end)
    return off


def _complete(timeline: Timeline, label: str, middles: Floats, whole: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether being outside the role's episodes means being outside the role, at each cell (n,)."""
    steps = timeline.recording.get(label)
    if steps is None:
        return whole
    at = np.clip(np.searchsorted(steps.edges, middles, "right") - 1, 0, len(steps.intensity) - 1)
    stated = np.ones(len(middles), bool) if steps.logged is None else steps.logged[at]
    return np.where(stated, steps.intensity[at] >= WHOLLY, whole)


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """The channels around the roles, their names, and the hours in which each was seen."""

    names: tuple[str, ...]
    channels: tuple[Categories | Measure, ...]
    hours: tuple[float, ...]


def looks_of(timeline: Timeline, cells: Cells, without: tuple[str, ...]) -> Looks:
    """What was seen around the roles: places, activities (calendar, apps, exercise), sleep, and dense signals.

    Ratings, demands and acts of relief are not among them, on purpose: they are what the hours in a role are later
    held against, and a role inferred from them would find in them what was put in. What is absent says something only
    on days on which its kind was recorded at all. Refuses a name in `without` that the record does not have.
    """
    there = {label for label, one in timeline.episodes.items() if one.is_ in AROUND} | set(timeline.samples)
    unknown = sorted(set(without) - there)
    if unknown:
        has = ", ".join(sorted(there)) or "nothing"
        raise BadRequest(f"there is no {unknown[0]!r} around the roles to leave aside; on record is {has}")
    found: list[tuple[str, Categories | Measure]] = []
    lasting = [one for one in timeline.episodes.values() if one.label not in without and len(one.starts)]
    places = sorted((one for one in lasting if one.is_ == "place"), key=lambda one: (-one.hours, one.label))
    if places:
        found.append(("place", _place(places[:MOST_PLACES], cells)))
    active = (one for one in lasting if one.is_ == "activity" and (one.ends - one.starts).max() < SHORTEST_STRETCH_DAYS)
    activities = sorted(active, key=lambda one: (-one.hours, one.label))
    found += _by_the_day(activities[:MOST_ACTIVITIES], cells)
    found += _by_the_day([one for one in lasting if one.is_ == "sleep"], cells)
    dense = sorted(
        (one for one in timeline.samples.values() if one.channel not in without),
        key=lambda one: (-len(one.times), one.channel),
    )
    for samples in dense[:MOST_SIGNALS]:
        channel = _signal(samples, cells)
        if channel is not None:
            found.append((samples.channel, channel))
    kept = [(name, channel, seen(channel)) for name, channel in found]
    kept = [(name, channel, there) for name, channel, there in kept if there.mean() >= FEWEST_SEEN]
    hours = tuple(float(cells.hours[there].sum()) for _, _, there in kept)
    return Looks(tuple(name for name, *_ in kept), tuple(channel for _, channel, _ in kept), hours)


def seen(channel: Categories | Measure) -> NDArray[np.bool_]:
    """Where a channel says anything (n,)."""
    there: NDArray[np.bool_] = channel.codes >= 0 if isinstance(channel, Categories) else np.isfinite(channel.values)
    return there


def _place(places: list[Episodes], cells: Cells) -> Categories:
    """The place that took most of each cell; -1 where none was recorded."""
    shares = np.array([time_in(place, cells.edges) for place in places])
    best = shares.argmax(axis=0).astype(np.int64)
    return Categories(np.where(shares.max(axis=0) > 0.0, best, -1), len(places))


def _by_the_day(lasting: list[Episodes], cells: Cells) -> list[tuple[str, Categories | Measure]]:
    """For each label, in it or not; missing on days on which no such label was recorded."""
    shares = [time_in(one, cells.edges) for one in lasting]
    if not shares:
        return []
    days = np.unique(cells.day[np.array(shares).max(axis=0) > 0.0])
    known = np.isin(cells.day, days)
    codes = [np.where(known, (share >= 0.5).astype(np.int64), -1) for share in shares]
    return [(one.label, Categories(code, 2)) for one, code in zip(lasting, codes, strict=True)]


def _signal(samples: Samples, cells: Cells) -> Categories | Measure | None:
    """The mean by cell: counts with many zeros by thirds of what is above zero, else a number (its log if skewed)."""
    finite = np.isfinite(samples.values)
    times, values = samples.times[finite], samples.values[finite]
    index = np.searchsorted(cells.edges, times, "right") - 1
    inside = (index >= 0) & (index < len(cells.day))
    counts = np.bincount(index[inside], minlength=len(cells.day))
    sums = np.bincount(index[inside], values[inside], minlength=len(cells.day))
    mean = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    there = mean[counts > 0]
    if len(there) < 2 or float(np.ptp(there)) == 0.0:
        return None
    if there.min() >= 0.0 and float((there == 0.0).mean()) >= ZEROS:
        cuts = np.unique(np.quantile(there[there > 0.0], [1 / 3, 2 / 3]))
        level = np.where(mean > 0.0, 1 + np.searchsorted(cuts, np.nan_to_num(mean), "left"), 0)
        return Categories(np.where(counts > 0, level, -1).astype(np.int64), len(cuts) + 2)
    return Measure(np.log1p(mean) if there.min() >= 0.0 and there.std() > there.mean() else mean)
