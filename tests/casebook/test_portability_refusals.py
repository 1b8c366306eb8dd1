"""What an import refuses: whatever an export would not have written, with words, before it does any harm."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from casebook.test_portability import LATER, NOW, filled, same, written
from mainstay.casebook.portable_reading import read_export
from mainstay.errors import BadRecord, MainstayError, UnreadableSource


@pytest.fixture
def full(new_casebook):
    return filled(new_casebook("full.mainstay"))


@pytest.fixture
def good(full, tmp_path) -> Path:
    """An export as a folder, to be spoilt."""
    return written(full.take_out(now=NOW.plus_days(2)), tmp_path, "folder")


def zipped(out: Path, content: dict[str, bytes], attributes: dict[str, int] | None = None) -> Path:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in content.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (attributes or {}).get(name, 0)
            packed.writestr(entry, data)
    return out


def content_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_zip_made_of_the_folder_by_hand_is_read_too(good, tmp_path, full):
    content = {f"my export/{name}": data for name, data in content_of(good).items()} | {"__MACOSX/x": b""}
    assert same(read_export(zipped(tmp_path / "by-hand.zip", content))) == same(full.take_out(now=NOW.plus_days(2)))


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/evil", "a/../../evil", "C:/evil", "..\\evil", "a//b", "./a", "signals/../../x"]
)
def test_a_name_that_leads_out_is_refused(good, tmp_path, name):
    before = set(tmp_path.rglob("*"))
    out = zipped(tmp_path / "bad.zip", content_of(good) | {name: b"evil"})
    with pytest.raises(UnreadableSource, match="leads out"):
        read_export(out)
    assert set(tmp_path.rglob("*")) == before | {out}


def test_a_link_is_refused(good, tmp_path):
    out = zipped(tmp_path / "bad.zip", content_of(good) | {"link": b"/etc/passwd"}, {"link": 0o120777 << 16})
    with pytest.raises(UnreadableSource, match="link"):
        read_export(out)
    target = good / "items.json"
    target.rename(tmp_path / "elsewhere.json")
    target.symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(UnreadableSource, match="link"):
        read_export(good)


def test_a_folder_that_is_a_link_is_refused(good, tmp_path):
    (good / "records").rename(tmp_path / "records")
    (good / "records").symlink_to(tmp_path / "records")
    with pytest.raises(UnreadableSource, match="link"):
        read_export(good)


def test_a_name_twice_is_refused(good, tmp_path):
    out = zipped(tmp_path / "bad.zip", content_of(good))
    with zipfile.ZipFile(out, "a") as packed, pytest.warns(UserWarning, match="Duplicate"):
        packed.writestr("items.json", b"{}")
    with pytest.raises(UnreadableSource, match="twice"):
        read_export(out)


def test_a_bomb_is_refused_before_it_is_read(good, tmp_path, monkeypatch):
    from mainstay.casebook import portable_reading

    monkeypatch.setattr(portable_reading, "MOST_BYTES", 10_000_000)
    out = zipped(tmp_path / "bomb.zip", content_of(good) | {"zeros": bytes(11_000_000)})
    assert out.stat().st_size < 200_000
    with pytest.raises(UnreadableSource, match="unpack"):
        read_export(out)


def test_too_many_files_are_refused(good, tmp_path, monkeypatch):
    from mainstay.casebook import portable_reading

    monkeypatch.setattr(portable_reading, "MOST_FILES", 5)
    with pytest.raises(UnreadableSource, match="never holds so many"):
        read_export(zipped(tmp_path / "many.zip", content_of(good)))


@pytest.mark.parametrize("form", ["folder", "zip"])
@pytest.mark.parametrize(("limit", "name"), [("MOST_JSON_BYTES", "items.json"), ("MOST_TABLE_BYTES", "event.parquet")])
def test_one_file_too_large_is_refused(good, tmp_path, monkeypatch, form, limit, name):
    from mainstay.casebook import portable_reading

    monkeypatch.setattr(portable_reading, limit, 100)
    source = good if form == "folder" else zipped(tmp_path / "large.zip", content_of(good))
    with pytest.raises(UnreadableSource, match="larger"):
        read_export(source)


def test_a_table_of_endless_rows_is_refused_before_they_are_read(good, monkeypatch):
    from mainstay.casebook import portable_reading

    monkeypatch.setattr(portable_reading, "MOST_RECORDS", 3)
    with pytest.raises(BadRecord, match="rows"):
        read_export(good)
    monkeypatch.setattr(portable_reading, "MOST_RECORDS", 100)
    monkeypatch.setattr(portable_reading, "MOST_SAMPLES", 1)
    with pytest.raises(BadRecord, match="rows"):
        read_export(good)


def test_text_that_unpacks_to_far_more_is_refused(good, monkeypatch):
    from mainstay.casebook import portable_columns

    monkeypatch.setattr(portable_columns, "MOST_TEXT_BYTES", 60)
    with pytest.raises(BadRecord, match="more text"):
        read_export(good)


def spoil(path: Path, change) -> None:
    frame = change(pl.read_parquet(path))
    frame.write_parquet(path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.drop("label"), "no column 'label'"),
        (lambda f: f.with_columns(more=1), "column 'more'"),
        (lambda f: f.with_columns(pl.col("size").cast(pl.Int64)), "'size'"),
        (lambda f: f.with_columns(pl.col("happened").dt.replace_time_zone(None)), "'happened'"),
        (lambda f: f.with_columns(id=pl.lit(None, pl.String)), "empty in column 'id'"),
        (lambda f: pl.concat([f, f]), "twice"),
        (lambda f: f.with_columns(stream=pl.lit("unheard of")), "unheard of"),
        (lambda f: f.with_columns(**{"is": pl.lit("pleasant")}), "pleasant|can't be read"),
        (lambda f: f.with_columns(contacts=pl.lit(None, pl.List(pl.String))), "empty in column 'contacts'"),
        (lambda f: f.with_columns(size=pl.lit(float("nan"))), "finite"),
        (lambda f: f.with_columns(label=pl.lit("")), "empty"),
    ],
)
def test_a_table_with_other_columns_or_values_is_refused_with_words(good, change, words):
    spoil(good / "records" / "event.parquet", change)
    with pytest.raises(BadRecord, match=words):
        read_export(good)


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("export.json", lambda h: h | {"form": 2}, "newer"),
        ("export.json", lambda h: h | {"streams": h["streams"] * 2}, "twice"),
        ("export.json", lambda h: h | {"made_at": "yesterday"}, "yesterday"),
        ("export.json", lambda h: h | {"streams": [h["streams"][0] | {"identity": "../x"}]}, "identity"),
        ("items.json", lambda h: h | {"anchors": ["x"]}, "'x'"),
        ("items.json", lambda h: h | {"items": [h["items"][0] | {"low": 99.0}]}, "scale"),
        ("items.json", lambda h: h | {"items": 3}, "'items'"),
        ("consents.json", lambda h: h | {"events": [h["events"][0] | {"purpose": "employer"}]}, "employer"),
        ("consents.json", lambda h: h | {"events": [h["events"][0] | {"stream": "x"}]}, "'x'"),
        ("consents.json", lambda h: h | {"events": [h["events"][0] | {"terms": "x"}]}, "'x'"),
        ("audit.json", lambda h: [], "something else"),
    ],
)
def test_a_ledger_that_says_anything_else_is_refused_with_words(good, name, change, words):
    held = json.loads((good / name).read_text())
    (good / name).write_text(json.dumps(change(held)))
    with pytest.raises(MainstayError, match=words):
        read_export(good)


def test_an_event_of_consent_that_does_not_exist_is_refused(good, new_casebook):
    held = json.loads((good / "consents.json").read_text())
    held["events"][0]["event"] = "assumed"
    (good / "consents.json").write_text(json.dumps(held))
    with pytest.raises(BadRecord, match="assumed"):
        new_casebook("other.mainstay").put_in(read_export(good), now=LATER)


@pytest.mark.parametrize("text", ["", "{", "null", "[" * 100_000, '{"form": NaN}'])
def test_json_that_is_none_is_refused(good, text):
    (good / "export.json").write_text(text)
    with pytest.raises(MainstayError):
        read_export(good)


def test_a_statement_can_not_name_another_file(good, tmp_path):
    (tmp_path / "secret.toml").write_text("secret")
    spoil(good / "records" / "statement.parquet", lambda f: f.with_columns(file=pl.lit("statements/../../secret.toml")))
    with pytest.raises(BadRecord, match="no statement"):
        read_export(good)


def test_something_else_is_not_imported(tmp_path):
    (tmp_path / "diary.csv").write_text("a,b\n")
    for path in (tmp_path / "diary.csv", tmp_path, tmp_path / "none"):
        with pytest.raises(UnreadableSource):
            read_export(path)


@pytest.mark.parametrize("rounds", [60, pytest.param(3000, marks=pytest.mark.long)])
def test_flipped_and_cut_exports_are_refused_or_read_never_worse(good, tmp_path, rounds):
    rng = np.random.default_rng(1)
    whole = zipped(tmp_path / "whole.zip", content_of(good)).read_bytes()
    tables = sorted((good / "records").glob("*.parquet"))
    refused = 0
    for turn in range(rounds):
        if turn % 3 == 0:
            path, content = tmp_path / "spoilt.zip", bytearray(whole)
        else:
            path = tables[rng.integers(len(tables))]
            content = bytearray(path.read_bytes())
        before = bytes(content)
        if turn % 2:
            content = content[: rng.integers(len(content))]
        else:
            content[rng.integers(len(content))] ^= 1 << int(rng.integers(8))
        path.write_bytes(bytes(content))
        try:
            read_export(path if path.suffix == ".zip" else good)
        except MainstayError:
            refused += 1
        finally:
            path.write_bytes(before)
    assert refused > rounds / 4


def test_a_parquet_file_of_a_billion_equal_rows_is_refused_in_bounded_memory(good):
    path = good / "signals" / "0001-heart-rate.parquet"
    many = pl.DataFrame({"record": ["s1"]}).with_columns(time=pl.lit(0).cast(pl.Datetime("us", "UTC")), value=1.0)
    out = io.BytesIO()
    pl.concat([many] * 1000).write_parquet(out)
    path.write_bytes(out.getvalue())
    with pytest.raises(BadRecord):
        read_export(good)


def changed_json(good: Path, name: str, change) -> None:
    held = json.loads((good / name).read_text())
    change(held)
    (good / name).write_text(json.dumps(held))


@pytest.mark.parametrize("value", ["1e999", "NaN", '"\\ud800"', "[" * 5000 + "]" * 5000])
def test_what_could_never_be_written_out_again_is_not_taken_in(good, value):
    changed_json(good, "consents.json", lambda held: held["terms"][0].__setitem__("more", "here"))
    path = good / "consents.json"
    path.write_text(path.read_text().replace('"here"', value))
    with pytest.raises(BadRecord, match="JSON"):
        read_export(good)


def test_fields_of_another_kind_are_refused_with_words(good):
    changed_json(good, "consents.json", lambda held: held["events"][0].__setitem__("terms", [1]))
    with pytest.raises(BadRecord, match="terms"):
        read_export(good)


def test_a_number_beyond_all_numbers_is_refused(good):
    changed_json(good, "items.json", lambda held: held["items"][0].__setitem__("high", 10**400))
    with pytest.raises(BadRecord, match="larger than a number can be"):
        read_export(good)


def table(good: Path, name: str, change) -> None:
    path = good / "records" / f"{name}.parquet"
    change(pl.read_parquet(path)).write_parquet(path)


@pytest.mark.parametrize("moment", [2**63 - 1, -(2**63), 253_402_300_800_000_000])
@pytest.mark.parametrize("column", ["happened", "known", "added"])
def test_a_moment_that_no_clock_shows_is_refused_with_words(good, column, moment):
    table(good, "episode", lambda rows: rows.with_columns(pl.lit(moment).cast(rows.schema[column]).alias(column)))
    with pytest.raises(BadRecord, match=f"{column} lies outside what a clock can show"):
        read_export(good)


def test_an_end_without_its_offset_is_refused(good):
    table(good, "episode", lambda rows: rows.with_columns(ended_offset_s=pl.lit(None).cast(pl.Int64)))
    with pytest.raises(BadRecord, match="ended must be a whole number"):
        read_export(good)


def test_an_attribute_that_says_nothing_is_refused(good):
    def emptied(rows: pl.DataFrame) -> pl.DataFrame:
        kind = rows.schema["attributes"]
        return rows.with_columns(pl.Series("attributes", [[None]] * len(rows), dtype=kind))

    table(good, "contact", emptied)
    with pytest.raises(BadRecord, match="says nothing"):
        read_export(good)


def test_one_large_text_can_not_be_named_a_thousand_times(good):
    def repeated(rows: pl.DataFrame) -> pl.DataFrame:
        return pl.concat([rows.head(1)] * 2).with_columns(id=pl.Series(["one", "two"]))

    table(good, "statement", repeated)
    with pytest.raises(BadRecord, match="twice; each statement has one of its own"):
        read_export(good)


def test_samples_at_times_that_no_clock_shows_are_refused(good):
    path = good / "signals" / "0001-heart-rate.parquet"
    rows = pl.read_parquet(path)
    rows.with_columns(pl.lit(2**63 - 1).cast(rows.schema["time"]).alias("time")).write_parquet(path)
    with pytest.raises(BadRecord, match="no clock can show"):
        read_export(good)


def test_an_older_export_brought_in_again_revives_no_consent_and_no_erased_stream(full, good):
    full.withdraw(["diary"], now=NOW.plus_days(3))
    full.erase(["notes"], now=NOW.plus_days(3))
    told = full.put_in(read_export(good), now=NOW.plus_days(4))
    assert (told.new_streams, told.erased) == ((), ("notes",))
    stored = full.read("own_answers", now=NOW.plus_days(4))
    assert "diary" in stored.left_out
    assert {record.stream for record in stored.records}.isdisjoint({"diary", "notes"})


def test_a_stream_of_another_name_can_not_take_the_records_or_the_identity_of_one_that_was_withdrawn(full, good):
    full.withdraw(["diary"], now=NOW.plus_days(3))
    (before,) = (one.identity for one in full.streams() if one.name == "diary")
    for name in ("export.json", "items.json", "consents.json"):
        (good / name).write_text((good / name).read_text().replace('"diary"', '"mine"'))
    for path in (good / "records").glob("*.parquet"):
        pl.read_parquet(path).with_columns(pl.col("stream").replace("diary", "mine")).write_parquet(path)
    full.put_in(read_export(good), now=NOW.plus_days(4))
    assert {one.identity for one in full.streams() if one.name == "mine"} != {before}
    stored = full.read("own_answers", now=NOW.plus_days(4))
    assert "mine" not in {record.stream for record in stored.records}
    assert "diary" in stored.left_out
