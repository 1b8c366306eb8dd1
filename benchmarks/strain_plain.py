"""The strain model as one would write it plainly in NumPyro and in PyMC: a non-centred path on a grid, then NUTS.

The grid is our own knots, the hazard's integral is taken by the trapezoid between them, and the priors are weak
normals. A path of one standard normal a knot is sampled along with the parameters. Nothing is hidden from the peers:
what they lack is the integral over the path, done by hand.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from mainstay.strain.data import StrainData


class Grid(NamedTuple):
    """What the plain models are given. Shapes: (n) knots, (m) inputs, (k) refuges, (h) features, (j) readings."""

    dt: np.ndarray
    inputs: np.ndarray  # (m, n)
    jumps: np.ndarray  # (m, n)
    events: np.ndarray  # (k, n)
    features: np.ndarray  # (h, n)
    years: np.ndarray  # (n,)
    read_knot: np.ndarray
    read_value: np.ndarray


# name: (prior mean, prior sd); the shape is filled in from the data
PRIORS = {
    "log_rate": (-0.4, 1.0), "log_noise": (-0.7, 1.0), "start": (1.0, 2.0), "inputs": (0.5, 2.0), "level": (-2.0, 2.0),
    "pull": (0.5, 1.0), "share_logit": (-0.5, 1.5), "share_fade": (0.0, 1.0), "slope": (0.0, 1.0),
    "features": (0.0, 1.0), "intercept": (1.0, 2.0), "log_sd": (0.0, 1.0),
}  # fmt: skip


def grid_of(data: StrainData) -> Grid:
    """The grid of one fully recorded person with one item."""
    p = data.problem
    jumps, events = np.zeros(p.inputs.shape), np.zeros((len(data.refuges), len(p.dt)))
    np.add.at(jumps, (p.jump_input, p.jump_knot), p.jump_size)
    np.add.at(events, (p.event_process, p.event_knot), 1.0)
    return Grid(
        p.dt, p.inputs, jumps, events, p.knot_features, p.drift_knot,
        np.concatenate([p.read_knot]), np.concatenate([p.read_value]),
    )  # fmt: skip


def shapes(grid: Grid) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter."""
    refuges = (len(grid.events),)
    return {
        **dict.fromkeys(PRIORS, ()),
        "inputs": (len(grid.inputs),),
        "level": refuges, "pull": refuges, "share_logit": refuges, "share_fade": refuges, "slope": refuges,
        "features": (len(grid.features),),
    }  # fmt: skip


def assembled(xp: Any, scan: Callable[..., tuple[Any, Any]], grid: Grid, w: dict[str, Any], z: Any) -> tuple[Any, Any]:
    """Ratings expected (j,) and the log likelihood of the acts, in any array library; scan gives path and after it."""
    rate = xp.exp(w["log_rate"])
    decay = xp.exp(-rate * grid.dt)
    push = xp.dot(w["inputs"], grid.inputs) * (1 - decay) / rate
    push = push + xp.exp(w["log_noise"]) * xp.sqrt((1 - decay**2) / (2 * rate)) * z
    keep, jump = np.ones(len(grid.dt)), xp.dot(w["inputs"], grid.jumps)
    for k in range(len(grid.events)):
        share = 1 / (1 + xp.exp(w["share_fade"][k] * grid.years - w["share_logit"][k]))
        keep = keep * (1 - share) ** grid.events[k]
    path, left = scan(decay, push, keep, jump, w["start"])
    acts, rhythm = 0.0, xp.dot(w["features"], grid.features)
    for k in range(len(grid.events)):
        base = w["level"][k] + w["slope"][k] * grid.years + rhythm
        acts = acts + (grid.events[k] * (base + w["pull"][k] * path)).sum()
        acts = acts - (grid.dt * 0.5 * (xp.exp(base + w["pull"][k] * path) + xp.exp(base + w["pull"][k] * left))).sum()
    return w["intercept"] + path[grid.read_knot], acts


