"""Which of several ways is answered more often, from few counts: every way is drawn towards the others.

    y_i ~ Binomial(n_i, p_i),    logit p_i = m + a_channel(i) + b_role(i) + c_part(i) + t_stretch(i) + e_channel,role(i)
    m ~ N(0, 1.5²),    a ~ N(0, s_a²), b ~ N(0, s_b²), c ~ N(0, s_c²), …, e ~ N(0, s_e²),    s ~ half-normal(0, 1)

Each s is summed over a short row of values, so that how much ways differ at all is learned from the counts, and the
best of several is drawn back as far as its lead is luck (partial pooling: Gelman, Hill and Yajima 2012). At each s the
mode is found by Newton's method and its normal corrected by importance weights: counts of 1 of 1 are skewed.

What is told of one channel is its chance of an answer averaged over the occasions on record, with everything else as it
was there: a channel that was used at good hours, or in good weeks, alone gains nothing by that.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
SCALES = (0.2, 0.65, 1.5)
SCALE_SHARES = (0.29, 0.39, 0.32)
"""The values that stand for a half-normal scale: below .375, up to 1, and above."""

MIDDLE_SD = 1.5
STEPS = 40
DRAWS = 4000
DRAWN_FOR_ONE = 3
"""Draws from the normals for each draw that is kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Tries:
    """Tries in groups: how many `tried` and `answered` (n,), and by factor each group's level (n,), -1 not known.

    `levels`: the names of the levels by factor. Counts need not be whole: those that come in runs count for fewer.
    """

    tried: Floats
    answered: Floats
    level: Mapping[str, Whole]
    levels: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """Draws (draws, p) of the coefficients, and the design they belong to."""

    tries: Tries
    factors: tuple[str, ...]
    draws: Floats

    def chances(self, factor: str) -> Floats:
        """The chance of an answer at each level of a factor, averaged over the occasions on record: (draws, levels)."""
        weights = self.tries.tried / self.tries.tried.sum()
        found = []
        for k in range(len(self.tries.levels[factor])):
            at = dict(self.tries.level) | {factor: np.full(len(weights), k)}
            eta = self.draws @ _design(at, self.tries.levels, self.factors)[0].T
            found.append(_chance(eta) @ weights)
        return np.stack(found, axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class _Normals:
    """The posterior at each set of scales (s, p) as a normal: mode (s, p), Cholesky factor of its precision (s, p, p),
    and the logarithm of its mass (s,).
    """

    sds: Floats
    mode: Floats
    factor: Floats
    log_mass: Floats


def pooled(tries: Tries, rng: np.random.Generator, draws: int = DRAWS) -> Pooled:
    """Draws from the posterior. Factors with one level, or none, are left out."""
    factors = tuple(one for one, names in tries.levels.items() if len(names) > 1)
    x, groups = _design(tries.level, tries.levels, factors)
    kinds = int(groups.max(initial=0))
    scales = np.array([[MIDDLE_SD, *row] for row in itertools.product(SCALES, repeat=kinds)])
    sds = scales[:, groups]
    prior = np.array([math.prod(row) for row in itertools.product(SCALE_SHARES, repeat=kinds)])
    normals = _normals(x, tries, sds)
    share = prior * np.exp(normals.log_mass - normals.log_mass.max())
    counts = rng.multinomial(DRAWN_FOR_ONE * draws, share / share.sum())
    return Pooled(tries, factors, _resampled(x, tries, normals, np.repeat(np.arange(len(sds)), counts), rng)[:draws])


def _design(
    level: Mapping[str, Whole], levels: Mapping[str, Sequence[str]], factors: Sequence[str]
) -> tuple[Floats, Whole]:
    """The design (n, p), and which scale each of its columns has (p,): 0 the middle's, then one for each kind."""
    n = len(next(iter(level.values())))
    parts, groups = [np.ones((n, 1))], [np.zeros(1, np.int64)]
    for one in factors:
        parts.append((level[one][:, None] == np.arange(len(levels[one]))).astype(float))
        groups.append(np.full(len(levels[one]), len(groups)))
    if "channel" in factors and "role" in factors:
        channel, role = (parts[1 + factors.index(one)] for one in ("channel", "role"))
        parts.append((channel[:, :, None] * role[:, None, :]).reshape(n, -1))
        groups.append(np.full(parts[-1].shape[1], len(groups)))
    return np.concatenate(parts, axis=1), np.concatenate(groups)


def _normals(x: Floats, tries: Tries, sds: Floats) -> _Normals:
    """The modes by Newton's method, in steps of at most 4, and the mass under each normal (Laplace)."""
    at = np.zeros(sds.shape)
    for _ in range(STEPS):
        p = _chance(at @ x.T)
        gradient = (tries.answered - tries.tried * p) @ x - at / sds**2
        step = np.linalg.solve(_precision(x, tries, sds, p), gradient[:, :, None])[:, :, 0]
        largest = np.abs(step).max(axis=1, keepdims=True)
        at = at + step * np.minimum(1.0, 4.0 / np.maximum(largest, 1e-12))
        if float(largest.max()) < 1e-9:
            break
    factor = np.asarray(np.linalg.cholesky(_precision(x, tries, sds, _chance(at @ x.T))), np.float64)
    mass = _log_joint(x, tries, sds, at) - _log_det(factor) + 0.5 * x.shape[1] * math.log(2.0 * math.pi)
    return _Normals(sds, at, factor, mass)


def _precision(x: Floats, tries: Tries, sds: Floats, p: Floats) -> Floats:
    """(s, p, p)."""
    weight = tries.tried * p * (1.0 - p)
    return np.asarray((x.T * weight[:, None, :]) @ x + sds[:, :, None] ** -2.0 * np.eye(x.shape[1]))


def _log_det(factor: Floats) -> Floats:
    """Half the log determinant of what the factors (s, p, p) are of."""
    return np.asarray(np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1))


def _log_joint(x: Floats, tries: Tries, sds: Floats, at: Floats) -> Floats:
    """Log likelihood plus log prior of coefficients (draws, p), each under its own scales (draws, p)."""
    eta = at @ x.T
    likelihood = eta @ tries.answered - np.logaddexp(0.0, eta) @ tries.tried
    prior = -(0.5 * (at / sds) ** 2 + np.log(sds)).sum(axis=1) - 0.5 * x.shape[1] * math.log(2.0 * math.pi)
    return np.asarray(likelihood + prior)


def _resampled(x: Floats, tries: Tries, normals: _Normals, of: Whole, rng: np.random.Generator) -> Floats:
    """Draws from the normals `of` (draws,), drawn again by weights towards the posterior they stand for."""
    z = rng.standard_normal((len(of), x.shape[1]))
    inverse = np.linalg.inv(normals.factor)
    at = normals.mode[of].copy()
    for k in np.unique(of):
        at[of == k] += z[of == k] @ inverse[k]
    log_normal = -0.5 * (z * z).sum(axis=1) + _log_det(normals.factor)[of] - 0.5 * x.shape[1] * math.log(2.0 * math.pi)
    log_weight = _log_joint(x, tries, normals.sds[of], at) - log_normal - normals.log_mass[of]
    weight = np.exp(log_weight - log_weight.max())
    weight = np.minimum(weight, np.sqrt(len(weight)) * weight.mean())  # truncated, as Ionides (2008) has it
    return np.asarray(at[rng.choice(len(weight), len(weight), p=weight / weight.sum())])


def _chance(eta: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(eta, -40.0, 40.0))))
