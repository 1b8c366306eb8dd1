"""Phases that come back, without a lot: all changes count, seldom where nothing changes, and said to be weaker."""

from dataclasses import replace

import numpy as np
import pytest

from calibration import people
from calibration.trials import observed, protocol, with_arms
from mainstay.quantities import CannotSay, Finding
from mainstay.records.statements_protocol import Arm
from mainstay.trials.claims import Tried, relief_answers
from mainstay.trials.designs import space
from mainstay.trials.drawing import draw
from mainstay.trials.interrupted import interrupted
from mainstay.trials.reversals import CALLED, taken_back

TRUTH = -1.0


def phases(days, count):
    return with_arms((np.arange(days) * count // days) % 2)


def seen(schedule, seed, **life):
    return observed(np.random.default_rng(seed), schedule, **life)


def called(job):
    """p of phases under which nothing changes."""
    days, count, swings, seed = job
    schedule = phases(days, count)
    return taken_back(schedule, seen(schedule, seed, swings=swings), days=days, arm=1).law.p


def test_all_changes_show_more_than_the_first_alone():
    schedule = phases(84, 4)
    both, first = 0, 0
    for seed in range(40):
        life = seen(schedule, seed, swings=0.5, effect=TRUTH)
        both += taken_back(schedule, life, days=84, arm=1).law.p < 0.05
        first += interrupted(schedule, life).over_time.p < 0.05
    assert both >= 30
    assert both >= first + 15


def test_the_difference_is_found_and_its_changes_counted():
    schedule = phases(168, 6)
    found = taken_back(schedule, seen(schedule, 3, effect=TRUTH, trend=1.0, before=20), days=168, arm=1)
    assert found.law.mean == pytest.approx(TRUTH, abs=0.4)
    assert TRUTH in found.law.interval()
    assert (found.changes, found.alike) == (5, 5)
    assert found.readings == (104, 84)


def test_where_nothing_changes_it_is_seldom_called():
    assert np.mean([called((56, 4, 0.8, seed)) < 0.05 for seed in range(80)]) <= CALLED + 0.05


@pytest.mark.long
@pytest.mark.parametrize(("days", "count"), [(42, 4), (56, 3), (56, 4), (56, 6), (120, 4), (240, 4)])
def test_how_often_nothing_is_called_is_what_the_answer_says(days, count):
    for swings in (0.0, 0.4, 0.6, 0.8, 0.9):
        p = np.array(people.over(called, [(days, count, swings, 30_000 + i) for i in range(1000)]))
        rate = float((p < 0.05).mean())
        print(f"{days} days in {count} phases, swings {swings}: {rate:.3f} called at .05")
        assert rate <= CALLED + 0.02


def test_a_third_arm_is_told_apart_and_one_that_has_not_come_is_left_out():
    schedule = with_arms(np.repeat([0, 1, 0, 2], 20), names=("usual", "walk", "call"))
    rng = np.random.default_rng(2)
    value = 5.0 + rng.normal(0.0, 0.5, 80) - 2.0 * (schedule.arm == 1) + 1.0 * (schedule.arm == 2)
    life = observed(rng, schedule, given=(np.arange(80) + 0.5, value))
    found = taken_back(schedule, life, days=80, arm=2)
    assert found.law.mean == pytest.approx(1.0, abs=0.6)
    assert (found.changes, found.alike) == (1, 1)
    early = taken_back(schedule, life, days=60, arm=1)
    assert early.law.mean == pytest.approx(-2.0, abs=0.6)
    assert early.readings == (40, 20)
    assert isinstance(taken_back(schedule, life, days=60, arm=2), CannotSay)


@pytest.mark.parametrize(
    ("arms", "reason"),
    [
        ([0] * 20 + [1] * 20, "was not taken back"),
        ([0] * 20 + [1] * 4 + [0] * 20, "too few readings with “walk”"),
        ([0] * 4 + [1] * 20 + [0] * 5, "too few readings with “usual”"),
    ],
)
def test_too_little_is_told(arms, reason):
    schedule = with_arms(arms)
    found = taken_back(schedule, seen(schedule, 1), days=len(arms), arm=1)
    assert isinstance(found, CannotSay)
    assert reason in found.reason


def test_an_outcome_that_never_moves_is_told():
    schedule = phases(60, 4)
    still = observed(None, schedule, given=(np.arange(60) + 0.5, np.full(60, 3.0)))
    assert isinstance(taken_back(schedule, still, days=60, arm=1), CannotSay)


@pytest.mark.parametrize("name", ["walk", "a {0} walk"])
def test_the_claim_is_relief_observed_at_most_and_says_why_it_is_weaker(name):
    of = protocol("phases", 112, phases=("usual", "walk") * 2)
    of = replace(of, arm=(Arm(name="usual"), Arm(name=name)), design=replace(of.design, phases=("usual", name) * 2))
    allowed = space(of)
    drawn = draw(allowed, np.random.default_rng(1))
    life = seen(drawn, 5, swings=0.4, effect=-2.0)
    (found,) = relief_answers(Tried(of, allowed, drawn, life, 112, True), rng=np.random.default_rng(0))
    assert isinstance(found, Finding)
    assert found.status == "relief_observed_recovery_untested"
    assert f"With “{name}” it was better" in found.claim
    assert "3 of 3 changes between the two. That is weaker" in found.claim
    assert "12% of series in which nothing changed" in found.reason
