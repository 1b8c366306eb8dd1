"""Where paths ahead start: strain at the end of the record under each draw of the parameters, and as it was before."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from mainstay.futures.weeks import PathThen
from mainstay.numerics.forward import course_of
from mainstay.numerics.layout import PATH, VAR, Problem, Weights, make_work
from mainstay.numerics.ou_path import find_path, path_covariance
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Floats

MEMORY = 12.0
"""What strain was is forgotten to e^-12 after so many times the inverse of the slowest likely recovery rate."""
SLOW = 2.0
LEAST_DAYS = 14.0


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """Strain (steps) at the record's end, as a function of the parameters v (p,) that is linear about their mean:

    `strain` + `slope` @ z, and its log variance `log_variance` + `log_slope` @ z, with z = `whiten` @ (v - `mean`).
    `above_mean`, `spread`: where strain lay on the record, from the model's mean strain, and its sd.
    """

    mean: Floats
    whiten: Floats
    strain: float
    slope: Floats
    log_variance: float
    log_slope: Floats
    above_mean: float
    spread: float

    def drawn(self, v: Floats) -> tuple[Floats, Floats]:
        """Mean and sd of strain at the end under each draw of the parameters (k, p): (k,), (k,)."""
        z = (v - self.mean) @ self.whiten.T
        return self.strain + z @ self.slope, np.exp(0.5 * (self.log_variance + z @ self.log_slope))


def strain_then(fitted: StrainPosterior) -> tuple[PathThen, Floats, Floats, Floats] | None:
    """Strain on the record at the mode of the parameters; and, by interval, its end, mean strain and variance (n,).

    None where the parameters give no path.
    """
    data, problem = fitted.data, fitted.data.problem
    weights, _ = fitted.coordinates.weights(fitted.mean)
    work = make_work(problem)
    found, _ = find_path(problem, weights, work, False)
    if not math.isfinite(found):
        return None
    path_covariance(work)
    path, variance = work.row[PATH].copy(), work.row[VAR].copy()
    course = course_of(problem, weights)
    left = np.concatenate([[weights.start], (course.keep * path + course.jump)[:-1]])
    by_interval = 0.5 * (left + path)
    centre = float(np.average(by_interval, weights=problem.dt))
    spread = math.sqrt(float(np.average((by_interval - centre) ** 2, weights=problem.dt)))
    return PathThen(data.knots, path, centre, max(spread, 1e-6)), data.knots, by_interval, variance


def start_of(fitted: StrainPosterior, then: PathThen) -> Start:
    """Strain at the record's end, by central differences of one posterior sd along each whitened direction."""
    factor = np.linalg.cholesky(fitted.covariance)
    mean, sd = fitted.marginal("log_recovery_rate")
    memory = max(MEMORY / math.exp(mean - SLOW * sd), LEAST_DAYS)
    first = int(np.searchsorted(fitted.data.knots, fitted.data.days - memory))
    problem = _from(fitted.data.problem, first)
    begin = float(then.strain[first - 1]) if first else None
    work = make_work(problem)

    def end(v: Floats) -> tuple[float, float]:
        weights, _ = fitted.coordinates.weights(v)
        if begin is not None:
            weights = weights._replace(start=begin)
        found, _ = find_path(problem, weights, work, False)
        if not math.isfinite(found):
            return math.nan, math.nan
        path_covariance(work)
        return _after(problem, weights, float(work.row[PATH, -1]), float(work.row[VAR, -1]))

    strain, log_variance = end(fitted.mean)
    sides = np.array([[end(fitted.mean + sign * factor[:, i]) for sign in (1.0, -1.0)] for i in range(len(factor))])
    slopes = np.nan_to_num(0.5 * (sides[:, 0] - sides[:, 1]))
    at_mean, _ = fitted.coordinates.mean_strain(fitted.mean)
    return Start(
        mean=fitted.mean,
        whiten=np.linalg.inv(factor),
        strain=strain,
        slope=slopes[:, 0],
        log_variance=log_variance,
        log_slope=slopes[:, 1],
        above_mean=then.centre - at_mean,
        spread=then.spread,
    )


def _after(problem: Problem, weights: Weights, strain: float, variance: float) -> tuple[float, float]:
    """Strain and its log variance once what happened at the very end of the record has done what it does."""
    last = len(problem.dt) - 1
    kept = 1.0
    for k in problem.event_process[problem.event_knot == last]:
        logit = weights.share_logit[k] - weights.share_fade[k] * problem.fade_knot[last]
        logit -= weights.share_features @ problem.fade_features[:, last]
        kept *= 1.0 - 1.0 / (1.0 + math.exp(-logit))
    there = problem.jump_knot == last
    added = float((weights.inputs[problem.jump_input[there]] * problem.jump_size[there]).sum())
    return kept * strain + added, math.log(max(kept**2 * variance, 1e-9))


def _from(problem: Problem, first: int) -> Problem:
    """The problem of the intervals from one on."""
    if first == 0:
        return problem
    jumps, events = problem.jump_knot >= first, problem.event_knot >= first
    reads = problem.read_knot >= first
    cut: dict[str, Any] = {
        name: np.ascontiguousarray(getattr(problem, name)[..., first:])
        for name in (
            "dt", "own", "inputs", "extra_noise", "seen", "unseen_days", "spread", "lift", "node_features",
            "knot_features", "drift_node", "drift_knot", "fade_knot", "fade_features",
        )
    }  # fmt: skip
    return problem._replace(
        **cut,
        jump_knot=problem.jump_knot[jumps] - first,
        jump_input=problem.jump_input[jumps],
        jump_size=problem.jump_size[jumps],
        event_knot=problem.event_knot[events] - first,
        event_process=problem.event_process[events],
        read_knot=problem.read_knot[reads] - first,
        read_item=problem.read_item[reads],
        read_value=problem.read_value[reads],
        read_category=problem.read_category[reads],
    )
