"""How many weeks a trial takes: from the person's own days, more for less, and the design that takes least first."""

from dataclasses import replace

import numpy as np
import pytest

from calibration.trials import observed, protocol, with_arms
from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.trials.kinds import Observed
from mainstay.trials.power import Life, least, life_of, recovery_weeks, relief_weeks

LIFE = Life(sd=1.0, swing_share=0.5, swing_half_life_days=2.0, answered=0.9, days=60)
OF = protocol("blocks", 28, matters=1.0)


def test_a_larger_difference_takes_fewer_weeks_and_worse_answering_more():
    rng = np.random.default_rng(1)
    large = relief_weeks(OF, LIFE, rng=rng, difference=2.0, weeks=(2, 4, 8, 16))
    small = relief_weeks(OF, LIFE, rng=rng, difference=0.7, weeks=(2, 4, 8, 16))
    assert large.needed is not None
    assert small.needed is None or small.needed > large.needed
    seldom = relief_weeks(OF, replace(LIFE, answered=0.4), rng=rng, difference=1.2, weeks=(6,))
    often = relief_weeks(OF, LIFE, rng=rng, difference=1.2, weeks=(6,))
    assert seldom.chances[0][1] < often.chances[0][1]


def test_without_a_difference_the_chance_is_the_level():
    found = relief_weeks(OF, LIFE, rng=np.random.default_rng(2), difference=0.0, weeks=(8,))
    assert found.chances[0][1] <= 0.10
    assert found.needed is None


def test_the_design_that_takes_least_comes_first():
    found = least(OF, LIFE, rng=np.random.default_rng(3), difference=1.5)
    assert {one.kind for one in found} == {"blocks", "alternating", "contacts", "start_by_lot"}
    needed = [one.needed or 99 for one in found]
    assert needed == sorted(needed)
    assert needed[0] <= 6


def test_recovery_takes_longer_than_relief_and_a_smaller_change_longer_still():
    rng = np.random.default_rng(4)
    clear = recovery_weeks(OF, 5.0, 0.2, rng=rng)
    slight = recovery_weeks(OF, 5.0, 0.7, rng=rng, weeks=(16, 26))
    assert clear.needed is not None
    assert clear.needed >= 12
    assert slight.needed is None or slight.needed >= clear.needed


def test_a_persons_days_are_read_from_the_time_before():
    seen = observed(np.random.default_rng(5), with_arms([0, 1] * 5), before=300, swings=0.7)
    life = life_of(seen)
    assert life.sd == pytest.approx(1.0, abs=0.25)
    assert life.swing_share > 0.6
    assert life.swing_half_life_days == pytest.approx(np.log(0.5) / np.log(0.7), rel=0.6)
    assert (life.answered, life.days) == (1.0, 300)
    gaps = np.arange(300) % 2 == 0
    half = Observed(seen.at, seen.value, "points", -1, None, None, seen.before[gaps], seen.before_value[gaps])
    assert life_of(half).answered == pytest.approx(0.5, abs=0.01)


def test_simulated_days_differ_as_they_should():
    lived = LIFE.lived(60, 400, np.random.default_rng(6))
    assert np.nanstd(lived) == pytest.approx(1.0, abs=0.05)
    assert np.isnan(lived).mean() == pytest.approx(0.1, abs=0.01)
    pairs = lived[:, :-1] * lived[:, 1:]
    assert np.nanmean(pairs) == pytest.approx(0.5 * 0.5**0.5, abs=0.03)


def test_too_little_and_misuse_are_told():
    short = observed(np.random.default_rng(1), with_arms([0, 1] * 5), before=5)
    assert isinstance(life_of(short), CannotSay)
    same = Observed(short.at, short.value, "points", -1, None, None, np.arange(-20.0, 0.0), np.ones(20))
    assert "the same" in life_of(same).reason
    rng = np.random.default_rng(1)
    with pytest.raises(BadRequest, match="no length"):
        relief_weeks(protocol("phases", 28, phases=("usual", "walk")), LIFE, rng=rng)
    with pytest.raises(BadRequest, match="sd above 0"):
        Life(0.0, 0.5, 1.0, 0.9, 20)
    with pytest.raises(BadRequest, match="half-life above 0"):
        Life(1.0, 0.5, 0.0, 0.9, 20)
    with pytest.raises(BadRequest, match="acts a week"):
        recovery_weeks(OF, 0.0, 0.5, rng=rng)
