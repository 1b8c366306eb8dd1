"""What a fit of the strain-and-threshold model returns to the chapters that quote it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Strain and threshold over time for the picture, each with its pointwise band at `level`.

    `times` (n,) in days since the timeline's origin; the others (n,), in units of the anchor item (`unit`), strain
    measured from the person's rest level. `threshold*` are None where no threshold has a meaning. The threshold is the
    strain at which refuges together are sought at `reference_rate_per_day`, told as `reference_words`.
    `unknown` (n,): True where strain rests on no record nearby (recording was off or nothing was checked in).
    """

    times: Floats
    strain: Floats
    strain_low: Floats
    strain_high: Floats
    threshold: Floats | None
    threshold_low: Floats | None
    threshold_high: Floats | None
    unknown: NDArray[np.bool_]
    level: float
    unit: str
    reference_rate_per_day: float
    reference_words: str
