"""What the path kernels are given and where they keep things: problem, weights, scratch rows. Legend in `ou_path`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Problem(NamedTuple):
    """What is known before any parameter is. Shapes: (n) knots, (q) nodes, (k) processes, (m) inputs, (h) features.

    `own` (n,): share of an interval in which the rate of return is another one. `inputs` (m, n) feed the drift,
    `extra_noise` (m, n) the noise, each by the weight of its input (squared for noise). `jump_*`: additions at knots
    by input index and size; `event_*`: knot and process of every event. `read_*` (j,), in the order of the knots:
    knot, item, value, and category from 0 for an ordinal item (else -1); `item_cut` (items + 1,): where each item's
    cut points begin in `Weights.cuts`; `moment_*` (g,): nodes and weights of a standard normal, for the error shared
    at a knot. `seen` (k, n): weight of each event process in an interval; `unseen_days` (k, n): unseen exposure around
    a knot. `drift_*`: what the slope of a process multiplies, at nodes (q, n) and knots (n,); `fade_knot` (n,),
    `fade_features` (b, n): what lowers the logit of the shares, by process and for all alike.
    """

    dt: Floats
    own: Floats
    inputs: Floats
    extra_noise: Floats
    jump_knot: Ints
    jump_input: Ints
    jump_size: Floats
    event_knot: Ints
    event_process: Ints
    read_knot: Ints
    read_item: Ints
    read_value: Floats
    read_category: Ints
    item_cut: Ints
    moment_x: Floats
    moment_w: Floats
    seen: Floats
    unseen_days: Floats
    any_unseen: bool
    spread: Floats
    lift: Floats
    node_x: Floats
    node_w: Floats
    node_features: Floats
    knot_features: Floats
    drift_node: Floats
    drift_knot: Floats
    fade_knot: Floats
    fade_features: Floats


class Weights(NamedTuple):
    """The parameters in the kernel's terms. The rate of return in interval i is rate exp(own own_i); at an event

    logistic(share_logit - share_fade fade_knot - share_features . fade_features) is lost. `tone` multiplies the first
    features. `cuts`: ascending cut points of the ordinal items, in the units of their readings.
    """

    rate: float
    noise: float
    start: float
    inputs: Floats
    level: Floats
    pull: Floats
    share_logit: Floats
    share_fade: Floats
    slope: Floats
    features: Floats
    intercept: Floats
    loading: Floats
    sd: Floats
    occasion: float
    tone: Floats
    cuts: Floats
    own: float
    share_features: Floats


class Work(NamedTuple):
    """Scratch arrays, reused from call to call. Rows of `row` (n) are named by the constants below."""

    row: Floats
    node: Floats
    heat: Floats
    shares: Floats
    unseen: Floats


# rows of Work.row
PATH, LEAVE, DECAY, SHIFT, DRIVE, PRECISION, KEEP, JUMP = 0, 1, 2, 3, 4, 5, 6, 7
M1, M2, M3, RESIDUAL, GRAD_X, GRAD_Z, HXX, HZZ, HXZ = 8, 9, 10, 11, 12, 13, 14, 15, 16
PIVOT, OFF, STEP, LAST, VAR, COV, HALF_NOISE, GRADIENT, DIAGONAL = 17, 18, 19, 20, 21, 22, 23, 24, 25
SCRATCH = 26
# v then w; adjoints of M, M', M'', the drive and half the noise
PULLED, ADJ_M, ADJ_M1, ADJ_M2, ADJ_DRIVE, ADJ_NOISE = 26, 27, 28, 29, 30, 31
READ_PULL, READ_PRECISION, TONE = 32, 33, 34
THIRD, RATE, ADJ_RATE = 35, 36, 37
ROWS = 38
# first axis of Work.node (.., q, n)
NODE_DECAY, BRIDGE, VARIANCE, BASE, MEAN = 0, 1, 2, 3, 4
NODES = 5


def make_work(problem: Problem) -> Work:
    """Scratch space for a problem."""
    n, q, k = len(problem.dt), len(problem.node_x), problem.seen.shape[0]
    return Work(np.zeros((ROWS, n)), np.zeros((NODES, q, n)), np.zeros((k, q, n)), np.zeros((k, n)), np.zeros((k, n)))
