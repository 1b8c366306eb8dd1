"""How people differ: a normal population of level coordinates, learned from fits of many by EM.

Person i's likelihood is taken as normal, P_i = V_i⁻¹ - D_i⁻¹: the posterior with the person's own prior taken out.
People are drawn from θ_i ~ N(μ, T) with any correlations; each counts with the weight a multivariate t gives them
(Lange, Little and Taylor 1989), so that no one person decides. Without the correlations the spread of coordinates that
a short record tells only together (recovery, and what a role would lead to) comes out a third too small.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mainstay.strain.many import Summary
from mainstay.strain.priors import PRIORS

Floats = NDArray[np.float64]

FEWEST_PEOPLE = 20
"""Fewer say too little of how much people differ; with twenty, a between-person sd is known to a fifth."""

FLOOR = 0.1
"""People differ by at least a tenth of what the usual prior allows, however alike a cohort looks."""

TAILS = 5.0
"""Degrees of freedom of the t by whose weights people far from the others count less."""

SHRUNK = 4.0
"""Correlations are learned as if this many more people showed none."""

PRIOR_PEOPLE = 0.5
"""Before anybody is seen, people differ as if half a person had shown half the usual variance; half is the mean's."""

BY_KIND = frozenset(
    {"log_recovery_rate", "log_noise", "gain", "demand", "covariate", "log_rate", "pull", "efficacy", "mean_rating"}
    | {"log_rating_noise", "log_occasion"}
)
"""Kinds whose labels are a person's own words: others' refuges tell about a refuge nobody else has."""

BY_NAME = BY_KIND | {"rhythm", "tone", "gap"}
"""Kinds that are pooled at all. A rhythm's cosine says nothing about its sine: those go by their whole name only."""

ROUNDS = 100
SETTLED = 1e-3


@dataclass(frozen=True, slots=True)
class PooledPrior:
    """What `people` say of one coordinate: where it lies and how far people differ (with how well that is known).

    `usual_mean`, `usual_sd`: the prior it stands in for.
    """

    people: int
    mean: float
    sd: float
    usual_mean: float
    usual_sd: float

    @property
    def moved(self) -> float:
        """How far it moves the usual prior, in that prior's sds."""
        return (self.mean - self.usual_mean) / self.usual_sd

    @property
    def narrower(self) -> float:
        """Its sd over the usual one."""
        return self.sd / self.usual_sd


def kind_of(name: str) -> str:
    """The kind of a coordinate: "pull" of "pull:family"."""
    return name.split(":", maxsplit=1)[0]


def likelihood(one: Summary) -> tuple[Floats, Floats]:
    """Precision (p, p) of a person's likelihood and its product with the mean (p,): the posterior without the prior.

    Where the record is flatter than flat it says nothing; the mode stays where it was, whatever had to be flattened.
    """
    prior = one.prior_sd**-2.0
    scale = np.outer(one.prior_sd, one.prior_sd)
    values, vectors = np.linalg.eigh((np.linalg.inv(one.covariance) - np.diag(prior)) * scale)
    own = (vectors * np.maximum(values, 0.0)) @ vectors.T / scale
    return own, (own + np.diag(prior)) @ one.mean - prior * one.prior_mean


def learned(used: Sequence[Summary]) -> dict[str, PooledPrior]:
    """What is pooled of these people, under every whole name and every kind that enough of them have."""
    alike = _alike(used)
    population = _usual_population(used)
    for _ in range(ROUNDS):
        after = _estimated([_seen(some, population) for some in alike], population)
        moved = np.abs(np.concatenate([after.mean - population.mean, after.sd - population.sd]))
        scale, population = np.tile(population.usual[:, 1], 2), after
        if (moved / scale).max() < SETTLED:
            break
    return _handed_on(alike, [_seen(some, population) for some in alike], population)


