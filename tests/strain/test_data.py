import numpy as np
import pytest

from mainstay.strain.data import strain_data


def test_every_event_and_rating_sits_on_a_knot_within_half_a_minute(year):
    data = strain_data(year)
    for label in data.refuges:
        k = data.refuges.index(label)
        at = data.knots[data.problem.event_knot[data.problem.event_process == k]]
        assert np.abs(np.sort(at) - year.events[label].times).max() <= 0.51 / 1440
    assert np.abs(np.sort(data.knots[data.problem.read_knot]) - year.ratings["tension"].times).max() <= 0.51 / 1440


def test_intervals_cover_the_record_and_stay_within_six_hours(year):
    data = strain_data(year)
    assert data.problem.dt.sum() == pytest.approx(data.knots[-1])
    assert data.problem.dt.min() > 0
    assert data.problem.dt.max() <= 0.25 + 1e-9


def test_sizes_of_demands_have_mean_one(year):
    problem = strain_data(year).problem
    for j in set(problem.jump_input):
        assert problem.jump_size[problem.jump_input == j].mean() == pytest.approx(1.0)


def test_where_half_is_recorded_the_true_rate_is_twice_the_recorded_one(make_timeline):
    data = strain_data(make_timeline(1, days=60.0, recording=(0.5, 0.5)))
    recorded = data.act_counts / data.days
    assert data.act_rate == pytest.approx(2 * recorded, rel=0.02)
    assert data.problem.any_unseen


def test_where_all_is_recorded_nothing_acts_unseen(make_timeline):
    assert not strain_data(make_timeline(1, days=60.0, recording=(1.0, 1.0))).problem.any_unseen


def test_unlogged_recording_is_known_to_be_unlogged(make_timeline):
    assert not strain_data(make_timeline(1, days=60.0, recording=None)).recording_logged


def test_refuges_with_too_few_acts_are_left_out_by_name(make_timeline):
    data = strain_data(make_timeline(2, days=40.0, acts_per_week=0.7))
    assert not data.refuges
    assert set(data.sparse) >= {"first refuge", "second refuge"} or not data.sparse.keys() - {"first refuge"}


def test_weekends_are_marked_by_the_local_calendar(year):
    """Day 0 of the ordinary person is a Monday."""
    from mainstay.strain.problem import clock_features

    weekend = clock_features(year, np.array([0.5, 4.99, 5.0, 6.99, 7.0, 12.5]))[2]
    assert weekend.tolist() == [0, 0, 1, 1, 0, 1]


def test_a_refuge_is_not_expected_where_it_was_logged_as_impossible(make_timeline):
    """Nights logged with one refuge possible: no exposure for the other then, save where it happened all the same."""
    import dataclasses

    from mainstay.quantities import Span
    from mainstay.records.kinds import Coverage, Record

    timeline = make_timeline(0, days=60.0)
    nights = tuple(
        Record(f"n{d}", "opportunity", Span(at := timeline.instant(d + 0.0), at.plus_days(0.25)), at, "test",
               Coverage((), 1.0, ("first refuge",)))
        for d in range(60)
    )  # fmt: skip
    open_, closed = strain_data(timeline), strain_data(dataclasses.replace(timeline, others=nights))
    first, second = closed.refuges.index("first refuge"), closed.refuges.index("second refuge")
    exposure = [
        float((data.problem.seen[k] * data.problem.dt).sum()) for data, k in ((open_, second), (closed, second))
    ]
    assert exposure[1] == pytest.approx(0.75 * exposure[0], rel=0.03)
    assert float((closed.problem.seen[first] * closed.problem.dt).sum()) == pytest.approx(exposure[0], rel=0.01)
    assert closed.act_rate[second] > open_.act_rate[second]
