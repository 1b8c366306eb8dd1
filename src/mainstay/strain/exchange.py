"""Draws handed to ArviZ: posterior in the person's units, prior, observed data and, given paths, predicted ratings."""

from __future__ import annotations

import math
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.numerics.layout import Weights
from mainstay.numerics.ordinal import LOGISTIC
from mainstay.numerics.pareto import choose
from mainstay.strain.data import StrainData
from mainstay.strain.draws import Draws
from mainstay.strain.nuts import HOW_TO_INSTALL
from mainstay.strain.posterior import StrainPosterior

if TYPE_CHECKING:
    import arviz

Floats = NDArray[np.float64]

HOURS_PER_DAY = 24.0
PRIOR_DRAWS = 500


def _by_label(posterior: StrainPosterior, kind: str) -> tuple[list[str], slice]:
    at = posterior.coordinates.block(kind)
    return [name.split(":", maxsplit=1)[-1] for name in posterior.coordinates.names[at]], at


def told(posterior: StrainPosterior, parameters: Floats) -> tuple[dict[str, Floats], dict[str, list[str]]]:
    """Level coordinates (n, p) in the person's units, each (n,) or (n, labels), and the labels of those.

    Strain is in points of the anchor's scale, tolls in points a day, a pull is the rise of the log rate with one point,
    drift and fading are a year's.
    """
    unit, place = posterior.data.unit, posterior.coordinates
    rate = np.exp(parameters[:, place.index("log_recovery_rate")])
    values: dict[str, Floats] = {"recovery_half_life_hours": HOURS_PER_DAY * math.log(2.0) / rate}
    if place.has("log_noise"):
        values["noise_per_sqrt_day"] = unit * np.exp(parameters[:, place.index("log_noise")])
    labels: dict[str, list[str]] = {}

    def add(name: str, kind: str, change: Any) -> None:
        names, at = _by_label(posterior, kind)
        if names:
            values[name], labels[name] = change(parameters[:, at]), names

    add("toll_per_day", "gain", lambda v: unit * rate[:, None] * v)
    add("demand", "demand", lambda v: unit * v)
    add("log_acts_per_day_at_ordinary_strain", "log_rate", lambda v: v)
    add("share_eased", "efficacy", lambda v: 1.0 / (1.0 + np.exp(-v)))
    add("fading_per_year", "fading", lambda v: v)
    add("drift_per_year", "drift", lambda v: v)
    add("growth_per_year", "growth", lambda v: unit * v)
    if posterior.data.refuges:
        values["pull_per_point"] = np.array([place.pulls(v) for v in parameters]) / unit
        labels["pull_per_point"] = list(posterior.data.refuges)
    return values, labels


def _rows(draws: Draws, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draws that count alike (chains, draws): chosen by weight within each chain, in the chain's order."""
    n = len(draws.parameters) // draws.chains
    rows = []
    for c in range(draws.chains):
        weights = draws.weights[c * n : (c + 1) * n]
        rows.append(c * n + np.sort(choose(weights / weights.sum(), n, rng)))
    return np.array(rows)


def _predicted(data: StrainData, weights: Weights, path: Floats, rng: np.random.Generator) -> Floats:
    """Ratings as this draw would have them, on each item's scale told as 0 to 6; ordinal ones by category."""
    problem = data.problem
    tone = weights.tone @ problem.knot_features[: len(weights.tone)]
    moment = weights.occasion * rng.standard_normal(len(path))
    at, item = problem.read_knot, problem.read_item
    expected = weights.intercept[item] + weights.loading[item] * (path + tone + moment)[at]
    seen = expected + weights.sd[item] * rng.standard_normal(len(at))
    for i, count in enumerate(data.categories):
        if count:
            here = item == i
            cuts = weights.cuts[problem.item_cut[i] : problem.item_cut[i + 1]]
            latent = expected[here] + LOGISTIC * weights.sd[i] * rng.logistic(size=int(here.sum()))
            seen[here] = np.searchsorted(np.sort(cuts), latent)
    return seen


def _seen(data: StrainData) -> Floats:
    problem = data.problem
    return np.where(problem.read_category >= 0, problem.read_category.astype(float), problem.read_value)


def inference_data(posterior: StrainPosterior, draws: Draws, rng: np.random.Generator) -> arviz.InferenceData:
    """The draws as ArviZ's InferenceData; refuses where ArviZ is not installed.

    Weighted draws are chosen by weight, so that all count alike: what ArviZ says of R-hat and effective sizes is then
    of the chosen ones, and `draws.ess`, kept among the attributes, is what they are worth. Groups: posterior (level
    coordinates, the person's units and, where draws have paths, strain in points over `knot_day`), prior, sample_stats,
    observed_data, and posterior_predictive ratings where draws have paths.
    """
    if find_spec("arviz") is None:
        raise BadRequest(f"this export needs ArviZ, which is not installed; install it with: {HOW_TO_INSTALL}")
    import arviz

    data, place = posterior.data, posterior.coordinates
    rows = _rows(draws, rng)
    shape, chosen = rows.shape, draws.parameters[rows.ravel()]
    values, labels = told(posterior, chosen)
    prior, _ = told(posterior, _prior(posterior, rng))
    coords: dict[str, Any] = {f"{name}_label": names for name, names in labels.items()}
    coords |= {"coordinate": list(place.names), "reading_day": data.knots[data.problem.read_knot]}
    dims = {name: [f"{name}_label"] for name in labels} | {"level": ["coordinate"], "rating": ["reading_day"]}
    sampled = {name: value.reshape(*shape, *value.shape[1:]) for name, value in values.items()}
    sampled["level"] = chosen.reshape(*shape, -1)
    predicted = None
    if draws.paths is not None:
        coords["knot_day"], dims["strain"] = data.knots, ["knot_day"]
        paths = draws.paths[rows.ravel()]
        sampled["strain"] = data.unit * paths.reshape(*shape, -1)
        ratings = [_predicted(data, place.weights(v)[0], path, rng) for v, path in zip(chosen, paths, strict=True)]
        predicted = {"rating": np.array(ratings).reshape(*shape, -1)} if data.readings else None
    attributes = {"said": draws.said, "method": draws.method, "ess": draws.ess, "trusted": int(draws.trusted)}
    checks = {"k_hat": draws.k_hat, "r_hat": draws.r_hat}
    return arviz.from_dict(
        posterior=sampled,
        sample_stats={"log_weight": draws.log_weights[rows]},
        prior={name: value[None] for name, value in prior.items()},
        observed_data={"rating": _seen(data)} if data.readings else {"acts": data.act_counts},
        posterior_predictive=predicted,
        coords=coords,
        dims=dims,
        posterior_attrs=attributes | {name: value for name, value in checks.items() if value is not None},
    )


def _prior(posterior: StrainPosterior, rng: np.random.Generator) -> Floats:
    return np.array([posterior.coordinates.draw_prior(rng) for _ in range(PRIOR_DRAWS)])
