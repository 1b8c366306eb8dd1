"""Where an export lies: a file, a folder or a zip, seen as files by name. What is inside is hostile until parsed.

Nothing is ever unpacked onto the disk: members of a zip are read as streams, so a name that points elsewhere or a
member that swells costs no more than the time to stop reading it.
"""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import IO

from mainstay.errors import UnreadableSource

MOST_FILES = 500_000
LARGEST_READ_WHOLE = 512 * 1024 * 1024
"""Bytes of a file that is parsed in one piece; what may be larger is read as a stream."""

HEAD_BYTES = 8_192
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error)
_NOT_OURS = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


class Place:
    """A file, folder or zip. A single file that is no zip is a place with one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        self._zip: zipfile.ZipFile | None = None
        if not path.exists():
            raise UnreadableSource(f"there is no file or folder {path}")
        if path.is_dir():
            found = sorted(_walked(path))
            self._sizes = {one.relative_to(path).as_posix(): one.stat().st_size for one in found}
        elif path.is_file() and zipfile.is_zipfile(path):
            self._zip = _opened(path)
            members = [one for one in self._zip.infolist() if not one.is_dir()]
            if len(members) > MOST_FILES:
                raise UnreadableSource(
                    f"{path.name} holds {len(members):,} files; more than {MOST_FILES:,} is no export"
                )
            self._sizes = {one.filename: one.file_size for one in members}
        elif path.is_file():
            self._sizes = {path.name: path.stat().st_size}
        else:
            raise UnreadableSource(f"{path} is no file and no folder; save what it holds into a file and give that")
        self.files = tuple(name for name in self._sizes if not any(part in name for part in _NOT_OURS))

    def close(self) -> None:
        """Close the zip, if it is one."""
        if self._zip is not None:
            self._zip.close()

    @property
    def size(self) -> int:
        """Bytes in all files."""
        return sum(self._sizes[name] for name in self.files)

    def size_of(self, file: str) -> int:
        """Bytes of one file, as its place states them."""
        return self._sizes[file]

    def matching(self, *patterns: str) -> tuple[str, ...]:
        """The files whose last parts fit a pattern, in order: `*.csv`, `Global Export Data/sleep-*.json`."""
        return tuple(file for file in self.files if any(_fits(file, pattern) for pattern in patterns))

    def head(self, file: str, most: int = HEAD_BYTES) -> bytes:
        """The first bytes of a file; fewer where it is shorter or damaged there."""
        try:
            with self.open(file) as stream:
                return stream.read(most)
        except UnreadableSource:
            return b""

    @contextmanager
    def open(self, file: str) -> Iterator[IO[bytes]]:
        """A file as a stream of bytes. Refuses one that is encrypted or damaged."""
        try:
            if self._zip is not None:
                with self._zip.open(file) as stream:
                    yield stream
            else:
                with (self.path / file if self.path.is_dir() else self.path).open("rb") as stream:
                    yield stream
        except (*_DAMAGED, RuntimeError, NotImplementedError, EOFError) as error:
            raise UnreadableSource(f"{file} in {self.name} is damaged or encrypted: {error}") from error
        except OSError as error:
            raise UnreadableSource(f"{file} can't be read: {error.strerror or error}") from error

    def whole(self, file: str, most: int | None = None) -> bytes:
        """All of a file. Refuses more than `most` bytes (without it 512 MB), whatever the zip says of it."""
        most = LARGEST_READ_WHOLE if most is None else most
        with self.open(file) as stream:
            content = stream.read(most + 1)
        if len(content) > most:
            raise UnreadableSource(f"{file} is larger than {most >> 20} MB; that is not what it should be")
        return content

    def watched(self, stream: IO[bytes], told: Callable[[int], None], step: int = 1 << 20) -> Iterator[bytes]:
        """The stream in pieces of `step` bytes, telling how many there were so far."""
        done = 0
        while piece := stream.read(step):
            done += len(piece)
            told(done)
            yield piece


def _fits(file: str, pattern: str) -> bool:
    depth = pattern.count("/") + 1
    return fnmatchcase("/".join(PurePosixPath(file).parts[-depth:]).lower(), pattern.lower())


def _walked(folder: Path) -> Iterator[Path]:
    """The files below a folder. A link is not followed: it may point anywhere."""
    count = 0
    for path in folder.rglob("*"):
        try:
            is_one = path.is_file() and not path.is_symlink()
        except OSError as error:
            raise UnreadableSource(
                f"{folder.name} holds what can't be opened ({error.strerror}); give the export's own folder"
            ) from error
        if is_one:
            count += 1
            if count > MOST_FILES:
                raise UnreadableSource(
                    f"{folder.name} holds more than {MOST_FILES:,} files; give the export's own folder"
                )
            yield path


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, NotImplementedError, struct.error, ValueError) as error:
        raise UnreadableSource(f"{path.name} is a damaged zip file: {error}; export it again") from error
