"""Fitbit: what is in UTC and what is local, nights as episodes, missing days that are not zero."""

import json
from datetime import datetime, timedelta

import polars as pl
import pytest

from mainstay.errors import NaiveInstant
from mainstay.quantities import Instant
from mainstay.records.kinds import Episode
from mainstay.records.reader import read
from records.sources.samples import NOW, bodies, channel, rows, sample, values


def export(folder, **files):
    inside = folder / "Takeout" / "Fitbit" / "Global Export Data"
    inside.mkdir(parents=True)
    for name, content in files.items():
        (inside / name.replace("__", "-").replace("_json", ".json")).write_text(json.dumps(content))
    return folder


NIGHT = {
    "logId": 7,
    "dateOfSleep": "2024-11-02",
    "startTime": "2024-11-01 23:30:00",
    "endTime": "2024-11-02T07:30:00.000",
    "duration": 28_800_000,
    "minutesAsleep": 440,
    "type": "stages",
    "mainSleep": True,
    "levels": {"summary": {"deep": {"minutes": 60}, "light": {"minutes": 280}, "rem": {"minutes": 100}}},
}


def test_heart_rate_is_utc_and_sleep_is_local(tmp_path):
    beat = {"dateTime": "11/02/24 06:00:00", "value": {"bpm": 58, "confidence": 3}}
    path = export(tmp_path, **{"heart_rate-2024-11-02_json": [beat], "sleep-2024-11-01_json": [NIGHT]})
    batch, receipt = read(path, zone="Europe/Oslo", now=NOW)
    (night,) = bodies(batch, Episode)
    assert str(night.happened.start) == "2024-11-01T23:30:00+01:00"
    assert str(night.happened.end) == "2024-11-02T07:30:00+01:00"
    (pulse,) = channel(batch, "heart rate")
    assert str(pulse.happened.start) == "2024-11-02T07:00:00+01:00"
    assert [one.body.values.tolist() for one in channel(batch, "deep sleep")] == [[60.0]]
    assert channel(batch, "awake in bed") == []  # not in the file: missing, not zero
    assert rows(receipt) == (2, 0, 0)


def test_a_night_when_clocks_change_ends_by_its_measured_duration(tmp_path):
    night = {**NIGHT, "startTime": "2024-03-31T00:30:00.000", "endTime": "2024-03-31T08:30:00.000"}
    batch, _ = read(export(tmp_path, **{"sleep-2024-03-31_json": [night]}), zone="Europe/Oslo", now=NOW)
    (record,) = bodies(batch, Episode)
    assert str(record.happened.end) == "2024-03-31T09:30:00+02:00"
    assert record.happened.days * 24 == pytest.approx(8)


def test_a_day_without_a_resting_heart_rate_is_empty(tmp_path):
    days = [
        {"dateTime": "11/01/24 00:00:00", "value": {"date": "11/01/24", "value": 53.7, "error": 6.8}},
        {"dateTime": "11/02/24 00:00:00", "value": {"date": None, "value": 0.0, "error": 0.0}},
        {"dateTime": "11/03/24 00:00:00", "value": {"date": None, "value": None, "error": None}},
        {"dateTime": "06/01/25 00:00:00", "value": {"date": "06/01/25", "value": 55.0, "error": 6.8}},
    ]
    batch, receipt = read(export(tmp_path, **{"resting_heart_rate-2024-11-01_json": days}), zone="Europe/Oslo", now=NOW)
    (record,) = channel(batch, "resting heart rate")
    assert record.body.values.tolist() == [53.7]
    assert str(record.happened.start) == "2024-11-02T00:00:00+01:00"
    assert rows(receipt) == (4, 1, 2)
    assert "not over yet" in receipt.refused[0].reason


def test_bad_rows_are_refused_with_file_and_row_and_the_rest_is_kept(tmp_path):
    good = {"dateTime": "11/02/24 06:00:00", "value": "12"}
    minutes = [good, {"dateTime": "13/45/24 06:00:00", "value": "1"}, {"dateTime": 5, "value": "1"}, [], {"value": "x"}]
    path = export(tmp_path, **{"steps-2024-11-02_json": minutes})
    batch, receipt = read(path, zone="Europe/Oslo", now=NOW)
    assert rows(receipt) == (5, 4, 0)
    assert [one.row for one in receipt.refused] == [2, 3, 4, 5]
    assert receipt.refused[0].place.endswith("steps-2024-11-02.json")
    assert [record.body.values.tolist() for record in batch.records] == [[12.0]]


