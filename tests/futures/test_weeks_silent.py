"""A diary of roles that falls silent: not known, and neither hours given up nor foreseen as such."""

from dataclasses import replace

import numpy as np
import pytest

from calibration.futures import ROLES, lived
from futures.made_up import LIMIT, futures, recorded, scenario
from mainstay import strain
from mainstay.futures.answering import answers
from mainstay.futures.scenarios import partition
from mainstay.futures.scenarios_days import days_before, days_of, usual_of
from mainstay.futures.scenarios_rules import Ground
from mainstay.futures.weeks_silent import silent_spans
from mainstay.quantities import CannotSay
from mainstay.records.statements_scenario import conditions


def without(timeline, low, high, labels=ROLES):
    """The timeline without stretches in these roles that touch the days between."""
    episodes = dict(timeline.episodes)
    for label in labels:
        one = episodes[label]
        kept = (one.ends < low) | (one.starts > high)
        episodes[label] = replace(
            one, starts=one.starts[kept], ends=one.ends[kept], ids=tuple(np.array(one.ids)[kept].tolist())
        )
    return replace(timeline, episodes=episodes)


@pytest.fixture(scope="module")
def steady():
    life = lived(7)
    return life.as_of(life.days)


def test_only_stretches_without_any_role_are_silent(steady):
    assert silent_spans(steady) == ()
    assert silent_spans(without(steady, 60, 100, ROLES[1:])) == ()
    ((start, end),) = silent_spans(without(steady, 60, 75))
    assert 56 < start <= 60.0 and 75.0 <= end < 79
    ((start, end),) = silent_spans(without(steady, steady.days - 35, steady.days))
    assert end == steady.days and end - start > 34
    assert silent_spans(without(steady, 0, steady.days)) == ()
    assert silent_spans(without(steady, 0, 0.8 * steady.days)) == ()  # most weeks have none: none is usual


def test_hours_are_a_share_of_the_time_that_was_written_down(steady):
    silent = without(steady, steady.days - 35, steady.days)
    days, full = days_before(silent, None), days_before(steady, None)
    assert days.silent_days in {35, 36, 37} and full.silent_days == 0
    for label in ROLES:
        assert usual_of(days).hours[label] == pytest.approx(usual_of(full).hours[label], rel=0.15)
    assert np.array_equal(days.known, full.known)


def test_a_silent_diary_is_not_told_as_a_role_given_up(steady):
    silent = without(steady, steady.days - 35, steady.days)
    told = answers(silent, strain.fit(silent), backtest=None)
    given_up = [one for one in told if "given up" in (one.claim if not isinstance(one, CannotSay) else one.reason)]
    assert given_up and all(isinstance(one, CannotSay) for one in given_up)
    assert any("not written down" in one.reason for one in given_up)


def test_one_role_that_stopped_while_the_other_goes_on_is_told_as_so_already(steady):
    stopped = without(steady, steady.days - 35, steady.days, ROLES[1:])
    told = answers(stopped, strain.fit(stopped), backtest=None)
    claims = [one.claim for one in told if not isinstance(one, CannotSay)]
    assert f"“{ROLES[1]} given up” is so already, so it is not among what could come." in claims


def test_hours_in_a_silent_stretch_that_came_later_cannot_be_told(steady):
    later = without(steady, steady.days - 50, steady.days - 20)
    before, came = days_of(later, None, steady.days - 60, 28, 0), days_of(later, None, steady.days - 60, 0, 60)
    ground = Ground(before, replace(came, rating=np.full(60, np.nan)), usual_of(before), LIMIT, 1.0)
    (condition,) = conditions(f"share_of_time(role:{ROLES[1]}) < 0.2 usual for 4 weeks")
    stream = ground.asked(condition).stream
    assert stream.ahead_known[15:35].max() == 0.0 and stream.ahead_known[45:].min() == 1.0


def test_what_never_came_and_hardly_comes_is_told_with_how_long_the_record_is():
    paths, before = futures(n=400, days=60, seed=3), recorded(days=60)
    rules = [
        scenario("no nights", "share_of_time(role:night work) < 0.01 usual for 8 weeks"),
        scenario("nights", "share_of_time(role:night work) > 0.5 usual for 1 week"),
    ]
    split = partition(paths, rules, LIMIT, before)
    assert split.never == {"no nights": 60.0} and split.already == ("nights",)
