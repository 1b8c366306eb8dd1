"""Fault 3: a disk that is full or fails at any write or sync gives a clear error and loses nothing."""

import shutil
import subprocess
import sys
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import apsw
import pytest

from faults.conftest import PASSPHRASE
from mainstay.casebook import Casebook, KeySlotCost, container
from mainstay.casebook.backup import restoring
from mainstay.errors import CasebookError


class Disk:
    """Whose writes and syncs fail from the `fail_at`-th on."""

    def __init__(self) -> None:
        self.fail_at: int | None = None
        self.error: type[Exception] = apsw.FullError
        self.count = 0

    def used(self) -> None:
        self.count += 1
        if self.fail_at is not None and self.count >= self.fail_at:
            raise self.error("as the test wants it")


@cache
def failing_file_system() -> tuple[Disk, object]:
    """A file system over ours that asks the disk first. Made once: the encryption above keeps pointing to it."""
    container._file_system()
    disk = Disk()

    class FailingFile(apsw.VFSFile):
        def xWrite(self, data, offset):  # noqa: N802 - SQLite's name
            disk.used()
            super().xWrite(data, offset)

        def xSync(self, flags):  # noqa: N802
            disk.used()
            super().xSync(flags)

    class Failing(apsw.VFS):
        def xOpen(self, name, flags):  # noqa: N802
            return FailingFile("mainstay", name, flags)

    return disk, Failing("failing", base="mainstay")


@pytest.fixture
def failing_disk(monkeypatch, case):
    disk, file_system = failing_file_system()
    plain = container._file_system()[1]
    monkeypatch.setattr(container, "_file_system", lambda: (file_system, plain, "multipleciphers-failing"))
    disk.fail_at, disk.error, disk.count = None, apsw.FullError, 0
    yield disk
    disk.fail_at = None


def survive(case, disk, copy: Path, fail_at: int, error: type[Exception]) -> None:
    """Adds batches to a copy until the disk, failing from write or sync `fail_at` on, stops it."""
    shutil.copy(case.path, copy)
    casebook = case.open(copy)
    disk.count, disk.fail_at, disk.error = 0, fail_at, error
    added = 0
    with pytest.raises(CasebookError, match=r"disk|room"):
        while True:
            case.add(casebook, added)
            added += 1
    disk.fail_at = None
    assert case.content(casebook) == case.content_after(added)
    casebook.close()
    again = case.open(copy)
    # A batch whose last sync failed may be on the disk whole after all; adding it again would add nothing.
    assert case.content(again) in (case.content_after(added), case.content_after(added + 1))
    again.close()
    copy.unlink()


@pytest.mark.parametrize("error", [apsw.FullError, apsw.IOError])
@pytest.mark.parametrize("writes", [24, pytest.param(500, marks=pytest.mark.long)])
def test_a_disk_that_fails_at_any_write_loses_nothing(case, failing_disk, tmp_path, error, writes):
    for fail_at in range(1, writes + 1):
        survive(case, failing_disk, tmp_path / "copy", fail_at, error)


def test_a_creation_on_a_full_disk_leaves_nothing(tmp_path, case, failing_disk):
    failing_disk.fail_at, failing_disk.count = 3, 0
    with pytest.raises(CasebookError, match="room"):
        Casebook.create(tmp_path / "new", "some words", now=case.writer.NOW, cost=KeySlotCost.least())
    assert not [path for path in tmp_path.iterdir() if "new" in path.name]


