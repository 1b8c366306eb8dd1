import numpy as np
import pytest

from mainstay.numerics.maximise import Place, climb, made_positive, negated_hessian, settle


def curved(at):
    """A concave bowl with a bend: its top is at (1, 1, 1)."""
    d = at[1] - at[0] ** 2
    e = at[2] - at[1]
    value = -(5 * d**2 + 0.5 * (1 - at[0]) ** 2 + e**2)
    gradient = -np.array([-20 * d * at[0] - (1 - at[0]), 10 * d - 2 * e, 2 * e])
    return value, gradient


def start(at):
    return Place(np.array(at, float), *curved(np.array(at, float)))


def test_the_top_is_found_from_afar():
    place = start([-1.0, 2.0, 0.0])
    up = climb(curved, place, made_positive(negated_hessian(curved, place), np.ones(3)))
    found = settle(curved, up, np.ones(3))
    assert found.converged
    assert found.at == pytest.approx([1, 1, 1], abs=5e-3)


def test_the_precision_is_the_negated_hessian():
    found = settle(curved, start([1.0, 1.0, 1.0]), np.ones(3))
    assert found.precision == pytest.approx(np.array([[41.0, -20, 0], [-20, 12, -2], [0, -2, 2]]), abs=0.02)


def test_a_slope_without_a_top_is_not_called_converged():
    def slope(at):
        return float(at.sum()), np.ones(len(at))

    found = settle(slope, Place(np.zeros(2), *slope(np.zeros(2))), np.ones(2))
    assert not found.converged


def test_a_matrix_made_positive_keeps_what_was_positive():
    positive = np.array([[2.0, 0.5], [0.5, 1.0]])
    assert made_positive(positive, np.ones(2)) == pytest.approx(positive)
    assert np.linalg.eigvalsh(made_positive(-positive, np.ones(2))).min() > 0
