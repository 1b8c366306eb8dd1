"""A casebook, a diary and a mapping, small and invented; and the least cost of a keyslot, for tests alone."""

import builtins
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mainstay.casebook import KeySlotCost
from mainstay.cli import asking, run

MAPPING = """
[source]
name = "diary"
zone = "Europe/Amsterdam"
time = "when"
anchor = "tension"

[[item]]
column = "tension"
label = "How tense are you?"
low = 1
high = 7
better = "low"

[[event]]
when = "deadline == 1"
label = "deadline"
is = "demand"

[[event]]
when = "walk == 1"
label = "walk"
is = "relief"
"""


GETTING_READY = "Getting ready for this machine: once, about two minutes ...\n"
"""Said by whichever command comes first on a machine where nothing is compiled yet."""


@dataclass(frozen=True)
class Said:
    """What a run of the command said: its exit code, what it printed, and what it said on the error stream."""

    code: int
    out: str
    err: str


@pytest.fixture
def mainstay(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run the command once, in this process."""

    def once(*arguments: object) -> Said:
        code = run([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Said(code, printed.out, printed.err.removeprefix(GETTING_READY))

    return once


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a passphrase file, a mapping and a diary of three days."""
    monkeypatch.setattr("mainstay.casebook.store.KeySlotCost", KeySlotCost.least)
    (tmp_path / "passphrase").touch(mode=0o600)
    (tmp_path / "passphrase").write_text("four quiet words here\n")
    monkeypatch.setenv(asking.PASSPHRASE_FILE, str(tmp_path / "passphrase"))
    (tmp_path / "diary.toml").write_text(MAPPING)
    (tmp_path / "diary.csv").write_text(diary(3))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def case(folder: Path, mainstay: Callable[..., Said]) -> Path:
    """An empty casebook in that folder."""
    path = folder / "anna.mainstay"
    assert mainstay("new", path).code == 0
    return path


def diary(days: int) -> str:
    """Five check-ins a day with a deadline on some mornings and a walk on some evenings; invented."""
    start = datetime(2024, 1, 8, 9)
    rows = ["when,tension,deadline,walk"]
    for day in range(days):
        for prompt in range(5):
            at = start + timedelta(days=day, hours=3 * prompt)
            tension = 2 + (day * 7 + prompt * 3) % 5
            rows.append(
                f"{at:%Y-%m-%dT%H:%M},{tension},{int(prompt == 0 and day % 2)},{int(prompt == 4 and day % 3 == 0)}"
            )
    return "\n".join(rows) + "\n"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """At a terminal, with these answers typed one after the other; gives the questions that were asked."""

    def these(*answers: str) -> list[str]:
        left, asked = iter(answers), list[str]()

        def answer(question: str) -> str:
            asked.append(question)
            try:
                return next(left)
            except StopIteration:
                raise EOFError from None

        monkeypatch.setattr(asking, "at_a_terminal", lambda: True)
        monkeypatch.setattr(builtins, "input", answer)
        return asked

    return these


@pytest.fixture
def comes(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """By standard input, without a terminal."""

    def these(content: str) -> None:
        monkeypatch.setattr(asking, "at_a_terminal", lambda: False)
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content.encode())))

    return these
