"""Watching many streams for changes: the compiled step against the obvious oracle, and what the sums promise."""

import math

import numpy as np
import pytest

from mainstay.errors import BadRequest
from mainstay.numerics.sequential import take, take_all, turn_to
from mainstay.numerics.sequential_readings import EXPERTS
from mainstay.numerics.sequential_state import COUNT, READING, new_state
from mainstay.numerics.sequential_surprise import normal_score
from numerics.oracle_sequential import plain_watch

NEVER = 1e300


def rows(rng, days=120, a_day=3, items=2):
    """Records of two items answered together, a signal once a day and a daily count, in the order of time."""
    times = (np.arange(days)[:, None] + (9 + 12 * (np.arange(a_day) + rng.random((days, a_day))) / a_day) / 24).ravel()
    common = rng.normal(size=len(times))
    parts = [(np.full(len(times), k), times, common + rng.normal(size=len(times))) for k in range(items)]
    parts.append((np.full(days, items), np.arange(days) + 0.3, 7.0 + rng.normal(size=days)))
    parts.append((np.full(days, items + 1), np.arange(days) + 0.999, rng.poisson(2.0, days).astype(float)))
    stream, time, value = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((stream, time))
    stream, time, value = stream[order].astype(np.int64), time[order], value[order]
    day = np.floor(time)
    n = len(time)
    return stream, day, time, 24.0 * (time - day), day.astype(np.int64) % 7, value, np.ones(n), time > 7.0


def fresh(items=2):
    return new_state([READING] * (items + 1) + [COUNT], [1.0] * items + [0.0, 0.0], [0.01] * (items + 2))


def run(records, threshold=NEVER, state=None):
    state = fresh() if state is None else state
    days = int(records[1][-1]) + 1
    width = 2 * len(state.kind) + 1
    sums, scores, alarms = np.zeros(days), np.full((days, width), np.nan), np.zeros((100, width, 5))
    count = take_all(state, records, float(days), threshold, 0, sums, scores, alarms)
    return state, sums, alarms[:count]


def one_stream(rng, days=34, a_day=2):
    times = (np.arange(days)[:, None] + (9 + 12 * (np.arange(a_day) + rng.random((days, a_day))) / a_day) / 24).ravel()
    values = rng.normal(size=len(times)) + 1.2 * (times > 26.0)
    return times[rng.random(len(times)) < 0.9], values


def test_the_kernel_equals_the_plain_watch() -> None:
    rng = np.random.default_rng(3)
    times, values = one_stream(rng)
    values = values[: len(times)]
    days = np.floor(times)
    hours, weekdays = 24.0 * (times - days), days.astype(np.int64) % 7
    n = len(times)
    records = (np.zeros(n, np.int64), days, times, hours, weekdays, values, np.ones(n), np.ones(n, bool))
    state = new_state([READING], [0.0], [0.01])
    total = []
    for i in range(n):
        take(state, *(column[i] for column in records), NEVER)
        if i == n - 1 or days[i + 1] > days[i]:
            turn_to(state, days[i + 1] if i < n - 1 else days[i] + 1.0, NEVER)
            total.append(state.sums[0].sum())
    plain = plain_watch(times, hours, weekdays, values, 0.01)[np.unique(days).astype(int)]
    assert plain[-1] > 0.0
    assert np.allclose(total, plain, rtol=2e-6, atol=1e-12)


def test_record_by_record_equals_the_batch_bit_for_bit() -> None:
    records = rows(np.random.default_rng(5), days=366)
    whole, sums, alarms = run(records, threshold=3.0)
    assert len(alarms) > 0
    state, days, days_of_alarm = fresh(), [], []
    for row in zip(*records, strict=True):
        before = state.clock[0]
        total, alarmed = take(state, *row, 3.0)
        if total >= 0.0:
            days.append((before, total))
        if alarmed:
            days_of_alarm.append(before)
    total, alarmed = turn_to(state, float(len(sums)), 3.0)
    days.append((float(len(sums)) - 1.0, total))
    assert all(sums[int(day)] == total for day, total in days)
    assert list(alarms[:, 0, 4]) == days_of_alarm + ([float(len(sums)) - 1.0] if alarmed else [])
    for name, one, other in zip(whole._fields, whole, state, strict=True):
        assert np.array_equal(one, other, equal_nan=True), name


def test_a_kept_state_goes_on_as_if_it_had_never_stopped() -> None:
    records = rows(np.random.default_rng(6), days=80)
    whole, sums, _ = run(records)
    half = int(np.searchsorted(records[1], 40.0))
    state = fresh()
    for row in zip(*(column[:half] for column in records), strict=True):
        take(state, *row, NEVER)
    kept = type(state)(*(np.copy(array) for array in state))
    after, sums_after, _ = run(tuple(column[half:] for column in records), state=kept)
    assert np.array_equal(sums[40:], sums_after[40:])
    assert np.array_equal(whole.m, after.m)


