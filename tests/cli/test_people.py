"""Claims about `people`: only the owner sees names, and a forgotten one stays forgotten."""

from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "Said"]  # noqa: F821 - tests/cli/conftest.py
MAPPING = """
[source]
name = "meetings"
zone = "Europe/Amsterdam"
time = "when"

[[event]]
when = "met == 1"
label = "visit"
is = "relief"
contacts = "who"
"""


@pytest.fixture
def filled(case: Path, folder: Path, mainstay: Run) -> Path:
    (folder / "met.csv").write_text("when,met,who\n2024-01-08T09:00,1,Ben\n2024-01-09T09:00,1,Ada; Ben\n")
    (folder / "met.toml").write_text(MAPPING)
    assert mainstay("add", case, folder / "met.csv", "--map", folder / "met.toml").code == 0
    return case


def test_the_people_on_record_are_listed_with_their_pseudonyms(filled: Path, mainstay: Run) -> None:
    lines = mainstay("people", filled).out.splitlines()
    assert [line.split(":")[0] for line in lines[:2]] == ["Ada", "Ben"]
    assert all(" person-" in line for line in lines[:2])
    assert "Only you see these names" in lines[2]


def test_an_empty_casebook_has_nobody(case: Path, mainstay: Run) -> None:
    assert mainstay("people", case).out == "Nobody is on record.\n"


def test_a_forgotten_name_does_not_come_back_with_the_same_file(filled: Path, mainstay: Run, folder: Path) -> None:
    said = mainstay("people", filled, "--forget", "Ben", "--yes")
    assert (said.code, said.err) == (0, "")
    assert "do this again" in said.out
    assert mainstay("add", filled, folder / "met.csv", "--map", folder / "met.toml").code == 0
    assert "Ben" not in mainstay("people", filled).out
    assert "name forgotten: person-" in mainstay("people", filled).out


def test_somebody_unknown_can_not_be_forgotten(filled: Path, mainstay: Run) -> None:
    said = mainstay("people", filled, "--forget", "Cleo", "--yes")
    assert (said.code, "Cleo" in said.err) == (2, True)


def test_forgetting_needs_a_word(filled: Path, mainstay: Run) -> None:
    said = mainstay("people", filled, "--forget", "Ben")
    assert (said.code, "--yes" in said.err) == (2, True)
    assert "Ben" in mainstay("people", filled).out
