"""Draws from the posterior of a fit: from the normal fitted by Laplace's method, weighted by importance, or by NUTS.

Importance: parameters are proposed from a normal near Laplace's, for each a few pairs of paths from the path's normal
at those parameters, and the weight is the exact joint density of parameters, path and data over the proposal's,
averaged over the paths. NUTS (`nuts`): chains over the parameters, weighted for what Laplace leaves out of the path.
How far weights may be trusted is told by k-hat (`numerics.pareto`), how far chains may by R-hat (`numerics.chains`).

`auto` takes importance with one pair of paths, then with eight, then with more draws; where the check fails NUTS, if
nutpie is installed; and else the normal that was fitted, with the failed check told. What was done is said in
`Draws.said`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.numerics.chains import effective_bulk, r_hat
from mainstay.numerics.pareto import Smoothed, choose, effective_of_mean, highest_shape, smooth
from mainstay.strain.coordinates import Coordinates
from mainstay.strain.nuts import CHAINS, HOW_TO_INSTALL, nuts_is_there, walk
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.proposal import Guide, PathSampler, guide, weigh

Floats = NDArray[np.float64]
Method = Literal["laplace", "importance", "nuts"]

METHOD_WORDS: dict[Literal["importance", "nuts"], str] = {
    "importance": "strain-and-threshold model, importance-weighted draws",
    "nuts": "strain-and-threshold model, draws by NUTS",
}
PAIRS = (1, 8)
"""Pairs of paths for each draw of the parameters: more only where one pair fails the check."""
MORE = 4
"""Times as many proposals where the weights pass their check but are worth too few independent draws."""
PAIRS_AFTER_NUTS = (4, 32)
FEWEST_DRAWS = 400
FEWEST_EFFECTIVE, FEWEST_SHARE = 100.0, 1.0 / 8.0
"""Draws worth fewer independent ones, for the worst coordinate, fail (a mean errs by a tenth of an sd).

Of fewer than 800 draws an eighth is asked."""
NEARLY_EQUAL = 0.7
"""Where the draws of chains keep so much of their worth when weighted, the tail of the weights cannot matter much."""
DRAWS_TO_CHECK, PAIRS_TO_CHECK, FEWEST_TO_CHECK = 200, 4, 20.0
"""One look at a fit before it is told: 200 draws with four pairs of paths each, worth at least 20 (about a second)."""

THOROUGH_DRAWS = 1000
HIGHEST_R_HAT = 1.05
"""R-hat of four chains of 250 draws strays to 1.03 by chance in the worst of two dozen coordinates."""
MOST_DIVERGENT = 0.01
QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Weighted draws of the parameters (n, p) in level coordinates, with paths of strain (n, knots) where asked for.

    `log_weights` (n,): normalised, all alike where draws count alike. `k_hat`: of the weights, None where none were
    made; `r_hat`: the largest over the coordinates, None where there are no chains; `ess`: independent draws these are
    worth, for the worst coordinate. `trusted`: whether every check that was made passed (without one, False).
    `log_evidence`: of the data, from the weights. `said`: what was done and whether it held, in a sentence.
    `chains`: how many, in whose order the draws are.
    """

    parameters: Floats
    log_weights: Floats
    paths: Floats | None
    method: Method
    trusted: bool
    said: str
    ess: float
    k_hat: float | None = None
    r_hat: float | None = None
    log_evidence: float | None = None
    chains: int = 1

    @property
    def weights(self) -> Floats:
        """The weights; they add to 1."""
        return np.exp(self.log_weights)

    def mean(self) -> Floats:
        """The weighted mean (p,)."""
        found: Floats = self.weights @ self.parameters
        return found

    def equal(self, n: int, rng: np.random.Generator) -> Draws:
        """n draws that count alike, chosen by weight; some are then the same."""
        at = choose(self.weights, n, rng)
        return replace(
            self,
            parameters=self.parameters[at],
            log_weights=np.full(n, -math.log(n)),
            paths=None if self.paths is None else self.paths[at],
            chains=1,
        )


@dataclass(frozen=True, slots=True)
class CoordinateSummary:
    """One coordinate: weighted mean, sd, quantiles (5, 50, 95 %), R-hat where there are chains, effective draws."""

    name: str
    mean: float
    sd: float
    low: float
    median: float
    high: float
    ess: float
    r_hat: float | None


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    posterior: StrainPosterior
    guided: Guide
    n: int
    rng: np.random.Generator
    paths: bool


