import dataclasses

import numpy as np
import pytest

from mainstay.numerics.forward import course_of, foresee
from mainstay.strain.coordinates import coordinates
from mainstay.strain.data import strain_data
from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import MONDAY, ordinary_parameters, ordinary_person


@pytest.fixture(scope="module")
def passage():
    """Sixteen days of an ordinary person, without acts: (problem, weights, course) near the truth."""
    records, items, anchor = ordinary_person(3, ordinary_parameters(), days=16.0)
    timeline = from_records(records, items, anchor, as_of=MONDAY.plus_days(17))
    data = strain_data(
        dataclasses.replace(timeline, events={k: v for k, v in timeline.events.items() if v.is_ != "relief"})
    )
    place = coordinates(data)
    v = place.prior_mean.copy()
    v[place.block("tone")] = 0.3
    weights, _ = place.weights(v)
    return data.problem, weights, course_of(data.problem, weights)


def joint_of_readings(problem, weights, course):
    """Mean (r,) and covariance (r, r) of all readings, knot by knot from the process itself."""
    n = len(problem.dt)
    mean, covariance = np.zeros(n), np.zeros((n, n))
    decay = np.exp(-course.rate * problem.dt)
    m, v = weights.start, 0.0
    for i in range(n):
        m = decay[i] * m + (1.0 - decay[i]) * course.rest[i]
        v = decay[i] ** 2 * v + (1.0 - decay[i] ** 2) * course.roam[i]
        mean[i], covariance[i, i] = m, v
        m += course.jump[i]
    for i in range(n):
        for j in range(i + 1, n):
            covariance[i, j] = covariance[j, i] = covariance[i, j - 1] * decay[j]
    at, b = problem.read_knot, weights.loading[problem.read_item]
    middle = weights.intercept[problem.read_item] + b * (mean[at] + course.tone[at])
    return middle, b[:, None] * covariance[np.ix_(at, at)] * b + np.diag(weights.sd[problem.read_item] ** 2)


def test_misses_are_those_of_the_joint_gaussian(passage):
    problem, weights, course = passage
    mean, covariance = joint_of_readings(problem, weights, course)
    exact = np.linalg.solve(np.linalg.cholesky(covariance), problem.read_value - mean)
    missed, _, _ = foresee(problem, weights, course, np.zeros((0, len(problem.dt))))
    np.testing.assert_allclose(missed, exact, atol=1e-9)


def test_the_answer_to_a_trace_is_how_the_misses_would_change(passage):
    problem, weights, course = passage
    trace = np.sin(np.arange(len(problem.dt)) / 7.0)
    missed, _, answer = foresee(problem, weights, course, trace[None])
    shown = problem.read_value + weights.loading[problem.read_item] * trace[problem.read_knot]
    moved, _, _ = foresee(problem._replace(read_value=shown), weights, course, trace[None])
    np.testing.assert_allclose(moved - missed, answer[0], atol=1e-9)


def test_answers_known_by_their_rank_only_are_missed_by_one_on_average(passage):
    """Ordinal answers drawn from what is foreseen of them have misses of mean 0 and variance 1."""
    problem, weights, course = passage
    cuts = np.arange(0.5, 6.0)
    ordinal = problem._replace(
        read_category=np.zeros(len(problem.read_knot), np.int64), item_cut=np.array([0, len(cuts)])
    )
    weights = weights._replace(cuts=cuts)
    mean, covariance = joint_of_readings(problem, weights, course)
    rng = np.random.default_rng(1)
    no_noise = covariance - np.diag(weights.sd[problem.read_item] ** 2)
    factor = np.linalg.cholesky(no_noise + 1e-9 * np.eye(len(mean)))
    misses = []
    for _ in range(60):
        eta = mean + factor @ rng.standard_normal(len(mean))
        shown = eta + rng.logistic(0.0, weights.sd[0] * np.sqrt(3.0) / np.pi, len(mean))
        drawn = ordinal._replace(read_category=np.searchsorted(cuts, shown).astype(np.int64))
        misses.append(foresee(drawn, weights, course, np.zeros((0, len(problem.dt))))[0])
    found = np.concatenate(misses)
    assert abs(found.mean()) < 4.0 / np.sqrt(len(found))
    assert found.var() == pytest.approx(1.0, abs=4.0 * np.sqrt(2.0 / len(found)))
