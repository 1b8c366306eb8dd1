"""Open mHealth: values at the end of their time, in one unit, with the offset that is written."""

import json

import pytest

from mainstay.records.kinds import Episode
from mainstay.records.reader import read
from records.sources.samples import NOW, bodies, channel, rows, sample, values


@pytest.fixture
def export(tmp_path):
    def write(*points, text=None):
        path = tmp_path / "points.json"
        path.write_text(text if text is not None else json.dumps(list(points)))
        return path

    return write


def during(start, end, **body):
    return {**body, "effective_time_frame": {"time_interval": {"start_date_time": start, "end_date_time": end}}}


def at(moment, **body):
    return {**body, "effective_time_frame": {"date_time": moment}}


def test_units_are_made_one_and_offsets_kept(export):
    night = during("2024-07-09T23:00:00+02:00", "2024-07-10T07:00:00+02:00", is_main_sleep=True)
    points = [
        at("2024-07-10T08:00:00+02:00", body_weight={"value": 150, "unit": "lb"}),
        {"header": {"uuid": "x"}, "body": {**night, "total_sleep_time": {"value": 7, "unit": "h"}}},
    ]
    batch, receipt = read(export(*points), now=NOW)
    assert values(batch, "weight") == pytest.approx([68.04], abs=0.01)
    assert values(batch, "asleep") == [420.0]
    assert [str(one.happened.end) for one in bodies(batch, Episode)] == ["2024-07-10T07:00:00+02:00"]
    assert rows(receipt) == (2, 0, 0)


def test_what_can_not_be_placed_is_refused(export):
    beat = {"value": 60, "unit": "beats/min"}
    points = [
        at("2024-07-10T08:00:00+02:00", heart_rate={"value": 60, "unit": "furlongs"}),
        during("2024-01-01T00:00:00Z", "2024-06-01T00:00:00Z", heart_rate=beat, descriptive_statistic="average"),
        {
            "heart_rate": beat,
            "effective_time_frame": {"time_interval": {"date": "2024-07-10", "part_of_day": "evening"}},
        },
        at("2024-07-10T08:00:00+02:00", blood_glucose={"value": 5, "unit": "mmol/L"}),
        at("2024-17-10T08:00:00+02:00", heart_rate=beat),
        7,
    ]
    batch, receipt = read(export(*points), now=NOW)
    assert (batch.records, rows(receipt)) == ((), (6, 5, 1))


def test_points_one_after_the_other_and_a_file_cut_off(export):
    point = json.dumps(at("2024-07-10T08:00:00+02:00", heart_rate={"value": 60, "unit": "beats/min"}))
    batch, receipt = read(export(text=f"{point}\n{point[:-4]}60}}"), now=NOW)
    assert values(batch, "heart rate") == [60.0]
    assert rows(receipt) == (2, 1, 0)


def test_a_local_time_asks_for_a_zone(export):
    path = export(at("2024-07-10T08:00:00", heart_rate={"value": 60, "unit": "beats/min"}))
    assert "zone" in read(path, now=NOW)[1].refused[0].reason
    assert values(read(path, zone="UTC", now=NOW)[0], "heart rate") == [60.0]


def test_the_published_points():
    batch, receipt = read(sample("importers/google_takeout_fit_niimpy/mhealth_heart_rate.json"), now=NOW)
    assert (values(batch, "heart rate"), rows(receipt)) == ([70.0, 35.0, 65.0], (3, 0, 0))
    assert str(channel(batch, "heart rate")[0].happened.start) == "2023-11-20T07:25:00-08:00"
    batch, receipt = read(sample("importers/google_takeout_fit_niimpy/mhealth_total_sleep_time.json"), now=NOW)
    assert (values(batch, "asleep"), rows(receipt)) == ([465.0], (4, 3, 0))
