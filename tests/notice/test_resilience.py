"""Whether coming back to level slows: answers, refusals, and what they rest on."""

import math
from dataclasses import replace

import numpy as np
import pytest

from calibration.resilience import columns_of, process, prompts, slower, steady
from mainstay.errors import BadRequest
from mainstay.notice import resilience
from mainstay.notice.resilience import resilience_answer
from mainstay.notice.rolling import BANDWIDTH, _smooth, rolling_signs
from mainstay.notice.settling import SETTLING_DAYS
from mainstay.notice.slowing import FINE, _fine, slowing
from mainstay.numerics.ou_drift_fit import GRID
from mainstay.quantities import CannotSay, Finding, Instant
from mainstay.records.kinds import Item
from mainstay.timeline.kinds import Ratings, Timeline

MONDAY = Instant.parse("2024-01-08T00:00+00:00")


def timeline(times, *series, better=("low",)):
    """A timeline of ratings alone: one item per series, all answered at the same times."""
    ratings = {}
    for k, values in enumerate(series):
        item = Item(f"item {k}", f"Item {k}", -50.0, 50.0, better[k % len(better)])
        ratings[item.name] = Ratings(item, times, np.asarray(values, float), tuple(str(i) for i in range(len(times))))
    end = float(times[-1]) + 0.01 if len(times) else 0.0
    cut = MONDAY.plus_days(end)
    return Timeline(
        origin=MONDAY, days=end, as_of=cut, known_through=cut, purpose="own_answers", ratings=ratings, events={},
        episodes={}, samples={}, recording={}, gaps=(), prompts_sent=np.empty(0), prompts_answered=np.empty(0),
        offset_edges=np.array([0.0, end]), offset_hours=np.zeros(1), anchor="item 0",
    )  # fmt: skip


@pytest.fixture(scope="module")
def slowed():
    return timeline(*slower(np.random.default_rng(1), 1200))


def test_a_strong_slowing_is_found_and_told_in_hours(slowed):
    answer = resilience_answer(slowed)
    assert isinstance(answer, Finding)
    assert (answer.row, answer.status, answer.about) == ("S4", "found", "item 0")
    assert answer.claim.startswith("It takes longer to come back to level than it did")
    assert 12.0 in answer.interval
    assert answer.detail["half_life_hours_at_end"] > 3.0 * answer.detail["half_life_hours_at_start"]
    assert answer.detail["e_value_slower"] >= 1.0 / answer.detail["false_alarm_budget"]


def test_the_same_record_backwards_comes_back_sooner(slowed):
    ratings = slowed.ratings["item 0"]
    times = ratings.times[-1] + ratings.times[0] - ratings.times[::-1]
    answer = resilience_answer(timeline(times, ratings.values[::-1]))
    assert answer.status == "found"
    assert answer.claim.startswith("It takes less time to come back")
    assert answer.detail["e_value_slower"] < 1.0


def test_rising_noise_alone_is_not_found_though_rolling_variance_cries():
    rng = np.random.default_rng(2)
    times = prompts(rng, 1000)
    values = process(rng, times, scale=np.linspace(1.0, 2.0, 1000)) + 0.4 * rng.normal(size=1000)
    answer = resilience_answer(timeline(times, values))
    assert answer.status != "found"
    assert answer.detail["p_one_look"] > 0.05
    assert answer.detail["rolling_variance"]["p"] <= 0.05


def test_several_items_answered_together_say_it_more_surely_than_one():
    rng = np.random.default_rng(3)
    times, first = slower(rng, 400)
    x = np.random.default_rng(4)
    second = slower(np.random.default_rng(5), 400)[1]
    items = [first + 0.2 * x.normal(size=400), -first + second, second]
    alone, joint = (resilience_answer(timeline(times, *part, better=("low", "high"))) for part in (items[:1], items))
    assert joint.about == "ratings answered together"
    assert joint.detail["components"] == 2
    assert joint.detail["e_value_slower"] > alone.detail["e_value_slower"]


def test_items_answered_at_other_moments_are_left_out(slowed):
    other = replace(slowed.ratings["item 0"], item=Item("other", "Other", 0, 9, "low"))
    apart = replace(other, times=other.times + 0.02)
    ratings = {**slowed.ratings, "other": apart}
    assert resilience_answer(replace(slowed, ratings=ratings)).about == "item 0"


def test_a_short_record_is_refused_with_what_it_has_and_needs():
    times, values = steady(np.random.default_rng(6), 40)
    answer = resilience_answer(timeline(times, values))
    assert isinstance(answer, CannotSay)
    settled = int(np.sum(times - times[0] >= SETTLING_DAYS))
    assert (answer.have, answer.need, answer.unit) == (settled, resilience.FEWEST_ANSWERS, "answers")
    assert answer.detail["answers_not_yet_settled"] == 40 - settled
    quick = resilience_answer(timeline(np.linspace(0, 12, 481), np.resize(values, 481)))
    assert (quick.have, quick.need, quick.unit) == (5.0, resilience.FEWEST_DAYS, "days")


