"""The coordinates the fit moves in, and the way from them to the kernel's weights.

Level coordinates cure the conditioning: rates and ratings are taken at the model's own mean strain in mid-record,

    mean strain  S* = (Σ ρ_r occupancy_r + Σ β_j demands_j a day) / (λ + Σ e_k acts_k a day),

tolls as the strain a role would reach if one never left it (ρ/λ). Priors are independent normals on these coordinates
(`priors`). Most coordinates are weights of the kernel as they stand: those go through one constant matrix.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mainstay.numerics import level_weights
from mainstay.numerics.layout import Weights
from mainstay.numerics.level_weights import GAIN, PLAIN, POWER, SHARE, Tables
from mainstay.strain.data import StrainData
from mainstay.strain.priors import prior_of
from mainstay.strain.problem import CLOCK

Floats = NDArray[np.float64]
Places = dict[str, slice]

TONES = CLOCK[:2]
"""What the use of the scale follows of the clock."""
GROWTHS = ("rest", "roles")
"""Inputs that let load itself grow: strain at rest by the year, and the gain of all roles by the year."""


@dataclass(frozen=True, slots=True, eq=False)
class Coordinates:
    """Names, prior means and sds (p,) of the coordinates of one person's model.

    `blocks`: where the coordinates of one kind lie; `natural`: where each field of the kernel's `Weights` lies in its
    gradient; `fixed` and `linear`: the constants and the matrix (natural, p) of all weights that are linear; `tables`:
    what is not linear, as `numerics.level_weights` takes it.
    """

    data: StrainData
    names: tuple[str, ...]
    prior_mean: Floats
    prior_sd: Floats
    blocks: Places
    natural: Places
    fixed: Floats
    linear: Floats
    tables: Tables

    @property
    def size(self) -> int:
        """Number of coordinates."""
        return len(self.names)

    def index(self, kind: str, label: str = "") -> int:
        """Position of a coordinate."""
        return self.names.index(f"{kind}:{label}" if label else kind)

    def has(self, kind: str, label: str = "") -> bool:
        """Whether the model has this coordinate."""
        return (f"{kind}:{label}" if label else kind) in self.names

    def block(self, kind: str) -> slice:
        """Positions of all coordinates of one kind (they are contiguous); empty where there are none."""
        return self.blocks.get(kind, slice(0, 0))

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
        gradient = np.zeros(self.size)
        strain = level_weights.mean_strain(v, self.tables.terms, self.tables.amounts, gradient)
        return float(strain), gradient

    def pulls(self, v: Floats) -> Floats:
        """The pull of every refuge (k,): what a step of strain adds to its log rate."""
        at = self.natural["pull"]
        pulls: Floats = self.fixed[at] + self.linear[at] @ v
        return pulls

    def weights(self, v: Floats) -> tuple[Weights, Floats]:
        """The kernel's weights at v and their Jacobian: (natural, p)."""
        w, jacobian = np.empty(len(self.fixed)), np.empty(self.linear.shape)
        level_weights.fill(v, self.fixed, self.linear, *self.tables, w, jacobian)
        self._cuts(v, w, jacobian)
        parts: dict[str, Any] = {name: w[place] for name, place in self.natural.items()}
        for name in ("rate", "noise", "start", "occasion", "own"):
            parts[name] = float(parts[name][0])
        return Weights(**parts), jacobian

    def _cuts(self, v: Floats, w: Floats, jacobian: Floats) -> None:
        """Cut points between the anchor's answers, where their widths are free; the outermost two stay fixed."""
        gaps, cuts = self.block("gap"), self.natural["cuts"].start
        free = gaps.stop - gaps.start
        if not free:
            return
        width = np.exp(v[gaps] - v[gaps].max())
        width /= width.sum()
        reached = np.cumsum(width)[:-1]
        span, between = w[cuts + free] - w[cuts], slice(cuts + 1, cuts + free)
        w[between] = w[cuts] + span * reached
        jacobian[between, gaps] = span * width * (np.tri(free - 1, free) - reached[:, None])


def _names(data: StrainData) -> list[str]:
    settings = data.settings
    fading = data.refuges if settings.fading.each else ()
    drift = data.refuges if settings.drift.each else settings.own_drift
    labelled = [
        ("gain", data.roles),
        ("demand", data.demands),
        ("log_rate", data.refuges),
        ("pull", tuple(label for label in data.refuges if label != data.pull_anchor)),
        ("efficacy", data.refuges),
        ("fading", fading),
        ("growth", GROWTHS),
        ("covariate", data.covariates),
        ("drift", drift),
        ("rhythm", CLOCK),
        ("wander", tuple(str(1 + j) for j in range(data.wandering))),
        ("restoring", data.restorers),
        ("mean_rating", data.items),
        ("loading", data.items[1:]),
        ("log_rating_noise", data.items),
        ("tone", TONES if data.items else ()),
        ("gap", data.free_gaps),
        ("fade_wander", tuple(str(1 + j) for j in range(len(data.problem.fade_features)))),
    ]
    names = ["log_recovery_rate", *(["log_noise"] if settings.noise else []), "start"]
    names += [f"{kind}:{label}" for kind, labels in labelled for label in labels]
    names += ["log_occasion"] if data.shared_prompts else []
    names += ["habit"] if data.habit_sd is not None else []
    return names + (["own_recovery"] if settings.restoring and bool(data.problem.own.any()) else [])


