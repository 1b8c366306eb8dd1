"""The columns of piecewise regression: trend, a step and a change of slope for each phase after the first.

Three ways to code time (Huitema and McKean 2000, "H-M"; Beretvas and Chung 2008 after Wilbert, "W": time starts at 0;
Brossart and others, "B&L-B": the first value of a phase already has one unit of the new slope), and two contrasts: a
phase with the first one, or with the one before it. Names as in the R package scan: mt, phaseB, interB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.trials.effect_sizes import Case
from mainstay.trials.effect_sizes_kinds import Floats

Coding = Literal["W", "H-M", "B&L-B", "JW"]
Contrast = Literal["first", "preceding"]


@dataclass(frozen=True, slots=True)
class Model:
    """Which columns a piecewise regression has. `slope_contrast` None: the same as `contrast`.

    "JW" is "B&L-B" with every phase compared with the one before.
    """

    coding: Coding = "W"
    contrast: Contrast = "first"
    slope_contrast: Contrast | None = None
    trend: bool = True
    level: bool = True
    slope: bool = True

    def __post_init__(self) -> None:
        if self.coding not in ("W", "H-M", "B&L-B", "JW"):
            raise BadRequest(f"a piecewise model is 'W', 'H-M', 'B&L-B' or 'JW', not {self.coding!r}")
        for contrast in (self.contrast, self.slope_contrast):
            if contrast not in ("first", "preceding", None):
                raise BadRequest(f"phases are compared with the 'first' or the 'preceding' one, not {contrast!r}")

    @property
    def contrasts(self) -> tuple[Contrast, Contrast]:
        """Those of steps and of slopes."""
        if self.coding == "JW":
            return "preceding", "preceding"
        return self.contrast, self.slope_contrast or self.contrast


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Columns (n, k) by name, for the rows of a case whose value is known; `values` (n,), `at` (n,) as on record."""

    names: tuple[str, ...]
    columns: Floats
    values: Floats
    at: Floats


def design(case: Case, model: Model) -> Design:
    """The columns for one case; phases of one name are one phase. Refuses a case without two phases."""
    levels = tuple(dict.fromkeys(case.phase))
    if len(levels) < 2:
        raise BadRequest(f"{case.name} has a single phase, {levels[0]!r}; piecewise regression compares two at least")
    at = case.at - case.at[0] if model.coding == "W" else case.at
    place = np.array([levels.index(name) for name in case.phase])
    names, columns = ["Intercept"], [np.ones(len(at))]
    if model.trend:
        names.append("mt")
        columns.append(at)
    for kind, contrast, wanted in zip(("phase", "inter"), model.contrasts, (model.level, model.slope), strict=True):
        for k, name in enumerate(levels[1:], start=1):
            rows = place == k if contrast == "first" else place >= k
            if wanted:
                names.append(kind + name)
                columns.append(rows.astype(float) if kind == "phase" else _slope(at, rows, model.coding))
    known = ~np.isnan(case.values)
    return Design(tuple(names), np.column_stack(columns)[known], case.values[known], case.at[known])


def _slope(at: Floats, rows: NDArray[np.bool_], coding: Coding) -> Floats:
    """Time since the phase's first row, 0 outside of it; one more where the phase starts with its slope."""
    since = at - at[rows][0] + (1.0 if coding in ("B&L-B", "JW") else 0.0)
    return np.where(rows, since, 0.0)
