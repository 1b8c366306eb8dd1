"""`patterns`: what is sought when it is too much, what helps, what that shares, and what came before what."""

from __future__ import annotations

import shutil
from typing import Annotated

import typer

from mainstay.cli.leaving import Case

ROWS = ("S10", "S11", "S12", "S13", "S16")
WIDEST = 100


def patterns(
    case: Case,
    *,
    json: Annotated[bool, typer.Option("--json", help="The answers as JSON, for other programs.")] = False,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="What could be said at the end of that day.")
    ] = None,
) -> None:
    """Say what is sought when it is too much and where, what it does beside comparable moments, and what that shares.

    Then what came before and after what: any event beside any other event or rating, within a day, held against the
    same hours and weekdays of other weeks. How many pairs were tried is said. That one comes after another does not
    make it the cause.
    """
    from dataclasses import replace

    from mainstay.cli import asking
    from mainstay.cli.as_json import told_as_json
    from mainstay.cli.telling import story_of
    from mainstay.patterns.answering import in_detail
    from mainstay.quantities import CannotSay
    from mainstay.report.text import story_lines
    from mainstay.strain.fitting import fit

    at = asking.now()
    cut = asking.as_of(as_of, at)
    story = story_of(case, asking.passphrase(case), at, cut)
    fitted = fit(story.timeline)
    told = (*(one for one in story.answers if one.row in ROWS), *in_detail(story.timeline, fitted))
    if isinstance(fitted, CannotSay) and not told:
        told = (replace(fitted, row="S10"),)
    if json:
        print(told_as_json(told, story.context))
        return
    width = min(shutil.get_terminal_size().columns, WIDEST)
    print(story_lines(f"The patterns in {case.name}", told, story.context, width), end="")
