"""The file itself: a plain head of 16 KiB, then an encrypted SQLite database, in one file.

SQLite is given a file system of its own (an `apsw.VFS`) in which the database starts after the head. The encryption
of SQLite3 Multiple Ciphers lies above it, so the head is the only plain text and every page, also in the write-ahead
log, is ChaCha20 with a Poly1305 tag. Why one file and how it was measured: docs/decisions/0002-casebook-file.md.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from mainstay.casebook.head import COPY_BYTES, HEAD_BYTES, Head, decode, decode_both, encode
from mainstay.errors import AlreadyThere, CasebookError, NotACasebook

PAGE_BYTES = 4096
# SQLite locks bytes at 1 GiB; staying below keeps them clear of our shifted pages (Windows won't read locked bytes).
_MOST_PAGES = ((1 << 30) - HEAD_BYTES) // PAGE_BYTES - 1
_BUSY_MS = 5000


@cache
def _file_system() -> tuple[Any, str, str]:
    """Our file system, registered once: the object (kept alive), the plain one's name, and ours under encryption."""
    import apsw

    plain = apsw.vfs_names()[0].removeprefix("multipleciphers-")

    class AfterHead(apsw.VFSFile):
        """A database file whose byte 0 is the first byte after the head."""

        def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 - SQLite's name
            data: bytes = super().xRead(amount, offset + HEAD_BYTES)
            return data

        def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
            super().xWrite(data, offset + HEAD_BYTES)

        def xTruncate(self, size: int) -> None:  # noqa: N802
            super().xTruncate(size + HEAD_BYTES)

        def xFileSize(self) -> int:  # noqa: N802
            return max(0, int(super().xFileSize()) - HEAD_BYTES)

    class Headed(apsw.VFS):
        """Opens databases after their head; logs and everything else as they are."""

        def xOpen(self, name: Any, flags: list[int]) -> Any:  # noqa: N802
            kind = AfterHead if flags[0] & apsw.SQLITE_OPEN_MAIN_DB else apsw.VFSFile
            return kind(plain, name, flags)

    return Headed("mainstay", base=plain), plain, "multipleciphers-mainstay"


def read_head(path: Path) -> Head:
    """The head of the file at `path`. Refuses what is not there, can't be read, or is no casebook.

    Read through SQLite's own file layer: closing a file of one's own would drop the locks that POSIX keeps per process.
    """
    import apsw

    if not path.exists():
        raise NotACasebook(f"there is no casebook at {path}; make one with 'mainstay new'")
    if not path.is_file():
        raise NotACasebook(f"{path} is not a file, so it can't be a casebook")
    with plain_errors(path), _plainly(path, apsw.SQLITE_OPEN_READONLY) as file:
        return decode(file.xRead(HEAD_BYTES, 0))


def write_head(path: Path, head: Head) -> None:
    """Makes `head` the head of the file at `path`; whoever calls holds the database's write lock.

    First the older copy is rewritten and synced, then the other: one of them is whole at any moment, and afterwards
    neither lets in a key that the new head does not. The generation goes on from what is there.
    """
    import apsw

    with plain_errors(path), _plainly(path, apsw.SQLITE_OPEN_READWRITE) as file:
        there = file.xRead(HEAD_BYTES, 0)
        generation = decode(there).generation + 1
        first, second = decode_both(there)
        newer = 0 if second is None or (first is not None and first.generation > second.generation) else 1
        for place, number in ((1 - newer, generation), (newer, generation - 1)):
            file.xWrite(encode(replace(head, generation=number)), place * COPY_BYTES)
            file.xSync(apsw.SQLITE_SYNC_FULL)


def overwrite_head(path: Path) -> None:
    """Puts random bytes over both copies of the head: no keyslot is left, and nothing of the file can be opened again.

    Refuses while another program has it open.
    """
    import apsw

    with plain_errors(path), _plainly(path, apsw.SQLITE_OPEN_READWRITE) as file:
        file.xLock(apsw.SQLITE_LOCK_SHARED)
        try:
            file.xLock(apsw.SQLITE_LOCK_EXCLUSIVE)
            file.xWrite(secrets.token_bytes(HEAD_BYTES), 0)
            file.xSync(apsw.SQLITE_SYNC_FULL)
        finally:
            file.xUnlock(apsw.SQLITE_LOCK_NONE)


def copies_agree(path: Path) -> bool:
    """Whether both copies of the head are whole and let in the same keys; not so after a kill between the two."""
    import apsw

    with plain_errors(path), _plainly(path, apsw.SQLITE_OPEN_READONLY) as file:
        first, second = decode_both(file.xRead(HEAD_BYTES, 0))
    return first is not None and second is not None and first.says_the_same(second)


@contextmanager
def _plainly(path: Path, mode: int) -> Iterator[Any]:
    """The file without encryption or shift, through SQLite's own file layer."""
    import apsw

    _, plain, _ = _file_system()
    file = apsw.VFSFile(plain, str(path), [apsw.SQLITE_OPEN_MAIN_DB | mode, 0])
    try:
        yield file
    finally:
        file.xClose()


