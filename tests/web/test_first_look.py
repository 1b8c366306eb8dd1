"""Claims about what is shown before the records are read: the same, or as it stood, or nothing."""

import re
from datetime import UTC, datetime

import pytest

from mainstay.casebook import Casebook, Consent
from mainstay.quantities import Instant
from mainstay.records import logged
from mainstay.records.kinds import Batch
from mainstay.web import first_look
from mainstay.web.desk import OWN

from .conftest import NOW, WORDS, opened

PAGES = ("/", "/notice", "/record")
STOOD = "As it stood on"


@pytest.fixture
def told(case):
    """A casebook whose page was looked at and closed again: what it shows first is kept in it."""
    window = opened(case)
    shown = {path: window.settled(path).text for path in PAGES}
    for _ in range(600):
        window.get("/record/days")
        shown["/record"] = window.get("/record").text
        with window.desk.casebook() as book:
            if book.kept_answers(first_look.NAME, purpose=OWN, now=NOW):
                break
        window.desk.story(patience_s=0.1)
    shown["marks"] = window.get("/record/marks.json").text
    window.desk.close()
    return case, shown


@pytest.fixture
def unread(monkeypatch):
    """Records can't be read at all, as long as the test runs; gives what undoes that."""

    def never(*_, **__):
        raise AssertionError("the records were read")

    monkeypatch.setattr(Casebook, "read", never)
    monkeypatch.setattr("mainstay.web.desk.SOON_S", 600.0)
    return monkeypatch


def later(hours):
    at = Instant(NOW.utc_us + round(hours * 3_600_000_000), NOW.offset_s)
    return lambda: at


def test_the_first_pages_are_the_same_without_reading_a_record(told, unread):
    case, shown = told
    window = opened(case)
    for path in PAGES:
        assert window.get(path).text == shown[path], path
        assert STOOD not in shown[path]
    assert window.get("/record/marks.json").text == shown["marks"]
    window.desk.close()


def test_the_picture_that_was_drawn_is_there_too(case):
    window = opened(case)
    window.settled("/")
    drawn = window.get("/picture.svg?width=380").text
    dark = window.get("/picture.svg?width=380&dark=1").text
    kept = wait_for(window, lambda look: "today 380" in look.kept.figures)
    assert kept.exact
    window.desk.close()
    again = opened(case)
    assert not again.desk.is_told
    assert again.get("/picture.svg?width=380").text == drawn
    assert again.get("/picture.svg?width=380&dark=1").text == dark
    assert drawn != dark
    again.desk.close()


def wait_for(window, holds):
    for _ in range(600):
        found = first_look.look(window.desk)
        if found is not None and holds(found):
            return found
        window.desk._workers.submit(lambda: None).result(60)
    raise AssertionError("it was never kept")


def test_on_another_day_it_says_as_of_when_it_is_and_is_brought_up_to_date(told):
    case, _ = told
    window = opened(case, later(24))
    first = window.get("/").text
    assert "As it stood on 20 April 2024 at 10:30. This page is being brought up to date." in first
    assert STOOD in window.get("/notice").text
    assert STOOD not in window.get("/record").text  # counted anew
    window.desk.story(patience_s=120.0)
    assert window.get("/told").status_code == 204
    assert STOOD not in window.get("/").text
    window.desk.close()


def test_after_something_was_noted_it_says_that_it_is_not_the_whole(told):
    case, _ = told
    window = opened(case, later(1))
    with window.desk.writing() as book:
        one = logged.event("a walk", "relief", NOW, now=later(1)())
        book.add(Batch("by hand", (one,)), Consent(given_at=later(1)()), now=later(1)())
    for path in ("/", "/notice"):
        assert STOOD in window.get(path).text
    assert f"{total(window):,} records" in window.get("/record").text
    window.desk.close()


def total(window):
    with window.desk.casebook() as book:
        return sum(one.count for one in book.streams())


