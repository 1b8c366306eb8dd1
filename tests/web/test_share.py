"""Claims about Share on the page: what is shown before is what they see, line by line, and only that leaves."""

import html
import re

import pytest

from mainstay.casebook import Consent, KeySlotCost
from mainstay.casebook.sharing import Observation, open_share, seal_answer
from mainstay.doors.sharing import view_lines
from mainstay.records.kinds import Batch, Record, Statement
from mainstay.story import tell
from mainstay.web.held import held_of
from web.conftest import FROM_A_FORM, NOW, WORDS

THEIRS = "a kite over the dunes"
UNTIL = "2024-05-31"
SECRET = "Kneutje"
FORM = {name: value for name, value in FROM_A_FORM.items() if name != "content-type"}


@pytest.fixture(scope="module")
def told():
    """The stories told so far, by what they were told without: every test shares the same three months."""
    return {}


@pytest.fixture(autouse=True)
def quick(monkeypatch, told):
    """Keyslots at the least cost, which is tested elsewhere; the same story told once."""
    monkeypatch.setattr("mainstay.casebook.sharing.KeySlotCost", KeySlotCost.least)

    def once(timeline, **settings):
        if timeline.left_out not in told:
            told[timeline.left_out] = tell(timeline, **settings)
        return told[timeline.left_out]

    monkeypatch.setattr("mainstay.story.tell", once)


@pytest.fixture
def sharing(page):
    """A page where a supporter may see all but what people wrote, and a stream that they may not."""
    at = NOW.plus_days(-1)
    with page.desk.writing() as book:
        record = Record("private", "private", at, at, "by hand", Statement("concern", f'who = "{SECRET}"'))
        allowed = [one.name for one in book.streams() if one.name in ("check_ins", "prompts", "episodes", "events")]
        book.add(Batch("by hand", (record,)), Consent(given_at=book.clock(NOW)), now=NOW)
        book.give(allowed, Consent(purposes=("supporter_view",), given_at=book.clock(NOW)), now=NOW)
    return page


def looked(page, **typed: str):
    """What they would see, once it is worked out."""
    first = page.fill("/share/look", **({"with": "Ben", "until": UNTIL} | typed))
    for look in held_of(page.desk).looks.values():
        look.found.exception(timeout=120)
    return page.get(first.url.path) if "/look/" in first.url.path else first


def lines_of(text: str) -> list[str]:
    """The values of the boxes, one for each line."""
    return re.findall(r'name="line" value="(\d+)"', text)


def made(page, seen, **typed: object):
    """The page after the file was asked for."""
    return page.fill(
        seen.url.path, **({"line": lines_of(seen.text), "passphrase": THEIRS, "again": THEIRS} | typed)
    )  # fmt: skip


def file_of(page, done) -> bytes:
    """The file that the page offers."""
    return page.get(re.search(r'href="(/share/file/[^"]+)"', done.text)[1])


def test_what_is_shown_before_is_line_by_line_what_they_see(sharing):
    seen = looked(sharing)
    text = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", seen.text)).split())
    done = made(sharing, seen)
    got = file_of(sharing, done)
    assert got.headers["content-disposition"] == 'attachment; filename="for-you.share"'
    view = open_share(got.content, THEIRS, now=NOW).view
    assert view.answers
    for line in view_lines(view, 10_000):
        said = line.strip().removeprefix("• ")
        name, _, rest = said.partition(": ")
        assert said in text or (name in text and rest in text), said
    assert len(lines_of(seen.text)) == len(view.answers)


def test_what_is_not_allowed_is_held_back_and_named_only_to_the_person(sharing):
    seen = looked(sharing)
    assert "you did not allow it for a supporter" in seen.text
    assert "private" in seen.text.split("What is held back")[1]
    assert SECRET not in seen.text
    content = file_of(sharing, made(sharing, seen)).content
    view = open_share(content, THEIRS, now=NOW).view
    assert set(view.streams) == {"check_ins", "episodes", "events", "prompts"}
    assert "private" not in repr(view)


def test_a_line_without_its_tick_is_not_in_the_file(sharing):
    seen = looked(sharing)
    every = lines_of(seen.text)
    none = made(sharing, seen, line=[])
    assert none.status_code == 400
    assert "Leave at least one line in" in none.text
    view = open_share(file_of(sharing, made(sharing, seen, line=every[1:])).content, THEIRS, now=NOW).view
    assert len(view.answers) == len(every) - 1
    whole = held_of(sharing.desk).looks[seen.url.path.rsplit("/", 1)[1]].found.result().view
    assert view.answers == whole.answers[1:]


def test_the_same_look_is_shared_once_however_often_its_button_is_pressed(sharing):
    seen = looked(sharing)
    first = file_of(sharing, made(sharing, seen)).content
    assert file_of(sharing, made(sharing, seen)).content == first
    with sharing.desk.casebook() as book:
        assert len(book.shares()) == 1


