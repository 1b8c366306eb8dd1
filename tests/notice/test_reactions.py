"""Reactions out of character: what is told of them, what is learned first, and what is never said."""

import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest

from calibration import reactions as cal
from mainstay.notice.reactions import CHANCE_OF_ANY, FORESEEN, USUAL, reaction_answers, unlike
from mainstay.notice.reactions_learned import chosen_items, learned, role_at, usual_changes
from mainstay.notice.reactions_like import FEWEST_PAIRS, LONGEST_HOURS, mean_size, pairs_of, usual_of
from mainstay.quantities import CannotSay, Finding, Instant
from mainstay.timeline.kinds import Episodes, Events, Ratings
from mainstay.timeline.reader import from_records
from mainstay.worlds.two_roles import SMIRK, two_roles

WHY = re.compile(r"\b(because|due to|caused?|causes|reason|since|therefore|so that|means|shows that|owing)\b", re.I)


@pytest.fixture(scope="module")
def world():
    return two_roles(7)


def cut(world, day):
    return from_records(world.records, world.items, world.anchor, as_of=Instant.parse(f"{day}T23:00+00:00"))


@pytest.fixture(scope="module")
def plain():
    return cal.life(np.random.default_rng(1), "plain")


@pytest.fixture(scope="module")
def turned():
    return cal.reversed_once(np.random.default_rng(3), 5.0)


def test_the_smirk_comes_out_the_other_way_on_its_day(world):
    answers = reaction_answers(cut(world, SMIRK))
    first = answers[0]
    assert isinstance(first, Finding)
    assert (first.row, first.status, first.about) == ("S5", "found", "a smirk from the rival")
    assert first.claim.startswith(
        "The reaction to “a smirk from the rival” as “reporter” on 12 March 2025 came out the other way: "
        "it was expected to rise by 1.0 and fell by 1.2 (in usual swings); about one reaction in"
    )
    assert first.estimate == pytest.approx(-2.2)
    assert first.interval.high < 0.0
    told = first.detail["reactions"][-1]
    assert told["other_way"]
    assert told["expected"]["middle"] > 0.0 > told["observed"]
    assert told["expected"]["low"] > told["observed"]
    assert told["surprise_bits"] == pytest.approx(-math.log2(told["chance"]))


def test_nothing_is_said_of_the_smirk_before_it_and_it_stays_said_after(world):
    before = reaction_answers(cut(world, "2025-03-11"))
    assert all(answer.status != "found" for answer in before)
    assert not any("smirk" in one["cue"] for answer in before for one in answer.detail["reactions"])
    after = reaction_answers(cut(world, "2025-07-08"))
    assert after[0].claim == reaction_answers(cut(world, SMIRK))[0].claim
    assert [answer.status for answer in after] == ["found", "not_found"]


def test_too_few_foreseen_reactions_are_refused_with_how_many_are_needed(world):
    answer = reaction_answers(cut(world, "2024-06-25"))[0]
    assert isinstance(answer, CannotSay)
    assert (answer.about, answer.have, answer.need, answer.unit) == (FORESEEN, 2, 4, "reactions")


def test_a_learned_reaction_that_turns_round_is_told_as_the_other_way(turned):
    record, when = turned
    (answer,) = [one for one in reaction_answers(record) if one.status == "found"]
    assert answer.about == cal.CUES[0]
    assert (
        "came out the other way: compared with like moments without it, “item 0” was expected to rise by"
        in answer.claim
    )
    assert answer.detail["when"] == record.instant(when).as_local.isoformat(timespec="minutes")
    assert answer.detail["other_way"]
    assert answer.detail["expected"]["low"] > answer.detail["observed"]
    assert answer.interval.high < 0.0


def test_where_nothing_is_out_of_character_it_is_said_how_many_were_scored(plain):
    (answer,) = reaction_answers(plain)
    assert (answer.about, answer.status) == (USUAL, "not_found")
    assert re.match(r"No reaction stands out: all \d+ that could be scored were about what is usual", answer.claim)
    assert answer.n == answer.detail["reactions_scored"] < answer.detail["reactions_on_record"]
    assert any("at most 5 % of records show any" in one for one in answer.assumptions)


def test_the_claim_never_says_why_and_is_no_alarm(world, turned, plain):
    for timeline in (cut(world, "2025-07-08"), turned[0], plain):
        for answer in reaction_answers(timeline):
            assert not WHY.search(answer.claim), answer.claim
            assert any("no alarm and uses none of the false-alarm budget" in one for one in answer.assumptions)
            assert not answer.detail.get("alarm", False)


def test_every_answer_can_be_written_as_json(world, turned):
    for timeline in (cut(world, "2025-07-08"), turned[0]):
        for answer in reaction_answers(timeline):
            assert json.loads(json.dumps(dict(answer.detail), allow_nan=False))


def test_a_reaction_is_scored_from_what_came_before_it(plain):
    day = 120.0
    ratings = {
        name: Ratings(one.item, one.times[one.times < day], one.values[one.times < day], one.ids)
        for name, one in plain.ratings.items()
    }
    events = {
        label: replace(one, times=one.times[one.times < day], ids=one.ids[: int((one.times < day).sum())])
        for label, one in plain.events.items()
    }
    earlier = replace(plain, ratings=ratings, events=events, days=day)
    whole, part = (learned(one, usual_changes(one, chosen_items(one))) for one in (plain, earlier))
    for one, other in zip(whole, part, strict=True):
        n = len(other.times)
        assert n > 10
        assert np.array_equal(one.times[:n], other.times)
        assert one.like[:n] == pytest.approx(other.like, rel=1e-9)
        assert np.allclose(one.chance[:n], other.chance, rtol=1e-9, equal_nan=True)


