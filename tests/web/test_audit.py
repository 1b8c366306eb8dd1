"""Claims about the audit on the page: what was done is told by the day, and a checkpoint shows what was changed."""

import json
import re

from mainstay.casebook import Casebook
from mainstay.doors.auditing import done
from web.conftest import FROM_A_FORM, NOW, WORDS, opened

FORM = {name: value for name, value in FROM_A_FORM.items() if name != "content-type"}


def verified(page, content: bytes | None):
    """What the page says once a checkpoint is held against the list."""
    files = {"file": ("c.json", content or b"", "application/json")} if content is not None else {"file": ("", b"")}
    return page.post("/consent/audit/verify", files=files, headers=FORM)


def checkpoint_of(page) -> bytes:
    """A checkpoint, as it is downloaded."""
    made = page.fill("/consent/audit/checkpoint")
    assert made.headers["content-disposition"] == 'attachment; filename="checkpoint.json"'
    assert made.headers["cache-control"] == "no-store"
    return made.content


def test_the_same_thing_on_one_day_is_told_once_with_how_often(page):
    for _ in range(3):
        page.get("/consent/people")
    shown = page.get("/consent/audit").text
    assert "20 April 2024" in shown
    assert "Listed the people on record for your own answers, 3 times" in shown
    assert shown.count("Listed the people") == 1
    assert "Every entry carries its seal" in shown


def test_a_checkpoint_downloaded_here_holds(page):
    content = checkpoint_of(page)
    assert json.loads(content)["mainstay"] == "audit checkpoint"
    assert "The list is whole." in verified(page, content).text


def test_what_was_changed_after_a_checkpoint_is_said(case):
    page = opened(case)
    content = checkpoint_of(page)
    page.desk.close()
    with Casebook.open(case, WORDS) as book:
        book._connection.execute("DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)")
    page = opened(case)
    shown = verified(page, content).text
    assert "The list is not whole." in shown
    page.desk.close()


def test_what_is_no_checkpoint_is_refused_in_words(page):
    for content in (b"{}", b"\xff\xfe", b'{"mainstay": "audit checkpoint"}', b"[" * 10_000):
        refused = verified(page, content)
        assert refused.status_code == 400
        assert "That file is no checkpoint" in refused.text
        assert "mainstay audit" not in refused.text
    assert "Choose the file of a checkpoint first." in verified(page, None).text


def test_a_checkpoint_of_another_casebook_does_not_hold(page, empty_page):
    assert "The list is whole" not in verified(page, checkpoint_of(empty_page)).text


def test_older_entries_are_a_page_away(page, monkeypatch):
    monkeypatch.setattr("mainstay.web.pages.audit.MOST_ENTRIES", 2)
    with page.desk.casebook() as book:
        for _ in range(3):
            book.keep_setting("danger", None, now=NOW)
    first = page.get("/consent/audit").text
    assert "Changed what stands there in your own words, 2 times" in first
    number = first.split("before=")[1].split('"')[0]
    assert "Changed what stands there in your own words" in page.get(f"/consent/audit?before={number}").text
    assert page.get("/consent/audit?before=x").status_code == 400


def test_a_long_list_is_checked_when_asked_for(page, monkeypatch):
    monkeypatch.setattr("mainstay.web.pages.audit.AT_ONCE", 1)
    page.get("/consent/people")
    shown = page.get("/consent/audit").text
    assert "carries its seal" not in shown
    assert "carries its seal" in page.get(re.search(r'href="([^"]+check=[^"]+)"', shown)[1]).text


def test_what_is_noted_here_has_words_of_its_own():
    for action in ("set", "share", "export", "forget person", "change passphrase"):
        assert done(action, "") != action
