"""Claims about the open casebook behind the page: many threads, long work, and a file that does not stay put."""

import random
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mainstay.casebook import Casebook, Consent, KeySlotCost
from mainstay.errors import CasebookError, WrongPassphrase
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch, Event, Record
from mainstay.web import desk as desks
from mainstay.web.desk import Busy, Desk, Gone, Locked, Working

from .conftest import FROM_A_FORM, NOW, WORDS, Page, opened


class Clock:
    """Seconds that go on when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A casebook in which nothing is on record yet."""
    found = tmp_path / "new.mainstay"
    Casebook.create(found, WORDS, now=NOW, cost=KeySlotCost.least()).close()
    return found


def batch(number: int) -> Batch:
    """One event, another for every number."""
    at = Instant(NOW.utc_us - number * 1_000_000)
    return Batch("faults", (Record(f"{number}", "noted", at, at, "faults", Event(f"event {number}", "other")),))


def held(path: Path) -> Desk:
    found = Desk(path, lambda: NOW, lambda: 0.0)
    found.unlock(WORDS)
    return found


def test_a_wrong_passphrase_opens_nothing_and_leaves_nothing_open(path):
    desk = Desk(path, lambda: NOW, lambda: 0.0)
    for words in ("four quiet words", WORDS.upper(), WORDS + " ", "\0", "x" * 100_000):
        with pytest.raises(WrongPassphrase):
            desk.unlock(words)
    assert not desk.is_open


def test_left_alone_it_is_closed_before_anybody_is_shown_anything(path):
    tick = Clock()
    desk = Desk(path, lambda: NOW, tick, idle_s=900.0)
    desk.unlock(WORDS)
    tick.now = 900.0
    assert desk.is_open
    tick.now = 900.1
    assert not desk.is_open
    with pytest.raises(Locked), desk.casebook():
        pass
    with pytest.raises(WrongPassphrase):
        desk.unlock("another passphrase altogether")
    assert not desk.is_open
    desk.unlock(WORDS)
    assert desk.is_open
    desk.close()


def test_locking_forgets_the_book_the_story_and_what_is_held_beside(page):
    closed = []

    class Held:
        def close(self) -> None:
            closed.append(True)

    desk = page.desk
    assert not isinstance(desk.story(patience_s=30.0), Working)
    desk.beside["something"] = Held()
    desk.said.append("words from the records")
    desk.lock()
    assert closed == [True]
    assert desk._book is None
    assert not desk._stories
    assert not desk._timelines
    assert not desk._made
    assert not desk.said
    assert not desk.beside


def test_a_story_that_is_worked_out_while_it_is_locked_tells_nothing(page, monkeypatch):
    begun, goes_on = threading.Event(), threading.Event()

    def slow(timeline, **_):
        begun.set()
        goes_on.wait(20)
        raise AssertionError("told to nobody")

    monkeypatch.setattr("mainstay.doors.kept.recall", lambda *_: None)
    monkeypatch.setattr("mainstay.story.tell", slow)
    assert isinstance(page.desk.story(patience_s=0.0), Working)
    assert begun.wait(20)
    locking = time.monotonic()
    page.desk.lock()
    assert time.monotonic() - locking < 5.0
    goes_on.set()
    assert page.get("/").url.path == "/unlock"
    assert not page.desk._stories


def test_what_stood_in_the_way_of_a_story_is_tried_again(page, monkeypatch):
    from mainstay.doors import kept

    calls = []
    usual = kept.recall

    def once(*given):
        calls.append(1)
        if len(calls) == 1:
            raise CasebookError("in use by another program")
        return usual(*given)

    monkeypatch.setattr(kept, "recall", once)
    with pytest.raises(CasebookError):
        page.desk.story(patience_s=30.0)
    assert not isinstance(page.desk.story(patience_s=60.0), Working)


def test_two_hundred_requests_at_once_while_it_is_written_locked_and_opened_again(case):
    window = opened(case)
    desk = window.desk
    paths = ("/", "/picture.svg", "/record/add", "/nowhere", "/?as_of=2024-03-01", "/unlock", "/static/mainstay.css")
    rng = random.Random(7)
    kinds: list[tuple[int, str]] = []

    def one(number: int) -> None:
        doing = number % 20
        if doing == 7:
            desk.lock()
        elif doing in (8, 17):
            desk.unlock(WORDS)
        elif doing == 13:
            try:
                with desk.writing() as book:
                    book.add(batch(number), Consent(given_at=NOW), now=NOW)
            except Locked:
                pass
        else:
            found = window.get(rng.choice(paths), follow_redirects=False)
            kinds.append((found.status_code, found.text))

    with ThreadPoolExecutor(16) as pool:
        for done in [pool.submit(one, number) for number in range(200)]:
            done.result(120)
    assert {status for status, _ in kinds} <= {200, 303, 404}
    desk.unlock(WORDS)
    with desk.casebook() as book:
        assert book.streams()
    desk.close()


