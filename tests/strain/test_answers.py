import dataclasses
import math

import numpy as np
import pytest

from mainstay import strain
from mainstay.quantities import CannotSay, Finding
from mainstay.strain.judge import e_value, likelihood_of, verdict
from mainstay.strain.settings import Settings, Shape


def one(answers, row, about, quantity=""):
    found = [a for a in answers if a.row == row and a.about == about and quantity in a.quantity]
    assert len(found) == 1, [(a.row, a.about, a.quantity) for a in answers]
    return found[0]


@pytest.fixture(scope="module")
def told(year, fitted):
    return strain.answers(year, fitted)


def test_every_answer_is_a_sentence_with_an_interval_or_a_reason(told):
    for answer in told:
        if isinstance(answer, Finding):
            assert answer.claim.endswith(".")
            assert answer.estimate in answer.interval
        else:
            assert answer.reason
            assert answer.status == "cannot_say"


@pytest.mark.parametrize(
    "life",
    [{}, {"recording": None}, {"recording": (0.5, 0.5)}, {"days": 60.0}, {"check_ins_per_day": 0}],
    ids=["a year", "recording not logged", "half recorded", "two months", "no check-ins"],
)
def test_every_answer_about_a_fit_says_how_it_was_found(make_timeline, life):
    timeline = make_timeline(0, **life)
    found = dataclasses.replace(strain.fit(timeline), method="found in another way", trusted=True)
    told = [a for a in strain.answers(timeline, found) if a.quantity != "hours as oneself"]
    assert told
    assert {a.method for a in told} == {"found in another way"}


def test_tolls_hold_the_truth(told):
    """The first hour from rest adds ρ (1 - exp(-λ / 24)) / λ, with λ = 0.5 a day."""
    for role, toll in (("first role", 1.5), ("second role", 2.0)):
        assert toll * (1 - math.exp(-0.5 / 24)) / 0.5 in one(told, "S9", role).interval


def test_half_life_holds_the_truth(told):
    assert 24 * math.log(2) / 0.5 in one(told, "S9", "recovery").interval


def test_hours_as_oneself_need_a_declared_self(told):
    assert isinstance(one(told, "S9", "self"), CannotSay)


def test_hours_as_oneself_are_counted_by_the_week_from_the_declared_role(year, fitted):
    declared = dataclasses.replace(year.episodes["second role"], is_self=True)
    timeline = dataclasses.replace(year, episodes={**year.episodes, "second role": declared})
    answer = one(strain.answers(timeline, fitted), "S9", "second role", "hours as oneself")
    assert answer.estimate == pytest.approx(declared.hours / (year.days / 7), rel=0.03)
    assert answer.interval.low < answer.estimate < answer.interval.high


def test_acts_noted_by_the_day_on_most_days_are_refused_with_what_would_help(make_timeline):
    timeline = make_timeline(0, days=120.0)
    daily = dataclasses.replace(
        timeline.events["first refuge"],
        times=np.arange(100) + 0.5,
        sizes=np.full(100, np.nan),
        half_widths=np.full(100, 0.5),
        ids=("",) * 100,
    )
    timeline = dataclasses.replace(timeline, events={**timeline.events, "first refuge": daily})
    answer = one(strain.answers(timeline, strain.fit(timeline)), "S10", "first refuge")
    assert isinstance(answer, CannotSay)
    assert "time of day" in answer.would_change


def test_acts_noted_with_a_check_in_are_spread_over_the_time_since_the_one_before(year):
    from mainstay.strain.exposure import settle_times

    check_ins = np.array([1.0, 1.2, 1.6, 3.0])
    acts = dataclasses.replace(
        year.events["first refuge"],
        times=np.array([1.2, 1.6, 2.0, 3.0]),
        sizes=np.full(4, np.nan),
        half_widths=np.zeros(4),
        ids=("a", "b", "c", "d"),
    )
    (settled,), moved = settle_times((acts,), check_ins)
    assert moved == 3
    assert 1.0 < settled.times[0] < 1.2 < settled.times[1] < 1.6
    assert settled.times[2] == 2.0
    assert 2.5 < settled.times[3] < 3.0


