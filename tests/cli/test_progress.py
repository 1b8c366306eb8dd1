"""The bar says how fast and how long still; stopped with Ctrl-C, a casebook is as it was."""

import io
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest

from mainstay.cli import keeping, progress
from mainstay.cli.progress import bar, pace

from .conftest import Said, diary


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_pace_is_told_in_words() -> None:
    assert pace(None, "bytes") == pace(0.0, "records") == ""
    assert pace(85.4e6, "bytes") == "85 MB/s"
    assert pace(2_500.0, "bytes") == "2 kB/s"
    assert pace(1_234.0, "records") == "1,234 records/s"


def test_long_work_shows_its_pace_and_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    clock = iter(x / 2 for x in range(100))
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    with bar("Reading") as tell:
        assert tell is not None
        for done in range(1, 6):
            tell(done * 10_000_000, 60_000_000)
    shown = terminal.getvalue()
    assert "Reading" in shown
    assert "MB/s" in shown
    assert "0:00:0" in shown


def test_short_work_and_work_that_nobody_watches_show_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    with bar("Reading") as tell:
        assert tell is None
    monkeypatch.setattr("sys.stderr", terminal)
    with bar("Reading") as tell:
        assert tell is not None
        tell(1, 1)
    assert terminal.getvalue() == ""


@pytest.mark.parametrize(("what", "share"), [("Reading", 0.4), ("Keeping", 0.0), ("Keeping", 0.6), ("Keeping", 1.0)])
def test_ctrl_c_leaves_the_casebook_as_it_was(
    folder: Path,
    case: Path,
    mainstay: Callable[..., Said],
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    share: float,
) -> None:
    assert mainstay("add", case, "diary.csv", "--map", "diary.toml").code == 0
    before = mainstay("consent", case, "show").out
    (folder / "longer.csv").write_text(diary(600))

    @contextmanager
    def interrupted(now: str, of: str = "bytes"):
        def tell(done: int, total: int) -> None:
            if now == what and done >= share * total:
                raise KeyboardInterrupt

        yield tell

    with monkeypatch.context() as patched:
        patched.setattr(keeping, "bar", interrupted)
        said = mainstay("add", case, "longer.csv", "--map", "diary.toml")
    assert said.code == 130
    assert "Added" not in said.out
    assert mainstay("consent", case, "show").out == before
    assert "15 records" in before
    said = mainstay("add", case, "longer.csv", "--map", "diary.toml")
    assert (said.code, "Added" in said.out) == (0, True)
