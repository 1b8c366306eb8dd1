"""Waiting for an observation: what it brings, what it costs, and what can be done meanwhile."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.errors import BadRequest
from mainstay.options.waiting import FOR_GOOD, Wait, waiting, weeks_worth_waiting


def rng(seed=0):
    return np.random.default_rng(seed)


def case(**changed):
    """Leave it (30), or a remedy worth 80 if it is the first cause and 10 if not; .5 each; a test that is .9 right."""
    made = Wait(
        points=np.array([[30.0, 30.0], [80.0, 10.0]])[:, :, None],
        weights=np.array([0.5, 0.5]),
        chances=np.array([[0.9, 0.1], [0.1, 0.9]]),
        nothing=0,
        weeks=0.0,
        lost=np.zeros((2, 2)),
        undo=np.array([0.0, FOR_GOOD]),
    )
    return replace(made, **changed)


def test_a_small_case_by_hand() -> None:
    found = waiting(case())
    # now 45; sure: (80 + 30) / 2 = 55; after a yes .9 * 80 + .1 * 10 = 73, after a no 30: on average 51.5
    assert found.best_now == 1
    assert found.evpi == pytest.approx(10.0) and found.evsi == pytest.approx(6.5)
    assert found.net == pytest.approx(6.5) and found.cost == pytest.approx(0.0)
    assert list(found.by_outcome) == [1, 0] and found.outcome_chances == pytest.approx([0.5, 0.5])
    assert found.first == pytest.approx([51.5, 45.0]) and found.meanwhile == 0
    assert found.to_go_back == pytest.approx([21.5, 0.0])


def test_each_week_of_delay_costs_what_the_chosen_option_loses() -> None:
    lost = np.array([[0.0, 0.0], [4.0, 4.0]])
    found = waiting(case(weeks=2.0, lost=lost))
    # after a yes 73 - 8, in half of all cases
    assert found.evsi == pytest.approx(6.5), "the value before costs does not change"
    assert found.net == pytest.approx(2.5) and found.cost == pytest.approx(4.0)
    assert weeks_worth_waiting(case(lost=lost)) == pytest.approx(3.25)
    assert waiting(case(weeks=3.25, lost=lost)).net == pytest.approx(0.0)
    assert weeks_worth_waiting(case()) == np.inf
    assert weeks_worth_waiting(case(chances=np.full((2, 2), 0.5), lost=lost)) == 0.0


def test_what_can_be_undone_is_done_meanwhile() -> None:
    lost = np.array([[0.0, 0.0], [4.0, 4.0]])
    found = waiting(case(weeks=2.0, lost=lost, undo=np.array([0.0, 1.0])))
    # begun now and kept after a yes: 73; undone after a no: 30 + 8 - 1
    assert found.first[1] == pytest.approx(0.5 * 73 + 0.5 * 37)
    assert found.meanwhile == 1
    assert found.to_go_back[1] == pytest.approx(10.0)
    assert found.first[0] == pytest.approx(47.5)


def test_an_observation_that_never_changes_the_choice_is_worth_nothing() -> None:
    found = waiting(case(chances=np.array([[0.55, 0.45], [0.45, 0.55]])))
    assert found.evsi == 0.0 and list(found.by_outcome) == [1, 1]


def test_what_is_told_over_draws_averages_to_what_is_told() -> None:
    points = np.array([[30.0, 30.0], [80.0, 10.0]])[:, :, None] + 15.0 * rng().standard_normal((2, 2, 3_000))
    found = waiting(case(points=points))
    assert found.evsi == pytest.approx(6.5, abs=0.6)
    assert found.evsi_interval[0] < found.evsi < found.evsi_interval[1]
    # after a no the remedy is left in .5 of cases, .1 of them with the first cause: 15 sqrt(2 (.05^2 + .45^2)) for sd
    assert found.evsi_interval[1] - found.evsi == pytest.approx(1.645 * 15 * np.sqrt(2 * (0.05**2 + 0.45**2)), rel=0.06)


@st.composite
def waits(draw):
    o, h, d, z = draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    r = rng(draw(st.integers(0, 10_000)))
    lost = r.integers(0, 5, size=(o, h)).astype(float)
    undo = r.choice([0.0, 3.0, np.inf], size=o)
    lost[0], undo[0] = 0.0, 0.0
    points = r.integers(0, 101, size=(o, h, d)).astype(float)
    return Wait(
        points, r.dirichlet(np.ones(h)), r.dirichlet(np.ones(z), size=h), 0, float(r.integers(0, 4)), lost, undo
    )


@given(waits())
def test_no_observation_is_worth_more_than_certainty_or_less_than_nothing(asked) -> None:
    found = waiting(asked)
    assert found.evpi + 1e-9 >= found.evsi >= 0.0
    assert found.net <= found.evsi + 1e-9 and found.cost >= -1e-9
    assert (found.to_go_back >= -1e-9).all()
    assert found.first.max() >= found.first[found.best_now] - 1e-9
    assert found.outcome_chances.sum() == pytest.approx(1.0)


@given(waits())
def test_being_sure_is_the_observation_that_tells_each_explanation(asked) -> None:
    sure = replace(asked, chances=np.eye(len(asked.weights)))
    assert waiting(sure).evsi == pytest.approx(waiting(asked).evpi, abs=1e-9)


@given(waits())
def test_a_coarser_observation_is_worth_no_more(asked) -> None:
    merged = replace(asked, chances=np.column_stack([asked.chances[:, :2].sum(axis=1), asked.chances[:, 2:]]))
    assert waiting(merged).evsi <= waiting(asked).evsi + 1e-9


@given(waits())
def test_every_plan_is_tried(asked) -> None:
    """What to do first and after each outcome, all of them; the best for each first step is `first`."""
    means, found = asked.points.mean(axis=2), waiting(asked)
    o, outcomes = len(means), asked.chances.shape[1]
    for first in range(o):
        best = -np.inf
        for plan in itertools.product(range(o), repeat=outcomes):
            total = 0.0
            for h, z in itertools.product(range(len(asked.weights)), range(outcomes)):
                then = plan[z]
                if then == first:
                    worth = means[first, h]
                elif np.isinf(asked.undo[first]):
                    worth = -np.inf
                else:
                    worth = means[then, h] + asked.weeks * (asked.lost[first, h] - asked.lost[then, h])
                    worth -= asked.undo[first]
                total += asked.weights[h] * asked.chances[h, z] * worth
            best = max(best, total)
        assert found.first[first] == pytest.approx(best, abs=1e-9)


@given(waits())
def test_up_to_the_last_worthwhile_week_waiting_pays(asked) -> None:
    weeks = weeks_worth_waiting(asked)
    if np.isfinite(weeks):
        assert waiting(replace(asked, weeks=weeks)).net <= 1e-6
    if weeks > 0.0:
        assert waiting(replace(asked, weeks=0.9 * min(weeks, 100.0))).net > 0.0


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"chances": np.array([[0.9, 0.2], [0.1, 0.9]])}, "sum to 1"),
        ({"weights": np.array([1.0])}, "don't fit"),
        ({"weights": np.array([0.5, 0.6])}, "do not sum to 1"),
        ({"weeks": -1.0}, "not below 0"),
        ({"undo": np.array([0.0, np.nan])}, "no number"),
        ({"lost": np.array([[1.0, 0.0], [1.0, 1.0]])}, "loses nothing by waiting"),
    ],
)
def test_what_makes_no_sense_is_refused(changed, named) -> None:
    with pytest.raises(BadRequest, match=named):
        case(**changed)