def test_a_refuge_of_calm_hours_gets_no_credit_for_the_calm(make_timeline):
    """Acts that come when strain is low: S10 says so, and S12 refuses."""
    from mainstay.strain.parameters import RefugeParameters
    from mainstay.timeline.reader import from_records
    from mainstay.worlds.ordinary import MONDAY, ordinary_parameters, ordinary_person

    truth = ordinary_parameters()
    calm = {label: RefugeParameters(1.0, -0.8, -9.0, 0.0) for label in truth.refuges}
    records, items, anchor = ordinary_person(4, dataclasses.replace(truth, refuges=calm), days=180.0)
    timeline = from_records(records, items, anchor, as_of=MONDAY.plus_days(181))
    told = strain.answers(timeline, strain.fit(timeline))
    assert "calmer hours" in one(told, "S10", "first refuge").claim
    assert isinstance(one(told, "S12", "first refuge", "at once"), CannotSay)


def test_both_refuges_rise_with_strain(told):
    for refuge in ("first refuge", "second refuge"):
        answer = one(told, "S10", refuge)
        assert answer.status == "found"
        assert math.e in answer.interval


def test_a_falling_threshold_is_found_with_its_factor(told):
    answer = one(told, "S11", "threshold")
    assert answer.status == "found"
    assert math.exp(0.8) in answer.interval
    assert "takes less to tip over than before" in answer.claim


def test_efficacy_is_near_the_truth(told):
    """Within twice the half-width of its 90 % interval: this one person is one draw; coverage is tested elsewhere."""
    for refuge, truth in (("first refuge", 50), ("second refuge", 30)):
        answer = one(told, "S12", refuge, "at once")
        assert abs(answer.estimate - truth) < answer.interval.high - answer.interval.low


def test_without_a_log_of_recording_the_drift_is_never_found(make_timeline):
    timeline = make_timeline(0, recording=None)
    answer = one(strain.answers(timeline, strain.fit(timeline)), "S11", "threshold")
    assert isinstance(answer, CannotSay)
    assert answer.detail["tipping_point"] > 1.3


def test_three_months_are_too_little_and_the_months_needed_are_said(make_timeline):
    timeline = make_timeline(1, days=100.0)
    answer = one(strain.answers(timeline, strain.fit(timeline)), "S11", "threshold")
    assert isinstance(answer, CannotSay)
    assert answer.unit == "months"
    assert answer.need > answer.have


def test_a_refuge_that_strain_does_not_drive_has_no_threshold(make_timeline):
    """Acts at a steady rate, whatever the strain."""
    timeline = make_timeline(3, days=200.0)
    rng = np.random.default_rng(0)
    events = {
        label: series
        if series.is_ != "relief"
        else dataclasses.replace(
            series,
            times=np.sort(rng.uniform(0, 200, 60)),
            sizes=np.full(60, np.nan),
            half_widths=np.zeros(60),
            ids=("",) * 60,
        )
        for label, series in timeline.events.items()
    }
    steady = dataclasses.replace(timeline, events=events)
    answer = one(strain.answers(steady, strain.fit(steady)), "S11", "threshold")
    assert isinstance(answer, CannotSay)
    assert "no meaning" in answer.reason


def test_a_record_of_a_week_is_refused_with_what_is_needed(make_timeline):
    fit = strain.fit(make_timeline(0, days=7.0))
    assert isinstance(fit, CannotSay)
    assert (fit.need, fit.unit) == (14.0, "days")


def test_few_records_are_refused_with_what_is_needed(make_timeline):
    timeline = make_timeline(0, days=30.0, check_ins_per_day=0, acts_per_week=0.5)
    fit = strain.fit(timeline)
    assert isinstance(fit, CannotSay)
    assert fit.need == 20


def test_a_person_with_check_ins_only_gets_load_and_no_threshold(make_timeline):
    timeline = dataclasses.replace(make_timeline(0, days=60.0), events={})
    told = strain.answers(timeline, strain.fit(timeline))
    assert one(told, "S9", "recovery")
    assert isinstance(one(told, "S11", "threshold"), CannotSay)


