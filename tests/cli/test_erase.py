"""Claims about `erase`: what goes is shown and typed, a receipt is written, and an older copy erases again."""

import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mainstay.casebook import Casebook, Consent
from mainstay.cli import asking
from mainstay.records.kinds import Batch, Event, Record

WORDS = "four quiet words here"

Run = Callable[..., "Said"]  # noqa: F821 - tests/cli/conftest.py


@pytest.fixture
def filled(case: Path, folder: Path, mainstay: Run) -> Path:
    assert mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml").code == 0
    return case


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Somebody sits at a terminal and types these words."""

    def will_type(*words: str) -> None:
        left = list(words)
        monkeypatch.setattr(asking, "at_a_terminal", lambda: True)
        monkeypatch.setattr(asking, "word", lambda prompt: left.pop(0))

    return will_type


def streams(mainstay: Run, case: Path) -> list[str]:
    printed = mainstay("consent", case, "show").out.splitlines()
    return [line.split(":")[0] for line in printed if line and not line.startswith(" ") and ":" in line]


def first(mainstay: Run, case: Path) -> str:
    return streams(mainstay, case)[0]


def test_what_goes_is_shown_and_its_name_must_be_typed(filled: Path, mainstay: Run, typing: Callable) -> None:
    name = first(mainstay, filled)
    typing(name)
    said = mainstay("erase", filled, name)
    assert (said.code, said.err) == (0, "")
    assert f"  {name}: " in said.out
    assert "1 event; 9 January 2024 to 9 January 2024" in said.out
    assert f"Erased: {name}." in said.out
    assert "backups and copies of the casebook made earlier" in said.out
    assert name not in streams(mainstay, filled)


def test_another_name_typed_erases_nothing(filled: Path, mainstay: Run, typing: Callable) -> None:
    typing("something else")
    said = mainstay("erase", filled, first(mainstay, filled))
    assert said.code == 2
    assert "nothing was erased" in said.err
    assert first(mainstay, filled)
    assert not filled.with_name("anna.erased.json").exists()


def test_without_a_terminal_it_must_be_said_beforehand(filled: Path, mainstay: Run) -> None:
    said = mainstay("erase", filled, first(mainstay, filled))
    assert (said.code, "--yes" in said.err) == (2, True)


def test_the_receipt_names_no_stream_and_can_be_written_again(filled: Path, mainstay: Run, folder: Path) -> None:
    name = first(mainstay, filled)
    assert mainstay("erase", filled, name, "--yes").code == 0
    text = filled.with_name("anna.erased.json").read_text()
    assert name not in text
    assert len(json.loads(text)["erased"]) == 1
    again = folder / "again.json"
    assert mainstay("erase", filled, "--receipt", again).code == 0
    assert again.read_text() == text


def test_a_second_erasure_replaces_the_receipt_by_one_that_names_both(filled: Path, mainstay: Run) -> None:
    both = streams(mainstay, filled)
    for name in both:
        assert mainstay("erase", filled, name, "--yes").code == 0
    assert len(json.loads(filled.with_name("anna.erased.json").read_text())["erased"]) == len(both) > 1


def test_a_file_that_is_no_receipt_is_not_written_over(filled: Path, mainstay: Run, folder: Path) -> None:
    (folder / "letter.json").write_text("keep me")
    said = mainstay("erase", filled, first(mainstay, filled), "--receipt", folder / "letter.json", "--yes")
    assert (said.code, (folder / "letter.json").read_text()) == (2, "keep me")
    assert first(mainstay, filled)


def test_an_older_copy_given_the_receipt_erases_again(filled: Path, mainstay: Run, folder: Path) -> None:
    older, name = folder / "older.mainstay", first(mainstay, filled)
    shutil.copy(filled, older)
    assert mainstay("erase", filled, name, "--yes").code == 0
    assert name in streams(mainstay, older)
    said = mainstay("erase", older, "--replay", folder / "anna.erased.json", "--yes")
    assert (said.code, said.err) == (0, "")
    assert name not in streams(mainstay, older)
    assert "Nothing that these receipts name is here" in mainstay(
        "erase", older, "--replay", folder / "anna.erased.json", "--yes"
    ).out  # fmt: skip


def test_a_forged_receipt_is_refused(filled: Path, mainstay: Run, folder: Path) -> None:
    assert mainstay("erase", filled, first(mainstay, filled), "--yes").code == 0
    receipt = folder / "anna.erased.json"
    fields = json.loads(receipt.read_text())
    fields["erased"][0]["stream"] = "0" * 32
    (folder / "forged.json").write_text(json.dumps(fields))
    said = mainstay("erase", filled, "--replay", folder / "forged.json", "--yes")
    assert (said.code, "was changed" in said.err) == (2, True)
    said = mainstay("erase", filled, "--replay", folder / "diary.csv", "--yes")
    assert (said.code, "no erasure receipt" in said.err) == (2, True)


@pytest.mark.parametrize("arguments", [(), ("nowhere",), ("--everything", "diary")])
def test_what_can_not_be_erased_is_said(filled: Path, mainstay: Run, arguments: tuple[str, ...]) -> None:
    said = mainstay("erase", filled, *arguments, "--yes")
    assert said.code == 2
    assert said.err.startswith("mainstay: ")
    assert first(mainstay, filled)


def test_the_whole_casebook_goes_keyslots_first(
    filled: Path, mainstay: Run, typing: Callable, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mainstay.casebook import container

    kept = folder / "blocks-of-the-disk"
    remove = container.remove_parts
    monkeypatch.setattr(container, "remove_parts", lambda path: (shutil.copy(path, kept), remove(path)))
    typing("anna.mainstay")
    said = mainstay("erase", filled, "--everything")
    assert (said.code, said.err) == (0, "")
    assert not filled.exists()
    assert "not a casebook" in mainstay("tell", kept).err


def test_a_casebook_that_is_open_elsewhere_is_not_destroyed(filled: Path, mainstay: Run) -> None:
    from mainstay.casebook import Casebook

    with Casebook.open(filled, "four quiet words here"):
        said = mainstay("erase", filled, "--everything", "--yes")
        assert (said.code, "in use by another program" in said.err) == (2, True)
    assert first(mainstay, filled)


def test_a_receipt_that_finds_no_room_does_not_hide_that_the_erasure_is_done(
    filled: Path, mainstay: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, *_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    name = first(mainstay, filled)
    with monkeypatch.context() as disk:
        disk.setattr(Path, "write_text", full)
        said = mainstay("erase", filled, name, "--yes")
    assert said.code == 2
    assert f"{name}: erased, but the receipt is not written" in said.err
    assert "the disk is full" in said.err
    assert name not in streams(mainstay, filled)
    assert not filled.with_name("anna.erased.json").exists()
    again = mainstay("erase", filled, "--receipt", filled.with_name("later.json"))
    assert (again.code, len(json.loads(filled.with_name("later.json").read_text())["erased"])) == (0, 1)


NASTY = ["two\nlines", "\u202eright to left", " spaces around ", "x" * 10_000, "--yes", "\x1b[2J"]


@pytest.mark.parametrize("name", NASTY)
def test_a_stream_of_any_name_can_be_erased_and_can_not_steer_the_terminal(
    case: Path, mainstay: Run, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    at = asking.now()
    record = Record("one", name, at, at, "by hand", Event("walk", "relief"))
    with Casebook.open(case, WORDS) as casebook:
        casebook.add(Batch("by hand", (record,)), Consent(given_at=at), now=at)
    shown: list[str] = []

    def as_shown(prompt: str) -> str:
        shown.append(prompt)
        return prompt.removeprefix("Type ").removesuffix(" to go on: ")

    monkeypatch.setattr(asking, "at_a_terminal", lambda: True)
    monkeypatch.setattr(asking, "word", as_shown)
    said = mainstay("erase", case, "--", name)
    assert (said.code, said.err) == (0, "")
    assert shown[0].isprintable()
    assert all(line.isprintable() for line in said.out.splitlines())
    assert mainstay("consent", case, "show").out.startswith("There are no records yet")


def test_kinds_are_counted_in_words(filled: Path, mainstay: Run) -> None:
    assert "15 check-ins; " in mainstay("erase", filled, "tension", "--yes").out
