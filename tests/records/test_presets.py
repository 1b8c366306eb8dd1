"""Presets: mappings known by their columns, each said to be untested."""

import csv
import zipfile

import pytest

from mainstay.errors import BadMapping, BadRequest
from mainstay.records.kinds import CheckIn, Episode, Event, Prompt
from mainstay.records.place import Place
from mainstay.records.presets import PRESETS, recognised
from mainstay.records.reader import read
from records.sources.samples import NOW, bodies, channel, rows, values


@pytest.fixture
def table(tmp_path):
    def write(name, *content, delimiter=","):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(content[0]), delimiter=delimiter)
            writer.writeheader()
            writer.writerows(content)
        return path

    return write


SLEEP = {
    "Cycle start time": "2024-07-09 23:10:00",
    "Cycle timezone": "UTC+02:00",
    "Sleep onset": "2024-07-09 23:10:00",
    "Wake onset": "2024-07-10 07:00:00",
    "Asleep duration (min)": "430",
    "Nap": "false",
}
CYCLE = {
    "Cycle start time": "2024-07-09 23:10:00",
    "Cycle end time": "2024-07-10 23:00:00",
    "Wake onset": "2024-07-10 07:00:00",
    "Recovery score %": "66",
    "Resting heart rate (bpm)": "",
    "Day Strain": "11.2",
}
ANSWER = {"Cycle start time": "2024-07-09 23:10:00", "Question text": "Any alcohol?", "Answered yes": "true"}


def test_whoop_reads_the_files_of_its_folder_together(table, tmp_path):
    table("whoop/sleeps.csv", SLEEP, {**SLEEP, "Nap": "true"})
    table("whoop/physiological_cycles.csv", CYCLE)
    table("whoop/journal_entries.csv", ANSWER, {**ANSWER, "Answered yes": "false"})
    table("whoop/other.csv", {"a": "1"})
    batch, receipt = read(tmp_path / "whoop", zone="Europe/Amsterdam", now=NOW)
    assert sorted(one.body.label for one in bodies(batch, Episode)) == ["nap", "sleep"]
    assert [one.body.label for one in bodies(batch, Event)] == ["Any alcohol?"]
    assert (values(batch, "recovery score"), values(batch, "resting heart rate")) == ([66.0], [])
    assert str(channel(batch, "Whoop's strain of the day")[0].happened.start) == "2024-07-10T23:00:00+02:00"
    assert (receipt.source, receipt.rows_read) == ("Whoop", 5)
    assert "untested" in receipt.notes[0]


def test_oura_carries_its_own_offsets(table):
    night = {
        "day": "2024-07-10",
        "bedtime_start": "2024-07-09T23:00:00+02:00",
        "bedtime_end": "2024-07-10T07:00:00+02:00",
    }
    path = table("sleepmodel.csv", {**night, "total_sleep_duration": 25200, "average_hrv": ""}, delimiter=";")
    batch, receipt = read(path, now=NOW)
    assert [str(one.happened.end) for one in bodies(batch, Episode)] == ["2024-07-10T07:00:00+02:00"]
    assert values(batch, "asleep (seconds)") == [25200.0]
    assert rows(receipt) == (1, 0, 0)
    day = {"day": "2024-07-10", "steps": 8000, "active_calories": 300}
    assert values(read(table("a.csv", day, delimiter=";"), zone="UTC", now=NOW)[0], "daily steps") == [8000.0]


def test_bearable_reads_categories_as_what_they_are(table):
    row = {"date": "x", "date formatted": "2024-07-10", "weekday": "Wednesday", "time of day": "am"}
    mood = {**row, "category": "Mood", "rating/amount": "7", "detail": "", "notes": "private"}
    factor = {**row, "category": "Factors", "rating/amount": "", "detail": "Coffee | Run", "notes": ""}
    batch, receipt = read(table("b.csv", mood, factor, {**mood, "rating/amount": "70"}), zone="UTC", now=NOW)
    assert [one.body.value for one in bodies(batch, CheckIn)] == [7.0]
    assert [one.body.label for one in bodies(batch, Event)] == ["Coffee", "Run"]
    assert (batch.anchor, rows(receipt)) == ("mood", (3, 1, 0))


def test_radar_base_asks_whose_and_gives_prompts(table):
    row = {"key.userId": "u1", "value.time": 1720591000, "value.timeNotification": 1720590000}
    path = table(
        "q.csv", {**row, "value.timeCompleted": 1720591200}, {**row, "key.userId": "u2", "value.timeCompleted": ""}
    )
    with pytest.raises(BadMapping, match="2 people"):
        read(path, zone="Europe/London", now=NOW)
    batch, _ = read(path, zone="Europe/London", now=NOW, person="u1")
    (prompt,) = bodies(batch, Prompt)
    assert prompt.body.answered.utc_us - prompt.body.sent.utc_us == 1_200_000_000


def test_a_preset_is_named_where_columns_do_not_show_it(table, tmp_path):
    path = table("x.csv", {"a": 1})
    assert recognised(Place(path)) is None
    with pytest.raises(BadMapping, match="no file with the columns"):
        read(path, source="whoop", now=NOW)
    with pytest.raises(BadRequest, match=r"fitbit.*whoop"):
        read(path, source="nonsense", now=NOW)
    packed = tmp_path / "whoop.zip"
    with zipfile.ZipFile(packed, "w") as made:
        made.write(table("sleeps.csv", SLEEP), "sleeps.csv")
    with pytest.raises(BadMapping, match="unzip"):
        read(packed, zone="UTC", now=NOW)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_every_mapping_of_a_preset_can_be_read_and_names_its_columns(preset, table, tmp_path):
    for number, part in enumerate(preset.parts):
        table(f"{preset.name}/{number}.csv", dict.fromkeys(part.columns, ""))
    plan = preset.plan(Place(tmp_path / preset.name))
    assert len(plan.file) == len(preset.parts)
    assert plan.source.name == preset.title
