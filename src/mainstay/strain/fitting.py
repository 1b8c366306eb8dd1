"""Fitting the strain-and-threshold model to one person: the posterior mode, its curvature, and draws from it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mainstay.numerics.maximise import Maximum, maximise
from mainstay.numerics.ou_gradient import value_and_gradient
from mainstay.numerics.ou_path import VAR, Work, find_path, make_work, path_covariance
from mainstay.quantities import CannotSay
from mainstay.strain.coordinates import Coordinates, coordinates
from mainstay.strain.data import StrainData, strain_data
from mainstay.strain.posterior import METHOD, StrainPosterior
from mainstay.timeline.kinds import Timeline

Floats = NDArray[np.float64]

FEWEST_RECORDS = 20
FEWEST_DAYS = 14.0
START_RECOVERY_RATES = (0.6, 4.0)
PATH_ROUNDS = 2
FARTHEST_PRIOR_SDS = 6.0
"""A search that leaves the priors this far behind is running away, not finding."""


def log_posterior(place: Coordinates, work: Work | None = None) -> Callable[[Floats], tuple[float, Floats]]:
    """The log posterior density in level coordinates with its gradient; -inf where the kernel finds no path.

    Calls share one path: each search starts from the last one found, and anew where that fails.
    """
    problem = place.data.problem
    scratch = work or make_work(problem)
    warm = False

    def density(v: Floats) -> tuple[float, Floats]:
        nonlocal warm
        nothing = np.zeros(len(v))
        if float(np.abs((v - place.prior_mean) / place.prior_sd).max()) > FARTHEST_PRIOR_SDS:
            return -math.inf, nothing
        weights, jacobian = place.weights(v)
        gradient = np.zeros(len(jacobian))
        value, _ = value_and_gradient(problem, weights, scratch, warm, gradient)
        if warm and not math.isfinite(value):
            value, _ = value_and_gradient(problem, weights, scratch, False, gradient)
        warm = math.isfinite(value)
        if not warm or not np.all(np.isfinite(gradient)):
            warm = False
            return -math.inf, nothing
        prior, by_prior = place.log_prior(v)
        return value + prior, jacobian.T @ gradient + by_prior

    return density


def start_point(place: Coordinates, recovery_rate: float) -> Floats:
    """Where the search begins: prior means, with rates and ratings at what was observed."""
    data, v = place.data, place.prior_mean.copy()
    v[0] = math.log(recovery_rate)
    v[1] = math.log(0.5 * math.sqrt(recovery_rate / 0.7))
    v[place.block("log_rate")] = np.log(np.maximum(data.act_rate, 1e-3))
    v[place.block("pull")] = 0.5
    problem = data.problem
    for i in range(len(data.items)):
        values = problem.read_value[problem.read_item == i]
        v[place.block("mean_rating").start + i] = values.mean()
        v[place.block("log_rating_noise").start + i] = math.log(max(float(values.std()), 0.3) * 0.8)
    return v


def path_variance(data: StrainData, place: Coordinates, v: Floats) -> Floats:
    """The posterior variance of strain at the knots (n,), in squared steps, at the parameters v."""
    work = make_work(data.problem)
    weights, _ = place.weights(v)
    find_path(data.problem, weights, work, False)
    path_covariance(work)
    variance: Floats = work.row[VAR].copy()
    return variance


def _highest(place: Coordinates, starts: list[Floats]) -> tuple[Maximum | None, int]:
    density = log_posterior(place)
    found = [maximise(density, start, place.prior_sd**-2.0) for start in starts]
    best = max((one for one in found if one.converged), key=lambda one: one.value, default=None)
    # a run that did not settle may stop just short of the best mode, but not above it: then nothing is settled
    if best is not None and any(one.value > best.value + 1.0 for one in found):
        best = None
    return best, sum(one.evaluations for one in found)


def fit_data(data: StrainData) -> StrainPosterior | CannotSay:
    """The posterior from laid-out data. Starts from a slow and a fast recovery and keeps the higher mode;
    refuses where a search ran away above every mode that was found.

    Where acts went unrecorded, their relief depends on how far the path strays: that is taken from the last fit, twice.
    """
    place = coordinates(data)
    best, evaluations = _highest(place, [start_point(place, rate) for rate in START_RECOVERY_RATES])
    for _ in range(PATH_ROUNDS if data.problem.any_unseen else 0):
        if best is None:
            break
        data = data.with_path(path_variance(data, place, best.at), best.at[place.block("pull")])
        place = coordinates(data)
        best, more = _highest(place, [best.at])
        evaluations += more
    if best is None:
        return CannotSay(
            "the model of strain could not be settled on this record: its most probable values run away",
            row="S9",
            quantity="strain",
            method=METHOD,
        )
    _, log_determinant = np.linalg.slogdet(best.precision)
    evidence = best.value + 0.5 * place.size * math.log(2 * math.pi) - 0.5 * float(log_determinant)
    covariance = np.linalg.inv(best.precision)
    return StrainPosterior(data, place, best.at, 0.5 * (covariance + covariance.T), evidence, evaluations)


def fit(timeline: Timeline) -> StrainPosterior | CannotSay:
    """Fit one person's timeline. Refuses records of under 14 days, or under 20 ratings and acts of relief together."""
    if timeline.days < FEWEST_DAYS:
        return CannotSay(
            "the record is too short to tell strain from chance",
            have=round(timeline.days, 1),
            need=FEWEST_DAYS,
            unit="days",
            row="S9",
            quantity="strain",
            method=METHOD,
        )
    data = strain_data(timeline)
    records = data.readings + int(data.act_counts.sum())
    if records < FEWEST_RECORDS:
        return CannotSay(
            "there are too few check-ins and acts of relief to see strain through",
            have=records,
            need=FEWEST_RECORDS,
            unit="check-ins and acts",
            row="S9",
            quantity="strain",
            n=records,
            method=METHOD,
        )
    return fit_data(data)
