"""What a record that settles no fit is told: what stands in the way, where that can be seen."""

import dataclasses

import numpy as np

from mainstay.strain.data import strain_data
from mainstay.strain.fitting import _unsettled
from mainstay.timeline.kinds import Recording


def with_answers(timeline, values):
    anchor = timeline.ratings["tension"]
    return dataclasses.replace(timeline, ratings={"tension": dataclasses.replace(anchor, values=values)})


def test_a_record_that_settles_nothing_says_what_stands_in_the_way(make_timeline):
    def why(timeline):
        return _unsettled(strain_data(timeline))

    timeline = make_timeline(0, days=60.0)
    assert "very different lives" in why(timeline).reason
    n = len(timeline.ratings["tension"].times)
    assert "hardly move" in why(with_answers(timeline, 3.0 + 1e-6 * np.arange(n))).reason
    sparse = make_timeline(0, days=60.0, check_ins_per_day=1, answered=0.1)
    assert (why(sparse).unit, why(sparse).need) == ("check-ins a week", 7)
    off = Recording("", np.array([0.0, timeline.days]), np.array([0.0]))
    assert "recording" in why(dataclasses.replace(timeline, recording={"": off})).reason
    crowd = timeline.events["first refuge"]
    at = 30.0 + np.linspace(0.0, 0.9, 200)
    crowd = dataclasses.replace(crowd, times=at, sizes=np.full(200, np.nan), half_widths=np.zeros(200), ids=("",) * 200)
    crowded = dataclasses.replace(timeline, events={**timeline.events, "first refuge": crowd})
    assert "acts of relief stand on one day" in why(crowded).reason
