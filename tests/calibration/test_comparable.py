"""Relief beside comparable moments: nothing is earned by regression to the mean, and what eases has its size."""

import numpy as np
import pytest

from calibration import comparable as cal
from calibration.people import binomial_band
from mainstay.patterns.comparable import AT_ONCE

NULLS = sorted(kind for kind in cal.KINDS if kind.startswith("nothing"))
FOOLED = {"nothing, noise that lingers": 0.25}
"""In how many comparable moments alone are fooled (docs/explanation/comparable-moments.md); the answer is in none."""
SIZED = ("ordinary", "one of two", "few check-ins", "by the clock")


def rows(kind: str, people: int) -> list:
    return [row for seed in range(people) for row in cal.told_of(kind, seed)]


def test_a_few_people_whom_relief_does_nothing_for() -> None:
    found = cal.summary(rows("nothing, few check-ins", 4))
    assert found["held"] >= 0.6
    assert abs(found["error"]) < 0.25
    assert cal.plain("nothing", 2) >= 0.5


@pytest.mark.long
@pytest.mark.parametrize("kind", NULLS)
def test_regression_to_the_mean_earns_nothing(kind: str) -> None:
    people = 60
    found = cal.summary(rows(kind, people))
    low, _ = binomial_band(found["n"], 0.90, len(NULLS))
    fooled = FOOLED.get(kind, 0.0)
    assert found["held"] >= low - 0.03 - 0.5 * fooled
    assert found["eases"] <= max(0.05 + 3.0 * (0.05 * 0.95 / found["n"]) ** 0.5, fooled)
    assert not [status for _, status in cal.statuses(kind, 20) if status == "found"]


@pytest.mark.long
@pytest.mark.parametrize("kind", SIZED)
def test_what_eases_has_its_size(kind: str) -> None:
    said = rows(kind, 60)
    found = cal.summary(said)
    low, _ = binomial_band(found["n"], 0.90, len(SIZED))
    assert found["held"] >= low - 0.03
    assert abs(found["error"]) < 0.05
    assert found["apart"] <= 0.05
    assert all(window == AT_ONCE for _, window, *_ in filter(None, said))


@pytest.mark.long
def test_the_lags_have_the_half_life_of_strain() -> None:
    truth, held = 24.0 * np.log(2.0) / 0.5, []
    for _, _, _, _, lasting in filter(None, rows("ordinary", 40)):
        if lasting is not None:
            held.append((lasting.low or 0.0) <= truth <= (lasting.high or np.inf))
    assert np.mean(held) >= 0.78
