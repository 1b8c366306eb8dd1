"""Recovery is judged at one level throughout and by the lot of the outcome alone; several arms share the level."""

from dataclasses import replace

import numpy as np

from calibration.trials import NONE, protocol
from mainstay.quantities import CannotSay
from mainstay.records.statements_protocol import Arm
from mainstay.trials.claims import Tried, recovery_answers
from mainstay.trials.designs import space
from mainstay.trials.drawing import draw
from mainstay.trials.kinds import Observed


def told(of, seed, rate=0.6):
    """Answers on acts a day, `rate` of them on days with the second arm and .6 on others."""
    allowed = space(of)
    schedule = draw(allowed, np.random.default_rng(seed))
    acts = np.random.default_rng(seed + 1).poisson(np.where(schedule.arm == 1, rate, 0.6)) - 0.6
    seeking = Observed(np.arange(schedule.days) + 0.5, acts, "acts a day", -1, None, None, NONE, NONE)
    tried = Tried(of, allowed, schedule, seeking, schedule.days, over=True)
    return recovery_answers(tried, seeking, rng=np.random.default_rng(0))


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
