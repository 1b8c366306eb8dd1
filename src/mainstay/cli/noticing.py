"""`notice`: what changes in the records, against the person's own past."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from mainstay.cli.leaving import Case

FORMS = (".svg", ".png", ".pdf", ".html", ".htm")
WIDEST = 100


def notice(
    case: Case,
    *,
    json: Annotated[bool, typer.Option("--json", help="The answers as JSON, for other programs.")] = False,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="What could be said at the end of that day.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="OUT.svg|png|pdf|html", help="Draw it into this file.")
    ] = None,
) -> None:
    """Say what is usual for you and what is changing: levels, recovery, slips, what is out of character.

    You are compared with your own past only. What is noticed is no diagnosis and no forecast. Pictures and pages are
    not encrypted.
    """
    from mainstay.casebook import Casebook
    from mainstay.cli import asking
    from mainstay.cli.as_json import told_as_json
    from mainstay.cli.files import check_output, whole_file
    from mainstay.doors.telling import GETTING_READY
    from mainstay.notice.answering import answers
    from mainstay.numerics import kernels_are_kept
    from mainstay.report.answers import AnswerContext
    from mainstay.report.text import story_lines
    from mainstay.story import alert_of, ended
    from mainstay.timeline.reader import read

    at = asking.now()
    cut = asking.as_of(as_of, at)
    if picture is not None:
        check_output(picture, FORMS, case)
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        timeline = read(casebook, "own_answers", cut, now=at)
    if not kernels_are_kept("sequential.take_all"):
        print(GETTING_READY, file=sys.stderr, flush=True)
    told = answers(timeline)
    alert = replace(alert_of(told), note=ended(timeline))
    context = AnswerContext(timeline.as_of, timeline.known_through, at, timeline.purpose, timeline.left_out)
    title = f"What is changing in {case.name}"
    if picture is not None:
        with whole_file(picture) as part:
            if picture.suffix.lower() in {".html", ".htm"}:
                from mainstay.report.notice_html import notice_html

                part.write_text(notice_html(title, timeline, told, context, alert=alert), encoding="utf-8")
            else:
                from mainstay.report.notice_picture import notice_picture
                from mainstay.report.picture import save_picture

                save_picture(notice_picture(timeline, told, title=title), part)
    if json:
        print(told_as_json(told, context, alert))
    else:
        width = min(shutil.get_terminal_size().columns, WIDEST)
        print(story_lines(title, told, context, width, alert), end="")
    if picture is not None:
        print(f"Wrote {picture}. It is not encrypted: whoever has it can read it.", file=sys.stderr)
