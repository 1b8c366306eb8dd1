"""The simulator against theory: each law is computed here in the slow and obvious way."""

import time
from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, stats

from mainstay.errors import BadRequest
from mainstay.quantities import DAYS_PER_YEAR
from mainstay.strain.parameters import ItemParameters, RefugeParameters, StrainParameters
from mainstay.strain.simulate import Schedule, simulate

REST = StrainParameters(0.5, 0.0, 0.0, {}, {}, {}, {})
NEVER = RefugeParameters(log_rate=-60.0, pull=0.0, efficacy_logit=0.0, fading_per_year=0.0)
HOME = RefugeParameters(log_rate=-2.5, pull=0.8, efficacy_logit=0.3, fading_per_year=0.9)
QUARREL = RefugeParameters(log_rate=-1.0, pull=-0.4, efficacy_logit=-1.0, fading_per_year=-0.5)


def busy(days=120.0, seed=0):
    rng = np.random.default_rng(seed)
    mornings = np.arange(np.floor(days)) + 9 / 24
    return Schedule(
        days=days,
        roles={"work": (mornings, mornings + 8 / 24), "rescue": (mornings[::2] + 6 / 24, mornings[::2] + 11 / 24)},
        demands={
            "deadline": (np.sort(rng.uniform(0, days, int(days))), rng.gamma(2, 0.5, int(days))),
            "alarm": (np.sort(rng.uniform(0, days, int(days / 3))), np.ones(int(days / 3))),
        },
        check_ins={"tension": np.sort(rng.uniform(0, days, int(3 * days)))},
    )


def both(noise=0.0, **changes):
    return replace(
        StrainParameters(
            recovery_rate_per_day=0.6,
            noise_per_sqrt_day=noise,
            initial_strain=1.0,
            tolls_per_day={"work": 1.2, "rescue": 2.0},
            demands={"deadline": 0.7, "alarm": 1.5},
            refuges={"home": HOME, "quarrel": QUARREL},
            items={"tension": ItemParameters(2.0, 1.0, 0.7)},
            seeking_drift_per_year=1.5,
            day_rhythm=(-0.8, -0.5),
        ),
        **changes,
    )


def oracle_strain(parameters, schedule, acts):
    """Strain just before and after every change, by walking through all changes in order: a list of pieces."""
    middle = schedule.days / 2
    changes = [(t, "act", name) for name, times in acts.items() for t in times]
    for label, (times, sizes) in schedule.demands.items():
        changes += [(t, "jump", parameters.demands[label] * m) for t, m in zip(times, sizes, strict=True)]
    for label, (starts, ends) in schedule.roles.items():
        changes += [(t, "toll", parameters.tolls_per_day[label]) for t in starts]
        changes += [(t, "toll", -parameters.tolls_per_day[label]) for t in ends]
    changes += [(float(day), "none", None) for day in np.arange(1, schedule.days)] + [(schedule.days, "none", None)]
    pieces, now, strain, toll = [], 0.0, parameters.initial_strain, 0.0
    for t, what, value in sorted(changes, key=lambda change: change[0]):
        pieces.append((now, t, strain, toll))
        gain = toll / parameters.recovery_rate_per_day
        strain = gain + (strain - gain) * np.exp(-parameters.recovery_rate_per_day * (t - now))
        if what == "act":
            refuge = parameters.refuges[value]
            logit = refuge.efficacy_logit - refuge.fading_per_year * (t - middle) / DAYS_PER_YEAR
            strain *= 1 - 1 / (1 + np.exp(-logit))
        elif what == "jump":
            strain += value
        elif what == "toll":
            toll += value
        now = t
    return pieces


def strain_within(piece, t, parameters):
    start, _, strain, toll = piece
    gain = toll / parameters.recovery_rate_per_day
    return gain + (strain - gain) * np.exp(-parameters.recovery_rate_per_day * (t - start))


def test_strain_at_rest_decays_exponentially():
    done = simulate(replace(REST, initial_strain=2.0), Schedule(10.0), np.random.default_rng(0))
    np.testing.assert_allclose(done.path_strain, 2.0 * np.exp(-0.5 * done.path_times), rtol=1e-12)


def test_a_role_held_for_good_leads_to_toll_over_recovery_rate():
    held = Schedule(60.0, roles={"work": (np.array([0.0]), np.array([60.0]))})
    done = simulate(replace(REST, tolls_per_day={"work": 1.5}), held, np.random.default_rng(0))
    assert done.path_strain[-1] == pytest.approx(3.0, abs=1e-6)


