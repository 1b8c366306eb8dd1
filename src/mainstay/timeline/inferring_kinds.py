"""What inferring roles is asked, and what it answers: chances by the half hour, and how well they did when tested."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.timeline.kinds import Floats

MINUTES = (15, 30)
FEWEST_FOLDS = 3


@dataclass(frozen=True, slots=True)
class RoleSettings:
    """How roles are inferred: cells of 15 or 30 minutes; the confidence below which an hour stays open (default .8).

    `without`: signals, place or activity labels left aside (such as a heart rate, which strain moves too).
    `folds`: parts in which declared days are held out. `open_trust`: how much an undeclared cell counts, beside a
    declared one, when the parameters are fitted: not at all, for letting them drift with what nobody named was measured
    to do harm (docs/decisions/0016-roles.md).
    """

    minutes: int = 30
    confidence: float = 0.8
    without: tuple[str, ...] = ()
    folds: int = 5
    open_trust: float = 0.0

    def __post_init__(self) -> None:
        if self.minutes not in MINUTES:
            raise BadRequest(f"roles are inferred by 15 or 30 minutes, not {self.minutes}")
        if not 0.5 <= self.confidence < 1.0:
            raise BadRequest(f"the confidence must lie between 0.5 and 1, not {self.confidence}")
        if self.folds < FEWEST_FOLDS:
            raise BadRequest(f"declared days are held out in at least {FEWEST_FOLDS} parts, not {self.folds}")
        if not 0.0 <= self.open_trust <= 1.0:
            raise BadRequest(f"what is not declared counts from 0 to 1 times what is, not {self.open_trust}")


@dataclass(frozen=True, slots=True)
class Reliable:
    """Of held-out hours given a chance of a state between `low` and `high`: hours, mean chance, share that was so."""

    low: float
    high: float
    hours: float
    said: float
    was: float


@dataclass(frozen=True, slots=True)
class Tested:
    """How the chances did on declared hours held out by blocks of days, beside the clock alone (hour and weekday).

    Log scores are mean log chances (nats) of what was declared: higher is better. Brier scores: lower is better.
    `gain` is the difference of the log scores with its standard error over blocks of days. `decided`: the share of the
    held-out hours with a chance at or above the confidence, and `right`: of these, the share that was so. `clock_right`
    is the same for the clock alone among the hours that it decides. `weight`: the power of what was seen; `powers`: of
    the model's chances and of the clock's, and log factors of the states but the first (the recalibration; where it is
    tested it was fitted on other blocks).
    """

    hours: float
    days: int
    blocks: int
    block_days: int
    log_score: float
    clock_log_score: float
    brier: float
    clock_brier: float
    gain: float
    gain_se: float
    decided: float
    right: float
    clock_decided: float
    clock_right: float
    weight: float
    powers: tuple[float, ...]
    table: tuple[Reliable, ...]


@dataclass(frozen=True, slots=True, eq=False)
class InferredRoles:
    """Roles by the cell: what was declared, and the chances of the rest. Never facts.

    `edges` (n+1,) in days; `declared` (n,): the state is known from what was declared. `supported` (n,): enough hours
    of that weekday were declared to learn from. `states`: combinations of roles, the first of them none; `chance`
    (states, n), 0 or 1 where declared. `share` (roles, n): the declared share of the cell, or the chance of the role;
    what is not supported counts as it was declared. `rests_on`: signals, with the hours in which each was
    seen. `stated`: the share of the time for which coverage of every role says whether it was declared; below about 1,
    days without a role are taken as undeclared, and chances lean towards the roles.
    """

    edges: Floats
    minutes: int
    confidence: float
    roles: tuple[str, ...]
    states: tuple[tuple[str, ...], ...]
    chance: Floats
    share: Floats
    declared: NDArray[np.bool_]
    supported: NDArray[np.bool_]
    declared_days: int
    rests_on: tuple[tuple[str, float], ...]
    tested: Tested
    stated: float

    @property
    def middles(self) -> Floats:
        """The middle of each cell in days (n,)."""
        return 0.5 * (self.edges[:-1] + self.edges[1:])

    @property
    def hours(self) -> Floats:
        """The length of each cell in hours (n,)."""
        return np.diff(self.edges) * 24.0

    @property
    def open_cells(self) -> NDArray[np.bool_]:
        """Where a chance stands in for a declaration (n,)."""
        return ~self.declared & self.supported

    @property
    def decided(self) -> NDArray[np.int64]:
        """The state (n,) whose chance reaches the confidence; -1 where none does or there was nothing to learn from."""
        best = self.chance.argmax(axis=0)
        sure = (self.chance.max(axis=0) >= self.confidence) & (self.declared | self.supported)
        return np.where(sure, best, -1)

    def is_open(self, times: Floats) -> NDArray[np.bool_]:
        """Whether a chance stands in for a declaration at each time (days)."""
        at = np.clip(np.searchsorted(self.edges, times, "right") - 1, 0, len(self.declared) - 1)
        inside: NDArray[np.bool_] = self.open_cells[at] & (times < self.edges[-1])
        return inside

    def mean_share(self, role: str, starts: Floats, ends: Floats) -> Floats:
        """The mean share of a role between starts and ends (days), declared and inferred."""
        row = self.share[self.roles.index(role)]
        reached = np.concatenate([[0.0], np.cumsum(row * np.diff(self.edges))])
        length = np.maximum(ends - starts, 1e-12)
        mean: Floats = (np.interp(ends, self.edges, reached) - np.interp(starts, self.edges, reached)) / length
        return np.clip(mean, 0.0, 1.0)
