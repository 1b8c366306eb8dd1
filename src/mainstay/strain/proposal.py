"""What draws start from: normals near the posterior of parameters and path, and weights against the exact density.

Parameters are told in whitened coordinates x: v = mode + L x with L L' Laplace's covariance. `guide` finds, by central
differences along every x, how the path's mode and mean move with the parameters, and, by the third derivatives of the
log posterior, how far the mean of a skewed posterior lies from its mode.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.numerics.joint import draw_paths, mean_shift
from mainstay.numerics.layout import PATH, Problem, Work, make_work
from mainstay.numerics.ou_path import find_path, log_marginal
from mainstay.numerics.pareto import log_mean_exp
from mainstay.strain.coordinates import Coordinates
from mainstay.strain.fitting import log_posterior
from mainstay.strain.posterior import StrainPosterior

Floats = NDArray[np.float64]

STEP = 0.5
WIDER = 1.1
"""The proposal's sd over Laplace's: a tenth more moved k-hat from .5-.7 to .2-.5 on simulated years and quarters."""
FARTHEST_PRIOR_SDS = 8.0


@dataclass(frozen=True, slots=True, eq=False)
class Guide:
    """Laplace's `factor` L (p, p), and `move` (p,) from mode to mean in whitened coordinates.

    `base` (2, n) and `slopes` (2, p, n): the path's mode and how far its mean lies from it, at the mode and by each x.
    """

    factor: Floats
    move: Floats
    base: Floats
    slopes: Floats


def exact_problem(problem: Problem) -> Problem:
    """The problem with unrecorded relief at the path itself: a fit takes it at its mean over where paths stray."""
    nothing = np.zeros(len(problem.dt))
    return problem._replace(spread=nothing, lift=nothing)


def _path_normal(place: Coordinates, v: Floats, work: Work) -> Floats | None:
    """Mode and shift of the path at the parameters v (2, n), searched from the path in `work`."""
    problem, (weights, _) = exact_problem(place.data.problem), place.weights(v)
    f, _ = find_path(problem, weights, work, True)
    if not math.isfinite(f):
        return None
    rows = np.empty((2, work.row.shape[1]))
    rows[0] = work.row[PATH]
    mean_shift(problem, weights, work, rows[1])
    return rows


def guide(posterior: StrainPosterior) -> Guide:
    """The guide to one posterior, for 2p + 1 gradients of its density and as many paths."""
    place, mode = posterior.coordinates, posterior.mean
    work = make_work(place.data.problem)
    factor = np.asarray(np.linalg.cholesky(posterior.covariance), np.float64)
    density = log_posterior(place)
    _, here = density(mode)
    noisy = place.data.settings.noise
    base: Floats | None = np.zeros((2, work.row.shape[1]))
    if noisy:
        find_path(place.data.problem, place.weights(mode)[0], work, False)
        base = _path_normal(place, mode, work)
    if base is None:
        raise BadRequest("no path of strain is found at the fitted parameters: the fit is not to be drawn from")
    slopes, bend = np.zeros((2, place.size, base.shape[1])), np.zeros(place.size)
    for j in range(place.size):
        sides = [mode + sign * STEP * factor[:, j] for sign in (1.0, -1.0)]
        values, gradients = zip(*(density(v) for v in sides), strict=True)
        if all(math.isfinite(value) for value in values):
            bend += (gradients[0] - 2.0 * here + gradients[1]) / STEP**2
        normals: list[Floats | None] = []
        for v in sides if noisy else ():
            work.row[PATH] = base[0]
            normals.append(_path_normal(place, v, work))
        if noisy and normals[0] is not None and normals[1] is not None:
            slopes[:, j] = (normals[0] - normals[1]) / (2.0 * STEP)
    move: Floats = 0.5 * factor.T @ bend
    # a first-order move means something only where it is small
    shorter = min(1.0, 1.0 / max(float(np.linalg.norm(move)), 1e-12))
    return Guide(factor, shorter * move, base, slopes)


class PathSampler:
    """Draws of the path at given parameters, weighed: scratch that is used again from call to call."""

    def __init__(self, posterior: StrainPosterior, guided: Guide, pairs: int):
        self.place, self.guided, self.centre = posterior.coordinates, guided, posterior.mean
        self.problem = exact_problem(posterior.data.problem)
        self.work = make_work(self.problem)
        self.pairs, self.knots = pairs, len(self.problem.dt)
        self._paths, self._ratios = np.empty((2 * pairs, self.knots)), np.empty(2 * pairs)
        self._whiten = np.linalg.inv(guided.factor)

    def at(self, v: Floats, rng: np.random.Generator) -> tuple[float, Floats]:
        """The estimate of log p(data | v), from the mean over the paths' weights, and one path drawn by them (knots,).

        The estimate is -inf, and the path nothing, where no path is found.
        """
        normals, chance = rng.standard_normal((self.pairs, self.knots)), rng.random()
        place, guided = self.place, self.guided
        if float(np.abs((v - place.prior_mean) / place.prior_sd).max()) > FARTHEST_PRIOR_SDS:
            return -math.inf, np.zeros(self.knots)
        weights, _ = place.weights(v)
        x = self._whiten @ (v - self.centre)
        guess, shift = guided.base[0] + x @ guided.slopes[0], guided.base[1] + x @ guided.slopes[1]
        for _ in range(2):
            if draw_paths(self.problem, weights, self.work, guess, shift, normals, self._paths, self._ratios):
                share = np.cumsum(np.exp(self._ratios - self._ratios.max()))
                picked = int(np.searchsorted(share, chance * share[-1]))
                return log_mean_exp(self._ratios), self._paths[min(picked, len(share) - 1)].copy()
            f, _ = find_path(self.problem, weights, self.work, False)
            if not math.isfinite(f):
                break
            guess = self.work.row[PATH].copy()
        return -math.inf, np.zeros(self.knots)

    def laplace(self, v: Floats) -> float:
        """Laplace's log p(data | v) as fitted, from which the estimate of `at` differs by what Laplace leaves out."""
        problem = self.place.data.problem
        f, _ = find_path(problem, self.place.weights(v)[0], self.work, False)
        return log_marginal(problem, self.work, f) if math.isfinite(f) else -math.inf


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """Draws of the parameters (n, p) with raw log weights (n,), and a path (n, knots) for each where asked for."""

    parameters: Floats
    log_ratios: Floats
    paths: Floats | None


