"""The ordinary person that calibration is run on."""

import numpy as np
import pytest

from mainstay.quantities import Instant
from mainstay.records.kinds import CheckIn, Coverage, Episode, Event
from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import ordinary_parameters, ordinary_person, ordinary_year

LATER = Instant.parse("2027-01-01T00:00+00:00")


def test_a_year_has_the_demands_and_check_ins_asked_for():
    year = ordinary_year(np.random.default_rng(0), check_ins_per_day=3, demands_per_day=2.0, answered=0.6)
    demands = sum(len(times) for times, _ in year.demands.values())
    assert demands == pytest.approx(730, abs=4 * np.sqrt(730))
    assert len(year.check_ins["tension"]) == pytest.approx(657, abs=4 * np.sqrt(1095 * 0.24))
    sizes = np.concatenate([sizes for _, sizes in year.demands.values()])
    assert sizes.mean() == pytest.approx(1.0, abs=4 * np.sqrt(0.5 / len(sizes)))


def test_load_that_grows_keeps_its_mean():
    year = ordinary_year(np.random.default_rng(1), days=4000.0, load_growth=3.0)
    times = np.concatenate([times for times, _ in year.demands.values()])
    assert len(times) == pytest.approx(4000, abs=4 * np.sqrt(4000))
    first, last = (times < 400).sum(), (times >= 3600).sum()
    assert last / first == pytest.approx(2.9 / 1.1, rel=0.25)


def test_about_four_acts_a_week():
    counts = []
    for seed in range(12):
        records, _, _ = ordinary_person(seed, check_ins_per_day=0)
        counts.append(sum(isinstance(r.body, Event) and r.body.is_ == "relief" for r in records))
    assert np.mean(counts) / 365 * 7 == pytest.approx(4.0, abs=0.6)


def test_records_make_a_timeline_that_ends_with_the_year():
    recording = {"": (np.array([0.0, 182.5, 365.0]), np.array([0.5, 1.0]))}
    records, items, anchor = ordinary_person(3, recording=recording)
    timeline = from_records(records, items, anchor, as_of=LATER)
    assert timeline.days == pytest.approx(365.0)
    assert timeline.anchor == "tension"
    assert timeline.recording[""].at(np.array([10.0, 300.0])).tolist() == [0.5, 1.0]
    assert {type(record.body) for record in records} == {CheckIn, Event, Episode, Coverage}


def test_the_drift_asked_for_is_the_drift_simulated():
    assert ordinary_parameters(drift_per_year=0.3).seeking_drift_per_year == 0.3
