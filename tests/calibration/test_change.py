"""Nulls first: swings, rhythm, season, tails, prompts and recording that change. Then what changes is seen in time."""

import pytest

from calibration import change as cal
from mainstay.notice.budget import CHANGE_MONTHS

SLACK = 1.4
MONTHS = 2000


def test_few_false_alarms_in_a_short_run_of_everything_at_once():
    alarms, months, _ = cal.false_alarms("everything", 8, seed=21)
    assert alarms <= 5
    assert months > 90


def test_a_common_shift_of_one_sd_is_seen_within_a_month():
    within, median = cal.found_by(8, seed=22, by=dict.fromkeys(cal.ITEMS, 1.0))
    assert median <= 30
    assert within[1] >= 0.6


@pytest.mark.long
@pytest.mark.parametrize("kind", cal.KINDS)
def test_false_alarms_stay_under_stated_rate(kind):
    alarms, months, _ = cal.false_alarms(kind, 170)
    assert months >= MONTHS
    assert cal.upper_end(alarms, months) <= SLACK / CHANGE_MONTHS


@pytest.mark.long
@pytest.mark.parametrize(("name", "least"), [("five items, 1 sd", 0.85), ("events 4 a day, x 2", 0.8)])
def test_large_changes_are_seen_within_a_month(name, least):
    within, _ = cal.found_by(60, **cal.CHANGES[name])
    assert within[1] >= least


@pytest.mark.long
def test_what_is_said_to_be_noticed_in_four_of_five_is_noticed_about_so_often():
    within, _ = cal.found_by(60, by={"mood": 1.3})
    assert 0.65 <= within[2] <= 0.97


@pytest.mark.long
def test_beginnings_lie_in_their_intervals_and_sizes_a_month_later_too():
    alarms, sizes, beginnings, _ = cal.covered(100, later=30)
    assert alarms >= 40
    assert sizes >= 0.75
    assert beginnings >= 0.85
