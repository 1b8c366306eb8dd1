"""Claims about Consent on the page: who may use what, allowed with an end, withdrawn in one click, and taken back."""

import html
import re

from mainstay.casebook import Casebook
from mainstay.report.labels import stream_in_words
from mainstay.web.desk import Desk, Working
from web.conftest import NOW, WORDS, opened


def keys_of(page) -> dict[str, str]:
    """The key of each stream by name."""
    with page.desk.casebook() as book:
        return {one.name: one.identity for one in book.streams()}


def held(page, name: str, purpose: str):
    """The last word on a stream and purpose; None where there is none."""
    with page.desk.casebook() as book:
        stream = next(one for one in book.streams() if one.name == name)
        return next((one for one in stream.consent if one.purpose == purpose), None)


def test_the_table_says_of_each_stream_who_may_use_it_until_when(page):
    shown = page.get("/consent")
    assert shown.status_code == 200
    assert "Your own answers may use all of it. Nobody else may use anything." in shown.text
    for name, key in keys_of(page).items():
        row = re.search(rf'<tr><th scope="row"><a href="/consent/stream/{key}">.*?</tr>', shown.text, re.S)[0]
        assert stream_in_words(name) in html.unescape(row)
        assert row.count('class="yes"') == 1
        assert row.count('class="no"') == 1
        assert "until withdrawn" in row


def test_something_is_allowed_until_a_day_and_stands_in_the_history(page):
    some = list(keys_of(page).items())[:2]
    done = page.fill(
        "/consent/give", purpose="supporter_view", until="2024-05-31", stream=[key for _, key in some]
    )  # fmt: skip
    assert "Allowed for a supporter" in html.unescape(done.text)
    assert "until 31 May 2024" in done.text
    for name, _ in some:
        found = held(page, name, "supporter_view")
        assert found.event == "given"
        assert f"{found.until.as_local:%Y-%m-%d %H:%M}" == "2024-06-01 00:00"
    assert "Allowed for a supporter&#39;s view, until 31 May 2024" in page.get("/consent/history").text


def test_what_cannot_be_allowed_is_said_beside_its_field_and_what_was_typed_stays(page):
    key = next(iter(keys_of(page).values()))
    refused = page.fill("/consent/give", purpose="supporter_view", until="2019-01-01")
    assert refused.status_code == 400
    assert "Choose at least one stream." in refused.text
    assert "has passed; choose a later date" in refused.text
    assert 'value="2019-01-01"' in refused.text
    assert 'value="supporter_view" checked' in refused.text
    nobody = page.fill("/consent/give", stream=key)
    assert "Choose who may use it." in nobody.text
    assert f'value="{key}" checked' in nobody.text
    assert page.fill("/consent/give", purpose="cohort", stream="0" * 32).status_code == 400


def test_a_stream_is_withdrawn_with_one_click_and_back_with_another(page):
    page.settled("/")
    name, key = next((name, key) for name, key in keys_of(page).items() if name == "check_ins")
    shown = page.fill("/consent/withdraw", stream=key, purpose="own_answers")
    assert shown.url.path == "/consent/withdrawn"
    assert held(page, name, "own_answers").event == "withdrawn"
    told = page.settled(f"/consent/withdrawn?{shown.url.query.decode()}")
    assert "that rested on it" in told.text
    assert f"/consent/erase/{key}" in told.text
    back = page.fill("/consent/again", **{"from": shown.url.params["from"]})
    assert f"Allowed again: {name}." in back.text
    assert held(page, name, "own_answers").valid(NOW.plus_days(1))
    assert page.get(f"/consent/withdrawn?{shown.url.query.decode()}").url.path == "/consent"


def test_everything_is_withdrawn_at_once_and_then_nothing_is_told(page):
    shown = page.fill("/consent/withdraw", every="stream")
    assert "nothing is told at all" in shown.text
    assert "Nothing may be read" in page.get("/").text
    back = page.fill("/consent/again", **{"from": shown.url.params["from"]})
    assert "Allowed again" in back.text
    assert page.settled("/").status_code == 200