def test_a_file_is_listed_before_it_can_be_had_and_looking_lists_nothing(sharing):
    seen = looked(sharing)
    with sharing.desk.casebook() as book:
        assert book.shares() == ()
    done = made(sharing, seen)
    with sharing.desk.casebook() as book:
        [one] = book.shares()
    assert (one.with_whom, f"{one.until.as_local:%Y-%m-%d}") == ("Ben", "2024-06-01")
    assert "until the end of 31 May 2024" in done.text
    assert "Ben" in sharing.get("/share").text


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"passphrase": "short", "again": "short"}, "at least 8 characters"),
        ({"again": THEIRS + "x"}, "differ"),
        ({"passphrase": WORDS, "again": WORDS}, "opens the casebook itself"),
    ],
)
def test_a_passphrase_that_does_not_do_is_refused_and_nothing_is_listed(sharing, typed, why):
    seen = looked(sharing)
    refused = made(sharing, seen, **typed)
    assert refused.status_code == 400
    assert why in refused.text
    assert len(lines_of(refused.text)) == len(lines_of(seen.text))
    with sharing.desk.casebook() as book:
        assert book.shares() == ()


def test_what_was_withdrawn_meanwhile_is_not_shared(sharing):
    seen = looked(sharing)
    with sharing.desk.writing() as book:
        book.withdraw(["events"], ["supporter_view"], now=NOW)
    refused = made(sharing, seen)
    assert refused.status_code == 400
    assert "what you allow has changed meanwhile (events)" in refused.text.lower()


@pytest.mark.parametrize("how", ["withdrawn", "erased"])
def test_what_may_no_longer_be_used_for_it_is_not_shown_again_nor_its_file_given(sharing, how):
    seen = looked(sharing)
    done = made(sharing, seen)
    again = looked(sharing)
    assert file_of(sharing, done)
    with sharing.desk.writing() as book:
        if how == "withdrawn":
            book.withdraw(["events"], ["supporter_view"], now=NOW)
        else:
            book.erase(["events"], now=NOW)
    for path in (seen.url.path, done.url.path, re.search(r'href="(/share/file/[^"]+)"', done.text)[1], again.url.path):
        refused = sharing.get(path)
        assert refused.status_code == 400, path
        assert 'name="line"' not in refused.text
    assert not held_of(sharing.desk).looks


def test_whom_and_until_when_are_asked_in_words(sharing):
    refused = looked(sharing, **{"with": "", "until": "2020-01-01"})
    assert refused.status_code == 400
    assert "name of 1 to 60 characters" in refused.text
    assert "is over; choose a day from 2024-04-20 on" in refused.text
    assert 'value="2020-01-01"' in refused.text
    with sharing.desk.writing() as book:
        end = NOW.plus_days(3)
        book.give(["events"], Consent(purposes=("supporter_view",), given_at=book.clock(NOW), until=end), now=NOW)
    late = looked(sharing)
    assert late.status_code == 400
    assert "choose an earlier last day" in late.text
    assert 'value="Ben"' in late.text


def test_where_nothing_is_allowed_it_is_said_where_to_allow_it(page, empty_page):
    shown = page.get("/share").text
    assert "/consent?for=supporter_view#allow" in shown
    assert "/share/look" not in shown
    assert 'value="supporter_view" checked' in page.get("/consent?for=supporter_view").text
    assert page.fill("/share/look", **{"with": "Ben", "until": UNTIL}).url.path == "/share"
    assert "Nothing is on record yet" in empty_page.get("/share").text


def test_what_comes_back_is_taken_in_once_and_only_with_its_passphrase(sharing):
    content = file_of(sharing, made(sharing, looked(sharing))).content
    opened = open_share(content, THEIRS, now=NOW)
    answer = seal_answer(opened, (Observation(NOW, "laughed for the first time in weeks"),), now=NOW)

    def sent(what: bytes, theirs: str = THEIRS):
        files = {"file": ("from-ben.answer", what, "application/octet-stream")}
        return sharing.post("/share/take", files=files, data={"theirs": theirs}, headers=FORM)

    assert sent(answer, "not that one").status_code == 403
    assert "this file is a share" in sent(content).text.lower()
    assert sent(b"nothing of the kind").status_code == 400
    assert "Choose the file" in sent(b"").text or sent(b"").status_code == 400
    assert "1 of 1 things that Ben noticed" in sent(answer).text
    assert "0 of 1 things that Ben noticed" in sent(answer).text
    with sharing.desk.casebook() as book:
        assert "from Ben" in {one.name for one in book.streams()}


def test_locking_lets_go_of_what_was_looked_at(sharing):
    seen = looked(sharing)
    sharing.fill("/lock")
    sharing.desk.unlock(WORDS)
    assert sharing.get(seen.url.path).status_code == 400
    assert sharing.get("/share/file/anything").status_code == 400
