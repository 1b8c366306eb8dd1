"""Files that leave through the page, and small ones that come in: named neutrally, kept nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

from mainstay.errors import BadRequest

if TYPE_CHECKING:
    from starlette.responses import Response

    from mainstay.web.uploads import Upload

PIECE = 1 << 18
LARGEST_SMALL = 16 * 2**20


def attachment(content: bytes | IO[bytes], name: str, kind: str = "application/octet-stream") -> Response:
    """A file to be kept by the browser, never shown in it; an open one is sent piece by piece, and closed."""
    from starlette.responses import Response as Whole
    from starlette.responses import StreamingResponse

    headers = {"content-disposition": f'attachment; filename="{name}"'}
    if isinstance(content, bytes):
        return Whole(content, media_type=kind, headers=headers)
    return StreamingResponse(_pieces(content), media_type=kind, headers=headers)


def content_of(upload: Upload | None) -> bytes | None:
    """What a small file holds; None where none was chosen. Refuses (`BadRequest`) a large one."""
    if upload is None:
        return None
    try:
        if upload.size > LARGEST_SMALL:
            raise BadRequest("that file is far too large to be one of these")
        return upload.path.read_bytes()
    finally:
        upload.close()


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece
