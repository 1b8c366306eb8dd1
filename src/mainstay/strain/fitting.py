"""Fitting the strain-and-threshold model to one person: the posterior mode, its curvature, and draws from it."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mainstay.numerics.decay_path import value_and_gradient_still
from mainstay.numerics.layout import VAR, Weights, Work, make_work
from mainstay.numerics.maximise import (
    Maximum,
    Objective,
    Place,
    climb,
    made_positive,
    negated_hessian,
    settle,
)
from mainstay.numerics.ou_gradient import value_and_gradient
from mainstay.numerics.ou_path import find_path, path_covariance
from mainstay.quantities import CannotSay
from mainstay.strain.borne_out import shown
from mainstay.strain.coordinates import Coordinates, coordinates
from mainstay.strain.data import StrainData, strain_data
from mainstay.strain.posterior import METHOD, StrainPosterior
from mainstay.strain.settings import USUAL, Settings
from mainstay.timeline.kinds import Timeline

Floats = NDArray[np.float64]

FEWEST_RECORDS = 20
FEWEST_DAYS = 14.0
START_RECOVERY_RATES = (0.6, 4.0)
PATH_ROUNDS = 2
MOSTLY = 0.9
LEAST_MOVE = 0.06
"""Steps: an sd of a hundredth of the scale."""

LEAST_CROWD, CROWDED = 20, 0.5
SPARSE_DAYS = 4.0
FARTHEST_PRIOR_SDS = 6.0
"""A search that leaves the priors this far behind is running away, not finding."""


def log_posterior(place: Coordinates, work: Work | None = None) -> Objective:
    """The log posterior density in level coordinates with its gradient; -inf where the kernel finds no path.

    Calls share one path: each search starts from the last one found, and anew where that fails.
    """
    problem = place.data.problem
    scratch = work or make_work(problem)
    highest, _ = place.log_prior(place.prior_mean)
    warm = False

    def likelihood(weights: Weights, gradient: Floats) -> float:
        if not place.data.settings.noise:
            return float(value_and_gradient_still(problem, weights, scratch, gradient))
        value, _ = value_and_gradient(problem, weights, scratch, warm, gradient)
        if warm and not math.isfinite(value):
            value, _ = value_and_gradient(problem, weights, scratch, False, gradient)
        return float(value)

    def density(v: Floats) -> tuple[float, Floats]:
        nonlocal warm
        nothing = np.zeros(len(v))
        z = (v - place.prior_mean) / place.prior_sd
        if max(z.max(), -z.min()) > FARTHEST_PRIOR_SDS:
            return -math.inf, nothing
        weights, jacobian = place.weights(v)
        gradient = np.zeros(len(jacobian))
        value = likelihood(weights, gradient)
        warm = math.isfinite(value) and math.isfinite(gradient.sum())
        if not warm:
            return -math.inf, nothing
        return value + highest - 0.5 * float(z @ z), gradient @ jacobian - z / place.prior_sd

    return density


def start_point(place: Coordinates, recovery_rate: float) -> Floats:
    """Where the search begins: prior means, with rates and ratings at what was observed."""
    data, v = place.data, place.prior_mean.copy()
    v[0] = math.log(recovery_rate)
    v[place.block("log_noise")] = math.log(0.5 * math.sqrt(recovery_rate / 0.7))
    v[place.block("log_rate")] = np.log(np.maximum(data.act_rate, 1e-3))
    v[place.block("pull")] = 0.5
    problem = data.problem
    for i in range(len(data.items)):
        values = problem.read_value[problem.read_item == i]
        v[place.block("mean_rating").start + i] = values.mean()
        v[place.block("log_rating_noise").start + i] = math.log(max(float(values.std()), 0.3) * 0.8)
    near = 0.5 * FARTHEST_PRIOR_SDS * place.prior_sd  # a prior that was given may be narrow
    return np.clip(v, place.prior_mean - near, place.prior_mean + near)


def path_at(place: Coordinates, v: Floats) -> Work:
    """The kernel's scratch with the most probable path of strain at the parameters v, and its variances."""
    work = make_work(place.data.problem)
    weights, _ = place.weights(v)
    find_path(place.data.problem, weights, work, False)
    path_covariance(work)
    return work


def _climbed(density: Objective, start: Floats, scale: Floats) -> Place:
    place = Place(start, *density(start))
    if not math.isfinite(place.value):
        return place
    return climb(density, place, made_positive(negated_hessian(density, place), scale))


def _highest(density: Objective, starts: list[Floats], scale: Floats) -> Maximum | None:
    """The highest mode reached from the starts; None where a search ran away above every mode that was found."""
    places = sorted((_climbed(density, start, scale) for start in starts), key=lambda one: -one.value)
    if not math.isfinite(places[0].value):
        return None
    found = settle(density, places[0], scale)
    return found if found.converged else None


