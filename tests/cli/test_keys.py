"""Claims about `mainstay key`: what it shows, asks and says, and that a recovery code is seen once."""

import re
from pathlib import Path

import pytest

from mainstay.casebook import KeySlotCost, keys
from mainstay.cli import asking

NEW = "five other quiet words"


class Least:
    """Stands for the cost of a keyslot, and is the least that is allowed."""

    least = KeySlotCost.least

    def __new__(cls) -> KeySlotCost:
        return KeySlotCost.least()


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "KeySlotCost", Least)


@pytest.fixture
def new_passphrase(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = folder / "new"
    path.touch(mode=0o600)
    path.write_text(NEW + "\n")
    monkeypatch.setenv(asking.NEW_PASSPHRASE_FILE, str(path))
    return path


@pytest.fixture
def at_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Somebody at a terminal, who reads the words shown and types back those asked for; keeps what they saw."""
    seen: list[str] = []
    monkeypatch.setattr(asking, "at_a_terminal", lambda: True)

    def sit(mistakes: int = 0) -> list[str]:
        left = [mistakes]

        def type_back(prompt: str) -> str:
            seen.append(capsys.readouterr().out)
            if left[0]:
                left[0] -= 1
                return "mistake"
            place = int(re.search(r"word (\d+)", prompt)[1])
            return dict(shown("".join(seen)))[place] + " "

        monkeypatch.setattr(asking, "word", type_back)
        return seen

    return sit


def shown(text: str) -> list[tuple[int, str]]:
    return [(int(place), word) for place, word in re.findall(r"(\d+)\. ([a-z]+)", text)]


def code_in(text: str) -> str:
    found = sorted(shown(text))
    assert [place for place, _ in found] == list(range(1, 13))
    return " ".join(word for _, word in found)


def test_show_needs_no_passphrase_and_says_what_is_missing(mainstay, case, monkeypatch) -> None:
    monkeypatch.delenv(asking.PASSPHRASE_FILE)
    said = mainstay("key", case)
    assert (said.code, said.err) == (0, "")
    assert "a passphrase" in said.out
    assert f"mainstay key {case} recovery" in said.out


def test_the_passphrase_is_changed_by_files_alone(mainstay, case, folder, new_passphrase, monkeypatch) -> None:
    said = mainstay("key", case, "passphrase")
    assert (said.code, said.err) == (0, "")
    assert "opens with the new passphrase" in said.out
    assert NEW not in said.out
    refused = mainstay("consent", case)
    assert (refused.code, refused.err) == (2, "mainstay: this passphrase does not open the casebook\n")
    monkeypatch.setenv(asking.PASSPHRASE_FILE, str(new_passphrase))
    assert mainstay("consent", case).code == 0


def test_a_wrong_passphrase_ends_before_a_new_one_is_asked_for(mainstay, case, folder, monkeypatch) -> None:
    monkeypatch.delenv(asking.NEW_PASSPHRASE_FILE, raising=False)
    (folder / "passphrase").write_text("something else\n")
    assert mainstay("key", case, "passphrase").err == "mainstay: this passphrase does not open the casebook\n"


def test_a_recovery_code_is_shown_once_and_opens_every_command(mainstay, case, folder, at_a_terminal) -> None:
    seen = at_a_terminal(mistakes=2)
    said = mainstay("key", case, "recovery")
    assert (said.code, said.err) == (0, "")
    code = code_in("".join(seen))
    assert "on paper" in "".join(seen)
    assert "wherever the passphrase is asked for" in said.out
    assert not set(code.split()) & set(re.findall(r"\d+\. ([a-z]+)", said.out))
    (folder / "passphrase").write_text(code + "\n")
    assert mainstay("consent", case).code == 0
    assert "twelve words on paper" in mainstay("key", case, "show").out
    for path in folder.iterdir():
        assert path.name == "passphrase" or code.encode() not in path.read_bytes()


def test_words_that_are_not_on_the_paper_change_nothing(mainstay, case, at_a_terminal) -> None:
    at_a_terminal(mistakes=3)
    said = mainstay("key", case, "recovery")
    assert said.code == 2
    assert "nothing has changed" in said.err
    assert [slot.kind for slot in keys.slots(case)] == ["passphrase"]


def test_without_a_terminal_no_code_is_shown(mainstay, case, monkeypatch) -> None:
    said = mainstay("key", case, "recovery")
    assert (said.code, said.out) == (2, "")
    assert "this needs a terminal" in said.err


def test_a_forgotten_passphrase_is_set_anew_by_the_code(mainstay, case, folder, new_passphrase, at_a_terminal) -> None:
    seen = at_a_terminal()
    mainstay("key", case, "recovery")
    words = code_in("".join(seen)).split()
    (folder / "passphrase").write_text(" ".join([*words[:3], "mistyped", *words[4:]]) + "\n")
    refused = mainstay("key", case, "passphrase", "--recovery")
    assert refused.code == 2
    assert "word 4 of the recovery code" in refused.err
    (folder / "passphrase").write_text(" ".join(words) + "\n")
    assert mainstay("key", case, "passphrase", "--recovery").code == 0
    (folder / "passphrase").write_text(NEW + "\n")
    assert mainstay("consent", case).code == 0


def test_a_new_key_comes_with_a_new_code_and_says_what_it_cannot_reach(mainstay, case, folder, at_a_terminal) -> None:
    seen = at_a_terminal()
    mainstay("key", case, "recovery")
    old = code_in("".join(seen))
    seen.clear()
    said = mainstay("key", case, "rotate")
    assert (said.code, said.err) == (0, "")
    assert "Copies of the file made earlier" in said.out
    new = code_in("".join(seen))
    for words, code in ((old, 2), (new, 0)):
        (folder / "passphrase").write_text(words + "\n")
        assert mainstay("consent", case).code == code


def test_a_new_key_without_a_code_needs_no_terminal(mainstay, case) -> None:
    said = mainstay("key", case, "rotate")
    assert (said.code, said.err) == (0, "")
    assert "It has no recovery code now" in said.out
    assert mainstay("consent", case).code == 0


def test_the_last_way_in_is_not_removed(mainstay, case, at_a_terminal) -> None:
    said = mainstay("key", case, "remove", "passphrase")
    assert said.code == 2
    assert "add another first" in said.err
    at_a_terminal()
    mainstay("key", case, "recovery")
    said = mainstay("key", case, "remove", "recovery")
    assert said.code == 0
    assert "no longer opens with a recovery code" in said.out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["loosen"], "what can be done is: show, passphrase"),
        (["show", "recovery"], "belongs to"),
        (["recovery", "--recovery"], "belongs to"),
        (["passphrase", "--without-recovery"], "belongs to"),
        (["remove"], "say what shall no longer open"),
        (["remove", "everything"], "say what shall no longer open"),
    ],
)
def test_what_cannot_be_meant_is_refused(mainstay, case, arguments, why) -> None:
    said = mainstay("key", case, *arguments)
    assert said.code == 2
    assert why in said.err


def test_the_keyring_opens_every_command_without_a_passphrase(mainstay, case, monkeypatch) -> None:
    import keyring

    from mainstay.casebook import system_keyring

    kept: dict[tuple[str, str], str] = {}

    class Memory:
        def get_password(self, service: str, name: str) -> str | None:
            return kept.get((service, name))

        def set_password(self, service: str, name: str, secret: str) -> None:
            kept[service, name] = secret

        def delete_password(self, service: str, name: str) -> None:
            del kept[service, name]

    monkeypatch.setattr(keyring, "get_keyring", Memory)
    monkeypatch.setattr(system_keyring, "SAFE_BACKENDS", (Memory.__module__,))
    assert mainstay("key", case, "keyring").code == 0
    assert mainstay("key", case, "rotate").code == 0
    with monkeypatch.context() as forgotten:
        forgotten.delenv(asking.PASSPHRASE_FILE)
        assert mainstay("consent", case).code == 0
        assert "MAINSTAY_PASSPHRASE_FILE" in mainstay("key", case, "remove", "keyring").err
    assert mainstay("key", case, "remove", "keyring").code == 0
    assert kept == {}


def test_a_folder_that_another_program_copies_away_is_pointed_out(mainstay, folder) -> None:
    (folder / ".stfolder").mkdir()
    said = mainstay("new", "anna.mainstay")
    assert said.code == 0
    assert "a folder that Syncthing copies elsewhere" in said.err
    added = mainstay("add", "anna.mainstay", "diary.csv", "--map", "diary.toml")
    assert (added.code, "Syncthing" in added.err) == (0, True)


def test_a_network_share_is_refused_before_a_passphrase_is_used(mainstay, folder, monkeypatch) -> None:
    import sys

    from mainstay.casebook import places

    monkeypatch.setitem(places._ASKED, sys.platform, lambda _: "nfs4")
    said = mainstay("new", "anna.mainstay")
    assert (said.code, said.out) == (2, "")
    assert "lies on a network share (nfs4)" in said.err
    assert not (folder / "anna.mainstay").exists()
