"""NUTS over the parameters, on Laplace's marginal likelihood, with every draw weighed for what Laplace leaves out.

The chains (Hoffman and Gelman 2014, by nutpie, an extra) walk the posterior whose likelihood has the path integrated
out by Laplace's method, in coordinates whitened by the fit. Each draw is then weighed by the mean of p(path, data) /
q(path) over pairs of paths at its parameters, relative to Laplace's value: averages are then of the exact posterior.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.strain.fitting import log_posterior
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.proposal import Guide

Floats = NDArray[np.float64]

CHAINS = 4
TUNING = 200
FEWEST_A_CHAIN = 250
HOW_TO_INSTALL = "pip install 'mainstay[draws]'"


def nuts_is_there() -> bool:
    """Whether nutpie is installed."""
    return find_spec("nutpie") is not None


@dataclass(frozen=True, slots=True, eq=False)
class Chains:
    """Draws of the parameters (chains, draws, p) and how often the integrator gave up (`divergences`)."""

    parameters: Floats
    divergences: int


def walk(posterior: StrainPosterior, guided: Guide, n: int, rng: np.random.Generator) -> Chains:
    """At least n draws, and 250 a chain, from Laplace's marginal posterior. Refuses where nutpie is not installed."""
    if not nuts_is_there():
        raise BadRequest(f"NUTS is run by nutpie, which is not installed; install it with: {HOW_TO_INSTALL}")
    import nutpie
    from nutpie.compiled_pyfunc import from_pyfunc

    place, size = posterior.coordinates, posterior.coordinates.size
    centre = posterior.mean + guided.factor @ guided.move

    def make_density() -> Callable[..., tuple[float, Floats]]:
        density = log_posterior(place)

        def whitened(x: Floats, **_: Any) -> tuple[float, Floats]:
            value, gradient = density(centre + guided.factor @ x)
            return value, guided.factor.T @ gradient

        return whitened

    def make_expand(*_: Any) -> Callable[..., dict[str, Floats]]:
        return lambda x, **_: {"v": centre + guided.factor @ np.asarray(x, dtype=float)}

    def start(seed: int) -> Floats:
        return 0.5 * np.random.default_rng(seed).standard_normal(size)

    model = from_pyfunc(
        size, make_density, make_expand, [np.dtype(float)], [(size,)], ["v"], make_initial_point_fn=start
    )
    trace = nutpie.sample(
        model,
        draws=max(math.ceil(n / CHAINS), FEWEST_A_CHAIN),
        tune=TUNING,
        chains=CHAINS,
        cores=min(CHAINS, os.cpu_count() or 1),
        seed=int(rng.integers(2**31)),
        progress_bar=False,
        save_warmup=False,
    )
    return Chains(np.asarray(trace.posterior["v"].values), int(trace.sample_stats["diverging"].sum()))
