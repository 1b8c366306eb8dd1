"""Looks at any time: the stake is worth one on average whatever was drawn, exactly; and when a trial stops."""

from dataclasses import replace

import numpy as np
import pytest

from calibration.trials import observed, protocol
from mainstay.errors import BadRequest
from mainstay.records.statements_protocol import AnalysisTable, Arm, HarmLimit
from mainstay.trials.designs import level_at_the_end, space
from mainstay.trials.drawing import draw, every, schedule_of
from mainstay.trials.kinds import Observed
from mainstay.trials.monitoring import look, watch
from mainstay.trials.monitoring_bets import Lot, bets
from mainstay.trials.monitoring_lots import lots

THREE = (Arm(name="usual"), Arm(name="walk"), Arm(name="call"))
SMALL = [
    protocol("blocks", 12),
    protocol("blocks", 12, block=4, longest=2),
    protocol("alternating", 10),
    protocol("alternating", 11, longest=3),
    protocol("alternating", 20, period=2, longest=3),
    protocol("contacts", 14, a_week=2),
    protocol("contacts", 14, a_week=2, apart=2),
    protocol("start_by_lot", 60, phases=("usual", "walk"), least=5),
    protocol("start_by_lot", 24, phases=("usual", "walk", "usual"), least=4),
    replace(protocol("blocks", 15), arm=THREE, analysis=AnalysisTable(level=0.2)),
]


def told(protocol_):
    found = space(protocol_)
    return found, every(found)


