"""Garmin: nights and workouts in GMT, days of the person, -1 and 0 as none; FIT files with the clock they carry."""

import csv
import json
from datetime import datetime

import pytest

from mainstay.errors import NaiveInstant
from mainstay.quantities import Instant
from mainstay.records.kinds import Episode
from mainstay.records.reader import read
from records.sources.samples import NOW, bodies, channel, rows, sample, values

FIT = "importers/garmin_fit_fitparse/tests/files"
DAY = {
    "calendarDate": "2024-11-01",
    "totalSteps": 8000,
    "restingHeartRate": 52,
    "allDayStress": {"aggregatorList": [{"type": "TOTAL", "averageStressLevel": 31}]},
    "bodyBattery": {"bodyBatteryStatList": [{"bodyBatteryStatType": "HIGHEST", "statsValue": 80}]},
}
NIGHT = {
    "calendarDate": "2024-11-02",
    "sleepStartTimestampGMT": "2024-11-01T22:10:00.0",
    "sleepEndTimestampGMT": "2024-11-02T05:40:00.0",
    "deepSleepSeconds": 3600,
    "lightSleepSeconds": 18000,
    "awakeSleepSeconds": 300,
}


@pytest.fixture
def export(tmp_path):
    def write(days=(), nights=(), workouts=()):
        for name, content in (
            ("DI-Connect-Aggregator/UDSFile_2024-11-01_2025-02-01.json", list(days)),
            ("DI-Connect-Wellness/2024-11-01_2025-02-01_1_sleepData.json", list(nights)),
            ("DI-Connect-Fitness/x_1001_summarizedActivities.json", [{"summarizedActivitiesExport": list(workouts)}]),
        ):
            path = tmp_path / "DI_CONNECT" / name
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(content))
        return tmp_path

    return write


def test_nights_are_in_gmt_and_days_are_the_persons(export):
    batch, receipt = read(export([DAY], [NIGHT]), zone="Europe/Amsterdam", now=NOW)
    (night,) = bodies(batch, Episode)
    assert str(night.happened.start) == "2024-11-01T23:10:00+01:00"
    assert (values(batch, "deep sleep"), values(batch, "asleep"), values(batch, "REM sleep")) == ([60.0], [360.0], [])
    assert str(channel(batch, "daily steps")[0].happened.start) == "2024-11-02T00:00:00+01:00"
    assert values(batch, "measured stress of the day") == [31.0]
    assert values(batch, "body battery, highest") == [80.0]
    assert rows(receipt) == (2, 0, 0)


def test_signs_for_none_are_not_measurements(export):
    off = {"type": "TOTAL", "averageStressLevel": -1}
    empty = {"calendarDate": "2024-11-03", "restingHeartRate": 0, "allDayStress": {"aggregatorList": [off]}}
    unworn = {"calendarDate": "2024-11-03", "sleepStartTimestampGMT": None, "sleepWindowConfirmationType": "OFF_WRIST"}
    batch, receipt = read(export([empty], [unworn]), zone="Europe/Amsterdam", now=NOW)
    assert (batch.records, rows(receipt)) == ((), (2, 0, 2))


def test_workouts_and_what_is_wrong(export):
    run = {"activityType": "running", "beginTimestamp": 1730620800000, "duration": 1800000.0}
    long = {**NIGHT, "sleepEndTimestampGMT": "2024-11-12T05:40:00.0"}
    odd = [{"calendarDate": 20241101}, "x", {**DAY, "calendarDate": "2024-13-01"}, {**DAY, "allDayStress": 3}]
    batch, receipt = read(export(odd, [long], [run, 7]), zone="Europe/Amsterdam", now=NOW)
    assert [record.body.label for record in bodies(batch, Episode)] == ["running"]
    assert rows(receipt) == (7, 6, 0)


def test_the_export_asks_for_a_zone(export):
    with pytest.raises(NaiveInstant, match="--zone"):
        read(export([DAY]), now=NOW)


@pytest.mark.parametrize(
    "name", ["garmin-fenix-5-run", "garmin-fenix-5-walk", "garmin-fenix-5-bike", "garmin-edge-820-bike"]
)
def test_fit_files_give_the_published_heart_rates(name):
    batch, receipt = read(sample(f"{FIT}/{name}.fit"), now=NOW)
    with sample(f"{FIT}/{name}-records.csv").open(newline="") as stream:
        published = [one for one in csv.DictReader(stream) if one["heart_rate"]]
    assert values(batch, "heart rate") == [float(one["heart_rate"]) for one in published]
    first = datetime.strptime(published[0]["timestamp"].replace("PDT", "-0700"), "%a %b %d %H:%M:%S %z %Y")
    (record,) = channel(batch, "heart rate")
    assert record.happened.start == Instant.of(first)
    assert record.happened.start.offset_s == -7 * 3600
    assert receipt.rows_refused == 0


def test_steps_of_a_day_are_what_was_added_to_its_counter():
    batch, receipt = read(sample(f"{FIT}/MonitoringFile.fit"), now=NOW)
    assert receipt.rows_read == 337
    assert sum(values(batch, "steps")) == 3142 + 31  # the day's totals, as its last messages state them
    assert channel(batch, "steps")[0].happened.start.offset_s == -6 * 3600


@pytest.mark.parametrize(
    ("name", "read_rows", "refused"), [("activity-settings-corruptheader", 16, 1), ("activity-unexpected-eof", 16, 1)]
)
def test_damaged_fit_files_keep_what_came_before(name, read_rows, refused):
    batch, receipt = read(sample(f"{FIT}/{name}.fit"), zone="America/New_York", now=NOW)
    assert rows(receipt)[:2] == (read_rows, refused)
    assert "damaged" in receipt.refused[0].reason
    assert len(bodies(batch, Episode)) == 1


def test_a_scale_that_weighed_two_people_asks_whom():
    path = sample(f"{FIT}/WeightScaleMultiUser.fit")
    _, receipt = read(path, zone="UTC", now=NOW)
    assert rows(receipt) == (2, 1, 0)
    assert values(read(path, zone="UTC", now=NOW, person="1")[0], "weight") == [58.2]


def test_a_fit_file_without_a_clock_asks_for_a_zone_and_one_of_settings_holds_nothing():
    with pytest.raises(NaiveInstant, match="--zone"):
        read(sample(f"{FIT}/sample-activity-indoor-trainer.fit"), now=NOW)
    assert read(sample(f"{FIT}/Settings.fit"), now=NOW)[1].rows_read == 0
