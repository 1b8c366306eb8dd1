"""`record`: what is on record, in words and as a picture."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from mainstay.cli.leaving import Case

FORMS = (".svg", ".png", ".pdf", ".html", ".htm")
WIDEST = 100


def record(
    case: Case,
    *,
    picture: Annotated[
        Path | None, typer.Option(metavar="OUT.svg|png|pdf|html", help="Draw it into this file.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="What was on record at the end of that day.")
    ] = None,
) -> None:
    """Say what is on record: the streams with their first and last day, the answers by week, the gaps and why.

    The picture shows the same over time. Pictures and pages are not encrypted.
    """
    from mainstay.casebook import Casebook
    from mainstay.cli import asking
    from mainstay.cli.files import check_output, whole_file
    from mainstay.report.record_words import record_lines
    from mainstay.timeline.streams import read_with_streams

    at = asking.now()
    cut = asking.as_of(as_of, at)
    if picture is not None:
        check_output(picture, FORMS, case)
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        timeline, streams = read_with_streams(casebook, "own_answers", cut, now=at)
    title = f"What is on record in {case.name}"
    if picture is not None:
        with whole_file(picture) as part:
            if picture.suffix.lower() in {".html", ".htm"}:
                from mainstay.report.record_html import record_html

                part.write_text(record_html(title, timeline, streams, made_at=at), encoding="utf-8")
            else:
                from mainstay.report.picture import save_picture
                from mainstay.report.record_picture import record_spec

                save_picture(record_spec(timeline, streams, title=title), part)
    print(record_lines(title, timeline, streams, width=min(shutil.get_terminal_size().columns, WIDEST)), end="")
    if picture is not None:
        print(f"Wrote {picture}. It is not encrypted: whoever has it can read it.", file=sys.stderr)
