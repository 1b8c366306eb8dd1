"""An Apple Health export becomes nights, exercise, moods and signals, whatever its name and however broken."""

import zipfile

import numpy as np
import pytest

from mainstay.errors import MainstayError, UnreadableSource
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import CheckIn, Episode, Event, Signal
from mainstay.records.place import Place
from mainstay.records.reader import read
from mainstay.records.sources import recognised
from mainstay.records.sources.apple_health_nights import Stretch, nights
from mainstay.records.sources.apple_health_totals import HOUR, Totals
from mainstay.records.sources.apple_health_types import channel_of, in_words, unit_of
from records.sources.apple_export import CATEGORY, QUANTITY, export
from records.sources.samples import sample

NOW = Instant.parse("2026-01-01T00:00Z")
SAMPLES = "importers/apple_health_healthkit_to_sqlite/tests"
SLEEP, STAGE = CATEGORY + "SleepAnalysis", "HKCategoryValueSleepAnalysis"


def record(type_, start, end=None, value="1", unit="count", source="Watch", inside=""):
    start, end = (f"2020-{day} +0100" for day in (start, end or start))
    said = f'type="{type_}" sourceName="{source}" unit="{unit}" startDate="{start}" endDate="{end}" value="{value}"'
    return f"<Record {said}>{inside}</Record>" if inside else f"<Record {said}/>"


def made(tmp_path, *elements, date="2020-06-01 10:30:00 +0200", end="</HealthData>"):
    path = tmp_path / "exportar.xml"
    path.write_text(f'<?xml version="1.0"?><HealthData>\n<ExportDate value="{date}"/>{"".join(elements)}{end}')
    return path


def signals(batch):
    return {r.body.channel: r.body for r in batch.records if isinstance(r.body, Signal)}


def episodes(batch):
    return [
        (r.body.label, str(r.happened.start), str(r.happened.end)) for r in batch.records if type(r.body) is Episode
    ]


def test_steps_of_a_watch_and_a_phone_are_not_added_up(tmp_path):
    steps = QUANTITY + "StepCount"
    path = made(
        tmp_path,
        record(steps, "01-05 10:10:00", "01-05 10:20:00", "300"),
        record(steps, "01-05 10:40:00", "01-05 11:20:00", "400"),
        record(steps, "01-05 10:10:00", "01-05 10:50:00", "450", source="Phone"),
        record(steps, "01-05 12:00:00", "01-05 12:00:00", "20", source="Phone"),
        record(steps, "01-05 12:00:00", "01-05 12:00:00", "20", source="Phone"),
    )
    batch, receipt = read(path, now=NOW)
    steps = signals(batch)["steps"]
    hours = [(time - Instant.parse("2020-01-05T00:00+01:00").utc_us) / 3.6e9 for time in steps.times_us]
    assert (hours, steps.values.tolist(), steps.unit) == ([11, 12, 13], [500, 200, 20], "steps")
    assert (receipt.rows_read, receipt.rows_refused) == (5, 0)
    assert any("1 hour several devices" in note for note in receipt.notes)
    assert any("1 amount came twice" in note for note in receipt.notes)


def test_the_hour_under_way_is_left_to_the_next_export(tmp_path):
    at = [f"05-30 {hour}:{minute}:00" for hour, minute in (("08", "10"), ("09", "00"), ("09", "10"))]
    elements = [record(QUANTITY + "StepCount", one, value="5") for one in at]
    batch, _ = read(made(tmp_path, *elements, date="2020-05-30 09:20:00 +0100"), now=NOW)
    assert signals(batch)["steps"].values.tolist() == [5]