def draw(
    posterior: StrainPosterior,
    n: int,
    rng: np.random.Generator,
    method: Literal["auto", "laplace", "importance", "nuts"] = "auto",
    *,
    paths: bool = False,
) -> Draws:
    """n draws from a posterior, in the way asked for; `auto` takes the first that passes its check.

    `paths`: whether a path of strain comes with every draw. NUTS gives at least 1,000 draws, or R-hat would tell
    nothing. Refuses fewer than 400 draws: no check of them would hold.
    """
    if n < FEWEST_DRAWS:
        raise BadRequest(f"{n} draws are too few to check; ask for at least {FEWEST_DRAWS}")
    if method not in ("auto", "laplace", "importance", "nuts"):
        raise BadRequest(f"there is no method {method!r}; the methods are auto, laplace, importance and nuts")
    if not posterior.data.settings.noise and (paths or method == "nuts"):
        raise BadRequest(
            "without process noise a path follows from the parameters: ask for weighted draws of these alone"
        )
    task = _Task(posterior, guide(posterior), n, rng, paths)
    if method == "laplace":
        said = f"{_count(n)} draws from the normal that was fitted; whether it fits was not checked"
        return _laplace(task, said)
    failed: Draws | None = None
    if method in ("auto", "importance"):
        found = _importance_until_trusted(task)
        if found.trusted or method == "importance":
            return found
        failed = found
    why = f"; used because {_failing(failed)}" if failed else ""
    if failed is None or (nuts_is_there() and posterior.data.settings.noise):
        return _nuts(task, why)
    said = (
        f"{_count(n)} draws from the normal that was fitted, which is only roughly right: {_failing(failed)}; "
        f"better draws need an extra: {HOW_TO_INSTALL}"
    )
    return replace(_laplace(task, said), k_hat=failed.k_hat)


def _count(n: int) -> str:
    return f"{n:,}"


def _failing(draws: Draws) -> str:
    k = "" if draws.k_hat is None else f"k-hat {draws.k_hat:.2f}, at most {highest_shape(len(draws.parameters)):.2f}; "
    return f"weighted draws failed their check ({k}worth {draws.ess:.0f} independent draws)"


def _k_hat_passes(draws: Draws) -> bool:
    return draws.k_hat is not None and draws.k_hat < highest_shape(len(draws.parameters))


def _passes(smoothed: Smoothed, ess: float) -> bool:
    n = len(smoothed.log_weights)
    return smoothed.k_hat < highest_shape(n) and ess >= _fewest(n)


def _fewest(n: int) -> float:
    return min(FEWEST_EFFECTIVE, FEWEST_SHARE * n)


def _laplace(task: _Task, said: str) -> Draws:
    n, rng = task.n, task.rng
    parameters = task.posterior.draws(n, rng)
    kept = None
    if task.paths:
        sampler = PathSampler(task.posterior, task.guided, 1)
        kept = np.array([sampler.at(v, rng)[1] for v in parameters])
    return Draws(parameters, np.full(n, -math.log(n)), kept, "laplace", False, said, float(n))


def _importance_until_trusted(task: _Task) -> Draws:
    """Weighted draws that pass their check, or the last that did not."""
    for pairs in PAIRS:
        found = _importance(task, pairs)
        if found.trusted:
            return found
    if _k_hat_passes(found) and MORE * found.ess >= _fewest(MORE * task.n):
        many = _importance(replace(task, n=MORE * task.n), PAIRS[-1])
        if many.trusted:
            said = f"{_count(task.n)} draws chosen from {many.said}"
            return replace(many.equal(task.n, task.rng), ess=min(many.ess, float(task.n)), said=said)
    return found


def _importance(task: _Task, pairs: int) -> Draws:
    n = task.n
    weighed = weigh(task.posterior, task.guided, n, pairs, task.rng, keep_paths=task.paths)
    smoothed = smooth(weighed.log_ratios)
    ess = min(float(np.min(effective_of_mean(weighed.parameters, smoothed.weights))), smoothed.effective)
    trusted = _passes(smoothed, ess)
    found = Draws(
        parameters=weighed.parameters,
        log_weights=smoothed.log_weights,
        paths=weighed.paths,
        method="importance",
        trusted=trusted,
        said="",
        ess=ess,
        k_hat=smoothed.k_hat,
        log_evidence=smoothed.log_mean,
    )
    if not trusted:
        return replace(found, said=f"not to be relied on: {_failing(found)}")
    return replace(
        found,
        said=f"{_count(n)} draws weighted by the exact density, worth {found.ess:.0f} independent ones; "
        f"the check of the weights passed (k-hat {smoothed.k_hat:.2f}, at most {highest_shape(n):.2f})",
    )


