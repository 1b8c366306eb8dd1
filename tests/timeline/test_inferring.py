"""Inferred roles: calibrated on days that were held out, refused where they tell nothing, settled by a declaration."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay, Span
from mainstay.records.kinds import Coverage, Episode
from mainstay.timeline.inferring import infer_roles
from mainstay.timeline.inferring_cells import cells_of, time_in
from mainstay.timeline.inferring_kinds import InferredRoles, RoleSettings
from mainstay.timeline.inferring_scores import LEAST, blocks_of, by_block, log_score, pooled, powers_for
from mainstay.timeline.kinds import Episodes
from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import MONDAY, TENSION
from timeline.lives import CELL, ROLES, life, record


@pytest.fixture(scope="module")
def person():
    return life(1)


@pytest.fixture(scope="module")
def inferred(person):
    found = infer_roles(person.timeline)
    assert isinstance(found, InferredRoles)
    return found


def aligned(person, found):
    """The true state of each cell, numbered as the answer numbers them, and where a chance stands in."""
    order = [("",), *((role,) for role in ROLES)]
    number = {0: 0, **{j: found.states.index(order[j]) for j in (1, 2)}}
    n = len(found.declared)
    truth = np.array([number[state] for state in person.truth[:n]])
    return truth, found.open_cells


def test_chances_of_hidden_days_are_calibrated_and_beat_the_clock(person, inferred):
    truth, open_ = aligned(person, inferred)
    chance = inferred.chance.T[open_]
    assert log_score(chance, truth[open_]).mean() > -0.2  # the clock alone reaches about -0.25
    for low, high in ((0.0, 0.1), (0.1, 0.5), (0.5, 0.9), (0.9, 1.01)):
        there = (chance >= low) & (chance < high)
        was = np.eye(chance.shape[1])[truth[open_]][there]
        # cells of a day are alike: about one independent look in ten cells
        tolerance = 3.0 * np.sqrt(max(chance[there].mean() * (1 - chance[there].mean()), 0.002) / (there.sum() / 10))
        assert abs(was.mean() - chance[there].mean()) < tolerance


def test_the_test_on_held_out_days_speaks_truly_of_the_hidden_ones(person, inferred):
    truth, open_ = aligned(person, inferred)
    sure = open_ & (inferred.chance.max(axis=0) >= inferred.confidence)
    right = (inferred.chance.argmax(axis=0) == truth)[sure].mean()
    tested = inferred.tested
    assert abs(right - tested.right) < 0.03
    assert abs(sure.sum() / open_.sum() - tested.decided) < 0.1
    assert tested.log_score > tested.clock_log_score
    assert tested.brier < tested.clock_brier
    assert tested.gain > 2 * tested.gain_se


def test_declared_hours_are_what_was_declared(person, inferred):
    assert np.all(np.isin(inferred.chance[:, inferred.declared], (0.0, 1.0)))
    np.testing.assert_allclose(inferred.chance.sum(axis=0), 1.0)
    for role in person.timeline.roles:
        row = inferred.share[inferred.roles.index(role.label)]
        np.testing.assert_allclose(row[inferred.declared], time_in(role, inferred.edges)[inferred.declared], atol=1e-12)


def test_below_the_confidence_an_hour_stays_open(person, inferred):
    best = inferred.chance.max(axis=0)
    assert np.all(inferred.decided[best < inferred.confidence] == -1)
    strict = infer_roles(person.timeline, RoleSettings(confidence=0.97))
    assert (strict.decided >= 0).sum() < (inferred.decided >= 0).sum()
    assert strict.tested.right > inferred.tested.right


def with_record(person, *more):
    records = (*person.records, *more)
    return from_records(records, (TENSION,), TENSION.name, as_of=person.timeline.as_of)


def an_open_morning(inferred):
    """The first cell of an hour, on a working day nobody declared, that was inferred to be in the first role."""
    first = inferred.states.index((ROLES[0],))
    for i in np.flatnonzero(inferred.open_cells & (inferred.decided == first)):
        if i % 48 == 22:
            return int(i)
    raise AssertionError("no undeclared working day")


def test_a_declaration_settles_its_own_hours_and_leaves_the_rest_of_the_day_open(person, inferred):
    i = an_open_morning(inferred)
    span = Span(MONDAY.plus_days(i * CELL), MONDAY.plus_days((i + 2) * CELL))
    after = infer_roles(with_record(person, record("roles", span, Episode(ROLES[1], "role"))))
    second = after.states.index((ROLES[1],))
    np.testing.assert_allclose(after.chance[second, i : i + 2], 1.0)
    assert after.declared[i : i + 2].all()
    assert inferred.open_cells[i : i + 2].all()
    assert after.open_cells[i + 4 : i + 8].all()


def test_a_correction_of_a_declaration_is_what_counts(person, inferred):
    i = an_open_morning(inferred)
    span = Span(MONDAY.plus_days(i * CELL), MONDAY.plus_days((i + 2) * CELL))
    wrong = record("roles", span, Episode(ROLES[1], "role"))
    right = replace(record("roles", span, Episode(ROLES[0], "role"), "again"), supersedes=wrong.id)
    after = infer_roles(with_record(person, wrong, right))
    np.testing.assert_allclose(after.chance[after.states.index((ROLES[0],)), i : i + 2], 1.0)


def test_stated_coverage_of_one_role_rules_that_role_out_and_no_other(person, inferred):
    i = an_open_morning(inferred)
    span = Span(MONDAY.plus_days(i * CELL - 0.2), MONDAY.plus_days(i * CELL + 0.2))
    after = infer_roles(with_record(person, record("cover", span, Coverage((ROLES[0],), 1.0))))
    assert after.chance[after.states.index((ROLES[0],)), i] == 0.0
    assert not after.declared[i]
    both = infer_roles(with_record(person, record("cover", span, Coverage(ROLES, 1.0))))
    assert both.declared[i]
    assert both.chance[0, i] == 1.0


def test_signals_that_tell_nothing_are_refused():
    refused = infer_roles(life(3, told=False).timeline)
    assert isinstance(refused, CannotSay)
    assert "no better than the hour and the weekday" in refused.reason
    assert refused.row == "S8"


def test_too_few_declared_days_are_refused_with_how_many_are_needed():
    refused = infer_roles(life(4, days=35, undeclared=0.75).timeline)
    assert isinstance(refused, CannotSay)
    assert refused.have is not None
    assert refused.need is not None
    assert refused.have < refused.need
    assert refused.unit == "declared days"


def test_without_roles_or_open_hours_nothing_is_inferred(person):
    none = replace(person.timeline, episodes={})
    assert "no role was ever declared" in infer_roles(none).reason
    cover = record("cover", Span(MONDAY, MONDAY.plus_days(126)), Coverage(ROLES, 1.0))
    assert "every hour on record is declared" in infer_roles(with_record(person, cover)).reason


def test_the_clock_and_the_neighbouring_days_alone_are_not_enough(person):
    bare = {label: one for label, one in person.timeline.episodes.items() if one.is_ == "role"}
    refused = infer_roles(replace(person.timeline, episodes=bare, samples={}))
    assert isinstance(refused, CannotSay)
    assert "nothing is on record around the roles" in refused.reason


def test_a_weekday_that_was_never_declared_is_left_alone(person):
    without = tuple(
        one
        for one in person.records
        if not (
            isinstance(one.body, Episode)
            and one.body.is_ == "role"
            and int(one.happened.start.days_since(MONDAY)) % 7 == 6
        )
    )
    found = infer_roles(from_records(without, (TENSION,), TENSION.name, as_of=person.timeline.as_of))
    sunday = person.timeline.weekdays(found.middles) == 6
    assert not found.supported[sunday].any()
    assert np.all(found.decided[sunday] == -1)
    assert np.all(found.share[:, sunday] == 0.0)


def test_where_only_strange_weekdays_are_open_it_says_how_many_of_them_are_needed(person):
    def sunday(one):
        return int(one.happened.start.days_since(MONDAY)) % 7 == 6

    kept = [
        one for one in person.records if not (isinstance(one.body, Episode) and one.body.is_ == "role" and sunday(one))
    ]
    cover = [
        record("cover", Span(MONDAY.plus_days(7 * week), MONDAY.plus_days(7 * week + 6)), Coverage(ROLES, 1.0))
        for week in range(18)
    ]
    refused = infer_roles(from_records((*kept, *cover), (TENSION,), TENSION.name, as_of=person.timeline.as_of))
    assert isinstance(refused, CannotSay)
    assert (refused.have, refused.need, refused.unit) == (0, 3, "declared days of such a weekday")


def test_what_is_left_aside_is_not_used_and_must_be_there(person, inferred):
    assert {name for name, _ in inferred.rests_on} == {"place", "writing", "steps"}
    fewer = infer_roles(person.timeline, RoleSettings(without=("steps",)))
    assert {name for name, _ in fewer.rests_on} == {"place", "writing"}
    with pytest.raises(BadRequest, match="'pulse'"):
        infer_roles(person.timeline, RoleSettings(without=("pulse",)))


def test_ratings_demands_and_acts_have_no_part_in_it(person, inferred):
    bare = replace(person.timeline, ratings={}, events={})
    np.testing.assert_array_equal(infer_roles(bare).chance, inferred.chance)


@pytest.mark.parametrize(
    "wrong", [{"minutes": 20}, {"confidence": 0.4}, {"confidence": 1.0}, {"folds": 1}, {"open_trust": 2.0}]
)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(BadRequest):
        RoleSettings(**wrong)


def test_two_roles_at_once_are_a_state_of_their_own():
    spans = [
        (ROLES[0], 0.4, 0.7), (ROLES[1], 0.5, 0.8),
    ]  # fmt: skip
    records = [
        record("roles", Span(MONDAY.plus_days(d + a), MONDAY.plus_days(d + b)), Episode(label, "role"))
        for d in range(10)
        for label, a, b in spans
    ]
    line = from_records(records, (), None, as_of=MONDAY.plus_days(12))
    cells = cells_of(line, 30)
    assert cells.states == ((), (ROLES[0],), (ROLES[1],), ROLES)
    at = np.searchsorted(cells.edges, 0.6, "right") - 1
    assert cells.allowed[at].tolist() == [False, False, False, True]


@given(st.lists(st.floats(0, 9.9), min_size=2, max_size=12, unique=True))
@settings(max_examples=40, deadline=None)
def test_time_in_cells_adds_up_to_the_time_in_episodes(edges):
    marks = np.sort(np.array(edges[: len(edges) // 2 * 2]))
    role = Episodes("r", "role", False, marks[::2], marks[1::2], tuple("x" for _ in marks[::2]))
    cells = np.linspace(0, 10, 481)
    assert (time_in(role, cells) * np.diff(cells)).sum() * 24 == pytest.approx(role.hours, abs=1e-9)


def test_the_powers_are_the_best_of_many_tried():
    rng = np.random.default_rng(2)
    clock, own = rng.dirichlet(np.ones(3) * 2, 600), rng.dirichlet(np.ones(3), 600)
    truth = np.array([0.5, 0.6, 0.4, -0.3])
    states = np.array([rng.choice(3, p=p) for p in pooled(own, clock, truth)])
    found = powers_for(own, clock, states)

    def kept(powers):  # with the weak pull towards the model as it is
        away = ((powers - np.array([1.0, 0.0, 0.0, 0.0])) ** 2).sum()
        return np.log(pooled(own, clock, powers)[np.arange(600), states]).sum() - 5.0 * away

    tried = [kept(found + rng.normal(0, size, 4)) for size in (1e-3, 1e-2, 0.1, 0.5) for _ in range(200)]
    assert kept(found) >= max(tried) - 1e-6
    assert found == pytest.approx(truth, abs=0.35)


def test_after_recalibration_each_state_is_as_frequent_as_it_was_told():
    rng = np.random.default_rng(3)
    clock, own = rng.dirichlet(np.ones(3) * 2, 2000), rng.dirichlet(np.ones(3), 2000)
    states = np.array([rng.choice(3, p=p) for p in pooled(own, clock, np.array([0.8, 0.2, 0.7, -0.7]))])
    told = pooled(own, clock, powers_for(own, clock, states)).mean(axis=0)
    np.testing.assert_allclose(told, np.bincount(states) / 2000, atol=0.005)


def test_blocks_are_as_long_as_what_is_usually_undeclared():
    day = np.repeat(np.arange(40), 24)
    declared = ~np.isin(day, [3, 4, 5, 11, 12, 13, 30, 31, 32])
    block, length = blocks_of(day, declared)
    assert length == 3
    assert block[0] == block[3 * 24 - 1] != block[3 * 24]


def test_a_mean_by_blocks_has_the_error_of_the_blocks_not_of_the_cells():
    rng = np.random.default_rng(8)
    block = np.repeat(np.arange(50), 20)
    values = rng.normal(size=50)[block]
    mean, error, count = by_block(values, block)
    assert count == 50
    assert mean == pytest.approx(values.mean())
    assert error == pytest.approx(1 / np.sqrt(50), rel=0.3)


def test_a_log_score_never_hangs_on_one_cell():
    assert log_score(np.array([[0.0, 1.0]]), np.array([0]))[0] == pytest.approx(np.log(LEAST))
