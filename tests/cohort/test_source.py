"""Claims about where many people's records come from."""

import numpy as np
import polars as pl
import pytest

from cohort.conftest import NOW, PEOPLE
from mainstay.cohort.layout import CONSENT_COLUMNS, types
from mainstay.cohort.source import ParquetSource, Refused
from mainstay.cohort.writing import write
from mainstay.errors import AlreadyThere, BadRequest
from mainstay.records.kinds import Batch, CheckIn, Item, Record, Statement
from mainstay.timeline.reader import from_records


def everybody(source):
    return {person: found for part in source.parts() for person, found in source.timelines(part, now=NOW)}


def test_a_person_of_a_data_set_is_the_person_of_the_records(data_set, worlds):
    told = everybody(ParquetSource(str(data_set)))
    assert len(told) == PEOPLE
    one, batch = told["p1"], worlds["p1"]
    other = from_records(batch.records, batch.items, batch.anchor, as_of=NOW)
    assert (one.origin, one.days, one.anchor, one.gaps) == (other.origin, other.days, other.anchor, other.gaps)
    for name in other.ratings:
        np.testing.assert_array_equal(one.ratings[name].times, other.ratings[name].times)
        np.testing.assert_array_equal(one.ratings[name].values, other.ratings[name].values)
    for name in other.events:
        np.testing.assert_array_equal(one.events[name].times, other.events[name].times)
        np.testing.assert_array_equal(one.events[name].half_widths, other.events[name].half_widths)
    for name in other.episodes:
        np.testing.assert_array_equal(one.episodes[name].starts, other.episodes[name].starts)
    np.testing.assert_array_equal(one.offset_hours, other.offset_hours)
    np.testing.assert_array_equal(one.prompts_answered, other.prompts_answered)


def test_bystanders_and_what_was_written_stay_behind(data_set):
    told = everybody(ParquetSource(str(data_set)))
    assert all(not events.contacts for one in told.values() for events in one.events.values())
    assert {record.kind for one in told.values() for record in one.others} <= {"reaction"}


def test_a_batch_is_a_file_or_a_row_group(data_set):
    parts = ParquetSource(str(data_set)).parts()
    assert [one.key for one in parts] == ["000000.parquet#0", "000001.parquet#0", "000002.parquet#0"]


def changed(data_set, tmp_path, about):
    folder = tmp_path / "copy"
    (folder / "records").mkdir(parents=True)
    for file in (data_set / "records").iterdir():
        (folder / "records" / file.name).write_bytes(file.read_bytes())
    (folder / "items.parquet").write_bytes((data_set / "items.parquet").read_bytes())
    (folder / "cohort.toml").write_text(about)
    return folder


def test_without_a_word_on_consent_nobody_is_read(data_set, tmp_path):
    silent = ParquetSource(str(changed(data_set, tmp_path, "form = 1\n")))
    with pytest.raises(BadRequest, match="whose consent"):
        everybody(silent)


def test_consent_for_something_else_covers_nothing(data_set, tmp_path):
    about = 'form = 1\n[consent]\nby = "study"\nbasis = "form 7"\npurposes = ["pooled_prior"]\n'
    found = everybody(ParquetSource(str(changed(data_set, tmp_path, about))))
    assert all(isinstance(one, Refused) for one in found.values())


def test_consent_goes_by_person_and_stream_and_ends_on_its_date(data_set, tmp_path):
    folder = changed(data_set, tmp_path, 'form = 1\n[consent]\nby = "table"\n')
    streams = pl.read_parquet(folder / "records" / "000000.parquet")["stream"].unique().sort().to_list()
    begun, over = NOW.plus_days(-30).utc_us, NOW.utc_us
    rows = [("p0", one, "cohort", begun, None) for one in streams]
    rows += [("p1", streams[0], "cohort", begun, over), ("p2", streams[0], "pooled_prior", begun, None)]
    rows += [("p3", "check_ins", "cohort", begun, over + 1)]
    table = pl.DataFrame(rows, schema=[one.name for one in CONSENT_COLUMNS], orient="row")
    table.cast(types(CONSENT_COLUMNS)).write_parquet(folder / "consent.parquet")
    found = everybody(ParquetSource(str(folder)))
    assert found["p0"].left_out == ()
    assert [isinstance(found[one], Refused) for one in ("p1", "p2", "p4")] == [True] * 3
    assert found["p3"].ratings
    assert not found["p3"].events
    assert set(found["p3"].left_out) == set(streams) - {"check_ins"}


