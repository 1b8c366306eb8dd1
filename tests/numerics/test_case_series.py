"""The self-controlled case series against its likelihood written out densely, person by person."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.errors import BadRequest
from mainstay.numerics.case_series import (
    bands,
    cut,
    derivatives,
    exposures,
    fit,
    profile_interval,
)

AGES = (100.0, 200.0, 300.0)


def level_at(t, rows):
    """The level of one person's exposures at a time, asked of each (edges, levels) in the order of beginning."""
    found = -1
    for edges, levels in sorted(rows, key=lambda row: row[0][0]):
        if t >= edges[0]:
            found = -1
            for w in range(len(levels)):
                if edges[w] <= t < edges[w + 1]:
                    found = levels[w]
    return found


def dense(starts, ends, person, times, rows, ages, p, theta):
    """The conditional multinomial from day-by-day cells: everything is on whole days."""
    total = 0.0
    for i in range(len(starts)):
        days = np.arange(starts[i], ends[i])
        eta = np.zeros(len(days))
        for d, day in enumerate(days):
            level = level_at(day, [row for who, *row in rows if who == i])
            age = int(np.searchsorted(ages, day, "right")) - 1
            eta[d] += theta[level] if level >= 0 else 0.0
            eta[d] += theta[p - len(ages) + age] if age >= 0 else 0.0
        mine = np.floor(times[person == i]).astype(int) - int(starts[i])
        total += eta[mine].sum() - len(mine) * math.log(np.exp(eta).sum())
    return total


def people(seed, n=12, windows=2, effect=0.0):
    rng = np.random.default_rng(seed)
    starts = rng.integers(0, 120, n).astype(float)
    ends = starts + rng.integers(150, 300, n)
    who = np.repeat(np.arange(n), rng.integers(0, 4, n))
    begins = rng.integers(0, 400, len(who)).astype(float)
    edges = begins[:, None] + np.concatenate([[0.0], np.cumsum(rng.integers(5, 40, windows))])
    levels = np.tile(np.arange(windows), (len(who), 1))
    person, times = [], []
    rows = [(int(who[r]), edges[r], levels[r]) for r in range(len(who))]
    by_person = {i: [row for one, *row in rows if one == i] for i in range(n)}
    for i in range(n):
        days = np.arange(starts[i], ends[i])
        mine = by_person.get(i, [])
        inside = [level_at(day, mine) >= 0 for day in days]
        weight = np.exp(effect * np.array(inside, float))
        k = int(rng.integers(0, 5))
        times.append(np.sort(rng.choice(days, k, p=weight / weight.sum()) + 0.5))
        person.append(np.full(k, i))
    return starts, ends, np.concatenate(person), np.concatenate(times), rows, (who, edges, levels)


@pytest.mark.parametrize("seed", range(6))
def test_likelihood_equals_the_multinomial_over_days(seed):
    starts, ends, person, times, rows, given_ = people(seed)
    series = cut(starts, ends, person, times, [exposures(*given_, len(starts)), bands(AGES, len(starts))])
    theta = np.random.default_rng(seed).normal(size=series.parameters)
    value, gradient, information = derivatives(series, theta)
    written_out = dense(starts, ends, person, times, rows, AGES, series.parameters, theta)
    assert value == pytest.approx(written_out, rel=1e-10)
    step = 1e-5
    for k in range(series.parameters):
        up, down = (derivatives(series, theta + side * step * np.eye(len(theta))[k]) for side in (1, -1))
        assert gradient[k] == pytest.approx((up[0] - down[0]) / (2 * step), abs=1e-6)
        assert information[k] == pytest.approx(-(up[1] - down[1]) / (2 * step), abs=1e-6)


@given(st.integers(0, 1000), st.floats(0.5, 500.0))
@settings(max_examples=25, deadline=None)
def test_a_cut_that_changes_nothing_changes_nothing(seed, where):
    starts, ends, person, times, _, given_ = people(seed)
    n = len(starts)
    plain = cut(starts, ends, person, times, [exposures(*given_, n)])
    at = np.full((n, 3), where) + np.array([0.0, 1.0, 2.0])
    more = exposures(np.arange(n), at, np.zeros((n, 2), int), n)
    finer = cut(starts, ends, person, times, [exposures(*given_, n), more])
    theta = np.random.default_rng(seed).normal(size=plain.parameters)
    fine, *_ = derivatives(finer, np.append(theta, 0.0))
    assert fine == pytest.approx(derivatives(plain, theta)[0], rel=1e-9, abs=1e-9)
    assert finer.lengths.sum() == pytest.approx((ends - starts).sum())
    assert finer.events.sum() == len(times)


