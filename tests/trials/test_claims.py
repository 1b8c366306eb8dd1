"""What a trial showed: each status where it belongs, and one good evening never more than relief observed."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from calibration import people
from calibration.trials import observed, protocol, with_arms
from mainstay.quantities import CannotSay, Finding
from mainstay.records.statements_protocol import AnalysisTable, OutcomeTable, Protocol
from mainstay.strain.fitting import fit
from mainstay.trials.claims import Tried, recovery_answers, relief_answers
from mainstay.trials.claims_kinds import Sought, not_tested
from mainstay.trials.claims_seeking import seeking
from mainstay.trials.designs import space
from mainstay.trials.drawing import draw
from mainstay.trials.kinds import Observed
from mainstay.trials.sealing import Trial

ONES = "relief_observed_recovery_untested"


def told(of, seed=1, *, days=None, over=None, schedule=None, **life):
    rng = np.random.default_rng(seed)
    allowed = space(of)
    drawn = schedule or draw(allowed, rng)
    lived = drawn.days if days is None else days
    tried = Tried(
        of, allowed, drawn, observed(rng, drawn, **life), lived, lived == drawn.days if over is None else over
    )
    (found,) = relief_answers(tried, rng=np.random.default_rng(0))
    return found


def test_relief_is_said_of_a_whole_trial_drawn_by_lot_only():
    found = told(protocol("blocks", 60), effect=-1.5, swings=0.4)
    assert (found.row, found.about, found.status) == ("S22", "walk", "relief")
    assert found.interval.high < 0.0
    assert "lower" in found.claim
    assert "drawn by lot" in found.claim
    assert found.detail["p"] <= 0.04
    assert "0.04 is left for this test" in found.assumptions[1]


def test_before_the_end_only_the_part_of_the_level_kept_for_looks_speaks():
    early = told(protocol("blocks", 60), days=40, effect=-2.5)
    assert early.status == "relief"
    assert "before the end" in early.reason
    plain = told(protocol("blocks", 60, benefit=False), days=40, effect=-2.5)
    assert plain.status == "cannot_say"
    assert "its last day is to come" in plain.reason


@pytest.mark.parametrize("seed", range(6))
def test_one_good_evening_is_never_more_than_relief_observed(seed):
    of = protocol("contacts", 56, a_week=1)
    found = told(of, seed, days=10, effect=-50.0)
    assert found.status in (ONES, "cannot_say")
    alone = told(of, seed, days=7, over=True, effect=-50.0)
    assert alone.status == ONES or isinstance(alone, CannotSay)


def test_a_good_evening_is_relief_observed_and_a_middling_one_nothing():
    of = protocol("contacts", 56, a_week=1)
    schedule = replace(draw(space(of), np.random.default_rng(1)))
    first = int(np.flatnonzero(schedule.arm == 1)[0])
    good = told(of, days=first + 1, schedule=schedule, effect=-50.0)
    assert good.status == ONES or first < 2
    assert told(of, days=first + 1, schedule=schedule, effect=3.0).status == "cannot_say"


def test_without_a_lot_it_is_relief_observed_at_most_and_said_to_be_weaker():
    found = told(protocol("phases", 80, phases=("usual", "walk")), effect=-4.0)
    assert found.status == ONES
    assert "weaker: nothing was drawn by lot" in found.claim
    assert "12%" in found.reason


def test_an_arm_that_makes_it_worse_is_said_to():
    found = told(protocol("blocks", 60), effect=1.5)
    assert found.status == "not_found"
    assert "it was worse" in found.claim


def test_a_null_says_which_effect_it_excludes():
    of = protocol("blocks", 240, matters=1.0)
    hidden = told(of)
    assert hidden.status == "cannot_say"
    assert "in which what lasts shows" in hidden.would_change
    found = told(replace(of, analysis=AnalysisTable(carryover=False)))
    assert found.status == "no_effect"
    assert "or more is excluded" in found.claim
    assert -found.interval.low < 1.0


def test_a_null_of_events_says_which_difference_a_day_it_excludes():
    of = protocol("blocks", 120, period=1, matters=0.8)
    of = replace(of, outcome=OutcomeTable(event="quarrel", better="low"), analysis=AnalysisTable(carryover=False))
    allowed = space(of)
    schedule = draw(allowed, np.random.default_rng(1))
    counts = np.random.default_rng(2).poisson(1.0, 120).astype(float)
    none = np.zeros(0)
    seen = Observed(np.arange(120) + 0.5, counts, "a day", -1, 0.0, None, none, none)
    (found,) = relief_answers(Tried(of, allowed, schedule, seen, 120, over=True), rng=np.random.default_rng(0))
    assert found.status == "no_effect"
    assert "a day or more is excluded" in found.claim
    assert found.unit == "times as often"
    (small,) = relief_answers(
        Tried(replace(of, matters=0.1), allowed, schedule, seen, 120, over=True), rng=np.random.default_rng(0)
    )
    assert small.status == "cannot_say"


def test_which_hours_count_is_among_the_assumptions():
    of = protocol("blocks", 60)
    allowed = space(of)
    schedule = draw(allowed, np.random.default_rng(1))
    seen = replace(observed(np.random.default_rng(1), schedule, effect=-1.5), hours="answers from 19:30 on count")
    (found,) = relief_answers(Tried(of, allowed, schedule, seen, 60, over=True), rng=np.random.default_rng(0))
    assert "answers from 19:30 on count" in found.assumptions


def test_a_short_null_says_what_fits_and_not_that_there_is_nothing():
    found = told(protocol("blocks", 14, matters=0.3))
    assert found.status == "cannot_say"
    assert "anything from" in found.reason
    assert "weeks" in found.would_change


def test_no_day_with_the_arm_is_told():
    of = protocol("contacts", 56, a_week=1)
    found = told(of, days=1, schedule=with_arms([0] * 7 + [1] * 49))
    assert isinstance(found, CannotSay)
    assert (found.have, found.need) == (0, 2)


LONG = protocol("alternating", 168, period=14)


def recovered(of, effect, *, over=True, seed=2):
    rng = np.random.default_rng(seed)
    allowed = space(of)
    schedule = draw(allowed, rng)
    nothing = observed(rng, schedule)
    acts = rng.poisson(0.6 * np.exp(effect * (schedule.arm == 1))) - 0.6
    none = np.zeros(0)
    seeking = Observed(np.arange(schedule.days) + 0.5, acts, "acts a day", -1, None, None, none, none)
    tried = Tried(of, allowed, schedule, nothing, schedule.days, over)
    (found,) = recovery_answers(tried, Sought(seeking, None), rng=np.random.default_rng(0))
    return found


def test_recovery_needs_weeks_drawn_by_lot():
    found = recovered(protocol("blocks", 60), -3.0)
    assert isinstance(found, CannotSay)
    assert "stretches of weeks drawn by lot" in found.reason
    allowed = space(LONG)
    assert not_tested(allowed, draw(allowed, np.random.default_rng(1))) is None


def test_recovery_is_said_where_the_lot_shows_less_seeking_at_the_same_strain():
    found = recovered(LONG, -2.5)
    assert isinstance(found, Finding)
    assert found.status == "recovery"
    assert found.estimate < 0.0
    assert "less often" in found.claim
    assert recovered(LONG, -2.5, over=False).status == "cannot_say"


def test_no_change_of_seeking_is_no_recovery_and_more_seeking_is_said_to_be():
    null = recovered(LONG, 0.0, seed=3)
    assert null.status == "cannot_say"
    assert "acts a day less" in null.reason
    assert recovered(LONG, 1.5).status == "not_found"


def test_seeking_beyond_what_strain_explains_is_nought_on_average_over_a_record():
    timeline = people.person(7, days=200.0, drift=0.0)
    fitted = fit(timeline)
    of = replace(LONG, start=timeline.origin.as_local.date() + timedelta(days=14))
    allowed = space(of)
    trial = Trial(Protocol("p", timeline.as_of, "", of), allowed, None, (draw(allowed, np.random.default_rng(1)),))
    sought = seeking(timeline, trial, fitted)
    found = sought.acts
    assert len(found.at) == 168
    assert found.better == -1
    acts = sum(((one.times >= 14) & (one.times < 182)).sum() for one in timeline.of_events("relief"))
    assert abs(found.value.sum()) < 4.0 * np.sqrt(acts)
    assert found.value.max() > 0.5
    assert sought.per_act.sum() == pytest.approx(acts)
    short = replace(trial, space=space(protocol("blocks", 60)), schedules=(with_arms([0, 1] * 30),))
    assert "stretches of weeks" in seeking(timeline, short, fitted).reason
    refused = CannotSay("too short")
    assert seeking(timeline, trial, refused) is refused
