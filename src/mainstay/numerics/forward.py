"""The path as it was knowable at each moment: one pass forward, each reading and each event foreseen from those before.

The state is a normal N(m, v). It follows the process from node to node and from knot to knot (legend in `ou_path`); at
each node, seeing no event multiplies its density by exp(-g(x)), taken to second order; a continuous reading is a scalar
Kalman update, an ordinal one is taken at nodes of the state; an event of process k multiplies by exp(pull_k x), which
shifts the mean by pull_k v exactly; what unseen events take away is taken at its mean over the state. By the innovation
theorem the readings' standardised misses are then martingale differences of variance 1, and the intensity expected from
what came before is the one that rescales time (Brémaud 1981, ch. IV). A path smoothed over everything knows the events
it is asked to foresee.

A trace is something that the readings may show on top of the path, with value t_i at knot i. The state takes it for
strain, bit by bit: with tau what it has taken so far and s the slope of a standardised miss by strain, that miss
answers the trace by s (t - tau), and tau grows by s^2 v (t - tau). These answers are known before the reading is.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mainstay.numerics.kernels import ENTRY, INNER
from mainstay.numerics.layout import Problem, Weights
from mainstay.numerics.ordinal import LOGISTIC

Floats = NDArray[np.float64]
MOST = 50.0
"""The largest log intensity that is taken at its word."""

NODES_OF_THE_STATE = 9


class Course(NamedTuple):
    """What depends on the parameters but not on the path, by knot or by the interval that ends there, all (n,):

    the rate of return, where the path would come to rest, its variance there, what an event keeps of it, what is added,
    and what readings follow apart from it. `base` (k, q, n): expected events at a node at zero path; `unseen` (k, n):
    what unseen events take away around a knot, at zero path.
    """

    rate: Floats
    rest: Floats
    roam: Floats
    keep: Floats
    jump: Floats
    tone: Floats
    base: Floats
    unseen: Floats


def course_of(problem: Problem, weights: Weights) -> Course:
    """The course at given weights."""
    n = len(problem.dt)
    rate = weights.rate * np.exp(weights.own * problem.own)
    drive = weights.inputs @ problem.inputs
    noise = weights.noise**2 + weights.inputs**2 @ problem.extra_noise
    logit = weights.share_logit[:, None] - weights.share_fade[:, None] * problem.fade_knot
    shares = 1.0 / (1.0 + np.exp(weights.share_features @ problem.fade_features - logit))
    keep, jump = np.ones(n), np.zeros(n)
    np.multiply.at(keep, problem.event_knot, 1.0 - shares[problem.event_process, problem.event_knot])
    np.add.at(jump, problem.jump_knot, weights.inputs[problem.jump_input] * problem.jump_size)
    clock = np.tensordot(weights.features, problem.node_features, 1)
    at_nodes = weights.level[:, None, None] + weights.slope[:, None, None] * problem.drift_node + clock
    at_knots = weights.level[:, None] + weights.slope[:, None] * problem.drift_knot
    at_knots = at_knots + weights.features @ problem.knot_features
    exposed = problem.seen[:, None, :] * (problem.node_w[:, None] * problem.dt)
    return Course(
        rate=rate,
        rest=drive / rate,
        roam=0.5 * noise / rate,
        keep=keep,
        jump=jump,
        tone=weights.tone @ problem.knot_features[: len(weights.tone)],
        base=exposed * np.exp(np.minimum(at_nodes, MOST)),
        unseen=shares * problem.unseen_days * np.exp(np.minimum(at_knots, MOST)),
    )


@njit(**INNER)
def _watched(pull, base, q, i, m, v, foreseen):  # type: ignore[no-untyped-def]
    """The state after a node without events; fills what was foreseen of each process there."""
    slope = bend = 0.0
    for k in range(len(pull)):
        h = base[k, q, i] * math.exp(min(pull[k] * (m + 0.5 * pull[k] * v), MOST))
        foreseen[k, q, i] = h
        slope += pull[k] * h
        bend += pull[k] * pull[k] * h
    v = v / (1.0 + v * bend)
    return m - v * slope, v


@njit(**INNER)
def _left(pull, unseen, i, m, v):  # type: ignore[no-untyped-def]
    """What unseen events leave of the state's mean, and the slope of that: see `ou_path`, with the state's own v."""
    g = g1 = 0.0
    for k in range(len(pull)):
        term = unseen[k, i] * math.exp(min(pull[k] * (m + 0.5 * pull[k] * v), MOST))
        g += term
        g1 += pull[k] * term
    lift = v * g1 / max(g, 1e-300)
    kept = math.exp(-g)
    return kept * (m + lift) - lift, kept * (1.0 - (m + lift) * g1)


@njit(**INNER)
def _heard(problem, weights, j, m, v):  # type: ignore[no-untyped-def]
    """A continuous reading foreseen from N(m, v): its standardised miss, the slope of that, the state with it, and the

    log density it was given.
    """
    item = problem.read_item[j]
    b, noise = weights.loading[item], weights.sd[item] * weights.sd[item]
    total = b * b * v + noise
    miss = problem.read_value[j] - weights.intercept[item] - b * m
    density = -0.5 * (miss * miss / total + math.log(2.0 * math.pi * total))
    return miss / math.sqrt(total), b / math.sqrt(total), m + v * b * miss / total, v * noise / total, density


@njit(**INNER)
def _below(z):  # type: ignore[no-untyped-def]
    """The logistic function, safe at both ends."""
    e = math.exp(-abs(z))
    return 1.0 / (1.0 + e) if z >= 0.0 else e / (1.0 + e)


@njit(**INNER)
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
    left = v * max(two / total - one * one, 1e-6)
    return (rank - 0.5) / sd, slope / sd, m + width * one, left, math.log(total)


@njit(**ENTRY)
def _forward(  # type: ignore[no-untyped-def]
    problem, weights, course, reads, events, level, normal, traces, missed, foreseen, answer, density, sought
):
    m, v = weights.start, 0.0
    r = e = 0
    taken = np.zeros(len(traces))
    taken_here = np.zeros(len(traces))
    w2 = weights.occasion * weights.occasion
    for i in range(len(problem.dt)):
        before = 0.0
        for q in range(len(problem.node_x) + 1):
            x = problem.node_x[q] if q < len(problem.node_x) else 1.0
            a = math.exp(-course.rate[i] * problem.dt[i] * (x - before))
            before = x
            m = a * m + (1.0 - a) * course.rest[i]
            ahead = a * a * v + (1.0 - a * a) * course.roam[i]
            v = ahead
            if q < len(problem.node_x):
                m, v = _watched(weights.pull, course.base, q, i, m, ahead, foreseen)
            for t in range(len(traces)):
                taken[t] *= a * v / max(ahead, 1e-300)
        for t in range(len(traces)):
            taken_here[t] = taken[t]
        mz, vz, gain = m + course.tone[i], v + w2, v / max(v + w2, 1e-300)
        wide = vz
        while r < len(reads) and problem.read_knot[reads[r]] == i:
            j = reads[r]
            unheard = vz
            if problem.read_category[j] < 0:
                missed[j], slope, mz, vz, density[j] = _heard(problem, weights, j, mz, vz)
            else:
                missed[j], slope, mz, vz, density[j] = _answered(problem, weights, j, mz, vz, normal)
            for t in range(len(traces)):
                left = traces[t, i] - taken_here[t]
                answer[t, j] = slope * left
                taken_here[t] += slope * slope * unheard * left
            r += 1
        m += gain * (mz - course.tone[i] - m)
        v -= gain * gain * (wide - vz)
        for t in range(len(traces)):
            taken[t] += gain * (taken_here[t] - taken[t])
        while e < len(events) and problem.event_knot[events[e]] == i:
            pull = weights.pull[problem.event_process[events[e]]]
            sought[events[e]] = level[events[e]] + min(pull * (m + 0.5 * pull * v), MOST)
            m += pull * v
            e += 1
        kept = 1.0
        if problem.any_unseen:
            m, kept = _left(weights.pull, course.unseen, i, m, v)
        kept *= course.keep[i]
        m = course.keep[i] * m + course.jump[i]
        v *= kept * kept
        for t in range(len(traces)):
            taken[t] *= kept


def foresee(problem: Problem, weights: Weights, course: Course, traces: Floats) -> tuple[Floats, Floats, Floats]:
    """What was foreseen at each moment from everything before it.

    Returns the standardised misses of the readings (r,) in the order of `problem.read_*` (answers to one prompt are
    foreseen one from another, in order of item), the events expected of each process at each node (k, q, n), given what
    came before, and how the misses would answer each of the `traces` (t, n): (t, r).
    """
    found, answer = _passed(problem, weights, course, traces)
    return found.missed, found.expected, answer


class Foretold(NamedTuple):
    """What came, as it was foreseen from everything before it: of the readings (r,) their standardised misses and the

    log density (of an ordinal answer the log chance) they were given; of the processes the events expected at each node
    (k, q, n) and the log intensity at each event (e,) where everything is recorded.
    """

    missed: Floats
    density: Floats
    expected: Floats
    sought: Floats


def foretell(problem: Problem, weights: Weights) -> Foretold:
    """One pass forward at given weights, for scoring."""
    return _passed(problem, weights, course_of(problem, weights), np.zeros((0, len(problem.dt))))[0]


def _passed(problem: Problem, weights: Weights, course: Course, traces: Floats) -> tuple[Foretold, Floats]:
    reads = np.lexsort((problem.read_item, problem.read_knot))
    events = np.argsort(problem.event_knot, kind="stable")
    at, process = problem.event_knot, problem.event_process
    level = weights.level[process] + weights.slope[process] * problem.drift_knot[at]
    level = level + weights.features @ problem.knot_features[:, at]
    x, w = np.polynomial.hermite_e.hermegauss(NODES_OF_THE_STATE)
    found = Foretold(np.zeros(len(reads)), np.zeros(len(reads)), np.zeros_like(course.base), np.zeros(len(events)))
    answer = np.zeros((len(traces), len(reads)))
    _forward(
        problem, weights, course, reads, events, level, np.stack([x, w / w.sum()]), traces,
        found.missed, found.expected, answer, found.density, found.sought,
    )  # fmt: skip
    return found, answer
