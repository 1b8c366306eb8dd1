"""The server: on this machine's own address only, until the terminal says stop."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.errors import BadRequest
from mainstay.web.desk import IDLE_S, Desk
from mainstay.web.guard import HOST, Doorkeeper

if TYPE_CHECKING:
    from types import FrameType

    import uvicorn

    from mainstay.quantities import Instant

Say = Callable[[str], None]
LEAVE_OPEN_S = 3
MOST_HEAD_BYTES = 16 * 1024
TALKATIVE = ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio")


def serve(
    path: Path,
    clock: Callable[[], Instant],
    *,
    say: Say,
    asked: Iterator[object],
    port: int = 0,
    passphrase: str | None = None,
    opens: bool = True,
    idle_s: float = IDLE_S,
) -> None:
    """Show the page of the casebook at `path` until stopped. Returns when it was stopped.

    `port` 0: any that is free. `asked`: something for every time that a new address is wanted. `passphrase`: opens it
    at once. `opens`: in this system's browser. Refuses a port that is taken.
    """
    with listening(port) as socket_:
        desk = Desk(path, clock, waking_and_sleeping, idle_s)
        doorkeeper = Doorkeeper(socket_.getsockname()[1], waking_and_sleeping)
        answering = server(desk, doorkeeper)  # made before an address is offered: the first page waits for nothing
        if passphrase is not None:
            from mainstay.web.first_look import begin

            desk.unlock(passphrase)
            begin(desk)

        def offer() -> None:
            address = doorkeeper.address()
            if not (opens and webbrowser.open(address)):
                say(f"Open this in a browser on this machine, once: {address}")

        say(f"The page of {path.name} is at {doorkeeper.origin}, for this machine only. Stop it with Ctrl+C.")
        offer()
        threading.Thread(target=_offer_again, args=(offer, asked), daemon=True).start()
        try:
            run(desk, answering, socket_)
        finally:
            desk.close()


def _offer_again(offer: Callable[[], None], asked: Iterator[object]) -> None:
    for _ in asked:
        offer()


def run(desk: Desk, answering: uvicorn.Server, socket_: socket.socket) -> None:
    """Answer on a socket that listens, until the process is asked to stop. One left alone locks itself meanwhile."""
    watching = threading.Event()

    def watch() -> None:
        while not watching.wait(1.0):
            desk.lock_if_left_alone()

    threading.Thread(target=watch, daemon=True).start()
    try:
        with ended_by_signals(answering):
            answering.run(sockets=[socket_])
    finally:
        watching.set()


@contextmanager
def ended_by_signals(answering: uvicorn.Server) -> Iterator[None]:
    """A request to stop, or a terminal that is closed, ends the work inside, so that what is open is closed.

    The server is asked to end, and raises the signal once more when it has: only then this thread leaves. An exception
    out of the midst of what it does would be lost where Python can hand it to nobody, as while an object is cleared.
    """

    def end(number: int, frame: FrameType | None) -> None:
        if answering.should_exit:
            raise SystemExit(128 + number)
        answering.handle_exit(number, frame)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def server(desk: Desk, doorkeeper: Doorkeeper) -> uvicorn.Server:
    """What answers. Nothing is written to any log."""
    import uvicorn

    from mainstay.web.app import application

    _be_silent()
    return uvicorn.Server(
        uvicorn.Config(
            application(desk, doorkeeper), log_config=None, access_log=False, server_header=False, date_header=False,
            proxy_headers=False, ws="none", lifespan="off", timeout_graceful_shutdown=LEAVE_OPEN_S, http="h11",
            h11_max_incomplete_event_size=MOST_HEAD_BYTES,
        )
    )  # fmt: skip


def _be_silent() -> None:
    """The server's own messages quote what was sent, and what an error says: they go nowhere."""
    for name in TALKATIVE:
        log = logging.getLogger(name)
        log.handlers, log.propagate = [logging.NullHandler()], False


def waking_and_sleeping() -> float:
    """Seconds that never go back and go on while the machine sleeps: a lid that was closed for long counts as idle."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.monotonic()


@contextmanager
def listening(port: int) -> Iterator[socket.socket]:
    """A socket on this machine's own address. Refuses a port that is taken."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":  # a page that was stopped a moment ago does not hold its port
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        try:
            made.bind((HOST, port))
        except OSError as error:
            raise BadRequest(f"port {port} is taken on this machine; leave --port away and one is chosen") from error
        made.listen(128)
        yield made
    finally:
        made.close()