def test_one_window_has_the_estimate_of_the_formula():
    """With one window that covers a share s of everybody's time, the odds of an event in it are s RI/(1 - s)."""
    n = 400
    rng = np.random.default_rng(3)
    inside = rng.random(n) < 0.3
    times = np.where(inside, 55.0, 80.0)
    factor = exposures(np.arange(n), np.tile([50.0, 60.0], (n, 1)), np.zeros((n, 1), int), n)
    series = cut(np.zeros(n), np.full(n, 100.0), np.arange(n), times, [factor])
    found = fit(series)
    k = int(inside.sum())
    assert found.relative_incidence[0] == pytest.approx(k / (n - k) * 90.0 / 10.0, rel=1e-9)
    share = k / n
    assert found.covariance[0, 0] == pytest.approx(1.0 / (n * share * (1.0 - share)), rel=1e-7)
    wald, profile = found.interval(0), profile_interval(series, found, 0)
    assert [profile.low, profile.high] == pytest.approx([wald.low, wald.high], rel=0.02)


def test_profile_ends_lie_where_the_likelihood_has_fallen_so_far():
    starts, ends, person, times, _, given_ = people(4, n=30, effect=1.0)
    series = cut(starts, ends, person, times, [exposures(*given_, 30), bands(AGES, 30)])
    found = fit(series)
    interval = profile_interval(series, found, 0)
    for end in (interval.low, interval.high):
        best = -np.inf
        theta = found.estimate.copy()
        theta[0] = math.log(end)
        for _ in range(200):
            value, gradient, information = derivatives(series, theta)
            others = np.arange(1, len(theta))[np.isfinite(theta[1:])]
            theta[others] += np.linalg.lstsq(information[np.ix_(others, others)], gradient[others], rcond=None)[0]
            best = max(best, value)
        assert found.log_likelihood - best == pytest.approx(0.5 * 1.6448536**2, abs=1e-4)


def test_a_true_effect_is_recovered():
    starts, ends, person, times, _, given_ = people(5, n=300, effect=math.log(3.0))
    who, edges, _ = given_
    whole = np.stack([edges[:, 0], edges[:, -1]], 1)
    series = cut(starts, ends, person, times, [exposures(who, whole, np.zeros((len(who), 1), int), 300)])
    interval = fit(series).interval(0, 0.99)
    assert interval.low < 3.0 < interval.high
    assert interval.low > 1.5


def test_levels_without_a_maximum_are_refused_by_name_and_never_infinite():
    n = 5
    who, zero = np.arange(n), np.zeros((n, 1), int)
    never = exposures(who, np.tile([10.0, 20.0], (n, 1)), zero, n)
    apart = exposures(who[:0], np.zeros((0, 2)), zero[:0], n)
    always = exposures(who, np.tile([0.0, 100.0], (n, 1)), zero, n)
    found = fit(cut(np.zeros(n), np.full(n, 100.0), who, np.full(n, 50.0), [never, always, apart]))
    assert found.status == ("no event", "no contrast")
    assert np.isnan(found.relative_incidence).all()
    assert found.interval(0) is None
    only = exposures(who, np.tile([40.0, 60.0], (n, 1)), zero, n)
    series = cut(np.zeros(n), np.full(n, 100.0), who, np.full(n, 50.0), [only])
    found = fit(series)
    assert found.status == ("ran away",)
    assert profile_interval(series, found, 0) is None
    twice = fit(cut(np.zeros(n), np.full(n, 100.0), who, np.array([50.0, 50.0, 10.0, 5.0, 80.0]), [only, only]))
    assert twice.status == ("no contrast", "no contrast")


def test_other_levels_are_as_if_the_refused_window_had_not_been_watched():
    starts, ends, person, times, _, given_ = people(7, n=40)
    base = cut(starts, ends, person, times, [exposures(*given_, 40)])
    empty = [
        (i, lo) for i, lo in enumerate(starts) if not ((times[person == i] >= lo) & (times[person == i] < lo + 1)).any()
    ]
    who = np.array([i for i, _ in empty])
    first = exposures(who, np.array([[lo, lo + 1] for _, lo in empty]), np.zeros((len(who), 1), int), 40)
    found = fit(cut(starts, ends, person, times, [exposures(*given_, 40), first]))
    moved = starts.copy()
    moved[who] += 1.0
    without = fit(cut(moved, ends, person, times, [exposures(*given_, 40)]))
    assert found.status[-1] == "no event"
    assert found.estimate[: base.parameters] == pytest.approx(without.estimate, abs=1e-7)


def test_misuse_is_refused():
    one = np.zeros(1, int)
    with pytest.raises(BadRequest, match="outside"):
        cut(np.zeros(1), np.ones(1), one, np.array([1.0]), [])
    with pytest.raises(BadRequest, match="not after its end"):
        cut(np.ones(1), np.zeros(1), one[:0], np.zeros(0), [])
    with pytest.raises(BadRequest, match="ascend"):
        bands((2.0, 1.0), 1)
    with pytest.raises(BadRequest, match="row of edges"):
        exposures(one, np.zeros((1, 2)), np.zeros((1, 2), int), 1)
    with pytest.raises(BadRequest, match="name people"):
        exposures(one + 1, np.zeros((1, 2)), np.zeros((1, 1), int), 1)