def test_overlapping_episodes_of_a_role_count_once():
    twice = Schedule(60.0, roles={"work": (np.array([0.0, 5.0]), np.array([40.0, 60.0]))})
    done = simulate(replace(REST, tolls_per_day={"work": 1.5}), twice, np.random.default_rng(0))
    assert done.path_strain[-1] == pytest.approx(3.0, abs=1e-6)


def test_noise_alone_has_the_mean_variance_and_memory_of_its_theory():
    days, rate, sigma = 20_000.0, 0.5, 0.7
    done = simulate(
        replace(REST, noise_per_sqrt_day=sigma),
        Schedule(days),
        np.random.default_rng(1),
        step_minutes=180,
        grid_hours=12,
    )
    path, variance = done.path_strain[40:], sigma**2 / (2 * rate)
    effective = rate * days / 2  # independent looks at a variance whose autocorrelation falls with exp(-2 rate t)
    assert abs(path.mean()) < 4 * np.sqrt(variance / effective)
    assert path.var() == pytest.approx(variance, rel=4 * np.sqrt(2 / effective))
    assert np.corrcoef(path[:-1], path[1:])[0, 1] == pytest.approx(np.exp(-rate / 2), abs=4 / np.sqrt(effective))


def test_short_and_long_steps_give_the_same_noise():
    ends = [
        [
            simulate(
                replace(REST, noise_per_sqrt_day=1.0), Schedule(3.0), np.random.default_rng(seed), step_minutes=step
            ).path_strain[-1]
            for seed in range(400)
        ]
        for step in (10.0, 60.0)
    ]
    assert stats.ks_2samp(*ends).pvalue > 0.001


@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_without_pull_acts_are_a_poisson_process(noise):
    days = 3000.0
    plain = replace(REST, noise_per_sqrt_day=noise, refuges={"home": RefugeParameters(np.log(0.5), 0.0, 0.0, 0.0)})
    acts = simulate(plain, Schedule(days), np.random.default_rng(3), step_minutes=30).acts["home"]
    assert len(acts) == pytest.approx(0.5 * days, abs=4 * np.sqrt(0.5 * days))
    assert stats.kstest(np.diff(acts) * 0.5, "expon").pvalue > 0.001


def test_each_refuge_is_chosen_in_proportion_to_its_hazard():
    refuges = {
        "home": RefugeParameters(np.log(0.6), 0.0, 0.0, 0.0),
        "quarrel": RefugeParameters(np.log(0.2), 0.0, 0.0, 0.0),
    }
    for noise in (0.0, 0.3):
        done = simulate(
            replace(REST, noise_per_sqrt_day=noise, refuges=refuges),
            Schedule(4000.0),
            np.random.default_rng(4),
            step_minutes=60,
        )
        total = sum(len(times) for times in done.acts.values())
        assert len(done.acts["home"]) / total == pytest.approx(0.75, abs=4 * np.sqrt(0.1875 / total))


def test_a_refuge_at_night_follows_the_local_clock_after_it_is_moved():
    rhythm = replace(REST, refuges={"home": replace(NEVER, log_rate=np.log(0.5))}, day_rhythm=(3.0, 0.0))
    moved = Schedule(6000.0, offset_edges=np.array([0.0, 3000.0, 6000.0]), offset_hours=np.array([1.0, 7.0]))
    acts = simulate(rhythm, moved, np.random.default_rng(5)).acts["home"]
    angles = 2 * np.pi * acts
    before = np.angle(np.exp(1j * angles[acts < 3000]).mean()) * 24 / (2 * np.pi)
    after = np.angle(np.exp(1j * angles[acts >= 3000]).mean()) * 24 / (2 * np.pi)
    assert before == pytest.approx(0.0, abs=0.6)
    assert after == pytest.approx(-6.0, abs=0.6)


def test_path_equals_a_walk_through_all_changes():
    parameters, schedule = both(), busy()
    done = simulate(parameters, schedule, np.random.default_rng(6))
    pieces = oracle_strain(parameters, schedule, done.true_acts)
    starts = np.array([piece[0] for piece in pieces])
    expected = [
        strain_within(pieces[np.searchsorted(starts, t, "right") - 1], t, parameters) for t in done.path_times[1:]
    ]
    np.testing.assert_allclose(done.path_strain[1:], expected, atol=1e-9)


def rescaled_waits(parameters, schedule, done, name):
    """The integral of the hazard between one act of the refuge and the next, by adaptive quadrature."""
    refuge, middle = parameters.refuges[name], schedule.days / 2
    c1, c2 = parameters.day_rhythm

    def hazard(t, piece):
        level = parameters.seeking_drift_per_year * (t - middle) / DAYS_PER_YEAR
        rhythm = c1 * np.cos(2 * np.pi * t) + c2 * np.sin(2 * np.pi * t)
        return np.exp(refuge.log_rate + refuge.pull * strain_within(piece, t, parameters) + level + rhythm)

    pieces = oracle_strain(parameters, schedule, done.true_acts)
    ends = np.array([piece[1] for piece in pieces])
    grown = np.cumsum([integrate.quad(hazard, piece[0], piece[1], args=(piece,))[0] for piece in pieces])
    at_acts = grown[np.searchsorted(ends, done.true_acts[name], "left")]
    return np.diff(at_acts, prepend=0.0)


