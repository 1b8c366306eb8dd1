"""Priors learned from many people and given to one with a short record: what people are like, never how they change.

How people differ is learned in `population` and handed on coordinate by coordinate, with what is uncertain about it
added. Each person is then taken as drawn from a robust mixture (Schmidli et al. 2014; (m_c, w_c) is the usual prior),

    θ_c ~ (1 - ε) N(μ_c, τ_c²) + ε N(m_c, w_c²),

matched by expectation propagation (Minka 2001) to one normal for each coordinate: somebody unlike the others keeps
about the usual prior there.

Pooled is what a person is like: how fast strain fades, how it comes and goes by itself, how often refuges are sought,
the rhythm of the day, the use of the scale. Whether something strains or restores *this* person is for their own record
to show: effects (tolls, demands, pulls, shares eased) are lent only where that is asked for, since with them three
times as many refuges that strain did not drive were called driven by it. Drift, fading, growth and everything else that
says how a person *changes* keeps its usual prior always: an alarm must not borrow strength.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mainstay.quantities import CannotSay
from mainstay.strain.fitting import fit, fit_data
from mainstay.strain.many import FitFailed, Summary, summary_of
from mainstay.strain.population import BY_KIND, FEWEST_PEOPLE, PooledPrior, kind_of, learned, likelihood
from mainstay.strain.posterior import METHOD, StrainPosterior
from mainstay.strain.settings import USUAL, Settings
from mainstay.timeline.kinds import Timeline

Floats = NDArray[np.float64]

UNLIKE = 0.1
"""ε: one person in ten is taken to be like nobody else, coordinate by coordinate."""

EFFECTS = frozenset({"gain", "demand", "covariate", "pull", "efficacy"})

ROUNDS = 100
SETTLED = 1e-3
DAMPING = 0.7


def _whole(one: PooledPrior) -> tuple[float, float]:
    """Mean and sd of the mixture: a single normal that is safe on its own, and so wider."""
    mean = (1.0 - UNLIKE) * one.mean + UNLIKE * one.usual_mean
    apart = UNLIKE * (1.0 - UNLIKE) * (one.mean - one.usual_mean) ** 2
    return mean, math.sqrt((1.0 - UNLIKE) * one.sd**2 + UNLIKE * one.usual_sd**2 + apart)


@dataclass(frozen=True, slots=True)
class Pooled:
    """Priors pooled over `people`, by whole name ("pull:family") and by kind ("pull"). `left_out`: people not used."""

    people: int
    left_out: int
    of: Mapping[str, PooledPrior]

    @property
    def priors(self) -> dict[str, tuple[float, float]]:
        """The same for everybody, without effects, for `Settings(priors=...)`. Once fitted, `priors_for` is better."""
        return {name: _whole(one) for name, one in self.of.items() if kind_of(name) not in EFFECTS}

    def prior(self, name: str) -> PooledPrior | None:
        """What is pooled for a coordinate: under its whole name, else its kind; None where it keeps its usual prior."""
        return self.of.get(name) or (self.of.get(kind_of(name)) if kind_of(name) in BY_KIND else None)

    def priors_for(self, fitted: StrainPosterior | Summary, *, effects: bool = False) -> dict[str, tuple[float, float]]:
        """The priors as far as this person is like the others: where their record says otherwise, near the usual ones.

        Nothing for a person without check-ins, whose strain is in other units. With `effects`, tolls, demands, pulls
        and shares eased lean on others too: closer on average, and no basis for a claim about one person.
        """
        return self._leant(fitted if isinstance(fitted, Summary) else summary_of(fitted), {}, effects)[0]

    def _leant(
        self, one: Summary, given: Mapping[str, Any], effects: bool
    ) -> tuple[dict[str, tuple[float, float]], Floats]:
        """Priors for all coordinates that have none of their own in `given`, and where the person would lie then."""
        populations = {
            at: prior
            for at, name in enumerate(one.names)
            if not {name, kind_of(name)} & given.keys()
            and (effects or kind_of(name) not in EFFECTS)
            and (prior := self.prior(name)) is not None
        }
        if not _rated(one) or not populations:
            return {}, one.mean
        mean, sd, place = _matched(one, populations)
        return {one.names[at]: (float(mean[at]), float(sd[at])) for at in populations}, place


def _rated(one: Summary) -> bool:
    return any(name.startswith("mean_rating:") for name in one.names)


def _log_normal(x: Floats, mean: Floats, variance: Floats) -> Floats:
    density: Floats = -0.5 * ((x - mean) ** 2 / variance + np.log(variance))
    return density


def _tilted(mean: Floats, variance: Floats, priors: Sequence[PooledPrior]) -> tuple[Floats, Floats]:
    """Posterior mean and variance of likelihoods N(mean, variance) under their robust mixtures: all (r,)."""
    centres = np.array([[one.mean, one.usual_mean] for one in priors]).T
    spreads = np.array([[one.sd, one.usual_sd] for one in priors]).T ** 2
    both = variance + spreads
    weights = np.log([[1.0 - UNLIKE], [UNLIKE]]) + _log_normal(mean, centres, both)
    weights = np.exp(weights - np.logaddexp(*weights))
    found, left = (centres * variance + mean * spreads) / both, variance * spreads / both
    centre = (weights * found).sum(axis=0)
    return centre, (weights * (left + (found - centre) ** 2)).sum(axis=0)


def _matched(one: Summary, populations: Mapping[int, PooledPrior]) -> tuple[Floats, Floats, Floats]:
    """Means and sds (p,) of normals that stand for the person's priors, and where the person lies under them.

    Where one would have to become wider than the usual and the pooled one, the person is unlike the others there and
    keeps the usual one.
    """
    own, own_shift = likelihood(one)
    precision, shift = one.prior_sd**-2.0, one.prior_sd**-2.0 * one.prior_mean
    at, priors = list(populations), list(populations.values())
    usual, usual_sd = np.array([[prior.usual_mean, prior.usual_sd] for prior in priors]).T
    pooled, pooled_sd = np.array([[prior.mean, prior.sd] for prior in priors]).T
    widest = np.maximum(usual_sd, pooled_sd)
    low, high = np.minimum(usual - usual_sd, pooled - pooled_sd), np.maximum(usual + usual_sd, pooled + pooled_sd)
    for _ in range(ROUNDS):
        covariance = np.linalg.inv(own + np.diag(precision))
        whole = 1.0 / np.diag(covariance)[at]
        alone = np.maximum(whole - precision[at], 1e-9 * whole)
        mean: Floats = ((covariance @ (own_shift + shift))[at] * whole - shift[at]) / alone
        centre, spread = _tilted(mean, 1.0 / alone, priors)
        new = 1.0 / spread - alone
        kept = new > widest**-2.0
        new = np.where(kept, new, usual_sd**-2.0)
        place = np.where(kept, np.clip((centre / spread - mean * alone) / new, low, high), usual)
        before = shift[at] / precision[at]
        shift[at] += DAMPING * (new * place - shift[at])
        precision[at] += DAMPING * (new - precision[at])
        if (np.abs(shift[at] / precision[at] - before) / widest).max() < SETTLED:
            break
    mode = np.linalg.inv(own + np.diag(precision)) @ (own_shift + shift)
    return shift / precision, precision**-0.5, np.asarray(mode, np.float64)


def learn_priors(
    fits: Iterable[StrainPosterior | Summary | CannotSay | FitFailed],
) -> Pooled | CannotSay:
    """Priors from the fits of people who consented to it. Refuses fewer than twenty people with check-ins.

    People without a fit, or without check-ins (whose strain is in other units), are left out and counted.
    """
    given = [summary_of(one) if isinstance(one, StrainPosterior) else one for one in fits]
    used = [one for one in given if isinstance(one, Summary) and _rated(one)]
    if len(used) < FEWEST_PEOPLE:
        return CannotSay(
            "too few people to learn from how much people differ",
            have=len(used),
            need=FEWEST_PEOPLE,
            unit="people",
            quantity="pooled priors",
            method=METHOD,
        )
    return Pooled(len(used), len(given) - len(used), learned(used))


def fit_pooled(
    timeline: Timeline, pooled: Pooled, settings: Settings = USUAL, *, effects: bool = False
) -> StrainPosterior | CannotSay:
    """Fit one person with priors pooled over others, as far as this person turns out to be like them.

    Priors given in `settings` go before pooled ones. A record that settles nothing by itself is first given the same
    priors as everybody.
    """
    first = fit(timeline, settings)
    if isinstance(first, CannotSay):
        first = fit(timeline, replace(settings, priors={**pooled.priors, **settings.priors}))
    if isinstance(first, CannotSay):
        return first
    return refit_pooled(first, pooled, settings, effects=effects)


def refit_pooled(
    first: StrainPosterior, pooled: Pooled, settings: Settings = USUAL, *, effects: bool = False
) -> StrainPosterior | CannotSay:
    """The same data as those of a first fit, under the priors that are lent to such a person.

    `settings`: what the fit was asked for; its priors go before pooled ones.
    """
    leant, place = pooled._leant(summary_of(first), settings.priors, effects)
    data = replace(first.data, settings=replace(settings, priors={**leant, **settings.priors}))
    found = fit_data(data, start=place)
    return found if isinstance(found, StrainPosterior) else fit_data(data)
