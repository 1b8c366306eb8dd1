"""`serve`: the page, on this machine only."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.cli import asking
from mainstay.errors import BadRequest

if TYPE_CHECKING:
    from mainstay.quantities import Instant

SHORTEST_MINUTES, USUAL_MINUTES, LONGEST_MINUTES = 1, 15, 240


def serve(case: Path, *, port: int, opens: bool, minutes: int) -> None:
    """Show the page until stopped; every line typed at the terminal opens it anew."""
    from mainstay.casebook.container import read_head

    if not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        raise BadRequest(f"--lock-after {minutes} will not do: from {SHORTEST_MINUTES} to {LONGEST_MINUTES} minutes")
    read_head(case)
    given = asking.passphrase(case) if os.environ.get(asking.PASSPHRASE_FILE) else None
    show(case, asking.now, port=port, passphrase=given, opens=opens, idle_s=minutes * 60.0)


def show(
    case: Path,
    clock: Callable[[], Instant],
    *,
    port: int = 0,
    passphrase: str | None = None,
    opens: bool,
    idle_s: float = USUAL_MINUTES * 60.0,
) -> None:
    """The page by a clock, until stopped at the terminal."""
    from mainstay.web.serving import serve as run

    asked = iter(sys.stdin) if sys.stdin.isatty() else iter(())
    run(case, clock, say=_say, asked=asked, port=port, passphrase=passphrase, opens=opens, idle_s=idle_s)


def _say(said: str) -> None:
    print(said, flush=True)
