"""Claims about being let in, unlocking, and locking by itself: what counts as somebody who is there."""

import pytest

from mainstay.casebook import Casebook, KeySlotCost
from mainstay.web.desk import IDLE_S, Desk

from .conftest import FROM_A_FORM, NOW, WORDS, Page

CLICKED = {"sec-fetch-mode": "navigate", "sec-fetch-site": "same-origin", "sec-fetch-user": "?1"}
BY_ITSELF = {"sec-fetch-mode": "navigate", "sec-fetch-site": "same-origin"}
A_PART = {"sec-fetch-mode": "no-cors", "sec-fetch-site": "same-origin", "sec-fetch-dest": "image"}
QUIET = {"x-mainstay-quiet": "1"}


class Ticking:
    now = 0.0


@pytest.fixture
def tick() -> Ticking:
    return Ticking()


@pytest.fixture
def page(tmp_path, tick):
    """A window on an empty casebook, with a clock that is moved by hand."""
    path = tmp_path / "anna.mainstay"
    Casebook.create(path, WORDS, now=NOW, cost=KeySlotCost.least()).close()
    desk = Desk(path, lambda: NOW, lambda: tick.now)
    desk.unlock(WORDS)
    found = Page(desk).let_in()
    yield found
    desk.close()


def still_open_after(page, tick, headers, steps=4, method="GET", path="/record/add"):
    """Whether it is open after that many requests, two thirds of the idle time apart."""
    for _ in range(steps):
        tick.now += IDLE_S * 2 / 3
        page.request(method, path, headers=headers, follow_redirects=False)
    return page.desk.is_open


def test_somebody_who_clicks_keeps_it_open(page, tick):
    assert still_open_after(page, tick, CLICKED)


def test_an_older_browser_that_does_not_say_who_asks_keeps_it_open(page, tick):
    assert still_open_after(page, tick, {})


@pytest.mark.parametrize("headers", [BY_ITSELF, A_PART, QUIET, CLICKED | QUIET])
def test_a_page_that_looks_again_by_itself_does_not_keep_it_open(page, tick, headers):
    assert not still_open_after(page, tick, headers)


def test_somebody_who_types_keeps_it_open(page, tick):
    assert still_open_after(page, tick, FROM_A_FORM | {"sec-fetch-mode": "cors"}, method="POST", path="/awake")


def test_asking_whether_it_is_still_open_does_not_keep_it_open(page, tick):
    assert page.get("/awake", headers=QUIET).status_code == 204
    assert not still_open_after(page, tick, QUIET, path="/awake")
    assert page.get("/awake", headers=QUIET, follow_redirects=False).headers["location"] == "/unlock"


def test_what_is_shown_to_all_does_not_keep_it_open(page, tick):
    assert not still_open_after(page, tick, {}, path="/static/mainstay.css")
    assert page.get("/record/add").url.path == "/unlock"


def test_left_alone_it_shows_nothing_and_takes_nothing(page, tick):
    tick.now = IDLE_S + 1
    for path in ("/", "/record/add", "/picture.svg", "/nowhere"):
        assert page.get(path).url.path == "/unlock"
    assert (
        page.post("/record/add", files={"file": b"x"}, headers={"origin": FROM_A_FORM["origin"]}).url.path == "/unlock"
    )
    assert page.desk._book is None


def test_every_page_leaves_by_itself_when_nobody_is_there(page):
    for path in ("/", "/record/add", "/nowhere"):
        shown = page.get(path).text
        assert f'<noscript><meta http-equiv="refresh" content="{round(IDLE_S) + 1};url=/unlock"></noscript>' in shown
        assert f'data-locks-after="{round(IDLE_S) + 1}"' in shown
    page.fill("/lock")
    assert "http-equiv" not in page.get("/unlock").text


@pytest.mark.parametrize(
    ("typed", "status"), [("", 400), ("   ", 400), ("wrong", 403), ("\0", 403), (WORDS.title(), 403)]
)
def test_what_does_not_open_it_is_said_beside_the_field_and_is_not_shown_again(page, typed, status):
    page.fill("/lock")
    found = page.fill("/unlock", passphrase=typed)
    assert found.status_code == status
    assert 'aria-describedby="wrong"' in found.text
    assert "value=" not in found.text.split("<main")[1]
    assert not page.desk.is_open


def test_the_passphrase_opens_it_and_the_next_page_is_today(page):
    page.fill("/lock")
    assert page.fill("/unlock", passphrase=WORDS).url.path == "/"
    assert page.desk.is_open


def test_the_lock_page_shows_nothing_from_the_casebook(page):
    page.desk.said.append("canary: words that were to be said")
    page.fill("/lock")
    assert "canary" not in page.get("/unlock").text


def test_a_passphrase_in_the_address_opens_nothing(page):
    page.fill("/lock")
    page.get("/unlock", params={"passphrase": WORDS})
    assert not page.desk.is_open
