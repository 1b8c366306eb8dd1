"""`patterns`: what came before and after what, in one person's records."""

from __future__ import annotations

import json as json_text
import shutil
from typing import Annotated

import typer

from mainstay.cli.leaving import Case

WIDEST = 100


def patterns(
    case: Case,
    *,
    json: Annotated[bool, typer.Option("--json", help="The answers as JSON, for other programs.")] = False,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="What could be said at the end of that day.")
    ] = None,
) -> None:
    """Say what came before and after what: any event beside any other event or rating, within a day.

    Each is held against the same hours and weekdays of other weeks, and it is said how many pairs were tried. That one
    comes after another does not make it the cause.
    """
    import mainstay
    from mainstay.casebook import Casebook
    from mainstay.cli import asking
    from mainstay.patterns.before_after_answers import association_answers
    from mainstay.report.answers import SCHEMA_VERSION, AnswerContext, answer_record
    from mainstay.report.text import story_lines
    from mainstay.timeline.reader import read

    at = asking.now()
    cut = asking.as_of(as_of, at)
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        timeline = read(casebook, "own_answers", cut, now=at)
    told = association_answers(timeline)
    context = AnswerContext(timeline.as_of, timeline.known_through, at, timeline.purpose, timeline.left_out)
    if json:
        whole = {
            "mainstay": mainstay.__version__,
            "schema_version": SCHEMA_VERSION,
            "answers": [answer_record(answer, context) for answer in told],
        }
        print(json_text.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False))
        return
    width = min(shutil.get_terminal_size().columns, WIDEST)
    print(story_lines(f"What came with what in {case.name}", told, context, width), end="")
