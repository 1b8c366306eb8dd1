"""Claims about consent that ends while a run is under way: nobody is told of whom it no longer covers."""

import json
import shutil

import polars as pl
import pytest

from cohort.conftest import NOW, PEOPLE
from mainstay.cli import asking
from mainstay.cli import run as command
from mainstay.cohort import running
from mainstay.cohort.asked import Asked
from mainstay.cohort.layout import CONSENT_COLUMNS, types
from mainstay.cohort.parts import Parts
from mainstay.cohort.rows import REFUSED, TOLD
from mainstay.cohort.running import ANSWERS, run
from mainstay.cohort.running import PEOPLE as PEOPLES
from mainstay.cohort.source import ENDED, ParquetSource
from mainstay.cohort.withdrawal import erase_ended
from mainstay.cohort.workers import threads

BEGUN = NOW.plus_days(-30)


def say(folder, *rows):
    """Writes the table of consent: (person, stream, until), in any order."""
    held = [(person, stream, "cohort", BEGUN.utc_us, until and until.utc_us) for person, stream, until in rows]
    held += [("p1", "check_ins", "pooled_prior", BEGUN.utc_us, None)]
    table = pl.DataFrame(held, schema=[one.name for one in CONSENT_COLUMNS], orient="row")
    table.cast(types(CONSENT_COLUMNS)).write_parquet(folder / "consent.parquet")


def everybody(folder, until=None):
    """A consent of everybody for each of their streams."""
    streams = pl.read_parquet(folder / "records" / "000000.parquet")["stream"].unique().sort().to_list()
    return [(f"p{k}", one, until) for k in reversed(range(PEOPLE)) for one in streams]


@pytest.fixture
def by_table(data_set, tmp_path):
    folder = shutil.copytree(data_set, tmp_path / "people")
    (folder / "cohort.toml").write_text('form = 1\n[consent]\nby = "table"\n')
    say(folder, *everybody(folder))
    return folder


@pytest.fixture
def hands():
    here = threads(2)
    yield here
    here.close()


def ends(out):
    table = pl.read_parquet(out / PEOPLES)
    return {person: (state, reason) for person, state, reason, *_ in table.iter_rows()}


def parts_say_nothing_of(out, person):
    for place in (out / "parts").iterdir():
        rows = pl.read_ipc(place).filter(pl.col("person") == person)
        assert rows["claim"].drop_nulls().is_empty()
        assert rows["estimate"].drop_nulls().is_empty()
        assert set(rows["state"].to_list()) <= {REFUSED}


@pytest.mark.parametrize("what", ["recovery", "notice"])
def test_whoever_withdraws_between_the_work_and_the_tables_is_in_none(by_table, tmp_path, hands, monkeypatch, what):
    finish = running.engine.run

    def withdrawn_meanwhile(*given, **more):
        finish(*given, **more)
        say(by_table, *(row for row in everybody(by_table) if row[0] != "p1"))

    monkeypatch.setattr(running.engine, "run", withdrawn_meanwhile)
    out = tmp_path / "out"
    done = run(str(by_table), out, Asked(what, NOW), workers=hands)
    assert done.states == {TOLD: PEOPLE - 1, REFUSED: 1}
    assert ends(out)["p1"] == (REFUSED, ENDED)
    assert "p1" not in pl.read_parquet(out / ANSWERS)["person"].to_list()
    parts_say_nothing_of(out, "p1")


def test_a_stream_that_answers_rest_on_takes_them_along_and_another_does_not(by_table, tmp_path, hands, monkeypatch):
    finish = running.engine.run
    everything = everybody(by_table)

    def withdrawn_meanwhile(*given, **more):
        finish(*given, **more)
        gone = {("p1", "check_ins"), ("p2", "no stream of theirs")}
        say(by_table, *(row for row in everything if row[:2] not in gone))

    say(by_table, *everything, ("p2", "no stream of theirs", None))
    monkeypatch.setattr(running.engine, "run", withdrawn_meanwhile)
    done = run(str(by_table), tmp_path / "out", Asked("recovery", NOW), workers=hands)
    assert done.states == {TOLD: PEOPLE - 1, REFUSED: 1}
    assert ends(tmp_path / "out")["p1"] == (REFUSED, ENDED)


