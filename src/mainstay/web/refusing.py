"""What somebody reads who is not let in: plain words, and no word of whose casebook it is."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response

_PAGE = (
    "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Not shown</title>"
    "<meta name='viewport' content='width=device-width, initial-scale=1'></head><body><main><h1>Not shown</h1>"
    "<p>{said}</p></main></body></html>"
)


def refusal(status: int, said: str) -> Response:
    """A short page that says why."""
    from starlette.responses import HTMLResponse

    return HTMLResponse(_PAGE.format(said=escape(said)), status_code=status)
