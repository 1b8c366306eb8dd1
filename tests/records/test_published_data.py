"""The mappings in the how-to, on the data sets they were written for; counts are taken anew."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from mainstay.errors import BadMapping
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch, Event, Receipt
from mainstay.records.reader import read
from mainstay.timeline.reader import from_records

DATA = Path(__file__).parents[3] / "shared" / "data"
MAPPINGS = Path(__file__).parents[2] / "docs" / "howto" / "mappings"
NOW = Instant.local(datetime(2025, 1, 1), "UTC")

Row = dict[str, str]


def data(name: str) -> Path:
    place = DATA / name
    if not place.exists():
        pytest.skip(f"{name} is not beside the project")
    return place


def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def distinct(some: list[Row]) -> int:
    return len({tuple(row.values()) for row in some})


def balanced(batch: Batch, receipt: Receipt, asked: int) -> None:
    assert receipt.rows_read == asked
    assert receipt.rows_refused + receipt.rows_empty < asked
    assert sum(receipt.kept.values()) == len(batch.records)


def test_kossakowski_is_read_whole() -> None:
    path = data("kossakowski2017/esm_days_1_99.csv")
    batch, receipt = read(path, MAPPINGS / "kossakowski2017.toml", now=NOW)
    whole = [row for row in rows(path) if row["resp_abort"] == "no"]
    balanced(batch, receipt, len(whole))
    assert receipt.rows_refused == 0
    for stream, column in {"restless": "pat_restl", "relaxed": "mood_relaxed", "down": "mood_down"}.items():
        assert receipt.kept[stream] == sum(row[column] != "" for row in whole)
    assert receipt.kept["work"] == sum(row["act_what1"] == "work/studies" for row in whole)
    assert receipt.kept["caring"] == sum(row["act_what1"] == "caring for others" for row in whole)
    unpleasant = [
        row
        for row in whole
        if row["event_pleas"] in ("1", "2", "3")
        and row["event_import"] in ("5", "6", "7")
        and row["event_cause"] not in ("", "a thought/feeling")
        and row["event_concern"] != "the state I am in"
    ]
    assert receipt.kept["unpleasant event"] == len(unpleasant)
    sizes = Counter(one.body.size for one in batch.records if isinstance(one.body, Event) and one.body.is_ == "demand")
    assert sizes[7.0] == sum(row["event_import"] == "7" for row in unpleasant)


def test_kossakowski_spans_its_days_and_the_end_of_summer_time() -> None:
    path = data("kossakowski2017/esm_days_1_99.csv")
    batch, _ = read(path, MAPPINGS / "kossakowski2017.toml", now=NOW)
    timeline = from_records(batch.records, batch.items, batch.anchor, as_of=NOW)
    days = {row["date"] for row in rows(path)}
    assert timeline.origin.as_local.date().isoformat() == min(days)
    assert timeline.instant(timeline.days).as_local.date().isoformat() == max(days)
    assert list(timeline.offset_hours) == [2.0, 1.0]
    assert {role.label for role in timeline.roles} == {"work", "caring"}


PANIC_FILES = ["emotion_diary", "panic_events", "caffeine", "alcohol", "workouts", "smoking_meals_menstruation"]


@pytest.mark.parametrize("rank", [0, 1, 2, 3])
def test_panic_diaries_are_read_one_person_at_a_time(rank: int) -> None:
    place = data("panic24_jang2024")
    everyone = {name: rows(place / f"{name}.csv") for name in PANIC_FILES}
    attacked = {row["id"] for row in everyone["panic_events"]}
    diaries = Counter(row["id"] for row in everyone["emotion_diary"] if row["id"] in attacked)
    person = diaries.most_common(rank + 1)[rank][0]
    own = {name: [row for row in some if row["id"] == person] for name, some in everyone.items()}
    batch, receipt = read(place, MAPPINGS / "panic24_jang2024.toml", now=NOW, person=person)
    balanced(batch, receipt, sum(map(len, own.values())))
    kept = Counter(receipt.kept)
    assert receipt.rows_refused == 0
    assert kept["anxiety"] == distinct(own["emotion_diary"])
    assert kept["panic attack"] == distinct(own["panic_events"])
    assert kept["coffee"] == distinct(own["caffeine"])
    assert kept["alcohol"] == distinct(own["alcohol"])
    assert kept["exercise"] == distinct(own["workouts"])
    smoked = [row for row in own["smoking_meals_menstruation"] if float(row["n_smoked"] or 0) > 0]
    assert kept["smoking"] == distinct(smoked)
    timeline = from_records(batch.records, batch.items, batch.anchor, as_of=NOW)
    assert timeline.ratings["anxiety"].times == pytest.approx(timeline.ratings["anxiety"].times.round(), abs=1e-9)
    assert timeline.events["panic attack"].half_widths.max() == 0.0


def test_a_folder_of_many_people_is_not_read_as_one() -> None:
    place = data("panic24_jang2024")
    with pytest.raises(BadMapping, match="people"):
        read(place, MAPPINGS / "panic24_jang2024.toml", now=NOW)


def test_pmdata_is_read_for_each_person_with_its_zeros_refused() -> None:
    place = data("pmdata2019")
    everyone = {name: rows(place / f"{name}.csv") for name in ["wellness", "srpe", "fitbit_exercise", "fitbit_sleep"]}
    people = sorted({row["participant"] for row in everyone["wellness"]})
    refused = 0
    for person in people:
        batch, receipt = read(place, MAPPINGS / "pmdata2019.toml", now=NOW, person=person)
        own = {name: [row for row in some if row["participant"] == person] for name, some in everyone.items()}
        kept = Counter(receipt.kept)
        assert kept["stress"] == sum(row["stress"] in "12345" for row in own["wellness"])
        assert kept["training"] == sum(row["perceived_exertion"] != "" for row in own["srpe"])
        assert kept["walk"] == sum(row["activity"] in ("Walk", "Hike") for row in own["fitbit_exercise"])
        assert kept["sleep"] == distinct(own["fitbit_sleep"])
        refused += len(receipt.refused)
        assert from_records(batch.records, batch.items, batch.anchor, as_of=NOW).days > 30
    zeros = sum(row[column] == "0" for row in everyone["wellness"] for column in ("stress", "fatigue", "mood"))
    assert refused == zeros > 0


def test_daylio_is_read_with_every_mood_word_on_the_scale() -> None:
    path = data("selftracker_daylio_abid/Daylio_Abid.csv")
    batch, receipt = read(path, MAPPINGS / "selftracker_daylio_abid.toml", now=NOW)
    entries = rows(path)
    balanced(batch, receipt, len(entries))
    tags = [{tag.strip() for tag in row["activities"].split("|")} for row in entries]
    assert receipt.rows_refused == 0
    assert receipt.kept["mood"] == len(entries)
    assert receipt.kept["walk"] == sum("walk" in one for one in tags)
    assert receipt.kept["nap"] == sum("power nap" in one for one in tags)
    assert receipt.kept["people"] == sum(bool(one & {"family", "friends", "party"}) for one in tags)
    timeline = from_records(batch.records, batch.items, batch.anchor, as_of=NOW)
    assert timeline.events["walk"].half_widths == pytest.approx(0.5)
    first = min(row["full_date"][6:] + row["full_date"][2:6] + row["full_date"][:2] for row in entries)
    assert timeline.origin.as_local.date().isoformat() == first