@pytest.mark.parametrize(("name", "seed"), [("home", 7), ("quarrel", 8)])
def test_time_rescaled_waits_are_unit_exponential_for_a_pull_of_either_sign(name, seed):
    parameters, schedule = both(), busy(days=500.0)
    done = simulate(parameters, schedule, np.random.default_rng(seed))
    waits = rescaled_waits(parameters, schedule, done, name)
    assert len(waits) > 60
    assert stats.kstest(waits, "expon").pvalue > 0.005


def test_with_noise_acts_come_at_the_mean_of_the_hazard_over_its_law():
    """A refuge that relieves nothing leaves strain Gaussian, so E exp(a + κS) = exp(a + κ²σ²/4λ)."""
    days, rate, sigma, pull = 12_000.0, 2.0, 1.2, 1.0
    idle = RefugeParameters(log_rate=np.log(0.2), pull=pull, efficacy_logit=-60.0, fading_per_year=0.0)
    noisy = replace(REST, recovery_rate_per_day=rate, noise_per_sqrt_day=sigma, refuges={"home": idle})
    acts = simulate(noisy, Schedule(days), np.random.default_rng(16), step_minutes=30).acts["home"]
    variance = sigma**2 / (2 * rate)
    expected = 0.2 * np.exp(pull**2 * variance / 2) * days
    clumping = 1 + 2 * expected / days * (np.exp(pull**2 * variance) - 1) / rate
    assert len(acts) == pytest.approx(expected, abs=4 * np.sqrt(expected * clumping))


def test_little_noise_gives_the_acts_of_none():
    schedule = busy(days=90.0)
    counts = {
        noise: [len(simulate(both(noise), schedule, np.random.default_rng(seed)).acts["home"]) for seed in range(60)]
        for noise in (0.0, 1e-6)
    }
    spread = np.sqrt((np.var(counts[0.0]) + np.var(counts[1e-6])) / 60)
    assert np.mean(counts[0.0]) == pytest.approx(np.mean(counts[1e-6]), abs=4 * spread)


def test_what_is_not_recorded_still_strains_and_relieves():
    schedule = busy()
    thinned = replace(schedule, recording={"": (np.array([0.0, 120.0]), np.array([0.3]))})
    full = simulate(both(0.4), schedule, np.random.default_rng(9))
    part = simulate(both(0.4), thinned, np.random.default_rng(9))
    np.testing.assert_array_equal(full.path_strain, part.path_strain)
    np.testing.assert_array_equal(full.acts["home"], part.true_acts["home"])
    assert set(part.acts["home"]) < set(part.true_acts["home"])


def test_an_arranged_act_comes_at_its_time_and_relieves():
    calm = replace(REST, initial_strain=2.0, refuges={"evening": replace(NEVER, log_rate=-np.inf, efficacy_logit=1.0)})
    done = simulate(calm, Schedule(4.0, arranged={"evening": np.array([2.0])}), np.random.default_rng(17))
    np.testing.assert_array_equal(done.acts["evening"], [2.0])
    after = done.path_times > 2.0
    left = 2.0 * np.exp(-0.5 * done.path_times[after]) / (1 + np.e)
    np.testing.assert_allclose(done.path_strain[after], left, rtol=1e-12)


def test_recording_keeps_its_stated_share_in_each_step():
    edges, share = np.array([0.0, 1000.0, 2000.0]), np.array([0.2, 0.9])
    plain = replace(REST, refuges={"home": RefugeParameters(0.0, 0.0, 0.0, 0.0)})
    done = simulate(plain, Schedule(2000.0, recording={"home": (edges, share)}), np.random.default_rng(10))
    for low, high, expected in zip(edges[:-1], edges[1:], share, strict=True):
        true = ((done.true_acts["home"] >= low) & (done.true_acts["home"] < high)).sum()
        kept = ((done.acts["home"] >= low) & (done.acts["home"] < high)).sum()
        assert kept / true == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / true))


def test_ratings_are_strain_on_the_item_with_noise():
    times = np.linspace(0.01, 99.9, 4000)
    schedule = replace(busy(days=100.0), check_ins={"tension": times})
    done = simulate(both(0.5), schedule, np.random.default_rng(11), grid_hours=0.25)
    error = done.ratings["tension"][1] - 2.0 - np.interp(times, done.path_times, done.path_strain)
    assert error.mean() == pytest.approx(0.0, abs=0.06)
    assert error.std() == pytest.approx(0.7, rel=0.08)


def test_the_same_generator_gives_the_same_person():
    first, second = (simulate(both(0.5), busy(), np.random.default_rng(12)) for _ in range(2))
    np.testing.assert_array_equal(first.ratings["tension"][1], second.ratings["tension"][1])
    np.testing.assert_array_equal(first.acts["home"], second.acts["home"])


def test_acts_without_end_are_refused():
    endless = both(refuges={"home": RefugeParameters(40.0, 30.0, -50.0, 0.0)})
    for noise in (0.0, 0.5):
        with pytest.raises(BadRequest, match="relief acts a day"):
            simulate(replace(endless, noise_per_sqrt_day=noise), busy(), np.random.default_rng(13))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (both(recovery_rate_per_day=0.0), "recovery rate must be positive"),
        (both(noise_per_sqrt_day=-1.0), "process noise"),
        (both(tolls_per_day={"sailor": 1.0}), "role 'sailor'"),
        (both(items={}), "item 'tension'"),
        (both(demands={"alarm": 1.0}), "demand 'deadline'"),
    ],
)
def test_parameters_that_do_not_fit_the_schedule_are_refused(wrong, says):
    with pytest.raises(BadRequest, match=says):
        simulate(wrong, busy(), np.random.default_rng(14))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"days": 0.0}, "positive number of days"),
        ({"roles": {"work": (np.array([2.0]), np.array([1.0]))}}, "role 'work'"),
        ({"demands": {"alarm": (np.array([2.0]), np.array([]))}}, "1 times but 0 sizes"),
        ({"recording": {"": (np.array([0.0, 5.0]), np.array([1.2]))}}, "between 0 and 1"),
    ],
)
def test_schedules_that_make_no_sense_are_refused(wrong, says):
    with pytest.raises(BadRequest, match=says):
        Schedule(**{"days": 5.0} | wrong)


def test_check_ins_after_the_end_are_refused():
    late = Schedule(5.0, check_ins={"tension": np.array([6.0])})
    with pytest.raises(BadRequest, match="outside its 5 days"):
        simulate(replace(REST, items={"tension": ItemParameters(0, 1, 1)}), late, np.random.default_rng(0))


def test_a_year_takes_milliseconds_once_compiled():
    schedule = busy(days=365.0)
    simulate(both(0.5), schedule, np.random.default_rng(15))
    begun = time.process_time()
    for seed in range(5):
        simulate(both(0.5), schedule, np.random.default_rng(seed))
    assert (time.process_time() - begun) / 5 < 0.05


def test_what_is_added_to_seeking_multiplies_it():
    """Twice the hazard in the second half of a record that strain does not drive; none where it is impossible."""
    refuges = {
        "home": RefugeParameters(np.log(2.0), 0.0, 0.0, 0.0),
        "quarrel": RefugeParameters(np.log(2.0), 0.0, 0.0, 0.0),
    }
    half = (np.array([0.0, 500.0, 1000.0]), np.array([0.0, np.log(2.0)]))
    never = (np.array([0.0, 500.0]), np.array([-np.inf]))
    schedule = Schedule(1000.0, seeking={"": half, "quarrel": never})
    acts = simulate(replace(REST, refuges=refuges, day_rhythm=(0.0, 0.0)), schedule, np.random.default_rng(5)).acts
    assert np.sum(acts["home"] < 500) == pytest.approx(1000, abs=4 * np.sqrt(1000))
    assert np.sum(acts["home"] >= 500) == pytest.approx(2000, abs=4 * np.sqrt(2000))
    assert np.all(acts["quarrel"] > 500)


def test_ordinal_answers_count_the_cuts_below_a_logistic_rating():
    item = ItemParameters(intercept=2.0, slope=0.0, noise_sd=1.0, cuts=(1.0, 2.0, 4.0), lowest=0.0)
    at = np.linspace(0.01, 99, 20_000)
    quiet = replace(REST, items={"tension": item}, refuges={})
    answers = simulate(quiet, Schedule(100.0, check_ins={"tension": at}), np.random.default_rng(6)).ratings["tension"][
        1
    ]
    scale = np.sqrt(3) / np.pi
    below = [1 / (1 + np.exp(-(cut - 2.0) / scale)) for cut in item.cuts]
    expected = np.diff([0.0, *below, 1.0])
    assert np.allclose(np.bincount(answers.astype(int), minlength=4) / 20_000, expected, atol=4 * 0.5 / np.sqrt(20_000))
