"""What a form sends: read whole, and never more than a form can hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from mainstay.errors import BadRequest

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

FORM = "application/x-www-form-urlencoded"
MOST_BYTES, MOST_FIELDS = 256 * 1024, 400
SLOWEST_S = 30.0
"""A form that takes longer to arrive on one machine does not come from a browser."""


class Fields(Mapping[str, str]):
    """The fields of a form by name. A name sent several times holds its last value; `all` gives every one."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs
        self._last = dict(pairs)

    def __getitem__(self, name: str) -> str:
        return self._last[name]

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._last)

    def __len__(self) -> int:
        return len(self._last)

    def all(self, name: str) -> tuple[str, ...]:
        """Every value sent under a name, in order."""
        return tuple(value for held, value in self._pairs if held == name)

    def text(self, name: str) -> str:
        """What was typed, without spaces at its ends; empty where nothing was."""
        return self._last.get(name, "").strip()


def posted(work: Callable[[Request, Fields], Response]) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for a form: `work(request, fields)` runs in a thread of its own, after the form was read."""

    @wraps(work)
    async def endpoint(request: Request) -> Response:
        from starlette.concurrency import run_in_threadpool

        return await run_in_threadpool(work, request, await fields_of(request))

    return endpoint


async def fields_of(request: Request) -> Fields:
    """The form of a request. Refuses (`BadRequest`) another kind of content, and more than a form can hold."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != FORM:
        raise BadRequest("this did not come from a form of this page")
    held = bytearray()
    async for part in parts_of(request, SLOWEST_S):
        held += part
        if len(held) > MOST_BYTES:
            raise BadRequest(f"that is more than a form may hold ({MOST_BYTES // 1024} KB); say it in fewer words")
    try:
        pairs = parse_qsl(
            held.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS,
            strict_parsing=bool(held),
        )  # fmt: skip
    except ValueError as error:
        raise BadRequest("this form can't be read; go back and send it again") from error
    return Fields(pairs)


async def parts_of(request: Request, slowest_s: float) -> AsyncIterator[bytes]:
    """What a request sends, piece by piece. Refuses (`BadRequest`) one that stalls for so long, or breaks off."""
    from starlette.requests import ClientDisconnect

    sent = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout(slowest_s):
                part = await anext(sent)
        except StopAsyncIteration:
            return
        except (TimeoutError, ClientDisconnect) as error:
            raise BadRequest("what was sent broke off in the middle; go back and send it again") from error
        yield part
