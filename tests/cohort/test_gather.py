"""Claims about a study made into a data set of many people. All tables here are invented."""

import csv
import functools
import json
import tomllib
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.cli import run
from mainstay.cohort import gathering_rows, gathering_tables
from mainstay.cohort.asked import Asked
from mainstay.cohort.gathering import Beside, gather, pseudonym
from mainstay.cohort.gathering_rows import NOBODY, TOO_LONG, UNPRINTABLE, RowsApart
from mainstay.cohort.running import run as ask
from mainstay.cohort.source import ParquetSource
from mainstay.cohort.workers import threads
from mainstay.cohort.writing import write
from mainstay.errors import AlreadyThere, BadMapping, BadRequest, MainstayError, NaiveInstant
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Batch, Item, Record, Signal
from mainstay.records.reader import read
from mainstay.records.tables import read_pieces, read_table

NOW = Instant.parse("2025-06-01T12:00+02:00")
BASIS = "invented; nobody is real"
MAPPING = """
[source]
name = "study"
zone = "Europe/Amsterdam"
time = "when"
anchor = "tension"
person = { column = "who" }

[[item]]
column = "tension"
low = 1
high = 7
better = "low"

[[event]]
column = "did"
is = "relief"
apart_hours = 3
since_hours = 2

[[episode]]
label = "work"
when = "place == work"
is = "role"
max_hours = 4

[[prompt]]
"""


def rows_of(people, count=12):
    begun = datetime(2024, 3, 1, 9)
    for k in range(count):
        for number, who in enumerate(people):
            when = begun + timedelta(hours=5 * k, minutes=7 * number)
            tension = "" if (k + number) % 5 == 0 else str(1 + (3 * k + number) % 8)
            yield [who, when.isoformat(), tension, ["walk", "", "call"][(k + number) % 3], ["work", "home"][k % 2]]


@pytest.fixture
def study(tmp_path):
    """Five people, their rows mingled; some cells empty, some off the scale, one row twice."""
    lines = ["who,when,tension,did,place", *(",".join(row) for row in rows_of(["p1", "p2", "p3", "p4", "p5"]))]
    lines.append(lines[1])
    (tmp_path / "study.csv").write_text("\n".join(lines) + "\n")
    return tmp_path / "study.csv"


def table(folder):
    """Everything in the records of a data set, in order."""
    source = ParquetSource(str(folder))
    return pl.concat([source.frame(part) for part in source.parts()])


def with_(study, *more):
    """The study with further rows."""
    lines = [*study.read_text().splitlines(), *more]
    study.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return study


def test_everybody_becomes_what_add_makes_of_each(study, tmp_path):
    receipt = gather(study, tmp_path / "all", basis=BASIS, mapping=MAPPING, now=NOW)
    each = [(who, *read(study, MAPPING, person=who, now=NOW)) for who in ("p1", "p2", "p3", "p4", "p5")]
    write(((who, batch) for who, batch, _ in each), tmp_path / "each", basis=BASIS, purposes=("cohort",))
    assert table(tmp_path / "all").equals(table(tmp_path / "each"))
    assert pl.read_parquet(tmp_path / "all" / "items.parquet").equals(
        pl.read_parquet(tmp_path / "each" / "items.parquet")
    )
    said = [one for _, _, one in each]
    assert receipt.rows == sum(one.rows_read for one in said) == 61
    assert receipt.refused == sum(one.rows_refused for one in said)
    assert receipt.empty == sum(one.rows_empty for one in said)
    assert receipt.people == 5
    assert receipt.kept.total() == sum(sum(one.kept.values()) for one in said)
    assert receipt.reasons.total() == sum(len(one.refused) for one in said)


@pytest.mark.parametrize("rows", [1, 7, 10_000])
def test_how_much_is_read_at_a_time_changes_nothing(study, tmp_path, monkeypatch, rows):
    gather(study, tmp_path / "whole", basis=BASIS, mapping=MAPPING, now=NOW)
    monkeypatch.setattr(gathering_tables, "read_pieces", functools.partial(read_pieces, rows=rows))
    monkeypatch.setattr(gathering_rows, "ROWS_TOGETHER", rows)
    gather(study, tmp_path / "parts", basis=BASIS, mapping=MAPPING, now=NOW, batch=2)
    assert table(tmp_path / "parts").equals(table(tmp_path / "whole"))
    assert not (tmp_path / "parts" / ".apart").exists()


