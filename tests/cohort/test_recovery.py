"""Claims about half-lives told of many people: none where ratings hang together by chance, one where they do.

Ratings are drawn from a normal law or its steps, and prompts come at times as studies have them.
"""

import numpy as np
import pytest

from mainstay.cohort.recovery import UNRELATED, _row, unrelated_log_likelihood
from mainstay.numerics.ou_many import fit_many, many_series

PATTERNS = {
    "four a day for a month": lambda rng, n: np.sort(np.repeat(np.arange(n // 4), 4) * 24.0 + rng.uniform(9, 21, n)),
    "ten a day for some days": lambda _, n: 24.0 * (np.arange(n) // 10) + 1.5 * (np.arange(n) % 10),
    "one a day": lambda _, n: np.arange(n) * 24.0,
    "one a day, half of them missed": lambda rng, n: np.sort(rng.choice(2 * n, n, replace=False)) * 24.0,
    "several at one time": lambda rng, n: np.sort(rng.integers(0, n // 4, n)) * 24.0,
}  # fmt: skip
SCALES = {
    "any number": lambda x: x,
    "five steps": lambda x: np.clip(np.round(2.0 + x), 1, 5),
    "two steps": lambda x: (x > 0.8).astype(float),
}
BUDGET = 0.05


def told(hours, values):
    """The rows of people with these readings (people, readings)."""
    offsets = np.arange(len(values) + 1, dtype=np.int64) * values.shape[1]
    fits = fit_many(many_series(hours.ravel(), values.ravel(), offsets), threads=1)
    return [_row(str(k), "mood", values.shape[1], fits[k], readings) for k, readings in enumerate(values)]


def ratings(pattern, scale, n, people, half_life_hours, seed):
    """Readings of an Ornstein-Uhlenbeck process of variance 1 (none: unrelated), with as much error as in studies."""
    rng = np.random.default_rng(seed)
    hours = np.array([PATTERNS[pattern](rng, n) for _ in range(people)])
    state = rng.normal(size=(people, n))
    if half_life_hours:
        keep = 0.5 ** (np.diff(hours, axis=1) / half_life_hours)
        for k in range(1, n):
            state[:, k] = keep[:, k - 1] * state[:, k - 1] + np.sqrt(1 - keep[:, k - 1] ** 2) * state[:, k]
        state = state * 0.8 + 0.6 * rng.normal(size=state.shape)
    return hours, SCALES[scale](state)


def share_told(rows):
    return sum(one["status"] == "found" for one in rows) / len(rows)


@pytest.mark.parametrize("n", [40, 120])
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_of_unrelated_ratings_a_half_life_is_told_to_five_in_a_hundred_at_most(pattern, scale, n):
    people = 1_000
    rows = told(*ratings(pattern, scale, n, people, 0.0, seed=3))
    assert share_told(rows) <= BUDGET + 2.5 * np.sqrt(BUDGET * (1 - BUDGET) / people)
    assert any(one["reason"] == UNRELATED for one in rows if one["status"] == "cannot_say")


def test_a_half_life_that_is_there_is_told_of_most():
    rows = told(*ratings("four a day for a month", "any number", 120, 400, 12.0, seed=5))
    found = [one for one in rows if one["status"] == "found"]
    assert len(found) >= 0.8 * len(rows)
    assert 9.0 <= np.median([one["estimate"] for one in found]) <= 16.0
    # 90 of 100 intervals hold it; those told are chosen, which costs little where most are
    assert np.mean([one["low"] <= 12.0 <= one["high"] for one in found]) >= 0.87


def test_the_likelihood_of_unrelated_ratings_is_that_of_the_book():
    rng = np.random.default_rng(2)
    n = 12
    readings = rng.normal(3.0, 2.0, n)
    # by the book: the normal density of the readings with the mean integrated out, at the variance that maximises it
    variance = readings.var(ddof=1)
    design = np.ones((n, 1))
    inverse = np.eye(n) / variance
    gain = design.T @ inverse @ design
    residual = readings - design @ np.linalg.solve(gain, design.T @ inverse @ readings)
    dense = -0.5 * (
        (n - 1) * np.log(2 * np.pi) + n * np.log(variance) + np.log(gain[0, 0]) + residual @ inverse @ residual
    )
    assert unrelated_log_likelihood(readings) == pytest.approx(dense, rel=1e-12)


def test_no_fit_is_less_likely_than_unrelated_ratings_which_it_holds_as_a_limit():
    hours, values = ratings("one a day", "any number", 40, 2_000, 0.0, seed=4)
    fits = fit_many(many_series(hours.ravel(), values.ravel(), np.arange(2_001, dtype=np.int64) * 40), threads=1)
    gains = [fits[k].log_likelihood - unrelated_log_likelihood(values[k]) for k in range(2_000) if fits[k].converged]
    assert len(gains) > 100
    assert -1e-3 < min(gains) < 0.2
