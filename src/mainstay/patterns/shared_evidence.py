"""What an attribute has to say for itself: does it tell the company that eases from the company that does not?

A company that eases takes some share of the strain, N(.4, (.2 w)²); one that doesn't takes next to none, N(0, .05²),
now and then it adds to it, N(−.2, .2²) in one case of five. With y and sd s of its share, each has a likelihood for
either, and

    nothing is shared   every company eases with the same unknown chance π, uniform in (0, 1), each by itself
    attribute a         those with it ease and those without it don't, but for exceptions: ε of .02, .1 or .2

`log_ratio` is the second against the first. A company enters once, however often it was met, so five of them bound it:
at most 60 where two or three of five ease, 30 where one or four do. That everybody eases alike is the first with π near
1, so an attribute earns nothing where there is no contrast. `difference` is told from a normal model of the shares,

    cov = 1 + w² (ρ B_a + (1 − ρ) I) + Σ,   w = .3,

B_a 1 for two companies that have a in common or lack it in common, averaged over ρ: the difference it would make with
company not met yet, where `difference` of those that were met is far more certain than of others.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mainstay.patterns.shared_shares import EASING_SD, Eased, log_likelihoods
from mainstay.quantities import Instant

Floats = NDArray[np.float64]
Pattern = NDArray[np.bool_]

WIDTHS = (0.5, 1.0, 2.0)
CHANCES = np.linspace(0.02, 0.98, 25)
EXCEPTIONS = (0.02, 0.1, 0.2)
PARTICULAR_SD = 0.3
COMMON_SD = 1.0
EXPLAINED = np.array([0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.99])
BY_LOT = 0.05
"""An attribute that would fit as well by lot more often than this is no more than a candidate."""

MOST_ARRANGEMENTS = 20_000


@dataclass(frozen=True, slots=True)
class SharedAttribute:
    """How well one attribute tells what eases from what doesn't.

    `known`: when it was first known of anybody. `difference`: share eased with minus without it (mean, sd). `log_ratio`
    by prior width (times `EASING_SD`). `fits`, `does_not_fit`: company whose easing is certain enough to count.
    `same_as`: true of exactly the same company; `opposite_of`: true of exactly the others. `new_since`: company with it
    that was first met after it was known of them. `weight`: among all attributes and "nothing is shared", which has
    half beforehand; attributes true of the very same divide one place among them.
    """

    name: str
    known: Instant
    companies_with: tuple[str, ...]
    companies_without: tuple[str, ...]
    difference: float
    difference_sd: float
    log_ratio: Mapping[float, float]
    fits: tuple[str, ...]
    does_not_fit: tuple[str, ...]
    same_as: tuple[str, ...]
    opposite_of: tuple[str, ...]
    new_since: tuple[str, ...]
    weight: float


def weigh(companies: Sequence[Eased], covariance: Floats) -> tuple[tuple[SharedAttribute, ...], float]:
    """Every attribute that some of the companies have and some lack, the best first; and the weight of "nothing"."""
    names = sorted({name for one in companies for name in one.attributes})
    patterns = {name: np.array([name in one.attributes for one in companies]) for name in names}
    patterns = {name: has for name, has in patterns.items() if 0 < has.sum() < len(has)}
    shares, sds = np.array([one.share for one in companies]), np.array([one.share_sd for one in companies])
    ratios = {name: log_ratios(shares, sds, has) for name, has in patterns.items()}
    places = Counter(has.tobytes() for has in patterns.values())
    odds = {name: math.exp(ratios[name][1.0]) / len(places) / places[has.tobytes()] for name, has in patterns.items()}
    total = 1.0 + sum(odds.values())
    found = [
        replace(_attribute(name, companies, covariance, patterns), log_ratio=ratios[name], weight=odds[name] / total)
        for name in patterns
    ]
    found.sort(key=lambda one: (-one.log_ratio[1.0], one.name))
    return tuple(found), 1.0 / total


def _attribute(
    name: str, companies: Sequence[Eased], covariance: Floats, patterns: Mapping[str, Pattern]
) -> SharedAttribute:
    has = patterns[name]
    mean, sd = difference(np.array([one.share for one in companies]), covariance, has)
    bears_out = [
        None if one.eases is None else one.eases == bool(inside) for one, inside in zip(companies, has, strict=True)
    ]
    return SharedAttribute(
        name=name,
        known=min(one.attributes[name] for one in companies if name in one.attributes),
        companies_with=tuple(one.name for one, inside in zip(companies, has, strict=True) if inside),
        companies_without=tuple(one.name for one, inside in zip(companies, has, strict=True) if not inside),
        difference=mean,
        difference_sd=sd,
        log_ratio={},
        fits=tuple(one.name for one, so in zip(companies, bears_out, strict=True) if so),
        does_not_fit=tuple(one.name for one, so in zip(companies, bears_out, strict=True) if so is False),
        same_as=tuple(other for other, those in patterns.items() if other != name and bool((those == has).all())),
        opposite_of=tuple(other for other, those in patterns.items() if bool((those != has).all())),
        new_since=tuple(
            one.name for one in companies if name in one.attributes and one.attributes[name] <= one.first_met
        ),
        weight=0.0,
    )


def log_ratios(shares: Floats, sds: Floats, has: Pattern) -> dict[float, float]:
    """By prior width: how much likelier the shares are if those with it ease than if nothing is shared (log)."""
    return {width: _log_ratio(shares, sds, has, EASING_SD * width) for width in WIDTHS}


def _log_ratio(shares: Floats, sds: Floats, has: Pattern, easing_sd: float) -> float:
    eases, not_easing = log_likelihoods(shares, sds, easing_sd)
    as_said, otherwise = np.where(has, eases, not_easing), np.where(has, not_easing, eases)
    ruled = [float(np.logaddexp(math.log1p(-one) + as_said, math.log(one) + otherwise).sum()) for one in EXCEPTIONS]
    by_itself = np.logaddexp(np.log(CHANCES)[:, None] + eases, np.log1p(-CHANCES)[:, None] + not_easing).sum(axis=1)
    return _log_mean(ruled) - _log_mean(by_itself.tolist())


def _prior(alike: Floats, variance: float, rho: float) -> Floats:
    together: Floats = COMMON_SD**2 + variance * (rho * alike + (1.0 - rho) * np.eye(len(alike)))
    return together


def _log_normal(values: Floats, covariance: Floats) -> float:
    factor = np.linalg.cholesky(covariance)
    z = np.linalg.solve(factor, values)
    return -0.5 * float(z @ z) - float(np.log(np.diag(factor)).sum()) - 0.5 * len(values) * math.log(2.0 * math.pi)


def _log_mean(logs: Sequence[float]) -> float:
    top = max(logs)
    return top + math.log(sum(math.exp(one - top) for one in logs) / len(logs))


def difference(shares: Floats, covariance: Floats, has: Pattern) -> tuple[float, float]:
    """The share eased with minus without the attribute (mean, sd), averaged over how much of it is explained."""
    alike = (has[:, None] == has).astype(np.float64)
    logs, means, variances = [], [], []
    with_it, without = int(np.flatnonzero(has)[0]), int(np.flatnonzero(~has)[0])
    for rho in EXPLAINED:
        total = covariance + _prior(alike, PARTICULAR_SD**2, rho)
        reach = rho * PARTICULAR_SD**2 * (alike[with_it] - alike[without])
        gain = np.linalg.solve(total, reach)
        logs.append(_log_normal(shares, total))
        means.append(float(gain @ shares))
        variances.append(2.0 * rho * PARTICULAR_SD**2 - float(gain @ reach))
    weights = np.exp(np.array(logs) - max(logs))
    weights /= weights.sum()
    mean = float(weights @ means)
    return mean, math.sqrt(float(weights @ (np.array(variances) + (np.array(means) - mean) ** 2)))


def chance_fit(companies: Sequence[Eased], among: Collection[str] | None = None) -> float | None:
    """How often one of the attributes (`among`, or all) would fit as well as the best, were it chance who eases.

    Exact, over all arrangements of which of the certain companies ease (drawn, where there are very many). None where
    no company eases for certain, or all do.
    """
    clear = [one for one in companies if one.eases is not None]
    eases = np.array([bool(one.eases) for one in clear])
    if not eases.any() or eases.all():
        return None
    names = {name for one in clear for name in one.attributes if among is None or name in among}
    if not names:
        return None
    patterns = np.unique([[name in one.attributes for one in clear] for name in sorted(names)], axis=0)
    best = int((patterns == eases).sum(axis=1).max())
    n, k = len(clear), int(eases.sum())
    if math.comb(n, k) <= MOST_ARRANGEMENTS:
        rows = np.array(list(itertools.combinations(range(n), k)))
    else:
        rng = np.random.default_rng(n)
        rows = np.array([rng.permutation(n)[:k] for _ in range(MOST_ARRANGEMENTS)])
    arranged = np.zeros((len(rows), n), bool)
    np.put_along_axis(arranged, rows, values=True, axis=1)
    fitting = (arranged[:, None, :] == patterns[None]).sum(axis=2).max(axis=1)
    return float((fitting >= best).mean())
