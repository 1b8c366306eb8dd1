"""Taking everything out and bringing it back equal; and what an import refuses."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from casebook.test_codec import bodies, instants, words
from mainstay.casebook import Casebook, Consent, KeySlotCost
from mainstay.casebook.portability import Parcel
from mainstay.casebook.portable_columns import BODIES, ENVELOPE, SAMPLES, schema
from mainstay.casebook.portable_files import ABOUT, columns_page, export_schema, readme, write_folder, write_zip
from mainstay.casebook.portable_reading import read_export
from mainstay.errors import BadRecord, NoConsent
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import (
    Attribute,
    Batch,
    CheckIn,
    Contact,
    Coverage,
    Episode,
    Event,
    Item,
    Prompt,
    Reaction,
    Record,
    Signal,
    Statement,
)

NOW = Instant(1_700_000_000_000_000, 3600)
PASSPHRASE = "four quiet words here"
LATER = NOW.plus_days(5)
ITEM = Item("tension", "How tense are you?", 0.0, 10.0, "low", "calm", "unbearable")


def record(id_: str, body: object, at: Instant | Span = NOW, stream: str = "diary", **more: object) -> Record:
    return Record(id_, stream, at, NOW, "by hand", body, **more)


def one_of_each() -> Batch:
    """A record of every kind, two channels of signals, and a correction."""
    span = Span(NOW.plus_days(-2), Instant(NOW.plus_days(-1).utc_us, 7200))
    heart = np.array([72.0, np.nan, -0.0])
    return Batch(
        "by hand",
        (
            record("c1", CheckIn("tension", 3.0)),
            record("c2", CheckIn("tension", 4.0), supersedes="c1"),
            record("e", Event("quarrel", "relief", None, ("B",), ("late", "said | so"))),
            record("p", Episode("work", "role", True), span),
            record("s1", Signal("Heart rate/…", "bpm", np.array([3, 1, 2]), heart), span, "watch"),
            record("s2", Signal("Heart rate/…", "bpm", np.array([9]), np.array([70.0])), span, "watch"),
            record("s3", Signal("steps", "", np.zeros(0, np.int64), np.zeros(0)), span, "watch"),
            record("q", Prompt(NOW, None, ("tension",))),
            record("v", Coverage((), 0.5, None), span),
            record("k", Contact("B", (Attribute("knows both lives", NOW),)), stream="people"),
            record("r", Reaction("smirk", "rescuer", -1, 1.0, 0.25)),
            record("t", Statement("concern", 'what = "sleep"\r\nué\n'), stream="notes"),
        ),
        (ITEM, Item("mood", "", 0.1, 0.3, "high", ordinal=False)),
        "tension",
    )


def filled(casebook: Casebook) -> Casebook:
    """The casebook with a record of every kind in it, and a stream that a supporter may see for a while."""
    casebook.add(one_of_each(), Consent(given_at=NOW), now=NOW)
    casebook.add(
        Batch("by hand", (record("w", Event("walk", "relief"), stream="acts"),)),
        Consent(purposes=("own_answers", "supporter_view"), given_at=NOW, until=NOW.plus_days(90)),
        now=NOW.plus_days(1),
    )
    return casebook


@pytest.fixture
def full(new_casebook):
    return filled(new_casebook("full.mainstay"))


def written(parcel: Parcel, folder: Path, form: str) -> Path:
    out = folder / (f"out-{form}.zip" if form == "zip" else "out")
    if form == "zip":
        write_zip(parcel, out, version="0.1")
    else:
        out.mkdir()
        write_folder(parcel, out, version="0.1")
    return out


def same(parcel: Parcel) -> tuple[object, ...]:
    """All that an import must bring back, as values that compare bit for bit."""
    records = []
    for one in parcel.records:
        body = one.record.body
        if isinstance(body, Signal):
            body = (body.channel, body.unit, body.times_us.tobytes(), body.values.tobytes())
        records.append((repr(replace(one.record, body=None)), repr(body), repr(one.added)))
    return (records, repr(parcel.streams), repr(parcel.items), parcel.anchors, repr(parcel.consents))


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_what_was_exported_and_imported_is_equal(full, new_casebook, tmp_path, form):
    now = NOW.plus_days(2)
    parcel = full.take_out(now=now)
    other = new_casebook("other.mainstay")
    told = other.put_in(read_export(written(parcel, tmp_path, form)), now=LATER)
    assert same(other.take_out(now=now)) == same(parcel)
    assert sum(told.new.values()) == 13
    assert (told.already, told.different, told.erased) == ({}, {}, ())
    assert told.new_streams == ("acts", "diary", "notes", "people", "watch")
    first, second = full.read("own_answers", now=now), other.read("own_answers", now=now)
    assert (first.items, first.anchor, first.left_out) == (second.items, second.anchor, second.left_out)
    assert [one.id for one in first.records] == [one.id for one in second.records]
    assert full.streams() == other.streams()


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_importing_twice_adds_nothing(full, tmp_path, form):
    parcel = full.take_out(now=NOW.plus_days(2))
    told = full.put_in(read_export(written(parcel, tmp_path, form)), now=LATER)
    assert (told.new, told.different, told.new_streams) == ({}, {}, ())
    assert sum(told.already.values()) == 13
    assert same(full.take_out(now=NOW.plus_days(2))) == same(parcel)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(bodies, instants, st.none() | st.integers(0, 10**12), words, words, st.none() | words)),
    st.dictionaries(words, st.booleans(), max_size=2),
)
def test_any_records_come_back_equal(tmp_path, some, items):
    asked = {body.item for body, *_ in some if isinstance(body, CheckIn)}
    asked |= {name for body, *_ in some if isinstance(body, Prompt) for name in body.items}
    declared = tuple(Item(name, "", 0.0, 1.0, "low", ordinal=items.get(name, True)) for name in {*asked, *items})
    records = tuple(
        Record(
            f"{place} {source}",
            stream,
            at if long is None else Span(at, Instant(min(at.utc_us + long, 253_370_764_799_999_999), at.offset_s)),
            at,
            source,
            body,
            supersedes,
        )
        for place, (body, at, long, stream, source, supersedes) in enumerate(some)
    )
    work = tmp_path / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    cost = KeySlotCost.least()
    with (
        Casebook.create(work / "a", PASSPHRASE, now=NOW, cost=cost) as first,
        Casebook.create(work / "b", PASSPHRASE, now=NOW, cost=cost) as second,
    ):
        first.add(Batch("by hand", records, declared), Consent(given_at=NOW), now=NOW)
        parcel = first.take_out(now=NOW)
        for form in ("folder", "zip"):
            back = read_export(written(parcel, work, form))
            assert same(back) == same(parcel)
        second.put_in(back, now=LATER)
        assert same(second.take_out(now=NOW)) == same(parcel)


def test_consent_comes_back_with_its_history_and_still_ends(full, new_casebook, tmp_path):
    full.add(Batch("by hand", ()), Consent(given_at=NOW), now=NOW)
    walk = Batch("by hand", (record("w", Event("walk", "relief"), stream="acts"),))
    full.add(walk, Consent(given_at=NOW, until=NOW.plus_days(30)), now=NOW.plus_days(3))
    other = new_casebook("other.mainstay")
    other.put_in(read_export(written(full.take_out(now=NOW.plus_days(4)), tmp_path, "zip")), now=LATER)
    query = "SELECT purpose, event, at_us, until_us, noted_us FROM consent ORDER BY number"
    assert len(other._connection.execute(query).fetchall()) == 7
    assert other._connection.execute(query).fetchall() == full._connection.execute(query).fetchall()
    assert "acts" in other.read("own_answers", now=NOW.plus_days(31)).left_out


def test_streams_without_consent_stay_inside_and_are_named(full, tmp_path):
    later = NOW.plus_days(91)
    out = written(full.take_out(now=later), tmp_path, "folder")
    text = (out / "README.md").read_text()
    assert json.loads((out / "export.json").read_text())["left_out"] == ["acts"]
    assert "**Not in here**, because they may not be read for your own answers now: acts." in text
    assert "walk" not in b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file()).decode("latin-1")
    assert "acts" not in (out / "consents.json").read_text()


def test_with_no_consent_nothing_is_written_out(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(diary, Consent(given_at=now, until=now.plus_days(1)), now=now)
    with pytest.raises(NoConsent, match="own_answers"):
        casebook.take_out(now=now.plus_days(2))


def test_in_a_stream_that_is_there_its_own_consent_stands(full, new_casebook, tmp_path):
    out = written(full.take_out(now=NOW.plus_days(2)), tmp_path, "zip")
    other = new_casebook("other.mainstay")
    there = Batch("by hand", (record("x", Event("nap", "relief"), stream="acts"),))
    other.add(there, Consent(given_at=NOW, until=NOW.plus_days(1)), now=NOW)
    told = other.put_in(read_export(out), now=LATER)
    assert "acts" not in told.new_streams
    assert other.read("own_answers", now=NOW.plus_days(2)).left_out == ("acts",)


def test_a_stream_that_was_erased_here_is_not_brought_back(full, new_casebook, tmp_path):
    parcel = full.take_out(now=NOW.plus_days(2))
    other = new_casebook("other.mainstay")
    [watch] = [stream for stream in parcel.streams if stream.name == "watch"]
    other._connection.execute("INSERT INTO erased VALUES (?, 'r', 0, 0)", (watch.identity,))
    told = other.put_in(read_export(written(parcel, tmp_path, "folder")), now=LATER)
    assert told.erased == ("watch",)
    assert "watch" not in {stream.name for stream in other.streams()}


def test_an_item_on_another_scale_is_refused_and_nothing_stays(full, new_casebook, tmp_path):
    other = new_casebook("other.mainstay")
    own = Batch("m", (record("m", CheckIn("tension", 1.0), stream="mine"),), (replace(ITEM, high=7.0),))
    other.add(own, Consent(given_at=NOW), now=NOW)
    with pytest.raises(BadRecord, match="tension"):
        other.put_in(read_export(written(full.take_out(now=NOW.plus_days(2)), tmp_path, "zip")), now=LATER)
    assert [stream.name for stream in other.streams()] == ["mine"]


def test_every_file_fits_the_schema_and_every_column_is_explained(full, tmp_path):
    out = written(full.take_out(now=NOW.plus_days(2)), tmp_path, "folder")
    defs = export_schema()["$defs"]
    Draft202012Validator.check_schema(export_schema())
    assert json.loads((out / "schema.json").read_text()) == export_schema()
    text = (out / "README.md").read_text()
    names = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    for name in names:
        assert f"`{name}`" in text
        if name in defs and name.endswith(".json"):
            Draft202012Validator(defs[name]).validate(json.loads((out / name).read_text()))
        elif name.endswith(".parquet"):
            rows = json.loads(pl.read_parquet(out / name).write_json())
            for row in rows:
                Draft202012Validator(defs.get(name, defs["signals/*.parquet"])).validate(json_safe(row))
    assert {f"records/{kind}.parquet" for kind in BODIES} <= names
    for columns in (ENVELOPE, SAMPLES, *(columns for _, columns in BODIES.values())):
        assert all(f"| `{name}` |" in text for name in schema(columns))


def json_safe(row: dict) -> dict:
    """JSON has no word for NaN; Polars writes null."""
    return {name: 0.0 if name == "value" and value is None else value for name, value in row.items()}


def test_the_schema_beside_the_documentation_is_the_same():
    page = Path(__file__).parents[2] / "docs" / "reference" / "export.schema.json"
    assert json.loads(page.read_text()) == export_schema()


def test_the_list_of_files_says_what_is_there(full, tmp_path):
    out = written(full.take_out(now=NOW.plus_days(2)), tmp_path, "folder")
    listed = json.loads((out / "export.json").read_text())["files"]
    on_disk = {str(path.relative_to(out)): path.stat().st_size for path in out.rglob("*") if path.is_file()}
    assert {one["path"]: one["bytes"] for one in listed} == {k: v for k, v in on_disk.items() if k != "export.json"}


def test_what_is_written_is_its_owners_alone(full, tmp_path):
    out = written(full.take_out(now=NOW.plus_days(2)), tmp_path, "folder")
    modes = {path.stat().st_mode & 0o077 for path in (out, *out.rglob("*"))}
    assert modes == {0}


def test_a_page_can_not_be_broken_by_names(full):
    parcel = full.take_out(now=NOW.plus_days(2))
    nasty = replace(parcel, left_out=("a\n# b\x1b[2J|c",))
    assert "a # b \\[2J\\|c" in readme(nasty, [], "0.1")
    fetching = replace(parcel, left_out=("![x](https://example.org/seen)", "<img src=x>", "`&amp;"))
    page = readme(fetching, [], "0.1")
    assert "!\\[x](https://example.org/seen), \\<img src=x>, \\`\\&amp;" in page


def test_the_page_of_the_documentation_explains_the_same_columns():
    page = (Path(__file__).parents[2] / "docs" / "reference" / "export.md").read_text()
    assert "\n".join(columns_page()).rstrip() in page
    assert all(f"| `{name}` | {about} |" in page for name, about in ABOUT.items())
