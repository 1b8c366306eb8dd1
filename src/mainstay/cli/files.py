"""Files at the door: outputs appear whole or not at all, and what the system refuses is said as a sentence."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mainstay.errors import AlreadyThere, BadRequest

_REASONS = {
    errno.ENOENT: "is not there",
    errno.EACCES: "can't be opened: this user may not",
    errno.EPERM: "can't be opened: this user may not",
    errno.EISDIR: "is a folder, and a file is needed",
    errno.ENOTDIR: "can't be reached: part of its path is a file",
    errno.EEXIST: "is already there",
    errno.ENOSPC: "could not be written: the disk is full",
    errno.EROFS: "can't be written: that disk is read-only",
    errno.EIO: "could not be read or written: the disk reports a fault",
    errno.ENAMETOOLONG: "has too long a name",
}


def as_sentence(refused: OSError) -> str:
    """What the operating system refused, naming the file."""
    reason = _REASONS.get(refused.errno or 0, f"can't be used: {refused.strerror or refused}")
    return f"{refused.filename} {reason}" if refused.filename else f"a file {reason}"


def check_output(path: Path, suffixes: tuple[str, ...], case: Path | None = None) -> Path:
    """The path of a file to be written. Refuses an ending that is not among `suffixes`, a folder, and the casebook."""
    if path.suffix.lower() not in suffixes:
        raise BadRequest(f"{path}: the name must end in {' or '.join(suffixes)}, which says what is written")
    if case is not None and path.exists() and path.samefile(case):
        raise BadRequest(f"{path} is the casebook itself; choose another name")
    if path.is_dir():
        raise BadRequest(f"{path} is a folder; give the name of a file in it")
    if not path.absolute().parent.is_dir():
        raise BadRequest(f"there is no folder {path.parent}; make it first")
    if path.exists() and not path.is_file():
        raise BadRequest(f"{path} is no ordinary file; choose another name")
    if not os.access(path.absolute().parent, os.W_OK):
        raise BadRequest(f"the folder {path.absolute().parent} can't be written to; choose another")
    return path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path to write to, beside `path` and with its ending; takes its place when the block ends well, else goes."""
    part = path.with_name(f".{path.stem}-{secrets.token_hex(4)}{path.suffix}")
    try:
        # what is written is readable by its owner alone: it leaves the encrypted file
        try:
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except OSError as refused:
            raise BadRequest(f"{path} can't be written: {refused.strerror}; choose another name") from refused
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path, *, replace: bool = False) -> Iterator[Path]:
    """A new folder beside `path`; takes its place when the block ends well, else goes. Refuses a folder that holds
    anything, unless told to replace it.
    """
    if path.exists() and not path.is_dir():
        raise AlreadyThere(f"{path} is already there and is no folder; choose another name")
    if path.is_dir() and any(path.iterdir()) and not replace:
        raise AlreadyThere(f"the folder {path} already holds something; choose another name")
    if not path.absolute().parent.is_dir():
        raise BadRequest(f"there is no folder {path.parent}; make it first")
    mark = secrets.token_hex(4)
    part, old = path.with_name(f".{path.name}-{mark}"), path.with_name(f".{path.name}-{mark}-old")
    try:
        try:
            part.mkdir()
        except OSError as refused:
            raise BadRequest(f"{path} can't be written: {refused.strerror}; choose another name") from refused
        yield part
        if path.exists():
            path.replace(old)
        try:
            part.replace(path)
        except OSError:
            if old.exists():
                old.replace(path)
            raise
    finally:
        for left in (part, old):
            if left.exists():
                shutil.rmtree(left)
