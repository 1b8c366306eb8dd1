"""`mainstay audit`: a readable list, checkpoints, and what was changed in it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mainstay.casebook import Casebook

Run = Callable[..., object]


@pytest.fixture
def kept(case: Path, folder: Path, mainstay: Run) -> Path:
    assert mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml").code == 0
    mainstay("tell", case)
    return case


def spoil(case: Path, folder: Path, harm: str) -> None:
    with Casebook.open(case, (folder / "passphrase").read_text().strip()) as casebook:
        casebook._connection.execute(harm)


def test_the_list_names_streams_and_purposes(kept: Path, mainstay: Run) -> None:
    said = mainstay("audit", kept)
    assert said.code == 0
    assert "added records: " in said.out
    assert "consent given for your own answers: " in said.out
    assert "read for your own answers: " in said.out
    assert "tension" in said.out
    assert "Every entry carries its seal" in said.out


def test_the_last_entries_and_all_of_them_as_json(kept: Path, mainstay: Run) -> None:
    assert "The last 1 of" in mainstay("audit", kept, "--last", "1").out
    told = json.loads(mainstay("audit", kept, "--json").out)
    assert told["findings"] == []
    assert [one["number"] for one in told["entries"]] == list(range(1, len(told["entries"]) + 1))
    assert {"tension", "walk"} <= {stream["name"] for stream in told["entries"][0]["streams"]}


def test_a_checkpoint_verifies_and_a_cut_end_shows_against_it(kept: Path, folder: Path, mainstay: Run) -> None:
    assert "Wrote" in mainstay("audit", kept, "--checkpoint", "point.json").out
    held = mainstay("audit", kept, "--verify", "point.json")
    assert held.code == 0
    assert "Nothing was changed, removed or cut off" in held.out
    spoil(kept, folder, "DELETE FROM audit WHERE number > 2")
    assert mainstay("audit", kept).code == 0
    cut = mainstay("audit", kept, "--verify", "point.json")
    assert cut.code == 1
    assert "the end was cut off" in cut.out


def test_an_edit_is_found_without_a_checkpoint(kept: Path, folder: Path, mainstay: Run) -> None:
    spoil(kept, folder, "UPDATE audit SET count = 0 WHERE number = 1")
    said = mainstay("audit", kept)
    assert said.code == 1
    assert "entry 1 does not carry its seal" in said.out
    assert json.loads(mainstay("audit", kept, "--json").out)["findings"]


def test_an_earlier_checkpoint_is_not_written_over(kept: Path, mainstay: Run) -> None:
    mainstay("audit", kept, "--checkpoint", "point.json")
    said = mainstay("audit", kept, "--checkpoint", "point.json")
    assert said.code == 2
    assert "already there" in said.err


@pytest.mark.parametrize("content", ["", "{}", "[]", "\x00", "[" * 100_000, '{"mainstay": "audit checkpoint"}'])
def test_another_file_is_no_checkpoint(kept: Path, folder: Path, mainstay: Run, content: str) -> None:
    (folder / "point.json").write_text(content)
    said = mainstay("audit", kept, "--verify", folder / "point.json")
    assert (said.code, said.out) == (2, "")
    assert "is no checkpoint" in said.err


def test_a_checkpoint_that_is_not_there_is_told(kept: Path, mainstay: Run) -> None:
    assert "there is no file" in mainstay("audit", kept, "--verify", "nowhere.json").err
