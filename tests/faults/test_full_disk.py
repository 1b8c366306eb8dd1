"""Fault 3: a disk that is full or fails at any write or sync gives a clear error and loses nothing."""

import subprocess
import sys
from types import SimpleNamespace

import apsw
import pytest

from mainstay.casebook import container
from mainstay.errors import CasebookError


@pytest.fixture
def failing_disk(monkeypatch):
    """A file system over ours whose next writes and syncs can be made to fail from the n-th on."""
    container._file_system()
    disk = SimpleNamespace(fail_at=None, error=apsw.FullError, count=0)

    def maybe_fail() -> None:
        disk.count += 1
        if disk.fail_at is not None and disk.count >= disk.fail_at:
            raise disk.error("as the test wants it")

    class FailingFile(apsw.VFSFile):
        def xWrite(self, data, offset):  # noqa: N802 - SQLite's name
            maybe_fail()
            super().xWrite(data, offset)

        def xSync(self, flags):  # noqa: N802
            maybe_fail()
            super().xSync(flags)

    class Failing(apsw.VFS):
        def xOpen(self, name, flags):  # noqa: N802
            return FailingFile("mainstay", name, flags)

    file_system = Failing("failing", base="mainstay")
    plain = container._file_system()[1]
    monkeypatch.setattr(container, "_file_system", lambda: (file_system, plain, "multipleciphers-failing"))
    return disk


def survive(case, disk, fail_at: int, error: type[Exception]) -> bool:
    """Adds a second batch while the disk fails from write `fail_at` on; whether it failed at all."""
    casebook = case.open()
    before = case.content(casebook)
    number = len(before) // case.writer.RECORDS_PER_BATCH
    disk.count, disk.fail_at, disk.error = 0, fail_at, error
    try:
        case.add(casebook, number)
        failed = False
    except CasebookError as told:
        failed = True
        assert "disk" in str(told) or "room" in str(told)
    reached = disk.count >= fail_at
    disk.fail_at = None
    here = case.content(casebook)
    assert here == (before if failed else case.content_after(number + 1))
    casebook.close()
    again = case.open()
    # A batch whose last sync failed may be on the disk whole after all; adding it again would add nothing.
    assert case.content(again) in (here, case.content_after(number + 1))
    again.close()
    return reached


@pytest.mark.parametrize("error", [apsw.FullError, apsw.IOError])
@pytest.mark.parametrize("writes", [12, pytest.param(500, marks=pytest.mark.long)])
def test_a_disk_that_fails_at_any_write_loses_nothing(case, failing_disk, error, writes):
    casebook = case.open()
    case.add(casebook, 0)
    casebook.close()
    reached = [survive(case, failing_disk, fail_at, error) for fail_at in range(1, writes + 1)]
    assert reached[0]


def test_a_creation_on_a_full_disk_leaves_nothing(tmp_path, case, failing_disk):
    from mainstay.casebook import Casebook, KeySlotCost

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
