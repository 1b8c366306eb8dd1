"""What a simulated person is: records as anyone's, and the truth behind them, which no real person comes with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from mainstay.quantities import Instant
from mainstay.records.kinds import Item, Record, StatementForm
from mainstay.strain.parameters import StrainParameters

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """The invented truth of a world. Times in days since `origin` (local midnight of the first day) up to `days`.

    `notes`: what a reader of the answers should know, one sentence each. `acts` per refuge: all of them, recorded or
    not. `path_times`, `path_strain` (m,): strain hour by hour.
    """

    parameters: StrainParameters
    origin: Instant
    days: float
    notes: tuple[str, ...] = ()
    acts: Mapping[str, Floats] = field(default_factory=dict)
    path_times: Floats = field(default_factory=lambda: np.empty(0))
    path_strain: Floats = field(default_factory=lambda: np.empty(0))


@dataclass(frozen=True, slots=True)
class Written:
    """A statement as TOML, and the evening on which it was written; None: the first moment of the record."""

    form: StatementForm
    toml: str
    on: date | None = None


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """One simulated person: a title, the zone of their clock, records, items, the anchor item, and the truth."""

    name: str
    title: str
    seed: int
    zone: str
    records: tuple[Record, ...]
    items: tuple[Item, ...]
    anchor: str
    truth: Truth
