"""Chance by place: random numbers that are a hash of where they are needed, and the quantiles made of them.

SplitMix64 (Steele, Lea and Flood 2014) by counter; normals by the inverse of the distribution function (Wichura 1988,
AS 241, seven digits).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from mainstay.numerics.kernels import INNER

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
S30, S27, S31, S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
HALF, UNIT = 2.0**-54, 2.0**-53


@njit(**INNER)
def uniform(key, place):  # type: ignore[no-untyped-def]
    """The uniform in (0, 1) at a place of a path's stream."""
    z = key + np.uint64(place) * GOLDEN
    z = (z ^ (z >> S30)) * FIRST
    z = (z ^ (z >> S27)) * SECOND
    z ^= z >> S31
    return float(np.int64(z >> S11)) * UNIT + HALF


@njit(**INNER)
def normal(u):  # type: ignore[no-untyped-def]
    """The standard normal quantile at u."""
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        upper = ((5.9109374720e1 * r + 1.5929113202e2) * r + 5.0434271938e1) * r + 3.3871327179
        return q * upper / (((6.7187563600e1 * r + 7.8757757664e1) * r + 1.7895169469e1) * r + 1.0)
    r = math.sqrt(-math.log(min(u, 1.0 - u)))
    if r <= 5.0:
        r -= 1.6
        upper = ((1.7023821103e-1 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777
        x = upper / ((1.2021132975e-1 * r + 7.3700164250e-1) * r + 1.0)
    else:
        r -= 5.0
        upper = ((1.7337203997e-2 * r + 4.2868294337e-1) * r + 3.0812263860) * r + 6.6579051150
        x = upper / ((1.2258202635e-2 * r + 2.4197894225e-1) * r + 1.0)
    return x if q >= 0.0 else -x


@njit(**INNER)
def counted(u, mean, spread):  # type: ignore[no-untyped-def]
    """The quantile at u of a Poisson count, or a negative binomial one of overdispersion `spread`."""
    if u <= 1.0 - mean:  # there the chance of none is no less
        return 0
    if spread > 1e-6:
        size = 1.0 / spread
        p, odds = math.exp(-size * math.log1p(mean * spread)), mean / (mean + size)
    else:
        size, p, odds = 0.0, math.exp(-mean), mean
    total, n = p, 0
    while u > total and n < 255:
        p *= odds * ((n + size) if spread > 1e-6 else 1.0) / (n + 1.0)
        n += 1
        total += p
    return n
