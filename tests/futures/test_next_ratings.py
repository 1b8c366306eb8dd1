"""Forecasts of ratings and events a day and a week ahead: from the past only, and shown where they are worth it."""

import numpy as np
import pytest

from mainstay.errors import BadRequest
from mainstay.futures import baselines, next_events, next_ratings
from mainstay.futures.blend import mixed, weights
from mainstay.futures.next_days import days_of
from mainstay.futures.next_scale import scale_of
from mainstay.futures.next_targets import Targets, of_weeks
from mainstay.notice.series import series_of
from mainstay.numerics.filter_bank import Bank, foresee
from mainstay.records.kinds import Item
from mainstay.timeline.kinds import Events, Ratings, Recording, Samples, Timeline
from mainstay.worlds.ordinary import MONDAY

NOTHING = np.empty(0)


def person(ratings, events, days, *, share=None, anchor=None, samples=None):
    """A person from ratings {name: (times, values)} on a scale of 1 to 7 and event times by label."""
    return Timeline(
        origin=MONDAY, days=float(days), as_of=MONDAY.plus_days(days), known_through=MONDAY.plus_days(days),
        purpose="own_answers",
        ratings={
            name: Ratings(Item(name, name, 1, 7, "low", "low", "high", ordinal=False), t, v, ("",) * len(t))
            for name, (t, v) in ratings.items()
        },
        events={
            name: Events(name, "demand", t, np.full(len(t), np.nan), np.zeros(len(t)), ("",) * len(t))
            for name, t in events.items()
        },
        episodes={}, samples=samples or {},
        recording={"": Recording("", np.arange(days + 1.0), np.ones(days) if share is None else share)}, gaps=(),
        prompts_sent=NOTHING, prompts_answered=NOTHING, offset_edges=np.zeros(1), offset_hours=np.zeros(1),
        anchor=anchor,
    )  # fmt: skip


def swinging(rng, n, keep, sd=1.0):
    """An autoregression of variance sd² (n,)."""
    path = rng.normal(size=n)
    for i in range(1, n):
        path[i] = keep * path[i - 1] + np.sqrt(1.0 - keep**2) * path[i]
    return sd * path


def usual_person(seed=1, days=120, *, late=None):
    """Three answers a day with memory, one signal a day, events in bursts; from day `late` on everything is another."""
    rng, other = np.random.default_rng(seed), np.random.default_rng(seed + 1000)
    times = (np.arange(days)[:, None] + np.array([0.4, 0.6, 0.85])).ravel()
    after = times >= (days if late is None else late)
    ratings = {}
    for name in ("tension", "mood"):
        one, two = (4.0 + swinging(r, len(times), 0.9) for r in (rng, other))
        ratings[name] = (times, np.clip(np.where(after, two, one), 1.0, 7.0).round())
    rates = [np.exp(swinging(r, days, 0.9) - 1.2) for r in (rng, other)]
    counts = [r.poisson(rate) for r, rate in zip((rng, other), rates, strict=True)]
    came = np.where(np.arange(days) >= (days if late is None else late), counts[1], counts[0])
    at = np.repeat(np.arange(days), came) + 0.5
    watch = np.where(
        np.arange(days) >= (days if late is None else late), other.normal(size=days), rng.normal(size=days)
    )
    samples = {"watch": Samples("watch", "beats", np.arange(days) + 0.3, watch)}
    return person(ratings, {"quarrel": at}, days, anchor="tension", samples=samples)


def test_a_filter_of_the_bank_equals_the_joint_gaussian():
    rng = np.random.default_rng(3)
    n, span = 9, 4
    gaps = np.array([0.0, *np.ones(n - 1)])
    noise, design = rng.uniform(0.5, 2.0, n), rng.normal(size=(n + span - 1, 2))
    bank = Bank(np.array([[0.7, 0.05]]), np.array([[0.8, 0.4]]), np.array([0.03]), np.array([0.2]))
    values = 3.0 + rng.normal(size=n)
    values[4] = np.nan
    seen = foresee(gaps, values, noise, design, bank, start=2.5, s0=1.0, span=span)

    t = np.arange(n + span - 1.0)
    path = 9.0 + 0.03 * np.minimum(t[:, None], t) + 0.2 * design @ design.T
    for rate, ratio in zip(*(each[0] for each in bank[:2]), strict=True):
        path = path + ratio * np.exp(-rate * np.abs(t[:, None] - t))
    for i in (1, 5, 8):
        known = np.flatnonzero(np.isfinite(values[:i]))
        told = path[np.ix_(known, known)] + np.diag(noise[known])
        gain = path[:, known] @ np.linalg.inv(told)
        means, cov = 2.5 + gain @ (values[known] - 2.5), path - gain @ path[known]
        assert seen.means[0, i] == pytest.approx(means[i])
        assert seen.means_ahead[0, i] == pytest.approx(means[i : i + span].mean())
        ahead = cov[i : i + span, i : i + span].mean() + 1.0 / span
        ratio = seen.variances_ahead[0, i] / seen.variances[0, i]
        assert ratio == pytest.approx(ahead / (cov[i, i] + noise[i]))


