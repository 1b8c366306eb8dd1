"""Claims about taking it along: readable files only when that is known, an encrypted copy that opens, nothing left."""

import io
import zipfile

from mainstay.casebook import Casebook
from mainstay.casebook.portable_reading import read_export
from web.conftest import NOW, WORDS


def test_readable_files_are_given_only_to_whom_knows_that_they_are_not_encrypted(page, tmp_path):
    refused = page.fill("/consent/export")
    assert refused.status_code == 400
    assert "not encrypted" in refused.text
    got = page.fill("/consent/export", known="yes")
    assert got.headers["content-disposition"] == 'attachment; filename="records.zip"'
    assert got.headers["content-type"] == "application/zip"
    assert got.headers["cache-control"] == "no-store"
    (tmp_path / "got.zip").write_bytes(got.content)
    parcel = read_export(tmp_path / "got.zip")
    with page.desk.casebook() as book:
        assert {one.name for one in parcel.streams} == {one.name for one in book.streams()}
        assert book.audit_log()[-1].action == "export"


def test_what_may_not_be_read_is_not_in_it_and_is_named_before(page):
    with page.desk.writing() as book:
        book.withdraw(["contacts"], now=NOW)
    assert "for your own answers now: contacts." in page.get("/consent/leaving").text
    with zipfile.ZipFile(io.BytesIO(page.fill("/consent/export", known="yes").content)) as packed:
        assert "records/contact.parquet" not in packed.namelist()


def test_where_nothing_may_be_read_nothing_is_written(page):
    page.fill("/consent/withdraw", every="stream")
    assert "nothing that could be written out" in page.get("/consent/leaving").text
    refused = page.fill("/consent/export", known="yes")
    assert refused.status_code == 403
    assert "content-disposition" not in refused.headers


def test_a_backup_is_encrypted_opens_and_leaves_nothing_beside(page, case, tmp_path):
    page.fill("/consent/danger", words="Go to Ma Zwaluwtje")
    before = set(case.parent.iterdir())
    got = page.fill("/consent/backup")
    assert got.headers["content-disposition"] == 'attachment; filename="backup.mainstay"'
    assert b"Zwaluwtje" not in got.content
    assert set(case.parent.iterdir()) == before
    (tmp_path / "copy.mainstay").write_bytes(got.content)
    with Casebook.open(tmp_path / "copy.mainstay", WORDS) as copy, page.desk.casebook() as book:
        assert copy.streams() == book.streams()
        assert "Zwaluwtje" in (copy.setting("danger") or "")


def test_nothing_leaves_by_looking(page):
    with page.desk.casebook() as book:
        before = len(book.audit_log())
    for path in ("/consent/leaving", "/consent/export", "/consent/backup"):
        page.get(path)
    with page.desk.casebook() as book:
        assert len(book.audit_log()) == before


def test_destroying_everything_is_told_and_not_offered(page):
    shown = page.get("/consent/leaving").text
    assert "--everything" in shown
    assert 'action="/consent/erase' not in shown