def test_a_file_cut_off_in_its_middle_keeps_what_came_before(tmp_path):
    path = export(tmp_path, **{"steps-2024-11-02_json": [{"dateTime": "11/02/24 06:00:00", "value": "12"}] * 3})
    file = next(path.rglob("*.json"))
    file.write_text(file.read_text()[:-20])
    _, receipt = read(path, zone="Europe/Oslo", now=NOW)
    assert rows(receipt) == (3, 1, 0)
    assert "no JSON" in receipt.refused[0].reason


def test_days_in_csv_files(tmp_path):
    path = export(tmp_path)
    folder = path / "Takeout" / "Fitbit" / "Global Export Data"
    (folder / "Stress Score.csv").write_text(
        "DATE,UPDATED_AT,STRESS_SCORE,CALCULATION_FAILED\n"
        "2024-11-01T00:00:00,2024-11-02T05:00:00.000,78,false\n2024-11-02T00:00:00,,0,true\n"
    )
    (folder / "Daily SpO2 - 2024-11-01-2024-11-02.csv").write_text(
        "timestamp,average_value,lower_bound,upper_bound\n2024-11-01T00:00:00Z,96.1,94.0,98.3\n"
    )
    (folder / "Daily Heart Rate Variability Summary - 2024-11-(1).csv").write_text(
        "timestamp,rmssd,nremhr,entropy\n2024-11-01T00:00:00,41.2,55.1,2.6\n"
    )
    batch, receipt = read(path, zone="Europe/Oslo", now=NOW)
    assert {record.body.channel: record.body.values.tolist() for record in batch.records} == {
        "stress management score": [78.0],
        "oxygen saturation": [96.1],
        "heart rate variability": [41.2],
    }
    assert rows(receipt) == (4, 0, 1)


def test_without_a_zone_it_asks_for_one(tmp_path):
    with pytest.raises(NaiveInstant, match="--zone"):
        read(export(tmp_path, **{"sleep-2024-11-01_json": [NIGHT]}), now=NOW)


def test_the_published_export_gives_the_counts_of_its_files():
    batch, receipt = read(sample("importers/fitbit_export_pmdata_p01"), zone="Europe/Oslo", now=NOW)
    assert rows(receipt) == (155 + 190 + 5 * 152 + 150, 0, 0)
    labels = [record.body.label for record in bodies(batch, Episode)]
    assert (labels.count("sleep"), len(labels) - labels.count("sleep")) == (150, 190)  # five nights lie in two months
    assert len(values(batch, "resting heart rate")) == 152


def test_published_steps_fall_into_the_workouts_and_outside_the_sleep_of_the_same_person():
    batch, _ = read(sample("importers/fitbit_export_pmdata_p03"), zone="Europe/Oslo", now=NOW)
    steps = [pair for one in channel(batch, "steps") for pair in zip(one.body.times_us, one.body.values, strict=True)]
    nights = pl.read_csv(sample("pmdata2019/fitbit_sleep.csv")).filter(pl.col("participant") == "p03")
    asleep = [
        tuple(Instant.local(datetime.fromisoformat(one), "Europe/Oslo").utc_us for one in night)
        for night in nights.select("start", "end").rows()
    ]
    in_sleep = sum(value for at, value in steps for start, end in asleep if start <= at < end)
    assert in_sleep < 0.01 * sum(value for _, value in steps)
    workouts = pl.read_csv(sample("pmdata2019/fitbit_exercise.csv")).filter(pl.col("participant") == "p03")
    inside = written = 0.0
    for start, minutes, count in workouts.select("start", "duration_min", "steps").drop_nulls().rows():
        begin = datetime.fromisoformat(start)
        span = [Instant.local(one, "UTC").utc_us for one in (begin, begin + timedelta(minutes=minutes))]
        if span[1] < steps[-1][0]:
            inside += sum(value for at, value in steps if span[0] <= at < span[1])
            written += count
    assert inside == pytest.approx(written, rel=0.01)
