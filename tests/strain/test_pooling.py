"""What is learned from made-up likelihoods, where the answer is known, and what is handed on."""

import math
from dataclasses import replace

import numpy as np
import pytest

from mainstay.quantities import CannotSay
from mainstay.strain.many import FitFailed, Summary
from mainstay.strain.pooling import Pooled, fit_pooled, learn_priors
from mainstay.strain.population import FEWEST_PEOPLE, PooledPrior, likelihood
from mainstay.strain.priors import PRIORS
from mainstay.strain.settings import Settings

NAMES = ("log_recovery_rate", "log_noise", "gain:work", "pull:walk", "drift:walk", "mean_rating:tension")
TRUE_MEAN = np.array([-0.7, -0.7, 3.0, 1.0, 0.0, 2.0])
TRUE_SD = np.array([0.3, 0.3, 1.2, 0.25, 0.5, 0.5])


def usual(names):
    return np.array([PRIORS[name.split(":")[0]] for name in names]).T


def fitted(truth, noise, rng, names=NAMES):
    """A summary whose likelihood is normal about the truth with this covariance, under the usual priors."""
    prior_mean, prior_sd = usual(names)
    precision = np.linalg.inv(noise)
    covariance = np.linalg.inv(precision + np.diag(prior_sd**-2.0))
    seen = rng.multivariate_normal(truth, noise)
    mean = covariance @ (precision @ seen + prior_sd**-2.0 * prior_mean)
    return Summary(names, mean, covariance, prior_mean, prior_sd, 0.0, 90.0, 450, 50)


def cohort(n, rng, *, correlation=0.0, spread=0.5, outliers=0):
    """n people; recovery and the gain of work correlate over people as they do within a short record."""
    mixed = np.eye(6)
    mixed[0, 2] = mixed[2, 0] = correlation
    population = np.outer(TRUE_SD, TRUE_SD) * mixed
    noise = spread**2 * np.outer(TRUE_SD, TRUE_SD) * mixed
    people = [fitted(rng.multivariate_normal(TRUE_MEAN, population), noise, rng) for _ in range(n)]
    for k in range(outliers):
        people[k] = fitted(TRUE_MEAN + 12.0 * TRUE_SD, noise, rng)
    return people


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@pytest.fixture
def pooled(rng):
    return learn_priors(cohort(60, rng))


def test_the_likelihood_is_the_posterior_without_its_prior(rng):
    noise = np.diag(TRUE_SD**2) + 0.01
    one = fitted(TRUE_MEAN, noise, rng)
    precision, _ = likelihood(one)
    assert np.allclose(np.linalg.inv(precision), noise)


def test_the_prior_a_fit_was_made_with_does_not_matter(rng):
    one = fitted(TRUE_MEAN, np.diag(TRUE_SD**2), rng)
    own, shift = likelihood(one)
    covariance = np.linalg.inv(own + np.diag([4.0] * 6))
    other = replace(one, covariance=covariance, mean=covariance @ (shift + 4.0), prior_mean=np.ones(6),
                    prior_sd=np.full(6, 0.5))  # fmt: skip
    assert all(np.allclose(a, b) for a, b in zip(likelihood(other), (own, shift), strict=True))


def test_the_population_is_found_again(rng):
    found = learn_priors(cohort(300, rng, correlation=-0.75))
    for name, mean, sd in zip(NAMES, TRUE_MEAN, TRUE_SD, strict=True):
        if name.startswith("drift"):
            continue
        # 300 people with a noise of half the spread: 4 standard errors
        assert abs(found.of[name].mean - mean) < 4.0 * sd * math.sqrt(1.25 / 300), name
        assert abs(found.of[name].sd / sd - 1.0) < 4.0 * 1.25 / math.sqrt(600) + 0.02, name


def test_records_that_tell_two_things_only_together_do_not_hide_how_people_differ(rng):
    """Recovery and gain trade off within a record; without the correlation over people both spreads shrink."""
    found = learn_priors(cohort(300, rng, correlation=-0.9, spread=2.0))
    assert found.of["log_recovery_rate"].sd > 0.8 * TRUE_SD[0]


def test_people_far_from_the_others_neither_drag_the_mean_nor_blow_up_the_spread(rng):
    found = learn_priors(cohort(60, rng, outliers=3))
    for name in ("log_recovery_rate", "log_noise", "mean_rating:tension"):
        i = NAMES.index(name)
        assert abs(found.of[name].mean - TRUE_MEAN[i]) < 0.6 * TRUE_SD[i]
        assert found.of[name].sd < 2.0 * TRUE_SD[i]


def test_records_that_tell_nothing_leave_the_usual_prior(rng):
    found = learn_priors(cohort(40, rng, spread=200.0))
    for name, one in found.of.items():
        mean, sd = PRIORS[name.split(":")[0]]
        assert abs(one.mean - mean) < 0.1 * sd, name
        assert 0.8 * sd < one.sd <= sd * (1.0 + 1e-9), name


def test_a_cohort_of_one_mind_still_leaves_room_to_differ(rng):
    noise = np.diag(TRUE_SD**2) * 1e-4
    found = learn_priors([fitted(TRUE_MEAN, noise, rng) for _ in range(30)])
    for name, one in found.of.items():
        assert one.sd >= 0.1 * one.usual_sd * (1.0 - 1e-9), name