def test_a_record_that_could_not_show_a_doubling_says_how_many_answers_could():
    rng = np.random.default_rng(7)
    times = prompts(rng, 300)
    answer = resilience_answer(timeline(times, process(rng, times)))
    assert isinstance(answer, CannotSay)
    assert answer.have == 300 - answer.detail["answers_not_yet_settled"]
    assert answer.need is not None
    assert answer.need > 300


def test_the_first_week_is_left_out_and_said(slowed):
    ratings = slowed.ratings["item 0"]
    early = ratings.times - ratings.times[0] < SETTLING_DAYS
    stirred = replace(ratings, values=np.where(early, 40.0 * np.cos(50.0 * ratings.times), ratings.values))
    answer, plain = (resilience_answer(replace(slowed, ratings={"item 0": one})) for one in (stirred, ratings))
    assert answer.estimate == plain.estimate
    assert answer.n == len(ratings.times) - early.sum()
    assert any(f"{early.sum()} answers from the first week" in one for one in answer.assumptions)


def test_a_sudden_move_of_the_mean_is_found_and_allowed():
    times, values = steady(np.random.default_rng(14), 1500)
    at = int(0.7 * 1500)
    moved = values + 2.5 * (np.arange(1500) >= at)
    plain, found = (slowing(times, one[:, None]) for one in (values, moved))
    assert plain.moved == (None,)
    assert found.moved[0] == pytest.approx(times[at], abs=2.0)
    assert found.root == pytest.approx(plain.root, abs=0.35)


def test_ratings_that_never_change_and_no_ratings_are_refused():
    times = prompts(np.random.default_rng(8), 100)
    for one in (timeline(times, np.ones(100)), timeline(np.empty(0))):
        answer = resilience_answer(one)
        assert isinstance(answer, CannotSay)
        assert "changes often enough" in answer.reason


def test_the_rhythm_of_day_and_week_is_taken_out():
    times, values = steady(np.random.default_rng(9), 300)
    wave = 5.0 * np.sin(2.0 * np.pi * times) + 3.0 * (np.floor(times) % 7 == 5)
    plain = slowing(times, values[:, None], columns_of(times))
    waved = slowing(times, (values + wave)[:, None], columns_of(times))
    assert waved.root == pytest.approx(plain.root, abs=1e-4)
    on_record = timeline(times, values)
    assert np.allclose(resilience.rhythm_columns(on_record, times).sum(0), columns_of(times).sum(0), atol=1e-6)


def test_the_answer_does_not_depend_on_the_scale_of_the_ratings():
    times, values = steady(np.random.default_rng(10), 150)
    assert slowing(times, 10.0 + 4.0 * values[:, None]).root == pytest.approx(
        slowing(times, values[:, None]).root, abs=1e-3
    )


def test_one_wild_reading_decides_nothing():
    times, values = steady(np.random.default_rng(13), 150)
    wild = values.copy()
    wild[140] = 400.0
    assert abs(slowing(times, wild[:, None]).drift - slowing(times, values[:, None]).drift) < 0.7


def test_heights_between_the_grid_are_exact_for_a_cubic():
    assert np.allclose(_fine(GRID**3 - GRID**2 + 2.0), FINE**3 - FINE**2 + 2.0)


def test_values_without_a_column_per_item_are_refused():
    times, values = steady(np.random.default_rng(11), 80)
    with pytest.raises(BadRequest, match="one column per item"):
        slowing(times, values)
    with pytest.raises(BadRequest, match="all the same"):
        slowing(times, np.ones((80, 1)))


def test_rolling_signs_keep_their_level_where_nothing_changes():
    low = []
    for seed in range(60):
        rng = np.random.default_rng([12, seed])
        times = prompts(rng, 120)
        signs = rolling_signs(times, process(rng, times), rate=math.log(2.0) * 3.0, ratio=0.0, rng=rng, replicates=99)
        low.append((signs.variance_p <= 0.1, signs.autocorrelation_p <= 0.1))
    assert np.max(np.mean(low, axis=0)) <= 0.1 + 3.0 * math.sqrt(0.09 / 60)


def test_the_smooth_mean_is_the_weighted_mean_written_out():
    rows = np.random.default_rng(15).normal(size=(3, 70))
    apart = np.arange(70)[:, None] - np.arange(70)
    weights = np.exp(-0.5 * (apart / (BANDWIDTH * 70)) ** 2)
    assert np.allclose(_smooth(rows), rows @ (weights / weights.sum(axis=0)))


def test_rolling_signs_of_a_handful_of_readings_are_refused():
    with pytest.raises(BadRequest, match="20 or more"):
        rolling_signs(np.arange(9.0), np.arange(9.0), rate=1.0, ratio=0.1, rng=np.random.default_rng(1))
