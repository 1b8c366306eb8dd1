"""Backups: a whole, folded, encrypted copy that has been read back; and the way from such a copy to a casebook again.

Both build beside the casebook and put a finished file in place at once, so neither leaves half a file.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mainstay.casebook import container
from mainstay.casebook.keyslots import key_for
from mainstay.casebook.safe import Safe
from mainstay.errors import AlreadyThere, CasebookError, NotACasebook
from mainstay.quantities import Instant

if TYPE_CHECKING:
    from mainstay.casebook.store import Casebook

_BESIDE = ("-wal", "-shm", "-journal")
_NEWEST = "SELECT count(*), max(added_us), added_offset_s FROM record"


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup holds: records, when the newest was added (None: no records), and its size in bytes."""

    records: int
    newest: Instant | None
    bytes: int


@dataclass(frozen=True, slots=True)
class Gone:
    """What a casebook holds that a backup of it does not: records, and when the newest was added (None: no record)."""

    records: int
    newest: Instant | None


def write(path: Path, connection: Any, safe: Safe, out: Path, *, replace: bool = False) -> BackedUp:
    """Copies the casebook at `path`, as it is at one moment, to `out`: every page read back, in place at once.

    Other programs may read and write meanwhile. Refuses an existing file, with `replace` anything but a backup of this
    casebook (`AlreadyThere`), and a casebook in the middle of a change of key.
    """
    target = out.absolute()
    head = container.read_head(path)
    if head.change is not None:
        raise CasebookError(f"a change of key of {path.name} is not finished; close it everywhere and open it once")
    _refuse_target(target, path, head.case_id, replace)
    building = _beside(path)
    key = key_for("database", safe.master_key, head.case_id)
    try:
        with container.plain_errors(path):
            container.write_new_file(building, head)
            copy = container.connect(building, key, new=True, called=target)
            try:
                with copy.backup("main", connection, "main") as pages:
                    pages.step(-1)
            finally:
                copy.close()
            now = container.read_head(path)
            if not now.says_the_same(head):  # the ways in were changed meanwhile; the pages stand under the same key
                container.write_head(building, now)
        done = _read_back(building, key, target)
        _copy(building, target, replace)
    finally:
        container.remove_parts(building)
    return done


def _read_back(building: Path, key: bytes, called: Path) -> BackedUp:
    """Opens the copy and reads every page of it; refuses one that does not read as it was written."""
    with container.plain_errors(called):
        copy = container.connect(building, key, called=called)
        try:
            check_pages(copy, called)
            count, newest, offset = copy.execute(_NEWEST).fetchone()
        finally:
            copy.close()
    return BackedUp(count, None if newest is None else Instant(newest, offset), building.stat().st_size)


def check_pages(connection: Any, called: Path) -> None:
    """Reads every page in use and what links them; refuses (`NotACasebook`) where something is wrong."""
    with container.plain_errors(called):
        said = connection.execute("PRAGMA integrity_check(1)").get
        astray = connection.execute("PRAGMA foreign_key_check").fetchall()
    if said != "ok" or astray:
        raise NotACasebook(f"{called} is damaged: its pages don't fit together; use another backup")


def _refuse_target(target: Path, path: Path, case_id: bytes, replace: bool) -> None:
    if not target.parent.is_dir():
        raise CasebookError(f"the folder {target.parent} does not exist; make it first")
    if target.is_symlink() or (target.exists() and target.samefile(path)):
        raise AlreadyThere(f"{target} is the casebook itself or a link; choose another name")
    if not target.exists():
        return
    if not replace:
        raise AlreadyThere(f"{target} is already there; choose another name, or replace it with --replace")
    try:
        same = container.read_head(target).case_id == case_id
    except CasebookError:
        same = False
    if not same:
        raise AlreadyThere(f"{target} is no backup of this casebook, so it is not replaced; choose another name")
    _refuse_open(target)


