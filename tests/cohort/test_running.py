"""Claims about a whole run: two tables, everybody in them once, the same however often it is begun again."""

import json
import os
import shutil
import stat

import polars as pl
import pytest

from cohort.conftest import NOW, PEOPLE
from mainstay.cli import run as command
from mainstay.cohort import asked as asking
from mainstay.cohort import parts as keeping
from mainstay.cohort import running
from mainstay.cohort.asked import Asked
from mainstay.cohort.parts import Parts, alone_in
from mainstay.cohort.rows import FAILED, REFUSED, TOLD
from mainstay.cohort.running import ANSWERS, TWICE, run
from mainstay.cohort.running import PEOPLE as PEOPLES
from mainstay.cohort.source import ParquetSource
from mainstay.cohort.workers import threads
from mainstay.errors import BadRequest

ASKED = Asked("recovery", NOW)


@pytest.fixture
def hands():
    here = threads(2)
    yield here
    here.close()


def test_every_answer_and_what_became_of_each_person_stand_in_a_table(data_set, tmp_path, hands):
    done = run(str(data_set), tmp_path / "out", ASKED, workers=hands)
    answers, people = (pl.read_parquet(tmp_path / "out" / name) for name in (ANSWERS, PEOPLES))
    assert people["person"].to_list() == [f"p{k}" for k in range(PEOPLE)]
    assert people["state"].to_list() == [TOLD] * PEOPLE
    assert people["answers"].sum() == answers.height == done.answers > PEOPLE
    assert (done.people, done.states[TOLD]) == (PEOPLE, PEOPLE)
    told = answers.filter(pl.col("status") == "found")
    assert (told["low"] < told["estimate"]).all()
    assert (told["estimate"] < told["high"]).all()


@pytest.mark.skipif(os.name != "posix", reason="modes are a thing of POSIX")
def test_what_comes_out_is_its_owners_alone(data_set, tmp_path, hands):
    run(str(data_set), tmp_path / "out", ASKED, workers=hands)
    for path in (tmp_path / "out").rglob("*"):
        if path.stat().st_size:
            assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def test_the_second_time_says_the_same_and_works_nothing_out(data_set, tmp_path, hands, monkeypatch):
    first = run(str(data_set), tmp_path / "out", ASKED, workers=hands)
    whole = (tmp_path / "out" / ANSWERS).read_bytes()
    monkeypatch.setitem(asking.WHAT, "recovery", None)
    again = run(str(data_set), tmp_path / "out", ASKED, workers=hands)
    assert (tmp_path / "out" / ANSWERS).read_bytes() == whole
    assert again == first


def test_a_run_finished_later_is_told_as_of_its_beginning(data_set, tmp_path, hands):
    run(str(data_set), tmp_path / "out", ASKED, workers=hands)
    for part in (tmp_path / "out" / "parts").iterdir():
        part.unlink()
    whole = pl.read_parquet(tmp_path / "out" / ANSWERS)
    run(str(data_set), tmp_path / "out", Asked("recovery", NOW.plus_days(30)), workers=hands)
    assert pl.read_parquet(tmp_path / "out" / ANSWERS).equals(whole)
    assert json.loads((tmp_path / "out" / "asked.json").read_text())["as_of"] == NOW.as_local.isoformat()


def test_another_date_goes_into_another_folder(data_set, tmp_path, hands):
    run(str(data_set), tmp_path / "out", ASKED, workers=hands)
    with pytest.raises(BadRequest, match="as_of"):
        run(str(data_set), tmp_path / "out", Asked("recovery", NOW, NOW.plus_days(-30)), workers=hands)


def test_a_second_run_in_the_same_folder_is_refused_while_one_is_at_work(data_set, tmp_path, hands):
    with alone_in(tmp_path / "out"), pytest.raises(BadRequest, match="another run is at work"):
        run(str(data_set), tmp_path / "out", ASKED, workers=hands)
    assert run(str(data_set), tmp_path / "out", ASKED, workers=hands).people == PEOPLE


def test_a_folder_that_holds_anything_but_a_run_is_left_as_it_is(data_set, tmp_path, capsys):
    folder = copied(data_set, tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "table.parquet").write_text("mine")
    (tmp_path / "file").write_text("mine")
    before = {one: one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()}
    for out, said in ((folder, "is a data set"), (tmp_path / "mine", "is no run"), (tmp_path / "file", "is a file")):
        with pytest.raises(BadRequest, match=said), alone_in(out):
            pass
        for more in ([], ["--what", "strain", "--pooled"]):
            assert command(["cohort", str(folder), "--out", str(out), *more]) == 2
            assert said in capsys.readouterr().err
    assert {one: one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()} == before