def test_the_clock_of_the_calendar_does_not_matter() -> None:
    stream, day, time, hour, weekday, value, exposure, judged = rows(np.random.default_rng(7), days=60)
    _, sums, _ = run((stream, day, time, hour, weekday, value, exposure, judged))
    _, later, _ = run((stream, day + 50.0, time + 50.0, hour, weekday, value, exposure, judged))
    assert np.allclose(sums, later[50:], rtol=1e-6)


def test_units_do_not_matter() -> None:
    stream, day, time, hour, weekday, value, exposure, judged = rows(np.random.default_rng(8), days=90)
    readings = stream < 3
    _, sums, _ = run((stream, day, time, hour, weekday, value, exposure, judged))
    other = np.where(readings, 60.0 * value + 1000.0, value)
    state = new_state([READING] * 3 + [COUNT], [1.0, 1.0, 0.0, 0.0], [0.6] * 4)
    _, scaled, _ = run((stream, day, time, hour, weekday, other, exposure, judged), state=state)
    assert np.allclose(sums, scaled, rtol=1e-6)


def test_a_shift_is_seen_with_its_direction_and_its_beginning() -> None:
    records = rows(np.random.default_rng(9), days=200)
    value = records[5] + 1.5 * ((records[0] == 2) & (records[1] >= 120.0))
    state, _, alarms = run((*records[:5], value, *records[6:]), threshold=1461.0)
    assert len(alarms) == 1
    shares = alarms[0, :, :2]
    assert np.unravel_index(shares.argmax(), shares.shape) == (2, 0)
    mean, sd, day = alarms[0, 2, 2:]
    assert 120.0 < day <= 150.0
    assert abs(mean - 120.0) < 4.0 + 2.0 * sd
    assert state.sums.sum() < 100.0


def test_a_rate_that_halves_is_seen_and_denser_recording_that_is_logged_is_not() -> None:
    rng = np.random.default_rng(10)
    day = np.arange(300.0)
    n = len(day)
    fixed = (np.zeros(n, np.int64), day, day + 0.999, np.full(n, 24.0), day.astype(np.int64) % 7)
    falls = rng.poisson(np.where(day < 150.0, 4.0, 2.0)).astype(float)
    alarms = run((*fixed, falls, np.ones(n), day > 7.0), 1461.0, new_state([COUNT], [0.0], [0.0]))[2]
    assert len(alarms) >= 1
    assert 150.0 < alarms[0, 0, 4] < 185.0
    assert alarms[0, 0, 1] > 0.9
    exposure = np.where(day < 150.0, 0.4, 1.0)
    steady = rng.poisson(4.0 * exposure).astype(float)
    assert len(run((*fixed, steady, exposure, day > 7.0), 1461.0, new_state([COUNT], [0.0], [0.0]))[2]) == 0


def test_the_sum_of_an_undisturbed_record_grows_no_faster_than_the_days() -> None:
    last = []
    for seed in range(60):
        _, sums, _ = run(rows(np.random.default_rng([11, seed]), days=100))
        last.append(sums[-1])
    assert np.median(last) < 100.0
    assert np.minimum(last, 1461.0).mean() < 100.0


def test_what_is_not_settled_is_learned_from_and_not_bet_on() -> None:
    records = rows(np.random.default_rng(12), days=60)
    never = (*records[:7], np.zeros(len(records[0]), bool))
    state, sums, _ = run(never)
    assert sums.max() == 0.0
    assert state.own[0, 0] == (records[0] == 0).sum()


def test_a_stream_that_never_moves_and_then_does_is_no_wonder() -> None:
    day = np.arange(100.0)
    value = np.where(day == 80.0, 2.0, 1.0)
    n = len(day)
    records = (np.zeros(n, np.int64), day, day + 0.5, np.full(n, 12.0), day.astype(np.int64) % 7, value)
    _, sums, _ = run((*records, np.ones(n), np.ones(n, bool)), state=new_state([READING], [0.0], [0.3]))
    assert np.isfinite(sums).all()
    assert sums.max() < 1461.0


def test_experts_are_stationary_and_some_expect_no_swing() -> None:
    assert (EXPERTS[:, 0] + EXPERTS[:, 2] < 1.0).all()
    assert (EXPERTS[:, [1, 3]] > 0.0).all()
    assert (EXPERTS[:, 0] + EXPERTS[:, 2] == 0.0).sum() == 1


@pytest.mark.parametrize("nu", [4.0, 20.0, 300.0])
def test_normal_scores_keep_the_tail_probability(nu: float) -> None:
    from scipy.stats import norm, t

    for value in (-3.0, -1.0, 0.5, 2.0, 4.0):
        assert math.isclose(norm.cdf(normal_score(value, nu)), t.cdf(value, nu), abs_tol=2e-3)


def test_a_watch_without_streams_is_refused() -> None:
    with pytest.raises(BadRequest, match="0 streams"):
        new_state([], [], [])
    with pytest.raises(BadRequest, match="2 streams"):
        new_state([READING, READING], [0.0], [1.0])
