"""Pieces of a series with autocorrelated noise: sums against the dense Gaussian, the search against all cuts."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.numerics.segments import (
    BROKEN,
    LOG_DET,
    SLOPED,
    STEADY,
    best_places,
    cost,
    misfit,
    over_places,
    piece,
    price,
    room,
    settle,
    whiten,
)
from mainstay.numerics.segments_accounts import READINGS, accounts, in_detail, record
from mainstay.numerics.segments_fit import fit_noise, judge, whole
from mainstay.numerics.segments_places import Placed, averaged, chances, count_odds, within
from mainstay.numerics.segments_wild import draw_in


def irregular(seed, n=30, d=1):
    rng = np.random.default_rng(seed)
    times = np.cumsum(rng.choice([0.05, 0.3, 1.0, 6.0], n))
    return times, rng.normal(size=(d, n)), np.diff(times, prepend=times[0]), (times - times[0]) / np.ptp(times) - 0.5


def dense_parts(times, values, course, rate, ratio):
    """The six products and the log determinant of one piece, from its covariance written out."""
    covariance = np.exp(-rate * np.abs(times[:, None] - times)) + ratio * np.eye(len(times))
    columns = np.column_stack([values, np.ones(len(times)), course])
    products = columns.T @ np.linalg.solve(covariance, columns)
    upper = products[np.triu_indices(3)]
    return np.append(upper, np.linalg.slogdet(covariance)[1])


def dense_misfit(times, values, course, rate, ratio, mean, slope=0.0):
    covariance = np.exp(-rate * np.abs(times[:, None] - times)) + ratio * np.eye(len(times))
    root = np.linalg.cholesky(covariance)
    design = np.column_stack([np.ones(len(times)), course])[:, : 2 if mean == BROKEN else 1]
    left, whitened = np.linalg.solve(root, values - slope * course), np.linalg.solve(root, design)
    return float(np.sum((left - whitened @ np.linalg.lstsq(whitened, left, rcond=None)[0]) ** 2))


@pytest.mark.parametrize(("rate", "ratio"), [(0.7, 0.5), (0.02, 0.01), (30.0, 2.0), (0.3, 1e-3)])
def test_every_piece_equals_the_dense_gaussian(rate, ratio):
    times, values, gaps, course = irregular(1)
    sums = room(1, len(times))
    whiten(gaps, values, course, np.array([rate]), np.array([ratio]), sums)
    for a, b in [(0, 30), (0, 4), (7, 19), (12, 13), (25, 30)]:
        dense = dense_parts(times[a:b], values[0, a:b], course[a:b], rate, ratio)
        assert np.allclose(piece(sums, 0, a, b), dense, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("mean", [STEADY, SLOPED, BROKEN])
def test_what_a_piece_leaves_equals_generalised_least_squares(mean):
    times, values, gaps, course = irregular(2)
    sums = room(1, len(times))
    whiten(gaps, values, course, np.array([0.4]), np.array([0.3]), sums)
    slope = 1.7 if mean == SLOPED else 0.0
    for a, b in [(0, 30), (3, 11), (20, 30)]:
        dense = dense_misfit(times[a:b], values[0, a:b], course[a:b], 0.4, 0.3, mean, slope)
        assert misfit(piece(sums, 0, a, b), mean, slope) == pytest.approx(dense, rel=1e-8)


def test_a_series_in_pieces_is_the_sum_of_its_pieces():
    times, values, gaps, course = irregular(3)
    bounds = np.array([0, 9, 17, 30])
    left, log_det, _, used, _ = whole(gaps, values[0], course, bounds, BROKEN, 0.4, 0.3)
    each = [slice(a, b) for a, b in itertools.pairwise(bounds)]
    parts = [dense_misfit(times[s], values[0, s], course[s], 0.4, 0.3, BROKEN) for s in each]
    assert left == pytest.approx(sum(parts))
    assert log_det == pytest.approx(
        sum(dense_parts(times[s], values[0, s], course[s], 0.4, 0.3)[LOG_DET] for s in each)
    )
    assert used == 6


def test_the_common_slope_is_that_of_least_squares():
    times, values, gaps, course = irregular(4)
    values[0] += 5.0 * course
    bounds = np.array([0, 12, 30])
    covariance = np.exp(-0.4 * np.abs(times[:, None] - times)) + 0.3 * np.eye(30)
    covariance[:12, 12:] = covariance[12:, :12] = 0.0
    design = np.column_stack([np.arange(30) < 12, np.arange(30) >= 12, course]).astype(float)
    root = np.linalg.cholesky(covariance)
    dense = np.linalg.lstsq(np.linalg.solve(root, design), np.linalg.solve(root, values[0]), rcond=None)[0]
    assert whole(gaps, values[0], course, bounds, SLOPED, 0.4, 0.3)[4] == pytest.approx(dense[2])


def searched(seed, d=1, mean=STEADY):
    _, values, gaps, course = irregular(seed, 24, d)
    values[:, 9:] += 2.5
    values[:, 16:] -= 2.0
    sums = room(d, 24)
    whiten(gaps, values, course, np.full(d, 2.0), np.full(d, 0.4), sums)
    return sums, np.zeros(d), np.full(d, 1.2)


def all_cuts(sums, slopes, precisions, mean, least, penalty, short, n=24, most=3):
    """The best of every set of at most three changes."""
    best = (math.inf, ())
    for many in range(most + 1):
        for places in itertools.combinations(range(1, n), many):
            bounds = [0, *places, n]
            if min(np.diff(bounds)) < least:
                continue
            value = penalty * many + sum(
                cost(sums, a, b, mean, slopes, precisions) + price(n, a, b, short)
                for a, b in itertools.pairwise(bounds)
            )
            best = min(best, (value, places))
    return best[1]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("d", "mean", "penalty"), [(1, STEADY, 6.0), (2, STEADY, 9.0), (1, BROKEN, 8.0)])
def test_the_search_finds_the_best_of_all_cuts(seed, d, mean, penalty):
    sums, slopes, precisions = searched(seed, d)
    grid = np.arange(25)
    found = best_places(sums, grid, 3, mean, slopes, precisions, penalty, 1.0)
    assert tuple(found) == all_cuts(sums, slopes, precisions, mean, 3, penalty, 1.0)


def test_settling_moves_a_place_to_the_best_between_its_neighbours():
    sums, slopes, precisions = searched(0)
    grid, places = np.arange(25), np.array([7, 18])
    settle(sums, 24, places, 3, STEADY, slopes, precisions, 1.0, 9)
    best = best_places(sums, grid, 3, STEADY, slopes, precisions, 6.0, 1.0)
    assert list(places) == list(best)


def test_one_change_over_places_is_what_two_pieces_gain():
    sums, slopes, precisions = searched(1)
    found = over_places(sums, 0, 24, 3, STEADY, slopes, precisions, np.ones(1))
    none = cost(sums, 0, 24, STEADY, slopes, precisions)
    for x in (3, 9, 20):
        two = cost(sums, 0, x, STEADY, slopes, precisions) + cost(sums, x, 24, STEADY, slopes, precisions)
        assert found[x, 0] == pytest.approx(none - two)
    assert np.isneginf(found[[0, 1, 2, 22, 23, 24], 0]).all()


def test_the_noise_is_found_again():
    rng = np.random.default_rng(5)
    n, times = 4000, np.cumsum(rng.uniform(0.1, 0.5, 4000))
    keep, x = np.exp(-np.diff(times) / 2.0), rng.normal(size=4000)
    for i, k in enumerate(keep, start=1):
        x[i] = k * x[i - 1] + math.sqrt(1.0 - k * k) * x[i]
    y = 1.5 * x + 1.0 * rng.normal(size=n)
    y[2500:] += 4.0
    gaps, course = np.diff(times, prepend=times[0]), np.linspace(-0.5, 0.5, n)
    noise, bounds = np.array([[-np.inf, 0.0]]), np.array([0, 2500, n])
    fit_noise(gaps, y, course, bounds, STEADY, 0, 1e-3, math.log(0.05), math.log(50.0), noise[0])
    variances, slopes = np.zeros(1), np.zeros(1)
    judge(gaps, y[None], course, bounds, STEADY, 0, np.full(1, 1e-3), noise, variances, slopes)
    assert math.exp(noise[0, 0]) == pytest.approx(2.0, rel=0.25)
    assert variances[0] == pytest.approx(2.25, rel=0.2)
    assert variances[0] * math.exp(-noise[0, 1]) == pytest.approx(1.0, rel=0.2)


@given(st.floats(-1e3, 1e3), st.floats(0.01, 100.0))
def test_moving_and_stretching_the_clock_changes_no_place(start, scale):
    rng = np.random.default_rng(6)
    y = rng.normal(size=(1, 60)) * 0.5
    y[0, 25:] += 2.0
    days = np.arange(60.0)
    found = [
        min(accounts(record(times, y, 0, np.full(1, 1e-3))), key=lambda one: one.criterion)
        for times in (days, start + scale * days)
    ]
    assert list(found[0].places) == list(found[1].places) == [25]


def test_an_account_of_means_is_worked_out_on_the_readings():
    rng = np.random.default_rng(7)
    days = np.arange(300.0)
    y = rng.normal(size=(1, 300))
    y[0, 151:] += 3.0
    floor = np.full(1, 1e-3)
    rough = record(days.reshape(-1, 3).mean(1), y.reshape(1, -1, 3).mean(2), 0, floor, 3)
    coarse = min(accounts(rough), key=lambda one: one.criterion)
    series, sums = record(days, y, 0, floor), room(1, 300)
    fine = in_detail(series, coarse, 3, sums)
    assert abs(coarse.places[0] * 3 - 151) <= 3
    assert abs(fine.places[0] - 151) <= 1
    size, error = Placed(series, fine, sums).step(0, 0, int(fine.places[0]), 300)
    assert abs(size - 3.0) < 3.0 * error < 1.0


def test_a_short_piece_costs_more_and_a_whole_series_nothing():
    assert price(100, 0, 100, READINGS.short) == 0.0
    assert price(100, 0, 10, READINGS.short) > price(100, 0, 50, READINGS.short) > 0.0


def test_the_chances_of_places_add_up_and_are_least_at_the_ends():
    chance = chances(np.array([0.0, 1.0, 2.0, 10.0, 11.0, 12.0]))
    assert chance.sum() == pytest.approx(1.0)
    assert chance.argmax() == 2
    assert chance[0] < chance[1]


def test_even_odds_average_to_nought_and_hold_nine_tenths_of_the_time():
    times = np.arange(101.0)
    odds = np.zeros(102)
    assert averaged(odds, times) == pytest.approx(0.0)
    first, last = within(odds, times)
    assert last - first + 1 == 90


def test_odds_of_a_rate_are_poissons_at_a_wide_prior():
    counts, shown = np.array([1.0, 0, 2, 1, 0, 1, 6, 5, 9, 4, 7, 6]), np.ones(12)
    held, days = np.append(0.0, np.cumsum(counts)), np.append(0.0, np.cumsum(shown))
    odds = count_odds(held, days, 1.0)
    assert odds.argmax() == 6
    assert np.isneginf(odds[[0, 4, 8, 12]]).all()
    assert count_odds(held, days, 3.0)[6] < odds[6]


@pytest.mark.parametrize("at", [0, 1, 40, 98, 99])
def test_a_wild_reading_is_drawn_in_wherever_it_is(at):
    rng = np.random.default_rng(8)
    y = 0.1 * np.arange(100.0) + rng.normal(size=100) * 0.3
    wild = y.copy()
    wild[at] += 50.0
    drawn = draw_in(wild, 7, 3.0)
    assert abs(drawn[at] - 0.1 * at) < 2.0
    assert np.abs(np.delete(drawn - y, at)).max() < 0.5


def test_a_step_and_a_trend_are_left_as_they_are():
    y = np.where(np.arange(80) < 41, 0.0, 5.0) + 0.02 * np.arange(80) + 0.1 * np.sin(7.0 * np.arange(80))
    assert np.allclose(draw_in(y, 7, 3.0), y, atol=0.35)


def test_too_few_readings_to_compare_stay():
    y = np.array([1.0, 2.0, 90.0, 1.0])
    assert np.array_equal(draw_in(y, 7, 3.0), y)
