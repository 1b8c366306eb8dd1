"""A hidden Markov model of a person's roles, against counting every path, and the laws its fit must keep."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.errors import BadRequest
from mainstay.numerics.hidden_markov import (
    Categories,
    Chain,
    HiddenMarkov,
    Measure,
    Priors,
    fitted,
    log_emissions,
    penalised,
    posterior,
)


def every_path(model, chain, weight=1.0):
    """The slow, obvious oracle: probabilities (n, k) and log likelihood by adding up every path of states."""
    n, k = chain.allowed.shape
    weighted = np.zeros((n, k))
    total = 0.0
    for path in itertools.product(range(k), repeat=n):
        chance = 1.0
        for t, state in enumerate(path):
            chance *= model.start[state] if t == 0 else model.moves[chain.moment[t], path[t - 1], state]
            chance *= chain.allowed[t, state]
            for channel, table in zip(chain.channels, model.tables, strict=True):
                chance *= seen(channel, table, t, state) ** weight
        total += chance
        for t, state in enumerate(path):
            weighted[t, state] += chance
    return weighted / total, np.log(total)


def seen(channel, table, t, state):
    if isinstance(channel, Categories):
        return 1.0 if channel.codes[t] < 0 else table[state, channel.codes[t]]
    if np.isnan(channel.values[t]):
        return 1.0
    mean, sd = table[state]
    return np.exp(-0.5 * ((channel.values[t] - mean) / sd) ** 2) / (sd * np.sqrt(2 * np.pi))


def some_model(rng, k, moments):
    return HiddenMarkov(
        start=rng.dirichlet(np.ones(k)),
        moves=rng.dirichlet(np.ones(k), (moments, k)),
        tables=(rng.dirichlet(np.ones(3), k), np.stack([rng.normal(size=k), rng.uniform(0.5, 2, k)], axis=1)),
    )


def some_chain(rng, n, k, moments, *, clamped=0.3, missing=0.3):
    allowed = np.ones((n, k), bool)
    for t in np.flatnonzero(rng.random(n) < clamped):
        if rng.random() < 0.5:
            allowed[t, rng.integers(k)] = False
        else:
            allowed[t] = np.arange(k) == rng.integers(k)
    codes = np.where(rng.random(n) < missing, -1, rng.integers(0, 3, n))
    values = np.where(rng.random(n) < missing, np.nan, rng.normal(size=n))
    return Chain(rng.integers(0, moments, n), allowed, (Categories(codes, 3), Measure(values)))


@pytest.mark.parametrize("seed", range(6))
def test_forward_backward_equals_counting_every_path(seed):
    rng = np.random.default_rng(seed)
    n, k, moments = 6, 2 + seed % 2, 3
    model, chain = some_model(rng, k, moments), some_chain(rng, n, k, moments)
    weight = (1.0, 0.4)[seed % 2]
    found = posterior(model, chain, weight)
    by_hand, log_likelihood = every_path(model, chain, weight)
    np.testing.assert_allclose(found.probability, by_hand, atol=1e-12)
    assert found.log_likelihood == pytest.approx(log_likelihood, abs=1e-10)


def test_expected_moves_equal_counting_every_path():
    rng = np.random.default_rng(9)
    n, k = 5, 3
    model, chain = some_model(rng, k, 2), some_chain(rng, n, k, 2)
    found = posterior(model, chain, 1.0)
    expected = np.zeros((2, k, k))
    total = 0.0
    for path in itertools.product(range(k), repeat=n):
        chance = model.start[path[0]]
        for t, state in enumerate(path):
            chance *= model.moves[chain.moment[t], path[t - 1], state] if t else 1.0
            chance *= chain.allowed[t, state]
            for channel, table in zip(chain.channels, model.tables, strict=True):
                chance *= seen(channel, table, t, state)
        total += chance
        for t in range(1, n):
            expected[chain.moment[t], path[t - 1], path[t]] += chance
    np.testing.assert_allclose(found.moves, expected / total, atol=1e-12)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_what_is_clamped_stays_and_what_is_ruled_out_has_no_chance(seed):
    rng = np.random.default_rng(seed)
    model, chain = some_model(rng, 3, 2), some_chain(rng, 40, 3, 2)
    found = posterior(model, chain, 1.0).probability
    assert np.all(found[~chain.allowed] == 0.0)
    np.testing.assert_allclose(found.sum(axis=1), 1.0, atol=1e-12)
    sure = chain.allowed.sum(axis=1) == 1
    np.testing.assert_allclose(found[sure][chain.allowed[sure]], 1.0, atol=1e-12)


def test_each_step_of_the_fit_raises_the_penalised_likelihood():
    rng = np.random.default_rng(4)
    chain, priors = some_chain(rng, 300, 3, 2, clamped=0.2), Priors(np.ones(3), np.ones((2, 3, 3)))
    reached = [penalised(fitted(chain, priors, rounds=rounds), chain, priors) for rounds in range(1, 12)]
    assert np.all(np.diff(reached) > -1e-9)
    assert reached[-1] > reached[0]


def test_with_every_state_known_the_fit_is_counting():
    rng = np.random.default_rng(5)
    n, k = 400, 2
    states = rng.integers(0, k, n)
    codes, values = rng.integers(0, 2, n), rng.normal(states * 2.0)
    chain = Chain(np.zeros(n, np.int64), np.eye(k, dtype=bool)[states], (Categories(codes, 2), Measure(values)))
    model = fitted(chain, Priors(np.ones(k), np.ones((1, k, k)), of_categories=1.0, of_measures=0.0))
    for state in range(k):
        count = np.bincount(states[1:][states[:-1] == state], minlength=k) + 1.0
        np.testing.assert_allclose(model.moves[0, state], count / count.sum())
        there = np.bincount(codes[states == state], minlength=2) + 1.0
        np.testing.assert_allclose(model.tables[0][state], there / there.sum())
        held = values[states == state]
        np.testing.assert_allclose(model.tables[1][state], [held.mean(), held.std()])


def test_a_hidden_stretch_is_found_from_what_was_seen():
    rng = np.random.default_rng(6)
    states = np.repeat(rng.integers(0, 2, 60), 12)
    n = len(states)
    codes = np.where(rng.random(n) < 0.15, 1 - states, states)
    allowed = np.eye(2, dtype=bool)[states]
    hidden = rng.random(60).repeat(12) < 0.4
    allowed[hidden] = True
    chain = Chain(np.zeros(n, np.int64), allowed, (Categories(codes, 2),))
    found = posterior(fitted(chain, Priors(np.ones(2), np.ones((1, 2, 2)))), chain, 1.0).probability
    right = (found.argmax(axis=1) == states)[hidden].mean()
    assert right > 0.92  # one look alone is right in 85 % of the cells


def test_a_channel_that_is_never_seen_changes_nothing():
    rng = np.random.default_rng(7)
    chain = some_chain(rng, 60, 2, 1)
    blind = Chain(chain.moment, chain.allowed, (*chain.channels, Measure(np.full(60, np.nan))))
    priors = Priors(np.ones(2), np.ones((1, 2, 2)))
    one, other = (posterior(fitted(each, priors), each, 1.0) for each in (chain, blind))
    np.testing.assert_allclose(one.probability, other.probability, atol=1e-12)


def test_what_contradicts_itself_is_refused():
    chain = Chain(np.zeros(3, np.int64), np.array([[True, True], [False, False], [True, True]]), ())
    with pytest.raises(BadRequest, match="1 of 3 moments allows no state"):
        posterior(HiddenMarkov(np.ones(2) / 2, np.full((1, 2, 2), 0.5), ()), chain, 1.0)
    stuck = HiddenMarkov(np.array([1.0, 0.0]), np.eye(2)[None], ())
    apart = Chain(np.zeros(2, np.int64), np.array([[True, False], [False, True]]), ())
    with pytest.raises(BadRequest, match="no path of states"):
        posterior(stuck, apart, 1.0)


def test_emissions_are_zero_where_nothing_was_seen():
    chain = Chain(np.zeros(2, np.int64), np.ones((2, 2), bool), (Categories(np.array([-1, 0]), 2),))
    model = HiddenMarkov(np.ones(2) / 2, np.full((1, 2, 2), 0.5), (np.array([[0.9, 0.1], [0.2, 0.8]]),))
    np.testing.assert_allclose(log_emissions(model, chain), [[0.0, 0.0], np.log([0.9, 0.2])])