def test_a_parquet_file_gives_what_the_same_table_as_csv_does(study, tmp_path, monkeypatch):
    pl.read_csv(study, infer_schema=False).with_columns(
        pl.col("when").str.to_datetime(), pl.col("tension").cast(pl.Int64)
    ).write_parquet(tmp_path / "study.parquet", row_group_size=9)
    monkeypatch.setattr(gathering_tables, "read_pieces", functools.partial(read_pieces, rows=13))
    gather(study, tmp_path / "a", basis=BASIS, mapping=MAPPING, now=NOW)
    gather(tmp_path / "study.parquet", tmp_path / "b", basis=BASIS, mapping=MAPPING, now=NOW)
    assert table(tmp_path / "b").equals(table(tmp_path / "a"))


@pytest.mark.parametrize("rows", [1, 2, 100])
def test_pieces_of_a_file_are_the_file(tmp_path, rows):
    text = 'a,b\n1,"x\ny"\n2\n\n3,"z"z\n4,é\n5,5\n'
    (tmp_path / "odd.csv").write_bytes(text.encode("latin-1"))
    whole, pieces = read_table(tmp_path / "odd.csv"), list(read_pieces(tmp_path / "odd.csv", rows=rows))
    assert [cell for one in pieces for cell in one.columns["b"]] == list(whole.columns["b"])
    assert [number for one in pieces for number in one.row_numbers] == list(whole.row_numbers)
    assert [mark for one in pieces for mark in one.prints] == list(whole.prints)
    assert [said for one in pieces for said in one.refused] == list(whole.refused)
    assert [note for one in pieces for note in one.notes] == list(whole.notes)
    assert all(one.header == whole.header for one in pieces)


def test_names_of_people_are_hostile_until_looked_at(study, tmp_path):
    long, kept = "x" * 10_240, ["../../etc/passwd", "Zoë", "王", "P1", 'P"1', "-rf", "1e5", "0"]
    odd = [*kept, long, "", " ", "NA", "a\x07b", "a\u202eb"]
    cells = ['"' + one.replace('"', '""') + '"' for one in odd]
    with_(study, *(f"{cell},2024-03-02T09:00:00,3,walk,home" for cell in cells))
    receipt = gather(study, tmp_path / "out", basis=BASIS, mapping=MAPPING, now=NOW)
    assert table(tmp_path / "out")["person"].unique(maintain_order=True).to_list() == [
        "p1", "p2", "p3", "p4", "p5", *kept
    ]  # fmt: skip
    assert receipt.nobody == {NOBODY: 3, TOO_LONG: 1, UNPRINTABLE: 2}
    assert json.loads((tmp_path / "out" / "gathered.json").read_text())["rows"]["read"] == 61 + len(odd)
    assert any("were kept apart: 'p1' and 'P1'" in note for note in receipt.notes)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out", "study.csv"]
    done = ask(str(tmp_path / "out"), tmp_path / "told", Asked("recovery", NOW), workers=threads(1))
    assert done.people == 5 + len(kept)


def test_a_column_that_numbers_rows_is_no_column_of_people(tmp_path, monkeypatch):
    monkeypatch.setattr(gathering_rows, "MOST_PEOPLE", 3)
    apart = RowsApart(tmp_path)
    (tmp_path / "rows.csv").write_text("who\n1\n2\n3\n4\n")
    [piece] = read_pieces(tmp_path / "rows.csv")
    with pytest.raises(BadMapping, match="more than 3 people in 'who'"):
        apart.take("rows", piece, "who", frozenset(), {"who"})


