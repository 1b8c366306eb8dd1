"""What a fit of the strain-and-threshold model returns to the chapters that quote it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # the report quotes these classes and must not load the compiled kernels for it
    from mainstay.strain.coordinates import Coordinates
    from mainstay.strain.data import StrainData

Floats = NDArray[np.float64]

METHOD = "strain-and-threshold model, Laplace approximation"


Unshown = Literal["check-ins", "slow", "clock"]
"""Why something is not borne out: it does not show in any way, or only as what changes slowly, or by the clock."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What check-ins themselves do not bear out (`borne_out`): that they follow strain at all, and which pulls."""

    strain: Unshown | None = None
    pulls: Mapping[str, Unshown] = field(default_factory=dict)

    def against(self, label: str) -> Unshown | None:
        """Why the pull of a refuge is not borne out; None where it is."""
        return self.pulls.get(label) or self.strain


EVERYTHING_SHOWN = Shown()


@dataclass(frozen=True, slots=True, eq=False)
class StrainPosterior:
    """The posterior of one person's parameters: a normal in the level coordinates, by Laplace's method or from draws.

    `mean`, `covariance`: (p,), (p, p) in `coordinates`; `log_evidence`: Laplace's log marginal likelihood of the data.
    `method`: how they were found, as the answers say it; `trusted`: whether draws bore that out, None where nothing was
    drawn yet (`draws.checked`). `shown`: what the check-ins bear out of it.
    """

    data: StrainData
    coordinates: Coordinates
    mean: Floats
    covariance: Floats
    log_evidence: float
    method: str = METHOD
    trusted: bool | None = None
    shown: Shown = EVERYTHING_SHOWN

    def draws(self, n: int, rng: np.random.Generator) -> Floats:
        """Draws in level coordinates, (n, p)."""
        factor = np.linalg.cholesky(self.covariance)
        return self.mean + rng.standard_normal((n, len(self.mean))) @ factor.T

    def common(self, kind: str, labels: Sequence[str], prior_sd: float) -> tuple[float, float]:
        """Mean and sd of the likelihood of one value common to several coordinates, without their N(0, prior_sd²)."""
        at = [self.coordinates.index(kind, label) for label in labels]
        precision = np.linalg.inv(self.covariance[np.ix_(at, at)])
        total = max(float((precision - np.eye(len(at)) / prior_sd**2).sum()), 1e-9)
        return float((precision @ self.mean[at]).sum()) / total, total**-0.5

    def prior_sd(self, kind: str, label: str = "") -> float:
        """The sd of the prior of one coordinate."""
        return float(self.coordinates.prior_sd[self.coordinates.index(kind, label)])

    def chance_above(self, kind: str, label: str, value: float) -> float:
        """The posterior chance that one coordinate lies above a value."""
        mean, sd = self.marginal(kind, label)
        return 0.5 * math.erfc((value - mean) / sd / math.sqrt(2.0))

    def marginal(self, kind: str, label: str = "") -> tuple[float, float]:
        """Mean and sd of one coordinate."""
        i = self.coordinates.index(kind, label)
        return float(self.mean[i]), math.sqrt(float(self.covariance[i, i]))


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
