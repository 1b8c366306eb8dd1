"""Claims about what the person has set in their own words: kept, replaced, taken away, taken along."""

import pytest

from mainstay.casebook import Casebook, Consent, KeySlotCost
from mainstay.casebook.portable_files import write_folder
from mainstay.casebook.portable_reading import read_export
from mainstay.casebook.settings import LONGEST
from mainstay.errors import BadRecord
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch, CheckIn, Item, Record

NOW = Instant.parse("2024-05-01T12:00+02:00")
WORDS = "four quiet words here"
CANARY = "Zwaluwtje at number nine"


@pytest.fixture
def path(tmp_path):
    """A casebook with one answer in it."""
    made = tmp_path / "anna.mainstay"
    at = NOW.plus_days(-1)
    record = Record("r1", "diary", at, at, "by hand", CheckIn("mood", 3.0))
    with Casebook.create(made, WORDS, now=NOW, cost=KeySlotCost.least()) as casebook:
        casebook.add(
            Batch("by hand", (record,), (Item("mood", "Mood", 0, 10, "high"),)), Consent(given_at=NOW), now=NOW
        )
    return made


def test_a_setting_is_kept_replaced_and_taken_away(path):
    with Casebook.open(path, WORDS) as casebook:
        assert casebook.setting("danger") is None
        casebook.keep_setting("danger", "call Ben", now=NOW)
        casebook.keep_setting("danger", "call Tom", now=NOW)
    with Casebook.open(path, WORDS) as casebook:
        assert casebook.setting("danger") == "call Tom"
        casebook.keep_setting("danger", None, now=NOW)
        assert casebook.setting("danger") is None
        assert [one.action for one in casebook.audit_log()][-3:] == ["set", "set", "set"]
        assert casebook.verify() == []


def test_what_was_replaced_is_on_no_page_of_the_file_any_more(path):
    with Casebook.open(path, WORDS) as casebook:
        casebook.keep_setting("danger", CANARY, now=NOW)
        casebook.keep_setting("danger", "call Tom", now=NOW)
        assert CANARY.encode() not in casebook._connection.serialize("main")
        assert b"call Tom" in casebook._connection.serialize("main")


def test_it_goes_with_an_export_and_what_is_there_stands(path, tmp_path):
    with Casebook.open(path, WORDS) as casebook:
        casebook.keep_setting("danger", "call Ben", now=NOW)
        parcel = casebook.take_out(now=NOW)
    (tmp_path / "out").mkdir()
    write_folder(parcel, tmp_path / "out", version="0")
    read = read_export(tmp_path / "out")
    assert read.settings == parcel.settings
    with Casebook.create(tmp_path / "new.mainstay", WORDS, now=NOW, cost=KeySlotCost.least()) as casebook:
        assert casebook.put_in(read, now=NOW).settings == ("danger",)
        assert casebook.setting("danger") == "call Ben"
        casebook.keep_setting("danger", "call Tom", now=NOW)
        assert casebook.put_in(read, now=NOW).settings == ()
        assert casebook.setting("danger") == "call Tom"


def test_an_export_can_bring_no_setting_that_a_casebook_would_not_keep(path, tmp_path):
    with Casebook.open(path, WORDS) as casebook:
        casebook.keep_setting("danger", "call Ben", now=NOW)
        parcel = casebook.take_out(now=NOW)
    (tmp_path / "out").mkdir()
    write_folder(parcel, tmp_path / "out", version="0")
    settings = tmp_path / "out" / "settings.json"
    for was, now, why in (
        ('"danger"', '"colour"', "nothing that can be set"),
        ('"call Ben"', '""', "a text of 1 to"),
        ('"call Ben"', "3", "nothing that can be read"),
    ):
        kept = settings.read_text()
        settings.write_text(kept.replace(was, now))
        with pytest.raises(BadRecord, match=why):
            read_export(tmp_path / "out")
        settings.write_text(kept)
    settings.unlink()
    assert read_export(tmp_path / "out").settings == ()


def test_a_text_that_is_empty_or_endless_is_refused_and_nothing_changes(path):
    with Casebook.open(path, WORDS) as casebook:
        casebook.keep_setting("danger", "call Ben", now=NOW)
        for text in ("", "  ", "x" * (LONGEST + 1)):
            with pytest.raises(BadRecord, match="a text of 1 to"):
                casebook.keep_setting("danger", text, now=NOW)
        assert casebook.setting("danger") == "call Ben"