def test_consent_that_ends_on_a_date_during_the_run_is_over_at_its_end(by_table, tmp_path, hands):
    over = NOW.plus_days(1)
    say(by_table, *(row for row in everybody(by_table) if row[0] != "p4"), ("p4", "check_ins", over))
    done = run(str(by_table), tmp_path / "then", Asked("recovery", NOW), workers=hands)
    assert done.states == {TOLD: PEOPLE}
    done = run(str(by_table), tmp_path / "later", Asked("recovery", NOW), workers=hands, clock=lambda: over)
    assert done.states == {TOLD: PEOPLE - 1, REFUSED: 1}
    assert ends(tmp_path / "later")["p4"] == (REFUSED, ENDED)


def test_withdrawn_between_a_kill_and_going_on(by_table, tmp_path, hands, monkeypatch):
    out, keep, kept = tmp_path / "out", Parts.keep, []

    def killed(self, part, table):
        if len(kept) == 2:
            raise KeyboardInterrupt
        kept.append(part)
        keep(self, part, table)

    monkeypatch.setattr(Parts, "keep", killed)
    with pytest.raises(KeyboardInterrupt):
        run(str(by_table), out, Asked("recovery", NOW), workers=threads(1))
    monkeypatch.setattr(Parts, "keep", keep)
    say(by_table, *(row for row in everybody(by_table) if row[0] not in {"p0", "p4"}))
    done = run(str(by_table), out, Asked("recovery", NOW.plus_days(1)), workers=hands)
    assert done.states == {TOLD: PEOPLE - 2, REFUSED: 2}
    assert ends(out)["p0"] == (REFUSED, ENDED)
    assert ends(out)["p4"] == (REFUSED, "no stream may be read for this purpose")
    parts_say_nothing_of(out, "p0")


def test_a_kill_while_parts_are_rewritten_leaves_nothing_half_done(by_table, tmp_path, hands, monkeypatch):
    out = tmp_path / "out"
    run(str(by_table), out, Asked("recovery", NOW), workers=hands)
    say(by_table, *(row for row in everybody(by_table) if row[0] not in {"p0", "p4"}))
    keep, kept = Parts.keep, []

    def killed(self, part, table):
        if kept:
            raise KeyboardInterrupt
        kept.append(part)
        keep(self, part, table)

    monkeypatch.setattr(Parts, "keep", killed)
    with pytest.raises(KeyboardInterrupt):
        run(str(by_table), out, Asked("recovery", NOW), workers=hands)
    monkeypatch.setattr(Parts, "keep", keep)
    assert run(str(by_table), out, Asked("recovery", NOW), workers=hands).states == {TOLD: PEOPLE - 2, REFUSED: 2}
    for person in ("p0", "p4"):
        parts_say_nothing_of(out, person)