def connect(path: Path, key: bytes, *, new: bool = False, called: Path | None = None) -> Any:
    """A connection to the database after the head, under the raw 32-byte key; errors name it as it is `called`.

    Refuses a key that does not fit, and a database without a single page, unless it is `new`: it was cut off.
    """
    import apsw

    _, _, name = _file_system()
    with plain_errors(called or path):
        if not os.access(path, os.W_OK):
            raise apsw.ReadOnlyError
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE, vfs=name)
        try:
            connection.set_busy_timeout(_BUSY_MS)
            _set(connection, "cipher", "'chacha20'", "chacha20")
            _set(connection, "hexkey", _as_pragma(key), "ok")
            for pragma, value in (
                ("temp_store", "MEMORY"),
                ("secure_delete", "ON"),
                ("synchronous", "FULL"),
                ("foreign_keys", "ON"),
                ("trusted_schema", "OFF"),
                ("mmap_size", "0"),
                ("cell_size_check", "ON"),
                ("max_page_count", str(_MOST_PAGES)),
                ("wal_autocheckpoint", "0"),  # `fold` does it, apart from the commit
            ):
                connection.execute(f"PRAGMA {pragma}={value}").fetchall()
            if not new and connection.execute("PRAGMA page_count").get == 0:
                raise NotACasebook(f"{path} has been cut off: its records are gone; restore it from a backup")
            _set(connection, "journal_mode", "WAL", "wal")
        except BaseException:
            connection.close(True)
            raise
        return connection


def alone(connection: Any) -> None:
    """Makes this the only connection and keeps every other out until it is closed; the log is folded in and gone.

    Refuses, without having changed anything, while another program has the casebook open.
    """
    connection.execute("PRAGMA locking_mode=EXCLUSIVE").fetchall()
    _set(connection, "journal_mode", "DELETE", "delete")


def encrypt_anew(connection: Any, key: bytes) -> None:
    """Writes every page under another raw key, in one transaction with a rollback journal; after a kill the database
    is wholly under the one or wholly under the other. Only for a connection that is `alone`: see decision 0013."""
    _set(connection, "hexrekey", _as_pragma(key), "ok")


def _as_pragma(key: bytes) -> str:
    return f"'{(b'raw:' + key).hex()}'"


def _set(connection: Any, pragma: str, value: str, answer: str) -> None:
    # These would leave the file readable or a commit unsafe if they failed in silence.
    got = connection.execute(f"PRAGMA {pragma}={value}").get
    if got != answer:
        raise CasebookError(f"the casebook can't be opened safely: {pragma} is {got!r} where {answer!r} is needed")


@contextmanager
def transaction(connection: Any, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    """All that is done in the block, or nothing of it."""
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite has rolled back by itself after some errors of the disk.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def fold(connection: Any) -> bool:
    """Folds the log into the file without waiting for readers; whether the disk allowed it.

    If not, nothing is lost: what was committed is in the log, and the next fold or opening takes it up. That is why
    folding is kept apart from the commit, where its failure would look as if nothing had been added.
    """
    import apsw

    try:
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
    except (apsw.IOError, apsw.FullError, apsw.BusyError, apsw.LockedError):
        return False
    return True


def write_new_file(path: Path, head: Head) -> None:
    """A new file at `path` with the head and an empty database space; mode 0600; never over an existing file."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        copy = encode(head)
        # The second copy is an older generation with the same slots: one of the two is whole at any time.
        os.write(file, copy + encode(Head(head.case_id, head.slots, head.generation - 1)))
        os.fsync(file)
    finally:
        os.close(file)


def room_for(path: Path) -> Path:
    """A temporary name beside `path` for building a new casebook. Refuses if anything of an old one is there."""
    for there in (path, *(path.with_name(path.name + tail) for tail in ("-wal", "-shm", "-journal"))):
        if there.exists() or there.is_symlink():
            raise AlreadyThere(f"{there} is already there; choose another name or move it away first")
    if not path.parent.is_dir():
        raise CasebookError(f"the folder {path.parent} does not exist; make it first")
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")


def move_into_place(built: Path, path: Path) -> None:
    """Gives the finished file its name, at once or not at all, and never over an existing file."""
    sync(built)
    try:
        os.link(built, path)
    except FileExistsError as error:
        raise AlreadyThere(f"{path} is already there; choose another name or move it away first") from error
    except OSError:  # a file system without hard links
        if path.exists():
            raise AlreadyThere(f"{path} is already there; choose another name or move it away first") from None
        built.rename(path)
    else:
        built.unlink()
    if os.name == "posix":
        sync(path.parent)


def remove_parts(path: Path) -> None:
    """Removes an unfinished file and what SQLite laid beside it."""
    for tail in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + tail).unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Returns when what was written to the file, or the names in the folder, are on the disk."""
    file = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _no_room(path: Path) -> str:
    return f"there is no room left to write {path}; what was there before is safe: make some room and try again"


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turns what SQLite and the system raise into this house's errors: what happened, and what to do."""
    import apsw

    try:
        yield
    except (apsw.NotADBError, apsw.CorruptError, apsw.FormatError) as error:
        raise NotACasebook(f"{path} is damaged; restore it from a backup") from error
    except (apsw.BusyError, apsw.LockedError, apsw.ProtocolError) as error:
        raise CasebookError(f"{path} is in use by another program; try again when it has finished") from error
    except apsw.FullError as error:
        raise CasebookError(_no_room(path)) from error
    except (apsw.ReadOnlyError, apsw.CantOpenError, apsw.PermissionsError, apsw.AuthError) as error:
        raise CasebookError(f"{path} can't be opened for writing; check its permissions and its folder's") from error
    except apsw.IOError as error:
        raise CasebookError(
            f"the disk would not read or write {path} ({error}); it may be full. What was there before is safe: "
            "make some room and try again"
        ) from error
    except apsw.Error as error:
        raise CasebookError(f"{path}: {error}") from error
    except MemoryError as error:
        raise CasebookError(f"there is not enough memory to work with {path}; close other programs") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise CasebookError(_no_room(path)) from error
        raise CasebookError(f"{path} can't be written or read: {error.strerror}; check its permissions") from error
