"""Daylio: moods in the person's own order from the backup, none from a CSV that can't say it, activities as events."""

import base64
import csv
import json
import zipfile
from datetime import UTC, datetime

import pytest

from mainstay.errors import NaiveInstant, UnreadableSource
from mainstay.quantities import Span
from mainstay.records.kinds import CheckIn, Event
from mainstay.records.reader import read
from records.sources.samples import NOW, bodies, rows, sample

HEADER = "full_date,date,weekday,time,mood,activities,note_title,note"


@pytest.fixture
def sheet(tmp_path):
    def write(*lines, header=HEADER):
        path = tmp_path / "daylio_export.csv"
        path.write_text("\ufeff" + "\n".join((header, *lines)) + "\n", encoding="utf-8")
        return path

    return write


def entry(mood, *tags, hour=22, offset_hours=2, **other):
    shown = datetime(2024, 7, 10, hour, 30, tzinfo=UTC)
    milliseconds = int(shown.timestamp() * 1000) - offset_hours * 3_600_000
    date = {"day": 10, "month": 6, "year": 2024, "hour": hour, "minute": 30, "datetime": milliseconds}
    return {**date, "timeZoneOffset": 7_200_000, "mood": mood, "tags": list(tags), "note": "private words", **other}


@pytest.fixture
def backup(tmp_path):
    def write(*entries, **other):
        content = {
            "version": 19,
            "customMoods": [
                {"id": 1, "custom_name": "", "mood_group_id": 1, "mood_group_order": 0, "predefined_name_id": 1},
                {"id": 7, "custom_name": "serene", "mood_group_id": 2, "mood_group_order": 1, "predefined_name_id": -1},
                {"id": 5, "custom_name": "done for", "mood_group_id": 5, "mood_group_order": 0},
            ],
            "tags": [{"id": 3, "name": " swim ", "id_tag_group": 1}, {"id": 4, "name": "night shift"}],
            "tag_groups": [{"id": 1, "name": "sport"}],
            "dayEntries": list(entries),
            **other,
        }
        path = tmp_path / "backup_2024.daylio"
        with zipfile.ZipFile(path, "w") as made:
            made.writestr("backup.daylio", base64.b64encode(json.dumps(content).encode()))
            made.writestr("assets/photos/2024/7/abc", b"picture")
        return path

    return write


def test_a_backup_gives_moods_in_the_persons_order_and_knows_its_clock(backup):
    batch, receipt = read(backup(entry(7, 3, 4), entry(5, hour=2)), now=NOW)
    assert [record.body.value for record in bodies(batch, CheckIn)] == [4.0, 1.0]
    assert str(bodies(batch, CheckIn)[0].happened) == "2024-07-10T22:30:00+02:00"
    (mood,) = batch.items
    assert (mood.low, mood.high, mood.better, mood.low_anchor, mood.high_anchor) == (1, 5, "high", "done for", "rad")
    assert (mood.ordinal, batch.anchor) == (True, "mood")
    swim, shift = bodies(batch, Event)
    assert (swim.body.label, swim.body.tags, shift.body.label) == ("swim", ("sport",), "night shift")
    assert str(swim.happened.start) == "2024-07-10T04:00:00+02:00"
    assert swim.known == swim.happened.end
    assert rows(receipt) == (2, 0, 0)
    assert "private" not in repr(batch)


def test_an_entry_after_midnight_tells_of_the_day_before(backup):
    batch, _ = read(backup(entry(5, 3, hour=2)), now=NOW)
    (swim,) = bodies(batch, Event)
    assert isinstance(swim.happened, Span)
    assert str(swim.happened.start) == "2024-07-09T04:00:00+02:00"


def test_bad_entries_are_refused_one_by_one(backup):
    odd = [entry(99), entry(7, 77), {"mood": 1}, "x", entry(1, month=12), entry(1, datetime=0), entry(1)]
    _, receipt = read(backup(*odd), now=NOW)
    assert rows(receipt) == (7, 5, 0)
    assert [one.row for one in receipt.refused] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("content", [b"eyJ", b"ey" + b"!" * 40, base64.b64encode(b'{"tags": 3}')])
def test_a_broken_backup_is_told(tmp_path, content):
    path = tmp_path / "backup.daylio"
    path.write_bytes(content)
    with pytest.raises(UnreadableSource, match="backup"):
        read(path, now=NOW)


def test_a_sheet_of_the_five_words_gives_moods(sheet):
    lines = ['2024-07-10,10 July,Wednesday,10:00\u202fpm,Good ,"swim | read ","",""', "2024-07-11,,,07:05,awful,,,"]
    batch, receipt = read(sheet(*lines), zone="Europe/Amsterdam", now=NOW)
    assert [record.body.value for record in bodies(batch, CheckIn)] == [4.0, 1.0]
    assert str(bodies(batch, CheckIn)[0].happened) == "2024-07-10T22:00:00+02:00"
    assert [record.body.label for record in bodies(batch, Event)] == ["swim", "read"]
    assert rows(receipt) == (2, 0, 0)


def test_a_sheet_with_a_word_that_has_no_place_gives_no_mood_at_all(sheet):
    lines = ["2024-07-10,,,10:00 pm,good,swim,,", "2024-07-11,,,10:00 pm,yolo,swim,,", "2024-07-12,,,10:00 pm,bad,,,"]
    batch, receipt = read(sheet(*lines), zone="Europe/Amsterdam", now=NOW)
    assert (bodies(batch, CheckIn), len(bodies(batch, Event)), batch.items) == ([], 2, ())
    assert any("yolo" in note for note in receipt.notes)
    assert rows(receipt) == (3, 1, 0)


def test_older_sheets_and_dates_in_other_orders(sheet):
    old = sheet("2018,16 April,Monday,8:00 PM,rad,walk,", header="year,date,weekday,time,mood,activities,note")
    batch, _ = read(old, zone="Asia/Karachi", now=NOW)
    assert str(bodies(batch, CheckIn)[0].happened) == "2018-04-16T20:00:00+05:00"
    clear = sheet("03-04-2021,,,20:00,rad,,,", "16-04-2021,,,20:00,rad,,,")
    assert "2021-04-03" in str(bodies(read(clear, zone="UTC", now=NOW)[0], CheckIn)[0].happened)
    unclear, receipt = read(sheet("03-04-2021,,,20:00,rad,,,"), zone="UTC", now=NOW)
    assert (unclear.records, rows(receipt)) == ((), (1, 1, 0))


def test_a_sheet_asks_for_a_zone(sheet):
    with pytest.raises(NaiveInstant, match="--zone"):
        read(sheet("2024-07-10,,,10:00 pm,good,swim,,"), now=NOW)


def test_published_sheets_give_the_counts_of_their_files():
    path = sample("selftracker_daylio_abid/Daylio_Abid.csv")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        entries = list(csv.DictReader(stream))
    batch, receipt = read(path, zone="Asia/Karachi", now=NOW)
    tags = [{one.strip() for one in each["activities"].split("|")} - {""} for each in entries]
    assert len(batch.records) == sum(map(len, tags)) == 12_567
    assert rows(receipt) == (940, sum(not one for one in tags), 0) == (940, 47, 0)
    assert sum(record.body.label == "youtube" for record in batch.records) == 770
    for name, read_rows, events in (("sample", 3, 24), ("sample_multiple_moods", 7, 7)):
        batch, receipt = read(sample(f"importers/daylio_sample/{name}.csv"), zone="UTC", now=NOW)
        assert (receipt.rows_read, len(bodies(batch, Event))) == (read_rows, events)
