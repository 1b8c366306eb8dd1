"""What a fit is asked to take into account beyond what every record has, and how things may move over a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.quantities import DAYS_PER_MONTH, DAYS_PER_YEAR
from mainstay.timeline.inferring_kinds import InferredRoles

Floats = NDArray[np.float64]

ShapeKind = Literal["none", "linear", "step", "wander"]
DAYS_A_PIECE = DAYS_PER_MONTH
FEWEST_PIECES, MOST_PIECES = 3, 18


def years_since_middle(times: Floats, days: float) -> Floats:
    """Years since the middle of a record of so many days: what moves steadily over it is counted from there."""
    return (times - days / 2.0) / DAYS_PER_YEAR


@dataclass(frozen=True, slots=True)
class Shape:
    """How something moves over the record: not at all, steadily, at one day (`at_day`), or as a random walk by months.

    Sizes are comparable: a steady move of 1 a year, a step of 1, and a walk whose change over a year has sd 1.
    """

    kind: ShapeKind = "linear"
    at_day: float | None = None

    def __post_init__(self) -> None:
        if (self.kind == "step") != (self.at_day is not None):
            raise BadRequest(f"a step needs its day and no other shape has one, not {self.kind!r} at {self.at_day}")

    def single(self, times: Floats, days: float) -> Floats:
        """What one coefficient multiplies (n,), 0 on average: -1/2 and 1/2 about a step, or years since mid-record.

        Of the other shapes only what has a drift of its own uses it (`Settings.own_drift`).
        """
        if self.at_day is not None:
            return np.where(times > self.at_day, 0.5, -0.5)
        return years_since_middle(times, days)

    @property
    def each(self) -> bool:
        """Whether every refuge has a coefficient of its own."""
        return self.kind in {"linear", "step"}

    def pieces(self, days: float) -> int:
        """The steps of a random walk over so many days; 0 for the other shapes."""
        if self.kind != "wander":
            return 0
        return int(np.clip(round(days / DAYS_A_PIECE), FEWEST_PIECES, MOST_PIECES))

    def many(self, times: Floats, days: float) -> Floats:
        """The steps of a random walk as ramps of about a month, zero in mid-record: (pieces, n); no row otherwise."""
        pieces = self.pieces(days)
        if not pieces:
            return np.zeros((0, *np.shape(times)))
        length = days / pieces

        def ramps(at: Floats) -> Floats:
            begun = np.arange(pieces).reshape(-1, *(1,) * np.ndim(at)) * length
            return np.clip((at - begun) / length, 0.0, 1.0)

        scale = np.sqrt(length / DAYS_PER_YEAR)
        walked: Floats = scale * (ramps(np.asarray(times)) - ramps(np.full(np.shape(times), days / 2.0)))
        return walked


STEADY = Shape()


@dataclass(frozen=True, slots=True, eq=False)
class Settings:
    """What a fit takes into account.

    `covariates`: channels of signals that may feed strain (sleep, weather, workload): opt in by name, for what the body
    shows may follow from strain as well. `restoring`: past acts and hours as oneself may move the threshold, and strain
    may fade at another rate while oneself. `noise`: False leaves the process noise out (strain follows from what is on
    record alone: for comparison; it makes intervals too narrow). `ordinal`: whether items that are ordinal are taken as
    such; None: where it matters. `priors`: mean and sd by coordinate ("drift:family")
    or by kind ("drift"), in place of the usual ones. `own_drift`: refuges that drift steadily by themselves where the
    others do not move or wander together. `inferred_roles`: chances of roles (`timeline.inferring.infer_roles` of the
    same timeline) that stand in where none was declared; None: what was not declared counts as in no role
    (docs/decisions/0016-roles.md). `exposures`: labels of events of any kind, however rare, each of which may move
    strain at once by an amount of its own, either way (`strain.exposed`).
    """

    covariates: tuple[str, ...] = ()
    drift: Shape = STEADY
    fading: Shape = STEADY
    restoring: bool = False
    noise: bool = True
    ordinal: bool | None = None
    priors: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    own_drift: tuple[str, ...] = ()
    inferred_roles: InferredRoles | None = None
    exposures: tuple[str, ...] = ()


USUAL = Settings()
