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
    """Scratch of one problem and one thread, reused from call to call.

    `row` (ROWS, n): what others read and write, by knot. `block` (blocks, ..) and `node` (blocks, rows, PITCH): the
    kernels' own rows, cut into blocks of LANES slots that stay in the nearest cache; slot s holds knot s - 1, interval
    s, which leads from it to knot s, and the pair of both. `used` (2, m): which rows of inputs and extra noise hold
    anything. `share` (events): what each event takes away. `total`: half the log determinant; the Newton decrement.
    """

    row: Floats
    block: Floats
    node: Floats
    spare: Floats
    used: Ints
    share: Floats
    total: Floats


# rows of Work.row: the path; its variances and covariances with the knot before; the pull on it of the determinant,
# then H^-1 of that; what the readings of a knot add to the gradient, the Hessian and the third derivative by X
PATH, VAR, COV, PULLED, GRAD_X, HXX, THIRD, READ_PULL, READ_PRECISION, TONE = range(10)
# the gradient of the joint density by the path
GRADIENT = 10
ROWS = 11

LANES = 128
PITCH = LANES + 8
"""A row of a block has room for its right neighbour's first value."""

(
    B_LENGTH, B_RATE, B_DECAY, B_COTH, B_PRECISION, B_VARIANCE, B_REST, B_HALF, B_KEEP, B_JUMP, B_EVENT, B_LINEAR,
    B_BENT, B_PATH, B_M1, B_M2, B_M3, B_GZ, B_HZZ, B_HXZ, B_GRADIENT, B_OFF, B_INVERSE, B_RATIO, B_FORWARD, B_STEP,
    B_VAR, B_COV, B_PULL, B_PULL_X, B_W, B_BY_M, B_BY_KEEP, B_LIFT,
) = range(0, 34 * PITCH, PITCH)  # fmt: skip
BLOCK_ROWS = 34
(
    S_DRIVE, S_NOISE, S_EXPOSED, S_Z, S_X, S_GX, S_HX, S_DIAGONAL, S_OFF, S_BEFORE, S_MINOR, S_ONE, S_TWO, S_G,
    S_DELTA, S_SPREAD, S_MEAN, S_ALL, S_BY_MEAN, S_BY_VARIANCE, S_DZ, S_CZZ, S_CZX, S_BY_LENGTH, S_BY_REST, S_BY_NOISE,
    S_G1, S_G2, S_G3, S_THREE,
) = range(0, 30 * PITCH, PITCH)  # fmt: skip
# rows that the path without noise uses for something else
B_Z, B_BY_REST, B_BY_LENGTH = B_FORWARD, B_PULL, B_PULL_X
SPARE_ROWS = 30


def make_work(problem: Problem) -> Work:
    """Scratch space for a problem; for another one whose inputs or shapes differ, make another."""
    n, q, k = len(problem.dt), len(problem.node_x), problem.seen.shape[0]
    blocks = n // LANES + 1
    return Work(
        np.zeros((ROWS, n)),
        np.zeros((blocks, BLOCK_ROWS * PITCH)),
        np.zeros((blocks, 3 * q + 2 * q * k + k, PITCH)),
        np.zeros(SPARE_ROWS * PITCH),
        np.array([np.any(problem.inputs != 0.0, axis=1), np.any(problem.extra_noise != 0.0, axis=1)]).astype(np.int64),
        np.zeros(len(problem.event_knot)),
        np.zeros(2),
    )
