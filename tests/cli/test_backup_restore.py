"""Claims about `backup` and `restore` at the door: what is said, what is asked, and that nothing is lost."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.conftest import Said, diary
from mainstay.casebook import Casebook
from mainstay.cli import asking

WORDS = "four quiet words here"


@pytest.fixture
def filled(case: Path, folder: Path, mainstay: Callable[..., Said]) -> Path:
    """The casebook with three days of diary in it, and a backup of it beside."""
    assert mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml").code == 0
    assert mainstay("backup", case, folder / "copy.mainstay").code == 0
    return case


def streams(path: Path) -> dict[str, int]:
    with Casebook.open(path, WORDS) as casebook:
        return {stream.name: stream.count for stream in casebook.streams()}


def test_a_backup_says_what_it_holds_and_what_it_does_not_forget(
    filled: Path, folder: Path, mainstay: Callable[..., Said]
) -> None:
    said = mainstay("backup", filled, folder / "second.mainstay")
    assert said.code == 0
    assert f"{sum(streams(filled).values())} records" in said.out
    assert "read back" in said.out
    assert "stays in this copy" in said.out
    again = mainstay("backup", filled, folder / "second.mainstay")
    assert (again.code, "--replace" in again.err) == (2, True)
    assert mainstay("backup", filled, folder / "second.mainstay", "--replace").code == 0


def test_restoring_asks_what_was_erased_and_says_why(filled: Path, folder: Path, mainstay: Callable[..., Said]) -> None:
    said = mainstay("restore", folder / "copy.mainstay", folder / "again.mainstay")
    assert said.code == 2
    assert "it would come back" in said.out
    assert "--nothing-erased" in said.err
    assert not (folder / "again.mainstay").exists()
    assert mainstay("restore", folder / "copy.mainstay", folder / "again.mainstay", "--nothing-erased").code == 0
    assert streams(folder / "again.mainstay") == streams(filled)


def erased(filled: Path, folder: Path) -> tuple[str, Path]:
    """A stream erased from the casebook, and the receipt."""
    with Casebook.open(filled, WORDS) as casebook:
        name = casebook.streams()[0].name
        (folder / "receipt.json").write_text(casebook.erase([name], now=asking.now()).as_json())
    return name, folder / "receipt.json"


def test_what_was_erased_since_is_erased_again(filled: Path, folder: Path, mainstay: Callable[..., Said]) -> None:
    name, receipt = erased(filled, folder)
    said = mainstay("restore", folder / "copy.mainstay", folder / "again.mainstay", "--receipts", receipt)
    assert said.code == 0
    assert f"Erased again, as the receipts say: {name}" in said.out
    assert name not in streams(folder / "again.mainstay")


def test_receipts_are_asked_for_on_a_terminal(
    filled: Path, folder: Path, mainstay: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, receipt = erased(filled, folder)
    terminal = io.StringIO(f"{receipt}\n\n")
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", terminal)
    assert mainstay("restore", folder / "copy.mainstay", folder / "again.mainstay").code == 0
    assert name not in streams(folder / "again.mainstay")


def test_a_receipt_that_is_none_restores_nothing(filled: Path, folder: Path, mainstay: Callable[..., Said]) -> None:
    said = mainstay("restore", folder / "copy.mainstay", folder / "x.mainstay", "--receipts", folder / "diary.toml")
    assert (said.code, "diary.toml" in said.err) == (2, True)
    assert not list(folder.glob("*x.mainstay*"))


def test_a_newer_casebook_is_never_replaced_without_saying_so(
    filled: Path, folder: Path, mainstay: Callable[..., Said]
) -> None:
    (folder / "more.csv").write_text(diary(5))
    mainstay("add", filled, folder / "more.csv", "--map", folder / "diary.toml")
    name, _ = erased(filled, folder)
    before = streams(filled)
    plain = mainstay("restore", folder / "copy.mainstay", filled)
    assert (plain.code, "--replace" in plain.err) == (2, True)
    asked = mainstay("restore", folder / "copy.mainstay", filled, "--replace")
    assert asked.code == 2
    assert "is newer: it holds" in asked.out
    assert streams(filled) == before
    done = mainstay("restore", folder / "copy.mainstay", filled, "--replace", "--yes")
    assert done.code == 0
    assert "is newer: it holds" in done.out
    assert name not in streams(filled)  # its own receipts were at hand
    assert streams(folder / "anna.replaced-1.mainstay") == before


def test_another_casebook_in_the_way_is_moved_aside(filled: Path, folder: Path, mainstay: Callable[..., Said]) -> None:
    mainstay("new", folder / "other.mainstay")
    there = (folder / "copy.mainstay", folder / "other.mainstay")
    said = mainstay("restore", *there, "--replace", "--yes", "--nothing-erased")
    assert said.code == 0
    assert "another casebook" in said.out
    assert streams(folder / "other.replaced-1.mainstay") == {}
    assert streams(folder / "other.mainstay") == streams(filled)


def test_a_damaged_backup_says_so_by_its_own_name(filled: Path, folder: Path, mainstay: Callable[..., Said]) -> None:
    copy = folder / "copy.mainstay"
    copy.write_bytes(copy.read_bytes()[:40_000])
    said = mainstay("restore", copy, folder / "again.mainstay", "--nothing-erased")
    assert said.code == 2
    assert "copy.mainstay is damaged; use another backup" in said.err


def test_a_casebook_left_by_a_crash_can_be_replaced_once_it_was_compared(
    filled: Path, folder: Path, mainstay: Callable[..., Said]
) -> None:
    casebook = Casebook.open(filled, WORDS)
    casebook.withdraw([], ["own_answers"], now=asking.now())
    left = {tail: filled.with_name(filled.name + tail).read_bytes() for tail in ("", "-wal")}
    casebook.close()
    for tail, content in left.items():
        filled.with_name(filled.name + tail).write_bytes(content)
    said = mainstay("restore", folder / "copy.mainstay", filled, "--replace", "--yes")
    assert said.code == 0
    assert "Withdrawn again" in said.out
    assert not list(folder.glob("*-wal"))
    assert (folder / "anna.replaced-1.mainstay").is_file()


def test_an_older_backup_brings_back_no_consent_that_was_withdrawn_since(
    filled: Path, folder: Path, mainstay: Callable[..., Said]
) -> None:
    assert mainstay("consent", filled, "withdraw", "tension").code == 0
    alone = mainstay("restore", folder / "copy.mainstay", folder / "again.mainstay", "--nothing-erased")
    assert "Consent is as it was when the backup was made" in alone.out
    said = mainstay("restore", folder / "copy.mainstay", filled, "--replace", "--yes")
    assert "Withdrawn again, as it was in the casebook at hand: tension for own_answers." in said.out
    with Casebook.open(filled, WORDS) as casebook:
        assert "tension" in casebook.read("own_answers", now=asking.now()).left_out


def test_the_end_of_typing_restores_nothing_and_is_no_fault(
    filled: Path, folder: Path, mainstay: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.StringIO("")
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", terminal)
    said = mainstay("restore", folder / "copy.mainstay", folder / "again.mainstay")
    assert (said.code, "nothing has changed" in said.err) == (2, True)
    assert not list(folder.glob("*again*"))
