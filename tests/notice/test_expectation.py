"""Expectations written before: which stood, how reactions are held against them, and what is left out."""

import math

import numpy as np
import pytest

from calibration import reactions as cal
from mainstay.notice.expectation import FEWEST, ORDINARY, OWN_TAILS, WIDTH, Foreseen, foreseen, items_named, scored
from mainstay.notice.reactions import FORESEEN, reaction_answers
from mainstay.notice.reactions_learned import usual_changes
from mainstay.quantities import CannotSay, Instant
from mainstay.records.kinds import CheckIn, Event, Item, Reaction, Record, Statement
from mainstay.timeline.reader import from_records

MONDAY = Instant.parse("2024-01-08T00:00+00:00")
ITEM = Item("tension", "Tense?", 1.0, 7.0, "low")


def at(day):
    return MONDAY.plus_days(float(day))


def record(key, day, body):
    return Record(str(key), "s", at(day), at(day), "test", body)


def wrote(key, day, **fields):
    lines = [
        f"{name} = {repr(value).lower() if isinstance(value, bool) else repr(value)}" for name, value in fields.items()
    ]
    return record(key, day, Statement("expectation", "\n".join(lines).replace("'", '"')))


def noted(key, day, observed, direction=1, size=1.0, cue="a remark", role="nurse"):
    return record(key, day, Reaction(cue, role, direction, size, observed))


def timeline(records, days=200):
    return from_records(records, (ITEM,), "tension", as_of=at(days))


def life(seed=1, days=150, effect=1.2, last=None):
    """Check-ins, and a cue at noon that adds to tension; on the last day it does something else, if told."""
    rng = np.random.default_rng(seed)
    times = cal.moments(rng, days)
    x, cues = cal.process(rng, times), np.arange(0.5, days - 1.0, 2.0)
    for cue in cues:
        size = last if last is not None and cue == cues[-1] else effect
        since = np.maximum(times - cue, 0.0) * 24.0
        x += np.where(times > cue, size * np.exp(-math.log(2.0) * since / 6.0), 0.0)
    answers = [
        record(f"a{k}", time, CheckIn("tension", float(value)))
        for k, (time, value) in enumerate(zip(times, 4.0 + x + 0.3 * rng.normal(size=len(times)), strict=True))
    ]
    return [*answers, *(record(f"c{k}", cue, Event("call", "other")) for k, cue in enumerate(cues))]


def reaction(k, observed, cue="a", direction=1, size=1.0, noise=ORDINARY):
    return Foreseen(str(k), float(k), cue, "", direction, size, observed, noise, OWN_TAILS, "", "reactions")


def test_the_first_few_are_learned_from_and_not_scored():
    told = scored(tuple(reaction(k, 1.0) for k in range(6)))
    assert [one.chance is None for one in told] == [True] * FEWEST + [False] * 3
    assert (told[0].low + told[0].high) / 2.0 == pytest.approx(1.0)


def test_scores_rest_on_what_came_before_alone():
    rows = tuple(reaction(k, 1.0 + 0.3 * math.sin(k)) for k in range(12))
    assert scored(rows[:7]) == scored(rows)[:7]


def test_someone_whose_expectations_are_exact_is_surprised_sooner():
    exact = scored((*(reaction(k, 1.0) for k in range(10)), reaction(10, -0.3)))[-1]
    vague = scored((*(reaction(k, 1.0 + (-1) ** k * 1.3) for k in range(10)), reaction(10, -0.3)))[-1]
    assert exact.chance < 0.05 < vague.chance
    assert exact.high - exact.low < vague.high - vague.low


def test_what_a_cue_does_each_time_becomes_what_is_expected_of_it():
    rows = tuple(reaction(k, 1.8, cue="always more") for k in range(12))
    assert 1.5 < scored(rows)[-1].middle < 1.8
    other = scored((*rows, reaction(12, 1.0, cue="another")))[-1]
    assert other.middle == pytest.approx(1.0)


