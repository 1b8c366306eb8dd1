"""Slips ahead: how often, how that rises with strain, and how sure either is."""

import numpy as np
import pytest

from mainstay import strain
from mainstay.futures.simulating import Settings, ahead, beginning
from mainstay.futures.slips_ahead import FEWEST_SLIPS
from mainstay.quantities import CannotSay
from mainstay.records.kinds import Event, Record, record_id
from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import MONDAY, ROLES, TENSION, ordinary_parameters, ordinary_year, records_of

DAYS = 280.0
LOGGED = {"": (np.linspace(0.0, DAYS, 41), np.full(40, 0.7))}


def slip(day):
    at = MONDAY.plus_days(float(day))
    return Record(record_id("simulated", "slips", str(at.utc_us)), "slips", at, at, "simulated", Event("slip", "slip"))


def begun_of(seed, level, rise, *, most=None, within=None):
    """A life with so many slips a day (`level` is the log at zero strain, `rise` by strain), seven in ten noted."""
    from mainstay.strain.simulate import simulate

    rng = np.random.default_rng(seed)
    year = ordinary_year(rng, days=DAYS, recording=LOGGED)
    lived = simulate(ordinary_parameters(), year, rng)
    rate = np.exp(level + rise * lived.path_strain)
    if within is not None:
        starts, ends = year.roles[within]
        rate *= np.searchsorted(starts, lived.path_times, "right") > np.searchsorted(ends, lived.path_times, "right")
    hit = rng.random(len(rate)) < -np.expm1(-rate / 24.0)
    true = lived.path_times[hit] + rng.random(int(hit.sum())) / 24.0
    noted = true[rng.random(len(true)) < 0.7][:most]
    records = (*records_of(year, lived), *(slip(day) for day in noted[noted < DAYS]))
    timeline = from_records(records, (TENSION,), TENSION.name, as_of=MONDAY.plus_days(DAYS + 1))
    begun = beginning(timeline, strain.fit(timeline))
    assert not isinstance(begun, CannotSay), begun
    return begun, len(true) / DAYS


def paths_of(begun):
    rng = np.random.default_rng(1)
    settings = Settings(draws=200)
    return ahead(begun.timeline, begun.fitted, days=28, n=4000, rng=rng, begun=begun, settings=settings)


def test_slips_come_as_often_as_they_truly_did_and_more_with_strain():
    begun, true = begun_of(1, -2.6, 0.6)
    mean, sd = begun.slips.mean[1], np.sqrt(begun.slips.covariance[1, 1])
    assert mean > 2.0 * sd and abs(mean - 0.6) < 2.5 * sd
    assert begun.slips.rate == pytest.approx(true, rel=0.25)
    paths = paths_of(begun)
    assert paths.slips.mean() == pytest.approx(true, rel=0.3) and paths.usual.slips == begun.slips.rate
    often = paths.slips.sum(axis=1)
    strained = paths.strain.mean(axis=1) > np.median(paths.strain.mean(axis=1))
    assert often[strained].mean() > 1.15 * often[~strained].mean()


def test_slips_that_have_nothing_to_do_with_strain_hardly_rise():
    begun, _ = begun_of(2, -1.6, 0.0)
    assert abs(begun.slips.mean[1]) < 2.5 * np.sqrt(begun.slips.covariance[1, 1])


def test_slips_that_fall_into_one_role_come_with_its_hours():
    begun, true = begun_of(3, -0.2, 0.0, within=ROLES[0])
    assert begun.slips.within == (ROLES[0],)
    paths = paths_of(begun)
    assert paths.slips.mean() == pytest.approx(true, rel=0.3)
    none = paths.hours[ROLES[0]] < 0.01
    assert paths.slips[none].sum() == 0 and none.any()


def test_a_few_slips_tell_only_how_often():
    begun, _ = begun_of(4, -2.6, 0.6, most=FEWEST_SLIPS - 1)
    assert begun.slips.gamma and begun.slips.n == FEWEST_SLIPS - 1
    draws = begun.slips.draws(20_000, np.random.default_rng(0))
    assert np.all(draws[:, 1:] == 0.0)
    assert np.exp(draws[:, 0]).std() / np.exp(draws[:, 0]).mean() == pytest.approx(
        (FEWEST_SLIPS - 0.5) ** -0.5, rel=0.05
    )
    assert paths_of(begun).slips.mean() == pytest.approx(begun.slips.rate * 4.5 / 4, rel=0.3)


def test_without_slips_on_record_none_are_told():
    begun, _ = begun_of(5, -50.0, 0.0)
    assert begun.slips is None and paths_of(begun).slips is None