def test_people_of_whom_nothing_is_kept_are_left_out_and_named(study, tmp_path):
    with_(study, "silent,2024-03-02T09:00:00,,,home", "wrong,yesterday,3,walk,home")
    plan = MAPPING.replace("[[prompt]]\n", "")
    receipt = gather(study, tmp_path / "out", basis=BASIS, mapping=plan, now=NOW)
    assert set(receipt.without) == {"silent", "wrong"}
    assert receipt.without["silent"] == "every cell that is asked for is empty"
    assert "no time" in receipt.without["wrong"]
    assert receipt.people == 5
    assert "silent" not in table(tmp_path / "out")["person"]


def test_stretches_written_out_hold_for_everybody_who_has_records(study, tmp_path):
    plan = MAPPING + "[[coverage]]\nstart = 2024-03-01\nend = 2024-03-31\nintensity = 0.5\n"
    with_(study, "silent,,,,")
    gather(study, tmp_path / "out", basis=BASIS, mapping=plan, now=NOW)
    covered = table(tmp_path / "out").filter(pl.col("kind") == "coverage")
    assert covered["person"].unique().sort().to_list() == ["p1", "p2", "p3", "p4", "p5"]


CHARACTERISTICS = """
[[characteristic]]
column = "arm"
label = "group"
values = { "1" = "training", "2" = "waiting list" }

[[characteristic]]
column = "age"
"""


@pytest.fixture
def traits(tmp_path):
    """Three people; the age of one differs between rows, the group of another is never said."""
    lines = ["who,when,tension,did,place,arm,age"]
    for who, arm, ages in (("p1", "1", ["30", "30"]), ("p2", "", ["", "41"]), ("p3", "2", ["50", "51"])):
        for k, age in enumerate(ages):
            lines.append(f"{who},2024-03-0{k + 1}T09:00:00,{k + 2},walk,home,{arm},{age}")
    (tmp_path / "study.csv").write_text("\n".join(lines) + "\n")
    return tmp_path / "study.csv"


def test_characteristics_are_what_is_the_same_in_all_rows_of_a_person(traits, tmp_path):
    receipt = gather(traits, tmp_path / "out", basis=BASIS, mapping=MAPPING + CHARACTERISTICS, now=NOW)
    found = ParquetSource(str(tmp_path / "out")).characteristics(NOW)
    assert found.to_dict(as_series=False) == {
        "person": ["p1", "p2", "p3"], "group": ["training", None, "waiting list"], "age": [30.0, 41.0, None],
    }  # fmt: skip
    assert receipt.varying == [("age", "p3")]
    assert receipt.characteristics == {"group": 2, "age": 2}
    assert any("age of p3" in line for line in receipt.lines())


def test_what_varies_within_everybody_is_no_characteristic(traits, tmp_path):
    plan = MAPPING + '[[characteristic]]\ncolumn = "tension"\n'
    with pytest.raises(BadMapping, match=r"'tension' is known of nobody.*varies within 3 people"):
        gather(traits, tmp_path / "out", basis=BASIS, mapping=plan, now=NOW)


def test_a_file_beside_tells_what_is_known_once(study, tmp_path):
    text = "name,sex,score,kin\np1,f,3,TRUE\np2,m,4.5,false\np9,m,1,true\np3,,,\n"
    (tmp_path / "people.csv").write_text(text)
    beside = Beside(tmp_path / "people.csv", "name")
    receipt = gather(study, tmp_path / "out", basis=BASIS, mapping=MAPPING, now=NOW, beside=beside)
    found = ParquetSource(str(tmp_path / "out")).characteristics(NOW)
    assert found["sex"].to_list() == ["f", "m", None, None, None]
    assert found["score"].to_list() == [3.0, 4.5, None, None, None]
    assert found["kin"].to_list() == [True, False, None, None, None]
    assert "people.csv: 1 person in it and not in the data set" in receipt.notes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,age\np1,3\n", "no column 'name'"),
        ("name\np1\n", "0 columns beside"),
        ("name,person\np1,x\n", "'person', which is taken"),
        ("name,age\nstranger,3\n", "known of nobody"),
    ],
)
def test_a_file_beside_that_does_not_fit_is_refused(study, tmp_path, text, said):
    (tmp_path / "people.csv").write_text(text)
    with pytest.raises(BadMapping, match=said):
        gather(study, tmp_path / "o", basis=BASIS, mapping=MAPPING, beside=Beside(tmp_path / "people.csv", "name"))