def test_undo_gives_back_the_end_that_was_there(page):
    name, key = next(iter(keys_of(page).items()))
    page.fill("/consent/give", purpose="cohort", until="2024-05-31", stream=key)
    before = held(page, name, "cohort").until
    shown = page.fill("/consent/withdraw", stream=key, purpose="cohort")
    page.fill("/consent/again", **{"from": shown.url.params["from"]})
    assert held(page, name, "cohort").until == before


def test_a_form_that_says_nothing_withdraws_nothing(page):
    assert page.fill("/consent/withdraw").status_code == 400
    assert page.fill("/consent/withdraw", purpose="own_answers").status_code == 400
    assert "Used for nothing" not in page.get("/consent").text


def test_many_hands_at_once_leave_one_clear_word(page):
    from concurrent.futures import ThreadPoolExecutor

    name, key = next(iter(keys_of(page).items()))

    def one(turn: int) -> int:
        if turn % 3 == 0:
            return page.fill("/consent/withdraw", stream=key, purpose="cohort").status_code
        if turn % 3 == 1:
            return page.fill("/consent/give", stream=key, purpose="cohort").status_code
        return page.get("/consent").status_code

    with ThreadPoolExecutor(8) as hands:
        assert set(hands.map(one, range(48))) == {200}
    page.fill("/consent/withdraw", stream=key, purpose="cohort")
    assert held(page, name, "cohort").event == "withdrawn"
    with page.desk.casebook() as book:
        assert book.verify() == []


def test_to_withdraw_what_was_never_allowed_is_said(page):
    key = next(iter(keys_of(page).values()))
    assert "nothing to withdraw" in page.fill("/consent/withdraw", stream=key, purpose="cohort").text


def test_what_was_agreed_to_is_kept_with_the_words_of_the_page(page):
    name, key = next(iter(keys_of(page).items()))
    notice = "in a study, analysed in the same way"
    assert notice in page.get("/consent").text
    page.fill("/consent/give", purpose="cohort", stream=key)
    with page.desk.casebook() as book:
        last = book.consents()[-1]
    assert (last.stream, last.purpose) == (name, "cohort")
    assert last.terms["withdrawal"].startswith("on the page")


def test_a_stream_has_a_page_with_its_history(page):
    name, key = next(iter(keys_of(page).items()))
    shown = page.get(f"/consent/stream/{key}")
    assert shown.status_code == 200
    assert f"<h1>{stream_in_words(name)}</h1>" in html.unescape(shown.text)
    assert "Allowed for your own answers, until withdrawn" in shown.text
    assert page.get(f"/consent/stream/{'0' * 32}").status_code == 400


def test_looking_changes_nothing(page):
    with page.desk.casebook() as book:
        before = book.consents()
    for path in ("/consent", "/consent/history", "/consent/withdrawn?from=0", "/consent/again", "/consent/give"):
        page.get(path)
    for bad in ("", "x", "-1", "9" * 12):
        assert page.get(f"/consent/withdrawn?from={bad}").status_code == 400
    with page.desk.casebook() as book:
        assert book.consents() == before


def test_an_empty_casebook_says_what_to_do_first(empty_page):
    shown = empty_page.get("/consent")
    assert "Nothing is on record yet" in shown.text
    assert "/record/add" in shown.text


def test_what_another_program_withdraws_shows(case):
    page = opened(case)
    name, _ = next(iter(keys_of(page).items()))
    with Casebook.open(case, WORDS) as other:
        other.withdraw([name], now=NOW)
    assert "Used for nothing:</b> <a" in page.get("/consent").text
    page.desk.close()


def test_what_is_no_longer_told_is_listed_also_where_the_story_is_still_worked_out(page, monkeypatch):
    with monkeypatch.context() as slow:
        slow.setattr(Desk, "story", lambda *_: Working("one moment"))
        gone = page.fill("/consent/withdraw", stream=keys_of(page)["events"], purpose="own_answers")
    told = page.settled(f"/consent/withdrawn?{gone.url.query.decode()}").text
    assert "that rested on it" in told
