"""How seeking at the same strain moved, or how relief faded: not at all, steadily, at once, or as it came.

One more fit lets the common course wander by months. Its posterior, its prior taken out, is a normal likelihood of the
whole course, and every other shape is a linear part of that one: no course, a steady one, a change within any one of
the months, or the random walk itself. So the marginal likelihoods of all of them follow at once, in closed form.
Sizes are comparable: N(0, 1) for a year's steady change, for a step, and for a year's change of the walk.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mainstay.quantities import DAYS_PER_YEAR
from mainstay.strain.drawing import strain_refuges
from mainstay.strain.fitting import refit
from mainstay.strain.judge import e_value
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.settings import Shape, ShapeKind

Floats = NDArray[np.float64]

WALK = Shape("wander")
KINDS: tuple[ShapeKind, ...] = ("none", "linear", "step", "wander")
CLEAR = math.log(10.0)
"""A shape is called the better one where the record is ten times as likely under it as under the simpler ones."""


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What the record says of the shape of a course.

    `log_evidence`: by shape, against no course at all; `chosen`: the simplest shape that no other clearly beats.
    `step_days` (pieces + 1,): the edges of the months; `step_chance` (pieces,): where a step, if it was one, lay.
    `e_up`, `e_down`: e-values of a step up or down against none, averaged over the months. `walked`: the fit behind it.
    """

    log_evidence: dict[ShapeKind, float]
    chosen: ShapeKind
    step_days: Floats
    step_chance: Floats
    e_up: float
    e_down: float
    walked: StrainPosterior

    def step_between(self, level: float) -> tuple[float, float]:
        """The shortest run of months (days) that holds the step with this probability."""
        reached = np.concatenate([[0.0], np.cumsum(self.step_chance)])
        runs = [
            (float(self.step_days[j] - self.step_days[i]), i, j)
            for i in range(len(reached))
            for j in range(i + 1, len(reached))
            if reached[j] - reached[i] >= level - 1e-9
        ]
        _, i, j = min(runs)
        return float(self.step_days[i]), float(self.step_days[j])


def _evidence(precision: Floats, b: Floats, direction: Floats) -> float:
    """Log marginal likelihood of a course along one direction, its size N(0, 1), against none."""
    information = float(direction @ precision @ direction)
    toward = float(direction @ b)
    return 0.5 * toward * toward / (1.0 + information) - 0.5 * math.log1p(information)


def _mean_exp(values: Floats) -> float:
    top = float(values.max())
    return top + math.log(float(np.exp(values - top).mean()))


def course_from(precision: Floats, b: Floats, walked: StrainPosterior) -> Course:
    """The comparison, from the precision (pieces, pieces) of the likelihood of a walk and b, precision times its mean.

    The coefficients of the walk have unit priors: each moves the course by the square root of its length in years.
    """
    pieces = len(b)
    days = walked.data.days
    scale = math.sqrt(days / pieces / DAYS_PER_YEAR)
    steady, steps = np.full(pieces, scale), np.eye(pieces) / scale
    at_steps = np.array([_evidence(precision, b, row) for row in steps])
    _, log_determinant = np.linalg.slogdet(np.eye(pieces) + precision)
    wander = 0.5 * float(b @ np.linalg.solve(precision + np.eye(pieces), b)) - 0.5 * float(log_determinant)
    found: dict[ShapeKind, float] = {
        "none": 0.0,
        "linear": _evidence(precision, b, steady),
        "step": _mean_exp(at_steps),
        "wander": wander,
    }
    chosen: ShapeKind = "none"
    for kind in KINDS[1:]:
        if found[kind] > found[chosen] + CLEAR:
            chosen = kind
    chance = np.exp(at_steps - at_steps.max())
    information = np.array([float(row @ precision @ row) for row in steps])
    mean = (steps @ b) / np.maximum(information, 1e-9)
    sd = np.maximum(information, 1e-9) ** -0.5
    e_up = float(np.mean([e_value(m, s) for m, s in zip(mean, sd, strict=True)]))
    e_down = float(np.mean([e_value(-m, s) for m, s in zip(mean, sd, strict=True)]))
    edges = np.linspace(0.0, days, pieces + 1)
    return Course(found, chosen, edges, chance / chance.sum(), e_up, e_down, walked)


def _likelihood(walked: StrainPosterior, kind: str) -> tuple[Floats, Floats]:
    """Precision of the likelihood of the walk, and precision times its mean: the posterior without its unit prior."""
    at = walked.coordinates.block(kind)
    posterior = np.linalg.inv(walked.covariance[at, at])
    precision = posterior - np.eye(len(posterior))
    values, vectors = np.linalg.eigh(0.5 * (precision + precision.T))
    cleaned: Floats = (vectors * np.maximum(values, 0.0)) @ vectors.T
    return cleaned, np.asarray(posterior @ walked.mean[at], np.float64)


def drift_course(posterior: StrainPosterior) -> Course | None:
    """The course of seeking at the same strain, common to the refuges that strain drives; the others keep a drift.

    None where no refuge is driven by strain, or where the walk can't be fitted.
    """
    driven = {posterior.data.refuges[k] for k in strain_refuges(posterior)}
    own = tuple(label for label in posterior.data.refuges if label not in driven)
    walked = refit(posterior, replace(posterior.data.settings, drift=WALK, own_drift=own)) if driven else None
    return None if walked is None else course_from(*_likelihood(walked, "wander"), walked)


def fading_course(posterior: StrainPosterior) -> Course | None:
    """The course of what all refuges ease, on the logit scale and counted downwards; None where it can't be fitted."""
    if not posterior.data.refuges:
        return None
    walked = refit(posterior, replace(posterior.data.settings, fading=WALK))
    return None if walked is None else course_from(*_likelihood(walked, "fade_wander"), walked)