def test_a_blend_loses_little_to_the_best_of_its_forecasters():
    rng = np.random.default_rng(4)
    n = 300
    chances = rng.uniform(0.05, 0.95, (5, n))
    came = rng.random(n) < chances[2]
    scores = np.log(np.where(came, chances, 1.0 - chances))
    at = np.arange(n, dtype=float)
    by = weights(scores, at, at + 1.0, np.ones(5), share=0.0)
    both = mixed(np.stack([1.0 - chances, chances], axis=-1), by)[np.arange(n), came.astype(int)]
    assert by.sum(axis=0) == pytest.approx(np.ones(n))
    assert scores.sum(axis=1).max() - np.log(both).sum() <= np.log(5.0) + 1e-9


def test_a_blend_knows_only_scores_that_were_due():
    scores = np.log(np.array([[0.9, 0.9, 0.9, 0.9], [0.1, 0.1, 0.1, 0.1]]))
    made = np.arange(4.0)
    by = weights(scores, made, made + 3.0, np.ones(2))
    assert by[:, :3] == pytest.approx(np.full((2, 3), 0.5))
    assert by[0, 3] > 0.85
    with pytest.raises(BadRequest):
        weights(scores, made, made, np.ones(3))


def test_forecasts_on_a_scale_add_up_and_are_scored_by_their_distance():
    scale = scale_of(1.0, 7.0, np.array([1.0, 4.0]))
    chances = scale.logistic(np.array([4.0, 6.9]), np.array([1.0, 0.5]))
    assert scale.whole
    assert chances.sum(axis=1) == pytest.approx(np.ones(2))
    assert scale.mean(chances)[0] == pytest.approx(4.0)
    assert scale.quantiles(chances, (0.05, 0.5, 0.95))[0].tolist() == [2.0, 4.0, 6.0]
    sure = np.eye(7)[[3]]
    assert scale.crps(sure, np.array([6.0])) == pytest.approx([2.0])
    fine = scale_of(0.0, 100.0, np.array([3.3]))
    assert not fine.whole
    assert fine.quantiles(fine.logistic(np.array([50.0]), np.array([10.0])), (0.5,))[0, 0] == pytest.approx(50.0)
    assert scale.log_scores(sure, np.array([np.nan]))[0] != scale.log_scores(sure, np.array([np.nan]))[0]
    with pytest.raises(BadRequest):
        scale_of(3.0, 3.0, NOTHING)


def targets(values, horizon="day"):
    n = len(values)
    at, nothing = np.arange(n, dtype=float), np.zeros(n, np.int64)
    return Targets(horizon, at, at + 1.0, np.array(values, float), np.mod(np.arange(n), 7), nothing, np.zeros(n))


def test_each_baseline_says_what_its_name_says():
    values = [2.0, 4.0, np.nan, 6.0, 1.0, 1.0, 1.0, 5.0, 5.0]
    told, scale = targets(values), scale_of(1.0, 7.0, np.array([1.0]))
    assert baselines.last_value(scale, told)[1:5].tolist() == [2.0, 4.0, 4.0, 6.0]
    assert baselines.seasonal_naive(scale, told)[7:].tolist() == [2.0, 4.0]
    assert baselines.person_mean(scale, told)[4] == pytest.approx((4.0 + 2.0 + 4.0 + 6.0) / 4.0)
    assert baselines.ewma(scale, told, alpha=0.5)[4] == pytest.approx(4.5)
    ever = baselines.remembered(scale, told, np.zeros(9, np.int64), (np.inf, 1.0))
    assert ever.sum(axis=-1) == pytest.approx(np.ones((2, 9)))
    assert ever[1, 8, 4] > ever[0, 8, 4] > 1.0 / 7.0


def test_past_misses_are_laid_onto_a_forecast_and_held_to_the_scale():
    told, scale = targets([1.0] * 60 + [np.nan]), scale_of(1.0, 7.0, np.array([1.0]))
    two_above = np.full(61, 3.0)
    two_above[-1] = 2.0
    laid = baselines.by_misses(scale, told, baselines.spread_of(scale, told, two_above))
    assert laid.sum(axis=1) == pytest.approx(np.ones(61))
    assert laid[-2, 0] > 0.85
    assert laid[-1, 0] > 0.85  # 2 - 2 lies below the scale
    mirrored = baselines.by_misses(scale, told, baselines.spread_of(scale, told, np.full(61, 5.0)))
    assert mirrored[1, 0] < 0.3 < mirrored[10, 0] < mirrored[-1, 0]