@pytest.mark.parametrize("left", [0, 5, 100, 0.5])
def test_a_torn_part_is_worked_out_again(data_set, tmp_path, hands, left):
    out = tmp_path / "out"
    run(str(data_set), out, ASKED, workers=hands)
    whole = (out / ANSWERS).read_bytes()
    torn = sorted((out / "parts").iterdir())[1]
    held = torn.read_bytes()
    torn.write_bytes(held[: int(left * len(held)) if left == 0.5 else left])
    (out / "parts" / ".half.arrow.0.new").write_bytes(b"ARROW1")
    run(str(data_set), out, ASKED, workers=hands)
    assert (out / ANSWERS).read_bytes() == whole
    assert not list((out / "parts").glob(".*"))


def test_a_part_damaged_inside_is_said_removed_and_worked_out_again(data_set, tmp_path, hands):
    out = tmp_path / "out"
    run(str(data_set), out, ASKED, workers=hands)
    place = sorted((out / "parts").iterdir())[0]
    held = bytearray(place.read_bytes())
    held[-60:-10] = bytes(50)
    place.write_bytes(held)
    with pytest.raises(BadRequest, match="damaged"):
        run(str(data_set), out, ASKED, workers=hands)
    assert run(str(data_set), out, ASKED, workers=hands).states[TOLD] == PEOPLE


def test_a_disk_that_is_full_stops_the_run_and_room_lets_it_go_on(data_set, tmp_path, hands, monkeypatch):
    out, fsync, count = tmp_path / "out", os.fsync, []

    def full(file):
        count.append(file)
        if len(count) > 2:
            raise OSError(28, "No space left on device")
        fsync(file)

    monkeypatch.setattr(keeping.os, "fsync", full)
    with pytest.raises(BadRequest, match="no room left"):
        run(str(data_set), out, ASKED, workers=hands)
    assert len(list((out / "parts").iterdir())) == 1
    monkeypatch.setattr(keeping.os, "fsync", fsync)
    assert run(str(data_set), out, ASKED, workers=hands).states[TOLD] == PEOPLE


def copied(data_set, tmp_path):
    return shutil.copytree(data_set, tmp_path / "copy")


def test_a_batch_that_cant_be_read_stops_none_of_the_others(data_set, tmp_path, hands):
    folder = copied(data_set, tmp_path)
    place = folder / "records" / "000000.parquet"
    sound = place.read_bytes()
    pl.read_parquet(place).drop("value").write_parquet(place)
    out = tmp_path / "out"
    with pytest.raises(BadRequest, match="'value'"):
        run(str(folder), out, ASKED, workers=hands)
    assert len(list((out / "parts").iterdir())) == 2
    place.write_bytes(sound)
    assert run(str(folder), out, ASKED, workers=hands).states[TOLD] == PEOPLE


def test_whoever_stands_in_two_batches_is_told_of_neither(data_set, tmp_path, hands):
    folder = copied(data_set, tmp_path)
    place = folder / "records" / "000002.parquet"
    rows = pl.read_parquet(place)
    pl.concat([rows, rows.with_columns(person=pl.lit("p1"))]).write_parquet(place)
    out = tmp_path / "out"
    done = run(str(folder), out, ASKED, workers=hands)
    people = pl.read_parquet(out / PEOPLES).filter(pl.col("person") == "p1")
    assert people.select("state", "reason", "answers").rows() == [(FAILED, TWICE, 0)] * 2
    assert "p1" not in pl.read_parquet(out / ANSWERS)["person"].to_list()
    assert done.states == {TOLD: PEOPLE - 1, FAILED: 2}


def test_a_check_in_without_a_number_costs_one_person_alone(data_set, tmp_path, hands):
    folder = copied(data_set, tmp_path)
    place = folder / "records" / "000000.parquet"
    rows = pl.read_parquet(place).with_row_index()
    first = rows.filter((pl.col("person") == "p0") & (pl.col("kind") == "check_in"))["index"][0]
    value = pl.when(pl.col("index") == first).then(None).otherwise("value")
    rows.with_columns(value=value).drop("index").write_parquet(place)
    for what in ("recovery", "notice"):
        done = run(str(folder), tmp_path / what, Asked(what, NOW), workers=hands)
        assert done.states == {TOLD: PEOPLE - 1, REFUSED: 1}