def test_totals_equal_a_plain_sum_minute_by_minute():
    rng = np.random.default_rng(1)
    totals, plainly = Totals(), {}
    for device in ("watch", "phone"):
        start = rng.integers(0, 20 * HOUR, 200) // 60 * 60
        end = start + rng.integers(0, 200, 200) * 60
        value = rng.integers(1, 100, 200).astype(float)
        totals.add("steps", "steps", device, start, end, value)
        for s, e, v in set(zip(start.tolist(), end.tolist(), value.tolist(), strict=True)):
            minutes = range(s, e, 60) if e > s else [s]
            for minute in minutes:
                key = (minute // HOUR, device)
                plainly[key] = plainly.get(key, 0.0) + v / len(minutes)
    [total] = totals.finish(None)
    hours = sorted({hour for hour, _ in plainly})
    best = [max(plainly.get((hour, device), 0.0) for device in ("watch", "phone")) for hour in hours]
    assert total.ends.tolist() == [(hour + 1) * HOUR for hour in hours]
    np.testing.assert_allclose(total.amounts, best)


def test_a_night_is_one_sleep_told_by_the_device_that_saw_stages(tmp_path):
    def sleep(stage, start, end, source="Watch", zone='<MetadataEntry key="HKTimeZone" value="America/New_York"/>'):
        return record(SLEEP, start, end, STAGE + stage, source=source, inside=zone)

    path = made(
        tmp_path,
        sleep("InBed", "01-05 22:00:00", "01-06 07:00:00", "Phone", ""),
        sleep("AsleepUnspecified", "01-05 22:30:00", "01-06 07:00:00", "App", ""),
        sleep("AsleepCore", "01-05 23:00:00", "01-06 02:00:00"),
        sleep("AsleepDeep", "01-06 02:00:00", "01-06 03:00:00"),
        sleep("Awake", "01-06 03:00:00", "01-06 03:20:00"),
        sleep("AsleepREM", "01-06 03:20:00", "01-06 06:20:00"),
        sleep("InBed", "01-06 22:00:00", "01-07 07:00:00", "Phone", ""),
    )
    batch, receipt = read(path, zone="Europe/Amsterdam", now=NOW)
    assert episodes(batch) == [
        ("sleep", "2020-01-05T17:00:00-05:00", "2020-01-06T00:20:00-05:00"),
        ("in bed", "2020-01-06T22:00:00+01:00", "2020-01-07T07:00:00+01:00"),
    ]
    minutes = {name: body.values.tolist() for name, body in signals(batch).items()}
    assert minutes == {
        "asleep": [420],
        "light sleep": [180],
        "deep sleep": [60],
        "REM sleep": [180],
        "awake in bed": [20],
        "in bed": [540, 540],
        "stage of sleep": [3, 4, 1, 2, 0],
    }
    assert any("1 night told by several devices" in note for note in receipt.notes)


def test_an_hour_apart_is_another_sleep_and_overlaps_count_once():
    def stretch(start, end, stage="asleep"):
        return Stretch(start * 60, end * 60, stage, "watch", 0, "")

    found = list(nights([stretch(0, 60), stretch(30, 90), stretch(149, 160), stretch(220, 240)]))
    assert [(one.start // 60, one.end // 60, one.minutes["asleep"]) for one in found] == [(0, 160, 101), (220, 240, 20)]


def test_exercise_moods_and_quiet_minutes(tmp_path):
    at = 'startDate="2020-01-05 18:00:00 +0100" endDate="2020-01-05 19:00:00 +0100"'
    mood = 'startDate="2020-01-05 20:00:00 +0100"'
    path = made(
        tmp_path,
        f'<Workout workoutActivityType="HKWorkoutActivityTypeTraditionalStrengthTraining" sourceName="Watch" {at}/>',
        f'<Workout workoutActivityType="HKWorkoutActivityTypeTraditionalStrengthTraining" sourceName="App" {at}/>',
        record(CATEGORY + "MindfulSession", "01-05 07:00:00", "01-05 07:10:00", "0"),
        f'<StateOfMind {mood} kind="momentaryEmotion" valence="-0.4" labels="Drained, Sad" associations="Work"/>',
        f'<StateOfMind {mood} kind="dailyMood" valence="0.2"/><StateOfMind {mood} valence="3"/><StateOfMind {mood}/>',
    )
    batch, receipt = read(path, now=NOW)
    assert [label for label, _, _ in episodes(batch)] == ["mindful minutes", "traditional strength training"]
    assert [r.body for r in batch.records if isinstance(r.body, CheckIn)] == [
        CheckIn("state of mind", -0.4), CheckIn("mood of the day", 0.2)
    ]  # fmt: skip
    assert [r.body.tags for r in batch.records if isinstance(r.body, Event)] == [("Drained", "Sad", "Work")]
    assert batch.anchor == "state of mind"
    assert (receipt.rows_read, receipt.rows_refused) == (7, 2)
    assert [one.row for one in receipt.refused] == [6, 7]
    assert any("1 workout told by a second device" in note for note in receipt.notes)


def test_the_zone_that_is_given_or_named_goes_before_the_offset_of_the_day_of_export(tmp_path):
    run = '<Workout workoutActivityType="HKWorkoutActivityTypeRunning" startDate="2020-07-05 18:00:00 +0100"'
    run = f'{run} endDate="2020-07-05 18:30:00 +0100">{{}}</Workout>'
    zone = '<MetadataEntry key="HKTimeZone" value="Europe/Paris"/>'
    heart = record(QUANTITY + "HeartRate", "07-05 10:00:00", value="60", unit="count/min")
    for given, inside, hours, said in [
        (None, "", 1, "at one offset"),
        (None, zone, 2, "Europe/Paris"),
        ("America/New_York", "", -4, ""),
    ]:
        batch, receipt = read(made(tmp_path, run.format(inside), heart), zone=given, now=NOW)
        happened = [r.happened.start if isinstance(r.happened, Span) else r.happened for r in batch.records]
        assert {one.offset_s for one in happened} == {hours * 3600}
        assert not said or any(said in note for note in receipt.notes)


def test_units_are_brought_to_one(tmp_path):
    assert unit_of(QUANTITY + "OxygenSaturation", "%") == ("%", 100.0, 0.0)
    assert unit_of(QUANTITY + "BodyMass", "lb")[:2] == ("kg", pytest.approx(0.45359237))
    assert unit_of(QUANTITY + "HeartRateVariabilitySDNN", "s")[:2] == ("ms", pytest.approx(1000))
    assert unit_of(QUANTITY + "Whatever", "furlong") == ("furlong", 1.0, 0.0)
    unit, factor, constant = unit_of(QUANTITY + "BodyTemperature", "degF")
    assert (unit, 98.6 * factor + constant) == ("°C", pytest.approx(37))
    other = QUANTITY + "Strange"
    path = made(tmp_path, record(other, "01-05 10:00:00", unit="x"), record(other, "01-05 11:00:00", unit="y"))
    batch, receipt = read(path, now=NOW)
    assert len(signals(batch)["strange"].values) == 1
    assert "strange is in y here and in x elsewhere" in receipt.refused[0].reason


def test_names_become_words():
    assert in_words("SixMinuteWalkTestDistance") == "six minute walk test distance"
    assert channel_of(QUANTITY + "VO2Max") == "VO2 max"
    assert channel_of(QUANTITY + "HeartRateVariabilitySDNN") == "heart rate variability"


def test_rows_that_cannot_be_are_refused_with_their_place(tmp_path):
    heart = QUANTITY + "HeartRate"
    path = made(
        tmp_path,
        record(heart, "01-05 10:00:00", value="60"),
        record(heart, "01-05 10:01:00", value="sixty"),
        record(heart, "13-05 10:01:00"),
        record(heart, "01-05 10:02:00").replace("2020", "1700"),
        record(heart, "01-05 10:02:00").replace("2020", "2031"),
        record(SLEEP, "01-05 10:02:00", "01-08 10:02:00", STAGE + "Awake"),
        record(SLEEP, "01-05 10:02:00", value="Dozing"),
        record(QUANTITY + "StepCount", "01-01 00:00:00", "01-05 00:00:00"),
        record(CATEGORY + "SexualActivity", "01-05 10:02:00"),
        "<ActivitySummary/>",
        '<Workout startDate="2025-12-31 23:00:00 +0000" endDate="2026-01-01 01:00:00 +0000"/>',
        "<Workout/>",
    )
    _, receipt = read(path, now=NOW)
    assert (receipt.rows_read, receipt.rows_refused, receipt.rows_empty) == (12, 9, 2)
    assert sorted(one.row for one in receipt.refused) == [2, 3, 4, 5, 6, 7, 8, 11, 12]
    assert any("1 activity summary, 1 sexual activity" in note for note in receipt.notes)


def test_records_in_a_correlation_stand_in_the_export_twice_and_count_once(tmp_path):
    pressure = record(QUANTITY + "BloodPressureSystolic", "01-05 10:00:00", value="120", unit="mmHg")
    batch, receipt = read(made(tmp_path, f'<Correlation type="x">{pressure}</Correlation>', pressure), now=NOW)
    assert signals(batch)["blood pressure systolic"].values.tolist() == [120]
    assert (receipt.rows_read, receipt.rows_empty) == (2, 1)


def test_a_broken_export_is_read_as_far_as_it_goes(tmp_path):
    one = record(QUANTITY + "HeartRate", "01-05 10:00:00", value="60", source="bro\x0bken")
    _, receipt = read(made(tmp_path, one, end=one[:-10]), now=NOW)
    assert (receipt.kept, receipt.rows_refused) == ({"heart rate": 1}, 1)
    assert any("as if cut off" in note for note in receipt.notes)
    _, receipt = read(made(tmp_path, one, end="</HealthData><x>clinical</x> junk"), now=NOW)
    assert any("after the end of the export" in note for note in receipt.notes)


@pytest.fixture(scope="module")
def month():
    return b"".join(export(30))


def test_zip_folder_and_file_give_the_same_whatever_they_are_called(tmp_path, month):
    folder = tmp_path / "apple_health_export"
    folder.mkdir()
    (folder / "exportación.xml").write_bytes(month)
    (folder / "export_cda.xml").write_text("<ClinicalDocument/>")
    with zipfile.ZipFile(tmp_path / "exportar.zip", "w", zipfile.ZIP_DEFLATED) as made_zip:
        for file in folder.iterdir():
            made_zip.write(file, f"apple_health_export/{file.name}")
    told = []
    batches = [
        read(path, now=NOW, progress=lambda done, total: told.append((done, total)))[0]
        for path in (folder, folder / "exportación.xml", tmp_path / "exportar.zip")
    ]
    assert recognised(Place(tmp_path / "exportar.zip")).name == "apple-health"
    assert len({tuple(sorted(record.id for record in batch.records)) for batch in batches}) == 1
    assert told[-1] == (len(month), len(month))


def test_a_damaged_zip_is_read_as_far_as_it_goes(tmp_path, month):
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made_zip:
        made_zip.writestr("export.xml", month)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 50] = bytes(50)
    path.write_bytes(content)
    _, receipt = read(path, now=NOW)
    assert receipt.rows_read > 1000
    assert any("damaged" in note for note in receipt.notes)


def test_a_zip_that_swells_to_nothing_ends_in_an_error(tmp_path):
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made_zip, made_zip.open("export.xml", "w") as stream:
        stream.write(b"<HealthData>")
        for _ in range(300):
            stream.write(bytes(1 << 20))
    with pytest.raises(UnreadableSource, match="nothing was found in its first"):
        read(path, now=NOW)


def test_what_is_no_export_is_not_recognised(tmp_path):
    (tmp_path / "other.xml").write_text("<feed><HealthDatum/></feed>")
    assert recognised(Place(tmp_path / "other.xml")) is None
    with pytest.raises(MainstayError, match="Export All Health Data"):
        read(tmp_path / "other.xml", source="apple-health", now=NOW)


def test_a_longer_export_keeps_the_identities_of_a_shorter_one(tmp_path):
    batches = []
    for days in (40, 65):
        (tmp_path / "export.xml").write_bytes(b"".join(export(days)))
        batches.append(read(tmp_path / "export.xml", now=NOW)[0])
    short, long = ({record.id for record in batch.records} for batch in batches)
    assert len(short) > 80
    assert short <= long


@pytest.mark.parametrize("name", ["export.xml", "zip_contents"])
def test_the_published_samples_count_as_by_hand(name):
    batch, receipt = read(sample(SAMPLES) / name, now=NOW)
    assert (receipt.rows_read, receipt.rows_refused, receipt.rows_empty) == (5, 0, 2)
    assert receipt.kept == {"body mass index": 1, "exercise": 1, "heart rate": 1}
    assert signals(batch)["heart rate"].values.tolist() == [72]
    assert episodes(batch) == [("running", "2016-11-14T06:25:41-08:00", "2016-11-14T06:30:52-08:00")]
