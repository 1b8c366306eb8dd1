"""What lasts into the days it is compared with is not told away as no effect."""

from dataclasses import replace

import numpy as np

from calibration.trials import observed, protocol
from mainstay.records.statements_protocol import AnalysisTable
from mainstay.trials.claims import Tried, relief_answers
from mainstay.trials.designs import space
from mainstay.trials.drawing import draw

OF = protocol("alternating", 120, matters=0.8)


def told(of, seed, **life):
    rng = np.random.default_rng(seed)
    allowed = space(of)
    schedule = draw(allowed, rng)
    tried = Tried(of, allowed, schedule, observed(rng, schedule, swings=0.4, **life), schedule.days, over=True)
    (found,) = relief_answers(tried, rng=np.random.default_rng(0))
    return found


def test_an_effect_that_lasts_for_days_is_not_called_none():
    found = [told(OF, seed, effect=-1.5, half_life=4.0) for seed in range(12)]
    assert not [one for one in found if one.status == "no_effect"]
    hidden = [one for one in found if one.status == "cannot_say"]
    assert hidden
    assert all("if it lasts into other days" in one.reason for one in hidden)


def test_a_null_stays_a_null_and_more_often_where_the_plan_says_that_nothing_lasts():
    lasting = [told(OF, seed).status for seed in range(12)]
    plain = [told(replace(OF, analysis=AnalysisTable(carryover=False)), seed).status for seed in range(12)]
    assert 0 < lasting.count("no_effect") <= plain.count("no_effect")