def test_with_a_key_nobody_is_named_anywhere(study, tmp_path):
    secret, other = b"k" * 32, b"j" * 64
    lines = [line.replace("p3", "Johanna van Dijk") for line in study.read_text().splitlines()]
    study.write_text("\n".join([*lines, "Wim de Vries,,,,", "johanna van dijk,2024-03-02T09:00:00,3,,home"]) + "\n")
    (tmp_path / "people.csv").write_text("name,age\nJohanna van Dijk,33\np1,44\n")
    beside = Beside(tmp_path / "people.csv", "name")
    receipt = gather(study, tmp_path / "a", basis=BASIS, mapping=MAPPING, now=NOW, key=secret, beside=beside)
    kept = b"".join(file.read_bytes() for file in (tmp_path / "a").rglob("*") if file.is_file())
    assert b"Johanna" not in kept
    assert b"Vries" not in kept
    assert "Dijk" not in "\n".join(receipt.lines())
    people = table(tmp_path / "a")["person"].unique(maintain_order=True).to_list()
    who = pseudonym("Johanna van Dijk", secret)
    assert who in people
    assert who != pseudonym("Johanna van Dijk", other)
    assert people == sorted(people), "the study's order would tell who is who"
    assert len({len(one) for one in people}) == 1
    ages = ParquetSource(str(tmp_path / "a")).characteristics(NOW)
    assert ages.filter(pl.col("person") == who)["age"].to_list() == [33.0]


def test_what_is_assumed_stands_in_the_data_set_and_on_the_receipt(study, tmp_path):
    plan = MAPPING.replace('name = "study"', 'name = "study"\nassumed = ["day 1 was a Monday", "“né” 😀"]')
    receipt = gather(study, tmp_path / "out", basis='form 3 😀 \x7f "quoted"', mapping=plan, now=NOW)
    about = tomllib.loads((tmp_path / "out" / "cohort.toml").read_text(encoding="utf-8"))
    assert about["assumed"] == ["day 1 was a Monday", "“né” 😀"]
    assert about["consent"]["basis"] == 'form 3 😀 \x7f "quoted"'
    assert [note for note in receipt.all_notes if "day 1 was a Monday" in note] == [
        "assumed, not recorded: day 1 was a Monday"
    ]
    _, one = read(study, plan, person="p1", now=NOW)
    assert "assumed, not recorded: day 1 was a Monday" in one.notes


def test_what_is_assumed_goes_with_the_answers(study, tmp_path):
    plan = MAPPING.replace('name = "study"', 'name = "study"\nassumed = ["day 1 was a Monday"]')
    gather(study, tmp_path / "people", basis=BASIS, mapping=plan, now=NOW)
    assert run(["cohort", str(tmp_path / "people"), "--out", str(tmp_path / "told"), "--workers", "1"]) == 0
    card = next((tmp_path / "told").rglob("model-card.md")).read_text()
    assert "Assumed, where the study's files are silent: day 1 was a Monday." in card


def test_refusals_that_differ_in_numbers_only_are_counted_together(study, tmp_path):
    with_(study, *(f"p{k % 5 + 1},2024-04-0{k % 9 + 1}T0{k % 9}:00:00,{k + 8},,home" for k in range(40)))
    receipt = gather(study, tmp_path / "out", basis=BASIS, mapping=MAPPING, now=NOW)
    [(reason, count)] = receipt.reasons.items()
    assert count == 40 + sum(row[2] == "8" for row in rows_of(["p1", "p2", "p3", "p4", "p5"]))
    assert "outside its scale 1 to 7" in reason