def _blocks(names: list[str]) -> Places:
    kinds = [name.split(":")[0] for name in names]
    return {kind: slice(kinds.index(kind), len(kinds) - kinds[::-1].index(kind)) for kind in dict.fromkeys(kinds)}


def _natural(data: StrainData) -> Places:
    problem, items = data.problem, len(data.items)
    k, h = len(data.refuges), len(problem.knot_features)
    lengths = {
        **{"rate": 1, "noise": 1, "start": 1, "inputs": len(problem.inputs)},
        **dict.fromkeys(("level", "pull", "share_logit", "share_fade", "slope"), k),
        **{"features": h, "intercept": items, "loading": items, "sd": items, "occasion": 1, "tone": len(TONES)},
        **{"cuts": int(problem.item_cut[-1]), "own": 1, "share_features": len(problem.fade_features)},
    }
    ends = np.cumsum(list(lengths.values()))
    return {name: slice(int(end) - length, int(end)) for (name, length), end in zip(lengths.items(), ends, strict=True)}


def _linear(data: StrainData, blocks: Places, natural: Places, names: list[str]) -> tuple[Floats, Floats]:
    """The constants and the matrix of the weights that are linear in the coordinates."""
    size = natural["share_features"].stop
    fixed, linear = np.zeros(size), np.zeros((size, len(names)))

    def same(kind: str, row: int) -> None:
        block = blocks.get(kind, slice(0, 0))
        for i in range(block.stop - block.start):
            linear[row + i, block.start + i] = 1.0

    same("start", 2)
    same("demand", natural["inputs"].start + data.input_places["demand"])
    same("log_rate", natural["level"].start)
    same("efficacy", natural["share_logit"].start)
    same("fading", natural["share_fade"].start)
    same("mean_rating", natural["intercept"].start)
    same("tone", natural["tone"].start)
    same("own_recovery", natural["own"].start)
    same("fade_wander", natural["share_features"].start)
    rhythm = natural["features"].start
    same("rhythm", rhythm)
    same("wander", rhythm + data.walk.start)
    same("restoring", rhythm + data.walk.stop)
    if "habit" in blocks:
        linear[rhythm + data.walk.stop + len(data.restorers), blocks["habit"].start] = 1.0
    for j, label in enumerate(data.refuges):
        if f"drift:{label}" in names:
            linear[natural["slope"].start + j, names.index(f"drift:{label}")] = 1.0
        if label == data.pull_anchor:
            fixed[natural["pull"].start + j] = 1.0
        else:
            linear[natural["pull"].start + j, names.index(f"pull:{label}")] = 1.0
    if data.items:
        fixed[natural["loading"].start] = data.worse_signs[0]
        same("loading", natural["loading"].start + 1)
    fixed[natural["cuts"]] = data.even_cuts
    return fixed, linear


def _tables(data: StrainData, blocks: Places, natural: Places) -> Tables:
    """What is not linear: rates, noises and shares; the terms of mean strain; levels that are taken at mean strain."""

    def columns(kind: str) -> list[int]:
        block = blocks.get(kind, slice(0, 0))
        return list(range(block.start, block.stop))

    forms = [(POWER, 0, 0), *((POWER, 1, column) for column in columns("log_noise"))]
    for kind, at in data.input_places.items():
        row = natural["inputs"].start + at
        form = SHARE if kind == "efficacy" else GAIN
        forms += [(form, row + i, column) for i, column in enumerate(columns(kind)) if kind != "demand"]
    for kind, field in (("log_rating_noise", "sd"), ("log_occasion", "occasion")):
        forms += [(POWER, natural[field].start + i, column) for i, column in enumerate(columns(kind))]
    terms = [(f, c) for f, kind in ((GAIN, "gain"), (PLAIN, "demand"), (SHARE, "efficacy")) for c in columns(kind)]
    levels = [
        (natural[level].start + i, natural[slope].start + i)
        for level, slope in (("level", "pull"), ("intercept", "loading"))
        for i in range(natural[level].stop - natural[level].start)
    ]
    return Tables(
        np.array(forms, np.int64).reshape(-1, 3),
        np.array(terms, np.int64).reshape(-1, 2),
        np.concatenate([data.occupancy, data.demand_rate, data.act_rate]),
        np.array(levels, np.int64).reshape(-1, 2),
    )


def coordinates(data: StrainData) -> Coordinates:
    """The coordinates of one person's model, with their priors."""
    names = _names(data)
    blocks, natural = _blocks(names), _natural(data)
    priors = np.array([prior_of(name, data.settings.priors) for name in names])
    mean, sd = priors[:, 0].copy(), priors[:, 1].copy()
    signs = dict(zip(data.items, data.worse_signs, strict=True))
    for i, name in enumerate(names):
        if name.startswith("loading:") and not {name, "loading"} & set(data.settings.priors):
            mean[i] *= signs[name.split(":", 1)[1]]
    if data.habit_sd is not None:
        sd[blocks["habit"]] = data.habit_sd
    fixed, linear = _linear(data, blocks, natural, names)
    tables = _tables(data, blocks, natural)
    return Coordinates(data, tuple(names), mean, sd, blocks, natural, fixed, linear, tables)
