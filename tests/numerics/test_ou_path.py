import math

import numpy as np
import pytest

from mainstay.numerics.exponential import fast_exp
from mainstay.numerics.layout import LANES, PATH, make_work
from mainstay.numerics.ou_gradient import places, value_and_gradient
from mainstay.numerics.ou_path import find_path, log_marginal
from numerics import oracle


def marginal(problem, weights):
    work = make_work(problem)
    f, _ = find_path(problem, weights, work, False)
    return (log_marginal(problem, work, f) if math.isfinite(f) else -math.inf), work.row[PATH].copy()


def test_fast_exp_is_right_to_two_units_in_the_last_place():
    v = np.linspace(-690, 690, 20001)
    ratio = np.array([fast_exp(x) for x in v]) / np.exp(v)
    assert np.abs(ratio - 1).max() < 4.5e-16 * 2


@pytest.mark.parametrize("n", [1, 30, LANES - 1, LANES, LANES + 1, 2 * LANES])
def test_readings_alone_give_the_exact_joint_gaussian(make_problem, make_weights, n):
    """At every place that the last knot may have in a block."""
    rng = np.random.default_rng(1)
    problem = make_problem(rng, n=n, unseen=False, processes=0)
    weights = make_weights(rng, problem)
    value, _ = marginal(problem, weights)
    assert value == pytest.approx(oracle.gaussian_log_marginal(problem, weights), abs=1e-9)


@pytest.mark.parametrize("unseen", [False, True])
def test_the_mode_maximises_the_joint_density_written_out(make_problem, make_weights, unseen):
    rng = np.random.default_rng(2)
    problem = make_problem(rng, n=12, unseen=unseen)
    weights = make_weights(rng, problem)
    _, path = marginal(problem, weights)
    top = oracle.log_joint(problem, weights, path)
    assert all(oracle.log_joint(problem, weights, path + 1e-3 * rng.normal(size=12)) < top for _ in range(40))


@pytest.mark.parametrize("unseen", [False, True])
def test_laplace_is_near_the_brute_force_integral(make_problem, make_weights, unseen):
    rng = np.random.default_rng(3)
    problem = make_problem(rng, n=2, unseen=unseen)
    weights = make_weights(rng, problem)
    value, path = marginal(problem, weights)
    exact = oracle.brute_force_log_marginal(problem, weights, path.min() - 3, path.max() + 3, 121)
    assert value == pytest.approx(exact, abs=0.02)


@pytest.mark.parametrize("unseen", [False, True])
@pytest.mark.parametrize(("seed", "n"), [(0, 40), (1, 40), (2, 40), (3, 40), (4, LANES), (5, LANES + 9)])
def test_gradient_equals_finite_differences(make_problem, make_weights, unseen, seed, n):
    rng = np.random.default_rng(seed)
    problem = make_problem(rng, n=n, unseen=unseen)
    weights = make_weights(rng, problem)
    work, at = make_work(problem), oracle.flat(weights)
    gradient, spare = np.zeros(places(weights)[-1]), np.zeros(places(weights)[-1])
    value_and_gradient(problem, weights, work, False, gradient)
    for j in range(len(at)):
        step = np.zeros(len(at))
        step[j] = 1e-5
        up, _ = value_and_gradient(problem, oracle.unflat(at + step, weights), work, False, spare)
        down, _ = value_and_gradient(problem, oracle.unflat(at - step, weights), work, False, spare)
        assert gradient[j] == pytest.approx((up - down) / 2e-5, rel=1e-6, abs=1e-6)


def test_noise_cannot_run_away_without_readings(make_problem, make_weights):
    rng = np.random.default_rng(5)
    problem = make_problem(rng, items=0, unseen=False)
    weights = make_weights(rng, problem, items=0)
    values = [marginal(problem, weights._replace(noise=noise))[0] for noise in (2.0, 5.0, 20.0, 80.0)]
    assert values[3] <= values[2] < max(values)


def test_a_path_search_that_fails_says_so_and_not_nan(make_problem, make_weights):
    rng = np.random.default_rng(6)
    problem = make_problem(rng, unseen=False)
    weights = make_weights(rng, problem)._replace(start=float("nan"))
    gradient = np.zeros(places(weights)[-1])
    value, _ = value_and_gradient(problem, weights, make_work(problem), False, gradient)
    assert value == -math.inf


