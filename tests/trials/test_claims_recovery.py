"""Recovery is judged at one level throughout and by the lot of the outcome alone; several arms share the level."""

from dataclasses import replace

import numpy as np

from calibration.trials import NONE, protocol
from mainstay.quantities import CannotSay
from mainstay.records.statements_protocol import Arm
from mainstay.trials.claims import Tried, recovery_answers
from mainstay.trials.claims_kinds import Sought
from mainstay.trials.designs import space
from mainstay.trials.drawing import draw
from mainstay.trials.kinds import Observed


def told(of, seed, rate=0.6, beside=None):
    """Answers on acts a day, `rate` of them on days with the second arm and .6 on others. `beside`: what else a day."""
    allowed = space(of)
    schedule = draw(allowed, np.random.default_rng(seed))
    acts = np.random.default_rng(seed + 1).poisson(np.where(schedule.arm == 1, rate, 0.6)) - 0.6
    seeking = Observed(np.arange(schedule.days) + 0.5, acts, "acts a day", -1, None, None, NONE, NONE)
    tried = Tried(of, allowed, schedule, seeking, schedule.days, over=True)
    return recovery_answers(tried, Sought(seeking, beside), rng=np.random.default_rng(0))


def test_recovery_is_never_said_with_an_interval_that_holds_nothing_at_all():
    of = protocol("alternating", 168, period=14)
    found = [one for seed in range(40) for one in told(of, seed, rate=0.3)]
    said = [one for one in found if one.status == "recovery"]
    assert said
    for one in said:
        assert one.interval.high < 0.0
        assert one.interval.level == 1.0 - one.detail["level"]


def test_further_baselines_do_not_stand_in_the_way_of_recovery():
    of = protocol("start_by_lot", 112, phases=("usual", "walk", "usual", "walk"), least=21)
    (alone,) = told(of, 3, rate=0.0)
    (beside,) = told(replace(of, baselines=("sleep",)), 3, rate=0.0)
    assert alone.detail["p"] == beside.detail["p"]


def test_several_arms_need_orders_enough_for_the_level_that_each_has():
    three = replace(protocol("blocks", 18), arm=(*protocol().arm, Arm(name="swim")))
    refused = space(three)
    assert isinstance(refused, CannotSay)
    assert (refused.have, refused.need) == (64, 100)
    allowed = space(replace(three, design=replace(three.design, days=21)))
    assert not isinstance(allowed, CannotSay)
    assert allowed.level_of_one == allowed.level / 2.0


def test_several_arms_share_the_level_of_recovery():
    of = protocol("blocks", 252, period=14, block=6)
    three = replace(of, arm=(*of.arm, Arm(name="swim")))
    (one,) = told(of, 1)
    assert [each.detail["level"] for each in told(three, 1)] == [one.detail["level"] / 2.0] * 2


def test_seeking_that_falls_with_all_else_that_is_written_down_is_no_recovery():
    of = protocol("alternating", 168, period=14)
    schedule = draw(space(of), np.random.default_rng(5))
    alike = np.random.default_rng(9).poisson(1.2, 168) / 2.0
    fewer = np.where(schedule.arm == 1, 0.1, 0.9) * alike / alike.mean()
    (said,) = told(of, 5, rate=0.1, beside=alike)
    (refused,) = told(of, 5, rate=0.1, beside=fewer)
    assert said.status == "recovery"
    assert "by what else was written down" in said.assumptions[1]
    assert isinstance(refused, CannotSay)
    assert "less was written down" in refused.reason
    assert refused.detail["p_beside_what_else_was_written"] > refused.detail["level"]


def test_seeking_that_rises_with_all_else_that_is_written_down_is_no_harm():
    of = protocol("alternating", 168, period=14)
    schedule = draw(space(of), np.random.default_rng(5))
    alike = np.random.default_rng(9).poisson(2.0, 168) / 2.0
    more = np.where(schedule.arm == 1, 1.8, 0.6) * alike / alike.mean()
    (said,) = told(of, 5, rate=1.8, beside=alike)
    (refused,) = told(of, 5, rate=1.8, beside=more)
    assert said.status == "not_found"
    assert isinstance(refused, CannotSay)
    assert "more was written down" in refused.reason