def weigh(
    posterior: StrainPosterior, guided: Guide, n: int, pairs: int, rng: np.random.Generator, *, keep_paths: bool
) -> Weighed:
    """Propose n parameter vectors with pairs of paths for each, and weigh them by the exact joint density.

    Without process noise the path follows from the parameters, and there is nothing but these to weigh.
    """
    place = posterior.coordinates
    p = place.size
    z = rng.standard_normal((n, p))
    parameters = posterior.mean + (guided.move + WIDER * z) @ guided.factor.T
    constant = 0.5 * p * math.log(2.0 * math.pi) + p * math.log(WIDER) + float(np.log(np.diag(guided.factor)).sum())
    logs = np.empty(n)
    if not place.data.settings.noise:
        density = log_posterior(place)
        for s in range(n):
            logs[s] = density(parameters[s])[0] + 0.5 * float(z[s] @ z[s]) + constant
        return Weighed(parameters, logs, None)
    sampler = PathSampler(posterior, guided, pairs)
    kept = np.empty((n, sampler.knots)) if keep_paths else None
    for s in range(n):
        value, path = sampler.at(parameters[s], rng)
        logs[s] = value + place.log_prior(parameters[s])[0] + 0.5 * float(z[s] @ z[s]) + constant
        if kept is not None:
            kept[s] = path
    return Weighed(parameters, logs, kept)