def test_what_gave_nobody_anything_is_said_and_not_what_one_lacks(study, tmp_path):
    plan = MAPPING + '[[event]]\nlabel = "swim"\nwhen = "did == swim"\nis = "relief"\n'
    plan += '[[event]]\nlabel = "only p6"\nwhen = "place == sea"\nis = "other"\n'
    with_(study, "p6,2024-03-02T09:00:00,3,walk,sea")
    receipt = gather(study, tmp_path / "out", basis=BASIS, mapping=plan, now=NOW)
    assert [note for note in receipt.all_notes if "no row gave anything" in note] == [
        "study: no row gave anything for event 2 (swim)"
    ]


@pytest.mark.parametrize(
    ("change", "more", "error", "said"),
    [
        (('{ column = "who" }', '{ column = "who", value = "p1" }'), {}, BadMapping, "means one person .'p1'."),
        (('person = { column = "who" }', ""), {}, BadMapping, "in which column of study.csv the people stand"),
        (('column = "who"', 'column = "whom"'), {}, BadMapping, "'whom'"),
        (('zone = "Europe/Amsterdam"', ""), {}, NaiveInstant, "has no zone"),
        (('column = "did"', 'column = "dit"'), {}, BadMapping, "did you mean 'did'"),
        (("", ""), {"basis": "  "}, BadRequest, "without consent"),
        (("", ""), {"purposes": ("own_answers",)}, BadRequest, "'own_answers' is no purpose"),
        (("", ""), {"purposes": ()}, BadRequest, "at least one purpose"),
        (("", ""), {"key": b"short"}, BadRequest, "5 bytes"),
        (("", ""), {"zone": "Mars/Base"}, MainstayError, "Mars"),
        (("", ""), {"mapping": None}, BadMapping, "no data set of openESM"),
        (('time = "when"', 'time = "place"'), {}, BadMapping, "nothing of study.csv can be kept"),
    ],
)
def test_misuse_is_refused_with_what_to_do(study, tmp_path, change, more, error, said):
    given = {"basis": BASIS, "mapping": MAPPING.replace(*change) if change[0] else MAPPING, "now": NOW} | more
    with pytest.raises(error, match=said):
        gather(study, tmp_path / "out", **given)