@dataclass(frozen=True, slots=True, eq=False)
class _Alike:
    """People (m) whose models have the same coordinates (p): their likelihoods (m, p, p), (m, p), and usual priors."""

    names: tuple[str, ...]
    own: Floats
    own_shift: Floats
    prior_mean: Floats
    prior_precision: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Population:
    """Mean (g,) and covariance (g, g) over people of what is pooled: whole names with any correlations, then kinds.

    Labels of one kind that too few people share are draws of their kind, correlated with nothing. `usual` (g, 2).
    """

    names: tuple[str, ...]
    whole: int
    mean: Floats
    covariance: Floats
    usual: Floats

    @property
    def sd(self) -> Floats:
        return np.sqrt(np.diag(self.covariance))

    def places(self, names: Sequence[str]) -> NDArray[np.int64]:
        """For every coordinate the place of its whole name, else of its kind; -1 where it is not pooled."""
        place = {name: at for at, name in enumerate(self.names)}
        return np.array([place.get(name, place.get(kind_of(name), -1)) for name in names], np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """Pooled coordinates (r) of people alike (m): where in the population, mean (m, r), covariance, weight."""

    at: NDArray[np.int64]
    mean: Floats
    covariance: Floats
    weight: Floats


def _alike(used: Sequence[Summary]) -> list[_Alike]:
    groups: dict[tuple[str, ...], list[Summary]] = {}
    for one in used:
        groups.setdefault(one.names, []).append(one)
    found = []
    for names, some in groups.items():
        own, shift = zip(*(likelihood(one) for one in some), strict=True)
        prior_mean, prior_sd = np.array([one.prior_mean for one in some]), np.array([one.prior_sd for one in some])
        found.append(_Alike(names, np.array(own), np.array(shift), prior_mean, prior_sd**-2.0))
    return found


def _usual_population(used: Sequence[Summary]) -> _Population:
    """Where the search starts: the usual priors of all names that enough people have, then of all such kinds."""
    count: dict[str, int] = {}
    for one in used:
        for name in {name for name in one.names if kind_of(name) in BY_NAME}:
            count[name] = count.get(name, 0) + 1
    names = [name for name, n in count.items() if n >= FEWEST_PEOPLE]
    others = {kind_of(name) for name in count if name not in names} & BY_KIND
    kinds = sorted(k for k in others if sum(any(kind_of(n) == k for n in one.names) for one in used) >= FEWEST_PEOPLE)
    usual = np.array([PRIORS[kind_of(name)] for name in (*names, *kinds)])
    return _Population((*names, *kinds), len(names), usual[:, 0], np.diag(usual[:, 1] ** 2), usual)


def _seen(some: _Alike, population: _Population) -> _Seen:
    """What people's records and the population say together."""
    places = population.places(some.names)
    (pooled,) = np.nonzero(places >= 0)
    at = places[pooled]
    prior = population.covariance[np.ix_(at, at)]
    prior[(at[:, None] == at) & ~np.eye(len(at), dtype=bool)] = 0.0  # two refuges of a kind are two draws
    inverse = np.linalg.inv(prior)
    own, shift = some.own.copy(), some.own_shift.copy()
    (fixed,) = np.nonzero(places < 0)
    own[:, fixed, fixed] += some.prior_precision[:, fixed]
    shift[:, fixed] += some.prior_precision[:, fixed] * some.prior_mean[:, fixed]
    own[:, pooled[:, None], pooled] += inverse
    shift[:, pooled] += inverse @ population.mean[at]
    covariance = np.linalg.inv(own)
    mean: Floats = (covariance @ shift[:, :, None])[:, pooled, 0]
    covariance = covariance[:, pooled[:, None], pooled]
    apart = mean - population.mean[at]
    distance = ((apart @ inverse) * apart).sum(axis=1) + (inverse * covariance).sum(axis=(1, 2))
    return _Seen(at, mean, np.asarray(covariance, np.float64), (TAILS + len(at)) / (TAILS + distance))


def _estimated(seen: Sequence[_Seen], population: _Population) -> _Population:
    """The population that makes what was seen likeliest. What a person lacks is filled in from what they have."""
    whole, size = population.whole, len(population.names)
    block = population.covariance[:whole, :whole]
    total, first = 0.0, np.zeros(whole)
    second, rows = np.zeros((whole, whole)), np.zeros((3, size))
    for one in seen:
        mine = one.at < whole
        at = one.at[mine]
        fill = block[:, at] @ np.linalg.inv(block[np.ix_(at, at)])
        apart = (one.mean[:, mine] - population.mean[at]) @ fill.T
        spread = (one.weight[:, None, None] * one.covariance[:, mine][:, :, mine]).sum(axis=0)
        total += float(one.weight.sum())
        first += one.weight @ apart
        second += (one.weight[:, None] * apart).T @ apart
        second += fill @ spread @ fill.T + float(one.weight.sum()) * (block - fill @ block[at])
        for r in np.flatnonzero(~mine):
            k, weight = one.at[r], one.weight / np.count_nonzero(one.at == one.at[r])
            off = one.mean[:, r] - population.mean[k]
            rows[:, k] += weight.sum(), weight @ off, weight @ (off**2 + one.covariance[:, r, r])
    count, off, square = rows[:, whole:]
    weight = np.maximum(np.concatenate([np.full(whole, total), count]), 1e-9)
    middle = np.concatenate([first, off]) / weight
    step = _moved(middle, weight, population)
    near, far = middle[:whole], step[:whole]
    second += total * (np.outer(far, far) - np.outer(near, far) - np.outer(far, near))
    variance = np.diag(population.usual[:, 1] ** 2 / 2.0)
    covariance = np.zeros((size, size))
    covariance[:whole, :whole] = second + SHRUNK * np.diag(np.diag(block))
    covariance[range(whole, size), range(whole, size)] = square + count * step[whole:] * (
        step[whole:] - 2.0 * middle[whole:]
    )
    people = weight + PRIOR_PEOPLE + SHRUNK * (np.arange(size) < whole)
    covariance = (covariance + PRIOR_PEOPLE * variance) / np.sqrt(np.outer(people, people))
    return replace(
        population, mean=population.mean + step, covariance=covariance + np.diag(_lacking(covariance, population))
    )


def _moved(middle: Floats, weight: Floats, population: _Population) -> Floats:
    """The step of the mean to its likeliest place: prior about the usual mean, with half the usual variance."""
    home = population.usual[:, 0] - population.mean
    half = np.diag(population.usual[:, 1] ** 2 / 2.0)
    known = half @ np.linalg.inv(half + population.covariance / np.sqrt(np.outer(weight, weight)))
    step: Floats = home + known @ (middle - home)
    return step


def _lacking(covariance: Floats, population: _Population) -> Floats:
    lacking: Floats = np.maximum((FLOOR * population.usual[:, 1]) ** 2 - np.diag(covariance), 0.0)
    return lacking


def _handed_on(alike: Sequence[_Alike], seen: Sequence[_Seen], population: _Population) -> dict[str, PooledPrior]:
    """For every whole name and every kind that enough people have: where people lie, how far apart, how well known."""
    rows: dict[str, list[tuple[float, float, float, float]]] = {}
    people: dict[str, int] = {}
    for some, one in zip(alike, seen, strict=True):
        names = [name for name, place in zip(some.names, population.places(some.names), strict=True) if place >= 0]
        kinds = [kind_of(name) for name in names]
        shares = [1.0 / kinds.count(kind) for kind in kinds]
        wide = np.diag(population.covariance)[one.at]
        for m, weight in enumerate(one.weight):
            for r, (name, kind, share) in enumerate(zip(names, kinds, shares, strict=True)):
                row = (float(one.mean[m, r]), float(one.covariance[m, r, r]), float(wide[r]))
                rows.setdefault(name, []).append((float(weight), *row))
                if kind in BY_KIND and kind != name:
                    rows.setdefault(kind, []).append((float(weight) * share, *row))
        for group in {*names, *kinds}:
            people[group] = people.get(group, 0) + len(one.weight)
    return {
        group: _told(np.array(listed).T, people[group], PRIORS[kind_of(group)])
        for group, listed in rows.items()
        if people[group] >= FEWEST_PEOPLE
    }


def _told(rows: Floats, people: int, usual: tuple[float, float]) -> PooledPrior:
    """Mean and sd over rows of (weight, mean, variance, population variance), with the uncertainty of both added."""
    weight, mean, left, wide = rows
    total = float(weight.sum())
    middle = float(weight @ mean) / total
    shown = float(weight @ (left + (mean - middle) ** 2)) + PRIOR_PEOPLE * usual[1] ** 2 / 2.0
    variance = max(shown / (total + PRIOR_PEOPLE), (FLOOR * usual[1]) ** 2)
    known = np.clip(1.0 - left / wide, 1e-6, 1.0)  # T / (T + s²), s² the variance of a person's likelihood
    of_mean = variance / float(weight @ known)
    of_variance = min(2.0 / float(weight @ known**2), 1.0)
    sd = math.sqrt(variance * (1.0 + of_variance) + of_mean)
    return PooledPrior(people, middle, min(sd, max(usual[1], math.sqrt(variance))), *usual)
