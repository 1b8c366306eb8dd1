"""Claims about bringing in records through the page: what is understood, kept, refused, and where it leaves traces."""

import io
import os
import tempfile
import zipfile
from pathlib import Path

import pytest

from mainstay.web.bringing import NAME

from .conftest import ORIGIN

BY_THE_FORM = {"origin": ORIGIN, "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate"}
DIARY = "time,tension,slept well\n" + "".join(
    f"2024-03-{day:02d} 21:00,{day % 5 + 1},{'yes' if day % 3 else 'no'}\n" for day in range(1, 29)
)
CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:VEVENT\r\nUID:a@b\r\nDTSTAMP:20240301T000000Z\r\n"
    "DTSTART:20240302T090000Z\r\nDTEND:20240302T100000Z\r\nSUMMARY:Rehearsal\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def send(page, content, name="diary.csv", follow=True, **fields):
    """A file, as the form sends it; the page it leads to."""
    raw = content.encode() if isinstance(content, str) else content
    files = [("file", (name, io.BytesIO(raw), "application/octet-stream"))]
    return page.post("/record/add", data=fields, files=files, headers=BY_THE_FORM, follow_redirects=follow)


def settled(page, shown):
    """The same page once nothing is being worked on."""
    page.desk.beside[NAME].wait(20)
    return page.get(shown.url.path)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go, for this test only."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_an_unknown_table_is_shown_as_understood_and_kept_only_after_a_yes(empty_page):
    shown = settled(empty_page, send(empty_page, DIARY))
    assert "Is this right?" in shown.text
    assert "Nothing has been kept yet" in shown.text
    assert "tension = 2" in shown.text
    with empty_page.desk.casebook() as book:
        assert not book.streams()
    number = shown.text.count('<label for="q')
    assert number >= 1
    answered = {f"q{k}": "" for k in range(number)} | {"q0": "Europe/Amsterdam", "q1": "low"}
    again = empty_page.fill(shown.url.path, do="look", **answered)
    assert "tension = 2 (1 to 5, low is better)" in again.text
    kept = settled(empty_page, empty_page.fill(shown.url.path, do="keep"))
    assert "Brought in" in kept.text
    with empty_page.desk.casebook() as book:
        assert sum(sum(one.kinds.values()) for one in book.streams()) >= 28


@pytest.mark.parametrize("said", ["Europe/Nowhere", "<b>x</b>", "../../etc/passwd"])
def test_an_answer_that_can_not_be_used_is_said_beside_it_and_stays_typed(empty_page, said):
    shown = settled(empty_page, send(empty_page, DIARY))
    again = empty_page.fill(shown.url.path, do="keep", q0=said)
    assert again.status_code == 400
    assert "No zone has that name" in again.text
    assert said.replace("<", "&lt;").replace(">", "&gt;") in again.text
    assert "<b>x</b>" not in again.text


def test_what_must_be_known_is_asked_before_anything_is_kept(empty_page):
    shown = settled(empty_page, send(empty_page, DIARY))
    again = empty_page.fill(shown.url.path, do="keep")
    assert again.status_code == 400
    assert "has to be said" in again.text


def test_a_known_export_is_kept_at_once_with_a_receipt_and_the_same_file_twice_adds_nothing(empty_page):
    kept = settled(empty_page, send(empty_page, CALENDAR, "mine.ics"))
    assert "Brought in" in kept.text
    assert "Added 1 new record to your casebook" in kept.text
    again = settled(empty_page, send(empty_page, CALENDAR, "mine.ics"))
    assert "Added 0 new records to your casebook; 1 were there already" in again.text


def test_a_table_brought_in_by_page_and_by_command_line_is_the_same_table(empty_page, tmp_path):
    from mainstay.doors.bringing_in import consent_to, read_source
    from mainstay.records.guessing import Answers, propose
    from mainstay.records.tables import read_table

    shown = settled(empty_page, send(empty_page, DIARY))
    kept = settled(empty_page, empty_page.fill(shown.url.path, do="keep", q0="Europe/Amsterdam", q1="low"))
    assert "Brought in" in kept.text
    file = tmp_path / "diary.csv"
    file.write_text(DIARY)
    plan = propose(read_table(file), Answers(zone="Europe/Amsterdam", better={"tension": "low"})).plan
    now = empty_page.desk.clock()
    batch, _ = read_source(file, now, mapping=plan)
    with empty_page.desk.writing() as book:
        added = book.add(batch, consent_to((), now), now=now)
    assert sum(added.new.values()) == 0


def test_a_place_on_this_machine_is_read_too_and_stays_as_it_is(empty_page, tmp_path):
    file = tmp_path / "mine.ics"
    file.write_text(CALENDAR)
    before = file.stat()
    kept = settled(empty_page, send(empty_page, "", "", place=str(file)))
    assert "Added 1 new record" in kept.text
    assert file.stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("diary.csv", "Give the whole path"),
        ("~nobody-of-that-name/diary.csv", "Give the whole path"),
        ("/no/such/place", "There is nothing at that place"),
        ("/\0", "There is nothing at that place"),
        ("/" + "x" * 5000, "can&#39;t be read"),
        ("", "Choose a file"),
    ],
)
def test_a_place_that_will_not_do_is_said_beside_the_field(empty_page, place, said):
    shown = send(empty_page, "", "", place=place)
    assert shown.status_code == 400
    assert said in shown.text


