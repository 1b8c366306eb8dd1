"""What the check-ins themselves bear out: that strain comes and goes, and that each refuge is sought as it does.

The fit sees strain through acts as well as through check-ins. Where check-ins say little, acts that happen to bunch can
carry a path of strain by themselves, too small for the check-ins to gainsay, and a huge pull with it. So strain is
foreseen once more, from earlier check-ins, roles and demands alone, and two score tests ask whether it shows:

- in the next check-in (`Shown.strain`), against check-ins that are white around a clock and a slow course of their own;
- in the times of each refuge's acts (`Shown.pulls`), against a hazard with a clock and a slow course of its own.

What was foreseen at a moment is known before it, so where nothing is driven each score is a sum of martingale
differences, whatever the parameters (Andersen, Borgan, Gill and Keiding 1993, ch. V). The slow course is linear between
corners four weeks apart, the clock free by three hours of the day and by weekday: acts and check-ins that both change
over the seasons, or both follow the hours, do not count as one following the other.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from mainstay.numerics.forward import course_of, foresee
from mainstay.strain.coordinates import Coordinates
from mainstay.strain.habit import log_linear
from mainstay.strain.posterior import Shown, Unshown
from mainstay.strain.problem import CLOCK
from mainstay.strain.residuals import chi_squared_tail

Floats = NDArray[np.float64]

FAINT = 1e-4
"""A pull so small that acts say nothing of strain, and large enough to read the state from the hazard."""

SLOW_DAYS = 28.0
HOURS_A_BIN = 3.0
BINS, WEEKDAYS = 8, 7
PRIOR_SD = 3.0
"""Of a log rate by hours, weekday or corner of the slow course: so wide that it only keeps empty ones finite."""

LEVEL_OF_STRAIN = 0.05
SHAPING = ("log_recovery_rate", "log_noise", "gain", "demand", "efficacy", "covariate")
"""Coordinates that shape what is foreseen, and so may have been fitted to the chance in the check-ins."""

USED_UP = 0.5
"""Degrees of freedom of the check-ins' test by such a coordinate: over white check-ins with four and eight of them the
mean square of its score was 1.5 and 2.5 (docs/explanation/calibration.md)."""


def shown(place: Coordinates, v: Floats) -> Shown:
    """What check-ins bear out of a fit with its mode at v (p,).

    Everything where there are none: strain is then told by the acts, and only through its threshold.
    """
    data = place.data
    if not data.readings or not data.settings.noise:
        return Shown()
    strain, pulls = foreseen(place, v), place.pulls(v)
    line = NormalDist().inv_cdf(1.0 - 0.05 / max(len(data.refuges), 1))
    against = {
        label: why
        for k, label in enumerate(data.refuges)
        if (why := _against_pull(place, k, strain * math.copysign(1.0, pulls[k]), line))
    }
    return Shown(_against_strain(place, strain), against)


def foreseen(place: Coordinates, v: Floats) -> Floats:
    """Strain at the nodes (q, n) as foreseen without what acts say of it; what they ease is taken off it."""
    problem, (weights, _) = place.data.problem, place.weights(v)
    course = course_of(problem, weights)
    usual = np.exp(np.minimum(weights.pull * place.mean_strain(v)[0], 50.0))
    processes = max(len(weights.pull), 1)
    course = course._replace(
        base=np.full((processes, *problem.drift_node.shape), FAINT), unseen=course.unseen * usual[:, None]
    )
    faint = weights._replace(pull=np.full(processes, FAINT))
    _, expected, _ = foresee(problem, faint, course, np.zeros((0, len(problem.dt))))
    strain: Floats = np.log(expected[0] / FAINT) / FAINT
    return strain


def _slow(days: Floats, length: float) -> Floats:
    """A slow course at times in days (n,): the corners after the first (c, n), linear between them."""
    corners = np.linspace(0.0, length, max(round(length / SLOW_DAYS), 1) + 1)
    away = np.abs(days - corners[1:, None]) / (corners[1] - corners[0])
    corner: Floats = np.maximum(1.0 - away, 0.0)
    return corner


def _local_hours(features: Floats) -> Floats:
    """Hours since local midnight from the clock's cosine and sine, the first two of the features (h, ...)."""
    hours: Floats = np.mod(np.arctan2(features[1], features[0]) * (12.0 / math.pi), 24.0)
    return hours