def test_the_same_command_later_drops_whoever_withdrew_since_and_no_one_else(by_table, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(asking, "now", lambda: NOW)
    line = ["cohort", str(by_table), "--out", str(tmp_path / "out")]
    assert command(line) == 0
    assert f"{PEOPLE} told" in capsys.readouterr().out
    say(by_table, *(row if row[0] != "p3" else (*row[:2], NOW) for row in everybody(by_table)))
    assert command(line) == 0
    said = capsys.readouterr().out
    assert f"{PEOPLE - 1} told" in said
    assert f"1 person refused:\n  1: {ENDED}" in said


def test_a_study_whose_purposes_no_longer_hold_tells_of_nobody(data_set, tmp_path, hands):
    folder = shutil.copytree(data_set, tmp_path / "people")
    run(str(folder), tmp_path / "out", Asked("recovery", NOW), workers=hands)
    (folder / "cohort.toml").write_text('form = 1\n[consent]\nby = "study"\nbasis = "form 7"\npurposes = []\n')
    done = run(str(folder), tmp_path / "out", Asked("recovery", NOW), workers=hands)
    assert done.states == {REFUSED: PEOPLE}
    assert pl.read_parquet(tmp_path / "out" / ANSWERS).is_empty()


def test_people_who_are_no_longer_in_the_source_are_in_no_part(data_set, tmp_path, hands):
    folder, out = shutil.copytree(data_set, tmp_path / "people"), tmp_path / "out"
    run(str(folder), out, Asked("recovery", NOW), workers=hands)
    (folder / "records" / "000001.parquet").unlink()
    done = run(str(folder), out, Asked("recovery", NOW), workers=hands)
    assert done.people == PEOPLE - 2
    assert len(list((out / "parts").iterdir())) == 2


def test_done_twice_it_changes_nothing(by_table, tmp_path, hands):
    asked, out, source = Asked("recovery", NOW), tmp_path / "out", ParquetSource(str(by_table))
    run(str(by_table), out, asked, workers=hands)
    say(by_table, *(row for row in everybody(by_table) if row[0] != "p2"))
    kept, later = Parts(out, str(by_table), Asked("recovery", NOW, NOW)), ParquetSource(str(by_table))
    assert erase_ended(later, kept, source.parts(), now=NOW) == 1
    held = {place: place.read_bytes() for place in (out / "parts").iterdir()}
    assert erase_ended(later, kept, source.parts(), now=NOW) == 0
    assert held == {place: place.read_bytes() for place in (out / "parts").iterdir()}


def test_consent_of_many_is_found_by_halving_as_by_looking_through(by_table):
    rows = everybody(by_table)[::2]
    say(by_table, *rows, ("zoë", "check_ins", None), ("p", "check_ins", None))
    wanted = ["p3", "p0", "nobody", "zoë", "p", "p4", "~"]
    found = ParquetSource(str(by_table)).covered(wanted, now=NOW)
    expected = {person: {s for p, s, _ in rows if p == person} for person in wanted}
    expected |= {"zoë": {"check_ins"}, "p": {"check_ins"}}
    assert found == {person: frozenset(streams) for person, streams in expected.items() if streams}


def test_what_answers_rest_on_is_every_stream_in_whatever_order_the_rows_stand(data_set):
    source = ParquetSource(str(data_set))
    frame = source.frame(source.parts()[0])
    expected = {person: set() for person in source.people(source.parts()[0])}
    for person, stream in frame.select("person", "stream").iter_rows():
        expected[person].add(stream)
    for order in (frame, frame.sort("happened"), frame.sample(fraction=1.0, shuffle=True, seed=1)):
        assert {person: set(json.loads(streams)) for person, streams in source.rested(order).items()} == expected
    assert source.rested(frame.clear()) == {}


def test_what_was_made_with_somebody_goes_before_their_part_is_rewritten(by_table, tmp_path, hands, monkeypatch):
    """Killed at the first part that is rewritten, nothing of the group is left: a later run could not know of it."""
    out = tmp_path / "out"
    run(str(by_table), out, Asked("recovery", NOW), workers=hands)
    (out / "group").mkdir()
    for name in ("group/groups.parquet", "group/group.html", "group/priors.json", "discoveries.parquet"):
        (out / name).write_bytes(b"made with everybody")
    run(str(by_table), out, Asked("recovery", NOW), workers=hands)
    assert len(list((out / "group").iterdir())) == 3, "nobody withdrew"
    say(by_table, *(row for row in everybody(by_table) if row[0] != "p2"))

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Parts, "keep", killed)
    with pytest.raises(KeyboardInterrupt):
        run(str(by_table), out, Asked("recovery", NOW), workers=hands)
    assert not [*(out / "group").iterdir(), *out.glob("*.parquet")]


def test_tables_of_an_earlier_run_go_before_new_ones_are_written(by_table, tmp_path, hands, monkeypatch):
    out = tmp_path / "out"
    run(str(by_table), out, Asked("recovery", NOW), workers=hands)
    say(by_table, *(row for row in everybody(by_table) if row[0] != "p2"))

    (out / "shrunken.parquet").write_bytes((out / ANSWERS).read_bytes())  # what is made of the answers goes along

    def no_room(*_):
        raise OSError(28, "No space left on device")

    write = running._Table._write
    monkeypatch.setattr(running._Table, "_write", no_room)
    with pytest.raises(OSError, match="No space"):
        run(str(by_table), out, Asked("recovery", NOW), workers=hands)
    assert not list(out.glob("*.parquet*"))
    monkeypatch.setattr(running._Table, "_write", write)
    assert run(str(by_table), out, Asked("recovery", NOW), workers=hands).states == {TOLD: PEOPLE - 1, REFUSED: 1}
