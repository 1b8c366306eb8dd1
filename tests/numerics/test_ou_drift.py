"""The drifting Ornstein-Uhlenbeck likelihood against the dense Gaussian it stands for."""

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.signal import lfilter
from scipy.stats import t as student

from mainstay.errors import BadRequest
from mainstay.numerics import ou_drift
from mainstay.numerics.ou_drift_fit import BELIEFS, GRID, NOUGHT, PRIOR_RATIO, profiles


def dense(times, values, design, parameters, step=None):
    """The restricted log likelihood from the covariance written out, V maximised; the clock by quadrature."""
    log_rate, log_ratio, a, b, c = parameters
    first, span = times[0], times[-1] - times[0]

    def course(t):
        if step is None:
            return (t - first) / span - 0.5
        return 0.5 if t >= step else -0.5

    u = np.array([course(t) for t in times])
    edges = [step] if step is not None else None
    pieces = [quad(lambda t: math.exp(log_rate + a * course(t)), s, t, points=edges)[0] if t > s else 0.0
              for s, t in itertools.pairwise(times)]  # fmt: skip
    clock = np.concatenate([[0.0], np.cumsum(pieces)])
    g = np.exp(b * u)
    cov = np.sqrt(np.outer(g, g)) * np.exp(-np.abs(clock[:, None] - clock[None, :]))
    cov += np.diag(g * np.exp(log_ratio + c * u))
    n, p = design.shape
    inverse = np.linalg.inv(cov)
    information = design.T @ inverse @ design
    beta = np.linalg.solve(information, design.T @ inverse @ values)
    rest = values - design @ beta
    variance = float(rest @ inverse @ rest) / (n - p)
    dets = np.linalg.slogdet(cov)[1] + np.linalg.slogdet(information)[1]
    return -0.5 * ((n - p) * (math.log(2 * math.pi * variance) + 1.0) + dets)