def test_the_casebook_itself_is_not_brought_in(empty_page):
    assert "this very casebook" in send(empty_page, "", "", place=str(empty_page.desk.path)).text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.zip", b"PK\x03\x04 broken"),
        ("x.csv", b"\0\0\0\0"),
        ("x.csv", b"\xff\xfe\xfd" * 100),
        ("x.csv", b"one column only\nno time at all\n"),
        ("x.parquet", b"PAR1 and nothing more"),
        ("x.json", b"{" * 10_000),
        ("x.xml", b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "a"><!ENTITY b "&a;">]><HealthData>&b;</HealthData>'),
        ("x.fit", b"\x0e\x10\x00\x00\xff\xff\xff\xff.FIT\x00\x00"),
        ("x.ics", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"),
    ],
)  # fmt: skip
def test_what_can_not_be_read_is_refused_in_words_and_leaves_nothing(empty_page, name, content, temporary):
    shown = settled(empty_page, send(empty_page, content, name))
    assert "could not be read" in shown.text or "One thing more" in shown.text
    assert "--" not in shown.text.split("<main")[1].split("</main>")[0]
    assert "/tmp" not in shown.text
    empty_page.fill(shown.url.path, do="drop")
    assert not list(temporary.iterdir())
    with empty_page.desk.casebook() as book:
        assert not book.streams()


def test_a_zip_bomb_is_refused_and_its_memory_is_bounded(empty_page):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("export.xml", b"<HealthData>" + b" " * 50_000_000)
    shown = settled(empty_page, send(empty_page, held.getvalue(), "export.zip"))
    assert "could not be read" in shown.text


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd.csv", "C:\\x\\diary.csv", "a" * 5000 + ".csv", "di\tary\x1b[31m.csv", "<img src=x>.csv",
     ".csv", "diary.csv.tar.gz.exe", "\u202evsc.yraid.csv", "con.csv"],
)  # fmt: skip
def test_a_hostile_name_names_no_place_and_draws_nothing(empty_page, name, temporary):
    shown = settled(empty_page, send(empty_page, DIARY, name))
    assert "<img src=x" not in shown.text
    assert "\x1b" not in shown.text
    made = empty_page.desk.beside[NAME]
    assert "/" not in made.wanted.called
    assert len(made.wanted.called) <= 120
    assert made.wanted.path.name.startswith("upload")
    made.close()
    assert not list(temporary.iterdir())


def test_a_file_larger_than_is_taken_is_refused_in_words(empty_page, monkeypatch, temporary):
    monkeypatch.setattr("mainstay.web.uploads.LARGEST_BYTES", 1000)
    shown = send(empty_page, "x" * 100_000)
    assert shown.status_code == 400
    assert "give its place on this machine" in shown.text
    assert not list(temporary.iterdir())


def test_where_the_system_has_no_such_memory_a_place_is_asked_for(empty_page, monkeypatch):
    monkeypatch.delattr(os, "memfd_create")
    shown = empty_page.get("/record/add")
    assert 'type="file"' not in shown.text
    assert 'name="place"' in shown.text
    assert "without writing it to the disk" in send(empty_page, DIARY).text


def test_nothing_of_an_upload_reaches_a_disk(empty_page, temporary):
    shown = settled(empty_page, send(empty_page, DIARY.replace("tension", "canary")))
    assert "canary" in shown.text
    there = [Path(folder) / name for folder, _, names in os.walk(temporary) for name in names]
    assert [one.is_symlink() for one in there] == [True]
    assert "canary" not in str(there[0])
    empty_page.desk.lock()
    assert not list(temporary.iterdir())


def test_locking_lets_go_of_a_file_on_its_way(empty_page, temporary):
    shown = settled(empty_page, send(empty_page, DIARY))
    empty_page.desk.lock()
    assert not list(temporary.iterdir())
    assert empty_page.get(shown.url.path).url.path == "/unlock"
    empty_page.desk.unlock("four quiet words here")
    assert empty_page.get(shown.url.path).url.path == "/record/add"


def test_what_more_is_allowed_is_allowed_for_the_new_streams(empty_page):
    settled(empty_page, send(empty_page, CALENDAR, "mine.ics", purpose="supporter_view"))
    with empty_page.desk.casebook() as book:
        purposes = {held.purpose for one in book.streams() for held in one.consent}
    assert purposes == {"own_answers", "supporter_view"}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x\r\n\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b"--y\r\n"),
        ("multipart/form-data; boundary=" + "x" * 300, b""),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nno end'),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Type: text/plain\r\n\r\nno name\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"A: b\r\n" * 100 + b"\r\n\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="' + b"n" * 90_000),
        ("application/x-www-form-urlencoded", b"place=/"),
        ("text/plain", b"place=/"),
        ("application/json", b"{}"),
    ],
)
def test_a_form_that_no_browser_would_send_is_refused_in_words(empty_page, kind, body):
    shown = empty_page.post("/record/add", content=body, headers=BY_THE_FORM | {"content-type": kind})
    assert shown.status_code == 400
    assert "form" in shown.text or "broke off" in shown.text


def test_two_files_at_once_are_not_taken(empty_page, temporary):
    files = [("file", ("a.csv", b"x", "text/csv")), ("file", ("b.csv", b"y", "text/csv"))]
    shown = empty_page.post("/record/add", files=files, headers=BY_THE_FORM)
    assert "one file at a time" in shown.text
    assert not list(temporary.iterdir())


def test_stopped_in_the_middle_of_keeping_nothing_is_added(empty_page, monkeypatch, capsys):
    from mainstay.casebook import Casebook

    usual = Casebook.add

    def slowly(self, batch, consent, *, now, progress):
        def told(done, total):
            empty_page.desk.beside[NAME].close()
            progress(done, total)

        return usual(self, batch, consent, now=now, progress=told)

    monkeypatch.setattr(Casebook, "add", slowly)
    shown = settled(empty_page, send(empty_page, CALENDAR, "mine.ics"))
    assert shown.url.path == "/record/add"
    assert "fault" not in capsys.readouterr().err
    with empty_page.desk.casebook() as book:
        assert not book.streams()
