"""What a person costs among a hundred and among a thousand, and what two threads save: printed, not judged."""

import time

import numpy as np
import pytest

from calibration import people


def timed(timelines, threads):
    """Summaries, and seconds of processor and of the clock for each person."""
    from mainstay.strain.many import summarise_many

    wall, cpu = time.perf_counter(), time.process_time()
    found = list(summarise_many(timelines, threads=threads))
    n = len(found)
    return found, (time.process_time() - cpu) / n, (time.perf_counter() - wall) / n


@pytest.mark.long
def test_a_thousand_people_are_each_fitted_as_among_a_hundred():
    kinds = [people.person(seed, days=91.0, recording=(1.0, 1.0)) for seed in range(50)]
    first, *_ = timed(kinds, 1)
    costs = {}
    for n in (100, 1000):
        found, costs[n], _ = timed((kinds[i % 50] for i in range(n)), 1)
        assert all(np.array_equal(one.mean, first[i % 50].mean) for i, one in enumerate(found))
    few, many = 1e3 * costs[100], 1e3 * costs[1000]
    print(
        f"\nthree months: {few:.1f} ms of processor a person among 100, {many:.1f} among 1,000 ({many / few:.2f} times)"
    )


@pytest.mark.long
@pytest.mark.parametrize("days", [91.0, 365.0])
def test_two_threads_give_what_one_gives(days):
    given = [people.person(seed, days=days, recording=(1.0, 1.0)) for seed in range(24)]
    timed(given[:2], 1)
    ratios = []
    for _ in range(5):
        alone, _, one = timed(given, 1)
        both, _, two = timed(given, 2)
        ratios.append(one / two)
        assert all(np.array_equal(a.covariance, b.covariance) for a, b in zip(alone, both, strict=True))
    print(f"\n{days:.0f} days: two threads are {np.median(ratios):.2f} times as fast as one ({np.round(ratios, 2)})")