def by_numpyro(grid: Grid, warmup: int, draws: int) -> tuple[dict[str, np.ndarray], float, int]:
    """Draws (draws, ..) of the parameters; processor seconds a gradient; gradients of them and of the warm-up."""
    import jax
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist
    from numpyro.infer import MCMC, NUTS

    def scan(decay: Any, push: Any, keep: Any, jump: Any, start: Any) -> tuple[Any, Any]:
        def step(leave: Any, row: Any) -> tuple[Any, Any]:
            x = row[0] * leave + row[1]
            return row[2] * x + row[3], (x, leave)

        return jax.lax.scan(step, start, (decay, push, keep, jump))[1]

    def model() -> None:
        w = {
            name: numpyro.sample(name, dist.Normal(*PRIORS[name]).expand(shape)) for name, shape in shapes(grid).items()
        }
        z = numpyro.sample("z", dist.Normal(0, 1).expand((len(grid.dt),)))
        expected, acts = assembled(jnp, scan, grid, w, z)
        numpyro.factor("acts", acts)
        numpyro.sample("ratings", dist.Normal(expected, jnp.exp(w["log_sd"])), obs=grid.read_value)

    sampler = MCMC(NUTS(model), num_warmup=warmup, num_samples=draws, progress_bar=False)
    key, count = jax.random.PRNGKey(0), ("num_steps",)

    def gradients() -> int:
        return int(np.asarray(sampler.get_extra_fields()["num_steps"]).sum())

    sampler.warmup(key, extra_fields=count, collect_warmup=True)
    needed = gradients()
    sampler.run(key, extra_fields=count)  # compiles
    sampler.post_warmup_state = sampler.last_state
    start = time.process_time()
    sampler.run(key, extra_fields=count)
    each = (time.process_time() - start) / gradients()
    needed += gradients()
    found = {name: np.asarray(values) for name, values in sampler.get_samples().items() if name != "z"}
    return found, each, needed


def seconds_of_a_gradient_by_pymc(grid: Grid, repeats: int = 50) -> float:
    """Processor seconds of the same log density with its gradient in PyMC, with PyTensor's scan."""
    import pymc as pm
    import pytensor
    import pytensor.tensor as pt
    from pymc.blocking import DictToArrayBijection

    def scan(decay: Any, push: Any, keep: Any, jump: Any, start: Any) -> tuple[Any, Any]:
        def step(e: Any, b: Any, k: Any, j: Any, leave: Any) -> Any:
            return k * (e * leave + b) + j

        after = pytensor.scan(
            step, sequences=[decay, push, pt.as_tensor(keep), jump], outputs_info=[start], return_updates=False
        )
        left = pt.concatenate([start[None], after[:-1]])
        return decay * left + push, left

    with pm.Model() as model:
        w = {name: pm.Normal(name, *PRIORS[name], shape=shape) for name, shape in shapes(grid).items()}
        z = pm.Normal("z", 0, 1, shape=(len(grid.dt),))
        expected, acts = assembled(pt, scan, grid, w, z)
        pm.Potential("acts", acts)
        pm.Normal("ratings", expected, pt.exp(w["log_sd"]), observed=grid.read_value)
    density = model.logp_dlogp_function(ravel_inputs=True)
    density.set_extra_values({})
    point = DictToArrayBijection.map(model.initial_point())
    density(point)
    start = time.process_time()
    for _ in range(repeats):
        density(point)
    return (time.process_time() - start) / repeats


def least_effective(draws: dict[str, np.ndarray]) -> float:
    """The smallest effective sample size among the parameters (bulk, by ArviZ)."""
    import arviz

    return min(
        float(np.min(np.asarray(arviz.ess(values.reshape(1, len(values), -1)[..., i]))))
        for values in draws.values()
        for i in range(values.reshape(len(values), -1).shape[1])
    )
