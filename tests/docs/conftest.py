"""A place to follow a tutorial in: its clock, its folder, its passphrases, and the commands as the pages write them."""

from __future__ import annotations

import importlib.util
import re
import shlex
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from docs.blocks import ROOT, Block, Step, blocks_of, differences, steps_of
from mainstay.casebook import KeySlotCost
from mainstay.cli import asking, run
from mainstay.quantities import Instant

MINUTE = timedelta(minutes=1)
_CLOCK = re.compile(r"<!-- the clock says (\S+) -->\s*$")
_CALLED = re.compile(r"# (\S+\.toml)\n")


def the_script() -> Any:
    """examples/diary/make.py, as a module."""
    spec = importlib.util.spec_from_file_location("make_diary", ROOT / "examples" / "diary" / "make.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


class Reader:
    """Follows a page from top to bottom: runs what it shows, in one folder, by a clock that the page sets.

    Each command comes a minute after the one before. A page sets the clock by a comment before a block."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.monkeypatch, self.capsys = folder, monkeypatch, capsys
        self.clock = datetime(2026, 11, 23, 18).astimezone()
        monkeypatch.setattr(asking, "now", lambda: Instant.of(self.clock))
        monkeypatch.chdir(folder)
        monkeypatch.setenv("COLUMNS", "80")

    def follow(self, page: Path, most: int | None = None) -> list[str]:
        """Everything in which the page and the commands differ. `most`: so many blocks, from the first."""
        text = page.read_text(encoding="utf-8")
        wrong = []
        for block in blocks_of(page)[:most]:
            before = "\n".join(text.splitlines()[: block.line - 1])
            if found := _CLOCK.search(before):
                self.clock = datetime.fromisoformat(found[1]).astimezone()
            if block.not_run:
                continue
            if block.language == "console":
                wrong += [fault for step in steps_of(block) if (fault := self.take(step))]
            elif block.language == "toml":
                wrong += self.compare(block)
        return wrong

    def take(self, step: Step) -> str:
        """Do one step; why it went otherwise than shown, or nothing."""
        words = shlex.split(step.command)
        self.clock += MINUTE
        self.capsys.readouterr()
        if words[0] == "cd":
            self.monkeypatch.chdir(Path.cwd() / words[1])
            code = 0
        elif words[:2] == ["python3", "examples/diary/make.py"] or words[1:2] == ["../examples/diary/make.py"]:
            self.make(words[2:])
            code = 0
        elif words[0] == "mainstay":
            code = run(words[1:])
        else:
            return f"{step.where}: {step.command}: no test knows how to run this"
        printed = self.capsys.readouterr()
        said = printed.out + printed.err
        if code != 0 and "mainstay: " not in "".join(step.shown):
            return f"{step.where}: {step.command}: exit code {code}: {said}"
        fault = differences(step.shown, said)
        return f"{step.where}: {step.command}\n{fault}" if fault else ""

    def make(self, words: list[str]) -> None:
        """The script beside the tutorial, with the page's day as today."""
        script = the_script()
        lived = Path(words[2]) if words[1:2] == ["--lived"] else None
        script.make(Path(words[0]), script.WRITTEN_ON, lived)

    def compare(self, block: Block) -> list[str]:
        """A file shown under its name (`# nights.toml` as its first line) holds, in the folder, what the page shows."""
        found = _CALLED.match(block.text)
        if found is None:
            return []
        file = Path.cwd() / found[1]
        if not file.exists():
            return [f"{block.where}: there is no {found[1]}"]
        missing = differences(tuple(block.text.splitlines()[1:]), file.read_text(encoding="utf-8"))
        return [f"{block.where}: {found[1]}\n{missing}"] if missing else []


@pytest.fixture
def diary_folder() -> Callable[[Path], None]:
    """Puts the tutorial's invented diary and its files into a folder."""

    def into(folder: Path) -> None:
        script = the_script()
        script.make(folder, script.WRITTEN_ON)

    return into


@pytest.fixture
def amsterdam() -> Iterator[None]:
    """This process in the time zone of Amsterdam."""
    if not hasattr(time, "tzset"):
        pytest.skip("this system can't set a process's time zone")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "Europe/Amsterdam")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def reader(
    tmp_path: Path, amsterdam: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Reader:
    """Somebody in Amsterdam with an empty folder, who typed their passphrases into files."""
    monkeypatch.setattr("mainstay.casebook.store.KeySlotCost", KeySlotCost.least)
    for name, words in {
        asking.PASSPHRASE_FILE: "a quiet evening at home",
        asking.SHARE_PASSPHRASE_FILE: "for one reader alone",
    }.items():
        file = tmp_path / name.lower()
        file.touch(mode=0o600)
        file.write_text(words + "\n")
        monkeypatch.setenv(name, str(file))
    folder = tmp_path / "checkout"
    folder.mkdir()
    return Reader(folder, monkeypatch, capsys)