def test_what_a_rating_does_by_itself_is_not_taken_for_the_cue():
    changes, effects = [], []
    for seed in range(6):
        record = cal.life(np.random.default_rng(seed), "regression_to_the_mean")
        for one in learned(record, usual_changes(record, chosen_items(record))):
            late = one.times > 60.0
            changes.append(one.change[late])
            effects.append((one.change - one.like)[late])
    assert np.concatenate(changes).mean() < -0.3
    assert abs(np.concatenate(effects).mean()) < 0.15


def test_a_cue_comes_between_two_check_ins_hours_apart():
    times = np.array([1.40, 1.50, 1.95, 2.40, 2.50])
    record = cal.timeline(times, [np.array([1.0, 3.0, 2.0, 5.0, 4.0])], {"cue": np.array([1.45])}, days=10)
    pairs = pairs_of(record, record.ratings["item 0"])
    assert np.all((pairs.after - pairs.before) * 24.0 <= LONGEST_HOURS)
    assert pairs.change.tolist() == [2.0, -1.0]
    assert pairs.around(np.array([1.39, 1.40, 1.49, 1.6, 2.45, 2.5])).tolist() == [-1, 0, 0, -1, 1, -1]


def test_what_comes_twice_between_two_check_ins_counts_once(plain):
    events = plain.events[cal.CUES[0]]
    again = np.sort(np.concatenate([events.times, events.times + 1e-4]))
    ids = tuple(map(str, range(len(again))))
    doubled = replace(events, times=again, sizes=np.full(len(again), np.nan), half_widths=np.zeros(len(again)), ids=ids)
    usual = usual_changes(plain, chosen_items(plain))
    once, twice = (
        next(
            one
            for one in learned(replace(plain, events={**plain.events, cal.CUES[0]: told}), usual)
            if one.cue == cal.CUES[0]
        )
        for told in (events, doubled)
    )
    assert abs(len(twice.times) - len(once.times)) <= 2


def test_the_role_that_began_last_counts():
    record = cal.timeline(np.arange(0.0, 10.0), [np.arange(10.0)], {}, days=10)
    day = Episodes("day", "role", False, np.array([0.0, 2.0]), np.array([1.0, 3.0]), ("a", "b"))
    inner = Episodes("inner", "role", False, np.array([0.4]), np.array([0.6]), ("c",))
    record = replace(record, episodes={"day": day, "inner": inner})
    assert role_at(record, np.array([0.2, 0.5, 0.7, 1.5, 2.5])).tolist() == [0, 1, 0, -1, 0]


def test_cues_without_enough_before_them_are_refused(plain):
    rare = Events("rare", "other", np.array([50.5, 90.5]), np.full(2, np.nan), np.zeros(2), ("a", "b"))
    (answer,) = reaction_answers(replace(plain, events={"rare": rare}))
    assert isinstance(answer, CannotSay)
    assert (answer.about, answer.need, answer.unit) == (USUAL, 6, "times")
    assert answer.have <= 2


def test_a_record_without_cues_or_check_ins_says_what_it_would_take(plain):
    for record in (replace(plain, events={}), replace(plain, ratings={}, anchor=None)):
        (answer,) = reaction_answers(record)
        assert isinstance(answer, CannotSay)
        assert "check-ins within hours before and after" in answer.would_change


def test_a_rating_that_never_changes_is_left_out(plain):
    flat = replace(plain.ratings["item 0"], values=np.full(len(plain.ratings["item 0"].values), 4.0))
    assert chosen_items(replace(plain, ratings={"item 0": flat})) == ()


def test_the_bar_rises_with_the_number_of_reactions_scored():
    chances = np.full(1000, 0.5)
    chances[3] = 1e-4
    assert not unlike(chances).any()
    assert unlike(chances[:10])[3]
    assert not unlike(np.array([np.nan, np.nan])).any()
    several = np.array([0.02, 0.01, 0.004, 0.9])
    assert unlike(several, 0.05).tolist() == [True, True, True, False]


def test_few_pairs_are_learned_from_before_anything_is_judged(plain):
    usual = usual_of(pairs_of(plain, plain.ratings["item 0"]))
    learned_from = np.searchsorted(usual.pairs.week, np.arange(len(usual.ready)))
    assert np.all(learned_from[usual.ready] >= FEWEST_PAIRS)
    assert usual.ready.any()


def test_the_tails_that_are_learned_are_the_persons_own():
    light = cal.life(np.random.default_rng(5), "plain")
    heavy = cal.life(np.random.default_rng(5), "heavy_tails")
    last = [usual_of(pairs_of(one, one.ratings["item 0"])).tails[-1] for one in (light, heavy)]
    assert last[0][3] > 0.9
    assert last[1][3] < 0.1
    rng = np.random.default_rng(6)
    assert mean_size(5.0) == pytest.approx(np.abs(rng.standard_t(5, 400_000)).mean(), rel=0.01)


def test_hardly_any_record_shows_one_where_nothing_is_out_of_character():
    some, other, low, _ = cal.any_told("regression_to_the_mean", 12)
    assert some <= 1 / 12
    assert other <= 1 / 12
    assert low <= 0.05 + 3.0 * math.sqrt(0.05 * 0.95 / 1000)
    assert 2.0 * CHANCE_OF_ANY == 0.05