@pytest.mark.parametrize("of", SMALL, ids=lambda one: f"{one.design.kind} {one.design.days}")
def test_the_chances_of_the_drawings_multiply_to_one_in_all_orders(of):
    found, orders = told(of)
    for order in orders[:: max(len(orders) // 25, 1)]:
        schedule = schedule_of(found, order)
        chance = 1.0
        for lot in lots(found, schedule):
            drawn = np.flatnonzero((lot.ways == schedule.arm[lot.days]).all(axis=1))
            assert len(drawn) == 1
            chance *= lot.chances[drawn[0]]
        assert chance == pytest.approx(1.0 / len(orders), rel=1e-9)


@pytest.mark.parametrize("of", SMALL[:9], ids=lambda one: f"{one.design.kind} {one.design.days}")
def test_where_nothing_makes_a_difference_the_stake_is_worth_one_on_average_after_every_drawing(of):
    found, orders = told(of)
    rng = np.random.default_rng(1)
    values = np.cumsum(rng.normal(size=found.days))
    values[[3, 7]] = np.nan
    ends = []
    for order in orders:
        schedule = schedule_of(found, order)
        grown = bets(schedule, values, lots(found, schedule), arm=1, matters=0.5, shifts=np.zeros(1)).log_wealth
        ends.append(np.exp(grown[-1, 0]))
    assert np.mean(ends) == pytest.approx(1.0, rel=1e-9)


def test_with_three_arms_each_is_compared_with_the_first_whatever_the_third_does():
    found, orders = told(SMALL[9])
    rng = np.random.default_rng(1)
    noise = rng.normal(size=found.days)
    ends = []
    for order in orders:
        schedule = schedule_of(found, order)
        values = noise + 10.0 * (schedule.arm == 2)
        grown = bets(schedule, values, lots(found, schedule), arm=1, matters=0.5, shifts=np.zeros(1)).log_wealth
        ends.append(np.exp(grown[-1, 0]))
    assert np.mean(ends) == pytest.approx(1.0, rel=1e-9)


def test_shifting_the_answers_by_an_effect_tests_that_effect():
    found, _ = told(protocol("blocks", 20))
    rng = np.random.default_rng(4)
    schedule = draw(found, rng)
    values = rng.normal(size=20)
    drawn = lots(found, schedule)
    none = bets(schedule, values, drawn, arm=1, matters=0.5, shifts=np.zeros(1)).log_wealth
    moved = values + 2.0 * (schedule.arm == 1)
    shifted = bets(schedule, moved, drawn, arm=1, matters=0.5, shifts=np.array([2.0, 0.0])).log_wealth
    assert np.allclose(shifted[:, 0], none[:, 0])
    assert shifted[-1, 1] > none[-1, 0]


def looked(rng, of, *, days=None, limited=None, **life):
    found = space(of)
    schedule = draw(found, rng)
    seen = observed(rng, schedule, **life)
    return look(found, schedule, seen, of, days=schedule.days if days is None else days, limited=limited or {})


def test_a_large_effect_ends_the_trial_and_a_look_on_the_first_day_says_nothing():
    rng = np.random.default_rng(1)
    of = protocol("blocks", 60)
    found = looked(rng, of, effect=-2.0, swings=0.4)
    assert (found.stop, found.arm) == ("benefit", "walk")
    assert found.watched[0].most >= found.watched[0].mark == pytest.approx(100.0)
    assert found.watched[0].interval.low < -2.0 < found.watched[0].interval.high < 0.0
    first = looked(rng, of, days=0, effect=-2.0)
    assert first.stop is None
    assert (first.watched[0].most, first.watched[0].interval, first.watched[0].p) == (1.0, None, 1.0)


def test_an_arm_that_makes_it_worse_ends_the_trial_as_harm():
    found = looked(np.random.default_rng(1), protocol("blocks", 60, benefit=False), effect=2.0, swings=0.4)
    assert found.stop == "harm"
    assert "worse" in found.said


def test_futility_is_told_once_all_that_would_matter_is_left_behind():
    rng = np.random.default_rng(2)
    of = protocol("blocks", 240, matters=1.0, futility=True)
    found = looked(rng, of, swings=0.3)
    assert found.stop == "futility"
    assert "not better by 1 points" in found.said
    assert looked(rng, replace(of, stopping=replace(of.stopping, futility=False)), swings=0.3).stop is None


def test_a_stated_limit_of_harm_ends_it_after_so_many_days_in_a_row_with_answers():
    of = replace(protocol("blocks", 20), harm=(HarmLimit(item="sleep", limit=2.0, days=3),))
    at = np.array([0.0, 1.0, 2.0, 4.0, 5.0])

    def sleep(values):
        return {"sleep": Observed(at, np.array(values), "points", 1, None, None, np.zeros(0), np.zeros(0))}

    rng = np.random.default_rng(1)
    assert looked(rng, of, limited=sleep([5.0, 2.0, 1.0, 2.0, 5.0])).stop == "harm"
    assert looked(rng, of, limited=sleep([2.0, 2.0, 3.0, 2.0, 2.0])).stop is None
    assert looked(rng, of, days=3, limited=sleep([5.0, 2.0, 1.0, 2.0, 5.0])).stop is None
    with pytest.raises(BadRequest, match="'sleep'"):
        looked(rng, of)


def test_likely_harm_ends_a_trial_without_a_lot_too():
    of = protocol("phases", 40, phases=("usual", "walk"), harm=1.0)
    found = looked(np.random.default_rng(3), replace(of, analysis=replace(of.analysis, trend=False)), effect=4.0)
    assert (found.stop, found.watched) == ("harm", ())
    assert "worse by 1" in found.said


def test_what_is_seen_after_the_look_changes_nothing():
    rng = np.random.default_rng(5)
    of = protocol("contacts", 56, a_week=2)
    found = space(of)
    schedule = draw(found, rng)
    seen = observed(rng, schedule, effect=-1.0)
    early = seen.at < 30
    cut = Observed(seen.at[early], seen.value[early], "points", -1, None, None, np.zeros(0), np.zeros(0))
    assert watch(found, schedule, seen, of, days=30) == watch(found, schedule, cut, of, days=30)


def test_looks_take_their_part_of_the_level_and_only_where_they_may_end_the_trial():
    of = protocol("blocks", 20)
    assert level_at_the_end(of) == pytest.approx(0.04)
    plain = protocol("blocks", 20, benefit=False)
    assert level_at_the_end(plain) == pytest.approx(0.05)


def test_misuse_is_refused():
    found, orders = told(protocol("blocks", 12))
    schedule = schedule_of(found, orders[0])
    drawn = lots(found, schedule)
    with pytest.raises(BadRequest, match="above 0"):
        bets(schedule, np.ones(12), drawn, arm=1, matters=0.0, shifts=np.zeros(1))
    with pytest.raises(BadRequest, match="could not have given"):
        bets(schedule_of(found, orders[-1]), np.ones(12), [Lot(np.array([0, 1]), np.array([[0, 1]]), np.ones(1))],
             arm=1, matters=1.0, shifts=np.zeros(1))  # fmt: skip
    with pytest.raises(BadRequest, match="chances"):
        Lot(np.array([0, 1]), np.array([[0, 1]]), np.array([0.5]))
    with pytest.raises(BadRequest, match="after 99 days"):
        watch(found, schedule, observed(np.random.default_rng(1), schedule), protocol("blocks", 12), days=99)
