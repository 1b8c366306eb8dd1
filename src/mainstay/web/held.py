"""What a page keeps in memory between two steps of one thing, until the casebook is locked: never on any disk."""

from __future__ import annotations

import secrets
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mainstay.doors.sharing import Composed
    from mainstay.web.desk import Desk

NAME = "held"
MOST = 8


@dataclass(slots=True)
class NewCode:
    """A recovery code that was shown and is not kept yet: its words, which are asked back, how many tries are left."""

    words: tuple[str, ...] = field(repr=False)
    asked: tuple[int, ...]
    left: int = 3


@dataclass(slots=True)
class Look:
    """What somebody would see of a share, being worked out or there; the file, once it was made."""

    with_whom: str
    until: str
    found: Future[Composed]
    file: bytes = b""


@dataclass(slots=True)
class Held:
    """All of it, for one casebook while it is open. The oldest gives way to the newest."""

    told_before: dict[int, dict[tuple[str, str], str]] = field(default_factory=dict)
    codes: dict[str, NewCode] = field(default_factory=dict)
    looks: dict[str, Look] = field(default_factory=dict)
    _worker: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "share"))

    def close(self) -> None:
        """Let go of everything."""
        self._worker.shutdown(wait=False, cancel_futures=True)
        self.told_before.clear()
        self.codes.clear()
        self.looks.clear()

    def code(self, one: NewCode) -> str:
        """Keep a code; gives the key under which it is found again. There is one at a time."""
        self.codes.clear()
        key = secrets.token_urlsafe(16)
        self.codes[key] = one
        return key

    def look(self, with_whom: str, until: str, work: Callable[[], Composed]) -> str:
        """Work out beside the page what somebody would see; gives the key under which it is found again."""
        key = secrets.token_urlsafe(16)
        while len(self.looks) >= MOST:
            self.looks.pop(next(iter(self.looks))).found.cancel()
        self.looks[key] = Look(with_whom, until, self._worker.submit(work))
        return key

    def before(self, number: int, told: dict[tuple[str, str], str]) -> None:
        """What was told before the events of consent from this number on."""
        while len(self.told_before) >= MOST:
            self.told_before.pop(next(iter(self.told_before)))
        self.told_before[number] = told


def held_of(desk: Desk) -> Held:
    """What is kept for the open casebook of this desk."""
    held = desk.beside.setdefault(NAME, Held())
    assert isinstance(held, Held)
    return held
