"""A bar for long work, with its pace and the time left: on a terminal only, and only when the work lasts."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from rich.progress import Progress, Task

PATIENCE_S = 0.7
EVERY_S = 0.1


@contextmanager
def bar(what: str, of: Literal["bytes", "records", "people"] = "bytes") -> Iterator[Callable[[int, int], None] | None]:
    """A `progress(done, total)` to hand to long work; None where nobody watches. The bar goes away when done.

    `of`: what is counted, for the pace: megabytes, records or people a second.
    """
    if not sys.stderr.isatty():
        yield None
        return
    started = shown = time.monotonic()
    drawn: list[Progress] = []

    def progress(done: int, total: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - started < PATIENCE_S or (drawn and now - shown < EVERY_S and done < total):
            return
        shown = now
        if not drawn:
            drawn.append(_begin(what, total, of))
        drawn[0].update(drawn[0].task_ids[0], completed=done, total=total)

    try:
        yield progress
    finally:
        for one in drawn:
            one.stop()


def pace(per_second: float | None, of: Literal["bytes", "records", "people"]) -> str:
    """A pace in words: 85 MB/s, 1,200 records/s, 2.4 people/s; nothing before there is one."""
    if not per_second:
        return ""
    if of == "records":
        return f"{per_second:,.0f} records/s"
    if of == "people":
        return f"{per_second:,.1f} people/s"
    return f"{per_second / 1e6:,.0f} MB/s" if per_second >= 1e6 else f"{per_second / 1e3:,.0f} kB/s"


def _begin(what: str, total: int, of: Literal["bytes", "records", "people"]) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Pace(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(pace(task.finished_speed or task.speed, of))

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), Pace(), TimeRemainingColumn())
    one = Progress(*columns, console=Console(stderr=True), transient=True)
    one.add_task(what, total=total)
    one.start()
    return one