def _against_strain(place: Coordinates, strain: Floats) -> Unshown | None:
    """Why the anchor's answers don't show that they follow what was foreseen of strain; None where they do.

    They may have a slow course and a daily and weekly rhythm of their own, as the model has one for them.
    """
    data, problem = place.data, place.data.problem
    of_anchor = problem.read_item == 0
    knots = problem.read_knot[of_anchor]
    answers, course = problem.read_value[of_anchor] * data.worse_signs[0], strain[-1, knots]
    shaping = sum(name.split(":")[0] in SHAPING for name in place.names)
    freedom = max(round(USED_UP * shaping), 1)
    slow = _slow(data.knots[knots], data.days)
    rhythm = np.vstack([np.ones(len(knots)), problem.knot_features[: len(CLOCK), knots]])

    def follows(rows: Floats) -> bool:
        axes, sizes, _ = np.linalg.svd(rows.T, full_matrices=False)
        axes = axes[:, sizes > 1e-9 * sizes[0]]
        free = len(answers) - axes.shape[1]
        if free < 2:
            return False
        left, expected = (one - axes @ (axes.T @ one) for one in (answers, course))
        size = math.sqrt(float(left @ left) * float(expected @ expected))
        score = math.sqrt(free) * float(left @ expected) / max(size, 1e-300)
        return score > 0.0 and chi_squared_tail(score * score, freedom) < LEVEL_OF_STRAIN

    if follows(np.vstack([rhythm, slow])):
        return None
    return "slow" if follows(rhythm) else "check-ins"


def _against_pull(place: Coordinates, k: int, strain: Floats, line: float) -> Unshown | None:
    """Why the acts of refuge k don't show that they come with strain as foreseen; None where they do."""
    data, problem = place.data, place.data.problem
    days = data.knots - problem.dt * (1.0 - problem.node_x[:, None])
    hours = _local_hours(problem.node_features[:2])
    exposure = problem.seen[k] * problem.node_w[:, None] * problem.dt
    acts = np.zeros(exposure.shape)
    np.add.at(acts[-1], problem.event_knot[problem.event_process == k], 1.0)
    # nothing but strain differs within three hours of one day
    cell = np.floor(days).astype(np.int64) * BINS + np.minimum(hours // HOURS_A_BIN, BINS - 1).astype(np.int64)
    cells, inside = np.unique(cell[exposure > 0.0], return_inverse=True)

    def total(values: Floats) -> Floats:
        return np.bincount(inside, values[exposure > 0.0], minlength=len(cells)).astype(np.float64)

    middle = float((exposure * strain).sum() / exposure.sum())
    strain = strain - middle
    lengths, counts = total(exposure), total(acts)
    mean, square = total(exposure * strain) / lengths, total(exposure * strain**2) / lengths
    at_acts = float((acts * strain)[exposure > 0.0].sum())
    day, hour = np.divmod(cells, BINS)
    slow = _slow(day + 0.5, data.days)
    clock = np.array(
        [hour == one for one in range(1, BINS)] + [day % WEEKDAYS == one for one in range(1, WEEKDAYS)], np.float64
    )
    one = np.ones((1, len(cells)))

    def score(*parts: Floats) -> float:
        design = np.vstack([one, *parts])
        fitted, _ = log_linear(design, counts, lengths, PRIOR_SD)
        expected = lengths * np.exp(fitted @ design)
        crossed = design @ (expected * mean)
        within = (design * expected) @ design.T + 1e-6 * np.eye(len(design))
        left = float(expected @ square) - float(crossed @ np.linalg.solve(within, crossed))
        return (at_acts - float(expected @ mean)) / math.sqrt(max(left, 1e-300))

    if score(slow, clock) >= line:
        return None
    if score(clock) >= line:
        return "slow"
    return "clock" if score(slow) >= line else "check-ins"
