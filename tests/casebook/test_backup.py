"""Backups: whole while others write, read back before they are there, and never over something else."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from mainstay.casebook import Casebook, Consent, container
from mainstay.casebook.backup import restoring
from mainstay.errors import AlreadyThere, CasebookError, NotACasebook, WrongPassphrase
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch, Event, Record, Signal

NOW = Instant(1_700_000_000_000_000, 3600)
PASSPHRASE = "four quiet words here"


def walk(name: str, at: Instant = NOW) -> Batch:
    return Batch("by hand", (Record(name, "acts", at, at, "by hand", Event("walk", "relief")),))


@pytest.fixture
def casebook(new_casebook, diary, now):
    made = new_casebook()
    made.add(diary, Consent(given_at=now), now=now)
    signal = Signal("heart", "bpm", np.arange(50_000, dtype=np.int64) * 1_000_000, np.arange(50_000.0))
    made.add(
        Batch("watch", (Record("h", "watch", NOW, NOW, "watch", signal),)), Consent(given_at=now), now=now.plus_days(1)
    )
    return made


def ids(casebook: Casebook) -> set[str]:
    return {record.id for record in casebook.read("own_answers", now=NOW.plus_days(2)).records}


def test_a_backup_opens_with_the_same_passphrase_and_holds_the_same(casebook, tmp_path):
    out = tmp_path / "copy.mainstay"
    done = casebook.back_up(out)
    assert (done.records, done.newest, done.bytes) == (9, NOW.plus_days(1), out.stat().st_size)
    with Casebook.open(out, PASSPHRASE) as copy:
        assert ids(copy) == ids(casebook)
        assert copy.streams() == casebook.streams()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "case.mainstay", "case.mainstay-shm", "case.mainstay-wal", "copy.mainstay"
    ]  # fmt: skip
    assert out.stat().st_mode & 0o077 == 0


def test_a_backup_is_folded_and_encrypted(casebook, tmp_path):
    casebook.back_up(tmp_path / "copy.mainstay")
    content = (tmp_path / "copy.mainstay").read_bytes()
    assert b"tension" not in content
    assert b"SQLite format" not in content


WRITER = """
import sys
from mainstay.casebook import Casebook, Consent
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch, Event, Record
now = Instant(1_700_000_000_000_000, 3600)
with Casebook.open(sys.argv[1], "four quiet words here") as casebook:
    for k in range(100_000):
        pair = [Record(f"w{k} {half}", "acts", now, now, "w", Event("walk", "relief")) for half in "ab"]
        casebook.add(Batch("w", tuple(pair)), Consent(given_at=now), now=now)
        print(k, flush=True)
