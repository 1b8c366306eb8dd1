"""Claims about `export` and `import` at the door: the warning, what is named, and that it comes back."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.conftest import Said
from mainstay.casebook import Casebook
from mainstay.cli import asking

WORDS = "four quiet words here"


@pytest.fixture
def filled(case: Path, folder: Path, mainstay: Callable[..., Said]) -> Path:
    """The casebook with three days of diary in it."""
    assert mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml").code == 0
    return case


def content(path: Path) -> tuple[object, ...]:
    with Casebook.open(path, WORDS) as casebook:
        parcel = casebook.take_out(now=asking.now())
        return repr(parcel.records), repr(parcel.items), parcel.anchors, repr(parcel.consents)


@pytest.mark.parametrize("out", ["written", "written.zip"])
def test_what_is_exported_and_imported_is_the_same(
    filled: Path, folder: Path, mainstay: Callable[..., Said], out: str
) -> None:
    said = mainstay("export", filled, folder / out, "--yes")
    assert said.code == 0
    assert "They are not encrypted" in said.out
    assert "README.md" in said.out
    again = mainstay("import", folder / "again.mainstay", folder / out)
    assert again.code == 0
    assert "Made" in again.out
    assert content(folder / "again.mainstay") == content(filled)
    twice = mainstay("import", folder / "again.mainstay", folder / out)
    assert "added 0 records" in twice.out
    assert content(folder / "again.mainstay") == content(filled)


def test_without_a_yes_nothing_is_written(filled: Path, folder: Path, mainstay: Callable[..., Said]) -> None:
    before = set(folder.iterdir())
    said = mainstay("export", filled, folder / "written")
    assert said.code == 2
    assert "--yes" in said.err
    assert set(folder.iterdir()) == before


@pytest.mark.parametrize(("typed", "code"), [("yes\n", 0), (" Yes \n", 0), ("y\n", 2), ("\n", 2), ("", 2)])
def test_on_a_terminal_yes_is_typed(
    filled: Path,
    folder: Path,
    mainstay: Callable[..., Said],
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    code: int,
) -> None:
    terminal = io.StringIO(typed)
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", terminal)
    assert mainstay("export", filled, folder / "written").code == code
    assert (folder / "written").exists() == (code == 0)


@pytest.mark.parametrize("out", ["there", "there.zip", "anna.mainstay"])
def test_what_is_there_is_not_written_over(filled: Path, folder: Path, mainstay: Callable[..., Said], out: str) -> None:
    (folder / "there").mkdir()
    (folder / "there" / "letter").write_text("dear")
    (folder / "there.zip").write_text("dear")
    before = (folder / out).read_bytes() if (folder / out).is_file() else b""
    assert mainstay("export", filled, folder / out, "--yes").code == 2
    assert ((folder / out).read_bytes() if (folder / out).is_file() else b"") == before
    assert [path.name for path in (folder / "there").iterdir()] == ["letter"]


def test_a_stream_without_consent_is_named_on_screen_and_in_the_page(
    filled: Path, folder: Path, mainstay: Callable[..., Said]
) -> None:
    with Casebook.open(filled, WORDS) as casebook:
        [diary] = [stream.name for stream in casebook.streams() if "tension" in stream.name or stream.count > 10]
        casebook.withdraw([diary], ["own_answers"], now=asking.now())
    said = mainstay("export", filled, folder / "written.zip", "--yes")
    assert f"consent does not cover your own answers now: {diary}" in said.out
    with zipfile.ZipFile(folder / "written.zip") as packed:
        assert json.loads(packed.read("export.json"))["left_out"] == [diary]
        assert "**Not in here**" in packed.read("README.md").decode()


def test_an_import_that_fails_makes_no_casebook(folder: Path, mainstay: Callable[..., Said]) -> None:
    said = mainstay("import", folder / "new.mainstay", folder / "diary.csv")
    assert said.code == 2
    assert "mainstay export" in said.err
    assert not list(folder.glob("*new*"))


def test_an_import_that_is_refused_inside_leaves_no_casebook(
    filled: Path, folder: Path, mainstay: Callable[..., Said]
) -> None:
    mainstay("export", filled, folder / "written", "--yes")
    held = json.loads((folder / "written" / "consents.json").read_text())
    held["events"][0]["noted"] = "2999-01-01T00:00:00.000000+00:00"
    (folder / "written" / "consents.json").write_text(json.dumps(held))
    said = mainstay("import", folder / "new.mainstay", folder / "written")
    assert said.code == 2
    assert "future" in said.err
    assert not list(folder.glob("*new*"))


@pytest.mark.parametrize("stopped", [KeyboardInterrupt, MemoryError])
def test_an_import_that_is_stopped_leaves_no_empty_casebook(
    case: Path, folder: Path, mainstay: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, stopped: type
) -> None:
    mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml")
    assert mainstay("export", case, folder / "out.zip", "--yes").code == 0

    def stop(*_: object, **__: object) -> None:
        raise stopped

    monkeypatch.setattr("mainstay.casebook.portability.put_in", stop)
    said = mainstay("import", folder / "new.mainstay", folder / "out.zip")
    assert said.code in {2, 130}
    assert not list(folder.glob("*new.mainstay*"))