def test_the_other_way_needs_more_than_ordinary_noise_and_a_direction():
    before = tuple(reaction(k, 1.0) for k in range(5))
    assert scored((*before, reaction(5, -1.5)))[-1].other_way
    assert not scored((*before, reaction(5, -0.1)))[-1].other_way
    assert not scored((*before, reaction(5, -1.5, direction=0, size=0.0)))[-1].other_way
    assert scored((*before, reaction(5, 1.5, direction=-1)))[-1].other_way


def test_the_width_of_a_first_expectation_is_the_stated_one():
    (one,) = scored((reaction(0, 1.0),))
    scale = math.hypot(WIDTH, ORDINARY)
    assert (one.high - one.low) / 2.0 == pytest.approx(2.33 * scale, rel=0.05)


def test_check_ins_around_a_cue_are_held_against_the_expectation_that_stood():
    rows = [
        *life(),
        wrote("w1", 60.2, cue="call", direction=1, size=0.5),
        wrote("w2", 100.2, cue="call", direction=-1, size=1.0),
    ]
    told = timeline(rows, 150)
    found = foreseen(told, usual_changes(told, ("tension",)), "tension")
    assert all(one.source == "check-ins" and one.item == "tension" for one in found)
    assert min(one.time for one in found) > 60.2
    assert {one.direction for one in found if one.time < 100.2} == {1}
    assert {one.direction for one in found if one.time > 100.2} == {-1}
    assert 0.3 < np.mean([one.observed for one in found]) < 1.6


def test_a_call_that_calms_for_once_is_told_as_the_other_way():
    rows = [*life(2, last=-5.0), wrote("w", 30.2, cue="call", direction=1, size=0.9, item="tension")]
    answers = reaction_answers(timeline(rows, 150))
    found = [one for one in answers if one.status == "found" and one.unit.startswith("usual swings")]
    assert found
    assert found[0].about == "call"
    assert "came out the other way: “tension” was expected to rise by 0.90 and fell by" in found[0].claim


def test_an_expectation_for_a_role_counts_in_that_role_alone():
    rows = [*life(), wrote("w", 60.2, cue="call", role="nurse", direction=1, size=0.5)]
    told = timeline(rows, 150)
    assert foreseen(told, usual_changes(told, ("tension",)), "tension") == ()


def test_what_was_expected_only_afterwards_is_left_out():
    rows = [noted(f"r{k}", 10 + k, 1.0) for k in range(5)]
    rows.append(wrote("w", 30.0, cue="a remark", role="nurse", direction=1, size=1.0, afterwards=True, reaction="r2"))
    told = timeline(rows)
    assert [one.id for one in foreseen(told, {}, None)] == ["r0", "r1", "r3", "r4"]
    (answer,) = [one for one in reaction_answers(told) if one.about == FORESEEN]
    assert any("1 expected only afterwards" in one for one in answer.assumptions)


def test_an_expectation_that_cannot_be_read_is_said():
    rows = [record("w", 5.0, Statement("expectation", "cue = 3"))]
    (answer,) = reaction_answers(timeline([*rows, noted("r", 6.0, 1.0)]))
    assert isinstance(answer, CannotSay)
    assert any("1 expectations can't be read" in one for one in answer.assumptions)


def test_items_that_are_named_are_looked_at_too():
    rows = [*life(), wrote("w", 60.2, cue="call", direction=1, size=0.5, item="tension")]
    assert items_named(timeline(rows, 150)) == ("tension",)
    assert (
        items_named(timeline([*life(), wrote("w", 60.2, cue="call", direction=1, size=0.5, item="other")], 150)) == ()
    )


def test_a_reaction_far_stronger_than_expected_is_unlike_and_not_the_other_way():
    rows = [noted(f"r{k}", 10 + k, 1.0 + 0.1 * (-1) ** k) for k in range(8)]
    (answer,) = reaction_answers(timeline([*rows, noted("last", 40.0, 4.0)]))
    assert answer.status == "found"
    assert "was unlike what was expected: it was expected to rise by 1.0 and rose by 4.0" in answer.claim
    assert not answer.detail["other_way"]


def test_hardly_anybody_is_told_of_a_missed_expectation_where_all_went_as_expected():
    some, other = cal.any_written(150, 12, math.hypot(WIDTH, ORDINARY))
    assert other <= some <= 0.05
