"""The person's own weeks, to be lived again: hours in roles, demands, and what was possible, cell by cell.

Weeks are counted back from the end of the record, so that a path begins at the same hour of the same weekday as they
did. A week is drawn the likelier the more recent it is, and, where the record bears it out, the more the path stands
at its beginning as strain and hours in roles stood then: a bootstrap of neighbours (Lall and Sharma 1996; Rajagopalan
and Lall 1999) in whole weeks. How much of each role there is moves on from where it is now (`weeks_level`): it may
stop, come back, or change its size. So that it can, weeks in which a role rested hold it as weeks did in which it went
on, with the demands it brings.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.futures.weeks_level import Levels, levels_of
from mainstay.futures.weeks_silent import USUALLY
from mainstay.patterns.weeks import weeks_of
from mainstay.quantities import CannotSay
from mainstay.strain.exposure import make_grid, possible
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Episodes, Floats, Timeline

Ints = NDArray[np.int64]

WEEK = 7
FEWEST_WEEKS = 8
MOST_WEEKS = 104
LEAST_KNOWN_DAYS = 5
HALF_LIFE_WEEKS = 26.0
"""A week half a year back is drawn half as often as the last one."""
WIDTHS = (math.inf, 1.5, 0.75)
"""How alike beginnings must be, in sds; what does not foretell the week is not asked for."""
CLEARLY = 1.0
"""By how many standard errors a likeness must foretell weeks better than none at all."""
BEFORE = 0.5
"""Jeffreys' prior of a Poisson rate: half an event."""


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """Demands on record in the weeks, in order of week and cell: those of cell i of week w begin at `first[w c + i]`.

    `at`: where in the cell; `kind`, `size`; `role`: the role whose time brings them (-1: none), `brought`: the share of
    such demands that would not come without it.
    """

    first: Ints
    at: Floats
    kind: Ints
    size: Floats
    role: Ints
    brought: Floats


@dataclass(frozen=True, slots=True, eq=False)
class OwnWeeks:
    """w weeks of c cells, oldest first. `starts` (w,): when each began, in days since the origin.

    `share` (w, c, r) of each cell in each of `roles`, were it going on, and `usual_hours` a day in each as it was on
    record; `open` (w, c, k): how much of it each refuge was possible;
    `missed` (w, c, j): demands that came unrecorded, expected; `pattern` (w, c, j): demands expected by the roles of a
    cell, over their mean; `by_role` (j, r): demands a day that a role brings with it. `listed`: demands on record, and
    `counts` (w, j) of them.
    `candidate` (w,): how likely each week is, recent ones more; `alike` (w + 1, w): the chance that a week is accepted
    after another (the last row: after the week that has just ended); `begun` (w,): strain as each began, in sds from
    its mean; `sharpness`: how much that counts. `levels`: how each role goes on.
    """

    cells: int
    roles: tuple[str, ...]
    oneself: tuple[bool, ...]
    starts: Floats
    share: Floats
    open: Floats
    missed: Floats
    pattern: Floats
    by_role: Floats
    listed: Listed
    counts: Floats
    candidate: Floats
    alike: Floats
    begun: Floats
    sharpness: float
    levels: Levels
    usual_hours: dict[str, float]
    silent: int

    def drawn_often(self, n: int, rng: np.random.Generator) -> Floats:
        """Times as often as in these weeks each demand comes (n, j): how well their counts tell that (gamma)."""
        weight = np.diff(self.candidate, prepend=0.0)
        known = (weight @ self.counts) ** 2 / np.maximum(weight**2 @ self.counts, 1e-12) + BEFORE
        drawn: Floats = rng.gamma(known, 1.0 / known, (n, len(known)))
        return drawn


@dataclass(frozen=True, slots=True, eq=False)
class PathThen:
    """Strain on the record: at the knots (n,) as each interval ends, and its usual mean and sd."""

    knots: Floats
    strain: Floats
    centre: float
    spread: float