def test_consent_that_was_withdrawn_meanwhile_holds_no_longer(data_set, tmp_path):
    folder = changed(data_set, tmp_path, 'form = 1\n[consent]\nby = "table"\n')
    columns = [one.name for one in CONSENT_COLUMNS]
    begun = NOW.plus_days(-30).utc_us
    for until, told in ((None, True), (NOW.utc_us - 1, False)):
        table = pl.DataFrame([("p0", "check_ins", "cohort", begun, until)], schema=columns, orient="row")
        table.cast(types(CONSENT_COLUMNS)).write_parquet(folder / "consent.parquet")
        assert isinstance(everybody(ParquetSource(str(folder)))["p0"], Refused) != told


def test_a_data_set_lies_at_any_address_that_fsspec_knows(data_set):
    import fsspec

    memory = fsspec.filesystem("memory")
    for file in data_set.rglob("*"):
        if file.is_file():
            memory.pipe_file(f"/people/{file.relative_to(data_set)}", file.read_bytes())
    assert everybody(ParquetSource("memory://people")).keys() == everybody(ParquetSource(str(data_set))).keys()


@pytest.mark.parametrize(("about", "said"), [("form = 9\n", "form 9"), ("form = ", "cohort.toml")])
def test_a_form_that_is_not_known_is_refused(data_set, tmp_path, about, said):
    with pytest.raises(BadRequest, match=said):
        ParquetSource(str(changed(data_set, tmp_path, about)))


def test_a_column_of_another_type_is_named(data_set, tmp_path):
    folder = changed(data_set, tmp_path, (data_set / "cohort.toml").read_text())
    place = folder / "records" / "000000.parquet"
    pl.read_parquet(place).with_columns(pl.col("value").cast(pl.String)).write_parquet(place)
    source = ParquetSource(str(folder))
    with pytest.raises(BadRequest, match="'value'"):
        list(source.timelines(source.parts()[0], now=NOW))


def test_a_folder_that_is_there_is_never_written_over(data_set, worlds):
    with pytest.raises(AlreadyThere):
        write(worlds.items(), data_set, basis="simulated", purposes=("cohort",))


def test_of_what_was_corrected_or_taken_back_the_last_word_is_written(tmp_path):
    def said(name, value, **rest):
        return Record(name, "diary", NOW, NOW, "form", CheckIn("mood", value), **rest)

    back = Record("d", "diary", NOW, NOW, "hand", Statement("retraction", ""), supersedes="c")
    told = (said("a", 2.0), said("b", 3.0, supersedes="a"), said("c", 4.0), back, said("e", 5.0))
    item = Item("mood", "How are you?", 0.0, 10.0, "high")
    batch = Batch("form", told, (item,), "mood")
    write([("p", batch)], tmp_path / "set", basis="invented", purposes=("cohort",))
    assert pl.read_parquet(tmp_path / "set" / "records" / "000000.parquet")["value"].to_list() == [3.0, 5.0]


def test_without_what_was_agreed_to_nothing_is_written(worlds, tmp_path):
    with pytest.raises(BadRequest, match="agreed"):
        write(worlds.items(), tmp_path / "new", basis=" ", purposes=("cohort",))


def test_what_is_known_once_of_a_person_goes_by_consent_too(data_set, tmp_path):
    folder = changed(data_set, tmp_path, 'form = 1\n[consent]\nby = "table"\n')
    assert ParquetSource(str(folder)).characteristics(NOW) is None
    known = pl.DataFrame({"person": ["p0", "p1", "p2"], "group": ["a", "b", "b"], "age": [30.0, 41.0, None]})
    known.write_parquet(folder / "characteristics.parquet")
    given = [("p0", "characteristics"), ("p1", "check_ins")]
    rows = [(person, stream, "cohort", NOW.as_utc, None) for person, stream in given]
    table = pl.DataFrame(rows, schema=[one.name for one in CONSENT_COLUMNS], orient="row")
    table.cast(types(CONSENT_COLUMNS)).write_parquet(folder / "consent.parquet")
    found = ParquetSource(str(folder)).characteristics(NOW)
    assert found is not None
    assert found.rows() == [("p0", "a", 30.0)]
    pl.concat([known, known[:1]]).write_parquet(folder / "characteristics.parquet")
    with pytest.raises(BadRequest, match="twice"):
        ParquetSource(str(folder)).characteristics(NOW)
    known.with_columns(age=pl.lit(3)).write_parquet(folder / "characteristics.parquet")
    with pytest.raises(BadRequest, match=r"'age'.*holds Int32"):
        ParquetSource(str(folder)).characteristics(NOW)
