"""Claims about data sets of openESM gathered: everybody at once, and whatever their metadata hold."""

import json
import shutil
from datetime import datetime, timedelta

import polars as pl
import pytest

from mainstay.cohort.gathering import gather
from mainstay.cohort.source import ParquetSource
from mainstay.cohort.writing import write
from mainstay.errors import BadRequest, MainstayError, NaiveInstant, UnreadableSource
from mainstay.quantities import Instant
from mainstay.records.reader import read
from records.sources.openesm_copies import METADATA, fisher_2017, fried_2021
from records.sources.samples import sample

NOW = Instant.parse("2025-06-01T12:00+02:00")
BASIS = "published under a licence that lets it be analysed"


def table(folder):
    source = ParquetSource(str(folder))
    return pl.concat([source.frame(part) for part in source.parts()])


def feature(name, kind="rating_scale", **told):
    return {"name": name, "variable_type": kind} | told


@pytest.fixture
def small(tmp_path):
    """Two people and somebody unnamed; one questionnaire unanswered, one row broken."""
    folder = tmp_path / "0099_doe"
    folder.mkdir()
    about = {
        "dataset_id": "0099", "first_author": "Doe", "n_beeps_per_day": "2", "implicit_missingness": "no",
        "features": [
            feature("id", "categorical"), feature("scheduled", "PosixCt"),
            feature("sad", labels="1 = not at all\n7 = very", construct="negative affect"),
            feature("alone", "binary"),
        ],
    }  # fmt: skip
    (folder / "0099_doe_metadata.json").write_text(json.dumps(about))
    lines = ["id\tscheduled\tsad\talone"]
    for day in range(3):
        for number, who in enumerate(("a", "b")):
            lines.append(f"{who}\t2024-03-0{day + 1} 09:00:00\t{1 + day + number}\t{number}")
    lines += ["b\t2024-03-04 09:00:00\tNA\tNA", "\t2024-03-04 09:00:00\t3\t1", "a\tbroken", "a\tnever\t3\t1"]
    (folder / "0099_doe_ts.tsv").write_text("\n".join(lines) + "\n")
    return folder


def each_by_itself(study, people, folder, zone):
    """The same by reading each person alone, as `mainstay add --person` does."""
    found = [(who, *read(study, zone=zone, person=who, now=NOW)) for who in people]
    write(((who, one) for who, one, _ in found), folder, basis=BASIS, purposes=("cohort",))
    return [receipt for _, _, receipt in found]


def test_everybody_becomes_what_add_makes_of_each(small, tmp_path):
    receipt = gather(small, tmp_path / "all", basis=BASIS, zone="Europe/Berlin", now=NOW)
    each = each_by_itself(small, ["a", "b"], tmp_path / "each", "Europe/Berlin")
    assert table(tmp_path / "all").equals(table(tmp_path / "each"))
    assert (receipt.people, receipt.nobody.total()) == (2, 1)
    # a row that is no row belongs to nobody: reading one person tells of it each time
    assert receipt.rows == sum(one.rows_read for one in each) - 1 == 9
    assert receipt.kept.total() == sum(sum(one.kept.values()) for one in each)
    assert any("'never'" in reason for reason in receipt.reasons)


def test_without_a_zone_it_is_asked_for_before_anything_is_read(small, tmp_path):
    with pytest.raises(NaiveInstant, match="--zone"):
        gather(small, tmp_path / "out", basis=BASIS, now=NOW)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("copy", "zone"), [(fisher_2017, "America/Los_Angeles"), (fried_2021, "Europe/Amsterdam")], ids=["0033", "0001"]
)
def test_published_sets_become_what_add_makes_of_each(copy, zone, tmp_path):
    study = tmp_path / "study"
    study.mkdir()
    own = copy(study)
    people = list(dict.fromkeys(row.get("id") or row["ID"] for row in own))
    receipt = gather(study, tmp_path / "all", basis=BASIS, zone=zone, now=NOW)
    # of fried2021, eleven people had phones in another zone than the one given: each row of theirs is refused
    assert (receipt.people + len(receipt.without), receipt.rows) == (len(people), len(own))
    few = people[:3]
    each_by_itself(study, few, tmp_path / "each", zone)
    assert table(tmp_path / "all").filter(pl.col("person").is_in(few)).equals(table(tmp_path / "each"))


def cell_of(one, row, rng):
    """A cell as its description has it, or one that no description foresees."""
    kind = one.get("variable_type", "")
    if row % 7 == 3:
        return "NA"
    if row % 11 == 5:
        return ["", "-9999", "x" * 300, "1,5", "01/02/2024", "1e999"][row % 6]
    if kind in ("PosixCt", "Date"):
        at = datetime(2023, 3, 20, 8) + timedelta(hours=4 * row)
        return f"{at:%Y-%m-%d}" if kind == "Date" else f"{at:%Y-%m-%dT%H:%M:%SZ}"
    return str(rng(row))


def invented(metadata, folder):
    """A table as a set's metadata describe it, of three people and forty rows each."""
    about = json.loads(metadata.read_text(encoding="utf-8"))
    shutil.copy(metadata, folder)
    names = [one["name"] for one in about["features"]]
    lines = ["\t".join(names)]
    for who in ("1", "2", "x y"):
        for row in range(40):
            cells = {
                one["name"]: cell_of(one, row + place, lambda k, place=place: 1 + (k * (place + 3)) % 7)
                for place, one in enumerate(about["features"])
            }
            cells |= {"id": who, "day": str(1 + row // 4), "beep": str(1 + row % 4)}
            lines.append("\t".join(cells[name] for name in names))
    number = metadata.name.split("_")[0]
    (folder / f"{number}_set_ts.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_every_set_of_openesm_is_gathered_or_refused_in_words(tmp_path):
    files = sorted(sample(METADATA).glob("*_metadata.json"))
    gathered, refused = {}, {}
    for metadata in files:
        number = metadata.name.split("_")[0]
        study = tmp_path / number
        study.mkdir()
        invented(metadata, study)
        try:
            gathered[number] = gather(study, tmp_path / f"{number}-out", basis=BASIS, zone="Europe/Berlin", now=NOW)
        except MainstayError as error:
            refused[number] = str(error)
    assert len(gathered) + len(refused) == len(files) >= 60
    assert len(gathered) >= 25
    assert all(one.people == 3 and one.kept.total() > 0 for one in gathered.values())
    known = ("counts study days and tells no dates", "tells neither days nor times", "can be kept", "has none of the")
    assert [one for one in refused.values() if not any(words in one for words in known)] == []
    assert all(not isinstance(one, (UnreadableSource, BadRequest)) for one in gathered.values())
