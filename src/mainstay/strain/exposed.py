"""What an event of any kind does to strain at once: a term in the model for each, however rarely it came.

Each exposure is a jump of unknown sign and size, the same each time it came, in a fit in which strain follows load and
eases as ever. What would have eased anyway is thereby not its doing, and one occasion is enough for an estimate with an
honest interval. The prior is symmetric: N(0, 1.5) steps of a sixth of the scale.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mainstay.numerics.layout import PATH
from mainstay.quantities import CannotSay
from mainstay.strain.data import strain_data
from mainstay.strain.fitting import fit_beside, path_at
from mainstay.strain.judge import normal_cdf
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline

EITHER_WAY = (0.0, 1.5)


@dataclass(frozen=True, slots=True)
class Effect:
    """What one kind of exposure does at once, in points of the anchor's scale (below 0: it eases), and from how many.

    `mean`, `sd`: of the posterior under the symmetric prior of sd `prior_sd`. `strain_before`: mean strain above rest
    on arriving, in points, along the most probable path.
    """

    label: str
    n: int
    mean: float
    sd: float
    prior_sd: float
    strain_before: float

    @property
    def chance_it_eases(self) -> float:
        """The posterior chance that strain is lower for it."""
        return normal_cdf(-self.mean / self.sd)


@dataclass(frozen=True, slots=True, eq=False)
class Exposed:
    """The fit with exposures as terms of their own; what each does (m), and its covariance in points (m, m)."""

    posterior: StrainPosterior
    effects: tuple[Effect, ...]
    covariance: np.ndarray

    def of(self, label: str) -> Effect:
        """The effect of one label."""
        return next(one for one in self.effects if one.label == label)


def exposed(timeline: Timeline, fitted: StrainPosterior, labels: Sequence[str]) -> Exposed | CannotSay:
    """The effects of the events of these labels, from a fit with a term for each beside all others.

    A label that the fit counts among its refuges or demands is taken out from there. Refuses what has no check-ins to
    be seen by, and passes on the refusal of a fit that finds no mode. `fitted`: of the same timeline, where it begins.
    """
    if not fitted.data.readings:
        return CannotSay("without check-ins nothing shows what an event does to strain", method=fitted.method)
    names = tuple(dict.fromkeys(labels))
    priors = {**fitted.data.settings.priors, **{f"demand:{label}": EITHER_WAY for label in names}}
    settings = replace(fitted.data.settings, exposures=names, priors=priors)
    data = strain_data(timeline, settings)
    with_terms = fit_beside(data, fitted)
    if isinstance(with_terms, CannotSay):
        return with_terms
    at = [with_terms.coordinates.index("demand", label) for label in names]
    before = _strain_before(with_terms, names)
    unit = data.unit
    effects = tuple(
        Effect(
            label,
            len(timeline.events[label].times),
            unit * float(with_terms.mean[i]),
            unit * math.sqrt(float(with_terms.covariance[i, i])),
            unit * EITHER_WAY[1],
            unit * before[label],
        )
        for label, i in zip(names, at, strict=True)
    )
    return Exposed(with_terms, effects, unit * unit * with_terms.covariance[np.ix_(at, at)])


def _strain_before(posterior: StrainPosterior, labels: Sequence[str]) -> dict[str, float]:
    """Mean strain in steps just before the events of each label."""
    data, problem = posterior.data, posterior.data.problem
    path = path_at(posterior.coordinates, posterior.mean).row[PATH]
    first = len(data.roles)
    found = {}
    for label in labels:
        at = problem.jump_knot[problem.jump_input == first + data.demands.index(label)]
        found[label] = float(path[at].mean())
    return found