"""


def test_a_backup_made_while_another_program_writes_is_one_moment_of_it(casebook, tmp_path):
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(casebook.path)], stdout=subprocess.PIPE, text=True, bufsize=1
    )
    try:
        assert writer.stdout is not None
        for turn in range(4):
            done = int(writer.stdout.readline())
            out = tmp_path / f"copy-{turn}.mainstay"
            casebook.back_up(out)
            with Casebook.open(out, PASSPHRASE) as copy:
                found = {name for name in ids(copy) if name.startswith("w")}
            pairs = len(found) // 2
            assert pairs > done
            assert found == {f"w{k} {half}" for k in range(pairs) for half in "ab"}
            time.sleep(0.02)
        assert writer.poll() is None  # it never had to stop
    finally:
        writer.kill()
        writer.wait()


def test_an_existing_file_is_replaced_only_when_told_and_only_by_its_own(casebook, tmp_path, new_casebook):
    out = tmp_path / "copy.mainstay"
    casebook.back_up(out)
    before = out.read_bytes()
    casebook.add(walk("new"), Consent(given_at=NOW), now=NOW)
    with pytest.raises(AlreadyThere, match="--replace"):
        casebook.back_up(out)
    assert out.read_bytes() == before
    casebook.back_up(out, replace=True)
    with Casebook.open(out, PASSPHRASE) as copy:
        assert "new" in ids(copy)
    other = new_casebook("other.mainstay")
    other.close()
    (tmp_path / "letter").write_text("dear")
    for precious in (other.path, tmp_path / "letter"):
        before = precious.read_bytes()
        with pytest.raises(AlreadyThere, match="no backup of this casebook"):
            casebook.back_up(precious, replace=True)
        assert precious.read_bytes() == before
    with pytest.raises(AlreadyThere, match="itself"):
        casebook.back_up(casebook.path, replace=True)


def test_a_backup_that_is_open_is_not_replaced(casebook, tmp_path):
    out = tmp_path / "copy.mainstay"
    casebook.back_up(out)
    with Casebook.open(out, PASSPHRASE), pytest.raises(AlreadyThere, match="open in another program"):
        casebook.back_up(out, replace=True)


def test_a_backup_that_does_not_read_back_is_never_put_in_place(casebook, tmp_path, monkeypatch):
    real = container.write_new_file
    built: list[Path] = []
    monkeypatch.setattr(container, "write_new_file", lambda path, head: (built.append(path), real(path, head)))
    check = container.read_head

    def spoil(path: Path):
        if built and built[0].exists() and built[0].stat().st_size > 40_000:
            content = bytearray(built[0].read_bytes())
            content[20_000] ^= 1
            built[0].write_bytes(bytes(content))
        return check(path)

    monkeypatch.setattr(container, "read_head", spoil)
    with pytest.raises(NotACasebook, match="damaged"):
        casebook.back_up(tmp_path / "copy.mainstay")
    assert not list(tmp_path.glob("*copy*"))
    assert not list(tmp_path.glob(".*"))


def test_a_disk_that_writes_something_else_is_found_out(casebook, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.copyfile", lambda source, target: Path(target).write_bytes(b"something else"))
    with pytest.raises(CasebookError, match="check that disk"):
        casebook.back_up(tmp_path / "copy.mainstay")
    assert not list(tmp_path.glob("*copy*"))


def test_a_folder_that_is_not_there_is_told(casebook, tmp_path):
    with pytest.raises(CasebookError, match="does not exist"):
        casebook.back_up(tmp_path / "none" / "copy.mainstay")


def test_restoring_brings_back_what_was_backed_up(casebook, tmp_path):
    casebook.back_up(tmp_path / "copy.mainstay")
    with restoring(tmp_path / "copy.mainstay", tmp_path / "again.mainstay", PASSPHRASE) as found:
        assert not (tmp_path / "again.mainstay").exists()
        assert ids(found) == ids(casebook)
    with Casebook.open(tmp_path / "again.mainstay", PASSPHRASE) as again:
        assert ids(again) == ids(casebook)
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("spoilt", ["flip", "cut", "empty"])
def test_a_damaged_backup_is_refused_and_nothing_is_put_in_place(casebook, tmp_path, spoilt):
    out = tmp_path / "copy.mainstay"
    casebook.back_up(out)
    content = bytearray(out.read_bytes())
    content[len(content) // 2] ^= 1
    out.write_bytes({"flip": bytes(content), "cut": bytes(content[: len(content) // 2]), "empty": b""}[spoilt])
    with pytest.raises(NotACasebook), restoring(out, tmp_path / "again.mainstay", PASSPHRASE):
        raise AssertionError("it was let in")
    assert not list(tmp_path.glob("*again*"))
    assert not list(tmp_path.glob(".*"))


def test_a_wrong_passphrase_restores_nothing(casebook, tmp_path):
    casebook.back_up(tmp_path / "copy.mainstay")
    with (
        pytest.raises(WrongPassphrase),
        restoring(tmp_path / "copy.mainstay", tmp_path / "again.mainstay", "other quiet words here"),
    ):
        raise AssertionError("it was let in")
    assert not list(tmp_path.glob("*again*"))


def test_what_breaks_off_while_restoring_leaves_the_casebook_as_it_was(casebook, tmp_path):
    casebook.back_up(tmp_path / "copy.mainstay")
    casebook.add(walk("new"), Consent(given_at=NOW), now=NOW)
    casebook.close()
    before = casebook.path.read_bytes()
    with (
        pytest.raises(KeyboardInterrupt),
        restoring(tmp_path / "copy.mainstay", casebook.path, PASSPHRASE, replace=True),
    ):
        raise KeyboardInterrupt
    assert casebook.path.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["case.mainstay", "copy.mainstay"]


def test_restoring_never_writes_over_a_casebook(casebook, tmp_path):
    copy = tmp_path / "copy.mainstay"
    casebook.back_up(copy)
    with pytest.raises(AlreadyThere), restoring(copy, casebook.path, PASSPHRASE):
        raise AssertionError("it was let in")
    with pytest.raises(AlreadyThere, match="itself"), restoring(copy, copy, PASSPHRASE, replace=True):
        raise AssertionError("it was let in")
    with (
        pytest.raises(AlreadyThere, match="open in another program"),
        restoring(copy, casebook.path, PASSPHRASE, replace=True),
    ):
        pass
    assert not list(tmp_path.glob("*replaced*"))


def test_the_casebook_that_was_there_is_moved_aside_whole(casebook, tmp_path):
    casebook.back_up(tmp_path / "copy.mainstay")
    casebook.add(walk("new"), Consent(given_at=NOW), now=NOW)
    casebook.close()
    for _ in range(2):
        with restoring(tmp_path / "copy.mainstay", casebook.path, PASSPHRASE, replace=True):
            pass
    with Casebook.open(tmp_path / "case.replaced-1.mainstay", PASSPHRASE) as kept:
        assert "new" in ids(kept)
    with Casebook.open(tmp_path / "case.replaced-2.mainstay", PASSPHRASE) as kept:
        assert "new" not in ids(kept)


def test_what_a_backup_lacks_is_counted(casebook, tmp_path):
    casebook.back_up(tmp_path / "copy.mainstay")
    later = NOW.plus_days(3)
    casebook.add(walk("new", later), Consent(given_at=NOW), now=later)
    with Casebook.open(tmp_path / "copy.mainstay", PASSPHRASE) as older:
        gone = casebook.would_be_gone(older)
        assert (gone.records, gone.newest) == (1, later)
        assert older.would_be_gone(casebook).records == 0
