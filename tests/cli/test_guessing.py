"""`add --guess` at the command line: a proposal beside the file, rows shown, and nothing kept without a yes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mainstay.cli import asking

Run = Callable[..., "Said"]  # noqa: F821 - tests/cli/conftest.py


@pytest.fixture
def table(folder: Path) -> Path:
    path = folder / "table.csv"
    people = [(day, who) for day in range(1, 29) for who in ("ann", "bo")]
    rows = [f"2024-03-{day:02d} 20:30,{who},{1 + day % 7},{1 + day % 5}" for day, who in people]
    path.write_text("\n".join(["when,person,tension,Q1", *rows]) + "\n")
    return path


def test_without_a_terminal_it_proposes_and_stops_with_the_next_command(
    folder: Path, table: Path, mainstay: Run
) -> None:
    said = mainstay("add", folder / "no.mainstay", table, "--guess")
    assert said.code == 0
    out = folder / "table.csv.mainstay.toml"
    assert f"--map {out} --zone ZONE --person WHO" in said.out
    assert "10 rows as understood (of the first person)" in said.out
    assert "tension = 2 (1 to 7, low is better)" in said.out
    assert "Q1 (1 to 5): which end is better" in said.out
    assert out.stat().st_mode & 0o077 == 0
    assert not (folder / "no.mainstay").exists()


def test_a_file_that_is_there_is_never_written_over(folder: Path, table: Path, mainstay: Run) -> None:
    out = folder / "mine.toml"
    assert mainstay("add", folder / "c.mainstay", table, "--guess", "--map", out).code == 0
    before = out.read_text()
    said = mainstay("add", folder / "c.mainstay", table, "--guess", "--map", out, "--zone", "UTC")
    assert said.code == 2
    assert "not written over" in said.err
    assert out.read_text() == before


def test_the_next_command_keeps_what_was_shown(case: Path, folder: Path, table: Path, mainstay: Run) -> None:
    assert mainstay("add", case, table, "--guess", "--zone", "Europe/Amsterdam", "--person", "bo").code == 0
    said = mainstay("add", case, table, "--map", folder / "table.csv.mainstay.toml", "--person", "bo")
    assert said.code == 0, said
    assert "Added 28 new records" in said.out


def answering(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    given = iter(words)
    monkeypatch.setattr(asking, "at_a_terminal", lambda: True)
    monkeypatch.setattr(asking, "word", lambda _: next(given))


def test_at_a_terminal_it_asks_and_keeps_after_a_yes(
    case: Path, table: Path, mainstay: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, "Amsterdam", "Europe/Amsterdam", "nobody", "ann", "high", "yes")
    said = mainstay("add", case, table, "--guess")
    assert said.code == 0, said
    assert "'Amsterdam' is no time zone" in said.out
    assert "'nobody' is none of: ann, bo" in said.out
    assert "Q1 = 2 (1 to 5, high is better)" in said.out
    assert "Added 56 new records" in said.out


def test_at_a_terminal_anything_but_yes_keeps_nothing(
    case: Path, table: Path, mainstay: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, "", "no")
    said = mainstay("add", case, table, "--guess", "--zone", "UTC", "--person", "ann")
    assert said.code == 0
    assert "Q1: you left it out" in said.out
    assert "Nothing was kept." in said.out
    answering(monkeypatch, "a", "b", "c")
    said = mainstay("add", case, table, "--guess", "--zone", "UTC", "--person", "ann", "--map", "m.toml")
    assert said.code == 2
    assert not Path("m.toml").exists()


def test_what_needs_no_guess_or_cannot_be_guessed_is_refused(folder: Path, table: Path, mainstay: Run) -> None:
    case = folder / "c.mainstay"
    export = folder / "steps-2024-11-02.json"
    export.write_text(json.dumps([{"dateTime": "11/02/24 06:00:00", "value": "7"}]))
    assert "export of Fitbit" in mainstay("add", case, export, "--guess").err
    assert "is a folder" in mainstay("add", case, folder, "--guess").err
    assert "keep one" in mainstay("add", case, table, "--guess", "--as", "fitbit").err
    assert "is called 'eve'" in mainstay("add", case, table, "--guess", "--person", "eve").err
    assert "no time zone" in mainstay("add", case, table, "--guess", "--zone", "Nowhere").err
    assert "nothing at" in mainstay("add", case, folder / "no.csv", "--guess").err
    assert list(folder.glob("*.mainstay.toml")) == []