def _nuts(task: _Task, why: str) -> Draws:
    walked = walk(task.posterior, task.guided, task.n, task.rng)
    flat = walked.parameters.reshape(-1, walked.parameters.shape[-1])
    columns = [walked.parameters[:, :, j] for j in range(flat.shape[1])]
    largest = max(r_hat(one) for one in columns)
    share = min(1.0, min(effective_bulk(one) for one in columns) / len(flat))
    for pairs in PAIRS_AFTER_NUTS:
        smoothed, paths = _beyond_laplace(task, flat, pairs)
        ess = share * smoothed.effective
        even = smoothed.effective >= NEARLY_EQUAL * len(flat) and ess >= _fewest(len(flat))
        weights_pass = even or _passes(smoothed, ess)
        if weights_pass:
            break
    trusted = weights_pass and largest <= HIGHEST_R_HAT and walked.divergences <= MOST_DIVERGENT * len(flat)
    checks = f"R-hat at most {largest:.2f}, k-hat {smoothed.k_hat:.2f}, {walked.divergences} divergences"
    start = f"{_count(len(flat))} draws by NUTS in {CHAINS} chains, worth {ess:.0f} independent ones"
    return Draws(
        parameters=flat,
        log_weights=smoothed.log_weights,
        paths=paths,
        method="nuts",
        trusted=trusted,
        said=f"{start} ({checks}){why}" if trusted else f"not to be relied on: {start} ({checks}){why}",
        ess=ess,
        k_hat=smoothed.k_hat,
        r_hat=largest,
        chains=CHAINS,
    )


def _beyond_laplace(task: _Task, parameters: Floats, pairs: int) -> tuple[Smoothed, Floats | None]:
    """The weights that draws (n, p) from Laplace's marginal posterior have in the exact one, and paths for them."""
    sampler = PathSampler(task.posterior, task.guided, pairs)
    logs, kept = np.empty(len(parameters)), np.empty((len(parameters), sampler.knots)) if task.paths else None
    for s, v in enumerate(parameters):
        value, path = sampler.at(v, task.rng)
        logs[s] = value - sampler.laplace(v)
        if kept is not None:
            kept[s] = path
    return smooth(logs), kept


def _quantiles(values: Floats, weights: Floats) -> tuple[float, float, float]:
    order = np.argsort(values)
    below = np.cumsum(weights[order]) - 0.5 * weights[order]
    low, median, high = np.interp(QUANTILES, below, values[order])
    return float(low), float(median), float(high)


def summary(draws: Draws, coordinates: Coordinates) -> tuple[CoordinateSummary, ...]:
    """Mean, sd, quantiles, effective draws and R-hat of every coordinate, in level coordinates."""
    weights, values = draws.weights, draws.parameters
    mean = weights @ values
    sd = np.sqrt(weights @ (values - mean) ** 2)
    effective = effective_of_mean(values, weights)
    rows = []
    for j, name in enumerate(coordinates.names):
        low, median, high = _quantiles(values[:, j], weights)
        chains = values[:, j].reshape(draws.chains, -1)
        share = min(effective_bulk(chains) / values.shape[0], 1.0) if draws.chains > 1 else 1.0
        agreement = r_hat(chains) if draws.chains > 1 else None
        ess = float(effective[j]) * share
        rows.append(CoordinateSummary(name, float(mean[j]), float(sd[j]), low, median, high, ess, agreement))
    return tuple(rows)


def corrected(posterior: StrainPosterior, draws: Draws) -> StrainPosterior:
    """The posterior with mean and covariance of the draws; as it was, but saying so, where their check failed.

    The covariance is drawn towards Laplace's with the weight of p draws: p(p + 1)/2 numbers from a few hundred draws
    would else be noise along some combination of coordinates.
    """
    if draws.method == "laplace" or not draws.trusted:
        method = posterior.method if draws.k_hat is None else f"{posterior.method}, which failed its check"
        return replace(posterior, method=method, trusted=False)
    weights, p = draws.weights, len(posterior.mean)
    mean = draws.mean()
    away = draws.parameters - mean
    sample = (away * weights[:, None]).T @ away
    covariance = (draws.ess * sample + p * posterior.covariance) / (draws.ess + p)
    evidence = posterior.log_evidence if draws.log_evidence is None else draws.log_evidence
    method = METHOD_WORDS[draws.method]
    return replace(posterior, mean=mean, covariance=covariance, log_evidence=evidence, method=method, trusted=True)


def checked(posterior: StrainPosterior, rng: np.random.Generator, thorough: bool = False) -> StrainPosterior:
    """The posterior to answer from, after a look at how well a few hundred weighted draws bear it out.

    Where k-hat passes, the fitted normal is kept: those draws know its mean less well than it does. Where it fails, the
    posterior says so and is not trusted; `thorough` then takes the draws that `auto` does, which may last minutes.
    """
    quick = _importance(_Task(posterior, guide(posterior), DRAWS_TO_CHECK, rng, False), PAIRS_TO_CHECK)
    if _k_hat_passes(quick) and quick.ess >= FEWEST_TO_CHECK:
        return replace(posterior, method=f"{posterior.method}, borne out by weighted draws", trusted=True)
    if thorough:
        return corrected(posterior, draw(posterior, THOROUGH_DRAWS, rng))
    return replace(posterior, method=f"{posterior.method}, not borne out by weighted draws", trusted=False)