def own_weeks(timeline: Timeline, fitted: StrainPosterior, then: PathThen, cells_a_day: int) -> OwnWeeks | CannotSay:
    """The weeks of a record that are known well enough to be lived again; refuses fewer than eight of them."""
    last = float(timeline.local_days(np.array([timeline.days]))[0])
    count = min(int(last // WEEK), 4 * MOST_WEEKS)
    c = WEEK * cells_a_day
    local = last - WEEK * np.arange(count, 0, -1)[:, None] + np.arange(c + 1) / cells_a_day
    edges = np.maximum(timeline.elapsed(local), 0.0)
    known = _known_days(timeline, local[:, :-1:cells_a_day])
    rows = [_share(fitted, role, edges) for role in timeline.roles]
    share = np.stack(rows, axis=-1) if rows else np.zeros((count, c, 0))
    usable, silent = _usable(known, share)
    kept = np.flatnonzero(usable)[-MOST_WEEKS:]
    if len(kept) < FEWEST_WEEKS:
        return CannotSay(
            "too few whole weeks were recorded to live them again",
            len(kept),
            FEWEST_WEEKS,
            "weeks",
            row="S19",
            quantity="paths ahead",
            n=len(kept),
            method=fitted.method,
            would_change="more weeks recorded in the same way, with the hours in each role",
        )
    donor = _donors(known[kept])
    week, day = donor // WEEK, donor % WEEK

    def borrowed(rows: Floats) -> Floats:
        by_day = rows.reshape(len(kept), WEEK, cells_a_day, -1)
        return np.ascontiguousarray(by_day[week, day].reshape(len(kept), c, -1))

    data, here = fitted.data, edges[kept]
    first, kinds = len(data.roles), len(data.demands)
    share = borrowed(share[kept])
    labels = tuple(role.label for role in timeline.roles)
    usual_hours = dict(zip(labels, (24.0 * share.mean(axis=(0, 1))).tolist(), strict=True))
    levels = levels_of(24.0 / cells_a_day * share.sum(axis=1), kept)
    going = _going(levels.rests)
    share = np.take_along_axis(share, going[:, None, :], axis=0)
    rates = [_summed(fitted, data.problem.inputs[first + j], here) for j in range(kinds)]
    missed = np.stack(rates, axis=-1) if kinds else np.zeros((len(kept), c, 0))
    missed = borrowed(missed)
    possible_share = borrowed(_open(timeline, fitted, here))
    by_role, outside = _brought(timeline, fitted)
    listed, counts = _listed(timeline, fitted, here, (donor, going), _due(by_role, outside))
    pattern = outside + share @ by_role.T
    pattern = pattern / np.maximum(pattern.mean(axis=(0, 1)), 1e-12)
    hours = 24.0 / cells_a_day * share.sum(axis=1)
    begun = (np.interp(here[:, 0], then.knots, then.strain) - then.centre) / then.spread
    sharpness, alike = _likeness(kept, begun, hours / np.maximum(levels.smooth * levels.full, 1e-9), counts)
    recent = 0.5 ** ((count - 1 - kept) / HALF_LIFE_WEEKS)
    return OwnWeeks(
        cells=cells_a_day,
        roles=labels,
        oneself=tuple(role.is_self for role in timeline.roles),
        starts=here[:, 0],
        share=share,
        open=possible_share,
        missed=missed,
        pattern=pattern,
        by_role=by_role,
        listed=listed,
        counts=counts,
        candidate=np.cumsum(recent / recent.sum()),
        alike=alike,
        begun=begun,
        sharpness=sharpness,
        levels=levels,
        usual_hours=usual_hours,
        silent=silent,
    )


def _known_days(timeline: Timeline, local: Floats) -> NDArray[np.bool_]:
    """Whether the days that begin at these local times (w, 7) are on record, with most of the two days each spans."""
    recorded = weeks_of(timeline).recorded
    after = np.append(recorded, [1.0, 1.0])
    day = np.floor(local + 1e-9).astype(np.int64)
    part = local - day
    at = np.clip(day, 0, len(after) - 2)
    share = (1.0 - part) * (after[at] > 0.0) + part * (after[at + 1] > 0.0)
    return (share > USUALLY) & (day >= 0)


def _usable(known: NDArray[np.bool_], share: Floats) -> tuple[NDArray[np.bool_], int]:
    """Which weeks (w,) are known well enough, and how many of the others were only without any role on record."""
    enough = known.sum(axis=1) >= LEAST_KNOWN_DAYS
    if not share.shape[2] or not enough.any():
        return enough, 0
    some = share.sum(axis=(1, 2)) > 0.0
    if some[enough].mean() < USUALLY:
        return enough, 0
    return enough & some, int((enough & ~some).sum())


def _donors(known: NDArray[np.bool_]) -> Ints:
    """For every day (w, 7) the one that stands in for it: itself, or the same weekday of the nearest week known."""
    donor = np.arange(known.size).reshape(known.shape)
    for day in range(WEEK):
        there = np.flatnonzero(known[:, day])
        for week in np.flatnonzero(~known[:, day]) if len(there) else ():
            donor[week, day] = there[np.abs(there - week).argmin()] * WEEK + day
    return donor


def _going(rests: NDArray[np.bool_]) -> Ints:
    """The week (w, r) in which each role goes on as it would have in each week: that week, or another for one of rest.

    Those others are taken in turn, over all the weeks in which it goes on.
    """
    going = np.tile(np.arange(len(rests))[:, None], (1, rests.shape[1]))
    for r in range(rests.shape[1]):
        on, off = np.flatnonzero(~rests[:, r]), np.flatnonzero(rests[:, r])
        if len(on) and len(off):
            going[off, r] = (
                on[np.arange(len(off)) * len(on) // len(off)] if len(on) >= len(off) else np.resize(on, len(off))
            )
    return going


def _summed(fitted: StrainPosterior, a_day: Floats, edges: Floats) -> Floats:
    """The integral of a rate by interval (n,) over the cells between edges (w, c + 1): (w, c)."""
    knots = np.concatenate([[0.0], fitted.data.knots])
    reached = np.concatenate([[0.0], np.cumsum(a_day * fitted.data.problem.dt)])
    found: Floats = np.diff(np.interp(edges, knots, reached), axis=1)
    return found


def _share(fitted: StrainPosterior, role: Episodes, edges: Floats) -> Floats:
    """The share of each cell (w, c) in a role; its chance where roles were inferred for the fit."""
    lengths = np.maximum(np.diff(edges, axis=1), 1e-9)
    data = fitted.data
    if data.settings.inferred_roles is not None and role.label in data.roles:
        return _summed(fitted, data.problem.inputs[data.roles.index(role.label)], edges) / lengths
    if not len(role.starts):
        return np.zeros(lengths.shape)
    turns = np.stack([role.starts, role.ends], axis=1).ravel()
    spent = np.cumsum(np.where(np.arange(len(turns)) % 2 == 1, np.diff(turns, prepend=turns[0]), 0.0))
    share: Floats = np.diff(np.interp(edges, turns, spent), axis=1) / lengths
    return share


def _open(timeline: Timeline, fitted: StrainPosterior, edges: Floats) -> Floats:
    """How much of each cell each refuge was possible (w, c, k): all of it where nothing was logged about that."""
    data = fitted.data
    if not data.opportunity_logged or not data.refuges:
        return np.ones((len(edges), edges.shape[1] - 1, len(data.refuges)))
    grid = make_grid(data.knots, data.unknown_spans)
    lengths = np.maximum(np.diff(edges, axis=1), 1e-9)
    rows = [
        _summed(fitted, possible(timeline, timeline.events[label], grid), edges) / lengths for label in data.refuges
    ]
    return np.stack(rows, axis=-1)


def _brought(timeline: Timeline, fitted: StrainPosterior) -> tuple[Floats, Floats]:
    """Demands a day (j, r) that time in each role brings beyond those (j,) outside of every role."""
    data, problem = fitted.data, fitted.data.problem
    first = len(data.roles)
    middles = data.knots - 0.5 * problem.dt
    inside = np.array([role.occupied(middles) for role in timeline.roles]).reshape(-1, len(middles))
    known = np.ones(len(middles), bool)
    for start, end in data.unknown_spans:
        known &= ~((middles > start) & (middles < end))
    free = known & ~inside.any(axis=0)
    found, outside = np.zeros((len(data.demands), len(timeline.roles))), np.zeros(len(data.demands))
    for j in range(len(data.demands)):
        events = np.bincount(problem.jump_knot[problem.jump_input == first + j], minlength=len(middles))
        happened = events + problem.inputs[first + j] * problem.dt
        overall = float(happened[known].sum()) / max(float(problem.dt[known].sum()), 1e-9)

        def rate(at: NDArray[np.bool_], happened: Floats = happened, overall: float = overall) -> float:
            return (float(happened[at].sum()) + overall) / (float(problem.dt[at].sum()) + 1.0)

        outside[j] = rate(free)
        for r in range(len(inside)):
            found[j, r] = max(rate(known & inside[r]) - outside[j], 0.0)
    return found, outside


def _due(by_role: Floats, outside: Floats) -> Floats:
    """Of the demands that come in each role, the share (j, r) that would not come without it."""
    share: Floats = by_role / np.maximum(by_role + outside[:, None], 1e-12)
    return share


def _listed(
    timeline: Timeline, fitted: StrainPosterior, edges: Floats, stand: tuple[Ints, Ints], due: Floats
) -> tuple[Listed, Floats]:
    """The demands on record by cell, those of days that stand in for others repeated there; `due` (j, r): `_due`.

    With them come those that a role brought in the weeks that stand for its rest; and counts (w, j) without. `stand`:
    `_donors` and `_going`.
    """
    donor, going = stand
    data, problem = fitted.data, fitted.data.problem
    w, c = len(edges), edges.shape[1] - 1
    a_day = c // WEEK
    times = data.knots[problem.jump_knot] - 1e-9
    kind = problem.jump_input - len(data.roles)
    week = np.searchsorted(edges[:, 0], times, "right") - 1
    inside = (week >= 0) & (times < edges[np.maximum(week, 0), -1])
    week, times, kind, size = week[inside], times[inside], kind[inside], problem.jump_size[inside]
    cell = (edges[week][:, 1:] <= times[:, None]).sum(axis=1)
    part = (times - edges[week, cell]) / np.maximum(edges[week, cell + 1] - edges[week, cell], 1e-9)
    rows = []
    of_day = week * WEEK + cell // a_day
    for target in range(w * WEEK):
        for i in np.flatnonzero(of_day == donor.ravel()[target]):
            rows.append((target * a_day + cell[i] % a_day, i))
    counts = np.zeros((w, len(data.demands)))
    for place, i in rows:
        counts[place // c, kind[i]] += 1.0
    role, brought = np.full(len(times), -1, np.int64), np.zeros(len(times))
    for r, one in enumerate(timeline.roles):
        share = due[kind, r]
        better = one.occupied(times) & (share > brought)
        role[better], brought[better] = r, share[better]
    for target, r in zip(*np.nonzero(going != np.arange(w)[:, None]), strict=True):
        for i in np.flatnonzero((week == going[target, r]) & (role == r)):
            rows.append((target * c + cell[i], i))
    order = np.array(sorted(rows), np.int64).reshape(-1, 2)
    at = order[:, 1]
    first = np.searchsorted(order[:, 0], np.arange(w * c + 1))
    listed = Listed(first.astype(np.int64), np.clip(part[at], 0.0, 1.0), kind[at], size[at], role[at], brought[at])
    return listed, counts


def _likeness(kept: Ints, begun: Floats, hours: Floats, counts: Floats) -> tuple[float, Floats]:
    """How much strain at the start counts, and how like each week's beginning is to the end of each other (w + 1, w).

    Widths are those that foretell hours in roles and demands of a week best, each left out in turn; none where they
    foretell no better, clearly, than all weeks alike.
    """
    w = len(kept)
    before = np.searchsorted(kept, kept - 1)
    follows = (before < w) & (kept[np.minimum(before, w - 1)] == kept - 1)
    lately = np.where(follows[:, None], hours[np.minimum(before, w - 1)], 1.0)
    sd = np.maximum(hours.std(axis=0), 1e-9)
    ends = np.vstack([hours, hours[-1]])
    away_strain = (begun[:, None] - begun) ** 2
    roles = max(hours.shape[1], 1)
    away_hours = (((lately[:, None] - lately) / sd) ** 2).sum(axis=2) / roles
    told = np.hstack([hours / sd, np.log1p(counts) / np.maximum(np.log1p(counts).std(axis=0), 1e-9)])
    best, chosen, alone = None, (math.inf, math.inf), None
    for of_strain in WIDTHS:
        for of_hours in WIDTHS:
            weight = np.exp(-0.5 * (away_strain / of_strain**2 + away_hours / of_hours**2)) + 1e-6
            np.fill_diagonal(weight, 0.0)
            missed = ((told - weight @ told / weight.sum(axis=1, keepdims=True)) ** 2).sum(axis=1)
            if alone is None:
                best, alone = float(missed.mean()), missed
                continue
            gained = alone - missed
            clear = gained.mean() > CLEARLY * gained.std(ddof=1) / math.sqrt(w)
            if best is not None and clear and float(missed.mean()) < best:
                best, chosen = float(missed.mean()), (of_strain, of_hours)
    away = (((ends[:, None] - lately) / sd) ** 2).sum(axis=2) / roles
    return 1.0 / chosen[0], np.exp(-0.5 * away / chosen[1] ** 2)
