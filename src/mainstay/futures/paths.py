"""Paths ahead: what many possible futures of one person hold, day by day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mainstay.quantities import Instant
from mainstay.records.statements_option import LeverKind

Floats = NDArray[np.float64]
Small = NDArray[np.float32]
Counts = NDArray[np.uint8]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual on the person's own record: hours a day in each role, and how often events come, a day.

    `hours`: by role; the role that is oneself stands under its label, and `oneself` names it ("" where none is).
    `rates`: by label of event; `slips` of all slips together.
    """

    hours: Mapping[str, float]
    rates: Mapping[str, float]
    slips: float
    oneself: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """n possible futures of `days` whole days each, from `begins` on (the end of the record).

    `strain` (n, days): the day's mean of strain, in points of the anchor item above the level at rest; `at_rest` (n,)
    and `slope` (1 or -1): the rating expected at a strain s is `at_rest + slope * s`; both are None where strain is
    told by acts alone. `hours`: by role, hours that day (n, days). `events`: by label of refuge and demand, how many
    that day, recorded or not (n, days). `slips` (n, days): things that went wrong; None where none are on record.
    `parameters_of` (n,): which draw of the parameters each path comes from: paths of one draw share them.
    """

    begins: Instant
    days: int
    strain: Small
    at_rest: Floats | None
    slope: float
    hours: Mapping[str, Small]
    events: Mapping[str, Counts]
    slips: Counts | None
    parameters_of: Whole
    usual: Usual
    assumptions: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """How many futures."""
        return len(self.strain)


@dataclass(frozen=True, slots=True)
class Lever:
    """A change to what drives the paths, from a day on: `times` as much, and `by` a week more.

    `kind`: hours in a role (`name`; "" is oneself), planned acts, demands, or opportunity for what is sought.
    Planned acts (`by` a week, spread evenly) take the share `share_eased` (mean, sd) of strain away, each, and for
    `share_eased` None what the fit says of the event `name`.
    """

    kind: LeverKind
    name: str
    times: float = 1.0
    by: float = 0.0
    share_eased: tuple[float, float] | None = None
    from_day: float = 0.0


@dataclass(frozen=True, slots=True)
class Chance:
    """A probability with its interval at `level`, and from how many futures and draws of the parameters."""

    mean: float
    low: float
    high: float
    level: float = 0.90


NO_LEVERS: tuple[Lever, ...] = ()


@dataclass(frozen=True, slots=True)
class Forecast:
    """One forecast, as it is written down: what of, for when, and how likely; the base rate beside it.

    `about`: what it is about, in words that stay; `rule`: how it is scored (`mainstay.futures.ledger`); `due`: the
    moment it is about; `kind`: "event" (a chance in `chance`) or "value" (`quantiles` at `levels`).
    `base`: the same from the person's own base rate alone. `withheld`: it was not shown, as no better than that.
    """

    about: str
    rule: str
    made_as_of: Instant
    due: Instant
    kind: str
    chance: float | None = None
    levels: tuple[float, ...] = ()
    quantiles: tuple[float, ...] = ()
    base_chance: float | None = None
    base_quantiles: tuple[float, ...] = ()
    withheld: bool = False
    detail: Mapping[str, str] = field(default_factory=dict)
