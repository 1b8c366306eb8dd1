"""What was foreseen: the record since a hypothesis was written down, by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from calibration import explanations as people
from mainstay import strain
from mainstay.explanations.evidence_since import NOT_LOOKED_AT, since
from mainstay.explanations.explaining import explain
from mainstay.strain.threshold import threshold_answer
from mainstay.worlds.ordinary import MONDAY

ILLNESS = next(one for one in people.LIBRARY if one.name == "illness")


def told(timeline, written):
    fitted = strain.fit(timeline)
    hypotheses = [replace(ILLNESS, written=written)]
    return explain(timeline, fitted, hypotheses, None, (threshold_answer(timeline, fitted),))


def test_what_came_after_it_was_written_bears_it_out_or_was_too_little_to():
    timeline = people.illness(np.random.default_rng([6, 1])).timeline()
    assert told(timeline, None).since == ""
    assert told(timeline, MONDAY.plus_days(150.0)).since == "30 May 2024"
    assert told(timeline, MONDAY.plus_days(people.DAYS - 20.0)).since == ""


def test_nothing_from_before_is_left_on_record():
    timeline = people.illness(np.random.default_rng([6, 1])).timeline()
    later = since(timeline, 150.0)
    assert min(float(one.times[0]) for one in (*later.ratings.values(), *later.events.values())) >= 150.0
    assert later.gaps[0].reason == NOT_LOOKED_AT
    assert all(len(one.ids) == len(one.times) for one in later.events.values())
    assert strain.fit(later).data.unknown_days >= 149.0