@pytest.mark.skipif(sys.platform == "win32", reason="the limit on file size is a thing of POSIX")
def test_a_real_limit_on_file_size_stops_the_writer_cleanly(case):
    limited = (
        "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000));"
        "sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    command = [sys.executable, "-c", limited, case.script, str(case.path), case.key.hex(), "0"]
    stopped = subprocess.run(command, capture_output=True, text=True, check=False)
    acknowledged = len(stopped.stdout.splitlines())
    assert acknowledged > 0
    assert "CasebookError: the disk would not" in stopped.stderr
    casebook = case.open()
    assert case.content(casebook) == case.content_after(acknowledged)
    casebook.close()


@pytest.mark.parametrize("error", [apsw.FullError, apsw.IOError])
def test_a_read_that_can_not_be_noted_gives_nothing_out_and_says_why(case, failing_disk, error):
    casebook = case.open()
    case.add(casebook, 0)
    failing_disk.count, failing_disk.fail_at, failing_disk.error = 0, 1, error
    with pytest.raises(CasebookError, match=r"disk|room"):
        casebook.read("own_answers", now=case.writer.NOW)
    failing_disk.fail_at = None
    assert case.content(casebook) == case.content_after(1)
    casebook.close()


def erase_on(case, disk, copy: Path, fail_at: int, error: type[Exception]) -> bool:
    """Erases a stream from a copy whose disk fails from write or sync `fail_at` on; whether the erasure was done."""
    shutil.copy(case.path, copy)
    casebook = case.open(copy)
    (name,) = {stream.name for stream in casebook.streams()}
    disk.count, disk.fail_at, disk.error = 0, fail_at, error
    try:
        casebook.erase([name], now=case.writer.NOW)
        done, left = True, casebook.sweep()
    except CasebookError as refused:
        assert any(word in str(refused) for word in ("disk", "room"))
        done, left = False, ""
    failed = disk.count >= fail_at
    disk.fail_at = None
    # What was not swept says so; a failure of the very last folding leaves nothing unswept.
    assert ("room" in left) == (done and bool(casebook._connection.execute("SELECT count(*) FROM unswept").get))
    casebook.close()
    again = case.open(copy)
    gone = not again.streams()
    assert gone or (not done and case.content(again) == case.content_after(2))
    assert again.sweep() == ""
    assert len(again.receipt().erased) == int(gone)
    again.close()
    copy.unlink()
    return not failed


@pytest.mark.parametrize("error", [apsw.FullError, apsw.IOError])
@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.long)])
def test_a_disk_that_fails_at_any_write_of_an_erasure_does_all_of_it_or_nothing(
    case, failing_disk, tmp_path, error, step
):
    casebook = case.open()
    for number in range(2):
        case.add(casebook, number)
    casebook.close()
    fail_at = 1
    while not erase_on(case, failing_disk, tmp_path / "copy", fail_at, error):
        fail_at += step
    assert fail_at > 10


@contextmanager
def little_room(most: int):
    """No file may grow beyond so many bytes, as on a disk that is full."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.skipif(sys.platform == "win32", reason="the limit on file size is a thing of POSIX")
@pytest.mark.parametrize("most", [0, 20_000, 60_000, 100_000])
def test_a_restore_that_finds_no_room_leaves_nothing_and_harms_nothing(case, tmp_path, most):
    casebook = case.open()
    for number in range(4):
        case.add(casebook, number)
    casebook.back_up(tmp_path / "copy.mainstay")
    casebook.close()
    before = case.path.read_bytes()
    with (
        little_room(most),
        pytest.raises(CasebookError, match="room"),
        restoring(tmp_path / "copy.mainstay", case.path, PASSPHRASE, replace=True),
    ):
        raise AssertionError("there was room")
    assert case.path.read_bytes() == before
    assert [path.name for path in case.path.parent.iterdir()] == [case.path.name]


@pytest.mark.skipif(sys.platform == "win32", reason="the limit on file size is a thing of POSIX")
def test_an_import_that_finds_no_room_takes_nothing_in(case, tmp_path):
    casebook = case.open()
    for number in range(20):
        case.add(casebook, number)
    parcel = casebook.take_out(now=case.writer.NOW)
    casebook.close()
    other = Casebook.create(tmp_path / "other.mainstay", PASSPHRASE, now=case.writer.NOW, cost=KeySlotCost.least())
    with little_room(60_000), pytest.raises(CasebookError, match=r"disk|room"):
        other.put_in(parcel, now=case.writer.NOW)
    assert other.streams() == ()
    assert sum(other.put_in(parcel, now=case.writer.NOW).new.values()) == len(parcel.records)
    other.close()
