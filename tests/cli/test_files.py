"""Claims about outputs at the door: whole or not at all."""

import errno
import os
from pathlib import Path

import pytest

from mainstay.cli.files import as_sentence, check_output, whole_file, whole_folder
from mainstay.errors import AlreadyThere, BadRequest


class Stopped(Exception):
    """Something that goes wrong in the middle of writing."""


def test_a_file_appears_whole(tmp_path: Path) -> None:
    with whole_file(tmp_path / "out.svg") as part:
        assert part.suffix == ".svg"
        part.write_text("all of it")
        assert not (tmp_path / "out.svg").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out.svg"]
    assert (tmp_path / "out.svg").read_text() == "all of it"


def test_a_file_half_written_leaves_the_earlier_one_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "out.svg"
    out.write_text("before")
    with pytest.raises(Stopped), whole_file(out) as part:
        part.write_text("half")
        raise Stopped
    assert [path.name for path in tmp_path.iterdir()] == ["out.svg"]
    assert out.read_text() == "before"


def test_what_is_written_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    with whole_file(tmp_path / "out.html") as part:
        part.write_text("private")
    if os.name == "posix":
        assert (tmp_path / "out.html").stat().st_mode & 0o077 == 0


def test_a_folder_appears_whole(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "out") as part:
        (part / "one.csv").write_text("1")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out" / "one.csv").read_text() == "1"


def test_a_folder_half_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Stopped), whole_folder(tmp_path / "out") as part:
        (part / "one.csv").write_text("1")
        raise Stopped
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_not_replaced_unasked(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    with pytest.raises(AlreadyThere, match="already holds something"), whole_folder(tmp_path / "out"):
        pass
    assert (tmp_path / "out" / "mine").exists()


def test_a_folder_half_replaced_is_the_earlier_one(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    with pytest.raises(Stopped), whole_folder(tmp_path / "out", replace=True):
        raise Stopped
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "mine"]


def test_a_folder_is_replaced_when_asked(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    with whole_folder(tmp_path / "out", replace=True) as part:
        (part / "new").touch()
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "new"]


def test_an_output_needs_an_ending_that_says_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=r"must end in \.svg or \.png"):
        check_output(tmp_path / "picture.jpg", (".svg", ".png"))


def test_an_output_never_replaces_the_casebook(tmp_path: Path) -> None:
    case = tmp_path / "anna.svg"
    case.touch()
    with pytest.raises(BadRequest, match="is the casebook itself"):
        check_output(tmp_path / "anna.svg", (".svg",), case)


def test_an_output_is_no_folder_and_needs_one_that_exists(tmp_path: Path) -> None:
    (tmp_path / "f.svg").mkdir()
    with pytest.raises(BadRequest, match="is a folder"):
        check_output(tmp_path / "f.svg", (".svg",))
    with pytest.raises(BadRequest, match="no folder"):
        check_output(tmp_path / "absent" / "f.svg", (".svg",))


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EACCES, errno.EISDIR, errno.ENOSPC, errno.ELOOP, errno.EIO])
def test_what_the_system_refuses_is_a_sentence_that_names_the_file(number: int) -> None:
    said = as_sentence(OSError(number, os.strerror(number), "diary.csv"))
    assert said.startswith("diary.csv ")
    assert "Errno" not in said
