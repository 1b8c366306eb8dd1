"""Days of the local clock and days that passed: one the inverse of the other, also where clocks change."""

from dataclasses import replace

import numpy as np
import pytest

from mainstay.quantities import Instant
from mainstay.timeline.kinds import Timeline

BEGINS = Instant.parse("2024-03-25T00:00+01:00")
AT_TWO = 6.0 + 2.0 / 24.0
NOTHING = np.empty(0)


@pytest.fixture
def timeline():
    """Fourteen days in which the clock goes from two to three in the night to the seventh."""
    return Timeline(
        origin=BEGINS, days=14.0, as_of=BEGINS.plus_days(14), known_through=BEGINS.plus_days(14), purpose="own_answers",
        ratings={}, events={}, episodes={}, samples={}, recording={}, gaps=(), prompts_sent=NOTHING,
        prompts_answered=NOTHING, offset_edges=np.array([0.0, AT_TWO]), offset_hours=np.array([1.0, 2.0]),
    )  # fmt: skip


def test_elapsed_is_the_inverse_of_local_days_where_the_clock_jumps_ahead(timeline):
    times = np.array([[0.0, 3.3, 6.05], [6.1, 7.0, 13.9]])
    assert timeline.elapsed(timeline.local_days(times)) == pytest.approx(times)
    midnights = timeline.elapsed(np.array([6.0, 7.0]))
    assert midnights == pytest.approx([6.0, 7.0 - 1.0 / 24.0])
    assert str(timeline.instant(float(midnights[1]))) == "2024-04-01T00:00:00+02:00"


def test_elapsed_is_the_inverse_of_local_days_where_the_clock_jumps_back(timeline):
    autumn = replace(timeline, offset_hours=np.array([1.0, 0.0]))
    times = np.array([0.5, 6.0, 6.2, 7.5])
    assert autumn.elapsed(autumn.local_days(times)) == pytest.approx(times)


def test_a_local_time_that_is_skipped_is_a_moment_within_the_hour(timeline):
    skipped = AT_TWO + 0.5 / 24.0
    assert abs(float(timeline.elapsed(np.array([skipped]))[0]) - AT_TWO) <= 1.0 / 24.0
