"""Claims about what opens the casebook, changed on the page: never without what opens it now, a code shown once."""

import re

import pytest

from mainstay.casebook import Casebook, KeySlotCost, keys
from mainstay.errors import WrongPassphrase
from web.conftest import NOW, WORDS

NEW = "a new set of words"


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    """Keyslots at the least cost: what they cost is tested elsewhere."""
    monkeypatch.setattr("mainstay.casebook.keys.KeySlotCost", KeySlotCost.least)


def kinds(case) -> set[str]:
    """The ways in."""
    return {slot.kind for slot in keys.slots(case)}


def shown_code(page) -> tuple[str, list[str], list[int]]:
    """A new code: its key, its words, and which of them are asked back."""
    text = page.fill("/consent/keys/code").text
    words = re.findall(r"<li>([a-z]+)</li>", text.split('class="words"')[1].split("</ol>")[0])
    return (
        re.search(r'name="key" value="([^"]+)"', text)[1],
        words,
        [int(n) for n in re.findall(r'name="word(\d+)"', text)],
    )


def test_the_passphrase_is_changed_by_whom_knows_it(page, case):
    refused = page.fill("/consent/keys/passphrase", old="not that", new=NEW, again=NEW)
    assert refused.status_code == 403
    assert "does not open the casebook, so nothing has changed" in refused.text
    assert NEW not in refused.text
    done = page.fill("/consent/keys/passphrase", old=WORDS, new=NEW, again=NEW)
    assert "The new passphrase opens it from now on." in done.text
    assert page.get("/consent").status_code == 200
    Casebook.open(case, NEW).close()
    with pytest.raises(WrongPassphrase):
        Casebook.open(case, WORDS)


def test_a_new_passphrase_that_is_short_or_differs_changes_nothing(page, case):
    for new, again, why in (
        ("short", "short", "at least 8"),
        (NEW, NEW + "x", "differ"),
        ("        ", "        ", "empty"),
    ):
        refused = page.fill("/consent/keys/passphrase", old=WORDS, new=new, again=again)
        assert refused.status_code == 400
        assert why in refused.text
    Casebook.open(case, WORDS).close()


def test_a_recovery_code_is_shown_once_and_kept_once_it_stands_on_paper(page, case):
    assert "no second way in" in page.get("/consent/keys").text
    key, words, asked = shown_code(page)
    assert len(words) == 12
    assert kinds(case) == {"passphrase"}
    wrong = page.fill("/consent/keys/code/keep", key=key, old=WORDS, **{f"word{n}": "zebra" for n in asked})
    assert "One of these is another word" in wrong.text
    assert not any(f"<li>{word}</li>" in wrong.text for word in words)
    typed = {f"word{n}": f" {words[n].upper()} " for n in asked}
    other = page.fill("/consent/keys/code/keep", key=key, old="not that", **typed)
    assert other.status_code == 403
    assert kinds(case) == {"passphrase"}
    done = page.fill("/consent/keys/code/keep", key=key, old=WORDS, **typed)
    assert "these words open it too" in done.text
    Casebook.open(case, " ".join(words)).close()
    assert page.fill("/consent/keys/code/keep", key=key, old=WORDS, **typed).status_code == 400


def test_after_three_wrong_tries_the_code_is_let_go(page, case):
    key, words, asked = shown_code(page)
    for _ in range(3):
        said = page.fill("/consent/keys/code/keep", key=key, old=WORDS, **{f"word{n}": "zebra" for n in asked})
    assert "Nothing has changed; start again" in said.text
    typed = {f"word{n}": words[n] for n in asked}
    assert page.fill("/consent/keys/code/keep", key=key, old=WORDS, **typed).status_code == 400
    assert kinds(case) == {"passphrase"}


def test_locking_lets_a_shown_code_go(page, case):
    key, words, asked = shown_code(page)
    page.fill("/lock")
    page.desk.unlock(WORDS)
    typed = {f"word{n}": words[n] for n in asked}
    assert page.fill("/consent/keys/code/keep", key=key, old=WORDS, **typed).status_code == 400


def test_a_way_in_is_taken_away_but_never_the_last(page, case):
    keys.change_recovery(case, WORDS, " ".join(shown_code(page)[1]), now=NOW)
    assert "Take away a recovery code" in page.get("/consent/keys").text
    assert page.fill("/consent/keys/remove", kind="recovery", old="not that").status_code == 403
    assert (
        "It no longer opens with a recovery code" in page.fill("/consent/keys/remove", kind="recovery", old=WORDS).text
    )
    assert kinds(case) == {"passphrase"}
    assert page.fill("/consent/keys/remove", kind="passphrase", old=WORDS).status_code == 400
    assert page.fill("/consent/keys/remove", kind="anything", old=WORDS).status_code == 400
    assert kinds(case) == {"passphrase"}
