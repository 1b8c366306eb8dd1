"""What must not pass for relief or for none: a seal that does not hold, an end by choice, silence, days not lived."""

from dataclasses import replace

import numpy as np
import pytest

from calibration.trials import observed, protocol
from mainstay.trials.answering import answers_of
from mainstay.trials.claims import Tried, relief_answers
from mainstay.trials.designs import space
from mainstay.trials.drawing import draw
from mainstay.trials.standing import stands
from trials.people import answer, begin, plan, timeline, trial_of
from trials.protocols import protocol as evenings

OF = protocol("blocks", 60)


def tried_with(seed, of=OF, **life):
    rng = np.random.default_rng(seed)
    allowed = space(of)
    schedule = draw(allowed, rng)
    return Tried(of, allowed, schedule, observed(rng, schedule, swings=0.4, **life), schedule.days, over=True)


def told(tried):
    (found,) = relief_answers(tried, rng=np.random.default_rng(0))
    return found


def test_an_end_by_choice_leaves_only_the_looks_to_speak():
    whole = tried_with(1, effect=-1.2)
    assert told(whole).status == "relief"
    stopped = told(replace(whole, days=40, over=False, ended=True))
    assert stopped.status in ("cannot_say", "relief")
    if stopped.status == "cannot_say":
        assert "ended before its last day" in stopped.reason
    assert "p" not in stopped.detail


def test_false_relief_stays_rare_where_people_end_when_it_looks_good():
    called = 0
    for seed in range(60):
        whole = tried_with(seed)
        looks = [replace(whole, days=days, over=days == 60, ended=days < 60) for days in range(20, 61, 10)]
        called += any(told(one).status == "relief" for one in looks)
    assert called <= 8  # 5 in 100 of 60, and three standard deviations


def test_answers_missing_more_often_with_an_arm_are_no_relief():
    quiet = []
    for seed in range(6):
        tried = tried_with(seed, effect=-1.5)
        seen, arm = tried.observed, tried.schedule.arm
        rng = np.random.default_rng(seed)
        gone = (arm[np.floor(seen.at).astype(int)] == 1) & (rng.random(len(seen.at)) < 0.6)
        kept = replace(seen, at=seen.at[~gone], value=seen.value[~gone])
        quiet.append(told(replace(tried, observed=kept)).status)
    assert "relief" not in quiet
    assert "relief_observed_recovery_untested" in quiet


def test_what_was_hardly_lived_is_not_said_to_do_nothing():
    tried = next(one for one in map(tried_with, range(40)) if told(one).status == "no_effect")
    unlived = told(replace(tried, kept=2, written=60))
    assert unlived.status == "cannot_say"
    assert "2 of 60 days" in unlived.reason


@pytest.mark.parametrize("day", [-2, 3])
def test_days_drawn_after_they_began_to_be_lived_carry_no_claim(day):
    says = evenings("blocks", 28)
    planned = plan(says)
    held = [planned, begin(planned, day=min(day, -2), said=None) if day < 0 else late(planned, day)]
    held += [answer(k, 3.0 + k % 3) for k in range(-5, 28)]
    whole = timeline(*held)
    trial = trial_of(*held)
    found = [one for one in answers_of(whole, stands(whole, trial)) if one.row == "S22"]
    sealed = [one for one in found if one.status == "cannot_say" and "seal does not hold" in one.reason]
    assert bool(sealed) == (day > 0)


def late(planned, day):
    """The note of a beginning that was written days after the first one."""
    note = begin(planned)
    moment = answer(day, 1.0).known
    return replace(note, happened=moment, known=moment)