def test_with_acts_only_sizes_are_refused_and_so_is_a_drift_no_draws_bear_out(make_timeline):
    timeline = make_timeline(0, days=365.0, check_ins_per_day=0)
    told = strain.answers(timeline, dataclasses.replace(strain.fit(timeline), trusted=False))
    assert [a.row for a in told if "without check-ins" in getattr(a, "reason", "")] == ["S9", "S10", "S12"]
    assert "failed its own check" in next(a for a in told if a.row == "S11").reason


def test_with_acts_only_a_trusted_drift_comes_with_its_sensitivity_to_fading(make_timeline):
    timeline = make_timeline(0, days=365.0, check_ins_per_day=0)
    told = strain.answers(timeline, dataclasses.replace(strain.fit(timeline), trusted=True))
    threshold = next(a for a in told if a.row == "S11")
    low, middle, high = threshold.detail["fading_prior_sensitivity"]["prior_sd_1"]
    assert low < middle < high
    assert middle == pytest.approx(threshold.detail["estimate"], rel=0.02)


def test_curves_hold_the_true_order_and_widths(year, fitted):
    curves = strain.curves(fitted, np.random.default_rng(0))
    assert np.all(curves.strain_low <= curves.strain) and np.all(curves.strain <= curves.strain_high)
    assert np.all(curves.threshold_low <= curves.threshold_high)
    assert curves.threshold[0] > curves.threshold[-1]
    assert len(curves.times) == len(curves.strain) == len(curves.unknown)


def test_verdict_says_found_only_off_zero_and_not_found_only_inside_what_matters():
    assert verdict(1.0, 0.5, 0.3) == "found"
    assert verdict(0.05, 0.1, 0.3) == "not_found"
    assert verdict(0.1, 0.3, 0.3) == "cannot_say"


def test_the_e_value_of_no_drift_has_mean_one():
    """An e-value's expectation under the null is 1: here by quadrature over the estimate."""
    sd = 0.4
    estimates = np.linspace(-16 * sd, 16 * sd, 8001)
    density = np.exp(-0.5 * (estimates / sd) ** 2) / (sd * math.sqrt(2 * math.pi))
    values = np.array([e_value(x, sd) for x in estimates])
    assert float((values * density).sum() * (estimates[1] - estimates[0])) == pytest.approx(1.0, abs=1e-3)


def test_the_prior_is_taken_out_of_the_posterior_exactly():
    prior, like_mean, like_sd = 1.0, 0.7, 0.5
    precision = prior**-2 + like_sd**-2
    mean = like_mean * like_sd**-2 / precision
    assert likelihood_of(mean, precision**-0.5, prior) == pytest.approx((like_mean, like_sd))


def test_answers_under_given_priors_say_so(make_timeline):
    timeline = make_timeline(3, days=120.0, recording=(1.0, 1.0))
    fitted = strain.fit(timeline, Settings(priors={"gain": (3.0, 0.5), "log_recovery_rate": (-0.7, 0.2)}))
    found = [a for a in strain.answers(timeline, fitted) if isinstance(a, Finding)]
    assert found
    assert all("given from outside this record: gain, log recovery rate" in a.assumptions[-1] for a in found)


@pytest.mark.parametrize("shape", ["none", "wander"])
def test_a_fit_without_a_drift_for_each_refuge_answers_and_says_so(shape):
    """`Shape("none")` and `Shape("wander")` have no coordinate of that name: a refusal, never an error."""
    from calibration import people

    timeline = people.person(3, days=120.0, drift=0.0)
    for settings in (Settings(fading=Shape(shape)), Settings(drift=Shape(shape))):
        told = strain.answers(timeline, strain.fit(timeline, settings))
        refused = [
            one.reason for one in told if isinstance(one, CannotSay) and one.reason.startswith("this fit has no")
        ]
        assert len(refused) == (2 if settings.fading.kind == shape else 1)
