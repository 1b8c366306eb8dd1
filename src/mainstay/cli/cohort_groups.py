"""What `cohort --by` and `--smallest-cell` ask for, and what the group shows in sentences."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mainstay.quantities import Instant

By = Annotated[
    list[str] | None,
    typer.Option(metavar="COLUMN", help="Tell people apart by what is known once of each; may be given repeatedly."),
]
SmallestCell = Annotated[
    int, typer.Option(metavar="N", help="Tell nothing of a group that rests on fewer people; at least 5.")
]
SMALLEST = 10


def asked_for(
    address: str, by: list[str] | None, smallest: int, *, clock: Callable[[], Instant]
) -> Callable[[Path], list[str]]:
    """What to do with the answers when they are there, as sentences. Refuses at once what could not be done then."""
    from mainstay.cohort import groups
    from mainstay.cohort.group_words import lines
    from mainstay.cohort.opening import opened

    wanted = tuple(by or ())
    groups.check(opened(address), by=wanted, smallest=smallest, now=clock())

    def told(out: Path) -> list[str]:
        said = groups.of(opened(address), out, now=clock(), by=wanted, smallest=smallest)
        may = f"nothing there rests on fewer than {smallest} people; it may be shared as far as the study allows"
        return [*lines(said), f"Wrote {out / 'group'}: {may}."]

    return told