def example(rng, n=60, columns=3):
    times = np.cumsum(rng.exponential(0.3, n))
    times[n // 2 :] += 9.0
    times[7] = times[6]
    u = np.linspace(-0.5, 0.5, n)
    design = np.column_stack([np.ones(n), u, rng.normal(size=(n, columns - 2))])
    return times, np.cumsum(rng.normal(size=n)) * 0.4 + rng.normal(size=n), design


PLACES = [(0.3, -0.5, 0.0, 0.0, 0.0), (-1.0, -2.0, 1.3, -0.7, 0.4), (1.0, 1.0, -2.0, 1.5, -1.0)]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("share", [None, 0.3, 0.7])
def test_the_filter_equals_the_dense_gaussian(place, share):
    times, values, design = example(np.random.default_rng(3))
    step = None if share is None else times[0] + share * (times[-1] - times[0])
    readings = ou_drift.drifting(times, values, design, step)
    value, _ = ou_drift.log_likelihood(readings, np.array(place))
    assert value == pytest.approx(dense(times, values, design, place, step), abs=1e-8)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("step", [None, 8.0])
def test_the_gradient_equals_central_differences(place, step):
    readings = ou_drift.drifting(*example(np.random.default_rng(4)), step)
    at, h = np.array(place), 1e-5
    _, gradient = ou_drift.log_likelihood(readings, at)
    for k in range(5):
        move = h * np.eye(5)[k]
        slope = (ou_drift.log_likelihood(readings, at + move)[0] - ou_drift.log_likelihood(readings, at - move)[0]) / (
            2 * h
        )
        assert gradient[k] == pytest.approx(slope, rel=1e-5, abs=1e-6)


def test_a_gap_costs_nothing():
    times, values, _ = example(np.random.default_rng(5))
    far = times.copy()
    far[30:] += 400.0
    place = np.array([0.5, -1.0, 0.0, 0.0, 0.0])
    halves = 0.0
    for part in (slice(None, 30), slice(30, None)):
        cov = np.exp(-math.exp(0.5) * np.abs(far[part, None] - far[None, part])) + math.exp(-1.0) * np.eye(30)
        halves += np.linalg.slogdet(cov)[1]
    flat = ou_drift.drifting(far, values, np.ones((60, 1)))
    assert ou_drift.log_likelihood(flat, place)[0] == pytest.approx(dense(far, values, np.ones((60, 1)), place))
    whole = np.exp(-math.exp(0.5) * np.abs(far[:, None] - far[None])) + math.exp(-1.0) * np.eye(60)
    assert np.linalg.slogdet(whole)[1] == pytest.approx(halves, abs=1e-9)


def test_units_of_time_and_value_change_the_likelihood_by_a_constant_only():
    times, values, design = example(np.random.default_rng(6))
    here, there = np.array([0.2, -1.0, 0.5, 0.3, 0.1]), np.array([1.0, -0.3, -0.8, 0.0, 0.4])
    plain = ou_drift.drifting(times, values, design)
    other = ou_drift.drifting(24.0 * times, 7.0 * values + 3.0, design)
    slower = np.array([math.log(24.0), 0.0, 0.0, 0.0, 0.0])
    gain = ou_drift.log_likelihood(plain, here)[0] - ou_drift.log_likelihood(plain, there)[0]
    again = ou_drift.log_likelihood(other, here - slower)[0] - ou_drift.log_likelihood(other, there - slower)[0]
    assert again == pytest.approx(gain, abs=1e-8)


NUISANCES = [k for k in range(5) if k != ou_drift.RATE_DRIFT]


def penalised(readings, at):
    """The likelihood under the priors and its gradient, written out."""
    span, n = float(readings.gaps.sum()), len(readings.gaps)
    off = at - np.array([-0.5 * math.log(span * span / (n - 1)), PRIOR_RATIO, 0.0, 0.0, 0.0])
    value, gradient = ou_drift.log_likelihood(readings, at)
    for sd, of in BELIEFS:
        far = float(np.dot(of, off))
        value -= 0.5 * (far / sd) ** 2
        gradient = gradient - far / sd**2 * np.array(of)
    return value, gradient


def curvature(readings, at, h=1e-4):
    moves = h * np.eye(5)[NUISANCES]
    slopes = [penalised(readings, at - move)[1] - penalised(readings, at + move)[1] for move in moves]
    return np.array(slopes)[:, NUISANCES] / (2.0 * h)


def test_heights_are_those_of_a_settled_search_with_the_rest_integrated_out():
    readings = ou_drift.drifting(*example(np.random.default_rng(7), n=200))
    heights, places = profiles([readings])[0]
    for k in (0, 5, NOUGHT, len(GRID) - 1):
        value, gradient = penalised(readings, places[k])
        bent = curvature(readings, places[k])
        assert places[k][ou_drift.RATE_DRIFT] == GRID[k]
        left = gradient[NUISANCES]
        assert 0.5 * left @ np.linalg.solve(bent, left) < 1e-4
        assert heights[k] == pytest.approx(value - 0.5 * np.linalg.slogdet(bent)[1], abs=5e-3)


def test_laplace_stands_for_the_integral_over_the_rest():
    readings = ou_drift.drifting(*example(np.random.default_rng(10), n=300))
    heights, places = profiles([readings])[0]
    rng, told = np.random.default_rng(11), []
    for k in (NOUGHT - 3, NOUGHT + 3):
        spread = np.linalg.cholesky(np.linalg.inv(curvature(readings, places[k])))
        steps = rng.standard_t(6, size=(3000, 4))
        weights = []
        for step in steps:
            at = places[k].copy()
            at[NUISANCES] += spread @ step
            weights.append(penalised(readings, at)[0] - student(6).logpdf(step).sum())
        told.append(float(np.logaddexp.reduce(weights)) + np.linalg.slogdet(spread)[1])
    assert heights[NOUGHT + 3] - heights[NOUGHT - 3] == pytest.approx(told[1] - told[0], abs=0.25)


def test_series_searched_together_are_as_high_as_alone_as_far_as_the_walk_went():
    rng, n = np.random.default_rng(12), 3000
    both = []
    for kept in (0.5, 0.7):
        values = lfilter([1.0], [1.0, -kept], rng.normal(size=n)) + 0.2 * rng.normal(size=n)
        both.append(ou_drift.drifting(np.arange(n) * 1.0, values, np.ones((n, 1))))
    together = profiles(both)
    for readings, one in zip(both, together, strict=True):
        alone = profiles([readings])[0]
        been = np.isfinite(one.places[:, 0]) & np.isfinite(alone.places[:, 0])
        assert been[NOUGHT]
        assert np.allclose(one.heights[been], alone.heights[been], atol=1e-2)
    assert not np.isfinite(together[0].places[:, 0]).all()
    total = sum(one.heights for one in together)
    unseen = ~np.isfinite(together[0].places[:, 0])
    assert total[unseen].max() < total.max() - 12.0


def test_a_rate_that_falls_is_found_where_only_it_falls():
    rng = np.random.default_rng(8)
    n, found = 1500, []
    for _ in range(5):
        phi = np.exp(-np.exp(-1.0 - 1.5 * np.linspace(-0.5, 0.5, n)))
        values = np.zeros(n)
        for i in range(1, n):
            values[i] = phi[i] * values[i - 1] + math.sqrt(1 - phi[i] ** 2) * rng.normal()
        readings = ou_drift.drifting(np.arange(n) * 1.0, values + 0.3 * rng.normal(size=n), np.ones((n, 1)))
        found.append(GRID[int(profiles([readings])[0].heights.argmax())])
    assert abs(np.mean(found) + 1.5) < 0.5


@pytest.mark.parametrize(
    ("times", "values", "design", "step", "said"),
    [
        ([0.0, 2.0, 1.0], [0.0] * 3, np.ones((3, 1)), None, "run back"),
        ([0.0, 1.0, 2.0], [0.0] * 2, np.ones((3, 1)), None, "one value"),
        ([0.0, 1.0, np.nan], [0.0] * 3, np.ones((3, 1)), None, "finite"),
        ([1.0, 1.0, 1.0], [0.0] * 3, np.ones((3, 1)), None, "all be the same"),
        ([0.0, 1.0, 2.0, 3.0], [0.0] * 4, np.ones((4, 2)), None, "different things"),
        ([0.0, 1.0, 2.0], [0.0] * 3, np.ones((3, 1)), 2.0, "outside"),
    ],
)
def test_what_has_no_likelihood_is_refused(times, values, design, step, said):
    with pytest.raises(BadRequest, match=said):
        ou_drift.drifting(np.array(times), np.array(values), design, step)


def test_parameters_that_are_not_five_finite_numbers_are_refused():
    readings = ou_drift.drifting(*example(np.random.default_rng(9)))
    for wrong in (np.zeros(4), np.array([0.0, 0.0, np.inf, 0.0, 0.0])):
        with pytest.raises(BadRequest, match="five finite numbers"):
            ou_drift.log_likelihood(readings, wrong)
