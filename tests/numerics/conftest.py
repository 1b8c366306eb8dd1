import numpy as np
import pytest

from mainstay.numerics.layout import Problem, Weights


def random_problem(rng, n=40, *, unseen=True, processes=2, inputs=3, items=2, features=2, nodes=4):
    dt = rng.uniform(0.02, 0.25, n)
    ends = np.cumsum(dt)
    starts = ends - dt
    x, w = np.polynomial.legendre.leggauss(nodes)
    x, w = 0.5 * (x + 1), 0.5 * w
    at_nodes = starts + dt * x[:, None]
    middle = ends[-1] / 2
    rates = rng.uniform(0.2, 0.9, (processes, n))
    phases = [np.cos, np.sin][:features]
    return Problem(
        dt=dt,
        own=np.resize([0.0, 0.5, 0.0, 1.0, 0.0], n),
        inputs=rng.uniform(0, 1, (inputs, n)),
        extra_noise=rng.uniform(0, 0.3, (inputs, n)) * unseen,
        jump_knot=rng.integers(0, n, 8),
        jump_input=rng.integers(0, inputs, 8),
        jump_size=rng.uniform(0.5, 1.5, 8),
        event_knot=rng.integers(0, n, 9) if processes else np.zeros(0, np.int64),
        event_process=rng.integers(0, processes, 9) if processes else np.zeros(0, np.int64),
        read_knot=np.sort(rng.integers(0, n, 15)) if items else np.zeros(0, np.int64),
        read_item=rng.integers(0, items, 15) if items else np.zeros(0, np.int64),
        read_value=rng.normal(2, 1, 15) if items else np.zeros(0),
        read_category=np.full(15 if items else 0, -1),
        item_cut=np.zeros(items + 1, np.int64),
        moment_x=np.zeros(1),
        moment_w=np.ones(1),
        seen=rates if unseen else np.ones((processes, n)),
        unseen_days=(1 - rates) * dt * unseen,
        any_unseen=unseen,
        spread=rng.uniform(0, 0.4, n) * unseen,
        lift=rng.uniform(0, 0.4, n) * unseen,
        node_x=x,
        node_w=w,
        drift_node=np.ascontiguousarray((at_nodes - middle) / 10),
        node_features=np.ascontiguousarray(np.array([f(2 * np.pi * at_nodes) for f in phases]).reshape(-1, nodes, n)),
        drift_knot=(ends - middle) / 10,
        fade_knot=(ends - middle) / 10,
        fade_features=np.stack([(ends > 0.6 * ends[-1]) * 1.0, np.sin(ends)]),
        knot_features=np.array([f(2 * np.pi * ends) for f in phases]).reshape(-1, n),
    )


def random_weights(rng, problem, items=2):
    m, k, h = len(problem.inputs), len(problem.seen), len(problem.knot_features)
    return Weights(
        rate=rng.uniform(0.3, 2),
        noise=rng.uniform(0.3, 1),
        start=rng.normal(1, 0.5),
        inputs=rng.normal(1, 0.5, m),
        level=rng.normal(0.5, 0.5, k),
        pull=rng.normal(0.5, 0.6, k),
        share_logit=rng.normal(-0.5, 0.5, k),
        share_fade=rng.normal(0, 1, k),
        slope=rng.normal(0, 1, k),
        features=rng.normal(0, 0.5, h),
        intercept=rng.normal(0, 0.5, items),
        loading=rng.normal(1, 0.3, items),
        sd=rng.uniform(0.5, 1.5, items),
        occasion=float(rng.uniform(0.2, 0.8)),
        tone=rng.normal(0, 0.5, min(h, 2)),
        cuts=np.zeros(0),
        own=float(rng.normal(0, 0.7)),
        share_features=rng.normal(0, 0.7, len(problem.fade_features)),
    )


@pytest.fixture
def make_problem():
    return random_problem


@pytest.fixture
def make_weights():
    return random_weights