def test_timelines_and_columns_tell_the_same_recovery(data_set, tmp_path, hands, monkeypatch):
    run(str(data_set), tmp_path / "columns", ASKED, workers=hands)

    class Plain:
        """A source that has timelines alone, as a folder of casebooks has."""

        def __init__(self, address):
            held = ParquetSource(address)
            self.address, self.parts, self.people, self.timelines = address, held.parts, held.people, held.timelines
            self.rests_on = held.rests_on

    monkeypatch.setattr(asking, "opened", Plain)
    run(str(data_set), tmp_path / "timelines", ASKED, workers=hands)
    one, other = (pl.read_parquet(tmp_path / name / ANSWERS) for name in ("columns", "timelines"))
    order = ["person", "about"]
    one, other = one.sort(order), other.sort(order)
    assert one.select(*order, "status", "n").equals(other.select(*order, "status", "n"))
    for name in ("estimate", "low", "high"):
        assert ((one[name] - other[name]).abs() <= 1e-4 * one[name].abs()).fill_null(True).all()


def test_the_command_tells_how_many_and_why_not(data_set, tmp_path, capsys):
    folder = copied(data_set, tmp_path)
    (folder / "cohort.toml").write_text(
        'form = 1\n[consent]\nby = "study"\nbasis = "form 7"\npurposes = ["pooled_prior"]\n'
    )
    assert command(["cohort", str(data_set), "--out", str(tmp_path / "out"), "--workers", "2"]) == 0
    said = capsys.readouterr().out
    assert f"{PEOPLE} people asked (recovery), {PEOPLE} told." in said
    assert "not encrypted" in said
    assert command(["cohort", str(folder), "--out", str(tmp_path / "none")]) == 0
    said = capsys.readouterr().out
    assert f"{PEOPLE} people refused:\n  {PEOPLE}: no stream may be read for this purpose" in said


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--what", "horoscope"], "horoscope"), (["--on", "the moon"], "the moon"),
        (["--on", "tcp://127.0.0.1:1"], "--certificate"), (["--ca", "x.pem"], "leaves this machine"),
    ],
)  # fmt: skip
def test_misuse_is_one_sentence(data_set, tmp_path, capsys, more, said):
    assert command(["cohort", str(data_set), "--out", str(tmp_path / "out"), *more]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert len(told.splitlines()) == 1


def test_what_is_no_data_set_is_refused_with_what_makes_one(tmp_path, capsys):
    for place in (tmp_path / "nowhere", tmp_path):
        assert command(["cohort", str(place), "--out", str(tmp_path / "out")]) == 2
        assert "mainstay gather" in capsys.readouterr().err


def test_where_nothing_is_on_record_by_that_day_it_says_so(data_set, tmp_path, capsys):
    line = ["cohort", str(data_set), "--out", str(tmp_path / "out"), "--as-of", "2001-01-01"]
    assert command(line) == 0
    assert "No answers: of nobody is anything on record" in capsys.readouterr().out


def test_stopped_it_says_what_is_kept_and_goes_on(data_set, tmp_path, capsys, monkeypatch):
    keep, kept = Parts.keep, []

    def stopped(self, part, table):
        if kept:
            raise KeyboardInterrupt
        kept.append(part)
        keep(self, part, table)

    monkeypatch.setattr(Parts, "keep", stopped)
    line = ["cohort", str(data_set), "--out", str(tmp_path / "out")]
    assert command(line) == 130
    assert "1 of 3 batches are finished and kept; the same command goes on from there" in capsys.readouterr().err
    monkeypatch.setattr(Parts, "keep", keep)
    assert command(line) == 0
    assert f"{PEOPLE} told" in capsys.readouterr().out


def test_no_table_is_left_half_written(data_set, tmp_path, hands, monkeypatch):
    def breaks(*_):
        raise OSError(5, "the disk reports a fault")

    monkeypatch.setattr(running._Table, "_write", breaks)
    with pytest.raises(OSError, match="fault"):
        run(str(data_set), tmp_path / "out", ASKED, workers=hands)
    assert not list((tmp_path / "out").glob("*.parquet*"))
