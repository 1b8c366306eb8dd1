"""The intervals beside a worry's signs hold no change about as often as they say, on people whose truth is known."""

import numpy as np
import pytest

from calibration.concern import holds_no_difference, holds_the_same_rate

RATINGS = ({"correlation": 0.3}, {"correlation": 0.8}, {"correlation": 0.8, "heavy": True})
EVENTS = ({"a_week": 0.3}, {"a_week": 1.0}, {"a_week": 4.0, "spread": 0.5}, {"a_week": 4.0, "spread": 1.0})


def share(test, people, before, after, life):
    rng = np.random.default_rng([before, after, people])
    return float(np.mean([test(rng, before, after, **life) for _ in range(people)]))


@pytest.mark.parametrize("life", [RATINGS[1], EVENTS[1]])
def test_a_few_people_are_in_the_band(life):
    test = holds_no_difference if "correlation" in life else holds_the_same_rate
    assert share(test, 150, 8, 4, life) >= 0.82


@pytest.mark.long
@pytest.mark.parametrize(("before", "after"), [(4, 2), (8, 4), (26, 13)])
def test_intervals_of_ratings_hold_no_difference_nine_times_in_ten(before, after):
    for life in RATINGS:
        assert 0.86 <= share(holds_no_difference, 1000, before, after, life) <= 0.95, life


@pytest.mark.long
@pytest.mark.parametrize(("before", "after"), [(4, 2), (8, 4), (26, 13)])
def test_intervals_of_events_hold_the_same_rate_at_least_nine_times_in_ten(before, after):
    for life in EVENTS:
        assert share(holds_the_same_rate, 1000, before, after, life) >= 0.865, life
