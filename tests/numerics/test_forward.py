import dataclasses

import numpy as np
import pytest

from mainstay.numerics.forward import course_of, foresee, foretell
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


def test_the_log_densities_of_readings_add_up_to_that_of_the_joint_gaussian(passage):
    problem, weights, course = passage
    mean, covariance = joint_of_readings(problem, weights, course)
    left = problem.read_value - mean
    _, determinant = np.linalg.slogdet(2.0 * np.pi * covariance)
    whole = -0.5 * (float(left @ np.linalg.solve(covariance, left)) + determinant)
    assert foretell(problem, weights).density.sum() == pytest.approx(whole, abs=1e-6)


def test_the_chances_of_ordinal_answers_add_up_to_one(passage):
    """Of the last answer, whichever it had been: what came before is the same."""
    problem, weights, _ = passage
    cuts = np.arange(0.5, 6.0)
    categories = np.arange(len(problem.read_knot)) % (len(cuts) + 1)
    weights = weights._replace(cuts=cuts)
    chances = []
    for answer in range(len(cuts) + 1):
        categories[-1] = answer
        ordinal = problem._replace(read_category=categories.astype(np.int64), item_cut=np.array([0, len(cuts)]))
        chances.append(np.exp(foretell(ordinal, weights).density[-1]))
    assert sum(chances) == pytest.approx(1.0, abs=1e-9)
    assert min(chances) > 0.0


def test_an_act_is_given_the_rate_that_was_expected_just_before_it():
    """At every act the log intensity is that of the last node before it, but for what changes within minutes."""
    records, items, anchor = ordinary_person(3, ordinary_parameters(), days=40.0)
    data = strain_data(from_records(records, items, anchor, as_of=MONDAY.plus_days(41)))
    place, problem = coordinates(data), data.problem
    weights, _ = place.weights(place.prior_mean)
    weights = weights._replace(pull=np.full(len(data.refuges), 0.7))
    found = foretell(problem, weights)
    at, process = problem.event_knot, problem.event_process
    assert len(at) > 15
    last = found.expected[process, -1, at] / (problem.seen[process, at] * problem.node_w[-1] * problem.dt[at])
    assert np.abs(found.sought - np.log(last)).max() < 0.2
    assert np.abs(found.sought - np.log(last)).mean() < 0.05
