"""`notice`: what changes in the records, against the person's own past."""

from __future__ import annotations

import json as json_text
import shutil
from dataclasses import asdict
from typing import Annotated

import typer

from mainstay.cli.leaving import Case

WIDEST = 100


def notice(
    case: Case,
    *,
    json: Annotated[bool, typer.Option("--json", help="The answers as JSON, for other programs.")] = False,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="What could be said at the end of that day.")
    ] = None,
) -> None:
    """Say what is usual for you and what is changing: levels, recovery, slips, what is out of character.

    You are compared with your own past only. What is noticed is no diagnosis and no forecast.
    """
    import mainstay
    from mainstay.casebook import Casebook
    from mainstay.cli import asking
    from mainstay.notice.answering import answers
    from mainstay.report.answers import SCHEMA_VERSION, AnswerContext, answer_record, plain
    from mainstay.report.text import story_lines
    from mainstay.story import alert_of
    from mainstay.timeline.reader import read

    at = asking.now()
    cut = asking.as_of(as_of, at)
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        timeline = read(casebook, "own_answers", cut, now=at)
    told = answers(timeline)
    alert = alert_of(told)
    context = AnswerContext(timeline.as_of, timeline.known_through, at, timeline.purpose, timeline.left_out)
    if json:
        whole = {
            "mainstay": mainstay.__version__,
            "schema_version": SCHEMA_VERSION,
            "alert": plain(asdict(alert), "alert"),
            "answers": [answer_record(answer, context) for answer in told],
        }
        print(json_text.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False))
        return
    width = min(shutil.get_terminal_size().columns, WIDEST)
    print(story_lines(f"What is changing in {case.name}", told, context, width, alert), end="")
