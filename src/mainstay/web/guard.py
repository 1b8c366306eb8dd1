"""What every request must pass before anything is looked at: from this machine, to this address, from this page.

A page that listens on a machine can be reached by every other page in the same browser, and by every program beside it.
So: one exact `Host` (no rebinding of names), a cookie that only the one-time address gives, changes only with our own
`Origin`, nothing inside a frame, and answers that may be neither stored nor embedded nor allowed to fetch elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mainstay.web.refusing import refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOST = "127.0.0.1"
METHODS = ("GET", "HEAD", "POST")
OPEN = "/open"
POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
        "connect-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
    )
)  # fmt: skip
HEADERS = (
    ("content-security-policy", POLICY),
    ("x-frame-options", "DENY"),
    ("x-content-type-options", "nosniff"),
    # not no-referrer: with it a browser sends its own forms with the origin "null"
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("x-dns-prefetch-control", "off"),
)
NOT_STORED = ("cache-control", "no-store")
FRAMES = ("iframe", "frame", "embed", "object", "fencedframe")
TOKEN_LIVES_S = 600.0


@dataclass(slots=True)
class Doorkeeper:
    """Who may come in: tokens that open once and not for long, and the cookies they were exchanged for.

    Only digests are held. `tick` is a clock that never goes back, in seconds.
    """

    port: int
    tick: Callable[[], float]
    _tokens: dict[bytes, float] = field(default_factory=dict)
    _cookies: set[bytes] = field(default_factory=set)

    @property
    def host(self) -> str:
        """The one `Host` that is answered."""
        return f"{HOST}:{self.port}"

    @property
    def origin(self) -> str:
        """The one origin from which something may be changed."""
        return f"http://{self.host}"

    @property
    def cookie(self) -> str:
        """The cookie's name: cookies are shared by every port of a machine, so it carries ours."""
        return f"mainstay-{self.port}"

    def address(self) -> str:
        """A new address that opens the page once, within ten minutes."""
        token = secrets.token_urlsafe(32)
        now = self.tick()
        self._tokens = {held: until for held, until in self._tokens.items() if until > now}
        self._tokens[_digest(token)] = now + TOKEN_LIVES_S
        return f"{self.origin}{OPEN}?token={token}"

    def exchange(self, token: str) -> str | None:
        """A new cookie's value for a token that was never used; None for any other."""
        until = self._tokens.pop(_digest(token), None)
        if until is None or until <= self.tick():
            return None
        value = secrets.token_urlsafe(32)
        self._cookies.add(_digest(value))
        return value

    def knows(self, cookies: Iterable[str]) -> bool:
        """Whether one of the `Cookie` headers holds a value that was given out here."""
        known = tuple(self._cookies)
        for header in cookies:
            for part in header.split(";"):
                name, _, value = part.strip().partition("=")
                if name == self.cookie and any(hmac.compare_digest(_digest(value), held) for held in known):
                    return True
        return False


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


class Guard:
    """The outermost layer of the page."""

    def __init__(self, app: ASGIApp, doorkeeper: Doorkeeper) -> None:
        self.app, self.doorkeeper = app, doorkeeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or let through; every answer leaves with our headers."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return

        begun = False

        async def sealed(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message = {**message, "headers": _sealed(message["headers"])}
            await send(message)

        answer = self._refused(scope)
        try:
            await (answer or self.app)(scope, receive, sealed)
        except Exception:  # what the server would print of it may hold what the records say
            if not begun:
                await refusal(500, "Something in Mainstay itself went wrong. Nothing was lost.")(scope, receive, sealed)

    def _refused(self, scope: Scope) -> ASGIApp | None:  # noqa: PLR0911 - each line is one reason to refuse
        """Why this request goes no further; None where it may."""
        keeper = self.doorkeeper
        client = scope.get("client")
        if not client or client[0] != HOST:
            return refusal(403, "This page answers only this machine.")
        if _all(scope, b"host") != [keeper.host] or not scope["path"].startswith("/"):
            return refusal(421, "This is not the address of the page.")
        if scope["method"] not in METHODS:
            return refusal(405, "A page can be looked at, and its forms sent; nothing else.")
        site, target, origin = (_all(scope, name) for name in (b"sec-fetch-site", b"sec-fetch-dest", b"origin"))
        if any(one in FRAMES for one in target):
            return refusal(403, "This page opens in a window of its own only, never inside another.")
        if any(one not in ("same-origin", "none") for one in site) or any(one != keeper.origin for one in origin):
            return refusal(403, "Another page asked for this, so it is not shown.")
        if scope["method"] == "POST" and (origin != [keeper.origin] or "none" in site):
            return refusal(403, "This did not come from a form of this page, so nothing has changed.")
        if scope["path"] == OPEN:
            return None
        if not keeper.knows(_all(scope, b"cookie")):
            return refusal(
                401,
                "This window has not been let in. Go back to the terminal where Mainstay runs and press Enter: "
                "it opens the page anew.",
            )
        return None


def _all(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for held, value in scope["headers"] if held == name]


def _sealed(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    ours = [(name.encode(), value.encode()) for name, value in (*HEADERS, NOT_STORED)]
    named = {name for name, _ in ours}
    return [(name, value) for name, value in headers if name.lower() not in named] + ours
