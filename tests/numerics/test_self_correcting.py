"""The log-linear self-correcting process against its intensity written out, finite differences and simulated truth."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.errors import BadRequest
from mainstay.numerics.decay_path import value_and_gradient_still
from mainstay.numerics.layout import Weights, make_work
from mainstay.numerics.ou_gradient import places
from mainstay.numerics.ou_path import find_path, log_marginal
from mainstay.numerics.self_correcting import (
    LogLinear,
    derivatives,
    fit,
    fit_stress_release,
    residual_times,
    stress_release,
)

A, B, C, END = -2.5, 0.012, 0.85, 500.0


def written_out(times, releases, start, end, a, b, c):
    """The oracle: the intensity at each event, less its integral by twenty Gauss-Legendre nodes between events."""
    x, w = np.polynomial.legendre.leggauss(20)

    def intensity(t):
        return math.exp(a + b * (t - c * releases[times < t].sum()))

    inside = (times > start) & (times <= end)
    value = sum(math.log(intensity(t)) for t in times[inside])
    edges = np.unique(np.concatenate([[start], times[inside], [end]]))
    for left, right in pairwise(edges):
        middle, half = 0.5 * (left + right), 0.5 * (right - left)
        value -= half * sum(wi * intensity(middle + half * xi) for xi, wi in zip(x, w, strict=True))
    return value


def simulated(rng, a=A, b=B, c=C, end=END):
    """Exact: between events the integral of the intensity is inverted in closed form."""
    now, released, times, releases = 0.0, 0.0, [], []
    while True:
        left = 1.0 + b * rng.exponential() * math.exp(-(a + b * (now - c * released)))
        if left <= 0.0:
            break
        now += math.log(left) / b
        if now > end:
            break
        times.append(now)
        releases.append(10 ** (0.75 * rng.exponential(0.45)))
        released += releases[-1]
    return np.array(times), np.array(releases)


@given(st.floats(-3, 0), st.floats(-0.2, 0.2), st.floats(-3, 3), st.integers(0, 20), st.integers(0, 10**6))
def test_likelihood_is_the_intensity_written_out(a, b, c, n, seed):
    rng = np.random.default_rng(seed)
    times, releases = rng.uniform(0, 40, n).round(), rng.exponential(1.0, n)  # rounded: some together, some at the ends
    value, _, _ = derivatives(stress_release(times, releases, 0.0, 40.0), np.array([a, b, b * c]))
    assert value == pytest.approx(written_out(times, releases, 0.0, 40.0, a, b, c), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("steepness", [1e-9, 1e-3, 0.4, 1.9, 2.1, 40.0])
def test_gradient_and_hessian_are_exact_at_every_steepness(steepness):
    rng = np.random.default_rng(0)
    process = LogLinear(
        rng.uniform(0.5, 1.5, 6), rng.normal(0, 0.5, (6, 3)), rng.normal(0, 1, (6, 3)), np.array([1, 0, 2, 1, 0, 1])
    )
    at = np.array([0.3, -0.2, 0.5]) * steepness
    _, gradient, information = derivatives(process, at)
    for j in range(3):
        step = np.eye(3)[j] * 1e-5
        (ahead, up, _), (behind, down, _) = derivatives(process, at + step), derivatives(process, at - step)
        assert gradient[j] == pytest.approx((ahead - behind) / 2e-5, rel=1e-6, abs=1e-6)
        np.testing.assert_allclose(information[j], (down - up) / 2e-5, rtol=1e-6, atol=1e-6)


def test_history_before_the_start_releases_without_being_counted():
    times, releases = np.array([1.0, 2.0, 5.0]), np.array([1.0, 2.0, 3.0])
    process = stress_release(times, releases, 2.0, 10.0)
    assert process.events.sum() == 1
    value, _, _ = derivatives(process, np.array([-1.0, 0.1, 0.05]))
    assert value == pytest.approx(written_out(times, releases, 2.0, 10.0, -1.0, 0.1, 0.5))


def test_without_growth_and_release_it_is_poisson():
    times = np.linspace(3, 500, 65)
    found = fit_stress_release(times, np.ones(65), 0.0, 517.0)
    value, _, _ = derivatives(stress_release(times, np.ones(65), 0.0, 517.0), np.array([math.log(65 / 517), 0, 0]))
    assert value == pytest.approx(found.poisson_log_likelihood)
    assert found.log_likelihood > found.poisson_log_likelihood


def test_fit_is_the_maximum_and_scaling_time_changes_nothing_else():
    times, releases = simulated(np.random.default_rng(1))
    found = fit_stress_release(times, releases, 0.0, END)
    _, gradient, information = derivatives(stress_release(times, releases, 0.0, END), found.theta.estimate)
    assert float(gradient @ np.linalg.solve(information, gradient)) < 1e-6
    np.testing.assert_allclose(found.theta.covariance, np.linalg.inv(information), rtol=1e-6)
    in_days = fit_stress_release(times * 365.25 + 1e6, releases, 1e6, END * 365.25 + 1e6)
    assert in_days.value("c") == pytest.approx(found.value("c") * 365.25, rel=1e-5)
    assert in_days.interval("c").high == pytest.approx(found.interval("c").high * 365.25, rel=1e-5)


def test_residual_times_of_the_truth_are_a_unit_poisson_process():
    gaps = []
    for seed in range(40):
        times, releases = simulated(np.random.default_rng(seed))
        residual = residual_times(stress_release(times, releases, 0.0, END), np.array([A, B, B * C]))
        gaps.append(np.diff(residual, prepend=0.0))
    ranks = np.sort(1 - np.exp(-np.concatenate(gaps)))
    n = len(ranks)
    distance = np.abs(ranks - (np.arange(n) + 0.5) / n).max() * math.sqrt(n)
    assert distance < 1.63  # Kolmogorov's one in a hundred


def coverage(count, seed):
    truth, held, settled = {"a": A, "b": B, "c": C}, {"a": 0, "b": 0, "c": 0}, 0
    for k in range(count):
        found = fit_stress_release(*simulated(np.random.default_rng([seed, k])), 0.0, END)
        settled += found.converged
        for name, value in truth.items():
            interval = found.interval(name)
            held[name] += interval is None or value in interval
    return settled / count, {name: n / count for name, n in held.items()}


def test_intervals_hold_the_truth():
    settled, share = coverage(200, 2)
    assert settled == 1.0
    # some eighty events: b is then too high by half a standard error, and 90 % intervals hold about 85 %
    assert all(0.77 < held < 0.96 for held in share.values()), share


def test_a_constant_rate_seems_to_correct_itself_as_often_as_stated():
    rng, gains = np.random.default_rng(8), []
    for _ in range(400):
        times = np.sort(rng.uniform(0, 500, rng.poisson(65)))
        found = fit_stress_release(times, np.ones(len(times)), 0.0, 500.0)
        gains.append(2 * (found.log_likelihood - found.poisson_log_likelihood))
    assert 0.015 < np.mean(np.array(gains) > 12.8) < 0.1  # stated: .05; three standard errors


@pytest.mark.long
def test_intervals_hold_the_truth_of_two_thousand():
    _, share = coverage(2000, 3)
    assert all(0.82 < held < 0.92 for held in share.values()), share


def test_growth_that_cannot_be_told_from_none_leaves_the_release_open():
    times = np.sort(np.random.default_rng(4).uniform(0, 100, 40))
    found = fit_stress_release(times, np.random.default_rng(5).exponential(1.0, 40), 0.0, 100.0)
    assert found.converged
    assert 0.0 in found.interval("b")
    assert found.interval("c") is None


@pytest.mark.parametrize(("times", "releases", "status"), [
    ([], [], "too few events"),
    ([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], "too few events"),
    (np.arange(1.0, 31.0), np.zeros(30), "ran away"),
])  # fmt: skip
def test_what_cannot_be_told_is_refused_by_value(times, releases, status):
    found = fit_stress_release(np.array(times), np.array(releases), 0.0, 40.0)
    assert (found.status, found.converged) == (status, False)
    with pytest.raises(BadRequest, match=status):
        found.value("b")


def test_events_like_clockwork_have_no_maximum():
    times = np.arange(1.0, 21.0)
    assert not fit_stress_release(times, np.ones(20), 0.0, 20.5).converged


def test_several_kinds_of_release_are_columns_of_their_own():
    rng = np.random.default_rng(6)
    times, releases = simulated(rng)
    process = stress_release(times, releases, 0.0, END)
    kind = rng.integers(0, 2, len(times))
    split = [np.concatenate([[0.0], np.cumsum(releases * (kind == k))]) for k in (0, 1)]
    levels = np.column_stack([process.levels[:, :2], -split[0], -split[1]])
    slopes = np.column_stack([process.slopes[:, :2], np.zeros((len(levels), 2))])
    both = fit(LogLinear(process.lengths, levels, slopes, process.events), np.array([-2.0, 0.0, 0.0, 0.0]))
    one = fit_stress_release(times, releases, 0.0, END)
    assert both.converged
    # releases split at random relieve alike, so the gain is that of one parameter too many
    assert 0.0 <= both.log_likelihood - one.log_likelihood < 4.0
    together, apart = one.theta.estimate[2], both.estimate[2:]
    assert apart.min() < together < apart.max()


@pytest.mark.parametrize(("times", "releases", "end", "text"), [
    ([1.0], [1.0, 2.0], 9.0, "one release per event"),
    ([1.0], [math.nan], 9.0, "finite times and releases"),
    ([1.0], [1.0], 0.0, "a start before the end"),
    ([1.0, 11.0], [1.0, 1.0], 9.0, "lies after the end"),
])  # fmt: skip
def test_misuse_is_refused(times, releases, end, text):
    with pytest.raises(BadRequest, match=text):
        stress_release(np.array(times), np.array(releases), 0.0, end)


def test_unknown_names_and_shapes_are_refused():
    found = fit_stress_release(*simulated(np.random.default_rng(7)), 0.0, END)
    with pytest.raises(BadRequest, match="'e' is not estimated"):
        found.interval("e")
    with pytest.raises(BadRequest, match="3 parameters"):
        derivatives(stress_release(np.array([1.0]), np.array([1.0]), 0.0, 2.0), np.zeros(2))


def as_strain(rng, times, releases, end, make_problem, make_weights):
    """The stress release process in the terms of the strain model: even growth, fixed relief, no check-ins."""
    ends = np.append(times, end)
    n, count = len(ends), len(times)
    problem = make_problem(rng, n=n, unseen=False, processes=1, inputs=2, items=0, nodes=8)._replace(
        dt=np.diff(ends, prepend=0.0),
        own=np.zeros(n),
        inputs=np.stack([np.ones(n), np.zeros(n)]),
        extra_noise=np.zeros((2, n)),
        jump_knot=np.arange(count),
        jump_input=np.ones(count, np.int64),
        jump_size=-releases,
        event_knot=np.arange(count),
        event_process=np.zeros(count, np.int64),
        spread=np.zeros(n),
        lift=np.zeros(n),
    )
    weights = make_weights(rng, problem, items=0)._replace(
        noise=0.0,
        start=0.0,
        inputs=np.array([1.0, C]),
        level=np.array([A]),
        pull=np.array([B]),
        share_logit=np.array([-60.0]),
        slope=np.zeros(1),
        features=np.zeros(len(problem.knot_features)),
        tone=np.zeros(2),
        share_features=np.zeros(len(problem.fade_features)),
    )
    return problem, weights


def at_rate_zero(rates, values):
    """A cubic through four small rates, read at 0: the model divides by its rate."""
    return np.polynomial.Polynomial.fit(rates, values, 3)(0.0)


def test_strain_that_never_recovers_is_stress_release_without_noise(make_problem, make_weights):
    rng = np.random.default_rng(9)
    times, releases = simulated(rng, end=300.0)
    problem, weights = as_strain(rng, times, releases, 300.0, make_problem, make_weights)
    work, rates, place = make_work(problem), np.array([1e-4, 2e-4, 4e-4, 8e-4]), places(weights)
    values, slopes = [], []
    for rate in rates:
        gradient = np.zeros(place[-1])
        values.append(value_and_gradient_still(problem, weights._replace(rate=rate), work, gradient))
        slopes.append(gradient[[place[Weights._fields.index(name)] for name in ("level", "pull")]])
    classic, gradient, _ = derivatives(stress_release(times, releases, 0.0, 300.0), np.array([A, B, B * C]))
    assert at_rate_zero(rates, values) == pytest.approx(classic, rel=1e-6)
    assert at_rate_zero(rates, np.array(slopes)[:, 0]) == pytest.approx(gradient[0], rel=1e-5, abs=1e-5)
    assert at_rate_zero(rates, np.array(slopes)[:, 1]) == pytest.approx(
        gradient[1] + C * gradient[2], rel=1e-5, abs=1e-3
    )


def test_strain_that_never_recovers_is_stress_release_as_the_noise_vanishes(make_problem, make_weights):
    rng = np.random.default_rng(9)
    times, releases = simulated(rng, end=300.0)
    problem, weights = as_strain(rng, times, releases, 300.0, make_problem, make_weights)
    work, rates, values = make_work(problem), np.array([1e-4, 2e-4, 4e-4, 8e-4]), []
    for rate in rates:
        height, _ = find_path(problem, weights._replace(rate=rate, noise=1e-3), work, False)
        values.append(log_marginal(problem, work, height))
    classic, _, _ = derivatives(stress_release(times, releases, 0.0, 300.0), np.array([A, B, B * C]))
    assert at_rate_zero(rates, values) == pytest.approx(classic, rel=1e-5)
