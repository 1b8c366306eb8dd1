"""The compiled filter and fit against one multivariate normal written out, finite differences and simulated truth."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.errors import BadRequest
from mainstay.numerics.ou_filter import CLOCK, log_likelihood, make_work, series
from mainstay.numerics.ou_fit import QUANTITIES, fit, student_quantile
from mainstay.numerics.ou_many import fit_many, log_likelihoods, many_series

TRUTH = np.array([2.0, 0.7, 1.0, 0.5])


def written_out(times, values, parameters):
    """The oracle: the readings are jointly normal with covariance V exp(-rate |t - t'|) + s^2."""
    mean, rate, sigma, s = parameters
    covariance = sigma**2 / (2 * rate) * np.exp(-rate * np.abs(times[:, None] - times)) + s**2 * np.eye(len(times))
    miss = values - mean
    _, log_determinant = np.linalg.slogdet(2 * math.pi * covariance)
    return -0.5 * float(log_determinant + miss @ np.linalg.solve(covariance, miss))


def simulated(rng, n, parameters=TRUTH, gap=0.2):
    mean, rate, sigma, s = parameters
    times = np.cumsum(rng.exponential(gap, n))
    sd = sigma / math.sqrt(2 * rate)
    path = np.empty(n)
    path[:1] = sd * rng.standard_normal()
    for i in range(1, n):
        decay = math.exp(-rate * (times[i] - times[i - 1]))
        path[i] = decay * path[i - 1] + sd * math.sqrt(1 - decay**2) * rng.standard_normal()
    return times, mean + path + s * rng.standard_normal(n)


def many_simulated(rng, lengths, parameters=TRUTH):
    pairs = [simulated(rng, n, parameters) for n in lengths]
    times, values = (np.concatenate(column) for column in zip(*pairs, strict=True))
    return many_series(times, values, np.concatenate([[0], np.cumsum(lengths)])), pairs


# bounded so that the oracle's own matrix stays well conditioned
parameter_sets = st.tuples(
    st.floats(-5, 5), st.floats(0.01, 20), st.floats(0, 5), st.floats(0.05, 3)
).map(np.array)  # fmt: skip


@given(parameter_sets, st.integers(1, 70), st.integers(0, 10**6))
def test_filter_equals_one_multivariate_normal(parameters, n, seed):
    rng = np.random.default_rng(seed)
    times, values = np.cumsum(rng.exponential(0.3, n) * rng.integers(0, 2, n)), rng.normal(0, 2, n)
    value, _ = log_likelihood(series(times, values), parameters)
    assert value == pytest.approx(written_out(times, values, parameters), rel=1e-9, abs=1e-8)


def test_gradient_equals_finite_differences_of_the_oracle():
    rng = np.random.default_rng(1)
    times, values = simulated(rng, 150)
    times[70:] += 400.0  # a gap after which nothing is remembered
    times[20] = times[19]
    at = np.array([1.6, 0.9, 0.8, 0.6])
    _, gradient = log_likelihood(series(times, values), at)
    for j in range(4):
        ahead, behind = at.copy(), at.copy()
        ahead[j], behind[j] = at[j] + 1e-5, at[j] - 1e-5
        slope = (written_out(times, values, ahead) - written_out(times, values, behind)) / 2e-5
        assert gradient[j] == pytest.approx(slope, rel=1e-6, abs=1e-5)


def test_clock_row_is_the_gradient_by_each_gap():
    rng = np.random.default_rng(2)
    times, values = simulated(rng, 30)
    work = make_work(30)
    log_likelihood(series(times, values), TRUTH, work)
    for i in (1, 13, 29):
        later, sooner = times.copy(), times.copy()
        later[i:] += 1e-5
        sooner[i:] -= 1e-5
        # sigma moves with the clock so that the stationary variance stays
        slope = (written_out(later, values, TRUTH) - written_out(sooner, values, TRUTH)) / 2e-5
        assert TRUTH[1] * work[CLOCK, i] == pytest.approx(slope, abs=1e-6)


def test_a_reading_of_no_process_is_plain_noise():
    values = np.array([1.0, 2.0, 4.0])
    value, _ = log_likelihood(series(np.arange(3.0), values), np.array([2.0, 1.0, 0.0, 1.5]))
    expected = sum(-0.5 * ((y - 2) / 1.5) ** 2 - math.log(1.5 * math.sqrt(2 * math.pi)) for y in values)
    assert value == pytest.approx(expected)


def test_long_series_of_extreme_ratio_stay_finite():
    times, values = simulated(np.random.default_rng(3), 5000)
    for s in (1e-4, 1e3):
        value, gradient = log_likelihood(series(times, values), np.array([2.0, 0.7, 1.0, s]))
        assert math.isfinite(value)
        assert np.isfinite(gradient).all()


def test_fit_is_where_the_restricted_likelihood_is_highest():
    times, values = simulated(np.random.default_rng(4), 150)
    found = fit(series(times, values))

    def restricted(coordinates):
        log_rate, log_sigma, log_s = coordinates
        at = np.exp([log_rate, log_sigma, log_s])
        shape = written_out(times, values, [0.0, *at])
        up, down = written_out(times, values, [1.0, *at]), written_out(times, values, [-1.0, *at])
        curvature, slope = 2 * shape - up - down, 0.5 * (up - down)
        return shape + 0.5 * slope**2 / curvature - 0.5 * math.log(curvature) + 0.5 * math.log(2 * math.pi)

    at = found.estimate[1:]
    assert found.log_likelihood == pytest.approx(restricted(at), abs=1e-6)
    for j in range(3):
        for step in (-0.02, 0.02):
            near = at.copy()
            near[j] += step
            assert restricted(near) < found.log_likelihood


def test_intervals_are_the_curvature_of_the_likelihood():
    times, values = simulated(np.random.default_rng(5), 2000)
    found = fit(series(times, values))
    readings, at = series(times, values), found.estimate
    hessian = np.empty((4, 4))

    def gradient(coordinates):
        parameters = np.concatenate([coordinates[:1], np.exp(coordinates[1:])])
        return log_likelihood(readings, parameters)[1] * np.concatenate([[1.0], parameters[1:]])

    for j in range(4):
        step = np.eye(4)[j] * 1e-4
        hessian[j] = (gradient(at + step) - gradient(at - step)) / 2e-4
    # one degree of freedom in 2,000, the mean's, is between the restricted and the plain likelihood
    np.testing.assert_allclose(np.linalg.inv(-hessian), found.covariance, rtol=0.01)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_fit_does_not_depend_on_the_units(scale):
    times, values = simulated(np.random.default_rng(6), 300)
    plain, scaled = fit(series(times, values)), fit(series(times * 24.0, 7.0 + scale * values))
    assert scaled.value("half_life") == pytest.approx(24 * plain.value("half_life"), rel=1e-3)
    assert scaled.value("sd") == pytest.approx(scale * plain.value("sd"), rel=1e-3)
    assert scaled.value("mean") == pytest.approx(7.0 + scale * plain.value("mean"), rel=1e-3)


def coverage(lengths, seed, count, parameters=TRUTH):
    many, _ = many_simulated(np.random.default_rng(seed), np.full(count, lengths), parameters)
    fits = fit_many(many)
    truth = dict(zip(("mean", "rate", "sigma", "reading_sd"), parameters, strict=True))
    settled = [fits[k] for k in range(count) if fits.converged[k]]
    share = {name: np.mean([value in one.interval(name) for one in settled]) for name, value in truth.items()}
    return len(settled) / count, share


def test_ninety_percent_intervals_hold_the_truth():
    settled, share = coverage(300, 7, 300)
    assert settled > 0.98
    # four standard errors of a proportion of .90 among 300
    assert all(0.83 < held < 0.97 for held in share.values()), share


@pytest.mark.long
@pytest.mark.parametrize(("readings", "parameters"), [
    (100, TRUTH), (300, TRUTH), (1000, TRUTH),
    (300, np.array([0.0, 2.0, 1.0, 0.3])), (1000, np.array([50.0, 0.1, 3.0, 6.0])),
])  # fmt: skip
def test_ninety_percent_intervals_hold_the_truth_of_two_thousand(readings, parameters):
    settled, share = coverage(readings, 8, 2000, parameters)
    assert settled > 0.9
    assert all(0.865 < held < 0.935 for held in share.values()), share


def test_ragged_many_equal_one_by_one_whatever_the_threads():
    lengths = [40, 3, 150, 0, 77, 400]
    many, pairs = many_simulated(np.random.default_rng(9), lengths)
    for threads in (1, 3):
        fits = fit_many(many, threads)
        for k, (times, values) in enumerate(pairs):
            if lengths[k] == 0:
                assert not fits.converged[k]
                continue
            alone = fit(series(times, values))
            assert fits[k].status == alone.status
            np.testing.assert_array_equal(fits[k].estimate, alone.estimate)
            np.testing.assert_array_equal(fits[k].covariance, alone.covariance)


def test_likelihoods_of_many_equal_one_by_one():
    many, pairs = many_simulated(np.random.default_rng(10), [40, 1, 150, 77])
    at = TRUTH * np.random.default_rng(0).uniform(0.5, 1.5, (4, 4))
    values, gradients = log_likelihoods(many, at, threads=2)
    for k, (times, readings) in enumerate(pairs):
        value, gradient = log_likelihood(series(times, readings), at[k])
        assert values[k] == value
        np.testing.assert_array_equal(gradients[k], gradient)


@pytest.mark.parametrize(("times", "values", "status"), [
    (np.arange(9.0), np.arange(9.0), "too few readings"),
    (np.zeros(50), np.arange(50.0), "too few readings"),
    (np.arange(50.0), np.full(50, 3.3), "readings all the same"),
    (np.arange(300.0), np.arange(300.0) ** 1.5, "ran away"),
])  # fmt: skip
def test_what_cannot_be_told_is_refused_by_value(times, values, status):
    found = fit(series(times, values))
    assert (found.status, found.converged) == (status, False)
    with pytest.raises(BadRequest, match=status):
        found.interval("rate")


def test_every_quantity_has_its_interval_around_it():
    found = fit(series(*simulated(np.random.default_rng(11), 500)))
    for name in QUANTITIES:
        assert found.value(name) in found.interval(name)
    assert found.value("half_life") == pytest.approx(math.log(2) / found.value("rate"))
    assert found.value("sd") == pytest.approx(found.value("sigma") / math.sqrt(2 * found.value("rate")))
    with pytest.raises(BadRequest, match="'size' is not estimated"):
        found.value("size")


def test_students_quantile_at_few_degrees_of_freedom():
    # tables: 2.920 at 2, 2.353 at 3, 1.812 at 10 for p = .95; 3.182 at 3 for p = .975
    assert student_quantile(0.95, 3.0) == pytest.approx(2.353, rel=0.03)
    assert student_quantile(0.95, 10.0) == pytest.approx(1.812, rel=0.001)
    assert student_quantile(0.975, 3.0) == pytest.approx(3.182, rel=0.05)
    assert 2.353 < student_quantile(0.95, 0.1) < 2.920


@pytest.mark.parametrize(("times", "values", "text"), [
    ([0.0, 2.0, 1.0], [1.0, 1.0, 1.0], "reading 2 comes before"),
    ([0.0, math.nan], [1.0, 1.0], "finite times and values"),
    ([0.0, 1.0], [1.0], "one value per time"),
    ([], [], "one value per time"),
])  # fmt: skip
def test_series_that_are_none_are_refused(times, values, text):
    with pytest.raises(BadRequest, match=text):
        series(np.array(times), np.array(values))


@pytest.mark.parametrize("parameters", [[0, 0, 1, 1], [0, 1, -1, 1], [0, 1, 1, 0], [0, 1, 1, 1e-9], [0, 1, 1]])
def test_parameters_outside_the_model_are_refused(parameters):
    with pytest.raises(BadRequest):
        log_likelihood(series(np.arange(3.0), np.zeros(3)), np.array(parameters, float))


@pytest.mark.parametrize(("offsets", "times", "text"), [
    ([0, 2], [0.0, 1.0, 2.0], "rise from 0"),
    ([0, 2, 1, 3], [0.0, 1.0, 2.0], "rise from 0"),
    ([0, 2, 3], [1.0, 0.0, 2.0], "series 0 has times that run back"),
    ([0, 1, 3], [1.0, 0.0, math.inf], "series 1 has"),
])  # fmt: skip
def test_flat_arrays_that_do_not_fit_are_refused(offsets, times, text):
    with pytest.raises(BadRequest, match=text):
        many_series(np.array(times), np.zeros(len(times)), np.array(offsets))
