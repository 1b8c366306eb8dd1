"""Chances of roles in the strain model: tolls come out less biased than from declared hours alone or from guesses."""

from dataclasses import replace

import numpy as np
import pytest

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.strain.data import strain_data
from mainstay.strain.fitting import fit
from mainstay.strain.settings import Settings
from mainstay.timeline.inferring import infer_roles
from timeline.lives import ROLES, life


@pytest.fixture(scope="module")
def person():
    return life(1)


@pytest.fixture(scope="module")
def found(person):
    return infer_roles(person.timeline)


def tolls(timeline, inferred=None):
    """The toll per day of each role, at the posterior mode."""
    fitted = fit(timeline, Settings(inferred_roles=inferred))
    rate = np.exp(fitted.marginal("log_recovery_rate")[0])
    return np.array([fitted.marginal("gain", role)[0] * rate for role in ROLES])


def guessed(found):
    """The likeliest state taken as a fact."""
    best = found.chance.argmax(axis=0)
    rows = [np.array([role in state for state in found.states])[best] for role in found.roles]
    return replace(found, share=np.where(found.open_cells, np.array(rows, float), found.share))


def biases(seeds, **life_of):
    """Mean difference of tolls from those with everything declared: declared alone, guessed, as chances (3, roles)."""
    rows = []
    for seed in seeds:
        person = life(seed, 182, stated=True, **life_of)
        found = infer_roles(person.timeline)
        if isinstance(found, CannotSay):  # nothing enters the model then
            continue
        all_declared = tolls(person.full)
        told = [tolls(person.timeline), tolls(person.timeline, guessed(found)), tolls(person.timeline, found)]
        rows.append(np.array(told) - all_declared)
    assert len(rows) > 0.8 * len(seeds)
    return np.mean(rows, axis=0)


def test_chances_bias_tolls_less_than_guesses_and_far_less_than_declared_hours_alone():
    declared_alone, guesses, chances = biases(range(6), clear=0.4)
    assert np.all(declared_alone < -0.5)  # of true tolls of 1.5 and 2.0 a day
    assert np.all(np.abs(chances) < 0.2)
    assert np.abs(chances).sum() < np.abs(guesses).sum()


@pytest.mark.long
@pytest.mark.parametrize("clear", [1.0, 0.4])
def test_over_many_lives_chances_leave_hardly_any_bias(clear):
    declared_alone, guesses, chances = biases(range(40), clear=clear)
    assert np.all(declared_alone < -0.5)
    assert np.all(np.abs(chances) < 0.1)
    assert np.abs(chances).sum() < np.abs(guesses).sum()


def test_unless_asked_only_what_was_declared_counts(person):
    data = strain_data(person.timeline)
    assert set(np.unique(data.problem.inputs[: len(data.roles)])) <= {0.0, 1.0}


def test_chances_stand_in_only_where_nothing_was_declared(person, found):
    plain = strain_data(person.timeline)
    asked = strain_data(person.timeline, Settings(inferred_roles=found))
    middles = asked.knots - 0.5 * asked.problem.dt
    open_ = found.is_open(middles)
    for j, role in enumerate(asked.roles):
        row = asked.problem.inputs[j]
        np.testing.assert_array_equal(row[~open_], plain.problem.inputs[plain.roles.index(role)][~open_])
        assert np.all((row >= 0) & (row <= 1))
        assert ((row[open_] > 0.01) & (row[open_] < 0.99)).any()
        inside = open_ & (np.diff(np.concatenate([[0.0], open_])) == 0)
        hours = (row * asked.problem.dt)[inside].sum()
        told = found.mean_share(role, (asked.knots - asked.problem.dt)[inside], asked.knots[inside])
        assert hours == pytest.approx((told * asked.problem.dt[inside]).sum())


def test_roles_inferred_for_another_record_are_refused(person, found):
    other = life(2, 100)
    with pytest.raises(BadRequest, match="another record"):
        strain_data(other.timeline, Settings(inferred_roles=found))


def test_roles_that_can_not_be_told_are_refused_with_their_reason(person):
    with pytest.raises(BadRequest, match=r"\(too few days\); fit it without"):
        strain_data(person.timeline, Settings(inferred_roles=CannotSay("too few days")))


def test_a_share_over_a_stretch_is_the_mean_of_its_cells(found):
    start, end = found.edges[10], found.edges[18]
    row = found.share[0, 10:18]
    assert found.mean_share(found.roles[0], np.array([start]), np.array([end]))[0] == pytest.approx(row.mean())
