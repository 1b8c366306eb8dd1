import dataclasses

import pytest

from mainstay import strain
from mainstay.strain.wording import times_as_often, uncounted


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (20.0, "more than ten times as often"),
        (2.34, "2.3 times as often"),
        (1.02, "about as often"),
        (0.92, "about nine tenths as often"),
        (0.5, "about half as often"),
        (0.22, "about a fifth as often"),
        (0.101, "about a tenth as often"),
        (0.04, "less than a tenth as often"),
    ],
)
def test_a_ratio_is_told_as_a_person_would(ratio, said):
    assert times_as_often(ratio) == said


def sizes(answers):
    return [
        a.claim for a in answers if a.status == "found" and (" adds about" in a.claim or "takes away about" in a.claim)
    ]


def test_sizes_say_that_they_hold_if_everything_was_written_down(make_timeline):
    logged = make_timeline(0, days=200.0, recording=(1.0, 1.0))
    told = sizes(strain.answers(logged, strain.fit(logged)))
    assert told and not any("written down" in claim for claim in told)
    unlogged = dataclasses.replace(logged, recording={})
    of_events = [claim for claim in sizes(strain.answers(unlogged, strain.fit(unlogged))) if "An hour" not in claim]
    assert of_events and all("if everything was written down" in claim for claim in of_events)


def test_days_stated_beyond_the_record_are_named_with_the_answers(year):
    assert uncounted(year) == ()
    assert "65 days" in uncounted(dataclasses.replace(year, unlived_days=65.2))[0]
