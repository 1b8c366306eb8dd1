"""The path as it was knowable at each moment: one pass forward, each reading and each event foreseen from those before.

The state is a normal N(m, v). It follows the process from node to node and from knot to knot (legend in `ou_path`); at
each node, seeing no event multiplies its density by exp(-g(x)), taken to second order; a continuous reading is a scalar
Kalman update, an ordinal one is taken at nodes of the state; an event of process k multiplies by exp(pull_k x), which
shifts the mean by pull_k v exactly. What unseen events take away is linear around the most probable path, as there. By
the innovation theorem the readings' standardised misses are then martingale differences of variance 1, and the
intensity expected from what came before is the one that rescales time (Brémaud 1981, ch. IV). A path smoothed over
everything knows the events it is asked to foresee.

A trace is something that the readings may show on top of the path, with value t_i at knot i. The state takes it for
strain, bit by bit: with tau what it has taken so far and s the slope of a standardised miss by strain, that miss
answers the trace by s (t - tau), and tau grows by s^2 v (t - tau). These answers are known before the reading is.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mainstay.numerics.layout import (
    DECAY,
    LEAVE,
    M1,
    MEAN,
    NODE_DECAY,
    PATH,
    PRECISION,
    SHIFT,
    TONE,
    VARIANCE,
    Problem,
    Weights,
    Work,
)
from mainstay.numerics.readings import LOGISTIC

Floats = NDArray[np.float64]
MOST = 30.0
"""The most by which a log intensity is taken to differ between the two paths."""

NODES_OF_THE_STATE = 9


@njit(cache=True, error_model="numpy", nogil=True)
def _watched(pull, heat, mean, variance, q, i, m, v, foreseen):  # type: ignore[no-untyped-def]
    """The state after a node without events; fills what was foreseen of each process there."""
    slope = bend = 0.0
    for k in range(len(pull)):
        more = pull[k] * (m - mean) + 0.5 * pull[k] * pull[k] * (v - variance)
        h = heat[k, q, i] * math.exp(min(more, MOST))
        foreseen[k, q, i] = h
        slope += pull[k] * h
        bend += pull[k] * pull[k] * h
    v = v / (1.0 + v * bend)
    return m - v * slope, v


@njit(cache=True, error_model="numpy", nogil=True)
def _heard(problem, weights, j, m, v):  # type: ignore[no-untyped-def]
    """A continuous reading foreseen from N(m, v): its standardised miss, the slope of that, and the state with it."""
    item = problem.read_item[j]
    b, noise = weights.loading[item], weights.sd[item] * weights.sd[item]
    total = b * b * v + noise
    miss = problem.read_value[j] - weights.intercept[item] - b * m
    return miss / math.sqrt(total), b / math.sqrt(total), m + v * b * miss / total, v * noise / total


@njit(cache=True, error_model="numpy", nogil=True)
def _below(z):  # type: ignore[no-untyped-def]
    """The logistic function, safe at both ends."""
    e = math.exp(-abs(z))
    return 1.0 / (1.0 + e) if z >= 0.0 else e / (1.0 + e)


@njit(cache=True, error_model="numpy", nogil=True)
def _answered(problem, weights, j, m, v, normal):  # type: ignore[no-untyped-def]
    """The same of an ordinal answer: its rank, half of its own answer counted, less one half, by the rank's sd.

    That has mean 0 and variance 1 without any tie broken at random.
    """
    item, answer = problem.read_item[j], problem.read_category[j]
    b, first, last = weights.loading[item], problem.item_cut[item], problem.item_cut[item + 1]
    scale = 1.0 / (LOGISTIC * weights.sd[item])
    width = math.sqrt(v)
    under = under_slope = rank = cubes = slope = 0.0
    for c in range(last - first + 1):
        upto, upto_slope = 1.0, 0.0
        if first + c < last:
            upto = 0.0
            for g in range(normal.shape[1]):
                eta = weights.intercept[item] + b * (m + width * normal[0, g])
                at = _below((weights.cuts[first + c] - eta) * scale)
                upto += normal[1, g] * at
                upto_slope -= normal[1, g] * at * (1.0 - at) * b * scale
        p = max(upto - under, 0.0)
        if c == answer:
            rank = under + 0.5 * p
        cubes += p * p * p
        slope += (upto_slope - under_slope) * (under + 0.5 * p)
        under, under_slope = upto, upto_slope
    total = one = two = 0.0
    for g in range(normal.shape[1]):
        eta = weights.intercept[item] + b * (m + width * normal[0, g])
        p = 1.0
        if first + answer < last:
            p = _below((weights.cuts[first + answer] - eta) * scale)
        if answer > 0:
            p -= _below((weights.cuts[first + answer - 1] - eta) * scale)
        p = max(p, 1e-300) * normal[1, g]
        total += p
        one += p * normal[0, g]
        two += p * normal[0, g] * normal[0, g]
    one /= total
    sd = math.sqrt(max(1.0 - cubes, 1e-9) / 12.0)
    return (rank - 0.5) / sd, slope / sd, m + width * one, v * max(two / total - one * one, 1e-6)


@njit(cache=True, error_model="numpy", nogil=True)
def _forward(problem, weights, work, reads, events, normal, traces, missed, foreseen, answer):  # type: ignore[no-untyped-def]
    row, node = work.row, work.node
    m, v = weights.start, 0.0
    r = e = 0
    taken = np.zeros(len(traces))
    taken_here = np.zeros(len(traces))
    w2 = weights.occasion * weights.occasion
    for i in range(len(problem.dt)):
        decay = row[DECAY, i]
        rest = row[SHIFT, i] / max(1.0 - decay, 1e-12)
        roam = 1.0 / (row[PRECISION, i] * max(1.0 - decay * decay, 1e-12))
        before = 1.0
        for q in range(len(problem.node_x)):
            a = node[NODE_DECAY, q, i] / before
            before = node[NODE_DECAY, q, i]
            m = a * m + (1.0 - a) * rest
            ahead = a * a * v + (1.0 - a * a) * roam
            m, v = _watched(weights.pull, work.heat, node[MEAN, q, i], node[VARIANCE, q, i], q, i, m, ahead, foreseen)
            for t in range(len(traces)):
                taken[t] *= a * v / max(ahead, 1e-300)
        a = decay / before
        m = a * m + (1.0 - a) * rest
        v = a * a * v + (1.0 - a * a) * roam
        for t in range(len(traces)):
            taken[t] *= a
            taken_here[t] = taken[t]
        mz, vz, gain = m + row[TONE, i], v + w2, v / max(v + w2, 1e-300)
        wide = vz
        while r < len(reads) and problem.read_knot[reads[r]] == i:
            j = reads[r]
            unheard = vz
            if problem.read_category[j] < 0:
                missed[j], slope, mz, vz = _heard(problem, weights, j, mz, vz)
            else:
                missed[j], slope, mz, vz = _answered(problem, weights, j, mz, vz, normal)
            for t in range(len(traces)):
                left = traces[t, i] - taken_here[t]
                answer[t, j] = slope * left
                taken_here[t] += slope * slope * unheard * left
            r += 1
        m += gain * (mz - row[TONE, i] - m)
        v -= gain * gain * (wide - vz)
        for t in range(len(traces)):
            taken[t] += gain * (taken_here[t] - taken[t])
        while e < len(events) and problem.event_knot[events[e]] == i:
            m += weights.pull[problem.event_process[events[e]]] * v
            e += 1
        if i + 1 < len(problem.dt):
            m = row[LEAVE, i + 1] + row[M1, i] * (m - row[PATH, i])
            v *= row[M1, i] * row[M1, i]
            for t in range(len(traces)):
                taken[t] *= row[M1, i]


def foresee(problem: Problem, weights: Weights, work: Work, traces: Floats) -> tuple[Floats, Floats, Floats]:
    """What was foreseen at each moment from everything before it, at the parameters and path that `work` holds.

    Returns the standardised misses of the readings (r,) in the order of `problem.read_*` (answers to one prompt are
    foreseen one from another, in order of item), the events expected of each process at each node (k, q, n), given what
    came before, and how the misses would answer each of the `traces` (t, n): (t, r). `work` must come from `find_path`.
    """
    reads = np.lexsort((problem.read_item, problem.read_knot))
    events = np.argsort(problem.event_knot, kind="stable")
    x, w = np.polynomial.hermite_e.hermegauss(NODES_OF_THE_STATE)
    missed, answer = np.zeros(len(reads)), np.zeros((len(traces), len(reads)))
    foreseen = np.zeros_like(work.heat)
    normal = np.stack([x, w / w.sum()])
    _forward(problem, weights, work, reads, events, normal, traces, missed, foreseen, answer)
    return missed, foreseen, answer