def test_the_base_rate_is_about_as_good_as_the_mean_with_its_own_misses():
    rng = np.random.default_rng(12)
    times = np.arange(150) + 0.5
    skewed = person({"mood": (times, np.clip(rng.exponential(1.0, 150) + 1.0, 1.0, 7.0))}, {}, 150)
    series = series_of(skewed)
    of = next_ratings.foretell(skewed, days_of(skewed, series), series[0], "day", plain=True)
    assert (of.scores("base rate") - of.scores("mean"))[10:-1].mean() > -0.03
    assert (of.scores("mean") - of.scores("seasonal naive"))[10:-1].mean() > 0.05


def test_the_mean_of_a_week_is_of_all_its_answers_and_needs_four_days():
    one = usual_person(days=20)
    days = days_of(one)
    week = of_weeks(days, "tension")
    times, values = one.ratings["tension"].times, one.ratings["tension"].values
    assert week.values[3] == pytest.approx(values[(times >= 3.0) & (times < 10.0)].mean())
    assert np.isnan(week.values[14:]).all()
    few = person({"tension": (times[times % 7 < 3.0], values[times % 7 < 3.0])}, {}, 20)
    assert np.isnan(of_weeks(days_of(few), "tension").values).all()


@pytest.mark.parametrize("horizon", ["prompt", "day", "week"])
def test_what_comes_later_changes_no_forecast_of_a_rating(horizon):
    late = 80
    told = []
    for one in (usual_person(), usual_person(late=late)):
        series = series_of(one)
        named = next(each for each in series if each.name == "tension")
        told.append(next_ratings.foretell(one, days_of(one, series), named, horizon, plain=True))
    known = told[0].targets.made <= late
    assert known.sum() > 50
    assert (told[0].targets.values[-5:-1] != told[1].targets.values[-5:-1]).any() or horizon == "week"
    for name, chances in told[0].chances.items():
        assert chances[known] == pytest.approx(told[1].chances[name][known]), name
        assert chances.sum(axis=1) == pytest.approx(np.ones(len(chances)), abs=1e-6)


@pytest.mark.parametrize("horizon", ["day", "week"])
def test_what_comes_later_changes_no_forecast_of_an_event(horizon):
    late = 80
    told = [
        next_events.foretell(days_of(one), "quarrel", horizon, plain=True)
        for one in (usual_person(), usual_person(late=late))
    ]
    known = told[0].targets.made <= late
    for name, chances in told[0].chances.items():
        assert chances[known] == pytest.approx(told[1].chances[name][known]), name
        assert ((chances > 0.0) & (chances < 1.0)).all()


def test_a_week_with_an_unrecorded_day_has_no_outcome():
    share = np.ones(30)
    share[10] = 0.2
    days = days_of(person({}, {"quarrel": np.array([3.5, 10.5, 20.5])}, 30, share=share))
    assert np.isnan(days.happened("quarrel")[10])
    week = next_events.targets_of(days, "quarrel", "week").values
    assert np.isnan(week[4:11]).all()
    assert week[[0, 3, 11]].tolist() == [1.0, 1.0, 0.0]
    assert week[14] == 1.0


def test_ours_tells_a_rating_with_memory_better_than_the_base_rate():
    one = usual_person(7, days=200)
    series = series_of(one)
    named = next(each for each in series if each.name == "tension")
    of = next_ratings.foretell(one, days_of(one, series), named, "day", plain=True)
    gained = of.scores("ours")[20:-1] - of.scores("base rate")[20:-1]
    assert gained.mean() > 0.1
    for plain in ("mean", "last value", "seasonal naive", "EWMA"):
        assert (of.scores("ours")[20:-1] - of.scores(plain)[20:-1]).mean() > 0.0, plain


def test_ours_tells_events_in_bursts_better_than_the_base_rate():
    rng = np.random.default_rng(11)
    days = 300
    often = np.repeat(rng.permutation(np.tile([0.05, 0.6], 5)), 30)
    at = np.flatnonzero(rng.random(days) < often) + 0.5
    of = next_events.foretell(days_of(person({}, {"quarrel": at}, days)), "quarrel", "day", plain=True)
    assert (of.scores("ours")[20:-1] - of.scores("base rate")[20:-1]).mean() > 0.02
    assert 0.0 < of.sd < 3.0
