import numpy as np
import pytest

from mainstay.numerics.level_weights import GAIN, PLAIN, POWER, SHARE, Tables, fill, mean_strain

TABLES = Tables(
    forms=np.array([[POWER, 0, 0], [POWER, 1, 1], [GAIN, 3, 3], [SHARE, 5, 5]]),
    terms=np.array([[GAIN, 3], [PLAIN, 4], [SHARE, 5]]),
    amounts=np.array([0.3, 1.2, 0.5]),
    levels=np.array([[6, 7]]),
)


@pytest.fixture
def point():
    """Rate, noise, start, a gain, a demand, a share, a level and its slope: eight weights of eight coordinates."""
    return np.array([-0.5, 0.2, 0.1, 2.0, 0.7, -0.4, -1.5, 1.1])


def filled(v):
    w, jacobian, linear = np.empty(8), np.empty((8, 8)), np.eye(8)
    linear[[0, 1, 3, 5]] = 0.0
    fill(v, np.zeros(8), linear, *TABLES, w, jacobian)
    return w, jacobian


def test_mean_strain_is_what_comes_in_over_what_goes_out(point):
    rate, share = np.exp(-0.5), 1.0 / (1.0 + np.exp(0.4))
    expected = (rate * 2.0 * 0.3 + 0.7 * 1.2) / (rate + share * 0.5)
    assert mean_strain(point, TABLES.terms, TABLES.amounts, np.empty(8)) == pytest.approx(expected, rel=1e-14)


def test_weights_are_what_their_forms_say(point):
    strain = mean_strain(point, TABLES.terms, TABLES.amounts, np.empty(8))
    rate = np.exp(-0.5)
    expected = [rate, np.exp(0.2), 0.1 + strain, 2.0 * rate, 0.7, 1.0 / (1.0 + np.exp(0.4)), -1.5 - 1.1 * strain, 1.1]
    assert np.allclose(filled(point)[0], expected, rtol=1e-14)


def test_the_jacobian_is_the_slope_of_the_weights(point):
    step = 1e-6 * np.eye(8)
    slopes = np.array([(filled(point + h)[0] - filled(point - h)[0]) / 2e-6 for h in step]).T
    assert np.allclose(filled(point)[1], slopes, atol=1e-8)
