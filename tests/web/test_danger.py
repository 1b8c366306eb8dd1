"""Claims about the line for someone in danger: the person's own, on every page, and never while it is locked."""

from mainstay.casebook import Casebook
from mainstay.doors.danger import LONGEST_WORDS, MOST_CONTACTS
from web.conftest import NOW, WORDS, opened


def test_the_line_stands_under_every_page_as_it_was_typed(page):
    assert "If I am in danger:" not in page.get("/consent").text
    page.fill(
        "/consent/danger", words="You have got through this. Go to Ma.", contact=["Ben, 0123 456", "", "GP, 0800"]
    )
    for path in ("/consent", "/consent/audit", "/consent/people", "/share", "/nowhere"):
        text = page.get(path).text
        said = "You have got through this. Go to Ma. – <span>Ben, 0123 456</span> · <span>GP, 0800</span>"
        assert f"If I am in danger:</b> {said}" in text, path
    form = page.get("/consent/danger").text
    assert 'value="Ben, 0123 456"' in form


def test_the_lock_page_shows_nothing_of_it(page):
    page.fill("/consent/danger", words="Go to Ma.", contact="Ben, 0123")
    page.fill("/lock")
    assert "danger" not in page.get("/unlock").text
    assert "Ben" not in page.get("/").text


def test_it_is_kept_in_the_casebook_and_goes_when_taken_away(case):
    page = opened(case)
    page.fill("/consent/danger", words="", contact="Ben, 0123")
    page.desk.close()
    page = opened(case)
    assert "<span>Ben, 0123</span>" in page.get("/consent").text
    assert "Taken away" in page.fill("/consent/danger").text
    assert "Ben" not in page.get("/consent").text
    page.desk.close()
    with Casebook.open(case, WORDS) as book:
        assert book.setting("danger") is None


def test_no_number_is_there_before_the_person_gives_one(page):
    form = page.get("/consent/danger").text
    assert form.count('name="contact"') == MOST_CONTACTS
    assert form.count('name="contact" maxlength="80" value=""') == MOST_CONTACTS


def test_too_much_is_refused_with_what_was_typed(page):
    long = "x" * (LONGEST_WORDS + 1)
    refused = page.fill("/consent/danger", words=long)
    assert refused.status_code == 400
    assert long in refused.text
    assert "at most 280 characters" in refused.text
    assert "If I am in danger:</b>" not in page.get("/consent").text


def test_markup_in_it_is_shown_as_text(page):
    page.fill("/consent/danger", words="<script>alert(1)</script>\r\nx")
    text = page.get("/consent").text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; x" in text


def test_what_cannot_be_read_is_said_and_can_be_set_anew(case):
    with Casebook.open(case, WORDS) as book:
        book.keep_setting("danger", "no such thing", now=NOW)
    page = opened(case)
    assert page.get("/consent").status_code == 200
    assert "can&#39;t be read" in page.get("/consent/danger").text
    page.fill("/consent/danger", words="Go to Ma.")
    assert "Go to Ma." in page.get("/consent").text
    page.desk.close()
