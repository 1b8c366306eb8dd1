import math

import numpy as np
import pytest

from mainstay.numerics.layout import GRAD_X, HXX, PATH, THIRD, Weights, make_work
from mainstay.numerics.ou_gradient import value_and_gradient
from mainstay.numerics.ou_path import find_path, log_marginal
from mainstay.numerics.readings import add_readings
from numerics import oracle

CATEGORIES = 5


def with_ordinal(problem, rng, moments):
    """The same problem with its first item answered in five ordered categories, and a shared error over `moments`."""
    category = np.where(problem.read_item == 0, rng.integers(0, CATEGORIES, len(problem.read_item)), -1)
    x, w = np.polynomial.hermite_e.hermegauss(moments)
    return problem._replace(
        read_category=category,
        item_cut=np.array([0, CATEGORIES - 1, CATEGORIES - 1]),
        moment_x=x,
        moment_w=w / w.sum(),
    )


def weights_of(make_weights, rng, problem, occasion):
    weights = make_weights(rng, problem)
    return weights._replace(cuts=np.sort(rng.normal(1, 1.5, CATEGORIES - 1)), occasion=occasion)


def density(problem, weights, j, x, o):
    """The probability (or density) of reading j with strain x and the moment's error o, from its definition."""
    item = problem.read_item[j]
    tone = float(weights.tone @ problem.knot_features[: len(weights.tone), problem.read_knot[j]])
    eta = weights.intercept[item] + weights.loading[item] * (x + tone + o)
    answer = problem.read_category[j]
    if answer < 0:
        sd = weights.sd[item]
        return math.exp(-0.5 * ((problem.read_value[j] - eta) / sd) ** 2) / (sd * math.sqrt(2 * math.pi))
    s = weights.sd[item] * math.sqrt(3) / math.pi
    edges = np.concatenate([[-np.inf], weights.cuts, [np.inf]])
    upper, lower = (1 / (1 + np.exp(-(edges[answer + side] - eta) / s)) for side in (1, 0))
    return float(upper - lower)


@pytest.fixture
def ordinal(make_problem, make_weights):
    def build(seed, *, moments=9, occasion=0.4, unseen=True, n=40):
        rng = np.random.default_rng(seed)
        problem = with_ordinal(make_problem(rng, n=n, unseen=unseen), rng, moments)
        return problem, weights_of(make_weights, rng, problem, occasion)

    return build


@pytest.mark.parametrize("occasion", [0.0, 0.4])
def test_readings_equal_their_definition_integrated_over_the_moment(ordinal, occasion):
    problem, weights = ordinal(3, moments=11 if occasion else 1, occasion=occasion)
    work = make_work(problem)
    work.row[PATH] = np.random.default_rng(0).normal(1, 1, len(problem.dt))
    value = add_readings(problem, weights, work.row)
    grid = np.linspace(-8, 8, 4001)
    normal = np.exp(-0.5 * grid**2) / math.sqrt(2 * math.pi) * (grid[1] - grid[0])
    expected = 0.0
    for knot in np.unique(problem.read_knot):
        here = np.flatnonzero(problem.read_knot == knot)
        x = work.row[PATH, knot]
        at = [np.prod([density(problem, weights, j, x, weights.occasion * z) for j in here]) for z in grid]
        expected += math.log(normal @ np.array(at))
    assert value == pytest.approx(expected, abs=2e-4 if occasion else 1e-10)


def test_the_answers_of_an_item_have_probability_one_in_all(ordinal):
    problem, weights = ordinal(4, moments=1, occasion=0.0)
    work = make_work(problem)
    j = int(np.flatnonzero(problem.read_category >= 0)[0])
    alone = problem._replace(
        read_knot=problem.read_knot[j : j + 1], read_item=problem.read_item[j : j + 1], read_value=np.zeros(1)
    )
    total = sum(
        math.exp(add_readings(alone._replace(read_category=np.array([c])), weights, work.row))
        for c in range(CATEGORIES)
    )
    assert total == pytest.approx(1.0, abs=1e-12)


def test_answers_far_out_keep_a_finite_density(ordinal):
    problem, weights = ordinal(4, moments=1, occasion=0.0)
    work = make_work(problem)
    for far in (-300.0, 300.0):
        work.row[PATH] = far
        work.row[GRAD_X] = work.row[HXX] = 0.0
        assert math.isfinite(add_readings(problem, weights, work.row))
        assert np.all(np.isfinite(work.row[GRAD_X])) and np.all(work.row[HXX] >= 0.0)


@pytest.mark.parametrize("moments", [1, 9])
def test_derivatives_along_the_path_equal_differences(ordinal, moments):
    problem, weights = ordinal(5, moments=moments, occasion=0.5 if moments > 1 else 0.0)

    def at(shift):
        work = make_work(problem)
        work.row[PATH] = np.linspace(-1, 3, len(problem.dt)) + shift
        value = add_readings(problem, weights, work.row)
        return value, work.row[GRAD_X].sum(), work.row[HXX].sum(), work.row[THIRD].sum()

    step = 1e-5
    ahead, here, behind = at(step), at(0.0), at(-step)
    assert here[1] == pytest.approx((ahead[0] - behind[0]) / (2 * step), rel=1e-6)
    assert -here[2] == pytest.approx((ahead[1] - behind[1]) / (2 * step), rel=1e-6)
    assert here[3] == pytest.approx(-(ahead[2] - behind[2]) / (2 * step), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("moments", [1, 9])
@pytest.mark.parametrize("unseen", [False, True])
def test_gradient_equals_finite_differences_with_ordinal_items(ordinal, moments, unseen):
    problem, weights = ordinal(6, moments=moments, occasion=0.5 if moments > 1 else 0.0, unseen=unseen)

    def value(vector):
        given = oracle.unflat(vector, weights)
        work = make_work(problem)
        f, _ = find_path(problem, given, work, False)
        return log_marginal(problem, work, f)

    flat = oracle.flat(weights)
    gradient = np.zeros(len(flat))
    value_and_gradient(problem, weights, make_work(problem), False, gradient)
    step = 1e-5
    names = [name for name, part in zip(Weights._fields, weights, strict=True) for _ in range(np.size(part))]
    for i, name in enumerate(names):
        if name == "occasion" and moments == 1:
            continue
        move = np.zeros(len(flat))
        move[i] = step
        difference = (value(flat + move) - value(flat - move)) / (2 * step)
        assert gradient[i] == pytest.approx(difference, rel=2e-5, abs=2e-5), name


def test_answers_much_sharper_than_their_steps_still_have_a_path(ordinal):
    """Where the noise of an ordinal item is tiny, the search from scratch ends where one from nearby ends."""
    lost = 0
    for seed in range(12):
        problem, weights = ordinal(seed, moments=1, occasion=0.0, n=300)
        weights = weights._replace(noise=6.0, sd=np.full_like(weights.sd, 0.03))
        sd, work, near = weights.sd.copy(), make_work(problem), make_work(problem)
        f, iterations = find_path(problem, weights, work, False)
        assert np.array_equal(weights.sd, sd)
        for wider in (64.0, 32.0, 16.0, 8.0, 4.0, 2.0, 1.0):
            expected, _ = find_path(problem, weights._replace(sd=sd * wider), near, wider < 64.0)
        assert f == pytest.approx(expected, rel=1e-9)
        assert np.allclose(work.row[PATH], near.row[PATH], atol=1e-6)
        lost += iterations > 80
    assert lost > 0  # the plain search does fail on some of these
