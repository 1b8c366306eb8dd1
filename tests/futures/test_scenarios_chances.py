"""The interval of a chance: it holds chances drawn from a known truth as often as it says."""

import numpy as np
import pytest

from mainstay.futures.scenarios_chances import chance_of, chances_of


@pytest.mark.parametrize(
    ("a", "b", "draws", "each"),
    [(2, 8, 100, 100), (0.3, 3, 100, 100), (20, 20, 50, 200), (0.5, 0.5, 200, 50), (200, 300, 100, 100)],
)
def test_the_interval_holds_the_chance_of_a_new_draw_nine_times_in_ten(a, b, draws, each):
    rng = np.random.default_rng(4)
    of, held = np.repeat(np.arange(draws), each), []
    for _ in range(150):
        hits = (rng.random((draws, each)) < rng.beta(a, b, draws)[:, None]).ravel()
        told, fresh = chance_of(hits, of), rng.beta(a, b, 40)
        held.append(((told.low <= fresh) & (fresh <= told.high)).mean())
    assert 0.86 <= np.mean(held) <= 0.96


def test_where_every_draw_has_one_chance_no_more_is_left_than_a_bound_on_what_could_not_be_seen():
    rng = np.random.default_rng(5)
    of = np.repeat(np.arange(100), 100)
    widths = [told.high - told.low for told in (chance_of(rng.random(10_000) < 0.3, of) for _ in range(60))]
    least = 2 * 1.645 * np.sqrt(0.3 * 0.7 / 10_000)
    assert min(widths) >= 0.99 * least
    assert np.median(widths) <= 5 * least


def test_it_is_never_narrower_than_the_error_of_so_few_futures():
    of = np.zeros(40, np.int64)
    told = chance_of(np.arange(40) < 10, of)
    assert told.mean == 0.25
    assert told.high - told.low >= 2 * 1.5 * np.sqrt(0.25 * 0.75 / 40)


def test_what_never_happened_may_yet_happen():
    none = chance_of(np.zeros(1000, bool), np.arange(1000) % 10)
    every = chance_of(np.ones(1000, bool), np.arange(1000) % 10)
    assert (none.mean, none.low) == (0.0, 0.0)
    assert 0.0 < none.high < 0.01
    assert (every.mean, every.high) == (1.0, 1.0)
    assert 0.99 < every.low < 1.0


def test_draws_of_different_size_and_of_any_number_count_alike():
    rng = np.random.default_rng(6)
    of = np.sort(rng.choice([3, 7, 900], 5000, p=[0.2, 0.5, 0.3]))
    hits = rng.random((5000, 2)) < np.where(of == 7, 0.5, 0.1)[:, None]
    both = chances_of(hits, of)
    assert both[0] == chance_of(hits[:, 0], of)
    assert both[0].low < 0.15 < 0.45 < both[0].high
