"""What `cohort --pooled`, `--priors` and `--held-out` ask for, and what came of it in sentences."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mainstay.cohort.asked import Asked
    from mainstay.cohort.held_out import HeldOut, Mean
    from mainstay.quantities import CannotSay

Pooled = Annotated[
    bool, typer.Option("--pooled", help="With strain: first learn what people are like from those who agreed to lend.")
]
Priors = Annotated[
    Path | None, typer.Option(metavar="FILE", help="With strain: what another cohort learned, as priors.json.")
]
HeldOutToo = Annotated[
    bool, typer.Option("--held-out", help="With --pooled: whether that foretells better, each lender held out in turn.")
]

ALONE = "ask for it in a run of its own, without --pooled and --priors"
NO_GROUP = f"No group tables: answers that lean on lent priors look more alike than people are; {ALONE}."


def lean(asked: Asked) -> bool:
    """Whether what is told of people leans on what others lent."""
    from mainstay.cohort.lending import Lent
    from mainstay.quantities import CannotSay

    return isinstance(asked.given, Lent) and not isinstance(asked.given.pooled, CannotSay)


def given(asked: Asked, pooled: bool, priors: Path | None, held_out: bool, by: list[str] | None) -> Asked:
    """What is asked, with the priors of a file where one is named. Refuses what does not go together."""
    from dataclasses import replace

    from mainstay.errors import BadRequest

    if (pooled or priors) and asked.what != "strain":
        raise BadRequest(f"priors are lent for --what strain; --what {asked.what} takes none")
    if pooled and priors:
        raise BadRequest("--pooled learns priors here, --priors takes those of another cohort: choose one")
    if by and (pooled or priors):
        raise BadRequest(f"--by compares groups, and people who lean on lent priors look too alike for it: {ALONE}")
    if held_out and not pooled:
        raise BadRequest("--held-out tries what is learned here: it goes with --pooled")
    if priors is None:
        return asked
    from mainstay.cohort.lending import from_a_file

    return replace(asked, given=from_a_file(priors))


def in_words(asked: Asked, found: HeldOut | CannotSay | None, smallest: int = 10) -> list[str]:
    """What people lent each other, and whether that helped."""
    from mainstay.cohort.lending import POOLED, PRIORS, Lent
    from mainstay.quantities import CannotSay

    if not isinstance(asked.given, Lent):
        return []
    pooled = asked.given.pooled
    if isinstance(pooled, CannotSay):
        lines = [
            f"Nothing is lent: {pooled.reason} ({pooled.have:g} of {pooled.need:g} who agreed to it and have "
            "check-ins). Everybody was told with the usual priors."
        ]
    else:
        lines = [f"Told with what {pooled.people:,} people lend: how they are, never how they change ({PRIORS})."]
        if asked.given.mark.startswith(POOLED) and pooled.people < smallest:
            lines.append(f"{PRIORS} is not written: fewer than {smallest} people lend.")
    if isinstance(found, CannotSay):
        have = "" if found.have is None else f" ({found.have:g} of {found.need:g} {found.unit})"
        lines.append(f"Whether lending helped can't be said: {found.reason}{have}.")
    elif found is not None:
        lines += tried_in_words(found, smallest)
    return lines


def tried_in_words(found: HeldOut, smallest: int = 10) -> list[str]:
    """The held-out figures in sentences."""
    from mainstay.cohort.held_out_score import FIRST_SHARE

    gain, acts = found.means["gain"], found.means.get("acts_gain")
    way = "each of them left out alone" if not found.folds else f"in {found.folds} folds of people"
    lines = [
        f"Held out ({gain.people:,} people, {way}): {found.verdict}. No draw foresaw the rest "
        f"of {_some(found.unforeseen['usual'], smallest)} with the usual priors, of "
        f"{_some(found.unforeseen['lent'], smallest)} with lent ones; they are in no average.",
        f"  From the first {100 * FIRST_SHARE:.0f} % of a record, log density of a later check-in {_in_words(gain)}"
        + ("." if acts is None else f", of a day's acts {_in_words(acts)}."),
    ]
    usual, lent = found.means.get("inside_usual"), found.means.get("inside_lent")
    if usual is not None and lent is not None:
        lines.append(
            f"  90 % ranges held {100 * lent.mean:.1f} % of later check-ins with lent priors, {100 * usual.mean:.1f} % "
            "with the usual ones."
        )
    if gain.people < smallest:
        lines.append(f"  held-out.parquet is not written: fewer than {smallest} people could be scored.")
    return lines


def _some(least: int, smallest: int) -> str:
    return f"{least:,} to {least + smallest - 1:,} people" if least else f"fewer than {smallest} people"


def _in_words(one: Mean) -> str:
    return f"{one.mean:+.3f} ({one.interval.low:+.3f} to {one.interval.high:+.3f})"
