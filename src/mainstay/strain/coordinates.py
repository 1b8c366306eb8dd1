"""The coordinates the fit moves in, their priors, and the way from them to the kernel's weights.

Level coordinates cure the conditioning: rates and ratings are taken at the model's own mean strain in mid-record,

    mean strain  S* = (Σ ρ_r occupancy_r + Σ β_j demands_j a day) / (λ + Σ e_k acts_k a day),

tolls as the strain a role would reach if one never left it (ρ/λ). Priors are independent normals on these coordinates,
so that each is on something a person can judge: how often a refuge is sought at ordinary strain, how that changes
with a step of strain, the half-life. Strain is in steps: a sixth of the anchor's scale.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.numerics.layout import Weights
from mainstay.strain.data import StrainData

Floats = NDArray[np.float64]

PRIORS: dict[str, tuple[float, float]] = {
    "log_recovery_rate": (math.log(0.7), 1.0),  # half-life about a day, between 3 hours and a week
    "log_noise": (math.log(0.5), 1.0),
    "start": (0.0, 1.5),  # steps above mean strain on the first day
    "gain": (1.0, 2.5),  # steps of strain a role would reach if never left
    "demand": (0.5, 1.5),  # steps of strain an average demand adds
    "log_rate": (math.log(0.2), 2.0),  # acts a day at ordinary strain
    "pull": (0.0, 1.5),  # change of the log rate with one step of strain; either sign
    "efficacy": (-0.5, 1.5),  # logit of the share of strain an act takes away, in mid-record
    "fading": (0.0, 1.0),  # fall of that logit a year
    "growth": (0.0, 1.0),  # steps a year by which strain at rest, or the gain of every role, changes
    "drift": (0.0, 1.0),  # rise of the log rate a year at the same strain; log 2 is a doubling
    "rhythm": (0.0, 1.0),
    "tone": (0.0, 0.5),  # steps by which ratings follow the clock, apart from strain
    "mean_rating": (3.0, 2.0),  # steps of the item's scale
    "loading": (1.0, 1.0),  # times the item's worse sign
    "log_rating_noise": (math.log(0.8), 1.0),
    "log_occasion": (math.log(0.4), 1.0),  # steps by which the moment moves all answers to one prompt
}


TONES = 2
GROWTHS = 2
"""Inputs that let load itself grow: strain at rest by the year, and the gain of all roles by the year."""


@dataclass(frozen=True, slots=True, eq=False)
class Coordinates:
    """Names, prior means and sds (p,) of the coordinates of one person's model."""

    data: StrainData
    names: tuple[str, ...]
    prior_mean: Floats
    prior_sd: Floats

    @property
    def size(self) -> int:
        """Number of coordinates."""
        return len(self.names)

    def index(self, kind: str, label: str = "") -> int:
        """Position of a coordinate."""
        return self.names.index(f"{kind}:{label}" if label else kind)

    def block(self, kind: str) -> slice:
        """Positions of all coordinates of one kind (they are contiguous)."""
        at = [i for i, name in enumerate(self.names) if name.split(":")[0] == kind]
        return slice(at[0], at[-1] + 1) if at else slice(0, 0)

    def log_prior(self, v: Floats) -> tuple[float, Floats]:
        """The log prior density and its gradient."""
        z = (v - self.prior_mean) / self.prior_sd
        value = -0.5 * float(z @ z) - float(np.log(self.prior_sd).sum()) - 0.5 * math.log(2 * math.pi) * self.size
        return value, -z / self.prior_sd

    def draw_prior(self, rng: np.random.Generator) -> Floats:
        """One draw from the prior."""
        return self.prior_mean + self.prior_sd * rng.standard_normal(self.size)

    def mean_strain(self, v: Floats) -> tuple[float, Floats]:
        """The model's own mean strain S* and its gradient (p,)."""
        data, gradient = self.data, np.zeros(self.size)
        rate = math.exp(v[0])
        share = 1.0 / (1.0 + np.exp(-v[self.block("efficacy")]))
        roles = rate * float(v[self.block("gain")] @ data.occupancy)
        below = rate + float(share @ data.act_rate)
        strain = (roles + float(v[self.block("demand")] @ data.demand_rate)) / below
        gradient[0] = (roles - strain * rate) / below
        gradient[self.block("gain")] = rate * data.occupancy / below
        gradient[self.block("demand")] = data.demand_rate / below
        gradient[self.block("efficacy")] = -strain * share * (1.0 - share) * data.act_rate / below
        return strain, gradient

    def weights(self, v: Floats) -> tuple[Weights, Floats]:
        """The kernel's weights at v and their Jacobian: (natural, p)."""
        data = self.data
        rate, noise = math.exp(v[0]), math.exp(v[1])
        strain, d_strain = self.mean_strain(v)
        at = {
            kind: v[self.block(kind)] for kind in ("gain", "demand", "log_rate", "pull", "efficacy", "fading", "growth")
        }
        loading = data.worse_signs.copy()
        loading[1:] = v[self.block("loading")]
        rhythm, mean_rating = v[self.block("rhythm")], v[self.block("mean_rating")]
        share = 1.0 / (1.0 + np.exp(-at["efficacy"]))
        weights = Weights(
            rate=rate,
            noise=noise,
            start=strain + v[2],
            inputs=np.concatenate([rate * at["gain"], at["demand"], share, rate * at["growth"]]),
            level=at["log_rate"] - at["pull"] * strain,
            pull=at["pull"].copy(),
            share_logit=at["efficacy"].copy(),
            share_fade=at["fading"].copy(),
            slope=v[self.block("drift")].copy(),
            features=rhythm.copy(),
            intercept=mean_rating - loading * strain,
            loading=loading,
            sd=np.exp(v[self.block("log_rating_noise")]),
            occasion=math.exp(v[self.index("log_occasion")]) if data.shared_prompts else 0.0,
            tone=v[self.block("tone")].copy(),
            cuts=np.zeros(0),
            own=0.0,
            share_features=np.zeros(0),
        )
        return weights, self._jacobian(weights, strain, d_strain)

    def _jacobian(self, weights: Weights, strain: float, d_strain: Floats) -> Floats:
        roles, demands = len(self.data.roles), len(self.data.demands)
        k, h, items = len(weights.level), len(weights.features), len(weights.intercept)
        grown = 3 + roles + demands + k
        after = grown + GROWTHS
        jacobian = np.zeros((after + 5 * k + h + 3 * items + 2 + TONES, self.size))
        jacobian[0, 0] = weights.rate
        jacobian[1, 1] = weights.noise
        jacobian[2] = d_strain
        jacobian[2, 2] = 1.0
        gain, demand = self.block("gain"), self.block("demand")
        for r in range(roles):
            jacobian[3 + r, 0] = weights.inputs[r]
            jacobian[3 + r, gain.start + r] = weights.rate
        for j in range(demands):
            jacobian[3 + roles + j, demand.start + j] = 1.0
        efficacy = self.block("efficacy")
        for j in range(k):
            share = weights.inputs[roles + demands + j]
            jacobian[3 + roles + demands + j, efficacy.start + j] = share * (1.0 - share)
        growth = self.block("growth")
        for j in range(GROWTHS):
            jacobian[grown + j, 0] = weights.inputs[roles + demands + k + j]
            jacobian[grown + j, growth.start + j] = weights.rate
        level, pull = self.block("log_rate"), self.block("pull")
        for j in range(k):
            jacobian[after + j] = -weights.pull[j] * d_strain
            jacobian[after + j, level.start + j] += 1.0
            jacobian[after + j, pull.start + j] -= strain
        rest = after + k
        for offset, kind in ((0, "pull"), (k, "efficacy"), (2 * k, "fading"), (3 * k, "drift")):
            for j in range(k):
                jacobian[rest + offset + j, self.block(kind).start + j] = 1.0
        for j in range(h):
            jacobian[rest + 4 * k + j, self.block("rhythm").start + j] = 1.0
        reading = rest + 4 * k + h
        mean_rating, loading = self.block("mean_rating"), self.block("loading")
        for i in range(items):
            jacobian[reading + i] = -weights.loading[i] * d_strain
            jacobian[reading + i, mean_rating.start + i] += 1.0
            if i > 0:
                jacobian[reading + i, loading.start + i - 1] -= strain
                jacobian[reading + items + i, loading.start + i - 1] = 1.0
            jacobian[reading + 2 * items + i, self.block("log_rating_noise").start + i] = weights.sd[i]
        if self.data.shared_prompts:
            jacobian[reading + 3 * items, self.index("log_occasion")] = weights.occasion
        for j in range(TONES):
            jacobian[reading + 3 * items + 1 + j, self.block("tone").start + j] = 1.0
        return jacobian