def _unsettled(data: StrainData) -> CannotSay:
    """The refusal where no mode holds, naming what stands in the way where the record shows it."""
    problem = data.problem
    refuse = partial(CannotSay, row="S9", quantity="strain", n=data.readings, method=METHOD)
    answers = problem.read_value[problem.read_item == 0]
    if data.unknown_days > MOSTLY * data.days:
        return refuse(
            "for nearly all of the time recording is said to have been off, or to have caught nothing",
            would_change="a log of recording as it really was, or none at all",
        )
    if len(answers) and float(answers.std()) < LEAST_MOVE:
        return refuse(
            f"the answers about {data.anchor} hardly move: nearly all of its scale is never used",
            would_change="a scale whose ends are answered now and then, or the real ends of this one",
        )
    for at, what in ((problem.event_knot, "acts of relief"), (problem.jump_knot, "demands")):
        a_day = np.bincount(np.floor(data.knots[at]).astype(np.int64), minlength=1)
        if a_day.max() > max(LEAST_CROWD, CROWDED * len(at)):
            return refuse(
                f"{a_day.max():,} of all {len(at):,} {what} stand on one day, and no life of strain explains that",
                would_change="the times at which these happened, if they were read in wrongly",
            )
    if data.readings < data.days / SPARSE_DAYS:
        return refuse(
            "check-ins are too far apart to follow strain from one to the next",
            have=round(7.0 * data.readings / data.days, 1),
            need=7,
            unit="check-ins a week",
            would_change="a check-in a day or more",
        )
    return refuse(
        "very different lives would explain this record as well: it does not settle how strain comes and goes",
        would_change="more check-ins a day, and what weighs on you and what eases it noted as it happens",
    )


def fit_data(data: StrainData, start: Floats | None = None) -> StrainPosterior | CannotSay:
    """The posterior from laid-out data. Starts from a slow and a fast recovery and keeps the higher mode.

    `start` (p,): where to begin instead, such as the mode of a fit of nearly the same. Where acts went unrecorded,
    their relief depends on how far the path strays: that is taken from the last fit, twice.
    """
    place = coordinates(data)
    scale = place.prior_sd**-2.0
    density = log_posterior(place)
    starts = [start_point(place, rate) for rate in START_RECOVERY_RATES] if start is None else [start]
    best = _highest(density, starts, scale)
    if best is not None and data.problem.any_unseen and data.settings.noise:
        for _ in range(PATH_ROUNDS):
            data = data.with_path(path_at(place, best.at).row[VAR].copy(), place.pulls(best.at))
            place = coordinates(data)
            density = log_posterior(place)
            moved = climb(density, Place(best.at, *density(best.at)), best.precision)
            best = replace(best, at=moved.at, value=moved.value)
        best = settle(density, moved, scale)
        best = best if best.converged else None
    if best is None:
        return _unsettled(data)
    return replace(_posterior(data, place, best), shown=shown(place, best.at))


def refit(posterior: StrainPosterior, settings: Settings) -> StrainPosterior | None:
    """The posterior under other shapes of drift and fading, from the mode of one that is there; None if none is found.

    How far the path strays is left as it was, so that evidence can be compared.
    """
    data = posterior.data.with_shapes(settings)
    place = coordinates(data)
    start, scale = np.zeros(place.size), place.prior_sd**-2.0
    here = [i for i, name in enumerate(place.names) if name in posterior.coordinates.names]
    there = [posterior.coordinates.names.index(place.names[i]) for i in here]
    start[here] = posterior.mean[there]
    precision = np.diag(scale)
    precision[np.ix_(here, here)] = np.linalg.inv(posterior.covariance)[np.ix_(there, there)]
    density = log_posterior(place)
    found = settle(density, climb(density, Place(start, *density(start)), precision), scale)
    return _posterior(data, place, found) if found.converged else None


def fit_beside(data: StrainData, posterior: StrainPosterior) -> StrainPosterior | CannotSay:
    """The posterior from data of the same record with terms more or fewer, searched from a mode found before."""
    place = coordinates(data)
    start = start_point(place, math.exp(posterior.marginal("log_recovery_rate")[0]))
    known = dict(zip(posterior.coordinates.names, posterior.mean, strict=True))
    fresh = [known.get(name, 0.0 if name.startswith("demand:") else start[i]) for i, name in enumerate(place.names)]
    return fit_data(data, np.array(fresh))


def _posterior(data: StrainData, place: Coordinates, best: Maximum) -> StrainPosterior:
    _, log_determinant = np.linalg.slogdet(best.precision)
    evidence = best.value + 0.5 * place.size * math.log(2 * math.pi) - 0.5 * float(log_determinant)
    covariance = np.linalg.inv(best.precision)
    return StrainPosterior(data, place, best.at, 0.5 * (covariance + covariance.T), evidence)


def fit(timeline: Timeline, settings: Settings = USUAL) -> StrainPosterior | CannotSay:
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
    anchor = timeline.ratings.get(timeline.anchor or "")
    if anchor is not None and len(anchor.values) and float(np.ptp(anchor.values)) == 0.0:
        return CannotSay(
            f"every rating of {anchor.item.name} is the same, so nothing about strain can be read from it",
            row="S9",
            quantity="strain",
            n=len(anchor.values),
            method=METHOD,
            would_change="an item whose answers differ from day to day",
        )
    data = strain_data(timeline, settings)
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