def test_long_writing_makes_others_wait_in_words_and_lets_go_when_it_is_locked(page, monkeypatch):
    monkeypatch.setattr(desks, "TURN_S", 0.1)
    holds, stopped = threading.Event(), threading.Event()

    def write() -> None:
        with page.desk.writing():
            holds.set()
            while not page.desk.is_leaving:
                time.sleep(0.01)
            stopped.set()

    at_work = threading.Thread(target=write, daemon=True)
    at_work.start()
    assert holds.wait(5)
    with pytest.raises(Busy), page.desk.casebook(wait_s=0.05):
        pass
    found = page.get("/")
    assert found.headers["refresh"] == "2"
    assert "being written" in found.text
    page.desk.lock()
    assert stopped.is_set()
    assert not page.desk.is_open


def test_a_file_that_was_moved_away_is_not_used_any_further(case, tmp_path):
    window = opened(case)
    moved = tmp_path / "elsewhere.mainstay"
    case.rename(moved)
    found = window.get("/")
    assert found.status_code == 400
    assert "moved, removed or replaced" in found.text
    assert not window.desk.is_open
    moved.rename(case)
    window.desk.unlock(WORDS)
    assert window.settled("/").status_code == 200
    window.desk.close()


def test_a_file_that_another_casebook_took_the_place_of_is_not_read_as_the_first(case, tmp_path):
    window = opened(case)
    other = tmp_path / "other.mainstay"
    Casebook.create(other, "some other words here", now=NOW, cost=KeySlotCost.least()).close()
    other.replace(case)
    with pytest.raises(Gone), window.desk.casebook():
        pass
    with pytest.raises(WrongPassphrase):
        window.desk.unlock(WORDS)
    window.desk.unlock("some other words here")
    with window.desk.casebook() as book:
        assert not book.streams()
    window.desk.close()


def test_a_casebook_that_is_gone_when_it_is_to_be_opened_is_said_in_words(path):
    window = opened(path)
    window.fill("/lock")
    path.unlink()
    found = window.fill("/unlock", passphrase=WORDS)
    assert found.status_code == 400
    assert "no casebook" in found.text
    assert "Traceback" not in found.text


def test_a_disk_without_room_is_said_in_words_and_nothing_is_lost(case, monkeypatch):
    from mainstay.casebook import container

    window = opened(case)
    with window.desk.casebook() as book:
        before = book.streams()

    def full(self, *_, **__):
        raise CasebookError(container._no_room(self.path))

    monkeypatch.setattr(Casebook, "read", full)
    monkeypatch.setattr(window.desk, "_stamp", None)
    found = window.get("/")
    assert found.status_code == 400
    assert "no room left" in found.text
    monkeypatch.undo()
    with window.desk.casebook() as book:
        assert book.streams() == before
    window.desk.close()


def test_a_folder_made_read_only_while_it_is_open_closes_nothing(path):
    desk = held(path)
    path.chmod(0o400)
    with desk.casebook() as book:
        assert book.streams() == ()
    path.chmod(0o600)
    desk.close()


def test_a_page_restored_from_a_copy_of_the_file_shows_no_record_twice(case, tmp_path):
    copy = Path(shutil.copy(case, tmp_path / "copy.mainstay"))
    first, second = opened(case), opened(copy)
    assert first.get("/record/add").status_code == second.get("/record/add").status_code == 200
    with first.desk.casebook() as one, second.desk.casebook() as other:
        assert [stream.kinds for stream in one.streams()] == [stream.kinds for stream in other.streams()]
    first.desk.close()
    second.desk.close()


def test_a_form_sent_to_a_page_that_was_locked_meanwhile_changes_nothing(page: Page):
    page.desk.lock()
    found = page.post("/record/add/none", data={"do": "keep"}, headers=FROM_A_FORM)
    assert found.url.path == "/unlock"
