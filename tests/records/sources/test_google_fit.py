"""Google Fit: one measure from one place, nights once, quarters of an hour with the offset they carry."""

import csv
import json

import pytest

from mainstay.errors import NaiveInstant
from mainstay.records.kinds import Episode
from mainstay.records.reader import read
from records.sources.samples import NOW, bodies, channel, rows, sample, values

FIT = "importers/google_takeout_fit_niimpy/Google"
EVENING = 1_730_584_800_000_000_000  # 2024-11-02 22:00 UTC
MINUTE = 60_000_000_000


def segment(start, minutes, stage):
    begin = EVENING + start * MINUTE
    value = [{"value": {"intVal": stage}}]
    return {"fitValue": value, "startTimeNanos": begin, "endTimeNanos": begin + minutes * MINUTE}


@pytest.fixture
def export(tmp_path):
    def write(tables=(), points=(), sessions=()):
        for folder, files in (("Daily activity metrics", tables), ("All Data", points), ("All Sessions", sessions)):
            (tmp_path / "Takeout" / "Fit" / folder).mkdir(parents=True)
            for name, content in files:
                text = content if isinstance(content, str) else json.dumps(content)
                (tmp_path / "Takeout" / "Fit" / folder / name).write_text(text)
        return tmp_path

    return write


def source(kind, points, origin="raw"):
    return {"Data Source": f"{origin}:com.google.{kind}:some.app:x", "Data Points": points}


def test_days_and_quarters(export):
    days = "Date,Move Minutes count,Step count\n2024-11-02,72,5627\n2024-11-03,,\n2024-11-04,5\n"
    quarters = "Start time,End time,Move Minutes count,Step count\n23:45:00.000+02:00,00:00:00.000+02:00,1,120\n"
    path = export([("Daily activity metrics.csv", days), ("2024-11-02.csv", quarters)])
    batch, receipt = read(path, zone="Europe/Helsinki", now=NOW)
    assert (values(batch, "daily steps"), values(batch, "move minutes"), values(batch, "steps")) == (
        [5627],
        [72],
        [120],
    )
    assert str(channel(batch, "steps")[0].happened.start) == "2024-11-02T23:45:00+02:00"
    assert rows(receipt) == (4, 1, 1)
    assert "2 cells" in receipt.refused[0].reason  # which of its cells are missing, nobody knows


def test_a_night_of_two_sources_is_counted_once(export):
    night = [segment(0, 60, 4), segment(60, 30, 5), segment(90, 10, 1), segment(100, 80, 6)]
    again = [segment(5, 175, 2)]
    path = export(
        points=[
            ("derived_com.google.sleep.segment_x.json", source("sleep.segment", night, "derived")),
            ("raw_com.google.sleep.segment_y.json", source("sleep.segment", again)),
        ]
    )
    batch, receipt = read(path, zone="Europe/Helsinki", now=NOW)
    (kept,) = bodies(batch, Episode)
    assert str(kept.happened.start) == "2024-11-03T00:00:00+02:00"
    assert (values(batch, "asleep"), values(batch, "deep sleep"), values(batch, "awake in bed")) == ([170], [30], [10])
    assert any("another source" in note for note in receipt.notes)
    assert rows(receipt) == (5, 0, 0)


def test_a_session_of_sleep_is_the_night_its_segments_belong_to(export):
    session = {"fitnessActivity": "sleep", "startTime": "2024-11-02T21:50:00Z", "endTime": "2024-11-03T05:00:00Z"}
    path = export(
        points=[("raw_com.google.sleep.segment_y.json", source("sleep.segment", [segment(0, 400, 4)]))],
        sessions=[("2024-11-03T00_50_00+03_00_SLEEP.json", session)],
    )
    batch, _ = read(path, zone="Europe/Helsinki", now=NOW)
    (kept,) = bodies(batch, Episode)
    assert str(kept.happened.start) == "2024-11-03T00:50:00+03:00"  # the offset in the file's name goes first
    assert values(batch, "light sleep") == [400]


def test_bad_points_are_refused_one_by_one(export):
    good = {"fitValue": [{"value": {"fpVal": 61.0}}], "endTimeNanos": EVENING}
    odd = [{**good, "endTimeNanos": "x"}, 4, {**good, "fitValue": [{"value": 3}]}, {**good, "fitValue": []}]
    beats = source("heart_rate.bpm", [good, *odd])
    backwards = source("sleep.segment", [segment(0, -5, 4)])
    path = export(points=[("a.json", beats), ("b.json", backwards)], sessions=[("c.json", {"fitnessActivity": "run"})])
    batch, receipt = read(path, zone="UTC", now=NOW)
    assert values(batch, "heart rate") == [61.0]
    assert rows(receipt) == (7, 5, 1)


def test_it_asks_for_a_zone(export):
    with pytest.raises(NaiveInstant, match="--zone"):
        read(export([("Daily activity metrics.csv", "Date,Move Minutes count,Step count\n2024-11-02,72,5\n")]), now=NOW)


def test_the_published_takeout_gives_the_counts_of_its_files():
    path = sample(FIT)
    batch, receipt = read(path, zone="Europe/Helsinki", now=NOW)
    quarters = []
    for file in sorted(path.rglob("2023-11-2?.csv")):
        with file.open(newline="") as stream:
            quarters += [float(one["Step count"]) for one in csv.DictReader(stream) if one["Step count"]]
    assert values(batch, "steps") == quarters
    assert sum(quarters) == 5627
    points = sum(
        len(json.loads(file.read_text())["Data Points"])
        for file in path.rglob("*.json")
        if "heart_rate.bpm" in file.name or "sleep.segment" in file.name
    )
    assert receipt.rows_read == 192 + 2 + 3 + points
    # Both rows of days have 23 cells under 30 names: three columns are missing somewhere in their middle.
    assert [one.row for one in receipt.refused] == [1, 2]
    labels = sorted(record.body.label for record in bodies(batch, Episode))
    assert labels == ["biking", "sleep", "sleep", "sleep", "walking"]
