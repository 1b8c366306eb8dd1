"""Streams as this chapter sees them, and which of their readings may be judged."""

from datetime import datetime, timedelta

import numpy as np

from calibration.people import person
from mainstay.notice.series import series_of
from mainstay.notice.settling import SETTLING_DAYS, settled
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Coverage, Event, Record, Signal
from mainstay.timeline.reader import from_records

MONDAY = datetime.fromisoformat("2024-03-25T00:00+01:00")


def at(days, zone="Europe/Amsterdam"):
    naive = MONDAY.replace(tzinfo=None) + timedelta(days=days)
    return Instant.local(naive, zone)


def record(key, happened, body):
    known = happened.end if isinstance(happened, Span) else happened
    return Record(key, "s", happened, known, "test", body)


def timeline(*bodies, days=30.0):
    records = [record(str(k), when, body) for k, (when, body) in enumerate(bodies)]
    return from_records(records, (), None, as_of=at(days))


def test_the_first_week_is_learned_from_and_not_judged() -> None:
    times = np.arange(0.0, 60.0, 0.5)
    assert np.array_equal(settled(times), times >= SETTLING_DAYS)


def test_a_return_after_four_weeks_settles_anew() -> None:
    times = np.concatenate([np.arange(0.0, 30.0), np.arange(60.0, 90.0)])
    left = times[~settled(times)]
    assert left.max() == 66.0
    assert np.array_equal(left[left >= 30.0], np.arange(60.0, 67.0))


def test_another_pace_of_asking_settles_anew() -> None:
    times = np.concatenate([np.arange(0.0, 50.0, 0.5), np.arange(50.0, 120.0, 0.1)])
    left = times[~settled(times)]
    assert 50.0 < left[left > 8.0].min() < 54.0
    assert left.max() < 90.0


def test_what_was_settled_stays_so_whatever_comes_later() -> None:
    rng = np.random.default_rng(1)
    times = np.sort(np.concatenate([rng.uniform(0, 50, 100), rng.uniform(50, 120, 500)]))
    whole = settled(times)
    for n in (1, 40, 120, 300):
        assert np.array_equal(settled(times[:n]), whole[:n])


def test_counts_have_one_row_for_each_local_day_also_where_clocks_change() -> None:
    events = [
        (at(day + hour / 24), Event("late", "slip")) for day, hour in ((0, 1), (5, 23), (6, 1), (6, 23), (20, 12))
    ]
    (late,) = series_of(timeline(*events))
    assert late.kind == "count"
    assert late.worse == 1
    assert len(late.times) == len(late.values) == 21
    assert [float(late.values[day]) for day in (0, 5, 6, 20)] == [1.0, 1.0, 2.0, 1.0]
    assert late.values.sum() == 5


def test_days_without_records_have_no_exposure_and_a_log_scales_it() -> None:
    log = Coverage((), 0.5)
    events = [(at(day + 0.5), Event("late", "slip")) for day in (*range(10), *range(20, 30))]
    (bare,) = series_of(timeline(*events))
    assert np.all(bare.exposure[11:19] == 0.0)
    assert np.all(bare.exposure[1:9] > 0.95)
    (logged,) = series_of(timeline(*events, (Span(at(0), at(30)), log)))
    assert np.allclose(logged.exposure[1:29], 0.5, atol=0.03)


def test_a_dense_signal_is_looked_at_by_quarters_of_the_day() -> None:
    times = np.arange(0.0, 10.0, 1.0 / 288.0)
    start = at(0)
    us = start.utc_us + np.round(times * 86_400e6).astype(np.int64)
    body = Signal("heart rate", "bpm", us, 60.0 + 10.0 * (times % 1.0))
    end = Instant(int(us[-1]), start.offset_s)
    (signal,) = series_of(timeline((Span(start, end), body)))
    assert len(signal.times) == 40
    assert np.allclose(signal.values[:4], [61.24, 63.74, 66.24, 68.73], atol=0.02)


def test_a_stream_as_it_stood_is_the_stream_of_the_records_until_then() -> None:
    whole, cut = series_of(person(1, days=100.0)), series_of(person(1, days=100.0, as_of_days=60.0))
    for one, other in zip(whole, cut, strict=True):
        day = float(np.floor(other.times[-1])) if one.kind == "count" else float(other.times[-1])
        one, other = one.upto(day), other.upto(day)
        assert one.name == other.name
        assert np.array_equal(one.values, other.values)
        assert np.array_equal(one.settled, other.settled)
