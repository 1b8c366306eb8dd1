"""Reactions scored against the person's own earlier ones: the same cue, in the same role, at like moments.

What a cue adds to a change (`notice.reactions_like`) is learned in order of time: its mean is drawn towards that of the
cue in any role, and that towards none; its spread towards the ordinary one. Each reaction is then scored by how likely
one so far off was (t predictive), before it is learned from itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mainstay.notice.reactions_like import FEWEST_PAIRS, Ints, Usual, pairs_of, tail, usual_of
from mainstay.notice.series import mostly_one_answer
from mainstay.strain.exposure import once
from mainstay.strain.judge import Z90
from mainstay.timeline.kinds import Episodes, Floats, Timeline

MOST_ITEMS = 4
"""The anchor item and those answered most, up to so many, are looked at: each more asks for more surprise of all."""
FEWEST_REACTIONS = 5
"""So many earlier reactions to a cue in a role are learned from before one is scored."""
DRAWN, SPREAD_WORTH = 2.0, 10.0
"""The mean of a cue is drawn towards what is more general with the weight of so many reactions; so is its spread."""


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """Reactions (n,) to one cue, on one item, in order of time; each told from what came before it.

    `pair`: the check-ins around it. `role`: index into the timeline's roles, -1 for none. `like`: what a like moment
    without the cue would come to; `added`: what the cue was expected to add, `sure`: the standard error of that;
    `reach`: the predictive size of one reaction (all in points). `chance`: that of one so far off or further, NaN where
    it is not scored. `earlier`: reactions in this role learned from.
    """

    item: str
    cue: str
    times: Floats
    pair: Ints
    role: Ints
    change: Floats
    like: Floats
    added: Floats
    sure: Floats
    reach: Floats
    chance: Floats
    earlier: Ints

    @property
    def other_way(self) -> NDArray[np.bool_]:
        """Where the cue has surely moved the rating one way so far, and this time moved it clearly the other way."""
        effect = self.change - self.like
        told = np.abs(self.added) > Z90 * self.sure
        found: NDArray[np.bool_] = told & (effect * self.added < 0.0) & (np.abs(effect) > Z90 * self.reach)
        return found


def role_at(timeline: Timeline, times: Floats) -> Ints:
    """The role at each moment, as an index into the timeline's roles: that which began last; -1 in none."""
    found, began = np.full(len(times), -1, dtype=np.int64), np.full(len(times), -np.inf)
    for k, role in enumerate(timeline.roles):
        start = _began(role, times)
        found, began = np.where(start > began, k, found), np.maximum(start, began)
    return found


def _began(role: Episodes, times: Floats) -> Floats:
    at = np.maximum(np.searchsorted(role.starts, times, "right") - 1, 0)
    return np.where(role.occupied(times), role.starts[at], -np.inf)


def chosen_items(timeline: Timeline) -> tuple[str, ...]:
    """The items whose changes are looked at: the anchor, then those answered most."""
    varied = [
        one for one in timeline.ratings.values() if len(one.times) > FEWEST_PAIRS and not mostly_one_answer(one.values)
    ]
    ordered = sorted(varied, key=lambda one: (one.item.name != timeline.anchor, -len(one.times), one.item.name))
    return tuple(one.item.name for one in ordered[:MOST_ITEMS])


def usual_changes(timeline: Timeline, items: tuple[str, ...]) -> dict[str, Usual]:
    """What each of these items usually does between two check-ins; an item without two near each other is left out."""
    told = once(replace(timeline, ratings={name: timeline.ratings[name] for name in items}, samples={}, events={}))
    pairs = {name: pairs_of(timeline, told.ratings[name]) for name in items}
    return {name: usual_of(one) for name, one in pairs.items() if len(one.change)}


def learned(timeline: Timeline, usual: dict[str, Usual]) -> tuple[Learned, ...]:
    """The reactions to every cue (a label of events) on each of these items, each scored from what came before it."""
    found = [
        _of_cue(timeline, one, label)
        for one in usual.values()
        for label in sorted(timeline.events)
        if len(timeline.events[label].times)
    ]
    if not found:
        return ()
    distance, freedom, weights = (np.concatenate(part) for part in zip(*(one[1:] for one in found), strict=True))
    ends = np.cumsum([len(one.times) for one, *_ in found])
    chances = np.split(tail(distance, freedom, weights), ends[:-1])
    return tuple(
        replace(one, chance=np.where(np.isnan(one.chance), np.nan, chance))
        for (one, *_), chance in zip(found, chances, strict=True)
        if len(one.times)
    )


def _of_cue(timeline: Timeline, usual: Usual, label: str) -> tuple[Learned, Floats, Floats, Floats]:
    """Reactions not yet given their chances (1, or NaN), and how far off each was, in what t distribution.

    What happens twice between two check-ins counts once, at its first time.
    """
    pairs, times = usual.pairs, timeline.events[label].times
    pair, first = np.unique(pairs.around(times), return_index=True)
    times, pair = times[first[pair >= 0]], pair[pair >= 0]
    role = role_at(timeline, times)
    like, scale = usual.without(pair), usual.scale(pair)
    sized = (pairs.change[pair] - like) / scale
    enough = usual.ready[pairs.week[pair]]
    n_cue, mean_cue, _ = _running(np.where(enough, sized, np.nan), np.zeros(len(pair), np.int64))
    n, mean, squares = _running(np.where(enough, sized, np.nan), role)
    general = n_cue * mean_cue / (n_cue + DRAWN)
    added = (n * mean + DRAWN * general) / (n + DRAWN)
    size = np.sqrt((SPREAD_WORTH + squares) / (SPREAD_WORTH + n))
    sure = size / np.sqrt(n + DRAWN)
    reach = np.sqrt(size**2 + sure**2)
    scored = enough & (n >= FEWEST_REACTIONS) & pairs.may[pair]
    reactions = Learned(
        item=pairs.item,
        cue=label,
        times=times,
        pair=pair,
        role=role,
        change=pairs.change[pair],
        like=like,
        added=added * scale,
        sure=sure * scale,
        reach=reach * scale,
        chance=np.where(scored, 1.0, np.nan),
        earlier=n.astype(np.int64),
    )
    return reactions, (sized - added) / reach, SPREAD_WORTH + n, usual.tails[pairs.week[pair]]


def _running(values: Floats, group: Ints) -> tuple[Floats, Floats, Floats]:
    """For each value the number, mean and squares about the mean of those before it in its group; NaN is left out."""
    n, mean, squares = (np.zeros(len(values)) for _ in range(3))
    for one in np.unique(group):
        at = np.flatnonzero(group == one)
        known = np.isfinite(values[at])
        x = np.where(known, values[at], 0.0)
        count, total, square = (np.cumsum(part) - part for part in (known.astype(float), x, x * x))
        n[at], mean[at] = count, total / np.maximum(count, 1.0)
        squares[at] = np.maximum(square - count * mean[at] ** 2, 0.0)
    return n, mean, squares