def coordinates(data: StrainData) -> Coordinates:
    """The coordinates of one person's model, in the order the kernel's weights follow."""
    labelled = [
        ("gain", data.roles),
        ("demand", data.demands),
        ("log_rate", data.refuges),
        ("pull", data.refuges),
        ("efficacy", data.refuges),
        ("fading", data.refuges),
    ]
    names = ["log_recovery_rate", "log_noise", "start"]
    names += [f"{kind}:{label}" for kind, labels in labelled for label in labels]
    names += ["growth:rest", "growth:roles"]
    names += [f"drift:{label}" for label in data.refuges]
    names += ["rhythm:cos", "rhythm:sin", "rhythm:weekend"]
    names += [f"mean_rating:{item}" for item in data.items]
    names += [f"loading:{item}" for item in data.items[1:]]
    names += [f"log_rating_noise:{item}" for item in data.items]
    names += ["tone:cos", "tone:sin"]
    names += ["log_occasion"] if data.shared_prompts else []
    priors = np.array([PRIORS[name.split(":")[0]] for name in names])
    mean = priors[:, 0].copy()
    signs = dict(zip(data.items, data.worse_signs, strict=True))
    for i, name in enumerate(names):
        if name.startswith("loading:"):
            mean[i] *= signs[name.split(":", 1)[1]]
    return Coordinates(data, tuple(names), mean, priors[:, 1].copy())
