"""A bar for long work: on a terminal only, and only when the work lasts."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE_S = 0.7


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """A `progress(done, total)` to hand to long work; None where nobody watches. The bar goes away when done."""
    if not sys.stderr.isatty():
        yield None
        return
    started = time.monotonic()
    drawn: list[Progress] = []

    def progress(done: int, total: int) -> None:
        if not drawn:
            if time.monotonic() - started < PATIENCE_S:
                return
            drawn.append(_begin(what, total))
        drawn[0].update(drawn[0].task_ids[0], completed=done, total=total)

    try:
        yield progress
    finally:
        for one in drawn:
            one.stop()


def _begin(what: str, total: int) -> Progress:
    from rich.console import Console
    from rich.progress import Progress

    one = Progress(console=Console(stderr=True), transient=True)
    one.add_task(what, total=total)
    one.start()
    return one