def test_fewer_people_know_less(rng):
    people = cohort(FEWEST_PEOPLE, rng)
    few, many = learn_priors(people), learn_priors(people * 20)
    assert all(few.of[name].sd > 1.05 * many.of[name].sd for name in few.of)


def test_fewer_than_twenty_people_are_refused(rng):
    refused = learn_priors(cohort(FEWEST_PEOPLE - 1, rng))
    assert isinstance(refused, CannotSay)
    assert (refused.have, refused.need, refused.unit) == (19, 20, "people")


def test_people_without_a_fit_or_without_check_ins_are_left_out_and_counted(rng):
    one = cohort(1, rng)[0]
    unrated = replace(one, names=(*NAMES[:-1], "habit"))
    found = learn_priors([*cohort(30, rng), unrated, CannotSay("no"), FitFailed(0, "ValueError", "", "")])
    assert (found.people, found.left_out) == (30, 3)
    assert found.priors_for(unrated) == {}


def test_what_changes_is_never_pooled(pooled):
    assert not [name for name in pooled.of if name.split(":")[0] in ("drift", "fading", "growth", "habit", "start")]


def test_effects_are_lent_only_where_asked(rng, pooled):
    one = cohort(1, rng)[0]
    assert {"gain:work", "pull:walk"}.isdisjoint({*pooled.priors, *pooled.priors_for(one)})
    assert {"gain:work", "pull:walk"} <= {*pooled.priors_for(one, effects=True)}


def test_words_of_ones_own_lean_on_their_kind(rng):
    people = []
    for k, one in enumerate(cohort(60, rng)):
        people.append(replace(one, names=tuple(f"{n}{k}" if n.startswith(("gain", "pull")) else n for n in one.names)))
    found = learn_priors(people)
    assert "pull:walk7" not in found.of
    assert abs(found.of["pull"].mean - 1.0) < 0.2
    assert abs(found.of["pull"].sd / 0.25 - 1.0) < 0.5
    new = replace(people[0], names=tuple(n.replace("walk0", "something else") for n in people[0].names))
    assert "pull:something else" in found.priors_for(new, effects=True)


def test_the_cosine_of_a_rhythm_says_nothing_about_its_sine():
    prior = PooledPrior(30, 0.5, 0.2, 0.0, 1.0)
    assert Pooled(30, 0, {"rhythm:cos": prior}).prior("rhythm:sin") is None


def test_somebody_like_the_others_leans_on_them(rng, pooled):
    one = fitted(TRUE_MEAN, np.diag(TRUE_SD**2), rng)
    mean, sd = pooled.priors_for(one)["log_recovery_rate"]
    assert abs(mean + 0.7) < 0.3
    assert sd < 0.6


def test_somebody_unlike_the_others_keeps_the_usual_prior_there_alone(rng, pooled):
    truth = TRUE_MEAN.copy()
    truth[0] += 8.0 * TRUE_SD[0]
    priors = pooled.priors_for(fitted(truth, 0.25 * np.diag(TRUE_SD**2), rng))
    assert priors["log_recovery_rate"] == pytest.approx(PRIORS["log_recovery_rate"], abs=0.02)
    assert priors["log_noise"][1] < 0.6


def test_a_prior_never_lies_beyond_both_the_usual_and_the_pooled_one(rng, pooled):
    for far in np.linspace(-10.0, 10.0, 21):
        one = fitted(TRUE_MEAN + far * TRUE_SD, np.diag(TRUE_SD**2), rng)
        for name, (mean, sd) in pooled.priors_for(one, effects=True).items():
            of = pooled.of[name]
            widest = max(of.sd, of.usual_sd)
            assert 0.0 < sd <= widest * (1.0 + 1e-9)
            assert min(of.mean - of.sd, of.usual_mean - of.usual_sd) <= mean
            assert mean <= max(of.mean + of.sd, of.usual_mean + of.usual_sd)


def test_how_far_a_prior_moves_is_told():
    one = PooledPrior(60, -0.7, 0.3, -0.2, 1.0)
    assert (one.moved, one.narrower) == (pytest.approx(-0.5), pytest.approx(0.3))


@pytest.fixture(scope="module")
def short(make_timeline):
    return make_timeline(4, days=60.0)


def lent(mean=-0.69, sd=0.1):
    return Pooled(60, 0, {"log_recovery_rate": PooledPrior(60, mean, sd, *PRIORS["log_recovery_rate"])})


def test_a_short_record_is_fitted_with_what_others_lend_it(short):
    from mainstay.strain.fitting import fit

    alone, leaning = fit(short), fit_pooled(short, lent())
    assert leaning.marginal("log_recovery_rate")[1] < alone.marginal("log_recovery_rate")[1]
    assert leaning.data.settings.priors.keys() == {"log_recovery_rate"}
    assert np.array_equal(leaning.coordinates.prior_sd[1:], alone.coordinates.prior_sd[1:])


def test_a_prior_that_was_asked_for_goes_before_a_pooled_one(short):
    found = fit_pooled(short, lent(), Settings(priors={"log_recovery_rate": (0.0, 0.5)}))
    assert found.coordinates.prior_sd[0] == 0.5