def test_a_folder_that_holds_something_is_left_as_it_is(study, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(AlreadyThere):
        gather(study, tmp_path / "out", basis=BASIS, mapping=MAPPING, now=NOW)
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_a_person_never_stands_in_two_row_groups(tmp_path):
    item = Item("mood", "Mood", 0.0, 10.0, "high")
    begun = Instant.parse("2020-01-01T00:00+00:00")
    times = begun.utc_us + np.arange(140_000) * 1_000_000
    span = Span(begun, Instant(int(times[-1])))

    def person(name):
        body = Signal("pulse", "bpm", times, np.full(len(times), 60.0))
        return name, Batch("t", (Record(name, "pulse", span, span.end, "t", body),), (item,), "mood")

    write((person(name) for name in ("a", "b")), tmp_path / "out", basis=BASIS, purposes=("cohort",))
    source = ParquetSource(str(tmp_path / "out"))
    assert [part.rows for part in source.parts()] == [280_000]
    assert [source.people(part) for part in source.parts()] == [("a", "b")]


def test_spans_keep_both_ends(study, tmp_path):
    gather(study, tmp_path / "out", basis=BASIS, mapping=MAPPING, now=NOW)
    source = ParquetSource(str(tmp_path / "out"))
    [part] = source.parts()
    timelines = dict(source.timelines(part, now=NOW))
    batch, _ = read(study, MAPPING, person="p2", now=NOW)
    spans = [one.happened for one in batch.records if one.kind == "event" and isinstance(one.happened, Span)]
    assert (timelines["p2"].events["walk"].half_widths > 0).sum() > 0
    assert spans


def test_the_command_gathers_and_says_what_comes_next(study, tmp_path, capsys):
    (tmp_path / "map.toml").write_text(MAPPING)
    (tmp_path / "key").write_bytes(b"0" * 32)
    arguments = ["gather", str(study), "--map", str(tmp_path / "map.toml"), "--out", str(tmp_path / "out")]
    assert run([*arguments, "--basis", BASIS, "--purpose", "cohort", "--purpose", "pooled_prior"]) == 0
    said = capsys.readouterr().out
    assert "Read 61 rows; kept " in said
    assert "Next: mainstay cohort" in said
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0
    assert ParquetSource(str(tmp_path / "out")).about["consent"]["purposes"] == ["cohort", "pooled_prior"]
    assert run([*arguments, "--basis", BASIS]) == 2
    assert "already" in capsys.readouterr().err


def test_whoever_only_lends_is_not_offered_to_be_asked(study, tmp_path, capsys):
    (tmp_path / "map.toml").write_text(MAPPING)
    line = ["gather", str(study), "--map", str(tmp_path / "map.toml"), "--out", str(tmp_path / "out"), "--basis", BASIS]
    assert run([*line, "--purpose", "pooled_prior", "--purpose", "pooled_prior"]) == 0
    said = capsys.readouterr().out
    assert "Next:" not in said
    assert "nothing may be asked about themselves" in said
    assert ParquetSource(str(tmp_path / "out")).about["consent"]["purposes"] == ["pooled_prior"]


def test_a_command_that_fails_leaves_nothing(study, tmp_path, capsys):
    (tmp_path / "map.toml").write_text(MAPPING.replace('"tension"', '"tens"'))
    arguments = ["gather", str(study), "--map", str(tmp_path / "map.toml"), "--out", str(tmp_path / "out")]
    before = sorted(tmp_path.iterdir())
    assert run([*arguments, "--basis", BASIS]) == 2
    assert run([*arguments, "--basis", BASIS, "--characteristics", str(study)]) == 2
    assert run([*arguments, "--basis", BASIS, "--pseudonyms", str(tmp_path / "none")]) == 2
    assert sorted(tmp_path.iterdir()) == before
    assert "--person" in capsys.readouterr().err


NASTY = st.sampled_from(
    ["p1", "p2", "", "NA", "4", "-1", "1e400", "nan", "2024-03-31T02:30", "2024-03-02T09:00", "9999-12-31T23:59",
     "0001-01-01", "x" * 300, "a\nb", '"', "\u202e", "½", "'; drop", "=1+1", "2024-13-40", "walk", "work", "\x7f"]
)  # fmt: skip


@given(st.lists(st.lists(NASTY, min_size=5, max_size=5), max_size=8), st.integers(1, 4), st.binary(max_size=12))
def test_whatever_stands_in_a_table_is_gathered_or_refused_in_words(tmp_path_factory, rows, piece, tail):
    folder = tmp_path_factory.mktemp("odd")
    with (folder / "study.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["who", "when", "tension", "did", "place"], *rows])
    with (folder / "study.csv").open("ab") as raw:
        raw.write(tail)
    plan = MAPPING + '[[characteristic]]\ncolumn = "place"\n'
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gathering_tables, "read_pieces", functools.partial(read_pieces, rows=piece))
        try:
            receipt = gather(folder / "study.csv", folder / "out", basis=BASIS, mapping=plan, now=NOW)
        except MainstayError as error:
            assert str(error)
            return
    assert table(folder / "out")["person"].n_unique() == receipt.people
    assert receipt.rows + receipt.nobody.total() >= receipt.refused + receipt.empty


def test_the_receipt_counts_every_sample_of_a_signal(tmp_path):
    plan = MAPPING.split("[[item]]", maxsplit=1)[0] + '[[signal]]\ncolumn = "pulse"\nchannel = "pulse"\nunit = "bpm"\n'
    plan = plan.replace('anchor = "tension"\n', "")
    rows = [f"p{k % 2},2024-03-0{1 + k}T09:00:00,{60 + k}" for k in range(6)]
    (tmp_path / "pulse.csv").write_text("\n".join(["who,when,pulse", *rows]) + "\n")
    receipt = gather(tmp_path / "pulse.csv", tmp_path / "out", basis=BASIS, mapping=plan, now=NOW)
    assert list(receipt.kept.values()) == [6]
    assert "kept 6 records of 2 people" in receipt.lines()[0]
    assert receipt.lines()[1] == "Records, by stream, each sample of a signal as one:"
