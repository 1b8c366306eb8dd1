"""Claims about erasing on the page: what goes is shown, the name is typed, the receipt can be kept; and names."""

import html
import json

import pytest

from mainstay.casebook import Casebook
from mainstay.casebook.erasure import ErasureReceipt
from mainstay.errors import BadRequest
from web.conftest import NOW, WORDS


def key_of(page, name: str) -> str:
    """The key of a stream."""
    with page.desk.casebook() as book:
        return next(one.identity for one in book.streams() if one.name == name)


def names(page) -> set[str]:
    """The streams that are there."""
    with page.desk.casebook() as book:
        return {one.name for one in book.streams()}


def test_what_would_go_is_shown_and_looking_takes_nothing(page):
    before = names(page)
    shown = html.unescape(page.get(f"/consent/erase/{key_of(page, 'check_ins')}").text)
    for part in (" check-ins; ", " January 2024 to ", "kept answers made from it: story", "its key"):
        assert part in shown
    assert names(page) == before


def test_another_name_erases_nothing_and_the_right_one_does(page):
    key = key_of(page, "check_ins")
    refused = page.fill(f"/consent/erase/{key}", name="check_in")
    assert refused.status_code == 400
    assert "another name, so nothing was erased" in refused.text
    assert "check_ins" in names(page)
    done = page.fill(f"/consent/erase/{key}", name=" check_ins ")
    assert done.url.path == "/consent/erased"
    assert "Erased: check_ins." in done.text
    assert "check_ins" not in names(page)
    again = page.fill(f"/consent/erase/{key}", name="check_ins")
    assert again.status_code == 400
    assert "no longer here" in again.text


def test_the_receipt_is_a_file_that_erases_again(page, three_months):
    key = key_of(page, "events")
    page.fill(f"/consent/erase/{key}", name="events")
    got = page.get("/consent/receipt")
    assert got.headers["content-disposition"] == 'attachment; filename="receipt.json"'
    assert got.headers["cache-control"] == "no-store"
    receipt = ErasureReceipt.from_json(got.text)
    assert [one for one, _ in receipt.erased] == [key]
    assert "events" not in json.dumps(json.loads(got.text))


def test_without_an_erasure_the_receipt_page_says_so(page):
    assert "Nothing was erased yet" in page.get("/consent/erased").text


def test_a_stream_whose_name_is_markup_is_shown_as_text_and_can_be_erased(page):
    from mainstay.casebook import Consent
    from mainstay.records.kinds import Batch, Event, Record

    name = "<img src=x onerror=alert(1)>\x1b[31m"
    at = NOW.plus_days(-1)
    with page.desk.writing() as book:
        record = Record("odd", name, at, at, "by hand", Event("walk", "relief"))
        book.add(Batch("by hand", (record,)), Consent(given_at=book.clock(NOW)), now=NOW)
    key = key_of(page, name)
    for path in ("/consent", f"/consent/stream/{key}", f"/consent/erase/{key}", "/consent/audit", "/consent/history"):
        text = page.get(path).text
        assert "<img src=x" not in text
        assert "\x1b" not in text
    page.fill(f"/consent/erase/{key}", name="<img src=x onerror=alert(1)> [31m")
    assert name not in names(page)


def test_people_stand_under_pseudonyms_and_a_name_can_be_forgotten(page):
    shown = html.unescape(page.get("/consent/people").text)
    with page.desk.casebook() as book:
        somebody = next(one for one in book.bystanders(now=NOW) if one.name)
    assert somebody.name in shown
    assert somebody.pseudonym in shown
    path = f"/consent/people/{somebody.pseudonym}"
    assert f"Forget {somebody.name}?" in html.unescape(page.get(path).text)
    done = html.unescape(page.fill(path).text)
    assert f"they are {somebody.pseudonym} from now on" in done
    assert f">{somebody.name}<" not in done
    assert page.fill(path).status_code == 400
    assert page.get("/consent/people/person-nobodyyy").status_code == 400


def test_names_are_not_shown_where_consent_does_not_cover_them(page):
    page.fill("/consent/withdraw", every="stream")
    shown = page.get("/consent/people").text
    assert "name not to be read now" in shown


def test_nobody_on_record_is_said(empty_page):
    assert "Nobody is on record." in empty_page.get("/consent/people").text


def test_what_is_erased_is_in_no_page_and_the_file_stays_sound(page, case):
    page.fill(f"/consent/erase/{key_of(page, 'contacts')}", name="contacts")
    page.desk.lock()
    with Casebook.open(case, WORDS) as book:
        assert "contacts" not in {one.name for one in book.streams()}
        with pytest.raises(BadRequest):
            book.erase(["contacts"], now=NOW)
        assert book.verify() == []
