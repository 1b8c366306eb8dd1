"""Claims about what a group needs of an answer, and about estimates as the package makes them."""

import numpy as np
import pytest

from mainstay.cohort.group_mean import group_mean, steadied
from mainstay.cohort.group_questions import QUESTIONS, back, for_the_group, onto, sds, usable
from mainstay.notice import resilience
from mainstay.numerics.ou_many import fit_many, many_series
from mainstay.strain import fading, load, threshold

UNSURE = {"estimate": 1.4, "low": 0.8, "high": 2.4, "level": 0.9, "unit": "times as often"}


def test_an_unclear_estimate_is_kept_for_the_group():
    said = for_the_group({"status": "cannot_say", "quantity": load.TOLL, "detail": UNSURE})
    assert (said["unsure"], said["unsure_low"], said["unsure_high"], said["level"]) == (1.4, 0.8, 2.4, 0.9)
    told = for_the_group({"status": "found", "quantity": load.TOLL, "detail": UNSURE})
    assert told["unsure"] is None


def test_what_recording_may_have_made_is_not_kept():
    detail = UNSURE | {"tipping_point": 1.5, "e_value": 40.0, "log_ratio_a_year": 0.4}
    said = for_the_group({"status": "cannot_say", "quantity": threshold.QUANTITY, "detail": detail})
    assert all(value is None for value in said.values())


@pytest.mark.parametrize(
    ("quantity", "detail", "more", "less"),
    [
        (threshold.QUANTITY, {"e_value": 40.0, "log_ratio_a_year": 0.4}, 40.0, 0.0),
        (threshold.QUANTITY, {"e_value": 40.0, "log_ratio_a_year": -0.4}, 0.0, 40.0),
        (fading.CHANGE, {"e_value": 7.0, "logits_a_year": 0.9}, 0.0, 7.0),
        (resilience.QUANTITY, {"e_value_slower": 3.0, "e_value_faster": 0.2}, 3.0, 0.2),
    ],
)
def test_e_values_go_the_way_they_point(quantity, detail, more, less):
    said = for_the_group({"status": "found", "quantity": quantity, "detail": detail})
    assert (said["e_more"], said["e_less"]) == (more, less)


@pytest.mark.parametrize("scale", ["plain", "log", "per cent"])
def test_there_and_back_is_the_same(scale):
    for value in (0.5, 3.0, 42.0):
        assert back(scale, float(onto(scale, np.array([value]))[0])) == pytest.approx(value)


def test_an_interval_gives_its_sd():
    ends = np.array([np.exp(-1.6448536)]), np.array([np.exp(1.6448536)])
    assert sds("log", *ends, np.array([0.9])) == pytest.approx([1.0], abs=1e-6)
    assert not usable("log", np.array([1.0]), np.array([0.0]), np.array([2.0]))[0]


def test_every_question_that_is_tested_says_of_what():
    for one in QUESTIONS.values():
        assert (one.null is None) == (not one.more)


def recoveries(people, ratings, rng):
    """Log half-lives and their sds as fitted to people whose own are 8 hours in the middle."""
    hours, values = [], []
    for _ in range(people):
        half_life = 8.0 * np.exp(0.4 * rng.normal())
        at = np.cumsum(rng.exponential(4.0, ratings))
        level = np.empty(ratings)
        level[0] = rng.normal()
        for k in range(1, ratings):
            kept = 0.5 ** ((at[k] - at[k - 1]) / half_life)
            level[k] = kept * level[k - 1] + np.sqrt(1.0 - kept * kept) * rng.normal()
        hours.append(at)
        values.append(50.0 + 12.0 * level + 6.0 * rng.normal(size=ratings))
    offsets = np.arange(people + 1) * ratings
    fits = fit_many(many_series(np.concatenate(hours), np.concatenate(values), offsets), threads=1)
    kept = [
        (fits[k].value("half_life"), fits[k].interval("half_life", 0.9)) for k in range(people) if fits[k].converged
    ]
    low, high = (np.array([getattr(one, end) for _, one in kept]) for end in ("low", "high"))
    fine = usable("log", np.array([one for one, _ in kept]), low, high)
    y = onto("log", np.array([one for one, _ in kept])[fine])
    return y, sds("log", low[fine], high[fine], np.full(int(fine.sum()), 0.9))


@pytest.mark.parametrize(
    ("ratings", "times", "least"), [(200, 25, 0.70), pytest.param(300, 200, 0.80, marks=pytest.mark.long)]
)
def test_a_mean_of_fitted_recoveries_holds(ratings, times, least):
    rng = np.random.default_rng(9)
    held, off = [], []
    for _ in range(times):
        y, sd = recoveries(40, ratings, rng)
        found = group_mean(y, steadied(y, sd))
        held.append(np.log(8.0) in found.interval)
        off.append(found.mean - np.log(8.0))
    assert np.mean(held) > least
    assert abs(np.mean(off)) < 0.05
