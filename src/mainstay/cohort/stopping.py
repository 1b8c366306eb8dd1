"""How a worker learns that nobody waits for it any more: a line to the coordinator that is cut when that one goes.

A process leaves at once, also where the coordinator was killed; a thread leaves before the next answer.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection, wait
from typing import TypeVar

from mainstay.errors import BadRequest

T = TypeVar("T")
_here = threading.local()


def hear(stop: threading.Event) -> None:
    """A thread's first act: it works until `stop` is set."""
    _here.stop = stop


def unless_asked_to_stop(work: Iterable[T]) -> Iterator[T]:
    """The work, broken off (`BadRequest`) between two of its answers once this thread was asked to stop."""
    stop: threading.Event | None = getattr(_here, "stop", None)
    for one in work:
        if stop is not None and stop.is_set():
            raise BadRequest("the batch was broken off: the run was stopped")
        yield one


def live_with(line: Connection) -> None:
    """A process's first act: it leaves when the line is cut, and leaves Ctrl+C to the coordinator."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with, args=(line,), daemon=True, name="line").start()


def _leave_with(line: Connection) -> None:
    wait([line])
    os._exit(0)