def test_splitting_an_interval_changes_next_to_nothing(make_problem, make_weights):
    """A knot without an observation moves the value only by what Laplace leaves out."""
    rng = np.random.default_rng(7)
    whole = make_problem(rng, n=10, unseen=False)
    weights = make_weights(rng, whole)
    split = _with_halved_intervals(whole)
    assert marginal(split, weights)[0] == pytest.approx(marginal(whole, weights)[0], abs=0.1)


def _with_halved_intervals(problem):
    n = len(problem.dt)
    dt = np.repeat(problem.dt / 2, 2)
    ends = np.cumsum(dt)
    nodes = (ends - dt) + dt * problem.node_x[:, None]
    middle = ends[-1] / 2
    return problem._replace(
        dt=dt,
        own=np.repeat(problem.own, 2),
        inputs=np.repeat(problem.inputs, 2, axis=1),
        extra_noise=np.repeat(problem.extra_noise, 2, axis=1),
        jump_knot=2 * problem.jump_knot + 1,
        event_knot=2 * problem.event_knot + 1,
        read_knot=2 * problem.read_knot + 1,
        seen=np.ones((len(problem.seen), 2 * n)),
        unseen_days=np.zeros((len(problem.seen), 2 * n)),
        spread=np.zeros(2 * n),
        lift=np.zeros(2 * n),
        drift_node=np.ascontiguousarray((nodes - middle) / 10),
        node_features=np.ascontiguousarray(np.array([np.cos(2 * np.pi * nodes), np.sin(2 * np.pi * nodes)])),
        drift_knot=(ends - middle) / 10,
        fade_knot=(ends - middle) / 10,
        fade_features=np.repeat(problem.fade_features, 2, axis=1),
        knot_features=np.array([np.cos(2 * np.pi * ends), np.sin(2 * np.pi * ends)]),
    )


def test_a_path_found_from_another_one_is_the_same(make_problem, make_weights):
    """What is left of Newton's steps is carried to value and gradient, however the search came near."""
    rng = np.random.default_rng(13)
    problem = make_problem(rng, n=LANES + 9)
    weights = make_weights(rng, problem)
    work, gradient = make_work(problem), np.zeros(places(weights)[-1])
    cold, _ = value_and_gradient(problem, weights, work, False, gradient)
    from_cold = gradient.copy()
    value_and_gradient(problem, weights._replace(rate=1.1 * weights.rate), work, False, gradient)
    warm, _ = value_and_gradient(problem, weights, work, True, gradient)
    assert warm == pytest.approx(cold, abs=1e-10)
    np.testing.assert_allclose(gradient, from_cold, rtol=1e-7, atol=1e-7)


def test_stale_kernels_are_forgotten_with_what_they_import(tmp_path):
    from mainstay.numerics import forget_stale_kernels

    (tmp_path / "rows.py").write_text("ROWS = 1\n")
    (tmp_path / "walk.py").write_text("from mainstay.numerics.rows import ROWS\n")
    (tmp_path / "other.py").write_text("")
    kept = tmp_path / "__pycache__"
    kept.mkdir()
    forget_stale_kernels(tmp_path)
    names = {f"{name}.f-1.py311.nbi" for name in ("rows", "walk", "other")}
    for name in names:
        (kept / name).touch()
    forget_stale_kernels(tmp_path)
    assert {path.name for path in kept.glob("*.nbi")} == names
    (tmp_path / "rows.py").write_text("ROWS = 20\n")
    forget_stale_kernels(tmp_path)
    assert {path.name for path in kept.glob("*.nbi")} == {"other.f-1.py311.nbi"}


def test_whether_the_kernels_are_there_is_known_before_a_fit(monkeypatch, tmp_path):
    from mainstay.numerics import kernels_are_kept

    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert not kernels_are_kept()
    (tmp_path / "numerics_1").mkdir()
    (tmp_path / "numerics_1" / "ou_gradient.value_and_gradient-172.py311.nbi").touch()
    assert kernels_are_kept()
