"""What other people's days say beforehand of one person's."""

import numpy as np
import pytest

from futures.test_next_ratings import person
from mainstay.errors import BadRequest
from mainstay.futures import next_events
from mainstay.futures.next_days import days_of
from mainstay.futures.next_prior import learned
from mainstay.timeline.kinds import Samples

DAYS = 200


def somebody(seed):
    """Quarrels on a tenth of days, on more than half of those after a night whose signal stands high."""
    rng = np.random.default_rng(seed)
    watch = rng.normal(size=DAYS)
    high = np.concatenate([[False], watch[:-1] > 0.8])
    at = np.flatnonzero(rng.random(DAYS) < np.where(high, 0.6, 0.1)) + 0.5
    samples = {"watch": Samples("watch", "beats", np.arange(DAYS) + 0.3, watch)}
    return days_of(person({}, {"quarrel": at}, DAYS, samples=samples))


def test_what_others_share_is_learned_and_helps_a_new_person_from_the_beginning():
    others, new = [somebody(seed) for seed in range(5)], somebody(99)
    prior = learned(others, "quarrel", "day")
    assert prior.means["before: watch"] > 0.5
    assert abs(prior.means["weekday 2"]) < 0.4
    assert -2.6 < prior.means["level"] < -0.6
    assert prior.rate[0] > prior.rate[1] > 0.0
    alone = next_events.foretell(new, "quarrel", "day")
    helped = next_events.foretell(new, "quarrel", "day", prior=prior)
    gained = (helped.scores("everything") - alone.scores("everything"))[:40]
    assert gained.mean() > 0.01


def test_weeks_teach_less_than_days():
    others = [somebody(seed) for seed in range(4)]
    day, week = (learned(others, "quarrel", horizon) for horizon in ("day", "week"))
    assert week.sds["before: watch"] > day.sds["before: watch"]
    assert week.means["level"] > day.means["level"]


def test_one_other_person_is_no_prior():
    with pytest.raises(BadRequest, match="at least 2"):
        learned([somebody(1)], "quarrel", "day")
