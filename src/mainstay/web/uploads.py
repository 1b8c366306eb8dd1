"""A file that comes in through the page: taken piece by piece into memory that has no name on any disk.

The readers want a path, so a link with a neutral name leads to it, from a folder that only its owner can enter. What
the browser calls the file is shown to the person and used for nothing else but the kind of file and the source's name.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.errors import BadRequest
from mainstay.report.words import clean
from mainstay.web.forms import MOST_BYTES, MOST_FIELDS, SLOWEST_S, Fields, parts_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

FORM_WITH_FILE = "multipart/form-data"
LARGEST_BYTES = 512 * 1024 * 1024
LONGEST_NAME = 120
MOST_HEADERS, LONGEST_HEADER = 8, 16 * 1024
GIVE_THE_PLACE = "give its place on this machine instead"
TOO_LARGE = f"that file is larger than {LARGEST_BYTES >> 20} MB, the most that is taken this way; {GIVE_THE_PLACE}"
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,12}")
_NAME = re.compile(rb'\bname="([^"]*)"')
_FILE = re.compile(rb'\bfilename="((?:[^"\\]|\\.)*)"')


def can_be_taken() -> bool:
    """Whether this system has memory that looks like a file; where it has none, a path is given instead."""
    return hasattr(os, "memfd_create") and Path("/proc/self/fd").is_dir()


class Upload:
    """A file in memory. `called`: what the browser says is its name; `path`: where it can be read until `close`."""

    def __init__(self, called: str) -> None:
        if not can_be_taken():
            raise BadRequest(f"on this system a file can't be taken without writing it to the disk; {GIVE_THE_PLACE}")
        self.called = _plain_name(called)
        self.size = 0
        self._fd = os.memfd_create("upload", os.MFD_CLOEXEC)
        self._folder = Path(tempfile.mkdtemp(prefix="mainstay-"))
        suffix = Path(self.called).suffix
        self.path = self._folder / f"upload{suffix.lower() if _SUFFIX.fullmatch(suffix) else ''}"
        self.path.symlink_to(f"/proc/{os.getpid()}/fd/{self._fd}")

    def write(self, data: memoryview | bytes) -> None:
        """Add a piece. Refuses (`BadRequest`) what there is no memory for."""
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(self._fd, left) :]
        except OSError as error:
            raise BadRequest(f"there is not enough memory to take that file; {GIVE_THE_PLACE}") from error
        self.size += len(data)

    def close(self) -> None:
        """Let go of the memory and take the link away. Twice is harmless."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)
            shutil.rmtree(self._folder, ignore_errors=True)


def _plain_name(called: str) -> str:
    """The last part of a name, whatever it was made of: without folders, controls and what is longer than a name."""
    last = clean(re.split(r"[/\\]", called)[-1]).strip().strip(".")
    stem, suffix = Path(last).stem, Path(last).suffix
    return (stem[: LONGEST_NAME - len(suffix)] + suffix)[:LONGEST_NAME] or "file"


def uploaded(
    work: Callable[[Request, Fields, Upload | None], Response],
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for a form with one file: `work(request, fields, upload)` runs in a thread of its own, and closes
    the upload when it is done with it."""

    @wraps(work)
    async def endpoint(request: Request) -> Response:
        from starlette.concurrency import run_in_threadpool

        fields, upload = await taken(request)
        return await run_in_threadpool(work, request, fields, upload)

    return endpoint


async def taken(request: Request) -> tuple[Fields, Upload | None]:
    """The fields of a form and its file, if one was chosen. Refuses what is no such form, several files, too much.

    What is too large is still read to its end, and kept nowhere: a browser shows an answer only then.
    """
    form = _Form(_boundary(request.headers.get("content-type", "")))
    try:
        async for part in parts_of(request, SLOWEST_S):
            form.take(part)
        return form.finished()
    except BaseException:
        form.drop()
        raise


def _boundary(content_type: str) -> bytes:
    from python_multipart.multipart import parse_options_header

    kind, options = parse_options_header(content_type)
    boundary: bytes | None = options.get(b"boundary")
    if kind != FORM_WITH_FILE.encode() or not boundary or len(boundary) > 70:
        raise BadRequest("this did not come from a form of this page")
    return boundary


class _Form:
    """A form on its way in."""

    def __init__(self, boundary: bytes) -> None:
        from python_multipart.multipart import MultipartParser

        self.upload: Upload | None = None
        self._refused: BadRequest | None = None
        self._pairs: list[tuple[str, str]] = []
        self._head = bytearray()
        self._name: str | None = None
        self._text = bytearray()
        self._held = 0
        self._in_file = self._whole = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin, "on_part_data": self._data, "on_part_end": self._end,
                "on_header_value": self._value, "on_header_end": self._value_end, "on_headers_finished": self._headed,
                "on_end": self._all,
            },
            max_header_count=MOST_HEADERS, max_header_size=LONGEST_HEADER,
        )  # fmt: skip

    def take(self, part: bytes) -> None:
        from python_multipart.exceptions import FormParserError

        if self._refused is not None:
            return
        try:
            self._parser.write(part)
        except FormParserError:
            self._refuse("this form can't be read; go back and send it again")
        except BadRequest as refused:
            self._refused = refused
        if self._refused is not None:
            self.drop()

    def finished(self) -> tuple[Fields, Upload | None]:
        if self._refused is None and not self._whole:
            self._refuse("what was sent broke off in the middle; go back and send it again")
        if self._refused is not None:
            raise self._refused
        return Fields(self._pairs), self.upload

    def drop(self) -> None:
        if self.upload is not None:
            self.upload.close()
            self.upload = None

    def _refuse(self, said: str) -> None:
        self._refused = BadRequest(said)

    def _begin(self) -> None:
        self._head.clear()
        self._text.clear()
        self._name, self._in_file = None, False

    def _value(self, data: bytes, start: int, end: int) -> None:
        self._head += data[start:end]

    def _value_end(self) -> None:
        self._head += b"\n"

    def _headed(self) -> None:
        name, file = _NAME.search(self._head), _FILE.search(self._head)
        if name is None:
            raise BadRequest("this form can't be read; go back and send it again")
        self._name = name[1].decode("utf-8", "replace")
        if file is None:
            return
        self._in_file = True
        if file[1]:
            if self.upload is not None:
                raise BadRequest("one file at a time, please")
            self.upload = Upload(file[1].decode("utf-8", "replace"))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            if self.upload is None:
                return
            if self.upload.size + end - start > LARGEST_BYTES:
                raise BadRequest(TOO_LARGE)
            self.upload.write(memoryview(data)[start:end])
            return
        self._held += end - start
        if self._held > MOST_BYTES:
            raise BadRequest(f"that is more than a form may hold ({MOST_BYTES // 1024} KB); say it in fewer words")
        self._text += data[start:end]

    def _end(self) -> None:
        if not self._in_file and self._name is not None:
            if len(self._pairs) >= MOST_FIELDS:
                raise BadRequest("this form can't be read; go back and send it again")
            self._pairs.append((self._name, self._text.decode("utf-8", "replace")))

    def _all(self) -> None:
        self._whole = True
