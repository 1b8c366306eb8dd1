"""Terms a fit takes in only where asked: signals that feed strain, what restores, and recovery as oneself."""

from dataclasses import replace

import numpy as np
import pytest

from mainstay import strain
from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.strain.restoring import restoring_answers
from mainstay.strain.settings import Settings
from mainstay.strain.simulate import simulate
from mainstay.timeline.kinds import Samples
from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import MONDAY, TENSION, ordinary_parameters, ordinary_year, records_of

Z = 3.5  # four comparisons in this file: past this by chance once in five hundred


def timeline_of(schedule, truth, rng):
    records = records_of(schedule, simulate(truth, schedule, rng))
    return from_records(records, (TENSION,), TENSION.name, as_of=MONDAY.plus_days(schedule.days + 1))


@pytest.fixture(scope="module")
def sleepless():
    """A year in which every other night or so is bad, which adds 1.2 a day until the next; told by a signal."""
    rng = np.random.default_rng(11)
    schedule = ordinary_year(rng)
    bad = rng.random(365) < 0.5
    days = np.flatnonzero(bad).astype(float)
    with_nights = replace(schedule, roles={**schedule.roles, "bad night": (days, days + 1.0)})
    truth = ordinary_parameters(drift_per_year=0.0)
    truth = replace(truth, tolls_per_day={**truth.tolls_per_day, "bad night": 1.2})
    timeline = timeline_of(with_nights, truth, rng)
    hours = np.where(bad, 4.0, 7.0)
    sleep = Samples("sleep", "h", np.arange(365.0), hours)
    episodes = {label: one for label, one in timeline.episodes.items() if label != "bad night"}
    return replace(timeline, episodes=episodes, samples={"sleep": sleep}), bad.std()


def test_a_signal_that_feeds_strain_is_found_with_its_size(sleepless):
    timeline, sd = sleepless
    fitted = strain.fit(timeline, Settings(covariates=("sleep",)))
    mean, spread = fitted.marginal("covariate", "sleep")
    assert mean == pytest.approx(-1.2 * sd / 0.5, abs=Z * spread)  # less sleep, more strain; gain is toll over rate
    told = next(a for a in strain.answers(timeline, fitted) if a.about == "sleep")
    assert told.status == "found" and "takes away" in told.claim


def test_a_signal_is_left_out_unless_it_is_asked_for(sleepless):
    timeline, _ = sleepless
    assert not [name for name in strain.fit(timeline).coordinates.names if name.startswith("covariate")]


def test_a_signal_that_is_not_on_record_is_named(sleepless):
    timeline, _ = sleepless
    with pytest.raises(BadRequest, match="no signal 'weather'; the signals in it: sleep"):
        strain.fit(timeline, Settings(covariates=("weather",)))


@pytest.fixture(scope="module")
def restored():
    """Two years with two long stretches as oneself: recovery is twice as fast then, and all its hours restore."""
    rng = np.random.default_rng(12)
    schedule = ordinary_year(rng, days=730.0)
    blocks = [*range(120, 180), *range(450, 520)]
    starts = np.array(blocks, float) + 0.3
    own = (starts, starts + 0.4)
    weeks = np.arange(0.0, 731.0, 7.0)
    so_far = np.array([np.clip(week - starts, 0.0, 0.4).sum() for week in weeks[1:]]) / (0.4 * len(blocks))
    whole = replace(
        schedule, roles={**schedule.roles, "oneself": own}, oneself="oneself", seeking={"": (weeks, -2.0 * so_far)}
    )
    truth = ordinary_parameters(acts_per_week=8.0, drift_per_year=0.0)
    truth = replace(truth, own_recovery=np.log(2.0), tolls_per_day={**truth.tolls_per_day, "oneself": 0.0})
    timeline = timeline_of(whole, truth, rng)
    own_time = replace(timeline.episodes["oneself"], is_self=True)
    return replace(timeline, episodes={**timeline.episodes, "oneself": own_time})


def test_restoring_terms_are_recovered_where_the_record_tells_them_from_time(restored):
    fitted = strain.fit(restored, Settings(restoring=True))
    faster, spread = fitted.marginal("own_recovery")
    assert faster == pytest.approx(np.log(2.0), abs=Z * spread)
    restoring, sd = fitted.marginal("restoring", "oneself")
    assert restoring == pytest.approx(2.0, abs=Z * sd + 0.5)  # its prior, N(0, 1), pulls
    assert restoring > Z * sd / 2


def test_what_restores_is_refused_outside_a_trial(year, fitted):
    (refusal,) = restoring_answers(year, fitted)
    assert isinstance(refusal, CannotSay) and "trial" in refusal.would_change
    assert refusal.detail["correlation_with_time"] > 0.95


def test_acts_that_rise_with_time_stay_refused_even_when_asked(year):
    fitted = strain.fit(year, Settings(restoring=True))
    told = restoring_answers(year, fitted)
    assert [a.about for a in told] == ["first refuge", "second refuge"]
    assert all(isinstance(a, CannotSay) and "time passing" in a.reason for a in told)


def test_a_fit_without_noise_is_near_one_with_hardly_any_and_gives_no_answers():
    """On a life without process noise both find the truth; but intervals that leave noise out are not to be told."""
    rng = np.random.default_rng(13)
    schedule = ordinary_year(rng, days=180.0)
    truth = ordinary_parameters(drift_per_year=0.0, noise=0.0)
    timeline = timeline_of(schedule, truth, rng)
    still = strain.fit(timeline, Settings(noise=False))
    assert "log_noise" not in still.coordinates.names
    usual = strain.fit(timeline, Settings(priors={"log_noise": (np.log(0.02), 0.1)}))
    for kind, label in (("log_recovery_rate", ""), ("demand", "first demand"), ("pull", "first refuge")):
        mean, sd = still.marginal(kind, label)
        assert mean == pytest.approx(usual.marginal(kind, label)[0], abs=0.3 * sd)
    assert still.marginal("demand", "first demand")[0] == pytest.approx(
        1.0, abs=Z * still.marginal("demand", "first demand")[1]
    )
    with pytest.raises(BadRequest, match="for comparison"):
        strain.answers(timeline, still)
