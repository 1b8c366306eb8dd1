"""What drives the paths, phase by phase: the person's own weeks, with whatever levers move from a day on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.futures.paths import Lever
from mainstay.futures.weeks import WEEK, OwnWeeks
from mainstay.timeline.kinds import Floats

ROUNDS = 8
"""Rounds in which added hours find room beside the other roles."""
FIRST_HOUR, LAST_HOUR = 8.0, 22.0
"""Local hours between which planned acts come."""
LARGEST = 0.98
"""No act takes away more than this share of strain; and none adds more than as much again."""


@dataclass(frozen=True, slots=True)
class Known:
    """What levers may name. `refuges`, `demands`: with their usual rates a day; `others`: other events on record."""

    refuges: dict[str, float]
    demands: dict[str, float]
    others: dict[str, float]


@dataclass(frozen=True, slots=True)
class Plan:
    """Planned acts of one name; `refuge`: its place among the refuges (-1: none); `share` eased: None as in the fit."""

    name: str
    refuge: int
    share: tuple[float, float] | None


@dataclass(frozen=True, slots=True, eq=False)
class Driving:
    """By phase p: `share` and `added` (p, w, c, r), `open` (p, w, c, k), `extra` (p, w, c, j), `keep` (p, listed).

    `share` of a cell goes with the level of the role's hours, `added` comes whatever that is. `planned` (p, a) acts a
    day of `plans` (a); `phase` (days,): which phase each day is in.
    """

    share: Floats
    added: Floats
    open: Floats
    extra: Floats
    keep: Floats
    planned: Floats
    plans: tuple[Plan, ...]
    phase: NDArray[np.int64]


def _must_be(name: str, known: Sequence[str], what: str) -> int:
    if name not in known:
        there = ", ".join(repr(one) for one in known) or "none"
        raise BadRequest(f"a lever names the {what} {name!r}, which the record does not have; it has: {there}")
    return list(known).index(name)


class _Phase:
    """One phase as levers are put on it."""

    def __init__(self, weeks: OwnWeeks, known: Known, plans: int) -> None:
        self.weeks, self.known = weeks, known
        self.share, self.added, self.open = weeks.share.copy(), np.zeros(weeks.share.shape), weeks.open.copy()
        self.extra, self.keep = weeks.missed.copy(), np.ones(len(weeks.listed.at))
        self.planned = np.zeros(plans)

    def hours(self, lever: Lever) -> None:
        labels = self.weeks.roles
        if lever.name:
            of = [_must_be(lever.name, labels, "role")]
        else:
            of = [r for r, own in enumerate(self.weeks.oneself) if own]
            if not of:
                raise BadRequest("a lever moves hours as oneself, but no role was declared as that")
        usual = [max(self.weeks.usual_hours[labels[r]], 1e-9) for r in of]
        for r, part in zip(of, usual, strict=True):
            self._move_hours(r, lever.times, lever.by * part / sum(usual))

    def _move_hours(self, r: int, times: float, by: float) -> None:
        """Hours in role r of every week: shorter stretches, or more of them where the other roles leave room."""
        cell_hours = 24.0 * WEEK / self.share.shape[1]
        before = self.share[:, :, r] + self.added[:, :, r]
        hours = cell_hours * before.sum(axis=1)
        wanted = np.clip(hours * times + by, 0.0, 24.0 * WEEK)
        shorter = np.where(wanted < hours, wanted / np.maximum(hours, 1e-9), 1.0)
        after = before * shorter[:, None]
        others = self.share.sum(axis=2) + self.added.sum(axis=2) - before
        liked = before + before.mean(axis=0) + 1e-3 * (others.mean(axis=0) + before.mean(axis=0) > 0.0) + 1e-9
        for _ in range(ROUNDS):
            missing = wanted / cell_hours - after.sum(axis=1)
            room = np.clip(1.0 - others - after, 0.0, None)
            weight = liked * (room > 0.0)
            total = weight.sum(axis=1)
            share = np.where(total > 0.0, np.maximum(missing, 0.0) / np.maximum(total, 1e-12), 0.0)
            after = after + np.minimum(share[:, None] * weight, room)
        more = np.maximum(after - before * shorter[:, None], 0.0)
        asked = np.maximum(wanted - hours, 1e-9)
        by_itself = np.clip(max(by, 0.0) / asked, 0.0, 1.0)[:, None]
        self.share[:, :, r] = self.share[:, :, r] * shorter[:, None] + more * (1.0 - by_itself)
        self.added[:, :, r] = self.added[:, :, r] * shorter[:, None] + more * by_itself
        gone = self.weeks.listed.role == r
        week = np.repeat(np.arange(len(before)), np.diff(self.weeks.listed.first[:: before.shape[1]]))
        self.keep[gone] *= 1.0 - self.weeks.listed.brought[gone] * (1.0 - shorter[week[gone]])
        rates = self.weeks.by_role[:, r] / self.weeks.cells
        self.extra += np.maximum(after - before, 0.0)[:, :, None] * rates
        fewer = self.weeks.missed * (before * rates.max(initial=0.0) > 0.0)[:, :, None]
        brought = rates * before[:, :, None] / np.maximum(self._expected(), 1e-12)
        self.extra -= np.minimum(fewer * np.clip(brought, 0.0, 1.0) * (1.0 - shorter)[:, None, None], self.extra)

    def _expected(self) -> Floats:
        rates = np.array(list(self.known.demands.values()))[: self.weeks.pattern.shape[2]]
        expected: Floats = self.weeks.pattern * rates / self.weeks.cells
        return expected

    def demands(self, lever: Lever) -> None:
        j = _must_be(lever.name, tuple(self.known.demands), "demand")
        usual = self.known.demands[lever.name]
        wanted = max(usual * lever.times + lever.by / WEEK, 0.0)
        ratio = wanted / max(usual, 1e-12)
        self.keep[self.weeks.listed.kind == j] *= min(ratio, 1.0)
        self.extra[:, :, j] *= min(ratio, 1.0)
        self.extra[:, :, j] += max(wanted - usual, 0.0) / self.weeks.cells * self.weeks.pattern[:, :, j]

    def opportunity(self, lever: Lever) -> None:
        self.open[:, :, _must_be(lever.name, tuple(self.known.refuges), "refuge")] *= lever.times

    def acts(self, lever: Lever, plan: int) -> None:
        """Acts more or fewer: planned besides what is sought, or sought less often."""
        refuges, others = self.known.refuges, self.known.others
        usual = refuges.get(lever.name, others.get(lever.name, 0.0))
        more = usual * (lever.times - 1.0) + lever.by / WEEK
        if more >= 0.0:
            self.planned[plan] += more
        elif lever.name in refuges:
            self.open[:, :, list(refuges).index(lever.name)] *= max(1.0 + more / max(usual, 1e-12), 0.0)


def driving(weeks: OwnWeeks, known: Known, levers: Sequence[Lever], days: int) -> Driving:
    """The phases of what drives the paths over so many days. Refuses levers that name what is not on record."""
    plans = tuple(_plan(lever, known) for lever in levers if lever.kind == "acts")
    turns = sorted({0.0, *(float(lever.from_day) for lever in levers)})
    phases = []
    for turn in turns:
        phase, plan = _Phase(weeks, known, len(plans)), 0
        for lever in levers:
            if lever.from_day <= turn:
                _put(phase, lever, plan)
            plan += lever.kind == "acts"
        phases.append(phase)
    return Driving(
        share=np.ascontiguousarray([one.share for one in phases]),
        added=np.ascontiguousarray([one.added for one in phases]),
        open=np.ascontiguousarray([one.open for one in phases]),
        extra=np.ascontiguousarray([one.extra for one in phases]),
        keep=np.ascontiguousarray([one.keep for one in phases]),
        planned=np.ascontiguousarray([one.planned for one in phases]),
        plans=plans,
        phase=np.searchsorted(turns, np.arange(days) + 0.5, "right").astype(np.int64) - 1,
    )


def _put(phase: _Phase, lever: Lever, plan: int) -> None:
    if lever.kind == "hours":
        phase.hours(lever)
    elif lever.kind == "demands":
        phase.demands(lever)
    elif lever.kind == "opportunity":
        phase.opportunity(lever)
    else:
        phase.acts(lever, plan)


def _plan(lever: Lever, known: Known) -> Plan:
    refuge = list(known.refuges).index(lever.name) if lever.name in known.refuges else -1
    if refuge < 0 and lever.share_eased is None:
        raise BadRequest(
            f"the fit does not say what {lever.name!r} eases; give the share it takes away, or one of these: "
            f"{', '.join(repr(one) for one in known.refuges) or 'none'}"
        )
    if refuge < 0 and lever.times != 1.0 and lever.name not in known.others:
        there = ", ".join(repr(one) for one in known.others) or "none"
        raise BadRequest(f"a lever changes how often {lever.name!r} comes, which is not on record; there is: {there}")
    return Plan(lever.name, refuge, lever.share_eased)


def awake(local_end: float, cells_a_day: int) -> Floats:
    """The share of planned acts in each cell of a day that begins at this local time: (cells a day,)."""
    hours = np.mod(24.0 * (local_end + (np.arange(cells_a_day) + 0.5) / cells_a_day), 24.0)
    inside = ((hours > FIRST_HOUR) & (hours < LAST_HOUR)).astype(float)
    share: Floats = inside / inside.sum()
    return share