def _refuse_open(target: Path) -> None:
    for tail in _BESIDE:
        if target.with_name(target.name + tail).exists():
            raise AlreadyThere(
                f"{target} seems to be open in another program ({target.name}{tail} lies beside it), so it is not "
                "replaced; close it there, or open it once more, so that what lies beside it is taken in"
            )


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")


def _copy(built: Path, target: Path, replace: bool) -> None:
    """A copy of the finished file under its name, on whatever disk that is: synced, read back, in place at once."""
    part = _beside(target)
    with container.plain_errors(target):
        try:
            part.touch(mode=0o600, exist_ok=False)
            shutil.copyfile(built, part)
            if not _same_bytes(built, part):
                raise CasebookError(f"what was written to {target} does not read back as written; check that disk")
            put_in_place(part, target, replace)
        finally:
            part.unlink(missing_ok=True)


def _same_bytes(one: Path, other: Path) -> bool:
    with one.open("rb") as first, other.open("rb") as second:
        while True:
            left, right = first.read(1 << 20), second.read(1 << 20)
            if left != right:
                return False
            if not left:
                return True


def put_in_place(built: Path, target: Path, replace: bool) -> None:
    """Gives the finished file its name, at once or not at all; over an existing file only with `replace`."""
    if replace and target.exists():
        container.sync(built)
        built.replace(target)
        if os.name == "posix":
            container.sync(target.parent)
    else:
        container.move_into_place(built, target)


@contextmanager
def restoring(backup: Path, case: Path, passphrase: str, *, replace: bool = False) -> Iterator[Casebook]:
    """The backup as an open casebook, beside where it will stand; it takes its place when the block ends well.

    Every page has been read by then. The passphrase is the one the backup was made under. Refuses a place where
    something is (`AlreadyThere`); with `replace` what was there is moved aside (see `aside`), never written over.
    """
    from mainstay.casebook.store import Casebook

    target = case.absolute()
    if not target.parent.is_dir():
        raise CasebookError(f"the folder {target.parent} does not exist; make it first")
    if target.exists() and target.samefile(backup):
        raise AlreadyThere(f"{backup} is the casebook itself; give the backup first and then the name to restore to")
    if not (replace and target.exists()):
        container.room_for(target)
    container.read_head(backup)
    building = _beside(target)
    try:
        with container.plain_errors(target):
            _take(backup, building)
        try:
            casebook = Casebook.open(building, passphrase)
        except NotACasebook as error:
            raise NotACasebook(f"{backup} is damaged; use another backup") from error
        with casebook:
            check_pages(casebook._open_connection(), backup)
            yield casebook
        with container.plain_errors(target):
            if replace and target.exists():
                _refuse_open(target)
                target.rename(aside(target))
            container.move_into_place(building, target)
    finally:
        container.remove_parts(building)


def _take(backup: Path, building: Path) -> None:
    """Copies a backup, with the log beside it if it was copied while open."""
    for tail in ("", "-wal"):
        source, copy = backup.with_name(backup.name + tail), building.with_name(building.name + tail)
        if source.exists():
            copy.touch(mode=0o600, exist_ok=False)
            shutil.copyfile(source, copy)


def aside(case: Path) -> Path:
    """Where a casebook is moved to when a backup takes its place: a name that is free."""
    number = 1
    while (found := case.with_name(f"{case.stem}.replaced-{number}{case.suffix}")).exists():
        number += 1
    return found


def would_be_gone(existing: Any, backup: Any) -> Gone:
    """What the one casebook (its connection) holds and the other, to be restored in its place, does not."""
    held = {id_ for (id_,) in backup.execute("SELECT id FROM record")}
    lost, newest = 0, None
    for id_, added, offset in existing.execute("SELECT id, added_us, added_offset_s FROM record"):
        if id_ not in held:
            lost += 1
            newest = max(newest or Instant(added, offset), Instant(added, offset))
    return Gone(lost, newest)