def test_what_consent_covers_no_more_is_shown_by_no_page_and_kept_no_longer(told):
    case, _ = told
    with Casebook.open(case, WORDS) as book:
        book.withdraw(("tension",) if "tension" in names(book) else names(book)[:1], [OWN], now=NOW)
        assert not book.kept_answers(first_look.NAME, purpose=OWN, now=NOW)
    window = opened(case)
    assert first_look.look(window.desk) is None
    assert "One moment" in window.get("/").text
    window.desk.close()


def names(book):
    return [one.name for one in book.streams()]


def test_consent_that_is_withdrawn_by_another_program_while_the_page_is_open_counts_at_once(told, unread):
    case, shown = told
    window = opened(case)
    assert window.get("/").text == shown["/"]
    with Casebook.open(case, WORDS) as other:
        other.withdraw(names(other)[:1], [OWN], now=NOW)
    assert first_look.look(window.desk) is None
    window.desk.close()


def test_consent_that_ends_by_itself_counts_at_once(case):
    window = opened(case)
    with window.desk.writing() as book:
        book.renew((), [OWN], until=later(2)(), now=NOW)
    window.settled("/")
    wait_for(window, lambda look: look.exact)
    window.desk.close()
    assert first_look.look(opened(case, later(1)).desk) is not None
    assert first_look.look(opened(case, later(3)).desk) is None


@pytest.mark.parametrize("goes", ["a stream", "a person"])
def test_what_is_erased_goes_from_it_too(told, goes):
    case, _ = told
    with Casebook.open(case, WORDS) as book:
        if goes == "a stream":
            book.erase(names(book)[:1], now=NOW)
        else:
            person = next(one for one in book.bystanders(now=NOW) if one.name is not None)
            book.forget_bystander(person.name, now=NOW)
        assert not book.kept_answers(first_look.NAME, purpose=OWN, now=NOW)


def test_it_stands_nowhere_in_the_file_in_plain(told):
    case, _ = told
    held = case.read_bytes()
    assert b"As of 20 April" not in held
    assert b"<svg" not in held


def test_as_of_an_earlier_day_nothing_of_it_is_shown(told, unread):
    case, _ = told
    window = opened(case)
    for path in ("/?as_of=2024-03-20", "/notice?as_of=2024-03-20"):
        text = window.get(path).text
        assert "A fault of ours" in text or "One moment" in text, path
    window.desk.close()


def test_another_code_shows_nothing_that_this_one_kept(told, monkeypatch):
    case, _ = told
    monkeypatch.setattr(first_look, "code", lambda: "a later version")
    window = opened(case)
    assert first_look.look(window.desk) is None
    window.desk.close()


def test_no_count_of_a_stream_that_may_not_be_read_is_kept(case):
    window = opened(case)
    with window.desk.writing() as book:
        hidden = names(book)[-1]
        book.withdraw([hidden], [OWN], now=NOW)
    window.settled("/")
    kept = wait_for(window, lambda look: look.exact).kept
    assert "streams" not in kept.pages["record"]
    assert hidden not in kept.streams
    shown = window.get("/record").text
    assert "Not shown, because it may not be used for your own answers" in shown
    window.desk.close()


def test_a_page_without_scripts_looks_again_by_itself(told):
    case, _ = told
    window = opened(case, later(24))
    assert re.search(r'<noscript><meta http-equiv="refresh" content="5"></noscript>', window.get("/").text)
    window.desk.close()


def test_opening_does_not_wait_where_something_can_be_shown_at_once(told, unread):
    case, shown = told
    window = opened(case)
    window.fill("/lock")
    assert window.fill("/unlock", passphrase=WORDS).text == shown["/"]
    window.desk.close()


def test_the_hour_of_which_it_is_told_is_the_persons_own():
    at = Instant.of(datetime(2024, 4, 20, 22, 5, tzinfo=UTC))
    kept = first_look.Kept(Instant(at.utc_us, 7200), frozenset(), 1, "", {}, {}, "")
    assert first_look.Look(kept, exact=False).as_it_stood == "21 April 2024 at 00:05"
    assert first_look.Look(kept, exact=True).as_it_stood == ""
